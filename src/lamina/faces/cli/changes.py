"""Commands that change what is there, and tell what was changed: update, delete, restore, revert, erase, log."""

from pathlib import Path
from typing import Annotated, Any

import typer

from lamina.faces.cli.options import (
    Agent,
    At,
    FileOption,
    Filter,
    Json,
    Label,
    Metadata,
    Run,
    Shared,
    Speaker,
    Tenant,
    User,
    Where,
    Zone,
    filters_from,
    load,
    metadata_from,
    only_file,
    opened,
    scope_keys,
    split_file,
    typed,
)

Words = Annotated[list[str] | None, typer.Argument(metavar="[FILE] [ID]")]
All = Annotated[bool, typer.Option("--all", help="Everything that the scope may change.")]
#: Operations that a receipt shows one by one; of more it shows how many.
MOST_SHOWN = 20
#: The exit code of who was asked and did not say yes.
DECLINED = 2
#: The exit code where holds kept all that was to be erased, as the error of a single record has.
PROTECTED = 2


def show() -> Any:
    """Give the module that prints, loaded when something is to be printed."""
    return load("lamina.faces.cli.show")


def update(
    words: Words = None,
    text: Annotated[str | None, typer.Option("--text", help="The new words; `-` reads standard input.")] = None,
    file: FileOption = None,
    speaker: Speaker = None,
    at: At = None,
    timezone: Zone = None,
    metadata: Metadata = None,
    label: Label = None,
    filters: Filter = None,
    where: Where = None,
    user: User = None,
    agent: Agent = None,
    run: Run = None,
    tenant: Tenant = None,
    shared: Shared = False,
    as_json: Json = False,
) -> None:
    """Put new revisions in the place of records; the former stay in their history."""
    path, about = addressed(words, file, filters, where)
    about |= {"text": None if text is None else typed(text), "speaker": speaker, "at": at, "timezone": timezone}
    about |= {"metadata": metadata_from(metadata), "sensitivity": label}
    scope = scope_keys(user=user, agent=agent, run=run, tenant=tenant, shared=shared)
    with opened(path) as memory, _progress(about) as advance:
        receipt = memory.update(**about, on_progress=advance, **scope)
    tell(receipt, path, as_json=as_json)


def delete(
    words: Words = None,
    file: FileOption = None,
    every: All = False,
    filters: Filter = None,
    where: Where = None,
    timezone: Zone = None,
    user: User = None,
    agent: Agent = None,
    run: Run = None,
    tenant: Tenant = None,
    shared: Shared = False,
    as_json: Json = False,
) -> None:
    """Withdraw records: not recalled any more, history kept."""
    path, about = addressed(words, file, filters, where, every=every)
    scope = scope_keys(user=user, agent=agent, run=run, tenant=tenant, shared=shared)
    with opened(path) as memory, _progress(about) as advance:
        if every:
            receipt = memory.delete_all(on_progress=advance, **scope)
        else:
            receipt = memory.delete(**about, timezone=timezone, on_progress=advance, **scope)
    tell(receipt, path, as_json=as_json)


def restore(
    words: Words = None,
    file: FileOption = None,
    filters: Filter = None,
    where: Where = None,
    timezone: Zone = None,
    user: User = None,
    agent: Agent = None,
    run: Run = None,
    tenant: Tenant = None,
    shared: Shared = False,
    as_json: Json = False,
) -> None:
    """Make records active again that were withdrawn or archived."""
    path, about = addressed(words, file, filters, where)
    scope = scope_keys(user=user, agent=agent, run=run, tenant=tenant, shared=shared)
    with opened(path) as memory, _progress(about) as advance:
        receipt = memory.restore(**about, timezone=timezone, on_progress=advance, **scope)
    tell(receipt, path, as_json=as_json)


def revert(
    words: Annotated[list[str] | None, typer.Argument(metavar="[FILE] [NUMBER or FIRST-LAST]")] = None,
    file: FileOption = None,
    commit: Annotated[
        list[int] | None, typer.Option("--commit", help="All operations of this commit; again for more.")
    ] = None,
    user: User = None,
    agent: Agent = None,
    run: Run = None,
    tenant: Tenant = None,
    shared: Shared = False,
    as_json: Json = False,
) -> None:
    """Take back operations by their numbers (see `history`) or their commit."""
    scope = scope_keys(user=user, agent=agent, run=run, tenant=tenant, shared=shared)
    if not commit:
        path, numbers = split_file(words or [], file, rest="NUMBER")
        asked: dict[str, Any] = {"operations": _numbers(numbers)}
    else:
        path, asked = only_file(words or [], file), {"commit": commit}
    with opened(path) as memory:
        receipt = memory.revert(**asked, **scope)
    tell(receipt, path, as_json=as_json)


