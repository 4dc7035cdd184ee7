"""Ways of cutting streams into events, against the boundaries that people drew; the withheld sessions are the gold.

    .venv/bin/python benchmarks/segmentation.py --data ../shared/data --vectors /work/vector-cache

Prints a table for each set and writes `benchmarks/results/segmentation.json`. A family is a way with every setting that
was tried; what counts is the column where the setting for each stream was chosen on the others. Texts are embedded as
the engine does it, as `speaker: text`.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lamina.core.protocols import Waiting
from lamina.core.scope import Wall
from lamina.encode.dense import embed_waiting
from lamina.encode.sparse import plain_terms
from lamina.evaluate.bootstrap import interval, paired_difference
from lamina.evaluate.machine import this_code, this_machine
from lamina.evaluate.segmentation import Cut, Stream, chosen_on_the_others, cut_streams, read_streams
from lamina.providers.registry import encoder_named
from lamina.providers.vector_cache import CachedEncoder
from lamina.segment.surprise import Cutting, boundaries

SETS = ("qmsum_dev", "locomo_dev", "longmemeval_dev30")
OUT = Path(__file__).parent / "results" / "segmentation.json"
METRICS = ("pk", "window_diff", "f1±0", "f1±2", "boundaries")
#: No event of the grid is cut for its size alone: segments of meetings are hundreds of turns long.
NO_LIMIT = 4096
#: How far refinement may move a boundary: as far as the default's smallest event allows.
REACH = 3
Vectors = Mapping[str, NDArray[np.float32]]
Way = Callable[[Stream], Sequence[int]]


def embedded(streams: Sequence[Stream], encoder: CachedEncoder) -> Vectors:
    """Give the rows of each stream as the engine would store them, the mean of its spans for a long text."""
    waiting = [
        Waiting(
            record_id=f"{stream.name}\n{place}",
            revision=1,
            wall=Wall(tenant="t", user="u"),
            number=0,
            speaker=row.speaker,
            text=row.text,
        )
        for stream in streams
        for place, row in enumerate(stream.rows)
    ]
    spans: dict[str, list[NDArray[np.float16]]] = {}
    for vector in embed_waiting(waiting, encoder):
        spans.setdefault(vector.record_id, []).append(np.frombuffer(vector.values, "<f2"))
    return {
        stream.name: np.stack(
            [np.mean(spans[f"{stream.name}\n{place}"], axis=0, dtype=np.float32) for place in range(len(stream.rows))]
        )
        for stream in streams
    }


def no_cut(stream: Stream) -> list[int]:
    return []


def fixed_windows(stream: Stream, *, size: int) -> list[int]:
    return list(range(size, len(stream.rows), size))


def by_surprise(stream: Stream, *, vectors: Vectors, cutting: Cutting) -> list[int]:
    return boundaries(vectors[stream.name], cutting=cutting)


def text_tiling(stream: Stream, *, words: int, block: int, cutoff: float) -> list[int]:
    """Hearst (1997): counts of terms in blocks of pseudo-sentences of `words`; boundaries at the nearest row."""
    terms, row_of = [], []
    for place, row in enumerate(stream.rows):
        found = plain_terms(row.text)
        terms += found
        row_of += [place] * len(found)
    counts = [Counter(terms[first : first + words]) for first in range(0, len(terms), words)]
    likeness = np.array([_counted_cosine(counts, gap, block) for gap in range(1, len(counts))])
    if len(likeness) < 3:
        return []
    smooth = np.convolve(np.pad(likeness, 1, mode="edge"), np.ones(3) / 3, mode="valid")
    gaps = _deepest(smooth, cutoff=cutoff, apart=3)
    nearest = [row_of[(gap + 1) * words] for gap in gaps]
    return sorted({row for row in nearest if row > 0})


def dense_tiling(stream: Stream, *, vectors: Vectors, block: int, cutoff: float) -> list[int]:
    """Text tiling over vectors: depths of the cosines between the means of `block` rows before and after a gap."""
    sums = np.vstack([np.zeros((1, vectors[stream.name].shape[1])), vectors[stream.name].cumsum(axis=0)])
    rows = len(sums) - 1
    likeness = []
    for gap in range(1, rows):
        before, after = sums[gap] - sums[max(0, gap - block)], sums[min(rows, gap + block)] - sums[gap]
        likeness.append(before @ after / (np.linalg.norm(before) * np.linalg.norm(after)))
    return [gap + 1 for gap in _deepest(np.array(likeness), cutoff=cutoff, apart=4)]


def _counted_cosine(counts: list[Counter[str]], gap: int, block: int) -> float:
    before: Counter[str] = sum(counts[max(0, gap - block) : gap], Counter())
    after: Counter[str] = sum(counts[gap : gap + block], Counter())
    both = sum(count * after[term] for term, count in before.items())
    norms = sum(count**2 for count in before.values()) * sum(count**2 for count in after.values())
    return both / norms**0.5


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
    cuttings: dict[str, dict[str, Cutting]] = {}
    for gamma, smallest in product((0.5, 1, 2, 3), (4, 16)):
        plain = Cutting(gamma=gamma, smallest=smallest, largest=NO_LIMIT, floor=0)
        for behind in (4, 8, 16, 32):
            _put(cuttings, "surprise", replace(plain, behind=behind, ahead=1))
        for block in (2, 4, 8, 16, 32):
            _put(cuttings, "blocks", replace(plain, behind=block, ahead=block))
    for gamma, floor in product((0.5, 1, 2), (0.5, 0.55, 0.6, 0.65, 0.7, 0.8, 0.9)):
        plain = Cutting(gamma=gamma, floor=floor, largest=NO_LIMIT)
        for behind in (4, 8, 16):
            _put(cuttings, "surprise, floor", replace(plain, behind=behind, ahead=1))
        for block in (2, 4, 8):
            _put(cuttings, "blocks, floor", replace(plain, behind=block, ahead=block))
    return {
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
        **{
            family: {name: partial(by_surprise, vectors=vectors, cutting=cutting) for name, cutting in settings.items()}
            for family, settings in cuttings.items()
        },
        "default": {"": partial(by_surprise, vectors=vectors, cutting=Cutting())},
        "default, modularity": {"": partial(by_surprise, vectors=vectors, cutting=Cutting(reach=REACH))},
        "default, conductance": {
            "": partial(by_surprise, vectors=vectors, cutting=Cutting(reach=REACH, quality="conductance"))
        },
        "default, no floor": {"": partial(by_surprise, vectors=vectors, cutting=Cutting(floor=0))},
    }


def _put(cuttings: dict[str, dict[str, Cutting]], family: str, cutting: Cutting) -> None:
    name = f"behind {cutting.behind}, gamma {cutting.gamma}, smallest {cutting.smallest}, floor {cutting.floor}"
    cuttings.setdefault(family, {})[name] = cutting
    cuttings.setdefault(f"{family}, refined", {})[name] = replace(cutting, reach=REACH)


def summary(family: Mapping[str, Sequence[Cut]], none: Sequence[Cut]) -> dict[str, object]:
    """Give the best setting in hindsight, and what choosing each stream's setting on the others gives."""
    found: dict[str, object] = {"settings": len(family)}
    for metric, sign in (("window_diff", -1), ("f1±2", 1)):
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


