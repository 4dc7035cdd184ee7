"""Pages of a PDF as lines of glyphs, in the order in which the file draws them; PDFium reads them.

All places are points from the upper left corner of the page as it is shown.
"""

import ctypes
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
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


@dataclass(slots=True)
class Line:
    """Letters on one baseline."""

    page: int
    #: How far down its baseline stands.
    base: float = 0.0
    glyphs: list[Glyph] = field(default_factory=list)
    #: Size of most of its words, in points; whether all are bold, or of a typewriter.
    size: float = 0.0
    is_bold: bool = False
    is_mono: bool = False

    @property
    def text(self) -> str:
        """Its words."""
        return joined(self.glyphs)

    @property
    def box(self) -> Box:
        """What it covers."""
        return hull([glyph.box for glyph in self.glyphs])


@dataclass(frozen=True, slots=True)
class Page:
    """What stands on a page."""

    number: int
    width: float
    height: float
    lines: list[Line]
    rulings: list[Ruling]
    has_pictures: bool


@dataclass(frozen=True, slots=True)
class _Font:
    is_bold: bool
    is_mono: bool


@dataclass(frozen=True, slots=True)
class _Look:
    """How a word looks, or what stands between words."""

    size: float
    font: _Font
    is_word: bool


def pages_of(document: Any) -> Iterator[Page]:
    """Give the pages of an open PDF, one by one."""
    fonts: dict[int, _Font] = {}
    for number in range(len(document)):
        page = document[number]
        frame = _Frame.of(page)
        yield Page(
            number=number + 1,
            width=frame.width,
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
    def width(self) -> float:
        return self.top - self.bottom if self.quarters % 2 else self.right - self.left

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
    edges = [ctypes.c_double() for _ in range(4)]
    line, has_space, high = Line(number), False, 0
    looks: list[_Look] = []
    for index in range(sheet.count_chars()):
        code = pdfium.FPDFText_GetUnicode(sheet, index)
        if code in (10, 13):
            yield from _finished(line, looks)
            line, looks, has_space = Line(number), [], False
            continue
        if 0xD800 <= code < 0xDC00:
            high = code
            continue
        letter = "-" if code == _LAST_HYPHEN else _letter(code, high)
        high = 0
        if letter.isspace() or letter == "\0":
            has_space = True
            continue
        if not pdfium.FPDFText_GetCharBox(sheet, index, *edges):
            continue
        left, right, bottom, top = (edge.value for edge in edges)
        if not line.glyphs:
            pdfium.FPDFText_GetCharOrigin(sheet, index, *edges[:2])
            line.base = frame.placed(edges[0].value, edges[1].value)[1]
        if not line.glyphs or has_space:
            looks.append(_look(sheet, index, fonts, is_word=letter.isalnum()))
        line.glyphs.append(Glyph(letter, _boxed(frame, left, bottom, right, top), has_space and bool(line.glyphs)))
        has_space = False
        if code == _LAST_HYPHEN:
            yield from _finished(line, looks)
            line, looks = Line(number), []
    yield from _finished(line, looks)
    sheet.close()


def _letter(code: int, high: int) -> str:
    if 0xDC00 <= code < 0xE000:
        return chr(0x10000 + ((high - 0xD800) << 10) + code - 0xDC00) if high else "\ufffd"
    letter = chr(code) if code <= 0x10FFFF else "\ufffd"
    return _LIGATURES.get(letter, letter)


def _boxed(frame: _Frame, left: float, bottom: float, right: float, top: float) -> Box:
    (ax, ay), (bx, by) = frame.placed(left, bottom), frame.placed(right, top)
    return min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)


def _finished(line: Line, looks: Sequence[_Look]) -> Iterator[Line]:
    if line.glyphs:
        # The mark of an item is often of another font, and larger.
        told = [look for look in looks if look.is_word] or looks
        line.size = Counter(look.size for look in told).most_common(1)[0][0]
        line.is_bold = all(look.font.is_bold for look in told)
        line.is_mono = all(look.font.is_mono for look in told)
        yield line


def _look(sheet: Any, index: int, fonts: dict[int, _Font], *, is_word: bool) -> _Look:
    """Give the size in points, and the font, of a letter."""
    matrix = pdfium.FS_MATRIX()
    size = float(pdfium.FPDFText_GetFontSize(sheet, index))
    if pdfium.FPDFText_GetMatrix(sheet, index, matrix):
        size *= (matrix.c**2 + matrix.d**2) ** 0.5
    text = pdfium.FPDFText_GetTextObject(sheet, index)
    font = pdfium.FPDFTextObj_GetFont(text) if text else None
    address = ctypes.cast(font, ctypes.c_void_p).value if font else None
    if address is None:
        return _Look(round(size, 1), _Font(is_bold=False, is_mono=False), is_word)
    if address not in fonts:
        room = ctypes.create_string_buffer(256)
        pdfium.FPDFFont_GetBaseFontName(font, room, len(room))
        name = room.value.decode("utf-8", "replace")
        fonts[address] = _Font(
            is_bold=pdfium.FPDFFont_GetWeight(font) >= BOLD_WEIGHT or _BOLD_NAME.search(name) is not None,
            is_mono=bool(pdfium.FPDFFont_GetFlags(font) & _FIXED_PITCH) or _MONO_NAME.search(name) is not None,
        )
    return _Look(round(size, 1), fonts[address], is_word)
