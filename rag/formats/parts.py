"""A document → the parts that a person sees: headings, lists, tables of cells, and which characters are only a format's marks.

Every character of the text is in one part, the white space and the marks between two blocks in the one before them.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import groupby, pairwise

from rag.answers import HIDDEN, Part, Span, Style
from rag.formats.document import Block, Document
from rag.formats.plain import COLUMN_GAP, ITEM

FLOWING = ("markdown", "rest", "asciidoc", "org")
"""Markup in which a line's end within a paragraph is no more than a space."""
MAX_CELLS = 100
"""Of one row; the rest of a longer one is its last cell."""
_BAR = re.compile(r"(?:(?<![ \t])[ \t]+)?(?<!\\)\|[ \t]*")
_CELL = re.compile(r"(?:^| )\| ")
_HEADING = re.compile(r"(?:[#=*]{1,8}|\.S[HS])[ \t]+")
_HEADING_END = re.compile(r"(?<![ \t])[ \t]+[#=]+$")
_BULLET = re.compile(r"[-*+•]{1,5}[ \t]+")
_LINK = re.compile(r"(?<!\\)(!?\[)([^\[\]]{1,300})(\])(\([^()]{0,500}(?:\([^()]{0,100}\)[^()]{0,100})?\)|\[[^\[\]]{1,100}\])")
_INLINE = (
    (re.compile(r"(?<![`\\])(`{1,3})(?!`)(.{1,500}?)(?<!`)(\1)(?!`)", re.DOTALL), HIDDEN, "code", HIDDEN),
    (_LINK, HIDDEN, "", HIDDEN, "address"),
    (_LINK, HIDDEN, "", HIDDEN, "address"),  # once more: a picture may be a link's text
    (re.compile(r"(?<!\\)(\*\*|__)(?=[^\s*_])(.{1,300}?)(?<=[^\s\\])(\1)", re.DOTALL), HIDDEN, "bold", HIDDEN),
    (
        re.compile(r"(?<![A-Za-z0-9*_\\])([*_])(?=[^\s*_])(.{1,300}?)(?<=[^\s*_\\])(\1)(?![A-Za-z0-9*_])", re.DOTALL),
        HIDDEN,
        "italic",
        HIDDEN,
    ),
    (re.compile(r"(\\)(?=[!-/:-@\[-`{-~])"), HIDDEN),
)
"""What Markdown marks within a line: a pattern whose groups join to the whole match, and how each of them looks."""


def parts_between(document: Document, first: int, last: int) -> list[Part]:
    """The parts that the characters `first`:`last` lie in; the whole text is one where its reader tells no blocks."""
    blocks = document.blocks
    if not blocks:
        return [Part(0, len(document.text), "paragraph")]
    low = max(bisect_right(blocks, first, key=lambda block: block.start) - 1, 0)
    high = max(bisect_left(blocks, last, key=lambda block: block.start), low + 1)
    headers = {block.context for block in blocks[low : high + 1] if block.kind == "row"}
    starts = [_begins(document.text, blocks, at) for at in range(low, high)]
    ends = [*starts[1:], _begins(document.text, blocks, high) if high < len(blocks) else len(document.text)]
    parts: list[Part] = []
    for (kind, group), run in groupby(zip(blocks[low:high], starts, ends), key=lambda each: (each[0].kind, each[0].group)):
        if kind == "row":
            parts += _rows(document, list(run), headers, group)
        else:
            parts += [_part(document, *each) for each in run]
    return parts


def _begins(text: str, blocks: Sequence[Block], at: int) -> int:
    """Where the part of a block begins: with its line, or right after the block before it."""
    if at == 0:
        return 0
    start, before = blocks[at].start, blocks[at - 1].end
    line = text.rfind("\n", before, start) + 1
    return line if line and not text[line:start].strip() else start


def _part(document: Document, block: Block, start: int, end: int) -> Part:
    text, styles, kind = document.text, list(_around(document.text, block, start, end)), str(block.kind)
    body = block.start
    if kind == "item":
        bullet = _BULLET.match(text, block.start, block.end) if document.markup else None
        if bullet:
            styles.append((block.start, body := bullet.end(), HIDDEN))
        elif ITEM.match(text, block.start, block.end):
            kind = "numbered"
    if kind == "heading" and document.markup:
        if sign := _HEADING.match(text, block.start, block.end):
            styles.append((block.start, body := sign.end(), HIDDEN))
        if sign := _HEADING_END.search(text, body, block.end):
            styles.append((*sign.span(), HIDDEN))
    if document.markup == "markdown" and kind != "code":
        styles += _inline(text, body, block.end)
    return Part(start, end, kind, block.level, block.group, styles=tuple(styles))


def _around(text: str, block: Block, start: int, end: int) -> Iterator[Style]:
    """The marks before and after a block, such as what opens and closes code."""
    for a, b in ((start, block.start), (block.end, end)):
        if text[a:b].strip():
            yield a, b, HIDDEN


def _rows(document: Document, rows: Sequence[tuple[Block, int, int]], headers: set[Span], group: int) -> Iterator[Part]:
    """Rows of one table. Where all begin with a bar, bars go round their cells; else they stand between them."""
    text = document.text
    barred = all(text[block.start] == "|" for block, _, _ in rows)
    lines = [text[block.start : block.end] for block, _, _ in rows]
    if barred:
        between = _BAR
    elif any(" | " in line for line in lines):
        between = _CELL
    else:
        between = _BAR if any("|" in line for line in lines) else COLUMN_GAP
    for (block, start, end), line in zip(rows, lines):
        gaps = [(block.start + found.start(), block.start + found.end()) for found in between.finditer(line)]
        styles: list[Style] = [
            (a, b, HIDDEN) for a, b in [(start, block.start), *gaps[: MAX_CELLS + 1], (block.end, end)] if a < b
        ]
        if barred:
            gaps = gaps[1:-1] if gaps[-1][1] == block.end else gaps[1:]
        borders = [start, *(b for _, b in gaps[: MAX_CELLS - 1]), end]
        if document.markup == "markdown":
            styles += _inline(text, block.start, block.end)
        kind = "header" if (block.start, block.end) in headers else "row"
        yield Part(start, end, kind, 0, group, tuple(pairwise(borders)), block.context, tuple(styles))


def _inline(text: str, start: int, end: int) -> Iterator[Style]:
    """Markdown's code, links, bold and italic words; what one of them is made of is no mark of another."""
    line = text[start:end]
    for pattern, *kinds in _INLINE:
        for found in pattern.finditer(line):
            yield from ((start + found.start(n), start + found.end(n), kind) for n, kind in enumerate(kinds, start=1) if kind)
        line = pattern.sub(partial(_masked, kinds), line)


def _masked(kinds: Sequence[str], found: re.Match[str]) -> str:
    """The words of bold and italic text and of links; for all else as many characters of no meaning."""
    return "".join(part if kind in ("", "bold", "italic") else "\0" * len(part) for part, kind in zip(found.groups(), kinds))
