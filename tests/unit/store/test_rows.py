"""Rows of a file, and what is said of those that are none."""

import pytest

from lamina.core.errors import DamagedFile
from lamina.store.sqlite.rows import place_from


@pytest.mark.parametrize("place", [(None, 4), (4, None), ("x", 4)])
def test_a_place_that_is_none_is_damage(place: tuple[object, object]) -> None:
    row = ["01M8", "s", None, None, None]
    assert place_from([*row, 4, 4], is_shared=False).arrived == 4
    with pytest.raises(DamagedFile, match="no place"):
        place_from([*row, *place], is_shared=False)
