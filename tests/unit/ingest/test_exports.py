"""Files of chat become messages; nothing is dropped, and a bad line is named."""

from io import StringIO

import pytest

from lamina.core.errors import InvalidArgument
from lamina.ingest.exports import read_export


def read(text: str) -> list[dict]:
    return [dict(message) for message in read_export(StringIO(text), name="chat")]


def test_json_lines_a_list_and_an_object_with_messages_are_taken() -> None:
    expected = [{"content": "a"}, {"content": "b"}]
    assert read('{"content": "a"}\n\n{"text": "b"}\n') == expected
    assert read('[{"content": "a"}, {"body": "b"}]') == expected
    assert read('{"messages": [\n{"content": "a"}, "b"]}') == expected
    assert read('\ufeff{"content": "a"}\n{"content": "b"}') == expected


def test_other_programs_keys_find_their_place_and_the_rest_goes_into_the_metadata() -> None:
    (message,) = read('{"id": 7, "author": "Ada", "text": "a", "ts": 1683554160, "thread_id": 3, "likes": 2, "seq": 4}')
    assert message == {
        "external_id": "7",
        "name": "Ada",
        "content": "a",
        "at": 1683554160,
        "session": "3",
        "metadata": {"likes": 2},
        "order": 4,
    }


def test_a_speaker_that_is_a_role_is_a_role() -> None:
    assert read('{"speaker": "assistant", "text": "a"}') == [{"role": "assistant", "content": "a"}]


def test_chat_lines_go_on_until_the_next_one_begins() -> None:
    assert read("[8 May 2023 13:56] Ada: hello\nsecond: line\n\n[13:57] Bob: hi\n") == [
        {"content": "hello\nsecond: line", "name": "Ada", "at": "8 May 2023 13:56"},
        {"content": "hi", "name": "Bob", "at": "13:57"},
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"text": "a"}\n{"text": \n', "line 2"),
        ('\n\n{"text": "a"}\n\nnot json\n', "line 5"),
        ("[1, 2]", "message 0"),
        ('{"messages": 3}', "list"),
        ("[{]", "JSON"),
        ("just words", "neither"),
    ],
)
def test_what_is_no_message_is_named(text: str, told: str) -> None:
    with pytest.raises(InvalidArgument, match=told):
        read(text)


def test_an_empty_file_holds_no_message() -> None:
    assert read("") == read("\n \n") == []
