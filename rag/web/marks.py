"""A file's parts and spans in it → what is drawn: a document with a quote marked, or with its chunks outlined, or the quote alone.

Every character is the file's: the pieces joined are its text, or what of it is shown. Those that are only a format's marks are
among them, so that what a reader selects is what stands in the file.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from rag.answers import File, Part, Span, Style

CLUTTER, CHUNK, SHARED, MARK = "clutter", "chunk", "shared", "mark"
"""Kinds of stretches: in no chunk, in one, in two that overlap; and the quote."""
STRONG = "strong"
"""How what is looked for in a quote looks."""
_AROUND_CHARS = 100_000
"""Of a long document, what is shown before and after a mark."""
_PREVIEW_CHARS = 1_000_000
"""Of a long document, what a preview shows."""
_LISTS = {"item": "list", "numbered": "list", "row": "table", "header": "table"}

Run = tuple[int, int, str, int]
"""Characters start:end that are drawn alike, as what kind, and the number of the chunk that begins there (0: none does)."""


@dataclass(frozen=True)
class Piece:
    """Characters of a file in one look."""

    text: str
    look: str = ""
    """The styles that meet in it, with spaces between."""
    strong: bool = False


@dataclass(frozen=True)
class Stretch:
    """Pieces of one kind; plain where `kind` is empty."""

    pieces: tuple[Piece, ...]
    kind: str = ""
    number: int = 0
    """Of the chunk that begins here; 0 where none does."""


@dataclass(frozen=True)
class Node:
    """An element: a list of items, a table of rows of cells, or any part with its stretches."""

    kind: str
    level: int = 0
    inside: tuple[Node, ...] = ()
    stretches: tuple[Stretch, ...] = ()

    @property
    def text(self) -> str:
        """Its characters."""
        own = "".join(piece.text for stretch in self.stretches for piece in stretch.pieces)
        return own + "".join(node.text for node in self.inside)


@dataclass(frozen=True)
class Document:
    """A file, or the characters `first` to `last` of its `size`, as it is shown."""

    source: str
    place: str
    flows: bool
    nodes: tuple[Node, ...]
    first: int
    last: int
    size: int
    sha256: str
    paged: bool
    """Whether its pages can be shown too."""
    span: Span | None = None
    """Of the quote."""

    @property
    def is_cut(self) -> bool:
        return (self.first, self.last) != (0, self.size)


def marked(file: File, cover: Sequence[Span], span: Span | None, strong: str, place: str) -> Document:
    """`span` marked and `strong` in it; what `cover` leaves out, being never evidence, is clutter."""
    size = len(file.text)
    first, last = 0, min(size, 2 * _AROUND_CHARS)
    if span:
        first, last = max(0, span[0] - _AROUND_CHARS), min(size, span[1] + _AROUND_CHARS)
    start, end = span or (last, last)
    mark: list[Run] = [(start, end, MARK, 0)] if span else []
    runs = [*_greyed(file.text, first, start, cover), *mark, *_greyed(file.text, end, last, cover)]
    nodes = _nodes(file, first, last, runs, _strong(file.text, span or (0, 0), strong))
    return Document(file.source, place, file.flows, nodes, first, last, size, file.sha256, file.paged, span)


def quoted(file: File, span: Span, strong: str) -> tuple[Node, ...]:
    """The characters of `span` alone, `strong` in them; a table's rows under its header row."""
    start, end = span
    nodes = _nodes(file, start, end, [(start, end, "", 0)], _strong(file.text, span, strong))
    head = file.parts(start, end)[0].head
    if head[1] > head[0] and head[0] < start and nodes:
        (header,) = _nodes(file, *head, [(*head, "", 0)])
        return (Node("table", inside=(*header.inside, *nodes[0].inside)), *nodes[1:])
    return nodes


