"""The sample life is what demo, tutorial and tests take it for."""

import re
from datetime import datetime
from itertools import pairwise

import pytest
import Stemmer

from lamina.testing import sample

#: Written out here, so that a change of the analyser's list does not change what "no stem in common" means.
STOP = frozenset(
    "a an and are as at be been but by can could did do does for from get had has have he her here his how i if in is "
    "it its me my no not of off on or our out she should so that the their them then there they this to too under up "
    "was we were what when where which who whom whose why will with would you your".split()
)
STEM = Stemmer.Stemmer("english").stemWord


def stems(text: str) -> set[str]:
    return {STEM(word) for word in re.findall(r"\w+", text.lower()) if word not in STOP}


def pieces(question: sample.SampleQuestion) -> list[str]:
    """Give the evidence of a question with its speakers."""
    turns = {
        turn["external_id"]: f"{turn.get('name') or turn['role']}: {turn['content']}" for turn in sample.messages()
    }
    traces = {trace.external_id: f"{trace.tool} {trace.arguments} {trace.result}" for trace in sample.traces()}
    found = []
    for evidence in question.evidence:
        title, is_section, heading = evidence.partition(": ")
        if is_section and title == "lease":
            section = re.search(rf"{re.escape(heading)}\n\n(.*?)(?=\n\n\d+\. |\Z)", sample.document().text, re.DOTALL)
            assert section is not None, evidence
            found.append(section[0])
        else:
            found.append({**turns, **traces}[evidence])
    return found


def test_it_is_a_life_of_weeks_with_several_people() -> None:
    turns = sample.messages()
    assert len(turns) >= 300
    assert len({turn["session"] for turn in turns}) >= 25
    assert len({turn["name"] for turn in turns if "name" in turn}) >= 4
    times = [datetime.fromisoformat(turn["at"]) for turn in turns]
    assert (times[-1] - times[0]).days >= 42
    assert all(former <= later for former, later in pairwise(times))
    assert all(time.utcoffset() is not None for time in times)


def test_no_turn_is_said_twice_and_every_id_is_its_own() -> None:
    turns = sample.messages()
    assert len({turn["content"] for turn in turns}) == len(turns)
    assert len({turn["external_id"] for turn in turns}) == len(turns)


def test_it_has_a_document_and_tool_calls_of_which_one_failed() -> None:
    assert len(sample.document().text.splitlines()) >= 50
    assert {trace.status for trace in sample.traces()} == {"ok", "error"}


@pytest.mark.parametrize("question", sample.questions(), ids=lambda question: question.id)
def test_evidence_exists_and_paraphrases_share_no_stem_with_it(question: sample.SampleQuestion) -> None:
    evidence = pieces(question)
    assert bool(evidence) == (question.kind != "unanswerable")
    if question.paraphrase:
        for piece in evidence:
            assert stems(question.text) & stems(piece) == set()


def test_half_of_the_answerable_questions_are_paraphrases_in_the_demo_too() -> None:
    answerable = [question for question in sample.questions() if question.evidence]
    demo = [question for question in answerable if question.demo]
    assert len(demo) == 8
    assert len({question.kind for question in demo}) >= 7
    for asked in (answerable, demo):
        assert 2 * sum(question.paraphrase for question in asked) >= len(asked)
    assert [question.id for question in sample.questions() if question.demo and not question.evidence] == ["motorbike"]
