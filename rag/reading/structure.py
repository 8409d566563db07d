"""What the blocks of a file make of a place in it: the list, the row of a table or the label that it stands in.

Pure functions of a question, a `Document` and a place in its text; every result is a stretch of the document's own characters.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from rag.formats.document import CELL, Block, Document
from rag.formats.plain import COLUMN_GAP, ITEM
from rag.questions import Question
from rag.reading.spans import Place
from rag.text.terms import terms_of

_BAR = re.compile(r"(?<!\\)\|")
_NUMBERED = re.compile(r"(?:\W*step\s+|[(（第])?(\d{1,3})(?:[.)、:：）]|步)\s*", re.IGNORECASE)
_STEPS = re.compile(r"\b(?:steps|procedure|instructions|how to)\b|步骤|流程|方法", re.IGNORECASE)
_LABELLED = re.compile(r"[^:：=]{1,80}?[ \t]*[:：=][ \t\u3000]*(?=\S)")
_PIECES = re.compile(r"[,;，；、。]|[.!?] ")
_HEADER_ROWS = 3
"""One above the other, that name a table's columns together."""
_MAX_ITEMS = 40
_MAX_LIST_CHARS = 6_000
_BETWEEN_STEPS = 6
"""Blocks that may stand between two numbered steps: code, notes, pictures' captions."""


@dataclass(frozen=True)
class Shape:
    """What to show of a place that stands in a list, a row or a label."""

    quote: Place
    """The whole row, the label with its value, or the list with its lead-in."""
    header: Place | None = None
    """The header row of the row's table."""
    short: Place | None = None
    items: tuple[Place, ...] = ()


@dataclass(frozen=True)
class Table:
    """The rows below one header row; `cells` are those of each row, `header` the header's, both as many as stand there."""

    rows: tuple[Block, ...]
    cells: tuple[tuple[Place, ...], ...]
    header: tuple[Place, ...]


def shape(question: Question, document: Document, start: int, end: int) -> Shape | None:
    """What the block around `start`:`end` makes of it; None where it is prose."""
    at = block_at(document, start)
    if at is None:
        return None
    block = document.blocks[at]
    if listed := _list_shape(question, document, at, end):
        return listed
    if block.kind == "row":
        return _row_shape(question, document, at, start, end)
    if block.kind == "label" and end <= block.end:
        return _label_shape(document.text, block, start, end)
    if block.kind == "item" and end <= block.end:
        return Shape((block.start, block.end), short=(max(start, _without_mark(document.text, block)[0]), end))
    return None


def block_at(document: Document, start: int) -> int | None:
    """The index of the block that the character stands in."""
    at = bisect_right(document.blocks, start, key=lambda block: block.start) - 1
    return at if at >= 0 and start < document.blocks[at].end else None


# Rows


def table_at(document: Document, at: int) -> Table:
    """The table of the row that is block `at`."""
    blocks, own = document.blocks, document.blocks[at]
    first, last = at, at
    while first and blocks[first - 1].group == own.group and blocks[first - 1].kind in ("row", "caption"):
        first -= 1
    while last + 1 < len(blocks) and blocks[last + 1].group == own.group and blocks[last + 1].kind == "row":
        last += 1
    rows = [block for block in blocks[first : last + 1] if block.kind == "row"]
    bordered = all(document.text[row.start] == "|" for row in rows)
    context = (
        own.context if own.context[1] else next((row.context for row in rows if row.context == (own.start, own.end)), (0, 0))
    )
    below = tuple(row for row in rows if row.context == context and (row.start, row.end) != context)
    header = _column_names(document, context, bordered=bordered) if context[1] else ()
    return Table(below, tuple(cells(document.text, (row.start, row.end), bordered=bordered) for row in below), header)


