from datetime import UTC, date, datetime

import pytest

from lamina.recall.days import Days
from lamina.recall.ranges import Relative, days_and_rest, named_days, relative_to

ASKED = datetime(2026, 7, 15, 12, tzinfo=UTC)  # a Wednesday


def between(first, last):
    return (Days(first=date.fromisoformat(first), last=date.fromisoformat(last)),)


def on(day):
    return between(day, day)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("within three days of 8 May 2023", between("2023-05-05", "2023-05-11")),
        ("within three days of 8 May", between("2026-05-05", "2026-05-11")),
        ("within a week of May 2023", between("2023-04-24", "2023-06-07")),
        ("two days before or after 8 May 2023", between("2023-05-06", "2023-05-10")),
        ("in the two days around 8 May 2023", between("2023-05-06", "2023-05-10")),
        ("two days on either side of 8 May 2023", between("2023-05-06", "2023-05-10")),
        ("within three days after 8 May 2023", between("2023-05-09", "2023-05-11") + on("2023-05-08")),
        ("two to four days after 8 May 2023", between("2023-05-10", "2023-05-12") + on("2023-05-08")),
        ("three or four days before 8 May 2023", between("2023-05-03", "2023-05-05") + on("2023-05-08")),
        ("two days prior to 8 May 2023", on("2023-05-06") + on("2023-05-08")),
        ("shortly before 9 May 2023", between("2023-05-02", "2023-05-08") + on("2023-05-09")),
        ("just after 9 May 2023", between("2023-05-10", "2023-05-16") + on("2023-05-09")),
        ("from 1 June to about 31 July 2025", between("2025-06-01", "2025-07-31")),
        ("from around 1 May to exactly 8 May 2023", between("2023-05-01", "2023-05-08")),
        ("between roughly 1 May and 8 May 2023", between("2023-05-01", "2023-05-08")),
        ("since about 8 May 2023", (Days(first=date(2023, 5, 8)),)),
        ("until around the end of May 2023", (Days(last=date(2023, 5, 31)),)),
        ("seit ungefähr Mai 2023", (Days(first=date(2023, 5, 1)),)),
        ("kurz vor dem 9. Mai 2023", between("2023-05-02", "2023-05-08") + on("2023-05-09")),
        ("peu après le 9 mai 2023", between("2023-05-10", "2023-05-16") + on("2023-05-09")),
    ],
)
def test_days_on_one_side_of_a_date_or_both_are_counted_from_it(text, days):
    assert named_days(text, at=ASKED) == days


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("Was geschah drei Tage nach dem 22. Juni 2026?", on("2026-06-25") + on("2026-06-22")),
        ("Was geschah drei Tage nach dem 22. Juni?", on("2026-06-25") + on("2026-06-22")),
        ("Was geschah am Tag vor dem 22. Juni 2026?", on("2026-06-21") + on("2026-06-22")),
        (
            "Was geschah in den drei Tagen nach dem 22.06.2026?",
            between("2026-06-23", "2026-06-25") + on("2026-06-22"),
        ),
        ("Was geschah zwei Wochen vor dem 22. Juni 2026?", between("2026-06-05", "2026-06-11") + on("2026-06-22")),
        ("Was geschah nach dem 22. Juni 2026?", (Days(first=date(2026, 6, 23)),)),
        ("Que s'est-il passé trois jours après le 8 mai 2026 ?", on("2026-05-11") + on("2026-05-08")),
        ("Que s'est-il passé le lendemain du 8 mai 2026 ?", on("2026-05-09") + on("2026-05-08")),
        ("Que s'est-il passé la veille du 8 mai 2026 ?", on("2026-05-07") + on("2026-05-08")),
        ("Que s'est-il passé avant le 8 mai 2026 ?", (Days(last=date(2026, 5, 7)),)),
    ],
)
def test_german_and_french_distances_are_counted_from_a_date_which_is_no_event(text, days):
    assert named_days(text, at=ASKED) == days
    assert relative_to(text) is None


def test_a_german_or_french_distance_from_an_event_is_none_from_a_date():
    german, french = relative_to("Was geschah drei Tage nach der Reise?"), relative_to("un jour après le marché de mai")
    assert isinstance(german, Relative)
    assert german.event == "der Reise"
    assert isinstance(french, Relative)
    assert french.event == "le marché de mai"


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("What did I sow about three days after 8 May or so?", ["What", "did", "I", "sow", "?"]),
        ("What did I sow exactly on 8 May and sometime in June?", ["What", "did", "I", "sow", "?"]),
        ("Was säte ich ungefähr am 8. Mai?", ["Was", "säte", "ich", "?"]),
        ("I rest from 1 May to about 9 May", ["I", "rest", "from"]),
        ("about bees in May", ["about", "bees", "in"]),
    ],
)
def test_the_words_that_tell_a_date_are_no_rest_of_a_question(text, rest):
    assert days_and_rest(text, at=ASKED)[1].split() == rest
