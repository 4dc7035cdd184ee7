"""Everything that writes: what a life does with its memory, each by name; the same dice do the same again."""

import io
import json
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

from keyed import SEALED, key_for, number_of

from lamina.core.errors import InvalidArgument
from lamina.core.imports import ImportRules
from lamina.core.lifecycle import State
from lamina.core.records import Record
from lamina.core.rows import Listing
from lamina.core.scope import Scope
from lamina.govern.access import grant
from lamina.ingest.documents import Document
from lamina.ingest.traces import Trace
from lamina.memory import Memory
from lamina.testing.fakes import FakeClock, HashTokenEncoder

ADA, BOB, SHARED = Scope(user="ada"), Scope(user="bob"), Scope.shared()
WALLS = (ADA.wall, BOB.wall, SHARED.wall)
#: By what files are written, and what the encoder of a file is changed to for a while.
ENCODER, OTHER = HashTokenEncoder(width=16), HashTokenEncoder(width=24)
#: Exports of other memories; made before any child is, so that all load the same.
EXPORTS = 6
SESSIONS = ("letters", "garden", None)
#: So long before anybody's clock that every policy has ended for it.
LONG_AGO = "2020-03-02T08:00:00+00:00"
WHO = "mail app"
#: Who reads every wall, and sees no label.
CLERK = "clerk"
#: What copies are called.
BACKUP, EXPORT = "backup.db", "whole.jsonl"


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that is done to a memory."""

    act: Callable[[Memory, random.Random], object]
    #: Whether it begins with no file.
    makes_file: bool = False
    #: Whether only an encrypted file can do it.
    needs_key: bool = False

    @property
    def name(self) -> str:
        """What it is called."""
        return self.act.__name__


def word(dice: random.Random) -> str:
    """Give a word that stands nowhere else."""
    return "".join(dice.choices("bcdfghklmnprstvz", k=12))


def say(dice: random.Random) -> dict[str, object]:
    """Give a message."""
    text = f"the bees of {word(dice)} hum in garden {dice.randrange(9)} {word(dice)}"
    said = {"content": text, "session": dice.choice(SESSIONS), "name": "Ada", "metadata": {"odd": dice.random() < 0.5}}
    return said if dice.random() < 0.5 else {**said, "external_id": word(dice)}


def one_of(memory: Memory, dice: random.Random, state: State = State.ACTIVE, scope: Scope = ADA) -> Record:
    """Give some message of a wall in a state, one that is made now where there is none."""
    with memory._store.read() as reading:
        page = reading.page(Listing(states=(state,), limit=500), scope=grant(scope))
    own = [record for record in page.records if record.scope.wall == scope.wall]
    if own:
        return dice.choice(own)
    made = memory.add(say(dice), scope=scope).stored[0]
    if state is State.WITHDRAWN:
        memory.delete(made.id, scope=scope)
    return made


def fill(memory: Memory, dice: random.Random, count: int = 7, scope: Scope = BOB) -> None:
    """Add messages."""
    memory.add([say(dice) for _ in range(count)], scope=scope)


def a_document(dice: random.Random, title: str = "Lease") -> Document:
    """Give a text of some paragraphs."""
    return Document(title=title, text="\n\n".join(f"# {word(dice)}\n\n{word(dice)} stands here." for _ in range(3)))


def new_file(memory: Memory, dice: random.Random) -> None:
    """A file that did not exist, and the first message in it, with its vector."""
    memory.add(say(dice), scope=ADA)
    memory.flush(scope=ADA)


def add(memory: Memory, dice: random.Random) -> None:
    """A message."""
    memory.add(say(dice), scope=ADA)


def add_several(memory: Memory, dice: random.Random) -> None:
    """Several at once, in several sessions."""
    fill(memory, dice, 4, ADA)


def add_shared(memory: Memory, dice: random.Random) -> None:
    """What the tenant shares."""
    memory.add(say(dice), scope=SHARED)


def add_trace(memory: Memory, dice: random.Random) -> None:
    """A tool call."""
    memory.add(Trace(tool="weigh", arguments={"hive": word(dice)}, result=word(dice)), scope=ADA)


def add_and_encode(memory: Memory, dice: random.Random) -> None:
    """Messages, and their vectors."""
    fill(memory, dice, 3, ADA)
    memory.flush(scope=ADA)


def deliver_anew(memory: Memory, dice: random.Random) -> None:
    """A message under the id of another one."""
    name = word(dice)
    memory.add({**say(dice), "external_id": name, "session": "letters"}, scope=ADA)
    memory.add({**say(dice), "external_id": name, "session": "letters"}, scope=ADA)


def add_document(memory: Memory, dice: random.Random) -> None:
    """A document, and another in its place."""
    name = f"document {dice.randrange(3)}"
    memory.add(a_document(dice, name), external_id=name, scope=ADA)


def delete_document(memory: Memory, dice: random.Random) -> None:
    """A document with its passages, taken back and brought back."""
    head = next(one for one in memory.add(a_document(dice), scope=ADA).stored if one.kind == "document")
    memory.delete(head.id, scope=ADA)
    memory.restore(head.id, scope=ADA)


def erase_document(memory: Memory, dice: random.Random) -> None:
    """A passage, and then what is left of its document."""
    stored = memory.add(a_document(dice), scope=ADA).stored
    memory.erase(next(one.id for one in stored if one.kind == "observation"), scope=ADA, wait=False)
    memory.erase(next(one.id for one in stored if one.kind == "document"), scope=ADA)


def import_log(memory: Memory, dice: random.Random) -> None:
    """A log, which then grows, and in which a line changes."""
    lines = [{"text": f"line {word(dice)}", "name": "Bob"} for _ in range(9)]
    log = Path(memory._store._path).with_name("log.jsonl")
    for _ in range(3):
        log.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
        memory.import_messages(log, scope=BOB, rules=ImportRules(on_conflict="replace"))
        lines[dice.randrange(5, len(lines))] = {"text": f"changed {word(dice)}", "name": "Bob"}
        lines.append({"text": f"another {word(dice)}", "name": "Bob"})
    memory.erase(all=True, scope=BOB, wait=False)


def update(memory: Memory, dice: random.Random) -> None:
    """Other words."""
    memory.update(one_of(memory, dice).id, text=f"rather {word(dice)} and bees", scope=ADA)


def update_by_filter(memory: Memory, dice: random.Random) -> None:
    """Another speaker for many, page by page."""
    memory.update(filters={"odd": True}, speaker=word(dice), scope=BOB)


def delete(memory: Memory, dice: random.Random) -> None:
    """Withdrawing."""
    memory.delete(one_of(memory, dice).id, scope=ADA)


def delete_all(memory: Memory, dice: random.Random) -> None:
    """Withdrawing all of a wall, page by page, and taking that back."""
    fill(memory, dice)
    memory.revert(memory.delete_all(scope=BOB), scope=BOB)


def restore(memory: Memory, dice: random.Random) -> None:
    """Bringing back."""
    memory.restore(one_of(memory, dice, State.WITHDRAWN).id, scope=ADA)


def revert(memory: Memory, dice: random.Random) -> None:
    """Taking back, and taking that back."""
    receipt = memory.update(one_of(memory, dice).id, text=f"hardly {word(dice)}", scope=ADA)
    memory.revert(memory.revert(receipt, scope=ADA), scope=ADA)


def erase(memory: Memory, dice: random.Random) -> None:
    """Erasing, until the bytes are gone."""
    memory.erase(one_of(memory, dice).id, scope=ADA)


def erase_later(memory: Memory, dice: random.Random) -> None:
    """Erasing, and letting the bytes wait."""
    memory.erase(one_of(memory, dice, State.WITHDRAWN).id, scope=ADA, wait=False)


def erase_by_filter(memory: Memory, dice: random.Random) -> None:
    """Erasing many, page by page."""
    fill(memory, dice)
    memory.erase(filters={"odd": False}, scope=BOB)


def erase_all(memory: Memory, dice: random.Random) -> None:
    """Erasing a wall."""
    fill(memory, dice)
    memory.erase(all=True, scope=BOB)


def erase_agent(memory: Memory, dice: random.Random) -> None:
    """Erasing all that an agent said and imported in a run, and so its name and the run's."""
    scope = Scope(user="bob", agent=word(dice), run=word(dice))
    fill(memory, dice, 2, scope)
    memory.import_messages(io.BytesIO(json.dumps({"text": word(dice)}).encode()), scope=scope)
    memory.erase(all=True, scope=scope, wait=False)


