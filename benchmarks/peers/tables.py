"""The figures of a run as Markdown tables."""

from collections.abc import Mapping, Sequence
from typing import Any

Figures = Mapping[str, Any]
#: Heading, then where the figure lies.
COLUMNS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("rows", ("reached",)),
    ("adds a second", ("adds_per_s",)),
    ("one add p50, ms", ("add_one", "p50_ms")),
    ("query p50, ms", ("query", "p50_ms")),
    ("query p95, ms", ("query", "p95_ms")),
    ("exact nearest found, %", ("nearest_found_percent",)),
    ("disk, MiB", ("disk_mib",)),
    ("memory imported, MiB", ("import_mib",)),
    ("memory peak, MiB", ("peak_mib",)),
    ("memory held, MiB", ("held_mib",)),
    ("memory reopened, MiB", ("reopened", "held_mib")),
    ("open to first answer, ms", ("reopened", "first_answer_ms")),
)
SCORES = ("recall@5", "all@5", "ndcg@10")


def markdown(document: Figures) -> str:
    """Give every table of a run."""
    parts = []
    if document["quality"]:
        parts.append(_quality(document["quality"], document["dataset"]))
    parts += [_scale(size, found) for size, found in document["scale"].items() if found]
    return "\n\n".join(parts)


def _quality(found: Figures, dataset: Figures) -> str:
    measured = [figures for figures in found.values() if "scores" in figures]
    categories = [name for name in measured[0]["scores"] if name != "ALL"] if measured else []
    heading = [f"{dataset['name']}, {dataset['questions']} questions", *SCORES]
    heading += [f"R@5 {name}" for name in categories] + ["R@5 less lamina's"]
    rows = []
    for name, figures in found.items():
        if "scores" not in figures:
            rows.append([name, figures["error"], *[""] * (len(heading) - 2)])
            continue
        scores = figures["scores"]
        cells = [_with_interval(scores["ALL"][score]) for score in SCORES]
        cells += [_with_interval(scores[category]["recall@5"]) for category in categories]
        rows.append([name, *cells, _with_interval(figures["recall@5_less_lamina"], signed="+")])
    return _table(heading, rows)


def _scale(size: str, found: Figures) -> str:
    rows = []
    for name, figures in found.items():
        if "reached" not in figures:
            rows.append([name, figures["error"], *[""] * (len(COLUMNS) - 1)])
            continue
        rows.append([name, *(_cell(figures, path) for _, path in COLUMNS)])
    return _table([f"{int(size):,} rows", *(heading for heading, _ in COLUMNS)], rows)


def _cell(figures: Figures, path: Sequence[str]) -> str:
    value: Any = figures
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    if value is None:
        return "–"
    text = f"{value:,}" if isinstance(value, int) or value < 100 else f"{value:,.0f}"
    return f"{text}, too slow (> {figures['cap_s']:.0f} s)" if path == ("reached",) and figures["is_cut"] else text


def _with_interval(score: Figures | None, *, signed: str = "") -> str:
    if score is None:
        return "–"
    return f"{100 * score['mean']:{signed}.1f} [{100 * score['low']:{signed}.1f}, {100 * score['high']:{signed}.1f}]"


def _table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heading, ["---"] * len(heading), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
