"""Messages become drafts, whole and verbatim, or are refused by the place where they stand."""

from datetime import UTC, datetime

import pytest

from lamina.core.errors import InvalidArgument
from lamina.core.records import AtSource, Draft
from lamina.ingest.messages import Defaults, read_messages

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def nested(depth: int) -> list:
    inner: list = []
    for _ in range(depth):
        inner = [inner]
    return inner


def read(what: object, **defaults: object) -> tuple[Draft, ...]:
    return read_messages(what, Defaults(now=NOW, **defaults), max_text_bytes=1 << 20)


def test_a_text_a_message_and_a_list_of_both_are_taken() -> None:
    assert [draft.text for draft in read("hello")] == ["hello"]
    assert [draft.text for draft in read({"content": "hello"})] == ["hello"]
    assert [draft.text for draft in read(["a", {"content": "b"}])] == ["a", "b"]
    assert [draft.text for draft in read(("a", "b"))] == ["a", "b"]


def test_the_speaker_is_the_name_else_the_role() -> None:
    named, unnamed, bare = read(
        [{"role": "user", "name": "Ada", "content": "a"}, {"role": "tool", "content": "b"}, "c"]
    )
    assert (named.speaker, named.role) == ("Ada", "user")
    assert (unnamed.speaker, unnamed.role) == ("tool", "tool")
    assert (bare.speaker, bare.role) == (None, None)


def test_what_the_call_says_is_the_default_for_its_messages() -> None:
    one, two = read(
        [{"content": "a"}, {"content": "b", "session": "own", "at": "2026-01-01T00:00:00Z", "metadata": {"k": 2}}],
        session="s",
        metadata={"k": 1},
    )
    assert (one.session, one.metadata, one.at, one.at_source) == ("s", {"k": 1}, NOW, AtSource.ASSUMED)
    assert (two.session, two.metadata, two.at_source) == ("own", {"k": 2}, AtSource.GIVEN)


def test_parts_that_are_no_text_are_kept_as_they_are() -> None:
    image = {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}
    (draft,) = read({"content": [{"type": "text", "text": "look"}, image, {"type": "text", "text": "here"}]})
    assert draft.text == "look\nhere"
    assert draft.metadata["parts"] == [image]
    (alone,) = read({"content": [image]})
    assert alone.text == "[image_url]"
    assert alone.metadata["parts"] == [image]
    with pytest.raises(InvalidArgument, match="content"):
        read({"content": []})


def test_a_part_that_is_more_than_a_text_is_kept_and_its_text_is_read() -> None:
    cited = {"type": "text", "text": "as he said", "citations": [{"start": 0}]}
    plain = {"type": "output_text", "text": "and", "annotations": []}
    link = {"type": "link", "text": "https://example.org"}
    (draft,) = read({"content": [cited, plain, link, "so"]})
    assert draft.text == "as he said\nand\nhttps://example.org\nso"
    assert draft.metadata["parts"] == [cited, link]


def test_an_empty_text_beside_a_picture_is_no_hindrance() -> None:
    image = {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}
    (draft,) = read({"content": [{"type": "text", "text": ""}, image]})
    assert (draft.text, draft.metadata["parts"]) == ("[image_url]", [image])


def test_what_a_tool_gave_back_can_be_found_and_what_it_was_asked_where_nothing_is_said() -> None:
    result = {"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text", "text": "two trains"}]}
    use = {"type": "tool_use", "id": "t", "name": "find", "input": {"to": "Turin"}}
    given, used, refused = read([
        {"role": "user", "content": [result, {"type": "tool_result", "content": "and a bus"}]},
        {"role": "assistant", "content": [use]},
        {"role": "assistant", "content": [{"type": "refusal", "refusal": "I cannot"}]},
    ])  # fmt: skip
    assert (given.text, given.metadata["parts"][0]) == ("two trains\nand a bus", result)
    assert (used.text, used.metadata["parts"]) == ('find({"to": "Turin"})', [use])
    assert refused.text == "I cannot"


