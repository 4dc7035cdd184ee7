import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

from lamina.evaluate.adapter import Handle, is_order, messages_of, system
from lamina.evaluate.schema import read_dataset

ROWS = [
    {"id": "2", "text": "Bo: second", "ts": None, "speaker": "Bo", "group": "a", "session": "s", "seq": 2},
    {"id": "3", "text": "other group", "ts": "7", "speaker": None, "group": "b", "session": "t", "seq": 0},
    {
        "id": "1",
        "text": "first",
        "ts": "1:56 pm on 8 May, 2023",
        "speaker": "user",
        "group": "a",
        "session": "s",
        "seq": 1,
    },
    {"id": "0", "text": "   ", "ts": None, "speaker": "Bo", "group": "a", "session": "s", "seq": 0},
]


def test_rows_become_messages_in_the_order_of_group_and_seq_without_the_empty_ones() -> None:
    assert messages_of(ROWS) == [
        {"content": "first", "external_id": "1", "role": "user", "session": "s", "at": "1:56 pm on 8 May, 2023"},
        {"content": "second", "external_id": "2", "name": "Bo", "session": "s"},
        {"content": "other group", "external_id": "3", "session": "t", "order": 7},
    ]


@pytest.mark.parametrize(
    ("ts", "orders"),
    [
        (0, True),
        ("12", True),
        (99_999_999, True),
        (100_000_000, False),
        ("1700000000", False),
        ("2024", True),
        (None, False),
        ("8 May", False),
        (1.5, False),
        ("", False),
        (True, False),
        ("-3", False),
    ],
)
def test_bare_whole_numbers_below_a_hundred_million_are_an_order(ts: object, *, orders: bool) -> None:
    assert is_order(ts) is orders


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Handle]:
    """The memory of two people at a harbour, with the shipped encoder."""
    dataset = read_dataset(Path(__file__).parent / "data" / "harbour")
    handle = system(vector_cache=tmp_path_factory.mktemp("vectors")).build(
        [doc.row() for doc in dataset.haystacks[0].docs]
    )
    yield handle
    handle.close()


def test_a_query_gives_the_ids_of_the_data_best_first(built: Handle) -> None:
    ranked = built.query("Where did the violin teacher move?", 200)
    assert ranked[0] == "a4"
    assert set(ranked) <= {"a1", "a2", "a4", "a5", "a6"}
    assert built.query("Where did the violin teacher move?", 1) == ranked[:1]


def test_a_question_is_asked_at_the_time_of_the_data(built: Handle) -> None:
    assert built.query("Where did the violin teacher move?", 1, ts="2024/04/30 (Tue) 09:12") == ["a4"]


@pytest.mark.parametrize("ts", [None, "", 3, "5", 0])
def test_a_question_without_a_time_or_with_an_order_alone_is_asked_at_no_time(built: Handle, ts: object) -> None:
    assert built.query("Who keeps bees?", 3, ts=ts) == built.query("Who keeps bees?", 3)
    assert built.pack("Who keeps bees?", 50, ts=ts)
    assert built.recall("Who keeps bees?", 50, ts=ts).budget_tokens == 50


def test_known_times_are_read_in_utc_and_said_to_be_assumed(built: Handle) -> None:
    (record,) = [hit.record for hit in built.memory.search("violin teacher", limit=1, user_id="evaluated")]
    assert record.at is not None
    assert record.at.isoformat() == "2024-03-11T18:40:00+00:00"
    assert record.at_source == "assumed"
    assert (record.speaker, record.session) == ("Tomas", "h2")


def test_pack_gives_text_within_the_budget_and_never_abstains(built: Handle) -> None:
    assert "My violin teacher moved to Lisbon last week." in built.pack("Where did the violin teacher move?", 100)
    assert built.pack("Which telescope did the astronaut break?", 100)


def test_recall_gives_the_context_that_users_get(built: Handle) -> None:
    context = built.recall("Where did the violin teacher of Tomas move?", 100)
    assert not context.abstained
    assert any(citation.external_id == "a4" for citation in context.citations)
    assert built.recall("Which telescope did the astronaut break?", 100).abstained


def test_an_empty_memory_answers_with_nothing() -> None:
    handle = system().build([])
    assert handle.query("Anything?", 5) == []
    assert handle.pack("Anything?", 50) == ""
    handle.close()


def test_options_are_settings_and_nothing_else() -> None:
    assert system(recipe="bm25").settings.recipe == "bm25"
    with pytest.raises(ValueError, match="speed"):
        system(speed=3)


def test_a_scorer_sees_that_questions_have_a_time() -> None:
    handle = system().build([])
    assert "ts" in inspect.signature(handle.query).parameters
    assert "ts" in inspect.signature(handle.pack).parameters
    handle.close()
