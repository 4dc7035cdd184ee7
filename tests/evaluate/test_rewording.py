"""The ways of rewording that `benchmarks/wording.py` asks in; the benchmarks are no package, so they come by path."""

import importlib.util
import json
import random
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest

from lamina.evaluate.schema import judged, read_dataset

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
QUESTIONS = (
    "When did Rosalind's friends go to the beach with Eleanor?",
    "What did Ben and Ida buy for the kids on 3 June, 2023?",
    "Who is Al?",
    "Would Maria enjoy a trip to the mountains?",
)


@pytest.fixture(scope="module")
def rewording() -> ModuleType:
    spec = importlib.util.spec_from_file_location("rewording", BENCHMARKS / "rewording.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def dice() -> random.Random:
    return random.Random(1)


def test_the_same_question_way_and_draw_give_the_same_wording(rewording: ModuleType) -> None:
    for way in rewording.WAYS:
        first = [rewording.reworded(question, way) for question in QUESTIONS]
        again = [rewording.reworded(question, way) for question in reversed(QUESTIONS)]
        assert first == again[::-1], way


def test_only_ways_by_chance_differ_between_draws(rewording: ModuleType) -> None:
    for way in rewording.WAYS:
        several = {tuple(rewording.reworded(question, way, draw=draw) for question in QUESTIONS) for draw in range(5)}
        assert (len(several) > 1) == (way in rewording.BY_CHANCE), way


def test_case_changes_nothing_but_case(rewording: ModuleType) -> None:
    for question in QUESTIONS:
        assert rewording.upper_case(question, dice()) == question.upper()
        assert rewording.lower_case(question, dice()) == question.lower()


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("Where is Ben's shop?", "Where is Bens shop"),
        ("Where is Ben’s shop?", "Where is Bens shop"),
        ("On 3 June, 2023?", "On 3 June 2023"),
        ("A self-portrait: why?", "A self portrait why"),
        ("林悦的陶艺课在哪里上？", "林悦的陶艺课在哪里上"),
    ],
)
def test_marks_go_and_words_stay(rewording: ModuleType, text: str, bare: str) -> None:
    assert rewording.without_punctuation(text, dice()) == bare


@pytest.mark.parametrize(
    ("slip", "place", "made"),
    [
        ("swapped", 0, "aMria"),
        ("swapped", 4, "Marai"),
        ("dropped", 0, "aria"),
        ("dropped", 2, "Maia"),
        ("doubled", 0, "Mmaria"),
        ("doubled", 2, "Marria"),
    ],
)
def test_a_slip_swaps_drops_or_doubles_a_letter(rewording: ModuleType, slip: str, place: int, made: str) -> None:
    assert getattr(rewording, slip)("Maria", place, dice()) == made


def test_a_missed_key_lies_beside_the_right_one_and_keeps_its_case(rewording: ModuleType) -> None:
    made = {rewording.missed("Maria", 0, random.Random(seed)) for seed in range(20)}
    assert made == {"Naria"}
    made = {rewording.missed("Maria", 2, random.Random(seed)) for seed in range(20)}
    assert made == {"Maeia", "Matia"}
    assert rewording.missed("Zoë", 2, dice()) == "Zoë"


def test_every_slip_changes_its_word(rewording: ModuleType) -> None:
    for word in ("look", "aaaa", "Eleanor", "Töpferkurs", "ёлка"):
        for seed in range(50):
            assert rewording.slip(word, random.Random(seed)) != word


def test_one_in_four_longer_words_has_a_typo_at_least_one_and_names_too(rewording: ModuleType) -> None:
    question = "Which mountains, rivers and forests has Eleanor seen near Maria's cabin?"
    hit: Counter[str] = Counter()
    for seed in range(200):
        made = rewording.with_typos(question, random.Random(seed))
        assert made.endswith("?")
        changed = [old for old, new in zip(question.split(), made.split(), strict=True) if old != new]
        # Nine words of four letters or more.
        assert len(changed) == 2
        hit.update(changed)
    assert set(hit) == {"Which", "mountains,", "rivers", "forests", "Eleanor", "seen", "near", "Maria's", "cabin?"}