def _column_names(document: Document, header: Place, *, bordered: bool | None) -> tuple[Place, ...]:
    """The name of each column: its cell in the fullest of the header row and the rows above it, where that is empty in the next."""
    text, blocks, at = document.text, document.blocks, block_at(document, header[0])
    levels = [cells(text, header, bordered=bordered)]
    while at and blocks[at - 1].kind == "row" and blocks[at - 1].group == blocks[at].group and len(levels) < _HEADER_ROWS:
        at -= 1
        levels.append(cells(text, (blocks[at].start, blocks[at].end), bordered=bordered))
    levels.sort(key=lambda level: -sum(start < end for start, end in level))
    named = [[level[column] for level in levels if column < len(level)] for column in range(max(map(len, levels)))]
    return tuple(next((cell for cell in column if cell[0] < cell[1]), column[0]) for column in named)


def said_of_table(document: Document, at: int) -> str:
    """The heading above the table of the row that is block `at`, its caption and the paragraph before it."""
    blocks = document.blocks
    first = at
    while first and blocks[first].kind in ("row", "caption") and blocks[first].group == blocks[at].group:
        first -= 1
    said = [_heading(blocks, at), blocks[first] if blocks[first].kind in ("paragraph", "caption") else None]
    said += [block for block in blocks[first:at] if block.kind == "caption"]
    return "\n".join(document.text[block.start : block.end] for block in said if block)


def cells(text: str, row: Place, *, bordered: bool | None = None) -> tuple[Place, ...]:
    """Where each cell of a row stands, empty ones too, without the space around it.

    Cells are told by CELL, by a bar, a tab or two spaces, whichever the row has; `bordered` says whether a bar at the row's
    beginning is the table's edge, else it is where the row ends in one too.
    """
    line = text[slice(*row)]
    if bordered is None:
        bordered = line.startswith("|") and line.endswith("|")
    begin = len("|") if bordered else 0
    stop = len(line) - (bordered and len(line) > 1 and line.endswith("|") and not line.endswith("\\|"))
    if bordered or (_BAR.search(line) and CELL not in line):
        cuts = [match.span() for match in _BAR.finditer(line, begin, stop)]
    elif CELL in line:
        line = line if not line.startswith(CELL.lstrip()) else " " + line[1:]
        leading = [(0, len(CELL.lstrip()))] if text.startswith(CELL.lstrip(), row[0]) else []
        cuts = leading + [match.span() for match in re.finditer(re.escape(CELL), line)]
    else:
        cuts = [match.span() for match in COLUMN_GAP.finditer(line)]
    edges = [begin, *(edge for cut in cuts for edge in cut), stop]
    return tuple(_trimmed(text, row[0] + first, row[0] + last) for first, last in zip(edges[::2], edges[1::2]))


def _trimmed(text: str, start: int, end: int) -> Place:
    inside = text[start:end]
    first = start + len(inside) - len(inside.lstrip())
    return first, max(first, start + len(inside.rstrip()))


def _row_shape(question: Question, document: Document, at: int, start: int, end: int) -> Shape:
    text, row = document.text, document.blocks[at]
    quote, header = (row.start, row.end), row.context if row.context[1] else None
    bordered = text[row.start] == text[header[0]] == "|" if header else None
    names = _column_names(document, header, bordered=bordered) if header else ()
    return Shape(quote, header, _cell(question, text, cells(text, quote, bordered=bordered), names, start, end))


def _cell(question: Question, text: str, row: Sequence[Place], header: Sequence[Place], start: int, end: int) -> Place | None:
    """The cell that answers: of the row that the question names the one whose header it names, else what the span has of one cell."""
    known = [_asked(question, text, cell) for cell in row]
    named = _named_column(question, text, header, known) if any(known) else None
    if named is not None:
        cell = row[named]
        inside = cell[0] <= start and end <= cell[1]
        return (start, end) if inside else cell if cell[0] < cell[1] else None
    touched = [cell for cell in row if max(start, cell[0]) < min(end, cell[1])]
    if len(touched) == 1:
        return max(start, touched[0][0]), min(end, touched[0][1])
    unknown = [cell for cell in touched if not _asked(question, text, cell)]
    if len(touched) == len(row) > 2 or not unknown:
        return None
    return max(unknown, key=lambda cell: min(end, cell[1]) - max(start, cell[0]))


