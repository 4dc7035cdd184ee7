"""The shapes in which callers hand filters in, read into a tree, or refused by the place at which they cannot be meant.

A dict of conditions, all of which hold: a name and what is asked of it. That is a value (equal to it), a list (one of
these), `"*"` (there is one), or a dict of operators. `AND` and `OR` join a list of such dicts, `NOT` takes a list or a
dict, and holds where none of them does. Names are fields, else keys of metadata: dots lead into nested ones, a
backslash takes the next character as it stands, and `metadata.` goes before what would else be a field. A name that is
nearly a field's is refused, because a condition on metadata that nobody has is true of nothing, silently.
"""

import difflib
import math
import re
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from enum import StrEnum

from lamina.core.errors import InvalidArgument
from lamina.core.filters import And, Bound, Contains, Field, Filter, Not, OneOf, Or, Order, Path, Subject, Value
from lamina.core.layers import Kind, Layer, Modality

#: What callers hand in.
Filters = Mapping[str, object]
#: Reads a time by the call's zone; the text names its place. None = unknown.
ReadInstant = Callable[[object, str], datetime | None]
#: How deep conditions may be nested, and how many conditions and values there may be.
MAX_DEPTH = 32
MAX_SIZE = 10_000
#: The longest text that is looked for, in characters: metadata holds no longer one.
MAX_TEXT = 64 * 1024

PRESENT = "*"
METADATA = "metadata"
JOINS = ("AND", "OR", "NOT")
EQUALITY = ("eq", "ne", "in", "nin")
ORDERS = tuple(str(order) for order in Order)
PARTS = ("contains", "icontains")
OPERATORS = (*EQUALITY, *ORDERS, *PARTS)
TIMES = (Field.AT, Field.RECORDED_AT)
CODES: dict[Field, type[StrEnum]] = {Field.KIND: Kind, Field.LAYER: Layer, Field.MODALITY: Modality}
ALIASES = {"agent_id": Field.AGENT, "run_id": Field.RUN}
#: Names that others use for what is no filter here, or goes by another name.
_ELSEWHERE = {
    **dict.fromkeys(
        ("user_id", "tenant_id", "user", "tenant"),
        "name whose memory it is by the call's user_id=, tenant_id= or scope=",
    ),
    **dict.fromkeys(
        ("created_at", "updated_at", "timestamp"),
        "use `at` (when it was said) or `recorded_at` (when Lamina learnt it)",
    ),
    "session_id": "use `session`",
}
_SYMBOLS = {"=": "eq", "==": "eq", "!=": "ne", "<>": "ne", ">": "gt", ">=": "gte", "<": "lt", "<=": "lte"}
#: How alike a name and a field's may be: one letter more or less, or two changed places.
_NEARLY = 0.85
_PART = re.compile(r"((?:[^.\\]|\\.)*)(\.|\Z)", re.DOTALL)
_SHOWN = 60


def read_filters(filters: object, *, read_instant: ReadInstant, kinds: Collection[Kind]) -> Filter:
    """Give the tree of what a caller handed in; `kinds` are those of the records that will be asked.

    Raises:
        InvalidArgument: what cannot be meant or can never match; it is named by its place, as `filters.AND[1].at.gte`.
    """
    return _Reader(read_instant, kinds).conditions_in(filters, "filters", depth=1)


