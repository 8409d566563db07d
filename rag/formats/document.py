"""What every reader gives: the text of a file, what stands where in it, and where that is in the file as people see it.

`Outline` collects the blocks of a text that is kept as it is; `Writer` makes text and outline together. Cells of a table's
row are joined by CELL in every format whose text is made here.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from rag.errors import FileFailed

Kind = Literal["heading", "paragraph", "item", "row", "label", "code", "caption", "note", "edge", "furniture"]
"""`label` is a line with a label and its value; `edge` the head or foot of a page."""
CELL = " | "
MAX_CHARS = 20_000_000
"""Characters of one document; more is no document that a person reads, and takes gigabytes to index."""
MAX_BLOCKS = 300_000
"""Lines, rows and paragraphs of one document."""
_LEAD_IN_CHARS = 300
_HEADER_WITHIN = 10
_CAPTIONS = 3
"""Rows of one cell that are no table."""
MAX_COLUMNS = 50
"""That one cell takes."""
_LEVELS = 3
"""Of header rows, one below the other."""
_BODY_ROWS = 20
"""Rows of a table that show what stands in its columns."""
_NUMBER = re.compile(r"[-+(]?[$€£¥]?\s?[\d.,:%/-]*\d[\d.,:%/-]*\s?[%€)]?")
_CONTROLS = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0x7F, 0xAD, 0xFEFF, 0xFFFE, 0xFFFF, *range(0xD800, 0xE000)])
_OPENS = re.compile(r"(?:[#=*]+\s+|\.S[HS]\s+|\[+)?(?:\*\*|__)?")
_CLOSES = re.compile(r"(?:\*\*|__)?(?:\s+[#=]+|\]+)?$")
_UNTITLED = re.compile(
    r"\W*(?:untitled(?: \w+)?|unknown|anonymous|unspecified|title|document|(?:document|presentation|slide|文档|文稿) ?\d+"
    r"|powerpoint (?:presentation|演示文稿)|(?:未命名|无标题)\w*)\W*",
    re.IGNORECASE,
)
_DATE = re.compile(r"((?:1[5-9]|20)\d\d)-?([01]\d)-?([0-3]\d)(?!\d{2,})")


class Block(NamedTuple):
    """Characters `start`:`end` of the text, without the white space around them."""

    start: int
    end: int
    kind: Kind = "paragraph"
    level: int = 0
    """Of a heading, from 1; of a list item, how deep it stands, from 0."""
    context: tuple[int, int] = (0, 0)
    """The header row of a row's table, or the lead-in of an item's list; empty when there is none."""
    group: int = 0
    """Which table or list of the document it belongs to, from 1."""


class Place(NamedTuple):
    """From `start` on, until the next place: ("sheet", "Prices"), ("row", "14")."""

    start: int
    parts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Document:
    """A file as its reader understands it. `blocks` are in order and do not overlap."""

    text: str
    blocks: tuple[Block, ...] = ()
    places: tuple[Place, ...] = ()
    title: str = ""
    date: str = ""
    """YYYY-MM-DD, where the file says that it is its own."""
    author: str = ""
    """Who wrote it, where the file says so; several with commas between."""
    encoding: str = "utf-8"
    declared: bool = True
    """Whether the format says what its parts are; in plain text they are told from the look."""
    markup: str = ""
    """The language whose marks stand in the text, as in `rag.formats.markup`."""

    @property
    def page_starts(self) -> tuple[int, ...]:
        """Where each page begins, for a file that has pages."""
        return tuple(place.start for place in self.places if place.parts[0][0] == "page")

    def place_at(self, offset: int) -> tuple[tuple[str, str], ...]:
        """What the file itself calls the place of a character; empty where it has no places."""
        at = bisect_right(self.places, offset, key=lambda place: place.start)
        return self.places[max(at - 1, 0)].parts if self.places else ()


class Outline:
    """Blocks in the making; lists find their lead-in, and rows their header row."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.groups = 0
        self._header = (0, 0)

    def add(self, start: int, end: int, kind: Kind = "paragraph", level: int = 0) -> None:
        self.blocks.append(Block(start, end, kind, level))

    def item(self, start: int, end: int, level: int = 0) -> None:
        """An item of the list that the last block belongs to, else of a new one, which that block may lead in."""
        last = self.blocks[-1] if self.blocks else None
        if last and last.kind == "item":
            context = last.context
        else:
            self.groups += 1
            leads = last and (last.kind == "heading" or (last.kind == "paragraph" and last.end - last.start <= _LEAD_IN_CHARS))
            context = (last.start, last.end) if last and leads else (0, 0)
        self.blocks.append(Block(start, end, "item", level, context, self.groups))

    def table(self) -> None:
        """The rows that follow are a table's."""
        self.groups += 1
        self._header = (0, 0)

    def row(self, start: int, end: int, *, header: bool = False) -> None:
        if header:
            self._header = (start, end)
        context = (0, 0) if header else self._header
        self.blocks.append(Block(start, end, "row", 0, context, self.groups))


