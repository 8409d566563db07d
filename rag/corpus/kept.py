"""The folders that indexes are kept in: who may write one, whose it is, and how it changes hands or goes.

A folder holds the index of one folder of documents, whose path its catalog tells. Whoever writes in it, moves or deletes it holds its
write lock (write.lock, with the holder's name in write.owner), one thread of one process; readers take no lock, and whoever has an index
open holds a locked folder below `open`.
A folder of documents that was moved is recognised by what its files hold, and takes its index along. An index whose catalog is in a database
is known by the path of its documents alone: they may be other machines', of which nothing here tells whether they are gone.
"""

from __future__ import annotations

import contextlib
import glob
import hashlib
import json
import os
import secrets
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from rag.config import Config
from rag.corpus.catalog import Catalog, FileRow
from rag.corpus.documents import find_files, read_bytes
from rag.corpus.mirror import Mirror
from rag.corpus.sealed import Scratch, in_use, remove
from rag.corpus.sqlite import SQLiteFile
from rag.errors import DocumentError, IndexBroken, IndexLocked, RagError
from rag.places import all_rooms_folder, index_folder, indexes_folder, make_private, rooms_folder, unwritable

CATALOG = "catalog.sqlite3"
SAME_SHARE = 0.5
"""A folder is another one that was moved where at least this share of the files of each have their like in the other."""
_OPEN = "open"


@contextmanager
def writing(folder: Path, wait_seconds: float) -> Iterator[None]:
    """Its write lock; a lock object of its own each time, since one object lets every thread in that shares it.

    Raises IndexLocked where another one holds it for `wait_seconds`, IndexBroken where nothing can be written.
    """
    owner = folder / "write.owner"
    try:
        make_private(folder)
        with FileLock(folder / "write.lock", timeout=wait_seconds):
            with suppress(OSError):  # it only names the writer to others
                owner.write_text(f"process {os.getpid()} on {socket.gethostname()}", encoding="utf-8")
            yield
    except Timeout:
        try:
            who = owner.read_text(encoding="utf-8", errors="replace")
        except OSError:
            who = "another process"
        raise IndexLocked(f"{folder} is being written by {who}; wait for it to end, or end it.") from None
    except OSError as error:
        raise unwritable(folder, error.strerror or str(error)) from error


def catalog_of(config: Config, folder: Path) -> Catalog:
    """The catalog of the index in `folder`, or of the one that has its name in the configured database. Raises UsageError,
    CatalogUnavailable."""
    if config.catalog_url is None:
        return Catalog(SQLiteFile(folder / CATALOG))
    from rag.corpus.postgres import PostgresSchema

    return Catalog(PostgresSchema(config.catalog_url, folder))


def is_kept(config: Config, folder: Path) -> bool:
    """Whether there is an index, if only an empty one."""
    if config.catalog_url is None:
        return folder.exists()
    with contextlib.closing(catalog_of(config, folder)) as catalog:
        return catalog.is_there()


def index_names(config: Config) -> list[str]:
    """Of the folders of all indexes: those that lie here, or whose catalogs are in the configured database."""
    if config.catalog_url is None:
        return [path.parent.name for path in catalogs(indexes_folder(config))]
    from rag.corpus.postgres import indexes

    return indexes(config.catalog_url)


def hold(folder: Path) -> Scratch:
    """Says to others that the index is in use, until the object is gone."""
    return Scratch(folder / _OPEN)


def is_held(folder: Path) -> bool:
    """Whether another process has the index open."""
    return in_use(folder / _OPEN)


def docs_of(catalog: Catalog, key: str = "docs") -> Path | None:
    """The folder of documents that an index is of, None where it does not tell."""
    with suppress(ValueError):
        told = json.loads(catalog.meta(key))
        return Path(told) if isinstance(told, str) else None
    return None


def record_docs(catalog: Catalog, docs: Path) -> Path | None:
    """Have the catalog tell whose it is. Returns where the documents were, if they have been moved since this was last called."""
    docs, before = docs.resolve(), docs_of(catalog, "moved_from")
    if docs_of(catalog) != docs or before:
        catalog.set_meta(docs=_told(docs), moved_from="")
    return before


def catalogs(indexes: Path) -> list[Path]:
    """Of the indexes that lie in a folder."""
    return sorted(path for path in indexes.glob(f"*/{CATALOG}") if not path.parent.name.startswith("."))


