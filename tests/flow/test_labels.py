"""Labels: who may not see one gets from every verb what a memory gives that never held what bears it."""

import inspect
import io
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from lamina.core.clearance import REDACTED
from lamina.core.errors import InvalidArgument, LaminaError, NotFound, NotGranted
from lamina.core.layers import Kind
from lamina.core.protocols import Reading, Writing
from lamina.core.scope import Scope
from lamina.flows.cleared import PASSED, ClearedReading, ClearedWriting
from lamina.ingest.documents import Document
from lamina.ingest.traces import Trace
from lamina.memory import Memory
from lamina.settings import Settings
from lamina.testing.fakes import FakeClock, HashEncoder

SALARY, BEES = "Ada's salary is ninety thousand", "Ada keeps bees on the roof"
MASK = REDACTED.format(label="private")
APP: dict[str, Any] = {"principal": "app"}
Call = Callable[..., object]


@pytest.fixture
def names(memory: Memory) -> dict[str, str]:
    """What is there: a record that bears a label and one that does not, in one session and one event."""
    added = memory.add([
        {"content": SALARY, "name": "Ada", "sensitivity": "private", "external_id": "pay", "metadata": {"eur": 9}},
        {"content": BEES, "name": "Ada", "external_id": "bees"},
    ], session="roof").stored  # fmt: skip
    memory.give_grant("app", "writer")
    memory.give_grant("hr", "reader", sees=["private"])
    memory.give_grant("lead", "administrator")
    return {"private": added[0].id, "plain": added[1].id, "event": added[0].event_id or ""}


def outcome(call: Call) -> object:
    try:
        return call()
    except LaminaError as error:
        return type(error), str(error)


#: Reads, each of what it is given about one record.
READS: dict[str, Call] = {
    "get": lambda memory, name, **who: memory.get(name, **who).text,
    "history": lambda memory, name, **who: [entry.record.text for entry in memory.history(name, **who)],
    "search": lambda memory, name, **who: [hit.record.text for hit in memory.search("salary thousand Ada", **who)],
    "recall": lambda memory, name, **who: memory.recall("salary thousand Ada", abstain=False, **who).text,
    "explain": lambda memory, name, **who: memory.explain("salary", name, **who).asked.record.text,
    "get_all": lambda memory, name, **who: [record.text for record in memory.get_all(kinds=tuple(Kind), **who)],
    "timeline": lambda memory, name, **who: [
        (event.size, event.opening.text) for session in memory.timeline(**who) for event in session.events
    ],
    "log": lambda memory, name, **who: [one.record_id for one in memory.log(**who)],
    "stats": lambda memory, name, **who: memory.stats(**who).counts,
}
#: Changes of one record.
CHANGES: dict[str, Call] = {
    "update": lambda memory, name, **who: memory.update(name, text="x", **who),
    "delete": lambda memory, name, **who: memory.delete(name, **who),
    "restore": lambda memory, name, **who: memory.restore(name, **who),
    "revert": lambda memory, name, **who: memory.revert(1, **who),
}
#: Changes of many, and what is taken in: tested below one by one.
OTHERS = {"add", "import_messages", "delete_all", "flush"}
#: What administrators of a wall do, who see everything there; everybody else is refused in words.
ADMINISTRATORS = {
    "approve", "audit", "deny", "drop_policy", "drop_snapshot", "erase", "export", "forget", "give_grant", "grants",
    "head", "held", "holds", "lift_hold", "place_hold", "policies", "revoke_grant", "rollback", "set_label",
    "set_quarantine", "set_read_audit", "set_redaction", "set_retention", "set_secret_mask", "set_secrets", "snapshot",
    "snapshots",
}  # fmt: skip
#: What the owner does with the file as a whole, and what shows no record.
OWNERS = {"backup", "compact", "load", "reencode", "reindex", "rotate_key", "scopes", "verify", "close"}


def test_every_verb_is_walked_here() -> None:
    verbs = {name for name, _ in inspect.getmembers(Memory, inspect.isfunction) if not name.startswith("_")}
    assert verbs == {*READS, *CHANGES, *OTHERS, *ADMINISTRATORS, *OWNERS}


