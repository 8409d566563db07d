"""PDF by pypdfium2: the characters of each page with their boxes, put together to lines, cells, rows and paragraphs by position.

A page goes through: pieces (runs of characters without a gap) → rows (pieces on one line, left to right) → columns of running
text read one after the other → page heads and feet by their place and repetition → paragraphs, lists, headings, tables.
"""

from __future__ import annotations

import ctypes
import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from rag.errors import FileFailed
from rag.formats.document import Document, Kind, Writer, header_row
from rag.formats.plain import ITEM, LABEL

MAX_PAGES = 5_000
MAX_SECONDS = 120.0
"""After this a PDF is given up; 1,000 pages of a book take a tenth of it."""
HYPHEN = "\ufffe"
"""What pdfium puts for a hyphen at a line's end, whether the word has one or not."""
_GAP = 1.0
"""Space between two characters, in heights of the line, from which on they are in different cells."""
_JUSTIFIED = 2.5
"""Spaces between the words of a line, as many as a gap in justified text is wide at most."""
_CELLS = 4
"""Cells in a line that make it a table's row, whatever stands above and below it."""
_EDGE_ROWS = 3
_EDGE = 0.1
"""Share of the page's height at its top and bottom in which heads and feet stand."""
_SAME = {"\u2044": "/", "\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl", "\ufb05": "st"}
"""Characters that a font draws in place of those that people write."""
_PAGE_NUMBER = re.compile(
    r"\W*(?:page|seite|第)?\s*(?:\d{1,4}|[ivxlc]{1,6})(?:\s*(?:/|of|von)\s*\d{1,4})?\s*页?\W*", re.IGNORECASE
)
_SENTENCE_END = re.compile(r"[.!?:…。！？：][\"'”’)\]]*$")
_TITLED = re.compile(r"[^\W\d_]{3}|[\u3400-\u9fff\uac00-\ud7af]{2}")
_ENDS = re.compile(r"[a-z\u3400-\u9fff][.;,。；，]$")
"""No heading ends so."""
_CJK_EDGE = re.compile(r"[\u3000-\u9fff\uff00-\uffef]")
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
    spaces: list[float] = field(default_factory=list)
    """Between its words."""


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


def read_pdf(content: bytes) -> Document:
    import pypdfium2
    from pypdfium2 import PdfiumError

    try:
        file = pypdfium2.PdfDocument(content)
    except PdfiumError as error:
        if "password" in str(error).lower():
            raise FileFailed("password") from error
        raise FileFailed("bad PDF", error=str(error)) from error
    with file:
        if len(file) > MAX_PAGES:
            raise FileFailed("PDF too long", limit=MAX_PAGES)
        until = time.monotonic() + MAX_SECONDS
        pages: list[list[Row]] = []
        sizes: list[float] = []
        for number in range(len(file)):
            if time.monotonic() > until:
                raise FileFailed("PDF too slow", seconds=MAX_SECONDS)
            try:
                page = file[number]
                sizes.append(page.get_height())
                pages.append(_ordered(_rows(_pieces(page), number)))
                page.close()
            except PdfiumError:  # one damaged page; the others are read
                sizes[number:] = [0.0]
                pages.append([])
        title = file.get_metadata_value("Title") or ""
    if not any(pages):
        raise FileFailed("PDF without text")
    return _document(pages, sizes, title)


def _pieces(page: object) -> list[Piece]:
    """Read all characters of a page; a piece ends at a line's end, at a gap and where the line changes."""
    import pypdfium2.raw as pdfium

    textpage = page.get_textpage()  # type: ignore[attr-defined]
    handle = textpage.raw
    rectangle = pdfium.FS_RECTF()
    loose, unicode_of = pdfium.FPDFText_GetLooseCharBox, pdfium.FPDFText_GetUnicode
    pieces: list[Piece] = []
    characters: list[str] = []
    current: Piece | None = None

    def close() -> None:
        nonlocal current
        if current:
            current.text = "".join(characters).strip()
            if current.text:
                pieces.append(current)
        characters.clear()
        current = None

    at, count = 0, pdfium.FPDFText_CountChars(handle)
    while at < count:
        code = unicode_of(handle, at)
        if 0xD800 <= code < 0xDC00 and at + 1 < count and 0xDC00 <= (low := unicode_of(handle, at + 1)) < 0xE000:
            code = 0x10000 + ((code - 0xD800) << 10) + low - 0xDC00
            at += 1
        character = chr(code) if code <= 0x10FFFF else "\ufffd"
        at += 1
        if character in "\r\n":
            close()
            continue
        if character in " \u00a0\t":
            characters.append(" ")
            continue
        character = _SAME.get(character, character)
        if code == 2:  # pdfium's other mark for a hyphen that ends a line
            character = HYPHEN
        if character != HYPHEN and (code < 32 or 0xD800 <= code < 0xE000):
            continue
        if not loose(handle, at - 1, ctypes.byref(rectangle)):
            characters.append(character)
            continue
        x0, x1, y0, y1 = rectangle.left, rectangle.right, rectangle.bottom, rectangle.top
        if current is None:
            current = Piece("", x0, x1, y0, y1, y1 - y0)
        elif character != HYPHEN:
            height = max(current.top - current.bottom, y1 - y0, 1.0)
            apart = x0 - current.right > _GAP * height or x0 < current.left - height or abs(y0 - current.bottom) > 0.8 * height
            if apart:
                close()
                current = Piece("", x0, x1, y0, y1, y1 - y0)
            elif characters and characters[-1] == " ":
                current.spaces.append(x0 - current.right)
        characters.append(character)
        if character != HYPHEN:
            current.right = max(current.right, x1)
            current.bottom, current.top = min(current.bottom, y0), max(current.top, y1)
            current.height = max(current.height, y1 - y0)
    close()
    textpage.close()
    return pieces


