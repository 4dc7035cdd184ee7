import re
from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lamina.recall import ranges
from lamina.recall.days import Days
from lamina.recall.far import Far
from lamina.recall.ranges import Relative, named_days, relative_to

ASKED = datetime(2026, 3, 4, 12, tzinfo=UTC)  # a Wednesday
WORDS = (
    "1 12 31 2023 9999 0000 999 may ſeptember dec march in last ago days months week since before after between and "
    "until the next this friday summer winter weekend past over a year two of by today "
    "to from - on few early mid q2 quarter christmas fifth week 29 february 3 5 am vor 上周 月 日 年 第 mai hier le"
).split()


def between(first, last):
    return (Days(first=date.fromisoformat(first), last=date.fromisoformat(last)),)


def since(first):
    return (Days(first=date.fromisoformat(first)),)


def up_to(last):
    return (Days(last=date.fromisoformat(last)),)


@pytest.mark.parametrize(
    "text",
    [
        *("on 8 May, 2023", "8th of May 2023", "May 8, 2023", "may 8th 2023", "2023-05-08", "08 MAY 2023"),
        *(
            "2023/05/08",
            "2023/5/8",
            "2023.05.08",
            "May eighth, 2023",
            "the eighth of May 2023",
            "on Monday, 8 May 2023",
        ),
    ],
)
def test_a_day_is_read_in_every_spelling(text):
    assert named_days(text, at=None) == between("2023-05-08", "2023-05-08")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("in May 2023", between("2023-05-01", "2023-05-31")),
        ("February 2024", between("2024-02-01", "2024-02-29")),
        ("in December 9999", between("9999-12-01", "9999-12-31")),
        ("during May", (Days(month=5),)),
        ("on 8 May", (Days(month=5, day=8),)),
        ("You may go, march on", ()),
        ("31 February 2023 or 2023-13-40", ()),
        ("nothing here", ()),
        ("in 2022", between("2022-01-01", "2022-12-31")),
        ("2022 boxes, in 20222, in 2022-23", ()),
        ("in the summer of 2022", between("2022-06-01", "2022-08-31")),
        ("in the summer", (Days(month=6), Days(month=7), Days(month=8))),
        ("the fall of a spring", ()),
        ("on the twenty-first of May", (Days(month=5, day=21),)),
        ("on May first", (Days(month=5, day=1),)),
        ("May fifth", (Days(month=5, day=5),)),
        ("You may first go, what may third parties do", ()),
        ("in early June", (Days(month=6, day=1, to_day=10),)),
        ("mid-June", (Days(month=6, day=11, to_day=20),)),
        ("late June 2023", between("2023-06-21", "2023-06-30")),
        ("the end of February 2023", between("2023-02-21", "2023-02-28")),
        ("Q2 2023", between("2023-04-01", "2023-06-30")),
        ("2023 Q4", between("2023-10-01", "2023-12-31")),
        ("the second quarter of 2023", between("2023-04-01", "2023-06-30")),
        ("the last quarter of 2023", between("2023-10-01", "2023-12-31")),
        ("in Q2", (Days(month=4), Days(month=5), Days(month=6))),
        ("during the first quarter", (Days(month=1), Days(month=2), Days(month=3))),
        ("a quarter of it, Q5, Q2: who", ()),
        ("at Christmas", (Days(month=12, day=24, to_day=26),)),
        ("at Christmas 2022", between("2022-12-24", "2022-12-26")),
        ("on Christmas Day", (Days(month=12, day=25),)),
        ("around New Year’s Eve", (Days(month=12, day=30, to_day=31), Days(month=1, day=1, to_day=1))),
        ("a Christmas tree", ()),
    ],
)
def test_months_and_years_are_read_and_other_words_are_not(text, expected):
    assert named_days(text, at=None) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("today", between("2026-03-04", "2026-03-04")),
        ("yesterday", between("2026-03-03", "2026-03-03")),
        ("this week", between("2026-03-02", "2026-03-08")),
        ("last week", between("2026-02-23", "2026-03-01")),
        ("last month", between("2026-02-01", "2026-02-28")),
        ("three days ago", between("2026-03-01", "2026-03-01")),
        ("twenty-three days ago", between("2026-02-09", "2026-02-09")),
        ("forty five days ago", between("2026-01-18", "2026-01-18")),
        ("a hundred days ago", between("2025-11-24", "2025-11-24")),
        ("a hundred and twenty days ago", between("2025-11-04", "2025-11-04")),
        ("two hundred days ago", between("2025-08-16", "2025-08-16")),
        ("half a year ago", between("2025-08-21", "2025-09-20")),
        ("2 weeks ago", between("2026-02-15", "2026-02-21")),
        ("a couple of weeks ago", between("2026-02-15", "2026-02-21")),
        ("four years ago", between("2021-09-04", "2022-09-03")),
        ("tomorrow", between("2026-03-05", "2026-03-05")),
        ("last night", between("2026-03-03", "2026-03-03")),
        ("next week", between("2026-03-09", "2026-03-15")),
        ("last weekend", between("2026-02-28", "2026-03-01")),
        ("this weekend", between("2026-03-07", "2026-03-08")),
        ("last Friday", between("2026-02-27", "2026-02-27")),
        ("last Wednesday", between("2026-02-25", "2026-02-25")),
        ("this Monday", between("2026-03-02", "2026-03-02")),
        ("next Wednesday", between("2026-03-11", "2026-03-11")),
        ("this year", between("2026-01-01", "2026-12-31")),
        ("last year", between("2025-01-01", "2025-12-31")),
        ("in the last week", between("2026-02-25", "2026-03-04")),
        ("over the past 3 days", between("2026-03-01", "2026-03-04")),
        ("the last two months", between("2026-01-03", "2026-03-04")),
        ("last summer", between("2025-06-01", "2025-08-31")),
        ("last winter", between("2025-12-01", "2026-02-28")),
        ("this autumn", between("2026-09-01", "2026-11-30")),
        ("next winter", between("2026-12-01", "2027-02-28")),
        ("since yesterday", (Days(first=date(2026, 3, 3)),)),
        ("until last Friday", (Days(last=date(2026, 2, 27)),)),
        ("on Monday", between("2026-03-02", "2026-03-02")),
        ("on Wednesday", between("2026-02-25", "2026-02-25")),
        ("What will Ada do on Monday?", between("2026-03-09", "2026-03-09")),
        ("since Monday", since("2026-03-02")),
        ("from Monday to Friday", between("2026-02-23", "2026-02-27")),
        ("on Mondays, on a Monday, the Monday after the trip", ()),
        ("over the weekend", between("2026-02-28", "2026-03-01")),
        ("What will we do at the weekend?", between("2026-03-07", "2026-03-08")),
        ("a few days ago", between("2026-02-27", "2026-03-02")),
        ("several weeks ago", between("2026-01-11", "2026-02-14")),
        ("over the last few days", between("2026-02-27", "2026-03-04")),
        ("in the past couple of weeks", between("2026-02-18", "2026-03-04")),
        ("this morning", between("2026-03-04", "2026-03-04")),
        ("tonight", between("2026-03-04", "2026-03-04")),
        ("last quarter", between("2025-10-01", "2025-12-31")),
        ("this quarter", between("2026-01-01", "2026-03-31")),
        ("last Christmas", between("2025-12-24", "2025-12-26")),
        ("next Halloween", between("2026-10-30", "2026-11-01")),
        ("the night before last", between("2026-03-02", "2026-03-02")),
        ("the week before last", between("2026-02-16", "2026-02-22")),
        ("the Friday before last", between("2026-02-20", "2026-02-20")),
        ("two Fridays ago", between("2026-02-20", "2026-02-20")),
        ("two weekends ago", between("2026-02-21", "2026-02-22")),
        ("on the 9th", between("2026-02-09", "2026-02-09")),
        ("on the 4th", between("2026-03-04", "2026-03-04")),
        ("on the 31st?", between("2026-01-31", "2026-01-31")),
        ("What will Ada do on the 9th?", between("2026-03-09", "2026-03-09")),
        ("the 9th of last month", between("2026-02-09", "2026-02-09")),
        ("since the 2nd", since("2026-03-02")),
        ("between the 3rd and the 9th", between("2026-02-03", "2026-02-09")),
        ("between the 28th and the 3rd", between("2026-02-28", "2026-03-03")),
        ("on the 9th floor, in the 9th symphony", ()),
        ("two days after last Monday", between("2026-03-04", "2026-03-04") + between("2026-03-02", "2026-03-02")),
    ],
)
def test_what_counts_from_the_moment_of_asking_needs_it(text, expected):
    assert named_days(text, at=ASKED) == expected
    assert named_days(text, at=None) == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("on 13/05/2026", between("2026-05-13", "2026-05-13")),
        ("on 05/13/2026", between("2026-05-13", "2026-05-13")),
        ("on 8.5.2026", between("2026-05-08", "2026-05-08")),
        ("on 08/05/2026", between("2026-05-08", "2026-05-08") + between("2026-08-05", "2026-08-05")),
        ("on 5/5/26", between("2026-05-05", "2026-05-05")),
        ("since 13/05/2026", since("2026-05-13")),
        ("between 13/05/2026 and 20/05/2026", between("2026-05-13", "2026-05-20")),
        ("31/31/2026, 10.0.0.2026, version 1.2.3.2026", ()),
    ],
)
def test_days_in_numbers_are_read_in_every_order_that_a_calendar_has(text, expected):
    assert named_days(text, at=None) == expected