class Writer:
    """A text in the making, with its outline and places. Raises FileFailed when it becomes too long."""

    def __init__(self) -> None:
        self.outline = Outline()
        self._parts: list[str] = []
        self._length = 0
        self._places: list[Place] = []

    @property
    def length(self) -> int:
        """Characters that are written."""
        return self._length

    def place(self, *parts: tuple[str, str]) -> None:
        """What is written next stands there."""
        if self._places and self._places[-1].start == self._length and parts[0][0] != "page":
            self._places.pop()
        self._places.append(Place(self._length, parts))

    def add(self, text: str, kind: Kind = "paragraph", level: int = 0) -> None:
        """One block; nothing when there is no text in it."""
        if span := self._write(text, "\n" if kind in ("item", "label") else "\n\n"):
            if kind == "item":
                self.outline.item(*span, level)
            else:
                self.outline.add(*span, kind, level)

    def joined(self, pieces: Iterable[tuple[str, Sequence[tuple[str, str]]]], kind: Kind = "paragraph", level: int = 0) -> None:
        """One block of pieces that stand at places of their own; a piece brings the space before it."""
        start, end = self._length, self._length
        for text, parts in pieces:
            if parts:
                self.place(*parts)
            text = _clean(text)
            text = text if end > start else text.lstrip()
            self._append(text)
            end = self._length - len(text) + len(text.rstrip()) if text.strip() else end
        if end > start:
            if kind == "item":
                self.outline.item(start, end, level)
            else:
                self.outline.add(start, end, kind, level)
            self._append("\n\n")

    def table(self, rows: Sequence[Sequence[str]], header: int | None = None, places: Sequence[Sequence[tuple[str, str]]] = ()) -> None:  # fmt: skip
        """Rows of cells, one line each; `header` is the first header row's index, where the format tells, else it is guessed."""
        cells = [[" ".join(_clean(cell).split()) for cell in row] for row in rows]
        header = header_row(cells) if header is None else lowest_header(cells, header)
        for first, end, head in _tables(cells, header):
            self._table(cells[first:end], head, places[first:end])

    def extend(self, document: Document, within: Sequence[tuple[str, str]] = (), level: int = 0) -> None:
        """Another document's text and blocks, as a part of this one; its headings stand below those of `level`."""
        base = self._length
        if within:
            self.place(*within)
        self._append(document.text.rstrip() + "\n\n")
        groups = self.outline.groups
        for block in document.blocks:
            start, end = block.context
            context = (start + base, end + base) if end else (0, 0)
            group = block.group + groups if block.group else 0
            depth = block.level + level if block.kind == "heading" else block.level
            moved = Block(block.start + base, block.end + base, block.kind, depth, context, group)
            self.outline.blocks.append(moved)
            self.outline.groups = max(self.outline.groups, group)
        self._places += [Place(place.start + base, (*within, *place.parts)) for place in document.places]

    def document(
        self, title: str = "", date: str = "", encoding: str = "utf-8", *, author: str = "", headed: bool = True
    ) -> Document:
        """What was written; without a title its first heading is one, where the format is `headed`."""
        return Document(
            text="".join(self._parts),
            blocks=tuple(self.outline.blocks),
            places=tuple(self._places),
            title=own_title(title) or (first_heading("".join(self._parts), self.outline.blocks) if headed else ""),
            date=own_date(date),
            author=own_author(author),
            encoding=encoding,
        )

    def _table(self, cells: Sequence[list[str]], header: int, places: Sequence[Sequence[tuple[str, str]]]) -> None:
        self.outline.table()
        written = False
        few = len(cells) <= _CAPTIONS and all(sum(map(bool, row)) <= 1 for row in cells)
        for number, row in enumerate(cells):
            while row and not row[-1]:
                row.pop()
            if places:
                self.place(*places[number])
            span = self._write(CELL.join(row), "\n") if any(row) else None
            if span:
                written = True
                if (number < header or few) and sum(map(bool, row)) == 1:
                    self.outline.add(*span, "caption")
                else:
                    self.outline.row(*span, header=number == header)
        if written:
            self._append("\n")

    def _write(self, text: str, after: str) -> tuple[int, int] | None:
        text = _clean(text).strip()
        if not text:
            return None
        start = self._length
        self._append(text)
        self._append(after)
        return start, start + len(text)

    def _append(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)
        if self._length > MAX_CHARS:
            raise FileFailed("too much text", limit=MAX_CHARS)


def check_blocks(count: int) -> None:
    """Raises FileFailed where there are more than a document may have."""
    if count > MAX_BLOCKS:
        raise FileFailed("too many lines", limit=MAX_BLOCKS)


