"""Every error that Lamina raises, in one tree, by whose fault it is.

::

    LaminaError
    ├── CallerError
    │   ├── InvalidArgument
    │   ├── NotFound
    │   ├── InvalidTransition
    │   ├── CannotRevert
    │   ├── UnderLegalHold
    │   ├── NotGranted
    │   ├── UnknownEncoder
    │   ├── MissingExtra
    │   ├── MemoryClosed
    │   └── UsedAfterFork
    ├── StoreError
    │   ├── StoreBusy
    │   ├── StoreFull
    │   ├── StoreReadOnly
    │   ├── StoreUnavailable
    │   ├── ForeignFile
    │   ├── DamagedFile
    │   ├── SchemaTooNew
    │   ├── WrongKey
    │   ├── KeyDestroyed
    │   └── EncoderMismatch
    └── ProviderError
        ├── BrokenWeights
        └── BrokenEncoder

Rules: a message says what happened and what to do; a class also inherits the standard library's kind where there
is one, so that callers who know no Lamina can catch it.
"""

from collections.abc import Sequence

#: So much of a message is the caller's own input at most: its beginning and its end.
_MOST_BEGIN, _MOST_END = 300, 200


class LaminaError(Exception):
    """Anything that Lamina raises on purpose."""

    def __reduce__(self) -> tuple[object, ...]:
        """Let errors cross processes: message and fields are kept, the constructor is not asked again."""
        return _restored, (type(self), self.args, self.__dict__)


def _shortened(text: str) -> str:
    left_out = len(text) - _MOST_BEGIN - _MOST_END
    return text if left_out <= 0 else f"{text[:_MOST_BEGIN]} … ({left_out} characters) … {text[-_MOST_END:]}"


def _restored(kind: type[LaminaError], arguments: tuple[object, ...], fields: dict[str, object]) -> LaminaError:
    error = kind.__new__(kind)
    error.args = arguments
    error.__dict__.update(fields)
    return error


class CallerError(LaminaError):
    """The call cannot be carried out as it was made; the memory is as it was before."""


class InvalidArgument(CallerError, ValueError):
    """An argument is outside what the call takes."""

    def __init__(self, argument: str, problem: str, advice: str) -> None:
        """Name the `argument`, its `problem`, and what to do instead."""
        #: The name of the argument, as the caller wrote it.
        self.argument = argument
        #: What is wrong with it, and what to do instead; what is long is shortened.
        self.problem, self.advice = _shortened(problem), advice
        super().__init__(f"`{argument}` {self.problem}; {advice}")

    def within(self, whole: str) -> "InvalidArgument":
        """Give the same error as one of something larger, such as a line of a file."""
        return InvalidArgument(whole, f"cannot be kept: `{self.argument}` {self.problem}", self.advice)


class NotFound(CallerError, LookupError):
    """No such record, or what else is asked for by id, in this scope: unknown and foreign ids are answered alike."""

    def __init__(self, record_id: str, *, what: str = "record") -> None:
        """Name the id that was asked for, and what was looked for under it."""
        asked = _shortened(repr(record_id))
        super().__init__(f"no {what} {asked} in this scope; check the id, and the user, agent and run of the call")
        #: The id that was asked for.
        self.record_id = record_id


class InvalidTransition(CallerError):
    """A record cannot go from its state to the wanted one."""

    def __init__(self, now: str, wanted: str, allowed: tuple[str, ...]) -> None:
        """Name the state it is in, the one wanted, and those that can be reached."""
        reachable = ", ".join(allowed) or "none"
        moved = f"is {now} already" if now == wanted else f"cannot go from {now} to {wanted}; allowed: {reachable}"
        super().__init__(f"the record {moved}; nothing was changed")


class CannotRevert(CallerError):
    """An operation cannot be taken back: later ones stand on it, it is taken back already, or its words are erased."""

    def __init__(self, number: int, reason: str, blockers: Sequence[int] = ()) -> None:
        """Say why the operation of that number stays, and which later ones of its wall stand in the way."""
        self.number, self.blockers = number, tuple(blockers)
        super().__init__(f"operation {number} cannot be taken back: {reason}")


