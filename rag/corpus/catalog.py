"""The truth about an index: files, chunks, vectors and the generation, through SQLAlchemy Core in SQLite, or in PostgreSQL.

In: rows that `indexing` has worked out. Out: the same rows to `mirror`, `words` and `retrieval`. Chroma and the word
index can be thrown away at any time and made again from here without embedding anything.
Vectors are kept by (key of the embedded text, model), so that no text is embedded twice by one model.

Nothing is believed that is not as it was written. Every row carries a digest, which is compared when the row is read; a file's digest
covers those of its chunks, and `root` in meta those of all files: `verified` compares them on opening. What differs is IndexDamaged,
and `renew` makes a new catalog with the vectors that are whole.
Readers and the writer do not wait for each other: `pinned` is the catalog at one moment. What differs between the databases is in
`sqlite` and `postgres`, each a `Database`.
"""

from __future__ import annotations

import copy
import hashlib
import weakref
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass, field, replace
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import sqlalchemy as sa

from rag.corpus.sqlite import SQLiteFile
from rag.corpus.tables import (
    CHANGES,
    CHUNKS,
    FILES,
    META,
    SCHEMA,
    VECTORS,
    crc_of,
    held_by,
    meta_of,
    put_meta,
    root_of,
    sealed_row,
    whole_row,
)
from rag.errors import IndexBroken, IndexDamaged
from rag.messages import Reason
from rag.models.runtime import FloatArray

_IN_LIMIT = 500
"""Values in one IN (…) list; SQLite allows 999 variables in its oldest builds."""
_AT_ONCE = 1000
"""Rows that are fetched together where there may be many."""


@dataclass(frozen=True)
class FileRow:
    """One file as it was last seen; `state` is indexed, skipped or failed."""

    source: str
    state: str
    reason: Reason | None = None
    """Why it is skipped or failed; kept as JSON of code and values."""
    signature: str = ""
    sha256: str = ""
    title: str = ""
    date: str = ""
    author: str = ""
    language: str = ""
    hidden: int = 0
    """Words of it that are in no chunk."""
    page_starts: list[int] = field(default_factory=list)
    whole: bool = False
    """Whether it was indexed as one of which nothing is clutter."""
    line_keys: list[str] = field(default_factory=list)
    """Lines at its edges that count for repetition across files."""
    repeated: list[str] = field(default_factory=list)
    """Those of them that were taken for clutter when it was indexed."""
    indexed_at: str = ""
    """When its chunks were made: UTC, ISO 8601, to the second."""
    held: str = ""
    """Digest of its chunks' digests, "" where it has none; `commit` works it out."""


@dataclass(frozen=True)
class ChunkRow:
    """One chunk: the characters start:end of its file, with the context that is embedded before them."""

    chunk_id: str
    source: str
    start: int
    end: int
    text: str
    context: str
    context_spans: list[list[int]]
    """(start, end) of the headings, header row and lead-in in it, in the file's characters."""
    cjk: bool
    sentences: list[list[int]]
    """(start, end) of each sentence, in the file's characters."""
    unanswering: list[list[int]]
    """(start, end) of each heading and question, in the file's characters."""
    vector_key: str

    @property
    def embedded(self) -> str:
        """What the encoder and the word index see."""
        return f"{self.context}\n{self.text}" if self.context else self.text


def vector_key(embedded: str) -> str:
    """Identifies a text to embed."""
    return hashlib.sha256(embedded.encode("utf-8", "surrogatepass")).hexdigest()[:32]


