"""Questions to begin with and to go on with, built from the indexed titles. Only those that the documents answer are offered."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from rag.answers import Answer
from rag.pipeline import Rag
from rag.questions import Question
from rag.reading.confidence import BANDS
from rag.reading.kinds import fits
from rag.text.scripts import is_cjk

MAX_TRIED = 12
"""Documents that are asked about for examples; each costs as much as a question."""
_WHEN = ("When was that?", "那是什么时候？")


def examples(rag: Rag, most: int) -> list[str]:
    """Up to `most` questions about the titles of dated documents."""
    dated = [file for file in rag.retriever.snapshot().files.values() if file.title and file.date]
    asked = (_published(file.title) for file in dated[:MAX_TRIED])
    return list(islice((question for question in asked if rag.read(question).answered), most))


def follow_ups(rag: Rag, turns: Sequence[Answer]) -> list[str]:
    """Questions that follow the last answer: when that was, and when its document was published."""
    last = turns[-1]
    if not last.answered:
        return []
    asked = [_WHEN[is_cjk(last.question)]]
    cited = last.citations[0]
    file = rag.retriever.snapshot().files.get(cited.source)
    if file and file.title and file.date:
        asked.append(_published(file.title))
    return [question for question in asked if question != last.question and _is_fair(question, rag.read(question, turns))]


def _published(title: str) -> str:
    return f"《{title}》是什么时候发布的？" if is_cjk(title) else f"When was “{title}” published?"


def _is_fair(question: str, answer: Answer) -> bool:
    return answer.answered and answer.confidence >= BANDS["fair"] and fits(Question.parse(question), answer.short)
