"""The default without one of its parts, each by itself: what a part brings is measured by leaving it out."""

from dataclasses import replace

from lamina.encode.sparse import ANALYSER
from lamina.recipes.default import DEFAULT, ROLE_BONUS, SPEAKER_BONUS, weigher

_WITHOUT = {
    "tokens": replace(DEFAULT, late_share=0.0),
    "asking": replace(DEFAULT, asking_penalty=0.0, answering_bonus=0.0),
    "links": replace(DEFAULT, analyser=ANALYSER, mark=None, title_share=0.0, name_share=0.0, asked_title_share=0.0),
    "asked-titles": replace(DEFAULT, asked_title_share=0.0),
    "names": replace(DEFAULT, name_share=0.0),
    "neighbours": replace(DEFAULT, weigh_neighbours=None),
    "sessions": replace(DEFAULT, session_share=0.0),
    "days": replace(DEFAULT, weigh=weigher(speaker=SPEAKER_BONUS, role=ROLE_BONUS, day=0.0)),
    "speakers": replace(DEFAULT, weigh=weigher(speaker=0.0, role=0.0)),
    "slips": replace(DEFAULT, mends_slips=False),
    "openings": replace(DEFAULT, reads_openings=False),
    "order": replace(DEFAULT, minds_order=False),
    "spread": replace(DEFAULT, spread_share=0.0),
    "crowd": replace(DEFAULT, crowd_places=0.0),
    "span-penalty": replace(DEFAULT, span_penalty=0.0),
}
WITHOUT = tuple(replace(recipe, name=f"without-{part}") for part, recipe in _WITHOUT.items())
