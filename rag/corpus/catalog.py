"""The truth about an index: files, chunks, vectors and the generation, in SQLite through SQLAlchemy Core.

In: rows that `indexing` has worked out. Out: the same rows to `mirror`, `words` and `retrieval`. Chroma and the word
index can be thrown away at any time and made again from here without embedding anything.
Vectors are kept by (key of the embedded text, model), so that no text is embedded twice by one model.

Nothing is believed that is not as it was written. Every row carries a digest, which is compared when the row is read; a file's digest
covers those of its chunks, and `root` in meta those of all files: `verified` compares them on opening. What differs is IndexDamaged,
and `renew` makes a new catalog with the vectors that are whole.
Readers and the writer do not wait for each other (SQLite's write-ahead log): `pinned` is the catalog at one moment.
"""

from __future__ import annotations

import contextlib
import copy
import hashlib
import json
import os
import secrets
import shutil
import sqlite3
import weakref
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field, replace
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.pool import QueuePool

from rag.corpus.sealed import sync_folder
from rag.errors import IndexBroken, IndexDamaged
from rag.messages import Reason
from rag.models.runtime import FloatArray
from rag.places import unwritable

SCHEMA = 6
BUSY_SECONDS = 30
_IN_LIMIT = 500
"""Values in one IN (…) list; SQLite allows 999 variables in its oldest builds."""
_OUTSIDE = {
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
}
"""SQLite's codes for what is not the file's own fault."""

_tables = sa.MetaData()
_meta = sa.Table(
    "meta",
    _tables,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)
