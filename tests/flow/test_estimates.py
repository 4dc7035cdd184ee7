"""In a large scope cosines are estimated first; what is returned is what scoring every row by its numbers returns."""

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lamina.flows import indexes, scoring
from lamina.index import vectors
from lamina.index.scanning import Scanning
from lamina.memory import Memory
from lamina.recipes import RECIPES
from lamina.recipes.default import DEFAULT
from lamina.settings import Settings
from lamina.testing.fakes import FakeClock, HashEncoder

WORDS = [f"{first}{second}" for first in "bcdfghjkl" for second in ("ees", "oof", "iver", "arden", "rain", "able")]


def fill(memory: Memory, size: int) -> list[str]:
    """Store turns of five words in sessions of twenty; gives questions of four words."""
    dice = random.Random(5)  # not for secrets
    memory.add(
        [
            {"content": " ".join(dice.choices(WORDS, k=5)), "name": dice.choice("ABC"), "session": f"s{place // 20}"}
            for place in range(size)
        ]
    )
    memory.flush()
    return [" ".join(dice.choices(WORDS, k=4)) for _ in range(60)]


def ranked(memory: Memory, questions: list[str], **options: object) -> list[dict[str, float]]:
    return [{hit.record.id: hit.score for hit in memory.search(question, **options)} for question in questions]


@pytest.fixture
def memory(tmp_path: Path, clock: FakeClock) -> Iterator[Memory]:
    """Signs say little of short vectors: as many numbers as the default encoder's have."""
    with Memory(tmp_path / "life.db", encoder=HashEncoder(width=384), clock=clock) as opened:
        yield opened


def test_an_estimate_costs_next_to_no_hit_and_moves_no_score(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    questions = fill(memory, 3000)
    estimated = ranked(memory, questions)
    monkeypatch.setattr(scoring, "SMALL_SCOPE", 10_000)
    exact = ranked(memory, questions)
    shared = sum(len(one.keys() & other.keys()) for one, other in zip(estimated, exact, strict=True))
    assert shared >= 0.99 * sum(map(len, exact))
    moved = [
        abs(one[name] - other[name])
        for one, other in zip(estimated, exact, strict=True)
        for name in one.keys() & other.keys()
    ]
    assert max(moved) < 0.02
    assert sum(by == 0 for by in moved) >= 0.95 * len(moved)
    assert sum(next(iter(one)) == next(iter(other)) for one, other in zip(estimated, exact, strict=True)) >= 59


def test_machine_code_changes_no_answer_and_stats_tell_that_it_serves(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("numba", reason="the extra `compiled` is not installed")
    questions = fill(memory, 1500)
    by_numpy = ranked(memory, questions)
    scans = Scanning(rows_before=0)
    monkeypatch.setattr(vectors, "scanning", lambda: scans)
    monkeypatch.setattr(indexes, "scanning", lambda: scans)
    assert memory.stats().index.scanned_by == "numpy"
    memory.search(questions[0])
    scans.wait()
    assert memory.stats().index.scanned_by == "numba"
    assert ranked(memory, questions) == by_numpy


def test_neither_a_limit_nor_a_filter_moves_a_score(memory: Memory) -> None:
    questions = fill(memory, 3000)
    for few, many, filtered in zip(
        ranked(memory, questions, limit=3),
        ranked(memory, questions, limit=200),
        ranked(memory, questions, limit=200, filters={"speaker": ["A", "B"]}),
        strict=True,
    ):
        assert few.items() <= many.items()
        assert {name: many[name] for name in filtered.keys() & many.keys()}.items() <= filtered.items()


@pytest.mark.timeout(60)
def test_few_that_may_be_returned_are_all_looked_at_however_low_they_score(memory: Memory) -> None:
    """Their numbers may lie below every one of their estimates: then there is nothing further down to look for."""
    questions = fill(memory, 3000)
    for place, question in enumerate(questions[:20]):
        memory.add([{"content": question, "session": f"again {place}"} for _ in range(8)])
    for place in range(20):
        for limit in (1, 5, 7, 8, 9):
            hits = memory.search(questions[place + 1], session=f"again {place}", limit=limit)
            assert len(hits) == min(limit, 8)


def test_what_happens_beside_it_in_its_event_lifts_a_row_alike_by_estimates_and_by_numbers(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(RECIPES, "by-events", replace(DEFAULT, name="by-events", event_share=0.1))
    settings = Settings(recipe="by-events")
    with Memory(tmp_path / "e.db", encoder=HashEncoder(width=384), clock=clock, settings=settings) as memory:
        questions = fill(memory, 3000)
        estimated = ranked(memory, questions)
        monkeypatch.setattr(scoring, "SMALL_SCOPE", 10_000)
        exact = ranked(memory, questions)
        shares = {share.name: share for share in memory.explain(questions[0]).hits[0].shares}
    shared = sum(len(one.keys() & other.keys()) for one, other in zip(estimated, exact, strict=True))
    assert shared >= 0.98 * sum(map(len, exact))
    assert shares["event"].weight == shares["session"].weight == 0.1
    assert 0 < shares["event"].value <= shares["session"].value


def test_whoever_asks_for_a_few_gets_the_first_of_those_whom_everybody_gets(memory: Memory) -> None:
    words = [f"w{number}" for number in range(60)]
    dice = random.Random(5)
    memory.add([" ".join(dice.choices(words, k=dice.randint(3, 12))) for _ in range(1500)])
    memory.flush()
    for _ in range(20):
        question = " ".join(dice.sample(words, 4))
        whole = [hit.record.id for hit in memory.search(question, limit=48)]
        for limit in (1, 5, 10, 20):
            assert [hit.record.id for hit in memory.search(question, limit=limit)] == whole[:limit]


def test_a_text_that_waits_for_its_vector_is_ranked_by_its_own_words(tmp_path: Path) -> None:
    with Memory(tmp_path / "life.db", encoder=HashEncoder(), settings=Settings(encode_at_read=0)) as memory:
        memory.add(["The boat is moored at Harwich", "The kitchen needs paint", "Ada has a green bicycle"])
        memory.flush()
        memory.add("Good morning to you")
        assert memory.search("Ada bicycle")[0].record.text == "Ada has a green bicycle"
        memory.add("Ada has another bicycle")
        assert {hit.record.text for hit in memory.search("Ada bicycle", limit=2)} == {
            "Ada has a green bicycle",
            "Ada has another bicycle",
        }
