"""The catalog's tables, and the digests that tell whether a row is as it was written; the same in SQLite and in PostgreSQL.

Rows come back as they were put in from either: digests are of the values, never of how a database writes them down.
"""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import sqlalchemy as sa

SCHEMA = 7
_ESCAPE = "\x1a"
"""Stands before what a text in PostgreSQL cannot hold, and before itself."""


class _Escaped(sa.TypeDecorator[str]):
    """Text of PostgreSQL, in the order of its characters as SQLite's is; a NUL, which it has not, is written otherwise."""

    impl = sa.Text(collation="C")
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:
        if value is None or (_ESCAPE not in value and "\0" not in value):
            return value
        return value.replace(_ESCAPE, _ESCAPE * 2).replace("\0", f"{_ESCAPE}0")

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> str | None:
        if value is None or _ESCAPE not in value:
            return value
        return re.sub(f"{_ESCAPE}(.)", lambda found: "\0" if found[1] == "0" else found[1], value)


TEXT = sa.Text().with_variant(_Escaped(), "postgresql")
WHOLE = sa.Integer().with_variant(sa.BigInteger(), "postgresql")
"""SQLite's are of 64 bits as they are."""

TABLES = sa.MetaData()
META = sa.Table(
    "meta",
    TABLES,
    sa.Column("key", TEXT, primary_key=True),
    sa.Column("value", TEXT, nullable=False),
)
FILES = sa.Table(
    "files",
    TABLES,
    sa.Column("source", TEXT, primary_key=True),
    sa.Column("state", TEXT, nullable=False),
    sa.Column("reason", sa.JSON(none_as_null=True)),
    sa.Column("signature", TEXT, nullable=False),
    sa.Column("sha256", TEXT, nullable=False),
    sa.Column("title", TEXT, nullable=False),
    sa.Column("date", TEXT, nullable=False),
    sa.Column("author", TEXT, nullable=False),
    sa.Column("language", TEXT, nullable=False),
    sa.Column("hidden", WHOLE, nullable=False),
    sa.Column("page_starts", sa.JSON, nullable=False),
    sa.Column("whole", sa.Boolean, nullable=False),
    sa.Column("line_keys", sa.JSON, nullable=False),
    sa.Column("repeated", sa.JSON, nullable=False),
    sa.Column("indexed_at", TEXT, nullable=False),
    sa.Column("held", TEXT, nullable=False),
    sa.Column("digest", TEXT, nullable=False),
)
CHUNKS = sa.Table(
    "chunks",
    TABLES,
    sa.Column("chunk_id", TEXT, primary_key=True),
    sa.Column("source", TEXT, nullable=False, index=True),
    sa.Column("start", WHOLE, nullable=False),
    sa.Column("end", WHOLE, nullable=False),
    sa.Column("text", TEXT, nullable=False),
    sa.Column("context", TEXT, nullable=False),
    sa.Column("context_spans", sa.JSON, nullable=False),
    sa.Column("cjk", sa.Boolean, nullable=False),
    sa.Column("sentences", sa.JSON, nullable=False),
    sa.Column("unanswering", sa.JSON, nullable=False),
    sa.Column("vector_key", TEXT, nullable=False),
    sa.Column("digest", TEXT, nullable=False),
)
VECTORS = sa.Table(
    "vectors",
    TABLES,
    sa.Column("vector_key", TEXT, primary_key=True),
    sa.Column("model", TEXT, primary_key=True),
    sa.Column("vector", sa.LargeBinary, nullable=False),
    sa.Column("crc", WHOLE, nullable=False),
)
CHANGES = sa.Table(
    "changes",
    TABLES,
    sa.Column("generation", WHOLE, primary_key=True),
    sa.Column("chunk_id", TEXT, primary_key=True),
)


Put = Callable[[sa.Connection, sa.Table, list[dict[str, Any]]], None]
"""Puts rows into a table, each in the place of one with its key."""


def sealed_row(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "digest": digest_of(row)}


def whole_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row without its digest, which must fit."""
    values = {name: value for name, value in row.items() if name != "digest"}
    if digest_of(values) != row["digest"]:
        raise ValueError("a row is not as it was written")
    return values


def digest_of(row: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(row, sort_keys=True).encode()).hexdigest()[:32]


def held_by(digests: Iterable[str]) -> str:
    """Covers the chunks of a file, "" where there are none."""
    joined = "".join(digests)
    return hashlib.sha256(joined.encode()).hexdigest()[:32] if joined else ""


def root_of(connection: sa.Connection) -> str:
    """Covers the generation, the fingerprint and all files, and with them all chunks."""
    state = connection.execute(sa.select(META).where(META.c.key.in_(("generation", "fingerprint"))).order_by(META.c.key))
    digests = connection.scalars(sa.select(FILES.c.digest).order_by(FILES.c.source))
    return hashlib.sha256(json.dumps([[*map(tuple, state)], list(digests)]).encode()).hexdigest()


def crc_of(key: str, model: str, blob: bytes) -> int:
    """Of a vector and whose it is."""
    return zlib.crc32(blob, zlib.crc32(f"{key} {model}".encode()))


def meta_of(connection: sa.Connection, key: str) -> str:
    return str(connection.scalar(sa.select(META.c.value).where(META.c.key == key)))


def put_meta(connection: sa.Connection, put: Put, values: Mapping[str, str]) -> None:
    put(connection, META, [{"key": key, "value": value} for key, value in values.items()])


def begin(connection: sa.Connection, put: Put) -> None:
    """What an empty catalog holds."""
    put_meta(connection, put, {"schema": str(SCHEMA), "generation": "0", "fingerprint": ""})
    put_meta(connection, put, {"root": root_of(connection)})
