"""What each document by itself answers → HTML: a table, or two documents side by side, and the evidence of one of them; and files to keep."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rag.messages import Say, say_in
from rag.overview import notes, quoted, ranked, said, to_csv, to_receipts, why_not
from rag.web.evidence import evidence_of
from rag.web.rendering import render
from rag.web.rooms import UPLOADS, Asked, Room

_COLUMNS = ("file", "answer", "quote", "confidence", "state")
_TWO = 2
"""Documents that are shown side by side."""


@dataclass
class Stop:
    """Whether a run is to end before it is done; told by another request than the one that works."""

    told: bool = False


@dataclass(frozen=True)
class Run:
    """One question asked of each of `total` documents, as far as it has come."""

    question: str = ""
    total: int = 0
    asked: tuple[Asked, ...] = ()
    stop: Stop = field(default_factory=Stop)
    """The same one all along."""
    room: Path | None = None
    """In which it was asked."""

    def of(self, room: Room) -> Run:
        """The run where it was asked in `room`; an empty one where another's browser names it."""
        return self if self.room == room.path else Run()

    @property
    def side_by_side(self) -> bool:
        return self.total == _TWO

    @property
    def ended(self) -> bool:
        return self.stop.told or len(self.asked) == self.total


def progress_html(run: Run, say: Say) -> str:
    """How far it has come; once it has ended, how many answer."""
    answered = sum(each.found.answer.answered for each in run.asked)
    count = len(run.asked)
    if count == run.total:
        told = say("each done", total=run.total, answered=answered)
    elif run.stop.told:
        told = say("each stopped", done=count, total=run.total, answered=answered)
    else:
        told = ""
    return render("each_progress.html.j2", question=run.question, done=count, total=run.total, told=told, say=say)


def each_html(run: Run, room: Room, say: Say) -> str:
    """The table, those that answer first; two documents side by side with their evidence."""
    if not run.asked:
        return ""
    if run.side_by_side:
        return _sides_html(run.asked, room, say)
    numbers = {id(each.found): number for number, each in enumerate(run.asked)}
    rows = [_row(run.asked[numbers[id(found)]], numbers[id(found)], say) for found in ranked(each.found for each in run.asked)]
    columns = [say(name) for name in _COLUMNS]
    told = notes(each.found for each in run.asked)
    return render("each.html.j2", question=run.question, rows=rows, columns=columns, notes=told, say=say)


def opened_html(run: Run, number: int, room: Room, say: Say) -> str:
    """The document that was asked as the `number`-th, with its evidence."""
    return _sides_html(run.asked[number : number + 1], room, say)


def _sides_html(asked: Sequence[Asked], room: Room, say: Say) -> str:
    sides = [
        {
            "found": each.found,
            "own": say_in(each.found.answer.language),
            "said": said(each.found.answer),
            **evidence_of(each.found.answer, room.rag(each.place), each.place, say),
        }
        for each in asked
    ]
    return render("each_sides.html.j2", sides=sides, say=say)


def _row(each: Asked, number: int, say: Say) -> dict[str, Any]:
    answer = each.found.answer
    changed = not answer.citations and any(reason.code in ("stale", "no longer indexed") for reason in answer.reasons)
    return {
        "number": number,
        "found": each.found,
        "about": " · ".join(filter(None, [each.found.title, each.found.date, say("uploaded") if each.place == UPLOADS else ""])),
        "said": said(answer),
        "quote": " ".join(quoted(answer).split()),
        "why": why_not(answer),
        "state": "verbatim" if answer.answered else "changed" if changed else "",
        "told": say("answered") if answer.answered else say("changed") if changed else say("no answer in it"),
    }


def kept(run: Run, room: Room, kind: str) -> dict[str, str]:
    """The answers as a file to keep: its name, media type and text; `kind` is "csv" or "json"."""
    if kind == "csv":
        return {"name": "answers.csv", "type": "text/csv", "text": to_csv(ranked(each.found for each in run.asked))}
    receipts = [
        receipt
        for place in room.places()
        for receipt in to_receipts([each.found for each in run.asked if each.place == place], room.rag(place).made_with())
    ]
    return {"name": "answers.json", "type": "application/json", "text": json.dumps(receipts, ensure_ascii=False, indent=2)}
