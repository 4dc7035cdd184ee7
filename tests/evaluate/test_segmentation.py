"""Every metric of segmentation against a value worked out by hand; streams show no session."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamina.core.errors import InvalidArgument
from lamina.evaluate.segmentation import (
    Cut,
    Stream,
    boundary_f1,
    chosen_on_the_others,
    cut_streams,
    pk,
    read_streams,
    topic_boundaries,
    window_diff,
)

BOUNDARIES = st.sets(st.integers(1, 29))


def test_pk_counts_pairs_that_are_parted_in_one_cutting_alone() -> None:
    """12 rows cut at 6: the window is 12 / 2 / 2 = 3, so there are 9 pairs (0, 3) to (8, 11).

    The reference parts those that begin at 3, 4, 5; a cut at 7 those at 4, 5, 6: 3 and 6 disagree, 2 of 9. No cut at
    all disagrees on 3 of 9.
    """
    assert pk([6], [7], 12) == pytest.approx(2 / 9)
    assert pk([6], [], 12) == pytest.approx(3 / 9)
    assert pk([6], [6], 12) == 0


def test_window_diff_counts_boundaries_that_pk_does_not_see() -> None:
    """A second cut at 7 beside that at 6: windows that begin at 4 and 5 hold two, that at 6 one; 3 of 9 differ.

    Pk sees only that the pair at 6 is parted: 1 of 9.
    """
    assert window_diff([6], [6, 7], 12) == pytest.approx(3 / 9)
    assert pk([6], [6, 7], 12) == pytest.approx(1 / 9)


def test_the_window_is_half_a_mean_segment_and_at_least_two() -> None:
    """4 rows cut at 1, 2, 3: half a segment is half a row; with a window of 2 a cut at 2 parts both pairs."""
    assert window_diff([1, 2, 3], [], 4) == 1
    assert pk([1, 2, 3], [2], 4) == 0


def test_what_is_shorter_than_a_window_has_no_error() -> None:
    assert (pk([], [1], 2), window_diff([], [1], 1), pk([], [], 0)) == (0, 0, 0)


def test_f1_matches_each_boundary_once() -> None:
    """Of 10 and 20, drawn 9, 11, 20: exact 20 alone: 2 · 1 / 5. Within 2 rows 9 or 11 counts, not both: 2 · 2 / 5."""
    assert boundary_f1([10, 20], [9, 11, 20]) == pytest.approx(0.4)
    assert boundary_f1([10, 20], [9, 11, 20], 2) == pytest.approx(0.8)
    assert boundary_f1([10, 20], [7, 23], 2) == 0


def test_f1_finds_the_most_matches() -> None:
    """10 can have 8 or 12, 6 only 8: both are matched."""
    assert boundary_f1([6, 10], [8, 12], 2) == 1


def test_f1_of_nothing_against_nothing_is_one() -> None:
    assert (boundary_f1([], []), boundary_f1([3], []), boundary_f1([], [3])) == (1, 0, 0)


@given(BOUNDARIES, BOUNDARIES, st.integers(0, 6))
def test_f1_equals_a_matching_by_augmenting_paths(wanted: set[int], drawn: set[int], tolerance: int) -> None:
    holder: dict[int, int] = {}

    def finds(one: int, tried: set[int]) -> bool:
        for other in sorted(wanted):
            if abs(other - one) <= tolerance and other not in tried:
                tried.add(other)
                if other not in holder or finds(holder[other], tried):
                    holder[other] = one
                    return True
        return False

    matched = sum(finds(one, set()) for one in sorted(drawn))
    expected = 2 * matched / (len(wanted) + len(drawn)) if wanted or drawn else 1
    assert boundary_f1(sorted(wanted), sorted(drawn), tolerance) == pytest.approx(expected)


@given(BOUNDARIES, BOUNDARIES)
def test_window_diff_is_never_below_pk(wanted: set[int], drawn: set[int]) -> None:
    assert window_diff(sorted(wanted), sorted(drawn), 30) >= pk(sorted(wanted), sorted(drawn), 30)


@pytest.mark.parametrize(
    ("spans", "rows", "expected"),
    [
        ([(0, 9), (10, 19)], 20, [10]),
        ([(10, 19), (0, 9)], 20, [10]),
        ([(0, 9), (12, 19)], 20, [12]),  # two rows without a topic go with the one before
        ([(0, 9), (15, 19)], 20, [10, 15]),  # five are a segment of their own
        ([(1, 9), (10, 19)], 20, [10]),  # and one before all goes with the one that follows
        ([(7, 14)], 30, [7, 15]),
        ([(0, 9), (8, 15), (9, 12)], 16, [10]),  # where two overlap the former goes on
        ([], 20, []),
    ],
)
def test_a_boundary_is_where_a_topic_takes_over(spans: list[tuple[int, int]], rows: int, expected: list[int]) -> None:
    assert topic_boundaries(spans, rows) == expected


def a_folder(folder: Path, *, topics: object = None) -> Path:
    docs = [
        {"id": f"g/{n}", "text": f"word {n}", "speaker": "Ada", "group": "g", "session": f"g/{n // 6}", "seq": n}
        for n in range(12)
    ]
    asked = [{"id": "q", "text": "?", "gold": ["g/1"], "group": "g"}]
    for name, rows in (("docs.jsonl", docs), ("queries.jsonl", asked), ("topics.jsonl", topics)):
        if rows is not None:
            text = rows if isinstance(rows, str) else "\n".join(json.dumps(row) for row in rows)
            (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_sessions_are_the_reference_and_withheld(tmp_path: Path) -> None:
    _, [stream] = read_streams(a_folder(tmp_path))
    assert stream.reference == (6,)
    assert not hasattr(stream.rows[0], "session")
    assert not hasattr(stream.rows[0], "id")


def test_topics_come_before_sessions(tmp_path: Path) -> None:
    topics = [{"group": "g", "topics": [{"topic": "a", "spans": [["0", "3"]]}, {"topic": "b", "spans": [["4", "11"]]}]}]
    _, [stream] = read_streams(a_folder(tmp_path, topics=topics))
    assert stream.reference == (4,)


@pytest.mark.parametrize("line", ["{", "[]", '{"group": "g"}', '{"group": "g", "topics": [{"spans": [["a", "b"]]}]}'])
def test_a_line_that_is_no_topic_is_named(tmp_path: Path, line: str) -> None:
    with pytest.raises(InvalidArgument, match=r"topics\.jsonl line 1"):
        read_streams(a_folder(tmp_path, topics=line))


def test_a_stream_is_cut_and_judged(tmp_path: Path) -> None:
    _, streams = read_streams(a_folder(tmp_path))

    def way(stream: Stream) -> Sequence[int]:
        return [7, 6, 7]

    [cut] = cut_streams(streams, way)
    assert cut.boundaries == (6, 7)
    assert cut.metrics == {
        "pk": pytest.approx(1 / 9),
        "window_diff": pytest.approx(3 / 9),
        "f1±0": pytest.approx(2 / 3),
        "f1±2": pytest.approx(2 / 3),
        "boundaries": 2,
    }


def some_cuts(*errors: float) -> list[Cut]:
    return [Cut(stream=f"{n}", boundaries=(), metrics={"pk": error, "f1±2": error}) for n, error in enumerate(errors)]


def test_a_setting_is_chosen_without_the_stream_that_it_cuts() -> None:
    """Of a the errors are 0, .4, .4, of b .3, .3, .3: without the first stream b is better, without the others a."""
    ways = {"a": some_cuts(0, 0.4, 0.4), "b": some_cuts(0.3, 0.3, 0.3)}
    assert [name for name, _ in chosen_on_the_others(ways, "pk")] == ["b", "a", "a"]
    assert [cut.metrics["pk"] for _, cut in chosen_on_the_others(ways, "pk")] == [0.3, 0.4, 0.4]
    assert [name for name, _ in chosen_on_the_others(ways, "f1±2")] == ["a", "b", "b"]


def test_one_stream_cannot_be_left_out() -> None:
    with pytest.raises(ValueError, match="two streams"):
        chosen_on_the_others({"a": some_cuts(0)}, "pk")
