import numpy as np
import pytest

from lamina.index.columns import FIRST_CAPACITY, Column


def test_rows_come_back_in_their_order_whatever_the_growth():
    column = Column(np.int32)
    for start in range(0, 1000, 7):
        column.extend(range(start, start + 7))
    assert column.view().tolist() == list(range(1001))
    assert len(column) == 1001


@pytest.mark.parametrize("more", [1, FIRST_CAPACITY * 3])
def test_a_view_stays_as_it_was_when_rows_are_added_or_changed(more):
    column = Column(np.int64)
    column.extend([1, 2, 3])
    view = column.view()
    column.extend([9] * more)
    column.change([0, 2], [7, 8])
    column.extend([4])
    assert view.tolist() == [1, 2, 3]
    assert column.view()[:3].tolist() == [7, 2, 8]


def test_a_view_cannot_be_written():
    column = Column(np.bool_)
    column.extend([True])
    with pytest.raises(ValueError, match="read-only"):
        column.view()[0] = False


def test_rows_with_a_width_stay_together():
    column = Column(np.float32, width=2)
    column.extend([[1, 2], [3, 4]])
    column.extend(np.zeros((0, 2)))
    column.extend([[5, 6]])
    assert column.view().tolist() == [[1, 2], [3, 4], [5, 6]]


def test_room_grows_in_proportion_so_that_adding_one_row_stays_cheap():
    column = Column(np.int64)
    sizes = set()
    for number in range(10_000):
        column.extend([number])
        sizes.add(column.nbytes)
    assert len(sizes) <= 10


def test_what_no_view_shows_is_changed_in_place_and_what_one_shows_in_a_copy():
    column = Column(np.int64)
    column.extend([1, 2])
    shown = column.view()
    column.extend([3, 4])
    column.change([2, 3], [30, 40])
    assert np.shares_memory(column.view(), shown)
    before = column.view()
    column.change([1, 3], [20, 44])
    assert not np.shares_memory(column.view(), shown)
    assert (shown.tolist(), before.tolist(), column.view().tolist()) == ([1, 2], [1, 2, 30, 40], [1, 20, 30, 44])
