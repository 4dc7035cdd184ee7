"""Commands that carry a memory through time and to other places: snapshots, rollback, export, load, backup."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

import lamina
from lamina.faces.cli.changes import tell
from lamina.faces.cli.options import (
    Agent,
    FileOption,
    Json,
    Run,
    Shared,
    Tenant,
    User,
    counted,
    load,
    only_file,
    opened,
    scope_keys,
    split_file,
)

Overwrite = Annotated[bool, typer.Option("--overwrite", help="Put it in the place of what stands there.")]


def show() -> Any:
    """Give the module that prints, loaded when something is to be printed."""
    return load("lamina.faces.cli.show")


def snapshot(
    words: Annotated[list[str] | None, typer.Argument(metavar="[FILE] NAME")] = None,
    file: FileOption = None,
    drop: Annotated[bool, typer.Option("--drop", help="Let go of that name instead.")] = False,
    erase: Annotated[bool, typer.Option("--erase", help="Let go of it, and of its bytes in the files.")] = False,
    user: User = None,
    tenant: Tenant = None,
    shared: Shared = False,
    as_json: Json = False,
) -> None:
    """Keep a name for how a memory is now, to go back to with `rollback`; nothing is copied."""
    path, name = split_file(words or [], file, rest="NAME")
    scope = scope_keys(user=user, agent=None, run=None, tenant=tenant, shared=shared)
    with opened(path) as memory:
        if drop or erase:
            memory.drop_snapshot(name, erase=erase, **scope)
            return
        kept = memory.snapshot(name, **scope)
    if as_json:
        show().print_json(kept)
    else:
        typer.echo(f"{kept.name} is operation {kept.number}, commit {kept.commit}")


def snapshots(
    words: Annotated[list[str] | None, typer.Argument(metavar="[FILE]")] = None,
    file: FileOption = None,
    user: User = None,
    tenant: Tenant = None,
    shared: Shared = False,
    as_json: Json = False,
) -> None:
    """List the snapshots of a memory."""
    scope = scope_keys(user=user, agent=None, run=None, tenant=tenant, shared=shared)
    with opened(only_file(words or [], file)) as memory:
        kept = memory.snapshots(**scope)
    if as_json:
        show().print_json(kept)
        return
    rows = [(one.name, one.number, one.commit, show().moment(one.recorded_at)) for one in kept]
    show().console().print(show().table(("name", "operation", "commit", "taken"), rows))


def rollback(
    words: Annotated[list[str] | None, typer.Argument(metavar="[FILE] [NAME]")] = None,
    file: FileOption = None,
    commit: Annotated[
        int | None, typer.Option("--commit", help="Right after this commit instead; 0 = before all.")
    ] = None,
    user: User = None,
    agent: Agent = None,
    run: Run = None,
    tenant: Tenant = None,
    shared: Shared = False,
    as_json: Json = False,
) -> None:
    """Make every record of a memory what it was at a snapshot, by operations that can be taken back."""
    scope = scope_keys(user=user, agent=agent, run=run, tenant=tenant, shared=shared)
    to: str | int
    if commit is None:
        path, to = split_file(words or [], file, rest="NAME (see `snapshots`) or --commit")
    else:
        path, to = only_file(words or [], file), commit
    with opened(path) as memory, show().progress("going back", None) as advance:
        receipt = memory.rollback(to, on_progress=advance, **scope)
    tell(receipt, path, as_json=as_json)
    if receipt.gone and not as_json:
        typer.echo(f"{counted(len(receipt.gone), 'record')} of then: erased, and it stays so", err=True)


def backup(
    words: Annotated[list[str] | None, typer.Argument(metavar="[FILE] TO")] = None,
    file: FileOption = None,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Copy the whole memory into a file of its own while others write; nothing that was erased comes along."""
    path, target = split_file(words or [], file, rest="TO")
    with opened(path) as memory, show().progress("copying", None, in_bytes=True) as advance:
        done = memory.backup(Path(target), overwrite=overwrite, on_progress=advance)
    if as_json:
        show().print_json(done)
    else:
        typer.echo(f"{done.path} holds the memory as it is, {done.file_bytes} bytes")


def export(
    words: Annotated[list[str] | None, typer.Argument(metavar="[FILE]")] = None,
    file: FileOption = None,
    out: Annotated[Path | None, typer.Option("--out", help="The file to write; by default standard output.")] = None,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="For people, instead of JSON that `load` takes.")
    ] = False,
    every: Annotated[bool, typer.Option("--whole-file", help="The memories of all users.")] = False,
    overwrite: Overwrite = False,
    user: User = None,
    tenant: Tenant = None,
    shared: Shared = False,
    as_json: Json = False,
) -> None:
    """Write a memory as lines of JSON, with its whole history, or as Markdown."""
    asked: dict[str, Any] = {"markdown": markdown, "is_whole_file": every}
    scope = scope_keys(user=user, agent=None, run=None, tenant=tenant, shared=shared)
    with opened(only_file(words or [], file)) as memory:
        if out is None:
            memory.export(sys.stdout.buffer, **asked, **scope)
            sys.stdout.buffer.flush()
            return
        with show().progress("exporting", None) as advance:
            done = memory.export(out, overwrite=overwrite, on_progress=advance, **asked, **scope)
    if as_json:
        show().print_json(done)
    else:
        typer.echo(f"{done.path} holds {done.bytes} bytes, walls: {done.walls}")


@contextmanager
def unmade(path: Path) -> Iterator[None]:
    """Let a file that is made inside go again where that fails and nothing has come into it."""
    is_there = path.exists()
    try:
        yield
    except lamina.LaminaError:
        if not is_there and path.exists():
            with opened(path) as memory:
                is_empty = not memory.scopes()
            if is_empty:
                path.unlink()
        raise


def load_export(
    words: Annotated[list[str] | None, typer.Argument(metavar="[FILE] EXPORT")] = None,
    file: FileOption = None,
    as_json: Json = False,
) -> None:
    """Take in what `export` wrote, all of it or nothing; `-` reads standard input."""
    path, source = split_file(words or [], file, rest="EXPORT")
    progress = show().progress("loading", None, in_bytes=True)
    with unmade(path), opened(path, may_create=True) as memory, progress as advance:
        done = memory.load(sys.stdin.buffer if source == "-" else source, on_progress=advance)
    if as_json:
        show().print_json(done)
        return
    for one in done.walls:
        whose = f"{one.wall.tenant}/{one.wall.user or '(shared)'}"
        how = "all of it was there" if not one.operations else "equal" if one.is_equal else "added to what was there"
        taken = counted(one.operations, "operation")
        typer.echo(f"{whose}: {taken} taken in, {counted(one.known, 'record')} known already ({how})")
        if one.laid_down:
            typer.echo(f"{whose}: {counted(one.laid_down, 'rule')} laid down (holds, policies, grants)")
        if one.left_out:
            told = counted(one.left_out, "rule")
            typer.echo(f"{whose}: {told} left out (policies, grants): the wall had rules or records", err=True)
