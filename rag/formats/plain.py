"""Plain text: its bytes, decoded and left as they are, with what can be told from its look: paragraphs from hard-wrapped lines,
headings, bullets, labels with values, and rows of aligned columns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise

from rag.formats.document import MAX_BLOCKS, Block, Document, Outline, Writer, check_blocks, header_row
from rag.formats.encodings import decode

_SPACE = " \t\f\v\r\u00a0\u1680\u2000-\u200b\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
LINE = re.compile(rf"[^\n\r{_SPACE}](?:[^\n\r]*[^\n\r{_SPACE}])?")
BULLET = re.compile(r"(?:[-*+•·▪◦>#|=~]|\d{1,3}[.)、]|[(（]?[a-zA-Z][.)）])\s")
ITEM = re.compile(r"(?:[-*+•·▪◦‣–●○■□◆\uf0a7\uf0b7]|\d{1,3}[.)、]|[(（](?:\d{1,2}|[a-zA-Z])[)）]|[a-zA-Z]\))[ \t\u3000]+(?=\S)")
"""Bullets of Word's symbol fonts are characters for private use."""
LABEL = re.compile(r"(?=[^\s:：]{1,40})[^\W\d_][^:：\n.!?。！？;；|]{0,39}[:：](?!//)[ \t\u3000]*(?=\S)[^\n]{1,200}")
_NUMBERED = re.compile(r"(?:(?:\d{1,2}\.)+\d{0,2}|(?:chapter|section|part|appendix) [\dIVXLC]+[.:]?|第[\d一二三四五六七八九十百]+[章节条])[ \t\u3000]*(?=\S)[^\n]{0,80}", re.IGNORECASE)  # fmt: skip
_COUNTED = re.compile(
    r"(?P<word>[^\W\d_]{1,20}|§{1,2})[ \t\u3000]*(?P<number>\d{1,4}(?:[.-]\d{1,4}){0,4}[a-z]?|[IVXLC]{1,7})[.:]?"
)
_LEAST_COUNTED = 3
_UNDERLINE = re.compile(r"[=\-~^*#]{3,}")
_CELLS_APART = re.compile(r"(?:\t| {3})\S")
COLUMN_GAP = re.compile(r"\t+| {2,}")
FRONT_MATTER = re.compile(r"\ufeff?(---|\+\+\+)[ \t]*\r?\n(.{0,20000}?)^\1[ \t]*\r?$", re.DOTALL | re.MULTILINE)
_FIELD = re.compile(r"^(title|date|author)[ \t]*[:=][ \t]*(\"[^\"\n]*|'[^'\n]*|[^\n\r]*)", re.IGNORECASE | re.MULTILINE)
_ENDS = re.compile(r"[.!?;,:。！？；，：]")
_MAY_BE_ITEM = re.compile(r"[-*+•·▪◦‣–●○■□◆\uf0a7\uf0b7(（\da-zA-Z]").match
_NARROW, _WIDE, _WRAPS = 30, 120, 3
"""Characters of the lines of a wrapped text at least and at most, and how many of its lines must clearly go on in the next."""
_HEADING_CHARS, _LABEL_CHARS = 100, 300
KEPT_EDGE = re.compile(
    r"^\W*(?:(?:written|edited|reported|compiled|translated|reviewed|posted|photographs?|photos?)?\s*\bby\s+\S"
    r"|(?:editors?|authors?|reporters?|writers?|sources?|photos?|images?|pictures?|illustrations?|credits?|captions?|"
    r"graphics?|videos?|editor['’]s note|note|correction|作者|编辑|来源|记者|责编|图|摄影|翻译)\s*[:：/])",
    re.IGNORECASE,
)
"""Bylines and credits, which are lines of their own."""


def read_plain(content: bytes) -> Document:
    text, encoding = decode(content)
    return Document(text, plain_blocks(text), encoding=encoding, declared=False)


def front_matter(text: str) -> dict[str, str]:
    """The title, date and author that stand between lines of dashes before a text."""
    front = FRONT_MATTER.match(text)
    return {name.lower(): value.strip("\"' \t") for name, value in _FIELD.findall(front[2])} if front else {}


def read_log(content: bytes) -> Document:
    """A log: every line for itself."""
    text, encoding = decode(content)
    return Document(text, tuple(Block(*match.span()) for match in LINE.finditer(text)), encoding=encoding)


def write_plain(writer: Writer, text: str) -> None:
    """Plain text as a part of another document."""
    writer.extend(Document(text, plain_blocks(text)))


def plain_blocks(text: str) -> tuple[Block, ...]:
    """The blocks of a text that declares none; lists with their lead-in, tables with their header row."""
    outline = Outline()
    spans = list(islice(paragraphs(text), MAX_BLOCKS + 1))
    check_blocks(len(spans))
    tables = dict(_tables(text, spans))
    counted = _counted(text, spans)
    at = 0
    while at < len(spans):
        if end := tables.get(at):
            _rows(outline, text, spans[at:end])
            at = end
            continue
        start, stop = spans[at]
        heading = counted.get(at) or _heading_level(text, spans, at)
        if heading:
            outline.add(start, stop, "heading", heading)
        elif _MAY_BE_ITEM(text[start]) and ITEM.match(text, start, stop):
            outline.item(start, stop)
        elif stop - start <= _LABEL_CHARS and LABEL.fullmatch(text, start, stop):
            outline.add(start, stop, "label")
        else:
            outline.add(start, stop)
        at += 1
    return tuple(outline.blocks)


