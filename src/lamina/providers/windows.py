"""Windows over long texts: spans that each fit one vector, on word boundaries, a little overlapping.

Knows tokens by their offsets and words alone; which tokenizer gave them is the encoders' affair.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

#: Neighbouring spans share about so many tokens, from a word's beginning on: what one cuts, the other has whole.
OVERLAP_TOKENS = 32
#: A speaker's name takes at most this much of the window away from the words.
MOST_RESERVED_TOKENS = 64


def lay_windows(
    offsets: Sequence[tuple[int, int]], words: Sequence[int | None], *, room: int, length: int
) -> list[tuple[int, int]]:
    """Give code-point spans of at most `room` tokens that together cover a text of `length` code points.

    `offsets` are the tokens' code points, `words` the word that each belongs to; there is at least one token, and
    `room` is at least two. Each span begins and ends later than the one before. Inside a word longer than half a
    window a span may begin anywhere.
    """
    starts = _starts(offsets, words, room)
    spans: list[tuple[int, int]] = []
    first = 0
    while len(offsets) - starts[first] > room:
        last = bisect_right(starts, starts[first] + room) - 1
        spans.append((offsets[starts[first]][0] if spans else 0, offsets[starts[last] - 1][1]))
        overlapping = bisect_right(starts, starts[last] - OVERLAP_TOKENS) - 1
        # From further back the next span would end where this one ends.
        first = max(overlapping, bisect_left(starts, starts[last + 1] - room))
    spans.append((offsets[starts[first]][0] if spans else 0, length))
    return spans


def words_of(offsets: Sequence[tuple[int, int]], words: Sequence[int | None]) -> list[tuple[int, int]]:
    """Give for each token the code points of the word that it belongs to; one that belongs to none is its own."""
    spans: dict[int, tuple[int, int]] = {}
    for (start, end), word in zip(offsets, words, strict=True):
        if word is not None:
            spans[word] = (min(start, spans.get(word, (start, end))[0]), max(end, spans.get(word, (start, end))[1]))
    return [own if word is None else spans[word] for own, word in zip(offsets, words, strict=True)]


def _starts(offsets: Sequence[tuple[int, int]], words: Sequence[int | None], room: int) -> list[int]:
    """Give the tokens at which a span may begin, and the end: at most half a window apart."""
    starts = [0]
    for place in range(1, len(offsets)):
        if words[place] != words[place - 1] or place - starts[-1] >= room // 2:
            starts.append(place)
    starts.append(len(offsets))
    return starts
