"""Text → the values it states, each with its exact characters, its kind and one canonical form, in English and Chinese alike.

The grammar is composed: identifiers, dates and times are read first, with numerals (`numerals`) as their parts; every numeral that is left
takes its sign, its currency and its unit (CLDR's, `cldr`); two values with "to" between are a range; and a bound ("at least", 以上) stands
around either. "180亿美元" and "$18 billion" have one canonical form; `same_value` and `unmet` compare by it. The forms are written down,
with examples, in tests/data/VALUES.md.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from rag.text.cldr import CENTS, CURRENCIES, CURRENCY_SIGNS, MONTH_FORMS, SIZES, UNITS
from rag.text.numerals import CARDINALS, DIGIT, HAN, ORDINALS, SCALES, SPACE, Numeral, number, numerals

MONTHS = [name for name in MONTH_FORMS if len(name) > 4 or name in ("may", "june", "july")][:12]

_BOUNDS = {
    "~": "about around roughly approximately some nearly almost close_to circa ca. c. ~ ≈ 大约 大概 将近 接近 约 近",
    ">": "more_than just_over well_over over above exceeding greater_than higher_than in_excess_of upwards_of > 超过 多于 高于 大于 逾 超",
    ">=": "at_least not_less_than no_less_than no_fewer_than not_fewer_than a_minimum_of minimum_of no_earlier_than ≥ >= 至少 不少于 不低于 不小于 最少 不早于",
    "<=": "up_to as_many_as as_much_as no_more_than not_more_than no_later_than not_later_than not_exceeding at_most a_maximum_of maximum_of within"
    " ≤ <= 不超过 不高于 不大于 不多于 最多 至多 不晚于 不迟于",
    "<": "just_under well_under under below less_than fewer_than lower_than < 不足 不满 低于 少于 小于 不到 未满",
}  # fmt: skip
_BEFORE = {word.replace("_", " "): bound for bound, words in _BOUNDS.items() for word in words.split()}
_BOUND_BEFORE = re.compile(
    r"(?<![\w<>=~])(?:"
    + "|".join(re.escape(word) for word in sorted((w for w in _BEFORE if w.isascii()), key=len, reverse=True))
    + rf"|[≥≤≈])(?:{SPACE}|(?<=[~≈<>=≥≤]))?(?:the )?$|(?:{'|'.join(sorted((w for w in _BEFORE if not w.isascii()), key=len, reverse=True))}){SPACE}?$",
    re.IGNORECASE,
)
_BOUND_AFTER = re.compile(
    r"(?P<noun> [a-z]{2,20})?,? or (?:(?P<ge>more|older|over|above|higher|longer|later)|(?P<so>so)|(?P<le>less|fewer|under|younger|below|lower|shorter))\b"
    r"|(?P<classifier>[\u4e00-\u9fff]?)(?:(?P<up>及?以上)|(?P<down>及?以下)|(?P<about>左右|上下|前后|许)|(?P<within>以内|之内|内(?![容部心地外衣裤存])))",
)
_AFTER = {"ge": ">=", "so": "~", "le": "<=", "up": ">=", "down": "<=", "about": "~", "within": "<="}
_MINUS = re.compile(rf"(?:(?<![A-Za-z0-9%)\]°\x00])[-−–]|\b(?:minus|negative){SPACE}|负|零下){SPACE}?$", re.IGNORECASE | re.ASCII)
_BETWEEN = re.compile(
    rf"{SPACE}?(?P<dash>[-‐–—~～]){SPACE}?|{SPACE}(?P<word>to|and|through|until){SPACE}|(?P<han>至|到)", re.IGNORECASE
)
_OPENING = re.compile(rf"(?:\b(?P<word>from|between){SPACE}|(?P<han>[从自由]))$", re.IGNORECASE)
_CHANGE = re.compile(
    r"\b(?:ros|ris|fall|fell|grow|grew|increas|decreas|declin|drop|climb|jump|slid|slip|cut|rais|went|gone|mov|shrink|shrank|shrunk|expand|improv|chang|up\b|down\b)"
    r"\w*(?: \w+){0,2} $|[升降涨跌增减]\w{0,2}$",
    re.IGNORECASE,
)
_CHANGED = re.compile("[升降涨跌增减提扩缩]")
_MATCH = re.compile(
    r"\b(?:won|win|wins|lost|lose|beat|beaten|drew|draw|drawn|defeat\w*|score|scored|lead|led|victory|tie|tied)\b[^.]{0,30}$|[胜负平]$"
)

_HAN_NUMBER = rf"(?:[0-9]{{1,4}}|[{HAN}]{{1,8}})"
_MONTH_NAME = "|".join(sorted(MONTH_FORMS, key=len, reverse=True))
_YEAR = r"(?:1[0-9]{3}|20[0-9]{2})"
_DAY = r"(?:3[01]|[12][0-9]|0?[1-9])"
_NTH = r"(?:st|nd|rd|th)?"
_ERA = r"(?:BC|BCE|B\.C\.|B\.C\.E\.)"


@dataclass(frozen=True)
class Value:
    """Characters `start`:`end` of a text, and what they denote."""

    start: int
    end: int
    text: str
    """Exactly as it stands there."""
    kind: str
    """number, money, share, date, time, duration, quantity, ordinal or identifier."""
    canonical: str
    """The same for every written form, with its bound in front: ">=P30D", "~3000000 GBP", "5..7 %", "2024-11-25"."""


@dataclass(frozen=True)
class _Part:
    """A value that is still being put together; amounts are numbers with a unit, the other kinds are written out."""

    start: int
    end: int
    kind: str
    low: str | Decimal
    unit: str = ""
    high: str | Decimal | None = None
    bound: str = ""
    scale: Decimal = Decimal(1)
    """What the number was multiplied by, which a range's first end takes over when it has none."""
    bare: bool = False
    """A numeral that is no value by itself, such as "one": it needs a bound, a range or a unit."""
    tolerance: str = ""

    @property
    def canonical(self) -> str:
        ends = [self.low] if self.high is None else [self.low, self.high]
        if self.kind == "duration":
            written = [end if isinstance(end, str) else _duration(end, self.unit) for end in ends]
            return self.bound + "..".join(written)
        written = [end if isinstance(end, str) else _plain(end) for end in ends]
        return self.bound + "..".join(written) + self.tolerance + (f" {self.unit}" if self.unit else "")


@lru_cache(maxsize=4096)
def values(text: str) -> tuple[Value, ...]:
    """Every value of `text`, in order."""
    rest = text.translate(_NARROW)
    plain = rest
    parts: list[_Part] = []
    for read in (_identifiers, _dates, _times, _ratios, _halves, _shares, _ordinals, _amounts):
        found = list(read(rest))
        parts += found
        rest = _without(rest, found)
    parts.sort(key=lambda part: part.start)
    whole = _joined(plain, [_bounded(plain, part) for part in _compound(plain, parts)])
    return tuple(Value(p.start, p.end, text[p.start : p.end], p.kind, p.canonical) for p in whole if not p.bare)


_NARROW = {
    code: code - 0xFEE0
    for code in [*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B), 0xFF05, 0xFF0E, 0xFF0D, 0xFF0B, 0xFF04]
}
_NARROW |= {0xFFE5: ord("¥"), 0xFFE1: ord("£")}


def _without(text: str, parts: Iterable[_Part]) -> str:
    """The text with `parts` blotted out, of the same length."""
    pieces, at = [], 0
    for part in sorted(parts, key=lambda part: part.start):
        pieces += [text[at : part.start], "\x00" * (part.end - part.start)]
        at = part.end
    return "".join([*pieces, text[at:]])


def _plain(value: Decimal) -> str:
    """Without exponent or trailing zeros; what a division leaves over is cut at ten decimals."""
    whole, _, decimals = f"{value:f}".partition(".")
    if len(decimals) > 20:
        whole, _, decimals = f"{value:.10f}".partition(".")
    decimals = decimals.rstrip("0")
    return f"{whole}.{decimals}" if decimals else "0" if whole == "-0" else whole


# Identifiers

