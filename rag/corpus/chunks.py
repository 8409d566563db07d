"""Documents → chunks: overlapping windows of whole sentences, sized in the encoder's tokens, as llama-index nodes.

Each `TextNode` is exactly `document.text[start_char_idx:end_char_idx]`. Windows follow the document's structure: they cross neither
clutter nor a change of script, and a section that can stand for itself is not mixed with another; a question with its answer is a section. A table's row stands alone; a list with its lead-in, and code, are whole
where they fit, else cut between items or lines. A sentence longer than a window is cut at a space.
What stands above a window goes before its text when it is embedded (`MetadataMode.EMBED`) and indexed by words, and is no part of it:
the node's metadata "context" is lines, and "context_spans" their stretches of the file (see `rag.corpus.contexts`). "sentences" holds
the window's sentences, "unanswering" those of its stretches that are headings or questions.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, groupby
from typing import Any, NamedTuple

from llama_index.core.node_parser import NodeParser
from llama_index.core.schema import BaseNode, Document, MetadataMode, NodeRelationship, RelatedNodeInfo, TextNode
from pydantic import PrivateAttr
from tokenizers import Tokenizer

from rag.corpus.contexts import ContextMaker, Span, Unit, structure
from rag.text.scripts import is_cjk
from rag.text.sentences import split_sentences

MAX_CHARS = 2_000
"""Characters of one chunk, whatever its tokens: the tokenizer makes one token of a word of any length."""
_SEGMENT_CHARS = 20_000
ROWS_ALONE = 1_000
"""Rows of a longer table share windows: one each would take minutes to embed."""
_TINY_TOKENS = 40
"""A section of less shares a window with the next one beside or below it."""
_WHOLE = ("row", "item", "heading", "question")
"""Kinds that are one sentence."""


class Piece(NamedTuple):
    """A sentence, or a part of one that is too long, with its length in tokens."""

    start: int
    end: int
    tokens: int
    unit: Unit

    @property
    def leads(self) -> bool:
        """Whether it stands above what follows it."""
        return self.unit.kind in ("heading", "question")


class SentenceWindows(NodeParser):
    """Windows of at most `chunk_tokens` tokens, each beginning with up to `overlap_tokens` of the one before; before each of them at
    most `context_tokens` of context."""

    chunk_tokens: int
    overlap_tokens: int
    context_tokens: int
    _tokenizer: Tokenizer = PrivateAttr()

    def __init__(self, tokenizer: Tokenizer, *, chunk_tokens: int, overlap_tokens: int, context_tokens: int) -> None:
        super().__init__(
            chunk_tokens=chunk_tokens,
            overlap_tokens=overlap_tokens,
            context_tokens=context_tokens,
            include_metadata=False,
            include_prev_next_rel=False,
        )  # type: ignore[call-arg]
        self._tokenizer = tokenizer

    def _parse_nodes(self, nodes: Sequence[BaseNode], show_progress: bool = False, **kwargs: Any) -> list[BaseNode]:
        return [chunk for node in nodes for chunk in self._chunks(node)]

    def _postprocess_parsed_nodes(self, nodes: list[BaseNode], parent_doc_map: dict[str, Document]) -> list[BaseNode]:
        """Keep the nodes as they are: the framework would look their offsets up again by text, wrong where text repeats."""
        return nodes

    def _chunks(self, document: BaseNode) -> Iterator[TextNode]:
        text = document.get_content(MetadataMode.NONE)
        facts = document.metadata
        maker = ContextMaker(self._tokenizer, self.context_tokens, text, facts["title"], facts["source"], facts["date"])
        units = structure(text, facts["body"])
        runs = {unit.start: number for number, run in enumerate(_runs(text, units, facts["clutter"])) for unit in run}
        for _, run in groupby(self._pieces(text, units), key=lambda piece: runs[piece.unit.start]):
            for section in self._sections(list(self._with_marks(text, list(run)))):
                for first, last in self._windows(section):
                    window = section[first : last + 1]
                    yield _node(document, text, window, *maker.context(window[0].unit))

    def _with_marks(self, text: str, pieces: Sequence[Piece]) -> Iterator[Piece]:
        """The pieces, each with the tokens of what stands before it in no block: line breaks, fences, underlines, tags."""
        tokens: dict[str, int] = {}
        for before, piece in zip([None, *pieces], pieces):
            marks = text[before.end : piece.start] if before else ""
            if marks.strip(" ") and marks not in tokens:
                tokens[marks] = len(self._tokenizer.encode(marks, add_special_tokens=False).ids)
            yield piece._replace(tokens=piece.tokens + tokens[marks]) if marks in tokens else piece

    def _pieces(self, text: str, units: Sequence[Unit]) -> Iterator[Piece]:
        """Sentences of each block (of a row or an item the whole, of code the lines) with their token counts, the too long ones
        cut. Linear in the blocks' length."""
        for batch in _batches(text, units):
            encodings = self._tokenizer.encode_batch([text[start:end] for _, start, end in batch], add_special_tokens=False)
            for (unit, start, end), encoding in zip(batch, encodings):
                starts = [start + offset for offset, _ in encoding.offsets]
                at = 0
                for sentence_start, sentence_end in self._sentences(text, unit, start, end, len(starts)):
                    first, at = at, bisect_left(starts, sentence_end, at)
                    yield from self._cut(text, sentence_start, sentence_end, starts[first:at], unit)

    def _sentences(self, text: str, unit: Unit, start: int, end: int, tokens: int) -> Iterable[Span]:
        if unit.kind in _WHOLE and tokens <= self.chunk_tokens:
            return [(start, end)]
        return _code_lines(text, start, end) if unit.kind == "code" else split_sentences(text, start, end)

    def _cut(self, text: str, start: int, end: int, token_starts: Sequence[int], unit: Unit) -> Iterator[Piece]:
        """One sentence in parts of at most `chunk_tokens` tokens and MAX_CHARS characters, cut before a word."""
        first = 0
        while True:
            last = first + self.chunk_tokens
            stop = min(token_starts[last] if last < len(token_starts) else end, start + MAX_CHARS)
            inside = len(token_starts)
            if stop < end:
                space = text.rfind(" ", start + (stop - start) // 2, stop)
                stop = space + 1 if space >= 0 else stop
                inside = bisect_left(token_starts, stop, first)
            piece = text[start:stop].rstrip()
            if piece:
                yield Piece(start, start + len(piece), inside - first, unit)
            if stop >= end:
                return
            start, first = stop, inside

    def _sections(self, pieces: Sequence[Piece]) -> Iterator[Sequence[Piece]]:
        """The pieces from one heading to the next; tiny sections with those beside or below them that follow, within one window."""
        starts = [at for at, piece in enumerate(pieces) if at == 0 or (piece.leads and not pieces[at - 1].leads)]
        sections = [pieces[start:end] for start, end in zip(starts, [*starts[1:], len(pieces)])]
        kept: list[Piece] = []
        depth = 0
        for section in sections:
            tiny = sum(piece.tokens for piece in kept) < _TINY_TOKENS and section[0].unit.level >= depth
            both = [*kept, *section]
            if kept and not (tiny and self._fits(both, [0, *accumulate(piece.tokens for piece in both)], 0, len(both) - 1)):
                yield kept
                both = list(section)
            if len(both) == len(section):
                depth = next((piece.unit.level for piece in section if not piece.leads), section[-1].unit.level)
            kept = both
        if kept:
            yield kept

    def _windows(self, pieces: Sequence[Piece]) -> Iterator[tuple[int, int]]:
        """(first, last) pieces of each window; every piece is in one, and each window adds at least one."""
        ends = self._whole(pieces)
        before = [0, *accumulate(piece.tokens for piece in pieces)]
        first = new = 0
        while new < len(pieces):
            last = ends[new]
            while last + 1 < len(pieces) and self._fits(pieces, before, first, ends[last + 1]):
                last = ends[last + 1]
            yield first, last
            least, first, new = first + 1, last + 1, last + 1
            while (
                least < first
                and new < len(pieces)
                and before[new] - before[first - 1] <= self.overlap_tokens
                and self._fits(pieces, before, first - 1, ends[new])
            ):
                first -= 1

    def _whole(self, pieces: Sequence[Piece]) -> list[int]:
        """For each piece the last one of those that stand in one window with it where it begins them: a heading with what follows, a
        list with its lead-in, code. What does not fit is cut between its pieces, but for its heading and lead-in."""
        before = [0, *accumulate(piece.tokens for piece in pieces)]
        ends = list(range(len(pieces)))
        first = 0
        for at, (piece, following) in enumerate(zip(pieces, [*pieces[1:], None])):
            if following and _stand_together(piece, following):
                continue
            whole = self._fits(pieces, before, first, at)
            for each in range(at - 1, first - 1, -1):
                above = pieces[each].leads or pieces[each].unit.whole != pieces[each + 1].unit.whole
                if whole or (above and self._fits(pieces, before, each, ends[each + 1])):
                    ends[each] = ends[each + 1]
            first = at + 1
        return ends

    def _fits(self, pieces: Sequence[Piece], before: Sequence[int], first: int, last: int) -> bool:
        """Whether pieces `first` to `last` fit in one window; `before` holds the tokens before each."""
        return before[last + 1] - before[first] <= self.chunk_tokens and pieces[last].end - pieces[first].start <= MAX_CHARS


def _stand_together(piece: Piece, following: Piece) -> bool:
    """Whether two pieces are best not parted: under a heading, in a list with its lead-in, in code."""
    same = piece.unit.whole and piece.unit.whole == following.unit.whole
    return bool(piece.leads or same or any(end == piece.end for _, end in following.unit.leads))


def _batches(text: str, units: Sequence[Unit]) -> Iterator[list[tuple[Unit, int, int]]]:
    """(unit, start, end) of the blocks, a bounded stretch of the text at a time to be tokenised; huge ones are cut at spaces (or
    anywhere)."""
    batch: list[tuple[Unit, int, int]] = []
    characters = 0
    for unit in units:
        start = unit.start
        while start < unit.end:
            end = unit.end
            if end - start > _SEGMENT_CHARS:
                space = text.rfind(" ", start + _SEGMENT_CHARS // 2, start + _SEGMENT_CHARS)
                end = space + 1 if space >= 0 else start + _SEGMENT_CHARS
            batch.append((unit, start, end))
            characters += end - start
            start = end
            if characters >= _SEGMENT_CHARS:
                yield batch
                batch, characters = [], 0
    yield batch


def _code_lines(text: str, start: int, end: int) -> Iterator[Span]:
    for line in text[start:end].split("\n"):
        if line.strip():
            yield start, start + len(line.rstrip())
        start += len(line) + 1


def _runs(text: str, units: Sequence[Unit], clutter: Sequence[int]) -> Iterator[list[Unit]]:
    """Blocks that follow one another without clutter between, in one script; rows by themselves, but for header rows."""
    rows = Counter(unit.group for unit in units if unit.kind == "row")
    headers = {span for unit in units if unit.kind == "row" for span in unit.leads}
    run: list[Unit] = []
    cjk_before = False
    for unit in units:
        cjk = is_cjk(text[unit.start : unit.end][:2000])
        row = unit.kind == "row" and (unit.start, unit.end) not in headers
        alone = row and rows[unit.group] <= ROWS_ALONE
        parted = bool(run) and bisect_left(clutter, run[-1].end) < bisect_left(clutter, unit.start)
        if run and (alone or parted or cjk != cjk_before or not _belong_together(run[-1], unit, row)):
            yield run
            run = []
        run.append(unit)
        cjk_before = cjk
    if run:
        yield run


def _belong_together(unit: Unit, following: Unit, row: bool) -> bool:
    """Whether a row, if one of the two is one, stands beside another of its table."""
    rows = row or unit.kind == "row"
    return not rows or (unit.kind, unit.leads, unit.group) == (following.kind, following.leads, following.group)


def _node(document: BaseNode, text: str, pieces: Sequence[Piece], context: str, spans: Sequence[Span]) -> TextNode:
    start, end = pieces[0].start, pieces[-1].end
    quote = text[start:end]
    facts = document.metadata
    embedded = f"{context}\n{quote}" if context else quote
    digest = hashlib.sha256(f"{facts['source']}\0{start}\0{end}\0{embedded}".encode("utf-8", "surrogatepass")).hexdigest()
    unseen = ["context_spans", "sentences", "unanswering"]
    return TextNode(
        id_=digest[:32],
        text=quote,
        start_char_idx=start,
        end_char_idx=end,
        metadata={
            "context": context,
            "context_spans": list(spans),
            "sentences": [(piece.start, piece.end) for piece in pieces],
            "unanswering": [(piece.start, piece.end) for piece in pieces if piece.leads],
        },
        excluded_embed_metadata_keys=unseen if context else [*unseen, "context"],
        excluded_llm_metadata_keys=[*unseen, "context"],
        metadata_template="{value}",
        text_template="{metadata_str}\n{content}",
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=document.node_id)},
    )
