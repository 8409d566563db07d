"""Text → the figures and dates it states, in one written form for English and Chinese: "180亿美元" is "$18 billion".

What a language model writes is held against its sources by these; `unmet` says which facts a source does not state.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

NUMBER_WORDS = frozenset(
    """one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
    eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion billon
    trillion dozen half third quarter first second fourth fifth sixth seventh eighth ninth tenth once twice""".split()
)
MONTHS = "january february march april may june july august september october november december".split()
CARDINALS = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
    "nineteen twenty"
).split()
ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth "
    "seventeenth eighteenth nineteenth twentieth"
).split()
ABOUT = "about|around|roughly|nearly|almost|over|more than|some"
"""Words before a figure that leave it the same answer."""
ORDINAL = rf"(?:\d+(?:st|nd|rd|th)|{'|'.join(ORDINALS)})"

_MONTH = "|".join(f"{name[:3]}(?:{name[3:]})?" if name[3:] else name for name in MONTHS) + "|sept"
_DATES = (
    re.compile(rf"\b(?P<month>{_MONTH})\b\.? (?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?![\d.]\d)(?:,? (?P<year>[12]\d{{3}}))?\b", re.I),
    re.compile(rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<month>{_MONTH})\b\.?(?:,? (?P<year>[12]\d{{3}})\b)?", re.I),
    re.compile(r"(?<!\d)(?P<year>[12]\d{3})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})(?!\d)"),
    re.compile(r"(?:(?P<year>[12]\d{3})年)?(?P<month>\d{1,2})月(?P<day>\d{1,2})[日号]"),
)
_SCALES = {
    "hundred": 10**2, "thousand": 10**3, "million": 10**6, "billion": 10**9, "billon": 10**9, "bn": 10**9, "trillion": 10**12,
    "百": 10**2, "千": 10**3, "万": 10**4, "百万": 10**6, "千万": 10**7, "亿": 10**8, "万亿": 10**12, "兆": 10**12,
}  # fmt: skip
_SCALE = "|".join(sorted(_SCALES, key=len, reverse=True))
_UNITS = {
    "%": r"%|％|per ?cent(?:age points?)?\b|percentage points?\b|个?百分点",
    "yuan": r"(?:chinese )?yuan\b|renminbi\b|rmb\b|元人民币|人民币|元", "yen": r"(?:japanese )?yen\b|日元",
    "dollar": r"(?:us |u\.s\. )?dollars?\b|usd\b|美元", "won": r"(?:south korean )?won\b|韩元", "euro": r"euros?\b|欧元",
    "pound": r"pounds?\b|英镑", "year": r"years?\b|年(?!月)", "month": r"months?\b|个月", "week": r"weeks?\b|周|星期",
    "day": r"days?\b|天", "hour": r"hours?\b|小时", "minute": r"minutes?\b|分钟", "second": r"seconds?\b|秒",
    "metre": r"met(?:re|er)s?\b|米", "kilometre": r"kilomet(?:re|er)s?\b|km\b|公里|千米", "mile": r"miles?\b|英里",
    "kilogram": r"kilograms?\b|kg\b|公斤|千克", "ton": r"tonn?e?s?\b|吨",
}  # fmt: skip
_UNIT = "|".join(f"(?P<u{at}>{pattern})" for at, pattern in enumerate(_UNITS.values()))
_SIGNS = {"$": "dollar", "€": "euro", "£": "pound", "¥": "", "￥": ""}
_FIGURE = re.compile(
    rf"(?P<of>百分之)?(?P<sign>[$€£¥￥])?\s?(?P<digits>\d+(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?)(?:st|nd|rd|th)?"
    rf"[ \u00a0-]?(?P<scale>{_SCALE})?[ \u00a0-]?(?:{_UNIT})?",
    re.IGNORECASE,
)
_WORDS = {word: at for at, word in enumerate(CARDINALS, start=1) if at > 1}
_WORDS |= {word: at for at, word in enumerate(ORDINALS, start=1) if at > 3}
_WORDS |= {word: at * 10 for at, word in enumerate("thirty forty fifty sixty seventy eighty ninety".split(), start=3)}
_WRITTEN = re.compile(rf"\b(?P<word>{'|'.join(_WORDS)})\b(?:[ -](?P<scale>{_SCALE})\b)?(?:[ -](?:{_UNIT}))?", re.IGNORECASE)
_ZH_DIGITS = {c: at for at, c in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_ZH_NUMBER = re.compile(r"(?<=第)[一二三四五六七八九十]{1,3}|[一二两三四五六七八九十]{1,3}(?=[届个名次项家位人点年天])")
NEGATIONS = re.compile(
    r"\b(?:not(?! only)|no|never|neither|nor|without|none|cannot)\b|n['’]t\b|(?<![不])[不没无未](?!仅)", re.IGNORECASE
)


@dataclass(frozen=True)
class Fact:
    """A figure (its value, and its unit where one is named) or a day of the year (value "month-day", unit "date")."""

    value: str
    unit: str
    written: str

    def stated_by(self, other: Fact) -> bool:
        """Whether `other` says as much: the same value, and the same unit where this one has a unit."""
        return self.value == other.value and self.unit in ("", other.unit)


def facts(text: str) -> list[Fact]:
    """Every figure and date of `text`. "One", "first", "second" and "third" are too common to count as figures."""
    found: list[Fact] = []
    rest = text
    for pattern in _DATES:
        for match in pattern.finditer(rest):
            month = match["month"].lower()
            number = int(month) if month.isdigit() else 1 + next(i for i, name in enumerate(MONTHS) if name.startswith(month[:3]))
            found.append(Fact(f"{number}-{int(match['day'])}", "date", match[0].strip()))
            if match["year"]:
                found.append(Fact(match["year"], "", match["year"]))
        rest = pattern.sub(lambda m: "\x00" * len(m[0]), rest)
    for match in _FIGURE.finditer(rest):
        value = Decimal(match["digits"].replace(",", "")) * _SCALES.get((match["scale"] or "").lower(), 1)
        unit = "%" if match["of"] else _SIGNS.get(match["sign"] or "", "") or _unit_of(match)
        found.append(Fact(_plain(value), unit, match[0].strip()))
    for match in _WRITTEN.finditer(rest):
        value = Decimal(_WORDS[match["word"].lower()]) * _SCALES.get((match["scale"] or "").lower(), 1)
        found.append(Fact(_plain(value), _unit_of(match), match[0].strip()))
    found += [Fact(str(_chinese(match[0])), "", match[0]) for match in _ZH_NUMBER.finditer(rest)]
    return found


def unmet(said: str, source: str) -> list[str]:
    """The facts of `said`, as it writes them, that `source` does not state."""
    stated = facts(source)
    return [fact.written for fact in facts(said) if not any(fact.stated_by(other) for other in stated)]


def denials(text: str) -> int:
    """How often `text` denies something."""
    return len(NEGATIONS.findall(text))


def _unit_of(match: re.Match[str]) -> str:
    return next((name for at, name in enumerate(_UNITS) if match[f"u{at}"]), "")


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _chinese(text: str) -> int:
    tens, ten, ones = text.rpartition("十")
    value = _ZH_DIGITS.get(ones, 0) if ones else 0
    return value + 10 * (_ZH_DIGITS.get(tens, 1) if tens else 1) if ten else value
