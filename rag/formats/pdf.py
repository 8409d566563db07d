"""PDF by pypdfium2: the characters of each page with their boxes, put together to lines, cells, rows and paragraphs by position.

A page goes through: pieces (runs of characters without a gap) → rows (pieces on one line, left to right), none before what stands
above it → columns of running text read one after the other → page heads and feet by their place and repetition → paragraphs, lists,
headings by their size and font, tables.
"""

from __future__ import annotations

import ctypes
import math
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from itertools import islice, pairwise
from statistics import median
from typing import TYPE_CHECKING

from rag.errors import FileFailed
from rag.formats.document import Document, Kind, Writer, header_row
from rag.formats.plain import ITEM, LABEL

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

MAX_PAGES = 5_000
MAX_SECONDS = 120.0
"""After this a PDF is given up; 1,000 pages of a book take a tenth of it."""
PDFIUM = threading.Lock()
"""pdfium is not made for threads: one of them is in it at a time, and leaves it after each page."""
HYPHEN = "\ufffe"
"""What pdfium puts for a hyphen at a line's end, whether the word has one or not."""
_GAP = 1.0
"""Space between two characters, in heights of the line, from which on they are in different cells."""
_JUSTIFIED = 2.5
"""Spaces between the words of a line, as many as a gap in justified text is wide at most."""
_CELLS = 4
"""Cells in a line that make it a table's row, whatever stands above and below it."""
_EVEN = 1.2
"""Ratio between the widest and the narrowest gap of a justified line."""
_EDGE_ROWS = 3
_EDGE = 0.1
"""Share of the page's height at its top and bottom in which heads and feet stand."""
_NUMBER_EDGE = 0.2
"""The same of a page's number that stands apart from the text."""
_HYPHENATED = 0.02
"""Share of lines that end in a hyphen, from which on words of the text are parted there."""
_CELL_SPACE = 0.5
"""Space between two words, in heights of the line, from which on they are in different cells where they are so in other rows."""
_CELL_LINE = 0.5
"""Space between two lines of a cell at most, in heights of the line."""
_HEADING_ROWS = 3
_SAME = {"\u2044": "/", "\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl", "\ufb05": "st"}
"""Characters that a font draws in place of those that people write."""
_SAME |= {"\u21b5": "ff"}
"""What TeX's fonts give for a ligature where they name it by its place in their own encoding."""
_PAGE_NUMBER = re.compile(
    r"\W*(?:page|seite|第)?\s*(?:(?:[\dA-Z]{1,3}-)?\d{1,4}|[ivxlc]{1,6})(?:\s*(?:/|of|von)\s*\d{1,4})?\s*页?\W*", re.IGNORECASE
)
_SENTENCE_END = re.compile(r"[.!?:…。！？：][\"'”’)\]]*(?:\s?\[\d{1,3}\])*$")
_TITLED = re.compile(r"[^\W\d_]{3}|[\u3400-\u9fff\uac00-\ud7af]{2}")
_ENDS = re.compile(r"[a-z\u3400-\u9fff][.;,。；，]$")
"""No heading ends so."""
_CJK_EDGE = re.compile(r"[\u3000-\u9fff\uff00-\uffef]")
_FIXED_PITCH = 1
"""Bit 1 of a font's flags (ISO 32000-1, table 123)."""
_SUBSET = re.compile(r"^[A-Z]{6}\+")
_COMPOUND = re.compile(r"(?<![^\W\d_])[^\W\d_]+-[^\W\d_]+")
_WORD_END = re.compile(r"[^\W\d_]+$")
_WORD_START = re.compile(r"[^\W\d_]+")


