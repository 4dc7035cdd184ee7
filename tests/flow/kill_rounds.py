"""Two writers on one file, killed without warning, over and over: the program that `test_kill.py` runs.

Each round forks two writers. A writer adds single messages and batches, updates and deletes, and only after a call
has returned does it write a line to its pipe: that line is the acknowledgement. The parent kills both at a random
moment. At the end everything acknowledged must be in the file, and the file must be sound.

    python tests/flow/kill_rounds.py FILE ROUNDS SEED
"""

import os
import random
import signal
import sys
import time

from lamina.core.lifecycle import State
from lamina.memory import Memory

#: Seconds a round lives at most: long enough for dozens of calls, short enough to die inside the first ones too.
LONGEST_ROUND_S = 0.06


def write_until_killed(path: str, name: str, pipe: int) -> None:
    """Add, update and delete as fast as the disk takes it, acknowledging each call on `pipe`."""
    with Memory(path) as memory:
        count = 0
        while True:
            first = memory.add(f"{name} says {count}", external_id=f"{name}-{count}", user_id="ada").stored[0]
            os.write(pipe, f"add {first.id} {name}-{count}\n".encode())
            pair = [{"content": f"{name} also says {count} {part}", "session": name} for part in "ab"]
            for record in memory.add(pair, user_id="ada").stored:
                os.write(pipe, f"add {record.id} -\n".encode())
            if count % 3 == 0:
                memory.update(first.id, text=f"{name} corrects {count}", user_id="ada")
                os.write(pipe, f"update {first.id} {name}-{count}\n".encode())
            if count % 5 == 0:
                memory.delete(first.id, user_id="ada")
                os.write(pipe, f"delete {first.id} -\n".encode())
            count += 1


def play_round(path: str, number: int, patience_s: float) -> list[list[str]]:
    """Let two writers live for `patience_s`, kill them, and give what they acknowledged."""
    writers = []
    for side in "xy":
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            try:
                write_until_killed(path, f"{side}{number}", writing)
            finally:
                os._exit(3)
        os.close(writing)
        writers.append((child, reading))
    time.sleep(patience_s)
    lines: list[list[str]] = []
    for child, _ in writers:
        os.kill(child, signal.SIGKILL)
    for child, reading in writers:
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status), f"a writer ended by itself with status {os.waitstatus_to_exitcode(status)}"
        with os.fdopen(reading, "rb") as pipe:
            lines += [line.split() for line in pipe.read().decode().splitlines()]
    return lines


def main(path: str, rounds: int, seed: int) -> None:
    """Play the rounds, then check every acknowledgement and the file."""
    dice = random.Random(seed)  # not for secrets
    acknowledged: list[list[str]] = []
    Memory().close()  # loads everything once, so that the children of the forks begin to write at once
    for number in range(rounds):
        acknowledged += play_round(path, number, dice.uniform(0.005, LONGEST_ROUND_S))
    with Memory(path) as memory:
        known = {record.id: record for record in memory.get_all(user_id="ada")}
        revisions = {"add": 1, "update": 2}
        for verb, record_id, _ in acknowledged:
            history = memory.history(record_id, user_id="ada")
            if verb == "delete":
                assert memory.get(record_id, user_id="ada").state is State.WITHDRAWN, record_id
            else:
                assert any(entry.operation.revision == revisions[verb] for entry in history), (verb, record_id)
        report = memory.verify()
        assert report.is_sound, report.findings
    print(f"{rounds} rounds, {len(acknowledged)} acknowledged, {len(known)} active, sound")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