def search(memory: Memory, dice: random.Random) -> None:
    """A question that encodes what waits."""
    fill(memory, dice, 2, ADA)
    memory.search(f"bees of {word(dice)}", scope=ADA)


def reindex(memory: Memory, dice: random.Random) -> None:
    """Everything derived made anew."""
    memory.reindex()


def reencode(memory: Memory, dice: random.Random) -> None:
    """The encoder of the file changed in place, and changed back."""
    memory.reencode(OTHER)
    memory.reencode(ENCODER)


def hold(memory: Memory, dice: random.Random) -> None:
    """Words under a legal hold while others are erased, and the hold lifted."""
    fill(memory, dice, 2)
    held = memory.place_hold(word(dice), filters={"odd": True}, scope=BOB)
    memory.erase(filters={"odd": False}, wait=False, scope=BOB)
    memory.lift_hold(held.id, scope=BOB)


def forget(memory: Memory, dice: random.Random) -> None:
    """What is past its time archived and erased by policies, all but what a hold covers."""
    old = memory.add([say(dice) for _ in range(5)], at=LONG_AGO, scope=BOB).stored
    held = memory.place_hold(word(dice), record_ids=[old[0].id, old[1].id], scope=BOB)
    policies = [
        memory.set_retention(
            timedelta(days=9), since="at", on_expiry=what, filters={"odd": is_odd}, by=word(dice), scope=BOB
        )
        for what, is_odd in (("archive", True), ("erase", False))
    ]
    memory.forget(scope=BOB)
    memory.lift_hold(held.id, scope=BOB)
    for policy in policies:
        memory.drop_policy(policy.id, scope=BOB)


