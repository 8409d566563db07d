"""What the index knows of the files → HTML: the table of each place, and a file with its chunks outlined."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import pairwise
from typing import Any

from rag.reports import SyncReport
from rag.web.evidence import Span, box_html, button_html, table_html
from rag.web.rooms import FOLDER, UPLOADS, Room
from rag.web.words import Say

MAX_ROWS = 500
_COLUMNS = ("file", "state", "chunks", "language", "date", "indexed at", "on disk")


def documents_html(room: Room, say: Say) -> str:
    """A table of the files of each place, with the truth about each."""
    return "".join(_place_html(room, place, say) for place in room.places())


def _place_html(room: Room, place: str, say: Say) -> str:
    status = room.rag(place).status()
    rows = status["files"] + [{"source": source, "state": "", "since": "added"} for source in status["unseen"]]
    rows.sort(key=lambda row: row["state"] == "indexed" and not row["since"])  # what needs a look comes first
    title = say("the folder", docs=status["docs"]) if place == FOLDER else say("your uploads")
    head = "".join(f"<th>{escape(say(name))}</th>" for name in _COLUMNS)
    body = "".join(_row_html(row, place, say) for row in rows[:MAX_ROWS])
    cut = f"<p>{escape(say('files shown', shown=MAX_ROWS, count=len(rows)))}</p>" if len(rows) > MAX_ROWS else ""
    note = f'<p class="meta">{escape(say("folder note"))}</p>' if place == FOLDER else ""
    return f"<h2>{escape(title)}</h2>{note}{cut}{table_html(title, head, body, 'files')}"


def _row_html(row: dict[str, Any], place: str, say: Say) -> str:
    since = {"": "as indexed" if row["state"] == "indexed" else "", "added": "new"}.get(row["since"], row["since"])
    state = f'<span class="badge {row["state"]}">{escape(say(row["state"]))}</span>' if row["state"] else ""
    reason = f'<br><span class="meta">{escape(row["reason"])}</span>' if row.get("reason") else ""
    on_disk = f'<span class="badge {row["since"]}">{escape(say(since))}</span>' if since else ""
    title = f'<br><span class="meta">{escape(row["title"])}</span>' if row.get("title") else ""
    moment = row.get("indexed_at", "").replace("T", " ").removesuffix("+00:00")
    chunks = row.get("chunks") or ""
    buttons = button_html("preview", say("preview"), source=row["source"], place=place) if chunks else ""
    buttons += button_html("remove", say("remove"), source=row["source"]) if place == UPLOADS else ""
    cells = [
        f'{escape(row["source"])}{title}<div class="actions">{buttons}</div>',
        f"{state}{reason}",
        chunks,
        *(escape(row.get(k, "")) for k in ("language", "date")),
    ]
    cells += [escape(moment), on_disk]
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def synced_text(reports: dict[str, SyncReport], say: Say) -> str:
    """What a sync of all places did, in words."""
    counts: dict[str, int] = {}
    for report in reports.values():
        for state, count in report.counts.items():
            counts[state] = counts.get(state, 0) + count
    told = ", ".join(f"{count} {say(state)}" for state, count in counts.items() if count) or "0"
    chunks, embedded = (sum(getattr(report, name) for report in reports.values()) for name in ("chunks", "embedded"))
    return say("synced", counts=told, chunks=chunks, embedded=embedded)


def preview_html(text: str, chunks: Sequence[Span], source: str, place: str, say: Say) -> str:
    """The file's text with each chunk outlined: what is in one chunk, in two that overlap, or (grey) in none."""
    borders = sorted({0, len(text), *(border for chunk in chunks for border in chunk)})
    starts = {start: number for number, (start, _) in enumerate(chunks, start=1)}
    parts = []
    for start, end in pairwise(borders):
        holding = sum(s <= start and end <= e for s, e in chunks)
        number = f'<span class="number" data-number="{starts[start]}"></span>' if start in starts else ""
        kind = "clutter" if not holding else "shared" if holding > 1 else "chunk"
        parts.append(f'{number}<span class="{kind}">{escape(text[start:end])}</span>')
    note = f'<p class="meta">{escape(say("preview note", count=len(chunks)))}</p>'
    return f"<h2>{escape(source)}</h2>{note}{box_html(''.join(parts), source, place, 'document preview')}"
