"""Ids sort by time, or follow from producer and parents, and never from a text."""

from datetime import UTC, datetime, timedelta

from lamina.core.ids import ALPHABET, derived_id, new_ulid

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def test_a_ulid_is_the_published_one() -> None:
    """Crockford's 01ARYZ6S41 is 1469918176385 ms in the ULID specification's example."""
    moment = datetime.fromtimestamp(1469918176.385, UTC)
    assert new_ulid(moment, entropy=bytes(10)) == "01ARYZ6S41" + "0" * 16
    assert new_ulid(moment, entropy=b"\xff" * 10) == "01ARYZ6S41" + "Z" * 16


def test_ulids_sort_by_time_and_differ_within_a_moment() -> None:
    made = [new_ulid(NOON + timedelta(milliseconds=number)) for number in range(50)]
    assert made == sorted(made)
    assert len({new_ulid(NOON) for _ in range(500)}) == 500
    assert all(len(one) == 26 and set(one) <= set(ALPHABET) for one in made)


def test_a_derived_id_follows_from_producer_version_parents_and_ordinal() -> None:
    assert derived_id("event", [("x", 1)]) == derived_id("event", [("x", 1)])
    others = [
        derived_id("event", [("x", 1)]),
        derived_id("fact", [("x", 1)]),
        derived_id("event", [("x", 2)]),
        derived_id("event", [("x", 1)], version="2"),
        derived_id("event", [("x", 1)], ordinal=1),
        derived_id("event", [("x", 1), ("y", 1)]),
        derived_id("event", [("x1", 1)]),
        derived_id("even", [("tx", 1)]),
    ]
    assert len(set(others)) == len(others)
    assert all(one.startswith("b2:") for one in others)
