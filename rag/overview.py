"""What each file by itself answers to one question → one overview: its order, its words, a table for spreadsheets, receipts.

In: `FileAnswer`s. Out: plain values; the shell and the page draw them.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rag.answers import Answer, FileAnswer
from rag.messages import say_in
from rag.receipts import receipt

COLUMNS = ("file", "title", "date", "answered", "answer", "quote", "start", "end", "confidence", "reason")
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")
"""How a cell begins that a spreadsheet may take for a formula (OWASP, CSV Injection)."""


def ranked(found: Iterable[FileAnswer]) -> list[FileAnswer]:
    """Those that answer first, the surest of them before the others."""
    return sorted(found, key=lambda each: (-each.answer.answered, -each.answer.confidence))


def said(answer: Answer) -> str:
    """The answer on one line: its items, yes or no, its short answer, the sentence that answers, or its first line; "" where it is none."""
    if not answer.answered:
        return ""
    if answer.verdict:
        return say_in(answer.language)(answer.verdict)
    items = "; ".join(item.text for item in answer.items)
    return " ".join((items or answer.short or quoted(answer) or answer.text.split("\n", 1)[0]).split())


def quoted(answer: Answer) -> str:
    """What stands behind the answer; "" where it is none."""
    return answer.citations[0].quote if answer.citations else ""


def why_not(answer: Answer) -> str:
    """The first reason of a refusal, in short, in the question's language; "" of an answer."""
    say = say_in(answer.language)
    for reason in answer.reasons:
        if reason.code == "held back":
            return say("closest is", found=reason.values["found"])
        return say(reason)
    return ""


def notes(found: Iterable[FileAnswer]) -> list[str]:
    """Which vector servers could not be asked, each once."""
    told = [say_in(each.answer.language)(each.answer.left_out) for each in found if each.answer.left_out]
    return list(dict.fromkeys(told))


def to_csv(found: Sequence[FileAnswer]) -> str:
    """A table with the columns COLUMNS that spreadsheets open (RFC 4180, with a byte order mark).

    A cell that would be a formula has an apostrophe before it.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows([f"'{cell}" if _FORMULA.match(cell) else cell for cell in _row(each)] for each in found)
    return f"\ufeff{text.getvalue()}"


def _row(each: FileAnswer) -> tuple[str, ...]:
    answer = each.answer
    place = [str(at) for citation in answer.citations[:1] for at in (citation.start, citation.end)] or ["", ""]
    why = answer.reason or " ".join(notes([each]))
    told = ("yes" if answer.answered else "no", said(answer), quoted(answer), *place, f"{answer.confidence:.2f}", why)
    return (each.source, each.title, each.date, *told)


def to_receipts(found: Sequence[FileAnswer], made_with: Mapping[str, str]) -> list[dict[str, Any]]:
    """A receipt of each answer, with the file that was asked."""
    return [{"source": each.source, "title": each.title, "date": each.date, **receipt(each.answer, made_with)} for each in found]
