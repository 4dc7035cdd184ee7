"""Migrations: numbered, forward only, checksummed. All that a file lacks run in one transaction, or none.

A file says which it has had: `PRAGMA user_version` counts them, and `meta` keeps the checksum of each, so that a
file made by an edited migration is noticed. `PRAGMA application_id` says whose file it is.
"""

import functools
import hashlib
import importlib.resources
import re
from collections.abc import Sequence
from dataclasses import dataclass

import apsw

from lamina.core.errors import DamagedFile, ForeignFile, SchemaTooNew, StoreReadOnly
from lamina.core.ids import HASH_TAG
from lamina.store.queries import load_statements

_SQL = load_statements("lamina.store", "migrate.sql")
_FILE = re.compile(r"(\d{4})_(\w+)\.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One step of the schema."""

    number: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """A tagged hash of the statements."""
        return HASH_TAG + hashlib.blake2b(self.sql.encode(), digest_size=16).hexdigest()


@functools.cache
def load_migrations(package: str) -> tuple[Migration, ...]:
    """Give the migrations that stand in `package`, by number; read once in a process."""
    found = []
    for file in importlib.resources.files(package).joinpath("migrations").iterdir():
        match = _FILE.fullmatch(file.name)
        if match is not None:
            found.append(Migration(number=int(match[1]), name=match[2], sql=file.read_text("utf-8")))
    return tuple(sorted(found, key=lambda migration: migration.number))


def migrate(
    connection: apsw.Connection,
    migrations: Sequence[Migration],
    *,
    application_id: int,
    path: str,
    may_write: bool,
) -> None:
    """Bring the file to the newest schema, after checking whose it is and what it has had.

    Raises:
        ForeignFile: another program made it.
        SchemaTooNew: a newer Lamina wrote it.
        StoreReadOnly: it is of an older format and may not be written.
        DamagedFile: it was made by migrations that are not these.
    """
    newest = migrations[-1].number
    if _version(connection) < newest:
        if not may_write:
            raise StoreReadOnly(f"{path} has an older format than {newest}, and is read-only; open it once for writing")
        connection.execute(_SQL["begin"])
        try:
            _check_owner(connection, application_id=application_id, path=path)
            connection.pragma("application_id", application_id)
            # Asked again: another process may have brought it further while this one waited for the lock.
            for migration in migrations[_version(connection) :]:
                _apply(connection, migration)
            connection.execute(_SQL["commit"])
        finally:
            if connection.in_transaction:
                connection.execute(_SQL["rollback"])
    _check_owner(connection, application_id=application_id, path=path)
    _check_history(connection, migrations, path=path)


def check_format(version: int, newest: int, *, path: str) -> None:
    """Let a file pass whose format is not beyond the `newest` that is known.

    Raises:
        SchemaTooNew: a newer Lamina wrote it.
    """
    if version > newest:
        raise SchemaTooNew(
            f"{path} has format {version}, this Lamina reads up to {newest}; "
            "upgrade Lamina (pip install --upgrade lamina)"
        )


def _key(migration: Migration) -> str:
    return f"migration:{migration.number:04}"


def _version(connection: apsw.Connection) -> int:
    return int(connection.pragma("user_version"))


def _apply(connection: apsw.Connection, migration: Migration) -> None:
    connection.execute(migration.sql)
    connection.execute(_SQL["note"], {"key": _key(migration), "value": migration.checksum})
    connection.pragma("user_version", migration.number)


def _check_owner(connection: apsw.Connection, *, application_id: int, path: str) -> None:
    (parts,) = connection.execute(_SQL["parts"]).fetchall()[0]
    if parts and connection.pragma("application_id") != application_id:
        raise ForeignFile(f"{path} is an SQLite file of another program; name another file")
    if parts and not _version(connection):
        raise DamagedFile(f"{path} does not say which format it has; restore it from a backup")


def _check_history(connection: apsw.Connection, migrations: Sequence[Migration], *, path: str) -> None:
    check_format(_version(connection), migrations[-1].number, path=path)
    try:
        rows = connection.execute(_SQL["history"]).fetchall()
    except apsw.SQLError as error:
        raise DamagedFile(f"{path} lacks a part of every memory ({error}); restore it from a backup") from error
    kept = {str(key): value for key, value in rows}
    for migration in migrations:
        if kept.get(_key(migration)) != migration.checksum:
            raise DamagedFile(
                f"{path} was made by another migration {migration.number} than this Lamina has; "
                "open it with the Lamina that made it, or restore a backup"
            )
