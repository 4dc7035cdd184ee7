"""Who sees and changes what: every verb, asked from every scope for records of every other, against ten lines.

A world holds a few records in every scope of two tenants. Each call is made from one scope and is about a record that
lies in another: the caller's own, shared, a sibling's, another tenant's, or one of another agent or run. The rule, in
the ten lines of `may_see` and `may_change`, says what has to come of it; every so often all records are compared.

    python tests/exams/isolation.py CALLS SEED [PROCESSES]
"""

import io
import json
import multiprocessing
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from isolation_trust import VERBS as TRUST
from walls import PAIRS, RELATIONS, WALLS, Row, World, Wrong, ids_of, may_change, may_see, refused, taken, told

from lamina.core.ids import new_ulid
from lamina.core.lifecycle import State
from lamina.core.operations import Actor
from lamina.core.scope import Scope
from lamina.testing.builders import NOON

#: Calls that one world lives for, and after so many everything in it is looked at.
WORLD_CALLS, LOOK_EVERY = 2000, 250
EVERYTHING = 1000

Call = Callable[[World, Scope, Row], None]


def get(world: World, caller: Scope, row: Row) -> None:
    """One record by its id."""
    if may_see(caller, row.scope):
        record = world.memory.get(row.id, **world.keys(caller))
        told((record.id, record.text), (row.id, row.text), "get")
    else:
        refused(lambda: world.memory.get(row.id, **world.keys(caller)), row.id)


def history(world: World, caller: Scope, row: Row) -> None:
    """What was done to one record."""
    if may_see(caller, row.scope):
        entries = world.memory.history(row.id, **world.keys(caller))
        told({entry.operation.record_id for entry in entries}, {row.id}, "history")
    else:
        refused(lambda: world.memory.history(row.id, **world.keys(caller)), row.id)


def log(world: World, caller: Scope, row: Row) -> None:
    """What was done to all."""
    there = {one.id for one in world.own(caller, (State.ACTIVE, State.WITHDRAWN))}
    found = {one.record_id for one in world.memory.log(actors=["caller"], **world.keys(caller))}
    told({one for one in found if world.rows[one].state is not State.ERASED}, there, "log")
    told(row.id in found, may_change(caller, row.scope), "log of the record")


def get_all(world: World, caller: Scope, row: Row) -> None:
    """Every record."""
    told(ids_of(world.memory.get_all(**world.keys(caller))), world.seen(caller), "get_all")


def get_all_filtered(world: World, caller: Scope, row: Row) -> None:
    """The records that a filter leaves."""
    found = ids_of(world.memory.get_all(filters={"is_odd": row.is_odd}, **world.keys(caller)))
    told(found, {one for one in world.seen(caller) if world.rows[one].is_odd == row.is_odd}, "get_all by a filter")


def timeline(world: World, caller: Scope, row: Row) -> None:
    """Sessions and events."""
    spans, seen = world.memory.timeline(**world.keys(caller)), world.seen(caller)
    told(sum(span.size for span in spans), len(seen), "sizes on the timeline")
    told({event.opening.id for span in spans for event in span.events} <= seen, True, "openings on the timeline")


def stats(world: World, caller: Scope, row: Row) -> None:
    """Figures."""
    counts = world.memory.stats(**world.keys(caller)).counts
    told(counts.records["observation"]["active"], len(world.seen(caller)), "stats")


def search(world: World, caller: Scope, row: Row) -> None:
    """A question that everything answers a little."""
    hits = world.memory.search(f"bees {row.word}", limit=EVERYTHING, **world.keys(caller))
    told(ids_of(hits), world.seen(caller), "search")


def search_filtered(world: World, caller: Scope, row: Row) -> None:
    """The same with a filter that names the record alone."""
    hits = world.memory.search("bees", limit=EVERYTHING, filters={"word": row.word}, **world.keys(caller))
    told(ids_of(hits), {row.id} & world.seen(caller), "search by a filter")


def recall(world: World, caller: Scope, row: Row) -> None:
    """A packed context."""
    context = world.memory.recall(f"bees {row.word}", abstain=False, **world.keys(caller))
    cited = {citation.record_id for citation in context.citations}
    told(cited <= world.seen(caller), True, "what a context cites")
    told(row.id in cited, may_see(caller, row.scope), "whether a context cites the record")
    told(row.word in context.text, may_see(caller, row.scope), "whether a context says it")