class UnderLegalHold(CallerError):
    """What a legal hold covers is neither erased nor forgotten while it stands."""

    def __init__(self, record_id: str, holds: Sequence[int], *, what: str = "record") -> None:
        """Name the record (or `what` else) that was to be destroyed, and the holds that cover it."""
        named = ", ".join(map(str, holds))
        super().__init__(
            f"{what} {record_id!r} is under legal hold {named}; nothing was erased; see holds(), and lift_hold() first"
        )
        #: The record, and the ids of the holds.
        self.record_id, self.holds = record_id, tuple(holds)


class NotGranted(CallerError, PermissionError):
    """The principal of the call has no right to do this there; whether anything is there is not said."""

    def __init__(self, right: str) -> None:
        """Name the right that is missing."""
        super().__init__(
            f"this needs the right to {right}, which the principal of the call does not have in that scope; "
            "an administrator of it can give_grant()"
        )
        #: The right that is missing.
        self.right = right


class UnknownEncoder(CallerError):
    """No encoder goes by that name."""


class MissingExtra(CallerError, ImportError):
    """A part was asked for whose packages are not installed."""

    def __init__(self, extra: str, *, install: str) -> None:
        """Name the extra and the command that installs it."""
        super().__init__(f"this needs the extra {extra!r}, which is not installed; run: {install}")
        #: The name of the extra.
        self.extra = extra


class MemoryClosed(CallerError):
    """The memory was closed."""

    def __init__(self) -> None:
        """Say how to go on."""
        super().__init__("this Memory is closed; open the file again with Memory(path)")


class UsedAfterFork(CallerError):
    """A Memory that was opened before a fork is used in the child."""

    def __init__(self) -> None:
        """Say how to go on."""
        super().__init__(
            "this Memory was opened before a fork; open the file again with Memory(path) in the child process"
        )


class StoreError(LaminaError):
    """The store could not do what was asked; what was acknowledged before is safe."""


class StoreBusy(StoreError, TimeoutError):
    """Another process kept the file locked for longer than the busy timeout."""


class StoreFull(StoreError, OSError):
    """The disk, a quota or a size limit left no room; the step that failed wrote nothing."""


class StoreReadOnly(StoreError, PermissionError):
    """The file was opened for reading only."""


class StoreUnavailable(StoreError, OSError):
    """The file cannot be opened, read or written."""


class ForeignFile(StoreError):
    """The file is not a Lamina memory."""


class DamagedFile(StoreError):
    """The file is a Lamina memory that is cut short or corrupt."""


class SchemaTooNew(StoreError):
    """The file was written by a newer Lamina."""


class WrongKey(StoreError, PermissionError):
    """The file is encrypted and its key is not given or another one; or it is not encrypted, and a key is given."""


class KeyDestroyed(StoreError):
    """The key of a wall was destroyed, and what it sealed is not erased yet; nobody reads it any more."""

    def __init__(self, tenant: str, user: str | None) -> None:
        """Name the wall, and how to end what was begun."""
        super().__init__(
            f"the key of {tenant}/{user or '(shared)'} was destroyed, and its words are gone for good; end what "
            "was begun by erase(all=True, destroy_key=True) there (`lamina erase FILE --all --destroy-key`)"
        )


class EncoderMismatch(StoreError):
    """The vectors in the file come from another encoder than the one named."""


class ProviderError(LaminaError):
    """A model or service failed."""


class BrokenWeights(ProviderError):
    """Model weights are missing, or are not the ones that were published."""


class BrokenEncoder(ProviderError):
    """An encoder gave what are no vectors of its width."""


#: How encoding fails where nothing is wrong with what was added: the file, a model, its server, or the memory for it.
ENCODING_FAILURES = (LaminaError, OSError, RuntimeError, ValueError, MemoryError)


def encoding_failed(error: Exception) -> str:
    """Say that all is stored and why encoding it failed; how to go on, whoever asks adds."""
    # What a store says of its own write is not true of what was stored before.
    problem = type(error).__name__ if isinstance(error, StoreError) else f"{type(error).__name__}: {error}"
    return f"all is stored, and encoding it failed ({problem})"