def _named_column(question: Question, text: str, header: Sequence[Place], known: Sequence[bool]) -> int | None:
    """The one column whose header cell the question names most fully, of those whose cell it does not name; None where none or
    several are."""
    asked = frozenset(question.terms)
    fits = {}
    for column, (cell, given) in enumerate(zip(header, known)):
        terms = content(text[slice(*cell)])
        if terms & asked and not given:
            fits[column] = (bool(terms & question.kind_terms), len(terms & asked), -len(terms - asked))
    best = [column for column, fit in fits.items() if fit == max(fits.values())]
    return best[0] if len(best) == 1 else None


def content(text: str) -> frozenset[str]:
    """Index terms of `text`; of Chinese the pairs, and a character that stands alone."""
    terms = terms_of(text)
    pairs = "".join(term for term in terms if len(term) == 2 and term[0] > "\u2e80")
    return frozenset(term for term in terms if not (len(term) == 1 and term[0] > "\u2e80" and term in pairs))


def _asked(question: Question, text: str, cell: Place) -> bool:
    """Whether the question names what stands in a cell."""
    return bool(content(text[slice(*cell)]) & frozenset(question.terms))


# Labels


def labelled(text: str, block: Block) -> tuple[str, Place] | None:
    """The label of a line, and where its value stands, without quotation marks; None where it has none."""
    label = _LABELLED.match(text, block.start, block.end)
    if not label:
        return None
    start, end = label.end(), block.end
    if text[start] == text[end - 1] and text[start] in "\"'" and end - start > 2:
        start, end = start + 1, end - 1
    return label[0].rstrip(" \t\u3000:：="), (start, end)


def _label_shape(text: str, block: Block, start: int, end: int) -> Shape:
    """A span that touches the label, or lies in a value that is one piece, becomes the value; one of several pieces stays."""
    quote = (block.start, block.end)
    found = labelled(text, block)
    if not found:
        return Shape(quote, short=(start, end))
    value = found[1]
    inside = value[0] <= start and end <= value[1]
    return Shape(quote, short=(start, end) if inside and _PIECES.search(text, *value) else value)


# Lists


def _list_shape(question: Question, document: Document, at: int, end: int) -> Shape | None:
    """All items of the list that block `at` stands in or leads into, where the question asks for several things or for steps."""
    if not (question.asks_several or question.may_ask_several or question.asks_steps):
        return None
    blocks, text = document.blocks, document.text
    item = _first_item(text, blocks, at)
    if item is None:
        return None
    members = _members(text, blocks, item)
    lead = _lead_in(blocks, members[0])
    leading = "\n".join(text[block.start : block.end] for block in (lead, _heading(blocks, members[0])) if block)
    own = text[blocks[at].start : blocks[at].end] if item == at and end <= blocks[at].end else ""
    if question.asks_steps and (_is_ordered(text, [blocks[member] for member in members]) or _STEPS.search(leading)):
        meant = _meets(question, leading) > 0
    else:
        meant = (question.asks_several or question.may_ask_several) and (
            not own or _meets(question, leading) > _meets(question, own)
        )
    first, last = blocks[members[0]].start, _end_of(blocks, members[-1])
    if lead and all(block.kind == "furniture" for block in blocks[blocks.index(lead) + 1 : members[0]]):
        first = lead.start
    whole = question.items in (None, len(members)) and 2 <= len(members) <= _MAX_ITEMS and last - first <= _MAX_LIST_CHARS
    return Shape((first, last), items=tuple(_without_mark(text, blocks[m]) for m in members)) if meant and whole else None


def _meets(question: Question, text: str) -> int:
    """How many of the question's terms stand in `text`."""
    return len(frozenset(question.terms) & terms_of(text))