@dataclass
class Piece:
    """Characters that stand on one line without a gap between them; y grows upwards."""

    text: str
    left: float
    right: float
    bottom: float
    top: float
    height: float
    """Of its tallest character; raised and lowered ones do not count together."""
    words: list[tuple[float, float]]
    """(left, right) of its words."""
    font: str
    """Its typeface, where it begins and ends in one that is not of fixed pitch."""
    turn: int
    """Quarters by which it is turned against the page, counterclockwise; where they are and how large it is, is told as if the page
    were turned along."""
    taken: list[tuple[int, int]] = field(default_factory=list)
    """The first of the page's characters that it is made of, and the one past the last; of each run of them."""

    @property
    def spaces(self) -> list[float]:
        """Between its words."""
        return [after[0] - before[1] for before, after in pairwise(self.words)]


@dataclass
class Row:
    """Pieces on one line of one column, left to right."""

    pieces: list[Piece]
    page: int

    @property
    def text(self) -> str:
        return " ".join(piece.text for piece in self.pieces)

    @property
    def left(self) -> float:
        return self.pieces[0].left

    @property
    def right(self) -> float:
        return self.pieces[-1].right

    @property
    def top(self) -> float:
        return max(piece.top for piece in self.pieces)

    @property
    def bottom(self) -> float:
        return min(piece.bottom for piece in self.pieces)

    @property
    def height(self) -> float:
        return max(piece.height for piece in self.pieces)

    @property
    def turn(self) -> int:
        return self.pieces[0].turn

    @property
    def taken(self) -> list[tuple[int, int]]:
        return [run for piece in self.pieces for run in piece.taken]

    @property
    def font(self) -> str:
        """The typeface of all of it; empty where there are several."""
        return self.pieces[0].font if len({piece.font for piece in self.pieces}) == 1 else ""


@dataclass(frozen=True)
class Written:
    """Characters start:end of the text, and the rows that they were made of, in their order."""

    start: int
    end: int
    rows: tuple[Row, ...]


def read_pdf(content: bytes) -> Document:
    return read_traced(content)[0]


def read_traced(content: bytes) -> tuple[Document, list[Written]]:
    """The document, and what on its pages each part of its text was made of."""
    import pypdfium2
    from pypdfium2 import PdfiumError

    try:
        with PDFIUM:
            file = pypdfium2.PdfDocument(content)
            count = len(file)
    except PdfiumError as error:
        if "password" in str(error).lower():
            raise FileFailed("password") from error
        raise FileFailed("bad PDF", error=str(error)) from error
    with ExitStack() as stack:
        stack.callback(_closed, file)
        if count > MAX_PAGES:
            raise FileFailed("PDF too long", limit=MAX_PAGES)
        until = time.monotonic() + MAX_SECONDS
        pages: list[list[Row]] = []
        sizes: list[float] = []
        turned: list[list[Row]] = []
        for number in range(count):
            if time.monotonic() > until:
                raise FileFailed("PDF too slow", seconds=MAX_SECONDS)
            try:
                with PDFIUM:
                    page = file[number]
                    pieces, size = _pieces(page), page.get_size()
                    page.close()
                usual = Counter(piece.turn for piece in pieces for _ in piece.text).most_common(1)
                turn = usual[0][0] if usual else 0
                sizes.append(size[0] if turn % 2 else size[1])
                rows = _rows(pieces, number)
                pages.append(_ordered(_downwards([row for row in rows if row.turn == turn])))
                turned.append([row for row in rows if row.turn != turn])
            except PdfiumError:  # one damaged page; the others are read
                sizes[number:], turned[number:] = [0.0], [[]]
                pages.append([])
        with PDFIUM:
            title, author = (file.get_metadata_value(name) or "" for name in ("Title", "Author"))
    if not any(pages):
        raise FileFailed("PDF without text")
    return _document(pages, turned, sizes, title, author)


def _closed(file: PdfDocument) -> None:
    with PDFIUM:
        file.close()


