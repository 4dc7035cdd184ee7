"""The ladder: a search goes as far as it has to, and says how far that was."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from lamina.memory import Memory
from lamina.settings import Settings
from lamina.testing.fakes import FakeClock, HashEncoder

WORDS = "river museum umbrella garden window candle ladder teapot mirror blanket lantern saddle".split()
SURE = "Which dentist moved me to Thursday?"
UNSURE = "What do the neighbours think about the noise?"


class Counting(HashEncoder):
    """An encoder that counts what it is asked for."""

    asked = 0

    def encode(self, texts: Sequence[str]) -> memoryview:
        self.asked += len(texts)
        return super().encode(texts)


def fill(memory: Memory, size: int = 40) -> None:
    told = [f"the {WORDS[place % 12]} moved to the {WORDS[place // 12 % 12]}, number {place}" for place in range(size)]
    told[size // 2] = "The dentist moved me to Thursday."
    memory.add([{"content": text, "name": ("Ada", "Bob")[place % 2]} for place, text in enumerate(told)])
    memory.flush()


@pytest.fixture(params=[40, 1500])
def ladder(request: pytest.FixtureRequest, tmp_path: Path, clock: FakeClock) -> Iterator[Memory]:
    settings = Settings(recipe="ladder")
    with Memory(tmp_path / "l.db", settings=settings, encoder=Counting(), clock=clock) as memory:
        fill(memory, request.param)
        yield memory


def test_a_sure_question_stops_at_its_words_and_an_unsure_one_goes_to_the_end(ladder: Memory) -> None:
    sure, unsure = ladder.search(SURE), ladder.search(UNSURE)
    assert (sure.level, unsure.level) == (1, 4)
    assert sure[0].record.text == "The dentist moved me to Thursday."
    assert [way.by for way in sure[0].via] == ["lexical"]


def test_what_its_words_answer_is_not_encoded(ladder: Memory) -> None:
    encoder = ladder._encoder
    assert isinstance(encoder, Counting)
    before = encoder.asked
    ladder.search(SURE)
    assert encoder.asked == before
    ladder.search(UNSURE)
    assert encoder.asked == before + 1


def test_every_verb_tells_the_same_level(ladder: Memory) -> None:
    for question in (SURE, UNSURE):
        level = ladder.search(question).level
        assert ladder.recall(question, abstain=False).level == level
        assert ladder.recall(question, abstain=1.0).level == level
        assert ladder.explain(question).level == level


def test_neither_limit_nor_filter_nor_kind_moves_the_level(ladder: Memory) -> None:
    for question in (SURE, UNSURE):
        level = ladder.search(question).level
        assert ladder.search(question, limit=1).level == level
        assert ladder.search(question, limit=48).level == level
        assert ladder.search(question, filters={"speaker": "Bob"}).level == level
        assert ladder.search(question, kinds=["event"]).level == level


def test_stages_end_where_the_search_did(ladder: Memory) -> None:
    stages = [stage.name for stage in ladder.explain(SURE).hits[0].stages]
    assert stages == ["first look"]
    assert "links" in [stage.name for stage in ladder.explain(UNSURE).hits[0].stages]


@pytest.mark.parametrize(
    ("recipe", "level"), [("default", 4), ("first-look", 2), ("bm25", 1), ("dense", 2), ("late-interaction", 3)]
)
def test_the_other_recipes_go_as_far_each_time(recipe: str, level: int, tmp_path: Path, clock: FakeClock) -> None:
    with Memory(tmp_path / "l.db", settings=Settings(recipe=recipe), encoder=HashEncoder(), clock=clock) as memory:
        fill(memory)
        assert {memory.search(question).level for question in (SURE, UNSURE)} == {level}


def test_from_the_last_level_it_ranks_as_the_default_does(tmp_path: Path, clock: FakeClock) -> None:
    told = []
    for recipe in ("default", "ladder"):
        path = tmp_path / f"{recipe}.db"
        with Memory(path, settings=Settings(recipe=recipe), encoder=HashEncoder(), clock=clock) as memory:
            fill(memory)
            told.append([(hit.record.text, hit.score) for hit in memory.search(UNSURE)])
    assert told[0] == told[1]
