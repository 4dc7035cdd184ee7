import pytest

from lamina.recall.versions import are_versions, statements


def versions(one, other, **asked):
    return are_versions(statements(one), statements(other), asked=asked, analyse=str.split)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("My rent is 740 euros.", "My rent is 760 euros."),
        ("The chair of the club rent is Ada.", "The chair of the club rent is Bo Chen."),
        ("Bad news! My rent is 760 euros a month. Sigh.", "My rent is 740 euros a month."),
        ("My rent is 740, the stove is old.", "My rent is 760, with a balcony."),
    ],
)
def test_the_same_statement_with_another_value_is_a_version(one, other):
    assert versions(one, other, rent=1.0)
    assert versions(other, one, rent=1.0)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("My rent is 740 euros.", "My rent is 740 euros."),
        ("My rent is 740 euros.", "My rent is 740 euros now."),
        ("My rent is 740 euros.", "I paid 760 euros of rent."),
        ("rent 740", "rent 760"),
        ("", "My rent is 740 euros."),
    ],
)
def test_repetitions_additions_and_other_statements_are_none(one, other):
    assert not versions(one, other, rent=1.0)


def test_what_is_asked_has_to_stand_in_what_is_shared():
    assert not versions("My rent is 740 euros.", "My rent is 760 euros.", rent=1.0, stove=1.0)
    assert not versions("My cat likes rent boys.", "My cat likes small fish.", rent=1.0)
