"""A search of a real conversation beside bm25s, which ranks by the same words and nothing else.

    .venv/bin/python -m pip install bm25s
    .venv/bin/python benchmarks/lexical.py ../shared/data/locomo_dev

Both have the same texts, the same analyser and the same questions, in turns; both analyse the question, and give the
ten best. Lamina's search also compares vectors, which are there beforehand, and gives records out of the file; by the
default it looks at the best rows twice and follows links, by the recipe `first-look` it does not.
"""

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bm25s
from publishing import tell

from lamina import Memory, Settings
from lamina.evaluate.adapter import TIMEZONE, USER, messages_of
from lamina.evaluate.plan import Plan, cache_of
from lamina.evaluate.schema import judged, read_dataset
from lamina.recall.spelling import marked
from lamina.recipes import recipe_named

ROUNDS = 3
DEPTH = 10


class Known:
    """An encoder whose questions are encoded already."""

    def __init__(self, encoder: Any, questions: list[str]) -> None:
        """Encode the questions."""
        self._encoder = encoder
        self._known = {text: self.encode_tokens([text]) for text in {*questions, *map(marked, questions)}}

    def __getattr__(self, name: str) -> Any:
        """Be the encoder otherwise."""
        return getattr(self._encoder, name)

    @property
    def token_identity(self) -> Any:
        """Those of the encoder."""
        return getattr(self._encoder, "token_identity", None)

    def encode(self, texts: list[str]) -> Any:
        """Give the vector of a known question, else encode."""
        return self._known[texts[0]][0] if len(texts) == 1 and texts[0] in self._known else self._encoder.encode(texts)

    def encode_tokens(self, texts: list[str]) -> Any:
        """Give that with the token vectors, where there are any."""
        if texts[0] in self.__dict__.get("_known", {}):
            return self._known[texts[0]]
        return self._encoder.encode_tokens(texts) if self.token_identity else (self._encoder.encode(texts), [])


def timed_ms(ask: Callable[..., Any], *what: Any, **options: Any) -> float:
    """Give the milliseconds of one call."""
    clock = time.perf_counter()
    ask(*what, **options)
    return 1000 * (time.perf_counter() - clock)


def ranked_words(words: bm25s.BM25, analyse: Callable[[str], list[str]], question: str) -> Any:
    """Give what bm25s ranks best."""
    return words.retrieve([analyse(question)], k=DEPTH, show_progress=False)


def compared(folder: Path, recipe: str) -> dict[str, Any]:
    """Ask every question of a set by one recipe."""
    analyse = recipe_named(recipe).analyse
    settings = Settings(vector_cache=cache_of(Plan(folders=(folder,))), recipe=recipe)
    lamina_ms, bm25s_ms, sizes = [], [], []
    for held in read_dataset(folder).haystacks:
        asked = [question.text for question in judged(held, "turn")]
        messages = messages_of([doc.row() for doc in held.docs])
        texts = [f"{message.get('name') or message.get('role')}: {message['content']}" for message in messages]
        words = bm25s.BM25()
        words.index([analyse(text) for text in texts], show_progress=False)
        with Memory(settings=settings) as memory:
            memory.add(messages, user_id=USER, at="unknown", timezone=TIMEZONE)
            memory.flush(user_id=USER)
            memory._encoder = Known(memory._encoder, asked)
            memory.search(asked[0], user_id=USER)
            sizes.append(len(texts))
            for question in asked * ROUNDS:
                lamina_ms.append(timed_ms(memory.search, question, limit=DEPTH, user_id=USER))
                bm25s_ms.append(timed_ms(ranked_words, words, analyse, question))
    medians = {"lamina_p50_ms": statistics.median(lamina_ms), "bm25s_p50_ms": statistics.median(bm25s_ms)}
    return {
        "conversations": len(sizes),
        "turns": [min(sizes), max(sizes)],
        "questions": len(lamina_ms) // ROUNDS,
        **{name: round(value, 3) for name, value in medians.items()},
        "ratio": round(medians["lamina_p50_ms"] / medians["bm25s_p50_ms"], 2),
    }


def main(arguments: list[str]) -> dict[str, Any]:
    """Ask by each recipe."""
    told = {recipe: compared(Path(arguments[0]), recipe) for recipe in ("default", "first-look")}
    return {"bm25s": bm25s.__version__, **told}


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    tell("lexical", main)
