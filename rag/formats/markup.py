"""Text with marks: Markdown, reStructuredText, AsciiDoc and Org; and source code, man pages and settings (yaml, toml, ini).

The text stays as it is; one pass over its lines says what each is, by the marks of its format.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from rag.formats.document import Document, Outline, first_heading, lowest_header, own_author, own_date, own_title
from rag.formats.encodings import decode
from rag.formats.plain import FRONT_MATTER, ITEM, LABEL, front_matter, read_plain

_NEVER = re.compile(r"(?!)")


_ROW_CHARS = 2_000
_HEAD_ROWS = 30
"""Rows that show whether the header goes on."""
_BAR = re.compile(r"(?<!\\)\|")
_HEADED = re.compile(r"^#{1,6} \w[^\n]*\n\s*\n", re.MULTILINE)
_HEADINGS = 3
_HTML_HEADING = re.compile(r"<h([1-6])[^<>]*>\s*([^<>\s](?:[^<>]*[^<>\s])?)\s*</h\1>", re.IGNORECASE)


@dataclass(frozen=True)
class Marks:
    """How a format marks its lines. `level` finds a heading's depth in the length of group 1."""

    heading: re.Pattern[str] = _NEVER
    underlines: str = ""
    """Characters whose rows under a line make it a heading, in the order of levels."""
    fence: re.Pattern[str] = _NEVER
    """Opens code, which a line that begins with group 1 (or with `close`) ends."""
    close: str = ""
    row: re.Pattern[str] = _NEVER
    rule: re.Pattern[str] = _NEVER
    """A line that draws a table, and makes the row before the first one its header."""
    comment: re.Pattern[str] = _NEVER
    item: re.Pattern[str] = ITEM
    field: re.Pattern[str] = _NEVER
    """A field of the document itself: name and value."""
    headed: bool = True
    """Whether the first heading is the document's title."""
    name: str = ""
    """Of the language; settings have none, and are shown as they are."""


_BAR_ROW = re.compile(r"\|.*\||[^|`]+\|[^|]+(?:\|.*)?")
MARKDOWN = Marks(
    name="markdown",
    heading=re.compile(r"(#{1,6})[ \t]+(?=\S)"),
    underlines="=-",
    fence=re.compile(r"(```+|~~~+)"),
    row=_BAR_ROW,
    rule=re.compile(r"\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?"),
    comment=re.compile(r"<!--.*-->$|\[(?!\^)[^\]]+\]:\s"),
)
REST = Marks(
    name="rest",
    underlines="=-~^\"'`#*+.",
    fence=re.compile(r"()\.\. (?:code|code-block|literalinclude|math)::"),
    row=re.compile(r"\|.*\|"),
    rule=re.compile(r"\+[-=+]+\+"),
    comment=re.compile(r"\.\.(?=\s|$)(?!\s+(?:\[|[\w-]+::\s+\S))"),
    field=re.compile(r":(title|date|author):[ \t]*(.+)", re.IGNORECASE),
)
ASCIIDOC = Marks(
    name="asciidoc",
    heading=re.compile(r"(={1,6})[ \t]+(?=\S)"),
    fence=re.compile(r"(-{4,}|\.{4,})$"),
    row=re.compile(r"\|(?!=).*"),
    rule=re.compile(r"\|===+"),
    comment=re.compile(r"//(?!/)"),
    item=re.compile(r"(?:[-*•]+|\.{1,5}|\d{1,3}\.)[ \t]+(?=\S)"),
    field=re.compile(r":(title|revdate|author):[ \t]*(.+)", re.IGNORECASE),
)
ORG = Marks(
    name="org",
    heading=re.compile(r"(\*{1,8})[ \t]+(?=\S)"),
    fence=re.compile(r"()#\+begin_(?:src|example)", re.IGNORECASE),
    close="#+end_",
    row=re.compile(r"\|.*\|"),
    rule=re.compile(r"\|-[-+]*\|?"),
    comment=re.compile(r"#(?:\s|\+(?!title|date|author))", re.IGNORECASE),
    item=re.compile(r"(?:[-+]|\d{1,3}[.)])[ \t]+(?=\S)"),
    field=re.compile(r"#\+(title|date|author):[ \t]*(.+)", re.IGNORECASE),
)
SETTINGS = Marks(
    heading=re.compile(r"(\[{1,2})(?=[^\[\]]+\]{1,2}\s*$)"),
    item=re.compile(r"-[ \t]+(?=\S)"),
    headed=False,
)
MAN = Marks(
    name="man",
    heading=re.compile(r"(\.S[HS])[ \t]+(?=\S)"),
    comment=re.compile(r"[.'](?:\\\"|[ \t]*$|TH\b|sp\b|RS\b|RE\b|PP\b|nf\b|fi\b|ad\b|hy\b|br\b)"),
    item=re.compile(r"\.(?:IP|TP|B|I)\b[ \t]*(?=\S)"),
    headed=False,
)
_SETTING = re.compile(r"[\w.\"' /-]{1,80}?[ \t]*(?:=|:(?=\s))[ \t]*\S.*")


