"""`rag sync --watch`: the index follows its folder until Ctrl-C; each sync that changed something is told in one line."""

from __future__ import annotations

import sys
import threading
from dataclasses import asdict
from datetime import datetime
from typing import Any

from rag.messages import say_in
from rag.pipeline import Rag
from rag.printable import to_json
from rag.reports import FileReport, SyncReport

_SHOWN_FILES = 5
say = say_in("en")


def as_dict(report: SyncReport) -> dict[str, Any]:
    """Plain JSON data."""
    files = [{"source": f.source, "state": f.state, "reason": f.reason.told("en") if f.reason else ""} for f in report.files]
    return {**asdict(report), "files": files, "counts": report.counts}


def follow(rag: Rag, first: SyncReport, stop: threading.Event, *, as_json: bool) -> None:
    """Sync whenever the files change, until `stop` is set; `first` is the report of the sync before."""
    left_out, told, noted = _left_out(first), "", first.notes
    for report, trouble in rag.follow(stop):
        if trouble not in ("", told):
            print(f"rag: {trouble}", file=sys.stderr, flush=True)
        told = trouble
        if report is None:
            continue
        if report.notes != noted and not as_json:
            for note in report.notes:
                print(say("note", note=note), flush=True)
        noted = report.notes
        changed = [f for state in ("added", "changed", "removed") for f in report.in_state(state)]
        changed += [file for file in _left_out(report) if file not in left_out]
        if changed or report.embedded or len(_left_out(report)) != len(left_out):
            print(to_json(as_dict(report), indent=None) if as_json else line(report, changed), flush=True)
        left_out = _left_out(report)


def line(report: SyncReport, changed: list[FileReport]) -> str:
    """When, what changed, and what came of it."""
    told = [
        f"{say(f'followed {file.state}')} {file.source}" + (f" ({say(file.reason)})" if file.reason else "") for file in changed
    ]
    more = say("and more", count=len(told) - _SHOWN_FILES) if len(told) > _SHOWN_FILES else ""
    what = "; ".join(told[:_SHOWN_FILES]) + more
    when = datetime.now().strftime("%H:%M:%S")
    return say("followed", time=when, what=what, chunks=report.chunks, embedded=report.embedded, seconds=report.seconds)


def _left_out(report: SyncReport) -> list[FileReport]:
    return [*report.in_state("failed"), *report.in_state("skipped")]
