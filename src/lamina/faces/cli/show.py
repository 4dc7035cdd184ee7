"""How things look: tables, trees and bars for people, JSON for programs. Loaded by commands that print."""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from rich.console import Console
from rich.markup import escape as escape
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.tree import Tree

from lamina.core.documents import DOCUMENT, Origin, passage_of
from lamina.core.explanation import Explained, Explanation
from lamina.core.query import Hit
from lamina.core.records import Record
from lamina.core.scope import Wall
from lamina.faces.cli.options import counted

#: Characters of a text that a table shows.
SHORT = 160
#: Nothing is wrapped where programs read: a line of a table is one line.
WIDTH_OF_PIPES = 1000
#: Stands between a heading and the one under it.
BELOW = " › "


def console() -> Console:
    """Give the console of standard output; plain and unwrapped where it is no terminal."""
    is_terminal = sys.stdout.isatty()
    return Console(soft_wrap=not is_terminal, width=None if is_terminal else WIDTH_OF_PIPES, highlight=False)


def as_json(value: Any) -> Any:
    """Give what JSON can hold: records by their attributes, times as ISO text, bytes as hexadecimal."""
    if is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: as_json(getattr(value, field.name)) for field in fields(value) if not field.name.startswith("_")
        }
    if isinstance(value, Wall):
        return value._asdict()
    if isinstance(value, dict):
        return {str(key): as_json(part) for key, part in value.items()}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, str | int | float | bool) or value is None:
        return value
    return [as_json(part) for part in value]


def print_json(value: Any) -> None:
    """Print one JSON document, a line of its own."""
    print(json.dumps(as_json(value), ensure_ascii=False), flush=True)


def moment(at: datetime | None) -> str:
    """Give a time as people read it; empty for none."""
    return "" if at is None else f"{at:%Y-%m-%d %H:%M}"


