"""A catalog in PostgreSQL, for several machines: a schema for each index in one database, reached by a URL.

Who writes holds an advisory lock of the database's on a connection of its own, and every transaction that writes is made on the connection
that holds it: where the process dies or the connection is lost, the lock is gone and nothing more is written by it.
A question reads from one snapshot (REPEATABLE READ). Connections are pooled, a bounded number, and tried before they are used.
The vectors and the word index lie in the index folder of each machine that asks, a replica, whose record of them lies beside them
(`replica.json`). Each commit draws a mark, so that a replica knows whether the generation that it holds is one of this catalog's past, and what
has changed since; the changes are kept until there are so many that a new index is as soon made. The only module that knows psycopg.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import socket
import threading
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from rag.corpus.tables import CHANGES, CHUNKS, META, TABLES, VECTORS, WHOLE, begin, crc_of, digest_of, meta_of
from rag.errors import CatalogUnavailable, IndexBroken, IndexDamaged, IndexLocked, UsageError

CONNECT_SECONDS = 10
BUSY_SECONDS = 30
"""Waited for a connection of the pool, for another one's transaction, and for readers where tables are made anew."""
_PINS, _READS = 16, 8
"""Connections at most: for the snapshots of questions, and for what is read beside them, for which nobody waits with another one in hand."""
_JOURNAL = 1000
"""Changes and generations that are remembered at least."""
_ALIVE = "SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3"
"""A machine that is gone holds its lock for a minute."""
_REPLICA = "replica.json"
_DAMAGED = ("22", "23", "3F", "42")
"""Classes of SQLSTATE that say of the schema and its rows that they are not as they were made."""
_FORBIDDEN, _LOCKED = "42501", "55P03"
MARKS = sa.Table(
    "marks",
    sa.MetaData(),
    sa.Column("generation", WHOLE, primary_key=True),
    sa.Column("mark", sa.Text, nullable=False),
)
_TABLES = [*TABLES.sorted_tables, MARKS]
_HOLDERS = sa.text("""
    SELECT application_name FROM pg_stat_activity JOIN pg_locks USING (pid)
    WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND classid = :high AND objid = :low
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
""")