def _pieces(page: object) -> list[Piece]:
    """Read all characters of a page; a piece ends at a line's end, at a gap and where the line changes."""
    import pypdfium2.raw as pdfium

    textpage = page.get_textpage()  # type: ignore[attr-defined]
    width, height = page.get_size()  # type: ignore[attr-defined]
    handle = textpage.raw
    rectangle = pdfium.FS_RECTF()
    loose = pdfium.FPDFText_GetLooseCharBox
    name, flags = ctypes.create_string_buffer(100), ctypes.c_int()
    pieces: list[Piece] = []
    characters: list[str] = []
    current: Piece | None = None

    def font_at(index: int) -> str:
        size = pdfium.FPDFText_GetFontInfo(handle, index, name, len(name), ctypes.byref(flags))
        told = 0 < size <= len(name) and not flags.value & _FIXED_PITCH
        return _SUBSET.sub("", name.value.decode("utf-8", "replace")) if told else ""

    def close() -> None:
        nonlocal current
        if current:
            current.text = "".join(characters).strip()
            current.font = current.font if current.font == font_at(last) else ""
            if current.text:
                pieces.append(current)
        characters.clear()
        current = None

    last = 0
    for index, end, character in characters_of(handle, 0, pdfium.FPDFText_CountChars(handle)):
        if character == "\n":
            close()
            continue
        if character == " ":
            characters.append(" ")
            continue
        if not loose(handle, end - 1, ctypes.byref(rectangle)):
            characters.append(character)
            continue
        box = rectangle.left, rectangle.right, rectangle.bottom, rectangle.top
        if current is not None and character != HYPHEN:
            x0, x1, y0, y1 = _turned(box, current.turn, width, height)
            size = max(current.top - current.bottom, y1 - y0, 1.0)
            if x0 - current.right > _GAP * size or x0 < current.left - size or abs(y0 - current.bottom) > 0.8 * size:
                close()
        if current is None:
            turn = -round(pdfium.FPDFText_GetCharAngle(handle, index) / (math.pi / 2)) % 4  # it is told clockwise
            x0, x1, y0, y1 = _turned(box, turn, width, height)
            current = Piece("", x0, x1, y0, y1, y1 - y0, [(x0, x1)], font_at(index), turn, [(index, end)])
        elif character != HYPHEN:
            apart = characters[-1:] == [" "]
            current.words.append((x0, x1) if apart else (current.words.pop()[0], max(current.right, x1)))
            current.right = max(current.right, x1)
            current.bottom, current.top = min(current.bottom, y0), max(current.top, y1)
            current.height = max(current.height, y1 - y0)
        characters.append(character)
        current.taken[-1] = (current.taken[-1][0], end)
        last = index
    close()
    textpage.close()
    return pieces


def characters_of(handle: object, first: int, last: int) -> Iterator[tuple[int, int, str]]:
    """The characters first:last of a page, each with where it begins and ends among them, as they are read: "\\n" for all that ends a
    line, one space for all that is white, HYPHEN for a hyphen at a line's end, letters for ligatures."""
    import pypdfium2.raw as pdfium

    unicode_of = pdfium.FPDFText_GetUnicode
    at = first
    while at < last:
        begin = at
        code = unicode_of(handle, at)
        if 0xD800 <= code < 0xDC00 and at + 1 < last and 0xDC00 <= (low := unicode_of(handle, at + 1)) < 0xE000:
            code = 0x10000 + ((code - 0xD800) << 10) + low - 0xDC00
            at += 1
        character = chr(code) if code <= 0x10FFFF else "\ufffd"
        at += 1
        if character in "\r\n":
            yield begin, at, "\n"
        elif character in " \u00a0\t":
            yield begin, at, " "
        elif code == 2:  # pdfium's other mark for a hyphen that ends a line
            yield begin, at, HYPHEN
        elif code >= 32 and not 0xD800 <= code < 0xE000:
            yield begin, at, _SAME.get(character, character)