def _rows(pieces: Sequence[Piece], page: int) -> list[Row]:
    """Join pieces that follow one another on the same line, left to right."""
    rows: list[Row] = []
    for piece in pieces:
        last = rows[-1] if rows else None
        if last and _same_line(last.pieces[-1], piece) and piece.left >= last.right - 0.3 * piece.height:
            gap = piece.left - last.right
            before = last.pieces[-1]
            spaces = [*before.spaces, *piece.spaces]
            if gap <= max(_GAP * max(piece.height, before.height), _JUSTIFIED * median(spaces or [0.0])):
                space = " " if gap > 0.15 * piece.height else ""
                last.pieces[-1] = Piece(
                    before.text + space + piece.text,
                    before.left,
                    max(before.right, piece.right),
                    min(before.bottom, piece.bottom),
                    max(before.top, piece.top),
                    max(before.height, piece.height),
                    spaces,
                )
            else:
                last.pieces.append(piece)
        else:
            rows.append(Row([piece], page))
    return rows


def _same_line(one: Piece, other: Piece) -> bool:
    overlap = min(one.top, other.top) - max(one.bottom, other.bottom)
    return overlap > 0.5 * min(one.height, other.height)


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


def _document(pages: list[list[Row]], sizes: Sequence[float], title: str) -> Document:
    edges = _edges(pages, sizes)
    rows = [row for page in pages for row in page]
    words = Counter(re.findall(r"[^\W\d_]+", " ".join(row.text for row in rows).lower()))
    body = _usual([row.height for row in rows for _ in range(len(row.text))])
    larger = sorted({round(row.height) for row in rows if row.height > 1.15 * body}, reverse=True)

    def level(row: Row) -> int:
        short = len(row.text) <= 150 and len(row.pieces) == 1 and _TITLED.search(row.text) and not _ENDS.search(row.text)
        return larger.index(round(row.height)) + 1 if short and row.height > 1.15 * body else 0

    writer = Writer()
    reader = _Body(writer, words, level)
    for number, page in enumerate(pages):
        edge = [row for row in page if id(row) in edges]
        reader.read(number, [row for row in page if id(row) not in edges], edge)
    reader.flush()
    return writer.document(title)


def _usual(heights: Sequence[float]) -> float:
    counts = Counter(round(height, 1) for height in heights)
    return max(sorted(counts), key=lambda height: counts[height], default=0.0)


def _edges(pages: Sequence[Sequence[Row]], sizes: Sequence[float]) -> set[int]:
    """Ids of the rows that are page heads or feet: at the page's edge, and the same but for figures on a third of all pages."""
    places: dict[str, list[Row]] = {}
    for page, size in zip(pages, sizes):
        by_height = sorted(page, key=lambda row: row.top)
        for row in [*by_height[:_EDGE_ROWS], *by_height[_EDGE_ROWS:][-_EDGE_ROWS:]]:
            if row.top < _EDGE * size or row.bottom > (1 - _EDGE) * size:
                places.setdefault(re.sub(r"\d+", "#", row.text.lower()), []).append(row)
    needed = max(2, len(pages) / 3)
    found = {id(row) for rows in places.values() if len({row.page for row in rows}) >= needed for row in rows}
    found |= {id(row) for rows in places.values() for row in rows if _PAGE_NUMBER.fullmatch(row.text)}
    return found


class _Body:
    """Rows to blocks; a paragraph stays open over columns and pages until something ends it."""

    def __init__(self, writer: Writer, words: Counter[str], level: Callable[[Row], int]) -> None:
        self.writer = writer
        self.words = words
        self.level = level
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
        for at, row in enumerate(rows):
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
            self.writer.add(row.text.replace(HYPHEN, "-"), "edge")

    def _table(self, rows: list[Row]) -> None:
        self.flush()
        self._begin_pages(rows[0].page)
        if all(_labelled(row) for row in rows):
            for row in rows:
                self.writer.add(row.text.replace(HYPHEN, "-"), "label")
            return
        cells = [[piece.text.replace(HYPHEN, "-") for piece in row.pieces] for row in rows]
        header = header_row(cells)
        if header >= 0:
            head = rows[header].pieces
            cells = [_under(head, row.pieces, texts) for row, texts in zip(rows, cells)]
        self.writer.table(cells, header)

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
        self.writer.joined([(text.replace(HYPHEN, "-"), parts) for text, parts in pieces], kind, level)
        self._open = []

    def _begin_pages(self, last: int) -> None:
        for number in [n for n in self._pending if n <= last]:
            self.writer.place(("page", str(number + 1)))
        self._pending = [n for n in self._pending if n > last]

    def _joiner(self, before: str, after: str) -> str | None:
        """What goes between two lines; None where the hyphen between them goes, too."""
        if before.endswith(HYPHEN) or (before.endswith("-") and after[:1].islower()):
            start, end = _WORD_END.search(before[:-1]), _WORD_START.match(after)
            whole = (start[0] + end[0]).lower() if start and end else ""
            return None if whole and self.words[whole] else ""
        if _CJK_EDGE.match(before[-1:]) and _CJK_EDGE.match(after[:1]):
            return ""
        return " "


def _under(head: Sequence[Piece], pieces: Sequence[Piece], texts: list[str]) -> list[str]:
    """A row's cells under the header's, with empty ones between; as they are where they do not stand under them one by one."""
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
