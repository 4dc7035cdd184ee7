"""Windows cover a text, fit, overlap, and each begins and ends later than the one before."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from lamina.providers.windows import OVERLAP_TOKENS, lay_windows


def tokens_of(words: list[int]) -> tuple[list[tuple[int, int]], list[int]]:
    """Give one token a character; words of that many characters, with a space between."""
    offsets, numbers, place = [], [], 0
    for number, size in enumerate(words):
        offsets += [(place + step, place + step + 1) for step in range(size)]
        numbers += [number] * size
        place += size + 1
    return offsets, numbers


def test_the_next_span_begins_with_the_word_that_lies_one_overlap_back() -> None:
    offsets, words = tokens_of([1] * 150)
    spans = lay_windows(offsets, words, room=100, length=299)
    # One token every two code points: tokens 0 to 99, then from 100 - 32 = 68 on.
    assert spans == [(0, 199), (136, 299)]
    assert OVERLAP_TOKENS == 32


def test_white_space_at_the_ends_belongs_to_the_first_and_the_last_span() -> None:
    offsets, words = tokens_of([1] * 150)
    shifted = [(start + 5, end + 5) for start, end in offsets]
    assert lay_windows(shifted, words, room=100, length=320) == [(0, 204), (141, 320)]


def test_a_word_longer_than_a_window_is_cut() -> None:
    offsets, words = tokens_of([500])
    spans = lay_windows(offsets, words, room=100, length=500)
    assert max(end - start for start, end in spans) == 100
    assert spans[-1][1] == 500


@given(words=st.lists(st.integers(1, 130), min_size=1, max_size=60), room=st.integers(2, 120))
def test_spans_cover_fit_and_move_on(words, room) -> None:
    offsets, numbers = tokens_of(words)
    length = offsets[-1][1]
    spans = lay_windows(offsets, numbers, room=room, length=length)
    assert (spans[0][0], spans[-1][1]) == (0, length)
    for start, end in spans:
        assert 0 < sum(start <= place < end for place, _ in offsets) <= room
    for (start, end), (next_start, next_end) in pairwise(spans):
        assert start < next_start <= end + 1
        assert end < next_end


@given(words=st.lists(st.integers(1, 20), min_size=1, max_size=60))
def test_spans_of_ordinary_words_begin_and_end_at_words(words) -> None:
    offsets, numbers = tokens_of(words)
    beginnings = {0} | {offsets[place][0] for place in range(1, len(offsets)) if numbers[place] != numbers[place - 1]}
    endings = {beginning - 1 for beginning in beginnings} | {offsets[-1][1]}
    for start, end in lay_windows(offsets, numbers, room=60, length=offsets[-1][1]):
        assert start in beginnings
        assert end in endings
