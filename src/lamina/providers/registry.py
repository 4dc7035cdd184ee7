"""Encoders by name: the string in `Settings.encoder` becomes an `Encoder`.

A name is `family` or `family:model`. Families come from the entry-point group `lamina.encoders`; each is a callable
that takes the model's name (empty where none is given) and gives an `Encoder`. Lamina's own families are listed
here; nothing is imported before it is named.
"""

from importlib import import_module
from importlib.metadata import entry_points

from lamina.core.errors import UnknownEncoder
from lamina.core.protocols import Encoder

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
        UnknownEncoder: no family goes by that name.
        MissingExtra: the family's packages are not installed.
    """
    family, _, model = name.partition(":")
    address = BUILT_IN.get(family)
    if address is None:
        # Asked last: reading the entry points of everything that is installed takes tens of milliseconds.
        plugged = {point.name: point.value for point in entry_points(group=GROUP)}
        address = plugged.get(family)
    if address is None:
        known = ", ".join(sorted({*plugged, *BUILT_IN}))
        raise UnknownEncoder(
            f"no encoder is called {name!r}; known: {known}. A package adds one by an entry point in {GROUP!r}"
        )
    module, _, maker = address.partition(":")
    encoder: Encoder = getattr(import_module(module), maker)(model)
    return encoder
