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

from lamina.core.query import Hit
from lamina.core.records import Record

#: Characters of a text that a table shows.
SHORT = 160


def console() -> Console:
    """Give the console of standard output; plain and unwrapped where it is no terminal."""
    return Console(soft_wrap=not sys.stdout.isatty(), highlight=False)


def as_json(value: Any) -> Any:
    """Give what JSON can hold: records by their attributes, times as ISO text, bytes as hexadecimal."""
    if is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: as_json(getattr(value, field.name)) for field in fields(value) if not field.name.startswith("_")
        }
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


def table(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    """Give a table without lines, whose last column takes the room that is left."""
    shown = Table(box=None, pad_edge=False, header_style="bold")
    for place, header in enumerate(headers):
        shown.add_column(header, overflow="fold", no_wrap=place < len(headers) - 1)
    for row in rows:
        shown.add_row(*(escape(str(cell)) for cell in row))
    return shown


def timeline_tree(sessions: Iterable[Any], *, most_events: int | None = None) -> Tree:
    """Give sessions with their events and opening words."""
    tree = Tree("[bold]timeline[/bold]", guide_style="dim")
    for session in sessions:
        name = escape(session.name or "(outside any session)")
        branch = tree.add(f"[bold]{name}[/bold]  [dim]{moment(session.first_at)}, {session.size} observations[/dim]")
        for event in session.events[:most_events]:
            opening = event.opening
            who = f"{opening.speaker}: " if opening.speaker else ""
            branch.add(f"[dim]{moment(event.first_at)} ×{event.size}[/dim] {escape(shortened(who + opening.text, 90))}")
        hidden = 0 if most_events is None else len(session.events) - most_events
        if hidden > 0:
            branch.add(f"[dim]and {hidden} more[/dim]")
    return tree


@contextmanager
def progress(what: str, total: int | None, *, in_bytes: bool = False) -> Iterator[Any]:
    """Show a bar on standard error while work goes on, where that is a terminal; gives `advance(done)`."""
    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn() if in_bytes else MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=False,
        disable=not sys.stderr.isatty(),
    )
    with bar:
        task = bar.add_task(what, total=total)

        def advance(done: int, of: int | None = None) -> None:
            bar.update(task, completed=done, total=(of or None) if of is not None else total)

        yield advance
