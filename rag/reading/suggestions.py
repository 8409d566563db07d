"""Questions to begin with and to go on with: those that come with a folder, and those that its titles and dates give.

In: what the index knows of the files, or an answer. Out: questions; `Rag` asks them and offers those that are answered.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

from rag.answers import Answer
from rag.corpus.catalog import FileRow
from rag.corpus.documents import read_bytes
from rag.errors import DocumentError
from rag.messages import say_in
from rag.text.scripts import spoken
from rag.text.values import values

MAX_TRIED = 12
"""Documents that are asked about for examples; each costs as much as a question."""
SAMPLE = ".sample.json"
"""Beside documents that are shipped as a sample: {"files": {source: sha256}, "questions": [...]}."""


def sample_questions(docs: Path, files: Mapping[str, FileRow]) -> tuple[str, ...]:
    """The questions that a sample brings along, while its files are indexed as they were shipped; none of any other folder."""
    try:
        sample = json.loads(read_bytes(docs, SAMPLE))
        shipped, questions = dict(sample["files"]), tuple(map(str, sample["questions"]))
    except (DocumentError, ValueError, KeyError, TypeError):
        return ()
    indexed = {source: row.sha256 for source, row in files.items()}
    return questions if shipped and shipped.items() <= indexed.items() else ()


def about_titles(files: Mapping[str, FileRow]) -> Iterator[str]:
    """When each of the first dated documents was published."""
    return islice((published(row.title) for row in files.values() if row.title and row.date), MAX_TRIED)


def after(answer: Answer, file: FileRow | None) -> list[str]:
    """What may be asked next: when that was, and when the first cited document, `file`, was published."""
    asked = [say_in(answer.language)("when was that")]
    if file and file.title and file.date:
        asked.append(published(file.title))
    return [question for question in asked if question != answer.question]


def published(title: str) -> str:
    return say_in(spoken(title))("when was it published", title=title)


def is_fair(answer: Answer) -> bool:
    """Whether an answer is good enough for its question, which asks when, to be offered."""
    return answer.answered and answer.band in ("strong", "fair") and any(value.kind == "date" for value in values(answer.short))
