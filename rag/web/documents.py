"""What the index knows of the files → HTML: the table of each place, and a file with its chunks outlined."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rag.answers import File, Span
from rag.messages import Say
from rag.reports import SyncReport
from rag.web.marks import outlined
from rag.web.rendering import render
from rag.web.rooms import FOLDER, UPLOADS, Room

MAX_ROWS = 500
_COLUMNS = ("file", "state", "chunks", "hidden words", "language", "date", "indexed at", "on disk")


def documents_html(room: Room, say: Say) -> str:
    """A table of the files of each place, with the truth about each."""
    places = [_listing(room, place, say) for place in room.places()]
    return render("documents.html.j2", places=places, columns=[say(name) for name in _COLUMNS], say=say)


def _listing(room: Room, place: str, say: Say) -> dict[str, Any]:
    status = room.rag(place).status()
    rows = [_row(file, say) for file in status["files"]]
    rows += [_row({"source": source, "state": "", "since": "added"}, say) for source in status["unseen"]]
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
    known = {"title": "", "why": None, "chunks": 0, "hidden": 0, "language": "", "date": ""}
    return {**known, **file, "indexed_at": moment, "on_disk": say(since) if since else ""}


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
    return render("preview.html.j2", shown=outlined(file, chunks, place), count=len(chunks), show=show, say=say)
