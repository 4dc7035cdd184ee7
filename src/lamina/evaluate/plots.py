"""Plots of a run, as SVG files: every recipe by category with its intervals, and its difference from the reference.

The same run gives the same bytes. Needs matplotlib (the extra `bench`).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.core.errors import MissingExtra
from lamina.evaluate.bootstrap import Interval
from lamina.evaluate.report import ALL, Summary, summarise
from lamina.evaluate.run import Run

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INSTALL = "pip install 'lamina[bench]'"
#: What is drawn, the first of these that a set was judged by.
DRAWN = ("recall@5", "fresh", "hit@5")
#: Inches.
ROW_HEIGHT, BAR_HEIGHT, WIDTH, MARGIN = 0.3, 0.14, 8.0, 1.2


def check_plots() -> None:
    """Let plots be drawn.

    Raises:
        MissingExtra: matplotlib is not installed.
    """
    try:
        import matplotlib  # noqa: F401, PLC0415  # not loaded where nothing is drawn
    except ImportError as error:
        raise MissingExtra("bench", install=INSTALL) from error


def draw(run: Run, folder: Path) -> list[Path]:
    """Write the plots of a run into `folder`, which is made where there is none; gives their paths.

    Raises:
        MissingExtra: matplotlib is not installed.
        OSError: the folder cannot be written.
    """
    check_plots()
    folder.mkdir(parents=True, exist_ok=True)
    drawn: dict[str, Figure] = {}
    summaries = summarise(run)
    for dataset, level in dict.fromkeys((summary.dataset, summary.level) for summary in summaries):
        of_one = [summary for summary in summaries if (summary.dataset, summary.level) == (dataset, level)]
        drawn[f"{dataset}-{level}"] = _by_category(of_one)
    compared = [summary for summary in summaries if summary.differences]
    if compared:
        drawn["differences"] = _differences(compared, run.plan.reference)
    return [_written(figure, folder / f"{name}.svg") for name, figure in drawn.items()]


def _by_category(summaries: Sequence[Summary]) -> "Figure":
    """Draw a group of bars a category, one a recipe."""
    metric = _metric(summaries[0])
    categories = list(summaries[0].scores)
    group = BAR_HEIGHT * (len(summaries) + 1)
    figure, axes = _blank(MARGIN + group * len(categories))
    for place, summary in enumerate(summaries):
        scores = [summary.scores[category].get(metric) for category in categories]
        heights = group * np.arange(len(categories)) + BAR_HEIGHT * place
        _bars(axes, heights, scores, label=summary.recipe)
    axes.set_yticks(group * np.arange(len(categories)) + BAR_HEIGHT * (len(summaries) - 1) / 2)
    axes.set_yticklabels([_counted(summaries[0], category, metric) for category in categories])
    axes.invert_yaxis()
    axes.set_xlim(0, 100)
    axes.set_xlabel(f"{metric} in %, with 95 % intervals over questions")
    axes.set_title(f"{summaries[0].dataset} [{summaries[0].level}]")
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
    return figure


def _differences(summaries: Sequence[Summary], reference: str) -> "Figure":
    """Draw each recipe's paired difference from the reference, a row a recipe and set."""
    figure, axes = _blank(MARGIN + ROW_HEIGHT * len(summaries))
    metrics = [_metric(summary) for summary in summaries]
    for row, (summary, metric) in enumerate(zip(summaries, metrics, strict=True)):
        told = summary.differences[metric]
        colour = "C2" if told.low > 0 else "C3" if told.high < 0 else "0.5"
        low, high = 100 * (told.mean - told.low), 100 * (told.high - told.mean)
        axes.errorbar([100 * told.mean], [row], xerr=[[low], [high]], fmt="o", c=colour, capsize=3)
    axes.axvline(0, c="0.7", linewidth=1, zorder=0)
    axes.set_yticks(range(len(summaries)))
    axes.set_yticklabels(
        [
            f"{summary.recipe} · {summary.dataset} [{summary.level}] {metric}"
            for summary, metric in zip(summaries, metrics, strict=True)
        ]
    )
    axes.invert_yaxis()
    axes.set_xlabel(f"points beyond {reference}, paired, with 95 % intervals")
    return figure


def _bars(axes: "Axes", heights: Any, scores: Sequence[Interval | None], *, label: str) -> None:
    there = [(height, score) for height, score in zip(heights, scores, strict=True) if score is not None]
    means = np.array([100 * score.mean for _, score in there])
    spread = 100 * np.array([[score.mean - score.low, score.high - score.mean] for _, score in there]).T
    axes.barh([height for height, _ in there], means, height=BAR_HEIGHT, xerr=spread, label=label, capsize=1.5)


def _blank(height: float) -> "tuple[Figure, Axes]":
    from matplotlib.figure import Figure  # noqa: PLC0415  # not loaded where nothing is drawn

    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    axes = figure.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _written(figure: "Figure", path: Path) -> Path:
    from matplotlib import rc_context  # noqa: PLC0415  # not loaded where nothing is drawn

    # Without the date, and with the salt of its ids given, the same figure is the same file.
    with rc_context({"svg.hashsalt": "lamina"}):
        figure.savefig(path, format="svg", metadata={"Date": None})
    return path


def _metric(summary: Summary) -> str:
    return next(metric for metric in (*DRAWN, *summary.scores[ALL]) if metric in summary.scores[ALL])


def _counted(summary: Summary, category: str, metric: str) -> str:
    score = summary.scores[category].get(metric)
    return f"{category} ({score.n})" if score is not None else category
