"""Metrics: what a ranking or a packed context is worth against the evidence. Pure; each gives 0 to 1.

Rankings are ids, best first; an id that occurs twice counts at its first place.
"""

import math
import re
from collections.abc import Sequence

#: Depths at which rankings are judged.
DEPTHS = (1, 2, 5, 10, 20)
NDCG_DEPTH = 10
#: Words and marks: what `packed` counts as tokens, whatever the memory counts.
TOKEN = re.compile(r"\w+|[^\w\s]")


def recall_at(ranked: Sequence[str], gold: Sequence[str], k: int) -> float:
    """Give the share of the evidence among the first `k`."""
    return _found(ranked, gold, k) / len(set(gold))


def hit_at(ranked: Sequence[str], gold: Sequence[str], k: int) -> float:
    """Give 1 where any evidence is among the first `k`."""
    return float(_found(ranked, gold, k) > 0)


def all_at(ranked: Sequence[str], gold: Sequence[str], k: int) -> float:
    """Give 1 where all evidence is among the first `k`."""
    return float(_found(ranked, gold, k) == len(set(gold)))


def reciprocal_rank(ranked: Sequence[str], gold: Sequence[str]) -> float:
    """Give 1 / the place of the first evidence; 0 where there is none."""
    wanted = set(gold)
    return next((1 / place for place, name in enumerate(_once(ranked), start=1) if name in wanted), 0.0)


def ndcg_at(ranked: Sequence[str], gold: Sequence[str], k: int = NDCG_DEPTH) -> float:
    """Give the normalised discounted cumulative gain with gains of 0 and 1 (Järvelin & Kekäläinen, 2002)."""
    wanted = set(gold)
    gained = sum(_discount(place) for place, name in enumerate(_once(ranked)[:k]) if name in wanted)
    return gained / sum(_discount(place) for place in range(min(k, len(wanted))))


def freshness(ranked: Sequence[str], gold: Sequence[str], stale: Sequence[str]) -> float:
    """Give 1 where current evidence is ranked, and before every outdated version of it."""
    places = {name: place for place, name in reversed(list(enumerate(ranked)))}
    first = min((places[name] for name in gold if name in places), default=None)
    return float(first is not None and all(places.get(name, math.inf) > first for name in stale))


def packed_at(text: str, evidence: Sequence[str], budget_tokens: int) -> float:
    """Give 1 where all evidence stands, word for word, in the first `budget_tokens` words and marks of `text`."""
    shown = " ".join(TOKEN.findall(text)[:budget_tokens]).lower()
    return float(all(" ".join(TOKEN.findall(words)).lower() in shown for words in evidence))


def judge(ranked: Sequence[str], gold: Sequence[str], stale: Sequence[str] = ()) -> dict[str, float]:
    """Give every metric of a ranking by name; `fresh` only where there are outdated versions."""
    values: dict[str, float] = {}
    for k in DEPTHS:
        values[f"recall@{k}"] = recall_at(ranked, gold, k)
        values[f"hit@{k}"] = hit_at(ranked, gold, k)
        values[f"all@{k}"] = all_at(ranked, gold, k)
    values["mrr"] = reciprocal_rank(ranked, gold)
    values[f"ndcg@{NDCG_DEPTH}"] = ndcg_at(ranked, gold)
    if stale:
        values["fresh"] = freshness(ranked, gold, stale)
    return values


def _once(ranked: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(ranked))


def _found(ranked: Sequence[str], gold: Sequence[str], k: int) -> int:
    return len(set(_once(ranked)[:k]) & set(gold))


def _discount(place: int) -> float:
    return 1 / math.log2(place + 2)
