"""Erasing: no byte of what was erased is left in any file, and what is left is as it was."""

import shutil
import threading
from pathlib import Path

import apsw
import pytest

from lamina.core.errors import CannotRevert, InvalidArgument, NotFound
from lamina.core.layers import Kind
from lamina.core.lifecycle import State
from lamina.flows.publish import LEAST_NEW
from lamina.ingest.documents import Document
from lamina.memory import Memory
from lamina.settings import Settings
from lamina.testing.fakes import FakeClock, HashEncoder
from lamina.testing.planting import Planted, lift_all, plant

#: Columns for words that no verb writes yet, or the small encoder of these tests does not.
FILLED_BY_NOBODY = {"revision.acl", "token_vector.data"}


@pytest.fixture
def kept(memory: Memory) -> list[str]:
    memory.add([{"content": f"kept turn {number}", "name": "Ada", "session": "kept"} for number in range(30)])
    memory.flush()
    return [record.id for record in memory.get_all(session="kept")]


def test_of_a_wall_that_is_erased_no_byte_is_left(memory: Memory, tmp_path: Path) -> None:
    planted = Planted(1)
    plant(memory, planted, tmp_path)
    memory.snapshot(planted.word("snapshot"))
    memory.snapshot(planted.word("dropped snapshot"))
    memory.drop_snapshot(list(planted.words)[-1])
    assert {where for where, _ in planted.found_in(tmp_path)} >= set(planted.words.values()) - {"question"}
    memory.close()
    with Memory(tmp_path / "life.db", encoder=HashEncoder()) as again:
        lift_all(again)
        receipt = again.erase(all=True)
        assert receipt.scrubbed
        assert planted.found_in(tmp_path) == []
        assert again.verify().is_sound
        assert list(again.get_all()) == []
        with pytest.raises(CannotRevert, match="erased"):
            again.revert(1)
    assert planted.found_in(tmp_path) == []


def test_every_column_that_holds_words_is_planted_and_is_empty_afterwards(memory: Memory, tmp_path: Path) -> None:
    plant(memory, Planted(6), tmp_path)
    memory.snapshot("zzsnapshot")
    memory.compact()
    there = _filled(tmp_path / "life.db")
    assert {name for name, rows in there.items() if not rows} == FILLED_BY_NOBODY
    lift_all(memory)
    memory.erase(all=True)
    assert {name for name, rows in _filled(tmp_path / "life.db").items() if rows} == set()


def test_one_record_goes_and_the_others_keep_ids_vectors_and_ranks(
    memory: Memory, tmp_path: Path, kept: list[str]
) -> None:
    never_said = [(hit.record.id, hit.score) for hit in memory.search("kept turn 7", limit=30)]
    planted = Planted(2)
    ids = plant(memory, planted, tmp_path)
    lift_all(memory)
    vectors = _vectors_of(tmp_path / "life.db", kept)
    assert memory.erase(ids["said"]).scrubbed
    assert memory.erase(ids["document"]).scrubbed
    assert memory.erase(filters={"speaker": "nobody"}).operations == ()
    memory.erase(filters={"OR": [{"modality": "trace"}, {"session": {"ne": "kept"}}]})
    assert sorted(planted.found_in(tmp_path)) == []
    assert _vectors_of(tmp_path / "life.db", kept) == vectors
    memory.flush()
    assert [(hit.record.id, hit.score) for hit in memory.search("kept turn 7", limit=30)] == never_said
    assert memory.verify().is_sound


