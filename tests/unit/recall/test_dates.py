import re
from datetime import UTC, date, datetime
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lamina.recall import dates, distances, parts
from lamina.recall.dates import dates_in
from lamina.recall.days import Days
from lamina.recall.ranges import days_and_rest, named_days

ASKED = datetime(2026, 3, 4, 12, tzinfo=UTC)  # a Wednesday
PARTS = (
    "the early mid mid- late in of on beginning start middle end first second last final fifth half week weekend days "
    "day months quarter monday few two three 3 2.5 and a half year years fortnight decade hour hours minutes ago past "
    "recent next today earlier later this may june february 2024 9999 h1 q2 summer winter christmas turn anfang ende "
    "letzten des jahres mai hälfte erste woche vor zweieinhalb stunden fin début de première semaine juin il y heures "
    "demi 年 初 月 半 前 小时 上 底"
).split()


def between(first, last):
    return (Days(first=date.fromisoformat(first), last=date.fromisoformat(last)),)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("in early 2024", "2024-01-01", "2024-04-30"),
        ("early in 2024", "2024-01-01", "2024-04-30"),
        ("mid-2024", "2024-05-01", "2024-08-31"),
        ("late 2023", "2023-09-01", "2023-12-31"),
        ("at the beginning of 2024", "2024-01-01", "2024-04-30"),
        ("the start of the year 2024", "2024-01-01", "2024-04-30"),
        ("the middle of 2024", "2024-05-01", "2024-08-31"),
        ("at the very end of 2024", "2024-09-01", "2024-12-31"),
        ("in the first half of 2024", "2024-01-01", "2024-06-30"),
        ("the second half of 2024", "2024-07-01", "2024-12-31"),
        ("H2 2024", "2024-07-01", "2024-12-31"),
        ("2024 H1", "2024-01-01", "2024-06-30"),
        ("the first half of May 2024", "2024-05-01", "2024-05-15"),
        ("late in May 2024", "2024-05-21", "2024-05-31"),
        ("the first week of June 2024", "2024-06-01", "2024-06-07"),
        ("the last week of May 2024", "2024-05-25", "2024-05-31"),
        ("the third week of February 2024", "2024-02-15", "2024-02-21"),
        ("the fifth week of June 2024", "2024-06-29", "2024-06-30"),
        ("the final days of May 2024", "2024-05-27", "2024-05-31"),
        ("the last ten days of May 2024", "2024-05-22", "2024-05-31"),
        ("the first weekend of June 2024", "2024-06-01", "2024-06-02"),
        ("the first weekend in June 2025", "2025-06-07", "2025-06-08"),
        ("the last Friday of May 2024", "2024-05-31", "2024-05-31"),
        ("the first week of 2024", "2024-01-01", "2024-01-07"),
        ("the last month of 2024", "2024-12-01", "2024-12-31"),
        ("the first three months of 2024", "2024-01-01", "2024-03-31"),
        ("the last days of 2023", "2023-12-27", "2023-12-31"),
        ("the first day of June 2024", "2024-06-01", "2024-06-01"),
        ("late spring 2024", "2024-05-01", "2024-05-31"),
        ("the first month of Q2 2024", "2024-04-01", "2024-04-30"),
    ],
)
def test_a_part_of_what_has_a_year_is_read_at_every_moment(text, first, last):
    assert named_days(text, at=None) == named_days(text, at=ASKED) == between(first, last)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the first week of June", (Days(month=6, day=1, to_day=7),)),
        ("the second week of March", (Days(month=3, day=8, to_day=14),)),
        ("the last week in April", (Days(month=4, day=24, to_day=31),)),
        ("the last week of February", (Days(month=2, day=22, to_day=31),)),
        ("the last days of July", (Days(month=7, day=27, to_day=31),)),
        ("the first few days of July", (Days(month=7, day=1, to_day=5),)),
        ("the last two weeks of June", (Days(month=6, day=17, to_day=31),)),
        ("the first weekend of June", (Days(month=6, day=1, to_day=8),)),
        ("the last weekend of June", (Days(month=6, day=24, to_day=31),)),
        ("the 4th Thursday of November", (Days(month=11, day=22, to_day=28),)),
        ("in the second half of May", (Days(month=5, day=16, to_day=31),)),
        ("early in May", (Days(month=5, day=1, to_day=10),)),
        ("in early summer", (Days(month=6),)),
        ("at the end of the summer", (Days(month=8),)),
        ("the second month of the first quarter", (Days(month=2),)),
        ("at the turn of the year", (Days(month=12, day=25, to_day=31), Days(month=1, day=1, to_day=7))),
    ],
)
def test_a_part_of_a_month_or_season_without_a_year_is_that_of_any(text, expected):
    assert named_days(text, at=None) == named_days(text, at=ASKED) == expected


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("early last year", "2025-01-01", "2025-04-30"),
        ("the first half of last year", "2025-01-01", "2025-06-30"),
        ("the first quarter of last year", "2025-01-01", "2025-03-31"),
        ("at the end of last month", "2026-02-21", "2026-02-28"),
        ("the first week of this month", "2026-03-01", "2026-03-07"),
        ("early last week", "2026-02-23", "2026-02-25"),
        ("at the end of last week", "2026-02-26", "2026-03-01"),
        ("in the second half of last week", "2026-02-26", "2026-03-01"),
        ("late last summer", "2025-08-01", "2025-08-31"),
        ("What did I plant late last month?", "2026-02-21", "2026-02-28"),
        ("earlier this year", "2026-01-01", "2026-03-04"),
        ("later this week", "2026-03-04", "2026-03-08"),
        ("in the last twenty-four hours", "2026-03-03", "2026-03-04"),
        ("in the past 48 hours", "2026-03-02", "2026-03-04"),
        ("in the last hour", "2026-03-04", "2026-03-04"),
        ("half an hour ago", "2026-03-04", "2026-03-04"),
        ("a few hours ago", "2026-03-04", "2026-03-04"),
        ("thirteen hours ago", "2026-03-03", "2026-03-03"),
        ("twelve hours ago", "2026-03-03", "2026-03-04"),
        ("over the last half hour", "2026-03-04", "2026-03-04"),
        ("two and a half years ago", "2023-06-05", "2023-12-04"),
        ("2.5 years ago", "2023-06-05", "2023-12-04"),
        ("one and a half months ago", "2026-01-11", "2026-01-25"),
        ("a year and a half ago", "2024-06-04", "2024-12-03"),
        ("a week and a half ago", "2026-02-21", "2026-02-23"),
        ("over the past year and a half", "2024-09-03", "2026-03-04"),
        ("in the past half year", "2025-09-05", "2026-03-04"),
        ("two or three weeks ago", "2026-02-08", "2026-02-21"),
        ("2-3 days ago", "2026-03-01", "2026-03-02"),
        ("a day or two ago", "2026-03-02", "2026-03-03"),
        ("in the last week or two", "2026-02-18", "2026-03-04"),
        ("a fortnight ago", "2026-02-15", "2026-02-21"),
        ("last fortnight", "2026-02-18", "2026-03-04"),
        ("two decades ago", "2004-03-09", "2008-03-08"),
        ("in recent days", "2026-02-27", "2026-03-04"),
        ("over the past weeks", "2026-01-28", "2026-03-04"),
        ("a week from today", "2026-03-08", "2026-03-14"),
        ("the day before yesterday", "2026-03-02", "2026-03-02"),
        ("the day after tomorrow", "2026-03-06", "2026-03-06"),
    ],
)
def test_what_counts_from_the_moment_of_asking_needs_it(text, first, last):
    assert named_days(text, at=ASKED) == between(first, last)
    assert named_days(text, at=None) == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("in May last year", between("2025-05-01", "2025-05-31")),
        ("on 8 May last year", between("2025-05-08", "2025-05-08")),
        ("from 3 to 5 May last year", between("2025-05-03", "2025-05-05")),
        ("in the first week of June last year", between("2025-06-01", "2025-06-07")),
        ("in the summer of last year", between("2025-06-01", "2025-08-31")),
    ],
)
def test_a_month_of_last_year_is_one_date(text, expected):
    assert named_days(text, at=ASKED) == expected


