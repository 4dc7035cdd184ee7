"""Commands that add and ask: add, search, recall, explain, show, history, timeline."""

from pathlib import Path
from typing import Annotated, Any

import typer

from lamina.faces.cli.options import (
    Agent,
    AsOf,
    At,
    FileOption,
    Filter,
    Json,
    KnownAt,
    Label,
    Metadata,
    Run,
    Session,
    Shared,
    Speaker,
    Tenant,
    User,
    Where,
    Zone,
    counted,
    filters_from,
    load,
    metadata_from,
    only_file,
    opened,
    read_keys,
    scope_keys,
    split_file,
    typed,
)

Words = Annotated[list[str], typer.Argument(show_default=False)]


def show() -> Any:
    """Give the module that prints, loaded when something is to be printed."""
    return load("lamina.faces.cli.show")


def add(
    words: Annotated[list[str], typer.Argument(metavar="[FILE] TEXT", help="`-` reads standard input.")],
    file: FileOption = None,
    speaker: Speaker = None,
    role: Annotated[str | None, typer.Option("--role", help="user, assistant, …")] = None,
    session: Session = None,
    at: At = None,
    timezone: Zone = None,
    metadata: Metadata = None,
    external_id: Annotated[str | None, typer.Option("--external-id", help="Your own id of it.")] = None,
    label: Label = None,
    user: User = None,
    agent: Agent = None,
    run: Run = None,
    tenant: Tenant = None,
    shared: Shared = False,
    as_json: Json = False,
) -> None:
    """Keep a text, verbatim; the file is made where there is none."""
    path, text = split_file(words, file, rest="TEXT")
    message = {"content": typed(text), "name": speaker, "role": role}
    scope = scope_keys(user=user, agent=agent, run=run, tenant=tenant, shared=shared)
    with opened(path, may_create=True, encodes=True) as memory:
        added = memory.add(
            {key: value for key, value in message.items() if value is not None},
            session=session,
            at=at,
            timezone=timezone,
            metadata=metadata_from(metadata),
            external_id=external_id,
            sensitivity=label,
            **scope,
        )
    if as_json:
        show().print_json(added)
        return
    for record in added.stored:
        typer.echo(f"stored {record.id}")
    for record in added.updated:
        typer.echo(f"updated {record.id} to revision {record.revision}")
    for repeated in added.repeated:
        typer.echo(f"nothing to do: {repeated.reason}")
    for held in added.held:
        typer.echo(f"held {held.record.id}: {held.reason}")
    _tell(added.notes)


def search(
    words: Annotated[list[str], typer.Argument(metavar="[FILE] QUESTION")],
    file: FileOption = None,
    limit: Annotated[int, typer.Option("--limit", help="How many hits.")] = 10,
    session: Session = None,
    at: At = None,
    timezone: Zone = None,
    kind: Annotated[list[str] | None, typer.Option("--kind", help="observation, event, document.")] = None,
    filters: Filter = None,
    where: Where = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    user: User = None,
    agent: Agent = None,
    run: Run = None,
    tenant: Tenant = None,
    shared: Shared = False,
    as_json: Json = False,
) -> None:
    """Rank what answers a question, best first."""
    path, question = split_file(words, file, rest="QUESTION")
    scope = scope_keys(user=user, agent=agent, run=run, tenant=tenant, shared=shared)
    keys = read_keys(scope, as_of=as_of, known_at=known_at)
    asked = {"session": session, "at": at, "timezone": timezone, "filters": filters_from(filters, where)}
    with opened(path, encodes=True) as memory:
        kinds = {"kinds": kind} if kind else {}
        hits = memory.search(question, limit=limit, **asked, **kinds, **keys)
    if as_json:
        show().print_json({"hits": list(hits), "notes": hits.notes, "pending": hits.pending, "level": hits.level})
        return
    rows = [
        (
            rank,
            f"{hit.score:.3f}",
            show().moment(hit.record.at),
            show().who(show().shown_record(hit)),
            " ".join(way.by for way in hit.via),
            show().shortened(show().shown_record(hit).text),
        )
        for rank, hit in enumerate(hits, start=1)
    ]
    if rows:
        show().console().print(show().table(("", "score", "at", "speaker", "found by", "text"), rows))
    else:
        typer.echo("nothing was found", err=True)
    _tell(hits.notes)


