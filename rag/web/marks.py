"""A file's text and spans in it → the stretches that are drawn: a document with a quote marked, or with its chunks outlined.

White space and every other character are the file's: the stretches joined are its text, or what of it is shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

Span = tuple[int, int]
CLUTTER, CHUNK, SHARED, MARK = "clutter", "chunk", "shared", "mark"
"""Kinds of stretches: in no chunk, in one, in two that overlap; and the quote."""
_AROUND_CHARS = 100_000
"""Of a long document, what is shown before and after a mark."""


@dataclass(frozen=True)
class Stretch:
    """Characters of a file that are shown alike; as they are where `kind` is empty."""

    text: str
    kind: str = ""
    strong: str = ""
    """What stands out in a mark."""
    number: int = 0
    """Of the chunk that begins here; 0 where none does."""


@dataclass(frozen=True)
class Document:
    """A file's text, or the characters `first` to `last` of its `size`, as it is shown."""

    source: str
    place: str
    stretches: tuple[Stretch, ...]
    first: int
    last: int
    size: int

    @property
    def is_cut(self) -> bool:
        return (self.first, self.last) != (0, self.size)


def marked(text: str, cover: Sequence[Span], span: Span | None, strong: str, source: str, place: str) -> Document:
    """`span` marked and `strong` in it; what `cover` leaves out, being never evidence, is clutter."""
    first, last = 0, min(len(text), 2 * _AROUND_CHARS)
    if span:
        first, last = max(0, span[0] - _AROUND_CHARS), min(len(text), span[1] + _AROUND_CHARS)
    start, end = span or (last, last)
    mark = [Stretch(text[start:end], MARK, strong)] if span else []
    stretches = (*_greyed(text, first, start, cover), *mark, *_greyed(text, end, last, cover))
    return Document(source, place, stretches, first, last, len(text))


def outlined(text: str, chunks: Sequence[Span], source: str, place: str) -> Document:
    """Every character by how many of `chunks` hold it."""
    borders = sorted({0, len(text), *(border for chunk in chunks for border in chunk)})
    starts = {start: number for number, (start, _) in enumerate(chunks, start=1)}
    stretches = []
    for start, end in pairwise(borders):
        holding = sum(s <= start and end <= e for s, e in chunks)
        kind = CLUTTER if not holding else SHARED if holding > 1 else CHUNK
        stretches.append(Stretch(text[start:end], kind, number=starts.get(start, 0)))
    return Document(source, place, tuple(stretches), 0, len(text), len(text))


def merged(spans: Sequence[Span]) -> list[Span]:
    """Ordered spans, those that touch or overlap joined."""
    joined: list[Span] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _greyed(text: str, start: int, end: int, cover: Sequence[Span]) -> Iterator[Stretch]:
    """The characters start:end; those in no span of `cover` are clutter, white space between two spans is not."""
    at = start
    for a, b in cover:
        a, b = max(a, start), min(b, end)
        if a < b:
            yield from _clutter(text[at:a])
            yield Stretch(text[a:b])
            at = b
    yield from _clutter(text[at:end])


def _clutter(text: str) -> Iterator[Stretch]:
    if text:
        yield Stretch(text, CLUTTER if text.strip() else "")