@pytest.mark.parametrize(
    ("hour", "text", "first", "last"),
    [
        (1, "three hours ago", 3, 3),
        (3, "three hours ago", 3, 4),
        (1, "in the last two hours", 3, 4),
        (1, "half an hour ago", 4, 4),
        (0, "ten minutes ago", 3, 3),
        (23, "in the last 24 hours", 3, 4),
    ],
)
def test_hours_are_counted_from_the_hour(hour, text, first, last):
    asked = datetime(2026, 3, 4, hour, tzinfo=UTC)
    assert named_days(text, at=asked) == (Days(first=date(2026, 3, first), last=date(2026, 3, last)),)


@pytest.mark.parametrize(
    ("text", "first"), [("in the last 24 hours", 3), ("three hours ago", 3), ("in the past 48 hours", 2)]
)
def test_hours_counted_from_a_day_are_those_of_any_moment_of_it(text, first):
    (found,) = dates_in(text, today=date(2026, 3, 4))
    assert found.days == (Days(first=date(2026, 3, first), last=date(2026, 3, 4)),)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("since early 2024", (Days(first=date(2024, 1, 1)),)),
        ("by the end of 2024", (Days(last=date(2024, 12, 31)),)),
        ("before the end of 2024", (Days(last=date(2024, 12, 31)),)),
        ("before the end of February 2024", (Days(last=date(2024, 2, 29)),)),
        ("before the start of 2024", (Days(last=date(2023, 12, 31)),)),
        ("after the beginning of 2024", (Days(first=date(2024, 1, 1)),)),
        ("after the first week of June 2024", (Days(first=date(2024, 6, 8)),)),
        ("from early 2023 to late 2024", between("2023-01-01", "2024-12-31")),
        ("between mid-March and the end of April 2024", between("2024-03-11", "2024-04-30")),
    ],
)
def test_parts_are_the_ends_of_ranges(text, expected):
    assert named_days(text, at=None) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("the second half of the game", "two and a half hours of sleep", "the last days of Pompeii", "the first week"),
        *("the last week of school", "the beginning of the end", "in the last months at Bolt", "the last hours of it"),
        *("an early fall from a horse", "Is it early, mid or late?", "one and a half pages, half a year", "weeks ago"),
        *("the other day", "over the holidays", "What will I do in the next few days?", "in the most recent weeks"),
        *(
            "at the end of the month",
            "films from the 1990s",
            "the first hour of the talk",
            "in recent years",
            "two hours and a half",
        ),
    ],
)
def test_parts_and_lengths_of_other_things_are_no_dates(text):
    assert named_days(text, at=ASKED) == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Who was late last month?", between("2026-02-01", "2026-02-28")),
        ("Was the rent late last month?", between("2026-02-01", "2026-02-28")),
        ("Why did she leave early last week?", between("2026-02-23", "2026-03-01")),
        ("the fifth week of February", (Days(month=2),)),
        ("the first half of yesterday", between("2026-03-03", "2026-03-03")),
        ("the third month of the third quarter of 2024", between("2024-09-01", "2024-09-30")),
        ("the fifth quarter of 2024", between("2024-01-01", "2024-12-31")),
        ("What did I do last week in May?", (*between("2026-02-23", "2026-03-01"), Days(month=5))),
    ],
)
def test_a_date_that_has_no_such_part_is_read_whole(text, expected):
    assert named_days(text, at=ASKED) == expected


