"""Token vectors are packed in half a byte a number, without function words, and come back as they were."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lamina.core.errors import BrokenEncoder
from lamina.core.protocols import EncoderId
from lamina.core.token_encoder import MOST, TokenVectors
from lamina.encode.tokens import MOST_PIECES, checked_tokens, farthest, pack_informative, token_identity, unpacked
from lamina.testing.fakes import HashEncoder, HashTokenEncoder

WHOLE = arrays(np.int8, st.tuples(st.integers(0, 5), st.sampled_from([2, 6])), elements=st.integers(-MOST, MOST))


@given(values=WHOLE)
def test_what_is_packed_comes_back_in_half_a_byte_a_number(values: np.ndarray) -> None:
    width = values.shape[1]
    tokens = TokenVectors(values.data, [(0, 4)] * len(values))
    (data,) = pack_informative(["bees"], [tokens])
    assert len(data) * 2 == values.size
    np.testing.assert_array_equal(unpacked(data, width), values)


def test_function_words_and_marks_are_left_out() -> None:
    text = "Ada: where are the bees?"
    _, (tokens,) = HashTokenEncoder(width=4).encode_tokens([text])
    kept = unpacked(*pack_informative([text], [tokens]), 4)
    _, (alone,) = HashTokenEncoder(width=4).encode_tokens(["Ada bees"])
    np.testing.assert_array_equal(kept, np.asarray(alone.values))


def test_whose_token_vectors_they_are_is_told_where_there_are_any() -> None:
    assert token_identity(HashEncoder()) is None
    assert token_identity(HashTokenEncoder()) == HashTokenEncoder().token_identity


@pytest.mark.parametrize(
    "values",
    [
        np.full((1, 4), MOST + 1, np.int8),
        np.full((1, 4), -128, np.int8),
        np.zeros((1, 4), np.float32),
        np.zeros((1, 6), np.int8),
        np.zeros((2, 4), np.int8),
    ],
)
def test_what_does_not_fit_is_refused(values: np.ndarray) -> None:
    identity = EncoderId(name="odd", model="odd@1/tokens", width=4)
    with pytest.raises(BrokenEncoder, match="exam"):
        checked_tokens([TokenVectors(values.data, [(0, 1)])], ["x"], identity)
    with pytest.raises(BrokenEncoder, match="exam"):
        checked_tokens([], ["x"], identity)


@given(values=arrays(np.int8, st.tuples(st.integers(0, 12), st.just(4)), elements=st.integers(-MOST, MOST)))
def test_few_are_kept_all_and_of_many_the_first_and_no_direction_twice(values: np.ndarray) -> None:
    taken = farthest(values, 5).tolist()
    assert taken == sorted(set(taken))
    if len(values) <= 5:
        assert taken == list(range(len(values)))
    else:
        assert taken[0] == 0
        assert len(taken) <= 5


def test_what_is_kept_of_many_lies_far_apart() -> None:
    near = [(7, 0), (7, 0), (6, 0), (7, 1), (0, 7), (1, 7), (-7, 0), (-7, -1)]
    assert farthest(np.array(near, np.int8), 2).tolist() == [0, 6]
    assert farthest(np.array(near, np.int8), 3).tolist() == [0, 4, 6]
    assert farthest(np.array([(7, 0), (3, 0), (1, 0)], np.int8), 2).tolist() == [0]


def test_the_spans_of_a_long_text_share_what_is_kept_of_it() -> None:
    texts = [" ".join(f"w{n}{letter}" for n in range(40)) for letter in "ab"]
    _, tokens = HashTokenEncoder(width=64).encode_tokens(texts)
    kept = [len(data) // 32 for data in pack_informative(texts, tokens)]
    assert sum(kept) == MOST_PIECES
    assert min(kept) > 0


def test_observations_side_by_side_are_packed_as_each_alone() -> None:
    long = [" ".join(f"w{n}{letter}" for n in range(40)) for letter in "ab"]
    texts = ["where are the bees?", *long, "of the", "", long[1], "Ada"]
    _, tokens = HashTokenEncoder(width=64).encode_tokens(texts)
    alone = [pack_informative(texts[part], tokens[part]) for part in map(slice, (0, 1, 3, 4, 5, 6), (1, 3, 4, 5, 6, 7))]
    assert pack_informative(texts, tokens, [0, 1, 1, 2, 3, 4, 5]) == [data for part in alone for data in part]
    assert [len(data) // 32 for part in alone for data in part][-1] == 1
    assert pack_informative([], [], []) == []
