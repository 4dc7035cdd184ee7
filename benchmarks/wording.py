"""What is lost where a question is worded otherwise, and where it is not English.

    .venv/bin/python benchmarks/wording.py --data ../shared/data/locomo_dev

Every question with evidence is asked as it stands and in each way of `rewording`, of the same memories with the default
settings; what throws dice, several times. Differences are paired, in points, with 95 % bootstrap intervals. The folder
lies outside of the repository; without it the languages alone are measured. These are one chat of 24 turns and the same
14 questions in English, German, French and Chinese, written by hand (`wording_data/`); beside the default two that read
words or vectors alone. `--recipe` names another one in the place of the default.
"""

import argparse
import statistics
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from publishing import tell
from rewording import BY_CHANCE, WAYS, reworded

from lamina.evaluate.adapter import Handle, system
from lamina.evaluate.bootstrap import Interval, interval, paired_difference
from lamina.evaluate.metrics import judge
from lamina.evaluate.schema import Question, judged, read_dataset

LANGUAGES = Path(__file__).parent / "wording_data"
#: What throws dice is asked so many times, and each question counts with the mean.
DRAWS = 3
DEPTH = 5
METRICS = ("recall@5", "all@5")
LANGUAGE_METRICS = ("recall@1", "recall@5")
#: With the default, what each of its halves finds alone.
LANGUAGE_RECIPES = ("bm25", "dense")
AS_IT_STANDS = "as it stands"
Values = dict[str, list[float]]


def wordings(question: str, way: str) -> list[str]:
    """Give a question in one way, as often as it is to be asked."""
    if way == AS_IT_STANDS:
        return [question]
    return [reworded(question, way, draw=draw) for draw in range(DRAWS if way in BY_CHANCE else 1)]


def values_of(handle: Handle, question: Question, texts: Sequence[str], metrics: Sequence[str]) -> dict[str, float]:
    """Give the mean metrics of a question over its wordings."""
    found = [judge(handle.query(text, DEPTH, ts=question.ts), question.gold) for text in texts]
    return {metric: statistics.fmean(values[metric] for values in found) for metric in metrics}


def told(values: Sequence[float], others: Sequence[float] | None = None) -> dict[str, Any]:
    """Give a mean in %, and with `others` how far it lies from theirs, in points."""
    mean = {"%": round(100 * interval(values).mean, 1)}
    return mean if others is None else {**mean, "difference": points(paired_difference(values, others))}


def points(found: Interval) -> list[float]:
    """Give a mean and the ends of its interval in hundredths."""
    return [round(100 * value, 1) for value in (found.mean, found.low, found.high)]


def share_changed(questions: Sequence[str], way: str) -> float:
    """Give how many of the words of all questions are not in their first wording of a way, in %."""
    kept = total = 0
    for question in questions:
        others = wordings(question, way)[0].split()
        kept += sum(word in others for word in question.split())
        total += len(question.split())
    return round(100 * (1 - kept / total), 1)


def in_other_words(folder: Path, recipe: str) -> dict[str, Any]:
    """Ask every question of a data set in each way, of memories that are built once."""
    ways = (AS_IT_STANDS, *WAYS)
    values: dict[str, Values] = {way: {metric: [] for metric in METRICS} for way in ways}
    questions: list[str] = []
    builder = system(recipe=recipe)
    for haystack in read_dataset(folder).haystacks:
        handle = builder.build([doc.row() for doc in haystack.docs])
        for question in judged(haystack, "turn"):
            questions.append(question.text)
            for way in ways:
                for metric, value in values_of(handle, question, wordings(question.text, way), METRICS).items():
                    values[way][metric].append(value)
        handle.close()
        print(f"{folder.name}: {len(questions)} questions asked", file=sys.stderr)
    return {
        "questions": len(questions),
        "draws": DRAWS,
        "ways": {
            way: {
                **({} if way == AS_IT_STANDS else {"words changed, %": share_changed(questions, way)}),
                **{
                    metric: told(found, None if way == AS_IT_STANDS else values[AS_IT_STANDS][metric])
                    for metric, found in of_way.items()
                },
            }
            for way, of_way in values.items()
        },
    }


def in_other_languages(recipes: Sequence[str]) -> dict[str, Any]:
    """Ask the questions of the hand-made chats in the language of each; differences are from the first language."""
    figures: dict[str, Any] = {}
    haystacks = read_dataset(LANGUAGES).haystacks
    for recipe in recipes:
        builder, first = system(recipe=recipe), None
        for haystack in haystacks:
            handle = builder.build([doc.row() for doc in haystack.docs])
            asked = judged(haystack, "turn")
            values: Values = {metric: [] for metric in LANGUAGE_METRICS}
            for question in asked:
                for metric, value in values_of(handle, question, [question.text], LANGUAGE_METRICS).items():
                    values[metric].append(value)
            handle.close()
            of_language = figures.setdefault(haystack.group, {"turns": len(haystack.docs), "questions": len(asked)})
            of_language[recipe] = {
                metric: told(found, first[metric] if first else None) for metric, found in values.items()
            }
            first = first or values
    return figures


def table(figures: Mapping[str, Any]) -> str:
    """Give the figures of all ways as a table."""
    lines = [f"{'':16}" + "".join(f"{metric:>10}{'difference':>22}" for metric in METRICS)]
    for way, of_way in figures["ways"].items():
        cells = []
        for metric in METRICS:
            mean, low, high = of_way[metric].get("difference", (0.0, 0.0, 0.0))
            apart = "" if way == AS_IT_STANDS else f"{mean:+.1f} [{low:+.1f}, {high:+.1f}]"
            cells.append(f"{of_way[metric]['%']:>10}{apart:>22}")
        lines.append(f"{way:16}" + "".join(cells))
    return "\n".join(lines)


def main(arguments: list[str]) -> dict[str, Any]:
    """Measure the wordings where the data are there, and the languages."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--recipe", default="default")
    asked = parser.parse_args(arguments)
    figures: dict[str, Any] = {}
    if asked.data is None or not asked.data.is_dir():
        print(f"wording: no development data at {asked.data}; the languages alone are measured", file=sys.stderr)
    else:
        figures[asked.data.resolve().name] = found = in_other_words(asked.data, asked.recipe)
        print(table(found), file=sys.stderr)
    figures["languages"] = in_other_languages((asked.recipe, *LANGUAGE_RECIPES))
    return figures


if __name__ == "__main__":
    tell("wording", main)
