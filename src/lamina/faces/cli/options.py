"""What commands share: their options, the file that comes first, the scope, and loading of what is slow to load.

Nothing heavy is imported here: `lamina --help` has to be there at once.
"""

import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, cast

import typer

import lamina
from lamina.core.scope import ReadKeys, Scope, ScopeKeys

#: Exit codes: the file cannot be used, a model failed.
STORE, PROVIDER = 3, 4
FILE_VARIABLE = "LAMINA_FILE"
#: The operators of `--where`; a plain `=` also takes `*` and lists.
_SIGNS = {"=": None, "!=": "ne", ">": "gt", ">=": "gte", "<": "lt", "<=": "lte", "~": "icontains"}
_CONDITION = re.compile(r"([^=!<>~]+)(!=|>=|<=|=|>|<|~)(.*)", re.DOTALL)

#: The key of the file, as `--key-file` names it before the command.
KEY_FILE: ContextVar[Path | None] = ContextVar("key_file", default=None)
FileOption = Annotated[
    Path | None,
    typer.Option(
        "--file", envvar=FILE_VARIABLE, help="The memory, where it is not the first argument.", show_default=False
    ),
]
User = Annotated[str | None, typer.Option("--user", help="Whose memory; by default the one of user `default`.")]
Agent = Annotated[str | None, typer.Option("--agent", help="Only this agent's, and no agent's.")]
Run = Annotated[str | None, typer.Option("--run", help="Only this run's, and no run's.")]
Tenant = Annotated[str | None, typer.Option("--tenant", help="The tenant; by default `default`.")]
Shared = Annotated[bool, typer.Option("--shared", help="What the tenant shares, instead of a user's memory.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Session = Annotated[str | None, typer.Option("--session", help="Only this session, or the session it was said in.")]
At = Annotated[str | None, typer.Option("--at", help="The moment, such as 2026-03-02T09:00:00+01:00.")]
Filter = Annotated[
    str | None,
    typer.Option("--filter", help='Only what this JSON asks for, such as {"speaker": "Ada", "rank": {"gte": 3}}.'),
]
Where = Annotated[
    list[str] | None,
    typer.Option(
        "--where",
        help="Only where this holds, such as speaker=Ada, 'at>=2026-03-01', rank!=3, text~bees; again for more.",
    ),
]
Speaker = Annotated[str | None, typer.Option("--speaker", help="Who said it.")]
Metadata = Annotated[str | None, typer.Option("--metadata", help="A JSON object to keep with it.")]
Label = Annotated[
    str | None, typer.Option("--label", help="The label that it bears; only principals with a grant for it see it.")
]
AsOf = Annotated[str | None, typer.Option("--as-of", help="Only what held in the world at this moment.")]
KnownAt = Annotated[str | None, typer.Option("--known-at", help="Only what was known, and stood, at this moment.")]
Zone = Annotated[str | None, typer.Option("--timezone", help="The zone of times that have none, such as Europe/Rome.")]


def split_file(words: list[str], file: Path | None, *, rest: str) -> tuple[Path, str]:
    """Take the file and one more argument out of what was typed; the file may come from `--file` or the environment.

    Raises:
        typer.BadParameter: too few or too many arguments.
    """
    if len(words) == 2:
        return Path(words[0]), words[1]
    if len(words) == 1 and file is not None:
        return file, words[0]
    raise typer.BadParameter(f"give FILE and {rest}, or set {FILE_VARIABLE} and give {rest}")


def only_file(words: list[str], file: Path | None) -> Path:
    """Take the file out of what was typed.

    Raises:
        typer.BadParameter: no file, or more than one argument.
    """
    if len(words) == 1:
        return Path(words[0])
    if not words and file is not None:
        return file
    raise typer.BadParameter(f"give FILE, or set {FILE_VARIABLE}")


def scope_keys(
    *, user: str | None, agent: str | None, run: str | None, tenant: str | None, shared: bool = False
) -> ScopeKeys:
    """Give the scope that the options name.

    Raises:
        typer.BadParameter: a user together with `--shared`.
    """
    if shared:
        if user is not None:
            raise typer.BadParameter("--shared is what no single user owns; leave --user out")
        names = {"tenant": tenant} if tenant else {}
        return ScopeKeys(scope=Scope.shared(**names, agent=agent, run=run))
    keys = {"user_id": user, "agent_id": agent, "run_id": run, "tenant_id": tenant}
    return cast("ScopeKeys", {key: name for key, name in keys.items() if name is not None})


def read_keys(scope: ScopeKeys, *, as_of: str | None, known_at: str | None) -> ReadKeys:
    """Give the scope and the clocks that the options name."""
    clocks = {"as_of": as_of, "known_at": known_at}
    return cast("ReadKeys", {**scope, **{name: moment for name, moment in clocks.items() if moment is not None}})


def filters_from(filters: str | None, where: list[str] | None) -> Any:
    """Give the filter that `--filter` and all `--where` ask for together; None where there are none.

    Raises:
        typer.BadParameter: no JSON object, or a condition without an operator.
    """
    asked = [_condition(text) for text in where or ()]
    if filters is not None:
        try:
            read = json.loads(filters)
        except (ValueError, RecursionError) as error:
            raise typer.BadParameter(f"--filter is no JSON ({error})") from error
        if not isinstance(read, dict):
            raise typer.BadParameter('--filter is no JSON object; give one, such as {"speaker": "Ada"}')
        asked.insert(0, read)
    if not asked:
        return None
    return asked[0] if len(asked) == 1 else {"AND": asked}


def _condition(text: str) -> Any:
    """Read `name=value`: the value as JSON where it is some, else as the text that it is."""
    found = _CONDITION.fullmatch(text)
    if found is None:
        raise typer.BadParameter(f"--where {text!r} has no operator; write name=value, with one of {', '.join(_SIGNS)}")
    name, sign, written = (part.strip() for part in found.groups())
    if not written and sign not in ("=", "!="):
        raise typer.BadParameter(f"--where {text!r} names nothing to compare with; write it after the {sign}")
    try:
        value = json.loads(written)
    except (ValueError, RecursionError):
        value = written
    return {name: value if _SIGNS[sign] is None else {_SIGNS[sign]: value}}


def typed(text: str) -> str:
    """Give a text, or for `-` what comes in on standard input, without the line break that ends it."""
    return sys.stdin.read().removesuffix("\n").removesuffix("\r") if text == "-" else text


def metadata_from(text: str | None) -> Any:
    """Read metadata as JSON; None where there is none.

    Raises:
        typer.BadParameter: no JSON.
    """
    if text is None:
        return None
    try:
        return json.loads(text)
    except ValueError as error:
        raise typer.BadParameter(f"--metadata is no JSON ({error})") from error


@contextmanager
def opened(file: Path, *, may_create: bool = False, encodes: bool = False) -> Iterator[Any]:
    """Open the memory in `file` for one command; only commands that add may create it.

    What neither searches nor encodes needs no encoder, and so looks at any file.

    Raises:
        typer.BadParameter: no such file.
    """
    if not may_create and not file.exists():
        raise typer.BadParameter(f"{file} is not there; check the path, or make one with `lamina add {file} TEXT`")
    settings = lamina.Settings() if encodes else lamina.Settings(encoder="recorded")
    with lamina.Memory(file, settings=settings, key=KEY_FILE.get()) as memory:
        for note in memory.notes:
            typer.echo(f"note: {note}", err=True)
        yield memory


def counted(count: int, noun: str) -> str:
    """Give a number with its noun, which takes an s for all but one."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def load(module: str) -> Any:
    """Load a module that is slow to load, when a command needs it."""
    return import_module(module)
