"""The documents that can be ticked, as a tree: the uploads, then the folder's files and folders. A folder that is ticked stands for all
that lies in it, whenever it comes to lie there.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rag.messages import Say
from rag.web.rooms import FOLDER, UPLOADS, Room

MAX_LISTED = 200
"""Entries that are listed; the others are found by their words."""
_INDENT = "\u00a0" * 4


@dataclass(frozen=True)
class Entry:
    """A document or a folder of them."""

    label: str
    value: str
    """JSON of place and source; a folder's source ends in a slash."""
    words: str
    """What it is found by, in small letters: path, title, author."""
    is_folder: bool = False


def tree(room: Room, say: Say) -> list[Entry]:
    """Every indexed document below the folders that it lies in."""
    entries: list[Entry] = []
    for place in (UPLOADS, FOLDER):
        if place in room.places():
            files = [file for file in room.rag(place).status()["files"] if file["state"] == "indexed"]
            entries += _entries(place, sorted(files, key=lambda file: _place_in_tree(file["source"])), say)
    return entries


def found(entries: Sequence[Entry], text: str) -> list[Entry]:
    """Those that have all words of the text in their path, title or author, each below its folders."""
    words = text.lower().split()
    wanted = [entry for entry in entries if not entry.is_folder and all(word in entry.words for word in words)]
    above = {_value(place, folder) for place, source in map(_read, wanted) for folder in _folders(source)}
    kept = above | {entry.value for entry in wanted}
    return [entry for entry in entries if entry.value in kept]


def listed(entries: Sequence[Entry], chosen: Collection[str]) -> list[Entry]:
    """As many as are listed, in their order: rather the ticked ones than folders, and rather folders than documents."""
    order = sorted(range(len(entries)), key=lambda at: (entries[at].value not in chosen, not entries[at].is_folder))
    return [entries[at] for at in sorted(order[:MAX_LISTED])]


def still(entries: Sequence[Entry], chosen: Collection[str]) -> list[str]:
    """What is ticked and still there."""
    there = {entry.value for entry in entries}
    return [value for value in chosen if value in there]


def _entries(place: str, files: Sequence[dict[str, Any]], say: Say) -> Iterator[Entry]:
    counts: dict[str, int] = {}
    for file in files:
        for folder in _folders(file["source"]):
            counts[folder] = counts.get(folder, 0) + 1
    told: set[str] = set()
    for file in files:
        folders = _folders(file["source"])
        for depth, folder in enumerate(folders):
            if folder not in told:
                told.add(folder)
                label = say("whole folder", name=folder.split("/")[-2], count=counts[folder])
                yield Entry(_INDENT * depth + label, _value(place, folder), folder.lower(), is_folder=True)
        name = file["source"].rpartition("/")[2]
        titled = file["title"] not in ("", name, name.rpartition(".")[0])
        facts = [file["title"] if titled else name, name if titled else "", file["date"]]
        facts += [say("uploaded")] if place == UPLOADS else []
        facts += [say(file["since"])] if file["since"] else []
        words = f"{file['source']} {file['title']} {file['author']}".lower()
        yield Entry(_INDENT * len(folders) + " · ".join(filter(None, facts)), _value(place, file["source"]), words)


def _folders(source: str) -> list[str]:
    """The folders that a file lies in, the outermost first, each with a slash at its end."""
    return [source[: at + 1] for at, character in enumerate(source) if character == "/"]


def _place_in_tree(source: str) -> list[tuple[bool, str]]:
    """By name, a folder's files before its folders."""
    *folders, name = source.split("/")
    return [*((True, folder.lower()) for folder in folders), (False, name.lower())]


def _value(place: str, source: str) -> str:
    return json.dumps([place, source])


def _read(entry: Entry) -> tuple[str, str]:
    place, source = json.loads(entry.value)
    return place, source
