"""Verbs of trust, asked from every scope about records of every other: clocks, holds, policies, grants, the trail."""

import io
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from walls import NOBODY, Row, World, ids_of, may_change, may_see, refused, told

from lamina.core.errors import NotGranted, UnderLegalHold
from lamina.core.lifecycle import State
from lamina.core.scope import Scope
from lamina.memory import Memory
from lamina.store.sqlite.store import SqliteStore
from lamina.testing.fakes import HashEncoder

#: Before anything was said, and after all of it.
BEFORE, AFTER = "2000-01-01T00:00:00+00:00", "2100-01-01T00:00:00+00:00"
EVERYTHING = 1000
#: Who calls where grants count.
WHO = "mail app"
WIDTHS = (64, 32)
#: Where copies lie: in memory where there is such a folder, so that none waits for the disk.
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None


def get_then(world: World, caller: Scope, row: Row) -> None:
    """One record as it was known, and before anything was."""
    if may_see(caller, row.scope):
        record = world.memory.get(row.id, known_at=AFTER, as_of=AFTER, **world.keys(caller))
        told((record.id, record.text), (row.id, row.text), "get by clocks")
    else:
        refused(lambda: world.memory.get(row.id, known_at=AFTER, **world.keys(caller)), row.id)
    refused(lambda: world.memory.get(row.id, known_at=BEFORE, **world.keys(caller)), row.id)


def get_all_then(world: World, caller: Scope, row: Row) -> None:
    """Every record as it was known, and before anything was."""
    told(ids_of(world.memory.get_all(known_at=AFTER, **world.keys(caller))), world.seen(caller), "get_all by clocks")
    told(ids_of(world.memory.get_all(as_of=BEFORE, **world.keys(caller))), set(), "get_all of before")


def search_then(world: World, caller: Scope, row: Row) -> None:
    """A question by both clocks."""
    clocks = {"known_at": AFTER, "as_of": AFTER}
    hits = world.memory.search(f"bees {row.word}", limit=EVERYTHING, **clocks, **world.keys(caller))
    told(ids_of(hits), world.seen(caller), "search by clocks")


def stats_then(world: World, caller: Scope, row: Row) -> None:
    """Figures and sessions as they were known."""
    counts = world.memory.stats(known_at=AFTER, **world.keys(caller)).counts
    told(counts.records["observation"]["active"], len(world.seen(caller)), "stats by clocks")
    spans = world.memory.timeline(known_at=AFTER, **world.keys(caller))
    told(sum(span.size for span in spans), len(world.seen(caller)), "timeline by clocks")


def hold(world: World, caller: Scope, row: Row) -> None:
    """A legal hold of the caller's, on what bears the record's word: in the caller's wall alone, and lifted there."""
    placed = world.memory.place_hold("a case", filters={"word": row.word}, **world.keys(caller))
    is_own = row.scope.wall == caller.wall
    told(placed.id in {one.id for one in world.memory.holds(scope=row.scope)}, is_own, "whether a hold is listed")
    if may_change(caller, row.scope):
        try:
            world.memory.erase(row.id, wait=False, scope=row.scope)
        except UnderLegalHold as error:
            told(error.holds, (placed.id,), "by what it is held")
        else:
            told("erased", "held", "what a hold covers")
    else:
        world.memory.erase(row.id, wait=False, scope=row.scope)
        world.gone(row, State.ERASED)
        world.add(row.scope)
    if not is_own:
        refused(lambda: world.memory.lift_hold(placed.id, scope=row.scope), str(placed.id), "hold")
    world.memory.lift_hold(placed.id, **world.keys(caller))


def forget(world: World, caller: Scope, row: Row) -> None:
    """A retention policy of the caller's by the record's word, which forgets in the caller's wall alone."""
    policy = world.memory.set_retention(timedelta(hours=1), filters={"word": row.word}, **world.keys(caller))
    world.clock.pass_time(timedelta(days=9))
    is_own = row.scope.wall == caller.wall
    told(policy.id in {one.id for one in world.memory.policies(scope=row.scope)}, is_own, "whether a policy is listed")
    foreseen = world.memory.forget(dry_run=True, **world.keys(caller))
    due = {row.id} if may_change(caller, row.scope) else set()
    told({one.record_id for one in foreseen.due}, due, "what is due")
    done = world.memory.forget(**world.keys(caller))
    told(set(done.ids) & set(world.rows), due, "what is forgotten")
    if due:
        told(world.memory.get(row.id, scope=row.scope).state, State.ARCHIVED, "what was forgotten")
        world.memory.restore(row.id, scope=row.scope)
    if not is_own:
        refused(lambda: world.memory.drop_policy(policy.id, scope=row.scope), str(policy.id), "policy")
    world.memory.drop_policy(policy.id, **world.keys(caller))


def grant_given(world: World, caller: Scope, row: Row) -> None:
    """A principal that may read where the caller is: it sees what the caller sees there, and nothing without it."""
    look = {"principal": WHO, "scope": caller}
    refused(lambda: world.memory.get(row.id, **look), row.id)
    given = world.memory.give_grant(WHO, "reader", scope=caller)
    if may_see(caller, row.scope):
        told(world.memory.get(row.id, **look).text, row.text, "get by a grant")
    else:
        refused(lambda: world.memory.get(row.id, **look), row.id)
    told(ids_of(world.memory.get_all(**look)), world.seen(caller), "get_all by a grant")
    refused(lambda: world.memory.delete(row.id, **look), row.id)
    if row.scope.wall != caller.wall:
        refused(lambda: world.memory.get(row.id, principal=WHO, scope=row.scope), row.id)
        refused(lambda: world.memory.revoke_grant(given.id, scope=row.scope), str(given.id), "grant")
    world.memory.revoke_grant(given.id, scope=caller)
    told(ids_of(world.memory.get_all(**look)), set(), "get_all after a grant is revoked")


