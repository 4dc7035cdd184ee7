"""Makes the small file by which the present format is remembered; run once for each format, before it is changed.

python tests/migration/keep_format.py tests/migration/formats/0008.db.gz
"""

import gzip
import io
import sys
import tempfile
from pathlib import Path

import apsw

from lamina import Document, Memory
from lamina.ingest.traces import Trace
from lamina.testing.fakes import FakeClock, HashEncoder

#: A chat that Cleo imports.
IMPORTED = '{"text": "a swarm was seen"}\n{"text": "it was caught"}\n'


def live(memory: Memory) -> None:
    """Do what every version could do, and what only later ones can where this one can."""
    said = [
        {"content": f"bee {n} hums in garden {n % 3}", "session": f"s{n // 3}", "external_id": f"e{n}", "name": "Ada"}
        for n in range(6)
    ]
    memory.add(said, user_id="ada")
    memory.add("the house rules", user_id="bob", agent_id="a1", run_id="r1")
    memory.add(Document(title="Lease", text="One cat.\n\nNo dogs."), user_id="ada", at="2026-01-02T03:04:05+01:00")
    memory.add(Trace(tool="weigh", arguments={"hive": 2}, result="1,490 grams"), user_id="ada")
    first, second, third, *_ = memory.get_all(user_id="ada")
    memory.update(first.id, text="bee 0, corrected, hums", metadata={"checked": True}, user_id="ada")
    memory.delete(second.id, user_id="ada")
    if hasattr(memory, "revert"):
        memory.revert(memory.update(third.id, text="said in error", user_id="ada"), user_id="ada")
        memory.erase(memory.add("to be erased", user_id="ada").stored[0].id, user_id="ada")
    if hasattr(memory, "import_messages"):
        memory.import_messages(io.StringIO(IMPORTED), session="told", user_id="cleo", run_id="r2")
        memory.flush(user_id="cleo", run_id="r2")
    memory.flush(user_id="ada")
    memory.flush(user_id="bob", agent_id="a1", run_id="r1")


def main(kept: Path) -> None:
    """Write the file, and say of which format it is."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "life.db"
        with Memory(path, encoder=HashEncoder(width=8), clock=FakeClock()) as memory:
            live(memory)
        connection = apsw.Connection(str(path))
        number = connection.pragma("user_version")
        connection.execute("VACUUM")
        connection.close()
        kept.parent.mkdir(exist_ok=True)
        kept.write_bytes(gzip.compress(path.read_bytes(), mtime=0))
    print(f"format {number}, {kept.stat().st_size} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
