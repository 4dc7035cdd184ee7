"""Encoders are found by name: ours, those of extras, and those that other packages plug in."""

import sys
from types import ModuleType

import pytest

from lamina.core.errors import MissingExtra, UnknownEncoder
from lamina.providers import fastembed, sentence_transformers
from lamina.providers.minilm import MiniLM
from lamina.providers.registry import encoder_named
from lamina.testing.fakes import HashEncoder


@pytest.fixture
def plug(tmp_path, monkeypatch: pytest.MonkeyPatch):
    """Installs a package whose entry point `plugged` calls the given maker."""

    def install(make) -> None:
        plugin = ModuleType("a_plugged_encoder")
        plugin.make = make  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "a_plugged_encoder", plugin)
        info = tmp_path / "plugged-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: plugged\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text("[lamina.encoders]\nplugged = a_plugged_encoder:make\n")
        monkeypatch.syspath_prepend(tmp_path)

    return install


def test_minilm_is_built_in() -> None:
    assert isinstance(encoder_named("minilm"), MiniLM)


@pytest.mark.parametrize(
    ("name", "module", "library"),
    [
        ("fastembed:BAAI/bge-small-en-v1.5", fastembed, "TextEmbedding"),
        ("sentence-transformers:all-MiniLM-L6-v2", sentence_transformers, "SentenceTransformer"),
    ],
)
def test_a_missing_extra_is_named_with_the_command_that_installs_it(name, module, library, monkeypatch) -> None:
    monkeypatch.setattr(module, library, None)
    with pytest.raises(MissingExtra, match=rf"pip install 'lamina\[{name.partition(':')[0]}\]'"):
        encoder_named(name)


@pytest.mark.parametrize("name", ["telepathy", "telepathy:minilm", "", "MiniLM"])
def test_an_unknown_encoder_is_answered_with_the_known_ones_and_how_to_add_one(name) -> None:
    with pytest.raises(UnknownEncoder, match=r"known: fastembed, minilm, sentence-transformers.*'lamina\.encoders'"):
        encoder_named(name)


@pytest.mark.parametrize("name", ["fastembed", "fastembed:", "sentence-transformers", "minilm:large"])
def test_a_family_without_its_model_or_with_one_too_many_is_refused(name) -> None:
    with pytest.raises(UnknownEncoder, match=r"name"):
        encoder_named(name)


def test_a_package_adds_an_encoder_by_an_entry_point(plug) -> None:
    plug(lambda model: HashEncoder(width=int(model)))
    assert encoder_named("plugged:32").identity.width == 32
    with pytest.raises(UnknownEncoder, match="minilm, plugged"):
        encoder_named("unplugged")


def test_a_plug_that_is_no_encoder_is_sent_to_the_exam(plug) -> None:
    plug(lambda _: "not an encoder")
    with pytest.raises(UnknownEncoder, match=r"lamina\.testing\.encoders"):
        encoder_named("plugged")
