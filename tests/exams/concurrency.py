"""Many processes on one file: four write, four read, one verifies, one erases, and one keeps house.

Each wall's history is linearisable.

Every call notes when it began and ended, by one clock, and what it did or saw. In the end the log says in which order
things happened in each wall, and it must fit: a call that ended before another began comes first; whatever a read saw
is what the log says of one moment, between two commits, not before anything that had been acknowledged when it began,
not after what began when it had ended, and not before the moment that an earlier read saw; and what was known at some
moment is what the log says of it, but for what was erased since. Who keeps house has a wall of the moment alone, which
everybody reads: snapshots and rollbacks, retention, holds, what is held, exports and loads; and changes the encoder of
the file, copies it, and gives grants. No call may fail but with `StoreBusy`, because what it is about was erased
meanwhile, or with `EncoderMismatch`, after which the file is opened by the other encoder.

    python tests/exams/concurrency.py FOLDER SECONDS
"""

import io
import json
import os
import random
import sys
import time
import traceback
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from heapq import heappop, heappush
from itertools import accumulate, groupby
from pathlib import Path
from typing import Any

from lamina.core.errors import EncoderMismatch, NotFound, StoreBusy
from lamina.core.layers import Kind
from lamina.core.lifecycle import State
from lamina.core.operations import UNDOING, Action, Operation
from lamina.core.receipts import Receipt
from lamina.core.scope import Administration, Scope
from lamina.govern.access import grant
from lamina.memory import Memory
from lamina.testing.fakes import HashEncoder

WRITERS, READERS = 4, 4
#: After so many seconds everybody moves on to two other walls, which keeps each small.
WALL_S, WALLS_AT_ONCE = 2.0, 2
#: The most hits that a question gives: more than a wall holds.
EVERYTHING = 1000
FILE = grant(Administration())
#: The two encoders between which the file changes.
WIDTHS = (16, 24)
#: Who may read everywhere by a grant, and another who may now and then.
WHO, GUEST = "mail app", "guest"
LONG_AGO = "2020-03-02T08:00:00+00:00"


@dataclass(slots=True)
class Notes:
    """What one process did."""

    path: Path
    role: str
    until: float
    began: float
    lines: list[dict[str, Any]] = field(default_factory=list)
    #: Of what a writer has added, by wall, whether each is active; and how many calls it made.
    own: dict[str, dict[str, bool]] = field(default_factory=lambda: defaultdict(dict))
    count: int = 0

    @property
    def turn(self) -> int:
        """How often everybody has moved on."""
        return int((time.monotonic() - self.began) / WALL_S)

    def wall(self, dice: random.Random) -> str:
        """Give the user of one of the walls of the moment."""
        return f"user {self.turn * WALLS_AT_ONCE + dice.randrange(WALLS_AT_ONCE)}"

    def kept_wall(self) -> str:
        """Give the user of the wall that is kept house in at the moment."""
        return f"keeper {self.turn}"

    @contextmanager
    def call(self, verb: str, user: str) -> Iterator[dict[str, Any]]:
        """Note a call; what is added to the line inside is what it did or saw."""
        line: dict[str, Any] = {"role": self.role, "verb": verb, "wall": user, "began": time.monotonic_ns()}
        try:
            yield line
        except StoreBusy:
            line["busy"] = True
        except NotFound as error:
            line["missing"] = error.record_id
        except EncoderMismatch:
            line["moved"] = True
            raise
        finally:
            line["ended"] = time.monotonic_ns()
            self.lines.append(line)

    def keep(self) -> None:
        """Write them down."""
        self.path.write_text("".join(json.dumps(line) + "\n" for line in self.lines), "utf-8")


