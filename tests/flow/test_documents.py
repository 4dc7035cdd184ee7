"""Documents through `Memory`: kept to the character, cited to the byte, traced to where they came from."""

from pathlib import Path

import apsw
import pytest

from lamina import Document, Memory, origins_of, read_html
from lamina.core.documents import passage_of
from lamina.core.records import Record

ROOT = Path(__file__).parents[2]
ROWS = "".join(f"| cutter number {n} of the yard | place {n} |\n" for n in range(60))
NOTES = f"# Boats\n\n## Berths\n\n| boat | berth |\n|---|---|\n{ROWS}"


def passages(memory: Memory) -> list[Record]:
    return [record for record in memory.get_all() if passage_of(record) is not None]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_real_file_is_kept_to_the_byte_and_citations_cut_it(memory: Memory, end: str) -> None:
    data = (ROOT / "CONTRIBUTING.md").read_bytes().replace(b"\n", end.encode())
    memory.add(Document(text=data.decode(), title="CONTRIBUTING.md"))
    kept = passages(memory)
    assert "".join(record.text for record in kept).encode() == data
    context = memory.recall("How many lines may a file have at most?", abstain=False, budget_tokens=300)
    assert context.citations
    for citation in context.citations:
        record = memory.get(citation.record_id)
        source = record.provenance.sources[0]
        assert source.start is not None
        before = len(data.decode()[: source.start + citation.start].encode())
        cited = record.text[citation.start : citation.end]
        assert data[before : before + len(cited.encode())].decode() == cited
        assert cited in context.text.replace("\n  ", "\n")
    assert memory.verify().is_sound


def test_a_context_names_the_section_and_the_columns_that_a_passage_does_not_show(memory: Memory) -> None:
    memory.add(Document(text=NOTES, title="boats.md"))
    lines = memory.recall("number 57, place 57", abstain=False, budget_tokens=35).text.splitlines()
    assert lines[:2] == ["### boats.md", "#### Boats › Berths › | boat | berth |"]
    assert lines[2].startswith("…| cutter number 5")
    assert "cutter number 57 of the yard | place 57 |" in "".join(lines)
    whole = memory.recall("cutter number 57", abstain=False, budget_tokens=4000).text
    assert whole.count("Berths") == 1
    assert "#### | boat | berth |\n" in whole


def test_a_section_is_named_once_for_passages_that_follow_each_other(memory: Memory) -> None:
    text = "# Tides\n\n" + "\n\n".join(f"Water {n} rises at the quay. " * 30 for n in range(3))
    memory.add(Document(text=text, title="sea"))
    context = memory.recall("When does water rise at the quay?", abstain=False, budget_tokens=4000)
    assert context.text.count("Tides") == 1
    beside = memory.recall("water 2 at the quay, water 2", abstain=False, budget_tokens=200)
    assert beside.text.splitlines()[:2] == ["## sea", "### Tides"]


def test_a_document_of_a_known_time_is_named_beside_it(memory: Memory) -> None:
    memory.add(Document(text="SEA\n\nThe tide is high.\n", title="Sea", at="2026-03-02T08:00:00Z"))
    assert memory.recall("tide", abstain=False).text == "# 2 Mar 2026 08:00 Sea\nSEA\n\n  The tide is high."


def test_documents_of_one_session_are_told_apart(memory: Memory) -> None:
    for title in ("north.md", "south.md"):
        memory.add(Document(text=f"# Tides\n\nHigh at {title} noon.\n", title=title), session="reading")
    text = memory.recall("high noon", abstain=False).text
    assert "north.md" in text.replace("at north.md", "")
    assert "south.md" in text.replace("at south.md", "")


def test_a_citation_is_traced_to_the_element_of_the_page_that_it_came_from(memory: Memory) -> None:
    page = "<h1>Sea</h1>\n<p>The tide is high at noon.</p>\n<p>The boats leave at one.</p>\n"
    memory.add(read_html(page, title="sea.html"))
    context = memory.recall("When do the boats leave?", abstain=False)
    record = memory.get(context.citations[0].record_id)
    found = [(o.line, o.element, record.text[o.start : o.end]) for o in origins_of(record, context.citations[0])]
    assert (3, "html/body/p[2]", "The boats leave at one.") in found


def test_a_change_of_metadata_leaves_a_passage_its_place_and_the_file_sound(memory: Memory) -> None:
    record = memory.add(Document(text="# A\n\none\n", title="a")).stored[1]
    memory.update(record.id, metadata={"read": True})
    after = memory.get(record.id)
    assert after.metadata == {"read": True, "document": record.metadata["document"]}
    memory.update(record.id, text="# A\n\ntwo\n")
    assert passage_of(memory.get(record.id)) is not None
    assert memory.verify().is_sound


def test_the_same_text_read_as_something_else_is_cut_anew(memory: Memory) -> None:
    text = "1. one\n2. two\n"
    memory.add(Document(text=text, title="a", external_id="a", format="text"))
    assert memory.add(Document(text=text, title="a", external_id="a", format="text")).repeated
    added = memory.add(Document(text=text, title="a", external_id="a", format="markdown"))
    assert len(added.updated) == 1
    assert [record.text for record in passages(memory)] == [text]
    assert memory.verify().is_sound


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ('DELETE FROM parent WHERE "start" = (SELECT max("start") FROM parent)', "end at"),
        ("UPDATE content SET text = replace(text, 'Water 1 ', 'Water 7 ')", "do not say what was handed over"),
    ],
)  # fmt: skip
def test_a_passage_that_is_lost_or_changed_behind_its_back_is_found(tmp_path: Path, statement: str, told: str) -> None:
    path = tmp_path / "life.db"
    with Memory(path) as memory:
        memory.add(Document(text="\n\n".join(f"Water {n} rises. " * 30 for n in range(3)), title="sea"))
        assert memory.verify().is_sound
    with_file = apsw.Connection(str(path))
    with_file.execute("PRAGMA foreign_keys = off")
    with_file.execute(statement)
    with_file.close()
    with Memory(path) as memory:
        assert any(told in finding.problem for finding in memory.verify().findings)
