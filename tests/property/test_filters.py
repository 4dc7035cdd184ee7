"""Search with a filter gives exactly the records that the filter's plain meaning leaves, with the scores they had."""

import json
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from lamina.core.filters import holds
from lamina.core.layers import Layer, Modality
from lamina.core.scope import Scope
from lamina.core.time import to_us
from lamina.flows.intake import read_asked
from lamina.index.filtering import bring_up, rows_that_hold
from lamina.index.scope_index import ScopeIndex
from lamina.memory import Memory
from lamina.settings import Settings
from lamina.testing.builders import a_record, a_scope, an_index_row
from lamina.testing.fakes import FakeClock, HashEncoder

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
TEXTS = ("Turin", "turin", "Straße", "STRASSE", "", "ü", "Rome")
NUMBERS = (0, 1, 1.0, -1, 2.5, 2**53, 2**53 + 1, float(2**53), 10**400, -(10**400))
SCALARS = st.sampled_from((*TEXTS, *NUMBERS, True, False, None))
LEAVES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.fixed_dictionaries({"city": inner}))
METADATA = st.fixed_dictionaries({}, optional=dict.fromkeys(("city", "rank", "tags", "deep", "a.b"), LEAVES))
TIMES = st.sampled_from([NOON + timedelta(minutes=minutes) for minutes in (-1, 0, 1, 2, 3)])
NAMES = st.sampled_from(("Ada", "ada", "Bob", "user", "a", "b"))


def operators(values, *, ordered=None, parts=None):
    """Give what may be asked of one name: a bare value, a list, or operators."""
    several = st.lists(values, min_size=1, max_size=3)
    named = {"eq": values, "ne": values, "in": several, "nin": several}
    if ordered is not None:
        named |= dict.fromkeys(("gt", "gte", "lt", "lte"), ordered)
    if parts is not None:
        named |= dict.fromkeys(("contains", "icontains"), parts)
    dicts = st.lists(st.sampled_from(sorted(named)), min_size=1, max_size=2, unique=True).flatmap(
        lambda chosen: st.fixed_dictionaries({name: named[name] for name in chosen})
    )
    return values | several | dicts


METADATA_ASKED = st.just("*") | operators(
    SCALARS, ordered=st.sampled_from((*TEXTS, *NUMBERS)), parts=st.sampled_from(("urin", "TURIN", "ss", "ß", "o"))
)
NAME_ASKED = st.just("*") | operators(NAMES | st.none(), ordered=NAMES, parts=st.sampled_from(("a", "AD", "x")))
TIME_ASKED = st.just("*") | operators(TIMES | st.none(), ordered=TIMES)
CONDITIONS = st.one_of(
    *(
        st.tuples(st.just(name), METADATA_ASKED)
        for name in ("city", "rank", "tags", "deep.city", "metadata.deep", r"a\.b")
    ),
    *(
        st.tuples(st.just(name), NAME_ASKED)
        for name in ("speaker", "role", "session", "agent_id", "run", "external_id")
    ),
    *(st.tuples(st.just(name), TIME_ASKED) for name in ("at", "recorded_at")),
    st.tuples(st.just("text"), st.sampled_from(({"contains": "bee"}, {"icontains": "WASP"}, {"contains": "1"}))),
    st.tuples(st.just("layer"), operators(st.sampled_from(("episodic", "semantic")))),
    st.tuples(st.just("modality"), operators(st.sampled_from(("message", "trace")))),
    st.tuples(st.just("kind"), st.sampled_from(("observation", "*", {"ne": "event"}, {"nin": ["observation"]}))),
).map(lambda named: dict([named]))
FILTERS = st.recursive(
    CONDITIONS,
    lambda inner: st.one_of(
        *(
            st.lists(inner, min_size=1, max_size=3).map(lambda parts, join=join: {join: parts})
            for join in ("AND", "OR", "NOT")
        ),
        inner.map(lambda part: {"NOT": part}),
        st.tuples(inner, inner).map(lambda two: {**two[0], **two[1]}),
    ),
    max_leaves=6,
)
ADDS = st.fixed_dictionaries(
    {
        "content": st.sampled_from(("bees on the roof", "no bee", "wasps", "a wasp 1", "quiet")),
        "at": TIMES | st.just("unknown"),
        "metadata": METADATA,
    },
    optional={
        "name": NAMES,
        "role": st.sampled_from(("user", "assistant")),
        "session": NAMES,
        "external_id": st.sampled_from(("a", "b", "Ada", "x")),
    },
)
SCOPES = st.sampled_from(
    (
        Scope(user="ada"),
        Scope(user="ada", agent="a"),
        Scope(user="ada", agent="b", run="Ada"),
        Scope.shared(),
        Scope.shared(agent="b"),
    )
)
STEPS = st.lists(
    st.tuples(st.just("add"), SCOPES, ADDS)
    | st.tuples(st.just("update"), st.integers(0, 9), METADATA)
    | st.tuples(st.just("delete"), st.integers(0, 9), st.none()),
    min_size=1,
    max_size=12,
)