class _Reader:
    """Reads one filter, and counts what it holds."""

    def __init__(self, read_instant: ReadInstant, kinds: Collection[Kind]) -> None:
        self._read_instant = read_instant
        self._kinds = kinds
        self._left = MAX_SIZE

    def conditions_in(self, given: object, where: str, *, depth: int, path: Path | None = None) -> Filter:
        """Read a dict of conditions; under `path` all names are keys of metadata."""
        if not isinstance(given, Mapping):
            advice = 'give a dict, for example {"speaker": "Ada"}; a list of them belongs under AND or OR'
            raise InvalidArgument(where, f"is {_kind_of(given)}", advice)
        if not given:
            raise InvalidArgument(where, "is empty", "name a condition, or leave it out to ask for everything")
        if depth > MAX_DEPTH:
            raise InvalidArgument(
                where, f"is nested more than {MAX_DEPTH} deep", "join the conditions with fewer lists"
            )
        self._spend(len(given), where)
        parts = []
        for name, asked in given.items():
            if not isinstance(name, str):
                raise InvalidArgument(where, f"has the key {name!r}", "use texts as keys")
            read = self._named if path is None else self._keyed
            parts.append(read(name, asked, _step(where, name), depth))
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _named(self, name: str, asked: object, where: str, depth: int) -> Filter:
        if name in JOINS:
            return self._joined(name, asked, where, depth)
        if name.lstrip("$").upper() in JOINS:
            raise InvalidArgument(where, "is no name", f"write {name.lstrip('$').upper()} to join conditions")
        if name == METADATA and isinstance(asked, Mapping):
            return self.conditions_in(asked, where, depth=depth + 1, path=())
        return self._asked(_subject(name, where), asked, where)

    def _keyed(self, name: str, asked: object, where: str, depth: int) -> Filter:
        del depth
        if name in JOINS or name in OPERATORS:
            advice = f"write {METADATA}.<key>: {{{name}: …}}; a key of that name is {METADATA}.{name}"
            raise InvalidArgument(where, "stands where a key of metadata belongs", advice)
        return self._asked(_path(name, where), asked, where)

    def _joined(self, join: str, given: object, where: str, depth: int) -> Filter:
        if join == "NOT" and isinstance(given, Mapping):
            return Not(self.conditions_in(given, where, depth=depth + 1))
        if not isinstance(given, list | tuple):
            advice = f'give a list of dicts, for example {{"{join}": [{{"speaker": "Ada"}}]}}'
            raise InvalidArgument(where, f"is {_kind_of(given)}", advice)
        if not given:
            raise InvalidArgument(where, "is empty", "give at least one dict of conditions, or leave it out")
        self._spend(len(given), where)
        parts = tuple(
            self.conditions_in(part, f"{where}[{place}]", depth=depth + 1) for place, part in enumerate(given)
        )
        if join == "AND":
            return parts[0] if len(parts) == 1 else And(parts)
        either = parts[0] if len(parts) == 1 else Or(parts)
        return Not(either) if join == "NOT" else either

    def _asked(self, subject: Subject, asked: object, where: str) -> Filter:
        """Read what is asked of one name."""
        if not isinstance(asked, Mapping):
            if isinstance(asked, str) and asked == PRESENT and subject is not Field.TEXT:
                return Not(OneOf(subject=subject, values=(), or_none=True))
            return self._condition(subject, "in" if isinstance(asked, list | tuple) else "eq", asked, where)
        if not asked:
            raise InvalidArgument(where, "is empty", f"name an operator: {', '.join(_operators_of(subject))}")
        self._spend(len(asked), where)
        parts = []
        for name, value in asked.items():
            if not isinstance(name, str) or name not in OPERATORS:
                raise _unknown_operator(subject, name, where)
            parts.append(self._condition(subject, name, value, f"{where}.{name}"))
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _condition(self, subject: Subject, name: str, value: object, where: str) -> Filter:
        if name not in _operators_of(subject):
            problem = f"cannot be asked of `{subject}` with {name}"
            raise InvalidArgument(where, problem, f"use {', '.join(_operators_of(subject))}")
        if name in PARTS:
            return Contains(subject=subject, part=_part(value, where), folds_case=name == "icontains")
        if name in ORDERS:
            return Bound(subject=subject, order=Order(name), value=self._bound(subject, value, where))
        if name in ("in", "nin"):
            if not isinstance(value, list | tuple):
                raise InvalidArgument(where, f"is {_kind_of(value)}", "give a list of values, or use eq")
            if not value:
                raise InvalidArgument(where, "is an empty list", "name at least one value, or leave the condition out")
            self._spend(len(value), where)
            read = [self._value(subject, each, f"{where}[{place}]") for place, each in enumerate(value)]
        else:
            read = [self._value(subject, value, where)]
        values = tuple(each for each in read if each is not None)
        if subject is Field.KIND and name in ("eq", "in") and not set(values) & set(self._kinds):
            asked = " and ".join(f"{kind}s" for kind in self._kinds)
            raise InvalidArgument(where, f"can never match: only {asked} are asked", "name what you want in `kinds=`")
        one_of = OneOf(subject=subject, values=values, or_none=len(values) < len(read))
        return Not(one_of) if name in ("ne", "nin") else one_of

    def _bound(self, subject: Subject, value: object, where: str) -> Value:
        advice = "give a number, a text or a time, or use eq"
        if value is None or isinstance(value, bool | list | tuple | Mapping):
            raise InvalidArgument(where, f"is {_kind_of(value)}, which has no order", advice)
        bound = self._value(subject, value, where)
        if bound is None:
            raise InvalidArgument(where, "is an unknown time, which has no order", advice)
        return bound

    def _value(self, subject: Subject, value: object, where: str) -> Value | None:
        """Read a value that `subject` can have; None = none."""
        if subject in TIMES:
            return None if value is None else self._read_instant(value, where)
        if isinstance(subject, Field) and subject in CODES:
            known = CODES[subject]
            if not isinstance(value, str) or value not in tuple(known):
                raise InvalidArgument(
                    where, f"is {value!r}, which is no {subject}", f"name some of: {', '.join(known)}"
                )
            return known(value)
        if value is None:
            return None
        if isinstance(subject, Field) and not isinstance(value, str):
            raise InvalidArgument(where, f"is {_kind_of(value)}", f"give a text: `{subject}` has no other values")
        return _plain(value, where)

    def _spend(self, count: int, where: str) -> None:
        self._left -= count
        if self._left < 0:
            problem = f"makes the filter larger than {MAX_SIZE:,} conditions and values"
            raise InvalidArgument(where, problem, "ask in several calls")


