"""The desk that reading works at: the parts of an open memory that it takes hold of."""

from dataclasses import dataclass

from lamina.core.protocols import Encoder, Store
from lamina.core.time import Clock
from lamina.flows.cutting import Rules
from lamina.flows.grants import Caller
from lamina.flows.indexes import Indexes
from lamina.flows.timing import Watch
from lamina.recipes.recipe import Recipe


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The parts that reading works with."""

    store: Store
    indexes: Indexes
    encoder: Encoder
    recipe: Recipe
    rules: Rules
    clock: Clock
    encode_at_read: int
    watch: Watch
    #: Whose reads a policy may ask to be noted.
    caller: Caller
