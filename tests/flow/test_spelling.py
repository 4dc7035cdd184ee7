"""Questions with slips of the keyboard."""

import re
from collections.abc import Iterator

import pytest

from lamina import Memory, Settings
from lamina.testing.fakes import HashTokenEncoder

KNOWN = frozenset("when did the keeper of lighthouse come where is shelter from lately".split())


class Schooled(HashTokenEncoder):
    """Knows a few words whole, and the others in letters."""

    def count_tokens(self, text: str) -> int:
        return sum(1 if word in KNOWN else len(word) for word in re.findall(r"\w+", text.casefold()))


@pytest.fixture
def memory() -> Iterator[Memory]:
    with Memory(encoder=Schooled()) as memory:
        memory.add(
            [
                {"content": "The keeper of the lighthouse came on Tuesday", "name": "Maria"},
                {"content": "Bees are loud in the garden", "name": "Jon"},
                {"content": "We painted the fence and the gate", "name": "Maria"},
            ],
            user_id="ada",
        )
        yield memory


def test_a_slip_finds_what_is_meant_and_is_told(memory: Memory) -> None:
    meant = memory.search("keeper of the lighthouse", user_id="ada")
    found = memory.search("keeper of the lighthosue", user_id="ada")
    assert [(hit.record.id, hit.score) for hit in found] == [(hit.record.id, hit.score) for hit in meant]
    assert found.notes == ("nothing holds 'lighthosue', which is read as 'lighthouse'",)
    assert meant.notes == ()


def test_a_context_tells_it_too(memory: Memory) -> None:
    context = memory.recall("keeper of the lighthosue", user_id="ada", abstain=False)
    assert "nothing holds 'lighthosue', which is read as 'lighthouse'" in context.notes


def test_a_misspelled_name_is_whose_words_are_asked_for(memory: Memory) -> None:
    told = memory.explain("When did Mraia come?", user_id="ada")
    assert told.speakers == ("Maria",)
    assert told.query.text == "When did Mraia come?"
    assert told.read_as == "When did Maria come?"


def test_a_name_one_slip_off_is_found_but_the_memory_is_less_sure(memory: Memory) -> None:
    memory.add(["Jorin works at the brewery", "I met Jorin on the tram"], user_id="ada")
    meant = memory.recall("Where does Jorin work?", user_id="ada", abstain=False)
    other = memory.recall("Where does Jorik work?", user_id="ada", abstain=False)
    word = memory.recall("Where does Jorin wark?", user_id="ada", abstain=False)
    assert other.text == meant.text
    assert other.notes == ("nothing holds 'jorik', which is read as 'Jorin'",)
    assert other.confidence < meant.confidence == word.confidence


def test_a_speaker_one_slip_off_counts_as_not_held(memory: Memory) -> None:
    sure = memory.recall("Did Maria paint the gate?", user_id="ada", abstain=False)
    less = memory.recall("Did Marka paint the gate?", user_id="ada", abstain=False)
    assert less.text == sure.text
    assert less.confidence < sure.confidence


def test_the_remark_names_a_word_of_the_memory_and_no_stem(memory: Memory) -> None:
    memory.add("My sister Miette has a boat", user_id="ada")
    assert memory.search("the boat of Mietta", user_id="ada").notes == (
        "nothing holds 'mietta', which is read as 'Miette'",
    )


def test_what_is_known_to_the_scope_or_the_encoder_is_read_as_it_stands(memory: Memory) -> None:
    for asked in ("fence", "painting the gates", "where is the shelter"):
        assert memory.search(asked, user_id="ada").notes == ()


def test_nothing_is_read_as_what_another_agent_or_a_withdrawn_text_holds(memory: Memory) -> None:
    memory.add("The walrus is hungry", user_id="ada", agent_id="planner")
    gone = memory.add("The narwhal is shy", user_id="ada").stored[0]
    memory.delete(gone.id, user_id="ada")
    assert memory.search("warlus", user_id="ada", agent_id="writer").notes == ()
    assert memory.search("warlus", user_id="ada", agent_id="planner").notes != ()
    assert memory.search("narhwal", user_id="ada").notes == ()


@pytest.mark.parametrize("asked", ["Was habe ich gestrichen?", "Quand avons-nous dormi chez elle ?"])
def test_a_question_in_german_or_french_asks_what_it_asks(memory: Memory, asked: str) -> None:
    assert memory.search(asked, user_id="ada").notes == ()
    assert memory.explain(asked, user_id="ada").kind != "yes or no"


def test_it_can_be_left_out() -> None:
    with Memory(encoder=Schooled(), settings=Settings(recipe="without-slips")) as memory:
        memory.add("The keeper of the lighthouse came", user_id="ada")
        assert memory.search("lighthosue", user_id="ada").notes == ()


def test_the_longest_question_may_have_slips(memory: Memory) -> None:
    asked = "lighthuse " * 3276
    assert memory.search(asked.strip(), user_id="ada").notes == ()