def test_an_index_in_memory_goes_on_without_what_was_erased_and_is_kept_so(memory: Memory, tmp_path: Path) -> None:
    secret = "quixotic zeppelin"
    said = [{"content": f"bees of hive {number}", "name": "Ada", "external_id": f"{number}"} for number in range(40)]
    memory.add([*said, {"content": secret, "name": "Zebedee", "metadata": {"zither": "zenith"}, "external_id": "z"}])
    memory.flush()
    assert memory.search(secret)
    builds = memory.stats().index.builds
    memory.erase(filters={"external_id": {"in": ["z", "7", "21"]}})
    assert [hit.record.external_id for hit in memory.search("hive 21", limit=99)].count("21") == 0
    assert memory.stats().index.builds == builds
    memory.flush()
    bytes_there = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    assert not [word for word in (b"quixotic", b"zeppelin", b"Zebedee", b"zither", b"zenith") if word in bytes_there]
    hits = [(hit.record.id, hit.score) for hit in memory.search("bees of hive 3", limit=99)]
    memory.compact()
    assert memory.verify().is_sound
    with Memory(tmp_path / "life.db", encoder=HashEncoder()) as other:
        assert [(hit.record.id, hit.score) for hit in other.search("bees of hive 3", limit=99)] == hits
        assert (other.stats().index.loads, other.stats().index.builds) == (1, 0)


def test_what_nobody_read_since_an_erasure_is_kept_without_it_when_the_file_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "life.db"
    with Memory(path, encoder=HashEncoder()) as memory:
        names = [one.id for one in memory.add([f"bees of hive {number}" for number in range(LEAST_NEW + 9)]).stored]
        memory.add(["wasps"] * 3, user_id="bob")
    with Memory(path, encoder=HashEncoder()) as memory:
        memory.search("hive 7")
        memory.erase(names[7])
    with Memory(path, encoder=HashEncoder()) as memory:
        assert names[7] not in {hit.record.id for hit in memory.search("hive 7", limit=1000)}
        assert (memory.stats().index.loads, memory.stats().index.builds) == (1, 0)
        assert memory.verify().is_sound
        memory.erase(names[8])
        memory.flush()
        with Memory(path, encoder=HashEncoder()) as other:
            assert other.search("hive 9")
            assert (other.stats().index.loads, other.stats().index.builds) == (1, 0)


@pytest.mark.parametrize("let_go", ["before", "after", "unread"])
def test_nothing_of_what_was_erased_is_kept_of_an_index_that_was_let_go(tmp_path: Path, let_go: str) -> None:
    path = tmp_path / "life.db"
    with Memory(path, encoder=HashEncoder(width=384)) as memory:
        for user in ("ada", "bob"):
            hives = [f"bees{number} of hive {number}" for number in range(LEAST_NEW + 99)]
            names = [one.id for one in memory.add([*hives, f"quixotic zeppelin of {user}"], user_id=user).stored]
            memory.flush(user_id=user)
    assert _kept(path) == {"ada", "bob"}
    with Memory(path, encoder=HashEncoder(width=384), settings=Settings(index_bytes=1 << 20)) as memory:
        if let_go != "unread":
            memory.search("hive 7", user_id="bob")
        if let_go == "before":
            memory.search("hive 7", user_id="ada")
        memory.erase(names[-1], user_id="bob")
        assert _kept(path) == {"ada"}
        if let_go == "after":
            memory.search("hive 7", user_id="ada")
        assert memory.stats().index.evictions == (let_go != "unread")
        assert "bob" not in {wall.user for wall, _ in memory._indexes.in_memory()}
    assert _kept(path) == {"ada"}
    there = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"zeppelin of ada" in there
    assert b"zeppelin of bob" not in there
    with Memory(path, encoder=HashEncoder(width=384)) as memory:
        hits = [(hit.record.id, hit.score) for hit in memory.search("zeppelin of hive 7", limit=999, user_id="bob")]
        assert {name for name, _ in hits} <= set(names[:-1])
        # Nothing was left to load.
        assert (memory.stats().index.loads, memory.stats().index.builds) == (0, 1)
        assert memory.verify().is_sound


def _kept(path: Path) -> set[str]:
    """Give the users of whose indexes something is kept."""
    connection = apsw.Connection(str(path))
    try:
        asked = "SELECT DISTINCT w.user FROM segment AS s INNER JOIN wall AS w USING (wall_id)"
        return {user for (user,) in connection.execute(asked)}
    finally:
        connection.close()


