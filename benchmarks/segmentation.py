"""Ways of cutting streams into events, against the boundaries that people drew; the withheld sessions are the gold.

    .venv/bin/python benchmarks/segmentation.py --data ../shared/data --vectors /work/vector-cache

Tells a table for each set; with `--publish` the figures go to `benchmarks/results/segmentation.json`. A family is a way
with every setting that was tried; what counts is the column where the setting for each stream was chosen on the others.
Texts are embedded as the engine does it, as `speaker: text`.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from functools import cache, partial
from itertools import pairwise, product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from publishing import tell

from lamina.core.rows import Waiting
from lamina.core.scope import Wall
from lamina.core.streams import Spot, StreamRow
from lamina.encode.dense import embed_waiting
from lamina.encode.sparse import plain_terms
from lamina.evaluate.bootstrap import interval, paired_difference
from lamina.evaluate.segmentation import (
    Cut,
    Stream,
    chosen_on_all_others,
    chosen_on_the_others,
    cut_streams,
    read_streams,
)
from lamina.providers.registry import encoder_named
from lamina.providers.vector_cache import CachedEncoder
from lamina.segment.rows import Rows, rows_of
from lamina.segment.surprise import Cutting, boundaries

SETS = ("qmsum_dev", "locomo_dev", "longmemeval_dev30")
METRICS = ("pk", "window_diff", "f1±0", "f1±2", "boundaries")
Vectors = Mapping[str, Rows]
Way = Callable[[Stream], Sequence[int]]


def embedded(streams: Sequence[Stream], encoder: CachedEncoder) -> Vectors:
    """Give the rows of each stream as the engine cuts by them."""
    waiting = [
        Waiting(
            record_id=f"{stream.name}\n{place}",
            revision=1,
            wall=Wall(tenant="t", user="u"),
            number=0,
            prefix=row.speaker,
            text=row.text,
        )
        for stream in streams
        for place, row in enumerate(stream.rows)
    ]
    spans: dict[str, list[bytes]] = {}
    for vector in embed_waiting(waiting, encoder):
        spans.setdefault(vector.record_id, []).append(vector.values)
    return {
        stream.name: rows_of(
            [
                StreamRow(
                    record_id=f"{stream.name}\n{place}",
                    spot=Spot(place, place),
                    event_id=None,
                    at_us=None,
                    length=len(row.text),
                    # No event of the grid ends for its size alone.
                    opening="",
                    is_active=True,
                    waits=False,
                    vectors=tuple(spans[f"{stream.name}\n{place}"]),
                )
                for place, row in enumerate(stream.rows)
            ],
            width=encoder.identity.width,
        )
        for stream in streams
    }


def no_cut(stream: Stream) -> list[int]:
    return []


def fixed_windows(stream: Stream, *, size: int) -> list[int]:
    return list(range(size, len(stream.rows), size))


def by_surprise(stream: Stream, *, vectors: Vectors, cutting: Cutting, is_weighed: bool = True) -> list[int]:
    rows = vectors[stream.name]
    return boundaries(rows if is_weighed else replace(rows, weights=np.ones_like(rows.weights)), cutting)


def text_tiling(stream: Stream, *, words: int, block: int, cutoff: float) -> list[int]:
    """Hearst (1997): counts of terms in blocks of pseudo-sentences of `words`; boundaries at the nearest row."""
    row_of, likeness = _lexical_likeness(stream.name, tuple(row.text for row in stream.rows), words, block)
    if len(likeness) < 3:
        return []
    smooth = np.convolve(np.pad(likeness, 1, mode="edge"), np.ones(3) / 3, mode="valid")
    gaps = _deepest(smooth, cutoff=cutoff, apart=3)
    nearest = [row_of[(gap + 1) * words] for gap in gaps]
    return sorted({row for row in nearest if row > 0})


@cache
def _lexical_likeness(
    name: str, texts: tuple[str, ...], words: int, block: int
) -> tuple[list[int], NDArray[np.float64]]:
    """Give the row of each term of a stream, and the cosines between blocks of its pseudo-sentences."""
    terms, row_of = [], []
    for place, text in enumerate(texts):
        found = plain_terms(text)
        terms += found
        row_of += [place] * len(found)
    vocabulary = {term: number for number, term in enumerate(dict.fromkeys(terms))}
    counts = np.zeros((-(-len(terms) // words), len(vocabulary)), dtype=np.float32)
    np.add.at(counts, (np.arange(len(terms)) // words, [vocabulary[term] for term in terms]), 1)
    return row_of, _cosines(counts, block)


def dense_tiling(stream: Stream, *, vectors: Vectors, block: int, cutoff: float) -> list[int]:
    """Text tiling over vectors: depths of the cosines between the means of `block` rows before and after a gap."""
    likeness = _cosines(vectors[stream.name].vectors, block)
    return [gap + 1 for gap in _deepest(likeness, cutoff=cutoff, apart=4)]


def _cosines(rows: NDArray[np.floating], block: int) -> NDArray[np.float64]:
    """Give the cosine between the sums of `block` rows before and after each gap."""
    count = len(rows)
    sums = np.vstack([np.zeros((1, rows.shape[1])), rows.cumsum(axis=0, dtype=np.float64)])
    gaps = np.arange(1, count)
    before = sums[gaps] - sums[np.maximum(gaps - block, 0)]
    after = sums[np.minimum(gaps + block, count)] - sums[gaps]
    norms = np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1)
    return (before * after).sum(axis=1) / np.where(norms > 0, norms, 1)


def _deepest(likeness: NDArray[np.float64], *, cutoff: float, apart: int) -> list[int]:
    """Give the gaps whose valley is deeper than mean + cutoff · deviation, none near a deeper one."""
    depths = np.array([_depth(likeness, gap) for gap in range(len(likeness))])
    least = depths.mean() + cutoff * depths.std()
    found: list[int] = []
    for gap in np.argsort(-depths, kind="stable"):
        if depths[gap] > max(least, 0) and all(abs(int(gap) - other) >= apart for other in found):
            found.append(int(gap))
    return sorted(found)


def _depth(likeness: NDArray[np.float64], gap: int) -> float:
    left = right = gap
    while left > 0 and likeness[left - 1] >= likeness[left]:
        left -= 1
    while right < len(likeness) - 1 and likeness[right + 1] >= likeness[right]:
        right += 1
    return float(likeness[left] + likeness[right] - 2 * likeness[gap])


def families(vectors: Vectors) -> dict[str, dict[str, Way]]:
    """Give every way with every setting, by family and setting."""
    found: dict[str, dict[str, Way]] = {
        "none": {"": no_cut},
        "fixed": {f"{size}": partial(fixed_windows, size=size) for size in (5, 10, 15, 20, 30, 50, 100, 150, 200, 300)},
        "TextTiling, lexical": {
            f"words {words}, block {block}, cutoff {cutoff}": partial(
                text_tiling, words=words, block=block, cutoff=cutoff
            )
            for words, block, cutoff in product((10, 20, 40), (6, 10, 20), (-1, -0.5, 0.5, 1, 2))
        },
        "TextTiling, dense": {
            f"block {block}, cutoff {cutoff}": partial(dense_tiling, vectors=vectors, block=block, cutoff=cutoff)
            for block, cutoff in product((2, 4, 8, 16, 32), (-0.5, 0, 0.5, 1, 1.5, 2, 3))
        },
    }
    for width, gamma, floor in product((4, 6, 8, 12, 16, 32), (1, 2), (0, 0.5, 0.54, 0.58, 0.62, 0.66)):
        cutting = Cutting(width=width, gamma=gamma, floor=floor)
        name = f"width {width}, gamma {gamma}, floor {floor}"
        for family, is_weighed in (("surprise, rows alike", False), ("surprise, weighed", True)):
            found.setdefault(family, {})[name] = partial(
                by_surprise, vectors=vectors, cutting=cutting, is_weighed=is_weighed
            )
        wide = replace(cutting, smallest=7)
        for family, reach in (("smallest 7", 0), ("smallest 7, refined", 3)):
            found.setdefault(f"surprise, {family}", {})[name] = partial(
                by_surprise, vectors=vectors, cutting=replace(wide, reach=reach)
            )
    for name, fields in {
        "": {},
        ", no floor": {"floor": 0.0},
        ", smallest 7": {"smallest": 7},
        ", modularity": {"smallest": 7, "reach": 3},
        ", conductance": {"smallest": 7, "reach": 3, "quality": "conductance"},
    }.items():
        cutting = replace(Cutting(), **fields)
        found[f"default{name}"] = {"": partial(by_surprise, vectors=vectors, cutting=cutting)}
    found["default, rows alike"] = {"": partial(by_surprise, vectors=vectors, cutting=Cutting(), is_weighed=False)}
    return found


def summary(family: Mapping[str, Sequence[Cut]], none: Sequence[Cut]) -> dict[str, object]:
    """Give the best setting in hindsight, and what choosing each stream's setting on the others gives."""
    found: dict[str, object] = {"settings": len(family)}
    for metric, sign in (("pk", -1), ("window_diff", -1), ("f1±2", 1)):
        means = {name: _means(cuts) for name, cuts in family.items()}
        best = max(means, key=lambda name, means=means, metric=metric, sign=sign: sign * means[name][metric])
        chosen = chosen_on_the_others(family, metric)
        values = [cut.metrics[metric] for _, cut in chosen]
        found[metric] = {
            "best": best,
            "best_means": means[best],
            "left_one_out": _means([cut for _, cut in chosen]),
            "left_one_out_interval": asdict(interval(values)),
            "left_one_out_minus_none": asdict(paired_difference(values, [cut.metrics[metric] for cut in none])),
            "chosen": dict(Counter(name for name, _ in chosen).most_common()),
            "by_stream": {cut.stream: cut.metrics for _, cut in chosen},
        }
    return found