def recall(
    words: Annotated[list[str], typer.Argument(metavar="[FILE] QUESTION")],
    file: FileOption = None,
    budget: Annotated[int, typer.Option("--budget", help="Tokens that the context may take.")] = 2000,
    session: Session = None,
    at: At = None,
    timezone: Zone = None,
    filters: Filter = None,
    where: Where = None,
    always: Annotated[bool, typer.Option("--always", help="Pack even where the memory would decline.")] = False,
    least: Annotated[
        float | None, typer.Option("--least", min=0, max=1, help="Decline below this confidence, 0 to 1.")
    ] = None,
    timeline: Annotated[
        bool | None, typer.Option(help="Day by day; by default where the question asks for an order of events.")
    ] = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    user: User = None,
    agent: Agent = None,
    run: Run = None,
    tenant: Tenant = None,
    shared: Shared = False,
    as_json: Json = False,
) -> None:
    """Pack the evidence for a prompt: the text on standard output, what is to be known about it on standard error."""
    path, question = split_file(words, file, rest="QUESTION")
    scope = scope_keys(user=user, agent=agent, run=run, tenant=tenant, shared=shared)
    keys = read_keys(scope, as_of=as_of, known_at=known_at)
    asked = {"session": session, "at": at, "timezone": timezone, "filters": filters_from(filters, where)}
    with opened(path, encodes=True) as memory:
        abstain = not always if always or least is None else least
        context = memory.recall(question, budget_tokens=budget, abstain=abstain, timeline=timeline, **asked, **keys)
    if as_json:
        show().print_json(context)
        return
    if context.text:
        typer.echo(context.text)
    left = f", {len(context.left_out)} left out" if context.left_out else ""
    typer.echo(
        f"{context.tokens} of {context.budget_tokens} tokens, {counted(len(context.citations), 'citation')}{left}, "
        f"confidence {context.confidence:.2f}",
        err=True,
    )
    _tell(context.notes)


def explain(
    words: Annotated[list[str], typer.Argument(metavar="[FILE] QUESTION")],
    file: FileOption = None,
    record: Annotated[str | None, typer.Option("--record", help="Say where the record of this id stands.")] = None,
    limit: Annotated[int, typer.Option("--limit", help="How many hits.")] = 10,
    is_drawn: Annotated[
        bool, typer.Option("--picture", help="Draw it: bars of what made the scores, and ranks.")
    ] = False,
    session: Session = None,
    at: At = None,
    timezone: Zone = None,
    filters: Filter = None,
    where: Where = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    user: User = None,
    agent: Agent = None,
    run: Run = None,
    tenant: Tenant = None,
    shared: Shared = False,
    as_json: Json = False,
) -> None:
    """Say how a question is understood and ranked: every part of every hit's score."""
    path, question = split_file(words, file, rest="QUESTION")
    scope = scope_keys(user=user, agent=agent, run=run, tenant=tenant, shared=shared)
    keys = read_keys(scope, as_of=as_of, known_at=known_at)
    asked = {"session": session, "at": at, "timezone": timezone, "filters": filters_from(filters, where)}
    with opened(path, encodes=True) as memory:
        explanation = memory.explain(question, record, limit=limit, **asked, **keys)
    if as_json:
        show().print_json(explanation)
        return
    console = show().console()
    drawn = load("lamina.faces.cli.picture").picture(explanation, console) if is_drawn else None
    for part in show().explanation(explanation) if drawn is None else drawn:
        console.print(part)
    _tell(explanation.notes)


