"""What the index knows of the files → HTML: the table of each place, and a file with its chunks outlined."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from rag.answers import File, Span
from rag.messages import Say
from rag.reports import SyncReport
from rag.web.marks import outlined
from rag.web.rendering import render
from rag.web.rooms import FOLDER, UPLOADS, Room

MAX_ROWS = 500
_COLUMNS = ("file", "state", "size", "chunks", "hidden words", "language", "date", "indexed at", "on disk")
_BY = {"file": "source", "hidden words": "hidden", "indexed at": "indexed_at", "on disk": "on_disk"}
"""Column → what of a row it shows, where that is called otherwise."""


@dataclass(frozen=True)
class Order:
    """Which files are listed, and in which order; without a column, what needs a look comes first."""

    words: str = ""
    column: str = ""
    down: bool = False

    def by(self, column: str) -> Order:
        """Sorted by a column; the other way round where it is sorted by it."""
        return replace(self, column=column, down=column == self.column and not self.down)


def documents_html(room: Room, say: Say, order: Order = Order()) -> str:
    """A table of the files of each place, the uploads first, with the truth about each."""
    places = [_listing(room, place, say, order) for place in reversed(room.places())]
    columns = [(name, say(name), ("descending" if order.down else "ascending") * (name == order.column)) for name in _COLUMNS]
    return render("documents.html.j2", places=places, columns=columns, say=say)


def _listing(room: Room, place: str, say: Say, order: Order) -> dict[str, Any]:
    status = room.rag(place).status()
    rows = [_row(file, say) for file in status["files"]]
    rows += [_row({"source": source, "state": "", "since": "added"}, say) for source in status["unseen"]]
    words = order.words.lower().split()
    rows = [row for row in rows if all(word in f"{row['source']} {row['title']} {row['author']}".lower() for word in words)]
    if order.column in _COLUMNS:
        rows.sort(key=lambda row: _key(row[_BY.get(order.column, order.column)]), reverse=order.down)
    else:
        rows.sort(key=lambda row: row["state"] == "indexed" and not row["since"])  # what needs a look comes first
    return {
        "place": place,
        "title": say("the folder", docs=status["docs"]) if place == FOLDER else say("your uploads"),
        "note": say("folder note") if place == FOLDER else "",
        "cut": say("files shown", shown=MAX_ROWS, count=len(rows)) if len(rows) > MAX_ROWS else "",
        "rows": rows[:MAX_ROWS],
        "removable": place == UPLOADS,
    }


def _row(file: dict[str, Any], say: Say) -> dict[str, Any]:
    """A file of `Rag.status`, with what became of it on disk in words."""
    since = {"": "as indexed" if file["state"] == "indexed" else "", "added": "new"}.get(file["since"], file["since"])
    moment = file.get("indexed_at", "").replace("T", " ").removesuffix("+00:00")
    known = {
        "title": "",
        "author": "",
        "why": None,
        "chunks": 0,
        "hidden": 0,
        "whole": False,
        "size": 0,
        "language": "",
        "date": "",
    }
    return {**known, **file, "indexed_at": moment, "on_disk": say(since) if since else ""}


def _key(value: str | int) -> list[tuple[int, str]]:
    """Figures within words count as figures; what is empty comes last."""
    parts = re.split(r"([0-9]+)", str(value).lower())
    return [(0 if value else 1, ""), *((int(part), "") if part.isdecimal() else (0, part) for part in parts)]


def synced_text(reports: dict[str, SyncReport], say: Say) -> str:
    """What a sync of all places did, in words."""
    counts: dict[str, int] = {}
    for report in reports.values():
        for state, count in report.counts.items():
            counts[state] = counts.get(state, 0) + count
    told = ", ".join(say(f"count {state}", count=count) for state, count in counts.items() if count) or say("no files")
    chunks, embedded = (sum(getattr(report, name) for report in reports.values()) for name in ("chunks", "embedded"))
    return say("synced", counts=told, chunks=chunks, embedded=embedded)


def preview_html(file: File, chunks: Sequence[Span], place: str, say: Say, show: str = "") -> str:
    """The file with each chunk outlined: what is in one chunk, in two that overlap, or (grey) in none. It is opened at the first
    stretch of the kind `show`."""
    shown, removable = outlined(file, chunks, place), place == UPLOADS
    return render("preview.html.j2", shown=shown, removable=removable, count=len(chunks), show=show, say=say)
