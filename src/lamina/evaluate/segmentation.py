"""Segmentation: how far the boundaries that a way of cutting draws agree with those that people drew.

Streams are rows of `docs.jsonl` whose `session` is withheld; the reference is `topics.jsonl` where the folder holds one
({group, topics: [{topic, spans: [[first row, last row], …]}, …]}), else the sessions. A boundary is the number of the
row that begins a segment; row 0 is none. Knows no way of cutting.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lamina.core.errors import InvalidArgument
from lamina.evaluate.schema import Dataset, Haystack, read_dataset

TOPICS = "topics.jsonl"
#: Fewer rows that belong to no topic are no segment of their own; they go with the topic before them.
SHORTEST_INTERLUDE = 5
#: How many rows off a boundary may be, each judged for itself.
TOLERANCES = (0, 2)
#: Metrics of which less is better.
ERRORS = ("pk", "window_diff")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What a way of cutting sees of one row."""

    text: str
    speaker: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """Rows in their order, without sessions, and where people cut them."""

    name: str
    rows: tuple[Row, ...]
    reference: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """One stream as one way cut it."""

    stream: str
    boundaries: tuple[int, ...]
    metrics: dict[str, float]


def read_streams(folder: Path | str) -> tuple[str, tuple[Stream, ...]]:
    """Give the digest of a folder and its memories as streams.

    Raises:
        InvalidArgument: no such folder or file, or a row that is not of the schema.
    """
    dataset: Dataset = read_dataset(folder)
    path = Path(folder) / TOPICS
    spans = _spans(path) if path.exists() else None
    return dataset.digest, tuple(_stream(held, spans) for held in dataset.haystacks)


def cut_streams(streams: Sequence[Stream], way: Callable[[Stream], Sequence[int]]) -> tuple[Cut, ...]:
    """Cut each stream by `way`, and judge it."""
    found = []
    for stream in streams:
        drawn = tuple(sorted(set(way(stream))))
        metrics = judge_cut(stream.reference, drawn, len(stream.rows))
        found.append(Cut(stream=stream.name, boundaries=drawn, metrics=metrics))
    return tuple(found)


def judge_cut(reference: Sequence[int], drawn: Sequence[int], rows: int) -> dict[str, float]:
    """Give every metric by name, and how many boundaries were drawn."""
    values = {"pk": pk(reference, drawn, rows), "window_diff": window_diff(reference, drawn, rows)}
    values |= {f"f1±{tolerance}": boundary_f1(reference, drawn, tolerance) for tolerance in TOLERANCES}
    return values | {"boundaries": float(len(drawn))}


def pk(reference: Sequence[int], drawn: Sequence[int], rows: int) -> float:
    """Give the share of pairs of rows, a window apart, that one cutting parts and the other joins; 0 is best.

    Beeferman, Berger & Lafferty (1999). The window is half a mean segment of the reference. 0 without such a pair.
    """
    return _disagreement(reference, drawn, rows, counts_them=False)


def window_diff(reference: Sequence[int], drawn: Sequence[int], rows: int) -> float:
    """Give the share of windows in which the two cuttings have not equally many boundaries; 0 is best.

    Pevzner & Hearst (2002), with the window of `pk`.
    """
    return _disagreement(reference, drawn, rows, counts_them=True)


def boundary_f1(reference: Sequence[int], drawn: Sequence[int], tolerance: int = 0) -> float:
    """Give the F1 of boundaries that lie at most `tolerance` rows apart, each matched once; 1 where both have none."""
    wanted, offered = sorted(set(reference)), sorted(set(drawn))
    if not wanted and not offered:
        return 1.0
    matched = first = second = 0
    # Both ascending and one width for all: the earliest that can be matched is never better kept for later.
    while first < len(wanted) and second < len(offered):
        apart = offered[second] - wanted[first]
        matched += abs(apart) <= tolerance
        first += apart >= -tolerance
        second += apart <= tolerance
    return 2 * matched / (len(wanted) + len(offered))


def chosen_on_the_others(ways: Mapping[str, Sequence[Cut]], metric: str) -> list[tuple[str, Cut]]:
    """Give, for each stream, the way that is best on all others by the mean of `metric`, and its cut of this one.

    Among equals the way that comes first. All ways have cut the same streams in the same order.

    Raises:
        ValueError: no way, or fewer than two streams.
    """
    count = min((len(cuts) for cuts in ways.values()), default=0)
    if count < 2:
        raise ValueError("leaving one stream out needs ways and at least two streams")
    sign = -1 if metric in ERRORS else 1
    totals = {name: sum(cut.metrics[metric] for cut in cuts) for name, cuts in ways.items()}
    found = []
    for place in range(count):
        best = max(ways, key=lambda name: sign * (totals[name] - ways[name][place].metrics[metric]))
        found.append((best, ways[best][place]))
    return found


