"""The default: BM25 over informative terms, read with the neighbours, and the cosine of the best span; a second look.

Both count over their best, nearly half and half. What a question says of where its answer stands adds bonuses in the
same measure: the speaker whom it names, the role that it means by "I" or "you", the day that it names; and a share of
the best score of its session lifts each row. The best rows are looked at again: by their token vectors, and whether
they ask or follow a question. What the question calls by its title, and what the best rows name or are named by, is
lifted. Each constant is measured in `benchmarks/LOG.md`; one configuration for every kind of scope.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from lamina.encode.names import NAMER, marks_of
from lamina.encode.sparse import ANALYSER, terms
from lamina.recall.fuse import filled_in, over
from lamina.recall.nearby import neighbour_weights
from lamina.recipes.recipe import Flags, Floats, Part, Recipe, Signals

LEXICAL_WEIGHT = 0.45
SPEAKER_BONUS = 0.08
ROLE_BONUS = 0.2
DAY_BONUS = 0.3
SESSION_SHARE = 0.1
TITLE_SHARE = 0.4
NAME_SHARE = 0.4
ASKED_TITLE_SHARE = 0.4
LATE_SHARE = 1.2
ASKING_PENALTY = 0.3
ANSWERING_BONUS = 0.1
SPREAD_SHARE = 0.1
CROWD_PLACES = 20.0
#: A best cosine below this is no answer's, and is not blown up to a full vote.
LEAST_BEST = 0.3
#: Nor is a best BM25 below this share of what the whole question is worth: its words are hardly those of any row.
LEAST_COVERED = 0.35
#: So sure *ladder* must be to go no further.
ENOUGH = 0.8
#: About one standard deviation of MiniLM's cosines between a question and the spans of a scope.
SPAN_PENALTY = 0.1


def _by_own_words(lexical: Floats, own: Flags | None) -> Floats:
    """Give what words say of a row's own meaning: nothing where they are its neighbours' alone."""
    return lexical if own is None else lexical * own


def weigher(
    *,
    lexical_weight: float = LEXICAL_WEIGHT,
    speaker: float = SPEAKER_BONUS,
    role: float = ROLE_BONUS,
    day: float = DAY_BONUS,
) -> Callable[[Signals], list[Part]]:
    """Give what weighs the signals of rows, the words by their weight and vectors by the rest, with these bonuses."""

    def weigh(signals: Signals) -> list[Part]:
        lexical = over(signals.lexical, max(signals.lexical_best, LEAST_COVERED * signals.lexical_ideal))
        # What points away from the question is as far from it as what has nothing to do with it.
        dense = over(np.maximum(signals.dense, 0.0), max(signals.dense_best, LEAST_BEST))
        if not signals.is_dense_known:
            dense = filled_in(dense, _by_own_words(lexical, signals.own), is_known=signals.dense != signals.absent)
        flags = (("speaker", signals.speaker, speaker), ("role", signals.role, role), ("day", signals.day, day))
        return [
            Part("lexical", lexical, lexical_weight),
            Part("dense", dense, 1 - lexical_weight),
            *(Part(name, where, bonus) for name, where, bonus in flags if where is not None),
        ]

    return weigh


DEFAULT = Recipe(
    name="default",
    analyser=f"{ANALYSER}+{NAMER}",
    analyse=terms,
    mark=marks_of,
    k1=1.2,
    b=0.75,
    span_penalty=SPAN_PENALTY,
    weigh=weigher(),
    session_share=SESSION_SHARE,
    weigh_neighbours=neighbour_weights,
    late_share=LATE_SHARE,
    asking_penalty=ASKING_PENALTY,
    answering_bonus=ANSWERING_BONUS,
    title_share=TITLE_SHARE,
    name_share=NAME_SHARE,
    asked_title_share=ASKED_TITLE_SHARE,
    mends_slips=True,
    reads_openings=True,
    minds_order=True,
    spread_share=SPREAD_SHARE,
    crowd_places=CROWD_PLACES,
)

#: The default without a second look, without links, and so without token vectors: a quarter less disk, a third
#: to three quarters of the time.
FIRST_LOOK = replace(
    DEFAULT,
    name="first-look",
    analyser=ANALYSER,
    mark=None,
    late_share=0.0,
    asking_penalty=0.0,
    answering_bonus=0.0,
    title_share=0.0,
    name_share=0.0,
    asked_title_share=0.0,
    mends_slips=False,
    reads_openings=False,
    minds_order=False,
    spread_share=0.0,
    crowd_places=0.0,
)

#: The default, which goes no further than it has to: by words alone, by vectors too, with a second look, and only then
#: with links and order, until it is sure. What that saves and costs is measured in `benchmarks/LOG.md`.
LADDER = replace(DEFAULT, name="ladder", enough=ENOUGH)