def explain(world: World, caller: Scope, row: Row) -> None:
    """Why a record stands where it does."""
    question = f"bees {row.word}"
    if may_see(caller, row.scope):
        told_of = world.memory.explain(question, row.id, **world.keys(caller))
        told({one.record.id for one in told_of.hits} <= world.seen(caller), True, "what is explained")
    else:
        refused(lambda: world.memory.explain(question, row.id, **world.keys(caller)), row.id)


def flush(world: World, caller: Scope, row: Row) -> None:
    """Encoding what waits."""
    fresh, before = world.add(row.scope), world.waiting()
    before[row.scope.wall] = world.waiting()[row.scope.wall]
    visible = [wall for wall in WALLS if wall.tenant == caller.tenant and wall.user in (caller.user, None)]
    told(world.memory.flush(**world.keys(caller)), sum(before[wall] for wall in visible), "flush")
    told(world.waiting(), {wall: 0 if wall in visible else before[wall] for wall in WALLS}, "what waits")
    world.erase(fresh)


def changed(world: World, caller: Scope, row: Row, call: Callable[[], object]) -> bool:
    """Make a change by id, and say whether it was to be made; else it is refused, and the record as it was."""
    if may_change(caller, row.scope):
        receipt = call()
        told(set(receipt.ids) & set(world.rows), {row.id}, "what was changed")  # type: ignore[attr-defined]
        return True
    refused(call, row.id)
    record = world.memory.get(row.id, scope=row.scope)
    told((record.state, record.text), (row.state, row.text), "what was to be left alone")
    return False


def changed_by_filter(world: World, caller: Scope, row: Row, receipt: object) -> bool:
    """Say whether a change by a filter that names the record alone was to be made."""
    is_own = may_change(caller, row.scope)
    told(set(receipt.ids) & set(world.rows), {row.id} if is_own else set(), "what a filter changed")  # type: ignore[attr-defined]
    return is_own


def update(world: World, caller: Scope, row: Row) -> None:
    """Other words."""
    text = f"bees, not wasps, and {row.word} {world.dice.random()}"
    if changed(world, caller, row, lambda: world.memory.update(row.id, text=text, **world.keys(caller))):
        row.text = text


def update_filtered(world: World, caller: Scope, row: Row) -> None:
    """Other words by a filter."""
    text = f"bees, not hornets, and {row.word} {world.dice.random()}"
    receipt = world.memory.update(filters={"word": row.word}, text=text, **world.keys(caller))
    if changed_by_filter(world, caller, row, receipt):
        row.text = text


def delete(world: World, caller: Scope, row: Row) -> None:
    """Withdrawing."""
    if changed(world, caller, row, lambda: world.memory.delete(row.id, **world.keys(caller))):
        told(world.memory.get(row.id, scope=row.scope).state, State.WITHDRAWN, "what was withdrawn")
        world.memory.restore(row.id, scope=row.scope)


def delete_filtered(world: World, caller: Scope, row: Row) -> None:
    """Withdrawing by a filter."""
    if changed_by_filter(world, caller, row, world.memory.delete(filters={"word": row.word}, **world.keys(caller))):
        world.memory.restore(row.id, scope=row.scope)


def delete_all(world: World, caller: Scope, row: Row) -> None:
    """Withdrawing everything, which is taken back."""
    receipt = world.memory.delete_all(**world.keys(caller))
    told(set(receipt.ids), {one.id for one in world.own(caller)}, "what delete_all withdrew")
    told(world.memory.get(row.id, scope=row.scope).state is State.WITHDRAWN, may_change(caller, row.scope), "it")
    world.memory.revert(receipt, **world.keys(caller))


def restore(world: World, caller: Scope, row: Row) -> None:
    """Bringing back what was withdrawn."""
    world.memory.delete(row.id, scope=row.scope)
    world.gone(row, State.WITHDRAWN)
    if not changed(world, caller, row, lambda: world.memory.restore(row.id, **world.keys(caller))):
        world.memory.restore(row.id, scope=row.scope)
    world.back(row)


