"""The adapter: a `Memory` in the shape that scorers expect, with the default configuration.

`system(**options)` takes the fields of `Settings` and gives what `build(docs)` is called on; `docs` are rows of
`docs.jsonl` (see `schema`). Uses the public `Memory` alone, so that a scorer measures what users get.
"""

from collections.abc import Mapping, Sequence

from lamina import Context, Hits, Memory, Message, Settings
from lamina.evaluate.plan import usual_cache

#: The one user of each memory that is built.
USER = "evaluated"
#: Speakers that are roles; any other is a name.
ROLES = frozenset({"user", "assistant"})
#: Bare whole numbers below this order a document and give no time (as seconds they would lie before 1973-03-03).
FIRST_TIME_NUMBER = 10**8
#: Times without a zone in the data are in this one.
TIMEZONE = "UTC"
Ts = str | int | float | None


def system(**options: object) -> "System":
    """Give a system whose memories have the default settings but for `options`, such as `recipe="bm25"`.

    Vectors are kept by text and model in `~/.cache/lamina/vectors`, where that can be written and nothing else is
    named, so that a second run is quick.

    Raises:
        ValueError: an option that is no field of `Settings`, or a value that it does not take.
    """
    set_already = Settings().model_dump(exclude_unset=True)
    return System(Settings.model_validate({"vector_cache": usual_cache(), **set_already, **options}))


class System:
    """Builds one memory for each call of `build`."""

    def __init__(self, settings: Settings) -> None:
        """Keep the settings of every memory to be built."""
        self.settings = settings

    def build(self, docs: Sequence[Mapping[str, object]]) -> "Handle":
        """Take in the rows of one memory, in the order of group and `seq`, and encode them."""
        memory = Memory(settings=self.settings)
        messages = messages_of(docs)
        if messages:
            memory.add(messages, user_id=USER, at="unknown", timezone=TIMEZONE)
        memory.flush(user_id=USER)
        return Handle(memory)


class Handle:
    """One built memory."""

    def __init__(self, memory: Memory) -> None:
        """Ask `memory`, and close it at the end."""
        self.memory = memory

    def query(self, text: str, k: int, ts: Ts = None) -> list[str]:
        """Give the ids of the best `k` documents, best first, as asked at `ts`."""
        return names_of(self.search(text, k, ts=ts))

    def search(self, text: str, k: int, ts: Ts = None) -> Hits:
        """Give the best `k` documents as hits, with what is to be known about the answer."""
        return self.memory.search(text, limit=k, at=moment_of(ts), timezone=TIMEZONE, user_id=USER)

    def pack(self, text: str, budget_tokens: int, ts: Ts = None) -> str:
        """Give the text that `recall` packs, never abstaining."""
        context = self.memory.recall(
            text, budget_tokens=budget_tokens, at=moment_of(ts), timezone=TIMEZONE, abstain=False, user_id=USER
        )
        return context.text

    def recall(self, text: str, budget_tokens: int, ts: Ts = None) -> Context:
        """Give what `recall` gives by default, abstentions included."""
        return self.memory.recall(text, budget_tokens=budget_tokens, at=moment_of(ts), timezone=TIMEZONE, user_id=USER)

    def close(self) -> None:
        """Close the memory."""
        self.memory.close()


def names_of(hits: Hits) -> list[str]:
    """Give the ids of the documents that were found, best first."""
    return [hit.record.external_id for hit in hits if hit.record.external_id is not None]


def messages_of(docs: Sequence[Mapping[str, object]]) -> list[Message]:
    """Give the rows as messages, in the order of group and `seq`, without those that have no words."""
    ordered = sorted(docs, key=lambda doc: (str(doc.get("group") or ""), _seq(doc)))
    return [message for message in map(_message, ordered) if str(message["content"]).strip()]


def _message(doc: Mapping[str, object]) -> Message:
    speaker, session, ts = doc.get("speaker"), doc.get("session"), doc.get("ts")
    text = str(doc["text"])
    if speaker:
        text = text.removeprefix(f"{speaker}: ")
    message = Message(content=text, external_id=str(doc["id"]))
    if speaker:
        message["role" if speaker in ROLES else "name"] = str(speaker)
    if session:
        message["session"] = str(session)
    if is_order(ts):
        message["order"] = int(str(ts))
    elif moment_of(ts) is not None:
        message["at"] = moment_of(ts)
    return message


def moment_of(ts: object) -> str | int | float | None:
    """Give a time of the data; None where there is none, or only an order."""
    return ts if isinstance(ts, str | int | float) and ts != "" and not is_order(ts) else None


def is_order(ts: object) -> bool:
    """Say whether `ts` is a bare whole number that orders, and is no time."""
    text = str(ts)
    return not isinstance(ts, float | bool) and text.isdecimal() and int(text) < FIRST_TIME_NUMBER


def _seq(doc: Mapping[str, object]) -> int:
    seq = doc.get("seq")
    return seq if isinstance(seq, int) else 0