def test_every_read_and_change_of_a_store_is_treated_or_named_as_what_passes() -> None:
    for protocol, kind in ((Reading, ClearedReading), (Writing, ClearedWriting)):
        asked = {name for name, _ in inspect.getmembers(protocol, inspect.isfunction) if not name.startswith("_")}
        treated = {name for name, _ in inspect.getmembers(kind, inspect.isfunction) if not name.startswith("_")}
        assert asked - treated - PASSED == set()
        assert treated & PASSED == set()
    with pytest.raises(AttributeError, match="neither treated"):
        ClearedReading(object(), {}).something_new  # type: ignore[arg-type]  # noqa: B018  # looking it up is the test


@pytest.mark.parametrize("verb", sorted(READS))
def test_who_may_not_see_a_label_is_answered_as_if_nothing_bore_it(
    memory: Memory, names: dict[str, str], verb: str, tmp_path: Path
) -> None:
    call = READS[verb]
    with Memory(tmp_path / "other.db", encoder=HashEncoder(), clock=FakeClock("2026-03-02T08:00:00+00:00")) as other:
        plain = other.add({"content": BEES, "name": "Ada", "external_id": "bees"}, session="roof").stored[0].id
        expected = outcome(lambda: call(other, plain))
        unknown = outcome(lambda: call(other, "unknown"))
    told = outcome(lambda: call(memory, names["plain"], **APP))
    if verb == "log":
        assert told == [names["plain"]]
    elif verb == "stats":
        assert told.records == {"observation": {"active": 1}}  # type: ignore[attr-defined]
        assert (told.revisions, told.operations, told.text_bytes) == (1, 1, len(BEES))  # type: ignore[attr-defined]
    elif verb == "get_all":
        assert told == [BEES]
    else:
        assert told == expected
    if verb in ("get", "history", "explain"):
        hidden = outcome(lambda: call(memory, names["private"], **APP))
        assert str(hidden).replace(names["private"], "unknown") == str(unknown)
    for who in ({"principal": "hr"}, {"principal": "lead"}, {}):
        assert outcome(lambda who=who: call(memory, names["private"], **who)) == outcome(
            lambda: call(memory, names["private"])
        )


@pytest.mark.parametrize("verb", sorted(CHANGES))
def test_what_is_hidden_is_changed_like_an_unknown_id(memory: Memory, names: dict[str, str], verb: str) -> None:
    call, before = CHANGES[verb], memory.log()
    unknown = outcome(lambda: CHANGES["delete"](memory, "unknown", **APP))
    hidden = outcome(lambda: call(memory, names["private"], **APP))
    assert isinstance(hidden, tuple)
    assert hidden[0] is NotFound
    if verb != "revert":
        assert hidden[1].replace(names["private"], "unknown") == unknown[1]  # type: ignore[index]
    assert memory.log() == before


@pytest.mark.parametrize("verb", sorted(ADMINISTRATORS))
def test_what_administrators_do_is_refused_in_words(memory: Memory, names: dict[str, str], verb: str) -> None:
    needed = [
        parameter
        for parameter in inspect.signature(getattr(memory, verb)).parameters.values()
        if parameter.default is parameter.empty and parameter.kind is parameter.POSITIONAL_OR_KEYWORD
    ]
    given = {
        "ttl": timedelta(days=1), "action": "mask", "role": "reader", "to": 0, "hold_id": 1, "policy_id": 1,
        "grant_id": 1,
    }  # fmt: skip
    arguments = [given.get(parameter.name, "x") for parameter in needed]
    if verb == "export":
        arguments = [io.BytesIO()]
    about = {"record_id": names["plain"]} if verb in ("approve", "deny", "erase") else {}
    with pytest.raises(NotGranted):
        getattr(memory, verb)(*arguments, **about, **APP)


def test_many_are_changed_but_for_what_is_hidden(memory: Memory, names: dict[str, str]) -> None:
    memory.update(filters={"speaker": "Ada"}, metadata={"seen": True}, **APP)
    assert memory.get(names["private"]).metadata == {"eur": 9}
    assert memory.delete_all(**APP).ids == (names["plain"],)
    memory.delete(names["private"])
    assert memory.restore(filters={"speaker": "Ada"}, **APP).ids == (names["plain"],)
    assert memory.verify().is_sound