class Database(Protocol):
    """Where the rows of one index lie, and all that differs between the places: a SQLite file, or a schema in PostgreSQL."""

    place: str
    """What it is called in a message; without a password."""
    shared: bool
    """Whether several index folders may have this one catalog."""
    opened: object
    """Which catalog was last read, as another one may take its place."""
    errors: tuple[type[Exception], ...]
    """What may be raised by a statement."""

    def make(self) -> None:
        """An empty catalog, where there is none."""

    def is_there(self) -> bool:
        """Whether there is one."""

    def close(self) -> None:
        """Let go of connections; what is pinned stays."""

    def identity(self) -> object:
        """Of the catalog that is there at this moment."""

    def pin(self) -> sa.Connection:
        """A connection that sees the rows of this moment until it is let go of."""

    def let_go(self, connection: sa.Connection) -> None:
        """Of one that was pinned. Raises nothing."""

    def transaction(self, *, write: bool) -> AbstractContextManager[sa.Connection]:
        """All that is read in it is of one moment; one writes at a time."""

    def broken(self, error: Exception) -> IndexBroken | None:
        """What one of `errors` says of the place; None where it says that the catalog is damaged."""

    def put(self, connection: sa.Connection, table: sa.Table, rows: list[dict[str, Any]]) -> None:
        """Each in the place of one with its key."""

    def check_pages(self, connection: sa.Connection) -> None:
        """Raises ValueError where the database finds itself unsound."""

    def committed(self, connection: sa.Connection, generation: int) -> None:
        """In the transaction that makes a generation."""

    def forgettable(self, connection: sa.Connection, generation: int) -> int:
        """The last generation whose changes nobody needs, where all up to `generation` are taken up in this folder; 0 where none is."""

    def forget(self, connection: sa.Connection, generation: int) -> None:
        """The changes up to `generation`."""

    def remembers(self, connection: sa.Connection, generation: int) -> bool:
        """Whether all changes after `generation` are still known."""

    def kept_here(self, connection: sa.Connection, keys: Sequence[str]) -> list[str]:
        """What `keep_here` wrote last of this catalog as the connection sees it; "" where it wrote nothing."""

    def keep_here(self, connection: sa.Connection, values: Mapping[str, str]) -> None:
        """Facts about the files of this index folder, which hold what the catalog holds at this moment."""

    def writing(self, wait_seconds: float) -> AbstractContextManager[None]:
        """The lock of whoever writes, beside that of the folder. Raises IndexLocked."""

    def hold(self) -> object:
        """Keeps `drop` from it while the object is there."""

    def drop(self) -> None:
        """Delete what lies outside the folder. Raises IndexLocked where it is held."""

    def bytes_elsewhere(self) -> int:
        """What lies outside the folder."""

    def renew(self, *, keep_vectors: bool) -> None:
        """Put an empty catalog in the place of this one, with those of its vectors that are whole, if they are wanted. Who sees the old
        one keeps it until it asks again."""