def write(memory: Memory, notes: Notes, dice: random.Random) -> None:
    """Add, and change what it has added itself."""
    own = notes.own
    while time.monotonic() < notes.until:
        notes.count += 1
        user, count = notes.wall(dice), notes.count
        name = dice.choice(sorted(own[user])) if own[user] and dice.random() < 0.5 else None
        is_active = name is not None and own[user][name]
        verb = "add" if name is None else "restore" if not is_active else dice.choice(("update", "delete"))
        with notes.call(verb, user) as line:
            if name is None:
                said = [{"content": f"bees {notes.role} {count} {part}"} for part in range(dice.randint(1, 2))]
                stored = memory.add(said, user_id=user).stored
                line["made"] = [(record.number, record.id) for record in stored]
                own[user].update((record.id, True) for record in stored)
                continue
            if verb == "update":
                receipt = memory.update(name, text=f"bees {notes.role} {count}, rather", user_id=user)
            else:
                receipt = (memory.delete if is_active else memory.restore)(name, user_id=user)
                own[user][name] = not is_active
            line["made"] = [(one.number, one.record_id) for one in receipt.operations]
        if "missing" in line:
            del own[user][str(name)]


def read(memory: Memory, notes: Notes, dice: random.Random) -> None:
    """List, ask, read the log, and look back; as the owner, or by a grant."""
    while time.monotonic() < notes.until:
        user = notes.wall(dice) if dice.random() < 0.8 else notes.kept_wall()
        verb = dice.choice(("get_all", "search", "log", "get_all then"))
        who = {"user_id": user, "principal": WHO} if dice.random() < 0.5 else {"user_id": user}
        with notes.call(verb, user) as line:
            if verb == "log":
                numbers = [one.number for one in memory.log(**who)]
                assert numbers == list(range(1, len(numbers) + 1)), "the log has a gap"
                line["length"] = len(numbers)
                continue
            if verb == "get_all then":
                log = memory.log(**who)
                if log:
                    moment = dice.choice(log)
                    found = [(one.id, one.revision) for one in memory.get_all(known_at=moment.recorded_at, **who)]
                    line.update(then=moment.number, found=found)
                continue
            if verb == "get_all":
                found = [(record.id, record.revision) for record in memory.get_all(**who)]
            else:
                hits = memory.search("bees", limit=EVERYTHING, **who)
                found = [(hit.record.id, hit.record.revision) for hit in hits]
            assert len(found) == len(set(found)), "something is there twice"
            line["seen"] = digest(found)


def verify(memory: Memory, notes: Notes, dice: random.Random) -> None:
    """Verify, again and again."""
    while time.monotonic() < notes.until:
        with notes.call("verify", "") as line:
            report = memory.verify()
            assert report.is_sound, report.findings
            line["verified"] = report.checked.get("operations", 0)
        time.sleep(dice.uniform(0, 0.2))


def erase(memory: Memory, notes: Notes, dice: random.Random) -> None:
    """Erase what others have said."""
    while time.monotonic() < notes.until:
        user = notes.wall(dice)
        with suppress(StoreBusy):
            there = list(memory.get_all(user_id=user))
            if there:
                with notes.call("erase", user) as line:
                    receipt = memory.erase(dice.choice(there).id, wait=dice.random() < 0.3, user_id=user)
                    line["made"] = [(one.number, one.record_id) for one in receipt.operations]
        time.sleep(dice.uniform(0, 0.3))


def keep_house(memory: Memory, notes: Notes, dice: random.Random) -> None:
    """Do what is done to a wall, or the file, as a whole."""
    while time.monotonic() < notes.until:
        user, name = notes.kept_wall(), f"{dice.random()}"
        with notes.call("fill", user) as line:
            said = [{"content": f"bees {name} {part}", "metadata": {"odd": bool(part % 2)}} for part in range(4)]
            line["made"] = [(one.number, one.id) for one in memory.add(said, at=LONG_AGO, user_id=user).stored]
        dice.choices(HOUSEWORK, weights=[4] * (len(HOUSEWORK) - 1) + [1])[0](memory, notes, user, name)
        time.sleep(dice.uniform(0, 0.1))


def made(notes: Notes, verb: str, user: str, act: Callable[[], Receipt]) -> Receipt | None:
    """Note what a call did, and give its receipt; None where the file was busy."""
    receipt = None
    with notes.call(verb, user) as line:
        receipt = act()
        line["made"] = [(one.number, one.record_id) for one in receipt.operations]
    return receipt