class PostgresSchema:
    """The database of one index. `rag.corpus.catalog.Database` says what each member is for."""

    shared = True
    errors: tuple[type[Exception], ...] = (sa.exc.SQLAlchemyError,)

    def __init__(self, url: str, folder: Path) -> None:
        """`folder` is the index folder of this machine; its name tells which index it is. Raises UsageError."""
        self._url, self.place = _address(url)
        self.name = folder.name
        self._schema = _schema_of(folder.name)
        self._folder = folder
        self._lock, self._use = _key(self._schema), _key(f"{self._schema} in use")
        snapshot = {"pool_pre_ping": True, "pool_timeout": BUSY_SECONDS, "isolation_level": "REPEATABLE READ"}
        self._pins = self._engine(pool_size=2, max_overflow=_PINS - 2, **snapshot)
        self._reads = self._engine(pool_size=2, max_overflow=_READS - 2, **snapshot)
        self._alone = self._engine(poolclass=NullPool)
        self._writer = threading.local()
        self.opened: object = ""

    def _engine(self, **settings: Any) -> sa.Engine:
        options = f"{self._url.query.get('options', '')} -c search_path={self._schema}".strip()
        given = {"options": options, "application_name": f"process {os.getpid()} on {socket.gethostname()}"[:63]}
        given |= {} if "connect_timeout" in self._url.query else {"connect_timeout": str(CONNECT_SECONDS)}
        try:
            return sa.create_engine(self._url.update_query_dict(given), **settings)
        except ImportError as error:
            raise UsageError(
                "a catalog in PostgreSQL needs a package that is not installed. Run: python -m pip install 'psycopg[binary]'"
            ) from error

    # what is there

    def make(self) -> None:
        with self._told(), self._alone.begin() as connection:
            if _is_made(connection):
                return
            self._waits(connection, BUSY_SECONDS)
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(self._lock)))
            if _is_made(connection):
                return
            if (encoding := connection.exec_driver_sql("SHOW server_encoding").scalar()) != "UTF8":
                raise IndexBroken(f"{self.place} is written in {encoding}; make a database with ENCODING 'UTF8' for the catalog.")
            self._fill(connection)

    def _fill(self, connection: sa.Connection) -> None:
        """The schema and its tables, empty, as far as they are not there."""
        if connection.scalar(sa.select(sa.func.to_regnamespace(self._schema))) is None:
            connection.execute(sa.schema.CreateSchema(self._schema))
        for table in _TABLES:
            table.create(connection, checkfirst=True)
        begin(connection, self.put)
        self.put(connection, META, [{"key": "index", "value": self.name}, {"key": "identity", "value": secrets.token_hex(8)}])
        self.committed(connection, 0)

    def is_there(self) -> bool:
        with self._told(), self._alone.connect() as connection:
            return _is_made(connection)

    def identity(self) -> object:
        try:
            with self._told(), self.transaction(write=False) as connection:
                return meta_of(connection, "identity")
        except IndexDamaged:
            return ""

    def bytes_elsewhere(self) -> int:
        tables = sa.text(
            "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relnamespace = to_regnamespace(:schema) AND relkind = 'r'"
        )
        with self._reads.begin() as connection:
            return int(connection.scalar(tables, {"schema": self._schema}) or 0)

    # connections

    def close(self) -> None:
        for engine in (self._pins, self._reads, self._alone):
            engine.dispose()

    def pin(self) -> sa.Connection:
        connection = self._pins.connect()
        try:
            self.opened = meta_of(connection, "identity")
        except BaseException:
            self.let_go(connection)
            raise
        return connection

    def let_go(self, connection: sa.Connection) -> None:
        try:
            connection.rollback()
        except sa.exc.SQLAlchemyError:  # the server is gone, which whoever asks next is told
            connection.invalidate()
        connection.close()

    @contextmanager
    def transaction(self, *, write: bool) -> Iterator[sa.Connection]:
        if not write:
            with self._reads.begin() as connection:
                yield connection
            return
        held: sa.Connection | None = getattr(self._writer, "connection", None)
        with contextlib.nullcontext(held) if held else self._alone.connect() as connection:
            if connection.invalidated:
                raise IndexBroken(f"the connection to {self.place} was lost while it was written. Run it again: rag sync")
            with connection.begin():
                if not held:
                    self._waits(connection, BUSY_SECONDS)
                    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(self._lock)))
                yield connection

    @contextmanager
    def writing(self, wait_seconds: float) -> Iterator[None]:
        with contextlib.ExitStack() as stack:
            with self._told():
                connection = stack.enter_context(self._alone.connect())
                if not self._taken(connection, self._lock, wait_seconds):
                    raise IndexLocked(f"{self.place} is being written by {self._holder()}; wait for it to end, or end it.")
                who = f"process {os.getpid()} since {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} on {socket.gethostname()}"
                with connection.begin():
                    connection.exec_driver_sql(_ALIVE)
                    connection.execute(sa.select(sa.func.set_config("application_name", who[:63], False)))
            self._writer.connection = connection
            try:
                yield
            finally:
                del self._writer.connection

    def _taken(self, connection: sa.Connection, key: int, wait_seconds: float) -> bool:
        """Whether a lock of the session's could be had; it goes with the connection."""
        with connection.begin():
            if not wait_seconds:
                return bool(connection.scalar(sa.select(sa.func.pg_try_advisory_lock(key))))
            self._waits(connection, wait_seconds)
            try:
                connection.execute(sa.select(sa.func.pg_advisory_lock(key)))
            except sa.exc.DBAPIError as error:
                if _sqlstate(error) != _LOCKED:
                    raise
                return False
            self._waits(connection, BUSY_SECONDS)
            return True

    @staticmethod
    def _waits(connection: sa.Connection, seconds: float) -> None:
        connection.exec_driver_sql(f"SET lock_timeout = {max(1, round(seconds * 1000))}")

    def _holder(self) -> str:
        """Who holds the lock of the writer, as it named itself."""
        with self._reads.begin() as connection:
            key = self._lock & 0xFFFF_FFFF_FFFF_FFFF
            names = connection.scalars(_HOLDERS, {"high": key >> 32, "low": key & 0xFFFF_FFFF}).all()
        return next((name for name in names if name), "another process")

    def hold(self) -> object:
        connection = self._alone.connect()
        held = _Held()
        weakref.finalize(held, self.let_go, connection)
        with connection.begin():
            connection.execute(sa.select(sa.func.pg_advisory_lock_shared(self._use)))
        return held

    def drop(self) -> None:
        with self._alone.connect() as connection:
            if not self._taken(connection, self._use, 0):
                raise IndexLocked(f"{self.place} is open in another process, perhaps `rag serve`; end it first.")
            with self.transaction(write=True) as writer:
                writer.execute(sa.schema.DropSchema(self._schema, cascade=True, if_exists=True))

    # errors

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Errors of the server as those of this product."""
        try:
            yield
        except self.errors as error:
            raise self.broken(error) or IndexDamaged(
                f"{self.place} is damaged ({_said(error)}). To make it anew: rag sync"
            ) from error

    def broken(self, error: Exception) -> IndexBroken | None:
        if not isinstance(error, (sa.exc.DBAPIError, sa.exc.TimeoutError)):
            return None
        state, said = _sqlstate(error), _said(error)
        if state == _FORBIDDEN:
            return IndexBroken(
                f"{self.place}: {said}. The role needs all rights on schema {self._schema}; to let it make its own: "
                f"GRANT CREATE ON DATABASE {self._url.database} TO {self._url.username or 'the role'}"
            )
        if state.startswith(_DAMAGED):
            return None
        if state == "25006":
            return IndexBroken(f"{self.place} cannot be written ({said}); name the server that is written to in RAG_CATALOG_URL.")
        if state == "54000":
            return IndexBroken(
                f"{self.place} takes no file whose path is longer than 2,700 bytes, below the folder ({said}). "
                "Shorten its folders' names, or leave them out in .ragignore."
            )
        if state == _LOCKED or isinstance(error, sa.exc.TimeoutError):
            return IndexBroken(f"{self.place} is busy ({said}). Try again, or ask less at once.")
        if state:
            return CatalogUnavailable(f"{self.place} cannot be used ({said}).")
        return CatalogUnavailable(f"{self.place} cannot be reached ({said}). {self._remedy()}")

    def _remedy(self) -> str:
        """What to do where no connection could be made: told by whether a server answers there at all."""
        from psycopg.conninfo import make_conninfo
        from psycopg.pq import PGconn, Ping

        asked: dict[str, Any] = {
            "user": self._url.username,
            "dbname": self._url.database,
            "host": self._url.host,
            "port": self._url.port,
        }
        asked |= {name: value for name, value in self._url.query.items() if name in ("host", "port", "hostaddr")}
        answer = PGconn.ping(make_conninfo("", **asked, connect_timeout=CONNECT_SECONDS).encode())
        if answer == Ping.OK:
            return "The server answers: check the user, the password and the database in RAG_CATALOG_URL, and the server's pg_hba.conf."
        if answer == Ping.REJECT:
            return "The server is starting or stopping: try again in a moment."
        return "Start the server, or check the host and the port in RAG_CATALOG_URL."

    # rows

    @staticmethod
    def put(connection: sa.Connection, table: sa.Table, rows: list[dict[str, Any]]) -> None:
        if rows:
            statement = insert(table)
            others = {column.name: statement.excluded[column.name] for column in table.columns if not column.primary_key}
            key = list(table.primary_key.columns)
            connection.execute(
                statement.on_conflict_do_update(index_elements=key, set_=others)
                if others
                else statement.on_conflict_do_nothing(index_elements=key),
                rows,
            )

    def check_pages(self, connection: sa.Connection) -> None:
        """Left to the server, whose checksums tell it."""

    def committed(self, connection: sa.Connection, generation: int) -> None:
        self.put(connection, MARKS, [{"generation": generation, "mark": secrets.token_hex(8)}])

    def forgettable(self, connection: sa.Connection, generation: int) -> int:
        chunks = connection.scalar(sa.select(sa.func.count()).select_from(CHUNKS)) or 0
        behind = [
            connection.scalar(sa.select(column).order_by(column.desc()).offset(most).limit(1)) or 0
            for column, most in ((CHANGES.c.generation, max(_JOURNAL, chunks)), (MARKS.c.generation, _JOURNAL))
        ]
        return min(generation, max(behind))

    def forget(self, connection: sa.Connection, generation: int) -> None:
        connection.execute(sa.delete(CHANGES).where(CHANGES.c.generation <= generation))
        connection.execute(sa.delete(MARKS).where(MARKS.c.generation < generation))

    def remembers(self, connection: sa.Connection, generation: int) -> bool:
        return connection.scalar(sa.select(MARKS.c.mark).where(MARKS.c.generation == generation)) is not None

    # what lies in the folder of this machine

    def kept_here(self, connection: sa.Connection, keys: Sequence[str]) -> list[str]:
        for entry in self._entries():
            if set(keys) <= set(entry["values"]):
                known = connection.scalar(sa.select(MARKS.c.mark).where(MARKS.c.generation == entry["generation"]))
                if known == entry["mark"]:
                    return [entry["values"][key] for key in keys]
        return [""] * len(keys)

    def keep_here(self, connection: sa.Connection, values: Mapping[str, str]) -> None:
        """With what served until now, for who sees an older generation."""
        generation = int(meta_of(connection, "generation"))
        mark = connection.scalar(sa.select(MARKS.c.mark).where(MARKS.c.generation == generation))
        kept = self._entries()
        alike = [entry for entry in kept if set(entry["values"]) == set(values)]
        new = {"generation": generation, "mark": mark, "values": dict(values)}
        entries = [new, *alike[:1], *(entry for entry in kept if entry not in alike)]
        made = self._folder / f"{_REPLICA}.{secrets.token_hex(4)}"
        made.write_text(json.dumps({"entries": entries, "digest": digest_of({"entries": entries})}), encoding="utf-8")
        made.replace(self._folder / _REPLICA)

    def _entries(self) -> list[dict[str, Any]]:
        """The newest first; none where the file is not as it was written."""
        with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
            kept = json.loads((self._folder / _REPLICA).read_text(encoding="utf-8"))
            if kept["digest"] == digest_of({"entries": kept["entries"]}):
                return list(kept["entries"])
        return []

    # anew

    def renew(self, *, keep_vectors: bool) -> None:
        kept: list[dict[str, Any]] = []
        with self.transaction(write=True) as connection:
            if self._is_sound(connection):
                for table in _TABLES:
                    if table is not VECTORS or not keep_vectors:
                        connection.execute(sa.delete(table))
                if keep_vectors:
                    _drop_torn(connection)
            else:
                kept = _saved_vectors(connection) if keep_vectors else kept
                for table in _TABLES:
                    connection.execute(sa.schema.DropTable(table, if_exists=True))
            self._fill(connection)
            self.put(connection, VECTORS, kept)

    def _is_sound(self, connection: sa.Connection) -> bool:
        """Whether all tables are there as this version makes them. What is deleted from these stays with those who see it; of others
        nobody sees anything."""
        columns = sa.text(
            "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = current_schema()"
        )
        made = {
            (table.name, column.name, str(column.type.compile(connection.dialect)).split()[0].lower())
            for table in _TABLES
            for column in table.columns
        }
        return {tuple(row) for row in connection.execute(columns)} == made


class _Held:
    """Something to hold."""


def indexes(url: str) -> list[str]:
    """Names of the index folders whose catalogs are in the database. Raises UsageError, CatalogUnavailable."""
    any_of = PostgresSchema(url, Path("-"))
    try:
        with any_of._told(), any_of._alone.connect() as connection:
            schemas = connection.scalars(
                sa.text("SELECT schemaname FROM pg_tables WHERE tablename = 'meta' AND schemaname ~ '^rag_[0-9a-f]{16}$'")
            ).all()
            named = {
                schema: connection.scalar(sa.text(f"SELECT value FROM {schema}.meta WHERE key = 'index'")) for schema in schemas
            }
    finally:
        any_of.close()
    return sorted(name for schema, name in named.items() if name and _schema_of(name) == schema)


def _address(url: str) -> tuple[sa.URL, str]:
    """What to connect to, and how that is called: without password, and of the options with the host alone."""
    parsed = make_url(url).set(drivername="postgresql+psycopg")
    host = {"host": parsed.query["host"]} if "host" in parsed.query else {}
    place = sa.URL.create("postgresql", parsed.username, None, parsed.host, parsed.port, parsed.database, host)
    return parsed, f"the catalog at {place.render_as_string()}"


def _schema_of(name: str) -> str:
    """One for each index, from the name of its folder: that of the documents' folder, and a digest of its path."""
    return f"rag_{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"