def _is_ordered(text: str, items: Sequence[Block]) -> bool:
    """Whether the items are numbered, one after the other."""
    numbers = [_number(text, item) for item in items]
    return numbers[0] is not None and numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def _first_item(text: str, blocks: Sequence[Block], at: int) -> int | None:
    """The item that block `at` is, or the first one of the list that it leads into; a heading leads over a lead-in, too."""
    block = blocks[at]
    below = blocks[at + 1 : at + 3]
    introduces = text[block.end - 1] in ":："
    if block.kind == "item":
        return at + 1 if introduces and below and below[0].kind == "item" and below[0].level > block.level else at
    if block.kind == "heading" and len(below) == 2 and below[0].kind == "paragraph" and text[below[0].end - 1] in ":：":
        at, below = at + 1, below[1:]
    leads = (introduces or block.kind == "heading") and below and below[0].kind == "item"
    return at + 1 if leads else None


def _members(text: str, blocks: Sequence[Block], at: int) -> list[int]:
    """The items of one list at the level of item `at`, in order; numbered ones also where other blocks stand between."""
    found = _siblings(blocks, at)
    for step in (-1, 1):
        while (edge := _number(text, blocks[found[0 if step < 0 else -1]])) is not None and len(found) <= _MAX_ITEMS:
            following = _next_item(blocks, found[0 if step < 0 else -1], step)
            if following is None or _number(text, blocks[following]) != edge + step:
                break
            more = _siblings(blocks, following)
            found = more + found if step < 0 else found + more
    return found


def _siblings(blocks: Sequence[Block], at: int) -> list[int]:
    own, found = blocks[at], [at]
    for step in (-1, 1):
        near = at + step
        while 0 <= near < len(blocks) and blocks[near].kind == "item" and _same_list(own, blocks[near]):
            found += [near] if blocks[near].level == own.level else []
            near += step
    return sorted(found)


def _same_list(own: Block, other: Block) -> bool:
    return other.group == own.group and other.level >= own.level


def _next_item(blocks: Sequence[Block], at: int, step: int) -> int | None:
    """The next item of the same level, behind few blocks that are no heading and belong to no table."""
    for near in range(at + step, at + step * (_BETWEEN_STEPS + 1), step):
        if not 0 <= near < len(blocks) or blocks[near].kind in ("heading", "row"):
            return None
        if blocks[near].kind == "item" and blocks[near].level <= blocks[at].level:
            return near if blocks[near].level == blocks[at].level else None
    return None


def _lead_in(blocks: Sequence[Block], at: int) -> Block | None:
    """What leads into the list whose first item is block `at`: of a nested list the item above, else the block before."""
    own = blocks[at]
    if at and blocks[at - 1].kind == "item" and blocks[at - 1].level < own.level:
        return blocks[at - 1]
    before = range(max(0, at - 3), at)
    return next((blocks[near] for near in before if (blocks[near].start, blocks[near].end) == own.context), None)


def _heading(blocks: Sequence[Block], at: int) -> Block | None:
    return next((blocks[near] for near in range(at - 1, -1, -1) if blocks[near].kind == "heading"), None)


def _end_of(blocks: Sequence[Block], at: int) -> int:
    """Where an item ends with the items below it."""
    last = at
    while last + 1 < len(blocks) and blocks[last + 1].kind == "item" and blocks[last + 1].level > blocks[at].level:
        if blocks[last + 1].group != blocks[at].group:
            break
        last += 1
    return blocks[last].end


def _number(text: str, block: Block) -> int | None:
    found = _NUMBERED.match(text, block.start, block.end)
    return int(found[1]) if found else None


def _without_mark(text: str, block: Block) -> Place:
    mark = _NUMBERED.match(text, block.start, block.end) or ITEM.match(text, block.start, block.end)
    start = mark.end() if mark and mark.end() < block.end else block.start
    return start, block.end
