from datetime import UTC, date, datetime

import pytest

from lamina.recall.days import Days
from lamina.recall.ranges import days_and_rest, named_days

#: A Wednesday.
ASKED = datetime(2026, 9, 2, 15, tzinfo=UTC)


def between(first, last):
    return (Days(first=date.fromisoformat(first), last=date.fromisoformat(last)),)


def on(*days):
    return tuple(Days(first=date.fromisoformat(day), last=date.fromisoformat(day)) for day in days)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("What did I do on Tuesday last week?", "2026-08-25"),
        ("What did I do last week on Tuesday?", "2026-08-25"),
        ("What did I do last week, on Tuesday?", "2026-08-25"),
        ("What did I do last week Tuesday?", "2026-08-25"),
        ("What did I do Tuesday of last week?", "2026-08-25"),
        ("What did I do on last week's Tuesday?", "2026-08-25"),
        ("What did I do on last week’s Tuesday?", "2026-08-25"),
        ("What did I do on Tuesday two weeks ago?", "2026-08-18"),
        ("What did I do two weeks ago on Tuesday?", "2026-08-18"),
        ("What did I do on Tuesday a week ago?", "2026-08-25"),
        ("What did I do on Sunday 3 weeks ago?", "2026-08-16"),
        ("What will I do Monday next week?", "2026-09-07"),
        ("What do I do Friday this week?", "2026-09-04"),
        ("What did I do on the Tuesday of the week before last?", "2026-08-18"),
        ("What did I do the week before last on Tuesday?", "2026-08-18"),
        ("What did I do on Tuesday last week before lunch?", "2026-08-25"),
        ("Was habe ich am Dienstag letzter Woche gemacht?", "2026-08-25"),
        ("Was habe ich am Dienstag der letzten Woche gemacht?", "2026-08-25"),
        ("Was habe ich letzte Woche Dienstag gemacht?", "2026-08-25"),
        ("Was habe ich letzte Woche am Dienstag gemacht?", "2026-08-25"),
        ("Was habe ich am Dienstag vorletzter Woche gemacht?", "2026-08-18"),
        ("Was habe ich Dienstag vor zwei Wochen gemacht?", "2026-08-18"),
        ("Was habe ich vor einer Woche am Dienstag gemacht?", "2026-08-25"),
        ("Was mache ich am Montag nächster Woche?", "2026-09-07"),
        ("Qu'ai-je fait mardi de la semaine dernière ?", "2026-08-25"),
        ("Qu'ai-je fait le mardi de la semaine dernière ?", "2026-08-25"),
        ("Qu'ai-je fait la semaine dernière, le mardi ?", "2026-08-25"),
        ("Qu'ai-je fait mardi il y a deux semaines ?", "2026-08-18"),
        ("Que ferai-je vendredi de cette semaine ?", "2026-09-04"),
        ("上周的星期二我做了什么？", "2026-08-25"),
        ("上周周二我做了什么？", "2026-08-25"),
        ("下周星期五我有什么安排？", "2026-09-11"),
    ],
)
def test_a_weekday_beside_a_week_is_one_day_of_it(text, day):
    assert named_days(text, at=ASKED) == on(day)


