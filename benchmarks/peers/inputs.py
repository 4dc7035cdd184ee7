"""What the contenders are given, made once a run: real texts with real vectors, and synthetic ones of any number.

Synthetic texts are made-up words drawn by Zipf's law, so that postings are as long as in real ones. Synthetic vectors
spread over their numbers unevenly, as those of encoders do, so that near and far differ by degrees at every size: in
tight clusters an approximate index finds all or nothing. Seeded: the same numbers give the same rows and vectors.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
from given import WIDTH, content
from worker import MOST_QUERIES, SINGLES

from lamina.evaluate.plan import Plan, cache_of
from lamina.evaluate.schema import Dataset, judged, read_dataset
from lamina.providers.registry import encoder_named
from lamina.providers.vector_cache import CachedEncoder

SEED = 5
CHUNK = 10_000
#: The spread of number i of a vector falls with this power of i.
SPREAD_POWER = -0.5
#: The cosine of a query with the row that answers it, but for chance.
QUERY_NEARNESS = 0.8
WORDS = 30_000
ZIPF_OFFSET = 2.7
FEWEST_WORDS, MOST_WORDS = 6, 26
QUERY_WORDS, QUERY_WORDS_TAKEN = 7, 3
SPEAKERS = ("Ada", "Ben", "Cleo", "Dan", "Eve", "Finn", "Gus", "Hana", "Ivo")
SESSION_ROWS = 40
FIRST_MOMENT = 1_700_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Real:
    """A dataset as contenders take it."""

    folder: Path
    dataset: Dataset
    encoder: str


def write_real(data: Path, folder: Path) -> Real:
    """Write groups, texts and vectors of the dataset in `data`; vectors come from the cache, or are encoded now."""
    dataset = read_dataset(data)
    encoder = CachedEncoder(encoder_named("minilm"), cache_of(Plan(folders=(data,))))
    texts: dict[str, None] = {}
    groups = []
    for held in dataset.haystacks:
        rows = [doc.row() for doc in held.docs]
        asked = [{"id": one.id, "text": one.text, "ts": one.ts} for one in judged(held, "turn")]
        texts |= dict.fromkeys([*(content(row) for row in rows), *(one["text"] for one in asked)])
        groups.append({"group": held.group, "docs": rows, "questions": asked})
    folder.mkdir(parents=True)
    write_rows(folder / "groups.jsonl", groups)
    (folder / "texts.json").write_text(json.dumps(list(texts)), encoding="utf-8")
    np.save(folder / "vectors.npy", np.asarray(encoder.encode(list(texts))))
    return Real(folder=folder, dataset=dataset, encoder=encoder.identity.model)


def write_synthetic(size: int, folder: Path) -> Path:
    """Write `size` rows, some more to be added singly, and queries, with a vector for each."""
    folder.mkdir(parents=True)
    dice = np.random.default_rng([SEED, size])
    rows = list(_rows(size + SINGLES, dice))
    write_rows(folder / "rows.jsonl", rows[:size])
    write_rows(folder / "singles.jsonl", rows[size:])
    _write_vectors(folder / "vectors.f32", len(rows), dice)
    targets = dice.integers(size, size=MOST_QUERIES)
    _write_queries(folder, [str(rows[target]["text"]) for target in targets], len(rows), dice)
    _append_query_vectors(folder / "vectors.f32", targets, dice)
    return folder


def nearest_found(folder: Path, size: int, figures: Mapping[str, object]) -> float:
    """Give the share, in percent, of the exact nearest rows that the answers hold, over the queries that were asked."""
    reached, singles, ranked = (figures[name] for name in ("reached", "singles", "ranked"))
    vectors = np.memmap(folder / "vectors.f32", dtype="<f4", mode="r").reshape(-1, WIDTH)
    held = np.concatenate([np.arange(reached), np.arange(size, size + singles)])
    queries = vectors[size + SINGLES :][: len(ranked)]
    scores = np.concatenate(
        [queries @ vectors[held[first : first + CHUNK]].T for first in range(0, len(held), CHUNK)], axis=1
    )
    shares = []
    for names, row in zip(ranked, scores, strict=True):
        exact = held[np.argpartition(-row, len(names) - 1)[: len(names)]] if names else held[:0]
        shares.append(len({f"m{number}" for number in exact} & set(names)) / max(1, len(names)))
    return round(100 * float(np.mean(shares)), 2)


def write_rows(path: Path, rows: Iterable[Mapping[str, object]]) -> None:
    """Write one JSON object a line."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _vocabulary() -> list[str]:
    syllables = ["".join(pair) for pair in product("bdfgklmnprstvz", "aeiou")]
    longer = ("".join(parts) for parts in product(syllables, repeat=3))
    return [word for word, _ in zip(longer, range(WORDS), strict=False)]


def _words(count: int, dice: np.random.Generator, weights: np.ndarray) -> np.ndarray:
    return np.searchsorted(weights, dice.random(count))


def _weights() -> np.ndarray:
    weights = np.cumsum(1 / (np.arange(WORDS) + ZIPF_OFFSET))
    return weights / weights[-1]


def _rows(count: int, dice: np.random.Generator) -> Iterable[dict[str, object]]:
    vocabulary, weights = dice.permutation(_vocabulary()), _weights()
    lengths = dice.integers(FEWEST_WORDS, MOST_WORDS + 1, size=count)
    drawn = np.split(_words(int(lengths.sum()), dice, weights), np.cumsum(lengths)[:-1])
    for number, words in enumerate(drawn):
        yield {
            "id": f"m{number}",
            "text": f"{' '.join(vocabulary[words])} m{number}",
            "ts": FIRST_MOMENT + 45 * number,
            "speaker": SPEAKERS[number % len(SPEAKERS)],
            "group": "synthetic",
            "session": f"s{number // SESSION_ROWS}",
            "seq": number,
        }


def _write_vectors(path: Path, count: int, dice: np.random.Generator) -> None:
    with path.open("wb") as file:
        for first in range(0, count, CHUNK):
            file.write(_drawn(min(CHUNK, count - first), dice).tobytes())


def _write_queries(folder: Path, answered: list[str], first: int, dice: np.random.Generator) -> None:
    others = dice.permutation([word for text in answered for word in text.split()[:-1]])
    queries = []
    for number, text in enumerate(answered):
        own = text.split()[:-1][:QUERY_WORDS_TAKEN]
        rest = others[QUERY_WORDS * number :][: QUERY_WORDS - len(own)]
        queries.append({"text": f"{' '.join([*own, *rest])} q{first + number}"})
    write_rows(folder / "queries.jsonl", queries)


def _append_query_vectors(path: Path, targets: np.ndarray, dice: np.random.Generator) -> None:
    answered = np.memmap(path, dtype="<f4", mode="r").reshape(-1, WIDTH)[targets]
    with path.open("ab") as file:
        apart = np.sqrt(1 - QUERY_NEARNESS**2) * _drawn(len(targets), dice)
        file.write(_unit(QUERY_NEARNESS * answered + apart).astype("<f4").tobytes())


def _drawn(count: int, dice: np.random.Generator) -> np.ndarray:
    spread = np.arange(1, WIDTH + 1, dtype=np.float32) ** SPREAD_POWER
    return _unit(dice.standard_normal((count, WIDTH), dtype=np.float32) * spread).astype("<f4")


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
