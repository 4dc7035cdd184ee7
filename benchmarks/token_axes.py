"""Fits the axes on which MiniLM's token vectors are told: the 64 along which those of two novels differ most.

    .venv/bin/python benchmarks/token_axes.py --data ../shared/data/books

Writes `src/lamina/providers/minilm_axes.f2` (little-endian float16, shape (384, 64)) and prints its hash, which stands
in `minilm.py`. The novels are in the public domain (CC0). Token vectors of unit length, not centred; every third
paragraph is enough. What the axes bring on other texts is told in `LOG.md`.
"""

import argparse
import hashlib
import importlib.resources
import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lamina.providers.minilm import TOKEN_WIDTH, WEIGHTS_SHA256, WINDOW_TOKENS
from lamina.providers.minilm_model import build_tokenizer, run_of

EVERY = 3
LEAST_CHARACTERS = 20


def paragraphs(folder: Path) -> list[str]:
    """Give every third paragraph of the books, one line each."""
    found = []
    for book in sorted(folder.glob("*.txt")):
        parts = [" ".join(part.split()) for part in re.split(r"\n\s*\n", book.read_text("utf-8"))]
        found += [part for part in parts if len(part) > LEAST_CHARACTERS][::EVERY]
    return found


def main() -> None:
    """Fit, write, and tell the hash."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    run, tokenizer = run_of(None, sha256=WEIGHTS_SHA256), build_tokenizer()
    squares: NDArray[np.float64] = np.zeros((0, 0))
    for text in paragraphs(parser.parse_args().data):
        states = run(tokenizer.encode(text).ids[:WINDOW_TOKENS])[1:-1]
        states /= np.linalg.norm(states, axis=1, keepdims=True)
        squares = states.T.astype(np.float64) @ states + (squares if squares.size else 0)
    axes = np.linalg.eigh(squares)[1][:, ::-1][:, :TOKEN_WIDTH]
    # Of the two directions of an axis the one whose largest number is positive.
    axes *= np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(TOKEN_WIDTH)])
    held = axes.astype("<f2").tobytes()
    target = Path(str(importlib.resources.files("lamina.providers").joinpath("minilm_axes.f2")))
    target.write_bytes(held)
    print(f"{target}: {len(held)} bytes, SHA-256 {hashlib.sha256(held).hexdigest()}")


if __name__ == "__main__":
    main()
