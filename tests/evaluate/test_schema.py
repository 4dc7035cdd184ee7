import json
from pathlib import Path
from types import ModuleType

import pytest

from lamina.core.errors import InvalidArgument
from lamina.evaluate.schema import judged, read_dataset


def test_one_group_is_one_memory_with_its_documents_by_seq(harbour: Path) -> None:
    dataset = read_dataset(harbour)
    assert dataset.name == "harbour"
    assert [(held.group, len(held.docs), len(held.questions)) for held in dataset.haystacks] == [
        ("harbour", 6, 4),
        ("garden", 4, 2),
    ]
    assert [doc.id for doc in dataset.haystacks[1].docs] == ["b1", "b2", "b3", "b4"]
    assert dataset.haystacks[0].speakers == ("Ines", "Tomas")


def test_shared_sessions_are_held_once_at_the_time_of_the_haystack(shared_sessions: Path) -> None:
    first, second = read_dataset(shared_sessions).haystacks
    assert [(doc.id, doc.ts) for doc in first.docs] == [
        ("s2#0", "2024/04/29 (Mon) 18:00"),
        ("s1#0", "2024/04/28 (Sun) 20:15"),
        ("s1#1", "2024/04/28 (Sun) 20:15"),
    ]
    assert [doc.ts for doc in second.docs][:1] == ["2024/04/20 (Sat) 11:00"]
    assert {doc.group for doc in second.docs} == {"p2"}
    assert first.speakers == ()


def test_questions_are_judged_by_the_evidence_that_the_memory_holds(harbour: Path) -> None:
    dataset = read_dataset(harbour)
    assert [(one.id, one.gold) for one in judged(dataset.haystacks[0], "turn")] == [
        ("q1", ("a1",)),
        ("q2", ("a4",)),
        ("q3", ("a1", "a2")),
    ]
    assert judged(dataset.haystacks[1], "turn")[1].gold == ("b1",)


def test_rolled_up_the_evidence_is_sessions_each_once(harbour: Path, shared_sessions: Path) -> None:
    assert judged(read_dataset(harbour).haystacks[0], "rollup")[2].gold == ("h1",)
    assert judged(read_dataset(shared_sessions).haystacks[1], "rollup")[0].gold == ("s3",)


def test_the_digest_changes_with_any_file(harbour: Path, tmp_path: Path) -> None:
    for name in ("docs.jsonl", "queries.jsonl"):
        (tmp_path / name).write_bytes((harbour / name).read_bytes())
    same = read_dataset(tmp_path).digest
    assert same == read_dataset(harbour).digest
    (tmp_path / "queries.jsonl").write_bytes((harbour / "queries.jsonl").read_bytes() + b"\n")
    assert read_dataset(tmp_path).digest != same


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("{", "is not JSON"),
        ("[]", "is no object"),
        ('{"text": "x"}', "has no text in `id`"),
        ('{"id": "x", "text": 3}', "has no text in `text`"),
        ('{"id": "x", "text": "x", "seq": "1"}', "has no whole number in `seq`"),
        ('{"id": "x", "text": "x", "seq": true}', "has no whole number in `seq`"),
        ('{"id": "x", "text": "x", "speaker": 5}', "has no text in `speaker`"),
        ('{"id": "x", "text": "x", "ts": [1]}', "has neither text nor number in `ts`"),
    ],
)
def test_a_bad_row_is_refused_with_its_file_and_line(tmp_path: Path, row: str, problem: str) -> None:
    good = json.dumps({"id": "a", "text": "a", "group": "g"})
    (tmp_path / "docs.jsonl").write_text(f"{good}\n\n{row}\n", encoding="utf-8")
    (tmp_path / "queries.jsonl").write_text("", encoding="utf-8")
    with pytest.raises(InvalidArgument, match=f"docs.jsonl line 3 {problem}"):
        read_dataset(tmp_path)


def test_a_bad_question_or_haystack_is_refused_with_its_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "docs.jsonl").write_text('{"id": "a", "text": "a", "session": "s"}\n', encoding="utf-8")
    (tmp_path / "queries.jsonl").write_text('{"id": "q", "text": "q", "group": "g", "gold": "a"}', encoding="utf-8")
    with pytest.raises(InvalidArgument, match=r"queries\.jsonl line 1 has no list of ids in `gold`"):
        read_dataset(tmp_path)
    (tmp_path / "queries.jsonl").write_text('{"id": "q", "text": "q", "group": "g", "gold": ["a"]}', encoding="utf-8")
    (tmp_path / "groups.jsonl").write_text('{"group": "g", "sessions": [["s"]]}', encoding="utf-8")
    with pytest.raises(InvalidArgument, match=r"groups\.jsonl line 1 has no list of"):
        read_dataset(tmp_path)


def test_a_folder_without_the_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidArgument, match="is not a folder"):
        read_dataset(tmp_path / "nowhere")
    with pytest.raises(InvalidArgument, match=r"holds no docs\.jsonl"):
        read_dataset(tmp_path)


@pytest.mark.parametrize("level", ["turn", "rollup"])
@pytest.mark.parametrize(
    "name", ["locomo_dev", "longmemeval_dev30", "beam_dev", "hotpotqa_train100", "musique_train100", "mab_conflict_dev"]
)
def test_the_development_data_are_read_as_its_own_scorer_reads_them(
    shared_data: Path, score: ModuleType, name: str, level: str
) -> None:
    ours = [
        (held.group, [doc.id for doc in held.docs], [doc.ts for doc in held.docs], asked)
        for held in read_dataset(shared_data / name).haystacks
        if (asked := [(one.id, list(one.gold)) for one in judged(held, "rollup" if level == "rollup" else "turn")])
    ]
    theirs = [
        (group, [doc["id"] for doc in docs], [doc["ts"] for doc in docs], [(one["id"], one["gold"]) for one in asked])
        for group, docs, asked in score.load(name, level=level, text="plain")
    ]
    assert ours == theirs
