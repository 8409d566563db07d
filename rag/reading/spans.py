"""A raw span → what a person would say: the whole amount, date or name, the person behind a "he", the items of a list.

Pure functions of a passage and places in it; every result is a stretch of the passage's own characters.
"""

from __future__ import annotations

import re

from rag.answers import Passage
from rag.questions import Question
from rag.reading.kinds import PERSON_TITLES
from rag.text.scripts import STOP_WORDS
from rag.text.terms import tokens
from rag.text.values import currencies, exact_start, number_end, values

Place = tuple[int, int]

_NAME_BEFORE = re.compile(r"(?<![\w.])([A-Z][\w’'-]+|(?<![,)©–-] )(?:1[0-9]|20)\d\d)[ \u00a0]$")
_NAME_END = re.compile(r"(?<![\w])[A-Z][\w’-]*[a-z]$")
_NAME_AFTER = re.compile(r"[ \u00a0][A-Z][a-z][\w-]+")

_FIGURES = frozenset({"number", "money", "share", "duration", "quantity"})
_DATES = frozenset({"date", "time"})
_BETWEEN_DATES = re.compile(r" and | to | until |[–-]")
_ENDS_IN_FIGURE = re.compile(r"\d[\d.,]*\Z")
_BRACKET = re.compile(r" ?[(（](?P<inside>[^()（）]*)[)）]")

_UNIT_AND_BRACKET = re.compile(rf"(?: [^\W\d]+){{0,2}}{_BRACKET.pattern}")
_CLAUSE = re.compile("[，；]")

_PRONOUN = re.compile(r"(?:he|she|they|him|her|his|their|himself|herself)", re.IGNORECASE)
_DESCRIBED = re.compile(r"(?:the|this|that|an?) [a-z][a-z -]*", re.IGNORECASE)
_NAMES = re.compile(r"(?<![\w.])[A-Z][a-z’'-]+(?:[ \u00a0][A-Z][a-z’'-]+)+")
_NOT_A_PERSON = frozenset(
    """university institute forum ministry bank daily news agency association center centre college company corporation
    party union committee council department government office people street road avenue city province sea island river
    january february march april june july august september october november december monday tuesday wednesday
    thursday friday saturday sunday""".split()
)

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
    while (b > a and text[b - 1] in ",;:，；：") or (b > a and text[b - 1].isspace()):
        b -= 1
    while a < b and (text[a].isspace() or text[a] in ",;:，；："):
        a += 1
    for opening, closing in ("()", "[]", "“”", "（）", "《》"):
        inside = text[a:b]
        if inside.count(opening) > inside.count(closing) and text[b : b + 1] == closing:
            b += 1
        elif inside.count(opening) > inside.count(closing) and inside.rfind(opening) > 0 and closing not in text[b : b + 40]:
            b = a + len(inside[: inside.rfind(opening)].rstrip())
    if text[b - 1 : b] == "." and not re.search(r"\b(?:[A-Z]|Inc|Ltd|Co|Jr|Sr|etc)\.$", text[a:b]):
        b -= 1
    a, b = _whole_name(text, a, b)
    return passage.start + a, passage.start + b


def _whole_name(text: str, a: int, b: int) -> Place:
    """A span that ends inside a proper name, taken to the name's ends: "Marlow" in "Marlow Air Base"."""
    while text[a : a + 1].isupper() and (before := _NAME_BEFORE.search(text, max(0, a - 30), a)):
        if before[1].lower() in STOP_WORDS:
            break
        a = before.start(1)
    while _NAME_END.search(text, a, b) and (after := _NAME_AFTER.match(text, b)):
        b = after.end()
    return a, b


def whole_figure(question: Question, passage: Passage, start: int, end: int) -> Place:
    """A span inside an amount or a date, taken to its ends, sign, bound and unit included: "200" in "200 billion yuan ($29 billion)".

    A unit that the question names already is not needed: "15" answers "how many years?"; nor is "about", nor "high" where it asks how high.
    """
    text, a, b = passage.text, start - passage.start, end - passage.start
    if question.asks_number and (clause := _CLAUSE.search(text, a, b)) and values(text[a : clause.start()]):
        b = clause.start()  # a figure stands in one clause
    if question.asks_time:
        for first, last in _dates(text):
            if first <= a and b <= last and not re.fullmatch(r"(?:1\d|20)\d\d", text[a:b]):
                a, b = first, last  # a whole year in there is a date of its own
                break
    elif question.asks_number or _ENDS_IN_FIGURE.search(text, a, b):
        around = [v for v in values(text) if v.kind in _FIGURES and v.start < b and v.end > a]
        for value in around:
            number = number_end(text, value)
            unit = text[number : value.end].strip(" -\u00a0")
            named = unit and re.search(rf"(?<![A-Za-z]){re.escape(unit)}", question.text, re.IGNORECASE)
            a, b = min(a, exact_start(value)), max(b, number if named else value.end)
        if around and (after := tokens(text[around[-1].end : b])) and question.all_terms.issuperset(after):
            b = around[-1].end
        if around:
            a, b = _with_conversion(question, text, a, b)
    return passage.start + a, passage.start + b


def _dates(text: str) -> list[Place]:
    """The dates and times of a text, those that "and", "to" or a dash joins as one."""
    found: list[Place] = []
    for value in values(text):
        if value.kind in _DATES:
            if found and _BETWEEN_DATES.fullmatch(text, found[-1][1], value.start):
                found[-1] = (found[-1][0], value.end)
            else:
                found.append((value.start, value.end))
    return found


def _with_conversion(question: Question, text: str, a: int, b: int) -> Place:
    """A sum of money with its conversion in brackets behind it; the conversion with the sum, unless its currency is asked for."""
    if (bracket := _BRACKET.match(text, b)) and _is_money(bracket["inside"]):
        return a, bracket.end()
    if currencies(text[a:b]).isdisjoint(question.currencies):
        for first in values(text):
            bracket = _UNIT_AND_BRACKET.match(text, first.end) if first.kind in _FIGURES else None
            if bracket and bracket.start() < a and b <= bracket.end():
                return first.start, bracket.end()
    return a, b


def _is_money(text: str) -> bool:
    return [(value.kind, value.text) for value in values(text)] == [("money", text.strip())]


def person_behind(question: Question, passage: Passage, start: int, end: int) -> Place | None:
    """The last person named before a span that only points at one ("he", "the expert"), for a question that asks who."""
    span = passage.characters(start, end)
    if not question.asks_person or not (_PRONOUN.fullmatch(span) or _DESCRIBED.fullmatch(span)):
        return None
    before = passage.text[: start - passage.start]
    for match in reversed(list(_NAMES.finditer(before))):
        words = re.split("[ \u00a0]", match.group())
        titles = 0
        while titles < len(words) and (words[titles].lower() in PERSON_TITLES or words[titles].lower() in STOP_WORDS):
            titles += 1
        first = match.start() + sum(len(word) + 1 for word in words[:titles])
        name = before[first : match.end()]
        known = any(word in question.text for word in words[titles:])
        if len(words) - titles >= 2 and not known and not {w.lower() for w in words} & _NOT_A_PERSON:
            return passage.start + first, passage.start + first + len(name)
    return None


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
