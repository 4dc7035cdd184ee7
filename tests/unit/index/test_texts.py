import numpy as np
import pytest

from lamina.index import texts as texts_module
from lamina.index.texts import TextColumn

TEXTS = ("bees on the roof", "", "Bees. bees", "Straße", "STRASSE", "蜂 🐝", "é", "e\u0301", "roof b", "ees")
PARTS = ("bees", "BEES", "ss", "ß", "蜂", "🐝", "é", "\u0301", "f b", ".", "(", "roof be", "s\n", "e")


@pytest.mark.parametrize("part_bytes", [1, 20, 1 << 20])
@pytest.mark.parametrize("folds_case", [False, True])
def test_a_part_is_found_where_the_text_holds_it_and_never_across_two(monkeypatch, part_bytes, folds_case):
    monkeypatch.setattr(texts_module, "PART_BYTES", part_bytes)
    column = TextColumn(folds_case=folds_case)
    for first in range(0, len(TEXTS), 3):
        column.extend(TEXTS[first : first + 3], number=first + 3)
    for part in PARTS:
        expected = [part.casefold() in text.casefold() if folds_case else part in text for text in TEXTS]
        assert column.that_contain(part, len(TEXTS)).tolist() == expected
        assert column.that_contain(part, 4).tolist() == expected[:4]


def test_an_empty_column_holds_nothing_and_takes_in_nothing():
    column = TextColumn()
    column.extend([], number=7)
    assert column.number == 7
    assert np.array_equal(column.that_contain("x", 0), np.zeros(0, dtype=bool))


def test_full_parts_are_not_copied_again(monkeypatch):
    monkeypatch.setattr(texts_module, "PART_BYTES", 10)
    column = TextColumn()
    column.extend(["bees and wasps", "b"], number=2)
    full = column._parts[0]
    column.extend(["c"], number=3)
    assert column._parts[0] is full
    assert column._parts[1] == b"b\0c\0"
