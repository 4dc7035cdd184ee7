from datetime import UTC, date, datetime

import pytest

from lamina.recall.days import Days
from lamina.recall.ranges import named_days

ASKED = datetime(2023, 7, 12, 12, tzinfo=UTC)  # a Wednesday


def between(first, last):
    return (Days(first=date.fromisoformat(first), last=date.fromisoformat(last)),)


LAST_WEEK, LAST_MONTH = between("2023-07-03", "2023-07-09"), between("2023-06-01", "2023-06-30")
MONDAY, YESTERDAY, TODAY = (between(day, day) for day in ("2023-07-10", "2023-07-11", "2023-07-12"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Was passierte gestern?", YESTERDAY),
        ("Was habe ich heute Morgen gemacht?", TODAY),
        ("Was mache ich morgen?", between("2023-07-13", "2023-07-13")),
        ("Was geschah letzte Woche?", LAST_WEEK),
        ("Was habe ich letzten Monat gekauft?", LAST_MONTH),
        ("Wo war ich voriges Jahr?", between("2022-01-01", "2022-12-31")),
        ("Wo war ich letzten Freitag?", between("2023-07-07", "2023-07-07")),
        ("Was geschah am Montag?", MONDAY),
        ("Was werde ich am Montag tun?", between("2023-07-17", "2023-07-17")),
        ("Was geschah seit Montag?", (Days(first=date(2023, 7, 10)),)),
        ("Was war am Montag, den 8. Mai 2023?", between("2023-05-08", "2023-05-08")),
        ("Wo war ich am 8. September 2022?", between("2022-09-08", "2022-09-08")),
        ("Was war am 8.5.2023?", between("2023-05-08", "2023-05-08")),
        ("Was war am 31. Februar 2023?", ()),
        ("Wo war ich im Mai 2023?", between("2023-05-01", "2023-05-31")),
        ("Wo war ich im Mai?", (Days(month=5),)),
        ("Was geschah vom 3. bis 5. Mai 2023?", between("2023-05-03", "2023-05-05")),
        ("Was geschah zwischen dem 3. und 5. Mai?", between("2023-05-03", "2023-05-05")),
        ("Was habe ich von März bis Mai 2023 gemacht?", between("2023-03-01", "2023-05-31")),
        ("Was habe ich vor dem 8. Mai 2023 gemacht?", (Days(last=date(2023, 5, 7)),)),
        ("Wo war ich vor zwei Wochen?", between("2023-06-25", "2023-07-01")),
        ("Was hat Ada vor ein paar Tagen gesagt?", between("2023-07-07", "2023-07-10")),
        ("Was tat ich in den letzten drei Tagen?", between("2023-07-09", "2023-07-12")),
        ("Wo war ich seit 2020?", (Days(first=date(2020, 1, 1)),)),
        ("Was tat ich am Wochenende?", between("2023-07-08", "2023-07-09")),
        ("Wo war ich Anfang 2023?", between("2023-01-01", "2023-04-30")),
        ("Was geschah Ende letzten Jahres?", between("2022-09-01", "2022-12-31")),
        ("Was habe ich Anfang Mai gemacht?", (Days(month=5, day=1, to_day=10),)),
        ("Was geschah im ersten Halbjahr 2022?", between("2022-01-01", "2022-06-30")),
        ("Was tat ich in der zweiten Hälfte des Jahres 2022?", between("2022-07-01", "2022-12-31")),
        ("Wo war ich in der ersten Woche im Juni?", (Days(month=6, day=1, to_day=7),)),
        ("Wo war ich in der letzten Woche des Mai 2022?", between("2022-05-25", "2022-05-31")),
        ("Was tat ich letzte Woche im Mai?", (*LAST_WEEK, Days(month=5))),
        ("Was tat ich in den letzten drei Tagen im Mai?", (Days(month=5, day=29, to_day=31),)),
        ("Wo war ich am ersten Wochenende im Juni 2022?", between("2022-06-04", "2022-06-05")),
        ("Was habe ich vor drei Stunden gesagt?", TODAY),
        ("Was habe ich in den letzten 24 Stunden gesagt?", (Days(first=date(2023, 7, 11), last=date(2023, 7, 12)),)),
        ("Wo war ich vor zweieinhalb Jahren?", between("2020-10-12", "2021-04-12")),
        ("Was geschah in der zweiten Hälfte des Spiels, am Anfang?", ()),
        ("Wer wohnt hier?", ()),
    ],
)
def test_german_dates_are_read(text, expected):
    assert named_days(text, at=ASKED) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Qu'ai-je fait hier ?", YESTERDAY),
        ("Qu'ai-je fait aujourd’hui ?", TODAY),
        ("Qu'ai-je fait ce matin ?", TODAY),
        ("Qu'ai-je fait la semaine dernière ?", LAST_WEEK),
        ("Où étais-je le mois dernier ?", LAST_MONTH),
        ("Que fait-elle ce week-end ?", between("2023-07-15", "2023-07-16")),
        ("Où étais-je lundi ?", MONDAY),
        ("Où étais-je lundi dernier ?", MONDAY),
        ("Où vais-je lundi ?", between("2023-07-17", "2023-07-17")),
        ("Que fait-elle le lundi ?", ()),
        ("Où étais-je le lundi 8 mai 2023 ?", between("2023-05-08", "2023-05-08")),
        ("Où étais-je le 1er mai ?", (Days(month=5, day=1),)),
        ("Où étais-je en mai 2023 ?", between("2023-05-01", "2023-05-31")),
        ("Où étais-je en mai ?", (Days(month=5),)),
        ("Qu'ai-je fait du 3 au 5 mai 2023 ?", between("2023-05-03", "2023-05-05")),
        ("Qu'ai-je fait entre le 3 et le 5 mai ?", between("2023-05-03", "2023-05-05")),
        ("Qu'ai-je fait depuis lundi ?", (Days(first=date(2023, 7, 10)),)),
        ("Qu'ai-je fait avant le 8 mai 2023 ?", (Days(last=date(2023, 5, 7)),)),
        ("Où étais-je il y a deux semaines ?", between("2023-06-25", "2023-07-01")),
        ("Qu'ai-je fait ces trois derniers jours ?", between("2023-07-09", "2023-07-12")),
        ("Où étais-je en 2022 ?", between("2022-01-01", "2022-12-31")),
        ("Où étais-je début 2022 ?", between("2022-01-01", "2022-04-30")),
        ("Où étais-je à la mi-2022 ?", between("2022-05-01", "2022-08-31")),
        ("Où étais-je à la fin de l’année dernière ?", between("2022-09-01", "2022-12-31")),
        ("Où étais-je fin avril 2022 ?", between("2022-04-21", "2022-04-30")),
        ("Où étais-je dans la première moitié de 2022 ?", between("2022-01-01", "2022-06-30")),
        ("Où étais-je la première semaine de juin ?", (Days(month=6, day=1, to_day=7),)),
        ("Où étais-je les deux premières semaines de juin ?", (Days(month=6, day=1, to_day=14),)),
        ("Où étais-je la dernière semaine d'avril 2022 ?", between("2022-04-24", "2022-04-30")),
        ("Qu'ai-je dit il y a trois heures ?", TODAY),
        ("Qu'ai-je dit ces dernières 24 heures ?", between("2023-07-11", "2023-07-12")),
        ("Qu'ai-je dit ces 24 dernières heures ?", between("2023-07-11", "2023-07-12")),
        ("Où étais-je il y a deux ans et demi ?", between("2020-10-12", "2021-04-12")),
        ("Où est la fin de l'histoire, la deuxième moitié du match ?", ()),
        ("Quel est mon dernier livre ?", ()),
    ],
)
def test_french_dates_are_read(text, expected):
    assert named_days(text, at=ASKED) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("我昨天做了什么？", YESTERDAY),
        ("我今天做了什么？", TODAY),
        ("上周我做了什么？", LAST_WEEK),
        ("上个星期我做了什么？", LAST_WEEK),
        ("上个月我去了哪里？", LAST_MONTH),
        ("去年我在哪里？", between("2022-01-01", "2022-12-31")),
        ("周一我在哪里？", MONDAY),
        ("上周五我在哪里？", between("2023-07-07", "2023-07-07")),
        ("2023年5月8日我在哪里？", between("2023-05-08", "2023-05-08")),
        ("5月8号我在哪里？", (Days(month=5, day=8),)),
        ("五月二十八日我在哪里？", (Days(month=5, day=28),)),
        ("2023年5月我在哪里？", between("2023-05-01", "2023-05-31")),
        ("十二月我在哪里？", (Days(month=12),)),
        ("2022年我在哪里？", between("2022-01-01", "2022-12-31")),
        ("2023年5月3日到5日我在哪里？", between("2023-05-03", "2023-05-05")),
        ("三天前我在哪里？", between("2023-07-09", "2023-07-09")),
        ("过去两周我做了什么？", between("2023-06-28", "2023-07-12")),
        ("2022年初我在哪里？", between("2022-01-01", "2022-04-30")),
        ("去年年底我在哪里？", between("2022-09-01", "2022-12-31")),
        ("2022年上半年我在哪里？", between("2022-01-01", "2022-06-30")),
        ("6月上旬我在哪里？", (Days(month=6, day=1, to_day=10),)),
        ("三个小时前我说了什么？", TODAY),
        ("过去24小时我说了什么？", between("2023-07-11", "2023-07-12")),
        ("两年半前我在哪里？", between("2020-10-12", "2021-04-12")),
        ("一个半月前我在哪里？", between("2023-05-21", "2023-06-04")),
        ("上周末我在哪里？", between("2023-07-08", "2023-07-09")),
        ("上半年", ()),
        ("我一周一次游泳，三个月了，每周一也去", ()),
    ],
)
def test_chinese_dates_are_read(text, expected):
    assert named_days(text, at=ASKED) == expected


@pytest.mark.parametrize("text", ["Was geschah letzte Woche?", "Où étais-je hier ?", "周一我在哪里？", "三天前"])
def test_what_counts_from_the_moment_of_asking_needs_it(text):
    assert named_days(text, at=None) == ()


@pytest.mark.parametrize("text", ["Is Hier a band?", "Who is Mai?", "Is Mars red?", "Did Ada tag Juli?"])
def test_words_of_other_calendars_name_no_day_in_english(text):
    assert named_days(text, at=ASKED) == ()
