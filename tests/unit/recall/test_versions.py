import pytest

from lamina.core.explanation import QuestionKind
from lamina.recall.versions import Asked, are_versions, is_beside_the_point, statements


def versions(one, other, **asked):
    return are_versions(statements(one), statements(other), Asked(asked, str.split))


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


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("I live in Lyon.", "I live in Nice."),
        ("I work for Acme.", "I work for the brewery."),
        ("I keep it in the drawer.", "I keep it in a shoe box."),
        ("I cook in a small kitchen.", "I cook in a Tudor house."),
        ("The music she plays is Thai pop.", "The music she plays is swing."),
        ("My exam is on Monday.", "My exam is on 8 May."),
        ("My rent is seven hundred euros.", "My rent is 760 euros."),
        ("I am married to Ada.", "I am married to nobody."),
        ("i live in lyon", "i live in Nice"),
        ("Ada is my manager.", "Nobody is my manager."),
    ],
)
def test_values_of_one_form_are_versions_and_so_is_what_tells_no_form(one, other):
    assert versions(one, other)
    assert versions(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("I live in Lyon.", "I live in a small flat."),
        ("I live in Lyon.", "I live in fear of spiders."),
        ("My manager is Petra Holm.", "My manager is ill again."),
        ("My rent is 740 euros.", "My rent is far too high."),
        ("I pay back 740 euros.", "I pay back Ada."),
    ],
)
def test_values_of_other_forms_are_none(one, other):
    assert not versions(one, other)
    assert not versions(other, one)


@pytest.mark.parametrize(
    ("kind", "one", "other", "is_beside"),
    [
        (QuestionKind.WHERE, "I live in fear of spiders.", "I live in Lyon.", True),
        (QuestionKind.WHERE, "I live in Lyon.", "I live in fear of spiders.", False),
        (QuestionKind.WHERE, "I live in a small flat in Nice.", "I live in Lyon.", False),
        (QuestionKind.WHERE, "I dream of fear.", "I live in Lyon.", False),
        (QuestionKind.HOW_MANY, "My rent is far too high.", "My rent is 740 euros.", True),
        (QuestionKind.WHO, "My rent is far too high.", "My rent is 740 euros.", False),
        (QuestionKind.OTHER, "I live in fear of spiders.", "I live in Lyon.", False),
    ],
)
def test_what_only_begins_like_an_answer_of_the_form_that_is_asked_for_is_beside_the_point(kind, one, other, is_beside):
    assert is_beside_the_point(statements(one), statements(other), Asked({}, str.split, kind)) is is_beside