def erase(
    words: Words = None,
    file: FileOption = None,
    every: All = False,
    filters: Filter = None,
    where: Where = None,
    timezone: Zone = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    wait: Annotated[bool, typer.Option(help="Wait until the bytes are gone from the files.")] = True,
    destroy_key: Annotated[
        bool, typer.Option("--destroy-key", help="With --all, in an encrypted file: destroy the key of the wall first.")
    ] = False,
    user: User = None,
    agent: Agent = None,
    run: Run = None,
    tenant: Tenant = None,
    shared: Shared = False,
    as_json: Json = False,
) -> None:
    """Destroy the words of records, with all that was made of them; nothing brings them back."""
    path, about = addressed(words, file, filters, where, every=every)
    scope = scope_keys(user=user, agent=agent, run=run, tenant=tenant, shared=shared)
    if not yes and not _is_sure("Nothing brings back what is erased. Go on?"):
        raise typer.Exit(DECLINED)
    with opened(path) as memory, _progress(about) as advance:
        asked = {**about, "all": every, "timezone": timezone, "wait": wait, "destroy_key": destroy_key}
        receipt = memory.erase(**asked, on_progress=advance, **scope)
    tell(receipt, path, as_json=as_json)
    if receipt.key_destroyed and not as_json:
        typer.echo("the key of the wall is destroyed: what it sealed can be read only out of a backup")
    if receipt.protected and not receipt.operations:
        raise typer.Exit(PROTECTED)


def log(
    words: Annotated[list[str] | None, typer.Argument(metavar="[FILE]")] = None,
    file: FileOption = None,
    record: Annotated[str | None, typer.Option("--record", help="Only on this record.")] = None,
    commit: Annotated[list[int] | None, typer.Option("--commit", help="Only of this commit; again for more.")] = None,
    action: Annotated[list[str] | None, typer.Option("--action", help="Only such as UPDATE; again for more.")] = None,
    actor: Annotated[list[str] | None, typer.Option("--actor", help="Only of caller, engine or policy.")] = None,
    since: Annotated[str | None, typer.Option("--since", help="Only recorded then or later.")] = None,
    until: Annotated[str | None, typer.Option("--until", help="Only recorded then or before.")] = None,
    timezone: Zone = None,
    limit: Annotated[int, typer.Option("--limit", help="The last so many.")] = 50,
    head: Annotated[
        bool, typer.Option("--head", help="Print where the log ends, as JSON to be kept elsewhere for `verify --head`.")
    ] = False,
    user: User = None,
    agent: Agent = None,
    run: Run = None,
    tenant: Tenant = None,
    shared: Shared = False,
    as_json: Json = False,
) -> None:
    """Show the log of a wall: every operation with its number and commit, oldest first."""
    scope = scope_keys(user=user, agent=agent, run=run, tenant=tenant, shared=shared)
    asked = {"record_id": record, "commit": commit or None, "actions": action or None, "actors": actor or None}
    with opened(only_file(words or [], file)) as memory:
        if head:
            typer.echo(memory.head(**scope).to_json())
            return
        operations = memory.log(**asked, since=since, until=until, timezone=timezone, limit=limit, **scope)
    if as_json:
        show().print_json(operations)
        return
    headers = ("number", "commit", "action", "actor", "recorded", "state", "record and revision")
    show().console().print(show().table(headers, map(_logged, operations)))


def _logged(operation: Any) -> tuple[object, ...]:
    state = str(operation.to_state) if operation.reverts is None else f"as before {operation.reverts}"
    about = f"{operation.record_id} {operation.revision}"
    when = show().moment(operation.recorded_at)
    return operation.number, operation.commit, operation.action, operation.actor, when, state, about


def _is_sure(question: str) -> bool:
    """Ask on standard error; where nobody answers, nobody is."""
    try:
        return typer.confirm(question, err=True)
    except typer.Abort:
        return False


def addressed(
    words: list[str] | None, file: Path | None, filters: str | None, where: list[str] | None, *, every: bool = False
) -> tuple[Path, dict[str, Any]]:
    """Give the file, and what the change is about: an id, or filters.

    Raises:
        typer.BadParameter: no file, or more than one of the ways to say it.
    """
    asked = filters_from(filters, where)
    if asked is None and not every:
        path, record_id = split_file(words or [], file, rest="ID")
        return path, {"record_id": record_id}
    if asked is not None and every:
        raise typer.BadParameter("--all is everything; leave it out, or --filter and --where")
    return only_file(words or [], file), {} if every else {"filters": asked}


def _numbers(text: str) -> int | range:
    first, _, last = text.partition("-")
    try:
        return range(int(first), int(last) + 1) if last else int(first)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no number; give NUMBER, or FIRST-LAST") from None


def _progress(about: dict[str, Any]) -> Any:
    """Show how far many are, and nothing for one."""
    return show().progress("changing", None, is_shown="record_id" not in about)


def tell(receipt: Any, path: Path, *, as_json: bool) -> None:
    """Say what was done to the memory in `path`, and how it is taken back."""
    if as_json:
        show().print_json(receipt)
        return
    for operation in receipt.operations[:MOST_SHOWN]:
        typer.echo(f"{operation.action} {operation.record_id} revision {operation.revision}, now {operation.to_state}")
    if len(receipt.operations) > MOST_SHOWN:
        typer.echo(f"and {len(receipt.operations) - MOST_SHOWN} more")
    for one in receipt.protected[:MOST_SHOWN]:
        typer.echo(f"{one.record_id} stays: legal hold {', '.join(map(str, one.holds))}")
    if len(receipt.protected) > MOST_SHOWN:
        typer.echo(f"and {len(receipt.protected) - MOST_SHOWN} more stay")
    if not receipt.operations:
        typer.echo("nothing to do: it is so already" if not receipt.protected else "nothing was erased")
    elif receipt.scrubbed is None:
        commits = " ".join(f"--commit {commit}" for commit in receipt.commits)
        typer.echo(f"to take it back: lamina revert {path} {commits}", err=True)
    else:
        gone = "the bytes are gone from the files"
        typer.echo(gone if receipt.scrubbed else "the bytes wait in the file for readers from before to end", err=True)
