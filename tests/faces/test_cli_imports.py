"""`lamina import` takes sources in once, guesses nothing, and says what it did."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

CHAT = "[8 May 2023 13:56] Ada: hello\nsecond line\n[8 May 2023 13:57] Bob: hi\n"


def shown(answer, *words: object) -> list[str]:
    return [record["text"] for record in answer("show", *words)["records"]]


def test_documents_and_chat_exports_are_taken_in(lamina, answer, tmp_path: Path) -> None:
    (tmp_path / "lease.md").write_text("# Lease\n\nOne cat is welcome.\n", "utf-8")
    (tmp_path / "chat.txt").write_text(CHAT, "utf-8")
    counts = answer("import", "life.db", "lease.md", "chat.txt", "--timezone", "UTC")
    assert (counts["stored"], counts["encoded"]) == (4, 3)
    assert [source["stored"] for source in counts["sources"]] == [2, 2]
    assert shown(answer, "life.db") == ["# Lease\n\nOne cat is welcome.\n", "hello\nsecond line", "hi"]


def test_an_import_that_is_repeated_says_so_and_one_of_more_goes_on(lamina, tmp_path: Path) -> None:
    (tmp_path / "chat.txt").write_text(CHAT, "utf-8")
    command = ("import", "life.db", "chat.txt", "--timezone", "UTC", "--no-encode")
    assert lamina(*command).stdout == "chat.txt: 2 stored\n0 encoded\n"
    assert lamina(*command).stdout == "chat.txt: nothing new; 2 were taken in before\n0 encoded\n"
    with (tmp_path / "chat.txt").open("a", encoding="utf-8") as log:
        log.write("[8 May 2023 13:58] Ada: bye\n")
    assert lamina(*command).stdout == "chat.txt: 1 stored; 2 were taken in before\n0 encoded\n"


def test_files_of_one_name_in_two_folders_are_two_documents(lamina, answer, tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "notes.txt").write_text(f"notes of {folder}\n", "utf-8")
    counts = answer("import", "life.db", "a/notes.txt", "b/notes.txt", "--no-encode")
    assert (counts["stored"], counts["updated"]) == (4, 0)
    assert shown(answer, "life.db") == ["notes of a\n", "notes of b\n"]
    (tmp_path / "a/notes.txt").write_text("new notes of a\n", "utf-8")
    counts = answer("import", "life.db", tmp_path / "b/../a/notes.txt", "b/notes.txt", "--no-encode")
    assert (counts["updated"], counts["repeated"]) == (1, 1)
    assert sorted(shown(answer, "life.db")) == ["new notes of a\n", "notes of b\n"]


def test_a_document_under_a_long_path_has_an_id_of_its_own(answer, tmp_path: Path) -> None:
    folder = tmp_path.joinpath(*["a long name " * 15] * 4)
    folder.mkdir(parents=True)
    for name in ("one.txt", "two.txt"):
        (folder / name).write_text(name, "utf-8")
    counts = answer("import", "life.db", folder / "one.txt", folder / "two.txt", "--no-encode")
    assert (counts["stored"], counts["updated"]) == (4, 0)


def test_two_chats_with_the_same_ids_do_not_overwrite_one_another(lamina, answer, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.jsonl").write_text(json.dumps({"id": 1, "text": f"hello from {name}"}), "utf-8")
    told = lamina("import", "life.db", "a.jsonl", "b.jsonl", "--no-encode", code=2).stderr
    assert "b.jsonl" in told
    assert "--on-conflict" in told
    assert shown(answer, "life.db") == ["hello from a"]
    counts = answer("import", "life.db", "a.jsonl", "b.jsonl", "--on-conflict", "beside", "--no-encode")
    assert (counts["known"], counts["stored"]) == (1, 1)
    assert shown(answer, "life.db") == ["hello from a", "hello from b"]


def test_what_is_kept_is_what_stands_in_the_file_to_the_byte(answer, tmp_path: Path) -> None:
    text = "# One\r\n\r\nTwo lines,\r\none break.\rStill it.\n"
    (tmp_path / "notes.md").write_bytes(text.encode())
    (tmp_path / "chat.txt").write_bytes(b"[8 May 2023 13:56] Ada: one\r\n\r\n  two\r\n[8 May 2023 13:57] Bob: hi\r\n")
    answer("import", "life.db", "notes.md", "chat.txt", "--timezone", "UTC", "--no-encode")
    texts = shown(answer, "life.db")
    assert "".join(texts[:-2]) == text
    assert texts[-2:] == ["one\r\n\r\n  two", "hi"]


@pytest.mark.parametrize(
    ("name", "words", "options", "count"),
    [
        ("readme.md", "[![build](a.svg)](b)\n\nA tool.\n", (), 1),
        ("links.md", "[Lamina](x): a memory\n[other](y): b\n", (), 1),
        ("marked.txt", "\ufeff[8 May 2023 13:56] Ada: hi\n[8 May 2023 13:57] Bob: hi\n", (), 2),
        ("ios.txt", "\u200e[13/05/2023, 13:56:01] Ada: hi\n[13/05/2023, 13:57:01] Bob: hi\n", (), 2),
        ("android.txt", "13/05/2023, 13:56 - Ada: hi\n13/05/2023, 13:57 - Bob: hi\n", (), 2),
        ("android.txt", "13/05/2023, 13:56 - Ada: hi\n13/05/2023, 13:57 - Bob: hi\n", ("--as", "document"), 1),
        ("lines.txt", '{"text": "a"}\n{"text": "b"}\n', ("--as", "chat"), 2),
        ("lines.jsonl", '{"text": "a"}\n{"text": "b"}\n', ("--as", "document"), 1),
    ],
)
def test_chats_and_documents_are_told_apart_or_said_to_be_one(
    answer, tmp_path: Path, name: str, words: str, options: tuple[str, ...], count: int
) -> None:
    (tmp_path / name).write_text(words, "utf-8")
    answer("import", "life.db", name, "--timezone", "UTC", "--no-encode", *options)
    assert len(shown(answer, "life.db")) == count


def test_days_and_months_are_told_apart_by_the_file_or_the_option(lamina, answer, tmp_path: Path) -> None:
    (tmp_path / "chat.txt").write_text("08/05/2023, 13:56 - Ada: a\n09/05/2023, 13:56 - Ada: b\n", "utf-8")
    command = ("import", "life.db", "chat.txt", "--timezone", "UTC", "--no-encode")
    assert "--day-first" in lamina(*command, code=2).stderr
    lamina(*command, "--day-first")
    assert [record["at"][:10] for record in answer("show", "life.db")["records"]] == ["2023-05-08", "2023-05-09"]


def test_a_bad_message_stores_nothing_and_is_named_or_left_out_and_counted(lamina, answer, tmp_path: Path) -> None:
    lines = [json.dumps({"id": str(n), "text": f"turn {n}"}) for n in range(2600)]
    lines[2500] = json.dumps({"id": "x", "text": "turn", "ts": "garbage"})
    (tmp_path / "chat.jsonl").write_text("\n".join(lines), "utf-8")
    lamina("add", "life.db", "before")
    told = lamina("import", "life.db", "chat.jsonl", code=2).stderr
    assert "chat.jsonl" in told
    assert "line 2501" in told
    assert "message.at" in told
    assert "--skip-bad" in told
    assert len(answer("show", "life.db")["records"]) == 1
    done = lamina("import", "life.db", "chat.jsonl", "--skip-bad", "--no-encode")
    assert done.stdout == "chat.jsonl: 2599 stored, 1 left out\n0 encoded\n"
    assert "line 2501" in done.stderr


def test_nothing_is_made_a_memory_by_mistake(lamina, answer, tmp_path: Path) -> None:
    (tmp_path / "c1.jsonl").write_text('{"text": "turn"}\n', "utf-8")
    (tmp_path / "log.txt").touch()
    lamina("add", "life.db", "before")
    for name, told in (("typo.jsonl", "is not there"), ("typo", "is not there"), ("log.txt", "empty")):
        done = lamina("import", name, "c1.jsonl", code=2, LAMINA_FILE="life.db")
        assert name in done.stderr
        assert told in done.stderr
    assert "called like a source" in lamina("import", "typo.jsonl", "c1.jsonl", code=2).stderr
    assert "called like a source" in lamina("import", "log.txt", "c1.jsonl", code=2).stderr
    assert "is a memory" in lamina("import", "other.db", "life.db", code=2).stderr
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix != ".db") == ["c1.jsonl", "log.txt"]
    assert (tmp_path / "log.txt").read_bytes() == b""
    assert not (tmp_path / "other.db").exists()
    assert "1 stored" in lamina("import", "other.db", "c1.jsonl", "--no-encode", LAMINA_FILE="life.db").stdout


@pytest.mark.parametrize("name", ["chat.jsonl", "notes.txt"])
def test_a_file_that_is_no_utf_8_is_named(lamina, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes('{"text": "café"}'.encode("latin-1"))
    told = lamina("import", "life.db", name, "--no-encode", code=2).stderr
    assert name in told
    assert "UTF-8" in told


def test_a_bar_shows_the_bytes_of_all(tmp_path: Path) -> None:
    (tmp_path / "chat.jsonl").write_text("".join(f'{{"text": "turn {n} {"x" * 200}"}}\n' for n in range(2000)), "utf-8")
    command = [str(Path(sys.executable).with_name("lamina")), "import", "life.db", "chat.jsonl", "--no-encode"]
    reading, writing = pty.openpty()
    environment = {**os.environ, "COLUMNS": "160", "TERM": "xterm"}
    with subprocess.Popen(command, cwd=tmp_path, stderr=writing, stdout=subprocess.PIPE, env=environment) as running:
        os.close(writing)
        told = b""
        while True:
            try:
                told += os.read(reading, 65536)
            except OSError:  # the other end is closed
                break
        assert running.wait(timeout=60) == 0
    os.close(reading)
    size = (tmp_path / "chat.jsonl").stat().st_size
    assert f"{2 * size / 1000:.1f}/{2 * size / 1000:.1f} kB" in told.decode()
    assert "importing chat.jsonl" in told.decode()


def test_standard_input_goes_in_once_as_well(lamina, answer) -> None:
    lines = "".join(json.dumps({"text": f"turn {n}"}) + "\n" for n in range(3))
    command = ("import", "life.db", "-", "--no-encode")
    assert lamina(*command, stdin=lines).stdout == "-: 3 stored\n0 encoded\n"
    assert (
        lamina(*command, stdin=lines + '{"text": "more"}').stdout == "-: 1 stored; 3 were taken in before\n0 encoded\n"
    )
    assert "a document is a file" in lamina(*command, "--as", "document", code=2, stdin="text").stderr


AWAY = """
from lamina.core.errors import BrokenEncoder, StoreBusy
from lamina.testing.fakes import HashEncoder

