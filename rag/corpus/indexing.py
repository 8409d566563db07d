"""The folder → the catalog: `sync` makes the catalog match the files, lets `mirror` and `wordfiles` bring what is searched to it, and reports each file's fate.

In: the files of one folder. Out: rows and vectors in the catalog, and a `SyncReport`; what is searched is theirs.
Order of a run, each step safe to be killed in and to be run again:
  scan    every file against the catalog, by signature and then by sha256
  read    decode the new and changed files and cut them into chunks (`rows`, here or by `workers`)
  embed   texts that have no vector yet, saved batch by batch
  commit  files and chunks, in one catalog transaction that raises the generation
  words   `wordfiles` brings the word index to the catalog's chunks
  store   `mirror` brings Chroma to the catalog's chunk ids
  applied and records that it holds this generation
A catalog that is not as it was written is made anew first: the files are read again, and what was embedded is not embedded again.
`Indexer` holds the folder's write lock (`kept.writing`) and the catalog's through all of them, and writes alone, whoever reads and embeds for it.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

from rag.config import Config
from rag.corpus.catalog import Catalog, ChunkRow, FileRow
from rag.corpus.documents import FoundFile, find_files, read_bytes
from rag.corpus.kept import catalog_of, record_docs, writing
from rag.corpus.mirror import Mirror
from rag.corpus.rows import MAX_FILE_SECONDS, RowMaker, Rows, Sizes, Text, parsed, row_maker, too_slow
from rag.corpus.wordfiles import WordFiles
from rag.corpus.workers import Crew, Here, WorkerDied, cluster, processes
from rag.errors import FileFailed, FileSkipped, IndexBroken, IndexDamaged, WorkersFailed
from rag.messages import Reason
from rag.models.encoder import Encoder
from rag.places import make_private
from rag.reports import FileReport, Progress, SyncReport, silent

REPEATED_IN = 3
"""A short line at the edges of this many files is site furniture."""
EMBED_BATCH = 128
SENT_BATCH = 32
"""Texts that a worker embeds at a time: fewer, so that all of them end at about the same time."""
CALL_SECONDS = 2 * MAX_FILE_SECONDS + 60
"""After which a worker that is stuck where its own deadlines do not reach is given up."""
CRASHED = Reason("reader died")
_RACY_SECONDS = 2.0
_log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True)
class _Read:
    """A file that was read in this run."""

    sha256: str
    signature: str
    """"" where it is so young that a later change need not change it."""
    got: Rows | Text

    @property
    def keys(self) -> set[str]:
        return self.got.keys if isinstance(self.got, Text) else set()


@dataclass
class _Plan:
    """What a scan decided: rows to write, chunks to replace, and each file's report."""

    old: dict[str, FileRow]
    """The catalog's files as they were."""
    kept: dict[str, FileRow] = field(default_factory=dict)
    """Rows whose content is the same, some with a new signature."""
    read: dict[str, _Read] = field(default_factory=dict)
    rows: list[FileRow] = field(default_factory=list)
    chunks: dict[str, list[ChunkRow]] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)
    reports: list[FileReport] = field(default_factory=list)

    @property
    def touched(self) -> list[FileRow]:
        """Rows of which nothing but the signature is new."""
        return [row for source, row in self.kept.items() if row != self.old[source]]

    def take(self, file: FoundFile, got: _Read | FileRow | FileReport) -> None:
        """What a look at a file gave, in the place of what there is of it."""
        self.kept.pop(file.source, None)
        if isinstance(got, FileReport):
            self.note(file, got)
        elif isinstance(got, FileRow):
            self.kept[file.source] = got
        else:
            self.read[file.source] = got

    def note(self, file: FoundFile, report: FileReport) -> None:
        """Record a file that cannot be indexed, and forget what it held when it could."""
        self.reports.append(report)
        row = FileRow(report.source, report.state, report.reason, file.signature if report.reason == CRASHED else "")
        if self.old.get(report.source) != row:
            self.rows.append(row)
            self.chunks[report.source] = []

    def put(self, source: str, rows: Rows, repeated: set[str]) -> None:
        """Record a file that was read, with its rows."""
        read, old = self.read[source], self.old.get(source)
        self.rows.append(
            FileRow(
                source=source,
                state="indexed",
                signature=read.signature,
                sha256=read.sha256,
                line_keys=sorted(read.keys),
                repeated=sorted(repeated & read.keys),
                indexed_at=datetime.now(UTC).isoformat(timespec="seconds"),
                **rows.facts,
            )
        )
        self.chunks[source] = rows.chunks
        same = old is not None and old.state == "indexed" and old.sha256 == read.sha256
        self.reports.append(FileReport(source, "unchanged" if same else "changed" if old and old.sha256 else "added"))


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
        workers: int = 0,
        ray: str | None = None,
    ) -> SyncReport:
        """Make the index match the folder. Raises UsageError, IndexBroken or ModelBroken; files' troubles are reported.

        `rebuild` throws away what there is. `damaged` is the `opened` of a catalog that was found to be. For another writer to end it
        waits `wait_seconds`, as long as is configured where it is None. So many `workers` read and embed, processes of this machine or
        actors of the Ray cluster at the address `ray`; where there are none, this process does.
        """
        began = time.perf_counter()
        work = partial(self._sync, partial(self._crew, workers, ray), on_progress, began)
        wait = self.config.lock_timeout_seconds if wait_seconds is None else wait_seconds
        with writing(self.folder, wait), self.catalog.writing(wait):
            notes: list[str] = []
            if rebuild:
                self.catalog.renew(keep_vectors=False)
            elif damaged is not None and damaged == self.catalog.identity():
                notes = [self._renew("a row is not as it was written")]
            try:
                report = work()
            except IndexDamaged as error:
                notes = [self._renew(str(error))]
                report = work()
        report = replace(report, notes=(*notes, *report.notes))
        _log.info("sync: %d files, %d chunks in %.1f s", len(report.files), report.chunks, report.seconds)
        return report

    def _crew(self, workers: int, ray: str | None) -> Here | Crew:
        """Who reads and embeds. Raises UsageError."""
        sizes = Sizes(self.config.chunk_tokens, self.config.overlap_tokens, self.config.context_tokens)
        here = RowMaker(self.embedding, sizes)
        if ray is not None:
            return cluster(ray, workers, partial(row_maker, sizes), here.made_with, CALL_SECONDS)
        return processes(workers, self.config.threads, partial(row_maker, sizes), CALL_SECONDS) if workers else Here(here)

    def _sync(self, crew_of: Callable[[], Here | Crew], on_progress: Progress, began: float) -> SyncReport:
        model = self.embedding.model.fingerprint
        files = self.catalog.verified()
        self.catalog.check_vectors(model)
        fingerprint = f"{self.config.fingerprint()}-{model}"
        known = self.catalog.meta("fingerprint")
        notes = ["settings or model changed: every file is indexed anew"] if known not in ("", fingerprint) else []
        if was := record_docs(self.catalog, Path(self.config.docs)):
            notes.append(f"the documents lay in {was}; their index was taken over")
        with closing(crew_of()) as crew:
            plan = self._plan(crew, files, on_progress, afresh=known != fingerprint)
            anything = bool(plan.rows or plan.removed or known != fingerprint)
            if anything:
                self.catalog.check_pages()
            embedded = self._embed(crew, plan, model, on_progress)
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

    def _is_as_it_was(self, file: FoundFile, row: FileRow) -> bool:
        """By its signature, else by its bytes."""
        if _unchanged(row, file):
            return True
        opened = self._opened(file)
        if isinstance(opened, FileReport):
            return (opened.state, opened.reason) == (row.state, row.reason)
        content, _ = opened
        if row.state == "indexed":
            return (hashlib.sha256(content).hexdigest(), file.whole) == (row.sha256, row.whole)
        got = parsed(file.source, content)
        return isinstance(got, FileReport) and (got.state, got.reason) == (row.state, row.reason)

    def _plan(self, crew: Here | Crew, files: dict[str, FileRow], on_progress: Progress, *, afresh: bool) -> _Plan:
        """What to write, where the catalog has the rows `files`."""
        plan = _Plan(files)
        on_progress("scan", 0, 1)
        found = list(find_files(Path(self.config.docs), self.config.max_file_bytes))
        on_progress("scan", 1, 1)
        _log.info("scan: %d files", len(found))
        plan.removed = sorted(set(plan.old) - {file.source for file in found})
        plan.reports += [FileReport(source, "removed") for source in plan.removed]
        unread: list[FoundFile] = []
        for file in found:
            row = plan.old.get(file.source)
            if not row or not _unchanged(row, file):
                unread.append(file)
            elif row.reason == CRASHED and isinstance(crew, Here):  # this process would be the next to die
                plan.note(file, FileReport(file.source, row.state, row.reason))
            elif row.state == "indexed" and not afresh:
                plan.kept[file.source] = row
            else:
                unread.append(file)
        on_progress("read", len(found) - len(unread), len(found))
        known = {} if afresh else {source: row for source, row in plan.old.items() if row.state == "indexed"}
        for done, (file, got) in enumerate(crew.each(partial(self._read, crew, known), unread), start=1):
            on_progress("read", len(found) - len(unread) + done, len(found))
            plan.take(file, got)
        self._lay_out(crew, plan, found, on_progress)
        plan.reports += [FileReport(source, "unchanged") for source in plan.kept]
        on_progress("read", len(found), len(found))
        _log.info("read: %d files, %d to write down, %d removed", len(plan.read), len(plan.rows), len(plan.removed))
        for report in plan.reports:
            _log.debug("%s: %s %s", report.source, report.state, report.reason)
        return plan

    def _lay_out(self, crew: Here | Crew, plan: _Plan, found: Sequence[FoundFile], on_progress: Progress) -> None:
        """What was read, with the lines that repeat across all files; files whose share of those has changed are read again."""
        repeated = _repeated([*(set(r.line_keys) for r in plan.kept.values()), *(r.keys for r in plan.read.values())])
        kept = [(file, row) for file in found if (row := plan.kept.get(file.source))]
        again = [file for file, row in kept if set(row.repeated) != repeated.intersection(row.line_keys)]
        for file, got in crew.each(partial(self._read, crew, {}), again):
            plan.take(file, got)
        read = [(file, plan.read[file.source]) for file in found if file.source in plan.read]
        rows = {file.source: each.got for file, each in read if isinstance(each.got, Rows)}
        texts = [file for file, each in read if isinstance(each.got, Text)]
        for done, (file, laid) in enumerate(crew.each(partial(self._cut, crew, plan.read, repeated), texts), start=1):
            on_progress("read", len(found) - len(texts) + done, len(found))
            if isinstance(laid, FileReport):
                plan.note(file, laid)
            else:
                rows[file.source] = laid
        for source in sorted(rows):
            plan.put(source, rows[source], repeated)

    def _opened(self, file: FoundFile) -> tuple[bytes, str] | FileReport:
        """A file's content, and its signature where that tells every later change."""
        if file.failed or file.skipped:
            return FileReport(file.source, "failed" if file.failed else "skipped", file.failed or file.skipped)
        try:
            settled = time.time() - file.path.lstat().st_mtime > _RACY_SECONDS
            content = read_bytes(Path(self.config.docs), file.source, self.config.max_file_bytes)
        except FileSkipped as error:
            return FileReport(file.source, "skipped", error.reason)
        except FileFailed as error:
            return FileReport(file.source, "failed", error.reason)
        except OSError as error:
            return FileReport(file.source, "failed", Reason("cannot be read", {"error": str(error.strerror)}))
        return content, file.signature if settled else ""

    def _read(self, crew: Here | Crew, known: Mapping[str, FileRow], file: FoundFile) -> _Read | FileRow | FileReport:
        """What a file holds; its row of `known` where that is the same still."""
        opened = self._opened(file)
        if isinstance(opened, FileReport):
            return opened
        content, signature = opened
        sha256 = hashlib.sha256(content).hexdigest()
        if (row := known.get(file.source)) and (row.sha256, row.whole) == (sha256, file.whole):
            return replace(row, signature=signature)
        got = _or_given_up(file.source, lambda: crew.call("read", file.source, content, file.whole))
        return got if isinstance(got, FileReport) else _Read(sha256, signature, got)

    def _cut(self, crew: Here | Crew, read: Mapping[str, _Read], repeated: set[str], file: FoundFile) -> Rows | FileReport:
        """The rows of a text."""
        text = read[file.source].got
        assert isinstance(text, Text)
        return _or_given_up(file.source, lambda: crew.call("cut", file.source, text.document, repeated, text.whole))

    # embed

    def _embed(self, crew: Here | Crew, plan: _Plan, model: str, on_progress: Progress) -> int:
        texts = {row.vector_key: row.embedded for rows in plan.chunks.values() for row in rows}
        # Longest first, so that the time left is never underestimated.
        missing = sorted(self.catalog.missing_vectors(list(texts), model), key=lambda key: (-len(texts[key]), key))
        began = time.perf_counter()
        size = EMBED_BATCH if isinstance(crew, Here) else SENT_BATCH
        if missing:
            on_progress("embed", 0, len(missing))
        batches = [missing[at : at + size] for at in range(0, len(missing), size)]
        done = 0
        try:
            for batch, vectors in crew.each(lambda batch: crew.call("embed", [texts[key] for key in batch]), batches):
                self.catalog.put_vectors(batch, vectors, model)
                done += len(batch)
                on_progress("embed", done, len(missing))
        except WorkerDied as died:
            raise WorkersFailed(f"workers died over texts to embed ({died}); is there memory for all of them?") from died
        _log.info("embed: %d of %d texts in %.1f s", len(missing), len(texts), time.perf_counter() - began)
        return len(missing)


def _unchanged(row: FileRow, file: FoundFile) -> bool:
    """Whether a file's signature tells that it is as its row has it, and would be indexed as it was."""
    return bool(row.signature) and row.signature == file.signature and (row.whole == file.whole or row.state != "indexed")


def _or_given_up(source: str, call: Callable[[], T]) -> T | FileReport:
    """What a call about a file returns; where it ended its worker, again and again or by its time, that is the file's trouble."""
    try:
        return call()
    except WorkerDied as died:
        return too_slow(source) if died.late else FileReport(source, "failed", CRASHED)


def _repeated(keys: Iterable[set[str]]) -> set[str]:
    counts = Counter(key for each in keys for key in each)
    return {key for key, count in counts.items() if count >= REPEATED_IN}
