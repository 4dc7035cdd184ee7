"""Commands on whole files: import, stats, verify, reindex, compact."""

import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer

import lamina
from lamina.core.errors import DamagedFile, ForeignFile, InvalidArgument
from lamina.core.protocols import Finding
from lamina.core.reports import Report
from lamina.faces.cli.files import read_file
from lamina.faces.cli.options import (
    Agent,
    FileOption,
    Json,
    Run,
    Session,
    Shared,
    Tenant,
    User,
    Zone,
    load,
    only_file,
    opened,
    scope_keys,
)

#: Messages of one transaction: what a stop loses at most.
CHUNK = 1000
SQLITE = b"SQLite format 3\0"


def show() -> Any:
    """Give the module that prints, loaded when something is to be printed."""
    return load("lamina.faces.cli.show")


def import_files(
    words: Annotated[list[str], typer.Argument(metavar="[FILE] SOURCE…", help="`-` reads standard input.")],
    file: FileOption = None,
    session: Session = None,
    timezone: Zone = None,
    encode: Annotated[bool, typer.Option("--encode/--no-encode", help="Encode what was stored before ending.")] = True,
    user: User = None,
    agent: Agent = None,
    run: Run = None,
    tenant: Tenant = None,
    shared: Shared = False,
    as_json: Json = False,
) -> None:
    """Take in chats (JSON, JSON lines, `[time] Name: words`), and texts (.txt, .md), HTML and PDF as documents.

    With ids in the source a second import of the same changes nothing. Messages without a time keep their order.
    """
    path, sources = (file, words) if file is not None and not _is_memory(words[0]) else (Path(words[0]), words[1:])
    if not sources:
        raise typer.BadParameter("give FILE and at least one SOURCE")
    scope = scope_keys(user=user, agent=agent, run=run, tenant=tenant, shared=shared)
    counts = {"stored": 0, "updated": 0, "repeated": 0, "encoded": 0}
    chunked = {source: _checked(source, session=session, timezone=timezone) for source in dict.fromkeys(sources)}
    with opened(path, may_create=True, encodes=True) as memory:
        with show().progress("storing", None) as advance:
            for chunks in chunked.values():
                for chunk in chunks:
                    _store(memory, chunk, counts, session=session, timezone=timezone, scope=scope)
                    advance(counts["stored"] + counts["repeated"])
        if encode:
            with show().progress("encoding", None) as advance:
                counts["encoded"] = memory.flush(on_progress=advance, **scope)
    if as_json:
        show().print_json(counts)
    else:
        typer.echo(", ".join(f"{count} {what}" for what, count in counts.items()))


def stats(
    words: Annotated[list[str] | None, typer.Argument(metavar="[FILE]")] = None,
    file: FileOption = None,
    user: User = None,
    agent: Agent = None,
    run: Run = None,
    tenant: Tenant = None,
    shared: Shared = False,
    as_json: Json = False,
) -> None:
    """Count what the file holds, or with a scope what that scope sees."""
    scope = scope_keys(user=user, agent=agent, run=run, tenant=tenant, shared=shared)
    with opened(only_file(words or [], file)) as memory:
        figures = memory.stats(**scope) if scope else memory.stats(is_whole_file=True)
        scopes = memory.scopes() if not scope else []
    if as_json:
        show().print_json({**show().as_json(figures), "scopes": scopes})
        return
    counts = figures.counts
    rows = [(kind, ", ".join(f"{n} {state}" for state, n in states.items())) for kind, states in counts.records.items()]
    rows += [
        (name.replace("_", " "), getattr(counts, name))
        for name in ("revisions", "sessions", "operations", "commits", "vectors", "waiting", "text_bytes")
    ]
    rows.append(("file bytes", figures.file_bytes))
    rows += [(f"of them {what}", size) for what, size in sorted(figures.disk_bytes.items(), key=_by_size)]
    rows.append(("encoder", figures.encoder.model))
    rows += [("scope", _scope_label(held)) for held in scopes]
    show().console().print(show().table(("", ""), rows))