def is_gone(docs: Path) -> bool:
    """Whether nothing lies there any more; not so where that can't be told."""
    try:
        docs.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def take_over(config: Config) -> None:
    """Where the documents have no index yet: take that of a folder which is gone and held the same files, if there is one.

    A process that is killed meanwhile leaves the index in its old place or in the new one, and the next to come finds it in either.
    """
    folder, docs = index_folder(config), Path(config.docs).resolve()
    if config.catalog_url or (folder / CATALOG).exists() or not any(_left(folder, docs)):
        return
    with suppress(OSError, Timeout), FileLock(folder.parent / "moving.lock", timeout=config.lock_timeout_seconds):
        if (folder / CATALOG).exists():
            return
        held = _contents(docs, config.max_file_bytes)
        shares = [(_share(files, held) if was != docs else 1.0, other) for other, was, files in _left(folder, docs)]
        for share, other in sorted(shares, reverse=True):
            if share < SAME_SHARE or (not is_held(other) and _move(other, config)):
                return


def _left(folder: Path, docs: Path) -> Iterator[tuple[Path, Path, dict[str, FileRow]]]:
    """The indexes beside `folder` whose documents are gone, or are `docs`: where each lies, where its documents were, and which."""
    for path in catalogs(folder.parent):
        with suppress(IndexBroken), contextlib.closing(Catalog.at(path)) as catalog:
            was = docs_of(catalog)
            if was is not None and (was == docs or is_gone(was)):
                yield path.parent, was, catalog.files()


def _contents(docs: Path, max_bytes: int) -> dict[str, str]:
    """Source → sha256 of the files that can be read."""
    held = {}
    with suppress(RagError):
        for file in find_files(docs, max_bytes):
            if not (file.skipped or file.failed):
                with suppress(DocumentError):
                    held[file.source] = hashlib.sha256(read_bytes(docs, file.source, max_bytes)).hexdigest()
    return held


def _share(files: Mapping[str, FileRow], held: Mapping[str, str]) -> float:
    """Of the indexed files that `held` has too, or of those of `held` that are indexed: the smaller one."""
    indexed = {row.sha256 for row in files.values() if row.state == "indexed"}
    readable = {sha256 for source, sha256 in held.items() if source not in files or files[source].state == "indexed"}
    return len(indexed & readable) / max(len(indexed), len(readable), 1)


def _move(other: Path, config: Config) -> bool:
    """Give `other` and its rooms to the documents of `config`; False where somebody writes there, or its documents are back."""
    folder, docs = index_folder(config), Path(config.docs).resolve()
    with suppress(IndexBroken), writing(other, 0), contextlib.closing(Catalog.at(other / CATALOG)) as catalog:
        was = docs_of(catalog)
        if was is not None and was != docs:
            if not is_gone(was):
                return False
            catalog.set_meta(docs=_told(docs), moved_from=_told(was))
        catalog.close()
        rooms = rooms_folder(config)
        for room in (all_rooms_folder(config) / other.name).glob("*"):
            make_private(rooms)
            if not (rooms / room.name).exists():
                room.rename(rooms / room.name)
        other.rename(folder)
        return True
    return False


def _told(docs: Path) -> str:
    """As JSON, since a name may be no text."""
    return json.dumps(str(docs))


def forget(config: Config) -> None:
    """Delete the index of `config.docs` and the rooms of its page. Raises IndexLocked where it is written or open elsewhere."""
    folder, rooms = index_folder(config), rooms_folder(config)
    if is_kept(config, folder) or folder.is_dir():
        with writing(folder, 0), contextlib.closing(catalog_of(config, folder)) as catalog, catalog.writing(0):
            if is_held(folder):
                raise IndexLocked(f"{folder} is open in another process, perhaps `rag serve`; end it first.")
            _drop_vectors(config, folder, catalog)
            catalog.drop()
            catalog.close()
            folder.rename(folder.with_name(f".{folder.name}.{secrets.token_hex(4)}"))
    for going in folder.parent.glob(f".{glob.escape(folder.name)}.*"):
        remove(going)
    remove(rooms)


def _drop_vectors(config: Config, folder: Path, catalog: Catalog) -> None:
    """Of an index whose vectors are on the Chroma servers that are configured. Raises StoreUnavailable."""
    if config.chroma_urls and catalog.is_there():
        with contextlib.closing(Mirror(config, folder, catalog)) as mirror:
            if mirror.servers:
                mirror.servers.drop()
