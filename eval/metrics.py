"""Is an answer right, is its receipt exact, was refusing right? Pure functions; a missing answer counts as wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eval.questions import Question
from rag.answers import Answer
from rag.questions import normalise

ALL_NEEDED = frozenset({"list", "chinese"})
SENTENCE_TYPES = frozenset({"list", "reason", "chinese"})
"""Types that a sentence answers; for the others the short span must."""


@dataclass(frozen=True)
class Row:
    """One question's outcome."""

    question: Question
    answer: Answer
    right: bool
    """Answered, with an accepted answer."""
    right_file: bool
    """The first citation is of a file that holds the evidence."""
    exact: bool
    """Every quote is the file's characters at its place."""
    milliseconds: float


def matches(question: Question, answer: Answer) -> bool:
    """Whether an accepted answer stands in the short answer, or, for sentence types, in the quoted text."""
    if not answer.answered:
        return False
    given = answer.text if question.type in SENTENCE_TYPES else answer.short
    found = [_contains(given, accepted, question.language) for accepted in question.answers]
    return all(found) if question.type in ALL_NEEDED else any(found)


def _contains(given: str, accepted: str, language: str) -> bool:
    if language == "zh":
        return normalise(accepted).replace(" ", "") in normalise(given).replace(" ", "")
    return f" {normalise(accepted)} " in f" {normalise(given)} "


@dataclass(frozen=True)
class Figures:
    """Shares, 0..1, with the number of questions that each is taken over."""

    accuracy: dict[str, tuple[float, int]]
    """By language: right, and the right file cited first, of the answerable questions."""
    exact_quotes: tuple[float, int]
    refused_unanswerable: tuple[float, int]
    refused_answerable: tuple[float, int]
    calibration_error: tuple[float, int]
    """Expected calibration error over ten bins (Naeini et al., AAAI 2015) of all questions' best candidates."""


def figures(rows: Sequence[Row]) -> Figures:
    languages = sorted({row.question.language for row in rows})
    answerable = [row for row in rows if row.question.answerable]
    return Figures(
        accuracy={
            language: _share([r.right and r.right_file for r in answerable if r.question.language == language])
            for language in languages
        },
        exact_quotes=_share([row.exact for row in rows if row.answer.citations]),
        refused_unanswerable=_share([not r.answer.answered for r in rows if not r.question.answerable]),
        refused_answerable=_share([not r.answer.answered for r in answerable]),
        calibration_error=(calibration_error([r.answer.confidence for r in rows if r.answer.answered],
                                             [r.right for r in rows if r.answer.answered]),
                           sum(r.answer.answered for r in rows)),
    )  # fmt: skip


def _share(outcomes: Sequence[bool]) -> tuple[float, int]:
    return (sum(outcomes) / len(outcomes) if outcomes else 0.0, len(outcomes))


def calibration_error(confidences: Sequence[float], right: Sequence[bool], bins: int = 10) -> float:
    """Mean distance between stated confidence and share right over equal-width bins, weighted by their size."""
    total = 0.0
    for b in range(bins):
        inside = [i for i, c in enumerate(confidences) if min(int(c * bins), bins - 1) == b]
        if inside:
            stated = sum(confidences[i] for i in inside) / len(inside)
            total += abs(stated - sum(right[i] for i in inside) / len(inside)) * len(inside)
    return total / len(confidences) if confidences else 0.0
