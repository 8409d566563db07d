"""The question file: JSON lines, checked against the documents when it is loaded.

A line has `id`, `question`, `answers` (accepted ones), `evidence` ([{source, quote}], each quote verbatim in its file),
`type`, `language` ("en", "zh"), `answerable`, and optionally `history` (earlier questions). For the types "list" and
"chinese" every one of `answers` must be given; for the others one is enough.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from rag.documents import read_text
from rag.errors import DocumentError, UsageError


@dataclass(frozen=True)
class Evidence:
    """A stretch of a file that holds the answer."""

    source: str
    quote: str


@dataclass(frozen=True)
class Question:
    """One known question; without evidence it is one that the documents do not answer."""

    id: str
    question: str
    answers: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    type: str
    language: str
    answerable: bool
    history: tuple[str, ...] = ()


def load_questions(path: Path, docs: Path) -> list[Question]:
    """Raises UsageError with the line number for whatever is wrong with the file or its quotes."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}).") from error
    questions, seen = [], set[str]()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            raw = json.loads(line)
            evidence = tuple(Evidence(item["source"], item["quote"]) for item in raw.pop("evidence"))
            raw["answers"], raw["history"] = tuple(raw["answers"]), tuple(raw.get("history", ()))
            question = Question(evidence=evidence, **raw)
        except (ValueError, KeyError, TypeError) as error:
            raise UsageError(f"{path}:{number}: not a question ({error}).") from error
        if question.id in seen:
            raise UsageError(f"{path}:{number}: the id {question.id} is used twice.")
        if question.answerable != bool(evidence) or question.answerable != bool(question.answers):
            raise UsageError(f"{path}:{number}: answerable questions, and only they, need answers and evidence.")
        for item in evidence:
            _check_quote(path, number, docs, item)
        seen.add(question.id)
        questions.append(question)
    return questions


def _check_quote(path: Path, number: int, docs: Path, evidence: Evidence) -> None:
    try:
        text = read_text(docs / evidence.source)
    except DocumentError as error:
        raise UsageError(f"{path}:{number}: {evidence.source} {error}.") from error
    if evidence.quote not in text:
        raise UsageError(f"{path}:{number}: the quote is not in {evidence.source}: {evidence.quote!r}")