def test_short_words_keep_their_spelling(rewording: ModuleType) -> None:
    assert rewording.with_typos("Who is Al?", dice()) == "Who is Al?"


def test_synonyms_leave_names_and_the_beginning(rewording: ModuleType) -> None:
    assert rewording.with_synonyms("Work or trip: did Hope buy a gift for the kids?", dice()) == (
        "Work or journey: did Hope purchase a present for the children?"
    )


def test_a_paraphrase_replaces_half_of_the_words_that_it_knows(rewording: ModuleType) -> None:
    question = "Where did Maria buy a gift for the kids of her friend?"
    for seed in range(20):
        made = rewording.with_some_synonyms(question, random.Random(seed))
        assert sum(old != new for old, new in zip(question.split(), made.split(), strict=True)) == 2
    assert rewording.with_some_synonyms("Who is Al?", dice()) == "Who is Al?"


def test_a_question_becomes_part_of_a_sentence_with_its_verb_inflected(rewording: ModuleType) -> None:
    made = {rewording.reframed("What did Ben and Ida buy on 3 June, 2023?", random.Random(seed)) for seed in range(60)}
    assert "Tell me what Ben and Ida bought on 3 June, 2023." in made
    assert "Do you remember what Ben and Ida bought on 3 June, 2023?" in made
    made = {rewording.reframed("Where does Maria study?", random.Random(seed)) for seed in range(60)}
    assert "Please say where Maria studies." in made
    assert "In which place does Maria study?" in made


def test_another_beginning_keeps_the_words(rewording: ModuleType) -> None:
    made = {rewording.reframed("When is Maria's birthday?", random.Random(seed)) for seed in range(60)}
    assert made == {
        "On which date is Maria's birthday?",
        "At what time is Maria's birthday?",
        "On what day is Maria's birthday?",
    }
    assert all(
        rewording.reframed("Would Maria go?", random.Random(seed)).endswith("would Maria go?") for seed in range(20)
    )


@pytest.mark.parametrize(
    ("verb", "past", "present"),
    [
        ("go", "went", "goes"),
        ("paint", "painted", "paints"),
        ("study", "studied", "studies"),
        ("enjoy", "enjoyed", "enjoys"),
        ("move", "moved", "moves"),
        ("have", "had", "has"),
        ("teach", "taught", "teaches"),
    ],
)
def test_verbs_are_inflected(rewording: ModuleType, verb: str, past: str, present: str) -> None:
    assert (rewording.past(verb), rewording.present(verb)) == (past, present)


def test_no_word_has_two_synonyms_or_itself(rewording: ModuleType) -> None:
    lines = [line.split("\t") for line in rewording.SYNONYMS.read_text("utf-8").splitlines()]
    assert all(len(line) == 2 and line[0] != line[1] for line in lines)
    assert len({word for word, _ in lines}) == len(lines)


def test_the_chats_in_four_languages_say_the_same_things_and_are_asked_the_same() -> None:
    haystacks = read_dataset(BENCHMARKS / "wording_data").haystacks
    assert [held.group for held in haystacks] == ["english", "german", "french", "chinese"]
    assert {len(held.docs) for held in haystacks} == {24}
    gold = [[question.gold[0].partition("/")[2] for question in judged(held, "turn")] for held in haystacks]
    assert len(gold[0]) == 14
    assert gold == [gold[0]] * 4
    for held in haystacks:
        texts = {doc.id: doc.text for doc in held.docs}
        assert all(question.text not in texts.values() for question in held.questions)
        assert len(held.speakers) == 2


def test_the_data_are_written_as_they_are_read() -> None:
    for path in sorted((BENCHMARKS / "wording_data").glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            assert json.dumps(json.loads(line), ensure_ascii=False) == line
