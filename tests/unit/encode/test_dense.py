"""What is embedded: the speaker with the words, in spans that fit."""

import numpy as np

from lamina.encode.dense import MOST_NAME_TOKENS, embed_waiting, embedded_name, embedded_text, plan_spans
from lamina.testing.builders import a_waiting
from lamina.testing.fakes import HashEncoder


def test_the_speaker_is_embedded_with_the_words() -> None:
    assert embedded_text("Ada", "I keep bees") == "Ada: I keep bees"
    assert embedded_text(None, "I keep bees") == "I keep bees"


def test_a_long_text_is_several_spans_each_with_its_speaker() -> None:
    encoder = HashEncoder(window=10)
    text = " ".join(f"word{number}" for number in range(25))
    spans = plan_spans("Ada", text, encoder)
    assert len(spans) == 3
    vectors = embed_waiting([a_waiting(text, speaker="Ada")], encoder)
    assert [(vector.start, vector.end) for vector in vectors] == spans
    start, end = spans[1]
    expected = np.asarray(encoder.encode([f"Ada: {text[start:end]}"]))[0].astype("<f2")
    np.testing.assert_array_equal(np.frombuffer(vectors[1].values, "<f2"), expected)


def test_vectors_come_in_the_order_of_what_waits() -> None:
    waiting = [a_waiting(f"text {name}", record_id=name, revision=2) for name in "abc"]
    assert [(vector.record_id, vector.revision) for vector in embed_waiting(waiting, HashEncoder())] == [
        ("a", 2),
        ("b", 2),
        ("c", 2),
    ]


def test_a_name_of_dozens_of_words_leaves_room_for_what_was_said() -> None:
    encoder = HashEncoder(window=60)
    name = " ".join(f"Baron{number}" for number in range(70))
    short = embedded_name(name, encoder)
    assert short is not None
    assert name.startswith(short)
    assert 0 < encoder.count_tokens(short) <= MOST_NAME_TOKENS
    waiting = [a_waiting(text, record_id=text, speaker=name) for text in ("bees", "wasps")]
    vectors = embed_waiting(waiting, encoder)
    assert vectors[0].values != vectors[1].values
    expected = np.asarray(encoder.encode([f"{short}: bees"]))[0].astype("<f2").tobytes()
    assert vectors[0].values == expected


def test_an_ordinary_name_is_embedded_whole() -> None:
    assert embedded_name("Signora Alba Furlan", HashEncoder()) == "Signora Alba Furlan"
    assert embedded_name(None, HashEncoder()) is None
    assert embedded_name("", HashEncoder()) is None
