"""How much of a turn asks, and who says it."""

import pytest

from lamina.core.asking import ENDS, NAMED, SHARES, asking_code
from lamina.testing.builders import an_index_row


def share_of(text: str) -> float:
    return (asking_code(an_index_row(text=text, speaker="Ada")) & SHARES) / SHARES


@pytest.mark.parametrize(
    ("text", "share", "ends"),
    [
        ("What did it cost?", 1.0, True),
        ("Nine francs.", 0.0, False),
        ("I see. Why?", 0.4, True),
        ("Why? I see.", 0.4, False),
        ("“Really?” (Is it so?)", 1.0, True),
        ("图书馆几点关门？十点。", 8 / 11, False),
        ("متى يفتح المتحف؟", 1.0, True),
        ("a.b?c", 0.0, False),
        ("?", 1.0, True),
    ],
)
def test_the_share_of_a_text_that_is_questions_and_whether_it_ends_with_one(
    text: str, share: float, ends: bool
) -> None:
    code = asking_code(an_index_row(text=text, speaker="Ada"))
    assert share_of(text) == pytest.approx(share, abs=0.5 / SHARES + 0.03)
    assert bool(code & ENDS) is ends
    assert code & NAMED


def test_what_nobody_with_a_name_says_is_not_looked_at() -> None:
    assert asking_code(an_index_row(text="Why?")) == 0
    assert asking_code(an_index_row(text="Why?", speaker="Ada", role="user")) == 0
