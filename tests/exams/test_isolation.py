"""Isolation: what `make isolation` plays at length, played for a moment."""

import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
CALLS, MUTANT_CALLS, FOREIGN, PAIRS = 20_000, 1500, 8000, 1500


def played(program: str, *arguments: object) -> str:
    done = subprocess.run(
        [sys.executable, str(HERE / program), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def test_twenty_thousand_calls_show_and_change_what_the_rule_says_and_nothing_else() -> None:
    told = re.fullmatch(
        r"(\d+) calls, .* each pair at least (\d+) times, .* none wrong\n", played("isolation.py", CALLS, 1)
    )
    assert told is not None
    assert int(told[1]) == CALLS
    assert int(told[2]) >= CALLS // 1000


def test_every_broken_rule_is_noticed() -> None:
    assert played("isolation_mutants.py", MUTANT_CALLS, 1) == "27 mutants, 27 caught\n"


def test_foreign_records_move_no_score_to_the_last_bit(tmp_path: Path) -> None:
    assert f"bit-equal with and without {FOREIGN} foreign records" in played(
        "isolation_traces.py", "rankings", tmp_path, FOREIGN
    )


def test_an_id_of_another_user_is_refused_no_later_than_one_that_there_is_not(tmp_path: Path) -> None:
    assert played("isolation_traces.py", "times", tmp_path, PAIRS).count("AUC") == 6
