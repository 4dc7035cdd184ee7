"""Blocks, passages and origins: what they hold, and what is read back from metadata that anybody may have written."""

import pytest

from lamina.core.documents import DOCUMENT, Block, BlockKind, Origin, Passage, clipped, origins_of, passage_of
from lamina.core.layers import Kind, Modality
from lamina.core.provenance import Provenance, Source
from lamina.core.query import Citation
from lamina.core.records import Record
from lamina.core.scope import Scope

PAGE = Origin(start=0, end=4, page=3, box=(1.0, 2.0, 3.0, 4.0))
ELEMENT = Origin(start=4, end=9, element="html/body/p", line=7)


def a_passage(kept: object, *, start: int | None = 10, **fields: object) -> Record:
    source = Source(record_id="head", revision=1, start=start, end=None if start is None else start + 9)
    given = {"modality": Modality.PASSAGE, "metadata": {DOCUMENT: kept}, "text": "One. Two."}
    return Record(
        id="p",
        scope=Scope(),
        kind=Kind.OBSERVATION,
        provenance=Provenance(by="cut", sources=(source,)),
        **given | fields,
    )


def test_the_words_of_a_block_are_its_leaves_without_marks() -> None:
    text = "- one\n> two"
    leaves = [(BlockKind.MARK, 0, 2), (BlockKind.TEXT, 2, 6), (BlockKind.MARK, 6, 8), (BlockKind.TEXT, 8, 11)]
    block = Block(
        kind=BlockKind.ITEM, start=0, end=11, children=tuple(Block(kind=k, start=a, end=b) for k, a, b in leaves)
    )
    assert block.words(text) == "one\ntwo"
    assert [leaf.start for leaf in block.leaves()] == [0, 2, 6, 8]
    assert next(block.walk()) is block


def test_what_a_passage_keeps_is_read_back() -> None:
    passage = Passage(
        start=10, end=19, title="notes", path=("A", "B"), sections=(0, 10), kinds=(BlockKind.TABLE,),
        columns=("x", "y"), origins=(PAGE, ELEMENT),
    )  # fmt: skip
    assert passage_of(a_passage(passage.kept())) == passage
    assert passage.path_above() == ("A",)
    assert passage.path_above(1) == ("A", "B")


def test_a_corrected_passage_stands_under_all_of_its_headings() -> None:
    kept = Passage(start=10, end=19, path=("A", "B"), sections=(0, 10)).kept()
    found = passage_of(a_passage(kept, start=None))
    assert found is not None
    assert found.path_above() == ("A", "B")


@pytest.mark.parametrize(
    "kept",
    [
        None, "text", 3, [], {},
        {"path": 3, "sections": "x", "kinds": ["nonsense"], "columns": {}, "origins": [3, {}]},
        {"path": [1, None], "origins": [{"start": 0, "end": "x"}, {"start": 0, "end": 1, "box": [1, "2"], "page": ""}]},
    ],
)  # fmt: skip
def test_metadata_that_lamina_did_not_write_breaks_nothing(kept: object) -> None:
    found = passage_of(a_passage(kept))
    assert found is None or (found.path, found.kinds) == ((), ())
    assert all(origin.page is None and origin.box is None for origin in origins_of(a_passage(kept)))


def test_a_message_is_no_passage_whatever_its_metadata_say() -> None:
    assert passage_of(a_passage({"path": ["A"]}, modality=Modality.MESSAGE)) is None


def test_a_citation_is_traced_to_the_origins_of_its_words() -> None:
    record = a_passage(Passage(start=10, end=19, origins=(PAGE, ELEMENT)).kept())
    cited = Citation(record_id="p", revision=1, external_id=None, start=5, end=9)
    assert origins_of(record) == (PAGE, ELEMENT)
    assert [(o.start, o.end, o.element) for o in origins_of(record, cited)] == [(5, 9, "html/body/p")]
    assert origins_of(record, Citation(record_id="p", revision=2, external_id=None, start=5, end=9)) == ()
    assert clipped((PAGE,), 4, 9) == ()
