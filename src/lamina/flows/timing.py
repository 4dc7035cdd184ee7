"""Timing: where the time of a memory goes, summed by stage. Stages follow one another; nothing is timed twice."""

import threading
import time
from types import TracebackType
from typing import Self

from lamina.core.reports import Timing


class Watch:
    """Sums up how often each stage ran and how long it took; safe for many threads."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._lock = threading.Lock()
        self._sums: dict[str, tuple[int, float, float]] = {}

    def stage(self, name: str) -> "Stage":
        """Give what times one run of a stage, as a context manager."""
        return Stage(self, name)

    def add(self, name: str, seconds: float) -> None:
        """Count one run of a stage."""
        with self._lock:
            count, total, longest = self._sums.get(name, (0, 0.0, 0.0))
            self._sums[name] = (count + 1, total + seconds, max(longest, seconds))

    def sums(self) -> dict[str, Timing]:
        """Give the sums by stage, in the order in which stages first ran."""
        with self._lock:
            return {
                name: Timing(runs=count, total_s=total, longest_s=longest)
                for name, (count, total, longest) in self._sums.items()
            }


class Stage:
    """One run of a stage; `seconds` is known when it has ended."""

    __slots__ = ("_began", "_name", "_watch", "seconds")

    def __init__(self, watch: Watch, name: str) -> None:
        """Time a stage of that name for `watch`."""
        self._watch, self._name = watch, name
        self.seconds = 0.0

    def __enter__(self) -> Self:
        """Begin."""
        self._began = time.perf_counter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End, and count it, errors too."""
        self.seconds = time.perf_counter() - self._began
        self._watch.add(self._name, self.seconds)