def _turned(box: tuple[float, float, float, float], turn: int, width: float, height: float) -> tuple[float, float, float, float]:
    """(left, right, bottom, top) as if the page were turned by so many quarters along with its text."""
    x0, x1, y0, y1 = box
    if turn == 1:
        return y0, y1, width - x1, width - x0
    if turn == 2:
        return width - x1, width - x0, height - y1, height - y0
    return (height - y1, height - y0, x0, x1) if turn == 3 else box


def _rows(pieces: Sequence[Piece], page: int) -> list[Row]:
    """Join pieces that follow one another on the same line, left to right."""
    rows: list[Row] = []
    for piece in pieces:
        last = rows[-1] if rows else None
        if (
            last
            and last.turn == piece.turn
            and _same_line(last.pieces[-1], piece)
            and piece.left >= last.right - 0.3 * piece.height
        ):
            gap = piece.left - last.right
            before = last.pieces[-1]
            spaces = [*before.spaces, *piece.spaces]
            if gap <= max(_GAP * max(piece.height, before.height), _JUSTIFIED * median(spaces or [0.0])):
                space = " " if gap > 0.15 * piece.height else ""
                joint = [before.words[-1], piece.words[0]] if space else [(before.words[-1][0], piece.words[0][1])]
                last.pieces[-1] = Piece(
                    before.text + space + piece.text,
                    before.left,
                    max(before.right, piece.right),
                    min(before.bottom, piece.bottom),
                    max(before.top, piece.top),
                    max(before.height, piece.height),
                    [*before.words[:-1], *joint, *piece.words[1:]],
                    before.font if before.font == piece.font else "",
                    piece.turn,
                    before.taken + piece.taken,
                )
            else:
                last.pieces.append(piece)
        else:
            rows.append(Row([piece], page))
    return rows


def _same_line(one: Piece, other: Piece) -> bool:
    overlap = min(one.top, other.top) - max(one.bottom, other.bottom)
    return overlap > 0.5 * min(one.height, other.height)


def _downwards(rows: list[Row]) -> list[Row]:
    """The rows in their file's order, but before each what stands above it in the same column; lines close to one another stay so."""
    if all(row.top <= before.top for before, row in pairwise(rows)):
        return rows
    blocks: list[list[Row]] = []
    for before, row in zip([None, *rows], rows):
        if before and _overlap(before, row) and -0.5 * row.height < before.bottom - row.top < 0.5 * row.height:
            blocks[-1].append(row)
        else:
            blocks.append([row])
    above = [[at for at, other in enumerate(blocks) if _stands_above(other, block)] for block in blocks]
    ordered: dict[int, list[Row]] = {}
    for first in range(len(blocks)):
        waiting = [first]
        while waiting:
            at = waiting[-1]
            missing = [other for other in above[at] if other not in ordered] if at not in ordered else []
            if missing:
                waiting += reversed(missing)
                continue
            ordered.setdefault(at, blocks[at])
            waiting.pop()
    return [row for block in ordered.values() for row in block]


def _stands_above(block: Sequence[Row], other: Sequence[Row]) -> bool:
    """Whether `other` begins where `block` ends or lower, and below some of it."""
    ends = block[-1].bottom >= other[0].top - 0.3 * min(block[-1].height, other[0].height)
    return ends and any(_overlap(row, below) for row in block for below in other)


def _overlap(row: Row, other: Row) -> bool:
    """Whether they share some of the page's width."""
    return row.left < other.right and other.left < row.right


def _ordered(rows: list[Row]) -> list[Row]:
    """Rows of two running texts side by side as one text after the other; tables stay rows."""
    ordered: list[Row] = []
    at = 0
    while at < len(rows):
        end = at
        while (
            end < len(rows)
            and _is_two_texts(rows[end])
            and abs(rows[end].pieces[1].left - rows[at].pieces[1].left) < rows[at].height
        ):
            end += 1
        if end - at >= 2:
            ordered += [Row([row.pieces[0]], row.page) for row in rows[at:end]]
            ordered += [Row([row.pieces[1]], row.page) for row in rows[at:end]]
            at = end
        else:
            ordered.append(rows[at])
            at += 1
    return ordered


