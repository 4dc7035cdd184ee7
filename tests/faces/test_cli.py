"""Every command does what its help says, for people and for programs."""

import json
import os
import subprocess
import sys
from pathlib import Path

import apsw
import pytest

COMMANDS = [
    "add", "import", "search", "recall", "show", "update", "delete", "history", "timeline", "stats", "verify",
    "reindex", "compact", "bench", "demo",
]  # fmt: skip


def test_a_life_on_the_command_line(lamina, answer) -> None:
    added = answer(
        "add",
        "life.db",
        "Ada keeps bees on the roof",
        "--speaker",
        "Ada",
        "--session",
        "roof",
        "--at",
        "2026-03-02T09:00:00+01:00",
    )
    record = added["stored"][0]
    assert (record["text"], record["speaker"], record["session"]) == ("Ada keeps bees on the roof", "Ada", "roof")
    assert record["at"] == "2026-03-02T09:00:00+01:00"
    lamina("add", "life.db", "The dentist is on Tuesday", "--session", "roof")
    hits = answer("search", "life.db", "who keeps bees?", "--limit", 1)
    assert [hit["record"]["id"] for hit in hits["hits"]] == [record["id"]]
    assert {way["by"] for way in hits["hits"][0]["via"]} >= {"lexical", "dense"}
    context = answer("recall", "life.db", "who keeps bees?", "--budget", 100)
    assert "Ada keeps bees on the roof" in context["text"]
    assert context["tokens"] <= 100
    assert context["citations"][0]["record_id"] == record["id"]
    receipt = answer("update", "life.db", record["id"], "--text", "Ada keeps wasps on the roof")
    assert receipt["counts"] == {"UPDATE": 1}
    assert [entry["record"]["text"] for entry in answer("history", "life.db", record["id"])] == [
        "Ada keeps bees on the roof",
        "Ada keeps wasps on the roof",
    ]
    assert answer("show", "life.db", record["id"])["revision"] == 2
    assert answer("delete", "life.db", record["id"])["counts"] == {"WITHDRAW": 1}
    assert [kept["text"] for kept in answer("show", "life.db")["records"]] == ["The dentist is on Tuesday"]
    assert [session["name"] for session in answer("timeline", "life.db")] == ["roof"]
    stats = answer("stats", "life.db")
    assert stats["counts"]["records"]["observation"] == {"active": 1, "withdrawn": 1}
    assert stats["scopes"] == [{"tenant": "default", "user": "default", "agent": None, "run": None}]
    assert answer("verify", "life.db")["is_sound"] is True


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (("search", "life.db", "bees"), "Ada keeps bees"),
        (("recall", "life.db", "who keeps bees?"), "Ada keeps bees"),
        (("show", "life.db"), "Ada keeps bees"),
        (("timeline", "life.db"), "roof"),
        (("stats", "life.db"), "default/default"),
        (("verify", "life.db"), "sound"),
    ],
)
def test_people_see_words_without_colour_when_it_is_piped(lamina, words, shown) -> None:
    lamina("add", "life.db", "Ada keeps bees", "--session", "roof")
    printed = lamina(*words).stdout
    assert shown in printed
    assert "\x1b" not in printed


def test_the_file_may_come_from_the_environment_or_an_option(lamina) -> None:
    lamina("add", "Ada keeps bees", LAMINA_FILE="life.db")
    assert "bees" in lamina("search", "bees", LAMINA_FILE="life.db").stdout
    assert "bees" in lamina("show", "--file", "life.db").stdout
    assert "LAMINA_FILE" in lamina("search", "bees", code=2).stderr


def test_with_a_file_in_the_environment_ids_and_sources_stand_alone_and_a_named_file_wins(
    lamina, tmp_path: Path
) -> None:
    told = json.loads(lamina("add", "Ada keeps bees", "--json", LAMINA_FILE="life.db").stdout)
    record_id = told["stored"][0]["id"]
    assert "Ada keeps bees" in lamina("show", record_id, LAMINA_FILE="life.db").stdout
    (tmp_path / "chat.jsonl").write_text('{"text": "turn"}\n', "utf-8")
    assert "1 stored" in lamina("import", "chat.jsonl", LAMINA_FILE="life.db").stdout
    assert "1 stored" in lamina("import", "other.db", "chat.jsonl", LAMINA_FILE="life.db").stdout
    assert "turn" in lamina("show", "other.db", LAMINA_FILE="life.db").stdout


def test_text_comes_in_and_goes_out_through_pipes(lamina, answer) -> None:
    lamina("add", "life.db", "-", stdin="Ada keeps bees\nand wasps\n")
    lines = "\n".join(json.dumps({"id": f"m{n}", "speaker": "Bob", "text": f"turn {n}"}) for n in range(3))
    assert answer("import", "life.db", "-", stdin=lines)["stored"] == 3
    assert answer("import", "life.db", "-", stdin=lines)["known"] == 3
    listed = answer("show", "life.db", "--limit", 2)
    assert [record["text"] for record in listed["records"]] == ["Ada keeps bees\nand wasps", "turn 0"]
    rest = answer("show", "life.db", "--after", listed["cursor"])["records"]
    assert [(record["external_id"], record["speaker"], record["at"]) for record in rest] == [
        ("m1", "Bob", None),
        ("m2", "Bob", None),
    ]


