"""Which statements take and give what is sealed in an encrypted file, and of what kind it is.

A column that is registered as content or vector and stands in none of these is found in the clear by
`tests/flow/test_encryption.py`.
"""

import functools
import re

from lamina.store.queries import load_statements

#: The words that stand sealed as one in a row of `content`, in this order.
SAID = ("salt", "text", "speaker", "role", "metadata")
#: What is a name wherever a statement takes it, and of what kind.
TAKEN = {"agent": "agent", "run": "run", "session": "session", "external_id": "external id", "digest": "digest"}
#: Of what kind `:name` is, by statement; elsewhere it is no name of a caller's.
TAKEN_AS_NAME = {
    "session": "session",
    "add_session": "session",
    "forget_agent": "agent",
    "forget_run": "run",
    "discount_agent": "agent",
    "discount_run": "run",
    "imports": "import",
    "add_import": "import",
    "rename_import": "import",
    "add_snapshot": "snapshot",
    "drop_snapshot": "snapshot",
}
_FULL = {4: "agent", 5: "run", 10: "session", 11: "external id"}
#: Which columns of which statements are names, and of what kind.
GIVEN = {
    **dict.fromkeys(
        ("records", "records_by_external_id", "revisions", "revision", "children", "page", "page_of_session"), _FULL
    ),
    **dict.fromkeys(("salted_revisions", "revisions_by_number", "made_by"), _FULL),
    "standing": {4: "agent", 5: "run", 6: "session", 7: "external id"},
    "content_of_revision": {6: "agent", 7: "run", 8: "session"},
    "names_of": {1: "agent", 2: "run"},
    "unready": {5: "session"},
    "waiting": {5: "session"},
    "texts_made_by": {5: "session"},
    "places": {1: "session"},
    "places_of_session": {1: "session"},
    "places_then": {1: "session"},
    "streams": {0: "agent", 1: "run", 2: "session"},
    "index_rows": {7: "session", 17: "agent", 18: "run"},
    "imports": {1: "import", 2: "session", 6: "digest"},
    "imports_of_wall": {0: "agent", 1: "run", 3: "import", 4: "session", 8: "digest"},
    "snapshots": {0: "snapshot"},
    "scopes": {2: "agent", 3: "run"},
    "directives": {4: "agent", 5: "run"},
    "salted_directives": {4: "agent", 5: "run"},
}
#: What else statements take to be sealed: parameter -> its column, and what names its row.
WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "add_revision": {
        "sensitivity": ("revision.sensitivity", "record_key", "revision"),
        "acl": ("revision.acl", "record_key", "revision"),
    },
    "add_vector": {
        "data": ("vector.data", "vector_number", "wall_id", "content_id", "encoder_id", "start", "end"),
    },
    "add_tokens": {"data": ("token_vector.data", "wall_id", "number", "encoder_id", "start")},
    "put_segment": {"data": ("segment.data", "wall_id", "producer", "part", "ordinal", "covers")},
    "add_directive": {
        "salt": ("directive.salt", "directive_id"),
        "body": ("directive.body", "directive_id"),
        "placed_by": ("directive.placed_by", "directive_id"),
    },
}
#: Columns of `revision` that are sealed, wherever a statement reads more of them than whether they are there.
_OF_REVISION = re.compile(r"\bv\.(sensitivity|acl)\b(?! IS)")
_BY_FACET = re.compile(r"\b(\w+\.(?:agent|run)) = :(agent|run)\b")


def opening_revisions(sql: str, *, names: str = "") -> str:
    r"""Have a statement or view open what is sealed in `revision`; `names` is put behind, with `\1` for the column."""
    return _OF_REVISION.sub(rf"unsealed('revision.\1', v.record_key, v.revision, v.\1){names}", sql)


@functools.cache
def statements() -> dict[str, str]:
    """Give the statements for an encrypted file: where two walls are asked, a name has two ciphertexts."""
    own, every = (load_statements("lamina.store.sqlite", file) for file in ("sealed.sql", "queries.sql"))
    asked = {
        name: _BY_FACET.sub(r"\1 IN (:\2, :shared_\2)", sql) if ":shared" in sql else sql for name, sql in every.items()
    }
    asked = {name: opening_revisions(sql) for name, sql in asked.items()}
    return {**asked, "waiting": own["waiting"], "check_seals": own["check_seals"]}