def read_markdown(content: bytes) -> Document:
    return _read(content, MARKDOWN)


def read_text(content: bytes) -> Document:
    """Text of no declared format: Markdown where it begins with front matter or has several of its headings, else plain."""
    text = decode(content)[0]
    if FRONT_MATTER.match(text) or len(list(islice(_HEADED.finditer(text), _HEADINGS))) == _HEADINGS:
        return read_markdown(content)
    return read_plain(content)


def read_rest(content: bytes) -> Document:
    return _read(content, REST)


def read_asciidoc(content: bytes) -> Document:
    return _read(content, ASCIIDOC)


def read_org(content: bytes) -> Document:
    return _read(content, ORG)


def read_man(content: bytes) -> Document:
    return _read(content, MAN)


def read_settings(content: bytes) -> Document:
    """YAML, TOML and ini: a line with a value is a label."""
    return _read(content, SETTINGS)


def read_code(content: bytes) -> Document:
    """Source code: stretches between empty lines."""
    text, encoding = decode(content)
    outline = Outline()
    run = (0, 0)
    for start, end, blank in _lines(text):
        if blank:
            if run[1]:
                outline.add(*run, "code")
            run = (0, 0)
        else:
            run = (run[0] if run[1] else start, end)
    if run[1]:
        outline.add(*run, "code")
    return Document(text, tuple(outline.blocks), encoding=encoding)


def _read(content: bytes, marks: Marks) -> Document:
    text, encoding = decode(content)
    scan = _Scan(text, marks)
    blocks = tuple(scan.run().blocks)
    title = own_title(scan.fields.get("title", "")) or (first_heading(text, blocks) if marks.headed else "")
    date = own_date(scan.fields.get("date", ""))
    author = own_author(scan.fields.get("author", ""))
    return Document(text, blocks, title=title, date=date, author=author, encoding=encoding, markup=marks.name)


def markdown_blocks(text: str) -> Document:
    """Markdown that is a part of another document."""
    return Document(text, tuple(_Scan(text, MARKDOWN).run().blocks))


def _lines(text: str) -> Iterator[tuple[int, int, bool]]:
    """(first character that is no space, end without spaces, whether there is nothing) of each line; of empty ones in a row the first."""
    at, blank = 0, False
    for line in text.split("\n"):
        body = line.strip("\r \t\ufeff\v\f")
        if body or not blank:
            start = at + line.find(body) if body else at
            yield start, start + len(body), not body
        at, blank = at + len(line) + 1, not body


def _bar_cells(row: str) -> list[str]:
    return [cell.strip() for cell in _BAR.split(row.removeprefix("|").removesuffix("|"))]