def test_users_are_kept_apart_and_what_is_shared_is_seen(lamina, answer) -> None:
    lamina("add", "life.db", "Ada's secret", "--user", "ada")
    lamina("add", "life.db", "Office hours", "--shared")
    assert [r["text"] for r in answer("show", "life.db", "--user", "bob")["records"]] == ["Office hours"]
    assert len(answer("show", "life.db", "--user", "ada")["records"]) == 2
    assert len(answer("stats", "life.db")["scopes"]) == 2
    assert answer("stats", "life.db", "--user", "bob")["counts"]["records"] == {
        "observation": {"active": 1},
        "event": {"active": 1},
    }


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("search", "nowhere.db", "bees"), 2, "is not there"),
        (("add", "life.db", " "), 2, "empty"),
        (("add", "life.db", "x", "--at", "someday"), 2, "`at`"),
        (("add", "life.db", "x", "--metadata", "{"), 2, "JSON"),
        (("add", "life.db", "x", "--shared", "--user", "ada"), 2, "--shared"),
        (("show", "made.db", "nobody"), 2, "no record"),
        (("search", "made.db", "x", "--limit", "0"), 2, "`limit`"),
        (("recall", "made.db", "x", "--budget", "-5"), 2, "`budget_tokens`"),
        (("stats", "foreign.db"), 3, "not a Lamina memory"),
        (("add", "nowhere/life.db", "x"), 3, "nowhere"),
        (("import", "life.db", "missing.jsonl"), 2, "missing.jsonl"),
        (("import", "life.db", "broken.jsonl"), 2, "line 2"),
    ],
)
def test_bad_input_is_one_line_and_an_exit_code(lamina, tmp_path: Path, words, code, told) -> None:
    lamina("add", "made.db", "Ada keeps bees")
    (tmp_path / "foreign.db").write_text("nothing of ours", "utf-8")
    (tmp_path / "broken.jsonl").write_text('{"text": "fine"}\n{"text": \n', "utf-8")
    assert told in lamina(*words, code=code).stderr


def test_verify_exits_with_one_when_the_file_was_edited_behind_its_back(lamina, tmp_path: Path) -> None:

    lamina("add", "life.db", "Ada keeps bees")
    connection = apsw.Connection(str(tmp_path / "life.db"))
    connection.execute("UPDATE content SET text = 'Ada keeps wasps' WHERE text = 'Ada keeps bees'")
    connection.close()
    printed = lamina("verify", "life.db", code=1).stdout
    assert "NOT SOUND" in printed
    assert "content" in printed


def test_upkeep_mends_what_is_derived_and_makes_the_file_small(lamina, answer, tmp_path: Path) -> None:
    answer("add", "life.db", "Ada keeps bees on the roof")
    answer("search", "life.db", "bees")
    assert answer("reindex", "life.db") == {"walls": 1}
    connection = apsw.Connection(str(tmp_path / "life.db"))
    connection.execute("UPDATE segment SET data = x'00'")
    connection.close()
    assert answer("verify", "life.db", code=1)["findings"][0]["check"] == "index"
    mended = answer("verify", "life.db", "--repair")
    assert (mended["is_sound"], [finding["check"] for finding in mended["mended"]]) == (True, ["index"] * 2)
    assert "1 indexes are kept" in lamina("compact", "life.db").stdout
    assert answer("compact", "life.db")["bytes_after"] == (tmp_path / "life.db").stat().st_size
    assert "sound" in lamina("verify", "life.db", "--repair").stdout


def test_verify_exits_with_one_for_what_is_no_memory_any_more(lamina, tmp_path: Path) -> None:
    lamina("add", "life.db", "Ada keeps bees " * 300)
    whole = (tmp_path / "life.db").read_bytes()
    (tmp_path / "short.db").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "foreign.db").write_text("nothing of ours", "utf-8")
    for name in ("short.db", "foreign.db"):
        assert "NOT SOUND" in lamina("verify", name, code=1).stdout


def test_a_setting_of_the_environment_that_cannot_be_used_is_one_line(lamina) -> None:
    lamina("add", "life.db", "before")
    assert "encode" in lamina("stats", "life.db", code=2, LAMINA_ENCODE="never").stderr


def test_the_version_and_the_help_of_every_command(lamina) -> None:
    import lamina as package

    assert lamina("--version").stdout == f"lamina {package.__version__}\n"
    overview = lamina("--help").stdout
    for command in COMMANDS:
        assert f"  {command} " in overview
        assert "Usage" in lamina(command, "--help").stdout


def test_help_loads_nothing_heavy() -> None:
    program = (
        "import sys\nsys.argv = ['lamina', '--help']\n"
        "from lamina.faces.cli.app import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "heavy = {'numpy', 'onnxruntime', 'apsw', 'pydantic', 'tokenizers', 'rich.table'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, env={**os.environ})


def test_bench_compares_recipes_on_a_folder(answer, tmp_path: Path) -> None:
    folder = Path(__file__).parents[1] / "evaluate/data/harbour"
    told = answer("bench", folder, "--recipe", "bm25", "--recipe", "convex", "--vector-cache", tmp_path / "cache")
    assert json.dumps(told).count("convex") >= 1
    assert "recall@5" in json.dumps(told)


def test_bench_tells_how_often_questions_are_declined(lamina, tmp_path: Path) -> None:
    folder = Path(__file__).parents[1] / "evaluate/data/harbour"
    printed = lamina("bench", folder, "--abstention", "--vector-cache", tmp_path / "cache").stdout
    assert "of its own questions" in printed
