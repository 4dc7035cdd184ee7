"""Sealing: what stands in the columns of an encrypted file, and how one connection reads and writes it.

Words are sealed by AES-GCM under their wall's key, bound to their table, column and row, so that a value that was moved
is refused. Names that statements look up by (of sessions, agents, runs, imports, snapshots, external ids, digests) are
sealed by AES-SIV, which gives equal names of a wall equal ciphertexts. Both are undone here: words by functions in
views that stand in a connection's own schema before the tables of the same names, names in the rows that come out. A
file without a key has neither, and runs the same statements as if this module were not there.
"""

import functools
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from struct import Struct
from typing import Any

import apsw

from lamina.core.errors import DamagedFile, KeyDestroyed, WrongKey
from lamina.store.sqlite.asked import is_encodable
from lamina.store.sqlite.keys import (
    KEY_BYTES,
    MARK,
    MOST_KEPT,
    NONCE_BYTES,
    OWN,
    Keyring,
    WallKey,
    bytes_of,
    mark_in,
    note_sealing,
    opened,
    opened_name,
    sealing_of,
    text_of,
    turns_in,
)
from lamina.store.sqlite.sealed import GIVEN, SAID, TAKEN, TAKEN_AS_NAME, WORDS, opening_revisions, statements

_KEY_ID = Struct(">I")
_MASK = Struct("<i")
_VIEWS = ("view_content", "view_vector", "view_token_vector", "view_segment", "view_directive")
_ADVICE = "restore it from a backup"
#: The tenant of the file's own key.
_FILE = ("", None)
_BLIND: ContextVar[bool] = ContextVar("lamina_blind", default=False)


@contextmanager
def blind() -> Iterator[None]:
    """Let what a destroyed key sealed be read as nothing, and its names as they stand, so that it can be erased."""
    token = _BLIND.set(True)
    try:
        yield
    finally:
        _BLIND.reset(token)


