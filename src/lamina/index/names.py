"""Names: small numbers for the names that rows carry."""


class Names:
    """Numbers for the names that rows carry; 0 stands for none. Names are only ever added."""

    def __init__(self) -> None:
        """Begin without a name."""
        self._numbers: dict[str | None, int] = {None: 0}

    def __len__(self) -> int:
        """Count the names, with the one that stands for none."""
        return len(self._numbers)

    def number(self, name: str | None) -> int:
        """Give the number of `name`, a new one where it has none yet."""
        return self._numbers.setdefault(name, len(self._numbers))

    def known(self, name: str | None) -> int:
        """Give the number of `name`, -1 where no row carries it."""
        return self._numbers.get(name, -1)

    def all(self) -> list[str]:
        """Give the names, by number from 1."""
        return [name for name in tuple(self._numbers) if name is not None]