class _Scan:
    """One pass over the lines; a paragraph or an item stays open until a line that does not continue it."""

    def __init__(self, text: str, marks: Marks) -> None:
        self.text = text
        self.marks = marks
        self.outline = Outline()
        self.fields: dict[str, str] = {}
        self._open: tuple[int, int] | None = None
        self._depth = -1
        """Of the open item; -1 for a paragraph."""
        self._rows: list[tuple[int, int]] = []
        self._header = -1

    def run(self) -> Outline:
        code: tuple[int, int] | None = None
        closing = ""
        skip = self._front()
        previous_end = 0
        for start, end, blank in _lines(self.text):
            if start < skip:
                continue
            line = self.text[start:end]
            indent = start - self.text.rfind("\n", previous_end, start) - 1
            previous_end = end
            if code is not None:
                if (closing and line.lower().startswith(closing)) or (not closing and not blank and not indent):
                    self._code(code)
                    code = None
                    if closing:
                        continue
                else:
                    code = (code[0], end) if not blank and code[1] else (start, end) if not blank else code
                    continue
            if blank:
                self._close()
            elif fence := self.marks.fence.match(line):
                self._close()
                closing = self.marks.close or fence[1]
                code = (0, 0)
            elif not self._line(start, end, line, indent):
                self._open = (self._open[0] if self._open else start, end)
        if code is not None:
            self._code(code)
        self._close()
        return self.outline

    def _line(self, start: int, end: int, line: str, indent: int) -> bool:
        """Whether the line is something by itself, and no part of a paragraph."""
        marks = self.marks
        if field := marks.field.match(line):
            self.fields.setdefault(field[1].lower().removeprefix("rev"), field[2])
        if heading := marks.heading.match(line):
            self._close()
            level = len(heading[1]) if heading[1][0] not in ".[" else 1 if heading[1] != ".SS" else 2
            self.outline.add(start, end, "heading", level)
            return True
        if self._is_underline(line):
            level = marks.underlines.index(line[0]) + 1
            (first, last), self._open = self._open, None  # type: ignore[misc]
            self.outline.add(first, last, "heading", level)
            return True
        if marks.comment.match(line):
            self._close()
            self.outline.add(start, end, "furniture")
            return True
        if marks.rule.fullmatch(line) and (self._rows or self._open_is_row() or (marks is not MARKDOWN and line[0] in "+|")):
            if not self._rows:
                self._close()
            elif self._header < 0 and (marks in (MARKDOWN, ORG) or "=" in line):
                self._header = len(self._rows) - 1
            return True
        if marks.row.fullmatch(line) and (line[0] == "|" or self._rows) and not (self._open and self._depth < 0):
            if not self._rows:
                self._close()
            self._rows.append((start, end))
            return True
        if self._rows:
            self._close()
        if marks.item.match(line):
            self._close()
            self._open, self._depth = (start, end), indent // 2
            return True
        if (marks is SETTINGS and _SETTING.fullmatch(line)) or (not self._open and LABEL.fullmatch(line) and len(line) <= 120):
            self._close()
            self.outline.add(start, end, "label")
            return True
        if marks is SETTINGS:
            self._close()
        return False

    def _is_underline(self, line: str) -> bool:
        if not self._open or self._depth >= 0 or len(line) < 2 or line[0] not in self.marks.underlines:
            return False
        above = self._open[1] - self._open[0]
        return line == line[0] * len(line) and above <= 120 and len(line) * 2 >= above

    def _open_is_row(self) -> bool:
        """Whether the open paragraph was the header row of a table without outer bars."""
        if (
            not self._open
            or self._open[1] - self._open[0] > _ROW_CHARS
            or "|" not in self.text[slice(*self._open)]
            or "\n" in self.text[slice(*self._open)]
        ):
            return False
        self._rows, self._open = [self._open], None
        return True

    def _code(self, span: tuple[int, int]) -> None:
        if span[1]:
            self.outline.add(*span, "code")

    def _close(self) -> None:
        if self._rows:
            header = -1
            if self._header >= 0 or self.marks is ASCIIDOC:
                header = lowest_header([_bar_cells(self.text[slice(*row)]) for row in self._rows[:_HEAD_ROWS]], 0)
            self.outline.table()
            for number, row in enumerate(self._rows):
                self.outline.row(*row, header=number == header)
            self._rows, self._header = [], -1
        if self._open:
            if self._depth >= 0:
                self.outline.item(*self._open, self._depth)
            elif self.marks is MARKDOWN and (found := _HTML_HEADING.fullmatch(self.text, *self._open)):
                self.outline.add(*found.span(2), "heading", int(found[1]))
            else:
                self.outline.add(*self._open)
        self._open, self._depth = None, -1

    def _front(self) -> int:
        """Read the front matter, and say where the text begins after it."""
        front = FRONT_MATTER.match(self.text)
        if not front:
            return 0
        self.fields |= front_matter(self.text)
        at = front.start(2)
        for start, end, blank in _lines(front[2]):
            if not blank:
                self.outline.add(at + start, at + end, "label")
        return front.end()
