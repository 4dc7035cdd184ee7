"""An explanation as a picture: of every hit a bar of what each share gave it, and the ranks that it had stage by stage.

In colour a share is a run of blocks, without colour (in a pipe, with NO_COLOR) a run of its letter; the legend tells
which. The figures are those of the tables and of the JSON.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table
from rich.text import Text

from lamina.core.explanation import Explained, Explanation, Share
from lamina.faces.cli.show import shortened

#: Beside a bar stand a rank, a score, ranks by stage, and the beginning of a text; a bar has the rest, within bounds.
BESIDE = 15
NARROWEST, WIDEST = 20, 60
COLOURS = ("cyan", "magenta", "yellow", "green", "blue", "bright_red", "white", "bright_cyan", "bright_magenta", "red")
BLOCK, TAKEN_OFF = "█", "-"
#: Stands between the ranks of two stages.
THEN = " → "
#: Of a text as many characters, where there is room.
SHORTEST, TEXT = 8, 30


@dataclass(frozen=True, slots=True)
class Pen:
    """How shares are drawn: the letter and colour of each, and the points of one cell."""

    letters: Mapping[str, str]
    colours: Mapping[str, str]
    is_coloured: bool
    points_a_cell: float

    def run(self, name: str, cells: int) -> Text:
        """Draw so many cells of a share."""
        return Text((BLOCK if self.is_coloured else self.letters[name]) * cells, self.colours[name])

    def bar(self, shares: Sequence[Share]) -> Text:
        """Draw what shares add, end to end, and behind it what others take off."""
        drawn, so_far, former = Text(), 0.0, 0
        for share in shares:
            if share.points > 0:
                so_far += share.points
                end = round(so_far / self.points_a_cell)
                drawn += self.run(share.name, end - former)
                former = end
        off = -sum(share.points for share in shares if share.points < 0)
        return drawn + Text(TAKEN_OFF * round(off / self.points_a_cell), "red")

    def legend(self) -> Text:
        """Name the shares."""
        named = [self.run(name, 1) + Text(f" {name}") for name in self.letters]
        return Text("   ").join([*named, Text(TAKEN_OFF, "red") + Text(" taken off")])


def pen_for(told: Explanation, console: Console) -> Pen:
    """Give the pen that draws an explanation on a console: the longest bar takes the room that there is."""
    shown = [*told.hits, *([] if told.asked is None else [told.asked])]
    names = list(dict.fromkeys(share.name for one in shown for share in one.shares))
    letters: dict[str, str] = {}
    for name in names:
        letters[name] = next(c for c in (name + "abcdefghijklmnopqrstuvwxyz").upper() if c not in letters.values())
    longest = max((sum(share.points for share in one.shares if share.points > 0) for one in shown), default=0.0)
    return Pen(
        letters=letters,
        colours={name: COLOURS[place % len(COLOURS)] for place, name in enumerate(names)},
        is_coloured=console.color_system is not None and not console.no_color,
        points_a_cell=(longest or 1.0) / min(max(console.width - _beside(shown) - TEXT, NARROWEST), WIDEST),
    )


def _beside(shown: Sequence[Explained]) -> int:
    """Count the columns of what stands beside a bar, but for the text."""
    return BESIDE + max((len(ranks_of(one)) for one in shown), default=0)


def picture(told: Explanation, console: Console) -> Iterator[Table | Text]:
    """Draw an explanation: a bar a hit, and, of the record that was asked for, a bar a stage beside the last hit's."""
    pen = pen_for(told, console)
    yield pen.legend()
    ranks = THEN.join(stage.name for one in told.hits[:1] for stage in one.stages)
    rows = _grid("", "score", "", "ranks", "text")
    bars = [pen.bar(hit.shares) for hit in told.hits]
    room = console.width - _beside(told.hits) - max((bar.cell_len for bar in bars), default=0)
    for hit, bar in zip(told.hits, bars, strict=True):
        text = Text(shortened(hit.record.text, min(max(room, SHORTEST), TEXT)))
        rows.add_row(str(hit.rank), f"{hit.score:.3f}", bar, ranks_of(hit), text)
    yield rows
    if ranks:
        yield Text(f"ranks: {ranks}")
    if told.asked is not None:
        yield from _one(told.asked, told.hits, pen)


def ranks_of(one: Explained) -> str:
    """Give the ranks of a record stage by stage; in brackets those that a search does not come to."""
    return THEN.join(f"{stage.rank}" if stage.is_reached else f"({stage.rank})" for stage in one.stages)


def _one(asked: Explained, hits: Sequence[Explained], pen: Pen) -> Iterator[Table | Text]:
    where = "may not be returned" if asked.rank is None else f"rank {asked.rank}"
    yield Text(f"\n{asked.record.id}, {where}: {shortened(asked.record.text)}", "bold")
    stages, so_far = _grid("stage", "rank", "score", ""), list[Share]()
    for stage in asked.stages:
        so_far += [share for share in asked.shares if share.name in stage.shares]
        rank = f"{stage.rank}" if stage.is_reached else f"({stage.rank})"
        stages.add_row(stage.name, rank, f"{stage.score:.3f}", pen.bar(so_far))
    last = hits[-1] if hits else None
    if last is not None and asked.absence:
        stages.add_row("the last hit", str(last.rank), f"{last.score:.3f}", pen.bar(last.shares))
    yield stages
    yield _shares(asked, last if asked.absence else None, pen)
    yield from (Text(f"not returned: {sentence}") for sentence in asked.absence)
    if asked.missing_points is not None:
        yield Text(f"points missing: {asked.missing_points:.3f}")
    yield from (Text(f"would change it: {sentence}") for sentence in asked.changes)


def _shares(asked: Explained, last: Explained | None, pen: Pen) -> Table:
    """Draw the shares of a record one by one, beside those of the last hit."""
    own, others = ({share.name: share for share in one.shares} for one in (asked, last or asked))
    heads = ("share", "points", "", *(() if last is None else ("the last hit", "")))
    drawn = _grid(*heads)
    for name in dict.fromkeys([*own, *others]):
        cells: list[str | Text] = [name]
        for held in (own, others)[: 1 if last is None else 2]:
            share = held.get(name)
            cells += ["–", ""] if share is None else [f"{share.points:.3f}", pen.bar([share])]
        drawn.add_row(*cells)
    return drawn


def _grid(*headers: str) -> Table:
    grid = Table(box=None, pad_edge=False, header_style="bold")
    for header in headers:
        grid.add_column(header, no_wrap=True)
    return grid
