import numpy as np
import pytest

from lamina.index.container import ALIGNMENT, BrokenContainer, pack_container, unpack_container

ARRAYS = {
    "bytes": np.arange(7, dtype=np.int8),
    "signs": np.arange(12, dtype=np.uint64).reshape(3, 4),
    "scales": np.linspace(0, 1, 5, dtype=np.float32),
    "nothing": np.zeros((0, 4), dtype=np.int32),
    "turned": np.arange(6, dtype=np.int64).reshape(2, 3).T,
}
HEADER = {"names": [None, "Zoë 🐝", "\ud800"], "number": 2**60}


def test_arrays_and_header_come_back_as_they_were():
    header, arrays = unpack_container(pack_container(HEADER, ARRAYS))
    assert header == HEADER
    assert list(arrays) == list(ARRAYS)
    for name, array in arrays.items():
        assert array.dtype == ARRAYS[name].dtype
        assert np.array_equal(array, ARRAYS[name])
        assert not array.flags.writeable


def test_arrays_lie_where_a_processor_reads_them_fast():
    data = pack_container(HEADER, ARRAYS)
    _, arrays = unpack_container(data)
    begin = np.frombuffer(data, np.uint8).__array_interface__["data"][0]
    places = {(array.__array_interface__["data"][0] - begin) % ALIGNMENT for array in arrays.values() if array.size}
    assert places == {0}


def test_every_flipped_byte_is_noticed():
    data = pack_container({"a": 1}, {"x": np.arange(3, dtype=np.int16)})
    for place in range(len(data)):
        broken = bytearray(data)
        broken[place] ^= 0x41
        with pytest.raises(BrokenContainer):
            unpack_container(bytes(broken))


def test_every_cut_is_noticed():
    data = pack_container({"a": 1}, {"x": np.arange(3, dtype=np.int16)})
    for size in range(len(data)):
        with pytest.raises(BrokenContainer):
            unpack_container(data[:size])
