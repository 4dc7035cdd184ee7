"""Two writers on one file, killed without warning, over and over: the program that `test_kill.py` runs.

Each round forks two writers. A writer adds single messages and batches, updates, deletes, restores, takes back and
erases, and only after a call has returned does it write a line to its pipe: that line is the acknowledgement. The
parent kills both at a random moment: in one round of five at once, in the others after both have acknowledged
something. At the end everything acknowledged must be in the file with its words, what was added together must be there
together, and the file sound.

    python tests/flow/kill_rounds.py FILE ROUNDS SEED
"""

import os
import random
import select
import signal
import sys
import time
import traceback
from collections import Counter

from lamina.core.lifecycle import State
from lamina.core.operations import Action
from lamina.memory import Memory

#: Seconds that a round lives on at most: long enough for dozens of calls.
LONGEST_ROUND_S = 0.06
#: One round in so many ends before anything need have been acknowledged.
SUDDEN = 5
#: How long both writers may take until they have acknowledged something, however busy the machine is.
PATIENCE_S = 20.0
MADE = (Action.ADD, Action.UPDATE)


def write_until_killed(path: str, name: str, pipe: int) -> None:
    """Add, update and delete as fast as the disk takes it, acknowledging each call on `pipe`."""
    with Memory(path) as memory:
        count = 0
        while True:
            first = memory.add(f"{name} says {count}", external_id=f"{name}-{count}", user_id="ada").stored[0]
            os.write(pipe, f"add {first.id} {first.text}\n".encode())
            pair = [{"content": f"{name} also says {count} {part}", "session": name} for part in "ab"]
            for part, record in zip("ab", memory.add(pair, user_id="ada").stored, strict=True):
                os.write(pipe, f"pair {record.id} {name} also says {count} {part}\n".encode())
            if count % 3 == 0:
                memory.update(first.id, text=f"{name} corrects {count}", user_id="ada")
                os.write(pipe, f"update {first.id} {name} corrects {count}\n".encode())
            if count % 5 == 0:
                memory.delete(first.id, user_id="ada")
                os.write(pipe, f"delete {first.id} -\n".encode())
            change_and_change_back(memory, f"{name} {count}", pipe, count % 4)
            count += 1


def change_and_change_back(memory: Memory, name: str, pipe: int, which: int) -> None:
    """Do to a record of its own what ends with a verb that was not done to any before."""
    record = memory.add(f"{name} to be changed", user_id="ada").stored[0]
    if which == 0:
        updated = memory.update(record.id, text=f"{name} changed", user_id="ada")
        memory.revert(updated, user_id="ada")
        os.write(pipe, f"back {record.id} {record.text}\n".encode())
    elif which == 1:
        memory.delete(record.id, user_id="ada")
        memory.restore(record.id, user_id="ada")
        os.write(pipe, f"back {record.id} {record.text}\n".encode())
    else:
        memory.erase(record.id, user_id="ada", wait=which == 2)
        os.write(pipe, f"erase {record.id} -\n".encode())


def play_round(path: str, number: int, *, is_sudden: bool, lives_s: float) -> list[list[list[str]]]:
    """Let two writers live for `lives_s` after both have begun, kill them, and give what each acknowledged."""
    writers = []
    for side in "xy":
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            try:
                write_until_killed(path, f"{side}{number}", writing)
            except BaseException:
                traceback.print_exc()
                raise
            finally:
                sys.stderr.flush()
                os._exit(3)
        os.close(writing)
        writers.append((child, reading))
    until = time.monotonic() + PATIENCE_S
    for _, reading in () if is_sudden else writers:
        select.select([reading], [], [], max(until - time.monotonic(), 0))
    time.sleep(lives_s)
    lines: list[list[list[str]]] = []
    for child, _ in writers:
        os.kill(child, signal.SIGKILL)
    for child, reading in writers:
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status), f"a writer ended by itself with status {os.waitstatus_to_exitcode(status)}"
        with os.fdopen(reading, "rb") as pipe:
            lines.append([line.split(maxsplit=2) for line in pipe.read().decode().splitlines()])
    return lines


def check(memory: Memory, acknowledged: list[list[str]]) -> None:
    """Find everything that was acknowledged, with its words and in its state."""
    revisions = {"add": 1, "pair": 1, "update": 2}
    for verb, record_id, words in acknowledged:
        if verb == "delete":
            assert memory.get(record_id, user_id="ada").state is State.WITHDRAWN, record_id
            continue
        if verb == "back":
            record = memory.get(record_id, user_id="ada")
            assert (record.state, record.text) == (State.ACTIVE, words), record_id
            continue
        if verb == "erase":
            left = {(entry.record.state, entry.record.text) for entry in memory.history(record_id, user_id="ada")}
            assert left == {(State.ERASED, "")}, record_id
            continue
        made = [entry.record for entry in memory.history(record_id, user_id="ada") if entry.operation.action in MADE]
        assert [record.text for record in made if record.revision == revisions[verb]] == [words], (verb, record_id)
    halves = Counter(record.text[:-2] for record in memory.get_all(user_id="ada") if " also says " in record.text)
    assert set(halves.values()) <= {2}, "half of what was added together is there"
    report = memory.verify()
    assert report.is_sound, report.findings


def main(path: str, rounds: int, seed: int) -> None:
    """Play the rounds, then check every acknowledgement and the file."""
    dice = random.Random(seed)  # not for secrets
    acknowledged: list[list[str]] = []
    both = 0
    Memory().close()  # loads everything once, so that the children of the forks begin to write at once
    for number in range(rounds):
        lines = play_round(path, number, is_sudden=number % SUDDEN == 0, lives_s=dice.uniform(0, LONGEST_ROUND_S))
        both += all(lines)
        acknowledged += lines[0] + lines[1]
    with Memory(path) as memory:
        check(memory, acknowledged)
    print(f"{rounds} rounds, {both} with two at work, {len(acknowledged)} acknowledged, sound")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
