"""What a memory loses that holds chat and passages at once: the questions of each, asked of both together and alone.

    .venv/bin/python benchmarks/mixed.py ../shared/data [RECIPE …]

Each conversation of the development dialogues shares its memory with all passages of the two encyclopaedic sets. R@5
and all@5 in %, alone and together, with the paired difference and its 95 % interval; by the default unless recipes are
named.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from publishing import tell

from lamina.evaluate.adapter import Handle, system
from lamina.evaluate.bootstrap import interval
from lamina.evaluate.schema import Haystack, Question, judged, read_dataset

CHAT, PASSAGES = "locomo_dev", ("hotpotqa_train100", "musique_train100")
K = 5
Found = dict[str, list[tuple[float, float]]]


def asked(handle: Handle, questions: Sequence[Question]) -> list[tuple[float, float]]:
    """Give the recall of each question's evidence among the first five, and whether all of it is there."""
    found = []
    for question in questions:
        gold = set(question.gold)
        held = gold & set(handle.query(question.text, K, ts=question.ts))
        found.append((len(held) / len(gold), float(held == gold)))
    return found


def measured(chats: Sequence[Haystack], passages: Sequence[Haystack], recipe: str) -> dict[str, Any]:
    """Ask each conversation and each set of passages alone, and all questions of them together."""
    built = system(recipe=recipe)
    alone: Found = {}
    together: Found = {}

    def ask(into: Found, held: Sequence[Haystack], names: Sequence[str]) -> None:
        handle = built.build([doc.row() for haystack in held for doc in haystack.docs])
        for haystack, name in zip(held, names, strict=True):
            into.setdefault(name, []).extend(asked(handle, judged(haystack, "turn")))
        handle.close()

    for haystack, name in zip(passages, PASSAGES, strict=True):
        ask(alone, [haystack], [name])
    for haystack in chats:
        ask(alone, [haystack], [CHAT])
        ask(together, [haystack, *passages], [CHAT, *PASSAGES])
    return {name: _compared(alone[name], together[name]) for name in (CHAT, *PASSAGES)}


def _compared(alone: list[tuple[float, float]], together: list[tuple[float, float]]) -> dict[str, Any]:
    # Passages are asked beside each conversation.
    times = len(together) // len(alone)
    told: dict[str, Any] = {"questions": len(alone)}
    for place, name in enumerate(("recall@5", "all@5")):
        apart = [pair[place] for pair in alone] * times
        joined = [pair[place] for pair in together]
        change = interval([mine - theirs for mine, theirs in zip(joined, apart, strict=True)])
        told[name] = {
            "alone": round(100 * sum(apart) / len(apart), 1),
            "together": round(100 * sum(joined) / len(joined), 1),
            "difference": [round(100 * value, 1) for value in (change.mean, change.low, change.high)],
        }
    return told


def main(arguments: list[str]) -> dict[str, Any]:
    """Measure each recipe."""
    data, *recipes = arguments
    chats = read_dataset(Path(data) / CHAT).haystacks
    passages = [read_dataset(Path(data) / name).haystacks[0] for name in PASSAGES]
    return {recipe: measured(chats, passages, recipe) for recipe in recipes or ["default"]}


if __name__ == "__main__":
    tell("mixed", main)
