"""What is embedded: `speaker: text`, in spans where that does not fit one vector.

Measured on chat between named people (MiniLM, R@5): the text alone 24.0, with its speaker 32.8. A long text is
several spans, each with the speaker; its score is its best span's.
"""

from collections.abc import Sequence

import numpy as np

from lamina.core.protocols import Encoder, Waiting
from lamina.core.records import Vector


def embedded_text(speaker: str | None, text: str) -> str:
    """Give the words that stand for `text` in the embedding."""
    return f"{speaker}: {text}" if speaker else text


def embed_waiting(waiting: Sequence[Waiting], encoder: Encoder) -> list[Vector]:
    """Encode texts, each in as many spans as it needs; vectors are float16 and unit length but for rounding."""
    planned = [(item, span) for item in waiting for span in plan_spans(item.speaker, item.text, encoder)]
    rows = np.asarray(
        encoder.encode([embedded_text(item.speaker, item.text[start:end]) for item, (start, end) in planned])
    )
    return [
        Vector(
            record_id=item.record_id, revision=item.revision, start=start, end=end, values=row.astype("<f2").tobytes()
        )
        for (item, (start, end)), row in zip(planned, rows, strict=True)
    ]


def plan_spans(speaker: str | None, text: str, encoder: Encoder) -> list[tuple[int, int]]:
    """Give the spans of `text` that each fit one vector together with the speaker."""
    reserved = encoder.count_tokens(embedded_text(speaker, "")) if speaker else 0
    return encoder.spans(text, reserved_tokens=reserved)