def _is_two_texts(row: Row) -> bool:
    return len(row.pieces) == 2 and all(len(piece.text.split()) >= 4 for piece in row.pieces)


def _document(
    pages: list[list[Row]], turned: Sequence[Sequence[Row]], sizes: Sequence[float], title: str, author: str
) -> tuple[Document, list[Written]]:
    edges = _edges(pages, sizes)
    rows = [row for page in pages for row in page]
    body = _usual([row.height for row in rows for _ in range(len(row.text))])
    larger = sorted({round(row.height) for row in rows if row.height > 1.15 * body}, reverse=True)
    fonts = _usual_fonts(rows)

    def level(row: Row) -> int:
        if len(row.text) > 150 or len(row.pieces) > 1 or not _TITLED.search(row.text) or _ENDS.search(row.text):
            return 0
        if row.height > 1.15 * body:
            return larger.index(round(row.height)) + 1
        own = row.font and row.font != fonts[bool(_CJK_EDGE.match(row.text))] and row.height > 0.95 * body
        return len(larger) + 1 if own and id(row) in alone else 0

    writer = Writer()
    reader = _Body(writer, rows, level)
    alone: set[int] = set()
    for number, page in enumerate(pages):
        edge = [row for row in page if id(row) in edges]
        kept = [row for row in page if id(row) not in edges]
        alone |= _set_apart(kept)
        reader.read(number, kept, [*edge, *turned[number]])
    reader.flush()
    first = next((block for block in writer.outline.blocks if block.kind != "edge"), None)
    headed = bool(larger) or (first is not None and first.kind == "heading")
    return writer.document(title, author=author, headed=headed), reader.written


def _usual(heights: Sequence[float]) -> float:
    counts = Counter(round(height, 1) for height in heights)
    return max(sorted(counts), key=lambda height: counts[height], default=0.0)


def _usual_fonts(rows: Sequence[Row]) -> tuple[str, str]:
    """The typeface that most of the text is set in, and of what is Chinese, Japanese or Korean."""
    counts: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
    for row in rows:
        counts[bool(_CJK_EDGE.match(row.text))][row.font] += len(row.text)
    latin, cjk = (max(sorted(fonts), key=lambda font: fonts[font], default="") for fonts in counts)
    return latin, cjk


def _set_apart(rows: Sequence[Row]) -> set[int]:
    """Ids of the rows in a typeface that neither the row before goes on in nor the one after, up to _HEADING_ROWS of them together,
    and that text in another one stands below."""
    found: set[int] = set()
    first = 0
    for at, (row, following) in enumerate(zip(rows, [*rows[1:], None])):
        if following and following.font == row.font and row.font:
            continue
        headed = following and following.top <= row.bottom + 0.3 * row.height and following.left < row.right
        above = rows[first - 1] if first else None
        close = above is not None and -row.height < above.bottom - rows[first].top < 0.5 * row.height
        parted = above is None or not close or bool(_SENTENCE_END.search(above.text))
        if headed and parted and at - first < _HEADING_ROWS:
            found |= {id(each) for each in rows[first : at + 1]}
        first = at + 1
    return found