def test_between_two_holidays_is_a_span_over_the_new_year():
    assert named_days("between Christmas and New Year", at=ASKED) == between("2025-12-25", "2026-01-01")
    assert named_days("between Christmas and the New Year", at=ASKED) == between("2025-12-25", "2026-01-01")


def test_what_was_since_an_event_is_told_and_how_long_it_is_since_then_is_not():
    assert relative_to("What did Ada do since she moved?") == Relative(
        "she moved", is_before=False, asked="What did Ada do?", is_since=True
    )
    for text in ("How long is it since my birthday?", "Since when does Ada swim?", "What did I do since last Friday?"):
        assert relative_to(text) is None


@pytest.mark.parametrize(
    "text", ["What happened the night before last?", "Who came the night before last in the rain?"]
)
def test_the_night_before_last_is_no_event(text):
    assert relative_to(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("since May 2023", since("2023-05-01")),
        ("before 9 June 2023", up_to("2023-06-08")),
        ("after June 9, 2023", since("2023-06-10")),
        ("until 2023-06-09", up_to("2023-06-09")),
        ("before 2022", up_to("2021-12-31")),
        ("between 3 May 2023 and 9 June 2023", between("2023-05-03", "2023-06-09")),
        ("from March 15 till April 5, 2025", between("2025-03-15", "2025-04-05")),
        ("from 20 December to 3 January 2025", between("2024-12-20", "2025-01-03")),
        ("between December 20, 2024 and 3 January", between("2024-12-20", "2025-01-03")),
        ("from 2019 to 2021", between("2019-01-01", "2021-12-31")),
        ("between 3 and 5 May 2023", between("2023-05-03", "2023-05-05")),
        ("from the 3rd to the 5th of May 2023", between("2023-05-03", "2023-05-05")),
        ("3\N{EN DASH}5 May 2023", between("2023-05-03", "2023-05-05")),
        ("May 3-5, 2023", between("2023-05-03", "2023-05-05")),
        ("between May 3 and 5, 2023", between("2023-05-03", "2023-05-05")),
        ("May 3 to 5 June 2023", between("2023-05-03", "2023-06-05")),
        ("2023-05-03 to 2023-05-05", between("2023-05-03", "2023-05-05")),
        ("on 3 and 5 May 2023", between("2023-05-03", "2023-05-03") + between("2023-05-05", "2023-05-05")),
        ("on May 3 and 5 days later", (Days(month=5, day=3),)),
        ("from March to May 2023", between("2023-03-01", "2023-05-31")),
        ("March to May 2023", between("2023-03-01", "2023-05-31")),
        ("the week of 7 June 2023", between("2023-06-05", "2023-06-11")),
        ("the weekend of 3 June 2023", between("2023-06-03", "2023-06-04")),
        ("on 3 May 2023 and on 9 June 2023", between("2023-05-03", "2023-05-03") + between("2023-06-09", "2023-06-09")),
    ],
)
def test_words_around_dates_make_ranges_of_them(text, expected):
    assert named_days(text, at=None) == expected


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("three days after 8 May 2023", "2023-05-11", "2023-05-11"),
        ("two weeks before 8 May 2023", "2023-04-21", "2023-04-27"),
        ("the week before 8 May 2023", "2023-05-01", "2023-05-07"),
        ("the day after 8 May 2023", "2023-05-09", "2023-05-09"),
        ("last weekend before 8 May 2023", "2023-05-06", "2023-05-07"),
        ("the weekend after 8 May 2023", "2023-05-13", "2023-05-14"),
        ("the Monday before 8 May 2023", "2023-05-01", "2023-05-01"),
        ("the Friday after 8 May 2023", "2023-05-12", "2023-05-12"),
        ("in the three days after 8 May 2023", "2023-05-09", "2023-05-11"),
        ("within two weeks before 8 May 2023", "2023-04-24", "2023-05-07"),
    ],
)
def test_days_counted_from_a_date_are_named_beside_it(text, first, last):
    assert named_days(text, at=ASKED) == between(first, last) + between("2023-05-08", "2023-05-08")


