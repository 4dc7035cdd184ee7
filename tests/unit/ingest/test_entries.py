"""Files of messages are read entry by entry, verbatim and flat; a bad place is named."""

import json
from contextlib import suppress
from io import StringIO
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamina.core.errors import InvalidArgument
from lamina.ingest.entries import HEAD_CHARACTERS, MAX_DIGITS, is_chat, read_entries, read_export


def read(text: str) -> list[dict]:
    return [dict(message) for message in read_export(StringIO(text, newline="\n"), name="chat")]


def test_json_lines_a_list_and_an_object_with_messages_are_taken() -> None:
    expected = [{"content": "a"}, {"content": "b"}]
    assert read('{"content": "a"}\n\n{"text": "b"}\n') == expected
    assert read('[{"content": "a"}, {"body": "b"}]') == expected
    assert read('{"messages": [\n{"content": "a"}, "b"]}') == expected
    assert read('{"guild": {"messages": [1]}, "messages": ["a", "b"], "count": 2}') == expected
    assert read('\ufeff{"content": "a"}\n{"content": "b"}') == expected
    assert read('["8 May 2023 13:56 a"]') == [{"content": "8 May 2023 13:56 a"}]
    assert read('{"messages": []}') == []


@pytest.mark.parametrize("length", [10, HEAD_CHARACTERS - 16, HEAD_CHARACTERS, 3 * HEAD_CHARACTERS])
def test_the_form_is_told_by_the_head_however_long_the_first_line(length: int) -> None:
    words = "x" * length
    assert read(f'{{"content": "{words}"}}\n{{"content": "b"}}') == [{"content": words}, {"content": "b"}]
    assert read(f'{{"messages": ["{words}", "b"]}}') == [{"content": words}, {"content": "b"}]
    assert read(f'["{words}", "b"]') == [{"content": words}, {"content": "b"}]


def test_a_list_of_messages_is_read_as_far_as_is_asked() -> None:
    class Endless(StringIO):
        def read(self, size: int | None = -1) -> str:
            return super().read(size) or '{"content": "again"},' * 9

    file = Endless('[{"content": "first"},')
    entries = read_entries(file, name="chat")
    assert [entry.message()["content"] for entry in islice(entries, 3)] == ["first", "again", "again"]


def test_an_entry_has_the_words_of_its_place() -> None:
    lines = list(read_entries(StringIO('{"text":  "a"}\r\n\r\n {"text": "b"}'), name="chat"))
    assert [(entry.where, entry.words) for entry in lines] == [
        ("line 1", '{"text":  "a"}'),
        ("line 3", '{"text": "b"}'),
    ]
    members = list(read_entries(StringIO('[{"text":  "a"},\n1.5]'), name="chat"))
    assert [(entry.where, entry.words) for entry in members] == [("message 0", '{"text": "a"}'), ("message 1", "1.5")]
    chat = list(read_entries(StringIO("\n[8 May 2023 13:56] Ada: hello\n\nthere\n\n[13:57] Bob: hi"), name="chat"))
    assert [(entry.where, entry.words) for entry in chat] == [
        ("line 2", "[8 May 2023 13:56] Ada: hello\n\nthere"),
        ("line 6", "[13:57] Bob: hi"),
    ]


def test_chat_lines_go_on_until_the_next_one_begins_and_keep_their_blank_lines_and_breaks() -> None:
    assert read("[8 May 2023 13:56] Ada: hello\r\n\r\n  second: line \r\n\r\n[13:57] Bob: hi\r\n") == [
        {"content": "hello\r\n\r\n  second: line ", "name": "Ada", "at": "8 May 2023 13:56"},
        {"content": "hi", "name": "Bob", "at": "13:57"},
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"text": "a"}\n{"text": \n', "line 2"),
        ('\n\n{"text": "a"}\n\nnot json\n', "line 5"),
        ("[1, 2]", "message 0"),
        ('{"messages": 3}', "list"),
        ("[{]", "JSON at its beginning"),
        ('[{"text": "a"} {"text": "b"}]', "JSON after message 0"),
        ('[{"text": "a"}, {"text": ', "JSON after message 0"),
        ("just words", "neither"),
        ("[" * 3000 + "]" * 3000, "message 0.*deep"),
        ('{"a":' * 3000 + "1" + "}" * 3000, "line 1.*deep"),
    ],
)
def test_what_is_no_message_is_named(text: str, told: str) -> None:
    with pytest.raises(InvalidArgument, match=told):
        read(text)