def _edges(pages: Sequence[Sequence[Row]], sizes: Sequence[float]) -> set[int]:
    """Ids of the rows that are page heads or feet: at the page's edge, and the same but for figures on a third of all pages."""
    places: dict[str, list[Row]] = {}
    numbers: set[int] = set()
    for page, size in zip(pages, sizes):
        by_height = sorted(page, key=lambda row: row.top)
        for row, near in [*islice(pairwise(by_height), 1), *islice(pairwise(reversed(by_height)), 1)]:
            apart = max(near.bottom - row.top, row.bottom - near.top) > row.height
            outer = row.top < _NUMBER_EDGE * size or row.bottom > (1 - _NUMBER_EDGE) * size
            if apart and outer and _PAGE_NUMBER.fullmatch(row.text):
                numbers.add(id(row))
        for row in [*by_height[:_EDGE_ROWS], *by_height[_EDGE_ROWS:][-_EDGE_ROWS:]]:
            if row.top < _EDGE * size or row.bottom > (1 - _EDGE) * size:
                places.setdefault(re.sub(r"\d+", "#", row.text.lower()), []).append(row)
    needed = max(2, len(pages) / 3)
    found = {id(row) for rows in places.values() if len({row.page for row in rows}) >= needed for row in rows}
    return found | numbers | {id(row) for rows in places.values() for row in rows if _PAGE_NUMBER.fullmatch(row.text)}