@pytest.mark.parametrize(
    ("text", "at_all_times", "asked_in_march_2026"),
    [
        ("since May", (Days(month=5),), since("2025-05-01")),
        ("last May", (Days(month=5),), between("2025-05-01", "2025-05-31")),
        ("next March", (Days(month=3),), between("2027-03-01", "2027-03-31")),
        ("after 29 February", (Days(month=2, day=29),), since("2024-03-01")),
        ("between May and July", (Days(month=5), Days(month=6), Days(month=7)), between("2025-05-01", "2025-07-31")),
        ("from 3 to 5 May", (Days(month=5, day=3, to_day=5),), between("2025-05-03", "2025-05-05")),
        (
            "from 28 April to 3 May",
            (Days(month=4, day=28, to_day=31), Days(month=5, day=1, to_day=3)),
            between("2025-04-28", "2025-05-03"),
        ),
        (
            "from 30 December to 2 January",
            (Days(month=12, day=30, to_day=31), Days(month=1, day=1, to_day=2)),
            between("2025-12-30", "2026-01-02"),
        ),
        ("the week of 5 June", (Days(month=6, day=5, to_day=11),), between("2025-06-02", "2025-06-08")),
        ("since late February", (Days(month=2, day=21, to_day=31),), since("2026-02-21")),
        ("since Christmas", (Days(month=12, day=25),), since("2025-12-25")),
        ("in May", (Days(month=5),), (Days(month=5),)),
    ],
)
def test_ranges_without_a_year_end_where_they_were_last_before_the_asking(text, at_all_times, asked_in_march_2026):
    assert named_days(text, at=None) == at_all_times
    assert named_days(text, at=ASKED) == asked_in_march_2026


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("between June and March", between("2025-06-01", "2026-03-31")),
        ("between June and March 2023", between("2022-06-01", "2023-03-31")),
        ("between June 2023 and March 2023", between("2023-03-01", "2023-06-30")),
        ("from 9 June 2023 to 3 May 2023", between("2023-05-03", "2023-06-09")),
    ],
)
def test_a_range_that_runs_backwards_crosses_the_new_year_or_is_turned_around(text, expected):
    assert named_days(text, at=ASKED) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("before the end of March", up_to("2026-03-31")),
        ("by the very end of March", up_to("2026-03-31")),
        ("until late March", up_to("2026-03-31")),
        ("before the end of April", up_to("2025-04-30")),
        ("after the end of March", since("2025-04-01")),
        ("before the end of March 2024", up_to("2024-03-31")),
        ("by the end of the month", up_to("2026-03-31")),
        ("before the end of the week", up_to("2026-03-08")),
        ("until the end of the quarter", up_to("2026-03-31")),
        ("by the end of the year, not the end of the game", up_to("2026-12-31")),
        ("since the beginning of the year", since("2026-01-01")),
        ("after the start of the month", since("2026-03-01")),
        ("Was tat ich vor Ende März?", up_to("2026-03-31")),
        ("Was muss ich bis zum Ende des Monats tun?", up_to("2026-03-31")),
        ("Was tat ich seit Anfang des Jahres?", since("2026-01-01")),
        ("Was muss ich bis Ende der Woche tun?", up_to("2026-03-08")),
        ("Qu'ai-je fait avant la fin de mars ?", up_to("2026-03-31")),
        ("Que dois-je faire d'ici la fin du mois ?", up_to("2026-03-31")),
        ("Qu'ai-je fait depuis le début de l'année ?", since("2026-01-01")),
        ("三月底之前我做了什么？", up_to("2026-03-31")),
        ("月底前我要做什么？", up_to("2026-03-31")),
        ("年初以来我做了什么？", since("2026-01-01")),
        ("2023年之前我在哪里？", up_to("2022-12-31")),
        ("2023年5月8日以后我在哪里？", since("2023-05-09")),
        ("昨天后院有什么？", between("2026-03-03", "2026-03-03")),
    ],
)
def test_up_to_the_end_of_what_has_begun_its_end_may_be_ahead(text, expected):
    assert named_days(text, at=ASKED) == expected
    assert relative_to(text) is None