def outlined(file: File, chunks: Sequence[Span], place: str) -> Document:
    """Every character by how many of `chunks` hold it."""
    last = min(len(file.text), _PREVIEW_CHARS)
    steps = dict.fromkeys((0, last), 0)
    for start, end in chunks:
        for border, step in ((start, 1), (end, -1)):
            steps[min(border, last)] = steps.get(min(border, last), 0) + step
    numbers = {start: number for number, (start, _) in enumerate(chunks, start=1)}
    runs: list[Run] = []
    borders, holding = sorted(steps), 0
    for start, end in pairwise(borders):
        holding += steps[start]
        kind = CLUTTER if not holding else SHARED if holding > 1 else CHUNK
        runs.append((start, end, kind, numbers.get(start, 0)))
    nodes = _nodes(file, 0, last, runs)
    return Document(file.source, place, file.flows, nodes, 0, last, len(file.text), file.sha256, file.paged)


def merged(spans: Sequence[Span]) -> list[Span]:
    """Ordered spans, those that touch or overlap joined."""
    joined: list[Span] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _greyed(text: str, start: int, end: int, cover: Sequence[Span]) -> Iterator[Run]:
    """The characters start:end; those in no span of `cover` are clutter, white space between two spans is not."""
    at = start
    for a, b in [*cover, (end, end)]:
        a, b = min(max(a, start), end), min(b, end)
        if at < a:
            yield at, a, CLUTTER if text[at:a].strip() else "", 0
        if a < b:
            yield a, b, "", 0
        at = max(at, b)


def _strong(text: str, span: Span, strong: str) -> tuple[Style, ...]:
    at = text.find(strong, *span) if strong else -1
    return ((at, at + len(strong), STRONG),) if at >= 0 else ()


def _nodes(file: File, first: int, last: int, runs: Sequence[Run], styles: tuple[Style, ...] = ()) -> tuple[Node, ...]:
    """The parts of the characters first:last, each cut into the `runs`, which follow one another from `first` to `last`."""
    drawing = _Drawing(file.text, first, last, runs)
    nodes: list[Node] = []
    for (kind, _), parts in groupby(file.parts(first, last), key=lambda part: (_LISTS.get(part.kind, ""), part.group)):
        drawn = [drawing.part(part._replace(styles=(*part.styles, *styles))) for part in parts]
        nodes += [Node(kind, inside=tuple(drawn))] if kind else drawn
    return tuple(nodes)


class _Drawing:
    """One pass over the runs, part by part."""

    def __init__(self, text: str, first: int, last: int, runs: Sequence[Run]) -> None:
        self.text = text
        self.first = first
        self.last = last
        self.runs = runs
        self._at = 0

    def part(self, part: Part) -> Node:
        styles = sorted(part.styles)
        if not part.cells:
            return Node(part.kind, part.level, stretches=tuple(self._stretches(part.start, part.end, styles)))
        kind = "head" if part.kind == "header" else "cell"
        return Node("row", inside=tuple(Node(kind, stretches=tuple(self._stretches(*cell, styles))) for cell in part.cells))

    def _stretches(self, start: int, end: int, styles: Sequence[Style]) -> Iterator[Stretch]:
        start, end, low = max(start, self.first), min(end, self.last), 0
        while start < end:
            begins, ends, kind, number = self.runs[self._at]
            stop = min(ends, end)
            while low < len(styles) and styles[low][1] <= start:
                low += 1
            high = bisect_left(styles, (stop,), low)
            yield Stretch(tuple(_pieces(self.text, start, stop, styles[low:high])), kind, number if start == begins else 0)
            if stop == ends and self._at + 1 < len(self.runs):
                self._at += 1
            start = stop


def _pieces(text: str, start: int, end: int, styles: Sequence[Style]) -> Iterator[Piece]:
    """The characters start:end, cut where one of the `styles`, in the order of their starts, begins or ends."""
    borders = sorted({start, end, *(border for a, b, _ in styles for border in (a, b) if start < border < end)})
    held: list[Style] = []
    at = 0
    for a, b in pairwise(borders):
        while at < len(styles) and styles[at][0] <= a:
            held.append(styles[at])
            at += 1
        held = [style for style in held if style[1] > a]
        looks = dict.fromkeys(look for _, _, look in held)
        yield Piece(text[a:b], " ".join(look for look in looks if look != STRONG), STRONG in looks)
