"""Events follow their observations: what holds nothing active any more is withdrawn, and comes back with it."""

from lamina import Document, Memory


def events(memory: Memory) -> list[str]:
    return [event.id for event in memory.get_all(kinds=["event"])]


def test_an_event_whose_observations_are_all_withdrawn_is_withdrawn_with_them(memory: Memory) -> None:
    first, second = memory.add(["The kettle sings.", "The cat listens."], session="s").stored
    (event,) = events(memory)
    memory.delete(first.id)
    assert events(memory) == [event]
    memory.delete(second.id)
    assert events(memory) == []
    assert memory.stats().counts.records["event"] == {"withdrawn": 1}
    assert memory.timeline() == ()
    assert memory.verify().is_sound


def test_an_event_comes_back_with_the_next_observation_that_continues_it(memory: Memory) -> None:
    (first,) = memory.add("The kettle sings.", session="s", at="2026-03-02T09:00:00Z").stored
    (event,) = events(memory)
    memory.delete(first.id)
    memory.add("The cat listens.", session="s", at="2026-03-02T09:05:00Z")
    assert events(memory) == [event]
    assert memory.verify().is_sound


def test_an_event_comes_back_when_its_observation_is_delivered_with_other_words(memory: Memory) -> None:
    (first,) = memory.add("The kettle sings.", session="s", external_id="m").stored
    (event,) = events(memory)
    memory.delete(first.id)
    memory.add("The kettle hums.", session="s", external_id="m")
    assert events(memory) == [event]
    assert memory.verify().is_sound


def test_passages_of_a_withdrawn_document_leave_no_event_behind(memory: Memory) -> None:
    head = memory.add(Document(text="Pets stay out.\n\nCats too.", title="Rules", external_id="rules")).stored[0]
    memory.delete(head.id)
    assert events(memory) == []


def test_an_event_is_found_with_the_observation_that_speaks_for_it(memory: Memory) -> None:
    memory.add(["The kettle sings.", "The lighthouse keeper sleeps."], session="s")
    (hit,) = memory.search("lighthouse keeper", kinds=["event"])
    assert hit.record.kind == "event"
    assert hit.evidence is not None
    assert hit.evidence.text == "The lighthouse keeper sleeps."
    assert hit.evidence.event_id == hit.record.id
    (plain,) = memory.search("lighthouse keeper", limit=1)
    assert plain.evidence is None