@pytest.mark.parametrize("text", ["before the end of the week we met", "by the end of the year-long trip"])
def test_a_week_of_somebody_is_not_this_one(text):
    assert named_days(text, at=ASKED) == ()


def test_months_of_any_year_are_counted_over_the_new_year():
    assert [days.month for days in named_days("between November and February", at=None)] == [11, 12, 1, 2]


@pytest.mark.parametrize(("text", "is_before"), [("Was it before the trip?", True), ("Was it after the trip?", False)])
def test_it_is_told_on_which_side_of_an_event_something_lies(text, is_before):
    found = relative_to(text)
    assert found is not None
    assert (found.event, found.is_before, found.far, found.asked) == ("the trip", is_before, None, "Was it?")


@pytest.mark.parametrize(
    ("text", "event"),
    [
        ("What did I do before the trip?", "the trip"),
        ("How did Ada feel after the trip in May, and why?", "the trip in May"),
        ("What did I do after starting boot camp", "starting boot camp"),
        ("What did I do before 9 June, after the race?", "the race"),
        ("What was it before last summer?", None),
        ("What was it after the 8th of May?", None),
        ("Have I done it before?", None),
        ("Whom is she named after?", None),
        ("Who looks after Ada?", None),
        ("Is it a before and after picture? And after that? After all, why?", None),
        ("Where?", None),
    ],
)
def test_an_event_that_is_no_date_is_told_and_names_no_day(text, event):
    found = relative_to(text)
    assert (None if found is None else found.event) == event
    if event == "the trip":
        assert named_days(text, at=ASKED) == ()


