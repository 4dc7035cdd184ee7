"""Logs are imported, and the importers killed without warning, over and over: the program that `test_kill.py` runs.

Each round forks an importer and kills it at a random moment. Between rounds the log grows at its end, or (in the second
half) a line in the middle is changed, and the importer is to replace what stood there. At the end one import is let
through, and the memory must hold what one without kills holds: every line once, in the order of the log.

    python tests/flow/import_rounds.py FOLDER KILLS SEED
"""

import json
import os
import random
import signal
import sys
import time
import traceback
from pathlib import Path

import apsw

import lamina.flows.pieces
from lamina.core.imports import ImportRules
from lamina.memory import Memory

#: Small, so that a kill falls between, before and inside of many.
lamina.flows.pieces.PIECE_MESSAGES = 40
#: Seconds after which an importer is killed at the latest: a dozen pieces.
LONGEST_ROUND_S = 0.15
#: Lines by which a log grows at most in a round, and which it has at most once enough kills fell into an import.
GROWTH, MOST_LINES = 120, 3000
#: A quick or a busy machine needs more rounds until so many kills came halfway.
LEAST_HALFWAY = 5
#: One round in so many changes a line.
CHANGES = 8
REPLACE = ImportRules(on_conflict="replace")


def a_line(number: int, *, may_have_id: bool) -> dict[str, object]:
    """Give a line of a log; some repeat the words of others."""
    line: dict[str, object] = {"text": f"turn {number - number % 3}", "name": f"person {number % 4}"}
    return {**line, "id": f"m{number}"} if may_have_id and number % 5 == 0 else line


def write(log: Path, lines: list[dict[str, object]]) -> None:
    """Write a log as it is now."""
    log.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")


def play_round(path: Path, log: Path, *, lives_s: float) -> bool:
    """Let an importer live for so long, and say whether it was killed."""
    child = os.fork()
    if child == 0:
        try:
            with Memory(path) as memory:
                memory.import_messages(log, rules=REPLACE)
            os._exit(0)
        finally:
            traceback.print_exc()
            os._exit(3)
    time.sleep(lives_s)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or status == 0, f"an importer ended with status {status}"
    return os.WIFSIGNALED(status)


def taken_in(path: Path) -> int:
    """Count the messages that are known to have been taken in."""
    if not path.exists():
        return 0
    connection = apsw.Connection(str(path))
    is_made = connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'piece'").fetchone()
    count = connection.execute("SELECT coalesce(sum(messages), 0) FROM piece").fetchone()[0] if is_made else 0
    connection.close()
    return int(count)


def held(path: Path) -> list[tuple[str, str | None, str | None]]:
    """Give what a memory holds, in the order of arrival."""
    with Memory(path) as memory:
        report = memory.verify()
        assert report.is_sound, report.findings
        return [(record.text, record.speaker, record.external_id) for record in memory.get_all()]


def expected(lines: list[dict[str, object]]) -> list[tuple[object, ...]]:
    """Give what a memory is to hold of a log."""
    return [(line["text"], line["name"], line.get("id")) for line in lines]


def kill_over_and_over(folder: Path, kills: int, dice: random.Random, *, edits: bool) -> tuple[int, int]:
    """Import a log that changes until so many importers were killed; gives how many, and how many in the middle."""
    path, log = folder / f"{edits}.db", folder / f"{edits}.jsonl"
    lines = [a_line(number, may_have_id=not edits) for number in range(400)]
    killed = halfway = 0
    while killed < kills or len(lines) < MOST_LINES or halfway < LEAST_HALFWAY:
        write(log, lines)
        before = taken_in(path)
        if play_round(path, log, lives_s=dice.uniform(0, LONGEST_ROUND_S)):
            killed += 1
            halfway += taken_in(path) not in (before, len(lines))
        if edits and dice.randrange(CHANGES) == 0:
            place = dice.randrange(len(lines))
            lines[place] = {"text": f"changed after {killed} kills", "name": "editor"}
        most = MOST_LINES if halfway >= LEAST_HALFWAY else len(lines) + GROWTH
        more = max(min(dice.randrange(GROWTH), most - len(lines)), 0)
        lines += [a_line(number, may_have_id=not edits) for number in range(len(lines), len(lines) + more)]
    write(log, lines)
    for target in (path, folder / f"{edits}-at-rest.db"):
        with Memory(target) as memory:
            memory.import_messages(log, rules=REPLACE)
            again = memory.import_messages(log)
            assert (again.known, again.stored, again.updated, again.withdrawn) == (len(lines), 0, 0, 0), again
        assert held(target) == expected(lines), target
    return killed, halfway


def main(folder: Path, kills: int, seed: int) -> None:
    """Kill importers of a log that only grows, and of one that is edited as well."""
    dice = random.Random(seed)  # not for secrets
    Memory().close()  # loads everything once, so that the children of the forks begin to import at once
    for edits in (False, True):
        killed, halfway = kill_over_and_over(folder, kills, dice, edits=edits)
        print(f"{'edited' if edits else 'grown'}: {killed} kills, {halfway} of them halfway; each line once")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
