"""Every metric against a value worked out by hand, and against the scorer that comes with the development data."""

import random
from math import log2
from types import ModuleType

import pytest

from lamina.evaluate.metrics import (
    all_at,
    freshness,
    hit_at,
    judge,
    ndcg_at,
    packed_at,
    recall_at,
    reciprocal_rank,
)

RANKED = ["x", "a", "y", "b", "z", "c"]
GOLD = ["a", "b", "c"]


def test_recall_is_the_share_of_the_evidence_found() -> None:
    """Among the first 4 of x a y b stand a and b: 2 of 3. Among the first 1 none; among the first 6 all."""
    assert recall_at(RANKED, GOLD, 4) == pytest.approx(2 / 3)
    assert recall_at(RANKED, GOLD, 1) == 0
    assert recall_at(RANKED, GOLD, 6) == 1


def test_hit_asks_for_any_evidence() -> None:
    """The first evidence stands second: not among the first 1, but among the first 2."""
    assert (hit_at(RANKED, GOLD, 1), hit_at(RANKED, GOLD, 2)) == (0, 1)


def test_all_asks_for_every_piece() -> None:
    """The last evidence stands sixth: not among the first 5, but among the first 6."""
    assert (all_at(RANKED, GOLD, 5), all_at(RANKED, GOLD, 6)) == (0, 1)


def test_reciprocal_rank_is_one_over_the_first_place() -> None:
    """The first evidence stands second: 1/2; for evidence that is not ranked 0."""
    assert reciprocal_rank(RANKED, GOLD) == 0.5
    assert reciprocal_rank(RANKED, ["w"]) == 0


def test_ndcg_discounts_by_the_logarithm_of_the_place() -> None:
    """Evidence at places 2, 4, 6: gain 1/log2(3) + 1/log2(5) + 1/log2(7) = 0.63093 + 0.43068 + 0.35621 = 1.41781.

    The ideal is places 1, 2, 3: 1 + 0.63093 + 0.5 = 2.13093. The quotient is 0.66535.
    """
    assert ndcg_at(RANKED, GOLD, 10) == pytest.approx(0.66535, abs=1e-5)


def test_ndcg_of_more_evidence_than_depth_can_reach_one() -> None:
    """With depth 1 and three pieces the ideal is one piece at place 1: 1/log2(2) = 1."""
    assert ndcg_at(["a"], GOLD, 1) == 1.0 / log2(2)


def test_an_id_ranked_twice_counts_at_its_first_place() -> None:
    """In a a b the second a is no place of its own: b stands second, so recall@2 of a and b is 1."""
    assert recall_at(["a", "a", "b"], ["a", "b"], 2) == 1
    assert reciprocal_rank(["x", "x", "a"], ["a"]) == 0.5


@pytest.mark.parametrize(
    ("ranked", "fresh"), [(["new", "old"], 1), (["old", "new"], 0), (["new"], 1), (["old"], 0), (["x"], 0)]
)
def test_fresh_asks_that_the_current_comes_before_every_outdated_version(ranked: list[str], fresh: float) -> None:
    """Current before outdated, or outdated not ranked: 1. Outdated first, or current not ranked: 0."""
    assert freshness(ranked, ["new"], ["old"]) == fresh


@pytest.mark.parametrize(("budget", "packed"), [(3, 0), (4, 0), (5, 1), (50, 1)])
def test_packed_asks_for_the_words_inside_the_budget(budget: int, packed: float) -> None:
    """In `Ada : We sailed !` the evidence `we sailed!` ends with the fifth word or mark."""
    assert packed_at("Ada: We\nsailed! Then home.", ["we sailed!"], budget) == packed


def test_packed_asks_for_all_evidence() -> None:
    """One of two pieces is not enough."""
    assert packed_at("One thing.", ["One thing.", "Another."], 100) == 0


def test_fresh_is_judged_only_where_something_is_outdated() -> None:
    assert "fresh" not in judge(["a"], ["a"])
    assert judge(["a"], ["a"], ["b"])["fresh"] == 1


def test_metrics_equal_those_of_the_scorer_on_random_rankings(score: ModuleType) -> None:
    chance = random.Random(7)
    names = [f"d{n}" for n in range(30)]
    for _ in range(300):
        ranked = chance.choices(names, k=chance.randint(0, 40))
        gold = chance.sample(names, chance.randint(1, 14))
        stale = chance.sample(names, chance.randint(0, 3))
        assert judge(ranked, gold, stale) == pytest.approx(score.metrics(ranked, gold, stale))


def test_packed_equals_the_scorers_on_random_texts(score: ModuleType) -> None:
    chance = random.Random(8)
    words = ["sea", "Salt,", "oar!", "no-one", "(9:30)"]

    class Packed:
        def __init__(self, text: str) -> None:
            self.text = text

        def pack(self, text: str, budget_tokens: int) -> str:
            return self.text

    for _ in range(300):
        text = " ".join(chance.choices(words, k=chance.randint(0, 12)))
        evidence = [" ".join(chance.choices(words, k=chance.randint(1, 2))) for _ in range(chance.randint(1, 2))]
        docs = {str(place): {"plain": words} for place, words in enumerate(evidence)}
        asked = {"text": "", "gold": list(docs)}
        for budget in (1, 4, 9, 100):
            theirs = score.packed(Packed(text), asked, [], docs, budget, takes_ts=False)
            assert packed_at(text, evidence, budget) == theirs