def restore_filtered(world: World, caller: Scope, row: Row) -> None:
    """Bringing back by a filter."""
    world.memory.delete(row.id, scope=row.scope)
    world.gone(row, State.WITHDRAWN)
    receipt = world.memory.restore(filters={"word": row.word}, **world.keys(caller))
    if not changed_by_filter(world, caller, row, receipt):
        world.memory.restore(row.id, scope=row.scope)
    world.back(row)


def revert(world: World, caller: Scope, row: Row) -> None:
    """Taking back a commit by its number, which counts through the file and is guessed easily."""
    receipt = world.memory.update(row.id, text=f"{row.text} again", scope=row.scope)
    row.text, before = f"{row.text} again", row.text
    (commit,) = receipt.commits
    if may_change(caller, row.scope):
        world.memory.revert(commit=commit, **world.keys(caller))
        row.text = before
    else:
        refused(lambda: world.memory.revert(commit=commit, **world.keys(caller)), str(commit), "commit")
    told(world.memory.get(row.id, scope=row.scope).text, row.text, "what was taken back")


def erase(world: World, caller: Scope, row: Row) -> None:
    """Erasing."""
    if changed(world, caller, row, lambda: world.memory.erase(row.id, wait=False, **world.keys(caller))):
        world.gone(row, State.ERASED)
        world.add(row.scope)


def erase_filtered(world: World, caller: Scope, row: Row) -> None:
    """Erasing by a filter."""
    receipt = world.memory.erase(filters={"word": row.word}, wait=False, **world.keys(caller))
    if changed_by_filter(world, caller, row, receipt):
        world.gone(row, State.ERASED)
        world.add(row.scope)


def erase_all(world: World, caller: Scope, row: Row) -> None:
    """Erasing everything."""
    gone = world.own(caller)
    receipt = world.memory.erase(all=True, wait=False, **world.keys(caller))
    told(set(receipt.ids) & set(world.rows), {one.id for one in gone}, "what erase(all=True) erased")
    for one in gone:
        world.gone(one, State.ERASED)
        world.add(one.scope)


def add_again(world: World, caller: Scope, row: Row) -> None:
    """The external id of a record, handed in with other words."""
    text = f"bees, said otherwise, and {row.word} {world.dice.random()}"
    keys = {"external_id": row.word, "metadata": row.metadata, **world.keys(caller)}
    if row.scope.wall != caller.wall:
        (stored,) = world.memory.add(text, **keys).stored
        told(stored.scope, caller, "where a foreign external id is stored")
        world.memory.erase(stored.id, wait=False, scope=caller)
        world.rows[stored.id] = replace(row, id=stored.id, scope=caller, state=State.ERASED)
    elif may_see(caller, row.scope):
        told(ids_of(world.memory.add(text, **keys).updated), {row.id}, "what is delivered anew")
        row.text = text
    else:
        taken(lambda: world.memory.add(text, **keys))


def import_again(world: World, caller: Scope, row: Row) -> None:
    """The external id of a record, imported with the same words."""
    source = io.BytesIO(json.dumps({"id": row.word, "text": row.text, "metadata": row.metadata}).encode())
    if row.scope.wall == caller.wall and not may_see(caller, row.scope):
        taken(lambda: world.memory.import_messages(source, **world.keys(caller)))
        return
    done = world.memory.import_messages(source, **world.keys(caller))
    expected = (1, 0) if may_change(caller, row.scope) else (0, 1)
    told((done.repeated + done.known, done.stored), expected, "what is imported")
    if done.stored:
        receipt = world.memory.erase(filters={"external_id": row.word}, wait=False, scope=caller)
        name = next(one.record_id for one in receipt.operations if one.actor is Actor.CALLER)
        world.rows[name] = replace(row, id=name, scope=caller, state=State.ERASED)


def snapshots(world: World, caller: Scope, row: Row) -> None:
    """A snapshot of the record's wall: listed, gone back to and dropped in that wall alone."""
    wall, name = Scope.of(row.scope.wall), f"before {world.dice.random()}"
    world.memory.snapshot(name, scope=wall)
    is_own = row.scope.wall == caller.wall
    there = [one.name for one in world.memory.snapshots(**world.keys(caller))]
    told(name in there, is_own, "what snapshots are listed")
    if not is_own:
        taken(lambda: world.memory.rollback(name, **world.keys(caller)))
        taken(lambda: world.memory.drop_snapshot(name, **world.keys(caller)))
    world.memory.drop_snapshot(name, scope=wall)


