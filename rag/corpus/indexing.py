"""The folder → the catalog: `sync` makes the catalog match the files, lets `mirror` and `wordfiles` bring what is searched to it, and reports each file's fate.

In: the files of one folder. Out: rows and vectors in the catalog, and a `SyncReport`; what is searched is theirs.
Order of a run, each step safe to be killed in and to be run again:
  scan    every file against the catalog, by signature and then by sha256
  read    decode the new and changed files and cut them into chunks
  embed   texts that have no vector yet, saved batch by batch
  commit  files and chunks, in one catalog transaction that raises the generation
  words   `wordfiles` brings the word index to the catalog's chunks
  store   `mirror` brings Chroma to the catalog's chunk ids
  applied and records that it holds this generation
A catalog that is not as it was written is made anew first: the files are read again, and what was embedded is not embedded again.
`Indexer` holds the folder's write lock (`kept.writing`) and the catalog's through all of them.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

from rag.config import Config
from rag.corpus.catalog import Catalog, ChunkRow, FileRow, vector_key
from rag.corpus.deadlines import within
from rag.corpus.documents import FoundFile, find_files, load, read_bytes
from rag.corpus.kept import catalog_of, record_docs, writing
from rag.corpus.layout import edge_line_keys
from rag.corpus.mirror import Mirror
from rag.corpus.wordfiles import WordFiles
from rag.errors import FileFailed, FileSkipped, IndexBroken, IndexDamaged
from rag.formats.document import Document
from rag.formats.readers import parse
from rag.messages import Reason
from rag.models.encoder import Encoder
from rag.places import make_private
from rag.reports import FileReport, Progress, SyncReport, silent
from rag.text.scripts import is_cjk

if TYPE_CHECKING:
    from llama_index.core.schema import Document as LlamaDocument
    from llama_index.core.schema import TextNode

    from rag.corpus.chunks import SentenceWindows

REPEATED_IN = 3
"""A short line at the edges of this many files is site furniture."""
EMBED_BATCH = 128
MAX_FILE_SECONDS = 300.0
"""For reading one file, and for cutting it into chunks: the largest of the slowest type takes half a minute."""
_RACY_SECONDS = 2.0
_log = logging.getLogger(__name__)


@dataclass
class _Plan:
    """What a scan decided: rows to write, chunks to replace, and each file's report."""

    rows: list[FileRow] = field(default_factory=list)
    chunks: dict[str, list[ChunkRow]] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)
    reports: list[FileReport] = field(default_factory=list)
    touched: list[FileRow] = field(default_factory=list)
    """Rows whose content is the same but whose signature is new."""


@dataclass
class _Read:
    """A file that was read in this run."""

    found: FoundFile
    content: bytes
    parsed: Document
    keys: set[str]
    settled: bool
    """Old enough that a later change must change its signature."""


