"""The truth about an index: files, chunks, vectors and the generation, in SQLite through SQLAlchemy Core.

In: rows that `indexing` has worked out. Out: the same rows to `mirror`, `words` and `retrieval`. Chroma and the word
index can be thrown away at any time and made again from here without embedding anything.
Vectors are kept by (key of the embedded text, model), so that no text is embedded twice by one model.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from rag.errors import IndexBroken
from rag.messages import Reason
from rag.models.runtime import FloatArray

SCHEMA = "4"
_IN_LIMIT = 500
"""Values in one IN (…) list; SQLite allows 999 variables in its oldest builds."""

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
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("hidden", sa.Integer, nullable=False),
    sa.Column("page_starts", sa.JSON, nullable=False),
    sa.Column("line_keys", sa.JSON, nullable=False),
    sa.Column("repeated", sa.JSON, nullable=False),
    sa.Column("indexed_at", sa.Text, nullable=False),
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
)
_vectors = sa.Table(
    "vectors",
    _tables,
    sa.Column("vector_key", sa.Text, primary_key=True),
    sa.Column("model", sa.Text, primary_key=True),
    sa.Column("vector", sa.LargeBinary, nullable=False),
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
    """One SQLite file. Raises IndexBroken, naming the file and what to do, when it is damaged or cannot be written."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._engine = sa.create_engine(f"sqlite:///{path}", connect_args={"timeout": 30})
        sa.event.listen(self._engine, "connect", _configure)
        with self._transaction() as connection:
            _tables.create_all(connection)
            connection.execute(insert(_meta).values(key="schema", value=SCHEMA).on_conflict_do_nothing())
        if (found := self.meta("schema")) != SCHEMA:
            raise IndexBroken(f"{path} has format {found}, this version reads {SCHEMA}. Run: rag sync --rebuild")

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _transaction(self) -> Iterator[sa.Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except sa.exc.DBAPIError as error:
            raise IndexBroken(
                f"{self.path} cannot be used ({error.orig}). If the disk is not full, run: rag sync --rebuild"
            ) from error

    def meta(self, key: str, default: str = "") -> str:
        with self._transaction() as connection:
            value = connection.scalar(sa.select(_meta.c.value).where(_meta.c.key == key))
        return default if value is None else str(value)

    def set_meta(self, **values: str) -> None:
        """Write all of `values` in one transaction."""
        with self._transaction() as connection:
            _put_meta(connection, values)

    @property
    def generation(self) -> int:
        """Grows with every change of the content."""
        return int(self.meta("generation", "0"))

    def files(self) -> dict[str, FileRow]:
        """All files by source, in name order."""
        with self._transaction() as connection:
            rows = connection.execute(sa.select(_files).order_by(_files.c.source))
            return {row.source: _file_row(row._mapping) for row in rows}

    def commit(
        self, *, files: Iterable[FileRow], chunks: Mapping[str, Sequence[ChunkRow]], removed: Iterable[str], fingerprint: str
    ) -> int:
        """One transaction: put `files`, replace the chunks of the sources in `chunks`, forget `removed`.

        Returns the new generation.
        """
        gone = sorted({*removed, *chunks})
        put = {row.chunk_id for rows in chunks.values() for row in rows}
        with self._transaction() as connection:
            held: set[str] = set()
            for part in _parts(gone):
                held.update(connection.scalars(sa.select(_chunks.c.chunk_id).where(_chunks.c.source.in_(part))))
                connection.execute(sa.delete(_chunks).where(_chunks.c.source.in_(part)))
            for part in _parts(sorted(removed)):
                connection.execute(sa.delete(_files).where(_files.c.source.in_(part)))
            _replace(connection, _files, [asdict(row) for row in files])
            _replace(connection, _chunks, [asdict(row) for rows in chunks.values() for row in rows])
            generation = int(connection.scalar(sa.select(_meta.c.value).where(_meta.c.key == "generation")) or 0) + 1
            _put_meta(connection, {"generation": str(generation), "fingerprint": fingerprint})
            _replace(connection, _changes, [{"generation": generation, "chunk_id": i} for i in sorted(held ^ put)])
            _drop_orphans(connection)
        return generation

    def put_files(self, files: Sequence[FileRow]) -> None:
        """Record new signatures of files whose content is the same; no new generation."""
        with self._transaction() as connection:
            _replace(connection, _files, [asdict(row) for row in files])

    def changed_since(self, generation: int) -> list[str]:
        """Ids of the chunks that came or went after `generation`, in order."""
        query = sa.select(_changes.c.chunk_id).where(_changes.c.generation > generation).distinct().order_by(_changes.c.chunk_id)
        with self._transaction() as connection:
            return list(connection.scalars(query))

    def forget_changes(self, generation: int) -> None:
        """Those up to `generation`, which everything has taken up."""
        with self._transaction() as connection:
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

    def chunks(self, ids: Sequence[str] | None = None) -> Iterator[ChunkRow]:
        """The chunks with these ids, or all; by file, then by place (within each 500 ids)."""
        query = sa.select(_chunks).order_by(*_CHUNK_ORDER)
        queries = [query] if ids is None else [query.where(_chunks.c.chunk_id.in_(part)) for part in _parts(ids)]
        with self._transaction() as connection:
            for part in queries:
                for row in connection.execute(part):
                    yield ChunkRow(**row._mapping)

    def chunks_between(self, source: str, start: int, end: int) -> list[ChunkRow]:
        """The chunks of `source` that share characters with start:end, by place."""
        query = sa.select(_chunks).where(_chunks.c.source == source, _chunks.c.start < end, _chunks.c.end > start)
        with self._transaction() as connection:
            return [ChunkRow(**row._mapping) for row in connection.execute(query.order_by(*_CHUNK_ORDER))]

    def missing_vectors(self, keys: Sequence[str], model: str) -> list[str]:
        """Those of `keys` that `model` has not embedded yet, in their order, each once."""
        known: set[str] = set()
        with self._transaction() as connection:
            for part in _parts(keys):
                query = sa.select(_vectors.c.vector_key).where(_vectors.c.model == model, _vectors.c.vector_key.in_(part))
                known.update(connection.scalars(query))
        return [key for key in dict.fromkeys(keys) if key not in known]

    def put_vectors(self, keys: Sequence[str], vectors: FloatArray, model: str) -> None:
        rows = [{"vector_key": k, "model": model, "vector": v.tobytes()} for k, v in zip(keys, vectors)]
        with self._transaction() as connection:
            _replace(connection, _vectors, rows)

    def vectors(self, ids: Sequence[str], model: str) -> dict[str, FloatArray]:
        """Vectors by chunk id; a chunk without one is left out."""
        found: dict[str, FloatArray] = {}
        join = _chunks.join(_vectors, sa.and_(_chunks.c.vector_key == _vectors.c.vector_key, _vectors.c.model == model))
        with self._transaction() as connection:
            for part in _parts(ids):
                query = sa.select(_chunks.c.chunk_id, _vectors.c.vector).select_from(join)
                for chunk_id, blob in connection.execute(query.where(_chunks.c.chunk_id.in_(part))):
                    found[chunk_id] = np.frombuffer(blob, dtype=np.float32)
        return found

    def chunk_counts(self) -> dict[str, int]:
        """Chunks of each source that has any."""
        with self._transaction() as connection:
            query = sa.select(_chunks.c.source, sa.func.count()).group_by(_chunks.c.source)
            return {source: int(count) for source, count in connection.execute(query)}


def _file_row(kept: Mapping[Any, Any]) -> FileRow:
    return FileRow(**{**kept, "reason": Reason(**kept["reason"]) if kept["reason"] else None})


_CHUNK_ORDER = (_chunks.c.source, _chunks.c.start, _chunks.c.end, _chunks.c.chunk_id)


def _configure(connection: object, _record: object) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.close()


def _parts(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for at in range(0, len(values), _IN_LIMIT):
        yield values[at : at + _IN_LIMIT]


def _replace(connection: sa.Connection, table: sa.Table, rows: list[dict[str, object]]) -> None:
    if rows:
        connection.execute(insert(table).prefix_with("OR REPLACE"), rows)


def _put_meta(connection: sa.Connection, values: Mapping[str, str]) -> None:
    _replace(connection, _meta, [{"key": key, "value": value} for key, value in values.items()])


def _drop_orphans(connection: sa.Connection) -> None:
    """Forget vectors that no chunk uses once there is one for two chunks; until then they save work on a return."""
    used = sa.select(_chunks.c.vector_key)
    chunks = connection.scalar(sa.select(sa.func.count()).select_from(_chunks)) or 0
    total = connection.scalar(sa.select(sa.func.count()).select_from(_vectors)) or 0
    if total > 1.5 * chunks:
        connection.execute(sa.delete(_vectors).where(_vectors.c.vector_key.not_in(used)))