def _means(cuts: Sequence[Cut]) -> dict[str, float]:
    return {metric: float(np.mean([cut.metrics[metric] for cut in cuts])) for metric in METRICS}


def joint(sets: Mapping[str, Mapping[str, Sequence[Cut]]], metric: str) -> dict[str, object]:
    """Give what one setting for all sets gives, chosen for each stream on all the others."""
    chosen = chosen_on_all_others(sets, metric)
    return {name: _means([cut for _, cut in found]) for name, found in chosen.items()} | {
        "chosen": dict(Counter(setting for found in chosen.values() for setting, _ in found).most_common())
    }


def events_in_sessions(streams: Sequence[Stream], vectors: Vectors) -> dict[str, float]:
    """Give how the default cuts where the sessions are known, as the engine does."""
    sizes: list[int] = []
    sessions = 0
    for stream in streams:
        for first, end in pairwise([0, *stream.reference, len(stream.rows)]):
            rows = vectors[stream.name]
            held = Rows(*(getattr(rows, name)[first:end] for name in Rows.__dataclass_fields__))
            sizes += np.diff([0, *boundaries(held, Cutting()), end - first]).tolist()
            sessions += 1
    return {
        "sessions": sessions,
        "events": len(sizes),
        "events_per_session": len(sizes) / sessions,
        "mean_size": float(np.mean(sizes)),
        "least": min(sizes),
        "most": max(sizes),
    }


