from pathlib import Path

import pytest

from lamina.core.errors import InvalidArgument
from lamina.evaluate.plan import Plan, cache_of, read_plan

CONFIGS = Path(__file__).parents[2] / "benchmarks" / "configs"


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.toml")), ids=lambda path: path.stem)
def test_every_config_that_is_kept_can_be_read(path: Path) -> None:
    assert read_plan(path).folders


def test_a_config_says_all_that_a_plan_holds(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text('folders = ["a", "b"]\nlevels = ["rollup"]\nbudgets = [9]\nrecipes = ["bm25"]\n', encoding="utf-8")
    assert read_plan(path) == Plan(folders=(Path("a"), Path("b")), levels=("rollup",), budgets=(9,), recipes=("bm25",))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("folders = [", "cannot be read"),
        ('folders = ["a"]\nspeed = 1', "unknown key 'speed'"),
        ("recipes = []", "is empty"),
        ('folders = ["a"]\nlevels = ["word"]', "is word"),
        ('folders = ["a"]\nbudgets = [0]', "below 1"),
    ],
)
def test_a_config_that_cannot_be_run_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidArgument, match=problem):
        read_plan(path)


def test_a_plan_without_recipes_is_refused() -> None:
    with pytest.raises(InvalidArgument, match="recipes"):
        Plan(folders=(Path("a"),), recipes=())


def test_vectors_are_kept_where_the_plan_says_else_the_settings_else_in_the_users_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LAMINA_VECTOR_CACHE", raising=False)
    plan = Plan(folders=(Path("a"),))
    assert cache_of(plan) == Path.home() / ".cache" / "lamina" / "vectors"
    monkeypatch.setenv("LAMINA_VECTOR_CACHE", str(tmp_path))
    assert cache_of(plan) == tmp_path
    assert cache_of(Plan(folders=(Path("a"),), vector_cache=Path("/elsewhere"))) == Path("/elsewhere")
