"""Confidence: how probable it is that the memory holds the answer, from one ranking and without a model.

Three signs. The *single* one: how well the best single candidate answers, as the mean of (a) the share of the
question's terms that it holds, weighted by idf, and (b) its cosine to the question; two halves in one candidate say
more than each half's best. The best *cosine* by itself. And the *lead* of the best score over the tenth, as a share:
where something answers, it stands out. Names of the scope's own speakers are left out of the terms by the caller:
they stand in every question and tell nothing.

A logistic function of the three, fitted by `benchmarks/confidence.py` to four sets of development data: dialogue,
long chats, two sets of passages. Half of the questions could be answered there; of the others half had their evidence
taken out, and half were another memory's, with the names replaced. Where more or fewer can be answered, the probability
is off by as much. The numbers are those of its run at f596dc0 (2026-11-30, published by c154789). The run that is
published now, at bca9d85, after links and order had moved the scores, would fit -7.28, 4.64, 5.74 and 3.19, and says
what these here are worth there (`shipped` in `benchmarks/results/confidence.json`): as much as a fit to the other
memories (`by_memory`) within its intervals, so they stayed.
"""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.floating]
BoolArray = npt.NDArray[np.bool_]

#: Below this the memory abstains. Of the questions whose evidence was packed that declines 4 % over dialogue, 16 % over
#: long chats and none over passages; of another memory's 53, 78, and 84 and 67 % (`shipped`, as above, "0.15").
THRESHOLD = 0.15
#: Of the lead this candidate's score is asked for.
TENTH = 10
#: Why the memory declines where it has nothing at all, in a sentence.
NOTHING = (
    "there is nothing to show: the memory holds nothing of what was asked for; check the user, agent and run of the "
    "call, and what its session and filters leave"
)
#: What the logit is without any sign, and what each adds.
BIAS, SINGLE, COSINE, LEAD = -7.29, 4.14, 5.63, 4.13
#: What a signal counts that is not there (no term left, no vector yet): it speaks neither for nor against.
NEUTRAL = 0.5


def coverage(weights: FloatArray, holds: BoolArray) -> FloatArray:
    """Give the share of the question's terms that each candidate holds, weighted by idf: 0 to 1, NaN without terms.

    `weights` has one idf a term of the question, terms that stand nowhere in the scope included (shape: terms);
    `holds[term, candidate]` says which candidate holds which.
    """
    total = float(weights.sum())
    if total <= 0:
        return np.full(holds.shape[1], np.nan)
    shares: FloatArray = weights @ holds / total
    return shares


class Signs(NamedTuple):
    """What speaks for an answer, each from 0 to 1."""

    single: float
    cosine: float
    lead: float


def signs(coverages: FloatArray, cosines: FloatArray, scores: FloatArray) -> Signs | None:
    """Give the signs of some candidates, one of each a candidate, best first; NaN where a signal is absent.

    None where there is no candidate.
    """
    if len(scores) == 0:
        return None
    held, near = (np.nan_to_num(np.clip(signal, 0.0, 1.0), nan=NEUTRAL) for signal in (coverages, cosines))
    best = float(scores[0])
    has_tenth = len(scores) >= TENTH and best > 0
    lead = (best - float(scores[TENTH - 1])) / best if has_tenth else NEUTRAL
    return Signs(float(np.max((held + near) / 2)), float(np.max(near)), min(max(lead, 0.0), 1.0))


def open_signs(*, is_there: bool) -> Signs:
    """Give the signs where a question asks for whatever there is of a day or of somebody: that there is some, or none.

    No word of it stands in an answer, and none is like it.
    """
    return Signs(1.0, NEUTRAL, NEUTRAL) if is_there else Signs(0.0, 0.0, 0.0)


def confidence(found: Signs | None) -> float:
    """Give the probability, 0 to 1, that some candidate answers; 0 where there is none."""
    if found is None:
        return 0.0
    return 1 / (1 + math.exp(-(BIAS + SINGLE * found.single + COSINE * found.cosine + LEAD * found.lead)))


def abstains(value: float, *, threshold: float = THRESHOLD) -> bool:
    """Say whether a memory with that confidence declines to answer."""
    return value < threshold


def reason(value: float, *, threshold: float = THRESHOLD) -> str:
    """Give the sentence that tells a caller why the memory declines."""
    return (
        f"the memory does not seem to hold the answer: that it does has a probability of {value:.2f}, and "
        f"{threshold:.2f} are asked for; what it has can be shown all the same (`abstain=False`, `--always`)"
    )


def too_little_room(value: float, budget_tokens: int, *, threshold: float) -> str:
    """Give that sentence where the memory is sure enough, and what fits a budget is not."""
    return (
        f"what fits into {budget_tokens} tokens holds the answer with a probability of {value:.2f}, and "
        f"{threshold:.2f} are asked for; ask with a larger budget, or for less (`abstain=`, `--least`)"
    )