def table(name: str, held: Mapping[str, dict[str, object]], streams: Sequence[Stream]) -> list[str]:
    """Give the sums of one set as lines, all in %."""
    drawn = sum(len(stream.reference) for stream in streams)
    lines = [
        f"{name}: {len(streams)} streams, {sum(len(stream.rows) for stream in streams)} rows, {drawn} gold boundaries",
        f"{'':24}{'| chosen on the other streams by WindowDiff':52}| chosen by F1±2{'':18}| in hindsight",
        f"{'family':24}| {'Pk':>5} {'WD':>5} {'WD − none [95 %]':>24} {'drawn':>7}      "
        f"| {'F1':>5} {'F1±2':>5} {'drawn':>7} {'WD':>5}    | {'WD':>5} {'F1±2':>5}",
    ]
    for family, found in held.items():
        errors, hits = found["window_diff"], found["f1±2"]
        less = errors["left_one_out_minus_none"]
        span = f"{100 * less['mean']:+.1f} [{100 * less['low']:+.1f}, {100 * less['high']:+.1f}]"
        one, two = errors["left_one_out"], hits["left_one_out"]
        lines.append(
            f"{family:24}| {100 * one['pk']:5.1f} {100 * one['window_diff']:5.1f} {span:>24} {one['boundaries']:7.1f}"
            f"      | {100 * two['f1±0']:5.1f} {100 * two['f1±2']:5.1f} {two['boundaries']:7.1f}"
            f" {100 * two['window_diff']:5.1f}    | {100 * errors['best_means']['window_diff']:5.1f}"
            f" {100 * hits['best_means']['f1±2']:5.1f}  {errors['best']} / {hits['best']}"
        )
    return [*lines, ""]


def joint_line(family: str, found: Mapping[str, dict[str, object]], sets: Sequence[str]) -> str:
    """Give one setting for all sets as a line, in %: Pk chosen by Pk, WindowDiff by WindowDiff, F1±2 by F1±2."""
    values = [
        f"{name}: " + " ".join(f"{100 * found[metric][name][metric]:5.1f}" for metric in ("pk", "window_diff", "f1±2"))
        for name in sets
    ]
    return f"one for all  {family:24} Pk WD F1±2 | " + " | ".join(values)


def main(arguments: list[str]) -> dict[str, object]:
    """Cut every set in every way, and tell the tables meanwhile."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--vectors", type=Path, required=True, help="the vector cache")
    parser.add_argument("--sets", nargs="+", default=SETS)
    options = parser.parse_args(arguments)
    encoder = CachedEncoder(encoder_named("minilm"), options.vectors)
    told: dict[str, object] = {}
    everything: dict[str, dict[str, dict[str, Sequence[Cut]]]] = {}
    for name in options.sets:
        digest, streams = read_streams(options.data / name)
        vectors = embedded(streams, encoder)
        cuts = {
            family: {setting: cut_streams(streams, way) for setting, way in settings.items()}
            for family, settings in families(vectors).items()
        }
        for family, settings in cuts.items():
            everything.setdefault(family, {})[name] = settings
        held = {family: summary(found, cuts["none"][""]) for family, found in cuts.items()}
        sizes = events_in_sessions(streams, vectors)
        told[name] = {"digest": digest, "families": held, "default_inside_the_gold": sizes}
        sys.stderr.write("\n".join(table(name, held, streams)) + f"default, boundaries known: {sizes}\n\n")
    one_for_all: dict[str, object] = {}
    for family, sets in everything.items():
        found = {metric: joint(sets, metric) for metric in ("pk", "window_diff", "f1±2")}
        one_for_all[family] = found
        sys.stderr.write(joint_line(family, found, options.sets) + "\n")
    return {
        "encoder": asdict(encoder.identity),
        "default": asdict(Cutting()),
        "sets": told,
        "one_for_all": one_for_all,
    }


if __name__ == "__main__":
    tell("segmentation", main)
