"""Keys of an encrypted file: the master key, which is kept elsewhere, and one a wall, wrapped by it.

A wall's key is 32 random bytes. What seals its words and what seals its names are derived from it by HKDF-SHA256. The
library `cryptography` does the work; only who has a key needs it.
"""

import base64
import binascii
import functools
import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import apsw

from lamina.core.errors import DamagedFile, InvalidArgument, MissingExtra, StoreUnavailable, WrongKey
from lamina.store.queries import load_statements

#: The path of a key file, or what gives the 32 bytes.
Key = str | os.PathLike[str] | Callable[[], bytes]
KEY_BYTES = 32
NONCE_BYTES = 12
INSTALL = "pip install 'lamina[crypto]'"
#: What the settings call a key in the environment.
VARIABLE = "LAMINA_KEY"
_ADVICE = "give the path of a file that `lamina key FILE` made, or a function that gives 32 bytes"
#: So much of a key file is read: a key and a line break.
_MOST_BYTES = 128
#: How a file is sealed, in `meta`: this, the mark of the master key, how often the keys changed.
SCHEME = "aes-gcm-siv-1"
_STATE = re.compile(r"\S+ [0-9a-f]{16} [0-9]{1,18}")
_SQL = load_statements("lamina.store.sqlite", "queries.sql")
#: Statements about keys, and the views of an encrypted file.
OWN = load_statements("lamina.store.sqlite", "sealed.sql")
#: Before a sealed text; what is sealed into bytes has none.
MARK = "~"
#: How many wall keys, and of each how many opened names, a process keeps at hand.
MOST_KEPT = 4096


def make_key_file(path: str | os.PathLike[str]) -> Path:
    """Write a new random key as 64 hexadecimal digits into a new file that only its owner reads, and give its path.

    Raises:
        InvalidArgument: something stands there already.
        StoreUnavailable: it cannot be written.
    """
    file = Path(path).expanduser()
    try:
        handle = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as stream:
            stream.write(secrets.token_hex(KEY_BYTES) + "\n")
            stream.flush()
            os.fsync(stream.fileno())
    except FileExistsError:
        raise InvalidArgument(
            "path", f"{str(file)!r} is there already", "name another; a key is never replaced"
        ) from None
    except OSError as error:
        raise StoreUnavailable(f"{file} cannot be written ({error.strerror or error})") from error
    return file


def master_from(key: object) -> bytes:
    """Give the 32 bytes of a master key, out of its file, or by asking a function for them.

    Raises:
        InvalidArgument: it is no key.
        StoreUnavailable: its file cannot be read.
    """
    if callable(key):
        return _checked(key(), "is a function that gives")
    if not isinstance(key, str | os.PathLike):
        raise InvalidArgument("key", f"is {type(key).__name__}", _ADVICE)
    try:
        with Path(os.fspath(key)).expanduser().open("rb") as stream:
            kept = stream.read(_MOST_BYTES)
    except (OSError, ValueError) as error:
        raise StoreUnavailable(f"the key file {os.fspath(key)} cannot be read ({error}); check its name") from error
    return _checked(kept if len(kept) == KEY_BYTES else kept.strip(), "is a file that holds")


def master_of_settings(digits: str) -> bytes:
    """Give the 32 bytes of a master key that stands in the settings.

    Raises:
        InvalidArgument: it is no key.
    """
    return _checked(digits.encode(), "holds", argument=VARIABLE, advice="set it to 64 hexadecimal digits")


def _checked(key: object, what: str, *, argument: str = "key", advice: str = _ADVICE) -> bytes:
    """Let 32 bytes pass, as they are or as 64 hexadecimal digits."""
    if isinstance(key, str):
        key = key.encode("ascii", "replace")
    if isinstance(key, bytes | bytearray) and len(key) == 2 * KEY_BYTES:
        try:
            key = binascii.unhexlify(key)
        except binascii.Error:
            raise InvalidArgument(argument, f"{what} 64 characters that are no hexadecimal digits", advice) from None
    if not isinstance(key, bytes | bytearray):
        raise InvalidArgument(argument, f"{what} {type(key).__name__}", advice)
    if len(key) != KEY_BYTES:
        raise InvalidArgument(argument, f"{what} {len(key)} bytes", advice)
    return bytes(key)


@dataclass(slots=True)
class WallKey:
    """The key of a wall, ready for use."""

    key_id: int
    #: AES-256-GCM for words, AES-256-SIV for names, and what masks checksums.
    words: Any
    names: Any
    masking: bytes
    #: Names that were opened, by how they stand in the file.
    opened: dict[tuple[str, bytes], bytes] = field(default_factory=dict)

    @classmethod
    def of(cls, key_id: int, secret: bytes) -> "WallKey":
        """Derive what a wall's key is used for."""
        aead = library()
        return cls(
            key_id, aead.AESGCM(_derived(secret, b"words")), aead.AESSIV(_derived(secret, b"names", 2 * KEY_BYTES)),
            _derived(secret, b"checksums"),
        )  # fmt: skip


