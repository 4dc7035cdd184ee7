"""The exam of encoders: inherit `EncoderContract`, or `TokenEncoderContract`, and give an `encoder` fixture."""

import threading
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lamina.core.protocols import Encoder, EncoderId
from lamina.core.token_encoder import MOST, TokenEncoder, TokenVectors

TEXTS = (
    "Ada keeps bees on the roof.",
    "x",
    "The quick brown fox jumps over the lazy dog, twice, and then a third time for good measure.",
    "Grüße aus Triest, 北京大学, नमस्ते, 🙂",
    "1,490 grams at 12:30 on 2026-04-13",
)


def vectors_of(encoder: Encoder, texts: list[str]) -> NDArray[np.float32]:
    """Give the vectors of `texts` as an array."""
    return np.asarray(encoder.encode(texts))


class EncoderContract:
    """What every encoder has to do; each test is named by its claim."""

    def test_the_identity_says_name_model_and_width(self, encoder: Encoder) -> None:
        assert isinstance(encoder, Encoder)
        identity = encoder.identity
        assert isinstance(identity, EncoderId)
        assert identity.name
        assert identity.model
        assert identity.width > 0

    def test_texts_give_as_many_float32_unit_vectors_in_their_order(self, encoder: Encoder) -> None:
        vectors = vectors_of(encoder, list(TEXTS))
        assert vectors.shape == (len(TEXTS), encoder.identity.width)
        assert vectors.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
        assert vectors_of(encoder, []).shape == (0, encoder.identity.width)

    def test_a_vector_depends_on_its_text_alone(self, encoder: Encoder) -> None:
        alone = np.stack([vectors_of(encoder, [text])[0] for text in TEXTS])
        together = vectors_of(encoder, list(TEXTS))
        backwards = vectors_of(encoder, list(reversed(TEXTS)))[::-1]
        beside_a_long_one = vectors_of(encoder, [*TEXTS, "and so on " * 400])[: len(TEXTS)]
        for others in (together, backwards, beside_a_long_one):
            np.testing.assert_array_equal(alone, others)

    def test_many_threads_get_the_same_vectors(self, encoder: Encoder) -> None:
        expected = vectors_of(encoder, list(TEXTS))
        found: list[NDArray[np.float32]] = []
        threads = [threading.Thread(target=lambda: found.append(vectors_of(encoder, list(TEXTS)))) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == len(threads)
        for vectors in found:
            np.testing.assert_array_equal(vectors, expected)

    def test_spans_cover_a_text_and_a_short_one_is_one_span(self, encoder: Encoder) -> None:
        for text in TEXTS:
            assert encoder.spans(text) == [(0, len(text))]
        for text in (" ".join(TEXTS) * 60, "word " * 5000, "北京大学的学生" * 300):
            assert len(encoder.spans(text)) > 1
        for text in (" ".join(TEXTS) * 60, "word " * 5000, "北京大学的学生" * 300, "unbroken" * 900, " \n " * 900):
            spans = encoder.spans(text)
            assert (spans[0][0], spans[-1][1]) == (0, len(text))
            assert all(start < end for start, end in spans)
            gaps = [text[end:start] for (_, end), (start, _) in pairwise(spans)]
            assert all(not gap.strip() for gap in gaps)

    def test_more_reserved_tokens_never_give_longer_spans(self, encoder: Encoder) -> None:
        text = "word " * 3000
        plain, reserved = encoder.spans(text), encoder.spans(text, reserved_tokens=16)
        assert max(end - start for start, end in reserved) <= max(end - start for start, end in plain)

    def test_tokens_are_counted(self, encoder: Encoder) -> None:
        assert encoder.count_tokens("") == 0
        assert encoder.count_tokens("bees") >= 1
        assert encoder.count_tokens("bees and wasps") > encoder.count_tokens("bees")


class TokenEncoderContract(EncoderContract):
    """What an encoder has to do that gives token vectors as well."""

    def test_token_vectors_are_whole_numbers_of_half_a_byte(self, encoder: TokenEncoder) -> None:
        assert isinstance(encoder, TokenEncoder)
        identity = encoder.token_identity
        assert isinstance(identity, EncoderId)
        assert identity.width % 2 == 0
        assert identity.model != encoder.identity.model
        vectors, tokens = encoder.encode_tokens(list(TEXTS))
        np.testing.assert_array_equal(np.asarray(vectors), vectors_of(encoder, list(TEXTS)))
        assert len(tokens) == len(TEXTS)
        for text, (values, words) in zip(TEXTS, tokens, strict=True):
            numbers = np.asarray(values)
            assert numbers.dtype == np.int8
            assert numbers.shape == (len(words), identity.width)
            assert np.abs(numbers.astype(int)).max(axis=1).tolist() == [MOST] * len(words)
            assert all(0 <= start < end <= len(text) and text[start:end].strip() for start, end in words)
            assert words == sorted(words)
        _, (nothing,) = encoder.encode_tokens(["\u200b"])
        assert np.asarray(nothing.values).shape == (len(nothing.words), identity.width)
        assert encoder.encode_tokens([])[1] == []

    def test_token_vectors_depend_on_their_text_alone(self, encoder: TokenEncoder) -> None:
        def told(texts: list[str]) -> list[tuple[bytes, list[tuple[int, int]]]]:
            return [_told(tokens) for tokens in encoder.encode_tokens(texts)[1]]

        alone = [told([text])[0] for text in TEXTS]
        assert told(list(TEXTS)) == alone
        assert told([*reversed(TEXTS), "and so on " * 400])[: len(TEXTS)] == alone[::-1]


def _told(tokens: TokenVectors) -> tuple[bytes, list[tuple[int, int]]]:
    return bytes(tokens.values), list(tokens.words)
