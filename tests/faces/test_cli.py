"""Every command does what its help says, for people and for programs."""

import json
import os
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import apsw
import pytest
from reportlab.pdfgen.canvas import Canvas

from lamina.evaluate.machine import this_code

COMMANDS = [
    "add", "import", "search", "recall", "explain", "show", "update", "delete", "history", "timeline", "stats",
    "verify", "reindex", "compact", "snapshot", "snapshots", "rollback", "export", "load", "backup", "bench", "demo",
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


def test_filters_narrow_search_recall_and_listing(lamina, answer) -> None:
    for name, city, rank in (("Ada", "Turin", 1), ("Bob", "Turin", 2), ("Ada", "Rome", 3)):
        metadata = json.dumps({"city": city, "rank": rank})
        lamina("add", "life.db", f"{name} saw bees in {city}", "--speaker", name, "--metadata", metadata)

    def texts(command: str, *words: str) -> list[str]:
        told = answer(command, "life.db", *(["who saw bees"] if command == "search" else []), *words)
        records = [hit["record"] for hit in told["hits"]] if command == "search" else told["records"]
        return sorted(record["text"] for record in records)

    for command in ("search", "show"):
        assert texts(command, "--filter", '{"city": "Turin", "NOT": {"speaker": "Bob"}}') == ["Ada saw bees in Turin"]
        assert texts(command, "--where", "speaker=Ada", "--where", "rank>=2") == ["Ada saw bees in Rome"]
        assert texts(command, "--where", "city != Turin") == texts(command, "--where", "rank>2")
        assert texts(command, "--where", "rank=[1, 2]", "--filter", '{"speaker": "Bob"}') == ["Bob saw bees in Turin"]
        assert texts(command, "--where", "text~ROME", "--where", "city=*") == ["Ada saw bees in Rome"]
        assert texts(command, "--where", "at<=2026-01-01", "--timezone", "UTC") == []
        assert len(texts(command, "--where", "recorded_at>2026-01-01", "--timezone", "UTC")) == 3
    packed = answer("recall", "life.db", "who saw bees in Turin?", "--where", "speaker=Bob")
    assert "Bob saw bees" in packed["text"]
    assert "Ada" not in packed["text"]


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("search", "nowhere.db", "bees"), 2, "is not there"),
        (("add", "life.db", "x", "--at", "someday"), 2, "`--at`"),
        (("add", "life.db", " "), 2, "`TEXT` is empty or blank"),
        (("add", "life.db", "x", "--metadata", "{"), 2, "JSON"),
        (("add", "life.db", "x", "--shared", "--user", "ada"), 2, "--shared"),
        (("show", "made.db", "nobody"), 2, "no record"),
        (("import", "life.db", "."), 2, "is a folder"),
        (("search", "made.db", "x", "--limit", "0"), 2, "`--limit`"),
        (("recall", "made.db", "x", "--budget", "-5"), 2, "`--budget`"),
        (("search", "made.db", "x", "--filter", "{"), 2, "--filter is no JSON"),
        (("search", "made.db", "x", "--filter", "[]"), 2, "--filter is no JSON object"),
        (("recall", "made.db", "x", "--filter", "null"), 2, "--filter is no JSON object"),
        (("search", "made.db", "x", "--filter", "{}"), 2, "`--filter` is empty"),
        (("search", "made.db", "x", "--filter", '{"AND": {"a": 1}}'), 2, "`--filter AND`"),
        (("recall", "made.db", "x", "--where", "at>=2026-03-01"), 2, "give --timezone"),
        (("recall", "made.db", "x", "--where", "at>=someday"), 2, "`--where at.gte` 'someday'"),
        (("recall", "made.db", "x", "--least", "2"), 2, "'--least'"),
        (("recall", "made.db", "x", "--least", "nan"), 2, "'--least'"),
        (("search", "made.db", "x", "--tenant", " "), 2, "`--tenant` is empty"),
        (("search", "made.db", "x", "--known-at", "2026-03-01T00:00"), 2, "`--known-at`"),
        (("log", "made.db", "--since", "someday"), 2, "`--since` 'someday'"),
        (("log", "made.db", "--until", "2026-03-01"), 2, "`--until` '2026-03-01' has no zone"),
        (("log", "made.db", "--action", "MEND"), 2, "`--action` names 'MEND'"),
        (("log", "made.db", "--actor", "nobody"), 2, "`--actor` names 'nobody'"),
        (("revert", "made.db", "0"), 2, "`NUMBER` is 0"),
        (("revert", "made.db", "--commit", "0"), 2, "`--commit` is 0"),
        (("bench", ".", "--level", "word"), 2, "`--level` is word"),
        (("bench", ".", "--budget", "0"), 2, "`--budget` holds"),
        (("bench", "nowhere"), 2, "`FOLDER` 'nowhere'"),
        (("recall", "made.db", "x", "--where", "speker=Ada"), 2, "write `speaker`"),
        (("show", "made.db", "--where", "speaker"), 2, "has no operator"),
        (("show", "made.db", "--where", "rank>="), 2, "nothing to compare with"),
        (("show", "made.db", "--where", "user_id=ada"), 2, "by the call's --user, --tenant or --shared"),
        (("show", "made.db", "--where", "kind=event"), 2, "`--where kind` can never match"),
        (("show", "made.db", "nobody", "--where", "speaker=Ada"), 2, "for listing"),
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
    assert answer("reindex", "life.db") == {"walls": 1, "texts": 0}
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
    assert "NOT SOUND" in lamina("verify", "short.db", code=1).stdout


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


