"""Tells what the constants of the default are worth on data that they were not chosen on.

    .venv/bin/python benchmarks/crossvalidate.py ../shared/data [SET …]

The constants that move most are chosen anew, each from a few values around the shipped one with all others as shipped,
by the mean over sets of R@5 on the training part; where all choices together are no gain there, the shipped ones stay.
*Fitted*: chosen on all questions, the judged ones included. *Cross-validated*: the questions of each set are parted
into five folds, whole conversations where there are several, be they fewer, and else questions in turn; a fold is asked
with what was chosen on the other four of every set. *Left out*: a set is asked with what was chosen on the other sets.
R@5 and all@5 in %, with the paired difference to *hier* and its 95 % interval. What no other set can tell stays as it
was shipped.
Each set is indexed once, and asked once with each of some thirty settings; five minutes.
"""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from publishing import tell

from lamina import Memory, Settings
from lamina.core.query import Query
from lamina.evaluate.adapter import TIMEZONE, USER, messages_of, moment_of
from lamina.evaluate.bootstrap import interval
from lamina.evaluate.plan import usual_cache
from lamina.evaluate.schema import Haystack, Question, judged, read_dataset
from lamina.flows import recall
from lamina.flows.intake import read_moment
from lamina.recipes import default, recipe_named
from lamina.recipes.recipe import Recipe

SETS = ("locomo_dev", "longmemeval_dev30", "beam_dev", "hotpotqa_train100", "musique_train100")
#: The values from which each constant is chosen; the shipped one stands first and wins ties.
GRID: dict[str, tuple[float, ...]] = {
    "late_share": (default.LATE_SHARE, 0.8, 1.6),
    "lexical_weight": (default.LEXICAL_WEIGHT, 0.35, 0.55),
    "asking_penalty": (default.ASKING_PENALTY, 0.15, 0.45),
    "answering_bonus": (default.ANSWERING_BONUS, 0.05, 0.2),
    "role": (default.ROLE_BONUS, 0.1, 0.3),
    "speaker": (default.SPEAKER_BONUS, 0.0, 0.16),
    "day": (default.DAY_BONUS, 0.15, 0.45),
    "session_share": (default.SESSION_SHARE, 0.0, 0.2),
    "span_penalty": (default.SPAN_PENALTY, 0.05, 0.15),
    "title_share": (default.TITLE_SHARE, 0.2, 0.6),
    "name_share": (default.NAME_SHARE, 0.2, 0.6),
    "asked_title_share": (default.ASKED_TITLE_SHARE, 0.2, 0.6),
    "crowd_places": (default.CROWD_PLACES, 0.0, 10.0, 30.0),
}
#: What is handed to `weigher`; every other constant is a field of the recipe.
WEIGHED = ("lexical_weight", "speaker", "role", "day")
FOLDS, K = 5, 5
#: Sums in another order are no gain.
LEAST_GAIN = 1e-9
Floats = NDArray[np.float64]
#: A value for each constant, in the order of `GRID`.
Setting = tuple[float, ...]
SHIPPED: Setting = tuple(values[0] for values in GRID.values())


@dataclass(slots=True)
class Asked:
    """The questions of a set, in the memories that they are asked of."""

    memories: list[tuple[Memory, Sequence[Question]]]
    groups: list[str]
    #: R@5 and all@5 of each question by each setting, shape (questions, 2).
    known: dict[Setting, Floats] = field(default_factory=dict)

    def judged_by(self, setting: Setting) -> Floats:
        """Give what each question finds with a setting."""
        if setting not in self.known:
            self.known[setting] = self.asked_of(with_constants(setting))
        return self.known[setting]

    def asked_of(self, recipe: Recipe) -> Floats:
        """Ask every question of a recipe."""
        return np.array(
            [self._found(memory, question, recipe) for memory, questions in self.memories for question in questions]
        )

    def _found(self, memory: Memory, question: Question, recipe: Recipe) -> tuple[float, float]:
        _, scope, usual = memory._at_desk({"user_id": USER}, None)
        desk = replace(usual, recipe=recipe)
        query = Query(text=question.text, limit=K, at=read_moment(moment_of(question.ts), TIMEZONE))
        hits = recall.search(desk, query, scope=scope)
        gold = set(question.gold)
        held = gold & {hit.record.external_id for hit in hits}
        return len(held) / len(gold), float(held == gold)


def with_constants(setting: Setting) -> Recipe:
    """Give the default with other constants."""
    values = dict(zip(GRID, setting, strict=True))
    weigh = default.weigher(**{name: values.pop(name) for name in WEIGHED})
    return replace(default.DEFAULT, weigh=weigh, **values)  # type: ignore[arg-type]


