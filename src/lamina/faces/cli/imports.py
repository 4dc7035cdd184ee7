"""The command `import`: chats and documents go in, once each."""

import hashlib
import sys
from collections import Counter
from dataclasses import fields, replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

import lamina
from lamina.core.errors import ENCODING_FAILURES, InvalidArgument, StoreError, encoding_failed
from lamina.core.ids import HASH_TAG
from lamina.core.imports import Imported, ImportRules, OnConflict
from lamina.core.scope import ScopeKeys
from lamina.faces.cli.files import PAGES, PDF, TEXTS, is_document, read_file
from lamina.faces.cli.options import (
    PROVIDER,
    STORE,
    Agent,
    FileOption,
    Json,
    Label,
    Run,
    Session,
    Shared,
    Tenant,
    User,
    Zone,
    load,
    opened,
    scope_keys,
)
from lamina.faces.cli.typed import commanded

#: Names that end so are of sources: no memory is made under one. Names that end so may be of a memory to be made.
SOURCES = frozenset({*TEXTS, *PAGES, PDF, ".json", ".jsonl", ".ndjson", ".log", ".csv", ".zip"})
MEMORIES = (".db", ".sqlite", ".sqlite3", ".lamina")
SQLITE = b"SQLite format 3\0"
#: What brings a memory its vectors that are missing.
_HOW_TO_ENCODE = "the same command, `lamina search` or `lamina recall` encodes what waits, once that is mended"
#: Longer names stand in no external id.
LONGEST_ID = 512


class Form(StrEnum):
    """What a source is taken to be."""

    AUTO = "auto"
    CHAT = "chat"
    DOCUMENT = "document"


def show() -> Any:
    """Give the module that prints, loaded when something is to be printed."""
    return load("lamina.faces.cli.show")


def import_files(
    words: Annotated[list[str], typer.Argument(metavar="[FILE] SOURCE…", help="`-` reads standard input.")],
    file: FileOption = None,
    session: Session = None,
    timezone: Zone = None,
    label: Label = None,
    day_first: Annotated[
        bool | None, typer.Option("--day-first/--month-first", help="What 5/8/23 means, where no date of a chat tells.")
    ] = None,
    form: Annotated[Form, typer.Option("--as", help="What the sources are; by default their names and words tell.")] = (
        Form.AUTO
    ),
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="Leave out messages that cannot be kept.")] = False,
    on_conflict: Annotated[
        OnConflict, typer.Option("--on-conflict", help="Where a source was changed, or its ids stand for others'.")
    ] = OnConflict.REFUSE,
    encode: Annotated[bool, typer.Option("--encode/--no-encode", help="Encode what was stored before ending.")] = True,
    user: User = None,
    agent: Agent = None,
    run: Run = None,
    tenant: Tenant = None,
    shared: Shared = False,
    as_json: Json = False,
) -> None:
    """Take in chats (JSON, JSON lines, `[time] Name: words`), and texts, HTML and PDF as documents, once each.

    A chat is checked whole before any of it is stored. The same command goes on where it was stopped, and takes in what
    is new; messages without a time keep their order.
    """
    path, sources = _memory_and_sources(words, file)
    scope = scope_keys(user=user, agent=agent, run=run, tenant=tenant, shared=shared)
    rules = ImportRules(day_first=day_first, skip_bad=skip_bad, on_conflict=on_conflict)
    about = {"session": session, "timezone": timezone, "sensitivity": label}
    told: list[Imported] = []
    encoded, failure = 0, None
    documents = _read_documents([source for source in sources if _is_document(source, form)])
    with opened(path, may_create=True, encodes=True) as memory:
        for source in sources:
            if source in documents:
                added = memory.add(documents[source], at="unknown", **about, **scope)
                told.append(_told_of(source, added))
            else:
                with show().progress(f"importing {source}", None, in_bytes=True) as advance:
                    handed_in = sys.stdin if source == "-" else source
                    imported = memory.import_messages(handed_in, rules=rules, on_progress=advance, **about, **scope)
                told.append(imported)
            # Before anything else can fail.
            if not as_json:
                _show_one(source, told[-1])
        if encode:
            encoded, failure = _encode(memory, scope)
    _show_all(told, encoded, failure, as_json=as_json)
    if failure is not None:
        raise typer.Exit(STORE if isinstance(failure, StoreError) else PROVIDER)