def test_the_rest_of_a_question_holds_no_part():
    _, rest = days_and_rest("What did I sow in the first week of June 2024?", at=None)
    assert rest.split() == ["What", "did", "I", "sow", "in", "the", "?"]


@given(st.lists(st.sampled_from(PARTS), max_size=12).map(" ".join), st.none() | st.datetimes(timezones=st.just(UTC)))
def test_any_parts_at_any_time_are_read_without_an_error_and_lie_apart(text, at):
    for days in named_days(text, at=at):
        assert days.first is None or days.last is None or days.first <= days.last
        assert days.month is None or days.day is None or days.day <= (days.to_day or days.day)
    found = dates_in(text, today=at)
    assert all(one.end <= other.start for one, other in pairwise(found))


RULES = [(dates._HINTS, rule) for _, readers in dates._READERS for rule, _ in readers]
RULES += [(hints, rule) for hints, readers in dates._READERS if hints is not None for rule, _ in readers]
RULES += [(distances.DISTANCE_HINTS, rule) for rule, _ in (*distances.DISTANCES, *distances.DISTANCES_IN_HOURS)]


RULES += [(hints, rule) for hints in (dates._EDGES, dates._OF_NOW_UNITS) for rule, _ in dates._OF_NOW]
RULES += [(parts.PART_HINTS, rule) for rule in (parts._ENGLISH, *parts._ELSEWHERE)]


