"""Fits what `confidence` makes of its signs, and tells what it is worth on data that it was not fitted to.

    .venv/bin/python benchmarks/confidence.py ../shared/data

Each memory of four sets of development data is asked its own questions, the same with their evidence withdrawn (*near*:
the right people, and nothing of the answer), and those of other memories with the names replaced (*foreign*; over
passages those of the other set). A question can be answered where all its evidence stands in a context of 2,000 tokens.
Own questions count as much as all others together, and each set as much as any other. A logistic function is fitted;
told are AUROC, Brier skill over the base rate and calibration error, each with its 95 % interval, the bins of a
reliability diagram (what was told, what was so, the share of the weight), and how many questions some thresholds
decline: of those that can be answered (wrongly), and of the others (rightly). Each set is judged by a fit without the
memory in question (`by_memory`), by one without the whole set (`by_set`), and by the numbers that the engine has
(`shipped`). Ten minutes; nothing is written into the code: `recall/confidence.py` holds the numbers. `--plots FOLDER`
draws the diagrams.
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from publishing import tell

from lamina import Memory, Settings
from lamina.core.query import Query
from lamina.evaluate.abstention import THRESHOLDS, foreign_questions
from lamina.evaluate.adapter import TIMEZONE, USER, messages_of, moment_of
from lamina.evaluate.bootstrap import Interval, redrawn
from lamina.evaluate.calibration import Told, auroc, brier_skill, calibration_error, reliability, share_below
from lamina.evaluate.plan import usual_cache
from lamina.evaluate.plots import draw_reliability
from lamina.evaluate.schema import Dataset, Haystack, Question, judged, read_dataset
from lamina.flows import recall
from lamina.flows.intake import read_moment
from lamina.recall.confidence import Signs, confidence

SETS = ("locomo_dev", "beam_dev", "hotpotqa_train100", "musique_train100")
#: Sets of one memory, and whose questions are foreign to it.
OTHER = {"hotpotqa_train100": "musique_train100", "musique_train100": "hotpotqa_train100"}
BUDGET_TOKENS = 2000
RIDGE, STEPS, ROUNDS = 0.5, 60, 1000
#: What each kind of question counts in a set.
SHARES = {"own": 0.5, "near": 0.25, "foreign": 0.25}
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question, its signs, and whether the context that was packed for it holds its evidence."""

    dataset: str
    memory: str
    kind: str
    #: Which question it was made of.
    question: str
    signs: tuple[float, ...]
    can_be_answered: bool


def opened(path: Path) -> Memory:
    """Open a memory of the default."""
    return Memory(path, settings=Settings(vector_cache=usual_cache()))


def ask(memory: Memory, question: Question, dataset: str, group: str, kind: str) -> Asked | None:
    """Ask one question; None where nothing is found."""
    query = Query(text=question.text, limit=recall.CANDIDATES, at=read_moment(moment_of(question.ts), TIMEZONE))
    _, scope, desk = memory._at_desk({"user_id": USER}, None)
    found, _ = recall.answered(desk, query, recall._ranked, scope=scope)
    if found.signs is None:
        return None
    moment = moment_of(question.ts)
    context = memory.recall(
        question.text, budget_tokens=BUDGET_TOKENS, at=moment, timezone=TIMEZONE, abstain=False, user_id=USER
    )
    held = {citation.external_id for citation in context.citations}
    can_be = kind == "own" and set(question.gold) <= held
    return Asked(
        dataset=dataset,
        memory=f"{dataset} {group}",
        kind=kind,
        question=question.id,
        signs=found.signs,
        can_be_answered=can_be,
    )


def without_evidence(path: Path, haystack: Haystack, dataset: str, questions: Sequence[Question]) -> Iterator[Asked]:
    """Ask each question of a copy in which its evidence is withdrawn."""
    with opened(path) as memory:
        ids = {record.external_id: record.id for record in memory.get_all(user_id=USER)}
    copy = path.with_name("copy.db")
    for question in questions:
        shutil.copy(path, copy)
        with opened(copy) as memory:
            for name in question.gold:
                memory.delete(ids[name], user_id=USER)
            asked = ask(memory, question, dataset, haystack.group, "near")
        if asked is not None:
            yield asked


def every_question(dataset: Dataset, others: Sequence[Question]) -> Iterator[Asked]:
    """Ask all memories of a set."""
    for haystack in dataset.haystacks:
        own = judged(haystack, "turn")
        foreign = foreign_questions(dataset, haystack) if len(dataset.haystacks) > 1 else list(others)
        if not foreign:
            foreign = [one for other in dataset.haystacks if other is not haystack for one in other.questions]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "life.db"
            with opened(path) as memory:
                rows = [doc.row() for doc in haystack.docs]
                memory.add(messages_of(rows), user_id=USER, at="unknown", timezone=TIMEZONE)
                memory.flush(user_id=USER)
                for kind, questions in (("own", own), ("foreign", foreign)):
                    found = (ask(memory, question, dataset.name, haystack.group, kind) for question in questions)
                    yield from (one for one in found if one is not None)
            yield from without_evidence(path, haystack, dataset.name, own)


def weights_of(asked: Sequence[Asked]) -> Floats:
    """Give what each question counts: 100 a set."""
    sizes: dict[tuple[str, str], int] = {}
    for one in asked:
        sizes[one.dataset, one.kind] = sizes.get((one.dataset, one.kind), 0) + 1
    return np.array([100 * SHARES[one.kind] / sizes[one.dataset, one.kind] for one in asked])