def test_an_external_id_of_what_is_hidden_is_taken_and_says_nothing(memory: Memory, names: dict[str, str]) -> None:
    for what in (SALARY, "another"):
        with pytest.raises(InvalidArgument, match=r"`external_id` 'pay' is taken"):
            memory.add(what, external_id="pay", **APP)
    source = io.StringIO('[{"content": "x", "external_id": "pay"}]')
    with pytest.raises(InvalidArgument, match="taken"):
        memory.import_messages(source, **APP)
    assert memory.add(BEES, external_id="bees", at=memory.get(names["plain"]).at, **APP).updated
    assert memory.get(names["private"]).text == SALARY


def test_what_was_labelled_is_not_found_by_any_clock_and_what_was_lifted_as_it_is_now(
    memory: Memory, names: dict[str, str], clock: FakeClock
) -> None:
    before = clock.now()
    clock.pass_time(timedelta(hours=1))
    memory.update(names["plain"], sensitivity="private")
    clock.pass_time(timedelta(hours=1))
    then = {"known_at": before + timedelta(minutes=1), **APP}
    assert [*memory.search("bees", **APP), *memory.search("bees", **then)] == []
    assert list(memory.get_all(**then)) == []
    memory.update(names["plain"], sensitivity="")
    clock.pass_time(timedelta(hours=1))
    assert [hit.record.text for hit in memory.search("bees", **APP)] == [BEES]
    assert [entry.record.sensitivity for entry in memory.history(names["plain"], **APP)] == [None, None]
    assert [entry.record.sensitivity for entry in memory.history(names["plain"])] == [None, "private", None]
    labelled = {"known_at": before + timedelta(minutes=90)}
    assert [record.text for record in memory.get_all(**labelled)] == [SALARY, BEES]
    for moment in (labelled, {"as_of": clock.now(), **labelled}):
        assert [*memory.get_all(**moment, **APP), *memory.search("bees", **moment, **APP)] == []
        assert memory.timeline(**moment, **APP) == ()
        with pytest.raises(NotFound):
            memory.get(names["plain"], **moment, **APP)
    assert [record.text for record in memory.get_all(**then)] == [BEES]
    assert [hit.record.text for hit in memory.search("bees", **then)] == [BEES]
    memory.set_redaction("mask")
    assert [record.text for record in memory.get_all(**labelled, **APP)] == [MASK, MASK]
    assert memory.verify().is_sound


def test_a_document_is_hidden_with_its_parts_and_by_each_of_them(memory: Memory, names: dict[str, str]) -> None:
    pages = "# Pay\n\nThe pay is high.\n\n# Bees\n\nThe bees are well."
    stored = memory.add(Document(title="Report", text=pages), sensitivity="private").stored
    assert {record.sensitivity for record in stored} == {"private"}
    other = memory.add(Document(title="Other", text=pages.replace("well", "ill"))).stored
    head, *passages = [record.id for record in other]
    memory.update(passages[0], sensitivity="private")
    for name in (*[record.id for record in stored], head, passages[0]):
        with pytest.raises(NotFound):
            memory.get(name, **APP)
    assert memory.get(passages[1], **APP).text
    assert [hit.record.id for hit in memory.search("bees", kinds=["document"], **APP)] == []
    memory.update(passages[0], sensitivity="")
    memory.update(head, sensitivity="private")
    for name in (head, *passages):
        with pytest.raises(NotFound):
            memory.get(name, **APP)
    assert "ill" not in memory.recall("bees ill", abstain=False, **APP).text


def test_a_policy_labels_what_comes_in_whatever_the_caller_says(memory: Memory) -> None:
    memory.add("before", session="garage")
    policy = memory.set_label("private", {"session": "garage"}, by="dpo")
    assert (policy.policy.label, policy.by) == ("private", "dpo")  # type: ignore[union-attr]
    texts = memory.add([{"content": "in", "session": "garage", "sensitivity": "open"}, "out"]).stored
    assert [record.sensitivity for record in texts] == ["private", None]
    memory.import_messages(io.StringIO('[{"content": "imported"}]'), session="garage")
    memory.add(Trace(tool="till", arguments={}, result="42"), session="garage")
    whole = memory.add(Document(title="garage", text="All of it.")).stored
    assert {record.sensitivity for record in whole} == {"private"}
    assert [hit.record.text for hit in memory.search("before", filters={"sensitivity": None})] == ["before", "out"]
    assert len(list(memory.get_all(filters={"sensitivity": "private"}))) == 4
    memory.set_label("secret", {"session": "garage"})
    assert memory.add("last", session="garage").stored[0].sensitivity == "secret"