def gate(memory: Memory, dice: random.Random) -> None:
    """What a tool says held, approved, denied and erased; a secret masked; and the policies dropped."""
    policies = [memory.set_quarantine({"role": "tool"}, scope=BOB), memory.set_secrets("mask", scope=BOB)]
    said = [{"role": "tool", "content": f"the scales say {word(dice)}", "session": "garden"} for _ in range(3)]
    approved, denied, erased = memory.add(said, scope=BOB).held
    memory.approve(approved.record.id, scope=BOB)
    memory.deny(denied.record.id, scope=BOB)
    memory.erase(erased.record.id, wait=False, scope=BOB)
    memory.add(f"the wifi password is Blue-{word(dice)}42", scope=BOB)
    for policy in policies:
        memory.drop_policy(policy.id, scope=BOB)


def let_others_in(memory: Memory, dice: random.Random) -> None:
    """A principal that may write and whose reads are noted, and that may no more."""
    given = memory.give_grant(WHO, "writer", sees=["*"], by=word(dice), scope=BOB)
    noted = memory.set_read_audit(scope=BOB)
    name = memory.add(say(dice), scope=BOB, principal=WHO).stored[0].id
    memory.get(name, scope=BOB, principal=WHO)
    memory.search(f"bees of {word(dice)}", scope=BOB, principal=WHO)
    memory.drop_policy(noted.id, scope=BOB)
    memory.revoke_grant(given.id, scope=BOB)


def label(memory: Memory, dice: random.Random) -> None:
    """Labels by policy, by the caller, put on, lifted and taken back; who sees them, and what of them; secrets."""
    policies = [
        memory.set_label("private", filters={"session": "letters"}, by=word(dice), scope=BOB),
        memory.set_redaction("mask", scope=BOB),
        memory.set_secret_mask(scope=BOB),
    ]
    given = memory.give_grant(WHO, "writer", sees=["private"], by=word(dice), scope=BOB)
    memory.add([{**say(dice), "session": "letters"}, say(dice)], sensitivity="secret", scope=BOB)
    name = memory.add({**say(dice), "session": "garden"}, scope=BOB, principal=WHO).stored[0].id
    receipt = memory.update(name, sensitivity="private", scope=BOB, principal=WHO)
    memory.revert(receipt, scope=BOB, principal=WHO)
    memory.update(name, sensitivity="private", scope=BOB)
    memory.search(f"bees of {word(dice)}", scope=BOB, principal=WHO)
    memory.update(name, sensitivity="", scope=BOB, principal=WHO)
    for policy in policies:
        memory.drop_policy(policy.id, scope=BOB)
    memory.revoke_grant(given.id, scope=BOB)


def label_many(memory: Memory, dice: random.Random) -> None:
    """A label on many, page by page, and lifted from all but those of one session."""
    fill(memory, dice, 3)
    memory.update(filters={"odd": True}, sensitivity="private", scope=BOB)
    memory.search(f"bees of {word(dice)}", scope=BOB, principal=CLERK)
    memory.update(filters={"session": "garden"}, sensitivity="", scope=BOB)


def rotate_key(memory: Memory, dice: random.Random) -> None:
    """Another master key, and words under it."""
    path = Path(memory._store._path)
    memory.rotate_key(key_for(path, 1 - (number_of(path) or 0)))
    fill(memory, dice, 1)


def destroy_key(memory: Memory, dice: random.Random) -> None:
    """The key of a wall destroyed, and words under a new one."""
    fill(memory, dice, 4)
    for held in memory.holds(scope=BOB):
        memory.lift_hold(held.id, scope=BOB)
    memory.erase(all=True, destroy_key=True, scope=BOB)
    fill(memory, dice, 2)


