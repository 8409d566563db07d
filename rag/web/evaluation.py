"""Question sets, runs of the eval suite and their results for the page. Needs the `eval` extra, which is imported on use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from rag.config import SAMPLE
from rag.errors import UsageError
from rag.messages import Say
from rag.places import make_private
from rag.web.rendering import render
from rag.web.rooms import FOLDER, UPLOADS, Room, Turn

if TYPE_CHECKING:
    from eval.report import Report

SHIPPED = "shipped"


def question_sets(room: Room, say: Say) -> list[tuple[str, str]]:
    """(label, name) of each set that can be run here."""
    sets = [(say("shipped questions"), SHIPPED)] if room.has_sample else []
    for place in (FOLDER, UPLOADS):
        if count := case_count(room, place):
            sets.append((say(f"cases {place}", count=count), place))
    return sets


def case_count(room: Room, place: str) -> int:
    path = room.questions(place)
    return len(path.read_text(encoding="utf-8").splitlines()) if path.exists() else 0


def keep_case(room: Room, turn: Turn, gold: tuple[str, str] | None, *, right: bool) -> int:
    """Write a test case for a turn and return how many its place has.

    The answer itself is gold where it is `right`, else the (source, quote) of `gold`; without one the documents do not answer.
    Raises UsageError when the quote is not in its file.
    """
    from eval.authoring import accepted, append, quoted, unanswerable

    row = unanswerable(turn.answer.question) | (accepted(turn.answer) if right else quoted(*gold) if gold else {})
    make_private(room.path)
    return append(room.questions(turn.place), row, Path(room.rag(turn.place).config.docs))


def run(room: Room, name: str, on_progress: Callable[[str, int, int], None]) -> tuple[Report, str]:
    """Run one set; returns the report and its page. Raises UsageError and the suite's errors."""
    from eval.baselines import chosen
    from eval.cli import FLOORS
    from eval.cli import SHIPPED as SHIPPED_QUESTIONS
    from eval.html import report_page
    from eval.report import build, load_bounds
    from eval.run import load_for
    from eval.run import run as evaluate

    if name == SHIPPED:
        path, config = SHIPPED_QUESTIONS, replace(room.shared.config, docs=SAMPLE)
    else:
        path, config = room.questions(name), room.rag(name).config
    if not path.exists():
        raise UsageError("there are no test cases yet; press ✓ or ✗ under an answer.")
    questions = load_for(path, None, config)
    results = evaluate(questions, config, chosen([]), on_progress)
    report = build(results, questions, config, load_bounds(FLOORS if name == SHIPPED else None), None, seed=0)
    return report, report_page(report)


def report_html(report: Report, page: str, say: Say) -> str:
    """The report's own page in a frame that can run nothing, and each question to ask again."""
    from eval.html import worst_first

    return render("report.html.j2", page=page, rows=worst_first(report.ours.rows), say=say)