def go_back(memory: Memory, notes: Notes, user: str, name: str) -> None:
    """A snapshot, the way back to it, and there again."""
    with suppress(StoreBusy):
        memory.snapshot(name, user_id=user)
        made(notes, "delete_all", user, lambda: memory.delete_all(user_id=user))
        back = made(notes, "rollback", user, lambda: memory.rollback(name, user_id=user))
        if back is not None and back.operations:
            made(notes, "revert", user, lambda: memory.revert(back, user_id=user))
        memory.drop_snapshot(name, user_id=user)


def forget(memory: Memory, notes: Notes, user: str, name: str) -> None:
    """Two policies that have ended for all there is, and a hold that keeps some of it."""
    with suppress(StoreBusy):
        hold = memory.place_hold(name, filters={"text": {"contains": "2"}}, user_id=user)
        policies = [
            memory.set_retention(timedelta(1), since="at", on_expiry=what, filters={"odd": is_odd}, user_id=user)
            for what, is_odd in (("archive", True), ("erase", False))
        ]
        made(notes, "forget", user, lambda: memory.forget(user_id=user, wait=False))
        for policy in policies:
            memory.drop_policy(policy.id, user_id=user)
        memory.lift_hold(hold.id, user_id=user)


def decide(memory: Memory, notes: Notes, user: str, name: str) -> None:
    """Something held, and approved or denied."""
    with suppress(StoreBusy):
        policy = memory.set_quarantine({"role": "tool"}, user_id=user)
        with notes.call("hold", user) as line:
            held = memory.add([{"role": "tool", "content": f"bees {name}"}] * 2, user_id=user).held
            line["made"] = [(one.record.number, one.record.id) for one in held]
        for one, decision in zip(line.get("made", ()), (memory.approve, memory.deny), strict=False):
            made(notes, "decide", user, lambda name=one[1], act=decision: act(name, user_id=user))
        memory.drop_policy(policy.id, user_id=user)


def carry(memory: Memory, notes: Notes, user: str, name: str) -> None:
    """The wall written out and taken in again: all of it is there."""
    del name
    written = io.BytesIO()
    with notes.call("carry", user):
        memory.export(written, user_id=user)
        loaded = memory.load(io.BytesIO(written.getvalue()))
        assert not loaded.operations, "what was exported was not all there"


def back_up(memory: Memory, notes: Notes, user: str, name: str) -> None:
    """A copy of the file, which is sound."""
    del user, name
    copy = notes.path.with_name("backup.db")
    with notes.call("backup", ""):
        memory.backup(copy, overwrite=True)
        with opened(copy) as copied:
            report = copied.verify()
            assert report.is_sound, report.findings


def let_in(memory: Memory, notes: Notes, user: str, name: str) -> None:
    """A guest who may read, and then not."""
    del name
    with notes.call("grant", user):
        given = memory.give_grant(GUEST, "reader", user_id=user)
        assert list(memory.get_all(user_id=user, principal=GUEST)) == list(memory.get_all(user_id=user))
        memory.revoke_grant(given.id, user_id=user)
        assert not list(memory.get_all(user_id=user, principal=GUEST)), "a revoked grant lets in"


def reencode(memory: Memory, notes: Notes, user: str, name: str) -> None:
    """The other encoder for the whole file."""
    del user, name
    with notes.call("reencode", "") as line:
        width = memory.stats(is_whole_file=True).encoder.width
        memory.reencode(HashEncoder(width=next(one for one in WIDTHS if one != width)))
        line["reencoded"] = True


#: The last is done more seldom.
HOUSEWORK = (go_back, forget, decide, carry, back_up, let_in, reencode)


def digest(found: Iterable[tuple[str, int]]) -> int:
    """Give one number for a set of records in their revisions."""
    value = 0
    for pair in found:
        value ^= hash(pair)
    return value


def opened(path: Path) -> Memory:
    """Open a file by the encoder that it has."""
    for width in WIDTHS:
        with suppress(EncoderMismatch):
            return Memory(path, encoder=HashEncoder(width=width))
    raise AssertionError("the file has another encoder than it was ever given")