@pytest.mark.parametrize(
    ("text", "far"),
    [
        ("What did I plant three days after the trip?", Far(3)),
        ("What did I plant 14 days after the trip?", Far(14)),
        ("What did I plant fourteen days after the trip?", Far(14)),
        ("What did I plant the day after the trip?", Far(1)),
        ("What did I plant on the last day before the trip?", Far(1)),
        ("What did I plant a week before the trip?", Far(7, slack=3)),
        ("What did I plant two months before the trip?", Far(60, slack=15)),
        ("What did I plant in the three days after the trip?", Far(3, is_within=True)),
        ("What did I plant within three days after the trip?", Far(3, is_within=True)),
        ("What did I plant during the first two weeks after the trip?", Far(14, is_within=True)),
        ("What did I plant the week after the trip?", Far(7, is_within=True)),
        ("What did I plant in the month before the trip?", Far(31, is_within=True)),
        ("What did I plant less than 2 weeks before the trip?", Far(14, is_within=True)),
        ("What did I plant 1,000 days after the trip?", Far(1000)),
        ("What did I plant 1.5 years after the trip?", Far(547, slack=182)),
        ("What did I plant two years and three months after the trip?", Far(820, slack=15)),
        ("What did I plant more than three days after the trip?", None),
        ("What did I plant in the weeks after the trip?", None),
        ("What did I plant some days after the trip?", None),
    ],
)
def test_it_is_told_how_far_from_an_event_and_whether_anywhere_within(text, far):
    found = relative_to(text)
    assert found is not None
    assert (found.event, found.is_before, found.far) == ("the trip", "before" in text, far)


