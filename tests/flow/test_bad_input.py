"""Bad input gets an error that names the argument and says what to do, and leaves the memory as it was."""

import resource
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import apsw
import numpy as np
import pytest

from lamina.core.errors import InvalidArgument, InvalidTransition, NotFound, StoreBusy, StoreUnavailable
from lamina.core.scope import Scope
from lamina.memory import Memory
from lamina.settings import Settings
from lamina.testing.fakes import FakeClock, HashEncoder

NAIVE = datetime(2026, 3, 2, 8, 0)  # noqa: DTZ001  # naive on purpose
YEAR_9999 = datetime(9999, 12, 31, tzinfo=UTC)


def everything(memory: Memory) -> tuple[object, ...]:
    """Give all that the memory holds, to compare before and after."""
    counts = memory.stats(is_whole_file=True).counts
    logs = [memory.history(record.id) for record in memory.get_all()]
    return (counts.records, counts.revisions, counts.operations, counts.commits, counts.sessions, logs)


def refused(memory: Memory, call: Callable[[], object], error: type[Exception] = InvalidArgument) -> str:
    """Make the call, see it refused with `error`, see that nothing changed, and give the message."""
    before = everything(memory)
    with pytest.raises(error) as caught:
        call()
    assert everything(memory) == before
    assert memory.verify().is_sound
    return str(caught.value)


@pytest.fixture
def known(memory: Memory) -> str:
    return memory.add("Ada keeps bees on the roof").stored[0].id


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "empty"),
        (" \n\t ", "empty"),
        ("a\0b", "NUL"),
        ("half \ud83d", "surrogate"),
        (17, "int"),
        (None, "NoneType"),
        (b"bytes", "bytes"),
    ],
)
def test_a_text_that_cannot_be_kept_is_refused_everywhere(
    memory: Memory, known: str, text: object, problem: str
) -> None:
    assert problem in refused(memory, lambda: memory.add(text))
    assert problem in refused(memory, lambda: memory.add([{"content": "fine"}, {"content": text}]))
    assert "`query`" in refused(memory, lambda: memory.search(text))
    assert "`query`" in refused(memory, lambda: memory.recall(text))
    if text is not None:
        assert "`text`" in refused(memory, lambda: memory.update(known, text=text))


def test_a_ten_megabyte_message_is_refused_with_the_advice_to_use_a_document(memory: Memory, known: str) -> None:
    message = refused(memory, lambda: memory.add("long story " * 1_000_000))
    assert "Document" in message
    assert "bytes" in message


def test_a_bad_message_in_a_list_is_named_by_its_place_and_nothing_of_the_list_is_kept(
    memory: Memory, known: str
) -> None:
    message = refused(memory, lambda: memory.add([{"content": "one"}, {"content": "two"}, {"content": " "}]))
    assert "messages[2]" in message


@pytest.mark.parametrize("what", [{"content": "x", "colour": "red"}, {}, [], [7], {"content": {"deep": 1}}, object()])
def test_a_message_of_the_wrong_shape_is_refused(memory: Memory, known: str, what: object) -> None:
    assert "`" in refused(memory, lambda: memory.add(what))


@pytest.mark.parametrize(
    "at",
    [NAIVE, YEAR_9999, "yesterday-ish", "2026-03-02T08:00:00", "2026-03-02T08:00:00+25:00", "2026-03", True, ["x"]],
)
def test_a_time_that_cannot_be_placed_is_refused(memory: Memory, known: str, at: object) -> None:
    assert "at`" in refused(memory, lambda: memory.add("words", at=at))
    assert "at`" in refused(memory, lambda: memory.add([{"content": "words", "at": at}]))
    assert "`at`" in refused(memory, lambda: memory.search("words", at=at))
    assert "`at`" in refused(memory, lambda: memory.update(known, at=at))


@pytest.mark.parametrize("count", [0, -1, 1.5, "3", True, 10**9])
def test_limits_and_budgets_outside_their_range_are_refused(memory: Memory, known: str, count: object) -> None:
    assert "`limit`" in refused(memory, lambda: memory.search("bees", limit=count))
    assert "`budget_tokens`" in refused(memory, lambda: memory.recall("bees", budget_tokens=count))
    assert "`count_tokens`" in refused(memory, lambda: memory.recall("bees", count_tokens="words"))
    if count != 10**9:
        assert "`limit`" in refused(memory, lambda: memory.get_all(limit=count))