def header_row(rows: Sequence[Sequence[str]]) -> int:
    """The first row of names alone that is about as wide as the table, or the last one of those that go on below it; -1 when there
    is none."""
    widths = sorted(sum(bool(cell) for cell in row) for row in rows)
    usual = widths[len(widths) // 2] if widths else 0
    for number, row in enumerate(rows[:_HEADER_WITHIN]):
        filled = [cell for cell in row if cell]
        if len(filled) >= max(2, 0.6 * usual) and len(rows) > 1:
            return -1 if any(map(_is_figure, filled)) or filled[0].endswith((":", "：")) else lowest_header(rows, number)
    return -1


def lowest_header(rows: Sequence[Sequence[str]], first: int) -> int:
    """The last one of the header rows that begin with row `first`, each a level below the one before."""
    last = first
    while 0 <= last < min(first + _LEVELS, len(rows)) - 1 and _is_level_below(rows[last], rows[last + 1], rows[last + 2 :]):
        last += 1
    return last


def _is_level_below(upper: Sequence[str], lower: Sequence[str], following: Sequence[Sequence[str]]) -> bool:
    """Whether a row under a header row is a header row too: names above columns of figures, which stand under a name that spans
    several columns (beside it is nothing, or the name again) or leave the first column free, as no row of the table does."""
    names = [column for column, cell in enumerate(lower) if cell]
    if not names or any(_is_figure(lower[column]) for column in names):
        return False
    body = following[:_BODY_ROWS]
    cells = [row[column] for row in body for column in names if 0 < column < len(row) and any(map(str.isalnum, row[column]))]
    if sum(any(map(str.isdigit, cell)) for cell in cells) * 2 <= len(cells):
        return False
    shape = [bool(cell) for cell in lower]
    if any([bool(cell) for cell in row] == shape and not any(map(_is_figure, row)) for row in body):
        return False
    spanned = any(
        any(upper[:column]) and upper[column : column + 1] in ([], [""], upper[column - 1 : column]) for column in names
    )
    return spanned or not lower[0]


def spanned(said: str, most: int = MAX_COLUMNS) -> int:
    """How many columns, or rows, a cell takes that says so; one where it says nothing that can be."""
    return max(1, min(int(said), most)) if said.isdecimal() and len(said) < 10 else 1


def own_title(title: str) -> str:
    """A document's title property, unless it is what a program puts there by itself."""
    title = " ".join(_clean(title).split())[:300]
    return "" if _UNTITLED.fullmatch(title) or title.startswith(("Microsoft Word - ", "/")) else title


def own_author(author: str) -> str:
    """A document's author property, unless it is what a program puts there by itself."""
    author = " ".join(_clean(author).split())[:200].strip(" ,;")
    return "" if _UNTITLED.fullmatch(author) or not any(map(str.isalpha, author)) else author


def own_date(date: str) -> str:
    """YYYY-MM-DD from an ISO 8601 date; empty for anything else."""
    found = _DATE.match(date.strip())
    return "-".join(found.groups()) if found else ""


def first_heading(text: str, blocks: Sequence[Block]) -> str:
    """The first heading; below the first level only where no table stands above it."""
    table = next((at for at, block in enumerate(blocks) if block.kind == "row"), len(blocks))
    headings = [(at, block) for at, block in enumerate(blocks[:50]) if block.kind == "heading"]
    heading = next((block for at, block in headings if at < table or block.level == 1), None)
    return " ".join(text[slice(*heading_words(text, heading.start, heading.end))].split())[:300] if heading else ""


def heading_words(text: str, start: int, end: int) -> tuple[int, int]:
    """A heading without the marks that make it one."""
    before, after = _OPENS.match(text, start, end), _CLOSES.search(text, start, end)
    words = (before.end() if before else start, after.start() if after else end)
    return words if words[0] < words[1] else (start, end)


def _tables(cells: Sequence[Sequence[str]], header: int) -> Iterator[tuple[int, int, int]]:
    """(first row, past the last, header row within) of each table: one begins where the header row stands again."""
    first, head, found = 0, header, header
    for number in range(header + 1, len(cells)) if header >= 0 else ():
        if cells[number] == cells[header] and number - found > 1:
            above = header if next(filter(None, cells[number - header]), "") == next(filter(None, cells[0]), "") else 0
            yield first, number - above, head
            first, head, found = number - above, above, number
    yield first, len(cells), head


def _is_figure(cell: str) -> bool:
    return bool(_NUMBER.fullmatch(cell)) and not _is_year(cell)


def _is_year(cell: str) -> bool:
    return len(cell) == 4 and cell.isdigit() and cell[:2] in ("19", "20")


def _clean(text: str) -> str:
    """Without control characters and lone surrogates, which end a tokenizer; line breaks as \\n."""
    if text.isprintable():
        return text
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_CONTROLS)