class Seals:
    """What one connection seals and opens, under the keys of a file."""

    def __init__(self, connection: apsw.Connection, keyring: Keyring, path: str) -> None:
        """Lay the views over the connection; what sorts and scratches stays in memory, off the disk."""
        self._connection, self._keyring, self._path = connection, keyring, path
        self._state = ""
        self._keys: dict[int, WallKey] = {}
        #: Keys that this transaction made or found, by number and by wall.
        self._made: dict[int, WallKey] = {}
        self._of_wall: dict[object, WallKey] = {}
        #: The row of `content` that was opened last.
        self._said: tuple[bytes | None, dict[str, Any]] = (None, {})
        functions: tuple[tuple[str, Callable[..., Any]], ...] = (
            ("said", self._read_said),
            ("unsealed", self._read_words),
            ("derived", self._read_derived),
            ("unmasked", self._read_checksum),
            ("is_sealed", self._is_sealed),
            ("is_named", self._is_named),
            ("is_key", self._is_key),
        )
        for name, function in functions:
            connection.create_scalar_function(name, function)
        self._lay_views()

    def begin(self) -> None:
        """Look, within a transaction, whether the keys changed since the last one.

        Raises:
            WrongKey: the file has another master key now.
        """
        state = sealing_of(self._connection) or ""
        if not self._keyring.has(mark_in(state)):
            raise WrongKey(f"{self._path} was given another key since it was opened; open it again with that one")
        self._state, self._keys = state, self._keyring.keys_in(state)
        self._made, self._of_wall, self._said = {}, {}, (None, {})

    def run(self, statement: str, values: dict[str, Any]) -> apsw.Cursor:
        """Execute a statement by its name: what it takes is sealed, and the names that it gives are opened."""
        cursor = self._connection.execute(statements()[statement], self._bound(statement, values))
        kinds = GIVEN.get(statement)
        if statement == "field_values" and values["field"] == "external_id":
            kinds = {1: "external id"}
        if kinds is not None:
            cursor.row_trace = functools.partial(self._opened_row, kinds, self._walls_of(values))
        return cursor

    @contextmanager
    def laid_aside(self) -> Iterator[None]:
        """Let SQLite write the file anew, or a copy: on the disk, because it would take as much memory as the file."""
        self._connection.execute(OWN["aside"])
        try:
            yield
        finally:
            self._lay_views()

    def turn(self, mark: str) -> int:
        """Wrap every key by the master key of another mark, within a write transaction; gives how many."""
        rows: list[Any] = self._connection.execute(OWN["wrapped_keys"]).fetchall()
        for key_id, tenant, user, held in rows:
            bound = _bound_key(key_id, tenant, user)
            secret = self._keyring.unwrap(held, mark_in(self._state), bound=bound)
            named = {"key_id": key_id, "wrapped": self._keyring.wrap(secret, mark, bound=bound)}
            self._connection.execute(OWN["wrap_key"], named)
        note_sealing(self._connection, mark, turns=turns_in(self._state) + 1)
        return len(rows)

    def destroy(self, tenant: str, user: str | None) -> bool:
        """Destroy the keys of a wall within a write transaction; gives whether there was one."""
        self._connection.execute(OWN["destroy_keys"], {"tenant": tenant, "user": user})
        if not self._connection.changes():
            return False
        note_sealing(self._connection, mark_in(self._state), turns=turns_in(self._state) + 1)
        self.begin()
        return True

    def has_lost(self, tenant: str, user: str | None) -> bool:
        """Say whether the last key of a wall was destroyed."""
        row = self._row("key_of_name", tenant=tenant, user=user)
        return row is not None and row[3] is None

    def bereft_walls(self) -> list[tuple[str, str]]:
        """Give the walls whose key was destroyed and of which words are there still."""
        return [(tenant, user) for tenant, user in self._connection.execute(OWN["bereft_walls"])]

    def _lay_views(self) -> None:
        # What SQLite sorts on the disk would stand there in the clear. This drops the views, too.
        self._connection.execute(OWN["at_hand"])
        for name in _VIEWS:
            self._connection.execute(OWN[name])
        views: list[Any] = self._connection.execute(OWN["views"]).fetchall()
        for _, sql in views:
            temporary = sql.replace("CREATE VIEW", "CREATE TEMP VIEW", 1)
            self._connection.execute(opening_revisions(temporary, names=r" AS \1"))

    def _walls_of(self, values: dict[str, Any]) -> frozenset[int]:
        """Give the keys of the walls that a statement is about; none = of any."""
        if _BLIND.get():
            return frozenset()
        walls: list[int] = [values[name] for name in ("own", "shared", "wall_id") if values.get(name) is not None]
        return frozenset(key.key_id for key in (self._key_of(wall, makes=False) for wall in walls) if key is not None)

    def _bound(self, statement: str, values: dict[str, Any]) -> dict[str, Any]:
        """Seal what a statement takes."""
        kinds = {name: TAKEN[name] for name in TAKEN.keys() & values.keys()}
        if statement in TAKEN_AS_NAME:
            kinds["name"] = TAKEN_AS_NAME[statement]
        words = WORDS.get(statement, {})
        lists = values.keys() & {"external_ids", "openings"}
        if not (kinds or words or lists or statement == "add_content"):
            return values
        makes = statement.startswith(("add_", "put_", "rename_"))
        key = self._key_for(statement, values, makes=makes)
        # Where a wall has no key, nothing of it is in the file, and a name as it is finds nothing.
        bound = dict(values)
        if "shared" in values:
            shared = None if values["shared"] is None else self._key_of(values["shared"], makes=False)
            for name in ("agent", "run"):
                value = values.get(name)
                bound[f"shared_{name}"] = None if shared is None else self._named(shared, name, value)
        if key is None:
            return bound
        bound |= {name: self._named(key, kind, values[name]) for name, kind in kinds.items()}
        for name, (column, *row) in words.items():
            bound[name] = self._worded(key, column, [values[part] for part in row], values[name])
        if "checksum" in values and words:
            bound["checksum"] = values["checksum"] ^ _masked(key, bound["data"])
        if statement == "add_content":
            bound.update(self._whole(key, values))
        for name in lists:
            bound[name] = self._listed(key, name, values[name])
        return bound

    def _whole(self, key: WallKey, values: dict[str, Any]) -> dict[str, Any]:
        """Seal what is said as one, for a row whose number is known before."""
        number = int(self._row("next_content")[0])
        said = json.dumps([values["salt"].hex(), *(values[name] for name in SAID[1:])], ensure_ascii=False)
        sealed = self._worded(key, "content.text", [number], said.encode())
        return {"content_id": number, **dict.fromkeys(SAID[2:]), "salt": sealed, "text": ""}

    def _listed(self, key: WallKey, name: str, value: str) -> str:
        if name == "openings":
            return json.dumps([self._named(key, "digest", bytes.fromhex(each)).hex() for each in json.loads(value)])
        # Nothing is stored under what UTF-8 cannot hold.
        asked = [each for each in json.loads(value) if is_encodable(each)]
        return json.dumps([self._named(key, "external id", each) for each in asked])

    def _worded(self, key: WallKey, column: str, row: list[Any], value: Any) -> Any:
        """Seal words for their place; a text becomes a text."""
        if value is None:
            return None
        nonce = os.urandom(NONCE_BYTES)
        plain = value.encode() if isinstance(value, str) else bytes(value)
        sealed = _KEY_ID.pack(key.key_id) + nonce + key.words.encrypt(nonce, plain, _place(column, row))
        return text_of(sealed) if isinstance(value, str) else sealed

    def _named(self, key: WallKey, kind: str, value: Any) -> Any:
        """Seal a name: the same to the same."""
        if value is None or (_BLIND.get() and isinstance(value, str) and value.startswith(MARK)):
            return value
        plain = value.encode() if isinstance(value, str) else bytes(value)
        # SIV takes no empty text; and what is sealed says so of what kind it is.
        sealed = _KEY_ID.pack(key.key_id) + key.names.encrypt(b"." + plain, [kind.encode()])
        return text_of(sealed) if isinstance(value, str) else sealed

    def _opened_row(
        self, kinds: dict[int, str], walls: frozenset[int], _: apsw.Cursor, row: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        given = list(row)
        for place, kind in kinds.items():
            if given[place] is not None:
                given[place] = self._name_in(kind, given[place], walls)
        return tuple(given)

    def _name_in(self, kind: str, value: Any, walls: frozenset[int]) -> Any:
        """Open a name that stands in a row of one of these walls' keys; none = of any.

        Raises:
            DamagedFile: it is not as it was sealed, or it was moved.
            KeyDestroyed: the key of its wall was destroyed.
        """
        sealed = bytes_of(value)
        key = self._key_in(sealed)
        if key is None and self._is_lost(sealed):
            return value
        plain = None
        if key is not None and (not walls or key.key_id in walls):
            plain = key.opened.get((kind, sealed)) or self._name_opened(key, kind, sealed)
        if plain is None:
            raise DamagedFile(f"{self._path} holds a name of the kind {kind!r} that changed or was moved; {_ADVICE}")
        return plain.decode() if isinstance(value, str) else plain

    def _name_opened(self, key: WallKey, kind: str, sealed: bytes) -> bytes | None:
        plain = opened_name(key.names, sealed[_KEY_ID.size :], kind.encode())
        if plain is not None:
            if len(key.opened) > MOST_KEPT:
                key.opened.clear()
            key.opened[kind, sealed] = plain
        return plain

    def _words_in(self, column: str, row: tuple[Any, ...], value: Any) -> bytes | None:
        """Open words; None = they are not as they were sealed, or were moved.

        Raises:
            KeyDestroyed: the key of their wall was destroyed.
        """
        sealed = bytes_of(value)
        key = self._key_in(sealed)
        if key is None:
            return b"" if self._is_lost(sealed) else None
        plain: bytes | None = opened(key.words, sealed[_KEY_ID.size :], _place(column, row))
        return plain

    def _read_words(self, *arguments: Any) -> Any:
        """Open words that nothing can be put in the place of."""
        column, *row, value = arguments
        if value is None:
            return None
        plain = self._words_in(column, tuple(row), value)
        if plain is None:
            raise DamagedFile(f"{self._path} holds {column} of row {row} that changed or was moved; {_ADVICE}")
        return plain.decode() if isinstance(value, str) else plain

    def _read_said(self, *arguments: Any) -> Any:
        """Open a part of what is said."""
        part, content_id, sealed = arguments
        if sealed is None:
            return None
        if self._said[0] != sealed:
            plain = self._read_words("content.text", content_id, sealed)
            salt, *words = json.loads(plain) if plain else ("", "", None, None, None)
            self._said = (sealed, dict(zip(SAID, (bytes.fromhex(salt), *words), strict=True)))
        return self._said[1][part]

    def _read_derived(self, *arguments: Any) -> bytes | None:
        """Open what can be made anew: nothing where it is broken, which its own checks find."""
        column, *row, value = arguments
        return None if value is None else self._words_in(column, tuple(row), value) or b""

    def _read_checksum(self, *arguments: Any) -> int | None:
        """Give a checksum as it was before it was masked."""
        checksum, sealed = arguments
        key = self._key_in(bytes_of(sealed))
        masked: int | None = checksum if checksum is None or key is None else checksum ^ _masked(key, sealed)
        return masked

    def _is_sealed(self, *arguments: Any) -> bool:
        column, *row, value = arguments
        with blind():
            try:
                return value is None or self._words_in(column, tuple(row), value) is not None
            except DamagedFile:
                return False

    def _is_named(self, *arguments: Any) -> bool:
        kind, value = arguments
        with blind():
            try:
                return value is None or self._name_in(kind, value, frozenset()) is not None
            except DamagedFile:
                return False

    def _is_key(self, *arguments: Any) -> bool:
        row = self._row("key_of_number", key_id=arguments[0])
        try:
            return row[3] is None or self._unwrapped(*row) is not None
        except DamagedFile:
            return False

    def _key_for(self, statement: str, values: dict[str, Any], *, makes: bool) -> WallKey | None:
        if statement == "add_directive":
            return self._key_of(_FILE, makes=makes)
        wall_id = values.get("wall_id", values.get("own"))
        return None if wall_id is None else self._key_of(wall_id, makes=makes)

    def _key_of(self, wall: int | tuple[str, str | None], *, makes: bool) -> WallKey | None:
        """Give the key of a wall, by its number or its name; where it has none it is made, or None.

        Raises:
            KeyDestroyed: it was destroyed, and what it sealed is still there.
        """
        key = self._of_wall.get(wall)
        if key is not None:
            return key
        if isinstance(wall, int):
            row = self._row("key_of_wall", wall_id=wall)
        else:
            row = self._row("key_of_name", tenant=wall[0], user=wall[1])
        if row is not None and row[3] is not None:
            key = self._keys.get(row[0]) or self._unwrapped(*row)
        elif makes:
            tenant, user = self._row("wall_of_number", wall_id=wall) if isinstance(wall, int) else wall
            if row is not None and self._row("has_words", tenant=tenant, user=user)[0]:
                raise KeyDestroyed(tenant, user)
            key = self._new_key(tenant, user)
        if key is not None:
            self._of_wall[wall] = key
        return key

    def _key_in(self, sealed: bytes) -> WallKey | None:
        """Give the key by which something is sealed; None where it says none, or was destroyed and is read blindly.

        Raises:
            KeyDestroyed: it was destroyed.
        """
        if len(sealed) <= _KEY_ID.size:
            return None
        (key_id,) = _KEY_ID.unpack_from(sealed)
        key = self._made.get(key_id) or self._keys.get(key_id)
        if key is not None:
            return key
        row = self._row("key_of_number", key_id=key_id)
        if row is None:
            return None
        if row[3] is None:
            if _BLIND.get():
                return None
            raise KeyDestroyed(row[1], row[2])
        return self._unwrapped(*row)

    def _is_lost(self, sealed: bytes) -> bool:
        """Say whether the key by which something is sealed was destroyed."""
        if len(sealed) <= _KEY_ID.size:
            return False
        row = self._row("key_of_number", key_id=_KEY_ID.unpack_from(sealed)[0])
        return row is not None and row[3] is None

    def _unwrapped(self, key_id: int, tenant: str, user: str | None, held: bytes) -> WallKey:
        secret = self._keyring.unwrap(held, mark_in(self._state), bound=_bound_key(key_id, tenant, user))
        key = self._keys[key_id] = WallKey.of(key_id, secret)
        return key

    def _new_key(self, tenant: str, user: str | None) -> WallKey:
        key_id, secret = int(self._row("last_key")[0]) + 1, os.urandom(KEY_BYTES)
        held = self._keyring.wrap(secret, mark_in(self._state), bound=_bound_key(key_id, tenant, user))
        self._connection.execute(OWN["add_key"], {"key_id": key_id, "tenant": tenant, "user": user, "wrapped": held})
        key = self._made[key_id] = WallKey.of(key_id, secret)
        return key

    def _row(self, statement: str, /, **values: Any) -> Any:
        rows: list[Any] = self._connection.execute(OWN[statement], values).fetchall()
        return rows[0] if rows else None


def _bound_key(key_id: int, tenant: str, user: str | None) -> bytes:
    return json.dumps(["wall key", key_id, tenant, user]).encode()


def _place(column: str, row: list[Any] | tuple[Any, ...]) -> bytes:
    """Give what words are bound to: their column, and what names their row."""
    return "\x1f".join([column, *map(str, row)]).encode()


def _masked(key: WallKey, sealed: bytes) -> int:
    """Give what a checksum is masked with: else it would confirm a guess at what it is of."""
    nonce = sealed[_KEY_ID.size : _KEY_ID.size + NONCE_BYTES]
    mask: int = _MASK.unpack(hashlib.blake2b(nonce, key=key.masking, digest_size=_MASK.size).digest())[0]
    return mask