@pytest.mark.parametrize("kinds", ["observation", [], ["dream"], 3])
def test_kinds_that_are_none_are_refused(memory: Memory, known: str, kinds: object) -> None:
    assert "`kinds`" in refused(memory, lambda: memory.search("bees", kinds=kinds))


@pytest.mark.parametrize(
    ("filters", "place"),
    [
        ([], "`filters`"),
        ({}, "`filters`"),
        ({"AND": [{"speaker": "Ada"}, {"at": {"gte": NAIVE}}]}, "`filters.AND[1].at.gte`"),
        ({"at": {"lt": YEAR_9999}}, "`filters.at.lt`"),
        ({"recorded_at": "yesterday-ish"}, "`filters.recorded_at`"),
        ({"city": {"in": "Turin"}}, "`filters.city.in`"),
        ({"NOT": {"rank": {"=>": 1}}}, "`filters.NOT.rank`"),
        ({"user_id": "mallory"}, "`filters.user_id`"),
        ({"speker": "Ada"}, "`filters.speker`"),
        ({"x' OR 1=1 --": {"$where": "1"}}, "`filters.x' OR 1=1 --`"),
    ],
)
def test_filters_that_cannot_be_meant_are_refused_everywhere(
    memory: Memory, known: str, filters: object, place: str
) -> None:
    assert place in refused(memory, lambda: memory.search("bees", filters=filters))
    assert place in refused(memory, lambda: memory.recall("bees", filters=filters))
    assert place in refused(memory, lambda: memory.get_all(filters=filters))


@pytest.mark.parametrize("metadata", [{"x": float("nan")}, {1: "x"}, {"x": object()}, "text", {"x": "y" * 100_000}])
def test_metadata_that_json_cannot_hold_is_refused(memory: Memory, known: str, metadata: object) -> None:
    assert "metadata`" in refused(memory, lambda: memory.add("words", metadata=metadata))
    assert "metadata`" in refused(memory, lambda: memory.update(known, metadata=metadata))


@pytest.mark.parametrize("name", ["", "  ", "a\0", "\ud800", "x" * 600, 5])
def test_names_that_cannot_be_kept_are_refused(memory: Memory, known: str, name: object) -> None:
    assert "`user_id`" in refused(memory, lambda: memory.add("words", user_id=name))
    assert "`agent_id`" in refused(memory, lambda: memory.search("words", agent_id=name))
    assert "session`" in refused(memory, lambda: memory.add("words", session=name))
    assert "external_id`" in refused(memory, lambda: memory.add("words", external_id=name))


def test_a_scope_beside_its_parts_is_refused(memory: Memory, known: str) -> None:
    assert "`scope`" in refused(memory, lambda: memory.search("bees", scope=Scope(), user_id="ada"))
    assert "`usr_id`" in refused(memory, lambda: memory.search("bees", usr_id="ada"))


def test_one_external_id_for_a_list_is_refused(memory: Memory, known: str) -> None:
    assert "`external_id`" in refused(memory, lambda: memory.add(["a", "b"], external_id="x"))


@pytest.mark.parametrize("record_id", [7, None, ["a"], b"a"])
def test_what_is_no_text_is_no_id(memory: Memory, record_id: object) -> None:
    for call in (memory.get, memory.history, memory.delete, lambda unknown: memory.update(unknown, text="x")):
        assert "record_id" in refused(memory, lambda call=call: call(record_id))


@pytest.mark.parametrize("record_id", ["", "nobody", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "b2:00", "' OR 1=1 --"])
def test_unknown_ids_are_not_found(memory: Memory, known: str, record_id: object) -> None:
    for call in (memory.get, memory.history, memory.delete, lambda unknown: memory.update(unknown, text="x")):
        assert "this scope" in refused(memory, lambda call=call: call(record_id), NotFound)


