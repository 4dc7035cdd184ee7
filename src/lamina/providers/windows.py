"""Windows over long texts: spans that each fit one vector, on word boundaries, a little overlapping."""

from bisect import bisect_right
from collections.abc import Sequence

#: Neighbouring spans of a long text share up to this many tokens, so that no sentence is cut in all of them.
OVERLAP_TOKENS = 32
#: A speaker's name takes at most this much of the window away from the words.
MOST_RESERVED_TOKENS = 64


def lay_windows(
    offsets: Sequence[tuple[int, int]], words: Sequence[int | None], *, room: int, length: int
) -> list[tuple[int, int]]:
    """Give code-point spans of at most `room` tokens that together cover a text of `length` code points.

    `offsets` are the tokens' code points, `words` the word that each belongs to. Inside a word longer than half a
    window a span may begin anywhere.
    """
    starts = _starts(offsets, words, room)
    spans: list[tuple[int, int]] = []
    first = 0
    while len(offsets) - starts[first] > room:
        beyond = starts[bisect_right(starts, starts[first] + room) - 1]
        spans.append((offsets[starts[first]][0] if spans else 0, offsets[beyond - 1][1]))
        first = max(first + 1, bisect_right(starts, beyond - OVERLAP_TOKENS) - 1)
    spans.append((offsets[starts[first]][0] if spans else 0, length))
    return spans


def _starts(offsets: Sequence[tuple[int, int]], words: Sequence[int | None], room: int) -> list[int]:
    starts = [0]
    for place in range(1, len(offsets)):
        if words[place] != words[place - 1] or place - starts[-1] >= room // 2:
            starts.append(place)
    starts.append(len(offsets))
    return starts
