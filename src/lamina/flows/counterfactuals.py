"""What would have a record returned that is not: a larger limit, as much of something as the last hit has, a vector."""

from collections.abc import Iterator
from itertools import accumulate

from lamina.core.explanation import Explained

#: What a session loses that stands above often.
CROWD = "crowd"


def changes_of(told: Explained, last: Explained, *, limit: int | None) -> Iterator[str]:
    """Give them in sentences, of a record that may be returned, beside the `last` that is.

    `limit` is one whose search was tried and returned it, made smaller as long as that did; None where none did.
    """
    if limit is not None:
        yield f"a limit of {limit} would return it"
    lacking = shares_lacking(told, last)
    if lacking:
        named = " and ".join(name for name in lacking if name != CROWD)
        conditions = [f"with as much of {named} as the last that is returned"] if named else []
        conditions += ["if fewer hits of its session stood above it"] if CROWD in lacking else []
        whose = "that one's score" if named else "the score of the last that is returned"
        yield f"{' and '.join(conditions)} it would reach {whose}"
    words = [repr(use.term) for use in told.terms if not use.own]
    if words:
        yield f"words of the question that it does not hold would count: {', '.join(words)}"
    if any(share.name == "dense" and share.measured is None for share in told.shares):
        yield "it has no vector yet; `flush()` would give it one"


def shares_lacking(told: Explained, last: Explained) -> list[str]:
    """Give the fewest shares that make up for what a record lacks to `last`, the largest first; none where it does not.

    What it would have of each is what `last` has.
    """
    missing = last.score - told.score
    if missing <= 0:
        return []
    own = {share.name: share.points for share in told.shares}
    gaps = {share.name: share.points - own.get(share.name, 0.0) for share in last.shares}
    gaps |= {name: -points for name, points in own.items() if name not in gaps}
    largest = sorted((name for name, gap in gaps.items() if gap > 0), key=lambda name: -gaps[name])
    so_far = accumulate(gaps[name] for name in largest)
    before = sum(reached < missing for reached in so_far)
    return largest[: before + 1]
