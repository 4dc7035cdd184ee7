"""Pages of a PDF as lines of glyphs, in the order in which the file draws them; PDFium reads them.

All places are points from the upper left corner of the page as it is shown.
"""

import ctypes
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lamina.ingest.pdf.rulings import Ruling, rulings_of

try:
    import pypdfium2
    import pypdfium2.raw as pdfium
except ImportError:
    pypdfium2 = None

Box = tuple[float, float, float, float]

#: Weight from which letters are bold, where a font says it.
BOLD_WEIGHT = 600
_BOLD_NAME = re.compile(r"bold|black|heavy|semibd|demi", re.IGNORECASE)
_MONO_NAME = re.compile(r"mono|courier|consolas|menlo|typewriter|cmtt", re.IGNORECASE)
_FIXED_PITCH = 1
_LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
#: What PDFium gives for a hyphen at the end of a line, with no line break after it.
_LAST_HYPHEN = 2


@dataclass(frozen=True, slots=True)
class Glyph:
    """One letter, where it stands; white space is kept as being before the next letter."""

    letter: str
    box: Box
    has_space_before: bool


@dataclass(frozen=True, slots=True)
class Line:
    """Letters on one baseline."""

    page: int
    #: How far down its baseline stands.
    base: float
    text: str
    #: What it covers, and where its second word begins.
    box: Box
    second_left: float
    #: How many letters it has.
    count: int
    #: Size of most of its words, in points; whether all are bold, or of a typewriter.
    size: float
    is_bold: bool
    is_mono: bool
    glyphs: tuple[Glyph, ...]

    @classmethod
    def of(cls, glyphs: Sequence[Glyph], *, page: int, base: float, looks: Sequence["Look"]) -> "Line":
        """Give the line of these letters, whose words look like `looks`."""
        # The mark of an item is often of another font, and larger.
        told = [look for look in looks if look.is_word] or looks
        box = hull([glyph.box for glyph in glyphs])
        return cls(
            page=page,
            base=base,
            text=joined(glyphs),
            box=box,
            second_left=next((glyph.box[0] for glyph in glyphs[1:] if glyph.has_space_before), box[2]),
            count=len(glyphs),
            size=Counter(look.size for look in told).most_common(1)[0][0],
            is_bold=all(look.is_bold for look in told),
            is_mono=all(look.is_mono for look in told),
            glyphs=tuple(glyphs),
        )


@dataclass(frozen=True, slots=True)
class Page:
    """What stands on a page."""

    number: int
    height: float
    lines: list[Line]
    rulings: list[Ruling]
    has_pictures: bool


@dataclass(frozen=True, slots=True)
class Look:
    """How a word looks, or what stands between words."""

    size: float
    is_bold: bool
    is_mono: bool
    is_word: bool


#: Whether the letters of a font are bold, and of a typewriter.
_Font = tuple[bool, bool]


def pages_of(document: Any) -> Iterator[Page]:
    """Give the pages of an open PDF, one by one."""
    fonts: dict[int, _Font] = {}
    for number in range(len(document)):
        page = document[number]
        frame = _Frame.of(page)
        yield Page(
            number=number + 1,
            height=frame.height,
            lines=list(_lines(page, number + 1, frame, fonts)),
            rulings=rulings_of(page, frame.placed),
            has_pictures=any(True for _ in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=3)),
        )
        page.close()


def joined(glyphs: Sequence[Glyph]) -> str:
    """Give the words of glyphs."""
    return "".join(" " * glyph.has_space_before + glyph.letter for glyph in glyphs).strip()


def hull(boxes: Sequence[Box]) -> Box:
    """Give the smallest box around boxes."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


@dataclass(frozen=True, slots=True)
class _Frame:
    """The part of a page that is shown, and how it is turned."""

    left: float
    bottom: float
    right: float
    top: float
    quarters: int

    @classmethod
    def of(cls, page: Any) -> "_Frame":
        left, bottom, right, top = page.get_bbox()
        return cls(left, bottom, right, top, page.get_rotation() // 90 % 4)

    @property
    def height(self) -> float:
        return self.right - self.left if self.quarters % 2 else self.top - self.bottom

    def placed(self, x: float, y: float) -> tuple[float, float]:
        """Give a point of the page's own space as seen from its upper left corner."""
        if self.quarters == 0:
            return x - self.left, self.top - y
        if self.quarters == 1:
            return y - self.bottom, x - self.left
        if self.quarters == 2:
            return self.right - x, y - self.bottom
        return self.top - y, self.right - x


