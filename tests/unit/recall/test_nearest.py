"""What is next to an event, as a question asks for it."""

import pytest

from lamina.recall.ranges import relative_to


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("What did Ada do right after the trip?", "What did Ada do?"),
        ("What did Ada do immediately after the trip?", "What did Ada do?"),
        ("What did Ada do just before the trip?", "What did Ada do?"),
        ("What did Ada do very shortly before the trip?", "What did Ada do?"),
        (f"{'I asked so much. ' * 9}Where was Ada right after the trip?", f"{'I asked so much. ' * 9}Where was Ada?"),
        ("Not long after the trip, where did Ada go?", "where did Ada go?"),
        ("What was the first thing Ada did after the trip?", "What was the first thing Ada did?"),
        ("Who was the first person Ada met after the trip?", "Who was the first person Ada met?"),
        ("What was the next thing Ada did after the trip?", "What was the next thing Ada did?"),
        ("What came next after the trip?", "What came next?"),
        ("Where did Ada go first after the trip?", "Where did Ada go first?"),
        ("What was the last thing Ada did before the trip?", "What was the last thing Ada did?"),
        ("What was my last job before the trip?", "What was my last job?"),
        ("Where did Ada last go before the trip?", "Where did Ada last go?"),
        ("Which race did Ada run last before the trip?", "Which race did Ada run last?"),
    ],
)
def test_what_is_next_to_an_event_is_asked_for(text, asked):
    found = relative_to(text)
    assert found is not None
    assert (found.event, found.is_before, found.asked, found.is_next) == ("the trip", "before" in text, asked, True)


@pytest.mark.parametrize(
    "text",
    [
        "What did Ada do after the trip?",
        "What did Ada do not right after the trip, but later?",
        "What did Ada do the day after the trip?",
        "What did Ada do in the first week after the trip?",
        "What did Ada do in the first few weeks after the trip?",
        "What did Ada do first, before the trip?",
        "What was the first book that Ada read before the trip?",
        "What was the last thing Ada did after the trip?",
        "What was Ada's last name before the wedding?",
        "Where did Ada go last weekend before the party?",
        "Who gave first aid after the accident?",
        "Who moved in next door after the flood?",
        "Who lived next to Ada after the flood?",
        "How long did the battery last before the repair?",
        "How long did they last before the repair?",
        "How soon after the trip did Ada move?",
        "What do I take right after waking up?",
        "What should I do immediately after a burn?",
        "What did Ada usually drink right after work?",
        "What did Ada do since the trip?",
    ],
)
def test_what_is_anywhere_on_a_side_or_at_every_time_is_not_next_to_an_event(text):
    found = relative_to(text)
    assert found is not None
    assert not found.is_next
