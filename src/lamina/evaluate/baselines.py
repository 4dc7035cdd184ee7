"""A BM25 of its own, as an independent check on the engine's: other code, other words, the same shape of system.

Robertson & Zaragoza, *The Probabilistic Relevance Framework* (2009), with the idf that cannot be negative, over
lower-case words without stemming or stop words. Shares nothing with the engine.
"""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence

K1 = 1.2
B = 0.75
_WORD = re.compile(r"\w+")


class IndependentBm25:
    """A system in the adapter's shape that ranks with a BM25 of its own."""

    def build(self, docs: Sequence[Mapping[str, object]]) -> "IndependentRanking":
        """Take in the rows of one memory."""
        return IndependentRanking(docs)


class IndependentRanking:
    """One memory's rows, each as its speaker and words."""

    def __init__(self, docs: Sequence[Mapping[str, object]]) -> None:
        """Count the words of each row."""
        self._ids = [str(doc["id"]) for doc in docs]
        self._counts = [Counter(_words(f"{doc.get('speaker') or ''} {doc['text']}")) for doc in docs]
        self._lengths = [sum(count.values()) for count in self._counts]
        self._holders = Counter(word for count in self._counts for word in count)

    def scores(self, text: str) -> list[float]:
        """Give the BM25 score of each row for the question `text`, in their order."""
        mean = sum(self._lengths) / len(self._lengths) if self._lengths else 0.0
        scores = [0.0] * len(self._ids)
        for word in sorted(set(_words(text))):
            holders = self._holders[word]
            idf = math.log(1 + (len(self._ids) - holders + 0.5) / (holders + 0.5))
            for place, count in enumerate(self._counts):
                if count[word]:
                    norm = K1 * (1 - B + B * self._lengths[place] / mean)
                    scores[place] += idf * count[word] * (K1 + 1) / (count[word] + norm)
        return scores

    def query(self, text: str, k: int) -> list[str]:
        """Give the ids of the best `k` rows, best first, ties in their order."""
        scores = self.scores(text)
        best = sorted(range(len(scores)), key=lambda place: -scores[place])
        return [self._ids[place] for place in best[:k]]

    def close(self) -> None:
        """Let nothing go: nothing is held."""


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())