def _key(text: str) -> int:
    """Of an advisory lock."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big", signed=True)


def _is_made(connection: sa.Connection) -> bool:
    """Whether there is a catalog, whole or not."""
    return connection.scalar(sa.select(sa.func.to_regclass("meta"))) is not None


def _sqlstate(error: BaseException) -> str:
    return str(getattr(getattr(error, "orig", None), "sqlstate", None) or "")


def _said(error: Exception) -> str:
    """By the server or its library, whose messages hold no password; in one line."""
    cause = error.orig if isinstance(error, sa.exc.DBAPIError) else error
    return " ".join(str(cause).split("\n", 1)[0].split())[:300]


def _drop_torn(connection: sa.Connection) -> None:
    """Forget the vectors that are not as they were written."""
    rows = connection.execute(sa.select(VECTORS).execution_options(yield_per=1000))
    torn = [(row.vector_key, row.model) for row in rows if row.crc != crc_of(row.vector_key, row.model, row.vector)]
    for key, model in torn:
        connection.execute(sa.delete(VECTORS).where(VECTORS.c.vector_key == key, VECTORS.c.model == model))


def _saved_vectors(connection: sa.Connection) -> list[dict[str, Any]]:
    """Those that are whole, of a table that may be another."""
    try:
        with connection.begin_nested():
            rows = [dict(row) for row in connection.execute(sa.select(VECTORS)).mappings()]
    except sa.exc.SQLAlchemyError:
        return []
    return [row for row in rows if row["crc"] == crc_of(row["vector_key"], row["model"], row["vector"])]