def _lines(page: Any, number: int, frame: _Frame, fonts: dict[int, _Font]) -> Iterator[Line]:
    sheet = page.get_textpage()
    held: list[Glyph] = []
    looks: list[Look] = []
    base = 0.0
    for index, letter, has_space in _letters(sheet):
        if letter == "\n":
            if held:
                yield Line.of(held, page=number, base=base, looks=looks)
            held, looks = [], []
            continue
        box = _box(sheet, index, frame)
        if box is None:
            continue
        if not held:
            base = _base(sheet, index, frame)
        if not held or has_space:
            looks.append(_look(sheet, index, fonts, is_word=letter.isalnum()))
        held.append(Glyph(letter, box, has_space and bool(held)))
    if held:
        yield Line.of(held, page=number, base=base, looks=looks)
    sheet.close()


def _letters(sheet: Any) -> Iterator[tuple[int, str, bool]]:
    """Give each letter with its index, and whether white space stands before it; a line feed ends each line."""
    has_space, high = False, 0
    for index in range(sheet.count_chars()):
        code = pdfium.FPDFText_GetUnicode(sheet, index)
        if 0xD800 <= code < 0xDC00:
            high = code
            continue
        letter = "-" if code == _LAST_HYPHEN else _letter(code, high)
        high = 0
        if letter in "\r\n":
            yield index, "\n", False
            has_space = False
        elif letter.isspace() or letter == "\0":
            has_space = True
        else:
            yield index, letter, has_space
            has_space = False
        if code == _LAST_HYPHEN:
            yield index, "\n", False


def _letter(code: int, high: int) -> str:
    if 0xDC00 <= code < 0xE000:
        return chr(0x10000 + ((high - 0xD800) << 10) + code - 0xDC00) if high else "\ufffd"
    letter = chr(code) if code <= 0x10FFFF else "\ufffd"
    return _LIGATURES.get(letter, letter)


def _box(sheet: Any, index: int, frame: _Frame) -> Box | None:
    left, right, bottom, top = edges = [ctypes.c_double() for _ in range(4)]
    if not pdfium.FPDFText_GetCharBox(sheet, index, *edges):
        return None
    (ax, ay), (bx, by) = frame.placed(left.value, bottom.value), frame.placed(right.value, top.value)
    return min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)


def _base(sheet: Any, index: int, frame: _Frame) -> float:
    x, y = ctypes.c_double(), ctypes.c_double()
    pdfium.FPDFText_GetCharOrigin(sheet, index, x, y)
    return frame.placed(x.value, y.value)[1]


def _look(sheet: Any, index: int, fonts: dict[int, _Font], *, is_word: bool) -> Look:
    """Give the size in points, and the font, of a letter."""
    matrix = pdfium.FS_MATRIX()
    size = float(pdfium.FPDFText_GetFontSize(sheet, index))
    if pdfium.FPDFText_GetMatrix(sheet, index, matrix):
        size *= (matrix.c**2 + matrix.d**2) ** 0.5
    text = pdfium.FPDFText_GetTextObject(sheet, index)
    font = pdfium.FPDFTextObj_GetFont(text) if text else None
    address = ctypes.cast(font, ctypes.c_void_p).value if font else None
    if address is not None and address not in fonts:
        fonts[address] = _font(font)
    is_bold, is_mono = (False, False) if address is None else fonts[address]
    return Look(round(size, 1), is_bold, is_mono, is_word)


def _font(font: Any) -> _Font:
    room = ctypes.create_string_buffer(256)
    pdfium.FPDFFont_GetBaseFontName(font, room, len(room))
    name = room.value.decode("utf-8", "replace")
    is_bold = pdfium.FPDFFont_GetWeight(font) >= BOLD_WEIGHT or _BOLD_NAME.search(name) is not None
    return is_bold, bool(pdfium.FPDFFont_GetFlags(font) & _FIXED_PITCH) or _MONO_NAME.search(name) is not None