class Keyring:
    """The master keys of one file that this process was given, and the wall keys that it has unwrapped with them."""

    def __init__(self, master: bytes) -> None:
        """Begin with the master key that the file was opened with.

        Raises:
            MissingExtra: `cryptography` is not installed.
        """
        library()
        self.mark = mark_of(master)
        self._masters = {self.mark: master}
        #: What the file said of its keys when the wall keys were unwrapped, and they by number.
        self._kept: tuple[str, dict[int, WallKey]] = ("", {})

    def keys_in(self, state: str) -> dict[int, WallKey]:
        """Give the wall keys that are at hand in a state of the file's keys, to be added to."""
        kept = self._kept
        if kept[0] != state or len(kept[1]) > MOST_KEPT:
            kept = self._kept = (state, {})
        return kept[1]

    def has(self, mark: str) -> bool:
        """Say whether a master key of that mark was given."""
        return mark in self._masters

    def take(self, master: bytes) -> str:
        """Take another master key, which the file is to get, and give its mark."""
        mark = mark_of(master)
        self._masters[mark] = master
        return mark

    def wrap(self, secret: bytes, mark: str, *, bound: bytes) -> bytes:
        """Wrap a wall's key for the wall and number that `bound` names."""
        nonce = os.urandom(NONCE_BYTES)
        sealed: bytes = library().AESGCM(self._masters[mark]).encrypt(nonce, secret, bound)
        return nonce + sealed

    def unwrap(self, held: bytes, mark: str, *, bound: bytes) -> bytes:
        """Give a wall's key back.

        Raises:
            DamagedFile: it is not as it was wrapped.
        """
        secret: bytes | None = opened(library().AESGCM(self._masters[mark]), held, bound)
        if secret is None:
            raise DamagedFile("the file holds the key of a wall that changed since it was stored; restore a backup")
        return secret


def unlock(connection: apsw.Connection, master: bytes | None, *, path: str, may_write: bool) -> Keyring | None:
    """Give the keys of a file that has its schema; None where it is not encrypted. A blank one becomes what is asked.

    Raises:
        WrongKey: it is encrypted and no key or another one is given, or it is not and one is.
        DamagedFile: it does not say how it is encrypted.
        MissingExtra: `cryptography` is not installed.
    """
    state = _checked_state(connection, master, path=path)
    if master is None:
        return None
    if state is None and may_write:
        connection.execute(_SQL["begin_write"])
        try:
            if sealing_of(connection) is None and is_blank(connection):
                note_sealing(connection, mark_of(master), turns=0)
            connection.execute(_SQL["commit"])
        finally:
            if connection.in_transaction:
                connection.execute(_SQL["rollback"])
        state = _checked_state(connection, master, path=path)
    if state is None:
        raise _not_encrypted(path)
    return Keyring(master)


def check_early(
    connection: apsw.Connection, master: bytes | None, *, newest: int, application_id: int, path: str
) -> None:
    """See, before a file of ours is brought to the `newest` format, that its key is right: a refusal writes nothing.

    Raises:
        WrongKey, DamagedFile, MissingExtra: as `unlock` says.
    """
    is_older = 0 < connection.pragma("user_version") < newest
    if is_older and connection.pragma("application_id") == application_id:
        _checked_state(connection, master, path=path)


def may_be_encrypted(connection: apsw.Connection, *, path: str) -> bool:
    """Say, in a transaction without keys, whether somebody else can still have the file encrypted: while it is blank.

    Raises:
        WrongKey: somebody did.
    """
    if sealing_of(connection) is not None:
        raise WrongKey(f"{path} was encrypted since it was opened; open it again with its key")
    return is_blank(connection)


def is_blank(connection: apsw.Connection) -> bool:
    """Say whether nobody ever wrote into a file, of whatever format; one whose pages are broken is not known to be."""
    for statement in ("is_blank_file", "is_blank_early_file"):
        try:
            return bool(connection.execute(OWN[statement]).fetchall()[0][0])
        except apsw.CorruptError:
            return False
        except apsw.SQLError:
            # A format that lacks the table.
            continue
    return False


