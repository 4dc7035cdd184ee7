"""Recipes: named configurations of analyser, scores and fusion. Composition only."""

from lamina.core.errors import InvalidArgument
from lamina.recipes.ablations import WITHOUT
from lamina.recipes.baselines import BM25, CONVEX, DENSE, EMLLM, HIER, LATE_INTERACTION, RRF
from lamina.recipes.default import DEFAULT, FIRST_LOOK, LADDER
from lamina.recipes.recipe import Recipe

RECIPES = {
    recipe.name: recipe
    for recipe in (DEFAULT, FIRST_LOOK, LADDER, BM25, DENSE, RRF, CONVEX, HIER, LATE_INTERACTION, EMLLM, *WITHOUT)
}


def recipe_named(name: str) -> Recipe:
    """Give the recipe of that name.

    Raises:
        InvalidArgument: there is none.
    """
    if name not in RECIPES:
        raise InvalidArgument("recipe", f"is {name!r}", f"name one of: {', '.join(RECIPES)}")
    return RECIPES[name]