_AT_START = rf"(?:(?<![A-Za-z0-9])(?=[A-Za-z0-9])|(?=[#{HAN}]))"
"""Where a value may begin: at a word's or a figure's first character, at a Chinese numeral, at one of `#`. Saves trying everywhere else."""
_IDENTIFIER = re.compile(
    rf"""
    {_AT_START.replace(HAN, "+一-鿿").replace("#", "")}(?:(?P<phone>\+[0-9]{{1,3}}(?:[ -]\(?[0-9]{{2,5}}\)?){{2,5}}(?![\w-]) | (?<![\w-])0[0-9]{{2,3}}-[0-9]{{7,8}}(?![\w-]) | (?<![\w-])1[3-9][0-9]{{9}}(?![\w-])
        | (?<![\w-])[0-9]{{3}}-[0-9]{{3,4}}-[0-9]{{4}}(?![\w-]))
    | (?P<address>(?<![\w.])[0-9]{{1,3}}(?:\.[0-9]{{1,3}}){{3}}(?![\w.]))
    | (?P<version>(?<![\w.])[0-9]{{1,3}}(?:\.[0-9]{{1,4}}){{2,3}}(?![\w.]))
    | (?P<document>[\u4e00-\u9fff]{{2,8}}[〔\[][0-9]{{4}}[〕\]][0-9]{{1,6}}号)
    | (?P<postcode>\b[A-Z]{{1,2}}[0-9][A-Z0-9]?\ [0-9][A-Z]{{2}}\b)
    | (?P<standard>\b(?:ISO|IEC|ISO/IEC|GB|GB/T|RFC|IEEE|EN|DIN|ANSI|ASTM|NIST|HTTP|BS|JIS|ITU|FIPS)\ [0-9]{{3,5}}(?:[-.:][0-9]{{1,5}}){{0,3}}\b)
    | (?:\b(?i:order|invoice|ticket|docket|case|reference|ref|serial|account|tracking)(?:\ (?:no\.?|number|id))?[:#]?\ \#?|(?:邮编|订单号?|单号|编号|账号|工号|学号)[:：为是]?\s?)
        (?P<told>[0-9][0-9-]{{4,24}})(?!\w|[.,][0-9])
    | (?P<pair>(?<![\w.,$€£¥₩₹-])[0-9]{{4,8}}-[0-9]{{3,6}}(?![\w-]|[.,][0-9]))
    | (?P<code>(?<![\w.$€£¥₩₹-])(?=[A-Za-z0-9./-]{{0,24}}[0-9])(?=[0-9./-]{{0,24}}[A-Za-z])[A-Za-z0-9]{{1,40}}(?:[-./][A-Za-z0-9]{{1,20}}){{0,6}}(?![\w])))
    """,
    re.VERBOSE | re.ASCII,
)
_CITING = re.compile("^(?:遵照|按照|根据|依据|依照|参照|参见|执行|印发|转发|见|按|和|及|与|的|由|在)*")
"""What a document's number is introduced by, and is no part of it."""
_NO_LETTERS = re.compile(r"^(?:mid|post|pre|early|late|under|over|top|sub|no|nos|ad|bc|q|fy|ph|p|x|co|h[12])$", re.IGNORECASE)
_CODE = re.compile(
    r"(?P<led>[A-Z][A-Za-z]{0,11})(?P<rest>-?[0-9].*)|[A-Z]\.[0-9]{1,4}|v[0-9]+(?:\.[0-9]+)*|0x[0-9a-fA-F]+|(?P<parts>[A-Z]{1,10}(?:-[A-Z0-9]{1,10})*-[0-9].*)"
    r"|(?P<hash>[0-9a-f]{7,40})|(?P<generation>[0-9][DG])|(?P<woven>[0-9]+[A-Z]+[0-9][A-Z0-9]*)"
    r"|(?P<lower>[a-z]{1,8}-[0-9]{4}-[0-9]{3,7})"
)


def _identifiers(text: str) -> Iterator[_Part]:
    for match in _IDENTIFIER.finditer(text):
        group = match.lastgroup or ""
        start, end = match.span(group)
        if group == "version" and re.fullmatch(rf"{_YEAR}\.\d{{1,2}}\.\d{{1,2}}", match[group]):
            continue
        if group == "pair" and int(match[group].split("-")[0]) <= int(match[group].split("-")[1]):
            continue  # from the one to the other
        if group == "document":
            start = end - len(_CITING.sub("", match[group]))
        if group == "code":
            code = _CODE.fullmatch(match[group].rstrip("./-"))
            if code is None or not _is_code(code):
                continue
            end = start + len(code[0])
        yield _Part(start, end, "identifier", text[start:end].upper())


def _is_code(code: re.Match[str]) -> bool:
    if code["hash"]:
        return (
            bool(re.search("[a-f]", code[0]))
            and bool(re.search("[0-9]", code[0]))
            and not re.fullmatch(r"[0-9]+e[0-9]+", code[0])
        )
    led = code["led"]
    if not led:
        return True
    if (
        _NO_LETTERS.match(led)
        or led.lower() in MONTH_FORMS
        or (led in CURRENCY_SIGNS and code["rest"][0] != "-")
        or re.search(r"-[a-z]{3,}$", code["rest"])
    ):
        return False
    return not (re.fullmatch(r"-?[0-9]+s", code["rest"]) or (len(led) > 5 and not led.isupper()))


# Dates

