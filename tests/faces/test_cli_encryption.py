"""Encrypted files on the command line: keys made, given, changed, destroyed."""

from pathlib import Path


def test_a_life_behind_a_key(lamina, answer, tmp_path: Path) -> None:
    said = lamina("key", "life.key").stdout
    assert "keep it apart" in said
    assert (tmp_path / "life.key").stat().st_mode & 0o777 == 0o600
    assert "already" in lamina("key", "life.key", code=2).stderr
    behind = ("--key-file", "life.key")
    lamina(*behind, "add", "life.db", "Ada keeps bees", "--session", "roof", "--user", "ada")
    lamina("add", "life.db", "Bob keeps cats", "--user", "bob", LAMINA_KEY_FILE="life.key")
    digits = (tmp_path / "life.key").read_text("ascii").strip()
    assert answer("show", "life.db", "--user", "bob", LAMINA_KEY=digits)["records"][0]["text"] == "Bob keeps cats"
    assert b"bees" not in b"".join(path.read_bytes() for path in tmp_path.glob("life.db*"))
    assert answer(*behind, "verify", "life.db")["is_sound"] is True
    refused = lamina("show", "life.db", "--user", "ada", code=3).stderr
    assert "is encrypted; give its key" in refused
    lamina("key", "new.key")
    assert "another key" in lamina("--key-file", "new.key", "show", "life.db", code=3).stderr
    assert "cannot be read" in lamina("--key-file", "no.key", "show", "life.db", code=3).stderr
    assert "2 keys of walls" in lamina(*behind, "rotate-key", "life.db", "new.key").stdout
    assert "another key" in lamina(*behind, "show", "life.db", code=3).stderr
    behind = ("--key-file", "new.key")
    receipt = answer(*behind, "erase", "life.db", "--all", "--yes", "--destroy-key", "--user", "ada")
    assert (receipt["key_destroyed"], receipt["scrubbed"]) == (True, True)
    assert [entry["deed"] for entry in answer(*behind, "audit", "life.db", "--user", "ada")] == [
        "key_destroyed",
        "erased",
    ]
    assert [kept["text"] for kept in answer(*behind, "show", "life.db", "--user", "bob")["records"]] == [
        "Bob keeps cats"
    ]
    lamina("add", "plain.db", "in the clear")
    assert "not encrypted" in lamina(*behind, "show", "plain.db", code=3).stderr
    told = lamina("erase", "plain.db", "--all", "--yes", "--destroy-key", code=2).stderr
    assert "`--key-file` is asked for, and the file is not encrypted" in told


def test_a_bad_key_of_the_environment_is_called_by_its_variable(lamina, tmp_path: Path) -> None:
    for digits, what in (("ab", "2 bytes"), ("x" * 64, "no hexadecimal digits")):
        told = lamina("add", "life.db", "said", LAMINA_KEY=digits, code=2).stderr
        assert "`LAMINA_KEY` holds" in told
        assert what in told
        assert "64 hexadecimal digits" in told
        assert "--key-file" not in told
    told = lamina("add", "life.db", "said", LAMINA_KEY="ab", LAMINA_KEY_FILE="life.key", code=2).stderr
    assert "`LAMINA_KEY` and `LAMINA_KEY_FILE` are both set" in told
    assert not (tmp_path / "life.db").exists()
    (tmp_path / "short.key").write_text("ab", "ascii")
    assert "`--key-file` is a file that holds 2 bytes" in lamina(
        "--key-file", "short.key", "add", "life.db", "said", code=2
    ).stderr  # fmt: skip


def test_erasing_says_whether_the_key_went(lamina) -> None:
    lamina("key", "life.key")
    behind = ("--key-file", "life.key")
    erase = (*behind, "erase", "life.db", "--all", "--yes")
    lamina(*behind, "add", "life.db", "Ada keeps bees")
    assert "key" not in lamina(*erase).stdout
    lamina(*behind, "add", "life.db", "Ada keeps hens")
    assert "the key of the wall is destroyed" in lamina(*erase, "--destroy-key").stdout


def test_the_key_is_not_destroyed_beside_an_id_and_nothing_is_erased(lamina, answer) -> None:
    lamina("key", "life.key")
    for behind in (("--key-file", "life.key"), ()):
        name = f"{len(behind)}.db"
        kept = answer(*behind, "add", name, "Ada keeps bees")["stored"][0]["id"]
        told = lamina(*behind, "erase", name, kept, "--destroy-key", "--yes", code=2).stderr
        assert "`--destroy-key` is said without `all`; say --all" in told
        assert [one["text"] for one in answer(*behind, "show", name)["records"]] == ["Ada keeps bees"]


def test_the_key_file_is_named_before_the_command_or_behind_it(lamina, answer) -> None:
    lamina("key", "life.key")
    lamina("add", "life.db", "Ada keeps bees", "--key-file", "life.key")
    for words in (("--key-file", "life.key", "show", "life.db"), ("show", "life.db", "--key-file=life.key")):
        assert [one["text"] for one in answer(*words)["records"]] == ["Ada keeps bees"]
    lamina("show", "life.db", code=3)
    lamina("--key-file", "life.key", "add", "life.db", "--", "--key-file")
    assert "--key-file" in lamina("show", "life.db", "--key-file", "life.key").stdout
    assert lamina("verify", "life.db", "--key-file", "life.key").stdout.startswith("sound: ")