HARBOUR = Path(__file__).parents[1] / "evaluate/data/harbour"


def test_bench_compares_recipes_on_a_folder(answer, tmp_path: Path) -> None:
    told = answer("bench", HARBOUR, "--recipe", "bm25", "--recipe", "hier", "--vector-cache", tmp_path / "cache")
    assert [(one["recipe"], one["scores"]["ALL"]["recall@5"]["n"]) for one in told["summaries"]] == [
        ("bm25", 5),
        ("hier", 5),
    ]
    assert set(told["summaries"][0]["differences"]["recall@5"]) == {"mean", "low", "high", "n"}
    assert told["summaries"][1]["differences"] == {}


def test_bench_publishes_from_a_clean_checkout_alone(lamina, tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    words = ("bench", HARBOUR, "--recipe", "bm25", "--vector-cache", tmp_path / "cache", "--publish", figures)
    code = this_code()
    if code.commit is None or code.is_changed:
        assert "publish" in lamina(*words, code=2).stderr
        assert not figures.exists()
    else:
        lamina(*words)
        assert json.loads(figures.read_text("utf-8"))["code"] == {"commit": code.commit, "is_changed": False}


def test_bench_draws_what_it_measured(lamina, tmp_path: Path) -> None:
    lamina("bench", HARBOUR, "--recipe", "bm25", "--vector-cache", tmp_path / "cache", "--plots", tmp_path / "plots")
    assert "bm25" in (tmp_path / "plots/harbour-turn.svg").read_text("utf-8")


def test_bench_tells_how_often_questions_are_declined(lamina, tmp_path: Path) -> None:
    printed = lamina("bench", HARBOUR, "--abstention", "--vector-cache", tmp_path / "cache").stdout
    assert "of its own questions" in printed


def test_explain_says_why_a_record_is_not_returned(lamina, answer) -> None:
    for text in ("Ada keeps bees on the roof", "The dentist is on Tuesday", "The river was high"):
        lamina("add", "life.db", text)
    river = answer("search", "life.db", "the river", "--limit", 1)["hits"][0]["record"]["id"]
    told = answer("explain", "life.db", "who keeps bees?", "--limit", 1, "--record", river)
    assert told["terms"] == ["keep", "bee"]
    assert told["hits"][0]["score"] == pytest.approx(sum(share["points"] for share in told["hits"][0]["shares"]))
    assert told["asked"]["record"]["id"] == river
    assert told["asked"]["absence"] == [
        f"{told['asked']['rank'] - 1} records that may be returned score more, and 1 were asked for"
    ]
    assert (told["kind"], told["wants_several"], told["relative_to"]) == ("who", False, None)
    question = "which bees did Ada keep after the flood, and since May 2023?"
    shown = lamina("explain", "life.db", question, "--limit", 1).stdout
    assert all(words in shown for words in ("which, several things", "the flood", "from 2023-05-01 on"))
    shown = lamina("explain", "life.db", "who keeps bees?", "--limit", 1, "--record", river).stdout
    assert all(
        word in shown for word in ("keep, bee", "lexical", "dense", "estimated rank", "not returned", "term bee")
    )


def test_stats_tell_what_takes_the_disk(lamina, answer) -> None:
    lamina("add", "life.db", "Ada keeps bees on the roof")
    assert answer("stats", "life.db")["disk_bytes"]["words"] > 0
    assert "of them words" in lamina("stats", "life.db").stdout
    assert answer("stats", "life.db", "--user", "default")["disk_bytes"] == {}


def test_texts_html_and_pdf_are_taken_in_each_as_what_it_is(lamina, answer, tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_bytes(b"# Notes\r\n\r\nThe tide is high.\r\n")
    (tmp_path / "page.html").write_text("<h1>Page</h1><p>The boats leave at one.", "utf-8")
    (tmp_path / "saved.txt").write_text("<!DOCTYPE html><p>A page in disguise.", "utf-8")
    (tmp_path / "paper.pdf").write_bytes(a_pdf("The harbour closes at six."))
    done = lamina("import", "life.db", "notes.md", "page.html", "saved.txt", "paper.pdf")
    assert "note: saved.txt: ends in .txt and was read as what it is, HTML" in done.stderr
    records = {record["session"]: record for record in answer("show", "life.db")["records"]}
    assert records["notes.md"]["text"] == "# Notes\r\n\r\nThe tide is high.\r\n"
    assert records["page.html"]["text"] == "# Page\n\nThe boats leave at one.\n"
    assert records["paper.pdf"]["text"] == "The harbour closes at six.\n"
    assert records["paper.pdf"]["metadata"]["document"]["origins"][0]["page"] == 1
    assert "from: 0:26 page 1 at 72.2, " in lamina("show", "life.db", records["paper.pdf"]["id"]).stdout
    assert "section: Page\nholds: heading, paragraph\n" in lamina("show", "life.db", records["page.html"]["id"]).stdout
    assert "§ Notes" in lamina("show", "life.db").stdout
    assert "§ Page" in lamina("search", "life.db", "When do the boats leave?").stdout
    assert answer("import", "life.db", "notes.md", "page.html", "paper.pdf")["repeated"] == 3


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("broken.pdf", b"no pdf at all", "is no PDF"),
        ("cut.pdf", b"%PDF-1.7\n1 0 obj", "damaged PDF"),
        ("empty.md", b"", "empty"),
        ("empty.html", b"<script>x()</script>", "without words"),
        ("latin.txt", "caf\xe9".encode("latin-1"), "is no UTF-8 (byte 3)"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_one_line_and_nothing_is_stored(lamina, tmp_path, name, data, told) -> None:
    (tmp_path / name).write_bytes(data)
    (tmp_path / "good.md").write_text("words", "utf-8")
    done = lamina("import", "life.db", "good.md", name, code=2)
    assert told in done.stderr
    assert not (tmp_path / "life.db").exists()


def a_pdf(words: str) -> bytes:
    stream = BytesIO()
    canvas = Canvas(stream)
    canvas.drawString(72, 700, words)
    canvas.save()
    return stream.getvalue()


def test_changes_are_made_taken_back_and_erased(lamina, answer) -> None:
    ids = {}
    for speaker, text in (("Ada", "the red door"), ("Bob", "the blue door"), ("Ada", "the red roof")):
        ids[text] = answer("add", "life.db", text, "--speaker", speaker)["stored"][0]["id"]
    one = ids["the red door"]
    assert answer("update", "life.db", "--where", "speaker=Ada", "--metadata", '{"seen": true}')["counts"] == {
        "UPDATE": 2
    }
    commit = answer("delete", "life.db", "--where", "speaker=Ada")["operations"][0]["commit"]
    assert [record["text"] for record in answer("show", "life.db")["records"]] == ["the blue door"]
    assert answer("restore", "life.db", one)["counts"] == {"RESTORE": 1}
    refused = lamina("revert", "life.db", "--commit", commit, code=2).stderr
    assert "cannot be taken back" in refused
    assert f"RESTORE of {one}" in refused
    number = answer("history", "life.db", one)[-1]["operation"]["number"]
    assert answer("revert", "life.db", f"{number}-{number}")["counts"] == {"REVERT": 1}
    assert answer("revert", "life.db", "--commit", commit)["counts"] == {"REVERT": 2}
    assert len(answer("show", "life.db")["records"]) == 3
    assert [one["action"] for one in answer("log", "life.db", "--commit", commit)] == ["WITHDRAW"] * 2
    told = answer("log", "life.db", "--record", one, "--actor", "caller")
    assert len(told) == 6
    assert told[0]["wall"] == {"tenant": "default", "user": "default"}
    assert "as before" in lamina("log", "life.db", "--action", "REVERT").stdout
    assert lamina("log", "life.db", "--action", "UNDO", code=2).stderr
    assert "Go on?" in lamina("erase", "life.db", one, stdin="n\n", code=2).stderr
    assert answer("erase", "life.db", "--all", "--yes")["scrubbed"] is True
    assert answer("show", "life.db")["records"] == []
    assert answer("verify", "life.db")["is_sound"] is True
    assert lamina("delete", "life.db", "--all", "--where", "speaker=Ada", code=2).stderr
    assert lamina("revert", "life.db", "ten", code=2).stderr


def test_what_lacks_token_vectors_is_told_by_verify_and_encoded_by_reindex(lamina) -> None:
    for command, words in (("add", "Ada keeps bees"), ("search", "bees")):
        lamina(command, "life.db", words, LAMINA_RECIPE="first-look")
    lamina("add", "life.db", "Bob likes trains")
    assert "no token vectors" in lamina("search", "life.db", "bees").stderr
    told = lamina("verify", "life.db").stdout
    assert told.startswith("sound")
    assert "lacking: default/default has 1 of 2 texts without token vectors" in told
    assert "1 text encoded for their token vectors" in lamina("reindex", "life.db").stdout
    assert "lacking" not in lamina("verify", "life.db").stdout
    assert lamina("search", "life.db", "bees").stderr == ""


def test_holds_and_policies_are_laid_down_and_lifted(lamina, answer) -> None:
    one = answer("add", "life.db", "the brakes were checked", "--session", "garage")["stored"][0]["id"]
    answer("add", "life.db", "lunch was good")
    hold = answer("hold", "life.db", "--reason", "case 7", "--session", "garage", "--by", "counsel")
    assert answer("holds", "life.db") == [hold]
    assert "case 7" in lamina("holds", "life.db").stdout
    assert f"legal hold {hold['id']}" in lamina("erase", "life.db", one, "--yes", code=2).stderr
    kept = answer("erase", "life.db", "--all", "--yes")["protected"]
    assert kept == [{"record_id": one, "holds": [hold["id"]]}]
    assert "nothing was erased" in lamina("erase", "life.db", "--all", "--yes", code=2).stdout
    policy = answer(
        "retain", "life.db", "--days", "0.5", "--since", "at", "--then", "erase", "--where", "session=garage"
    )
    assert policy["policy"] == {"ttl_s": 43200.0, "since": "at", "on_expiry": "erase", "filters": {"session": "garage"}}
    assert "erase 0.5 days after at" in lamina("policies", "life.db").stdout
    assert answer("forget", "life.db", "--dry-run")["is_dry_run"] is True
    assert "nothing is at the end" in lamina("forget", "life.db").stdout
    lamina("lift", "life.db", hold["id"])
    lamina("drop-policy", "life.db", policy["id"])
    assert "no hold '9'" in lamina("lift", "life.db", 9, code=2).stderr
    assert "no number" in lamina("lift", "life.db", "nine", code=2).stderr
    deeds = [entry["deed"] for entry in answer("audit", "life.db")]
    assert deeds[:5] == ["hold_placed", "refused", "erased", "refused", "refused"]
    assert deeds[5:] == ["policy_set", "hold_lifted", "policy_dropped"]
    assert "policy_dropped" in lamina("audit", "life.db").stdout
    assert lamina("verify", "life.db").stdout


def test_secrets_are_held_and_somebody_decides(lamina, answer) -> None:
    answer("add", "life.db", "lunch was good")
    assert "hold secrets" in lamina("secrets", "life.db", "hold").stdout
    assert "held" in lamina("add", "life.db", "the wifi password is Blue-Sky42").stdout
    lamina("quarantine", "life.db", "--where", "role=tool")
    (waiting,) = answer("held", "life.db")
    assert waiting["reason"] == "it holds what looks like a secret (password)"
    assert "Blue-Sky42" in lamina("held", "life.db").stdout
    assert answer("approve", "life.db", waiting["record"]["id"])["counts"] == {"APPROVE": 1}
    assert "DENY" not in lamina("deny", "life.db", waiting["record"]["id"], code=2).stdout
    assert "shred" in lamina("secrets", "life.db", "shred", code=2).stderr
    assert [one["policy"] for one in answer("policies", "life.db")] == [
        {"action": "hold"},
        {"filters": {"role": "tool"}},
    ]


def test_grants_are_given_and_revoked(lamina, answer) -> None:
    answer("add", "life.db", "lunch was good", "--user", "ada")
    given = answer("grant", "life.db", "mail app", "--role", "writer", "--user", "ada")
    assert answer("grants", "life.db", "--user", "ada") == [given]
    assert "mail app" in lamina("grants", "life.db", "--user", "ada").stdout
    assert answer("grants", "life.db") == []
    assert "note every read" in lamina("read-audit", "life.db").stdout
    answer("show", "life.db")
    assert answer("audit", "life.db")[-1]["deed"] == "read"
    assert "is reader" in lamina("grant", "life.db", "other").stdout
    lamina("revoke", "life.db", given["id"], code=2)
    assert "revoked" in lamina("revoke", "life.db", given["id"], "--user", "ada").stdout
    assert lamina("grant", "life.db", "other", "--role", "king", code=2).stderr


def test_advice_names_commands_options_and_the_file_that_was_typed(lamina) -> None:
    lamina("add", "life.db", "the brakes were checked", "--metadata", '{"a": {"b": 1}}')
    assert (
        "stands over everything; `lamina lift life.db 1` lifts it" in lamina("hold", "life.db", "--reason", "x").stdout
    )
    assert "hold what comes in, everything" in lamina("quarantine", "life.db").stdout
    assert "lamina revert life.db --commit" in lamina("delete", "life.db", "--all").stderr
    assert "see which there are with `lamina snapshots`" in lamina("rollback", "life.db", "June", code=2).stderr
    lamina("export", "life.db", "--out", "life.jsonl")
    assert "`--out` '" in lamina("export", "life.db", "--out", "life.jsonl", code=2).stderr
    assert "say --overwrite" in lamina("export", "life.db", "--out", "life.jsonl", code=2).stderr
    assert "`--days` is 0:00:00" in lamina("retain", "life.db", code=2).stderr
    assert "no operation '77'" in lamina("revert", "life.db", "77", code=2).stderr
    assert "no commit '78'" in lamina("revert", "life.db", "--commit", "78", code=2).stderr
    assert "no policy '9'" in lamina("drop-policy", "life.db", "9", code=2).stderr


def test_what_is_empty_says_so_and_a_record_is_told_in_plain_words(lamina, answer) -> None:
    one = answer("add", "life.db", "the brakes were checked", "--metadata", '{"a": {"b": 1}}')["stored"][0]["id"]
    told = lamina("show", "life.db", one).stdout
    assert "scope: tenant default, user default\n" in told
    assert 'metadata: {"a": {"b": 1}}\n' in told
    assert "policy" not in told
    assert lamina("show", "life.db", "--where", "speaker=Bob").stderr == "no records there\n"
    assert "nothing was found" in lamina("search", "life.db", "bees", "--where", "speaker=Bob").stderr
