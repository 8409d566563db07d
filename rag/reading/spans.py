"""A raw span → what a person would say: without stray punctuation, the whole amount, the items of a list.

Pure functions of a passage and places in it; every result is a stretch of the passage's own characters.
"""

from __future__ import annotations

import re

from rag.answers import Passage
from rag.questions import Question
from rag.text.values import exact_start, values

Place = tuple[int, int]

_FIGURES = frozenset({"number", "money", "share", "duration", "quantity"})
_STRAY = frozenset(",;:，；：、`*")
"""What ends no answer: marks of the sentence, and of Markdown's and reST's emphasis."""
_CUT_ITEM = re.compile(r" (?:which|who|that|said|says|was|were|is|are|has|have|had|will|would|as well as)\b")
_LEAD_IN = re.compile(
    r".*\b(?:in|of|on|for|including|include|includes|with|as|are|were|is|was|between|from|by|like|to|into|among|namely|called|both)\s"
)
_MAX_ITEM_WORDS = 10


def tidy(passage: Passage, start: int, end: int) -> Place:
    """A span within one paragraph, without stray punctuation at its ends, and with the bracket or quotation mark that closes it."""
    text = passage.text
    a, b = start - passage.start, end - passage.start
    while (gap := text.find("\n\n", a, b)) >= 0:  # two paragraphs are never one answer: the longer part is
        a, b = (a, gap) if gap - a >= b - gap - 2 else (gap + 2, b)
    while b > a and (text[b - 1] in _STRAY or text[b - 1] in "-–—" or text[b - 1].isspace()):
        b -= 1
    while a < b and (text[a] in _STRAY or text[a].isspace()):
        a += 1
    for opening, closing in ("()", "[]", "“”", "（）", "《》"):
        inside = text[a:b]
        if inside.count(opening) > inside.count(closing) and text[b : b + 1] == closing:
            b += 1
        elif inside.count(opening) > inside.count(closing) and inside.rfind(opening) > 0 and closing not in text[b : b + 40]:
            b = a + len(inside[: inside.rfind(opening)].rstrip())
        elif inside.count(closing) > inside.count(opening) and inside.endswith(closing):
            b -= 1
    if text[b - 1 : b] == "." and not re.search(r"\b(?:[A-Z]|Inc|Ltd|Co|Jr|Sr|etc)\.$", text[a:b]):
        b -= 1
    return passage.start + a, passage.start + b


def whole_figure(passage: Passage, start: int, end: int) -> Place:
    """A span that stands in a figure, taken to its ends, sign, bound and unit included: "200" in "at least 200 billion yuan".

    "About" is no part of a figure.
    """
    text, a, b = passage.text, start - passage.start, end - passage.start
    for value in values(text):
        if value.kind in _FIGURES and value.start < b and value.end > a:
            a, b = min(a, exact_start(value)), max(b, value.end)
    return passage.start + a, passage.start + b


def list_places(question: Question, passage: Passage, sentence: Place, start: int, end: int) -> list[Place]:
    """The items of the enumeration that a span stands in, in order; none where the question does not ask for several.

    Takes what follows the sentence's colon, or the span with the members on both sides of it, and never more than the
    question asks for ("which three …").
    """
    if not question.asks_list:
        return []
    text = passage.characters(*sentence).rstrip(".。 ")
    a, b = start - sentence[0], min(end - sentence[0], len(text))
    if a < 0 or b <= a:
        return []
    wanted = question.items
    colon = max(text.rfind(": ", 0, a + 1), text.rfind("：", 0, a + 1))
    if colon >= 0 and len(re.findall(r"[,;、，；]", text[colon:])) >= 2:
        region = (colon + 1, len(text))
    else:
        region = (_first_member(text, a), _last_member(text, b))
    places = _split(text, *region)
    if wanted and len(inner := _split(text, a, b)) == wanted:
        places = inner
    short = all(len(text[s:e].split()) <= _MAX_ITEM_WORDS for s, e in places)
    return [(sentence[0] + s, sentence[0] + e) for s, e in places] if len(places) >= 2 and short else []


def _first_member(text: str, a: int) -> int:
    """Where the enumeration begins that goes on at `a`: after the last word that leads into it."""
    if not re.search(r"(?:, |; |、|，| and | or |, and |, or )$", text[:a]):
        return a
    lead = _LEAD_IN.match(text[:a])
    begin = lead.end() if lead else 0
    return begin if "," in text[begin:a] or " and " in text[begin:a] else a


def _last_member(text: str, b: int) -> int:
    """Where the enumeration ends that has a member ending at `b`."""
    rest = text[b:]
    if not re.match(r", |; |、|，| and | or ", rest):
        return b
    stop = _CUT_ITEM.search(rest)
    rest = rest[: stop.start()] if stop else rest
    last = list(re.finditer(r"(?:, |; | )(?:and|or) |、|和|以及", rest))
    if not last:
        return b
    member = re.match(r"[^,;:]*", rest[last[-1].end() :])
    return b + last[-1].end() + (member.end() if member else 0)


def _split(text: str, a: int, b: int) -> list[Place]:
    """Members of the enumeration text[a:b]: cut at its commas, and at the "and" before the last one."""
    cut = re.compile(
        r";\s*(?:and |or )?|；|、" if ";" in text[a:b] or "；" in text[a:b] or "、" in text[a:b] else r",\s+(?:and |or )?|，"
    )
    begin = a
    pieces: list[Place] = []
    for match in cut.finditer(text, a, b):
        pieces.append((begin, match.start()))
        begin = match.end()
    ands = list(re.finditer(r"\s(?:and|or|as well as)\s|以及|和", text[begin:b]))
    if ands:
        pieces.append((begin, begin + ands[-1].start()))
        begin += ands[-1].end()
    pieces.append((begin, b))
    trimmed = [(e - len(text[s:e].lstrip()), s + len(text[s:e].rstrip())) for s, e in pieces]
    return [(s, e) for s, e in trimmed if s < e]