@pytest.mark.parametrize(
    ("text", "day", "rest"),
    [
        ("Where was I on Tuesday evening last week?", "2026-08-25", "evening"),
        ("Where was I last week Tuesday evening?", "2026-08-25", "evening"),
        ("Where was I on Tuesday early morning of last week?", "2026-08-25", "early morning"),
        ("Where was I on Tuesday night two weeks ago?", "2026-08-18", "night"),
        ("Where was I last Tuesday evening?", "2026-09-01", "evening"),
        ("Wo war ich am Dienstagabend letzter Woche?", "2026-08-25", "abend"),
        ("Wo war ich am Dienstag Abend letzter Woche?", "2026-08-25", "Abend"),
        ("Wo war ich letzte Woche Dienstagabend?", "2026-08-25", "abend"),
        ("Où étais-je mardi soir de la semaine dernière ?", "2026-08-25", "soir"),
    ],
)
def test_the_part_of_a_day_stays_in_the_question(text, day, rest):
    days, left = days_and_rest(text, at=ASKED)
    assert days == on(day)
    assert rest in left


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("on Monday and Thursday last week", on("2026-08-24", "2026-08-27")),
        ("last week on Monday and on Thursday", on("2026-08-24", "2026-08-27")),
        ("Monday, Tuesday or Friday of last week", on("2026-08-24", "2026-08-25", "2026-08-28")),
        ("last week on Monday, Tuesday and Friday", on("2026-08-24", "2026-08-25", "2026-08-28")),
        ("on Monday evening and Thursday morning last week", on("2026-08-24", "2026-08-27")),
        ("last week on Monday evening and Thursday morning", on("2026-08-24", "2026-08-27")),
        ("from Monday to Wednesday last week", between("2026-08-24", "2026-08-26")),
        ("last week from Monday to Wednesday", between("2026-08-24", "2026-08-26")),
        ("between Monday and Wednesday of last week", between("2026-08-24", "2026-08-26")),
        ("last week between Monday and Wednesday", between("2026-08-24", "2026-08-26")),
        ("from Monday last week to Tuesday this week", between("2026-08-24", "2026-09-01")),
        ("Was geschah am Montag und Donnerstag letzter Woche?", on("2026-08-24", "2026-08-27")),
        ("Was geschah letzte Woche von Montag bis Mittwoch?", between("2026-08-24", "2026-08-26")),
        ("Qu'ai-je fait lundi et mercredi de la semaine dernière ?", on("2026-08-24", "2026-08-26")),
        ("Qu'ai-je fait la semaine dernière du lundi au mercredi ?", between("2026-08-24", "2026-08-26")),
    ],
)
def test_several_weekdays_are_all_of_the_week(text, days):
    assert named_days(text, at=ASKED) == days


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("since Tuesday last week", (Days(first=date(2026, 8, 25)),)),
        ("before Tuesday of last week", (Days(last=date(2026, 8, 24)),)),
        ("within two days of Tuesday last week", between("2026-08-23", "2026-08-27")),
        ("two days after Tuesday last week", on("2026-08-27", "2026-08-25")),
        ("Was geschah seit Dienstag letzter Woche?", (Days(first=date(2026, 8, 25)),)),
    ],
)
def test_days_are_counted_from_it_and_left_open(text, days):
    assert named_days(text, at=ASKED) == days


LAST_WEEK, LAST_TUESDAY = between("2026-08-24", "2026-08-30"), on("2026-09-01")


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("last Tuesday", LAST_TUESDAY),
        ("on Tuesday", LAST_TUESDAY),
        ("Was geschah letzten Dienstag?", LAST_TUESDAY),
        ("Qu'ai-je fait mardi dernier ?", LAST_TUESDAY),
        ("last week", LAST_WEEK),
        ("early last week", between("2026-08-24", "2026-08-26")),
        ("on Tuesdays last week", LAST_WEEK),
        ("last week or on Tuesday", LAST_WEEK + LAST_TUESDAY),
        ("Did Ann call on Tuesday? Last week I was ill.", LAST_TUESDAY + LAST_WEEK),
        ("What did I say on Tuesday last week's numbers were?", LAST_TUESDAY + LAST_WEEK),
        ("last week on Tuesday, 25 August 2026", LAST_WEEK + on("2026-08-25")),
        ("on Tuesday in the last week of May 2026", LAST_TUESDAY + between("2026-05-25", "2026-05-31")),
        # A week before Tuesday, or the Tuesday of a week?
        ("two weeks ago Tuesday", between("2026-08-16", "2026-08-22")),
        ("Was geschah am Dienstag der letzten Woche des Urlaubs?", LAST_WEEK),
        ("上周的一个会议是什么？", LAST_WEEK),
    ],
)
def test_a_weekday_and_a_week_apart_are_read_apart(text, days):
    assert named_days(text, at=ASKED) == days


def test_of_no_known_moment_no_week_is_read():
    assert named_days("on Tuesday last week and last week on Monday", at=None) == ()


@pytest.mark.parametrize("text", ["on 31 February", "on 30 February", "on 31 April", "on 32 July"])
def test_a_day_that_no_year_has_is_passed_over(text):
    assert named_days(text, at=ASKED) == ()


def test_a_day_that_some_years_have_is_read():
    assert named_days("on 29 February", at=ASKED) == (Days(month=2, day=29),)