@pytest.mark.parametrize("number", ["12345678901234567890", "-9223372036854775809", "9" * MAX_DIGITS, "1.5", "2E-3"])
def test_numbers_of_any_size_are_the_same_in_every_form(number: str) -> None:
    line = f'{{"text": "a", "n": {number}, "id": 12345678901234567890}}'
    expected = [{"content": "a", "metadata": {"n": json.loads(number)}, "external_id": "12345678901234567890"}]
    assert read(line) == read(f"[{line}]") == read(f'{{"messages": [{line}]}}') == expected


@pytest.mark.parametrize("before", [0, HEAD_CHARACTERS - 400, HEAD_CHARACTERS - 25, 2 * HEAD_CHARACTERS])
def test_a_number_without_end_is_refused_in_every_form_and_is_one_only_outside_of_strings(before: int) -> None:
    digits = "7" * 5000
    words = json.dumps("\\" * (before // 2) + '"') + f': [{digits}, "'
    texts = [f'{{"text": {json.dumps(words)}, "n": [{digits}]}}']
    texts += [f'{{"text": {json.dumps(words[:-1] + " ")}, "n": {digits}}}']
    for text in texts:
        for whole in (text, f"[{text}]", f'{{"messages": [{text}]}}', f'{{"messages": ["b"], "a": [{text}]}}'):
            with pytest.raises(InvalidArgument, match="digits"):
                read(whole)
    line = json.dumps({"text": words})
    assert read(line) == read(f"[{line}]") == [{"content": words}]


def test_a_number_out_of_range_is_refused() -> None:
    assert read('[{"text": "a", "n": 1e999}]') == read('{"text": "a", "n": 1e999}')
    with pytest.raises(InvalidArgument, match=r"JSON after message 0 \(a number out of range"):
        read('["a", {"text": "b", "n": 1E99999999999999999999}]')


LINE = st.sampled_from(
    ["[", "{", "]", "}", '"', ":", ",", "\n", "\r\n", "\ufeff", '{"text": "a"}', '{"messages": [', " ", "null", "1e999",
     "9" * 5000, "\\", "[8 May 2023 13:56] Ada: ", "08/05/2023, 13:56 - ", "\\ud800", "words"]
)  # fmt: skip


@given(st.text(max_size=60) | st.lists(LINE, max_size=12).map("".join))
def test_any_text_is_read_or_refused_and_nothing_else(text: str) -> None:
    with suppress(InvalidArgument):
        for message in read_export(StringIO(text, newline="\n"), name="chat"):
            assert isinstance(message, dict)


@given(st.lists(st.text(alphabet="ab \u00fc\u20ac\r\n:[", min_size=1), min_size=1))
def test_the_entries_of_a_chat_are_the_file(words: list[str]) -> None:
    text = "".join(f"[8 May 2023 13:56] Ada: {said}\n" for said in words)
    entries = [entry.words for entry in read_entries(StringIO(text, newline="\n"), name="chat")]
    place = 0
    for entry in entries:
        gap = text.index(entry, place)
        assert text[place:gap].strip("\r\n") == ""
        place = gap + len(entry)
    assert text[place:].strip("\r\n") == ""


def test_a_file_that_is_not_utf_8_is_named(tmp_path) -> None:
    (tmp_path / "chat.jsonl").write_bytes(b'{"text": "caf\xe9"}\n')
    with (tmp_path / "chat.jsonl").open(encoding="utf-8") as file, pytest.raises(InvalidArgument, match=r"chat.*0xe9"):
        list(read_export(file, name="chat"))


def test_an_empty_file_holds_no_message() -> None:
    assert read("") == read("\n \n") == read("\ufeff") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[8 May 2023 13:56] Ada: hello", True),
        ("\ufeff\u200e[08/05/2023, 13:56:01] Ada: hello", True),
        ("\n\n08/05/2023, 13:56 - Ada: hello", True),
        ("8/5/23, 1:56 PM - Ada: hello", True),
        ("[![build](a.svg)](b)\n", False),
        ("[Lamina](https://example.org): a memory", False),
        ("[1.2.3] Fix: a thing", False),
        ("[13:57] Ada: no day", False),
        ("# Title", False),
        ("", False),
    ],
)
def test_a_chat_is_told_from_a_document_by_its_first_line(text: str, expected: bool) -> None:
    assert is_chat(text) is expected