class Indexer:
    """Keeps one index folder in step with one folder of documents."""

    def __init__(self, config: Config, folder: Path, embedding: Encoder) -> None:
        self.config = config
        self.folder = folder
        self.embedding = embedding
        make_private(folder)
        self.catalog = catalog_of(config, folder)
        self.catalog.make()
        self.mirror = Mirror(config, folder, self.catalog)
        self.words = WordFiles(folder)

    def close(self) -> None:
        self.mirror.close()
        self.catalog.close()

    def sync(
        self,
        on_progress: Progress = silent,
        *,
        rebuild: bool = False,
        damaged: object = None,
        wait_seconds: float | None = None,
    ) -> SyncReport:
        """Make the index match the folder. Raises UsageError, IndexBroken or ModelBroken; files' troubles are reported.

        `rebuild` throws away what there is. `damaged` is the `opened` of a catalog that was found to be. For another writer to end it
        waits `wait_seconds`, as long as is configured where it is None.
        """
        began = time.perf_counter()
        wait = self.config.lock_timeout_seconds if wait_seconds is None else wait_seconds
        with writing(self.folder, wait), self.catalog.writing(wait):
            notes: list[str] = []
            if rebuild:
                self.catalog.renew(keep_vectors=False)
            elif damaged is not None and damaged == self.catalog.identity():
                notes = [self._renew("a row is not as it was written")]
            try:
                report = self._sync(on_progress, began)
            except IndexDamaged as error:
                notes = [self._renew(str(error))]
                report = self._sync(on_progress, began)
        report = replace(report, notes=(*notes, *report.notes))
        _log.info("sync: %d files, %d chunks in %.1f s", len(report.files), report.chunks, report.seconds)
        return report

    def _sync(self, on_progress: Progress, began: float) -> SyncReport:
        model = self.embedding.model.fingerprint
        self.catalog.verified()
        self.catalog.check_vectors(model)
        fingerprint = f"{self.config.fingerprint()}-{model}"
        known = self.catalog.meta("fingerprint")
        notes = ["settings or model changed: every file is indexed anew"] if known not in ("", fingerprint) else []
        if was := record_docs(self.catalog, Path(self.config.docs)):
            notes.append(f"the documents lay in {was}; their index was taken over")
        plan = self._plan(on_progress, afresh=known != fingerprint)
        anything = bool(plan.rows or plan.removed or known != fingerprint)
        if anything:
            self.catalog.check_pages()
        embedded = self._embed(plan, model, on_progress)
        if anything:
            on_progress("commit", 0, 1)
            generation = self.catalog.commit(files=plan.rows, chunks=plan.chunks, removed=plan.removed, fingerprint=fingerprint)
            on_progress("commit", 1, 1)
            _log.info("commit: generation %d", generation)
        if plan.touched:
            self.catalog.put_files(plan.touched)
        notes += self._mirrored(model, on_progress)
        return SyncReport(
            files=tuple(sorted(plan.reports, key=lambda r: r.source)),
            chunks=sum(self.catalog.chunk_counts().values()),
            embedded=embedded,
            seconds=time.perf_counter() - began,
            notes=tuple(notes),
        )

    def _renew(self, why: str) -> str:
        """An empty catalog with the vectors that are whole; returns a note."""
        _log.warning("catalog: made anew, since %s", why)
        self.catalog.renew(keep_vectors=True)
        return f"the index was made anew from the files: {why.removesuffix(' To make it anew: rag sync')}"

    def is_whole(self, *, empty: bool = False) -> bool:
        """Whether there is a generation to answer from; with `empty` also before the first."""
        try:
            self.catalog.verified()
            return empty or self.catalog.generation > 0
        except IndexDamaged:
            return False

    def pending(self) -> dict[str, str]:
        """What the next `sync` will find: source → "added", "changed" or "removed"; files that are as they were are left out."""
        known = self.catalog.files()
        pending = dict.fromkeys(known, "removed")
        for file in find_files(Path(self.config.docs), self.config.max_file_bytes):
            row = known.get(file.source)
            if row is None:
                pending[file.source] = "added"
            elif self._is_as_it_was(file, row):
                del pending[file.source]
            else:
                pending[file.source] = "changed"
        return pending

    def catch_up(self, catalog: Catalog) -> None:
        """Bring what is searched in this folder to the generation of `catalog`, which is pinned, where the sync of another folder made it;
        not while another process is at it, or where nothing can be written."""
        model, mirror = self.embedding.model.fingerprint, Mirror(self.config, self.folder, catalog)
        ours = (catalog.kept_here("words_applied")[0], mirror.servers or mirror.held().generation)
        if ours == (str(catalog.generation), mirror.servers or catalog.generation):
            return
        try:
            with writing(self.folder, 0):
                self.words.apply(catalog, silent)
                if not mirror.servers:
                    mirror.apply(model, silent)
            _log.info("caught up with generation %d", catalog.generation)
        except IndexDamaged:
            raise
        except IndexBroken as error:
            _log.info("not caught up, since %s", error)
        finally:
            mirror.close()

    def _mirrored(self, model: str, on_progress: Progress) -> list[str]:
        generation = self.catalog.generation
        notes = self.words.apply(self.catalog, on_progress) + self.mirror.apply(model, on_progress)
        self.catalog.forget_changes(self.mirror.taken_up(generation))
        return notes

    # scan and read

    def _read(self, file: FoundFile) -> _Read | FileReport:
        return _read(Path(self.config.docs), file, self.config.max_file_bytes)

    def _is_as_it_was(self, file: FoundFile, row: FileRow) -> bool:
        """By its signature, else by its bytes."""
        if row.state == "indexed" and row.signature and row.signature == file.signature:
            return True
        got = self._read(file)
        if isinstance(got, FileReport):
            return (got.state, got.reason) == (row.state, row.reason)
        return row.state == "indexed" and hashlib.sha256(got.content).hexdigest() == row.sha256

    def _plan(self, on_progress: Progress, *, afresh: bool) -> _Plan:
        plan = _Plan()
        old = self.catalog.files()
        on_progress("scan", 0, 1)
        found = list(find_files(Path(self.config.docs), self.config.max_file_bytes))
        on_progress("scan", 1, 1)
        _log.info("scan: %d files", len(found))
        plan.removed = sorted(set(old) - {file.source for file in found})
        plan.reports += [FileReport(source, "removed") for source in plan.removed]
        kept: dict[str, FileRow] = {}
        read: dict[str, _Read] = {}
        for done, file in enumerate(found):
            on_progress("read", done, len(found))
            row = old.get(file.source)
            if row and row.state == "indexed" and row.signature and row.signature == file.signature and not afresh:
                kept[file.source] = row
                continue
            got = self._read(file)
            if isinstance(got, FileReport):
                _note(plan, row, got)
            else:
                read[file.source] = got
        repeated = _repeated([set(r.line_keys) for r in kept.values()] + [r.keys for r in read.values()])
        paths = {file.source: file for file in found}
        for source, row in kept.items():
            if set(row.repeated) != repeated.intersection(row.line_keys):
                got = self._read(paths[source])  # its clutter has changed with the other files
                if isinstance(got, FileReport):
                    _note(plan, row, got)
                else:
                    read[source] = got
            else:
                plan.reports.append(FileReport(source, "unchanged"))
        for done, source in enumerate(sorted(read)):
            on_progress("read", len(found) - len(read) + done, len(found))
            self._index(plan, read[source], old.get(source), repeated, afresh)
        on_progress("read", len(found), len(found))
        _log.info("read: %d files, %d to write down, %d removed", len(read), len(plan.rows), len(plan.removed))
        for report in plan.reports:
            _log.debug("%s: %s %s", report.source, report.state, report.reason)
        return plan

    def _index(self, plan: _Plan, read: _Read, old: FileRow | None, repeated: set[str], afresh: bool) -> None:
        source = read.found.source
        sha256 = hashlib.sha256(read.content).hexdigest()
        signature = read.found.signature if read.settled else ""
        mine = sorted(repeated & read.keys)
        same = old is not None and old.state == "indexed" and old.sha256 == sha256
        if same and old is not None and not afresh and old.repeated == mine:
            plan.touched.append(replace(old, signature=signature))
            plan.reports.append(FileReport(source, "unchanged"))
            return
        try:
            document, nodes = within(MAX_FILE_SECONDS, lambda: self._chunks(read, repeated))
        except TimeoutError:
            _note(plan, old, FileReport(source, "failed", Reason("too slow", {"seconds": MAX_FILE_SECONDS})))
            return
        facts = document.metadata
        plan.rows.append(
            FileRow(
                source=source,
                state="indexed",
                signature=signature,
                sha256=sha256,
                title=facts["title"],
                date=facts["date"],
                author=facts["author"],
                language=facts["language"],
                hidden=facts["hidden"],
                page_starts=facts["page_starts"],
                line_keys=sorted(read.keys),
                repeated=mine,
                indexed_at=datetime.now(UTC).isoformat(timespec="seconds"),
            )
        )
        plan.chunks[source] = [_chunk_row(source, node) for node in nodes]
        plan.reports.append(FileReport(source, "unchanged" if same else "changed" if old and old.sha256 else "added"))

    def _chunks(self, read: _Read, repeated: set[str]) -> tuple[LlamaDocument, list[TextNode]]:
        from llama_index.core.ingestion import run_transformations

        document = load(read.found.source, read.found.path, read.content, read.parsed, repeated)
        return document, cast("list[TextNode]", run_transformations([document], [self._chunker()]))

    def _chunker(self) -> SentenceWindows:
        from rag.corpus.chunks import SentenceWindows

        return SentenceWindows(
            self.embedding.model.tokenizer,
            chunk_tokens=self.config.chunk_tokens,
            overlap_tokens=self.config.overlap_tokens,
            context_tokens=self.config.context_tokens,
        )

    # embed

    def _embed(self, plan: _Plan, model: str, on_progress: Progress) -> int:
        texts = {row.vector_key: row.embedded for rows in plan.chunks.values() for row in rows}
        # Longest first, so that the time left is never underestimated.
        missing = sorted(self.catalog.missing_vectors(list(texts), model), key=lambda key: (-len(texts[key]), key))
        began = time.perf_counter()
        for at in range(0, len(missing), EMBED_BATCH):
            on_progress("embed", at, len(missing))
            batch = missing[at : at + EMBED_BATCH]
            self.catalog.put_vectors(batch, self.embedding.embed([texts[key] for key in batch]), model)
        if missing:
            on_progress("embed", len(missing), len(missing))
        _log.info("embed: %d of %d texts in %.1f s", len(missing), len(texts), time.perf_counter() - began)
        return len(missing)