def events_in_sessions(streams: Sequence[Stream], vectors: Vectors) -> dict[str, float]:
    """Give how the default cuts where the sessions are known, as the engine does."""
    sizes: list[int] = []
    sessions = 0
    for stream in streams:
        drawn = boundaries(vectors[stream.name], cutting=Cutting(), begins=stream.reference)
        sizes += np.diff([0, *drawn, len(stream.rows)]).tolist()
        sessions += len(stream.reference) + 1
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


def main() -> None:
    """Cut every set in every way, print the tables, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--vectors", type=Path, required=True, help="the vector cache")
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--sets", nargs="+", default=SETS)
    options = parser.parse_args()
    encoder = CachedEncoder(encoder_named("minilm"), options.vectors)
    results: dict[str, object] = {
        "machine": asdict(this_machine()),
        "code": asdict(this_code()),
        "encoder": asdict(encoder.identity),
        "default": asdict(Cutting()),
        "sets": {},
    }
    for name in options.sets:
        digest, streams = read_streams(options.data / name)
        vectors = embedded(streams, encoder)
        cuts = {
            family: {setting: cut_streams(streams, way) for setting, way in settings.items()}
            for family, settings in families(vectors).items()
        }
        held = {family: summary(found, cuts["none"][""]) for family, found in cuts.items()}
        sizes = events_in_sessions(streams, vectors)
        results["sets"][name] = {"digest": digest, "families": held, "default_inside_the_gold": sizes}
        sys.stdout.write("\n".join(table(name, held, streams)) + f"default, boundaries known: {sizes}\n\n")
        sys.stdout.flush()
    options.out.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