def life(path: Path, role: str, part: int, began: float, until: float) -> None:
    """Be one of the processes; never returns."""
    act: dict[str, Callable[[Memory, Notes, random.Random], None]] = {
        "writer": write,
        "reader": read,
        "verifier": verify,
        "eraser": erase,
        "keeper": keep_house,
    }
    status = 3
    try:
        notes, dice = (
            Notes(path.with_name(f"{role}{part}.jsonl"), f"{role}{part}", until, began),
            random.Random(f"{role}{part}"),
        )
        while time.monotonic() < until:
            with suppress(EncoderMismatch, StoreBusy), opened(path) as memory:
                act[role](memory, notes, dice)
        notes.keep()
        status = 0
    finally:
        if status:
            traceback.print_exc()
        sys.stderr.flush()
        os._exit(status)


class Order:
    """What happened in one wall, as its log says."""

    def __init__(self, log: Iterable[Operation], kinds: dict[str, str]) -> None:
        """Fold the log: the digest of what is active after each commit."""
        active: dict[str, int] = {}
        value = 0
        log = list(log)
        self._log, self._kinds = log, kinds
        self.ids: dict[int, str] = {}
        self.erased: set[str] = set()
        #: The numbers after which a digest holds.
        self.moments: dict[int, list[int]] = defaultdict(list)
        self.moments[0].append(0)
        for _, operations in groupby(log, key=lambda one: one.commit):
            for one in operations:
                self.ids[one.number] = one.record_id
                if one.action is Action.ERASE:
                    self.erased.add(one.record_id)
                if kinds[one.record_id] == Kind.OBSERVATION:
                    value ^= digest(_follow(active, one))
            self.moments[value].append(one.number)

    def active_at(self, number: int) -> set[tuple[str, int]]:
        """Give what was active after an operation."""
        active: dict[str, int] = {}
        for one in self._log[:number]:
            if self._kinds[one.record_id] == Kind.OBSERVATION:
                _follow(active, one)
        return set(active.items())


def _follow(active: dict[str, int], one: Operation) -> list[tuple[str, int]]:
    """Let an operation count, and give what has come or gone by it."""
    moved: list[tuple[str, int]] = []
    former = active.get(one.record_id)
    takes_place = one.to_state is State.ACTIVE or one.action in UNDOING
    if former is not None and (takes_place or former == one.revision):
        moved.append((one.record_id, active.pop(one.record_id)))
    if one.to_state is State.ACTIVE:
        active[one.record_id] = one.revision
        moved.append((one.record_id, one.revision))
    return moved


def check_wall(order: Order, lines: list[dict[str, Any]]) -> int:
    """See that the calls in one wall fit its log, and give how many reads were compared.

    Raises:
        AssertionError: they do not.
    """
    writes = [line for line in lines if line.get("made")]
    for line in writes:
        for number, name in line["made"]:
            assert order.ids.get(number) == name, f"operation {number} was acknowledged, and is another"
    by_end = sorted(writes, key=lambda line: line["ended"])
    ends = [line["ended"] for line in by_end]
    reached = list(accumulate((max(number for number, _ in line["made"]) for line in by_end), max))
    by_begin = sorted(writes, key=lambda line: line["began"], reverse=True)
    begins = [-line["began"] for line in by_begin]
    first = list(accumulate((min(number for number, _ in line["made"]) for line in by_begin), min))

    def least(line: dict[str, Any]) -> int:
        """Give the last operation that had been acknowledged when a call began."""
        place = bisect_left(ends, line["began"])
        return reached[place - 1] if place else 0

    def most(line: dict[str, Any]) -> int:
        """Give the last operation before the first that began when a call had ended."""
        place = bisect_left(begins, -line["ended"])
        return first[place - 1] - 1 if place else len(order.ids)

    for line in writes:
        assert min(number for number, _ in line["made"]) > least(line), "a write comes before one that had ended"
    #: When a read ended, and the moment that it saw; and the latest such of those that have ended.
    seen: list[tuple[int, int]] = []
    former = 0
    reads = sorted((line for line in lines if "seen" in line or "length" in line), key=lambda line: line["began"])
    for line in reads:
        while seen and seen[0][0] < line["began"]:
            former = max(former, heappop(seen)[1])
        low, high = max(least(line), former), most(line)
        fitting = [line["length"]] if "length" in line else order.moments.get(line["seen"], [])
        place = bisect_left(fitting, low)
        is_there = place < len(fitting) and fitting[place] <= high
        assert is_there, f"{line['verb']} saw what the log says of no moment from {low} to {high} ({fitting[:5]} …)"
        heappush(seen, (line["ended"], fitting[place]))
    for line in lines:
        assert line.get("missing", "") in ("", *order.erased), f"{line['missing']} was not found, and not erased"
        if "then" in line:
            then, found = order.active_at(line["then"]), {tuple(pair) for pair in line["found"]}
            assert found <= then, "something was known before it was said"
            assert all(name in order.erased for name, _ in then - found), "something was not known any more"
    return len(reads) + sum("then" in line for line in lines)


