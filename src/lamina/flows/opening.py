"""Opening: the parts that the settings name, put together around one file."""

import os
from contextlib import ExitStack
from dataclasses import dataclass

from lamina.core.errors import InvalidArgument
from lamina.core.imports import ImportRules
from lamina.core.protocols import Encoder, Store
from lamina.core.scope import Scope
from lamina.core.token_encoder import gives_tokens
from lamina.encode.tokens import WithoutTokens
from lamina.flows.cutting import Rules
from lamina.flows.indexes import Indexes
from lamina.flows.making import Making
from lamina.providers.recorded import RECORDED, Recorded
from lamina.providers.registry import encoder_named
from lamina.providers.vector_cache import CachedEncoder
from lamina.recipes import recipe_named
from lamina.recipes.recipe import Recipe
from lamina.segment.surprise import Cutting
from lamina.settings import DEFAULT_ENCODER, Settings
from lamina.store.sqlite.keys import VARIABLE, Key, master_from, master_of_settings
from lamina.store.sqlite.store import open_store


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a memory works with."""

    store: Store
    encoder: Encoder
    recipe: Recipe
    indexes: Indexes
    rules: Rules


def open_parts(
    path: str | os.PathLike[str] | None, settings: Settings, *, encoder: Encoder | None, key: Key | None = None
) -> Parts:
    """Open the file at `path`, and pick the parts that the settings name; `encoder` and `key` replace theirs.

    Raises:
        InvalidArgument: a setting or path that cannot be used.
        UnknownEncoder: the settings name none that is installed.
        StoreError: the file cannot be opened.
        EncoderMismatch: the file's vectors come from another encoder.
    """
    # Before anything is opened.
    recipe_named(settings.recipe)
    is_recorded = encoder is None and settings.encoder == RECORDED
    named = None if is_recorded else encoder or encoder_named(settings.encoder)
    file = None if path is None or str(path) == ":memory:" else path
    if file is None and settings.read_only:
        raise InvalidArgument("path", "names no file, and the settings say read_only", "name the file to read")
    master = _master(file, settings, key)
    store: Store = open_store(file, read_only=settings.read_only, busy_timeout_s=settings.busy_timeout_s, key=master)
    with ExitStack() as undoing:
        undoing.callback(store.close)
        parts = fitted(store, _fitting(store, named), settings)
        undoing.pop_all()
    return parts


def fitted(store: Store, encoder: Encoder, settings: Settings) -> Parts:
    """Give the parts of a memory over an opened file whose vectors are those of `encoder`.

    Raises:
        InvalidArgument: no recipe goes by the name that the settings give.
    """
    recipe, fitting = recipe_named(settings.recipe), encoder
    if settings.vector_cache is not None:
        fitting = CachedEncoder(fitting, settings.vector_cache)
    if not recipe.late_share and gives_tokens(fitting):
        fitting = WithoutTokens(fitting)
    gap_us = round(settings.event_gap_s * 1_000_000)
    making = Making(
        encoder=fitting.identity,
        analyse=recipe.analyse,
        analyser=recipe.analyser,
        gap_us=gap_us,
        weigh=recipe.weigh_neighbours,
        mark=recipe.mark,
    )
    cutting = Cutting() if settings.events == "surprise" else None
    return Parts(
        store=store,
        encoder=fitting,
        recipe=recipe,
        indexes=Indexes(making, most_bytes=settings.index_bytes),
        rules=Rules(encoder=fitting.identity, gap_us=gap_us, cutting=cutting),
    )


def check_parts(
    *, settings: object = None, scope: object = None, encoder: object = None, clock: object = None, rules: object = None
) -> None:
    """Refuse parts that are none, before anything is opened."""
    for argument, part, kind, advice in (
        ("settings", settings, Settings, "give Settings(...)"),
        ("scope", scope, Scope, "give Scope(...)"),
        ("encoder", encoder, Encoder, "give an Encoder; one that has a name is asked for with Settings(encoder=name)"),
        ("rules", rules, ImportRules, "give ImportRules(...)"),
    ):
        if part is not None and not isinstance(part, kind):
            raise InvalidArgument(argument, f"is {type(part).__name__}", advice)
    if clock is not None and not callable(getattr(clock, "now", None)):
        raise InvalidArgument("clock", f"is {type(clock).__name__}", "give something that has now()")


def _master(file: object, settings: Settings, key: Key | None) -> bytes | None:
    """Give the key that a file is to be opened with; None = none.

    Raises:
        InvalidArgument: what is given is none, or is given twice; something else would keep in the clear what is said.
    """
    if file is None:
        if key is not None:
            raise InvalidArgument("key", "is given for a memory without a file", "leave it out: nothing is at rest")
        return None
    own = settings.key if key is None else None
    if own is not None and settings.key_file is not None:
        raise InvalidArgument(VARIABLE, f"and `{VARIABLE}_FILE` are both set", "set one of the two")
    key = settings.key_file if key is None else key
    if (key is not None or own is not None) and settings.vector_cache is not None:
        advice = "leave it out, or open a file without a key"
        raise InvalidArgument("vector_cache", "keeps vectors in the clear, and the file is encrypted", advice)
    if own is not None:
        return master_of_settings(own.get_secret_value())
    return None if key is None else master_from(key)


def _fitting(store: Store, encoder: Encoder | None) -> Encoder:
    """Give `encoder` when the file's vectors are its own; None = a stand-in for the one that made them.

    Raises:
        EncoderMismatch: they come from another encoder.
    """
    with store.read() as reading:
        kept = reading.encoder()
    if encoder is None:
        return Recorded(kept or encoder_named(DEFAULT_ENCODER).identity)
    encoder.identity.check_kept(kept)
    return encoder