def _memory_and_sources(words: list[str], file: Path | None) -> tuple[Path, list[str]]:
    """Tell the memory from the sources, so that nothing is taken for a memory by mistake.

    Raises:
        typer.BadParameter: no source, one that is not there, or a memory that would be made under a source's name.
    """
    path, sources = (file, words) if file is not None and not _is_memory(words[0]) else (Path(words[0]), words[1:])
    if not sources:
        raise typer.BadParameter("give FILE and at least one SOURCE")
    if path.suffix.lower() in SOURCES and not (path.is_file() and path.stat().st_size):
        raise typer.BadParameter(
            f"{path} is called like a source, and would be made as the memory; name FILE before it"
        )
    for source in sources:
        if source != "-" and not Path(source).exists():
            raise typer.BadParameter(f"{source} is not there")
        if Path(source).is_dir():
            raise typer.BadParameter(f"{source} is a folder; name the files in it")
        if source != "-" and _begins_with(Path(source), SQLITE):
            raise typer.BadParameter(f"{source} is a memory or another database, and no source")
    return path, list(dict.fromkeys(sources))


def _is_memory(word: str) -> bool:
    """Say whether the first word names a memory, or one that is to be made, where another one is named already."""
    path = Path(word)
    if word == "-" or path.suffix.lower() in SOURCES:
        return False
    return _begins_with(path, SQLITE) or (path.suffix.lower() in MEMORIES and not path.exists())


def _begins_with(path: Path, marks: bytes) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        return stream.read(len(marks)) == marks


def _is_document(source: str, form: Form) -> bool:
    """Say whether a source is to be kept as one text."""
    if form is not Form.AUTO or source == "-":
        return form is Form.DOCUMENT
    return is_document(Path(source))


def _read_documents(sources: list[str]) -> "dict[str, lamina.Document]":
    """Read texts, HTML pages and PDFs, each under its place in the file system: another state of it is a new revision.

    Each is tried in a memory of its own, so that one that cannot be kept stops the command before anything is stored.
    """
    documents = {}
    for source in sources:
        if source == "-":
            raise typer.BadParameter("a document is a file; write it to one, or add its text")
        path = Path(source).resolve()
        try:
            documents[source] = replace(read_file(path), external_id=_place_of(path))
            with lamina.Memory() as trial:
                trial.add(documents[source], at="unknown")
        except InvalidArgument as error:
            raise error.within(source) from error
        for note in documents[source].notes:
            typer.echo(f"note: {source}: {note}", err=True)
    return documents


def _encode(memory: Any, scope: ScopeKeys) -> tuple[int, Exception | None]:
    """Encode what was stored; gives how many texts that were, and what ended it before the last."""
    encoded = 0
    with show().progress("encoding", None) as advance:

        def tell(done: int, of: int) -> None:
            nonlocal encoded
            encoded = done
            advance(done, of)

        try:
            return memory.flush(on_progress=tell, **scope), None
        except ENCODING_FAILURES as error:
            return encoded, error


def _told_of(source: str, added: Any) -> Imported:
    stored, updated, repeated, held = map(len, (added.stored, added.updated, added.repeated, added.held))
    return Imported(
        name=str(Path(source).resolve()),
        messages=stored + updated + repeated + held,
        stored=stored,
        updated=updated,
        repeated=repeated,
        held=held,
    )


def _place_of(path: Path) -> str:
    """Give the external id of a file: its address, or the digest of one that is too long."""
    address = path.as_uri()
    if len(address) <= LONGEST_ID:
        return address
    return HASH_TAG + hashlib.blake2b(address.encode(), digest_size=16).hexdigest()


def _show_all(told: list[Imported], encoded: int, failure: Exception | None, *, as_json: bool) -> None:
    counts: Counter[str] = Counter()
    for imported in told:
        counts.update({field.name: getattr(imported, field.name) for field in fields(Imported) if field.type is int})
    notes = [] if failure is None else [f"{commanded(encoding_failed(failure))}; {_HOW_TO_ENCODE}"]
    if as_json:
        show().print_json({**counts, "encoded": encoded, "sources": told, "notes": notes})
    else:
        typer.echo(f"{encoded} encoded")
    for note in notes:
        typer.echo(f"lamina: {note}", err=True)


def _show_one(source: str, imported: Imported) -> None:
    did = [
        f"{count} {what.replace('_', ' ')}"
        for what in ("stored", "updated", "repeated", "held", "withdrawn", "left_out")
        if (count := getattr(imported, what))
    ]
    known = f"; {imported.known} were taken in before" if imported.known else ""
    typer.echo(f"{source}: {', '.join(did) or 'nothing new'}{known}")
    for problem in imported.problems:
        typer.echo(f"  left out: {problem}", err=True)
    for note in imported.notes:
        typer.echo(f"note: {note}", err=True)
