import pytest

from lamina.evaluate.baselines import IndependentBm25

DOCS = [
    {"id": "1", "text": "salt salt sea", "speaker": None},
    {"id": "2", "text": "sea air", "speaker": None},
    {"id": "3", "text": "old oak", "speaker": "Ada"},
]


def test_scores_are_those_worked_out_by_hand() -> None:
    """Lengths 3, 2, 3, so the mean is 8/3. `salt` stands in one of three: idf = ln(1 + 2.5/1.5) = 0.98083.

    In the first text it stands twice: norm = 1.2 x (0.25 + 0.75 x 3 / (8/3)) = 1.3125,
    so the score is 0.98083 x 2 x 2.2 / (2 + 1.3125) = 1.30284; elsewhere 0.
    """
    assert IndependentBm25().build(DOCS).scores("Salt?") == pytest.approx([1.30284, 0, 0], abs=1e-5)


def test_the_best_come_first_and_ties_keep_their_order() -> None:
    ranking = IndependentBm25().build(DOCS)
    assert ranking.query("sea air", 2) == ["2", "1"]
    assert ranking.query("nothing of it", 3) == ["1", "2", "3"]
    assert ranking.query("ada", 1) == ["3"]
    ranking.close()


def test_an_empty_memory_has_no_ranking() -> None:
    assert IndependentBm25().build([]).query("salt", 5) == []
