"""What was withdrawn is found by nobody, and moves what the others score by no more than the words' statistics."""

from pathlib import Path

import pytest

from lamina.flows import scoring
from lamina.memory import Memory
from lamina.testing.fakes import FakeClock, HashEncoder

SAID = [
    ("The spare key is under the pot.", "a"),
    ("We had soup for lunch on Friday.", "a"),
    ("The door of the car is red.", "b"),
    ("It rained a lot this week.", "b"),
    ("My spare bike stands in the cellar.", "c"),
]
QUESTION = "Where is the spare key?"


def ranked(path: Path, clock: FakeClock, said: list[tuple[str, str]], withdrawn: str | None) -> dict[str, float]:
    with Memory(path, encoder=HashEncoder(width=384), clock=clock) as memory:
        added = memory.add([{"content": text, "session": session} for text, session in said])
        memory.flush()
        for record in added.stored:
            if record.text == withdrawn:
                memory.delete(record.id)
        return {hit.record.text: hit.score for hit in memory.search(QUESTION)}


@pytest.mark.parametrize("small", [0, 1024])
def test_the_best_of_all_lifts_no_session_and_lowers_no_score_once_it_is_withdrawn(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, small: int
) -> None:
    monkeypatch.setattr(scoring, "SMALL_SCOPE", small)
    withdrawn = ranked(tmp_path / "one.db", clock, SAID, SAID[0][0])
    never_said = ranked(tmp_path / "other.db", clock, SAID[1:], None)
    assert list(withdrawn) == list(never_said)
    assert withdrawn == pytest.approx(never_said, abs=0.05)


def test_a_speaker_whose_words_are_all_withdrawn_is_none_any_more(tmp_path: Path, clock: FakeClock) -> None:
    def asked(name: str, *, has_bob: bool) -> dict[str, float]:
        with Memory(tmp_path / name, encoder=HashEncoder(width=384), clock=clock) as memory:
            said = [{"content": text, "name": "Ada", "session": session} for text, session in SAID]
            if has_bob:
                said.append({"content": "zzz qqq", "name": "Bob", "session": "s9"})
            added = memory.add(said)
            memory.flush()
            for record in added.stored:
                if record.speaker == "Bob":
                    memory.delete(record.id)
            hits = memory.search("Where does Ada keep the key?")
            assert "speaker" not in {way.by for hit in hits for way in hit.via}
            return {hit.record.text: hit.score for hit in hits}

    assert asked("bob.db", has_bob=True) == pytest.approx(asked("alone.db", has_bob=False), abs=0.05)
