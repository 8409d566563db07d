"""One file's bytes → its rows, and texts → their vectors: the work of a sync that needs neither the folder nor the index.

In: what a call is given, and nothing else, so that `workers` may have others make it. Out: plain values that can be sent. What repeats
from file to file, and whatever is written, is left to `indexing`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from rag.config import VERSION
from rag.corpus.catalog import ChunkRow, vector_key
from rag.corpus.deadlines import within
from rag.corpus.documents import load
from rag.corpus.layout import edge_line_keys
from rag.errors import FileFailed, FileSkipped
from rag.formats.document import Document
from rag.formats.readers import parse
from rag.messages import Reason
from rag.models.encoder import Encoder
from rag.models.runtime import FloatArray
from rag.reports import FileReport
from rag.text.scripts import is_cjk

if TYPE_CHECKING:
    from llama_index.core.schema import TextNode

    from rag.corpus.chunks import SentenceWindows

MAX_FILE_SECONDS = 300.0
"""For reading one file, and for cutting it into chunks: the largest of the slowest type takes half a minute."""
_KEPT = ("title", "date", "author", "language", "hidden", "page_starts", "whole")


class Sizes(NamedTuple):
    """Of chunks, in tokens: the settings that rows depend on."""

    chunk_tokens: int
    overlap_tokens: int
    context_tokens: int


@dataclass(frozen=True)
class Rows:
    """What a file gives the catalog."""

    facts: dict[str, Any]
    """Those of `documents.Facts` that a `FileRow` keeps."""
    chunks: list[ChunkRow]


@dataclass(frozen=True)
class Text:
    """A file whose rows depend on the lines that it shares with others."""

    document: Document
    keys: set[str]
    """Lines at its edges that count for repetition."""
    whole: bool
    """As `documents.FoundFile.whole`."""


class RowMaker:
    """Reads and embeds. Troubles of a file are its report."""

    def __init__(self, embedding: Encoder, sizes: Sizes) -> None:
        self._embedding = embedding
        self._sizes = sizes

    def read(self, source: str, content: bytes, whole: bool) -> Rows | Text | FileReport:
        """The rows of a file whose format says what its parts are, else its text; `whole`: nothing of it is clutter."""
        document = parsed(source, content)
        if isinstance(document, FileReport):
            return document
        if not document.declared:
            return Text(document, edge_line_keys(document.text), whole)
        return self.cut(source, document, (), whole)

    def cut(self, source: str, document: Document, repeated: Collection[str], whole: bool) -> Rows | FileReport:
        """The rows of a file that was read; `repeated` are the lines that many files share."""
        try:
            return within(MAX_FILE_SECONDS, lambda: self._cut(source, document, repeated, whole))
        except TimeoutError:
            return too_slow(source)

    def embed(self, texts: Sequence[str]) -> FloatArray:
        """As `Encoder.embed`."""
        return self._embedding.embed(texts)

    def made_with(self) -> dict[str, str]:
        """What must be the same wherever rows are made for one index: the version, the model, and what is computed with it."""
        probe = self.embed(["The Elmet tower is 48 metres high.", "埃尔梅特塔高48米。"])
        return {
            "version": VERSION,
            "encoder": self._embedding.model.fingerprint,
            "vectors": hashlib.sha256(probe.tobytes()).hexdigest()[:16],
        }

    def _cut(self, source: str, document: Document, repeated: Collection[str], whole: bool) -> Rows:
        from llama_index.core.ingestion import run_transformations

        loaded = load(source, document, repeated, whole=whole)
        nodes = cast("list[TextNode]", run_transformations([loaded], [self._chunker()]))
        return Rows({name: loaded.metadata[name] for name in _KEPT}, [_chunk_row(source, node) for node in nodes])

    def _chunker(self) -> SentenceWindows:
        from rag.corpus.chunks import SentenceWindows

        return SentenceWindows(self._embedding.model.tokenizer, **self._sizes._asdict())


def row_maker(sizes: Sizes, threads: int) -> RowMaker:
    """One for a process of its own."""
    return RowMaker(Encoder(threads=threads), sizes)


def parsed(source: str, content: bytes) -> Document | FileReport:
    try:
        return within(MAX_FILE_SECONDS, lambda: parse(Path(source), content))
    except FileSkipped as error:
        return FileReport(source, "skipped", error.reason)
    except FileFailed as error:
        return FileReport(source, "failed", error.reason)
    except TimeoutError:
        return too_slow(source)


def too_slow(source: str) -> FileReport:
    return FileReport(source, "failed", Reason("too slow", {"seconds": MAX_FILE_SECONDS}))


def _chunk_row(source: str, node: TextNode) -> ChunkRow:
    from llama_index.core.schema import MetadataMode

    return ChunkRow(
        chunk_id=node.node_id,
        source=source,
        start=cast(int, node.start_char_idx),
        end=cast(int, node.end_char_idx),
        text=node.text,
        context=node.metadata["context"],
        context_spans=[list(span) for span in node.metadata["context_spans"]],
        cjk=is_cjk(node.text),
        sentences=[list(span) for span in node.metadata["sentences"]],
        unanswering=[list(span) for span in node.metadata["unanswering"]],
        vector_key=vector_key(node.get_content(MetadataMode.EMBED)),
    )