def test_what_is_erased_is_not_found_by_id_and_its_history_says_so(memory: Memory) -> None:
    name = memory.add("one").stored[0].id
    memory.update(name, text="two")
    receipt = memory.erase(name)
    with pytest.raises(NotFound):
        memory.get(name)
    with pytest.raises(NotFound):
        memory.erase(name)
    entries = memory.history(name)
    assert [str(entry.operation.action) for entry in entries] == ["ADD", "UPDATE", "ERASE", "ERASE"]
    assert {(entry.record.text, entry.record.state) for entry in entries} == {("", State.ERASED)}
    assert receipt.counts["ERASE"] >= 2


def test_a_filter_reaches_former_revisions(memory: Memory) -> None:
    name = memory.add("the secret", metadata={"level": "secret"}).stored[0].id
    memory.update(name, text="nothing", metadata={"level": "open"})
    assert memory.erase(filters={"level": "secret"}).ids[0] == name
    assert memory.get_all(limit=1).cursor is None


def test_a_part_of_a_document_goes_with_the_digest_that_would_confirm_it(memory: Memory, tmp_path: Path) -> None:
    text = "".join(f"# Part {number}\n\nThe word of it is w{number}.\n\n" for number in range(12))
    added = memory.add(Document(title="Words", text=text), external_id="w")
    digest = next(record for record in added.stored if record.kind is Kind.DOCUMENT).metadata["document"]["digest"]  # type: ignore[index,call-overload]
    passage = memory.search("w5", limit=1)[0].record
    head = passage.provenance.sources[0].record_id
    assert memory.erase(passage.id).scrubbed
    assert memory.verify().is_sound
    assert str(digest).encode() not in (tmp_path / "life.db").read_bytes()
    assert memory.get(head).text == "Words"
    assert passage.text not in [record.text for record in memory.get_all()]
    for record in list(memory.get_all()):
        memory.erase(record.id, wait=False)
    with pytest.raises(NotFound):
        memory.get(head)
    assert memory.verify().is_sound
    assert memory.add(Document(title="Words", text=text), external_id="w").repeated == ()


def test_names_go_with_events_that_were_emptied_before(memory: Memory, tmp_path: Path) -> None:
    said = [("aa", "10:00"), ("bb", "10:10"), ("cc", "14:00")]
    messages = [{"content": text, "at": f"2026-01-01T{at}:00Z"} for text, at in said]
    first, second, _ = memory.add(messages, session="zzsession", agent_id="zzagent").stored  # type: ignore[arg-type]
    memory.erase(first.id)
    memory.update(second.id, at="2026-01-01T13:55:00Z")
    assert memory.erase(all=True).scrubbed
    data = (tmp_path / "life.db").read_bytes()
    assert b"zzsession" not in data
    assert b"zzagent" not in data
    assert memory.verify().is_sound


def test_imports_keep_no_name_that_nobody_bears(memory: Memory, tmp_path: Path) -> None:
    file = tmp_path / "chat.jsonl"
    file.write_text('{"text": "one"}\n{"text": "two", "session": "other"}\n', "utf-8")
    memory.import_messages(file, session="zzdefault")
    memory.erase(filters={"session": "zzdefault"})
    assert b"zzdefault" not in (tmp_path / "life.db").read_bytes()
    assert [record.text for record in memory.get_all()] == ["two"]
    assert memory.verify().is_sound


def test_an_erasure_of_nothing_finishes_what_waits(memory: Memory, tmp_path: Path) -> None:
    memory.add("zzwaits")
    assert not memory.erase(all=True, wait=False).scrubbed
    assert memory.erase(all=True).scrubbed
    assert b"zzwaits" not in b"".join(path.read_bytes() for path in tmp_path.glob("life.db*"))
    assert memory.erase(all=True).scrubbed


