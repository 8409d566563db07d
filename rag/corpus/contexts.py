"""What stands above a chunk: blocks → units that know their headings and lead-ins, and the lines that go before a chunk's text.

A context's lines are the document (its title, its path where that says more, its date), the headings above, outermost first, and the
lead-in and header row that the chunk's first block is read with. The document is metadata; the others are exact stretches of the file.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile
from pathlib import PurePosixPath
from typing import NamedTuple

from tokenizers import Tokenizer

from rag.formats.document import Block, heading_words
from rag.text.scripts import WORD
from rag.text.sentences import split_sentences

Span = tuple[int, int]
_QUESTION = 100
"""The level of a question as a heading: below all others."""
_QUESTION_CHARS = 200
_LEAD_CHARS = 300
_LINE_CHARS = 1_000
_CAPTIONS = 3
"""Captions or header rows, one above the other."""
_LEAST_TOKENS = 4
"""A line is not cut to less."""
_ASKS = re.compile(r"[^\"“‘'「『«„].*[?？][*_\"'”’)）」』]*", re.DOTALL)
_ANSWERS = ("paragraph", "item", "label", "code", "row", "caption")


class Unit(NamedTuple):
    """A block of the body, or a question that begins one, and what stands above it."""

    start: int
    end: int
    kind: str
    """As in `rag.formats.document`, or "question"."""
    level: int = 0
    """Of a heading or question its own, of others that of the nearest one above."""
    headings: tuple[Span, ...] = ()
    """Those above it, outermost first, without marks."""
    leads: tuple[Span, ...] = ()
    """The lead-in of its list, table or code, and the items or the header row above it."""
    group: int = 0
    """Which list, table or code it belongs to; 0 for none."""

    @property
    def whole(self) -> int:
        """The list or code that it is best not parted from; 0 for none."""
        return self.group if self.kind in ("item", "code") else 0


def structure(text: str, blocks: Sequence[Block]) -> list[Unit]:
    """The units of a document's blocks, in order."""
    units: list[Unit] = []
    above: list[tuple[int, Span]] = []
    headings: tuple[Span, ...] = ()
    items: list[tuple[int, Span]] = []
    lead_ins: dict[int, tuple[Span, ...]] = {}
    upper: list[Span] = []
    for at, block in enumerate(blocks):
        question = _question(text, block, blocks[at + 1] if at + 1 < len(blocks) else None)
        if block.kind == "heading" or question:
            start, end = question or (block.start, block.end)
            level = _QUESTION if question else max(block.level, 1)
            above = [(depth, span) for depth, span in above if depth < level]
            headings = tuple(span for _, span in above)
            units.append(Unit(start, end, "question" if question else "heading", level, headings))
            above.append((level, heading_words(text, start, end)))
            headings = (*headings, above[-1][1])
            if end == block.end:
                continue
            rest = text[end : block.end]
            block = block._replace(start=block.end - len(rest.lstrip()), kind="paragraph", group=0, context=(0, 0))
        group = -1 - block.start if block.kind == "code" else block.group
        if group and group not in lead_ins:
            items, upper = [], []
            lead_ins[group] = _lead_in(text, block, blocks[max(at - _CAPTIONS, 0) : at])
        inner: tuple[Span, ...] = ()
        if block.kind == "item":
            items = [(depth, span) for depth, span in items if depth < block.level]
            inner = tuple(span for _, span in items)
            items.append((block.level, (block.start, min(block.end, block.start + _LEAD_CHARS))))
        elif block.context[1]:
            inner = (*(span for span in upper if span[1] <= block.context[0]), block.context)
        elif block.kind == "row" and len(upper) < _CAPTIONS:
            upper.append((block.start, block.end))
        units.append(
            Unit(
                block.start,
                block.end,
                block.kind,
                above[-1][0] if above else 0,
                headings,
                (*lead_ins[group], *inner) if group else (),
                group,
            )
        )
    return units


def _question(text: str, block: Block, following: Block | None) -> Span | None:
    """The question that a block is, or that its first line is, where an answer follows; nobody's speech."""
    if block.kind not in ("paragraph", "item", "label"):
        return None
    end = text.find("\n", block.start, block.end)
    end = block.end if end < 0 else end
    line = text[block.start : end].rstrip()
    asked = line.lstrip("#*_> ")
    if len(line) > _QUESTION_CHARS or asked[:1].islower() or not _ASKS.fullmatch(asked):
        return None
    if end == block.end:
        inside = following is not None and block.kind == "item" == following.kind
        if (
            following is None
            or inside
            or following.kind not in _ANSWERS
            or _ASKS.fullmatch(text[following.start : following.end])
        ):
            return None
    start, end = block.start, block.start + len(line)
    return (start, end) if all(_ASKS.fullmatch(text[slice(*each)]) for each in split_sentences(text, start, end)) else None


