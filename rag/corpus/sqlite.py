"""A catalog in one SQLite file: how it is opened, written and made anew, and what an error of SQLite's means.

Readers and the writer do not wait for each other (SQLite's write-ahead log).
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.pool import QueuePool

from rag.corpus.sealed import sync_folder
from rag.corpus.tables import CHANGES, META, TABLES, begin, crc_of, put_meta
from rag.errors import IndexBroken
from rag.places import unwritable

BUSY_SECONDS = 30
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


class SQLiteFile:
    """The database of one index folder. `rag.corpus.catalog.Database` says what each member is for."""

    shared = False
    errors: tuple[type[Exception], ...] = (sa.exc.DBAPIError, sqlite3.Error)

    def __init__(self, path: Path) -> None:
        self.place = str(path)
        self._path = path
        self._engine = sa.create_engine(
            "sqlite://", creator=self._connect, poolclass=QueuePool, max_overflow=-1, pool_reset_on_return="rollback"
        )
        self.opened: object = self.identity()
        self._unlogged = ""
        """Why no log can be written beside the file."""

    def make(self) -> None:
        if not self._path.exists():
            _make(self._path)
            self.opened = self.identity()

    def is_there(self) -> bool:
        return self._path.exists()

    def close(self) -> None:
        self._engine.dispose()

    def identity(self) -> tuple[int, int]:
        """Of the file that lies there at this moment."""
        try:
            facts = self._path.stat()
        except OSError:
            return (0, 0)
        return (facts.st_dev, facts.st_ino)

    def pin(self) -> sa.Connection:
        self._follow()
        connection = self._engine.connect()
        connection.exec_driver_sql("BEGIN")
        connection.exec_driver_sql("SELECT count(*) FROM meta")
        return connection

    def let_go(self, connection: sa.Connection) -> None:
        connection.close()

    @contextmanager
    def transaction(self, *, write: bool) -> Iterator[sa.Connection]:
        self._follow()
        with self._engine.begin() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
            yield connection

    def _connect(self) -> sqlite3.Connection:
        """As usual; where no log can be written beside the file, as it lies there."""
        at = f"file:{quote(str(self._path.absolute()), errors='surrogateescape')}"
        connection = _open_file(f"{at}?mode=rw")
        try:
            connection.execute("SELECT count(*) FROM sqlite_master")
        except sqlite3.OperationalError as error:
            connection.close()
            log = self._path.with_name(self._path.name + "-wal")
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

    def broken(self, error: Exception) -> IndexBroken | None:
        cause = error.orig if isinstance(error, sa.exc.DBAPIError) else error
        if _code(cause) in _OUTSIDE and not self._path.is_dir() and self._path.exists():
            if _code(cause) == sqlite3.SQLITE_READONLY and self._unlogged:
                return IndexBroken(f"{self._path} cannot be written ({self._unlogged}); is the disk full?")
            return IndexBroken(f"{self._path} cannot be used ({cause}).")
        return None

    @staticmethod
    def put(connection: sa.Connection, table: sa.Table, rows: list[dict[str, Any]]) -> None:
        if rows:
            connection.execute(insert(table).prefix_with("OR REPLACE"), rows)

    def check_pages(self, connection: sa.Connection) -> None:
        if (said := connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()) != "ok":
            raise ValueError(said)

    def committed(self, connection: sa.Connection, generation: int) -> None:
        """Nothing is recorded but the generation."""

    def forgettable(self, connection: sa.Connection, generation: int) -> int:
        return 0 if connection.scalar(sa.select(CHANGES.c.generation).limit(1)) is None else generation

    def forget(self, connection: sa.Connection, generation: int) -> None:
        connection.execute(sa.delete(CHANGES).where(CHANGES.c.generation <= generation))

    def remembers(self, connection: sa.Connection, generation: int) -> bool:
        return True

    def kept_here(self, connection: sa.Connection, keys: Sequence[str]) -> list[str]:
        """In the catalog itself."""
        found = connection.execute(sa.select(META.c.key, META.c.value).where(META.c.key.in_(keys)))
        kept: dict[str, str] = {key: value for key, value in found}  # noqa: C416  (rows are no pairs to the type checker)
        return [kept.get(key, "") for key in keys]

    def keep_here(self, connection: sa.Connection, values: Mapping[str, str]) -> None:
        put_meta(connection, self.put, values)

    @contextmanager
    def writing(self, wait_seconds: float) -> Iterator[None]:
        """The lock of the folder, which holds the file, is enough."""
        yield

    def hold(self) -> object:
        """So it is here."""
        return None

    def drop(self) -> None:
        """The file goes with its folder."""

    def bytes_elsewhere(self) -> int:
        return 0

    def renew(self, *, keep_vectors: bool) -> None:
        new = _made(self._path)
        try:
            if keep_vectors:
                with closing(sqlite3.connect(new)) as target, target:
                    target.executemany("INSERT OR IGNORE INTO vectors VALUES (?, ?, ?, ?)", _saved_vectors(self._path))
            for suffix in ("-wal", "-shm"):  # else they would be taken for the new one's
                self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
            if self._path.is_dir():
                shutil.rmtree(self._path)
            new.replace(self._path)
            sync_folder(self._path.parent)
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
                if (
                    isinstance(key, str)
                    and isinstance(model, str)
                    and isinstance(blob, bytes)
                    and crc == crc_of(key, model, blob)
                ):
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
            TABLES.create_all(connection)
            begin(connection, SQLiteFile.put)
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