def _checked_state(connection: apsw.Connection, master: bytes | None, *, path: str) -> str | None:
    """Give how a file is sealed whose key is right, None where it is not and may be; see `unlock` for errors."""
    state = sealing_of(connection)
    if state is None and _has_keys(connection):
        raise DamagedFile(f"{path} does not say how it is encrypted; restore it from a backup")
    if master is None:
        if state is not None:
            raise WrongKey(
                f"{path} is encrypted; give its key: Memory(path, key=…), LAMINA_KEY_FILE, or `lamina --key-file`"
            )
        return None
    mark = Keyring(master).mark
    if state is None:
        if not is_blank(connection):
            raise _not_encrypted(path)
        return None
    if state.split()[0] != SCHEME:
        raise WrongKey(f"{path} is encrypted in a way that this Lamina does not know ({state.split()[0]}); upgrade it")
    if mark_in(state) != mark:
        raise WrongKey(
            f"{path} is encrypted by another key (mark {mark_in(state)}) than the one given (mark {mark}); "
            "give the one that it was made or last rotated with"
        )
    return state


def _not_encrypted(path: str) -> WrongKey:
    return WrongKey(
        f"{path} is not encrypted, and a key is given; open it without one, or `export` it and `load` that into a "
        "new file with the key"
    )


def _has_keys(connection: apsw.Connection) -> bool:
    """Say whether a file holds keys of walls; where their pages are broken, `verify` is to be able to tell of that."""
    try:
        return bool(connection.execute(OWN["has_keys"]).fetchall()[0][0])
    except (apsw.CorruptError, apsw.SQLError):
        # Or an older format, without the table.
        return False


def sealing_of(connection: apsw.Connection) -> str | None:
    """Give how a file is sealed; None = not at all.

    Raises:
        DamagedFile: it says what none says.
    """
    rows: list[Any] = connection.execute(OWN["sealing"]).fetchall()
    if rows and _STATE.fullmatch(str(rows[0][0])) is None:
        raise DamagedFile("the file does not say how it is encrypted; restore it from a backup")
    return str(rows[0][0]) if rows else None


def note_sealing(connection: apsw.Connection, mark: str, *, turns: int) -> None:
    """Note the mark of the master key, and that the keys changed."""
    connection.execute(OWN["note_sealing"], {"value": f"{SCHEME} {mark} {turns}"})


def mark_in(state: str) -> str:
    """Give the mark of the master key in what a file says of its keys."""
    return state.split()[1] if state else ""


def turns_in(state: str) -> int:
    """Give how often keys changed."""
    return int(state.split()[2])


def opened(cipher: Any, held: bytes, bound: bytes) -> Any:
    """Give what nonce, ciphertext and tag hold, None where they are not as they were sealed."""
    try:
        return cipher.decrypt(held[:NONCE_BYTES], held[NONCE_BYTES:], bound)
    except (_invalid(), ValueError, TypeError):
        return None


def opened_name(cipher: Any, held: bytes, kind: bytes) -> bytes | None:
    """Give the name that is sealed, None where it is not as it was."""
    try:
        plain: bytes = cipher.decrypt(held, [kind])
    except (_invalid(), ValueError, TypeError):
        return None
    return plain[1:]


def text_of(sealed: bytes) -> str:
    """Give what is sealed as a column of texts takes it."""
    return MARK + base64.b64encode(sealed).decode()


def bytes_of(value: Any) -> bytes:
    """Give what is sealed as bytes; none where it is nothing sealed."""
    if isinstance(value, bytes):
        return value
    if not isinstance(value, str) or not value.startswith(MARK):
        return b""
    try:
        return base64.b64decode(value[1:], validate=True)
    except ValueError:
        return b""


def mark_of(master: bytes) -> str:
    """Give what a master key is known by: it confirms no guess at a random key."""
    return hmac.new(master, b"lamina master key", hashlib.sha256).hexdigest()[:16]


@functools.cache
def library() -> Any:
    """Give the ciphers of `cryptography`, which takes some hundredths of a second to load.

    Raises:
        MissingExtra: it is not installed.
    """
    try:
        return import_module("cryptography.hazmat.primitives.ciphers.aead")
    except ImportError as error:
        raise MissingExtra("crypto", install=INSTALL) from error


@functools.cache
def _invalid() -> type[Exception]:
    kind: type[Exception] = import_module("cryptography.exceptions").InvalidTag
    return kind


def _derived(secret: bytes, what: bytes, length: int = KEY_BYTES) -> bytes:
    """Derive bytes by HKDF-SHA256 (RFC 5869); the secret is random, so that there is nothing to extract."""
    made, block = b"", b""
    while len(made) < length:
        block = hmac.new(secret, block + b"lamina " + what + bytes([len(made) // 32 + 1]), hashlib.sha256).digest()
        made += block
    return made[:length]