def _counted(text: str, spans: Sequence[tuple[int, int]]) -> dict[int, int]:
    """The lines that are but a word and a number, each another one, with text below: "Article 1.2"; with their levels as headings."""
    found: dict[str, dict[str, int]] = {}
    lines = [_COUNTED.fullmatch(text, *span) if span[1] - span[0] <= _HEADING_CHARS else None for span in spans]
    for at, (line, below) in enumerate(pairwise(lines)):
        if line and not below:
            found.setdefault(line["word"], {})[line["number"]] = at
    kept = [numbers for numbers in found.values() if len(numbers) >= _LEAST_COUNTED]
    return {at: 1 + number.count(".") for numbers in kept for number, at in numbers.items()}


def _heading_level(text: str, spans: Sequence[tuple[int, int]], at: int) -> int:
    """Of a line that is underlined, or numbered like a chapter; 0 for a sentence and for one of a row of numbered items."""
    start, stop = spans[at]
    if stop - start > _HEADING_CHARS or _ENDS.match(text, stop - 1) or "\n" in text[start:stop]:
        return 0
    first, last = spans[at + 1] if at + 1 < len(spans) else (0, 0)
    if last - first >= 0.5 * (stop - start) and last - first <= _HEADING_CHARS and _UNDERLINE.fullmatch(text, first, last):
        return 1
    if text[start].isalnum() and _NUMBERED.fullmatch(text, start, stop) and not ITEM.match(text, first, last):
        return 1 + text[start:stop].split()[0].strip(".").count(".")
    return 0


def paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Spans of paragraphs: single lines, with hard-wrapped ones joined again."""
    runs: list[list[tuple[int, int]]] = []
    for match in LINE.finditer(text):
        if not runs or text.count("\n", runs[-1][-1][1], match.start()) != 1:
            runs.append([])
        runs[-1].append(match.span())
    known = _wrap_width(text, runs)
    for run in runs:
        yield from _joined(text, run, known)


def _wrap_width(text: str, runs: Sequence[Sequence[tuple[int, int]]]) -> int:
    """The width that the lines of the whole text were broken to fit: the longest of those that clearly go on; 0 where few do."""
    pairs = (pair for run in runs for pair in pairwise(run))
    on = (a for a, b in pairs if text[b[0]].islower() and not _ENDS.match(text, a[1] - 1))
    widths = sorted(width for start, end in on if _NARROW <= (width := end - start) <= _WIDE)
    return widths[-1] if len(widths) >= _WRAPS and widths[len(widths) // 2] >= 0.8 * widths[-1] else 0


def _joined(text: str, lines: Sequence[tuple[int, int]], known: int) -> Iterator[tuple[int, int]]:
    """Join lines that were broken to fit a width: the next line's first word would not have fitted. `known` is the whole text's
    width; where it is 0 these lines must tell."""
    width = max((end - start for start, end in lines), default=0)
    wrapped = _NARROW <= width <= _WIDE and len(lines) > 1
    if not wrapped:
        yield from lines
        return
    full = sum(end - start >= 0.8 * width for start, end in lines)
    merged = [lines[0]]
    for previous, line in pairwise(lines):
        following = text[slice(*line)]
        overflow = previous[1] - previous[0] + 1 + len(following.split(None, 1)[0]) >= 0.9 * width
        fills = 0 < known < previous[1] - previous[0] + 1 + len(following.split(None, 1)[0])
        continues = following[0].islower() or not following[0].isascii() or full >= 3 or fills
        if overflow and continues and not _stands_alone(text, previous, following, fills):
            merged[-1] = (merged[-1][0], line[1])
        else:
            merged.append(line)
    yield from merged


def _stands_alone(text: str, previous: tuple[int, int], following: str, fills: bool) -> bool:
    """Whether a line's look says that it does not go on with the one before, which it `fills` or not."""
    marked = BULLET.match(following) or (KEPT_EDGE.match(following) and not fills) or _CELLS_APART.search(following)
    return bool(marked or (LABEL.fullmatch(following) and LABEL.fullmatch(text, *previous)))


def _tables(text: str, spans: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """(first, past the last) of at least three neighbouring lines whose columns begin at the same places."""
    at = 0
    columns = [_columns(text, *span) for span in spans]
    while at < len(spans):
        end = at + 1
        while (
            end < len(spans) and columns[at] and len(columns[end]) == len(columns[at]) and _aligned(text, spans, columns, at, end)
        ):
            end += 1
        if end - at >= 3:
            yield at, end
        at = end


def _columns(text: str, start: int, end: int) -> list[int]:
    """Where the second and later columns of a line begin, counted from the line's start; tabs count as columns alone."""
    if end - start > 300 or "\n" in (line := text[start:end]):
        return []
    return [match.end() if match.group()[0] != "\t" else -1 for match in COLUMN_GAP.finditer(line)]


def _aligned(text: str, spans: Sequence[tuple[int, int]], columns: Sequence[list[int]], at: int, end: int) -> bool:
    close = text.count("\n", spans[end - 1][1], spans[end][0]) == 1
    return close and all(abs(a - b) <= 1 or min(a, b) < 0 for a, b in zip(columns[at], columns[end]))


def _rows(outline: Outline, text: str, spans: Sequence[tuple[int, int]]) -> None:
    cells = [COLUMN_GAP.split(text[slice(*span)]) for span in spans]
    header = header_row(cells)
    outline.table()
    for number, span in enumerate(spans):
        outline.row(*span, header=number == header)