@pytest.mark.parametrize(
    ("text", "is_before", "far"),
    [
        ("Wo war ich drei Wochen nach der Reise?", False, Far(21, slack=3)),
        ("Wo war ich am Tag nach der Reise?", False, Far(1)),
        ("Wo war ich 1.000 Tage nach der Reise?", False, Far(1000)),
        ("Wo war ich ein Jahr und zwei Monate nach der Reise?", False, Far(425, slack=15)),
        ("Wo war ich zwei Wochen und einen Tag nach der Reise?", False, Far(15)),
        ("Où étais-je un an et deux mois après la Reise ?", False, Far(425, slack=15)),
        ("Wo war ich in den drei Tagen nach der Reise?", False, Far(3, is_within=True)),
        ("Wo war ich im Monat vor der Reise?", True, Far(31, is_within=True)),  # codespell:ignore vor
        ("Où étais-je un mois avant la Reise ?", True, Far(30, slack=15)),
        ("Où étais-je dans les trois jours après la Reise ?", False, Far(3, is_within=True)),
        ("Où étais-je la semaine avant la Reise ?", True, Far(7, is_within=True)),
        ("Où étais-je le lendemain de la Reise ?", False, Far(1)),
        ("Où étais-je la veille de la Reise ?", True, Far(1)),
    ],
)
def test_german_and_french_tell_how_far_from_an_event_too(text, is_before, far):
    found = relative_to(text)
    assert found is not None
    assert (found.event.split()[-1], found.is_before, found.far) == ("Reise", is_before, far)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Where did Ada work before Bolt?", "Where did Ada work?"),
        ("What did I plant in the three days after the trip to Rome, and why?", "What did I plant, and why?"),
        ("After the trip, where did I go?", "where did I go?"),
        ("Wo war ich drei Wochen nach der Reise?", "Wo war ich?"),
    ],
)
def test_what_is_asked_is_told_without_the_event(text, asked):
    found = relative_to(text)
    assert found is not None
    assert found.asked == asked


@pytest.mark.parametrize(
    "text",
    [
        "Where was I the day after tomorrow, day after day?",
        "Wie kam ich in drei Tagen nach Berlin?",
        "Where did he work in the year after 1999?",
    ],
)
def test_ways_and_dates_are_no_events(text):
    assert relative_to(text) is None


@given(st.lists(st.sampled_from(WORDS)).map(" ".join) | st.text(), st.none() | st.datetimes(timezones=st.just(UTC)))
def test_any_words_at_any_time_are_read_without_an_error_and_no_span_is_turned_around(text, at):
    for days in named_days(text, at=at):
        is_span = days.month is None
        assert is_span == (days.first is not None or days.last is not None)
        assert days.first is None or days.last is None or days.first <= days.last
        assert is_span or 1 <= days.month <= 12
    found = relative_to(text)
    assert found is None or found.event.strip() == found.event != ""


@given(st.text(), st.sampled_from([datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)]))
def test_the_ends_of_the_calendar_are_no_error(text, moment):
    assert isinstance(named_days(f"{text} last month, 999 months ago, this week", at=moment), tuple)


@pytest.mark.parametrize("rule", [*ranges._FAR_OTHER, ranges._NEXT_DAY])
def test_no_rule_of_other_languages_needs_a_word_that_is_not_asked_for_before_it(rule: re.Pattern[str]) -> None:
    @settings(suppress_health_check=list(HealthCheck))
    @given(st.from_regex(rule, alphabet=st.characters(max_codepoint=127)))
    def holds(text: str) -> None:
        assert ranges._may_tell_elsewhere(text)

    holds()
    assert not ranges._may_tell_elsewhere("What did Ada do three days before the trip?")