def verify(
    words: Annotated[list[str] | None, typer.Argument(metavar="[FILE]")] = None,
    file: FileOption = None,
    repair: Annotated[bool, typer.Option("--repair", help="Make derived data right where it is not.")] = False,
    as_json: Json = False,
) -> None:
    """Check the whole file; exits with 0 when it is sound, 1 when not. Records and log are never changed."""
    try:
        with opened(only_file(words or [], file)) as memory, show().progress("verifying", None) as advance:
            report = memory.verify(repair=repair, on_progress=advance)
    except (DamagedFile, ForeignFile) as error:
        report = Report(findings=(Finding(check="integrity", where="file", problem=str(error)),), checked={})
    if as_json:
        show().print_json({"is_sound": report.is_sound, **show().as_json(report)})
    else:
        checked = ", ".join(f"{count} {what}" for what, count in report.checked.items() if what != "integrity")
        nothing = "nothing in it yet" if report.is_sound else "nothing could be checked"
        typer.echo(f"{'sound' if report.is_sound else 'NOT SOUND'}: {checked or nothing}")
        for what, findings in (("", report.findings), ("mended: ", report.mended)):
            for finding in findings:
                typer.echo(f"  {what}{finding.check}: {finding.where} {finding.problem}")
    raise typer.Exit(0 if report.is_sound else 1)


def reindex(
    words: Annotated[list[str] | None, typer.Argument(metavar="[FILE]")] = None,
    file: FileOption = None,
    as_json: Json = False,
) -> None:
    """Build the index of every user's memory anew, from the records."""
    with opened(only_file(words or [], file)) as memory, show().progress("indexing", None) as advance:
        walls = memory.reindex(on_progress=advance)
    if as_json:
        show().print_json({"walls": walls})
    else:
        typer.echo(f"{walls} indexes were built anew")


def compact(
    words: Annotated[list[str] | None, typer.Argument(metavar="[FILE]")] = None,
    file: FileOption = None,
    as_json: Json = False,
) -> None:
    """Keep every index as it is now, and make the file as small as what it holds; writers wait meanwhile."""
    with opened(only_file(words or [], file)) as memory, show().progress("compacting", None) as advance:
        done = memory.compact(on_progress=advance)
    if as_json:
        show().print_json(done)
    else:
        typer.echo(f"{done.walls} indexes are kept; {done.bytes_before} bytes before, {done.bytes_after} now")


def _checked(source: str, *, session: str | None, timezone: str | None) -> list[Any]:
    """Give what a source holds, after a trial in a memory of its own: a bad message stops it before any is kept."""
    chunks = list(_chunks(source))
    with lamina.Memory() as trial:
        for place, chunk in enumerate(chunks):
            try:
                trial.add(chunk, session=session, at="unknown", timezone=timezone)
            except InvalidArgument as error:
                where = f"the {CHUNK} from {place * CHUNK} on" if len(chunks) > 1 else "its messages"
                raise InvalidArgument(source, f"among {where}: {error}", "nothing was stored") from error
    return chunks


def _is_memory(word: str) -> bool:
    """Say whether a word names a memory, or one that is to be made, and no source."""
    path = Path(word)
    if word == "-" or not path.is_file():
        return word != "-"
    with path.open("rb") as stream:
        return stream.read(len(SQLITE)) in (SQLITE, b"")


def _chunks(source: str) -> Iterator[Any]:
    document = None if source == "-" else read_file(Path(source))
    if document is not None:
        for note in document.notes:
            typer.echo(f"note: {source}: {note}", err=True)
        yield document
        return
    with sys.stdin if source == "-" else Path(source).open(encoding="utf-8") as stream:
        messages = lamina.read_export(stream, name=source)
        while chunk := list(islice(messages, CHUNK)):
            yield chunk


def _store(memory: Any, chunk: Any, counts: dict[str, int], *, session: Any, timezone: Any, scope: Any) -> None:
    added = memory.add(chunk, session=session, at="unknown", timezone=timezone, **scope)
    for what, records in (("stored", added.stored), ("updated", added.updated), ("repeated", added.repeated)):
        counts[what] += _size(records)


def _size(records: Iterable[object]) -> int:
    return sum(1 for _ in records)


def _by_size(part: tuple[str, int]) -> int:
    return -part[1]


def _scope_label(scope: Any) -> str:
    facets = [f"{name} {value}" for name, value in (("agent", scope.agent), ("run", scope.run)) if value]
    return " ".join([f"{scope.tenant}/{scope.user or '(shared)'}", *facets])