def live(memory, steps, known, taken):
    """Carry out steps; `known` are the records that are active, `taken` the external ids that were given away."""
    for verb, what, given_ in steps:
        memory._clock.pass_time(timedelta(minutes=1))
        if verb == "add":
            own = given_.get("external_id")
            added = memory.add({**given_, "external_id": None if own in taken else own}, scope=what)
            taken.add(own)
            known += [(record.id, record.scope) for record in added.stored]
        elif known:
            record_id, scope = known[what % len(known)]
            if verb == "update":
                memory.update(record_id, metadata=given_, scope=scope)
            else:
                memory.delete(record_id, scope=scope)
                known.remove((record_id, scope))


def check(memory, filters, scope):
    """Compare search and listing with the plain meaning."""
    tree = read_asked(filters, timezone=None)
    left = [record for record in memory.get_all(scope=scope) if holds(tree, record)]
    assert list(memory.get_all(filters=filters, scope=scope)) == left
    hits = memory.search("bees and wasps", filters=filters, limit=1000, scope=scope)
    assert {hit.record.id for hit in hits} == {record.id for record in left}
    assert len(hits) == len(left)
    unfiltered = memory.search("bees and wasps", limit=1000, scope=scope)
    kept = {record.id for record in left}
    expected = [(hit.record.id, hit.score) for hit in unfiltered if hit.record.id in kept]
    assert [(hit.record.id, hit.score) for hit in hits][: len(expected)] == expected
    assert all(
        hit.via == () or {way.by for way in hit.via} <= {"speaker", "role", "day"} for hit in hits[len(expected) :]
    )


@settings(max_examples=150, deadline=None)
@given(
    first=STEPS,
    then=STEPS,
    filters=st.lists(FILTERS, min_size=1, max_size=4),
    reader=st.sampled_from((Scope(user="ada"), Scope(user="ada", agent="a"), Scope.shared())),
    encode_at_read=st.sampled_from((64, 0)),
)
def test_search_gives_exactly_what_the_meaning_of_a_filter_leaves(first, then, filters, reader, encode_at_read):
    settings_ = Settings(encode_at_read=encode_at_read)
    known, taken = [], set()
    with Memory(settings=settings_, encoder=HashEncoder(), clock=FakeClock("2026-03-02T11:58:00+00:00")) as memory:
        for steps in (first, then):
            live(memory, steps, known, taken)
            for each in filters:
                check(memory, each, reader)


def as_rows(records):
    """Give records as an index takes them in."""
    return [
        an_index_row(
            place,
            record.text,
            session_name=record.session,
            at_us=None if record.at is None else to_us(record.at),
            layer=str(record.layer),
            modality=str(record.modality),
            speaker=record.speaker,
            role=record.role,
            agent=record.scope.agent,
            run=record.scope.run,
            metadata=json.dumps(record.metadata) if record.metadata else None,
        )
        for place, record in enumerate(records, start=1)
    ]


RECORDS = st.builds(
    lambda agent, run, **fields: a_record(scope=a_scope("ada", agent=agent, run=run), **fields),
    agent=st.sampled_from((None, "a", "b")),
    run=st.sampled_from((None, "Ada")),
    text=st.sampled_from(("bees on the roof", "no bee", "a wasp 1")),
    speaker=st.none() | NAMES,
    role=st.none() | st.sampled_from(("user", "assistant")),
    session=st.none() | NAMES,
    external_id=st.none() | NAMES,
    at=st.none() | TIMES,
    recorded_at=TIMES,
    layer=st.sampled_from(Layer),
    modality=st.sampled_from(Modality),
    metadata=METADATA,
)


@settings(max_examples=300, deadline=None)
@given(records=st.lists(RECORDS, max_size=20), filters=FILTERS, cut=st.integers(0, 20))
def test_arrays_say_of_every_row_what_the_meaning_says_of_its_record(records, filters, cut):
    tree = read_asked(filters, timezone=None)
    rows = as_rows(records)
    index = ScopeIndex(str.split, width=2)
    meant = [holds(tree, record) for record in records]

    def read(field, after):
        for row, record in zip(rows, records, strict=True):
            if after < row.number <= index.number:
                value = getattr(record, field)
                yield row.number, to_us(value) if isinstance(value, datetime) else value

    index.extend(rows[:cut], number=len(rows[:cut]))
    bring_up(index, tree, read)
    before = index.view()
    index.extend(rows[cut:], number=len(rows))
    bring_up(index, tree, read)
    assert rows_that_hold(tree, index.view()).tolist() == meant
    assert rows_that_hold(tree, before).tolist() == meant[:cut]