def test_a_filter_asks_for_labels_before_ranking_and_in_listings(memory: Memory, names: dict[str, str]) -> None:
    memory.add("the key is under the mat", sensitivity="secret")
    asked: dict[str, tuple[dict[str, object], int]] = {
        "eq": ({"sensitivity": "private"}, 1),
        "in": ({"sensitivity": ["private", "secret"]}, 2),
        "none": ({"sensitivity": None}, 1),
        "any": ({"sensitivity": "*"}, 2),
        "not": ({"sensitivity": {"ne": "private"}}, 2),
        "begins": ({"sensitivity": {"contains": "pri"}}, 1),
    }
    for filters, count in asked.values():
        assert len(memory.search("the", filters=filters, limit=3)) == count
        assert len(list(memory.get_all(filters=filters))) == count
        assert len(memory.search("the", filters=filters, **APP)) == (
            1 if filters in ({"sensitivity": None}, {"sensitivity": {"ne": "private"}}) else 0
        )


def test_masked_records_show_that_they_are_there_and_nothing_else(
    memory: Memory, names: dict[str, str], clock: FakeClock
) -> None:
    memory.update(names["private"], text="Ada's salary is a hundred thousand")
    memory.set_redaction("mask", by="dpo")
    seen = memory.get(names["private"], **APP)
    assert (seen.text, seen.speaker, seen.metadata, seen.external_id) == (MASK, None, {}, None)
    assert (seen.session, seen.sensitivity) == ("roof", "private")
    assert [record.text for record in memory.get_all(**APP)] == [MASK, BEES]
    assert [entry.record.text for entry in memory.history(names["private"], **APP)] == [MASK, MASK]
    assert [event.opening.text for session in memory.timeline(**APP) for event in session.events] == [MASK]
    clock.pass_time(timedelta(hours=1))
    then = {"known_at": clock.now(), "as_of": clock.now(), **APP}
    assert [record.text for record in memory.get_all(**then)] == [MASK, BEES]
    assert memory.get(names["private"], **then).text == MASK
    assert list(memory.get_all(filters={"speaker": "Ada"}, **APP)) == [memory.get(names["plain"], **APP)]
    assert list(memory.get_all(filters={"text": {"contains": "hundred"}}, **APP)) == []
    # Ranking answers no guesses, and nothing is changed through a mask.
    assert [hit.record.text for hit in memory.search("hundred thousand salary", **APP)] == [BEES]
    for moment in (APP, then):
        assert memory.stats(**moment).counts.records == {"observation": {"active": 1}}
    for call in CHANGES.values():
        assert outcome(lambda call=call: call(memory, names["private"], **APP))[0] is NotFound  # type: ignore[index]
    with pytest.raises(NotFound):
        memory.explain("salary", names["private"], **APP)
    memory.set_redaction("hide")
    with pytest.raises(NotFound):
        memory.get(names["private"], **APP)


def test_each_wall_says_itself_who_sees_its_labels(memory: Memory) -> None:
    shared = memory.add("the safe opens with 1234", sensitivity="private", scope=Scope.shared()).stored[0].id
    memory.add("mine", sensitivity="private", user_id="ada")
    memory.give_grant("app", "administrator", user_id="ada")
    who = {"user_id": "ada", **APP}
    assert [record.text for record in memory.get_all(**who)] == ["mine"]
    with pytest.raises(NotFound):
        memory.get(shared, **who)
    memory.give_grant("app", "reader", scope=Scope.shared(), sees=["*"])
    assert [hit.record.text for hit in memory.search("safe", **who)] == ["the safe opens with 1234", "mine"]


def test_a_listing_is_as_full_as_what_is_seen_makes_it(memory: Memory) -> None:
    memory.give_grant("app", "reader")
    for turn in range(12):
        memory.add([f"open {turn}", *[{"content": f"hidden {turn} {n}", "sensitivity": "private"} for n in range(60)]])
    found, cursor = [], None
    while True:
        page = memory.get_all(limit=5, after=cursor, **APP)
        texts = [record.text for record in page]
        found += texts
        if len(texts) < 5:
            break
        cursor = page.cursor
    assert found == [f"open {turn}" for turn in range(12)]
    memory.set_redaction("mask")
    assert len(list(memory.get_all(**APP))) == 12 * 61


