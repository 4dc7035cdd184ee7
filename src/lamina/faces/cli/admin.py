"""Commands on whole files: stats, verify, reindex, reencode, compact."""

from pathlib import Path
from typing import Annotated, Any

import typer

from lamina.core.errors import DamagedFile
from lamina.core.reports import Report
from lamina.core.rows import Finding
from lamina.faces.cli.options import (
    Agent,
    AsOf,
    FileOption,
    Json,
    KnownAt,
    Run,
    Shared,
    Tenant,
    User,
    Zone,
    counted,
    load,
    only_file,
    opened,
    read_keys,
    scope_keys,
)


def show() -> Any:
    """Give the module that prints, loaded when something is to be printed."""
    return load("lamina.faces.cli.show")


def stats(
    words: Annotated[list[str] | None, typer.Argument(metavar="[FILE]")] = None,
    file: FileOption = None,
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
    """Count what the file holds, or with a scope what that scope sees."""
    scope = scope_keys(user=user, agent=agent, run=run, tenant=tenant, shared=shared)
    keys = read_keys(scope, as_of=as_of, known_at=known_at)
    with opened(only_file(words or [], file)) as memory:
        figures = memory.stats(timezone=timezone, **keys) if keys else memory.stats(is_whole_file=True)
        scopes = memory.scopes() if not keys else []
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
    rows.append(("indexes in memory", f"{figures.index.bytes} bytes, at most {figures.index.most_bytes}"))
    rows.append(("vectors scanned by", figures.index.scanned_by))
    rows.append(("encoder", figures.encoder.model))
    rows += [("scope", _scope_label(held)) for held in scopes]
    show().console().print(show().table(("", ""), rows))


def verify(
    words: Annotated[list[str] | None, typer.Argument(metavar="[FILE]")] = None,
    file: FileOption = None,
    repair: Annotated[bool, typer.Option("--repair", help="Make derived data right where it is not.")] = False,
    head: Annotated[
        list[Path] | None,
        typer.Option("--head", help="What `log --head` gave: the log has to hold it; again for more."),
    ] = None,
    resume: Annotated[
        Path | None,
        typer.Option("--resume", help="A file to keep in how far the check has come; stopped, the same call goes on."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Check the whole file; exits with 0 when it is sound, 1 when not, 3 when it is no memory. Changes no record."""
    heads = [line for path in head or () for line in path.read_text("utf-8").splitlines() if line.strip()]
    try:
        with opened(only_file(words or [], file)) as memory, show().progress("verifying", None) as advance:
            report = memory.verify(repair=repair, heads=heads, resume=resume, on_progress=advance)
    except DamagedFile as error:
        report = Report(findings=(Finding(check="integrity", where="file", problem=str(error)),), checked={})
    if as_json:
        show().print_json({"is_sound": report.is_sound, **show().as_json(report)})
    else:
        checked = ", ".join(
            counted(count, what.removesuffix("s")) for what, count in report.checked.items() if what != "integrity"
        )
        nothing = "nothing in it yet" if report.is_sound else "nothing could be checked"
        for note in report.notes:
            typer.echo(f"note: {note}")
        typer.echo(f"{'sound' if report.is_sound else 'NOT SOUND'}: {checked or nothing}")
        for what, findings in (("", report.findings), ("", report.lacking), ("mended: ", report.mended)):
            for finding in findings:
                typer.echo(f"  {what}{finding.check}: {finding.where} {finding.problem}")
    raise typer.Exit(0 if report.is_sound else 1)


def reindex(
    words: Annotated[list[str] | None, typer.Argument(metavar="[FILE]")] = None,
    file: FileOption = None,
    as_json: Json = False,
) -> None:
    """Make the events and the index of every user's memory anew, and encode what lacks token vectors."""
    with opened(only_file(words or [], file), encodes=True) as memory, show().progress("indexing", None) as advance:
        done = memory.reindex(on_progress=advance)
    if as_json:
        show().print_json(done)
    else:
        typer.echo(f"{done.walls} indexes were built anew")
        if done.texts:
            typer.echo(f"{counted(done.texts, 'text')} encoded for their token vectors")


def reencode(
    words: Annotated[list[str] | None, typer.Argument(metavar="[FILE]")] = None,
    file: FileOption = None,
    to: Annotated[
        str, typer.Option("--to", help="The encoder, such as minilm or fastembed:BAAI/bge-small-en-v1.5.")
    ] = "minilm",
    as_json: Json = False,
) -> None:
    """Give every text a vector of another encoder, and search by these; stopped, the same call goes on."""
    with opened(only_file(words or [], file)) as memory, show().progress("encoding", None) as advance:
        done = memory.reencode(to, on_progress=advance)
    if as_json:
        show().print_json(done)
    elif done.former is None:
        typer.echo(f"nothing to do: the file is searched by vectors of {done.encoder.model}, or has none")
    else:
        typer.echo(f"{counted(done.texts, 'text')} encoded; the file is searched by {done.encoder.model} from now on")
        typer.echo(f"{done.dropped} vectors of {done.former.model} are gone; `lamina compact` makes the file smaller")


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
        if done.waiting_bytes:
            typer.echo(
                f"{done.waiting_bytes} of them wait for readers that began before, and go with the next `compact`, or "
                "when the last process closes the file"
            )


def _by_size(part: tuple[str, int]) -> int:
    return -part[1]


def _scope_label(scope: Any) -> str:
    facets = [f"{name} {value}" for name, value in (("agent", scope.agent), ("run", scope.run)) if value]
    return " ".join([f"{scope.tenant}/{scope.user or '(shared)'}", *facets])
