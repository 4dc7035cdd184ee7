"""Several walls' rows as one collection: groups of rows, and cosines of all of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamina.core.rows import VectorRow
from lamina.index import union as module
from lamina.index.scope_index import ScopeIndex
from lamina.index.union import Groups, Union
from lamina.testing.builders import an_index_row

QUERY = np.array([0.6, 0.8], dtype=np.float32)
RUNS = st.lists(st.tuples(st.integers(1, 4), st.integers(0, 5)), min_size=1, max_size=12)


def a_wall(*spans_of_rows: int, first: int = 1) -> ScopeIndex:
    """Make an index whose rows have so many spans each, drawn by their number."""
    index = ScopeIndex(str.split, width=2)
    index.extend([an_index_row(first + row) for row in range(len(spans_of_rows))], number=first + len(spans_of_rows))
    vectors = []
    for row, count in enumerate(spans_of_rows):
        for span in range(count):
            turned = first + row + 0.3 * span
            values = np.array([np.cos(turned), np.sin(turned)], dtype="<f2").tobytes()
            vectors.append(VectorRow(len(vectors) + 1, first + row, span, span + 1, values))
    index.extend_vectors(vectors, number=len(vectors))
    return index


@given(RUNS)
def test_the_members_of_groups_are_their_rows_one_group_after_another(runs: list[tuple[int, int]]) -> None:
    sizes, numbers = (np.array(column) for column in zip(*runs, strict=True))
    groups = Groups(np.cumsum(sizes) - sizes, numbers, size=int(sizes.sum()))
    of_rows = groups.of_rows
    asked = np.unique(of_rows[of_rows > 0])[::2]
    rows, begins = groups.members(asked)
    assert [piece.tolist() for piece in np.split(rows, begins[1:])][: len(asked)] == [
        np.flatnonzero(of_rows == group).tolist() for group in asked
    ]


@pytest.mark.parametrize("most", [0, 1024])
@pytest.mark.parametrize(
    "walls", [[a_wall(1, 1, 1)], [a_wall(1, 1), a_wall(1, 1, 1, first=9)], [a_wall(1, 2, 1)], [a_wall(1, 0), a_wall(1)]]
)
def test_every_cosine_is_that_of_the_row_by_itself(monkeypatch, walls, most: int) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(module, "MOST_WIDENED", most)
    union = Union([wall.view() for wall in walls])
    alone = [union.cosines(np.array([row]), QUERY)[0] for row in range(len(union))]
    assert union.every_cosine(QUERY).tolist() == union.every_cosine(QUERY).tolist() == alone


def test_an_empty_union_has_no_cosines() -> None:
    assert Union([]).every_cosine(QUERY).tolist() == Union([a_wall().view()]).every_cosine(QUERY).tolist() == []
