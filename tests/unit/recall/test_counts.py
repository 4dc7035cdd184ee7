import re

import pytest

from lamina.recall.counts import NUMBER, amount, counted, counted_about


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("seven", 7),
        ("A couple of", 2),
        ("Twenty-Three", 23),
        ("a hundred and twenty", 120),
        ("a thousand", 1000),
        ("two thousand five hundred", 2500),
        ("one hundred thousand and five", 100_005),
        ("1500", 1500),
        ("1,000", 1000),
        ("12.500", 12_500),
        ("1,234,567", 1_234_567),
        ("1 000", 1000),
        ("1.5", 1.5),
        ("1,5", 1.5),
        ("2.25", 2.25),
        ("1234,567", 1234.567),
        ("0.125", 0.125),
    ],
)
def test_thousands_and_decimals_are_told_apart_by_how_many_digits_stand_around_the_mark(words, number):
    assert amount(words) == number
    assert counted(words) == int(number)


@pytest.mark.parametrize("text", ["1,000", "2.5", "1,234,567", "two thousand", "forty five"])
def test_a_number_is_matched_whole_and_never_from_its_middle(text):
    assert [match[0] for match in re.finditer(rf"\b(?:{NUMBER})(?= days)", f"it was {text} days")] == [text]


def test_of_a_number_that_is_too_long_no_end_is_read():
    assert re.search(rf"\b(?:{NUMBER}) days", "1,000,000,000,000 days, 1.2.3.4 days") is None


def test_who_does_not_count_means_from_few_to_many():
    assert counted_about("a few") == (2, 5)
    assert counted_about("2.5") == (2.5, 2.5)
