"""Whatever a record holds, it comes back equal, and its mac with it."""

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from lamina.core.chain import canonical, record_mac
from lamina.core.ids import new_ulid
from lamina.core.layers import Kind, Layer, Modality
from lamina.core.operations import Action, Change
from lamina.core.records import AtSource, Policy, Record
from lamina.core.scope import Administration, Scope
from lamina.core.time import from_us, to_us
from lamina.govern.access import grant
from lamina.store.reference.store import ReferenceStore
from lamina.store.sqlite.store import open_store
from lamina.testing.builders import NOON
from lamina.testing.machine import counted_salts
from lamina.testing.store_reads import as_handed_in

texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=40)
names = st.none() | texts.filter(lambda text: text.strip() and "\0" not in text)
microseconds = st.integers(to_us(datetime(2, 1, 2, tzinfo=UTC)), to_us(datetime(9998, 12, 30, tzinfo=UTC)))
instants = st.none() | st.builds(from_us, microseconds, offset_s=st.integers(-14 * 3600, 14 * 3600))
moments = st.none() | st.builds(from_us, microseconds)
fractions = st.none() | st.floats(0, 1)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
records = st.builds(
    Record,
    id=st.binary(min_size=10, max_size=10).map(lambda entropy: new_ulid(NOON, entropy=entropy)),
    scope=st.builds(Scope, agent=names, run=names),
    kind=st.sampled_from(Kind),
    layer=st.sampled_from(Layer),
    modality=st.sampled_from(Modality),
    valid_from=moments,
    valid_to=moments,
    policy=st.builds(
        Policy, expires_at=moments, sensitivity=names, trust=fractions, acl=st.lists(texts, max_size=3).map(tuple)
    ),
    text=texts,
    speaker=names,
    role=names,
    at=instants,
    at_source=st.sampled_from(AtSource),
    session=names,
    external_id=names,
    metadata=st.dictionaries(texts, values, max_size=3),
    order=st.none() | st.integers(-(2**63), 2**63 - 1),
)


@settings(max_examples=80, deadline=None, derandomize=True)
@given(record=records)
def test_any_record_comes_back_equal_and_proves_its_mac(record: Record) -> None:
    found, log = [], []
    for store in (open_store(None, entropy=counted_salts()), ReferenceStore(entropy=counted_salts())):
        with store.write() as writing:
            writing.apply(Change(action=Action.ADD, record=record), recorded_at=NOON)
        with store.read() as reading:
            found += list(reading.salted_revisions(record.scope.wall, scope=grant(Administration())))
            log += list(reading.log(record.scope.wall, scope=grant(Administration())))
        store.close()
    (kept, salt), (wanted, wanted_salt) = found
    assert (kept, salt, canonical(kept)) == (wanted, wanted_salt, canonical(wanted))
    assert as_handed_in(kept) == record
    assert log[0] == log[1]
    assert record_mac(kept, salt=salt or b"") == log[0].mac
