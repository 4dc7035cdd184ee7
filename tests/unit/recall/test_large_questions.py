from datetime import UTC, datetime
from time import process_time

import pytest

from lamina.encode.sparse import terms
from lamina.recall.dated import MOST_DATES
from lamina.recall.dates import dates_in
from lamina.recall.plan import Speakers, understand
from lamina.recall.ranges import named_days

ASKED = datetime(2026, 3, 4, 12, tzinfo=UTC)
LONG = 100_000
#: What grows with the square of the length takes from 15 seconds on, all else a tenth to a half of one.
MOST_S = 5.0
REPEATED = [
    *(
        "from Monday to ",
        "on Monday ",
        "between May and ",
        "between the 3rd and the ",
        "two days ago and ",
        "1,000,",
        "1.",
    ),
    *(
        "before the end of ",
        "by the end of the month ",
        "early or late ",
        "mid to late June ",
        "last ",
        "Ada ",
        "12 ",
        "1",
    ),
    *(
        "I was late last month ",
        "last week in May ",
        "the third of last month ",
        "Q3 last year ",
        "two years and ",
        "3-",
    ),
    *(
        "one hundred thousand and ",
        "ago two years, three months, ",
        "days after ",
        "before ",
        "since I ",
        "2024年初",
        "上周",
    ),
    *(
        "vor zwei Jahren und ",
        "il y a deux ans et 1 000 ",
        "Anfang oder Ende Juni ",
        "前两年三个月",
        "月底前",
        "\n",
        "?",
        "😀",
    ),
    *(
        "exactly on or about ",
        "within three days of ",
        "within three days of 8 May ",
        "shortly before the ",
        "Q1 and ",
        "Q1 to Q3 2025 ",
        "two quarters and ",
        "1 000 ",
        "1'000'",
        "the first third of ",
        "in early and in ",
        "mid- to ",
        "up to the end of June ",
        "drei Tage nach dem ",
        "drei Tage nach dem 22. Juni ",
        "le lendemain du 8 mai ",
        "will happen by the end of September ",
        "发生了什么",
        "上周发生了",
        "大约",
        "会",
    ),
]


@pytest.mark.parametrize("words", REPEATED)
def test_a_question_of_100_kb_is_understood_in_a_time_that_grows_with_its_length(words):
    text = (words * LONG)[:LONG]
    begun = process_time()
    question = understand(text, at=ASKED, speakers=Speakers(["Ada", "Bob"], terms), analyse=terms)
    told = (question.kind, question.relative, question.end, question.sides, question.asks_for_former)
    assert process_time() - begun < MOST_S
    assert len(told) == 5


def test_of_a_text_that_names_more_days_than_any_question_the_first_are_read():
    text = " ".join(f"{year}-05-{day:02}" for year in range(1900, 2026) for day in range(1, 29))
    found = dates_in(text, today=ASKED)
    assert [one.start for one in found] == [place * len("1900-05-01 ") for place in range(MOST_DATES)]
    assert len(named_days(text, at=ASKED)) == MOST_DATES