def test_of_a_picture_that_is_too_large_its_bytes_are_left_out_and_their_place_says_so() -> None:
    url = "data:image/png;base64," + "A" * 100_000
    small = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    (draft,) = read(
        {"content": [{"type": "text", "text": "look"}, small, {"type": "image_url", "image_url": {"url": url}}]}
    )
    assert draft.text == "look"
    first, second = draft.metadata["parts"]
    assert first == small
    left_out = second["image_url"]["url"]["left_out"]
    assert (left_out["characters"], left_out["begins"]) == (len(url), url[:64])
    assert left_out["digest"].startswith("b2:")
    call = {"function": {"name": "write", "arguments": "x" * 100_000}}
    (called,) = read({"role": "assistant", "content": None, "tool_calls": [call]})
    assert called.text.endswith("x" * 100_000 + ")")
    assert "left_out" in called.metadata["tool_calls"][0]["function"]["arguments"]


def test_a_key_without_a_value_carries_nothing() -> None:
    dumped = {
        "role": "assistant",
        "content": "hi",
        "refusal": None,
        "annotations": [],
        "audio": None,
        "tool_calls": None,
    }
    assert read(dumped)[0].text == "hi"
    with pytest.raises(InvalidArgument, match="refusal"):
        read({**dumped, "refusal": "no"})


def test_metadata_under_lamina_s_own_keys_is_refused_where_it_would_be_lost() -> None:
    image = {"type": "image_url", "image_url": {"url": "x"}}
    with pytest.raises(InvalidArgument, match="parts"):
        read({"content": [image], "metadata": {"parts": 3}})
    assert read({"content": "a", "metadata": {"parts": 3}})[0].metadata == {"parts": 3}


def test_the_days_of_one_call_are_read_in_one_order() -> None:
    drafts = read([{"content": "a", "at": "08/05/2023"}, {"content": "b", "at": "13/05/2023"}], timezone="UTC")
    assert [draft.at.month for draft in drafts] == [5, 5]
    with pytest.raises(InvalidArgument, match="first"):
        read([{"content": "a", "at": "05/13/2023"}, {"content": "b", "at": "13/05/2023"}], timezone="UTC")


def test_tool_calls_are_written_out_and_kept() -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "find", "arguments": '{"to": "Turin"}'}}
    (draft,) = read({"role": "assistant", "content": None, "tool_calls": [call]})
    assert draft.text == 'find({"to": "Turin"})'
    assert draft.metadata["tool_calls"] == [call]
    (answer,) = read({"role": "tool", "tool_call_id": "c1", "content": "two trains"})
    assert (answer.role, answer.metadata["tool_call_id"]) == ("tool", "c1")


@pytest.mark.parametrize(
    ("what", "told"),
    [
        ([{"content": "a"}, {"content": " "}], r"messages\[1\].content"),
        ([{"content": "a", "colour": 1}], "unknown key 'colour'"),
        ([{"content": "a", "order": True}], "order"),
        ([{"content": "a", "order": 2**70}], "order"),
        ([{"content": "a", "name": "x" * 513}], "name"),
        ([{"content": "a", "name": "\ud800"}], "name"),
        ([{"content": "a", "session": ""}], "session"),
        ([{"content": "a", "metadata": {"k": {"deep": float("inf")}}}], "metadata"),
        ([{"content": "a", "metadata": {"k": "\0"}}], "metadata"),
        ([{"content": "a", "metadata": {"k": [{1: 2}]}}], "metadata"),
        ([{"content": "a", "metadata": {"k": nested(3000)}}], "metadata"),
        ([{"content": [{"type": "text"}]}], "text"),
        ([{"content": ["a", 7]}], "part"),
        ([{"role": "user"}], "content"),
        ([], "empty"),
        ((text for text in "ab"), "generator"),
        (7, "int"),
    ],
)
def test_what_is_no_message_is_refused_by_its_place(what: object, told: str) -> None:
    with pytest.raises(InvalidArgument, match=told):
        read(what)


def test_a_text_over_the_limit_is_counted_in_bytes() -> None:
    defaults = Defaults(now=NOW)
    assert read_messages("é" * 5, defaults, max_text_bytes=10)
    with pytest.raises(InvalidArgument, match="Document"):
        read_messages("é" * 6, defaults, max_text_bytes=10)