def test_foreign_ids_are_answered_like_unknown_ones(memory: Memory, known: str) -> None:
    shared = memory.add("The office closes at six", scope=Scope.shared()).stored[0].id
    for verb in (memory.get, memory.history, memory.delete):
        message = refused(memory, lambda verb=verb: verb(known, user_id="mallory"), NotFound)
        assert message == refused(memory, lambda verb=verb: verb(known, tenant_id="other"), NotFound)
    assert memory.get(shared).text == "The office closes at six"
    refused(memory, lambda: memory.delete(shared), NotFound)
    refused(memory, lambda: memory.update(shared, text="never"), NotFound)


def test_a_question_as_long_as_a_file_is_refused(memory: Memory, known: str) -> None:
    assert "32768" in refused(memory, lambda: memory.search("bees " * 10_000))
    assert memory.search("bees " * 6_000)


@pytest.mark.parametrize("gives", [None, "3", -1, 1.5, True])
def test_a_counter_that_gives_no_number_of_tokens_is_refused(memory: Memory, known: str, gives: object) -> None:
    assert "count_tokens" in refused(memory, lambda: memory.recall("bees", count_tokens=lambda text: gives))
    assert memory.recall("bees", count_tokens=lambda text: np.int64(len(text))).text


def test_abstain_is_true_or_false_and_no_kind_is_none_at_all(memory: Memory, known: str) -> None:
    for wrong in ("no", None, 1.5, -0.1, float("nan")):
        assert "abstain" in refused(memory, lambda wrong=wrong: memory.recall("bees", abstain=wrong))
    for verb in (lambda: memory.get_all(kinds=[]), lambda: memory.search("bees", kinds=[])):
        assert "kinds" in refused(memory, verb)


def test_update_with_nothing_to_change_is_refused(memory: Memory, known: str) -> None:
    assert "text" in refused(memory, lambda: memory.update(known))


