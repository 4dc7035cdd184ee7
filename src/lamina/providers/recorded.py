"""The encoder that a file names, by its identity alone: enough to look at records, and for upkeep."""

from collections.abc import Sequence

from lamina.core.errors import UnknownEncoder
from lamina.core.protocols import EncoderId

#: Names it in the settings.
RECORDED = "recorded"


class Recorded:
    """Stands in for the encoder whose vectors a file holds, without its packages; encodes nothing."""

    def __init__(self, identity: EncoderId) -> None:
        """Stand in for the encoder of that identity."""
        self._identity = identity

    @property
    def identity(self) -> EncoderId:
        """Name, model and width, as the file has them."""
        return self._identity

    def encode(self, texts: Sequence[str]) -> memoryview:
        """Refuse.

        Raises:
            UnknownEncoder: always, with what to do.
        """
        raise self._refusal(f"encode {len(texts)} texts")

    def spans(self, text: str, *, reserved_tokens: int = 0) -> list[tuple[int, int]]:
        """Refuse, as `encode` does."""
        raise self._refusal(f"cut {len(text)} characters into spans beside {reserved_tokens} tokens")

    def count_tokens(self, text: str) -> int:
        """Refuse, as `encode` does."""
        raise self._refusal(f"count the tokens of {len(text)} characters")

    def _refusal(self, wish: str) -> UnknownEncoder:
        return UnknownEncoder(
            f"this memory was opened to be looked at, and cannot {wish}; open it with "
            f"Settings(encoder={self._identity.name!r})"
        )
