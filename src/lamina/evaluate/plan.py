"""The plan of a run: everything that its figures depend on, from arguments or from a TOML file."""

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

from lamina import Settings
from lamina.core.errors import InvalidArgument
from lamina.evaluate.schema import LEVELS, Level

RECIPES = ("default", "hier", "convex", "rrf", "bm25", "dense")
#: Every other recipe is compared with this one, question by question.
REFERENCE = "hier"
#: Outside every repository, and shared by all runs of one user.
DEFAULT_CACHE = Path("~/.cache/lamina/vectors")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a run does; everything that its figures depend on."""

    folders: tuple[Path, ...]
    recipes: tuple[str, ...] = RECIPES
    reference: str = REFERENCE
    levels: tuple[Level, ...] = ("turn",)
    #: Token budgets at which packed contexts are judged; none = not judged.
    budgets: tuple[int, ...] = ()
    gold_field: str = "gold"
    #: None = `~/.cache/lamina/vectors`, or what the settings say.
    vector_cache: Path | None = None
    encoder: str | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be run.

        Raises:
            InvalidArgument: no folder, no recipe, an unknown level, or a budget below 1.
        """
        if not self.folders:
            raise InvalidArgument("folders", "is empty", "name at least one folder")
        if not self.recipes:
            raise InvalidArgument("recipes", "is empty", f"name some of: {', '.join(RECIPES)}")
        if not self.levels or set(self.levels) - set(LEVELS):
            raise InvalidArgument(
                "levels", f"is {', '.join(self.levels) or 'empty'}", f"name some of: {', '.join(LEVELS)}"
            )
        if any(budget < 1 for budget in self.budgets):
            raise InvalidArgument("budgets", "holds a number below 1", "give numbers of tokens above 0")


def read_plan(path: Path) -> Plan:
    """Read a plan from a TOML file; folders are relative to the working directory.

    Raises:
        InvalidArgument: a file that cannot be read, an unknown key, or a value that cannot be run.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidArgument("config", f"{str(path)!r} cannot be read: {error}", "give a TOML file") from error
    unknown = set(values) - set(Plan.__dataclass_fields__)
    if unknown:
        raise InvalidArgument(
            "config", f"has the unknown key {min(unknown)!r}", f"know: {', '.join(Plan.__dataclass_fields__)}"
        )
    lists = {key: tuple(value) for key, value in values.items() if isinstance(value, list)}
    folders = tuple(Path(str(folder)) for folder in lists.get("folders", ()))
    cache = {"vector_cache": Path(values["vector_cache"])} if "vector_cache" in values else {}
    return Plan(**{**values, **lists, **cache, "folders": folders})


def cache_of(plan: Plan) -> Path | None:
    """Give the folder that keeps the vectors of a run: the plan's, else the settings', else the user's cache."""
    named = plan.vector_cache or Settings().vector_cache
    return named.expanduser() if named is not None else usual_cache()


def usual_cache() -> Path | None:
    """Give the folder in the user's cache that keeps vectors; None where it cannot be written."""
    folder = DEFAULT_CACHE.expanduser()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None
