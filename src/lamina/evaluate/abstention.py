"""Abstention: how often the memory declines questions of its own, and how often those of another memory.

The other's questions get the names of this memory's speakers in the place of their own; otherwise the unknown name
alone would tell them apart. Own questions are those with evidence.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lamina.core.reports import Progress
from lamina.evaluate.adapter import System
from lamina.evaluate.bootstrap import Floats, Interval, interval, redrawn
from lamina.evaluate.calibration import auroc
from lamina.evaluate.schema import Dataset, Haystack, Question, judged

#: The budget of the `recall` that may abstain; abstaining does not depend on it.
BUDGET_TOKENS = 256
#: What a caller may ask for; the usual one is among them.
THRESHOLDS = (0.05, 0.1, 0.15, 0.2, 0.3, 0.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined:
    """One question, and whether the memory declined it."""

    id: str
    #: The memory that was asked.
    group: str
    is_own: bool
    abstained: bool
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Declining:
    """The share of questions that a threshold declines; `foreign` is None where none was asked."""

    threshold: float
    own: Interval
    foreign: Interval | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AbstentionRates:
    """The share of questions that were declined; `foreign` is None where no other memory has named speakers."""

    own: Interval
    foreign: Interval | None
    #: The chance that a random own question gets more confidence than a random foreign one; ties count half. What was
    #: made of one question is drawn together.
    separation: Interval | None
    #: What other thresholds would decline.
    at: tuple[Declining, ...]
    asked: tuple[Declined, ...]


def renamed(text: str, names: Sequence[str], others: Sequence[str]) -> str:
    """Give `text` with each of `names`, as a whole word, replaced by the one of `others` in the same place."""
    places = {name: others[place % len(others)] for place, name in enumerate(names)}
    longest_first = sorted(places, key=len, reverse=True)
    pattern = re.compile(r"\b(?:" + "|".join(map(re.escape, longest_first)) + r")\b")
    return pattern.sub(lambda found: places[found[0]], text)


def foreign_questions(dataset: Dataset, haystack: Haystack) -> list[Question]:
    """Give the questions of the other memories, with the speakers of `haystack` for theirs."""
    asked = []
    for other in dataset.haystacks:
        if other.group != haystack.group and other.speakers and haystack.speakers:
            asked += [
                replace(question, text=renamed(question.text, other.speakers, haystack.speakers))
                for question in other.questions
            ]
    return asked


def abstention_rates(dataset: Dataset, built: System, *, on_progress: Progress | None = None) -> AbstentionRates:
    """Ask every memory of `dataset` its own questions, and the other memories' with the names replaced.

    `on_progress(done, total)` is called with each memory.

    Raises:
        ValueError: no memory has a question with evidence.
    """
    asked: list[Declined] = []
    for done, haystack in enumerate(dataset.haystacks):
        if on_progress is not None:
            on_progress(done, len(dataset.haystacks))
        handle = built.build([doc.row() for doc in haystack.docs])
        own, foreign = judged(haystack, "turn"), foreign_questions(dataset, haystack)
        for is_own, question in [*((True, one) for one in own), *((False, one) for one in foreign)]:
            context = handle.recall(question.text, BUDGET_TOKENS, ts=question.ts)
            asked.append(
                Declined(
                    id=question.id,
                    group=haystack.group,
                    is_own=is_own,
                    abstained=context.abstained,
                    confidence=context.confidence,
                )
            )
        handle.close()
    return rates_of(asked)


def rates_of(asked: Sequence[Declined]) -> AbstentionRates:
    """Sum up what was declined.

    Raises:
        ValueError: no own question was asked.
    """
    own = [one for one in asked if one.is_own]
    foreign = [one for one in asked if not one.is_own]
    return AbstentionRates(
        own=interval([float(one.abstained) for one in own]),
        foreign=interval([float(one.abstained) for one in foreign]) if foreign else None,
        separation=_separation(asked) if foreign else None,
        at=tuple(
            Declining(
                threshold=threshold,
                own=_below(threshold, own),
                foreign=_below(threshold, foreign) if foreign else None,
            )
            for threshold in THRESHOLDS
        ),
        asked=tuple(asked),
    )


def _below(threshold: float, asked: Sequence[Declined]) -> Interval:
    return interval([float(one.confidence < threshold) for one in asked])


def _separation(asked: Sequence[Declined]) -> Interval:
    is_own = np.array([one.is_own for one in asked])
    confidence = np.array([one.confidence for one in asked])

    def chance(counts: Floats) -> float:
        return auroc(confidence[is_own], confidence[~is_own], counts[is_own], counts[~is_own])

    return redrawn(chance, [one.id for one in asked])