class Away(HashEncoder):
    def encode(self, texts):
        if any("wasp" in text for text in texts):
            raise {error}("the model server is away")
        return super().encode(texts)

def make(model):
    return Away()
"""


def plugged(folder: Path, error: str, *, word: str = "wasp") -> dict[str, str]:
    """Put an encoder beside the library that raises `error` at a text with a word; gives the variables that name it."""
    plug = folder / "plug"
    (plug / "away-1.dist-info").mkdir(parents=True, exist_ok=True)
    (plug / "away-1.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: away\nVersion: 1\n", "utf-8")
    (plug / "away-1.dist-info" / "entry_points.txt").write_text("[lamina.encoders]\naway = away:make\n", "utf-8")
    (plug / "away.py").write_text(AWAY.replace('"wasp"', f'"{word}"').replace("{error}", error), "utf-8")
    paths = os.pathsep.join([str(plug), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {"PYTHONPATH": paths, "LAMINA_ENCODER": "away"}


def chat_of_bees(folder: Path) -> None:
    lines = [{"text": f"bee {number}"} for number in range(130)] + [{"text": "a wasp"}]
    (folder / "chat.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")


@pytest.mark.parametrize(
    ("error", "code"), [("OSError", 4), ("RuntimeError", 4), ("BrokenEncoder", 4), ("StoreBusy", 3)]
)
def test_an_import_whose_encoder_fails_says_what_was_stored_and_how_to_encode_it(
    lamina, tmp_path: Path, error: str, code: int
) -> None:
    chat_of_bees(tmp_path)
    away = plugged(tmp_path, error)
    failed = lamina("import", "life.db", "chat.jsonl", code=code, **away)
    assert failed.stdout == "chat.jsonl: 131 stored\n128 encoded\n"
    (told,) = failed.stderr.splitlines()
    why = error if code == 3 else f"{error}: the model server is away"
    assert told.startswith(f"lamina: all is stored, and encoding it failed ({why}); ")
    assert "the same command, `lamina search` or `lamina recall` encodes" in told
    again = lamina("import", "life.db", "chat.jsonl", "--json", code=code, **away)
    counts = json.loads(again.stdout)
    assert (counts["known"], counts["stored"], counts["encoded"]) == (131, 0, 0)
    assert counts["notes"] == [again.stderr.strip().removeprefix("lamina: ")]
    plugged(tmp_path, error, word="hornet")
    assert lamina("import", "life.db", "chat.jsonl", **away).stdout.endswith("\n3 encoded\n")


def test_what_was_stored_is_told_before_whatever_else_fails(lamina, tmp_path: Path) -> None:
    chat_of_bees(tmp_path)
    (tmp_path / "bad.jsonl").write_text('{"no": "text"}\n', "utf-8")
    refused = lamina("import", "other.db", "chat.jsonl", "bad.jsonl", code=2)
    assert refused.stdout == "chat.jsonl: 131 stored\n"
    assert "bad.jsonl" in refused.stderr