def chosen_on_all_others(
    sets: Mapping[str, Mapping[str, Sequence[Cut]]], metric: str
) -> dict[str, list[tuple[str, Cut]]]:
    """Give, by set and for each stream, the way that is best on all other streams of all sets, and its cut of this one.

    Each set counts alike: by the mean of `metric` over its streams, without the one that is left out. All sets were cut
    in the same ways.

    Raises:
        ValueError: a set with fewer than two streams, or none.
    """
    tables = {
        name: np.array([[cut.metrics[metric] for cut in cuts] for cuts in ways.values()]) for name, ways in sets.items()
    }
    if not tables or any(table.shape[1] < 2 for table in tables.values()):
        raise ValueError("leaving one stream out needs sets of at least two streams")
    sign = -1 if metric in ERRORS else 1
    found: dict[str, list[tuple[str, Cut]]] = {}
    for name, ways in sets.items():
        elsewhere = sum(table.mean(axis=1) for other, table in tables.items() if other != name)
        table, settings = tables[name], list(ways)
        count = table.shape[1]
        for place in range(count):
            here = (table.sum(axis=1) - table[:, place]) / (count - 1)
            best = settings[int(np.argmax(sign * (here + elsewhere)))]
            found.setdefault(name, []).append((best, ways[best][place]))
    return found


def _disagreement(reference: Sequence[int], drawn: Sequence[int], rows: int, *, counts_them: bool) -> float:
    window = max(2, round(rows / (len(set(reference)) + 1) / 2))
    windows = range(rows - window)
    if not windows:
        return 0.0
    wanted, offered = _counts(reference, rows), _counts(drawn, rows)
    wrong = 0
    for first in windows:
        ours = wanted[first + window] - wanted[first]
        theirs = offered[first + window] - offered[first]
        wrong += ours != theirs if counts_them else bool(ours) != bool(theirs)
    return wrong / len(windows)


def _counts(boundaries: Sequence[int], rows: int) -> list[int]:
    """Give, for each row, how many boundaries lie at it or before."""
    begins = set(boundaries)
    counts, so_far = [], 0
    for row in range(rows):
        so_far += row in begins
        counts.append(so_far)
    return counts


def _stream(held: Haystack, spans: Mapping[str, list[tuple[int, int]]] | None) -> Stream:
    if spans is None:
        sessions = [doc.session for doc in held.docs]
        reference = [row for row in range(1, len(sessions)) if sessions[row] != sessions[row - 1]]
    else:
        reference = topic_boundaries(spans.get(held.group, []), len(held.docs))
    rows = tuple(Row(text=doc.text, speaker=doc.speaker) for doc in held.docs)
    return Stream(name=held.group, rows=rows, reference=tuple(reference))


def topic_boundaries(spans: Sequence[tuple[int, int]], rows: int) -> list[int]:
    """Give the rows where a topic takes over, or a longer stretch without any; `spans` are (first, last) rows.

    Where two topics overlap the former goes on to its end.
    """
    found: set[int] = set()
    free = 0
    for first, last in sorted(spans):
        if last < free:
            continue
        begins = max(first, free)
        is_apart = begins - free >= SHORTEST_INTERLUDE
        # A few rows before the first topic have none to go with: they go with the one that follows.
        if is_apart or free:
            found |= {begins, free} if is_apart else {begins}
        free = max(free, last + 1)
    if rows - free >= SHORTEST_INTERLUDE:
        found.add(free)
    return sorted(row for row in found if 0 < row < rows)


def _spans(path: Path) -> dict[str, list[tuple[int, int]]]:
    found: dict[str, list[tuple[int, int]]] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            row = json.loads(line)
            spans = [span for topic in row["topics"] for span in topic["spans"]]
            found[str(row["group"])] = [(int(first), int(last)) for first, last in spans]
        except (ValueError, KeyError, TypeError) as error:
            raise InvalidArgument(
                "folder", f"{path.name} line {number} is not of the schema", "see `lamina.evaluate.segmentation`"
            ) from error
    return found