def test_grants_add_up_and_lapse(memory: Memory, names: dict[str, str]) -> None:
    given = memory.give_grant("app", "reader", sees=["secret", "private"])
    assert given.sees == ("secret", "private")
    assert memory.get(names["private"], **APP).text == SALARY
    memory.revoke_grant(given.id)
    with pytest.raises(NotFound):
        memory.get(names["private"], **APP)
    for bad in ("private", [""], [7], [None]):
        with pytest.raises(InvalidArgument):
            memory.give_grant("app", "reader", sees=bad)  # type: ignore[arg-type]
    with pytest.raises(InvalidArgument, match="administrator sees all"):
        memory.give_grant("app", "administrator", sees=["private"])
    for label in ("", "*", "x" * 600, 7):
        with pytest.raises(InvalidArgument):
            memory.add("x", sensitivity=label)  # type: ignore[arg-type]
        with pytest.raises(InvalidArgument):
            memory.set_label(label)  # type: ignore[arg-type]


def test_indexes_of_who_sees_less_follow_what_is_labelled_and_lifted(memory: Memory, names: dict[str, str]) -> None:
    def found(**who: Any) -> list[str]:
        return sorted(hit.record.text for hit in memory.search("Ada thousand bees", **who))

    assert found(**APP) == [BEES]
    later = memory.add("Ada has ten thousand bees", session="roof").stored[0].id
    assert found(**APP) == sorted([BEES, "Ada has ten thousand bees"])
    memory.add("Ada owes a thousand", sensitivity="secret", session="roof")
    assert found(**APP) == sorted([BEES, "Ada has ten thousand bees"])
    assert len(found(principal="hr")) == 3
    change = memory.update(later, sensitivity="private")
    assert found(**APP) == [BEES]
    memory.revert(change)
    assert found(**APP) == sorted([BEES, "Ada has ten thousand bees"])
    memory.erase(names["private"])
    assert found(**APP) == sorted([BEES, "Ada has ten thousand bees"])
    assert len(found()) == 3
    assert memory.verify().is_sound


def test_scores_are_those_of_a_memory_without_what_is_hidden(memory: Memory, tmp_path: Path) -> None:
    with Memory(tmp_path / "other.db", encoder=HashEncoder(), clock=FakeClock("2026-03-02T08:00:00+00:00")) as other:
        for turn in range(30):
            memory.add(f"turn {turn} about bees and honey", session="s")
            other.add(f"turn {turn} about bees and honey", session="s")
            memory.add(f"honey secret {turn} hives", session="t", sensitivity="private")
        memory.give_grant("app", "reader")
        own = [(hit.record.text, hit.score) for hit in memory.search("bees honey hives", **APP)]
        assert own == [(hit.record.text, hit.score) for hit in other.search("bees honey hives")]
        assert memory.search("hivez", **APP).notes == other.search("hivez").notes


def test_who_sees_less_reads_a_read_only_file_and_another_process(memory: Memory, tmp_path: Path) -> None:
    memory.add(SALARY, sensitivity="private")
    memory.add(BEES)
    memory.give_grant("app", "reader")
    memory.flush()
    memory.close()
    with Memory(tmp_path / "life.db", encoder=HashEncoder(), settings=Settings(read_only=True), principal="app") as app:
        assert [hit.record.text for hit in app.search("Ada salary")] == [BEES]
        assert app.recall("Ada salary", abstain=False).text.count("salary") == 0
    with Memory(tmp_path / "life.db", encoder=HashEncoder()) as owner, Memory(
        tmp_path / "life.db", encoder=HashEncoder(), principal="app"
    ) as app:  # fmt: skip
        assert [record.text for record in app.get_all()] == [BEES]
        owner.update(filters={"text": {"contains": "bees"}}, sensitivity="private")
        assert list(app.get_all()) == list(app.search("bees")) == []
        assert owner.verify().is_sound


def test_a_writer_takes_in_what_it_does_not_see_again(memory: Memory, names: dict[str, str]) -> None:
    added = memory.add("a secret of mine", sensitivity="secret", **APP).stored[0]
    assert added.text == "a secret of mine"
    with pytest.raises(NotFound):
        memory.get(added.id, **APP)
    memory.flush(**APP)
    memory.add("more bees", **APP)
    assert memory.flush(**APP) == 1
    assert [hit.record.text for hit in memory.search("a secret of mine", filters={"sensitivity": "secret"})]


