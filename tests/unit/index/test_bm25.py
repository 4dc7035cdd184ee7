"""BM25 against values worked out by hand, over texts that are split at spaces.

Two texts, "a b" and "a a c": N = 2, lengths 2 and 3, mean 2.5; k1 = 1.2, b = 0.75.
"""

import math
from collections import Counter

import numpy as np
import pytest

from lamina.index.bm25 import LENGTH_PARTS, Beside, Holders, Lengths, bm25, grouped_bm25, idf, joined_parts

K1, B = 1.2, 0.75
TEXTS = ["a b", "a a c"]


def held(texts, asked):
    counts = [Counter(text.split()) for text in texts]
    found = []
    for term, repeats in Counter(asked).items():
        rows = [row for row, count in enumerate(counts) if count[term]]
        often = np.array([counts[row][term] for row in rows], dtype=np.int32)
        found.append(Holders(np.array(rows, dtype=np.int64), often, repeats))
    return found


def own_lengths(texts):
    return np.array([len(text.split()) for text in texts], dtype=np.int32)


def scores(texts, *asked, beside=None):
    parts = LENGTH_PARTS * own_lengths(texts).astype(np.int64)
    if beside is not None:
        parts = joined_parts(np.arange(len(texts)), beside)
    return bm25(held(texts, asked), Lengths(parts, int(parts.sum())), k1=K1, b=B, beside=beside).tolist()


def read_with(texts, before, after, before_weights, after_weights):
    """Give neighbours whose weights depend on the row alone, which `weigh` knows by its length."""
    lengths = own_lengths(texts)

    def weigh(asked):
        places = [lengths.tolist().index(length) for length in asked.tolist()]
        return np.array(before_weights)[places], np.array(after_weights)[places]

    return Beside(np.array(before), np.array(after), lengths, weigh)


def test_idf_is_positive_even_for_a_term_of_every_row():
    assert idf(1, 2) == pytest.approx(math.log(2))
    assert idf(2, 2) == pytest.approx(math.log(1.2))


def test_a_term_of_one_row_scores_that_row_alone():
    # idf ln 2; tf 1; norm 1.2 (0.25 + 0.75 · 2 / 2.5) = 1.02.
    assert scores(TEXTS, "b") == pytest.approx([math.log(2) * 2.2 / 2.02, 0])


def test_frequency_saturates_and_length_counts_against():
    # idf ln 1.2; norms 1.02 and 1.2 (0.25 + 0.75 · 3 / 2.5) = 1.38; tf 1 and 2.
    assert scores(TEXTS, "a") == pytest.approx([math.log(1.2) * 2.2 / 2.02, math.log(1.2) * 2.2 * 2 / 3.38])


def test_a_repeated_term_of_the_question_counts_as_often():
    assert scores(TEXTS, "b", "b") == pytest.approx([2 * scores(TEXTS, "b")[0], 0])


def test_unknown_terms_and_no_terms_score_nothing():
    assert scores(TEXTS, "zebra") == [0, 0]
    assert scores(TEXTS) == [0, 0]
    assert scores([], "a") == []
    assert scores(["", ""], "a") == [0, 0]


def test_the_words_of_a_neighbour_count_as_weighted():
    # Row 1 takes in half of row 0: lengths 2 and 3 + 1, mean 3; norms 1.2 (0.25 + 0.75 · 2 / 3) = 0.9 and 1.5; tf ½.
    beside = read_with(TEXTS, [-1, 0], [1, -1], [0.0, 0.5], [0.0, 0.0])
    assert scores(TEXTS, "b", beside=beside) == pytest.approx([math.log(2) * 2.2 / 1.9, math.log(2) * 2.2 * 0.5 / 2.0])


def test_both_neighbours_add_to_the_own_words_before_saturation():
    # The middle row counts x 1 + 0.5 · 2 + 0.25 · 3 = 2.75 times, in a length of 1 + 0.5 · 2 + 0.25 · 3 = 2.75.
    texts = ["x x", "x", "x x x"]
    beside = read_with(texts, [-1, 0, 1], [1, 2, -1], [0.0, 0.5, 0.0], [0.0, 0.25, 0.0])
    norm = 1.2 * (0.25 + 0.75 * 2.75 / ((2 + 2.75 + 3) / 3))
    assert scores(texts, "x", beside=beside)[1] == pytest.approx(idf(3, 3) * 2.2 * 2.75 / (2.75 + norm))


def test_neighbours_of_no_weight_change_no_score():
    texts = ["a b", "b c d", "c d a e"]
    beside = read_with(texts, [-1, 0, 1], [1, 2, -1], [0.0] * 3, [0.0] * 3)
    assert scores(texts, "a", "c", beside=beside) == scores(texts, "a", "c")


def test_a_session_is_scored_as_one_text():
    # Groups "a b a" and "c": lengths 3 and 1, mean 2; tf 2; idf ln(1 + 1.5 / 1.5) = ln 2; row 2 lies outside any.
    texts = ["a b", "a", "a", "c"]
    found = grouped_bm25(held(texts, ["a"]), own_lengths(texts), np.array([1, 1, 0, 2]), k1=K1, b=B).tolist()
    norm = 1.2 * (0.25 + 0.75 * 3 / 2)
    each = math.log(2) * 2.2 * 2 / (2 + norm)
    assert found == pytest.approx([each, each, 0, 0])
    assert grouped_bm25([], own_lengths([]), np.zeros(0, np.int64), k1=K1, b=B).tolist() == []