def test_a_source_that_was_changed_after_a_part_of_it_was_erased_is_refused(memory: Memory, tmp_path: Path) -> None:
    file = tmp_path / "chat.jsonl"

    def write(*texts: str) -> Path:
        file.write_text("".join(f'{{"text": "{text}"}}\n' for text in texts), "utf-8")
        return file

    memory.import_messages(write("aaa", "bbb", "ccc"))
    memory.erase(next(iter(memory.get_all())).id)
    with pytest.raises(InvalidArgument, match="says something else from its beginning"):
        memory.import_messages(write("p", "q", "r", "s"))
    assert memory.import_messages(write("aaa", "bbb", "ccc", "ddd")).stored == 1
    assert [record.text for record in memory.get_all()] == ["bbb", "ccc", "ddd"]


def test_a_file_that_was_erased_can_be_taken_in_again(memory: Memory, tmp_path: Path) -> None:
    file = tmp_path / "chat.jsonl"
    file.write_text('{"text": "one"}\n{"text": "two"}\n', "utf-8")
    memory.import_messages(file)
    memory.erase(all=True)
    assert memory.import_messages(file).stored == 2


def test_a_reader_of_before_keeps_the_bytes_and_closing_the_last_handle_lets_them_go(
    tmp_path: Path, clock: FakeClock
) -> None:
    path = tmp_path / "life.db"
    planted = Planted(3)

    with Memory(path, encoder=HashEncoder(), clock=clock, settings=Settings(busy_timeout_s=0.2)) as memory:
        memory.add(planted.word("text", 40))
        reader = apsw.Connection(str(path))
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM content").fetchall()
        receipt = memory.erase(all=True)
        assert not receipt.scrubbed
        assert planted.found_in(tmp_path)
        report = memory.verify()
        assert report.is_sound
        assert "erased" in report.notes[0]
        reader.execute("COMMIT")
        reader.close()
    assert planted.found_in(tmp_path) == []


def test_erasing_while_another_thread_reads_leaves_nothing(memory: Memory, tmp_path: Path, kept: list[str]) -> None:
    planted = Planted(4)
    ids = [memory.add(f"{planted.word('text')} kept").stored[0].id for _ in range(20)]
    memory.flush()
    stop = threading.Event()
    broken: list[BaseException] = []

    def read() -> None:
        while not stop.is_set():
            try:
                memory.search("kept turn")
            except BaseException as error:  # noqa: BLE001  # handed to the test
                broken.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    for name in ids:
        memory.erase(name, wait=False)
    stop.set()
    reader.join()
    assert broken == []
    memory.close()
    assert planted.found_in(tmp_path) == []
    assert len(kept) == 30


def test_a_copy_that_was_killed_before_it_was_scrubbed_is_scrubbed_by_who_opens_it(
    memory: Memory, tmp_path: Path
) -> None:
    planted = Planted(5)
    memory.add(planted.word("text", 40))
    memory.flush()
    memory.erase(all=True, wait=False)
    copy = tmp_path / "copy"
    copy.mkdir()
    for path in tmp_path.glob("life.db*"):
        shutil.copy(path, copy)
    assert planted.found_in(copy)
    with Memory(copy / "life.db", encoder=HashEncoder()):
        pass
    assert planted.found_in(copy) == []


def _filled(path: Path) -> dict[str, int]:
    """Give how many rows fill each column that is registered as holding words, or what is made of them."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    named = connection.execute(
        "SELECT table_name, column_name FROM content_register WHERE holds IN ('content', 'vector')"
    ).fetchall()
    found = {
        f"{table}.{column}": connection.execute(
            f'SELECT count("{column}") FROM "{table}"'  # noqa: S608  # the names are the schema's own
        ).fetchall()[0][0]
        for table, column in named
    }
    connection.close()
    return found


def _vectors_of(path: Path, ids: list[str]) -> dict[str, list[bytes]]:
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    rows = connection.execute(
        "SELECT r.id, x.data FROM record AS r JOIN revision AS v USING (record_key) JOIN vector AS x USING (content_id)"
    ).fetchall()
    connection.close()
    found: dict[str, list[bytes]] = {}
    for name, data in rows:
        if name in ids:
            found.setdefault(name, []).append(data)
    return found
