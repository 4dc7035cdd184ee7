"""The report: a run as sums with intervals, as JSON, and as a plain table that a face may print.

Every figure is a mean over questions with its bootstrap interval; differences are paired, question by question,
against the reference recipe of the same run.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from lamina.evaluate.bootstrap import Interval, interval, paired_difference
from lamina.evaluate.run import Asked, DatasetRun, RecipeRun, Run

ALL = "ALL"
#: What the table shows, where it was measured; packed budgets come behind.
COLUMNS = ("recall@1", "recall@5", "recall@10", "recall@20", "hit@5", "all@5", "mrr", "ndcg@10", "fresh")
COMPARED = ("recall@5", "all@5", "ndcg@10", "fresh")


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """One recipe on one dataset at one level."""

    dataset: str
    level: str
    recipe: str
    #: By category (`ALL` first) and metric.
    scores: dict[str, dict[str, Interval]]
    #: Minus the reference's, by metric, over all questions; empty for the reference itself.
    differences: dict[str, Interval]
    #: How far its searches went, from 1 (words alone) to 4 (links and order), and the share of questions at each level.
    mean_level: float
    levels_reached: dict[int, float]
    p50_ms: float
    p95_ms: float
    build_s: float


def summarise(run: Run) -> list[Summary]:
    """Give the sums of a run, in its order."""
    return [_summary(one, held, run.plan.reference) for held in run.datasets for one in held.runs]


def to_json(run: Run, *, with_questions: bool = True) -> str:
    """Give the run as JSON: plan, machine, code, sums with intervals, and every question as it was answered."""
    document = {
        **{key: value for key, value in asdict(run).items() if key != "datasets"},
        "summaries": [asdict(summary) for summary in summarise(run)],
        "datasets": [asdict(held) for held in run.datasets],
    }
    if not with_questions:
        for held in document["datasets"]:
            for one in held["runs"]:
                del one["asked"]
    return json.dumps(document, indent=1, default=str, ensure_ascii=False, allow_nan=False)


def table(run: Run) -> list[str]:
    """Give the sums as lines of plain text, scores in %, the interval's half width behind each of `ALL`."""
    lines: list[str] = []
    for held in run.datasets:
        for level in dict.fromkeys(one.level for one in held.runs):
            runs = [one for one in held.runs if one.level == level]
            lines += _block(held, runs, [_summary(one, held, run.plan.reference) for one in runs])
    return lines


def _summary(one: RecipeRun, held: DatasetRun, reference: str) -> Summary:
    times = [asked.ms for asked in one.asked]
    categories = dict.fromkeys(asked.category for asked in one.asked)
    scores = {ALL: _scores(one.asked)}
    if len(categories) > 1:
        scores |= {name: _scores([asked for asked in one.asked if asked.category == name]) for name in categories}
    reached = Counter(asked.reached for asked in one.asked)
    return Summary(
        dataset=held.dataset,
        level=one.level,
        recipe=one.recipe,
        scores=scores,
        differences=_differences(one, held, reference),
        mean_level=sum(level * count for level, count in reached.items()) / len(one.asked),
        levels_reached={level: count / len(one.asked) for level, count in sorted(reached.items())},
        p50_ms=float(np.percentile(times, 50)),
        p95_ms=float(np.percentile(times, 95)),
        build_s=one.build_s,
    )


def _scores(asked: Sequence[Asked]) -> dict[str, Interval]:
    return {metric: interval(_values(asked, metric)) for metric in _metrics(asked)}


def _differences(one: RecipeRun, held: DatasetRun, reference: str) -> dict[str, Interval]:
    others = [other for other in held.runs if other.recipe == reference and other.level == one.level]
    if not others or one.recipe == reference:
        return {}
    return {
        metric: paired_difference(_values(one.asked, metric), _values(others[0].asked, metric))
        for metric in _metrics(one.asked)
    }


def _metrics(asked: Sequence[Asked]) -> list[str]:
    return list(dict.fromkeys(metric for one in asked for metric in one.metrics))


def _values(asked: Sequence[Asked], metric: str) -> list[float]:
    return [one.metrics[metric] for one in asked if metric in one.metrics]


def _block(held: DatasetRun, runs: Sequence[RecipeRun], summaries: Sequence[Summary]) -> list[str]:
    measured = _metrics(runs[0].asked)
    columns = [name for name in COLUMNS if name in measured] + [name for name in measured if name.startswith("packed@")]
    lines = [
        f"{held.dataset} [{runs[0].level}]  questions {len(runs[0].asked)}  documents {held.docs}"
        f"  largest pool {held.largest_pool}  k {held.depth}  {runs[0].encoder.model}",
        _row("recipe / category", ["n", *columns]),
    ]
    for summary in summaries:
        for category, scores in summary.scores.items():
            show = _with_half_width if category == ALL else _percent
            name = summary.recipe if category == ALL else f"  {category}"
            count = max((score.n for score in scores.values()), default=0)
            cells = [show(scores[column]) if column in scores else "" for column in columns]
            lines.append(_row(name, [str(count), *cells]))
    for summary in summaries:
        shown = [metric for metric in COMPARED if metric in summary.differences]
        if shown:
            parts = [f"{metric} {_signed(summary.differences[metric])}" for metric in shown]
            lines.append(f"{summary.recipe} against {_reference(summaries)}: {', '.join(parts)}")
    lines += [
        f"{one.recipe}: mean level {one.mean_level:.2f}{_shares(one.levels_reached)}, p50 {one.p50_ms:.2f} ms, "
        f"p95 {one.p95_ms:.2f} ms, build {one.build_s:.1f} s"
        for one in summaries
    ]
    return [*lines, ""]


def _reference(summaries: Sequence[Summary]) -> str:
    return next((one.recipe for one in summaries if not one.differences), "the reference")


def _shares(levels: Mapping[int, float]) -> str:
    """Show how many of the questions ended at each level; nothing where all ended at the same."""
    shown = ", ".join(f"{level}: {100 * share:.0f} %" for level, share in levels.items())
    return f" ({shown})" if len(levels) > 1 else ""


def _row(name: str, cells: Sequence[str]) -> str:
    width: Callable[[str], str] = "{:>12}".format
    return f"{name[:27]:<28}" + "".join(width(cell) for cell in cells)


def _percent(score: Interval) -> str:
    return f"{100 * score.mean:.1f}"


def _with_half_width(score: Interval) -> str:
    return f"{100 * score.mean:.1f} ±{50 * (score.high - score.low):.1f}"


def _signed(score: Interval) -> str:
    mark = " *" if score.excludes_zero else ""
    return f"{100 * score.mean:+.1f} [{100 * score.low:+.1f}, {100 * score.high:+.1f}]{mark}"