def export(world: World, caller: Scope, row: Row) -> None:
    """The caller's own wall, written out."""
    written = io.BytesIO()
    world.memory.export(written, scope=Scope.of(caller.wall))
    told(row.id.encode() in written.getvalue(), row.scope.wall == caller.wall, "whether an export has the record")


BY_ID: tuple[Call, ...] = (get, history, explain, update, delete, restore, erase)
#: Calls of these take a tenth of a millisecond to one; they are made so many times as often as the others.
QUICK: tuple[Call, ...] = (get, history, update, delete, erase, timeline, get_all, get_all_filtered)
OFTEN = 15
VERBS: tuple[Call, ...] = (
    *BY_ID,
    *(log, get_all, get_all_filtered, timeline, stats, search, search_filtered, recall, flush, update_filtered),
    *(delete_filtered, delete_all, restore_filtered, revert, erase_filtered, erase_all, add_again, import_again),
    *(snapshots, export),
    *TRUST,
)


def unknown(world: World, caller: Scope, row: Row, verb: Call) -> None:
    """Ask for an id that there is not: one bit beside a record's, or a new one."""
    name = row.id[:-1] + ("0" if row.id[-1] != "0" else "1") if world.dice.random() < 0.5 else new_ulid(NOON)
    ghost = replace(row, id=name)
    asked: dict[Call, Callable[[], object]] = {
        get: lambda: world.memory.get(ghost.id, scope=caller),
        history: lambda: world.memory.history(ghost.id, scope=caller),
        explain: lambda: world.memory.explain("bees", ghost.id, scope=caller),
        update: lambda: world.memory.update(ghost.id, text="x", scope=caller),
        delete: lambda: world.memory.delete(ghost.id, scope=caller),
        restore: lambda: world.memory.restore(ghost.id, scope=caller),
        erase: lambda: world.memory.erase(ghost.id, wait=False, scope=caller),
    }
    refused(asked[verb], ghost.id)


def play(calls: int, seed: int, make_store: Callable[[], object] | None = None) -> Counter[tuple[str, str]]:
    """Make so many calls, and give how many of each verb for each relation.

    Raises:
        Wrong: the rule was broken; the message says by what.
    """
    dice, done = random.Random(seed), Counter[tuple[str, str]]()
    cells = [(verb, name) for verb in VERBS for name in RELATIONS] + [(verb, "unknown") for verb in BY_ID]
    cells = [cell for cell in cells for _ in range(OFTEN if cell[0] in QUICK else 1)]
    world: World | None = None
    for number in range(calls):
        if number % WORLD_CALLS == 0:
            if world is not None:
                world.close()
            world = World(dice, None if make_store is None else make_store())
        if number % len(cells) == 0:
            dice.shuffle(cells)
        verb, name = cells[number % len(cells)]
        caller, place = dice.choice(PAIRS[name if name != "unknown" else dice.choice(RELATIONS)])
        row = dice.choice(world.active[place])
        try:
            if name == "unknown":
                unknown(world, caller, row, verb)
            else:
                verb(world, caller, row)
            if number % LOOK_EVERY == LOOK_EVERY - 1:
                world.look()
        except Exception as error:
            raise Wrong(
                f"call {number} of seed {seed}: {verb.__name__} of {row} ({name}) at {caller}: {error}"
            ) from error
        done[verb.__name__, name] += 1
    if world is not None:
        world.look()
        world.close()
    return done


def main(calls: int, seed: int, processes: int = 1) -> None:
    """Play in several processes, and say what was done."""
    began = time.monotonic()
    shares = [(calls // processes, seed + part) for part in range(processes)]
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        done: Counter[tuple[str, str]] = sum(pool.starmap(play, shares), Counter())
    least = min(done.items(), key=lambda item: item[1])
    took = time.monotonic() - began
    print(
        f"{done.total()} calls, {len(VERBS)} verbs, {len(RELATIONS)} relations and unknown ids, each pair at least "
        f"{least[1]} times, {took:.0f} s, none wrong"
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
