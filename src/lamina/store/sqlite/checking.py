"""Checking a file: what only the store can see. Hashes and provenance are checked by whoever reads the log."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from lamina.core.rows import LACKING, Finding
from lamina.store.migrate import Migration, migrate
from lamina.store.sqlite.checksum import teach
from lamina.store.sqlite.pool import Connection
from lamina.store.sqlite.reading import SQL
from lamina.store.sqlite.sealing import Seals

#: Name of a statement that gives what is wrong -> (check, what it is about, what is wrong with it).
_FAULTS = {
    "check_commits": (
        "sequence",
        "commit {0}",
        "has no operation, another time than its operations, or a wrong number",
    ),
    "check_ends": ("vectors", "{0}/{1}", "does not know its last vector, or how many texts wait for one"),
    "check_rules": ("events", "{0}/{1}", "does not know by which rules its events are cut, or which index is of use"),
    "check_arrivals": ("sequence", "{0}", "did not arrive with the operation that made its first revision"),
    "check_register": ("register", "{0}.{1}", "is not in the register of content"),
    "check_contents": ("references", "content {0}", "belongs to no revision of its wall, or to an erased one"),
    "check_erased": ("references", "{0} revision {1}", "is erased and has content, or the other way round"),
    "check_reverts": ("lifecycle", "operation {0}", "takes back what is no earlier operation on its record"),
    "check_erasures": ("erasure", "commit {0}", "erased something and is not known to have done so"),
    "check_snapshots": ("snapshot", "{0} operation {1}", "is named by a snapshot that is not as it was stored"),
    "check_trail": ("audit", "audit entry {0}", "was the last of the trail, and is not there any more"),
    "check_active": ("lifecycle", "{0}", "has more than one active revision"),
    "check_events": ("references", "{0}", "lies in what is no event of its wall"),
    "check_scores": ("scores", "{0}", "has scores that nothing in the log gave it"),
    "check_parents": ("provenance", "{0}", "comes from {1}, which is not in its wall"),
    "check_ordinals": ("provenance", "{0} revision {1}", "has sources that are not numbered from 0 on"),
    "check_places": ("references", "{0}", "lies in a session of another wall"),
    "check_waiting": ("vectors", "{0}", "is marked as waiting wrongly"),
    "check_pieces": ("imports", "import {0} of {1}", "has a piece {2} that does not follow, or that nothing stored"),
    "check_imports": (
        "imports",
        "{0}/{1}",
        "does not know what it imported as that was stored, and may take it in twice; restore the file from a backup",
    ),
    "check_encoders": ("vectors", "encoder {0}", "is not as it was stored"),
    "check_vectors": (
        "vectors",
        "{0} vector {1}",
        "is not as it was stored, or has a wrong width, wall or span, or is no unit vector",
    ),
    "check_spans": ("vectors", "{0}", "has words that no vector stands for, though others have one"),
    "check_tokens": (
        "vectors",
        "{0} token vectors of operation {1}",
        "are not as they were stored, or are no whole ones, or have no vector beside them",
    ),
    "check_untold": (LACKING, "{0}/{1}", "has {2} of {3} texts without token vectors, which the others have"),
}
#: How SQLite tells of a derived row in which something is missing or of another kind, and what it is a part of: it is
#: made anew from the records.
_HOLLOW = re.compile(r"\S+ value in (segment|vector|token_vector)\.")
_DERIVED = {
    "segment": ("index", "what is kept of one"),
    "vector": ("vectors", "a vector"),
    "token_vector": ("vectors", "the token vectors of a text"),
}


def findings(connection: Connection, migrations: Sequence[Migration], *, application_id: int) -> Iterator[Finding]:
    """Give everything that is wrong with the file that `connection` has open, which `migrations` made."""
    every = [str(problem) for (problem,) in _rows(connection, "check_integrity") if problem != "ok"]
    hollow = [(problem, found[1]) for problem in every if (found := _HOLLOW.match(problem))]
    problems = [problem for problem in every if not _HOLLOW.match(problem)]
    if problems:
        # What the other checks would say of broken pages means nothing.
        yield from (Finding(check="integrity", where="file", problem=problem) for problem in problems)
        return
    for problem, table in hollow:
        check, where = _DERIVED[table]
        yield Finding(check=check, where=where, problem=problem)
    if connection.seals is not None and (unreadable := list(_seals(connection, connection.seals))):
        yield from unreadable
        return
    for table, _, parent, _ in _rows(connection, "check_references"):
        yield Finding(check="references", where=str(table), problem=f"points at a {parent} that is not there")
    yield from _schema(connection, migrations, application_id=application_id) or _partial(connection)
    for tenant, user, *ends, count in _rows(connection, "check_walls"):
        if ends[:3] != ends[3:] or count != ends[0]:
            problem = "the wall's number, time or chain is not its log's last, or numbers are missing"
            yield Finding(check="sequence", where=f"{tenant}/{user or '(shared)'}", problem=problem)
    for statement, (check, where, problem) in _FAULTS.items():
        for row in _rows(connection, statement):
            yield Finding(check=check, where=where.format(*row), problem=problem.format(*row))


def _seals(connection: Connection, seals: Seals) -> Iterator[Finding]:
    """Give what of an encrypted file cannot be opened, without which other checks cannot read it."""
    for table, row in _rows(connection, "check_seals"):
        yield Finding(check="seals", where=f"{table} {row}", problem="is not as it was sealed, or was moved")
    for tenant, user in seals.bereft_walls():
        problem = "has lost its key and still has words; end that by erase(all=True, destroy_key=True) there"
        yield Finding(check="seals", where=f"{tenant}/{user}", problem=problem)


def _schema(connection: Connection, migrations: Sequence[Migration], *, application_id: int) -> list[Finding]:
    """Compare tables, indexes, views and the register with those of a new memory."""
    fresh = Connection(":memory:")
    teach(fresh)
    try:
        migrate(fresh, migrations, application_id=application_id, path=":memory:", may_write=True)
        wanted = {str(row[0]) for row in _rows(fresh, "schema_parts")}
    finally:
        fresh.close()
    there = {str(row[0]) for row in _rows(connection, "schema_parts")}
    missing = [Finding(check="schema", where=part, problem="is missing") for part in sorted(wanted - there)]
    others = [Finding(check="schema", where=part, problem="is no part of a memory") for part in sorted(there - wanted)]
    return missing + others


def _partial(connection: Connection) -> list[Finding]:
    """Compare the indexes of some rows alone with their tables, once the schema has all of them."""
    problem = "does not hold what its table does; restore the file from a backup"
    return [
        Finding(check="integrity", where=f"index {index}", problem=problem)
        for (index,) in _rows(connection, "check_partial")
    ]


def _rows(connection: Connection, statement: str) -> list[Any]:
    if connection.seals is not None:
        return connection.seals.run(statement, {}).fetchall()
    return connection.execute(SQL[statement]).fetchall()