def fitted(signs: Floats, answered: Floats, weights: Floats) -> Floats:
    """Give the bias and a weight a sign of a logistic function, by Newton's method with a small ridge."""
    mean, deviation = signs.mean(axis=0), signs.std(axis=0)
    columns = np.column_stack([np.ones(len(signs)), (signs - mean) / deviation])
    ridge = RIDGE * np.diag([0.0, *np.ones(signs.shape[1])])
    found = np.zeros(columns.shape[1])
    for _ in range(STEPS):
        likely = 1 / (1 + np.exp(-columns @ found))
        curvature = (columns * (weights * likely * (1 - likely))[:, None]).T @ columns + ridge
        found += np.linalg.solve(curvature, columns.T @ (weights * (answered - likely)) - ridge @ found)
    return np.array([found[0] - (found[1:] * mean / deviation).sum(), *(found[1:] / deviation)])


def told_by(found: Floats, signs: Floats) -> Floats:
    """Give the probabilities."""
    likely: Floats = 1 / (1 + np.exp(-(found[0] + signs @ found[1:])))
    return likely


def rounded(found: Interval) -> list[float]:
    """Give a figure and the ends of its interval."""
    return [round(value, 3) for value in (found.mean, found.low, found.high)]


def judged_by(likely: Floats, some: Sequence[Asked], weights: Floats) -> dict[str, Any]:
    """Say what probabilities are worth, with intervals: all that was made of one question is drawn together."""
    kinds, questions = np.array([one.kind for one in some]), [one.question for one in some]
    answered = np.array([one.can_be_answered for one in some])
    told = Told(likely=likely, was_so=answered.astype(np.float64), weights=weights)

    def over(kind: str) -> list[float]:
        ours, others = kinds == "own", kinds == kind
        return rounded(
            redrawn(lambda n: auroc(likely[ours], likely[others], n[ours], n[others]), questions, rounds=ROUNDS)
        )

    def declined(threshold: float, which: NDArray[np.bool_]) -> list[float]:
        below = redrawn(lambda n: share_below(threshold, likely[which], n[which]), questions, rounds=ROUNDS)
        return rounded(below)

    return {
        "auroc_foreign": over("foreign"),
        "auroc_near": over("near"),
        "brier_skill": rounded(redrawn(lambda counts: brier_skill(told, counts), questions, rounds=ROUNDS)),
        "calibration_error": rounded(redrawn(lambda counts: calibration_error(told, counts), questions, rounds=ROUNDS)),
        "reliability": [[round(value, 3) for value in astuple(one)] for one in reliability(told)],
        "declined": {
            f"{threshold:.2f}": {
                "answerable": declined(threshold, answered),
                "near": declined(threshold, kinds == "near"),
                "foreign": declined(threshold, kinds == "foreign"),
            }
            for threshold in THRESHOLDS
        },
    }


def fits(asked: Sequence[Asked], signs: Floats, weights: Floats) -> dict[str, Floats]:
    """Give the probabilities of all questions, by the numbers of the engine and by fits without those in question."""
    answered = np.array([float(one.can_be_answered) for one in asked])
    told = {"shipped": np.array([confidence(Signs(*one.signs)) for one in asked])}
    for how, left_out in (("by_memory", [one.memory for one in asked]), ("by_set", [one.dataset for one in asked])):
        told[how] = np.zeros(len(asked))
        for name in set(left_out):
            others = np.array([one != name for one in left_out])
            told[how][~others] = told_by(fitted(signs[others], answered[others], weights[others]), signs[~others])
    return told


def all_asked(data: Path) -> list[Asked]:
    """Ask all memories of all sets."""
    sets = {name: read_dataset(data / name) for name in SETS}
    asked: list[Asked] = []
    for name, dataset in sets.items():
        others = (
            [one for haystack in sets[OTHER[name]].haystacks for one in haystack.questions] if name in OTHER else []
        )
        asked += every_question(dataset, [replace(one, ts=None) for one in others])
        print(f"{name}: asked", file=sys.stderr)
    return asked


def main(arguments: list[str]) -> dict[str, Any]:
    """Ask, fit and judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--plots", type=Path)
    options = parser.parse_args(arguments)
    asked = all_asked(options.data)
    signs, answered = np.array([one.signs for one in asked]), np.array([float(one.can_be_answered) for one in asked])
    weights, kinds = weights_of(asked), np.array([one.kind for one in asked])
    whose = np.array([one.dataset for one in asked])
    figures: dict[str, Any] = {
        "weights": dict(
            zip(("bias", "single", "cosine", "lead"), fitted(signs, answered, weights).round(2).tolist(), strict=True)
        ),
        "asked": {name: {kind: int(((whose == name) & (kinds == kind)).sum()) for kind in SHARES} for name in SETS},
        "can_be_answered": {
            name: round(float(answered[(whose == name) & (kinds == "own")].mean()), 3) for name in SETS
        },
    }
    for how, likely in fits(asked, signs, weights).items():
        figures[how] = {
            name: judged_by(
                likely[whose == name], [one for one in asked if one.dataset == name], weights[whose == name]
            )
            for name in SETS
        }
        if options.plots is not None:
            bins = {name: figures[how][name]["reliability"] for name in SETS}
            draw_reliability(bins, options.plots / f"reliability-{how}.svg", title=how.replace("_", " "))
    return figures


if __name__ == "__main__":
    tell("confidence", main)
