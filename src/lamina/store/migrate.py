"""Migrations: numbered, forward only, checksummed. Each runs whole or not at all.

A file says which it has had: `PRAGMA user_version` counts them, and `meta` keeps the checksum of each, so that a
file made by an edited migration is noticed.
"""

import hashlib
import importlib.resources
import re
from dataclasses import dataclass

import apsw

from lamina.core.errors import DamagedFile, SchemaTooNew
from lamina.core.ids import HASH_TAG

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


def load_migrations(package: str) -> list[Migration]:
    """Give the migrations that stand in `package`, by number."""
    found = []
    for file in importlib.resources.files(package).joinpath("migrations").iterdir():
        match = _FILE.fullmatch(file.name)
        if match is not None:
            found.append(Migration(number=int(match[1]), name=match[2], sql=file.read_text("utf-8")))
    return sorted(found, key=lambda migration: migration.number)


def migrate(connection: apsw.Connection, migrations: list[Migration], *, path: str, may_write: bool) -> None:
    """Bring the file to the newest schema, after checking what it has had.

    Raises:
        SchemaTooNew: a newer Lamina wrote it; or it is older and may not be written.
        DamagedFile: it was made by migrations that are not these.
    """
    had = _version(connection)
    newest = migrations[-1].number
    if had > newest:
        raise SchemaTooNew(
            f"{path} has format {had}, this Lamina reads up to {newest}; upgrade Lamina (pip install --upgrade lamina)"
        )
    if had < newest:
        if not may_write:
            raise SchemaTooNew(f"{path} has format {had} and must be brought to {newest}; open it once for writing")
        connection.execute("BEGIN IMMEDIATE")
        try:
            for migration in migrations[_version(connection) :]:
                _apply(connection, migration)
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
    _check(connection, migrations, path=path)


def _version(connection: apsw.Connection) -> int:
    return int(connection.pragma("user_version"))


def _apply(connection: apsw.Connection, migration: Migration) -> None:
    connection.execute(migration.sql)
    connection.execute(
        "INSERT INTO meta (key, value) VALUES (:key, :value)",
        {"key": f"migration:{migration.number:04}", "value": migration.checksum},
    )
    connection.pragma("user_version", migration.number)


def _check(connection: apsw.Connection, migrations: list[Migration], *, path: str) -> None:
    rows = connection.execute("SELECT key, value FROM meta WHERE key LIKE 'migration:%'").fetchall()
    kept = {str(key): value for key, value in rows}
    for migration in migrations:
        if kept.get(f"migration:{migration.number:04}") != migration.checksum:
            raise DamagedFile(
                f"{path} was made by another migration {migration.number} than this Lamina has; "
                "open it with the Lamina that made it, or restore a backup"
            )