class _Body:
    """Rows to blocks; a paragraph stays open over columns and pages until something ends it."""

    def __init__(self, writer: Writer, rows: Sequence[Row], level: Callable[[Row], int]) -> None:
        told = " ".join(row.text for row in rows).lower()
        self.writer = writer
        self.words = Counter(re.findall(r"[^\W\d_]+", told))
        self.compounds = Counter(_COMPOUND.findall(told))
        self.hyphenated = sum(row.text.endswith((HYPHEN, "-")) for row in rows) >= _HYPHENATED * len(rows)
        self.level = level
        self.written: list[Written] = []
        self._open: list[Row] = []
        self._kind = "paragraph"
        self._pending: list[int] = []
        """Pages of which nothing is written yet."""

    def read(self, number: int, rows: Sequence[Row], edges: Sequence[Row]) -> None:
        """The rows of the next page, and of its head and foot."""
        if self._open and not (rows and self._continues(rows[0])):
            self.flush()
        self._pending.append(number)
        table: list[Row] = []
        rows = _justified(rows)
        for at, row in enumerate(rows):
            if table and (whole := _with_line(table[-1], row)):
                table[-1] = whole
                continue
            following = rows[at + 1] if at + 1 < len(rows) else None
            in_table = len(row.pieces) >= 2 and (
                bool(table)
                or (following is not None and len(following.pieces) >= 2)
                or _labelled(row)
                or len(row.pieces) >= _CELLS
            )
            if in_table:
                if not table:
                    self.flush()
                table.append(row)
                continue
            if table:
                self._table(table)
                table = []
            self._row(row)
        if table:
            self._table(table)
        self._begin_pages(self._open[0].page if self._open else number)
        for row in edges:
            self._line(row, "edge")

    def _table(self, rows: list[Row]) -> None:
        self.flush()
        self._begin_pages(rows[0].page)
        if all(_labelled(row) for row in rows):
            for row in rows:
                self._line(row, "label")
            return
        start, whole = self.writer.length, tuple(rows)
        rows = _apart(rows)
        cells = [[piece.text.replace(HYPHEN, "-") for piece in row.pieces] for row in rows]
        header = header_row(cells)
        head = rows[header].pieces if header >= 0 else max((row.pieces for row in rows), key=len)
        stubs = [row.pieces[0] for row in rows[header + 1 :] if row.pieces[0].right < head[0].left]
        if header >= 0 and len(stubs) > (len(rows) - header) / 2:
            head = [replace(stubs[0], text="", left=min(stub.left for stub in stubs)), *head]
        cells = [_under(head, row.pieces, texts) for row, texts in zip(rows, cells)]
        self.writer.table(cells, header)
        self._wrote(start, whole)

    def _line(self, row: Row, kind: Kind) -> None:
        start = self.writer.length
        self.writer.add(row.text.replace(HYPHEN, "-"), kind)
        self._wrote(start, (row,))

    def _wrote(self, start: int, rows: tuple[Row, ...]) -> None:
        self.written.append(Written(start, self.writer.length, rows))

    def _row(self, row: Row) -> None:
        level = self.level(row)
        if level:
            if not (self._open and self._kind == f"h{level}" and self._near(row)):
                self.flush()
            self._open.append(row)
            self._kind = f"h{level}"
            return
        item = ITEM.match(row.text) is not None
        label = LABEL.fullmatch(row.text) is not None
        if self._open and (item or not self._continues(row) or (label and LABEL.fullmatch(self._open[-1].text))):
            self.flush()
        if not self._open:
            self._kind = "item" if item else "paragraph"
        self._open.append(row)

    def _near(self, row: Row) -> bool:
        last = self._open[-1]
        return last.page == row.page and -0.5 * row.height < last.bottom - row.top < 0.8 * row.height

    def _continues(self, row: Row) -> bool:
        """Whether a row goes on with the open paragraph: close below it, or at the top of the next column or page."""
        last = self._open[-1]
        if self._kind.startswith("h") or self.level(row) or len(row.pieces) > 1 or ITEM.match(row.text):
            return False
        if abs(last.height - row.height) > 0.25 * max(last.height, row.height):
            return False
        ended = bool(_SENTENCE_END.search(last.text))
        width = max(r.right for r in self._open) - min(r.left for r in self._open)
        short = last.right < max(r.right for r in self._open) - 0.15 * width
        if last.page == row.page and row.top < last.top:
            apart = last.bottom - row.top
            usual = median(a.bottom - b.top for a, b in zip(self._open, self._open[1:])) if len(self._open) > 1 else apart
            indented = (
                row.left > min(r.left for r in self._open) + 0.8 * row.height
                and self._kind == "paragraph"
                and len(self._open) > 1
            )
            return (
                apart <= max(usual, 0) + 0.35 * row.height
                and apart < row.height
                and not (indented and ended)
                and not (short and ended)
            )
        return not ended and not short and row.text[:1].islower() | (last.text[-1:] in (HYPHEN, ","))

    def flush(self) -> None:
        """Write the open block; a page that begins within it is a place in it."""
        if not self._open:
            return
        self._begin_pages(self._open[0].page)
        pieces: list[tuple[str, Sequence[tuple[str, str]]]] = []
        for before, row in zip([None, *self._open], self._open):
            joiner = self._joiner(before.text, row.text) if before else ""
            if joiner is None:
                pieces[-1] = (pieces[-1][0][:-1], pieces[-1][1])
            turned = before is not None and before.page != row.page
            self._pending = [number for number in self._pending if not turned or number > row.page]
            pieces.append(((joiner or "") + row.text, [("page", str(row.page + 1))] if turned else []))
        level = int(self._kind[1:]) if self._kind.startswith("h") else 0
        labelled = len(self._open) == 1 and LABEL.fullmatch(self._open[0].text)
        kind: Kind = "heading" if level else "item" if self._kind == "item" else "label" if labelled else "paragraph"
        start = self.writer.length
        self.writer.joined([(text.replace(HYPHEN, "-"), parts) for text, parts in pieces], kind, level)
        self._wrote(start, tuple(self._open))
        self._open = []

    def _begin_pages(self, last: int) -> None:
        for number in [n for n in self._pending if n <= last]:
            self.writer.place(("page", str(number + 1)))
        self._pending = [n for n in self._pending if n > last]

    def _joiner(self, before: str, after: str) -> str | None:
        """What goes between two lines; None where the hyphen between them goes, too."""
        if before.endswith(HYPHEN) or (before.endswith("-") and after[:1].islower()):
            start, end = _WORD_END.search(before[:-1]), _WORD_START.match(after)
            if not start or not end:
                return ""
            parts = start[0].lower(), end[0].lower()
            if self.words["".join(parts)]:
                return None
            compound = self.compounds["-".join(parts)] or all(self.words[part] > 1 for part in parts)
            return None if self.hyphenated and after[:1].islower() and not compound else ""
        if _CJK_EDGE.match(before[-1:]) and _CJK_EDGE.match(after[:1]):
            return ""
        return " "