_files = sa.Table(
    "files",
    _tables,
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("reason", sa.JSON(none_as_null=True)),
    sa.Column("signature", sa.Text, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("date", sa.Text, nullable=False),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("hidden", sa.Integer, nullable=False),
    sa.Column("page_starts", sa.JSON, nullable=False),
    sa.Column("line_keys", sa.JSON, nullable=False),
    sa.Column("repeated", sa.JSON, nullable=False),
    sa.Column("indexed_at", sa.Text, nullable=False),
    sa.Column("held", sa.Text, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
)
_chunks = sa.Table(
    "chunks",
    _tables,
    sa.Column("chunk_id", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, nullable=False, index=True),
    sa.Column("start", sa.Integer, nullable=False),
    sa.Column("end", sa.Integer, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("context", sa.Text, nullable=False),
    sa.Column("context_spans", sa.JSON, nullable=False),
    sa.Column("cjk", sa.Boolean, nullable=False),
    sa.Column("sentences", sa.JSON, nullable=False),
    sa.Column("unanswering", sa.JSON, nullable=False),
    sa.Column("vector_key", sa.Text, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
)
_vectors = sa.Table(
    "vectors",
    _tables,
    sa.Column("vector_key", sa.Text, primary_key=True),
    sa.Column("model", sa.Text, primary_key=True),
    sa.Column("vector", sa.LargeBinary, nullable=False),
    sa.Column("crc", sa.Integer, nullable=False),
)
_changes = sa.Table(
    "changes",
    _tables,
    sa.Column("generation", sa.Integer, primary_key=True),
    sa.Column("chunk_id", sa.Text, primary_key=True),
)


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


class Catalog:
    """One SQLite file. Raises IndexDamaged where it is not as it was written, IndexBroken where it cannot be used."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._engine = sa.create_engine(
            "sqlite://", creator=self._connect, poolclass=QueuePool, max_overflow=-1, pool_reset_on_return="rollback"
        )
        self.opened = self.identity()
        """Which file it is, as another one may take its place."""
        self._unlogged = ""
        """Why no log can be written beside the file."""
        self._pinned: sa.Connection | None = None

    @classmethod
    def at(cls, path: Path) -> Catalog:
        """The catalog at `path`; an empty one where there is none."""
        if not path.exists():
            _make(path)
        return cls(path)

    def close(self) -> None:
        """Let go of the file; what is pinned stays until it is let go of."""
        self._engine.dispose()

    def identity(self) -> tuple[int, int]:
        """Of the file that lies there at this moment."""
        try:
            facts = self.path.stat()
        except OSError:
            return (0, 0)
        return (facts.st_dev, facts.st_ino)

    def pinned(self) -> Catalog:
        """The catalog as it is at this moment, for one thread, for as long as the object is held; writers go on meanwhile."""
        with self._errors():
            self._follow()
            view = copy.copy(self)
            connection = self._engine.connect()
            weakref.finalize(view, connection.close).atexit = False
            connection.exec_driver_sql("BEGIN")
            connection.exec_driver_sql("SELECT count(*) FROM meta")
        view._pinned = connection
        return view

    def _connect(self) -> sqlite3.Connection:
        """As usual; where no log can be written beside the file, as it lies there."""
        at = f"file:{quote(str(self.path.absolute()), errors='surrogateescape')}"
        connection = _open_file(f"{at}?mode=rw")
        try:
            connection.execute("SELECT count(*) FROM sqlite_master")
        except sqlite3.OperationalError as error:
            connection.close()
            log = self.path.with_name(self.path.name + "-wal")
            if _code(error) not in _OUTSIDE or _code(error) == sqlite3.SQLITE_BUSY or (log.exists() and log.stat().st_size):
                raise
            self._unlogged = str(error)
            connection = _open_file(f"{at}?immutable=1")
        return connection

    def _follow(self) -> None:
        """Open the file again where another one took its place."""
        if (now := self.identity()) != self.opened:
            self._engine.dispose()
            self.opened = now

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (sa.exc.DBAPIError, sqlite3.Error) as error:
            cause = error.orig if isinstance(error, sa.exc.DBAPIError) else error
            if _code(cause) in _OUTSIDE and not self.path.is_dir() and self.path.exists():
                if _code(cause) == sqlite3.SQLITE_READONLY and self._unlogged:
                    raise IndexBroken(f"{self.path} cannot be written ({self._unlogged}); is the disk full?") from error
                raise IndexBroken(f"{self.path} cannot be used ({cause}).") from error
            raise self._damaged(str(cause)) from error
        except (ValueError, TypeError, LookupError) as error:
            raise self._damaged(f"{type(error).__name__}: {error}") from error

    def _damaged(self, why: str) -> IndexDamaged:
        return IndexDamaged(f"{self.path} is damaged ({why[:200]}). To make it anew: rag sync")

    @contextmanager
    def _transaction(self, *, write: bool = False) -> Iterator[sa.Connection]:
        with self._errors():
            if self._pinned is not None:
                yield self._pinned
                return
            self._follow()
            with self._engine.begin() as connection:
                connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
                yield connection

    def meta(self, key: str, default: str = "") -> str:
        with self._transaction() as connection:
            value = connection.scalar(sa.select(_meta.c.value).where(_meta.c.key == key))
        return default if value is None else str(value)

    def set_meta(self, **values: str) -> None:
        """Write all of `values` in one transaction."""
        with self._transaction(write=True) as connection:
            _put_meta(connection, values)

    @property
    def generation(self) -> int:
        """Grows with every change of the content."""
        with self._errors():
            return int(self.meta("generation", "0"))

    def verified(self) -> dict[str, FileRow]:
        """`files`, after holding every digest against those it covers. Raises IndexBroken when a newer version wrote it."""
        with self._transaction() as connection:
            schema = int(_meta_of(connection, "schema"))
            if schema > SCHEMA:
                raise IndexBroken(
                    f"{self.path} has format {schema}, this version reads {SCHEMA}. To throw it away: rag sync --rebuild"
                )
            if schema < SCHEMA:
                raise ValueError(f"format {schema}, this version reads {SCHEMA}")
            files = {row["source"]: _file_row(row) for row in map(_whole, _rows(connection, _by_name()))}
            if _root(connection) != _meta_of(connection, "root"):
                raise ValueError("files are missing or others")
            digests = connection.execute(sa.select(_chunks.c.source, _chunks.c.digest).order_by(*_CHUNK_ORDER))
            held = {source: _held(digest for _, digest in rows) for source, rows in groupby(digests, itemgetter(0))}
            if held != {source: row.held for source, row in files.items() if row.held}:
                raise ValueError("chunks are missing or others")
            return files

    def check_pages(self) -> None:
        """Whether SQLite finds the file sound: to be asked before anything is written into it."""
        with self._transaction() as connection:
            if (said := connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()) != "ok":
                raise ValueError(said)

    def check_vectors(self, model: str) -> None:
        """Whether every chunk has a vector that is as long as the others."""
        with self._transaction() as connection:
            join = _chunks.outerjoin(_vectors, sa.and_(_chunks.c.vector_key == _vectors.c.vector_key, _vectors.c.model == model))
            lengths = connection.scalars(sa.select(sa.func.length(_vectors.c.vector)).select_from(join).distinct()).all()
            if len(lengths) > 1 or None in lengths:
                raise ValueError("vectors are missing or cut")

    def files(self) -> dict[str, FileRow]:
        """All files by source, in name order."""
        with self._transaction() as connection:
            return {row["source"]: _file_row(row) for row in map(_whole, _rows(connection, _by_name()))}

    def commit(
        self, *, files: Iterable[FileRow], chunks: Mapping[str, Sequence[ChunkRow]], removed: Iterable[str], fingerprint: str
    ) -> int:
        """One transaction: put `files`, replace the chunks of the sources in `chunks`, forget `removed`.

        Returns the new generation.
        """
        gone = sorted({*removed, *chunks})
        put = {row.chunk_id for rows in chunks.values() for row in rows}
        sealed = {source: [_sealed(vars(row)) for row in sorted(rows, key=_place)] for source, rows in chunks.items()}
        held = {source: _held(row["digest"] for row in rows) for source, rows in sealed.items()}
        with self._transaction(write=True) as connection:
            had: set[str] = set()
            for part in _parts(gone):
                had.update(connection.scalars(sa.select(_chunks.c.chunk_id).where(_chunks.c.source.in_(part))))
                connection.execute(sa.delete(_chunks).where(_chunks.c.source.in_(part)))
            for part in _parts(sorted(removed)):
                connection.execute(sa.delete(_files).where(_files.c.source.in_(part)))
            _replace(connection, _files, [_sealed_file(replace(row, held=held.get(row.source, row.held))) for row in files])
            _replace(connection, _chunks, [row for rows in sealed.values() for row in rows])
            generation = int(_meta_of(connection, "generation")) + 1
            _put_meta(connection, {"generation": str(generation), "fingerprint": fingerprint})
            _put_meta(connection, {"root": _root(connection)})
            _replace(connection, _changes, [{"generation": generation, "chunk_id": i} for i in sorted(had ^ put)])
            _drop_orphans(connection)
        return generation

    def put_files(self, files: Sequence[FileRow]) -> None:
        """Record new signatures of files whose content is the same; no new generation."""
        with self._transaction(write=True) as connection:
            _replace(connection, _files, [_sealed_file(row) for row in files])
            _put_meta(connection, {"root": _root(connection)})

    def changed_since(self, generation: int) -> list[str]:
        """Ids of the chunks that came or went after `generation`, in order."""
        query = sa.select(_changes.c.chunk_id).where(_changes.c.generation > generation).distinct().order_by(_changes.c.chunk_id)
        with self._transaction() as connection:
            return list(connection.scalars(query))

    def forget_changes(self, generation: int) -> None:
        """Those up to `generation`, which everything has taken up; where there are none, nothing is written."""
        with self._transaction() as connection:
            if connection.scalar(sa.select(_changes.c.generation).limit(1)) is None:
                return
        with self._transaction(write=True) as connection:
            connection.execute(sa.delete(_changes).where(_changes.c.generation <= generation))

    def count_chunks(self) -> int:
        with self._transaction() as connection:
            return int(connection.scalar(sa.select(sa.func.count()).select_from(_chunks)) or 0)

    def some_ids(self, most: int) -> list[str]:
        """Up to `most` chunk ids from all over: those next to evenly spread ones, since an id is a digest."""
        with self._transaction() as connection:
            near = [
                connection.scalar(
                    sa.select(sa.func.min(_chunks.c.chunk_id)).where(_chunks.c.chunk_id >= f"{i * 256 // most:02x}")
                )
                for i in range(most)
            ]
        return sorted({chunk_id for chunk_id in near if chunk_id is not None})

    def chunk_ids(self, sources: Collection[str] | None = None) -> list[str]:
        """Of all files or of these, in the order of `chunks` (within each 500 files)."""
        query = sa.select(_chunks.c.chunk_id).order_by(*_CHUNK_ORDER)
        queries = [query] if sources is None else [query.where(_chunks.c.source.in_(part)) for part in _parts(sorted(sources))]
        with self._transaction() as connection:
            return [chunk_id for part in queries for chunk_id in connection.scalars(part)]

    def chunks(self, ids: Sequence[str] | None = None, *, missing_ok: bool = False) -> Iterator[ChunkRow]:
        """The chunks with these ids, each of which must be there unless it is `missing_ok`, or all; by file, then by place (within each
        500 ids)."""
        query = sa.select(_chunks).order_by(*_CHUNK_ORDER)
        queries = [query] if ids is None else [query.where(_chunks.c.chunk_id.in_(part)) for part in _parts(ids)]
        found = 0
        with self._transaction() as connection:
            for part in queries:
                for row in _rows(connection, part):
                    yield ChunkRow(**_whole(row))
                    found += 1
            if ids is not None and found != len(set(ids)) and not missing_ok:
                raise ValueError("chunks are missing")

    def chunks_between(self, source: str, start: int, end: int) -> list[ChunkRow]:
        """The chunks of `source` that share characters with start:end, by place."""
        query = sa.select(_chunks).where(_chunks.c.source == source, _chunks.c.start < end, _chunks.c.end > start)
        with self._transaction() as connection:
            return [ChunkRow(**_whole(row)) for row in _rows(connection, query.order_by(*_CHUNK_ORDER))]

    def missing_vectors(self, keys: Sequence[str], model: str) -> list[str]:
        """Those of `keys` that `model` has not embedded yet, in their order, each once."""
        known: set[str] = set()
        with self._transaction() as connection:
            for part in _parts(keys):
                query = sa.select(_vectors.c.vector_key).where(_vectors.c.model == model, _vectors.c.vector_key.in_(part))
                known.update(connection.scalars(query))
        return [key for key in dict.fromkeys(keys) if key not in known]

    def put_vectors(self, keys: Sequence[str], vectors: FloatArray, model: str) -> None:
        blobs = [vector.tobytes() for vector in vectors]
        rows = [{"vector_key": k, "model": model, "vector": b, "crc": _crc(k, model, b)} for k, b in zip(keys, blobs)]
        with self._transaction(write=True) as connection:
            _replace(connection, _vectors, rows)

    def vectors(self, ids: Sequence[str], model: str) -> dict[str, FloatArray]:
        """Vectors by chunk id, each of which must be there."""
        found: dict[str, FloatArray] = {}
        join = _chunks.join(_vectors, sa.and_(_chunks.c.vector_key == _vectors.c.vector_key, _vectors.c.model == model))
        columns = (_chunks.c.chunk_id, _vectors.c.vector_key, _vectors.c.vector, _vectors.c.crc)
        with self._transaction() as connection:
            for part in _parts(ids):
                query = sa.select(*columns).select_from(join).where(_chunks.c.chunk_id.in_(part))
                for chunk_id, key, blob, crc in connection.execute(query):
                    if crc != _crc(key, model, blob):
                        raise ValueError("a vector is not as it was written")
                    found[chunk_id] = np.frombuffer(blob, dtype=np.float32)
            if len(found) != len(set(ids)):
                raise ValueError("vectors are missing")
        return found

    def lengths(self) -> dict[str, int]:
        """Where the last chunk of each source ends, in characters."""
        with self._transaction() as connection:
            query = sa.select(_chunks.c.source, sa.func.max(_chunks.c.end)).group_by(_chunks.c.source)
            return {source: int(end) for source, end in connection.execute(query)}

    def chunk_counts(self) -> dict[str, int]:
        """Chunks of each source that has any."""
        with self._transaction() as connection:
            query = sa.select(_chunks.c.source, sa.func.count()).group_by(_chunks.c.source)
            return {source: int(count) for source, count in connection.execute(query)}


def renew(path: Path, *, keep_vectors: bool) -> None:
    """Put an empty catalog in the place of the one at `path`, with those of its vectors that are whole, if they are wanted.

    Only the holder of the folder's write lock may call it. Who has the old one open keeps it until the next question.
    """
    new = _made(path)
    try:
        if keep_vectors:
            with closing(sqlite3.connect(new)) as target, target:
                target.executemany("INSERT OR IGNORE INTO vectors VALUES (?, ?, ?, ?)", _saved_vectors(path))
        for suffix in ("-wal", "-shm"):  # else they would be taken for the new one's
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        if path.is_dir():
            shutil.rmtree(path)
        new.replace(path)
        sync_folder(path.parent)
    finally:
        new.unlink(missing_ok=True)


def _saved_vectors(path: Path) -> Iterator[tuple[str, str, bytes, int]]:
    """The whole vectors of a catalog that may be damaged: read from the first on, and from the last on, as far as either goes."""
    for order in ("ASC", "DESC"):
        with (
            contextlib.suppress(sqlite3.Error, OSError),
            closing(_open_file(f"file:{quote(str(path.absolute()))}?mode=rw")) as old,
        ):
            for key, model, blob, crc in old.execute(
                f"SELECT vector_key, model, vector, crc FROM vectors ORDER BY rowid {order}"
            ):
                if isinstance(key, str) and isinstance(model, str) and isinstance(blob, bytes) and crc == _crc(key, model, blob):
                    yield key, model, blob, crc


def _make(path: Path) -> None:
    """An empty catalog at `path`, unless another process is quicker."""
    new = _made(path)
    try:
        try:
            os.link(new, path)
        except FileExistsError:
            return
        except OSError:  # a file system without hard links
            new.replace(path)
        sync_folder(path.parent)
    finally:
        new.unlink(missing_ok=True)


def _made(path: Path) -> Path:
    """A whole and empty catalog beside `path`, under a name of its own."""
    new = path.with_name(f"{path.name}.{secrets.token_hex(4)}.new")
    try:
        engine = sa.create_engine(f"sqlite:///{new}", poolclass=sa.pool.NullPool)
        with engine.begin() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
            _tables.create_all(connection)
            _put_meta(connection, {"schema": str(SCHEMA), "generation": "0", "fingerprint": ""})
            _put_meta(connection, {"root": _root(connection)})
    except (sa.exc.DBAPIError, OSError) as error:
        new.unlink(missing_ok=True)
        why = error.orig if isinstance(error, sa.exc.DBAPIError) else error
        raise unwritable(path.parent, str(why)) from error
    return new


def _open_file(address: str) -> sqlite3.Connection:
    return sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS, check_same_thread=False, isolation_level=None)


def _code(error: BaseException | None) -> int:
    code: int = getattr(error, "sqlite_errorcode", 0)
    return 0 if code == sqlite3.SQLITE_IOERR_SHORT_READ else code & 0xFF


# digests


def _sealed_file(row: FileRow) -> dict[str, Any]:
    return _sealed({**vars(row), "reason": asdict(row.reason) if row.reason else None})


def _sealed(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "digest": _digest(row)}


def _whole(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row without its digest, which must fit."""
    values = {name: value for name, value in row.items() if name != "digest"}
    if _digest(values) != row["digest"]:
        raise ValueError("a row is not as it was written")
    return values


def _digest(row: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(row, sort_keys=True).encode()).hexdigest()[:32]


def _held(digests: Iterable[str]) -> str:
    joined = "".join(digests)
    return hashlib.sha256(joined.encode()).hexdigest()[:32] if joined else ""


def _root(connection: sa.Connection) -> str:
    """Covers the generation, the fingerprint and all files, and with them all chunks."""
    state = connection.execute(sa.select(_meta).where(_meta.c.key.in_(("generation", "fingerprint"))).order_by(_meta.c.key))
    digests = connection.scalars(sa.select(_files.c.digest).order_by(_files.c.source))
    return hashlib.sha256(json.dumps([[*map(tuple, state)], list(digests)]).encode()).hexdigest()


def _crc(key: str, model: str, blob: bytes) -> int:
    return zlib.crc32(blob, zlib.crc32(f"{key} {model}".encode()))


def _rows(connection: sa.Connection, query: sa.Select[Any]) -> Iterator[Mapping[Any, Any]]:
    return (row._mapping for row in connection.execute(query))


def _by_name() -> sa.Select[Any]:
    return sa.select(_files).order_by(_files.c.source)


def _place(row: ChunkRow) -> tuple[str, int, int, str]:
    return (row.source, row.start, row.end, row.chunk_id)


def _file_row(kept: Mapping[Any, Any]) -> FileRow:
    return FileRow(**{**kept, "reason": Reason(**kept["reason"]) if kept["reason"] else None})


_CHUNK_ORDER = (_chunks.c.source, _chunks.c.start, _chunks.c.end, _chunks.c.chunk_id)


def _parts(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for at in range(0, len(values), _IN_LIMIT):
        yield values[at : at + _IN_LIMIT]


def _replace(connection: sa.Connection, table: sa.Table, rows: list[dict[str, object]]) -> None:
    if rows:
        connection.execute(insert(table).prefix_with("OR REPLACE"), rows)


def _meta_of(connection: sa.Connection, key: str) -> str:
    return str(connection.scalar(sa.select(_meta.c.value).where(_meta.c.key == key)))


def _put_meta(connection: sa.Connection, values: Mapping[str, str]) -> None:
    _replace(connection, _meta, [{"key": key, "value": value} for key, value in values.items()])


def _drop_orphans(connection: sa.Connection) -> None:
    """Forget vectors that no chunk uses once there is one for two chunks; until then they save work on a return."""
    used = sa.select(_chunks.c.vector_key)
    chunks = connection.scalar(sa.select(sa.func.count()).select_from(_chunks)) or 0
    total = connection.scalar(sa.select(sa.func.count()).select_from(_vectors)) or 0
    if total > 1.5 * chunks:
        connection.execute(sa.delete(_vectors).where(_vectors.c.vector_key.not_in(used)))
