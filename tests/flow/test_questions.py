"""What a question says of where its answer stands: days as people lived them, roles."""

from pathlib import Path

import pytest

from lamina import Memory, Settings

LATE, NEXT = "2023-05-07T22:30:00-05:00", "2023-05-08T10:00:00-05:00"


@pytest.mark.parametrize("question", ["What did we talk about yesterday?", "What did we talk about on 8 May 2023?"])
def test_days_are_those_of_where_it_was_said(memory: Memory, question: str) -> None:
    """Half past ten in the evening of 7 May in Bogotá is 8 May in Greenwich, and was the day before yesterday."""
    memory.add(
        [
            {"content": "The kettle sings.", "at": LATE, "external_id": "late"},
            {"content": "The lamp is lit.", "at": NEXT, "external_id": "next"},
        ]
    )
    hits = memory.search(question, at="2023-05-09T09:00:00-05:00")
    by_day = [hit.record.external_id for hit in hits if any(way.by == "day" for way in hit.via)]
    assert by_day == ["next"]


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("What did we talk about before 8 May 2023?", ["late"]),
        ("What did we talk about since yesterday?", ["next"]),
        ("What did we talk about between 7 May 2023 and 8 May 2023?", ["late", "next"]),
        ("What did we talk about last Sunday?", ["late"]),
    ],
)
def test_what_was_said_in_a_range_is_lifted_by_its_day(memory: Memory, question: str, found: list[str]) -> None:
    memory.add(
        [
            {"content": "The kettle sings.", "at": LATE, "external_id": "late"},
            {"content": "The lamp is lit.", "at": NEXT, "external_id": "next"},
        ]
    )
    hits = memory.search(question, at="2023-05-09T09:00:00-05:00")
    assert sorted(str(hit.record.external_id) for hit in hits if any(way.by == "day" for way in hit.via)) == found


def test_the_role_that_a_question_means_is_a_way(memory: Memory) -> None:
    memory.add([{"role": "user", "content": "I keep bees."}, {"role": "assistant", "content": "Bees need water."}])
    hits = memory.search("What did you say bees need?")
    assert [way.by for way in hits[0].via][-1] == "role"
    assert hits[0].record.role == "assistant"


@pytest.mark.parametrize(
    "asked",
    [
        "Can you remind me what Ada planted? Thanks!",
        "I forgot what Ada planted.",
        "Um, what Ada planted?",
        "What Ada planted?",
    ],
)
def test_what_is_said_around_the_asking_moves_no_score_and_is_told(memory: Memory, asked: str) -> None:
    memory.add(
        [
            {"name": "Ada", "content": "I planted a quince."},
            {"name": "Bob", "content": "Can you remind me to thank the baker? I forgot it."},
        ]
    )
    plain = memory.search("What Ada planted?")
    hits = memory.search(asked)
    assert [(hit.record.id, hit.score, hit.via) for hit in hits] == [
        (hit.record.id, hit.score, hit.via) for hit in plain
    ]
    told = memory.explain(asked)
    assert (told.query.text, told.read_as) == (asked, "What Ada planted?")


def test_a_recipe_without_it_reads_a_question_as_it_stands(tmp_path: Path) -> None:
    with Memory(tmp_path / "life.db", settings=Settings(recipe="without-openings")) as opened:
        opened.add("I planted a quince.")
        assert opened.explain("Tell me what I planted.").read_as == "Tell me what I planted."


def test_today_is_a_day_of_the_zone_that_is_named(memory: Memory) -> None:
    """On these two islands it is never the same day; a number of seconds has no zone either."""
    memory.add("I planted a quince.")
    for at in (None, 1_772_000_000):
        days = [
            memory.explain("What happened today?", at=at, timezone=zone).days
            for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago")
        ]
        assert days[0] > days[1]
    assert memory.explain("What happened today?", at="2026-03-01T23:30:00+01:00", timezone="Asia/Tokyo").days == (
        "2026-03-01",
    )
