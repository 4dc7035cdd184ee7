"""Snapshots, rollbacks, exports, loads and backups on the command line."""

import json
from pathlib import Path


def test_a_memory_is_named_gone_back_to_and_brought_back(lamina, answer) -> None:
    lamina("add", "life.db", "Ada keeps bees")
    assert "operation 2, commit 1" in lamina("snapshot", "life.db", "bees").stdout
    lamina("add", "life.db", "Bob keeps cats")
    assert answer("snapshots", "life.db")[0]["name"] == "bees"
    assert "bees" in lamina("snapshots", "life.db").stdout
    receipt = answer("rollback", "life.db", "bees")
    assert receipt["counts"] == {"ROLLBACK": 1}
    assert [record["text"] for record in answer("show", "life.db")["records"]] == ["Ada keeps bees"]
    lamina("rollback", "life.db", "--commit", 0)
    assert answer("show", "life.db")["records"] == []
    lamina("snapshot", "life.db", "bees", "--drop")
    assert "names no snapshot" in lamina("rollback", "life.db", "bees", code=2).stderr
    assert json.loads(lamina("verify", "life.db", "--json").stdout)["is_sound"]


def test_a_memory_goes_elsewhere(lamina, answer, tmp_path) -> None:
    lamina("add", "life.db", "Ada keeps bees", "--user", "ada")
    lamina("add", "life.db", "Bob keeps cats", "--user", "bob")
    assert answer("export", "life.db", "--out", "all.jsonl", "--whole-file")["walls"] == 2
    assert "there already" in lamina("export", "life.db", "--out", "all.jsonl", code=2).stderr
    assert "ada: 2 operations" in lamina("load", "other.db", "all.jsonl").stdout
    head = lamina("log", "life.db", "--user", "ada", "--head").stdout
    (tmp_path / "head.json").write_text(head, "utf-8")
    assert "1 head" in lamina("verify", "other.db", "--head", "head.json").stdout
    lines = lamina("export", "life.db", "--user", "bob").stdout
    assert "all of it was there" in lamina("load", "other.db", "-", stdin=lines).stdout
    damaged = lamina("load", "third.db", "-", stdin=lines[:200], code=3).stderr
    assert "nothing of it was taken in" in damaged
    assert "- " in lamina("export", "life.db", "--user", "bob", "--markdown").stdout
    assert answer("backup", "life.db", "copy.db")["file_bytes"] > 0
    assert "overwrite" in lamina("backup", "life.db", "copy.db", code=2).stderr
    (tmp_path / "head.json").write_text(head.replace('"number": 2', '"number": 1'), "utf-8")
    lamina("verify", "other.db", "--head", "head.json", code=1)


def test_a_refused_load_leaves_no_new_file_and_an_old_one_as_it_was(lamina, tmp_path: Path) -> None:
    (tmp_path / "broken.jsonl").write_text("{}", "utf-8")
    assert lamina("load", "new.db", "broken.jsonl", code=3).stderr
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith("new.db")) == []
    lamina("add", "life.db", "Ada keeps bees")
    lamina("load", "life.db", "broken.jsonl", code=3)
    assert "Ada keeps bees" in lamina("show", "life.db").stdout


def test_verify_and_stats_exit_alike_for_what_was_never_a_memory(lamina, tmp_path: Path) -> None:
    (tmp_path / "foreign.db").write_text("nothing of ours", "utf-8")
    for verb in ("verify", "stats"):
        assert "is not a Lamina memory" in lamina(verb, "foreign.db", code=3).stderr


def test_actions_of_the_log_are_named_in_any_case(lamina, answer) -> None:
    lamina("add", "life.db", "Ada keeps bees")
    for name in ("add", "ADD", "Add"):
        assert answer("log", "life.db", "--action", name)
    assert not answer("log", "life.db", "--action", "update")
