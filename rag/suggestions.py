"""Questions to begin with and to go on with, built from the indexed titles. Only those that the documents answer are offered."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from rag.answers import Answer
from rag.messages import say_in
from rag.pipeline import Rag
from rag.questions import Question
from rag.reading.kinds import fits
from rag.text.scripts import spoken

MAX_TRIED = 12
"""Documents that are asked about for examples; each costs as much as a question."""


def examples(rag: Rag, most: int) -> list[str]:
    """Up to `most` questions about the titles of dated documents."""
    dated = [file for file in rag.retriever.snapshot().files.values() if file.title and file.date]
    asked = (say_in(spoken(file.title))("when was it published", title=file.title) for file in dated[:MAX_TRIED])
    return list(islice((question for question in asked if rag.read(question).answered), most))


def follow_ups(rag: Rag, turns: Sequence[Answer]) -> list[str]:
    """Questions that follow the last answer, in its language: when that was, and when its document was published."""
    last = turns[-1]
    if not last.answered:
        return []
    say = say_in(last.language)
    asked = [say("when was that")]
    cited = last.citations[0]
    file = rag.retriever.snapshot().files.get(cited.source)
    if file and file.title and file.date:
        asked.append(say("when was it published", title=file.title))
    return [question for question in asked if question != last.question and _is_fair(question, rag.read(question, turns))]


def _is_fair(question: str, answer: Answer) -> bool:
    return answer.answered and answer.band in ("strong", "fair") and fits(Question.parse(question), answer.short)