def _subject(name: str, where: str) -> Subject:
    """Give the field that a name names, else the path of its keys in metadata."""
    if name in ALIASES:
        return ALIASES[name]
    if name in tuple(Field):
        return Field(name)
    if name in _ELSEWHERE:
        advice = f"{_ELSEWHERE[name]}; a key of that name in metadata is `{METADATA}.{name}`"
        raise InvalidArgument(where, "is no filter", advice)
    path = _path(name, where)
    if path[0] == METADATA and len(path) > 1:
        return path[1:]
    first = path[0].lower()
    near = difflib.get_close_matches(first, (*Field, *ALIASES, METADATA), n=1, cutoff=_NEARLY)
    if near and len(path) > 1 and first in tuple(Field):
        problem = f"leads into `{first}`, which has no parts"
        raise InvalidArgument(where, problem, f"keys of that name in metadata are `{METADATA}.{name}`")
    if near and near[0] == METADATA:
        raise InvalidArgument(where, "names no key of metadata", f"write `{METADATA}.<key>`, or the key alone")
    if near:
        advice = f"write `{near[0]}`, or `{METADATA}.{name}` for a key of that name in metadata"
        raise InvalidArgument(where, "is no field, and nearly one", advice)
    return path


def _path(name: str, where: str) -> Path:
    """Split a name at its dots; a backslash takes the next character as it stands."""
    parts: list[str] = []
    place = 0
    while True:
        found = _PART.match(name, place)
        if found is None:
            raise InvalidArgument(where, "ends in a backslash", "write two where a key holds one")
        parts.append(re.sub(r"\\(.)", r"\1", found[1], flags=re.DOTALL))
        place = found.end()
        if not found[2]:
            break
    if not all(parts):
        raise InvalidArgument(
            where, "has an empty part", "put a key before and after each dot; a dot in a key is `\\.`"
        )
    if len(parts) > MAX_DEPTH:
        raise InvalidArgument(where, f"has {len(parts)} parts", f"go at most {MAX_DEPTH} deep")
    return tuple(parts)


def _operators_of(subject: Subject) -> tuple[str, ...]:
    if subject is Field.TEXT:
        return PARTS
    if subject in TIMES:
        return (*EQUALITY, *ORDERS)
    return EQUALITY if isinstance(subject, Field) and subject in CODES else OPERATORS


def _unknown_operator(subject: Subject, name: object, where: str) -> InvalidArgument:
    """Say what was perhaps meant by a key that is no operator."""
    known = f"the operators are {', '.join(_operators_of(subject))}"
    if not isinstance(name, str):
        return InvalidArgument(where, f"has the key {name!r}", known)
    if name in JOINS:
        advice = f'put it around whole conditions, as {{"{name}": [{{…}}, {{…}}]}}'
        return InvalidArgument(where, f"holds {name}", advice)
    if name == PRESENT:
        return InvalidArgument(where, "has `*` as a key", 'write "*" in the place of the dict: any value that is there')
    meant = _SYMBOLS.get(name.strip()) or next(
        iter(difflib.get_close_matches(name.strip("$ ").lower(), OPERATORS, n=1, cutoff=0.7)), None
    )
    if meant is not None:
        return InvalidArgument(where, f"names the unknown operator {name!r}", f"write {meant}; {known}")
    if isinstance(subject, tuple):
        known += "; a dot leads into nested metadata, as `address.city`"
    return InvalidArgument(where, f"names the unknown operator {name[:_SHOWN]!r}", known)


def _part(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise InvalidArgument(where, f"is {_kind_of(value)}", "give a text to look for; eq finds an element of a list")
    if not value:
        raise InvalidArgument(where, "is empty", 'give some characters to look for, or "*" for any value at all')
    return _kept_text(value, where)


def _plain(value: object, where: str) -> Value:
    """Give a value that metadata can have."""
    if isinstance(value, str):
        return _kept_text(value, where)
    if isinstance(value, datetime):
        advice = "metadata holds no times: ask for the text that you keep there, or for `at`"
        raise InvalidArgument(where, "is a datetime", advice)
    if isinstance(value, Mapping | list | tuple):
        advice = "name nested keys by dots, and use `in` for one of several values, AND of several eq for all of them"
        raise InvalidArgument(where, f"is {_kind_of(value)}, and no single value", advice)
    if not isinstance(value, bool | int | float):
        raise InvalidArgument(where, f"is {_kind_of(value)}", "give a text, a number, true, false or null")
    if isinstance(value, float) and not math.isfinite(value):
        raise InvalidArgument(where, f"is {value}", "give a finite number: metadata holds no other")
    return value


def _kept_text(text: str, where: str) -> str:
    """Give a text back that memory can hold."""
    if len(text) > MAX_TEXT:
        raise InvalidArgument(where, f"has {len(text)} characters", f"look for at most {MAX_TEXT}")
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise InvalidArgument(where, "holds a NUL or an unpaired surrogate", "take it out; no text holds one")
    return text


def _step(where: str, name: str) -> str:
    return f"{where}.{name if len(name) <= _SHOWN else name[:_SHOWN] + '…'}"


def _kind_of(value: object) -> str:
    """Name the kind of a value as JSON and Python users know it."""
    if isinstance(value, Mapping):
        return "a dict"
    names = {list: "a list", tuple: "a tuple", str: "a text", bool: "true or false", int: "a number", float: "a number"}
    return "null" if value is None else names.get(type(value), type(value).__name__)
