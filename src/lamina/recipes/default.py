"""The default: BM25 over informative terms and the cosine of the best span, both over their range, half and half.

Small bonuses, in shares of that range, for rows said by somebody whom the question names and for rows of a day that
it names. Each constant is measured in `benchmarks/LOG.md`; one configuration for every kind of scope.
"""

from lamina.encode.sparse import terms
from lamina.recall.fuse import convex, over_range
from lamina.recipes.recipe import Floats, Recipe, Signals

SPEAKER_BONUS = 0.05
DAY_BONUS = 0.1


def _fuse(signals: Signals) -> Floats:
    mixed = convex(over_range(signals.lexical), over_range(signals.dense, absent=signals.absent))
    scores: Floats = mixed + SPEAKER_BONUS * signals.speaker + DAY_BONUS * signals.day
    return scores


DEFAULT = Recipe(name="default", analyse=terms, k1=1.2, b=0.75, span_penalty=0.1, is_first_span_only=False, fuse=_fuse)