def look_back(memory: Memory, dice: random.Random) -> None:
    """Questions by both clocks, which encode what waits."""
    fill(memory, dice, 2, ADA)
    then = memory.log(limit=3, scope=ADA)[0].recorded_at
    memory.search(f"bees of {word(dice)}", known_at=then, scope=ADA)
    memory.recall("bees", as_of=LONG_AGO, known_at=then, scope=ADA)
    list(memory.get_all(known_at=then, scope=ADA))
    memory.timeline(as_of=LONG_AGO, scope=ADA)
    memory.stats(known_at=then, scope=ADA)


def roll_back(memory: Memory, dice: random.Random) -> None:
    """A snapshot, what comes after it, the way back to it and there again, and its name gone."""
    name = word(dice)
    fill(memory, dice, 3)
    memory.snapshot(name, scope=BOB)
    fill(memory, dice, 4)
    memory.revert(memory.rollback(name, scope=BOB), scope=BOB)
    memory.rollback(name, scope=BOB)
    memory.drop_snapshot(name, erase=True, scope=BOB)


def erase_after_snapshot(memory: Memory, dice: random.Random) -> None:
    """Everything of a wall erased that a snapshot names."""
    fill(memory, dice, 2)
    memory.snapshot(word(dice), scope=BOB)
    memory.erase(all=True, scope=BOB)


@cache
def export_of(seed: int) -> bytes:
    """Give what another memory exports: messages, one withdrawn and one erased, and a commit of another wall."""
    dice, exported = random.Random(seed), io.BytesIO()
    with Memory(encoder=ENCODER, clock=FakeClock()) as other:
        fill(other, dice, 3)
        fill(other, dice, 1, ADA)
        first, second, *_ = other.get_all(scope=BOB)
        other.erase(first.id, scope=BOB)
        other.delete(second.id, scope=BOB)
        other.export(exported, scope=BOB)
    return exported.getvalue()


def load(memory: Memory, dice: random.Random) -> None:
    """The export of another memory taken in; what of it was erased here meanwhile is refused."""
    with suppress(InvalidArgument):
        memory.load(io.BytesIO(export_of(dice.randrange(EXPORTS))))


def aside(memory: Memory) -> Path:
    """Give the folder in which copies of a file lie."""
    found = Path(memory._store._path).with_name("aside")
    found.mkdir(exist_ok=True)
    return found


def backup_of(path: Path) -> str:
    """Give what the copy of a file is called."""
    return f"{SEALED} {BACKUP}" if SEALED in path.name else BACKUP


def back_up(memory: Memory, dice: random.Random) -> None:
    """A copy of the file."""
    path = Path(memory._store._path)
    memory.backup(aside(memory) / backup_of(path), overwrite=True)


def carry_out(memory: Memory, dice: random.Random) -> None:
    """A wall and the whole file written out, and taken in again, which changes nothing."""
    memory.export(aside(memory) / "bob.md", markdown=True, overwrite=True, scope=BOB)
    memory.export(aside(memory) / EXPORT, is_whole_file=True, overwrite=True)
    memory.load(aside(memory) / EXPORT)


def compact(memory: Memory, dice: random.Random) -> None:
    """The file made small."""
    memory.compact()


def mend(memory: Memory, dice: random.Random) -> None:
    """A vector that was changed behind its back, found and mended."""
    fill(memory, dice, 2, ADA)
    memory.flush(scope=ADA)
    with memory._store._pool.writer() as connection:
        connection.execute(
            "UPDATE main.vector SET data = zeroblob(length(data)) "
            "WHERE vector_number = (SELECT max(x.vector_number) FROM vector AS x)"
        )
    memory.verify(repair=True)


def close(memory: Memory, dice: random.Random) -> None:
    """Closing, which keeps the index and lets go of what was erased."""
    fill(memory, dice, 3, ADA)
    memory.search("bees", scope=ADA)
    memory.close()


NEW_FILE = Deed(new_file, makes_file=True)
DEEDS = (
    NEW_FILE,
    *map(
        Deed,
        (
            *(add, add_several, add_shared, add_trace, add_and_encode, deliver_anew, add_document, delete_document),
            *(erase_document, import_log, update, update_by_filter, delete, delete_all, restore, revert, erase),
            *(
                erase_later,
                erase_by_filter,
                erase_all,
                erase_agent,
                search,
                reindex,
                reencode,
                hold,
                forget,
                gate,
                let_others_in,
                label,
                label_many,
                look_back,
                roll_back,
                erase_after_snapshot,
                load,
                back_up,
                carry_out,
                compact,
                mend,
            ),
        ),
    ),
    *(Deed(act, needs_key=True) for act in (rotate_key, destroy_key)),
    Deed(close),
)