def test_secrets_are_shown_to_administrators_alone_and_places_stay_right(memory: Memory, clock: FakeClock) -> None:
    key = "AKIAIOSFODNN7QWERTYU"
    text = f"use {key} for the bucket, and mind the bill"
    said = {"content": text, "name": "Ada", "metadata": {"password": "Blue-Sky42"}, "external_id": "k"}
    name = memory.add(said, session=key).stored[0].id
    memory.give_grant("app", "writer", sees=["*"])
    memory.give_grant("lead", "administrator")
    assert memory.get(name, **APP).text == text
    memory.set_secret_mask(by="dpo")
    marked = text.replace(key, len(key) * "\N{BULLET}")
    then = {"known_at": clock.now(), "as_of": clock.now()}
    for at in ({}, then):
        for record in (
            memory.get(name, **at, **APP),
            *memory.get_all(**at, **APP),
            *(hit.record for hit in memory.search("bucket", **at, **APP)),
        ):
            assert record.text == marked
            assert key not in str(record)
            assert "Blue-Sky42" not in str(record)
        context = memory.recall("which key for the bucket?", abstain=False, **at, **APP)
        assert key not in str(context)
        cited = context.citations[0]
        assert marked[cited.start : cited.end] in context.text
        assert key not in str(memory.timeline(**at, **APP))
    assert key not in str(memory.history(name, **APP))
    assert key not in str(memory.explain("bucket", name, **APP))
    (repeated,) = memory.add(said, session=key, **APP).repeated
    assert repeated.record.text == marked
    for who in ({}, {"principal": "lead"}):
        assert memory.get(name, **who).text == text
    # What is corrected is what was said, and no mark gets into the file.
    memory.update(name, speaker="Ada L", **APP)
    assert memory.get(name).text == text
    assert memory.get(name).metadata == {"password": "Blue-Sky42"}
    assert memory.verify().is_sound


def everything(memory: Memory, names: dict[str, str], clock: FakeClock) -> list[object]:
    """Give what one who sees less is answered, in many ways."""
    told: list[object] = []
    for moment in ({}, {"known_at": clock.now()}):
        told += [
            str(outcome(lambda call=call, name=name, moment=moment: call(memory, name, **moment, **APP)))
            for verb, call in READS.items()
            for name in names.values()
            if verb not in ("history", "log") or not moment
        ]
        for limit in (1, 3):
            hits = memory.search("salary thousand pay", limit=limit, **moment, **APP)
            told.append([(hit.record.text, hit.score) for hit in hits])
        told.append([hit.record.text for hit in memory.search("pay", filters={"text": {"contains": "a"}}, **APP)])
    told.append([record.text for record in memory.get_all(limit=1, **APP)])
    told.append(str(outcome(lambda: memory.add("x", external_id="pay", **APP))).partition("]")[0][:60])
    told.append(memory.flush(**APP))
    return told


#: What hides nothing here that another does not hide as well.
BESIDE = {
    "logs", "turns", "vector_rows", "field_values", "operations", "children", "hidden", "made_by", "producers",
    "lacks_segments", "texts_made_by",
}  # fmt: skip


@pytest.mark.parametrize(
    "treated",
    sorted({name for name in vars(ClearedReading) if not name.startswith("_")} - BESIDE),
)
def test_nothing_is_treated_in_vain(
    memory: Memory, names: dict[str, str], clock: FakeClock, tmp_path: Path, treated: str, monkeypatch: Any
) -> None:
    memory.add("the pay of all is private", sensitivity="private")
    memory.flush()
    memory.add("thousand things wait to be encoded", sensitivity="private")
    memory.compact()
    memory.close()
    paths = [tmp_path / "life.db", tmp_path / "same.db", tmp_path / "broken.db"]
    for path in paths[1:]:
        shutil.copyfile(paths[0], path)
    told = []
    for path in paths[:2]:
        with Memory(path, encoder=HashEncoder(), clock=clock) as sound:
            told.append(everything(sound, names, clock))
    assert told[0] == told[1]

    def untreated(self: Any, *arguments: object, **named: object) -> object:
        return getattr(self._reading, treated)(*arguments, **named)

    monkeypatch.setattr(ClearedReading, treated, untreated)
    with Memory(paths[2], encoder=HashEncoder(), clock=clock) as broken:
        assert everything(broken, names, clock) != told[0]