def opened(haystacks: Sequence[Haystack], folder: Path, recipe: str, stack: ExitStack) -> Asked:
    """Take in the memories of a set, and give its questions."""
    memories, groups = [], []
    for place, haystack in enumerate(haystacks):
        settings = Settings(vector_cache=usual_cache(), recipe=recipe)
        memory = stack.enter_context(Memory(folder / f"{recipe}-{place}.db", settings=settings))
        memory.add(messages_of([doc.row() for doc in haystack.docs]), user_id=USER, at="unknown", timezone=TIMEZONE)
        memory.flush(user_id=USER)
        questions = judged(haystack, "turn")
        memories.append((memory, questions))
        groups += [haystack.group] * len(questions)
    return Asked(memories, groups)


def folds_of(groups: Sequence[str], count: int = FOLDS) -> NDArray[np.int64]:
    """Give the fold of each question: whole groups where there are several, be they fewer than folds; else in turn.

    Groups fall to the fold with the fewest questions, the largest first.
    """
    names, sizes = np.unique(np.array(groups), return_counts=True)
    if len(names) < 2:
        return np.arange(len(groups)) % count
    filled = np.zeros(count, np.int64)
    fold: dict[str, int] = {}
    for place in np.argsort(-sizes, kind="stable").tolist():
        fold[str(names[place])] = int(filled.argmin())
        filled[filled.argmin()] += sizes[place]
    return np.array([fold[group] for group in groups])


def chosen(score: Callable[[Setting], float]) -> Setting:
    """Choose each constant by a score, the others as shipped; of equals the shipped value."""
    height = score(SHIPPED)
    best = list(SHIPPED)
    for place, values in enumerate(GRID.values()):
        heights = [score((*SHIPPED[:place], value, *SHIPPED[place + 1 :])) for value in values]
        if max(heights) > height + LEAST_GAIN:
            best[place] = values[int(np.argmax(heights))]
    return tuple(best) if score(tuple(best)) > height + LEAST_GAIN else SHIPPED


def mean_recall(parts: Sequence[tuple[Asked, NDArray[np.bool_]]]) -> Callable[[Setting], float]:
    """Give what scores a setting: the mean over sets of R@5 on the chosen questions of each."""

    def score(setting: Setting) -> float:
        return float(np.mean([asked.judged_by(setting)[which, 0].mean() for asked, which in parts if which.any()]))

    return score


def told(found: Floats, reference: Floats) -> dict[str, Any]:
    """Give the figures of a set."""
    figures: dict[str, Any] = {}
    for place, name in enumerate(("recall@5", "all@5")):
        change = interval((found[:, place] - reference[:, place]).tolist())
        figures[name] = {
            "mean": round(100 * float(found[:, place].mean()), 1),
            "over_hier": [round(100 * value, 1) for value in (change.mean, change.low, change.high)],
        }
    return figures


def moved(setting: Setting) -> dict[str, float]:
    """Give the constants that differ from the shipped ones."""
    return {name: value for name, value, was in zip(GRID, setting, SHIPPED, strict=True) if value != was}


def ways(sets: dict[str, Asked]) -> Iterator[tuple[str, dict[str, Floats], list[dict[str, float]]]]:
    """Give each way of choosing: what it finds in each set, and what it has moved in each choice."""
    every = {name: np.ones(len(asked.groups), bool) for name, asked in sets.items()}
    yield "shipped", {name: asked.judged_by(SHIPPED) for name, asked in sets.items()}, []
    setting = chosen(mean_recall([(asked, every[name]) for name, asked in sets.items()]))
    yield "fitted", {name: asked.judged_by(setting) for name, asked in sets.items()}, [moved(setting)]
    folds = {name: folds_of(asked.groups) for name, asked in sets.items()}
    settings = [chosen(mean_recall([(sets[name], folds[name] != fold) for name in sets])) for fold in range(FOLDS)]
    found = {
        name: np.array([asked.judged_by(settings[fold])[place] for place, fold in enumerate(folds[name])])
        for name, asked in sets.items()
    }
    yield "cross_validated", found, [moved(one) for one in settings]
    left = {
        name: chosen(mean_recall([(sets[other], every[other]) for other in sets if other != name])) for name in sets
    }
    found = {name: asked.judged_by(left[name]) for name, asked in sets.items()}
    yield "left_one_set_out", found, [moved(one) for one in left.values()]


def main(arguments: list[str]) -> dict[str, Any]:
    """Choose, and judge."""
    data, *named = arguments
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        sets: dict[str, Asked] = {}
        hier: dict[str, Floats] = {}
        for name in named or SETS:
            place = Path(folder) / name
            place.mkdir()
            held = [haystack for haystack in read_dataset(Path(data) / name).haystacks if judged(haystack, "turn")]
            sets[name] = opened(held, place, "default", stack)
            with ExitStack() as other:
                hier[name] = opened(held, place, "hier", other).asked_of(recipe_named("hier"))
        figures: dict[str, Any] = {"questions": {name: len(asked.groups) for name, asked in sets.items()}}
        for way, found, choices in ways(sets):
            figures[way] = {name: told(found[name], hier[name]) for name in sets} | {"moved": choices}
    return figures


if __name__ == "__main__":
    tell("crossvalidate", main)