def _read(root: Path, file: FoundFile, max_bytes: int) -> _Read | FileReport:
    if file.failed or file.skipped:
        return FileReport(file.source, "failed" if file.failed else "skipped", file.failed or file.skipped)
    try:
        settled = time.time() - file.path.lstat().st_mtime > _RACY_SECONDS
        content = read_bytes(root, file.source, max_bytes)
        parsed = within(MAX_FILE_SECONDS, lambda: parse(file.path, content))
    except FileSkipped as error:
        return FileReport(file.source, "skipped", error.reason)
    except FileFailed as error:
        return FileReport(file.source, "failed", error.reason)
    except TimeoutError:
        return FileReport(file.source, "failed", Reason("too slow", {"seconds": MAX_FILE_SECONDS}))
    except OSError as error:
        return FileReport(file.source, "failed", Reason("cannot be read", {"error": str(error.strerror)}))
    return _Read(file, content, parsed, set() if parsed.declared else edge_line_keys(parsed.text), settled)


def _note(plan: _Plan, old: FileRow | None, report: FileReport) -> None:
    """Record a file that cannot be indexed, and forget what it held when it could."""
    plan.reports.append(report)
    row = FileRow(report.source, report.state, report.reason)
    if old != row:
        plan.rows.append(row)
        plan.chunks[report.source] = []


def _repeated(keys: Sequence[set[str]]) -> set[str]:
    counts = Counter(key for each in keys for key in each)
    return {key for key, count in counts.items() if count >= REPEATED_IN}


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