def shortened(text: str, length: int = SHORT) -> str:
    """Give a text on one line, cut to `length` characters."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1] + "…"


def shown_record(hit: Hit) -> Record:
    """Give the record whose words stand for a hit: an event has none of its own."""
    return hit.record if hit.record.text or hit.evidence is None else hit.evidence


def who(record: Record) -> str:
    """Give who said it, or of a passage the heading that it stands under."""
    passage = passage_of(record)
    if record.speaker or passage is None or not passage.path:
        return record.speaker or ""
    return f"§ {shortened(passage.path[-1], 40)}"


def facts(record: Record) -> Iterator[tuple[str, Any]]:
    """Give the fields of a record that say something, with those of a passage as people read them."""
    passage = passage_of(record)
    for name, value in as_json(record).items():
        if name == "metadata" and passage is not None:
            yield from (("section", BELOW.join(passage.path)), ("holds", ", ".join(passage.kinds)))
            yield from (("from", _origin(origin)) for origin in passage.origins)
            value = {key: part for key, part in value.items() if key != DOCUMENT}
        shown = json.dumps(value, ensure_ascii=False) if name == "metadata" and value else plain(value)
        if shown not in (None, ""):
            yield name, shown


def plain(value: Any) -> Any:
    """Give a field as people read it: of one that has parts those that say something."""
    if not isinstance(value, dict):
        return ", ".join(map(str, map(plain, value))) if isinstance(value, list) else value
    told = {name: plain(part) for name, part in value.items() if part not in (None, "", {}, [])}
    return ", ".join(f"{name} {part}" for name, part in told.items())


def _origin(origin: Origin) -> str:
    page = f"page {origin.page}" if origin.page is not None else ""
    box = f"at {', '.join(f'{edge:g}' for edge in origin.box)}" if origin.box is not None else ""
    line = f"line {origin.line}" if origin.line is not None else ""
    return " ".join(part for part in (f"{origin.start}:{origin.end}", page, box, line, origin.element or "") if part)


def table(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    """Give a table without lines, whose last column takes the room that is left."""
    shown = Table(box=None, pad_edge=False, header_style="bold")
    for place, header in enumerate(headers):
        shown.add_column(header, overflow="fold", no_wrap=place < len(headers) - 1)
    for row in rows:
        shown.add_row(*(escape(str(cell)) for cell in row))
    return shown


def explanation(told: Explanation) -> Iterator[Table]:
    """Give an explanation as tables: the question, what it ranks, and one for the record that was asked for."""
    understood = [] if told.read_as == told.query.text else [("read as", told.read_as)]
    understood.append(("asks for", f"{told.kind}, several things" if told.wants_several else str(told.kind)))
    understood += [
        (name, ", ".join(values))
        for name, values in (
            ("terms", told.terms),
            ("speakers", told.speakers),
            ("roles", told.roles),
            ("days", told.days),
            ("relative to", () if told.relative_to is None else (told.relative_to,)),
            ("end of time", () if told.end is None else (told.end,)),
            ("sides", told.sides),
        )
        if values
    ]
    understood += [
        ("rows", f"{told.rows}, {told.returnable} may be returned, {told.candidates} scored by their numbers"),
        ("ms", ", ".join(f"{stage} {1000 * seconds:.1f}" for stage, seconds in told.times_s.items())),
        ("recipe", told.recipe),
        ("level", f"{told.level} of 4"),
    ]
    yield table(("", ""), understood)
    names = list(dict.fromkeys(share.name for hit in told.hits for share in hit.shares))
    rows = [
        (hit.rank, f"{hit.score:.3f}", *_points(hit, names), hit.estimated_rank, shortened(hit.record.text, 60))
        for hit in told.hits
    ]
    yield table(("", "score", *names, "estimated rank", "text"), rows)
    if told.asked is not None:
        yield _one_explained(told.asked)


def _points(hit: Explained, names: Sequence[str]) -> list[str]:
    points = {share.name: share.points for share in hit.shares}
    return [f"{points.get(name, 0.0):.3f}" for name in names]


def _one_explained(told: Explained) -> Table:
    rows: list[tuple[str, str]] = [("record", told.record.id), ("text", shortened(told.record.text))]
    if told.holder is not None:
        rows.append(("stands for", f"{told.holder}, which ranks by the best of what it holds"))
    rows.append(("rank", "may not be returned" if told.rank is None else str(told.rank)))
    rows += [("not returned", sentence) for sentence in told.absence]
    if told.missing_points is not None:
        rows.append(("points missing", f"{told.missing_points:.3f}"))
    rows += [("would change it", sentence) for sentence in told.changes]
    for stage in told.stages:
        passed = "" if stage.is_reached else "; a search does not take it so far"
        rows.append((f"after {stage.name}", f"rank {stage.rank}, score {stage.score:.3f}{passed}"))
    rows.append(("score", f"{told.score:.3f}, estimated rank {told.estimated_rank}"))
    for share in told.shares:
        rank = "" if share.rank is None else f", rank {share.rank}"
        found = "not there" if share.measured is None else f"{share.measured:.3f}"
        measured = f"{found}, counts {share.value:.3f} × {share.weight:.2f} = {share.points:.3f}{rank}"
        rows.append((share.name, measured))
    for use in told.terms:
        rows.append(
            (f"term {use.term}", f"{use.own} here, in {use.holders} rows, idf {use.idf:.2f}, adds {use.score:.3f}")
        )
    return table(("", ""), rows)


def timeline_tree(sessions: Iterable[Any], *, most_events: int | None = None) -> Tree:
    """Give sessions with their events and opening words."""
    tree = Tree("[bold]timeline[/bold]", guide_style="dim")
    for session in sessions:
        name = escape(session.name or "(outside any session)")
        branch = tree.add(
            f"[bold]{name}[/bold]  [dim]{moment(session.first_at)}, {counted(session.size, 'observation')}[/dim]"
        )
        for event in session.events[:most_events]:
            opening = event.opening
            who = f"{opening.speaker}: " if opening.speaker else ""
            branch.add(f"[dim]{moment(event.first_at)} ×{event.size}[/dim] {escape(shortened(who + opening.text, 90))}")
        hidden = 0 if most_events is None else len(session.events) - most_events
        if hidden > 0:
            branch.add(f"[dim]and {hidden} more[/dim]")
    return tree


@contextmanager
def progress(what: str, total: int | None, *, in_bytes: bool = False, is_shown: bool = True) -> Iterator[Any]:
    """Show a bar on standard error while work goes on, where that is a terminal; gives `advance(done)`."""
    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn() if in_bytes else MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=False,
        disable=not (is_shown and sys.stderr.isatty()),
    )
    with bar:
        task = bar.add_task(what, total=total)

        def advance(done: int, of: int | None = None) -> None:
            bar.update(task, completed=done, total=(of or None) if of is not None else total)

        yield advance
