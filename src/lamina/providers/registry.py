"""Encoders by name: the string in `Settings.encoder` becomes an `Encoder`.

A name is `family` or `family:model`. Families come from the entry-point group `lamina.encoders`; each is a callable
that takes the model's name (empty where none is given) and gives an `Encoder`. Lamina's own families are listed
here; nothing is imported before it is named.
"""

from collections.abc import Callable
from importlib import import_module
from importlib.metadata import entry_points

from lamina.core.errors import UnknownEncoder
from lamina.core.protocols import Encoder
from lamina.providers.process import silence

GROUP = "lamina.encoders"
#: Family -> where its maker stands.
BUILT_IN = {
    "minilm": "lamina.providers.minilm:make",
    "fastembed": "lamina.providers.fastembed:make",
    "sentence-transformers": "lamina.providers.sentence_transformers:make",
}


def encoder_named(name: str) -> Encoder:
    """Give the encoder that goes by `name`, such as `minilm` or `fastembed:BAAI/bge-small-en-v1.5`.

    Raises:
        UnknownEncoder: no family goes by that name, or what it gives is no `Encoder`.
        MissingExtra: the family's packages are not installed.
    """
    silence()
    family, _, model = name.partition(":")
    encoder = _maker(family)(model)
    if not isinstance(encoder, Encoder):
        raise UnknownEncoder(
            f"{name!r} gives a {type(encoder).__name__}, which is no Encoder; let it sit the exam in "
            "`lamina.testing.encoders`"
        )
    return encoder


def _maker(family: str) -> Callable[[str], object]:
    if family in BUILT_IN:
        module, _, maker = BUILT_IN[family].partition(":")
        made: Callable[[str], object] = getattr(import_module(module), maker)
        return made
    # Asked last: reading the entry points of everything that is installed takes tens of milliseconds.
    plugged = {point.name: point for point in entry_points(group=GROUP)}
    if family not in plugged:
        known = ", ".join(sorted({*plugged, *BUILT_IN}))
        raise UnknownEncoder(
            f"no encoder is called {family!r}; known: {known}. A package adds one by an entry point in {GROUP!r}"
        )
    loaded: Callable[[str], object] = plugged[family].load()
    return loaded
