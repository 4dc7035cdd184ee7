"""What is embedded: `speaker: text`, or `title: text` of a document, in spans where that does not fit one vector.

Measured on chat between named people (MiniLM, R@5): the text alone 24.0, with its speaker 32.8. A long text is
several spans, each with the speaker; its score is its best span's.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lamina.core.errors import BrokenEncoder
from lamina.core.protocols import Encoder
from lamina.core.records import Vector
from lamina.core.rows import Waiting
from lamina.core.token_encoder import TokenVectors, gives_tokens
from lamina.encode.tokens import checked_tokens, pack_informative, token_identity

#: A longer name is embedded by its beginning; the whole would leave no room for the words.
MOST_NAME_TOKENS = 48


def embedded_text(speaker: str | None, text: str) -> str:
    """Give the words that stand for `text` in the embedding."""
    return f"{speaker}: {text}" if speaker else text


def embedded_name(speaker: str | None, encoder: Encoder) -> str | None:
    """Give the part of a speaker's name that is embedded: all of it, but for names of dozens of tokens."""
    name = speaker or ""
    while len(name) > 1 and encoder.count_tokens(name) > MOST_NAME_TOKENS:
        name = name[: len(name) // 2]
    return name or None


def embed_waiting(waiting: Sequence[Waiting], encoder: Encoder) -> list[Vector]:
    """Encode texts, each in as many spans as it needs; vectors are float16 and unit length but for rounding."""
    planned = [(item, span) for item in waiting for span in plan_spans(item.prefix, item.text, encoder)]
    names = {item.prefix: embedded_name(item.prefix, encoder) for item in waiting}
    texts = [embedded_text(names[item.prefix], item.text[start:end]) for item, (start, end) in planned]
    vectors, tokens = encoded_with_tokens(texts, encoder)
    packed = [None] * len(texts) if tokens is None else pack_informative(texts, tokens, _observations(planned))
    return [
        Vector(
            record_id=item.record_id,
            revision=item.revision,
            start=start,
            end=end,
            values=row.astype("<f2").tobytes(),
            tokens=held,
        )
        for (item, (start, end)), row, held in zip(planned, vectors, packed, strict=True)
    ]


def _observations(planned: Sequence[tuple[Waiting, tuple[int, int]]]) -> list[int]:
    """Number the observations that spans are of."""
    numbers: dict[tuple[str, int], int] = {}
    return [numbers.setdefault((item.record_id, item.revision), len(numbers)) for item, _ in planned]


def encoded(texts: Sequence[str], encoder: Encoder) -> NDArray[np.float32]:
    """Give one vector a text, shape (texts, width).

    Raises:
        BrokenEncoder: the encoder gave something else, or numbers that are none.
    """
    return _checked(encoder.encode(texts), texts, encoder)


def encoded_with_tokens(
    texts: Sequence[str], encoder: Encoder
) -> tuple[NDArray[np.float32], Sequence[TokenVectors] | None]:
    """Give that, and the token vectors of each text, None where the encoder gives none; likewise."""
    identity = token_identity(encoder)
    if identity is None or not gives_tokens(encoder):
        return encoded(texts, encoder), None
    vectors, tokens = encoder.encode_tokens(texts)
    return _checked(vectors, texts, encoder), checked_tokens(tokens, texts, identity)


def _checked(given: memoryview, texts: Sequence[str], encoder: Encoder) -> NDArray[np.float32]:
    vectors = np.asarray(given, dtype=np.float32)
    identity = encoder.identity
    if vectors.shape != (len(texts), identity.width):
        raise BrokenEncoder(
            f"encoder {identity.name!r} gave vectors of shape {vectors.shape} for {len(texts)} texts, not "
            f"{(len(texts), identity.width)}; let it sit the exam in `lamina.testing.encoders`"
        )
    if not np.isfinite(vectors).all():
        raise BrokenEncoder(
            f"encoder {identity.name!r} gave numbers that are none (NaN or infinite); nothing of them was kept"
        )
    return vectors


def plan_spans(speaker: str | None, text: str, encoder: Encoder) -> list[tuple[int, int]]:
    """Give the spans of `text` that each fit one vector together with what is embedded of the speaker's name."""
    name = embedded_name(speaker, encoder)
    reserved = encoder.count_tokens(embedded_text(name, "")) if name else 0
    return encoder.spans(text, reserved_tokens=reserved)