def audit(world: World, caller: Scope, row: Row) -> None:
    """What was laid down where the record lies: told of in that wall alone."""
    policy = world.memory.set_read_audit(scope=row.scope)
    world.memory.get(row.id, scope=row.scope)
    world.memory.drop_policy(policy.id, scope=row.scope)
    entries = world.memory.audit(limit=3, **world.keys(caller))
    told({one.wall for one in entries} <= {caller.wall}, True, "whose trail it is")
    told(policy.id in {one.directive for one in entries}, row.scope.wall == caller.wall, "whether the trail tells")


def held(world: World, caller: Scope, row: Row) -> None:
    """What is held where the record lies: listed, approved and denied by who may change it there."""
    policy = world.memory.set_quarantine({"role": "tool"}, scope=row.scope)
    fresh = world.memory.add({"role": "tool", "content": f"bees and scales {row.word}"}, scope=row.scope).held[0].record
    is_own = may_change(caller, row.scope)
    told(fresh.id in {one.record.id for one in world.memory.held(**world.keys(caller))}, is_own, "what is held")
    decide = world.dice.choice((world.memory.approve, world.memory.deny))
    if is_own:
        told(decide(fresh.id, **world.keys(caller)).ids, (fresh.id,), "what is decided")
    else:
        refused(lambda: decide(fresh.id, **world.keys(caller)), fresh.id)
    told(world.memory.get(fresh.id, scope=row.scope).state is State.HELD, not is_own, "whether it is held still")
    world.memory.drop_policy(policy.id, scope=row.scope)
    world.erase_stray(fresh.id, row.scope)


def rollback(world: World, caller: Scope, row: Row) -> None:
    """Going back to before the record was changed: in the caller's wall, as far as the caller may change it."""
    name = f"before {world.dice.random()}"
    world.memory.snapshot(name, **world.keys(caller))
    world.memory.update(row.id, text=f"{row.text} again", scope=row.scope)
    receipt = world.memory.rollback(name, **world.keys(caller))
    world.memory.drop_snapshot(name, **world.keys(caller))
    is_own = may_change(caller, row.scope)
    told(row.id in receipt.ids, is_own, "whether a rollback takes it back")
    row.text = row.text if is_own else f"{row.text} again"
    told(world.memory.get(row.id, scope=row.scope).text, row.text, "what was gone back to")


def load(world: World, caller: Scope, row: Row) -> None:
    """What the caller exports, taken in again where it came from: all of it is there, and nothing else moves."""
    written = io.BytesIO()
    world.memory.export(written, scope=Scope.of(caller.wall))
    loaded = world.memory.load(io.BytesIO(written.getvalue()))
    told([(one.wall, one.operations) for one in loaded.walls], [(caller.wall, 0)], "what is loaded")
    told(world.memory.get(row.id, scope=row.scope).text, row.text, "what is there after a load")


def backup(world: World, caller: Scope, row: Row) -> None:
    """A copy of the whole file, by the same rule in there; to who has no grant it shows nothing, and gives no copy."""
    if not isinstance(world.memory._store, SqliteStore):
        return
    encoder = HashEncoder(width=world.memory.stats(scope=caller).encoder.width)
    with TemporaryDirectory(dir=MEMORY) as folder:
        path = Path(folder) / "copy.db"
        world.memory.backup(path)
        with Memory(path, encoder=encoder, clock=world.clock, scope=NOBODY) as copy:
            told(ids_of(copy.get_all(**world.keys(caller))), world.seen(caller), "get_all in a copy")
            if may_see(caller, row.scope):
                told(copy.get(row.id, **world.keys(caller)).text, row.text, "get in a copy")
            else:
                refused(lambda: copy.get(row.id, **world.keys(caller)), row.id)
            if may_change(caller, row.scope):
                told(copy.delete(row.id, **world.keys(caller)).ids, (row.id,), "what is withdrawn in a copy")
            else:
                refused(lambda: copy.delete(row.id, **world.keys(caller)), row.id)
        with Memory(path, encoder=encoder, clock=world.clock, scope=NOBODY, principal=WHO) as strange:
            refused(lambda: strange.get(row.id, scope=caller), row.id)
            told(ids_of(strange.get_all(scope=caller)), set(), "get_all in a copy, without a grant")
            try:
                strange.backup(Path(folder) / "another.db")
            except NotGranted:
                told((Path(folder) / "another.db").exists(), False, "whether there is a copy")
            else:
                told("copied", "refused", "a backup without a grant")
    told(world.memory.get(row.id, scope=row.scope).state, State.ACTIVE, "what the copy was made of")


def reencode(world: World, caller: Scope, row: Row) -> None:
    """Another encoder for the whole file, by which everybody finds what they did."""
    width = next(width for width in WIDTHS if width != world.memory.stats(scope=caller).encoder.width)
    world.memory.reencode(HashEncoder(width=width))
    told(ids_of(world.memory.search(f"bees {row.word}", limit=EVERYTHING, scope=caller)), world.seen(caller), "search")


VERBS = (
    *(get_then, get_all_then, search_then, stats_then, hold, forget, grant_given, audit, held, rollback, load),
    *(backup, reencode),
)
