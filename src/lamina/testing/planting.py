"""Words planted wherever words go in a memory, and looked for in every byte of every file of its folder."""

import random
import string
import zlib
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from lamina.core.imports import ImportRules
from lamina.core.layers import Kind
from lamina.ingest.documents import Document
from lamina.ingest.traces import Trace
from lamina.memory import Memory

LETTERS = string.ascii_lowercase + string.digits + "äß中"


class Planted:
    """Words that stand nowhere else, of 8 to 2,000 bytes; each knows where it was planted."""

    def __init__(self, seed: int) -> None:
        """Make words by chance, the same for the same `seed`."""
        self._random = random.Random(seed)
        #: Each word, and where it was planted.
        self.words: dict[str, str] = {}

    def word(self, where: str, length: int | None = None) -> str:
        """Give a new word, planted there."""
        made = "".join(self._random.choices(LETTERS, k=length or self._random.randint(8, 60)))
        self.words[made] = where
        return made

    def found_in(self, folder: Path) -> list[tuple[str, str]]:
        """Give where words were planted that still stand in a file, as they are or as the terms that they fold to."""
        traces = []
        for path in sorted(folder.rglob("*")):
            data = path.read_bytes() if path.is_file() else b""
            views = [data, *_inflated(data)]
            for word, where in self.words.items():
                shapes = {word.encode(), word.encode("utf-16-le"), word.encode("utf-16-be"), ascii(word)[1:-1].encode()}
                if any(shape in view for shape in shapes for view in views):
                    traces.append((where, path.name))
        return traces


def lift_all(memory: Memory) -> None:
    """Lift what was laid down for a wall: its words are not the records', and stay while it stands."""
    for hold in memory.holds():
        memory.lift_hold(hold.id)
    for policy in memory.policies():
        memory.drop_policy(policy.id)
    for grant in memory.grants():
        memory.revoke_grant(grant.id)


def _inflated(data: bytes) -> list[bytes]:
    """Give what stands compressed in some bytes."""
    found = []
    for head in (b"\x78\x9c", b"\x78\x01", b"\x78\xda"):
        place = data.find(head)
        while place >= 0:
            with suppress(zlib.error):
                found.append(zlib.decompressobj().decompress(data[place:]))
            place = data.find(head, place + 1)
    return found


def plant(memory: Memory, planted: Planted, folder: Path) -> dict[str, str]:
    """Fill a wall with planted words wherever words go, and give the ids of some records by what they are."""
    word = planted.word
    names = {"agent_id": word("agent"), "run_id": word("run")}
    said = memory.add(
        {
            "content": f"the {word('text')} {word('long text', 2000)}",
            "name": word("speaker"),
            "session": word("session"),
            "external_id": word("external id"),
            "sensitivity": word("label"),
            "metadata": {word("key"): [word("value"), 3]},
        },
        **names,  # type: ignore[arg-type]
    ).stored[0]
    memory.update(said.id, text=f"rather {word('second revision')}", **names)  # type: ignore[arg-type]
    head = memory.add(Document(title=word("title"), text=f"# {word('heading')}\n\n{word('passage')} stands here.\n"))
    memory.add(Trace(tool=word("tool"), arguments={"a": word("argument")}, result=word("result"), status="ok"))
    file = folder / f"{word('file name', 12)}.jsonl"
    file.write_text(f'{{"text": "{word("imported")}", "session": "{word("imported session")}"}}\n', "utf-8")
    memory.import_messages(file, rules=ImportRules())
    scope = {"agent_id": word("import's agent"), "run_id": word("import's run")}
    memory.import_messages(file, session=word("import's session"), **scope)  # type: ignore[arg-type]
    file.unlink()
    gone = memory.add(word("withdrawn")).stored[0]
    memory.flush()
    memory.delete(gone.id)
    question = word("question", 12)
    memory.search(f"where is the {question}?", filters={"speaker": question})
    memory.recall(f"where is the {question}?")
    memory.place_hold(
        f"because of {word('reason')}",
        filters={"metadata": {word("held key"): word("held value")}},
        by=word("counsel"),
        agent_id=word("held agent"),
        run_id=word("held run"),
    )
    memory.set_retention(timedelta(days=9), filters={"speaker": word("policy's speaker")}, by=word("records office"))
    memory.give_grant(word("principal"), "reader", sees=[word("seen label")], by=word("who gives"))
    memory.set_label(word("policy's label"), {"session": word("labelled session")})
    memory.add(word("labelled by policy"), session=list(planted.words)[-2])
    memory.update(filters={"text": {"contains": list(planted.words)[-1]}}, sensitivity=word("corrected label"))
    memory.search("x", filters={"sensitivity": "*"})
    policy = memory.set_quarantine({"session": word("untrusted session")})
    memory.add(
        word("held"), session=next(each for each, where in planted.words.items() if where == "untrusted session")
    )
    memory.drop_policy(policy.id)
    document = next(record.id for record in head.stored if record.kind is Kind.DOCUMENT)
    return {"said": said.id, "document": document, "withdrawn": gone.id}
