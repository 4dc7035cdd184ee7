"""How `benchmarks/crossvalidate.py` parts questions and chooses; benchmarks are no package, so it comes by path."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def crossvalidate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("crossvalidate", BENCHMARKS / "crossvalidate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BENCHMARKS))
        # Dataclasses look their module up by name.
        patch.setitem(sys.modules, "crossvalidate", module)
        spec.loader.exec_module(module)
    return module


def test_many_conversations_stay_whole_and_folds_are_about_as_large(crossvalidate: ModuleType) -> None:
    groups = [f"g{place % 12}" for place in range(240)] + ["large"] * 40
    folds = crossvalidate.folds_of(groups, 5)
    assert all(len({fold for fold, name in zip(folds, groups, strict=True) if name == group}) == 1 for group in groups)
    sizes = np.bincount(folds)
    assert len(sizes) == 5
    assert sizes.max() - sizes.min() <= 20


def test_few_conversations_stay_whole_and_questions_of_one_are_dealt_out_in_turn(crossvalidate: ModuleType) -> None:
    folds = crossvalidate.folds_of(["one"] * 7 + ["other"] * 6 + ["third"], 5)
    assert [len(set(folds[begin:end])) for begin, end in ((0, 7), (7, 13))] == [1, 1]
    assert len(set(folds)) == 3
    assert np.bincount(crossvalidate.folds_of(["one"] * 13, 5)).tolist() == [3, 3, 3, 2, 2]


def test_each_constant_is_chosen_by_the_score_and_of_equals_the_shipped_one_stays(crossvalidate: ModuleType) -> None:
    names = list(crossvalidate.GRID)
    late, wanted = names.index("late_share"), crossvalidate.GRID["late_share"][-1]
    best = crossvalidate.chosen(lambda setting: float(setting[late] == wanted))
    assert crossvalidate.moved(best) == {"late_share": wanted}
    assert crossvalidate.chosen(lambda setting: 0.5) == crossvalidate.SHIPPED


def test_the_shipped_constants_are_those_of_the_default(crossvalidate: ModuleType) -> None:
    recipe = crossvalidate.with_constants(crossvalidate.SHIPPED)
    for name in crossvalidate.GRID:
        if name not in crossvalidate.WEIGHED:
            assert getattr(recipe, name) == getattr(crossvalidate.default.DEFAULT, name)


def test_what_is_judged_is_not_what_was_chosen_on(crossvalidate: ModuleType) -> None:
    """One set likes each value of a constant that the other does not: left out, it gets what the other likes."""
    place, (was, one, other) = list(crossvalidate.GRID).index("role"), crossvalidate.GRID["role"]

    class Liking:
        def __init__(self, value: float) -> None:
            self.value, self.groups = value, ["g"] * 10

        def judged_by(self, setting: tuple[float, ...]) -> np.ndarray:
            height = 1.0 if setting[place] == self.value else 0.6 if setting[place] == was else 0.0
            return np.full((10, 2), height)

    found = {way: told for way, told, _ in crossvalidate.ways({"a": Liking(one), "b": Liking(other)})}
    assert found["shipped"]["a"].mean() == pytest.approx(0.6)
    assert found["left_one_set_out"]["a"].mean() == found["left_one_set_out"]["b"].mean() == 0
