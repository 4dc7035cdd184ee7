"""The documented usage, type-checked and never run."""

from collections.abc import Sequence
from datetime import UTC, datetime

from lamina import (
    AsyncMemory,
    Block,
    Citation,
    Context,
    Document,
    Encoder,
    EncoderId,
    Hit,
    Imported,
    ImportRules,
    Memory,
    Origin,
    Record,
    Scope,
    Settings,
    Trace,
    origins_of,
    read_html,
)


def remember(memory: Memory) -> None:
    memory.add("Ada keeps bees", user_id="ada")
    memory.add({"role": "user", "content": "hello", "at": datetime(2026, 3, 2, tzinfo=UTC)}, scope=Scope(user="ada"))
    memory.add([{"role": "user", "content": "hi"}, "there"], session="s", timezone="Europe/Rome", agent_id="a")
    memory.add(Document(text="The lease.", title="Lease"))
    page: Document = read_html("<p>The lease.", title="Lease")
    tree: Block = page.tree()
    words: list[str] = [block.words(page.text) for block in tree.leaves()]
    origins: tuple[Origin, ...] = origins_of(memory.add(page).stored[1])
    print(words, origins)
    memory.add(Trace(tool="find", arguments={"to": "Turin"}, result=[1, 2], duration_s=0.5))
    added = memory.add("x")
    first: Record = added.stored[0]
    memory.update(first.id, text="y")
    memory.delete(first.id, user_id="ada")


def take_in(memory: Memory) -> Imported:
    with open("chat.jsonl", "rb") as stream:
        memory.import_messages(stream, session="s", timezone="Europe/Rome", user_id="ada")
    rules = ImportRules(day_first=True, skip_bad=True, on_conflict="beside")
    return memory.import_messages("chat.jsonl", rules=rules, on_progress=lambda done, of: None)


def ask(memory: Memory) -> tuple[Hit, Context, Sequence[Citation]]:
    hits = memory.search("who keeps bees?", limit=5, at="2026-03-02T09:00:00Z", kinds=["observation", "event"])
    context = memory.recall("who keeps bees?", budget_tokens=500, count_tokens=len)
    memory.search("who?", filters={"AND": [{"speaker": "Ada"}, {"rank": {"gte": 3}}]}, timezone="UTC")
    list(memory.get_all(filters={"city": ["Turin", None]}, user_id="ada"))
    return hits[0], context, context.citations


async def ask_later(memory: AsyncMemory) -> str:
    async for record in memory.get_all(user_id="ada"):
        return record.text
    return (await memory.recall("?")).text


class Mine:
    """An encoder of one's own."""

    @property
    def identity(self) -> EncoderId:
        return EncoderId(name="mine", model="mine@1", width=3)

    def encode(self, texts: Sequence[str]) -> memoryview:
        return memoryview(bytearray(12 * len(texts)))

    def spans(self, text: str, *, reserved_tokens: int = 0) -> list[tuple[int, int]]:
        return [(0, len(text))]

    def count_tokens(self, text: str) -> int:
        return len(text.split())


encoder: Encoder = Mine()
memory = Memory("life.db", settings=Settings(recipe="bm25"), encoder=encoder)