class Catalog:
    """One index's rows. Raises IndexDamaged where they are not as they were written, IndexBroken where they cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._pinned: sa.Connection | None = None

    @classmethod
    def at(cls, path: Path) -> Catalog:
        """The catalog in the SQLite file `path`; an empty one where there is none."""
        catalog = cls(SQLiteFile(path))
        catalog.make()
        return catalog

    def make(self) -> None:
        """An empty one, where there is none."""
        self._database.make()

    def is_there(self) -> bool:
        """Whether there is one, whole or not."""
        return self._database.is_there()

    @property
    def place(self) -> str:
        """Where it lies, to be told to people."""
        return self._database.place

    @property
    def shared(self) -> bool:
        """Whether it lies outside the index folder, for others too."""
        return self._database.shared

    @property
    def opened(self) -> object:
        """Which catalog it is, as another one may take its place."""
        return self._database.opened

    def close(self) -> None:
        """Let go of the database; what is pinned stays until it is let go of."""
        self._database.close()

    def identity(self) -> object:
        """Of the catalog that is there at this moment."""
        return self._database.identity()

    def pinned(self) -> Catalog:
        """The catalog as it is at this moment, for one thread, for as long as the object is held; writers go on meanwhile."""
        with self._errors():
            connection = self._database.pin()
        view = copy.copy(self)
        view._database = copy.copy(self._database)
        view._pinned = connection
        weakref.finalize(view, self._database.let_go, connection).atexit = False
        return view

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except self._database.errors as error:
            if broken := self._database.broken(error):
                raise broken from error
            raise self._damaged(str(error.orig if isinstance(error, sa.exc.DBAPIError) else error)) from error
        except (ValueError, TypeError, LookupError) as error:
            raise self._damaged(f"{type(error).__name__}: {error}") from error

    def _damaged(self, why: str) -> IndexDamaged:
        if self._pinned is not None:  # else it stands in the way of who makes the catalog anew
            self._database.let_go(self._pinned)
        return IndexDamaged(f"{self.place} is damaged ({why[:200]}). To make it anew: rag sync")

    @contextmanager
    def _transaction(self, *, write: bool = False) -> Iterator[sa.Connection]:
        with self._errors():
            if self._pinned is not None:
                yield self._pinned
                return
            with self._database.transaction(write=write) as connection:
                yield connection

    def writing(self, wait_seconds: float) -> AbstractContextManager[None]:
        """The lock of whoever writes, for this thread. Raises IndexLocked where another one holds it for `wait_seconds`."""
        return self._database.writing(wait_seconds)

    def hold(self) -> object:
        """Keeps the catalog from being deleted by others, for as long as the object is there."""
        with self._errors():
            return self._database.hold()

    def drop(self) -> None:
        """Delete it, as far as it lies outside the index folder. Raises IndexLocked where others hold it."""
        with self._errors():
            self._database.drop()

    def bytes_elsewhere(self) -> int:
        """What it takes outside the index folder."""
        with self._errors():
            return self._database.bytes_elsewhere()

    def renew(self, *, keep_vectors: bool) -> None:
        """Make it empty, but for those of its vectors that are whole, if they are wanted.

        Only the holder of the write lock may call it. Who has the old one open keeps it until the next question.
        """
        with self._errors():
            self._database.renew(keep_vectors=keep_vectors)

    def meta(self, key: str, default: str = "") -> str:
        with self._transaction() as connection:
            value = connection.scalar(sa.select(META.c.value).where(META.c.key == key))
        return default if value is None else str(value)

    def set_meta(self, **values: str) -> None:
        """Write all of `values` in one transaction."""
        with self._transaction(write=True) as connection:
            put_meta(connection, self._database.put, values)

    def kept_here(self, *keys: str) -> list[str]:
        """What the files of this index folder are known to hold, by `keep_here`; "" where nothing is known of this catalog's."""
        with self._transaction() as connection:
            return self._database.kept_here(connection, keys)

    def keep_here(self, **values: str) -> None:
        """Record, all at once, what the files of this index folder hold of the catalog as it is at this moment."""
        with self._transaction(write=not self.shared) as connection:
            self._database.keep_here(connection, values)

    @property
    def generation(self) -> int:
        """Grows with every change of the content."""
        with self._errors():
            return int(self.meta("generation", "0"))

    def verified(self) -> dict[str, FileRow]:
        """`files`, after holding every digest against those it covers. Raises IndexBroken when a newer version wrote it."""
        with self._transaction() as connection:
            schema = int(meta_of(connection, "schema"))
            if schema > SCHEMA:
                raise IndexBroken(
                    f"{self.place} has format {schema}, this version reads {SCHEMA}. To throw it away: rag sync --rebuild"
                )
            if schema < SCHEMA:
                raise ValueError(f"format {schema}, this version reads {SCHEMA}")
            files = {row["source"]: _file_row(row) for row in map(whole_row, _rows(connection, _by_name()))}
            if root_of(connection) != meta_of(connection, "root"):
                raise ValueError("files are missing or others")
            digests = connection.execute(_many(sa.select(CHUNKS.c.source, CHUNKS.c.digest).order_by(*_CHUNK_ORDER)))
            held = {source: held_by(digest for _, digest in rows) for source, rows in groupby(digests, itemgetter(0))}
            if held != {source: row.held for source, row in files.items() if row.held}:
                raise ValueError("chunks are missing or others")
            return files

    def check_pages(self) -> None:
        """Whether the database finds itself sound: to be asked before anything is written into it."""
        with self._transaction() as connection:
            self._database.check_pages(connection)

    def check_vectors(self, model: str) -> None:
        """Whether every chunk has a vector that is as long as the others."""
        with self._transaction() as connection:
            join = CHUNKS.outerjoin(VECTORS, sa.and_(CHUNKS.c.vector_key == VECTORS.c.vector_key, VECTORS.c.model == model))
            lengths = connection.scalars(sa.select(sa.func.length(VECTORS.c.vector)).select_from(join).distinct()).all()
            if len(lengths) > 1 or None in lengths:
                raise ValueError("vectors are missing or cut")

    def files(self) -> dict[str, FileRow]:
        """All files by source, in name order."""
        with self._transaction() as connection:
            return {row["source"]: _file_row(row) for row in map(whole_row, _rows(connection, _by_name()))}

    def commit(
        self, *, files: Iterable[FileRow], chunks: Mapping[str, Sequence[ChunkRow]], removed: Iterable[str], fingerprint: str
    ) -> int:
        """One transaction: put `files`, replace the chunks of the sources in `chunks`, forget `removed`.

        Returns the new generation.
        """
        gone = sorted({*removed, *chunks})
        put = {row.chunk_id for rows in chunks.values() for row in rows}
        sealed = {source: [sealed_row(vars(row)) for row in sorted(rows, key=_place)] for source, rows in chunks.items()}
        held = {source: held_by(row["digest"] for row in rows) for source, rows in sealed.items()}
        with self._transaction(write=True) as connection:
            had: set[str] = set()
            for part in _parts(gone):
                had.update(connection.scalars(sa.select(CHUNKS.c.chunk_id).where(CHUNKS.c.source.in_(part))))
                connection.execute(sa.delete(CHUNKS).where(CHUNKS.c.source.in_(part)))
            for part in _parts(sorted(removed)):
                connection.execute(sa.delete(FILES).where(FILES.c.source.in_(part)))
            self._database.put(
                connection, FILES, [_sealed_file(replace(row, held=held.get(row.source, row.held))) for row in files]
            )
            self._database.put(connection, CHUNKS, [row for rows in sealed.values() for row in rows])
            generation = int(meta_of(connection, "generation")) + 1
            put_meta(connection, self._database.put, {"generation": str(generation), "fingerprint": fingerprint})
            put_meta(connection, self._database.put, {"root": root_of(connection)})
            self._database.put(connection, CHANGES, [{"generation": generation, "chunk_id": i} for i in sorted(had ^ put)])
            self._database.committed(connection, generation)
            _drop_orphans(connection)
        return generation

    def put_files(self, files: Sequence[FileRow]) -> None:
        """Record new signatures of files whose content is the same; no new generation."""
        with self._transaction(write=True) as connection:
            self._database.put(connection, FILES, [_sealed_file(row) for row in files])
            put_meta(connection, self._database.put, {"root": root_of(connection)})

    def changed_since(self, generation: int) -> list[str]:
        """Ids of the chunks that came or went after `generation`, in order."""
        query = sa.select(CHANGES.c.chunk_id).where(CHANGES.c.generation > generation).distinct().order_by(CHANGES.c.chunk_id)
        with self._transaction() as connection:
            return list(connection.scalars(query))

    def remembers(self, generation: int) -> bool:
        """Whether `changed_since` tells all that changed since then; else the chunks have to be taken as they are."""
        with self._transaction() as connection:
            return self._database.remembers(connection, generation)

    def forget_changes(self, generation: int) -> None:
        """Those up to `generation`, which everything in this folder has taken up; where there are none, nothing is written."""
        with self._transaction() as connection:
            last = self._database.forgettable(connection, generation)
        if last:
            with self._transaction(write=True) as connection:
                self._database.forget(connection, last)

    def count_chunks(self) -> int:
        with self._transaction() as connection:
            return int(connection.scalar(sa.select(sa.func.count()).select_from(CHUNKS)) or 0)

    def some_ids(self, most: int) -> list[str]:
        """Up to `most` chunk ids from all over: those next to evenly spread ones, since an id is a digest."""
        with self._transaction() as connection:
            near = [
                connection.scalar(sa.select(sa.func.min(CHUNKS.c.chunk_id)).where(CHUNKS.c.chunk_id >= f"{i * 256 // most:02x}"))
                for i in range(most)
            ]
        return sorted({chunk_id for chunk_id in near if chunk_id is not None})

    def chunk_ids(self, sources: Collection[str] | None = None) -> list[str]:
        """Of all files or of these, in the order of `chunks` (within each 500 files)."""
        query = sa.select(CHUNKS.c.chunk_id).order_by(*_CHUNK_ORDER)
        queries = (
            [_many(query)] if sources is None else [query.where(CHUNKS.c.source.in_(part)) for part in _parts(sorted(sources))]
        )
        with self._transaction() as connection:
            return [chunk_id for part in queries for chunk_id in connection.scalars(part)]

    def chunks(self, ids: Sequence[str] | None = None, *, missing_ok: bool = False) -> Iterator[ChunkRow]:
        """The chunks with these ids, each of which must be there unless it is `missing_ok`, or all; by file, then by place (within each
        500 ids)."""
        query = sa.select(CHUNKS).order_by(*_CHUNK_ORDER)
        queries = [_many(query)] if ids is None else [query.where(CHUNKS.c.chunk_id.in_(part)) for part in _parts(ids)]
        found = 0
        with self._transaction() as connection:
            for part in queries:
                for row in _rows(connection, part):
                    yield ChunkRow(**whole_row(row))
                    found += 1
            if ids is not None and found != len(set(ids)) and not missing_ok:
                raise ValueError("chunks are missing")

    def chunks_between(self, source: str, start: int, end: int) -> list[ChunkRow]:
        """The chunks of `source` that share characters with start:end, by place."""
        query = sa.select(CHUNKS).where(CHUNKS.c.source == source, CHUNKS.c.start < end, CHUNKS.c.end > start)
        with self._transaction() as connection:
            return [ChunkRow(**whole_row(row)) for row in _rows(connection, query.order_by(*_CHUNK_ORDER))]

    def missing_vectors(self, keys: Sequence[str], model: str) -> list[str]:
        """Those of `keys` that `model` has not embedded yet, in their order, each once."""
        known: set[str] = set()
        with self._transaction() as connection:
            for part in _parts(keys):
                query = sa.select(VECTORS.c.vector_key).where(VECTORS.c.model == model, VECTORS.c.vector_key.in_(part))
                known.update(connection.scalars(query))
        return [key for key in dict.fromkeys(keys) if key not in known]

    def put_vectors(self, keys: Sequence[str], vectors: FloatArray, model: str) -> None:
        blobs = [vector.tobytes() for vector in vectors]
        rows = [{"vector_key": k, "model": model, "vector": b, "crc": crc_of(k, model, b)} for k, b in zip(keys, blobs)]
        with self._transaction(write=True) as connection:
            self._database.put(connection, VECTORS, rows)

    def vectors(self, ids: Sequence[str], model: str) -> dict[str, FloatArray]:
        """Vectors by chunk id, each of which must be there."""
        found: dict[str, FloatArray] = {}
        join = CHUNKS.join(VECTORS, sa.and_(CHUNKS.c.vector_key == VECTORS.c.vector_key, VECTORS.c.model == model))
        columns = (CHUNKS.c.chunk_id, VECTORS.c.vector_key, VECTORS.c.vector, VECTORS.c.crc)
        with self._transaction() as connection:
            for part in _parts(ids):
                query = sa.select(*columns).select_from(join).where(CHUNKS.c.chunk_id.in_(part))
                for chunk_id, key, blob, crc in connection.execute(query):
                    if crc != crc_of(key, model, blob):
                        raise ValueError("a vector is not as it was written")
                    found[chunk_id] = np.frombuffer(blob, dtype=np.float32)
            if len(found) != len(set(ids)):
                raise ValueError("vectors are missing")
        return found

    def lengths(self) -> dict[str, int]:
        """Where the last chunk of each source ends, in characters."""
        with self._transaction() as connection:
            query = sa.select(CHUNKS.c.source, sa.func.max(CHUNKS.c.end)).group_by(CHUNKS.c.source)
            return {source: int(end) for source, end in connection.execute(query)}

    def chunk_counts(self) -> dict[str, int]:
        """Chunks of each source that has any."""
        with self._transaction() as connection:
            query = sa.select(CHUNKS.c.source, sa.func.count()).group_by(CHUNKS.c.source)
            return {source: int(count) for source, count in connection.execute(query)}


