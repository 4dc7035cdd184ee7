"""The demo keeps what the README promises of it, and BM25 alone does not."""

from dataclasses import asdict

import pytest

from lamina import Document, Memory, Settings, Trace
from lamina.faces.cli.demo import FIRST, is_evidence
from lamina.testing import sample


def remembered(recipe: str) -> Memory:
    memory = Memory(settings=Settings(recipe=recipe))
    memory.add(sample.messages())
    lease = sample.document()
    memory.add(Document(text=lease.text, title=lease.title, at=lease.at, external_id=lease.external_id))
    for trace in sample.traces():
        memory.add(Trace(**asdict(trace)))
    memory.flush()
    return memory


@pytest.fixture(scope="module")
def default() -> Memory:
    return remembered("default")


@pytest.fixture(scope="module")
def bm25() -> Memory:
    return remembered("bm25")


def rank(memory: Memory, question: sample.SampleQuestion) -> int | None:
    hits = memory.search(question.text, limit=FIRST, at=question.at)
    return next((rank for rank, hit in enumerate(hits, start=1) if is_evidence(hit.record, question)), None)


@pytest.mark.parametrize("question", [q for q in sample.questions() if q.evidence], ids=lambda q: q.id)
def test_each_question_finds_its_evidence_among_the_first_five(default: Memory, bm25: Memory, question) -> None:
    assert rank(default, question) is not None
    if question.paraphrase:
        assert rank(bm25, question) is None


def test_the_demo_runs_to_its_end_and_says_what_it_does_not_know(lamina) -> None:
    printed = lamina("demo").stdout
    assert "8 of 8 questions found their evidence" in printed
    assert "abstained: True" in printed
    assert "2026-03-02 breakfast plans" in printed
    assert "What to type next" in printed
    assert "\x1b" not in printed


def test_the_memory_of_the_demo_is_sound_and_can_be_kept(lamina, answer) -> None:
    told = answer("demo", "--file", "life.db")
    assert all(rank <= FIRST for rank in told["rank_of_evidence"].values())
    assert told["abstained"] == [True]
    assert answer("verify", "life.db")["is_sound"] is True
    assert answer("stats", "life.db")["counts"]["waiting"] == 0