def _lead_in(text: str, block: Block, before: Sequence[Block]) -> tuple[Span, ...]:
    """The captions before the first block of a list, a table or code, or the paragraph that leads in."""
    last = before[-1] if before else None
    if last and last.kind == "paragraph" and last.end - last.start <= _LEAD_CHARS:
        span = (last.start, last.end)
        return (span,) if block.context == span or text[last.end - 1] in ":：" else ()
    captions = list(takewhile(lambda each: each.kind == "caption" and each.end - each.start <= _LEAD_CHARS, reversed(before)))
    return tuple((each.start, each.end) for each in reversed(captions))


class ContextMaker:
    """Makes the contexts of one document's chunks, of at most `tokens` of the tokenizer. Where room is short, what is nearest stays:
    first the document is cut, then the outer headings."""

    def __init__(self, tokenizer: Tokenizer, tokens: int, text: str, title: str, source: str, date: str) -> None:
        self._tokenizer = tokenizer
        self._tokens = tokens
        self._text = text
        self._title = _folded(title)
        named = _named(title, source)
        tries = dict.fromkeys((" · ".join(filter(None, (*named, date))), " · ".join(filter(None, (named[0], date)))))
        self._documents = [(line, self._count(line)) for line in tries if line]
        self._name, self._date = named[0], date
        self._made: dict[tuple[tuple[Span, ...], tuple[Span, ...]], tuple[str, tuple[Span, ...]]] = {}

    def context(self, unit: Unit) -> tuple[str, tuple[Span, ...]]:
        """The context of a chunk that begins in `unit`: its lines, and the stretches of the file in them."""
        above = (unit.headings, unit.leads)
        if above not in self._made:
            self._made[above] = self._lines(*above)
        return self._made[above]

    def _lines(self, headings: Sequence[Span], leads: Sequence[Span]) -> tuple[str, tuple[Span, ...]]:
        named = [span for span in headings if _folded(self._text[slice(*span)]) == self._title]
        headings = [span for span in headings if span not in named]
        room = self._tokens
        kept: list[Span] = []
        for span, most in [*((h, room // 2) for h in headings[-1:]), *((s, room) for s in reversed(leads)), *((h, room) for h in reversed(headings[:-1]))]:  # fmt: skip
            if cut := self._cut(span, min(room, most)):
                kept.append(cut[0])
                room -= cut[1]
        kept.sort()
        document = self._document(room)
        spans = sorted([*kept, *(named[:1] if document else [])])
        return "\n".join(filter(None, (document, *(_line(self._text, span) for span in kept)))), tuple(spans)

    def _document(self, room: int) -> str:
        """Title, path and date, with less of them where there is no room: first no path, then no more of the title than fits."""
        fitting = next((line for line, tokens in self._documents if tokens <= room), None)
        if fitting is not None or not self._documents:
            return fitting or ""
        name_room = room - (self._count(f" · {self._date}") if self._date else 0)
        if name_room < _LEAST_TOKENS:
            return ""
        offsets = self._tokenizer.encode(self._name, add_special_tokens=False).offsets
        return " · ".join(filter(None, (self._name[: offsets[name_room - 1][1]] if len(offsets) > name_room else self._name, self._date)))  # fmt: skip

    def _cut(self, span: Span, room: int) -> tuple[Span, int] | None:
        """As much of a stretch as there is room for, with its length in tokens and one for the line's end."""
        start, end = span[0], min(span[1], span[0] + _LINE_CHARS)
        offsets = self._tokenizer.encode(self._text[start:end], add_special_tokens=False).offsets
        if len(offsets) < room and len(offsets):
            return (start, end), len(offsets) + 1
        if room <= _LEAST_TOKENS:
            return None
        return (start, start + len(self._text[start : start + offsets[room - 2][1]].rstrip())), room

    def _count(self, line: str) -> int:
        return len(self._tokenizer.encode(line, add_special_tokens=False).ids) + 1


def _line(text: str, span: Span) -> str:
    return " ".join(text[slice(*span)].split())


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def _named(title: str, source: str) -> tuple[str, str]:
    """A document's title, and its path where that says more; the path alone where the title is but the file's name."""
    path = PurePosixPath(source)
    if _words(path.with_suffix("").as_posix()) <= _words(title):
        return title, ""
    return (source, "") if title == path.stem else (title, source)


def _words(text: str) -> set[str]:
    """The words and figures of a name; a single letter says nothing."""
    return {word.casefold() for word in WORD.findall(re.sub(r"[_./-]+", " ", text)) if len(word) > 1 or not word.isascii()}