_DATES = re.compile(
    rf"""
    {_AT_START.replace("#", "公")}(?:(?<![\w/.-])(?P<iso>(?P<iy>{_YEAR})(?P<is>[-/.])(?P<im>0?[1-9]|1[0-2])(?P=is)(?P<id>{_DAY}))(?![0-9/-])
    | (?<![\w/.-])(?P<slash>(?P<sa>[0-9]{{1,2}})(?P<ss>[/.])(?P<sb>[0-9]{{1,2}})(?P=ss)(?P<sy>{_YEAR}))(?![\w/])
    | (?<![\w/.-])(?P<short>(?P<fy>{_YEAR})[-–](?P<fz>[0-9]{{2}}))(?![\w/-])
    | \b(?P<dm>(?P<d1>{_DAY}){_NTH}(?:(?:\ to\ |\ and\ |[-–])(?P<d2>{_DAY}){_NTH})?(?:\ of)?[ -](?P<m1>{_MONTH_NAME})\b\.?(?:,?\ (?P<y1>[12][0-9]{{3}})\b)?)
    | \b(?P<md>(?P<m2>{_MONTH_NAME})\b\.?\ (?P<d3>{_DAY}){_NTH}(?![0-9:,.]?[0-9])(?:(?:\ to\ |[-–])(?P<d4>{_DAY}){_NTH}(?![0-9]))?(?:,?\ (?P<y2>[12][0-9]{{3}})\b)?)
    | \b(?P<my>(?P<m3>{_MONTH_NAME})\b\.?(?:\ of|,)?\ (?P<y3>{_YEAR}))\b
    | \b(?P<m>(?P<m4>{_MONTH_NAME})\b\.?(?=\W|$))
    | \b(?P<decade>(?P<dy>[12][0-9]{{2}}0)['’]?s)\b
    | \b(?P<century>(?P<cn>[0-9]{{1,2}}(?:st|nd|rd|th)|(?:twenty-)?(?:{"|".join(ORDINALS)}))[ -]century(?:\ (?P<cbc>{_ERA}))?)
    | \b(?P<quarter>(?:(?P<q1>first|second|third|fourth|1st|2nd|3rd|4th)\ quarter(?:\ of|,)?|Q(?P<q2>[1-4])(?:\ of|,)?)\ (?P<qy>{_YEAR})|(?P<qy2>{_YEAR})\ ?Q(?P<q3>[1-4]))\b
    | (?<![\w,.])(?P<bc>(?P<by>[0-9]{{1,4}})\ (?P<be>{_ERA}|AD|CE)\b|AD\ (?P<ay>[0-9]{{1,4}})\b)
    | (?P<hquarter>(?P<hqy>[0-9]{{4}}|[{DIGIT}]{{4}})年第?(?P<hq>[一二三四1-4])季度)
    | (?P<hcentury>(?P<hc>{_HAN_NUMBER})世纪(?:(?P<hcd>{_HAN_NUMBER})年代)?)
    | (?P<hdecade>(?P<hdd>[0-9]{{4}}|[{DIGIT}]{{4}})年代)
    | (?P<hdate>(?:(?P<hera>公元前?)?(?P<hy>[0-9]{{4}}|[{DIGIT}]{{4}}|(?<=公元)[0-9]{{1,3}}|(?<=公元前)(?:[0-9]{{1,3}}|[{HAN}]{{1,8}})){SPACE}?年(?!级)
        (?:{SPACE}?(?P<hm>{_HAN_NUMBER}){SPACE}?月份?(?:{SPACE}?(?P<hd>{_HAN_NUMBER}){SPACE}?[日号])?)?
        | (?<![0-9{HAN}个])(?P<hm2>{_HAN_NUMBER}){SPACE}?月(?:份|{SPACE}?(?P<hd2>{_HAN_NUMBER}){SPACE}?[日号])?)
        (?:[至到—~-](?:(?P<hm3>{_HAN_NUMBER})月)?(?:(?P<hd3>{_HAN_NUMBER})[日号])?(?<=[月日号]))?)
    | (?<![\w.,/:-])(?P<years>(?P<ya>{_YEAR})[-–—](?P<yb>{_YEAR}))(?![\w,.]?[0-9%]|\w|[-/]|{SPACE}?[%°])
    | (?<![\w.,/:-])(?P<year>{_YEAR})(?![\w,.]?[0-9%]|\w|[-/][a-z]|{SPACE}?[%°]))
    """,
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
_MONTH_LEAD = re.compile(
    r"\b(?:in|of|since|until|till|by|from|to|early|late|mid|last|next|this|every|each|during|through|between|and|before|after|for|on)[ -]$",
    re.IGNORECASE,
)
_YEAR_LEAD = re.compile(
    r"\b(?:in|since|until|till|by|before|after|during|from|early|late|mid|circa|c\.|year|the|and|to|summer|winter|spring|autumn)[ -]$|^$|[(（,，–—-] ?$|[于在至到从自]$",
    re.IGNORECASE,
)
_NOUN = re.compile(
    r" (?!(?:and|or|to|in|on|at|by|the|a|an|was|were|is|are|it|he|she|they|we|when|as|for|with|after|before|but|that|which|had|has|have|because|while|until|of|from|did|there|his|her|their|all|under)\b)[a-z]+"
)


def _dates(text: str) -> Iterator[_Part]:
    for match in _DATES.finditer(text):
        with suppress(ValueError):  # characters that write no number
            low, high = _DATE_READERS[match.lastgroup or ""](match) if match.lastgroup in _DATE_READERS else ("", None)
            if not low or not _is_date(text, match):
                continue
            yield _Part(*match.span(), "date", low, high=high)


def _is_date(text: str, match: re.Match[str]) -> bool:
    """A bare year or month name is a date where its neighbours say so: not the verb march, not 1500 people."""
    before, after = text[max(0, match.start() - 12) : match.start()], text[match.end() : match.end() + 24]
    if match["years"]:
        counted = _currency_before(before) or _unit_after(text, match.end()) or after[:1] in _COUNTERS
        return not counted and (not _NOUN.match(after) or bool(re.search(r"\b(?:the|in|of|during) $", before, re.IGNORECASE)))
    if match["year"]:
        if (
            _currency_before(before)
            or _unit_after(text, match.end())
            or after[:1] in _COUNTERS
            or re.match(r"[余多来人万亿千百户吨]| (?:hrs|hours)", after)
        ):
            return False
        sure = re.search(r"\b(?:in|since|during|until|till|year|early|late|circa|c\.)[ -]$", before, re.IGNORECASE)
        return bool(sure) or (
            not _NOUN.match(after)
            and bool(
                _YEAR_LEAD.search(before)
                or re.match(r"[\s.;:)）,，。；]*$|[.;:)）,，。；]", after)
                or re.match(" (?:and|was|is|when|as)", after)
            )
        )
    if match["m"]:
        name = match["m4"]
        if not name[0].isupper() or (name.isupper() and len(name) < 5):
            return False
        return name.lower() not in ("may", "march", "mar", "jan", "sun", "august") or bool(_MONTH_LEAD.search(before))
    return not ((match["dm"] and match["m1"] in ("may", "march")) or (match["md"] and match["m2"] in ("may", "march")))


def _month(name: str) -> int:
    return MONTH_FORMS[name.lower().rstrip(".")]


def _iso(year: str | None, month: int | None = None, day: int | None = None) -> str:
    """ISO with what is known; "" for no day of any calendar."""
    if (month is not None and not 1 <= month <= 12) or (day is not None and not 1 <= day <= 31):
        return ""
    head = year if year else "-" if month is not None else ""
    return "-".join([head, *(f"{part:02}" for part in (month, day) if part is not None)])


def _read_iso(match: re.Match[str]) -> tuple[str, str | None]:
    return _iso(match["iy"], int(match["im"]), int(match["id"])), None


def _read_slash(match: re.Match[str]) -> tuple[str, str | None]:
    """25/11/2024: only where no other reading is a date, or both are the same."""
    a, b = int(match["sa"]), int(match["sb"])
    readings = {_iso(match["sy"], month, day) for month, day in ((a, b), (b, a))} - {""}
    return (readings.pop(), None) if len(readings) == 1 else ("", None)


def _read_short(match: re.Match[str]) -> tuple[str, str | None]:
    """1939-45 are years; 2024-11 is a month."""
    year, tail = match["fy"], int(match["fz"])
    if "-" in match["short"] and 1 <= tail <= 12:
        return _iso(year, tail), None
    return (year, year[:2] + match["fz"]) if tail > int(year[2:]) else ("", None)


def _read_day_month(match: re.Match[str]) -> tuple[str, str | None]:
    return _days(match["y1"], _month(match["m1"]), match["d1"], match["d2"])


def _read_month_day(match: re.Match[str]) -> tuple[str, str | None]:
    return _days(match["y2"], _month(match["m2"]), match["d3"], match["d4"])


def _days(year: str | None, month: int, first: str, last: str | None) -> tuple[str, str | None]:
    return _iso(year, month, int(first)), _iso(year, month, int(last)) if last else None


def _read_quarter(match: re.Match[str]) -> tuple[str, str | None]:
    ordinal = (match["q1"] or "").lower()
    count = match["q2"] or match["q3"] or ordinal[:1] if not ordinal[:1].isalpha() else str(ORDINALS.index(ordinal) + 1)
    return f"{match['qy'] or match['qy2']}-Q{count}", None


def _read_century(match: re.Match[str]) -> tuple[str, str | None]:
    count = int(re.sub(r"\D", "", match["cn"]) or number(match["cn"]))
    return f"{'-' if match['cbc'] else ''}C{count}", None


def _read_era(match: re.Match[str]) -> tuple[str, str | None]:
    year = match["by"] or match["ay"]
    return (f"-{year}" if match["be"] and match["be"].upper().startswith("B") else year), None


def _read_han_century(match: re.Match[str]) -> tuple[str, str | None]:
    century = int(number(match["hc"]))
    return (f"{century - 1}{int(number(match['hcd'])):02}s" if match["hcd"] else f"C{century}"), None


def _read_han_date(match: re.Match[str]) -> tuple[str, str | None]:
    year = str(number(match["hy"])) if match["hy"] else None
    if match["hera"] == "公元前":
        return f"-{year}", None
    month = match["hm"] or match["hm2"]
    day = match["hd"] or match["hd2"]
    months, days = (int(number(month)) if month else None), (int(number(day)) if day else None)
    low = _iso(year, months, days)
    if not (match["hm3"] or match["hd3"]):
        return low, None
    month_to = int(number(match["hm3"])) if match["hm3"] else months
    return low, _iso(year, month_to, int(number(match["hd3"])) if match["hd3"] else None)


_DATE_READERS: dict[str, Callable[[re.Match[str]], tuple[str, str | None]]] = {
    "iso": _read_iso, "slash": _read_slash, "short": _read_short, "dm": _read_day_month, "md": _read_month_day,
    "my": lambda match: (_iso(match["y3"], _month(match["m3"])), None),
    "m": lambda match: (_iso(None, _month(match["m4"])), None),
    "decade": lambda match: (f"{match['dy']}s", None),
    "century": _read_century, "quarter": _read_quarter, "bc": _read_era,
    "hquarter": lambda match: (f"{number(match['hqy'])}-Q{number(match['hq'])}", None),
    "hcentury": _read_han_century, "hdecade": lambda match: (f"{number(match['hdd'])}s", None), "hdate": _read_han_date,
    "years": lambda match: (match["ya"], match["yb"]) if match["ya"] < match["yb"] else ("", None),
    "year": lambda match: (match["year"], None),
}  # fmt: skip


# Times

_NUMBER_WORD = "|".join(CARDINALS[:12])
_PART_OF_DAY = {
    "上午": 0, "早上": 0, "清晨": 0, "凌晨": 0, "早晨": 0, "今早": 0, "中午": 12, "下午": 12, "午后": 12, "晚上": 12, "傍晚": 12, "夜里": 12, "当晚": 12,
    "夜间": 12, "深夜": 12, "晚": 12, "早": 0,
}  # fmt: skip
_TIMES = re.compile(
    rf"""
    (?:{_AT_START.replace("#", "正午上早清凌今中下晚傍夜当深")}|(?<=\x00T))(?:(?:(?<![\w:.,/])|(?<=\x00T))(?P<h1>[01]?[0-9]|2[0-4])[:：](?P<m1>[0-5][0-9])(?:[:：](?P<s1>[0-5][0-9]))?(?![0-9:]|[.,][0-9])(?:\ ?(?P<p1>[ap])\.?\ ?m\b\.?)?
    | (?<![\w:.,/])(?P<h2>1[0-2]|0?[1-9])(?:\.(?P<m2>[0-5][0-9]))?\ ?(?P<p2>[ap])\.?m\b\.?
    | \b(?:(?P<half>half)|(?:a\ )?(?P<q>quarter)|(?P<past>[0-9]{{1,2}}|{_NUMBER_WORD}|twenty(?:-five)?)(?:\ minutes)?)\ (?P<to>past|to)\ (?P<h3>{_NUMBER_WORD}|1[0-2]|[1-9])\b(?!\ (?:percent|per|million|billion|%|[a-z]+s\b))
    | \b(?P<named>noon|midday|midnight)\b | (?P<hnamed>正午|午夜)
    | (?<![\w:.,/])(?P<h4>[01][0-9]|2[0-3])(?P<m4>[0-5][0-9])\ (?:hrs|hours)\b
    | \b(?P<h6>{_NUMBER_WORD}|1[0-2]|[1-9])\ o['’]clock\b
    | (?:(?P<day>{"|".join(sorted(_PART_OF_DAY, key=len, reverse=True))}){SPACE}?)?(?<![0-9{HAN}.第])(?P<h5>[0-9]{{1,2}}|[{HAN}]{{1,3}})(?P<mark>[点時时])(?!间|代|候|报)
        (?:(?P<hhalf>半)|(?P<hq>[一三])刻|(?P<full>整|钟)|(?P<m5>[0-9]{{1,2}}|[{HAN}]{{1,3}})(?P<fen>分)?(?:(?P<s5>[0-9]{{1,2}}|[{HAN}]{{1,3}})秒)?)?)
    """,
    re.VERBOSE | re.ASCII,
)
_CLOCK_AFTER = re.compile(r"[整左前后起至到开出，。；！？、\s]|$")


def _times(text: str) -> Iterator[_Part]:
    for match in _TIMES.finditer(text):
        with suppress(ValueError):  # characters that write no number
            read = _read_time(text, match)
            if read:
                start = match.start()
                yield _Part(start, match.end(), "time", read)


def _read_time(text: str, match: re.Match[str]) -> str:
    if match["named"] or match["hnamed"]:
        return "00:00" if (match["named"] or match["hnamed"]) in ("midnight", "午夜") else "12:00"
    if match["h3"]:
        return _read_past(text, match)
    if match["h5"]:
        return _read_han_time(text, match)
    if match["h6"]:
        return _clock(int(number(match["h6"])), 0)
    hour = int(match["h1"] or match["h2"] or match["h4"])
    minute = int(match["m1"] or match["m2"] or match["m4"] or 0)
    half = (match["p1"] or match["p2"] or "").lower()
    hour = hour % 12 + (12 if half == "p" else 0) if half else hour
    return _clock(hour, minute, match["s1"])


def _clock(hour: int, minute: int, second: str | None = None) -> str:
    return f"{hour:02}:{minute:02}" + (f":{int(second):02}" if second else "") if hour <= 24 and minute < 60 else ""


def _read_past(text: str, match: re.Match[str]) -> str:
    """half past three; a quarter to two; ten to six, but not "from ten to six" nor "15 to 20"."""
    minute = 30 if match["half"] else 15 if match["q"] else int(number(match["past"]))
    hour = int(number(match["h3"]))
    if match["half"] and match["to"] == "to":
        return ""
    if match["past"] and match["to"] == "to" and not re.search(r"\bat $", text[max(0, match.start() - 3) : match.start()]):
        return ""
    return _clock(hour, minute) if match["to"] == "past" else _clock((hour - 1) % 12 or 12, 60 - minute)


def _read_han_time(text: str, match: re.Match[str]) -> str:
    hour_value = next(numerals(f"{match['h5']}个"), None)
    minutes_value = next(numerals(f"{match['m5']}个"), None) if match["m5"] else None
    if hour_value is None or (match["m5"] and minutes_value is None):
        return ""
    hour = int(hour_value.low)
    minute = (
        30 if match["hhalf"] else 15 * int(number(match["hq"])) if match["hq"] else int(minutes_value.low) if minutes_value else 0
    )
    if (
        match["m5"]
        and not match["fen"]
        and match["mark"] == "点"
        and not (re.search("[十0-9]{2}|十", match["m5"]) and not match["m5"].isascii())
    ):
        return ""
    said = match["day"] or match["hhalf"] or match["hq"] or match["full"] or match["m5"]
    if not said and ((match["mark"] != "点" and not match["h5"].isascii()) or not _CLOCK_AFTER.match(text, match.end())):
        return ""
    if hour > 24 or minute > 59:
        return ""
    shift = _PART_OF_DAY.get(match["day"] or "", 0)
    late = match["day"] == "中午" and hour >= 11
    return _clock(hour + (shift if hour < 12 and not late else 0), minute, str(int(number(match["s5"]))) if match["s5"] else None)


# Scores, ratios and shares

_RATIO = re.compile(
    rf"(?<![\w:.,/-])(?P<a>[0-9]{{1,5}}):(?P<b>[0-9]{{1,3}}(?:,[0-9]{{3}}){{1,3}}|[0-9]{{1,9}})(?![\w:])|(?<![\w-])(?P<c>[0-9]{{1,3}})[-–](?P<d>[0-9]{{1,3}})(?![\w%-]|[.,:][0-9]|{SPACE}?[%°€$£])"
    rf"|(?P<e>[0-9]{{1,3}}|[{HAN}]{{1,3}})比(?P<f>[0-9]{{1,3}}|[{HAN}]{{1,3}})(?![较如])",
    re.ASCII,
)


def _ratios(text: str) -> Iterator[_Part]:
    for match in _RATIO.finditer(text):
        with suppress(ValueError):  # characters that write no number
            if match["a"]:
                low = f"{int(match['a'])}:{int(match['b'].replace(',', ''))}"
            elif match["c"]:
                score = int(match["c"]) > int(match["d"]) or _MATCH.search(text[max(0, match.start() - 40) : match.start()])
                if not score or _unit_after(text, match.end()):
                    continue
                low = f"{int(match['c'])}:{int(match['d'])}"
            else:
                low = f"{number(match['e'])}:{number(match['f'])}"
            yield _Part(*match.span(), "number", low)


_PARTS = {
    "half": 2,
    "third": 3,
    "quarter": 4,
    "fourth": 4,
    "fifth": 5,
    "sixth": 6,
    "seventh": 7,
    "eighth": 8,
    "ninth": 9,
    "tenth": 10,
}
_COUNT = rf"(?:[0-9]{{1,4}}|{_NUMBER_WORD}|twenty|thirty|fifty|hundred|a hundred)"
_SHARES = re.compile(
    rf"""
    {_AT_START.replace("#", "半过")}(?:\b(?P<half>half)\b(?=\ (?:of|the|its|his|her|their|all|as)\b)(?!\ of\ an?\ (?:year|hour|minute|day|mile|kilo)) | (?:(?<=than\ )|(?<=over\ )|(?<=about\ )|(?<=nearly\ )|(?<=almost\ ))(?P<half2>half)\b(?!\ an?\b|[ -]\w+ed\b)
    | \b(?:(?P<n>{_NUMBER_WORD}|[0-9]{{1,2}}|an?)[ -](?P<part>third|quarter|fifth|sixth|seventh|eighth|ninth|tenth)s?)\b(?!\ (?:of\ an?\ (?:hour|mile|century)|to|past|century|quarter|party|person)\b)
    | \b(?P<in>(?:[Oo]ne|1)\ in\ (?P<inb>{_COUNT})|(?P<oa>{_COUNT})\ out\ of\ (?:every\ )?(?P<ob>{_COUNT}))\b
    | (?P<mark>百|千|万)分之(?P<of>[0-9]{{1,3}}(?:\.[0-9]{{1,6}})?|[{HAN}]{{1,6}}(?:点[{DIGIT}]{{1,6}})?)
    | (?P<below>[0-9]{{1,3}}|[{HAN}]{{1,5}})分之(?P<above>[0-9]{{1,3}}|[{HAN}]{{1,5}})
    | (?P<hhalf>一半|半数|过半数)
    | (?P<cheng>[0-9]{{1,2}}(?:\.[0-9]{{1,2}})?|[一二两三四五六七八九十])成(?P<chengd>[{DIGIT}](?![{HAN}]))?(?![为立了功员分长都绩果本就交熟年人语群])
    | (?P<zhe>[0-9](?:\.[0-9])?|[一二两三四五六七八九]{{1,2}})折(?![叠磨断射腾合扣算]))
    """,
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)


def _shares(text: str) -> Iterator[_Part]:
    for match in _SHARES.finditer(text):
        with suppress(ValueError):  # characters that write no number
            share = _read_share(match)
            if share is not None and 0 <= share <= 10:
                percent = (share * 100).quantize(Decimal("1e-4"))
                yield _Part(*match.span(), "share", percent, "%")


def _read_share(match: re.Match[str]) -> Decimal | None:
    if match["half"] or match["half2"] or match["hhalf"]:
        return Decimal("0.5")
    if match["n"]:
        count = Decimal(1) if match["n"].lower() in ("a", "an") else number(match["n"])
        return count / _PARTS[match["part"].lower()]
    if match["in"]:
        above, below = (number(match["oa"]), number(match["ob"])) if match["oa"] else (Decimal(1), number(match["inb"]))
        return above / below if below >= above > 0 else None
    if match["mark"]:
        return number(match["of"]) / {"百": 100, "千": 1000, "万": 10000}[match["mark"]]
    if match["below"]:
        below = number(match["below"])
        return number(match["above"]) / below if below else None
    if match["cheng"]:
        return number(match["cheng"]) / 10 + (number(match["chengd"]) / 100 if match["chengd"] else 0)
    digits = number(match["zhe"])
    return digits / 10 if digits < 10 else digits / 100


# Ordinals

_LABELS = (
    "article articles chapter section sections page pages pier clause figure table part volume step rule room platform gate line appendix "
    "level phase item paragraph annex schedule lesson floor act"
).split()
_ORDINAL_VALUES = re.compile(
    rf"""
    {_AT_START.replace("#", "第§№")}(?:(?P<whole>(?:\bNos?\.\ ?|\bNumber\ |§{SPACE}?|№{SPACE}?)(?P<n1>[0-9]{{1,5}})(?![\w-]))
    | \b(?:{"|".join(_LABELS)})\ (?P<n2>[0-9]{{1,5}})(?![\w%-]|[.,:][0-9])
    | (?P<nth>\b(?P<n3>[0-9]{{1,6}})(?:st|nd|rd|th)\b)
    | (?P<di>第{SPACE}?(?P<n4>[0-9]{{1,6}}|[{HAN}]{{1,8}}))(?![0-9{HAN}])
    | (?<![0-9{HAN}])(?P<grade>[1-9]|[一二三四五六七八九])(?=年级))
    """,
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
_DETERMINER = re.compile(r"(?:\b(?:the|his|her|its|their|my|your|our|this|that|a|an|every|each|in|for)|['’]s) $", re.IGNORECASE)
_COMPOUND = re.compile(
    r"[ -](?:aid|hand|hands|class|rate|party|parties|opinion|opinions|thought|thoughts|name|names|lady|person|nature|half|place|time|one|ones|of|and|to|thing|guess|world|edition)\b|[^ -]|-?$",
    re.IGNORECASE,
)


def _ordinals(text: str) -> Iterator[_Part]:
    for match in _ORDINAL_VALUES.finditer(text):
        with suppress(ValueError):  # characters that write no number
            group = (
                "whole"
                if match["whole"]
                else "nth"
                if match["nth"]
                else "di"
                if match["di"]
                else "n2"
                if match["n2"]
                else "grade"
            )
            digits = match["n1"] or match["n2"] or match["n3"] or match["n4"] or match["grade"]
            if group == "di":
                word = next(
                    numerals(f"{text[max(0, match.start() - 1) : match.start()]}第{digits}{text[match.end() : match.end() + 4]}"),
                    None,
                )
                if word is None:
                    continue
            if (
                group == "n2"
                and text[match.start()].islower()
                and match[0].split()[0].lower() in ("act", "part", "level", "line")
            ):
                continue
            yield _Part(*match.span(group), "ordinal", f"#{number(digits)}")
    for numeral in numerals(text):
        if numeral.ordinal and _is_ordinal(text, numeral):
            yield _Part(numeral.start, numeral.end, "ordinal", f"#{_plain(numeral.low)}")


def _is_ordinal(text: str, numeral: Numeral) -> bool:
    """ "First", "second" and "third" are ordinals before what they count, not in "first aid" nor "wait a second"."""
    if numeral.low > 3:
        return True
    after = text[numeral.end : numeral.end + 12]
    return bool(_DETERMINER.search(text[max(0, numeral.start - 6) : numeral.start])) and not _COMPOUND.match(after)


# Amounts: every numeral that is left, with its sign, currency and unit

_LATIN_UNIT = re.compile(r"[A-Za-zµμΩ·]+[²³23]?(?:/[A-Za-zµμ]+[²³3]?)?(?![\w²³])|%|‰|°[CF]?(?![A-Za-z])|[℃℉㎡]")
_COUNTERS = frozenset(
    "个個位名人项種种次届屆条條本张張件座辆輛台头頭只隻棵枚艘架套部份卷篇首幅间間层層栋所支队場场轮輪回遍趟句页章段行列排步级類类组批对對双例株颗粒滴杯碗瓶盒箱袋包桶盘盤片根把扇门户口匹朵笔顶家国國省市县區区村镇岛州校班车只"
    "岁票封门"
)
_STATED_BY = re.compile("[是为達达至到共等得的有]$|^$")


def _unit_after(text: str, at: int) -> tuple[int, str] | None:
    """(end, unit) of the longest unit, share mark or currency behind a number."""
    spaced = re.match(rf"{SPACE}?-?", text[at : at + 2])
    begin = at + (spaced.end() if spaced else 0)
    window = text[begin : begin + 48]
    ends: list[int] = []
    place = 0
    while len(ends) < 4 and (match := _LATIN_UNIT.match(window, place)):
        ends += [match.start() + slash for slash in [match[0].find("/")] if slash > 0]
        ends.append(match.end())
        place = match.end() + 1 if window[match.end() : match.end() + 1] in (" ", "-", "\u00a0") else len(window)
    hyphen = text[begin - 1 : begin] == "-"
    for end in reversed(ends):
        form = window[:end].replace("-", " ").replace("\u00a0", " ")
        unit = (
            UNITS.get(window[:end])
            or UNITS.get(form)
            or (UNITS.get(form.lower()) if end > 3 else None)
            or CURRENCIES.get(form.lower() if end > 3 or form.lower() == "yen" else form)
        )
        if form.lower() in CENTS:
            unit = f"{form.lower()}¢"
        if (
            unit
            and not (hyphen and end < 3)
            and not (form == "won" and re.match(r" (?:the|a|an|by|at|in|his|her|their)\b", window[end:]))
        ):
            return begin + end, unit
    if window[:4].lower() == "u.s." and (dollars := re.match(r"u\.s\. dollars?\b", window, re.IGNORECASE)):
        return begin + dollars.end(), "USD"
    for size in range(min(8, len(window)), 0, -1):
        form = window[:size]
        if form in CENTS:
            return begin + size, f"{form}¢"
        if form[0] > "\u2e80" and (unit := UNITS.get(form) or CURRENCIES.get(form)):
            if unit == "PTM" and form == "分":
                continue
            return begin + size, unit
    return None


def _amounts(text: str) -> Iterator[_Part]:
    reach = 0
    for numeral in numerals(text):
        if numeral.start < reach or numeral.ordinal:
            continue
        part = _amount(text, numeral)
        if part is not None:
            reach = part.end
            yield part


_FRACTIONS = {"half": "0.5", "quarter of": "0.25", "three quarters of": "0.75", "半": "0.5"}
_PART_UNITS = "year hour minute day mile kilometre kilometer metre meter kilogram kilo litre liter cup teaspoon tablespoon acre inch foot ton tonne decade century"
_HALVES = re.compile(
    rf"\b(?:a )?(?P<of>half|(?:three )?quarters? of)(?: of)? an? (?P<unit>{'|'.join(_PART_UNITS.split())})\b"
    r"|(?<![一多个年天十0-9])(?P<han>半)个?(?P<unit2>月|小时|钟头|年|天|分钟|斤|公斤|公里|里地|米|吨|升|亩|日)(?![前后底代])"
    r"|\b(?:an? )(?P<whole>hour|year|day|week|month|mile)(?P<more> and a half| and(?= [0-9]))\b|\ban? (?P<alone>fortnight|decade)\b",
    re.IGNORECASE,
)


def _halves(text: str) -> Iterator[_Part]:
    """Parts of one unit, and one unit written with "a": half a mile, 半年, an hour and a half, a fortnight."""
    for match in _HALVES.finditer(text):
        if match["alone"]:
            yield _Part(*match.span(), "duration", *_sized(Decimal(1), UNITS[match["alone"].lower()]))
        elif match["whole"]:
            half = match["more"].endswith("half")
            kind, value, unit = _small(Decimal("1.5") if half else Decimal(1), UNITS[match["whole"].lower()])
            yield _Part(match.start(), match.end() if half else match.end("whole"), kind, value, unit)
        else:
            of = (
                (match["of"] or match["han"]).lower().replace("quarters of", "quarter of")
                if "three" not in (match["of"] or "")
                else "three quarters of"
            )
            written = match["unit"] or match["unit2"]
            unit = UNITS.get(written.lower()) or UNITS.get(f"个{written}", "")
            kind, value, unit = _small(Decimal(_FRACTIONS[of]), unit)
            yield _Part(*match.span(), kind, value, unit)


def _sized(value: Decimal, unit: str) -> tuple[Decimal, str]:
    name, _, factor = unit.partition("*")
    return value * Decimal(factor or 1), name


_SMALLER = {"PY": ("PM", 12), "PTH": ("PTM", 60), "PTM": ("PTS", 60), "PD": ("PTH", 24)}


def _small(part: Decimal, unit: str) -> tuple[str, Decimal, str]:
    """(kind, number, unit) of a part of one unit; half a year is written as six months."""
    if not unit.startswith("P") or unit[1:2].islower():
        return "quantity", part, unit
    value, unit = _sized(part, unit)
    if unit in _SMALLER and value < 1:
        smaller, times = _SMALLER[unit]
        if value * times == int(value * times):
            return "duration", value * times, smaller
    return "duration", value, unit


def _is_duration(unit: str) -> bool:
    return unit.partition("*")[0] in ("PY", "PM", "PW", "PD", "PTH", "PTM", "PTS", "PBD")


def _amount(text: str, numeral: Numeral) -> _Part | None:
    """A numeral with the sign and currency in front and the unit behind."""
    start, end, value, high = numeral.start, numeral.end, numeral.low, numeral.high
    head = text[max(0, start - 16) : start]
    sign = _currency_before(head)
    currency = ""
    if sign:
        currency, start = sign[0], start - sign[1]
        head = text[max(0, start - 12) : start]
    if numeral.short is not None and currency:
        short = re.match("m|B", text[end : end + 1])
        if short:
            value, end = numeral.short, end + 1
    minus = _MINUS.search(head)
    if minus:
        start, value = start - len(head) + minus.start(), -value
    tolerance = ""
    if near := re.match(rf"{SPACE}?±{SPACE}?([0-9]{{1,9}}(?:\.[0-9]{{1,9}})?)", text[end : end + 24]):
        tolerance, end = f"±{_plain(Decimal(near[1]))}", end + near.end()
    half = re.match("个半", text[end : end + 2]) if numeral.form == "han" or text[end : end + 1] == "个" else None
    if half:
        value, end = value + Decimal("0.5"), end + 2
    unit = _unit_after(text, end)
    if unit is None and numeral.short is not None and not currency and text[end : end + 1] == "m":
        money = _unit_after(text, end + 1)
        if money and money[1] in CURRENCY_SIGNS:
            value, end, unit = numeral.short, end + 1, money
    scale = _scale_of(text[numeral.start : end])
    part = _Part(start, end, "number", value, high=high, bound=numeral.bound, scale=scale, tolerance=tolerance)
    if currency:
        part = replace(part, kind="money", unit=currency)
        if (unit and unit[1].rstrip("¢") in (currency, "元", *CENTS)) or (unit and unit[1] in CURRENCY_SIGNS.values()):
            part = replace(part, end=unit[0])
            part = _round_up(text, part)
        return _rate(text, part)
    if unit is None or (unit[1] == "°C" and text[unit[0] - 1] == "度" and not _is_temperature(text, numeral, minus)):
        return _counted(text, numeral, part, bool(minus), bool(half))
    if text[numeral.start : unit[0]] == "一天" and re.search("[有某哪这那每]$", text[max(0, numeral.start - 1) : numeral.start]):
        return None
    return _with_unit(text, part, *unit, form=text[end : unit[0]].strip())


def _is_temperature(text: str, numeral: Numeral, minus: re.Match[str] | None) -> bool:
    return bool(minus) or bool(re.search("温[^，。]{0,8}$|[热冷烧]到?$", text[max(0, numeral.start - 12) : numeral.start]))


_LAST_SCALES = re.compile(rf"(?:{SPACE}?(?:{'|'.join(SCALES)}))+$|[十百千万亿萬億]+$|(?:k|m|bn|tn)$", re.IGNORECASE)


def _scale_of(written: str) -> Decimal:
    """What the scales at the end of a written number multiply it by: of "7 million" a million, of 4.5万 ten thousand."""
    match = _LAST_SCALES.search(written)
    one = next(numerals(f"1{match[0]}"), None) if match else None
    return one.low if one else Decimal(1)


def _currency_before(head: str) -> tuple[str, int] | None:
    """(code, length) of the sign or code that ends `head`."""
    bare = head.rstrip(" \u00a0")
    if len(head) - len(bare) > 1:
        return None
    for size in range(min(8, len(bare)), 0, -1):
        sign = bare[-size:]
        code = CURRENCY_SIGNS.get(sign)
        before = bare[-size - 1 : -size] if size < len(bare) else ""
        if code and not (sign[0].isalpha() and sign[0].isascii() and before.isalnum() and before.isascii()):
            return code, size + len(head) - len(bare)
    return None


def _with_unit(text: str, part: _Part, end: int, unit: str, form: str) -> _Part:
    part = replace(part, end=end)
    assert isinstance(part.low, Decimal)
    if unit.endswith("¢"):
        code, share = CENTS[unit[:-1]]
        return replace(part, kind="money", low=part.low * Decimal(share.numerator) / share.denominator, unit=code)
    name, _, factor = unit.partition("*")
    times = Decimal(factor or 1)
    low, high = part.low * times, part.high * times if isinstance(part.high, Decimal) else None
    if name in ("%", "pp"):
        return replace(part, kind="share", low=low, high=high, unit=name)
    if name in CURRENCIES.values() or name in CURRENCY_SIGNS.values():
        return _rate(text, _round_up(text, replace(part, kind="money", unit=name)))
    if _is_duration(unit):
        if (form[-1:] in "年天" and (half := re.match("半(?![数信天夜])", text[end : end + 2]))) or (
            form in ("小时",) and (half := re.match("半(?![数信天夜])", text[end : end + 2]))
        ):
            low, end = low + Decimal("0.5"), end + half.end()
        return replace(part, kind="duration", low=low, high=high, unit=name, end=end)
    if re.search(r"每小时$", text[max(0, part.start - 3) : part.start]) and name in ("km", "m", "mi"):
        return replace(part, kind="quantity", unit=f"{name}/h" if name != "mi" else "mph", start=part.start - 3)
    return replace(part, kind="quantity", low=low, high=high, unit=name)


def _round_up(text: str, part: _Part) -> _Part:
    """What may follow Chinese money: 整, 三块五, 1元5角."""
    after = text[part.end : part.end + 8]
    if re.match("整(?![个体改理])", after):
        return replace(part, end=part.end + 1)
    if text[part.end - 1] in "块元" and (
        small := re.match(rf"(?P<tenths>[0-9]|[{DIGIT}])(?:[毛角](?:钱)?|(?![{HAN}0-9个])(?=\W|$|钱))", after)
    ):
        assert isinstance(part.low, Decimal)
        return replace(part, low=part.low + number(small["tenths"]) / 10, end=part.end + small.end())
    return part


def _rate(text: str, part: _Part) -> _Part:
    """Money by a measure: 4200元/吨."""
    if text[part.end : part.end + 1] == "/" and (unit := _unit_after(text, part.end + 1)) and text[part.end + 1] not in " -":
        name = unit[1].removeprefix("PT").removeprefix("P").lower() if _is_duration(unit[1]) else unit[1]
        return replace(part, unit=f"{part.unit}/{name}", end=unit[0])
    return part


def _counted(text: str, numeral: Numeral, part: _Part, signed: bool, half: bool) -> _Part | None:
    """A number without a unit. In Chinese it is one before a measure word, a bound or the end; a bare "one" needs a bound."""
    written, after = text[numeral.start : numeral.end], text[numeral.end : numeral.end + 1]
    if half:
        return None
    if numeral.form == "digits" and re.match(r"[A-Za-z_]", after) and numeral.short is None:
        return None
    if "/" in written and numeral.low < 1 and re.match(" of\\b", text[numeral.end : numeral.end + 3]):
        return replace(part, kind="share", low=numeral.low * 100, unit="%")
    if ("/" in written and not re.search(r"\d /|\d \d", written)) or text[numeral.end : numeral.end + 1] == "/":
        return None
    if numeral.form == "words":
        return replace(part, bare=numeral.low == 1 and numeral.end - numeral.start == 3 and not signed)
    if numeral.form == "han":
        return _counted_in_han(text, numeral, part, written, after, signed)
    return part


def _counted_in_han(text: str, numeral: Numeral, part: _Part, written: str, after: str, signed: bool) -> _Part | None:
    before = text[max(0, numeral.start - 1) : numeral.start]
    if written in ("一", "十", "百", "千", "万", "亿", "千万", "百万", "万亿", "零", "〇"):
        if signed:
            return part
        return replace(part, bare=True) if after in _COUNTERS and after else None if written == "一" else replace(part, bare=True)
    if after in _COUNTERS or numeral.bound or signed or part.high is not None:
        return part
    if re.match(r"[余多来]|及?以[上下内]|左右", text[numeral.end : numeral.end + 3]) or _BOUND_BEFORE.search(
        text[max(0, numeral.start - 4) : numeral.start]
    ):
        return part
    if after == "点":
        return part if text[numeral.end + 1 : numeral.end + 2] not in ("了", "") else None
    if len(written) > 1 and (
        any(c in written for c in "十百千万亿点")
        and (not after or not after.isalnum() or len(written) > 2 or after not in "分足全")
    ):
        return part
    return (
        part
        if _STATED_BY.search(before) and not after.isalnum()
        else replace(part, bare=True)
        if after in ("到", "至", "-", "~")
        else None
    )


# Putting parts together


def _compound(text: str, parts: Sequence[_Part]) -> Iterator[_Part]:
    """ "2 hours 15 minutes", 1年6个月: spans of time next to each other, each smaller than the one before, are one."""
    order = ["PY", "PM", "PW", "PD", "PTH", "PTM", "PTS"]
    held: _Part | None = None
    for part in parts:
        if (
            held is not None
            and held.kind == part.kind == "duration"
            and held.unit in order[:-1]
            and part.unit in order
            and order.index(part.unit) > order.index(held.unit)
            and held.high is None
            and part.high is None
            and re.fullmatch(rf"{SPACE}?|,? and{SPACE}|,{SPACE}", text[held.end : part.start])
        ):
            first = held.low if isinstance(held.low, str) else _duration(held.low, held.unit)
            second = _duration(part.low, part.unit) if isinstance(part.low, Decimal) else part.low
            both = first + (second.removeprefix("PT") if "T" in first else second.removeprefix("P"))
            held = replace(held, end=part.end, low=both, unit=part.unit)
            continue
        if held is not None:
            yield held
        held = part
    if held is not None:
        yield held


def _bounded(text: str, part: _Part) -> _Part:
    """With the bound in front of it or behind it, and 从 … 到's opening left to the range."""
    bound = part.bound
    start, end = part.start, part.end
    before = text[max(0, start - 24) : start]
    match = _BOUND_BEFORE.search(before)
    if match and part.kind != "ordinal" and part.kind != "identifier":
        word = match[0].strip(" \u00a0\u2009\u202f").lower()
        word = re.sub(r" the$", "", word)
        found = _BEFORE.get(word, "")
        if not _is_bound(word, part, text[end : end + 2], before[: match.start()]):
            found = ""
        if found:
            bound, start = found, start - len(before) + match.start()
            return replace(part, start=start, bound=bound, bare=False)
    after = _BOUND_AFTER.match(text, end)
    if after and part.kind not in ("ordinal", "identifier"):
        group = after.lastgroup or ""
        classifier = after["classifier"] or ""
        fits = not classifier or (part.kind == "number" and (classifier in _COUNTERS or classifier == "人"))
        if group == "within" and (part.kind not in ("duration", "quantity") or classifier):
            fits = False
        if after["noun"] and part.kind != "number":
            fits = False
        if fits:
            return replace(part, end=after.end(), bound=_AFTER[group], bare=False)
    return part


def _is_bound(word: str, part: _Part, after: str, before: str) -> bool:
    if word == "over":
        return part.kind not in ("duration", "date", "time")
    if word in ("under", "below", "above") and part.kind in ("date", "time"):
        return False
    if word == "within":
        return part.kind in ("duration", "quantity", "share", "money")
    if word == "some":
        return part.kind in ("number", "money", "quantity", "duration", "share")
    if word == "近":
        return not re.search("[最附接临]$", before)
    if word in ("超", "约"):
        return not re.search("[合契签条公预节制缔大]$", before)
    return True


def _joined(text: str, parts: Iterable[_Part]) -> list[_Part]:
    """Two values of one kind with "to" or a dash between are a range; so are 三年以上 and 七年以下 side by side."""
    whole: list[_Part] = []
    for part in parts:
        joined = _range(text, whole[-1], part) if whole else None
        if joined is not None:
            whole[-1] = joined
        else:
            whole.append(part)
    return whole


def _range(text: str, first: _Part, second: _Part) -> _Part | None:
    between = text[first.end : second.start]
    if first.high is not None or second.high is not None or first.kind in ("ordinal", "identifier") or len(between) > 10:
        return None
    if not between and first.bound == ">=" and second.bound in ("<=", "<") and first.kind == second.kind:
        return replace(first, end=second.end, high=second.low, bound="", unit=second.unit)
    if second.bound and not (second.bound == "~" and re.search("[~～]", text[second.start : second.end])):
        return None
    if second.bound:  # the dash was read as "about"
        mark = re.match(rf"[~～]{SPACE}?", text[second.start :])
        shift = mark.end() if mark else 0
        between, second = (
            between + text[second.start : second.start + shift],
            replace(second, start=second.start + shift, bound=""),
        )
    if isinstance(second.low, Decimal) and second.low < 0 and not between.strip() and text[second.start] in "-–":
        second = replace(second, start=second.start + 1, low=-second.low)
        between += text[second.start - 1]
    match = _BETWEEN.fullmatch(between)
    if match is None:
        return None
    opening = _OPENING.search(text[max(0, first.start - 9) : first.start])
    word = (match["word"] or "").lower()
    if word == "and" and not (opening and (opening["word"] or "").lower() == "between"):
        return None
    ends = _ends(first, second)
    if ends is None:
        return None
    start = first.start - (len(opening[0]) if opening else 0)
    if (
        (opening and re.search(r"由$", opening[0]))
        or (_CHANGE.search(text[max(0, start - 30) : start]) and opening)
        or _CHANGED.search(between)
    ):
        return None
    if opening and opening["han"] and _CHANGED.search(text[first.end : second.end]):
        return None
    low, high, unit, kind = ends
    return _Part(start, second.end, kind, low, unit, high, first.bound)


def _ends(first: _Part, second: _Part) -> tuple[str | Decimal, str | Decimal, str, str] | None:
    """(low, high, unit, kind) of a range: the unit and scale after the second end belong to both, and a range never goes down."""
    if isinstance(first.low, str) or isinstance(second.low, str):
        if first.kind != second.kind or first.kind not in ("date", "time", "duration"):
            return None
        low, high = _known(first), _known(second)
        if (
            first.kind == "date"
            and low.startswith("--")
            and not high.startswith("--")
            and len(high) >= 7
            and not high.endswith("s")
        ):
            low = high[:4] + low[1:]
        return (low, high, "", first.kind) if low <= high or low.startswith("-") or first.kind == "duration" else None
    low_end, high_end = first.low, second.low
    if (
        (first.kind == "number" and second.kind != "number")
        or first.unit == second.unit
        or (first.kind == "money" and second.kind == "number")
    ):
        if first.scale == 1 and second.scale > 1 and low_end < high_end and low_end * second.scale <= high_end:
            low_end *= second.scale
        unit, kind = (second.unit, second.kind) if first.kind == "number" else (first.unit, first.kind)
        return (low_end, high_end, unit, kind) if low_end < high_end else None
    return None


def _known(part: _Part) -> str:
    return part.low if isinstance(part.low, str) else _duration(part.low, part.unit)


def _duration(value: Decimal, unit: str) -> str:
    return f"PT{_plain(value)}{unit[2:]}" if unit.startswith("PT") else f"P{_plain(value)}{unit[1:]}"


# Comparing

_AMOUNT = re.compile(r"(?P<low>-?[0-9.]+?)(?:\.\.(?P<high>-?[0-9.]+))?(?: (?P<unit>.+))?")
_ANY_BOUND = re.compile(
    "|".join(
        rf"\b{re.escape(word)}\b" if word.isascii() else re.escape(word)
        for word in _BEFORE
        if len(word) > 1 and word not in ("some", "over", "under", "above", "below")
    ),
    re.IGNORECASE,
)
ROUNDING = 0.05
"""What "about" leaves open, as a share: 950 may be said of 947, not of 850."""
_SPAN = re.compile(r"(?P<number>[0-9.]+)(?P<unit>BD|[YMWDHS])")


def same_value(a: Value, b: Value) -> bool:
    """Whether two values are the same: equal in canonical form, or the one converts into the other exactly."""
    return a.canonical == b.canonical or _measure(a.canonical) == _measure(b.canonical)


def compatible(a: Value, b: Value) -> bool:
    """Whether both can be true of one thing: the one says as much as the other, or lies within its bound, its range or its rounding."""
    if stated_in(a, [b]) or stated_in(b, [a]):
        return True
    one, other = _interval(a), _interval(b)
    if (
        one is None
        or other is None
        or one[2] != other[2]
        or all(math.isinf(end[0]) or math.isinf(end[1]) for end in (one, other))
    ):
        return False
    return (one[0] <= other[0] and other[1] <= one[1]) or (other[0] <= one[0] and one[1] <= other[1])


def has_loose_bound(text: str) -> bool:
    """Whether a word of bounds stands apart from every value: "at most he may take six"."""
    bare = list(text)
    for value in values(text):
        bare[value.start : value.end] = "\0" * (value.end - value.start)
    return bool(_ANY_BOUND.search("".join(bare)))


def holds(asked: Value, said: Value) -> bool | None:
    """Whether `asked` is so where a text says `said`: 182 m is more than 100 m, two are no more than three; None where that is open, as
    where one figure is within what "at least" or "at most" leaves."""
    one, other = _interval(asked), _interval(said)
    if one is None or other is None or one[2] != other[2]:
        return True if stated_in(asked, [said]) else False if asked.kind in ("date", "time") and asked.kind == said.kind else None
    if one[0] <= other[0] and other[1] <= one[1]:
        return True
    return False if one[1] < other[0] or other[1] < one[0] else None


def _interval(value: Value) -> tuple[float, float, str] | None:
    """(lowest, highest, base unit) of what an amount may be; "about" allows `ROUNDING` of it."""
    measure = _measure(f"{value.canonical} 1" if value.kind == "number" else value.canonical)
    if isinstance(measure, str):
        return None
    mark, ends, unit = measure
    low, high = float(min(ends)), float(max(ends))
    if mark == "~":
        return low - ROUNDING * abs(low), high + ROUNDING * abs(high), unit
    beside = {">": 1e-9, "<": -1e-9}.get(mark, 0.0) * max(1.0, abs(low))
    return (low + beside if mark[:1] != "<" else float("-inf")), (high + beside if mark[:1] != ">" else float("inf")), unit


def unmet(said: str, source: str) -> list[str]:
    """The values of `said`, as it writes them, that `source` does not state; "first" to "third" are too common to count."""
    stated = values(source)
    return [
        value.text
        for value in values(said)
        if not _is_common(value) and not any(_states(other, value, stated) for other in stated)
    ]


def stated_in(value: Value, source: Sequence[Value]) -> bool:
    """Whether one of `source` says as much as `value`."""
    return any(_states(other, value, source) for other in source)


def _is_common(value: Value) -> bool:
    return value.kind == "ordinal" and value.text.lower() in ORDINALS[:3]


def _states(other: Value, value: Value, stated: Sequence[Value]) -> bool:
    """Whether a source's value says as much: the same, an exact one for "about", a date that knows more, a number with a unit for one without."""
    if same_value(other, value):
        return True
    plain = value.canonical.removeprefix("~")
    if plain != value.canonical and plain == other.canonical:
        return True
    if value.kind == "number":
        return other.kind in ("money", "share", "quantity", "duration") and _unitless(other.canonical) == value.canonical
    if value.kind in ("date", "time"):
        return _dated(value.canonical, [end for v in stated if v.kind == value.kind for end in v.canonical.split("..")])
    return False


def _unitless(canonical: str) -> str:
    number = canonical.partition(" ")[0]
    span = re.fullmatch(r"([<>=~]*)PT?([0-9.]+)(?:BD|[YMWDHS])", number)
    return span[1] + span[2] if span else number


def _dated(said: str, stated: Sequence[str]) -> bool:
    """Whether dates say a date: one that knows more, or one its year and another its day."""
    if said in stated:
        return True
    day = re.fullmatch(r"(?P<year>\d{4})?-?(?P<rest>-\d\d(?:-\d\d)?)?", said)
    if not day or not (day["year"] or day["rest"]):
        return False
    years = {date[:4] for date in stated if re.match(r"\d{4}(?:-|$)", date)}
    year = not day["year"] or day["year"] in years
    days = [date[4:] if date[:4].isdigit() else date[1:] for date in stated]
    rest = not day["rest"] or any(date.startswith(day["rest"]) for date in days)
    return year and rest


def _measure(canonical: str) -> tuple[str, tuple[Fraction, ...], str] | str:
    """(bound, ends in the base unit, base unit), so that 1.5 km is 1500 m; the form itself where it is no amount."""
    bound = re.match("[<>=~]*", canonical)
    mark = bound[0] if bound else ""
    plain = canonical[len(mark) :]
    if plain.startswith("P"):
        spans = [_span(end) for end in plain.split("..")]
        if all(spans) and len({unit for span in spans if span for unit in [span[1]]}) == 1:
            return mark, tuple(span[0] for span in spans if span), next(span[1] for span in spans if span)
        return canonical
    amount = _AMOUNT.fullmatch(plain)
    if amount is None or plain[0] == "#" or not amount["unit"]:
        return canonical
    base, size = SIZES.get(amount["unit"], (amount["unit"], Fraction(1)))
    return mark, tuple(Fraction(end) * size for end in (amount["low"], amount["high"]) if end), base


def _span(duration: str) -> tuple[Fraction, str] | None:
    """A duration in the one base unit that all its parts convert to: months, seconds, days or working days."""
    total, base = Fraction(0), ""
    clock = False
    for piece in re.finditer(r"T|" + _SPAN.pattern, duration[1:]):
        if piece[0] == "T":
            clock = True
            continue
        unit = f"P{'T' if clock else ''}{piece['unit']}"
        name, size = SIZES.get(unit, (unit, Fraction(1)))
        if base and name != base:
            return None
        base, total = name, total + Fraction(piece["number"]) * size
    return (total, base) if base else None


_FIGURES = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_FOUR_DIGITS = re.compile(r"(?<![0-9])[0-9]{4}(?![0-9s])")
_BARE_YEAR = re.compile(r"(?:1[0-9]|20)[0-9]{2}")
_COUNTED_NOUN = re.compile(rf"{SPACE}+(?P<noun>[A-Za-z][\w’'-]*)|(?P<han>[届次])")


def years(text: str) -> frozenset[str]:
    """The years that it names, decades apart: "2019" and "2021" of "from May 2019 to 2021"; a bare figure may be one: "exports 2022"."""
    dated = {year for v in values(text) if v.kind == "date" for year in _FOUR_DIGITS.findall(v.canonical)}
    return frozenset(dated | {v.text for v in values(text) if v.kind == "number" and _BARE_YEAR.fullmatch(v.text)})


def editions(text: str) -> frozenset[tuple[str, str]]:
    """("congress", "16") for "the 16th Congress" and "the sixteenth congress", ("届", "16") for 第16届."""
    found = []
    for value in values(text):
        if value.kind == "ordinal" and (match := _COUNTED_NOUN.match(text, value.end)):
            found.append(((match["noun"] or match["han"]).lower(), value.canonical.lstrip("#")))
    return frozenset(found)


@lru_cache(maxsize=512)
def figures(text: str) -> frozenset[str]:
    """Every number that its values are made of, however it is written; an identifier is one thing and gives none but itself."""
    found: set[str] = set()
    for value in values(text):
        if value.kind == "identifier":
            found.add(value.canonical)
        else:
            found.update(f"{Decimal(figure).normalize():f}" for figure in _FIGURES.findall(value.canonical))
    return frozenset(found)


def exact_start(value: Value) -> int:
    """Where a value begins without the "about" in front of it, which is no part of the figure."""
    if not value.canonical.startswith("~"):
        return value.start
    said = value.text.lower()
    word = next((w for w in sorted(_BEFORE, key=len, reverse=True) if _BEFORE[w] == "~" and said.startswith(w)), "")
    rest = value.text[len(word) :]
    return value.end - len(rest.lstrip())
