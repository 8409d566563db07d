"""What kinds of spans can answer what kinds of questions, as one table. Pure functions of a question and a span's text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from rag.questions import Question
from rag.text.names import is_nation
from rag.text.numerals import NUMBER_WORDS, ORDINALS
from rag.text.values import MONTHS, currencies, values

_DAYS = "monday tuesday wednesday thursday friday saturday sunday today yesterday tomorrow".split()
_TIME_WORDS = frozenset(
    [
        *MONTHS,
        *(m[:3] for m in MONTHS),
        "sept",
        *_DAYS,
        *"year month week day century decade spring summer autumn winter".split(),
    ]
)
_FIGURE = re.compile(r"\d|[一二三四五六七八九十百千万亿]")
_PERCENT = re.compile(r"%|\bper ?cent\b|百分", re.IGNORECASE)
_SPAN_OF_TIME = r"(?:years?|months?|weeks?|days?|hours?|minutes?)"
_DURATION = re.compile(rf"\b{_SPAN_OF_TIME}\b", re.IGNORECASE)
_FREQUENCY = re.compile(
    r"\b(?:once|twice|times?|every|each|per|a (?:day|week|month|year)|(?:bi|semi-?)?(?:annual|biennial|year|month|week|dai|hour|quarter)(?:ly)?"
    r"|days?|weeks?|months?|years?|decades?|everyday|constant(?:ly)?|always|never|often|usually|frequently|regular(?:ly)?|rarely|seldom|sometimes|occasional(?:ly)?)\b",
    re.IGNORECASE,
)
_LONG_NUMBER = re.compile(r"\d[\d\s()-]{3,}\d")
_DATE = re.compile(r"\b(?:what|which) (?:date|day|year)s?\b", re.IGNORECASE)
_CAPITAL = re.compile(r"[A-Z\u00c0-\u00de\u0391-\u03a9\u0410-\u042f]")
_DEMONYM = re.compile(r"[A-Z][a-z]+(?:ese|ish|ian|ean|can)")
_PERSON_TITLES = frozenset(
    """president minister prime premier councilor councillor ambassador chancellor king queen emperor governor mayor
    senator secretary director chairman chief general former vice deputy state foreign chinese japanese korean american
    british french german european russian of the and affairs""".split()
)
_FRACTIONS = frozenset({"half", "third", "quarter", "quarters", "fifth"})
_QUANTITIES = frozenset({"share", "size", "sum", "count", "number"})


def fits(question: Question, span: str) -> bool:
    """Whether a span can be what the question asks for: a person, a place, a time, a share, a sum, a count …"""
    given = currencies(span) if question.kind in _QUANTITIES and question.asks_number else frozenset()
    if given and given.isdisjoint(question.currencies or given):
        return False
    return _FITS[question.kind](question, span) if question.kind else True


def _words(text: str) -> set[str]:
    return set(re.findall(r"[a-z]+", text.lower()))


def _money(span: str) -> bool:
    return any(value.kind == "money" for value in values(span))


def _ordinal(span: str) -> bool:
    first = span.lower().removeprefix("the ").partition(" ")[0]
    return first in ORDINALS or any(value.kind == "ordinal" for value in values(span)[:1])


def _figure(span: str) -> bool:
    return bool(_FIGURE.search(span)) or bool(_words(span) & NUMBER_WORDS)


def _person(question: Question, span: str) -> bool:
    return bool(_CAPITAL.search(span)) and bool(_words(span) - _PERSON_TITLES) and not _DEMONYM.fullmatch(span)


def _name(question: Question, span: str) -> bool:
    return bool(_CAPITAL.search(span)) and not _DURATION.search(span) and bool(_words(span) - _PERSON_TITLES)


def _language(question: Question, span: str) -> bool:
    """ "German" is a language as well as a title."""
    return bool(_CAPITAL.search(span)) and not _DURATION.search(span)


def _time(question: Question, span: str) -> bool:
    named = bool(_words(span) & _TIME_WORDS)
    if question.asks_publication:
        return bool(re.search(r"\d{4}", span)) or bool(named and re.search(r"\d", span))
    return _figure(span) or (not _DATE.search(question.text) and named)


def _share(question: Question, span: str) -> bool:
    return bool(_PERCENT.search(span)) or bool(_words(span) & _FRACTIONS)


def _sum(question: Question, span: str) -> bool:
    return _figure(span) and (_money(span) or not _DURATION.search(span))


def _size(question: Question, span: str) -> bool:
    return _sum(question, span) and (_money(span) or not _PERCENT.search(span))


def _count(question: Question, span: str) -> bool:
    money = bool(question.currencies) or not _money(span)
    return _figure(span) and not _ordinal(span) and not _PERCENT.search(span) and money


_FITS: Mapping[str, Callable[[Question, str], bool]] = {
    "person": _person,
    "frequency": lambda question, span: bool(_FREQUENCY.search(span)),
    "city": lambda question, span: _name(question, span) and not is_nation(span),
    "language": _language,
    "place": _name,
    "name": _name,
    "telephone": lambda question, span: bool(_LONG_NUMBER.search(span)),
    "time": _time,
    "share": _share,
    "size": _size,
    "sum": _sum,
    "count": _count,
    "number": lambda question, span: _figure(span),
}
"""Kind of question → whether a span can answer it."""