def check(path: Path, lines: list[dict[str, Any]]) -> int:
    """See that all calls fit the logs, and give how many reads were compared."""
    by_wall: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in lines:
        by_wall[line["wall"]].append(line)
    compared = 0
    with opened(path) as memory:
        report = memory.verify()
        assert report.is_sound, report.findings
        with memory._store.read() as reading:
            for user, calls in by_wall.items():
                wall = Scope(user=user or "nobody").wall
                kinds = {record.id: record.kind for record, _ in reading.salted_revisions(wall, scope=FILE)}
                compared += check_wall(Order(reading.log(wall, scope=FILE), kinds), calls)
    return compared


def check_is_strict(path: Path, lines: list[dict[str, Any]]) -> None:
    """See that reads which lag behind what was acknowledged before they began would have been noticed."""
    stale = [{**line, "seen": 0} if "seen" in line else line for line in lines]
    try:
        check(path, stale)
    except AssertionError:
        return
    raise AssertionError("reads that saw nothing pass")


def main(folder: Path, seconds: float) -> None:
    """Let all of them live for so long, and check what they did."""
    path, began = folder / "life.db", time.monotonic()
    with Memory(path, encoder=HashEncoder(width=WIDTHS[0])) as memory:
        for turn in range(int(seconds / WALL_S) + 5):
            for user in (f"keeper {turn}", *(f"user {turn * WALLS_AT_ONCE + one}" for one in range(WALLS_AT_ONCE))):
                memory.give_grant(WHO, "reader", user_id=user)
    roles = [
        *(("writer", n) for n in range(WRITERS)),
        *(("reader", n) for n in range(READERS)),
        ("verifier", 0),
        ("eraser", 0),
        ("keeper", 0),
    ]
    children = []
    for role, part in roles:
        child = os.fork()
        if child == 0:
            life(path, role, part, began, began + seconds)
        children.append(child)
    failed = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    assert not any(failed), f"processes ended with {failed}"
    took = time.monotonic() - began
    notes = [path.with_name(f"{role}{part}.jsonl").read_text("utf-8") for role, part in roles]
    lines = [json.loads(line) for text in notes for line in text.splitlines()]
    compared = check(path, lines)
    check_is_strict(path, lines)
    done = Counter(line["role"].rstrip("0123456789") for line in lines if "busy" not in line)
    busy = sum("busy" in line for line in lines)
    slowest = max((line["ended"] - line["began"]) / 1e9 for line in lines if "made" in line)
    changes = sum("reencoded" in line for line in lines)
    print(
        f"{took:.0f} s: {done['writer'] / took:.0f} writes/s, {done['reader'] / took:.0f} reads/s, "
        f"{done['verifier']} verifications, {done['eraser']} erasures, {done['keeper']} deeds of the "
        f"keeper, {changes} changes of encoder, {busy} busy; slowest write {slowest:.2f} s; "
        f"{compared} reads fit the log"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]))