def _apart(rows: Sequence[Row]) -> list[Row]:
    """A table's rows with their words in cells of their own where a gap between cells of other rows runs through between them."""
    gaps = [(a.right, b.left) for row in rows for a, b in pairwise(row.pieces)]
    words = [word for row in rows for piece in row.pieces for word in piece.words]

    def parted(piece: Piece, left: float, right: float) -> bool:
        if right - left < _CELL_SPACE * piece.height:
            return False
        middles = [(max(left, a) + min(right, b)) / 2 for a, b in gaps if max(left, a) < min(right, b)]
        return any(not any(start < middle < end for start, end in words) for middle in middles)

    return [Row([cell for piece in row.pieces for cell in _cut(piece, parted)], row.page) for row in rows]


def _justified(rows: Sequence[Row]) -> list[Row]:
    """The rows, in one piece where a line between such as are has the same wide gap between all its words."""
    found: list[Row] = []
    for before, row, after in zip([None, *rows], rows, [*rows[1:], None]):
        gaps = [b[0] - a[1] for a, b in pairwise(word for piece in row.pieces for word in piece.words)]
        alone = all(near is None or len(near.pieces) == 1 for near in (before, after))
        if len(row.pieces) >= _CELLS and alone and max(gaps) <= _EVEN * min(gaps):
            words = [word for piece in row.pieces for word in piece.words]
            row = Row([replace(row.pieces[0], text=row.text, right=row.right, words=words, taken=row.taken)], row.page)
        found.append(row)
    return found


def _with_line(row: Row, line: Row) -> Row | None:
    """A table's row with a line that goes on in a cell other than its first, close below it and within its column; else None."""
    if len(line.pieces) > 1 or row.bottom - line.top > _CELL_LINE * line.height or row.page != line.page:
        return None
    for at, piece in enumerate(row.pieces[1:], start=1):
        end = row.pieces[at + 1].left if at + 1 < len(row.pieces) else math.inf
        if abs(piece.left - line.left) < 0.5 * line.height and line.right < end:
            whole = replace(
                piece,
                text=f"{piece.text} {line.text}",
                right=max(piece.right, line.right),
                bottom=line.bottom,
                taken=piece.taken + line.taken,
            )
            return Row([*row.pieces[:at], whole, *row.pieces[at + 1 :]], row.page)
    return None


def _cut(piece: Piece, parted: Callable[[Piece, float, float], bool]) -> list[Piece]:
    texts = piece.text.split()
    if len(texts) != len(piece.words):
        return [piece]
    starts = [0, *(at for at in range(1, len(texts)) if parted(piece, piece.words[at - 1][1], piece.words[at][0]))]
    return [
        replace(piece, text=" ".join(texts[a:b]), left=piece.words[a][0], right=piece.words[b - 1][1], words=piece.words[a:b])
        for a, b in pairwise([*starts, len(texts)])
    ]


def _under(head: Sequence[Piece], pieces: Sequence[Piece], texts: list[str]) -> list[str]:
    """A row's cells under those of `head`, with empty ones between; as they are where they do not stand under them one by one."""
    columns = [min(range(len(head)), key=lambda at: abs(_middle(head[at]) - _middle(piece))) for piece in pieces]
    left = [min(range(len(head)), key=lambda at: abs(head[at].left - piece.left)) for piece in pieces]
    placed = next((found for found in (left, columns) if all(a < b for a, b in pairwise(found))), None)
    if placed is None:
        return texts
    cells = [""] * len(head)
    for at, text in zip(placed, texts):
        cells[at] = text
    return cells


def _middle(piece: Piece) -> float:
    return (piece.left + piece.right) / 2


def _labelled(row: Row) -> bool:
    """A label and its value, apart."""
    return len(row.pieces) == 2 and row.pieces[0].text.endswith((":", "："))
