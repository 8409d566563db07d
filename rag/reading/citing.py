"""Making a citation, and holding a quote against its file as the file is now; the one place that decides whether a quote stands.

In: a place in a file below the documents' folder. Out: a `Citation` whose quote is the file's characters, or what became of one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rag.answers import Citation, Passage
from rag.corpus.documents import MAX_READ, page_of, read_bytes
from rag.errors import DocumentError
from rag.formats.document import Document
from rag.formats.readers import parse
from rag.messages import Reason
from rag.questions import Question
from rag.reading.answering import Candidate, widen
from rag.reading.computing import Computed, compute, lacking
from rag.reading.structure import Shape, block_at, said_of_table, shape
from rag.search.retrieval import Snapshot

VERBATIM, MOVED, CHANGED, UNREADABLE = "quote verbatim", "quote moved", "quote changed", "quote unreadable"
"""What became of a quote, as keys of `rag.messages.WORDS`."""
_AROUND = 3_000
"""Characters before and after a sentence in which the ones that belong to it are looked for."""


@dataclass(frozen=True)
class FileNow:
    """A file as it is on disk at this moment: what its reader makes of it, and the sha256 of its bytes."""

    document: Document
    sha256: str

    @property
    def text(self) -> str:
        """What citations point into."""
        return self.document.text


@dataclass(frozen=True)
class Checked:
    """What became of a quote: it is VERBATIM at its place, MOVED to another one, CHANGED, or its file is UNREADABLE."""

    source: str
    start: int
    end: int
    quote: str
    state: str
    note: Reason
    """Where it moved to, why the file cannot be read, or whether the rest of the file is as it was."""
    text: str = ""
    """The file's text as it is now; empty where it is UNREADABLE."""


def read_now(docs: Path, source: str, max_bytes: int = MAX_READ) -> FileNow:
    """Raises DocumentError."""
    content = read_bytes(docs, source, max_bytes)
    return FileNow(parse(Path(source), content), hashlib.sha256(content).hexdigest())


def check_quote(docs: Path, source: str, start: int, end: int, quote: str, sha256: str) -> Checked:
    """Hold a quote against the file `source` below `docs`; `sha256` is that of the file when the quote was taken."""
    try:
        now = read_now(docs, source)
    except DocumentError as error:
        return Checked(source, start, end, quote, UNREADABLE, error.reason)
    return compare(now, source, start, end, quote, sha256)


def compare(now: FileNow, source: str, start: int, end: int, quote: str, sha256: str) -> Checked:
    """As `check_quote`, with the file's text in hand."""
    if 0 <= start <= end and now.text[start:end] == quote:
        same = now.sha256 == sha256
        note = Reason("file unchanged" if same else "file edited elsewhere")
        return Checked(source, start, end, quote, VERBATIM, note, now.text)
    place = now.text.find(quote)
    if quote and place >= 0:
        there = Reason("now at", {"start": place, "end": place + len(quote)})
        return Checked(source, start, end, quote, MOVED, there, now.text)
    return Checked(source, start, end, quote, CHANGED, Reason("no longer there"), now.text)


@dataclass(frozen=True)
class Citer:
    """Makes the citations of one generation of an index; a place whose passage the file no longer holds gives none."""

    docs: Path
    snapshot: Snapshot
    max_bytes: int
    """Of a file that is read."""
    _read: dict[str, FileNow | None] = field(default_factory=dict, compare=False, repr=False)
    """Each file is read once for an answer."""

    def answer(self, question: Question, supporting: Sequence[Candidate]) -> tuple[list[Citation], Shape | None, list[str]]:
        """A citation for each candidate that still stands, numbered from 1, and the files of those that do not.

        Where the first candidate stands in a list, a row or a label, its shape comes too; a row's header is cited next.
        """
        citations: list[Citation] = []
        stale: list[str] = []
        shaped: Shape | None = None
        for candidate in supporting:
            passage = candidate.passage
            if (now := self._now(passage)) is None:
                stale.append(passage.source)
                continue
            own = shape(question, now.document, candidate.start, candidate.end)
            span = own.quote if own else widen(question, candidate, self._sentences(candidate), now.text)
            citations.append(self._citation(len(citations) + 1, passage, now, span))
            if candidate is supporting[0]:
                shaped = own
                if own and own.header:
                    citations.append(self._citation(2, passage, now, own.header))
        return citations, shaped, stale

    def computed(self, question: Question, passages: Sequence[Passage]) -> tuple[list[Citation], Computed] | Reason | None:
        """What the question asks to be worked out over the table that was ranked first, or why that cannot be told.

        None where the question asks for nothing of the sort, or the best file's first passage of a table has no such column.
        """
        if not question.computing or not passages:
            return None
        tables = self._tables(passages)
        first = next(tables, None)
        if first is None or first[0].source != passages[0].source:
            return None
        passage, now, at = first
        got = compute(question, now.document, at, _about(*first), passage.source)
        if not isinstance(got, Computed):
            return got
        others = [(table[0], lacking(question, table[1].document, table[2], _about(*table))) for table in tables]
        if rivals := [each.source for each, lacks in others if lacks is not None and lacks <= got.missing]:
            return Reason("several tables", {"files": list(dict.fromkeys([passage.source, *rivals]))})
        return [self._citation(number, passage, now, span) for number, span in enumerate(got.quotes, start=1)], got

    def _tables(self, passages: Sequence[Passage]) -> Iterator[tuple[Passage, FileNow, int]]:
        """The first passage of each table among `passages`, its file, and the block of its row; files are read as they are come to."""
        seen: set[tuple[str, int]] = set()
        for passage in passages:
            now = self._now(passage)
            at = block_at(now.document, passage.start) if now else None
            if now is None or at is None or now.document.blocks[at].kind != "row":
                continue
            if (table := (passage.source, now.document.blocks[at].group)) not in seen:
                seen.add(table)
                yield passage, now, at

    def _sentences(self, candidate: Candidate) -> list[tuple[int, int]]:
        """Those around a candidate, in order."""
        start, end = candidate.sentence
        around = self.snapshot.catalog.chunks_between(candidate.passage.source, start - _AROUND, end + _AROUND)
        return sorted({(s, e) for row in around for s, e in row.sentences})

    def quote(self, number: int, passage: Passage, span: tuple[int, int]) -> Citation | None:
        """A citation of a stretch of `passage`; None when its file no longer holds the passage."""
        now = self._now(passage)
        return self._citation(number, passage, now, span) if now else None

    def now(self, source: str) -> FileNow | None:
        """A file as it is now; None where it is gone."""
        if source not in self._read:
            try:
                self._read[source] = read_now(self.docs, source, self.max_bytes)
            except DocumentError:
                self._read[source] = None
        return self._read[source]

    def _now(self, passage: Passage) -> FileNow | None:
        now = self.now(passage.source)
        return now if now and now.text[passage.start : passage.end] == passage.text else None

    def _citation(self, number: int, passage: Passage, now: FileNow, span: tuple[int, int]) -> Citation:
        file = self.snapshot.files[passage.source]
        return Citation(
            number=number,
            source=passage.source,
            start=span[0],
            end=span[1],
            quote=now.text[slice(*span)],
            title=file.title,
            sha256=now.sha256,
            score=passage.score,
            page=page_of(file.page_starts, span[0]),
            place=now.document.place_at(span[0]),
            date=file.date,
            indexed_at=file.indexed_at,
        )


def _about(passage: Passage, now: FileNow, at: int) -> str:
    """What is said of the table of the row that is block `at`: its file's name and title, and what stands above it."""
    return f"{passage.title}\n{passage.source}\n{said_of_table(now.document, at)}"
