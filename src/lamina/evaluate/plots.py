"""Plots, as SVG files: recipes by category, paired differences, what contexts hold by their budget, reliability.

The same figures give the same bytes. Needs matplotlib (the extra `bench`).
"""

from collections.abc import Mapping, Sequence
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
ROW_HEIGHT, BAR_HEIGHT, WIDTH, MARGIN, SQUARE = 0.3, 0.14, 8.0, 1.2, 5.0
#: Square points of the mark of a bin that holds everything.
LARGEST_MARK = 400.0
#: Stands before the budget in the name of a score.
PACKED = "packed@"
#: By what the budget of one line is drawn beside that of the next.
BESIDE = 1.03


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
        curves = {summary.recipe: packed_of(summary.scores[ALL]) for summary in of_one}
        if any(curves.values()):
            drawn[f"{dataset}-{level}-packed"] = _packed(curves, title=f"{dataset} [{level}]")
    compared = [summary for summary in summaries if summary.differences]
    if compared:
        drawn["differences"] = _differences(compared, run.plan.reference)
    return [_written(figure, folder / f"{name}.svg") for name, figure in drawn.items()]


def packed_of(scores: Mapping[str, Interval]) -> dict[int, Interval]:
    """Give what contexts hold by their budget, out of all scores of a recipe."""
    return {int(name.removeprefix(PACKED)): score for name, score in scores.items() if name.startswith(PACKED)}


def draw_reliability(diagrams: Mapping[str, Sequence[tuple[float, float, float]]], path: Path, *, title: str) -> Path:
    """Write a reliability diagram with a line a name: of each bin what was told, what was so, and its share of all.

    The larger a bin, the larger its mark. A folder that is not there is made.

    Raises:
        MissingExtra: matplotlib is not installed.
        OSError: the file cannot be written.
    """
    check_plots()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure, axes = _blank(SQUARE)
    axes.plot([0, 1], [0, 1], c="0.7", linewidth=1, zorder=0)
    for number, (name, bins) in enumerate(diagrams.items()):
        told, was_so, shares = np.array(bins).T
        axes.plot(told, was_so, c=f"C{number}", linewidth=1, label=name)
        axes.scatter(told, was_so, s=LARGEST_MARK * shares, c=f"C{number}")
    axes.set(xlim=(0, 1), ylim=(0, 1.02), xlabel="confidence", ylabel="share that could be answered", title=title)
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
    return _written(figure, path)


def draw_packed(curves: Mapping[str, Mapping[int, Interval]], path: Path, *, title: str) -> Path:
    """Write how many questions have their whole evidence in a context, by its budget in tokens, with a line a name.

    The figures, in %, stand beside the names; the bars are 95 % intervals. A folder that is not there is made.

    Raises:
        MissingExtra: matplotlib is not installed.
        OSError: the file cannot be written.
    """
    check_plots()
    path.parent.mkdir(parents=True, exist_ok=True)
    return _written(_packed(curves, title=title), path)


def _packed(curves: Mapping[str, Mapping[int, Interval]], *, title: str) -> "Figure":
    figure, axes = _blank(SQUARE)
    budgets = sorted({budget for curve in curves.values() for budget in curve})
    for number, (name, curve) in enumerate(curves.items()):
        spots = sorted(curve)
        means, lows, highs = (
            100 * np.array([getattr(curve[spot], side) for spot in spots]) for side in ("mean", "low", "high")
        )
        # Side by side, so that no line hides the bars of another.
        places = np.array(spots) * BESIDE ** (number - (len(curves) - 1) / 2)
        label = f"{name}: {' · '.join(f'{mean:.1f}' for mean in means)}"
        axes.errorbar(places, means, yerr=[means - lows, highs - means], c=f"C{number}", marker="o", ms=4, label=label)
    axes.set_xscale("log", base=2)
    axes.set_xticks(budgets, [f"{budget:,}" for budget in budgets])
    axes.set(xlabel="tokens of the context", ylabel="questions with their whole evidence in it, %", title=title)
    axes.legend(loc="lower right", frameon=False, fontsize="small")
    return figure


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
