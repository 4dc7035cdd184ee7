"""AsyncMemory has the verbs of Memory, with the same parameters, and ends its stories alike."""

import asyncio
import inspect
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from lamina.aio import AsyncMemory
from lamina.flows.past import PAGE
from lamina.memory import Memory
from lamina.testing.fakes import FakeClock, HashEncoder


def verbs(kind: type) -> dict[str, Callable[..., Any]]:
    return {name: value for name, value in inspect.getmembers(kind, inspect.isfunction) if not name.startswith("_")}


def test_the_async_face_has_the_same_verbs() -> None:
    assert verbs(AsyncMemory).keys() == verbs(Memory).keys()
    assert set(verbs(Memory)) >= {
        "add", "search", "recall", "get", "get_all", "update", "delete", "history", "timeline", "stats", "scopes",
        "verify", "flush", "close",
    }  # fmt: skip


@pytest.mark.parametrize("verb", [*sorted(verbs(Memory)), "__init__"])
def test_the_async_face_has_the_same_signatures(verb: str) -> None:
    own, other = (inspect.signature(getattr(kind, verb)).parameters for kind in (AsyncMemory, Memory))
    assert [(p.name, p.kind, p.default, p.annotation) for p in own.values()] == [
        (p.name, p.kind, p.default, p.annotation) for p in other.values()
    ]


def test_both_tell_the_same_story() -> None:
    async def story(call: Callable[..., Any], memory: Any, all_of: Callable[[Any], Any]) -> list[object]:
        first = (await call(memory.add, "Ada keeps bees", session="roof", external_id="a")).stored[0]
        await call(memory.add, ["Bob keeps cats", "Cleo keeps fish"], session="roof")
        again = await call(memory.add, "Ada keeps bees", session="roof", external_id="a")
        await call(memory.update, first.id, text="Ada keeps wasps")
        imported = await call(memory.import_messages, io.StringIO('{"text": "Dora keeps goats"}'), session="field")
        flushed = await call(memory.flush)
        hits = await call(memory.search, "who keeps wasps", limit=2)
        context = await call(memory.recall, "who keeps wasps", abstain=False)
        record = await call(memory.get, first.id)
        asked = {"text": {"contains": "keeps"}, "at": {"gte": "2026-03-02"}}
        left = await call(memory.search, "who keeps wasps", filters=asked, timezone="UTC")
        packed = await call(memory.recall, "who keeps wasps", filters={"speaker": "nobody"}, abstain=False)
        kept_all = [kept.text for kept in await all_of(memory.get_all(filters=asked, timezone="UTC"))]
        await call(memory.delete, hits[1].record.id)
        texts = [kept.text for kept in await all_of(memory.get_all())]
        timeline = await call(memory.timeline)
        entries = await call(memory.history, first.id)
        counts = (await call(memory.stats)).counts
        scopes = await call(memory.scopes)
        sound = (await call(memory.verify)).is_sound
        await call(memory.close)
        return [
            len(again.repeated), imported, flushed, [hit.record.text for hit in hits], context.text, record.text,
            record.revision,
            texts, [(span.name, span.size) for span in timeline], [entry.operation.action for entry in entries],
            counts, scopes, sound, memory.notes, [hit.record.text for hit in left], packed.text, kept_all,
        ]  # fmt: skip

    async def hop(verb: Callable[..., Any], *arguments: Any, **keywords: Any) -> Any:
        return verb(*arguments, **keywords)

    async def wait(verb: Callable[..., Any], *arguments: Any, **keywords: Any) -> Any:
        return await verb(*arguments, **keywords)

    async def listed(records: Any) -> list[Any]:
        return list(records)

    async def gathered(records: Any) -> list[Any]:
        return [record async for record in records]

    def memory(kind: type) -> Any:
        return kind(encoder=HashEncoder(), clock=FakeClock())

    one = asyncio.run(story(hop, memory(Memory), listed))
    two = asyncio.run(story(wait, memory(AsyncMemory), gathered))
    assert one == two
    assert (len(one[-3]), one[-2], len(one[-1])) == (3, "", 3)
    assert len(one[7]) == 3
    assert one[7][0] == "Ada keeps wasps"


def test_a_listing_of_the_async_face_goes_on_from_its_cursor() -> None:
    async def story() -> list[str]:
        async with AsyncMemory(encoder=HashEncoder()) as memory:
            await memory.add([f"turn {number}" for number in range(5)])
            first = memory.get_all(limit=2)
            assert [record.text async for record in first] == ["turn 0", "turn 1"]
            return [record.text async for record in memory.get_all(after=first.cursor)]

    assert asyncio.run(story()) == ["turn 2", "turn 3", "turn 4"]


def test_both_govern_alike() -> None:
    async def story(call: Callable[..., Any], kind: type) -> list[object]:
        clock = FakeClock()
        memory = kind(encoder=HashEncoder(), clock=clock)
        first, second = (await call(memory.add, ["Ada keeps bees", "Bob keeps cats"], session="roof")).stored
        hold = await call(memory.place_hold, "case 7", record_ids=[first.id], by="counsel")
        policy = await call(memory.set_retention, timedelta(microseconds=1), on_expiry="erase", by="office")
        clock.pass_time(timedelta(hours=1))
        foreseen = await call(memory.forget, dry_run=True)
        done = await call(memory.forget)
        holds, policies = await call(memory.holds), await call(memory.policies)
        await call(memory.lift_hold, hold.id)
        await call(memory.drop_policy, policy.id)
        given = await call(memory.give_grant, "app", "reader")
        grants = await call(memory.grants)
        await call(memory.revoke_grant, given.id)
        await call(memory.drop_policy, (await call(memory.set_read_audit)).id)
        await call(memory.set_secrets, "hold", by="office")
        await call(memory.set_quarantine, {"speaker": "Eve"})
        await call(memory.add, ["password: hunter2", {"content": "evil", "name": "Eve"}])
        held = await call(memory.held)
        decided = await call(memory.approve, held[0].record.id), await call(memory.deny, filters={"speaker": "Eve"})
        deeds = [(entry.deed, entry.directive, entry.count) for entry in await call(memory.audit)]
        await call(memory.close)
        return [
            holds, policies, [one.reason for one in held], [one.counts for one in decided],
            [one.role for one in grants], memory.principal, len(foreseen.due), done.counts, done.scrubbed, deeds,
            [one.record_id == first.id for one in done.protected], second.id in done.ids,
        ]  # fmt: skip

    async def hop(verb: Callable[..., Any], *arguments: Any, **keywords: Any) -> Any:
        return verb(*arguments, **keywords)

    async def wait(verb: Callable[..., Any], *arguments: Any, **keywords: Any) -> Any:
        return await verb(*arguments, **keywords)

    one = asyncio.run(story(hop, Memory))
    two = asyncio.run(story(wait, AsyncMemory))
    assert one[2:] == two[2:]
    assert one[-2:] == [[True], True]


@pytest.mark.parametrize("limit", [None, 2 * PAGE + 3, 2 * PAGE, PAGE + 1, PAGE, 7])
def test_both_list_every_record(limit: int | None) -> None:
    async def listed() -> list[str]:
        memory = AsyncMemory(encoder=HashEncoder(), clock=FakeClock())
        await memory.add([f"cat {number}" for number in range(2 * PAGE + 3)])
        found = [record.text async for record in memory.get_all(limit=limit)]
        await memory.close()
        return found

    assert asyncio.run(listed()) == [f"cat {number}" for number in range(2 * PAGE + 3)][:limit]