def test_a_directory_is_no_file(tmp_path: Path) -> None:
    with pytest.raises((StoreUnavailable, InvalidArgument), match="director"):
        Memory(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises((StoreUnavailable, InvalidArgument), match="nowhere"):
        Memory(tmp_path / "nowhere" / "life.db")


@pytest.mark.parametrize("path", [7, object(), "", "a\0b"])
def test_a_path_that_is_none_is_refused(path: object) -> None:
    with pytest.raises(InvalidArgument, match="`path`"):
        Memory(path)


def test_a_file_that_stays_locked_says_so_and_takes_the_call_later(tmp_path: Path, clock: FakeClock) -> None:
    path = tmp_path / "life.db"
    with Memory(path, settings=Settings(busy_timeout_s=0.1), encoder=HashEncoder(), clock=clock) as memory:
        memory.add("before")
        holder = apsw.Connection(str(path))
        holder.execute("BEGIN IMMEDIATE")
        message = refused(memory, lambda: memory.add("while locked"), StoreBusy)
        assert "busy_timeout_s" in message or "again" in message
        holder.execute("ROLLBACK")
        holder.close()
        memory.add("after")
        assert [record.text for record in memory.get_all()] == ["before", "after"]


#: Adds until the limit on file size (RLIMIT_FSIZE) is hit, then looks at what is left, with the limit still there.
FILL = """
import resource, signal, sys
from lamina.core.errors import StoreFull
from lamina.memory import Memory
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with Memory(sys.argv[1]) as memory:
    memory.add("kept")
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, resource.RLIM_INFINITY))
    try:
        for count in range(1000):
            memory.add("x" * 20_000, external_id=str(count))
    except StoreFull as error:
        print("full after", count, error)
    assert [record.external_id for record in memory.get_all()] == [None, *map(str, range(count))]
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
with Memory(sys.argv[1]) as memory:
    assert [record.external_id for record in memory.get_all()] == [None, *map(str, range(count))]
    assert memory.verify().is_sound
    memory.add("goes on")
"""


def test_a_full_disk_says_so_and_loses_nothing_acknowledged(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FILL, str(tmp_path / "life.db")],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "full after" in done.stdout
    assert "room" in done.stdout
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[1] == resource.RLIM_INFINITY


def test_a_file_that_is_taken_away_while_it_is_open_takes_no_more_and_says_so(tmp_path: Path, clock: FakeClock) -> None:
    path = tmp_path / "life.db"
    with Memory(path, encoder=HashEncoder(), clock=clock) as memory:
        memory.add("bees")
        path.rename(tmp_path / "elsewhere.db")
        for call in (lambda: memory.add("lost"), lambda: memory.search("bees"), lambda: memory.verify()):
            with pytest.raises(StoreUnavailable, match="removed or replaced since it was opened; open it again"):
                call()
        Memory(path, encoder=HashEncoder(), clock=clock).close()
        with pytest.raises(StoreUnavailable):
            memory.add("lost")


@pytest.mark.parametrize(
    ("path", "told"),
    [("\ud800.db", "surrogates not allowed"), ("~nobody-of-that-name/x.db", "home directory")],
)
def test_a_path_that_no_file_can_have_is_refused(path: str, told: str) -> None:
    with pytest.raises(InvalidArgument, match=told):
        Memory(path, encoder=HashEncoder())


def test_a_link_that_leads_to_itself_is_refused(tmp_path: Path) -> None:
    (tmp_path / "loop.db").symlink_to(tmp_path / "loop.db")
    with pytest.raises(StoreUnavailable, match="check its name"):
        Memory(tmp_path / "loop.db", encoder=HashEncoder())


def test_memory_without_a_file_cannot_be_read_only_and_its_name_may_be_a_path(tmp_path: Path) -> None:
    with pytest.raises(InvalidArgument, match="names no file"):
        Memory(settings=Settings(read_only=True), encoder=HashEncoder())
    with Memory(Path(":memory:"), encoder=HashEncoder()) as memory:
        memory.add("bees")
        assert memory.stats().file_bytes == 0


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"busy_timeout_s": float("inf")}, "`busy_timeout_s` is inf; it should be less than or equal to 3600"),
        ({"event_gap_s": 1e300}, "`event_gap_s` is 1e"),
        ({"encode_at_read": -1}, "`encode_at_read` is -1; it should be greater than or equal to 0"),
        ({"encode": "later"}, "`encode` is 'later'; it should be 'deferred' or 'inline'"),
        ({"colour": "red"}, "`colour` is no setting; there are: encoder,"),
    ],
)
def test_a_setting_that_cannot_be_is_named(fields: dict[str, object], told: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        Settings(**fields)
    assert told in str(caught.value)


def test_a_setting_of_the_environment_is_named_as_it_stands_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAMINA_ENCODE_AT_READ", "-1")
    with pytest.raises(InvalidArgument, match="LAMINA_ENCODE_AT_READ"):
        Settings()


@pytest.mark.parametrize(
    ("value", "is_kept"), [("a\0b", False), ("a\\\0b", False), ("a\\u0000b", True), ("\\\\u0000", True)]
)
def test_metadata_hold_no_nul_and_any_word_that_looks_like_one(memory: Memory, value: str, is_kept: bool) -> None:
    if is_kept:
        assert memory.add("x", metadata={"key": value}).stored[0].metadata == {"key": value}
    else:
        with pytest.raises(InvalidArgument, match="holds a NUL"):
            memory.add("x", metadata={"key": value})


@pytest.mark.parametrize("source", ["", " ", "a\0b", "."])
def test_a_source_that_no_file_is_called_is_refused_by_name(memory: Memory, source: str) -> None:
    with pytest.raises(InvalidArgument, match=r"`source`.*give the path of a file"):
        memory.import_messages(source)


def test_a_path_that_sqlite_cannot_be_told_is_refused_by_name() -> None:
    with pytest.raises(InvalidArgument, match="`path`"):
        Memory("x\udc80y.db")


def test_a_message_holds_little_of_a_long_input(memory: Memory, known: str) -> None:
    long = "x" * 1_000_000
    for call in (lambda: memory.add("a", at=long), lambda: memory.search("a", at="2026-03-02", timezone=long)):
        assert len(refused(memory, call)) < 1000
    assert len(refused(memory, lambda: memory.get(long), NotFound)) < 1000
    assert "is withdrawn already" in _withdrawn_twice(memory, known)


def _withdrawn_twice(memory: Memory, known: str) -> str:
    memory.delete(known)
    return refused(memory, lambda: memory.delete(known), InvalidTransition)
