"""Recipes are found by name, and fuse what they say they fuse."""

from dataclasses import replace

import numpy as np
import pytest

from lamina.core.errors import InvalidArgument
from lamina.recipes import RECIPES, recipe_named
from lamina.recipes import recipe as module
from lamina.recipes.recipe import Signals

ABSENT = -1.0


def signals(lexical: list[float], dense: list[float], *, ideal: float = 0.0) -> Signals:
    return Signals(
        lexical=np.array(lexical),
        lexical_best=max(lexical),
        lexical_ideal=ideal,
        dense=np.array(dense),
        dense_best=max(dense),
        absent=ABSENT,
        is_dense_known=ABSENT not in dense,
        speaker=None,
        role=None,
        day=None,
    )


def test_baselines_and_the_default_are_there_by_name() -> None:
    others = {name for name in RECIPES if not name.startswith("without-")}
    assert others == {
        "default",
        "first-look",
        "ladder",
        "bm25",
        "dense",
        "rrf",
        "convex",
        "hier",
        "late-interaction",
        "emllm",
    }
    assert {"without-tokens", "without-links", "without-asking"} <= set(RECIPES)
    assert all(recipe_named(name).name == name for name in RECIPES)
    with pytest.raises(InvalidArgument, match="bm25"):
        recipe_named("telepathy")


def test_convex_is_half_bm25_over_its_best_and_half_cosine() -> None:
    """By hand: ½·4/4 + ½·.2 = .6; ½·2/4 + ½·.8 = .65."""
    np.testing.assert_allclose(recipe_named("convex").fuse(signals([4, 2], [0.2, 0.8])), [0.6, 0.65])


def test_bm25_and_dense_are_their_signal_alone() -> None:
    np.testing.assert_array_equal(recipe_named("bm25").fuse(signals([4, 2], [0.2, 0.8])), [4, 2])
    np.testing.assert_array_equal(recipe_named("dense").fuse(signals([4, 2], [0.2, 0.8])), [0.2, 0.8])


def test_the_default_wants_both_and_ranks_a_text_without_a_vector_by_its_words() -> None:
    fuse = recipe_named("default").fuse
    both, words, meaning, neither = fuse(signals([4, 4, 0, 0], [0.8, 0.1, 0.8, 0.1]))
    assert both > max(words, meaning)
    assert min(words, meaning) > neither
    waiting, other = fuse(signals([4, 0], [ABSENT, 0.3]))
    assert waiting > other


def test_where_no_vector_is_near_the_only_holder_of_a_word_comes_first() -> None:
    """By hand: .45·4/4 + .55·0 = .45; .55·.14/.3 = .257; a best cosine of .14 does not count as 1, nor -.1 against."""
    holder, other = recipe_named("default").fuse(signals([4, 0], [-0.1, 0.14]))
    assert holder == pytest.approx(0.45)
    assert other == pytest.approx(0.55 * 0.14 / 0.3)


@pytest.mark.parametrize("name", ["default", "first-look"])
def test_estimates_are_fused_piece_by_piece_as_the_whole_would_be(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ROWS_AT_ONCE", 7)
    draws = np.random.default_rng(1)
    some = replace(
        signals(list(draws.random(100)), list(draws.random(100))),
        speaker=draws.random(100) > 0.5,
        day=draws.random(100) > 0.9,
    )
    recipe = recipe_named(name)
    assert recipe.fuse_roughly(some).dtype == np.float32
    np.testing.assert_allclose(recipe.fuse_roughly(some), recipe.fuse(some), atol=1e-6)


def test_words_that_hardly_cover_a_question_have_no_full_vote() -> None:
    """Of a question worth 10 the best row has 7, or 1.4: a share of .7 counts in full, one of .14 as .14 / .35."""
    weigh = recipe_named("default").weigh
    covered, hardly = (
        next(part for part in weigh(signals([best, 0.0], [0.5, 0.5], ideal=10.0)) if part.name == "lexical")
        for best in (7.0, 1.4)
    )
    assert covered.values.tolist() == [1.0, 0.0]
    assert hardly.values.tolist() == pytest.approx([0.4, 0.0])
