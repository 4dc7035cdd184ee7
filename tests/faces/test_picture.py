"""The picture of an explanation tells what its tables and its JSON tell, in a pipe too."""

import io
import json
import re

import pytest
from rich.console import Console

from lamina.core.explanation import Explained, Explanation
from lamina.faces.cli import show
from lamina.faces.cli.picture import TAKEN_OFF, pen_for, picture, ranks_of
from lamina.memory import Memory
from lamina.testing.fakes import HashEncoder

QUESTION = "What did Ada tell Bob of the bees on the roof?"


@pytest.fixture(scope="module")
def told() -> Explanation:
    """Explain a question of a memory, and a record of it that is not returned."""
    words = "bees roof dentist train river museum umbrella garden".split()
    with Memory(encoder=HashEncoder()) as memory:
        added = memory.add(
            [
                {
                    "content": f"{words[n % 8]} and {words[n // 8]}?"[: None if n % 3 else -1],
                    "name": ("Ada", "Bob")[n % 2],
                }
                for n in range(40)
            ]
        )
        far = memory.search(QUESTION, limit=30)[29].record.id
        assert far in [record.id for record in added.stored]
        return memory.explain(QUESTION, far, limit=6)


def drawn(told: Explanation, *, width: int = 120, **options: bool) -> str:
    console = Console(file=io.StringIO(), width=width, highlight=False, **options)  # type: ignore[arg-type]
    for part in picture(told, console):
        console.print(part)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def shown(told: Explanation) -> list[Explained]:
    assert told.asked is not None
    return [*told.hits, told.asked]


def test_in_a_pipe_every_share_is_a_run_of_its_letter_as_long_as_its_points(told: Explanation) -> None:
    console = Console(file=io.StringIO(), width=120)
    pen = pen_for(told, console)
    assert not pen.is_coloured
    assert len(set(pen.letters.values())) == len(pen.letters)
    lines = drawn(told).splitlines()
    assert "\x1b" not in "".join(lines)
    for hit in told.hits:
        line = next(line for line in lines if line.startswith(f"{hit.rank} "))
        assert f"{hit.score:.3f}" in line
        assert ranks_of(hit) in line
        bar = pen.bar(hit.shares).plain
        assert bar in line
        for share in hit.shares:
            letter = pen.letters[share.name] if share.points > 0 else TAKEN_OFF
            cells = abs(share.points) / pen.points_a_cell
            assert cells - 1 <= bar.count(letter) <= cells + 1


def test_picture_tables_and_json_agree(told: Explanation) -> None:
    asked = shown(told)[-1]
    console = Console(file=io.StringIO(), width=300, highlight=False)
    for part in show.explanation(told):
        console.print(part)
    assert isinstance(console.file, io.StringIO)
    tables, image = console.file.getvalue(), drawn(told, width=300)
    kept = json.loads(json.dumps(show.as_json(told)))["asked"]
    for text in (tables, image):
        assert all(sentence in text for sentence in (*asked.absence, *asked.changes))
        assert f"{asked.missing_points:.3f}" in text
        for stage in kept["stages"]:
            assert re.search(rf"{stage['name']}.*\b{stage['rank']}\b.*{stage['score']:.3f}", text)
        for share in kept["shares"]:
            assert re.search(rf"{share['name']}.*{share['points']:.3f}", text)
    assert kept["absence"] == list(asked.absence)
    assert kept["changes"] == list(asked.changes)
    assert kept["changes"]


def test_in_colour_shares_are_blocks(told: Explanation) -> None:
    image = drawn(told, force_terminal=True)
    assert "█" in image
    assert "\x1b[" in image
    plain = drawn(told, force_terminal=True, no_color=True)
    assert "█" not in plain


def test_the_longest_bar_takes_the_room_that_there_is(told: Explanation) -> None:
    for width in (80, 100, 120):
        lines = drawn(told, width=width).splitlines()
        assert max(map(len, lines[:8])) <= width


def test_nothing_to_explain_is_drawn_too() -> None:
    with Memory(encoder=HashEncoder()) as memory:
        assert "taken off" in drawn(memory.explain("bees"))


def test_the_command_draws(lamina, answer) -> None:
    lamina("add", "life.db", "The bees are on the roof")
    lamina("add", "life.db", "The dentist is on Thursday")
    told = answer("explain", "life.db", "Where are the bees?")
    image = lamina("explain", "life.db", "Where are the bees?", "--picture").stdout
    for hit in told["hits"]:
        assert f"{hit['score']:.3f}" in image
        assert " → ".join(str(stage["rank"]) for stage in hit["stages"]) in image
    assert "L lexical" in image
