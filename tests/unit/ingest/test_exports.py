"""The keys of other programs find their place; nothing is dropped."""

import pytest

from lamina.core.errors import InvalidArgument
from lamina.ingest.exports import exported_message


def test_other_programs_keys_find_their_place_and_the_rest_goes_into_the_metadata() -> None:
    value = {
        "id": 7,
        "author": "Ada",
        "text": "a",
        "ts": 1683554160,
        "thread_id": 3,
        "likes": 2,
        "seq": 4,
        "gone": None,
    }
    assert exported_message(value) == {
        "external_id": "7",
        "name": "Ada",
        "content": "a",
        "at": 1683554160,
        "session": "3",
        "metadata": {"likes": 2},
        "order": 4,
    }


def test_a_speaker_that_is_a_role_is_a_role() -> None:
    assert exported_message({"speaker": "assistant", "text": "a"}) == {"role": "assistant", "content": "a"}


def test_of_an_object_in_the_place_of_a_name_the_name_is_taken_and_all_of_it_kept() -> None:
    author = {"id": "1", "name": "ada", "nickname": "Ada"}
    assert exported_message({"author": author, "content": "a"}) == {
        "content": "a",
        "name": "ada",
        "metadata": {"author": author},
    }
    assert exported_message({"name": {"id": 7}, "text": "a", "metadata": {"k": 1}}) == {
        "content": "a",
        "name": "7",
        "metadata": {"name": {"id": 7}, "k": 1},
    }


def test_a_text_in_stretches_is_one_text_and_the_links_in_it_are_kept() -> None:
    link = {"type": "text_link", "text": "there", "href": "https://example.org"}
    value = {"text": ["see ", link, "!"], "from": "Ada", "date": "2023-05-08T13:56:00", "date_unixtime": "1683554160"}
    assert exported_message(value) == {
        "content": "see there!",
        "name": "Ada",
        "at": "1683554160",
        "metadata": {"text": [link], "date": "2023-05-08T13:56:00"},
    }


def test_parts_of_a_model_s_message_stay_parts() -> None:
    parts = [{"type": "text", "text": "look"}, {"type": "image_url", "image_url": {"url": "x"}}]
    assert exported_message({"role": "user", "content": parts}) == {"role": "user", "content": parts}


@pytest.mark.parametrize(
    ("value", "told"),
    [(7, "int"), (None, "NoneType"), ([], "list"), ({"text": "a", "metadata": [1], "likes": 2}, "metadata")],
)
def test_what_is_no_message_is_refused(value: object, told: str) -> None:
    with pytest.raises(InvalidArgument, match=told):
        exported_message(value)
