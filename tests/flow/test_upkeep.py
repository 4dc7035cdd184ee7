"""What is derived can break, be thrown away, made small and made right: answers stay the same, or say what happened."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import apsw
import numpy as np
import pytest

from lamina import Memory, Settings
from lamina.core.errors import DamagedFile, SchemaTooNew, StoreReadOnly
from lamina.core.scope import Scope
from lamina.flows.indexes import MOST_UNIONS
from lamina.index.container import pack_container, unpack_container
from lamina.testing.fakes import FakeClock, HashEncoder

QUESTION = "which bee hums in garden 7?"


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lamina.index.postings.PART_ROWS", 200)
    monkeypatch.setattr("lamina.index.vectors.PART_SPANS", 150)


@pytest.fixture
def path(tmp_path: Path, clock: FakeClock) -> Path:
    path = tmp_path / "life.db"
    with opened(path, clock) as memory:
        memory.add(
            [
                {"content": f"bee {n} hums in garden {n % 40}", "session": f"s{n // 30}", "name": "Ada"}
                for n in range(700)
            ]
        )
        memory.add("a bee of bob's", user_id="bob")
        memory.delete(next(memory.get_all()).id)
        memory.flush()
    return path


def opened(path: Path, clock: FakeClock, **settings: object) -> Memory:
    return Memory(path, encoder=HashEncoder(), clock=clock, settings=Settings(**settings))


def answer(memory: Memory) -> list[tuple[str, float]]:
    return [(hit.record.text, hit.score) for hit in memory.search(QUESTION)]


def segments(path: Path) -> list[tuple[int, str, str, bytes]]:
    connection = apsw.Connection(str(path))
    rows = connection.execute("SELECT segment_id, producer, part, data FROM segment ORDER BY segment_id").fetchall()
    connection.close()
    return rows


def tamper(path: Path, statement: str, *values: object) -> None:
    connection = apsw.Connection(str(path))
    connection.execute(statement, values)
    assert connection.changes()
    connection.close()


def copies(path: Path) -> Iterator[tuple[Path, int, str, bytes]]:
    """Give a copy of the file for each segment that it keeps."""
    for segment_id, producer, part, data in segments(path):
        copy = path.with_name(f"{segment_id}.db")
        shutil.copy(path, copy)
        yield copy, segment_id, f"{producer} {part}", data


def test_ordinary_use_loads_what_is_kept_and_builds_nothing_anew(path: Path, clock: FakeClock) -> None:
    assert len(segments(path)) >= 3 + 1 + 4 + 1
    with opened(path, clock) as memory:
        hits = memory.search(QUESTION)
        memory.add("another bee")
        memory.search(QUESTION)
        index = memory.stats().index
    assert hits.notes == ()
    assert (index.loads, index.builds, index.rebuilds, index.failure) == (1, 0, 0, None)


def test_a_segment_with_flipped_bytes_is_told_and_the_answer_is_right(path: Path, clock: FakeClock) -> None:
    with opened(path, clock) as memory:
        expected = answer(memory)
    for copy, segment_id, what, data in copies(path):
        for place in (3, 9, len(data) // 2, len(data) - 1):
            broken = bytearray(data)
            broken[place] ^= 0x10
            tamper(copy, "UPDATE segment SET data = ? WHERE segment_id = ?", bytes(broken), segment_id)
            with opened(copy, clock) as memory:
                hits = memory.search(QUESTION)
                assert [(hit.record.text, hit.score) for hit in hits] == expected, what
                assert "could not be used" in hits.notes[0], what
                assert memory.search(QUESTION).notes == ()
                assert memory.stats().index.rebuilds == 1


def test_a_missing_segment_is_told_and_the_answer_is_right(path: Path, clock: FakeClock) -> None:
    with opened(path, clock) as memory:
        expected = answer(memory)
    for copy, segment_id, what, _ in copies(path):
        tamper(copy, "DELETE FROM segment WHERE segment_id = ?", segment_id)
        with opened(copy, clock) as memory:
            hits = memory.search(QUESTION)
            assert [(hit.record.text, hit.score) for hit in hits] == expected, what
            assert "is missing" in hits.notes[0], what


def test_a_broken_segment_is_found_by_verify_and_mended_by_repair(path: Path, clock: FakeClock) -> None:
    for copy, segment_id, _, data in copies(path):
        tamper(copy, "UPDATE segment SET data = ? WHERE segment_id = ?", data[:-1], segment_id)
        with opened(copy, clock) as memory:
            report = memory.verify()
            assert {finding.check for finding in report.findings} == {"index"}
            mended = memory.verify(repair=True)
            assert mended.is_sound
            assert mended.mended == report.findings
            assert memory.verify().is_sound
            assert memory.search(QUESTION).notes == ()


@pytest.mark.parametrize("name", ["postings.counts", "lengths", "at_us", "speaker", "values", "signs", "ended.until"])
def test_a_kept_index_that_says_something_else_than_the_records_is_found(
    path: Path, clock: FakeClock, name: str
) -> None:
    for segment_id, _, _, data in segments(path):
        header, arrays = unpack_container(data)
        if len(arrays.get(name, ())):
            changed = {**arrays, name: arrays[name].copy()}
            changed[name].flat[0] = changed[name].flat[0] ^ 1 if name != "speaker" else changed[name].flat[0]
            if name == "speaker":
                header = {**header, "names": {**header["names"], "speaker": ["Eve"]}}
            tamper(
                path, "UPDATE segment SET data = ? WHERE segment_id = ?", pack_container(header, changed), segment_id
            )
            break
    with opened(path, clock) as memory:
        assert {finding.check for finding in memory.verify().findings} == {"index"}
        assert memory.verify(repair=True).is_sound


def test_marks_and_vectors_are_mended_and_encoded_again(path: Path, clock: FakeClock) -> None:
    tamper(path, "UPDATE content SET awaits_vector = 1 WHERE content_id = 5")
    tamper(path, "UPDATE vector SET data = x'00' WHERE vector_number = 9")
    tamper(path, "UPDATE wall SET vector_number = 1, waiting = 99")
    with opened(path, clock) as memory:
        with pytest.raises(DamagedFile, match="--repair"):
            memory.search(QUESTION)
        assert {finding.check for finding in memory.verify().findings} == {"vectors", "index"}
        assert memory.verify(repair=True).is_sound
        # Bob's text, and the one whose vector fitted nothing.
        assert memory.stats(is_whole_file=True).counts.waiting == 2
        assert memory.flush() == 1
        assert memory.verify().is_sound
        assert memory.search(QUESTION).pending == 0


def test_repair_leaves_records_and_log_alone(path: Path, clock: FakeClock) -> None:
    tamper(path, "UPDATE content SET text = 'never said' WHERE content_id = 5")
    with opened(path, clock) as memory:
        before = memory.verify()
        assert {finding.check for finding in before.findings} >= {"content"}
        after = memory.verify(repair=True)
        assert {finding.check for finding in after.findings} == {"content"}
        assert not after.is_sound


def test_what_cannot_be_written_cannot_be_mended_upkept_or_compacted(path: Path, clock: FakeClock) -> None:
    tamper(path, "DELETE FROM segment WHERE segment_id = 1")
    with opened(path, clock, read_only=True) as memory:
        for call in (lambda: memory.verify(repair=True), memory.reindex, memory.compact):
            with pytest.raises(StoreReadOnly):
                call()
        assert "is missing" in memory.search(QUESTION).notes[0]


def test_an_index_built_anew_gives_the_same_answers_to_everybody(path: Path, clock: FakeClock) -> None:
    told: list[tuple[int, int]] = []
    with opened(path, clock) as memory, opened(path, clock) as other:
        expected = answer(memory)
        assert answer(other) == expected
        before = [data for *_, data in segments(path)]
        assert memory.reindex(on_progress=lambda done, of: told.append((done, of))).walls == 2
        assert answer(memory) == answer(other) == expected
        assert sorted(data for *_, data in segments(path))[: len(before)] != []
        assert other.stats().index.loads == 2
    assert told == [(0, 2), (1, 2), (2, 2)]


def test_compacting_makes_the_file_small_and_keeps_every_index(path: Path, clock: FakeClock) -> None:
    with opened(path, clock) as memory:
        memory.add([f"wasp {number} " * 40 for number in range(300)], user_id="bob")
        memory.flush(user_id="bob")
        expected = answer(memory)
        memory.reindex()
        done = memory.compact()
        assert (done.walls, done.bytes_after < done.bytes_before) == (2, True)
        assert done.bytes_after == path.stat().st_size
        assert answer(memory) == expected
        assert memory.verify().is_sound
    with opened(path, clock) as memory:
        memory.search(QUESTION, user_id="bob")
        assert memory.stats().index.loads == 1
        assert memory.compact().bytes_after <= done.bytes_after


def test_beside_a_reader_compacting_says_what_waits_for_it(path: Path, clock: FakeClock) -> None:
    with opened(path, clock, busy_timeout_s=0.2) as memory:
        memory.add([f"wasp {number} " * 40 for number in range(300)], user_id="bob")
        memory.erase(all=True, user_id="bob")
        memory.add([f"hornet {number} " * 40 for number in range(300)], user_id="eve")
        memory.delete_all(user_id="eve")
        reader = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
        reader.execute("BEGIN").execute("SELECT count(*) FROM record").fetchall()
        held = memory.compact()
        assert held.bytes_after > held.bytes_before
        assert 0 < held.waiting_bytes < held.bytes_after
        reader.execute("ROLLBACK")
        reader.close()
        done = memory.compact()
        assert done.waiting_bytes == 0
        assert done.bytes_after == held.bytes_after - held.waiting_bytes == path.stat().st_size


def test_a_memory_without_a_file_is_upkept_alike(clock: FakeClock) -> None:
    with Memory(encoder=HashEncoder(), clock=clock) as memory:
        memory.add([f"bee {number}" for number in range(30)])
        expected = answer(memory)
        assert memory.reindex().walls == 1
        assert memory.compact().bytes_after == 0
        assert memory.verify(repair=True).is_sound
        assert answer(memory) == expected


def test_a_file_that_a_newer_lamina_brings_further_meanwhile_says_so(path: Path, clock: FakeClock) -> None:
    with opened(path, clock) as memory:
        memory.search(QUESTION)
        connection = apsw.Connection(str(path))
        connection.pragma("user_version", 99)
        connection.close()
        for call in (lambda: memory.search(QUESTION), lambda: memory.add("too late"), memory.verify):
            with pytest.raises(SchemaTooNew, match="upgrade"):
                call()


def test_what_was_built_anew_is_told_though_a_text_still_waits_for_its_vector(path: Path, clock: FakeClock) -> None:
    with opened(path, clock) as memory:
        memory.add("one that waits")
    tamper(path, "UPDATE segment SET data = zeroblob(200) WHERE producer LIKE 'rows%'")
    with opened(path, clock) as memory:
        assert "built anew" in memory.search(QUESTION).notes[0]
        assert memory.stats().index.rebuilds == 1


def test_the_bound_on_memory_lets_go_of_walls_not_read_for_longest(path: Path, clock: FakeClock) -> None:
    with opened(path, clock) as memory:
        memory.search(QUESTION)
        one_wall = memory.stats().index.bytes
    with opened(path, clock, index_bytes=one_wall + 20_000) as memory:
        for user in range(40):
            memory.add([f"user {user} says {number}" for number in range(60)], user_id=f"u{user}")
            memory.search("says", user_id=f"u{user}")
        index = memory.stats().index
        assert index.bytes <= index.most_bytes
        assert index.evictions > 10
        assert index.walls < 40
        assert sum(index.bytes_by_part.values()) == index.bytes
        hits = memory.search("says", user_id="u0")
        assert np.all([hit.record.scope.user == "u0" for hit in hits])


def test_a_segment_that_lacks_what_this_version_keeps_is_told_and_the_answer_is_right(
    path: Path, clock: FakeClock
) -> None:
    with opened(path, clock) as memory:
        expected = answer(memory)
    for copy, segment_id, what, data in copies(path):
        header, arrays = unpack_container(data)
        for name in ("at_offset_s", "scales"):
            if name in arrays:
                fewer = pack_container(header, {key: held for key, held in arrays.items() if key != name})
                tamper(copy, "UPDATE segment SET data = ? WHERE segment_id = ?", fewer, segment_id)
                with opened(copy, clock) as memory:
                    hits = memory.search(QUESTION)
                    assert [(hit.record.text, hit.score) for hit in hits] == expected, what
                    assert f"lacks '{name}'" in hits.notes[0], what
                    assert {finding.check for finding in memory.verify().findings} == {"index"}
                    assert memory.verify(repair=True).is_sound


def test_no_reader_builds_an_index_that_another_process_builds_anew(path: Path, clock: FakeClock) -> None:
    with opened(path, clock) as reader, opened(path, clock) as other:
        expected = answer(reader)
        for _ in range(3):
            other.reindex()
            assert answer(reader) == expected
        index = reader.stats().index
        assert (index.loads, index.builds, index.rebuilds) == (4, 0, 0)


def test_users_who_have_nothing_are_not_remembered_and_few_are_kept_joined(path: Path, clock: FakeClock) -> None:
    with opened(path, clock) as memory:
        memory.add("what all share", scope=Scope.shared("acme"))
        memory.search("share", user_id="first", tenant_id="acme")
        walls, unions = len(memory._indexes._by_shelf), len(memory._indexes._unions)
        for number in range(100):
            assert memory.search("share", user_id=f"nobody {number}", tenant_id="acme")
        assert len(memory._indexes._by_shelf) == walls
        assert unions <= len(memory._indexes._unions) <= MOST_UNIONS


@pytest.mark.parametrize("heals_by", ["close", "compact"])
def test_what_was_built_anew_is_kept_so_and_not_built_at_every_opening(
    path: Path, clock: FakeClock, heals_by: str
) -> None:
    with opened(path, clock) as memory:
        expected = answer(memory)
    for copy, segment_id, what, data in copies(path):
        tamper(copy, "UPDATE segment SET data = ? WHERE segment_id = ?", data[:-1], segment_id)
        with opened(copy, clock) as memory:
            if heals_by == "compact":
                memory.compact()
            else:
                assert memory.search(QUESTION).notes != ()
                assert answer(memory) == expected
        with opened(copy, clock) as memory:
            assert answer(memory) == expected, what
            assert memory.search(QUESTION).notes == ()
            assert (memory.stats().index.loads, memory.stats().index.rebuilds) == (1, 0)
            assert memory.verify().is_sound


@pytest.mark.parametrize("what", ["rows%", "vectors%", "%"])
def test_what_a_flush_had_to_build_anew_the_next_answer_tells(path: Path, clock: FakeClock, what: str) -> None:
    tamper(path, "DELETE FROM segment WHERE producer LIKE ?", what)
    with opened(path, clock) as memory:
        memory.flush()
        assert "missing" in memory.search(QUESTION).notes[0]
        assert memory.search(QUESTION).notes == ()


def test_vectors_that_wait_to_be_written_are_kept_once_counted_and_written(
    path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lamina.flows.unwritten.PAUSE_S", 0.0)
    with opened(path, clock) as memory:
        memory.add([f"wasp {n}" for n in range(40)])
        memory.add([f"ant {n}" for n in range(40)], user_id="bob")
    with opened(path, clock, index_bytes=1, busy_timeout_s=0.05) as memory:
        other = apsw.Connection(str(path))
        other.execute("BEGIN IMMEDIATE")
        for _ in range(3):
            memory.search("wasp 7")
            memory.search("ant 7", user_id="bob")
            # Neither user's index is kept: what was encoded is.
            assert memory.stats().index.bytes_by_part["unwritten"] == 81 * 2 * 64
        index = memory.stats().index
        assert index.bytes == sum(index.bytes_by_part.values())
        other.execute("ROLLBACK")
        memory.add("one more")
        memory.search("wasp 7")
        assert memory.stats().index.bytes_by_part["unwritten"] == 0
        assert memory.stats(is_whole_file=True).counts.waiting == 0


def test_of_a_text_that_waits_all_spans_are_kept_or_none(
    path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lamina.flows.unwritten.MOST_UNWRITTEN", 6)
    with opened(path, clock, busy_timeout_s=0.05) as memory:
        long = memory.add(" ".join(f"word{n}" for n in range(300))).stored[0]
        other = apsw.Connection(str(path))
        other.execute("BEGIN IMMEDIATE")
        memory.search("word3")
        other.execute("ROLLBACK")
        memory.flush()
        assert memory.verify().is_sound
    spans = apsw.Connection(str(path)).execute(
        'SELECT x."start" FROM vector AS x INNER JOIN content AS c USING (content_id) WHERE c.text = ?', (long.text,)
    )
    assert min(start for (start,) in spans) == 0


def test_what_a_filter_folds_is_counted(path: Path, clock: FakeClock) -> None:
    with opened(path, clock) as memory:
        memory.add(
            [{"content": f"word{n}", "metadata": {"city": f"Town number {n} of a long name"}} for n in range(99)]
        )
        memory.search("word1", filters={"city": {"icontains": "TOWN"}})
        index = memory.stats().index
        assert index.bytes == memory._indexes._all_bytes() == sum(index.bytes_by_part.values())


@pytest.mark.parametrize("what", ["rows%", "vectors%", "%"])
@pytest.mark.parametrize("size", [5, 700])
def test_rows_or_vectors_that_are_missing_whole_are_told_and_kept_anew(
    path: Path, clock: FakeClock, what: str, size: int
) -> None:
    if size < 700:
        # So small that each is one segment.
        path = path.with_name("small.db")
        with opened(path, clock) as memory:
            memory.add([f"bee {n} hums in garden {n}" for n in range(size)])
            memory.flush()
            memory.compact()
    with opened(path, clock) as memory:
        expected = answer(memory)
    tamper(path, "DELETE FROM segment WHERE producer LIKE ?", what)
    with opened(path, clock, read_only=True) as memory:
        assert [finding.check for finding in memory.verify().findings] == ["index"]
        assert "missing" in memory.recall(QUESTION).notes[0]
    with opened(path, clock) as memory:
        hits = memory.search(QUESTION)
        assert "missing" in hits.notes[0]
        assert [(hit.record.text, hit.score) for hit in hits] == expected
        assert memory.search(QUESTION).notes == ()
        assert (memory.stats().index.rebuilds, memory.stats().index.loads) == (1, 0)
        assert "missing" in str(memory.verify().findings)
    with opened(path, clock) as memory:
        hits = memory.search(QUESTION)
        assert ([(hit.record.text, hit.score) for hit in hits], hits.notes) == (expected, ())
        assert (memory.stats().index.rebuilds, memory.stats().index.loads) == (0, 1)
        assert memory.verify().is_sound


def test_compacting_lets_go_of_segments_of_another_layout(path: Path, clock: FakeClock) -> None:
    columns = "wall_id, 'rows.1:x', part, ordinal, covers, data"
    tamper(path, f"INSERT INTO segment SELECT NULL, {columns} FROM segment WHERE producer LIKE 'rows%'")  # noqa: S608
    for is_held in (True, False):
        with opened(path, clock) as memory:
            expected = answer(memory) if is_held else None
            memory.compact()
            assert expected is None or answer(memory) == expected
        assert not {producer for _, producer, *_ in segments(path) if producer.startswith("rows.1")}
        tamper(path, "UPDATE segment SET producer = 'rows.1:x' WHERE part = 'tail' AND producer LIKE 'rows%'")


def test_an_observation_put_into_another_session_behind_its_back_is_found(path: Path, clock: FakeClock) -> None:
    some = "SELECT record_key FROM record WHERE kind = 'observation' AND session_id = 1 LIMIT 1 OFFSET 5"
    tamper(path, f"UPDATE record SET session_id = 2 WHERE record_key = ({some})")  # noqa: S608
    with opened(path, clock) as memory:
        assert {"content", "index"} <= {finding.check for finding in memory.verify().findings}


def test_a_timeline_over_a_broken_time_says_damage(path: Path, clock: FakeClock) -> None:
    tamper(path, "UPDATE revision SET at_us = 9223372036854775807 WHERE record_key = 31")
    with opened(path, clock) as memory, pytest.raises(DamagedFile, match="backup"):
        memory.timeline()
