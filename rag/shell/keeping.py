"""What is kept of all folders of documents, and deleting what is kept of one: `rag status --all` and `rag forget`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from rag.config import Config
from rag.errors import IndexBroken, UsageError
from rag.messages import say_in
from rag.places import all_rooms_folder, bytes_below, eval_folder, index_folder, indexes_folder, rooms_folder
from rag.printable import to_json

say = say_in("en")


@dataclass(frozen=True)
class Kept:
    """What is kept of one folder of documents."""

    docs: str
    """"" where nothing tells."""
    gone: bool
    """Whether the documents are no longer there; not of a catalog in a database, as they may be another machine's."""
    index: str
    files: int
    """That are indexed."""
    chunks: int
    indexed_at: str
    """When the last of them was: UTC, ISO 8601."""
    index_bytes: int
    rooms: int
    conversations: int
    """In all rooms."""
    uploads: int
    """Files in all rooms."""
    cases: int
    """Test cases in all rooms."""
    rooms_bytes: int
    trouble: str = ""
    """Why the index cannot be read."""


def all_kept(config: Config) -> Iterator[Kept]:
    """By the names of the folders they are kept in."""
    from rag.corpus.kept import index_names

    names = set(index_names(config))
    rooms = all_rooms_folder(config)
    if rooms.is_dir():
        names |= {path.name for path in rooms.iterdir() if path.is_dir()}
    for name in sorted(names):
        yield _kept(config, indexes_folder(config) / name, rooms / name)


def _kept(config: Config, index: Path, rooms: Path) -> Kept:
    from rag.corpus.kept import catalog_of, docs_of, is_gone

    docs, indexed, chunks, elsewhere, trouble = None, [], 0, 0, ""
    with closing(catalog_of(config, index)) as catalog:
        try:
            if catalog.is_there():
                docs = docs_of(catalog)
                indexed = [row.indexed_at for row in catalog.files().values() if row.state == "indexed"]
                chunks, elsewhere = catalog.count_chunks(), catalog.bytes_elsewhere()
        except IndexBroken as error:
            trouble = str(error)
    cases = [path.read_text(encoding="utf-8", errors="replace") for path in rooms.glob("*/questions-*.jsonl")]
    return Kept(
        docs=str(docs or ""),
        gone=docs is not None and not config.catalog_url and is_gone(docs),
        index=str(index),
        files=len(indexed),
        chunks=chunks,
        indexed_at=max(indexed, default=""),
        index_bytes=bytes_below(index) + elsewhere,
        rooms=sum(path.is_dir() for path in rooms.glob("*")),
        conversations=len([*rooms.glob("*/conversations/*/")]),
        uploads=len([*rooms.glob("*/files/*")]),
        cases=sum(len(text.splitlines()) for text in cases),
        rooms_bytes=bytes_below(rooms),
        trouble=trouble,
    )


def print_all(config: Config, *, as_json: bool) -> None:
    """A table of what is kept, and where."""
    kept = list(all_kept(config))
    places = {"indexes": indexes_folder(config), "rooms": all_rooms_folder(config), "evaluations": eval_folder(config)}
    sizes = {"indexes": sum(each.index_bytes for each in kept), "rooms": sum(each.rooms_bytes for each in kept)}
    sizes["evaluations"] = bytes_below(places["evaluations"])
    if as_json:
        told = {name: {"folder": str(place), "bytes": sizes[name]} for name, place in places.items()}
        print(to_json({"kept": [asdict(each) for each in kept], "places": told}))
        return
    from rich.table import Table
    from rich.text import Text

    from rag.terminal import Console

    console = Console()
    table = Table(*map(say, ("documents", "files", "chunks", "size", "last indexed", "rooms")))
    for each in kept:
        where = each.docs or Path(each.index).name
        note = say("index unreadable") if each.trouble else say("gone") if each.gone else "" if each.docs else say("not indexed")
        rooms = say("rooms kept", count=each.rooms, size=_size(each.rooms_bytes)) if each.rooms else ""
        cells = [str(each.files), str(each.chunks), _size(each.index_bytes), _moment(each.indexed_at), rooms]
        table.add_row(Text.assemble(where, (f" ({note})" if note else "", "bold")), *map(Text, cells))
    if kept:
        console.print(table)
    for name, place in places.items():
        console.print(Text(f"{say(f'lies {name}')}: {place}, {_size(sizes[name])}"), soft_wrap=True)


def forget(options: argparse.Namespace, config: Config) -> bool:
    """Delete what is kept of one folder, when it is agreed to; never its documents. Raises UsageError, IndexLocked."""
    from rag.corpus.kept import forget, is_kept

    index, rooms = index_folder(config), rooms_folder(config)
    if not is_kept(config, index) and not rooms.exists():
        raise UsageError(f"nothing is kept of {config.docs}. To see what is: rag status --all")
    kept = _kept(config, index, rooms)
    print(say("kept of", docs=Path(config.docs).resolve()))
    print(say("kept index", files=kept.files, chunks=kept.chunks, size=_size(kept.index_bytes), index=index))
    if kept.rooms:
        size = _size(kept.rooms_bytes)
        print(
            say(
                "kept in rooms",
                count=kept.rooms,
                talks=kept.conversations,
                uploads=kept.uploads,
                cases=kept.cases,
                size=size,
                rooms=rooms,
            )
        )
    if not options.yes and not _agreed():
        print(say("kept all"))
        return False
    forget(config)
    print(say("forgotten", docs=Path(config.docs).resolve()))
    return True


def _agreed() -> bool:
    if not sys.stdin.isatty():
        raise UsageError("nobody is there to ask; to delete it, add --yes.")
    try:
        return input(say("delete it")).strip().lower() in ("y", "yes")
    except EOFError:
        return False


def _size(count: int) -> str:
    return f"{count / 1e6:,.1f} MB"


def _moment(told: str) -> str:
    return told.replace("T", " ").removesuffix("+00:00")
