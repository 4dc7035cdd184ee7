"""The command `demo`: eight weeks of an invented life go in, and the evidence comes out."""

import shutil
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

import lamina
from lamina.faces.cli.options import Json, load
from lamina.testing import sample

#: Messages a step of the bar.
STEP = 25
SHOWN_HITS = 2
#: The budget of the context that is shown whole.
PACKED_TOKENS = 120
PACKED_KIND = "when"
#: How far down the evidence may stand.
FIRST = 5


def demo(
    file: Annotated[Path | None, typer.Option("--file", help="Keep the memory in this file.")] = None,
    as_json: Json = False,
) -> None:
    """Watch a life go in and the right evidence come out, with citations; offline, without a key."""
    path = file or Path(tempfile.mkdtemp(prefix="lamina-")) / "life.db"
    show = load("lamina.faces.cli.show")
    console = show.console()
    console.quiet = as_json
    with lamina.Memory(path) as memory:
        _take_in(memory, show, console)
        console.print(show.timeline_tree(memory.timeline(), most_events=2))
        asked = [question for question in sample.questions() if question.demo]
        found = [_ask(memory, question, console, show) for question in asked if question.evidence]
        _pack(memory, next(question for question in asked if question.kind == PACKED_KIND), console, show)
        declined = [_decline(memory, question, console) for question in asked if not question.evidence]
    if as_json:
        ranks = {question.id: rank for question, rank in zip(asked, found, strict=False)}
        show.print_json({"file": str(path), "rank_of_evidence": ranks, "abstained": declined})
    count = sum(rank is not None for rank in found)
    console.print(f"\n{count} of {len(found)} questions found their evidence among the first {FIRST} hits.")
    _say_what_next(path, console)
    raise typer.Exit(0 if None not in found else 1)


def _take_in(memory: Any, show: Any, console: Any) -> None:
    messages = sample.messages()
    with show.progress("remembering", len(messages)) as advance:
        for first in range(0, len(messages), STEP):
            memory.add(messages[first : first + STEP])
            advance(min(first + STEP, len(messages)))
    lease = sample.document()
    memory.add(lamina.Document(text=lease.text, title=lease.title, at=lease.at, external_id=lease.external_id))
    for trace in sample.traces():
        memory.add(lamina.Trace(**asdict(trace)))
    clock = time.perf_counter()
    waiting = memory.stats().counts.waiting
    with show.progress("encoding   ", waiting) as advance:
        encoded = memory.flush(on_progress=advance)
    console.print(
        f"{len(messages)} messages, a lease and {len(sample.traces())} tool calls are kept, verbatim and durable; "
        f"{encoded} texts encoded in {time.perf_counter() - clock:.1f} s.\n"
    )


def _ask(memory: Any, question: Any, console: Any, show: Any) -> int | None:
    """Ask, show the first hits, and give the rank of the evidence."""
    clock = time.perf_counter()
    hits = memory.search(question.text, limit=FIRST, at=question.at)
    ms = 1000 * (time.perf_counter() - clock)
    rank = next((rank for rank, hit in enumerate(hits, start=1) if is_evidence(hit.record, question)), None)
    outcome = f"evidence at rank {rank}" if rank else f"evidence not among the first {FIRST}"
    console.print(f"\n[bold]{question.text}[/bold]  [dim]{question.kind}, {ms:.0f} ms, {outcome}[/dim]")
    shown = sorted({*range(1, SHOWN_HITS + 1), rank or 1})
    for place in shown:
        if place <= len(hits):
            record = hits[place - 1].record
            mark = "→" if place == rank else " "
            who = f"{record.speaker}: " if record.speaker else ""
            words = show.escape(show.shortened(who + record.text, 110))
            start, end = hits[place - 1].span or (0, len(record.text))
            cited = show.escape(f"{record.id}[{start}:{end}]")
            console.print(f" {mark} {place}. [dim]{show.moment(record.at)}[/dim] {words} [dim]{cited}[/dim]")
    return rank


def _pack(memory: Any, question: Any, console: Any, show: Any) -> None:
    """Show what an agent is given: the text for its prompt, and where each piece of it stands verbatim."""
    context = memory.recall(question.text, at=question.at, budget_tokens=PACKED_TOKENS)
    tokens = f"{context.tokens} of {PACKED_TOKENS} tokens"
    console.print(f"\n[bold]{question.text}[/bold]  [dim]what an agent is given for its prompt, {tokens}[/dim]")
    console.print(show.escape("\n".join(f"   {line}" for line in context.text.splitlines())))
    cited = ", ".join(f"{one.record_id}[{one.start}:{one.end}]" for one in context.citations)
    console.print(f"   [dim]cites {show.escape(cited)}[/dim]")


def is_evidence(record: Any, question: Any) -> bool:
    """Say whether a record is one of the pieces that answer a question."""
    for evidence in question.evidence:
        title, is_section, heading = evidence.partition(": ")
        if is_section and title == sample.document().external_id:
            if record.session == sample.document().title and heading in record.text:
                return True
        elif record.external_id == evidence:
            return True
    return False


def _decline(memory: Any, question: Any, console: Any) -> bool:
    """Ask what the memory does not hold, show what it says, and give whether it declined."""
    clock = time.perf_counter()
    context = memory.recall(question.text, at=question.at)
    ms = 1000 * (time.perf_counter() - clock)
    console.print(f"\n[bold]{question.text}[/bold]  [dim]nothing in this life answers it, {ms:.0f} ms[/dim]")
    console.print(f"   abstained: {context.abstained}. {context.notes[-1] if context.notes else ''}")
    return bool(context.abstained)


def _say_what_next(path: Path, console: Any) -> None:
    console.print(f"\nThe memory is in {path}. What to type next:")
    lamina_here = "lamina" if shutil.which("lamina") else sys.argv[0]
    for command in (
        f'search {path} "Who is the new boss?"',
        f'recall {path} "When is the boat trip?" --budget 200',
        f"timeline {path}",
        f"verify {path}",
    ):
        console.print(f"  {lamina_here} {command}")