def _sealed_file(row: FileRow) -> dict[str, Any]:
    return sealed_row({**vars(row), "reason": asdict(row.reason) if row.reason else None})


def _rows(connection: sa.Connection, query: sa.Select[Any]) -> Iterator[Mapping[Any, Any]]:
    return (row._mapping for row in connection.execute(query))


def _many(query: sa.Select[Any]) -> sa.Select[Any]:
    """One whose rows are not held in memory together."""
    return query.execution_options(yield_per=_AT_ONCE)


def _by_name() -> sa.Select[Any]:
    return sa.select(FILES).order_by(FILES.c.source)


def _place(row: ChunkRow) -> tuple[str, int, int, str]:
    return (row.source, row.start, row.end, row.chunk_id)


def _file_row(kept: Mapping[Any, Any]) -> FileRow:
    return FileRow(**{**kept, "reason": Reason(**kept["reason"]) if kept["reason"] else None})


_CHUNK_ORDER = (CHUNKS.c.source, CHUNKS.c.start, CHUNKS.c.end, CHUNKS.c.chunk_id)


def _parts(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for at in range(0, len(values), _IN_LIMIT):
        yield values[at : at + _IN_LIMIT]


def _drop_orphans(connection: sa.Connection) -> None:
    """Forget vectors that no chunk uses once there is one for two chunks; until then they save work on a return."""
    chunks = connection.scalar(sa.select(sa.func.count()).select_from(CHUNKS)) or 0
    total = connection.scalar(sa.select(sa.func.count()).select_from(VECTORS)) or 0
    if total > 1.5 * chunks:
        unused = sa.except_(sa.select(VECTORS.c.vector_key), sa.select(CHUNKS.c.vector_key))
        connection.execute(sa.delete(VECTORS).where(VECTORS.c.vector_key.in_(unused)))
