"""Question sets, runs of the eval suite and their results for the page. Needs the `eval` extra, which is imported on use."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

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


def keep_case(room: Room, turn: Turn, earlier: Sequence[str], gold: tuple[str, str] | None, *, right: bool) -> int:
    """Write a test case for a turn, instead of the one that there may be, and return how many its place has.

    The answer itself is gold where it is `right`, else the (source, quote) of `gold`; without one the documents do not answer.
    The questions asked `earlier` are kept with it, unless it is right and was answered as it stands.
    Raises UsageError when the quote is not in its file.
    """
    from eval.authoring import accepted, append, quoted, remove, unanswerable

    row = unanswerable(turn.answer.question) | (accepted(turn.answer) if right else quoted(*gold) if gold else {})
    if earlier and (turn.answer.read_as or not right):
        row["history"] = [*earlier]
    make_private(room.path)
    before = [kept["id"] for kept in _cases(room, turn, earlier)]
    append(path := room.questions(turn.place), row, Path(room.rag(turn.place).config.docs))
    if before:
        remove(path, before)
    return case_count(room, turn.place)


def drop_case(room: Room, turn: Turn, earlier: Sequence[str]) -> int:
    """Take the test case of a turn back, and return how many its place still has."""
    from eval.authoring import remove

    if before := [kept["id"] for kept in _cases(room, turn, earlier)]:
        remove(room.questions(turn.place), before)
    return case_count(room, turn.place)


def verdict(room: Room, turn: Turn, earlier: Sequence[str]) -> str:
    """What the test case of a turn says of its answer: "right", or "wrong"; "" where there is none."""
    for kept in _cases(room, turn, earlier):
        from eval.authoring import accepted, unanswerable

        right = unanswerable(turn.answer.question) | accepted(turn.answer)
        return "right" if all(kept[name] == right[name] for name in ("answers", "evidence", "answerable")) else "wrong"
    return ""


def _cases(room: Room, turn: Turn, earlier: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The test cases of a turn's place that ask its question, after the same questions or none."""
    path = room.questions(turn.place)
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        kept = json.loads(line)
        if kept["question"] == turn.answer.question and kept.get("history", []) in ([], [*earlier]):
            yield kept


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
