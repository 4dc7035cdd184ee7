"""Lines of chat as messengers export them become messages, verbatim."""

import pytest

from lamina.core.errors import InvalidArgument
from lamina.ingest.chat_lines import chat_message, opens


@pytest.mark.parametrize(
    ("words", "at", "name", "content"),
    [
        ("[8 May 2023 13:56] Ada: hello", "8 May 2023 13:56", "Ada", "hello"),
        ("[2023-05-08T13:56:00Z] Ada:  two spaces ", "2023-05-08T13:56:00Z", "Ada", " two spaces "),
        (
            "\u200e[08/05/2023, 1:56:01\u202fPM] ~ Ada: \u200eimage",
            "08/05/2023, 1:56:01\u202fPM",
            "~ Ada",
            "\u200eimage",
        ),
        ("08/05/2023, 13:56 - Ada: hello\nthere", "08/05/2023, 13:56", "Ada", "hello\nthere"),
        ("8.5.23, 13:56 - Ada: hello", "8.5.23, 13:56", "Ada", "hello"),
        ("5/8/23, 1:56 p.m. - Ada: hello", "5/8/23, 1:56 p.m.", "Ada", "hello"),
        ("08/05/2023, 13:55 - Ada joined", "08/05/2023, 13:55", None, "Ada joined"),
        ("[13:57] 12:30 is fine", "13:57", None, "12:30 is fine"),
        ("[13:57] Ada:", "13:57", "Ada", ""),
        ("[13:57] Ada:\nbelow", "13:57", "Ada", "\nbelow"),
    ],
)
def test_a_line_is_its_time_its_speaker_and_its_words(words: str, at: str, name: str | None, content: str) -> None:
    message = chat_message(words)
    assert (message["at"], message.get("name"), message["content"]) == (at, name, content)
    assert opens(words.partition("\n")[0])


@pytest.mark.parametrize(
    "line", ["", "hello", "[sic] Ada: hello", "[link](a): b", '["13:57"]', '[{"at": "13:57"}]', "7 - x"]
)
def test_other_lines_open_no_message(line: str) -> None:
    assert not opens(line)
    with pytest.raises(InvalidArgument, match="time"):
        chat_message(line)


def test_a_long_line_in_brackets_takes_no_time() -> None:
    assert not opens("[" + "1:2 " * 100_000)