@pytest.mark.parametrize(("hints", "rule"), RULES)
def test_no_rule_needs_a_word_that_is_not_asked_for_before_it(hints: frozenset[str], rule: re.Pattern[str]) -> None:
    @settings(suppress_health_check=list(HealthCheck), max_examples=20)
    @given(st.from_regex(rule, alphabet=st.characters(max_codepoint=127)))
    def holds(text: str) -> None:
        words = dates._WORD.findall(text.lower())
        if hints is dates._HINTS:
            assert dates._may_name_days(text, words)
        else:
            assert not hints.isdisjoint(words)

    holds()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mid to late June", (Days(month=6, day=11, to_day=31),)),
        ("early-to-mid June, early/mid June", (Days(month=6, day=1, to_day=20),)),
        ("early or late June", (Days(month=6, day=1, to_day=10), Days(month=6, day=21, to_day=31))),
        (
            "the beginning or the end of June 2024",
            (*between("2024-06-01", "2024-06-10"), *between("2024-06-21", "2024-06-30")),
        ),
        ("late to early June", (Days(month=6, day=21, to_day=31), Days(month=6, day=1, to_day=10))),
        ("early to mid 2025", between("2025-01-01", "2025-08-31")),
        ("in early or mid summer", (Days(month=6), Days(month=7))),
        ("mid to late last week", between("2026-02-24", "2026-03-01")),
        ("the first or second week of June", (Days(month=6, day=1, to_day=14),)),
        ("the first and last week of June", (Days(month=6, day=1, to_day=7), Days(month=6, day=24, to_day=31))),
        ("from the first week to the third week of May", (Days(month=5, day=1, to_day=21),)),
        ("from the first to the last day of May", (Days(month=5),)),
        ("the first half or the second half of 2025", between("2025-01-01", "2025-12-31")),
        (
            "the first and third Monday of last month",
            (*between("2026-02-02", "2026-02-02"), *between("2026-02-16", "2026-02-16")),
        ),
        ("the first and second quarter of 2024", between("2024-01-01", "2024-06-30")),
        ("Was tat ich Mitte bis Ende Juni?", (Days(month=6, day=11, to_day=31),)),
        ("Was tat ich Anfang oder Ende Juni?", (Days(month=6, day=1, to_day=10), Days(month=6, day=21, to_day=31))),
        ("Où étais-je de la mi à la fin juin ?", (Days(month=6, day=11, to_day=31),)),
        ("Où étais-je début ou fin juin ?", (Days(month=6, day=1, to_day=10), Days(month=6, day=21, to_day=31))),
        ("première ou deuxième semaine de mai 2025", between("2025-05-01", "2025-05-14")),
        ("6月中下旬我在哪里？", (Days(month=6, day=11, to_day=31),)),
        ("6月上旬到中旬我在哪里？", (Days(month=6, day=1, to_day=20),)),
        ("6月上旬或下旬我在哪里？", (Days(month=6, day=1, to_day=10), Days(month=6, day=21, to_day=31))),
    ],
)
def test_of_two_parts_both_are_read_and_what_lies_between_them_where_it_is_meant(text, expected):
    assert named_days(text, at=ASKED) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("early June to mid July", between("2025-06-01", "2025-07-20")),
        ("6月上旬到7月中旬", between("2025-06-01", "2025-07-20")),
        ("the first week of the second half of 2024", between("2024-07-01", "2024-07-07")),
        ("the last day of the first week of June 2024", between("2024-06-07", "2024-06-07")),
    ],
)
def test_parts_of_two_dates_are_told_apart_and_a_part_may_have_a_part(text, expected):
    assert named_days(text, at=ASKED) == expected


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("early to second week of June", "in June"),
        ("every first Monday of last year", "last year"),
        ("every first or second Monday of last year", "last year"),
        ("her second week in June 2025", "June 2025"),
        ("Who was early or late last month?", "last month"),
        ("the second day in June of our trip", "in June"),
        ("Was tat ich am zweiten Tag im Juni unserer Reise?", "in June"),
        ("Où étais-je le deuxième jour en juin de notre voyage ?", "in June"),
    ],
)
def test_of_parts_of_two_kinds_and_of_what_is_somebodys_the_whole_is_meant(text, whole):
    assert named_days(text, at=ASKED) == named_days(whole, at=ASKED) != ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the second day in June of last year", between("2025-06-02", "2025-06-02")),
        ("Q3 last year, Q3 of last year", between("2025-07-01", "2025-09-30")),
        ("the third quarter of last year, third quarter last year", between("2025-07-01", "2025-09-30")),
        ("H2 last year", between("2025-07-01", "2025-12-31")),
        ("the last quarter of this year", between("2026-10-01", "2026-12-31")),
        ("the third of last month", between("2026-02-03", "2026-02-03")),
        ("since the twenty-first of last month", (Days(first=date(2026, 2, 21)),)),
        ("What did I spend a third of last month on?", between("2026-02-01", "2026-02-28")),
        ("Was tat ich in Q3 letzten Jahres?", between("2025-07-01", "2025-09-30")),
        ("Was tat ich im dritten Quartal letzten Jahres?", between("2025-07-01", "2025-09-30")),
        ("Was tat ich am dritten des letzten Monats?", between("2026-02-03", "2026-02-03")),
        ("Was tat ich am 3. letzten Monats?", between("2026-02-03", "2026-02-03")),
        ("Où étais-je au T3 de l'année dernière ?", between("2025-07-01", "2025-09-30")),
        ("Où étais-je le trois du mois dernier ?", between("2026-02-03", "2026-02-03")),
        ("Où étais-je le 1er de ce mois ?", between("2026-03-01", "2026-03-01")),
        ("去年第三季度我在哪里？", between("2025-07-01", "2025-09-30")),
        ("2024年三季度我在哪里？", between("2024-07-01", "2024-09-30")),
        ("上个月三号我在哪里？", between("2026-02-03", "2026-02-03")),
    ],
)
def test_a_quarter_of_last_year_and_a_day_of_last_month_are_one_date(text, expected):
    assert named_days(text, at=ASKED) == expected


def test_no_year_behind_the_last_is_asked_for() -> None:
    assert named_days("next Christmas", at=datetime(9999, 12, 31, tzinfo=UTC)) == ()
