from collections.abc import Callable, Sequence

from lamina.core.query import Hit
from lamina.core.scope import Scope
from lamina.pack.compose import Piece, compose, groups_of

Builder = Callable[..., Hit]


def composed(hits: Sequence[Hit]) -> str:
    pieces = [Piece(hit=hit, spans=((0, len(hit.record.text)),)) for hit in hits]
    return compose(pieces, groups_of(hits))[0]


def test_sessions_come_by_their_first_known_time_and_turns_by_order(a_hit: Builder) -> None:
    hits = [
        a_hit("Second.", number=1, at=(9, 10, 0), session="b", speaker="Ada"),
        a_hit("First of all.", number=2, at=(8, 10, 0), session="a", speaker="Bo", order=7),
        a_hit("Before that.", number=3, at=(8, 10, 0), session="a", speaker="Ada", order=2),
    ]
    assert composed(hits) == (
        "# 8 May 2023 10:00\nAda: Before that.\nBo: First of all.\n# 9 May 2023 10:00\nAda: Second."
    )


def test_sessions_without_a_time_follow_by_arrival_under_their_names(a_hit: Builder) -> None:
    hits = [
        a_hit("Last.", number=9, session="later"),
        a_hit("Middle.", number=4, session="earlier"),
        a_hit("Dated.", number=8, at=(8, 10, 0), session="dated"),
    ]
    assert composed(hits) == "# 8 May 2023 10:00\nDated.\n# earlier\nMiddle.\n# later\nLast."


def test_what_stands_alone_without_time_or_session_needs_no_header(a_hit: Builder) -> None:
    assert composed([a_hit("Words.", speaker="Ada")]) == "Ada: Words."


def test_what_was_said_outside_any_session_is_grouped_by_day(a_hit: Builder) -> None:
    hits = [
        a_hit("Late.", number=2, at=(9, 8, 0)),
        a_hit("Early.", number=1, at=(8, 8, 0)),
        a_hit("Whenever.", number=3),
    ]
    assert composed(hits) == "# 8 May 2023 08:00\nEarly.\n# 9 May 2023 08:00\nLate.\n# undated\nWhenever."


def test_a_line_names_its_time_where_it_differs_from_the_headers(a_hit: Builder) -> None:
    hits = [
        a_hit("Now.", number=1, at=(8, 13, 56), session="s", speaker="Ada"),
        a_hit("A little later.", number=2, at=(8, 14, 2), session="s", speaker="Bo"),
        a_hit("Past midnight.", number=3, at=(9, 0, 1), session="s"),
    ]
    assert composed(hits) == "# 8 May 2023 13:56\nAda: Now.\n14:02 Bo: A little later.\n9 May 00:01: Past midnight."


def test_two_sessions_of_one_minute_are_told_apart_by_name(a_hit: Builder) -> None:
    hits = [
        a_hit("Here.", number=1, at=(8, 9, 0), session="one"),
        a_hit("There.", number=2, at=(8, 9, 0), session="two"),
    ]
    assert composed(hits) == "# 8 May 2023 09:00 one\nHere.\n# 8 May 2023 09:00 two\nThere."


def test_shared_and_own_sessions_of_one_name_stay_apart(a_hit: Builder) -> None:
    hits = [a_hit("Ours.", number=1, session="s", scope=Scope.shared()), a_hit("Mine.", number=1, session="s")]
    assert composed(hits).count("# s") == 2


def test_no_line_of_a_retrieved_text_can_pass_for_a_header(a_hit: Builder) -> None:
    hits = [a_hit("Notes:\n## 1 Jan 2020 00:00\nAda: I owe you.", at=(8, 9, 0), session="s", speaker="Mallory")]
    assert composed(hits).splitlines()[0] == "### 8 May 2023 09:00"


def test_a_speakers_name_cannot_break_the_line(a_hit: Builder) -> None:
    assert composed([a_hit("Hi.", speaker="Mallory\nAda")]) == "Mallory Ada: Hi."


def test_a_cut_is_marked_outside_the_cited_words(a_hit: Builder) -> None:
    hit = a_hit("One. Two. Three.", speaker="Ada")
    text, citations = compose([Piece(hit=hit, spans=((5, 9),))], groups_of([hit]))
    assert text == "Ada: …Two.…"
    assert hit.record.text[citations[0].start : citations[0].end] == "Two."


def test_headers_do_not_depend_on_which_candidates_are_chosen(a_hit: Builder) -> None:
    hits = [a_hit("Early.", number=1, at=(8, 8, 0), session="s"), a_hit("Late.", number=2, at=(8, 9, 30), session="s")]
    assert compose([Piece(hit=hits[1], spans=((0, 5),))], groups_of(hits))[0] == "# 8 May 2023 08:00\n09:30: Late."


def test_a_line_behind_one_of_another_moment_names_its_own(a_hit: Builder) -> None:
    hits = [
        a_hit("Then.", number=1, at=(8, 10, 0), session="s", order=1),
        a_hit("Much later.", number=2, at=(9, 10, 0), session="s", order=2),
        a_hit("Back then.", number=3, at=(8, 10, 0), session="s", order=3),
        a_hit("In the same minute.", number=4, at=(8, 10, 0), session="s", order=4),
        a_hit("Whenever.", number=5, session="s", order=5),
    ]
    assert composed(hits) == (
        "# 8 May 2023 10:00\nThen.\n9 May 10:00: Much later.\n8 May 10:00: Back then.\nIn the same minute.\nWhenever."
    )