def show_records(
    words: Annotated[list[str] | None, typer.Argument(metavar="[FILE] [ID]")] = None,
    file: FileOption = None,
    limit: Annotated[int, typer.Option("--limit", help="How many records.")] = 20,
    after: Annotated[str | None, typer.Option("--after", help="Go on from this cursor.")] = None,
    session: Session = None,
    timezone: Zone = None,
    filters: Filter = None,
    where: Where = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    user: User = None,
    agent: Agent = None,
    run: Run = None,
    tenant: Tenant = None,
    shared: Shared = False,
    as_json: Json = False,
) -> None:
    """Show one record whole, or list records in the order of arrival."""
    words = words or []
    asked = filters_from(filters, where)
    scope = scope_keys(user=user, agent=agent, run=run, tenant=tenant, shared=shared)
    keys = read_keys(scope, as_of=as_of, known_at=known_at)
    if len(words) == 2 or (len(words) == 1 and file is not None and not Path(words[0]).exists()):
        path, record_id = split_file(words, file, rest="ID")
        if asked is not None:
            raise typer.BadParameter("--filter and --where are for listing; leave them out, or the ID")
        with opened(path) as memory:
            record = memory.get(record_id, timezone=timezone, **keys)
        _show_one(record, as_json=as_json)
        return
    with opened(only_file(words, file)) as memory:
        records = memory.get_all(limit=limit, after=after, session=session, filters=asked, timezone=timezone, **keys)
        listed = list(records)
    if as_json:
        show().print_json({"records": listed, "cursor": records.cursor})
        return
    rows = [(r.id, show().moment(r.at), show().who(r), show().shortened(r.text)) for r in listed]
    if rows:
        show().console().print(show().table(("id", "at", "speaker", "text"), rows))
    else:
        typer.echo("no records there", err=True)
    if len(listed) == limit and records.cursor:
        typer.echo(f"go on with --after {records.cursor}", err=True)


def history(
    words: Annotated[list[str], typer.Argument(metavar="[FILE] ID")],
    file: FileOption = None,
    user: User = None,
    agent: Agent = None,
    run: Run = None,
    tenant: Tenant = None,
    shared: Shared = False,
    as_json: Json = False,
) -> None:
    """Show every operation on a record with its revision, oldest first."""
    path, record_id = split_file(words, file, rest="ID")
    scope = scope_keys(user=user, agent=agent, run=run, tenant=tenant, shared=shared)
    with opened(path) as memory:
        entries = memory.history(record_id, **scope)
    if as_json:
        show().print_json(entries)
        return
    rows = [
        (
            entry.operation.number,
            entry.operation.action,
            show().moment(entry.operation.recorded_at),
            entry.operation.revision,
            entry.operation.to_state,
            show().shortened(entry.record.text),
        )
        for entry in entries
    ]
    show().console().print(show().table(("number", "action", "recorded", "revision", "state", "text"), rows))


def timeline(
    words: Annotated[list[str] | None, typer.Argument(metavar="[FILE]")] = None,
    file: FileOption = None,
    session: Session = None,
    timezone: Zone = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    user: User = None,
    agent: Agent = None,
    run: Run = None,
    tenant: Tenant = None,
    shared: Shared = False,
    as_json: Json = False,
) -> None:
    """Show sessions with their events, in the order of time."""
    scope = scope_keys(user=user, agent=agent, run=run, tenant=tenant, shared=shared)
    keys = read_keys(scope, as_of=as_of, known_at=known_at)
    with opened(only_file(words or [], file)) as memory:
        sessions = memory.timeline(session=session, timezone=timezone, **keys)
    if as_json:
        show().print_json(sessions)
        return
    show().console().print(show().timeline_tree(sessions))


def _show_one(record: Any, *, as_json: bool) -> None:
    if as_json:
        show().print_json(record)
        return
    for name, value in show().facts(record):
        typer.echo(f"{name}: {value}")


def _tell(notes: tuple[str, ...]) -> None:
    for note in notes:
        typer.echo(f"note: {note}", err=True)
