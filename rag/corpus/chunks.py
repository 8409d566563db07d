"""Documents → chunks: overlapping windows of whole sentences, sized in the encoder's tokens, as llama-index nodes.

Each `TextNode` is exactly `document.text[start_char_idx:end_char_idx]`. Windows cross paragraphs, but never clutter and
never a change of script. A table's row stands alone, with its header row before it; a list's item is not cut, and where a
window begins within a list its lead-in goes before it; code is cut between lines. Title and date stand in the node's metadata as "heading" and go before the text when it is
embedded (`MetadataMode.EMBED`) and indexed by words; they are no part of it. "sentences" holds the window's sentences. A sentence longer than a window is cut at a space.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from llama_index.core.node_parser import NodeParser
from llama_index.core.schema import BaseNode, Document, MetadataMode, NodeRelationship, RelatedNodeInfo, TextNode
from pydantic import PrivateAttr
from tokenizers import Tokenizer

from rag.text.scripts import is_cjk
from rag.text.sentences import split_sentences

MAX_CHARS = 2_000
"""Characters of one chunk, whatever its tokens: the tokenizer makes one token of a word of any length."""
_SEGMENT_CHARS = 20_000
EMBEDDED_TOKENS = 250
"""What the encoder reads of heading, context and chunk together (`Config` holds the sizes to it)."""
ROWS_ALONE = 1_000
"""Rows of a longer table share windows: one each would take minutes to embed."""


@dataclass(frozen=True)
class Unit:
    """A block of the body: what it is, and the header row or lead-in that it is read with."""

    start: int
    end: int
    kind: str
    context: tuple[int, int]


@dataclass(frozen=True)
class Piece:
    """A sentence, or a part of one that is too long, with its length in tokens."""

    start: int
    end: int
    tokens: int
    context: tuple[int, int] = (0, 0)


class SentenceWindows(NodeParser):
    """Windows of at most `chunk_tokens` tokens, each beginning with up to `overlap_tokens` of the one before."""

    chunk_tokens: int
    overlap_tokens: int
    heading_tokens: int
    _tokenizer: Tokenizer = PrivateAttr()

    def __init__(self, tokenizer: Tokenizer, *, chunk_tokens: int, overlap_tokens: int, heading_tokens: int) -> None:
        super().__init__(
            chunk_tokens=chunk_tokens,
            overlap_tokens=overlap_tokens,
            heading_tokens=heading_tokens,
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
        heading = self.heading(facts["title"], facts["date"])
        units = [
            Unit(start, end, kind, (first, last))
            for (start, end), kind, (first, last) in zip(facts["body"], facts["kinds"], facts["contexts"])
        ]
        for run in _runs(text, units):
            pieces = [piece for unit in run for piece in self._pieces(text, unit)]
            for first, last in self._windows(pieces):
                window = pieces[first : last + 1]
                yield _node(document, text, window, self._with_context(heading, text, window))

    def heading(self, title: str, date: str) -> str:
        """Title and date as they go before a chunk's text, cut to `heading_tokens`."""
        return self._head(" · ".join(part for part in (title, date) if part), self.heading_tokens)

    def _with_context(self, heading: str, text: str, window: Sequence[Piece]) -> str:
        """The heading, and on a line of its own the context of the window's first piece, unless the window holds it."""
        start, end = window[0].context
        room = EMBEDDED_TOKENS - self.heading_tokens - sum(piece.tokens for piece in window)
        if end <= start or start >= window[0].start or room < 1:
            return heading
        return "\n".join(filter(None, (heading, self._head(" ".join(text[start:end][:MAX_CHARS].split()), room))))

    def _head(self, line: str, tokens: int) -> str:
        """The first tokens of a line."""
        encoding = self._tokenizer.encode(line, add_special_tokens=False)
        return line if len(encoding.ids) <= tokens else line[: encoding.offsets[tokens - 1][1]]

    def _pieces(self, text: str, unit: Unit) -> Iterator[Piece]:
        """Sentences of one block (of a row or an item the whole, of code the lines) with their token counts, the too long ones
        cut. Linear in the block's length."""
        for segment_start, segment_end in _segments(text, unit.start, unit.end):
            offsets = self._tokenizer.encode(text[segment_start:segment_end], add_special_tokens=False).offsets
            starts = [segment_start + offset for offset, _ in offsets]
            at = 0
            whole = unit.kind in ("row", "item") and len(offsets) <= self.chunk_tokens
            if whole:
                sentences: Iterable[tuple[int, int]] = [(segment_start, segment_end)]
            elif unit.kind == "code":
                sentences = _code_lines(text, segment_start, segment_end)
            else:
                sentences = split_sentences(text, segment_start, segment_end)
            for sentence_start, sentence_end in sentences:
                first = at
                while at < len(starts) and starts[at] < sentence_end:
                    at += 1
                yield from self._cut(text, sentence_start, sentence_end, starts[first:at], unit.context)

    def _cut(self, text: str, start: int, end: int, token_starts: Sequence[int], context: tuple[int, int]) -> Iterator[Piece]:
        """One sentence in parts of at most `chunk_tokens` tokens and MAX_CHARS characters, cut before a word."""
        first = 0
        while True:
            last = min(first + self.chunk_tokens, len(token_starts))
            stop = token_starts[last] if last < len(token_starts) else end
            stop = min(stop, start + MAX_CHARS)
            if stop < end:
                space = text.rfind(" ", start + (stop - start) // 2, stop)
                stop = space + 1 if space >= 0 else stop
            inside = first
            while inside < len(token_starts) and token_starts[inside] < stop:
                inside += 1
            piece = text[start:stop].rstrip()
            if piece:
                yield Piece(start, start + len(piece), inside - first, context)
            if stop >= end:
                return
            start, first = stop, inside

    def _windows(self, pieces: Sequence[Piece]) -> Iterator[tuple[int, int]]:
        """(first, last) pieces of each window; every piece is in one, and each window adds at least one."""
        first = 0
        while first < len(pieces):
            last, tokens = first, pieces[first].tokens
            while last + 1 < len(pieces) and self._fits(pieces, first, last + 1, tokens):
                last += 1
                tokens += pieces[last].tokens
            yield first, last
            if last + 1 == len(pieces):
                return
            first = last + 1
            overlap = 0
            while first - 1 > 0 and overlap + pieces[first - 1].tokens <= self.overlap_tokens:
                if not self._fits(pieces, first - 1, last + 1, sum(p.tokens for p in pieces[first - 1 : last + 1])):
                    break
                first -= 1
                overlap += pieces[first].tokens

    def _fits(self, pieces: Sequence[Piece], first: int, last: int, tokens_before_last: int) -> bool:
        return (
            tokens_before_last + pieces[last].tokens <= self.chunk_tokens and pieces[last].end - pieces[first].start <= MAX_CHARS
        )


def _segments(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut a huge block at spaces (or anywhere), so that tokenising keeps to a bounded piece at a time."""
    while end - start > _SEGMENT_CHARS:
        space = text.rfind(" ", start + _SEGMENT_CHARS // 2, start + _SEGMENT_CHARS)
        cut = space + 1 if space >= 0 else start + _SEGMENT_CHARS
        yield start, cut
        start = cut
    yield start, end


def _code_lines(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for line in text[start:end].split("\n"):
        if line.strip():
            yield start, start + len(line.rstrip())
        start += len(line) + 1


def _runs(text: str, units: Sequence[Unit]) -> Iterator[list[Unit]]:
    """Blocks that follow one another with only white space between, in one script; rows by themselves."""
    rows = Counter(unit.context for unit in units if unit.kind == "row")
    run: list[Unit] = []
    for unit in units:
        alone = unit.kind == "row" and rows[unit.context] <= ROWS_ALONE
        if run and (alone or not _belong_together(text, run[-1], unit)):
            yield run
            run = []
        run.append(unit)
    yield run


def _belong_together(text: str, unit: Unit, following: Unit) -> bool:
    if (unit.kind == "row") != (following.kind == "row") or (unit.kind == "row" and unit.context != following.context):
        return False
    same_script = is_cjk(text[unit.start : unit.end][:2000]) == is_cjk(text[following.start : following.end][:2000])
    return same_script and not text[unit.end : following.start].strip()


def _node(document: BaseNode, text: str, pieces: Sequence[Piece], heading: str) -> TextNode:
    start, end = pieces[0].start, pieces[-1].end
    quote = text[start:end]
    facts = document.metadata
    embedded = f"{heading}\n{quote}" if heading else quote
    digest = hashlib.sha256(f"{facts['source']}\0{start}\0{end}\0{embedded}".encode("utf-8", "surrogatepass")).hexdigest()
    return TextNode(
        id_=digest[:32],
        text=quote,
        start_char_idx=start,
        end_char_idx=end,
        metadata={"heading": heading, "sentences": [(piece.start, piece.end) for piece in pieces]},
        excluded_embed_metadata_keys=["sentences"] if heading else ["sentences", "heading"],
        excluded_llm_metadata_keys=["heading", "sentences"],
        metadata_template="{value}",
        text_template="{metadata_str}\n{content}",
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=document.node_id)},
    )
