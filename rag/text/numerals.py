"""Text → the numerals in it: figures, English number words and Chinese characters, each with its exact place and number.

A numeral is a number and its scale ("5.2 million", "一亿两千万", "half a million", "3.5M"); what it counts, its sign and its bound are left
to `values`. Whether a Chinese character is a numeral or part of a word is told by a dictionary of words with numerals inside.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

CARDINALS = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
    "nineteen twenty"
).split()
ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth "
    "seventeenth eighteenth nineteenth twentieth"
).split()
_TENS = "thirty forty fifty sixty seventy eighty ninety".split()
SCALES = {
    "hundred": 10**2, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12, "crore": 10**7, "lakh": 10**5,
    "dozen": 12,
}  # fmt: skip
NUMBER_WORDS = frozenset([*CARDINALS, *_TENS, *ORDINALS, *SCALES, "zero", "half", "quarter", "once", "twice"])
_WORDS = {word: at for at, word in enumerate(CARDINALS, start=1)} | {"zero": 0}
_WORDS |= {word: at * 10 for at, word in enumerate(_TENS, start=3)}
_ORDINALS = {word: at for at, word in enumerate(ORDINALS, start=1)}
_ORDINALS |= {f"{word[:-1]}ieth": at * 10 for at, word in enumerate(_TENS, start=3)} | {"hundredth": 100, "thousandth": 1000}
_SHORT_SCALES = {"k": 10**3, "K": 10**3, "M": 10**6, "m": 10**6, "bn": 10**9, "Bn": 10**9, "B": 10**9, "tn": 10**12}
_HAN_DIGITS = {c: at for at, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "兩": 2}
_HAN_DIGITS |= {c: at for at, c in enumerate("壹贰叁肆伍陆柒捌玖", start=1)}
_HAN_SCALES = {
    "十": 10,
    "拾": 10,
    "百": 100,
    "佰": 100,
    "千": 1000,
    "仟": 1000,
    "万": 10**4,
    "萬": 10**4,
    "亿": 10**8,
    "億": 10**8,
}
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_VULGAR = {"½": "0.5", "¼": "0.25", "¾": "0.75", "⅓": "0.3333333333", "⅔": "0.6666666667", "⅛": "0.125"}
HAN = "".join([*_HAN_DIGITS, *_HAN_SCALES])
DIGIT = "".join(_HAN_DIGITS)
SPACE = "[ \u00a0\u2009\u202f]"
MOST_DIGITS = 30
"""Longer runs are no number that anyone states; they are stepped over."""

_FIGURE = (
    rf"[0-9]{{1,3}}(?:\.[0-9]{{3}})+,[0-9]{{1,4}}(?![0-9])|[0-9]{{1,3}}(?:,[0-9]{{2,3}}){{0,8}},[0-9]{{3}}(?:\.[0-9]{{1,12}})?(?![0-9])"
    rf"|[0-9]{{1,3}}(?: [0-9]{{3}}){{2,4}}(?![0-9])|[0-9]{{1,3}}(?:[\u00a0\u2009\u202f][0-9]{{3}}){{1,4}}(?![0-9])"
    rf"|[0-9]{{1,{MOST_DIGITS}}}(?:\.[0-9]{{1,20}})?"
)
_DIGITS = re.compile(
    rf"(?P<figure>{_FIGURE})(?:(?P<power>[eE][+-]?[0-9]{{1,2}}(?![\w.])|\s?[x×]\s?10(?:\^[+-]?[0-9]{{1,2}}|[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]{{1,2}}))"
    rf"|(?P<vulgar>[{''.join(_VULGAR)}])|(?P<mixed>{SPACE}[0-9]/[0-9]{{1,2}}(?![0-9/]))|(?P<over>/[0-9]{{1,3}}(?![0-9/])))?"
)
_SCALE = re.compile(
    rf"{SPACE}?-?(?P<word>{'|'.join(SCALES)})\b|(?P<short>{'|'.join(_SHORT_SCALES)})(?![\w/²³])"
    rf"|(?P<vague>[余多])?(?P<han>[{''.join(_HAN_SCALES)}]{{1,2}})",
    re.IGNORECASE | re.ASCII,
)
_WORD = re.compile(r"[ -]?(?:and )?(?P<word>[A-Za-z]+)\b", re.ASCII)
_FIRST_WORD = "|".join([*_WORDS, *(rf"an? {scale}|half an? {scale}" for scale in SCALES), *_ORDINALS])
_HAN_RUN = rf"(?:[{HAN}]{{1,24}})(?![{HAN}])(?:点[{DIGIT}]{{1,8}}(?![{HAN}分刻]))?"
_START = re.compile(
    rf"(?P<junk>[0-9]{{{MOST_DIGITS + 1},}}|[{HAN}]{{25,}})|(?P<digits>(?<![0-9])[0-9]|[{''.join(_VULGAR)}])|\b(?P<words>{_FIRST_WORD})\b|(?P<han>[{HAN}])",
    re.IGNORECASE | re.ASCII,
)
_HAN_NUMERAL = re.compile(_HAN_RUN)


@dataclass(frozen=True)
class Numeral:
    """Characters `start`:`end` of a text, and the number from `low` to `high` that they write."""

    start: int
    end: int
    low: Decimal
    high: Decimal | None = None
    form: str = "digits"
    """How it is written: digits, words or han."""
    bound: str = ""
    """What the numeral itself says of exactness: ">" for 三百余, "~" for 二十来."""
    ordinal: bool = False
    scaled: bool = False
    """Whether it names a scale of its own, so that another's is not its."""
    short: Decimal | None = None
    """The number with the letter "m" behind it read as a million, which only money is."""


def numerals(text: str) -> Iterator[Numeral]:
    """Every numeral of `text`, in order."""
    at = 0
    while match := _START.search(text, at):
        at = match.end()
        if match["junk"]:
            continue
        if match["han"]:
            run = _HAN_NUMERAL.match(text, match.start())
            found = _han(text, run) if run else None
            at = run.end() if run else at
        else:
            found = _words(text, match) if match["words"] else _digits(text, match.start())
        if found is not None:
            at = max(at, found.end)
            yield found


def number(text: str) -> Decimal:
    """The number that a short figure, number word or Chinese numeral writes; digit by digit where it is digits alone (九五).

    Raises ValueError for what is no number: 五三百.
    """
    if all(c in _HAN_DIGITS for c in text):
        return Decimal("".join(str(_HAN_DIGITS[c]) for c in text))
    for numeral in numerals(text):
        return numeral.low
    raise ValueError(f"{text!r} is no number")


def _digits(text: str, start: int) -> Numeral | None:
    match = _DIGITS.match(text, start)
    if match is None:
        return Numeral(start, start + 1, Decimal(_VULGAR[text[start]]))
    figure = match["figure"]
    if re.search(r"\.[0-9]{3},|,[0-9]{1,2}$", figure):
        figure = figure.replace(".", "").replace(",", ".")
    value = Decimal(re.sub(r"[,\s]", "", figure))
    if match["power"]:
        value = value.scaleb(int(re.sub(r"^.*?10\^?|^[eE]", "", match["power"]).translate(_SUPERSCRIPTS)))
    elif match["vulgar"]:
        value += Decimal(_VULGAR[match["vulgar"]])
    elif match["mixed"] or match["over"]:
        above, below = (match["mixed"] or f"{value}{match['over']}").strip().split("/")
        if not int(below):
            return Numeral(start, match.start("over") if match["over"] else match.start("mixed"), value)
        part = Decimal(above) / Decimal(below)
        value = value + part if match["mixed"] else part
    return _scaled(text, Numeral(start, match.end(), value))


def _scaled(text: str, numeral: Numeral) -> Numeral:
    """With the scales behind it: "1.5 million", "12k", "100余万", "3亿5000万"."""
    value, end, bound, scaled = numeral.low, numeral.end, numeral.bound, numeral.scaled
    while match := _SCALE.match(text, end):
        if match["short"]:
            size = Decimal(_SHORT_SCALES.get(match["short"], 1))
            if match["short"] in ("m", "B"):
                return Numeral(numeral.start, end, value, bound=bound, scaled=scaled, form=numeral.form, short=value * size)
            if match["short"] not in _SHORT_SCALES:
                break
            return Numeral(numeral.start, match.end(), value * size, bound=bound, scaled=True, form=numeral.form)
        if match["han"] and _unit_begins(text, match.start("han")):
            break
        value *= SCALES[match["word"].lower()] if match["word"] else _product(match["han"])
        bound = ">" if match["vague"] else bound
        end, scaled = match.end(), True
        if match["han"] and (more := re.match(r"[0-9]{1,4}(?=[万千百])", text[end : end + 5])):
            rest = _scaled(text, Numeral(end, end + more.end(), Decimal(more[0])))
            return Numeral(numeral.start, rest.end, value + rest.low, bound=bound, scaled=True)
    return Numeral(numeral.start, end, value, bound=bound, scaled=scaled, form=numeral.form)


def _product(scales: str) -> int:
    product = 1
    for scale in scales:
        product *= _HAN_SCALES[scale]
    return product


def _unit_begins(text: str, at: int) -> bool:
    """5千克 is five of a unit, not five thousand of another."""
    return text[at] in "千百" and re.match(r"[千百](?:克|米|瓦|卡|赫|焦|帕|字节|安|伏)", text[at : at + 3]) is not None


def _words(text: str, match: re.Match[str]) -> Numeral | None:
    """ "one hundred and twenty", "twenty-first", "half a million", "two and a half"."""
    first = match["words"].lower().split()
    start, end, total = match.start(), match.end(), Decimal(0)
    if first[0] in _ORDINALS:
        return Numeral(start, end, Decimal(_ORDINALS[first[0]]), form="words", ordinal=True)
    scaled = len(first) > 1
    if scaled:
        current, last = Decimal(SCALES[first[-1]]) * (Decimal("0.5") if first[0] == "half" else 1), SCALES[first[-1]]
    else:
        current, last = Decimal(_WORDS[first[0]]), _room(_WORDS[first[0]])
    while following := _WORD.match(text, end):
        word, joined, hyphen = following["word"].lower(), "and " in following[0], following[0][0] == "-"
        scale, more, nth = SCALES.get(word, 0), _WORDS.get(word, 0), _ORDINALS.get(word, 0)
        if scale and not joined and (scale > 12 or not scaled):
            total, current = (total, current * scale) if scale <= 100 else (total + current * scale, Decimal(0))
            last, scaled = scale, True
        elif 0 < more < last and (last >= 100 or not joined):
            current, last = current + more, _room(more)
        elif 0 < nth < last and (hyphen or last >= 100):
            return Numeral(start, following.end(), total + current + nth, form="words", ordinal=True)
        else:
            break
        end = following.end()
    value = total + current
    if half := re.match(r" and a half\b", text[end : end + 12]):
        value, end = value + Decimal("0.5"), end + half.end()
    return Numeral(start, end, value, form="words", scaled=scaled)


def _room(value: int) -> int:
    """What may still follow in the same number must be smaller: after "twenty" a digit, after "twelve" nothing but a scale."""
    return 10 if value >= 20 and value % 10 == 0 else 0


def _han(text: str, match: re.Match[str]) -> Numeral | None:
    start = match.start()
    run, _, decimals = match[0].partition("点")
    if text[start - 1 : start] in ("数", "几", "幾", "好") or text[match.end() : match.end() + 1] in ("几", "幾"):
        return None
    end = match.end()
    if _unit_begins(text, end - 1) and len(run) > 1:
        run, end = run[:-1], end - 1
    if _within_word(text, start, end):
        return None
    low, high = _han_value(run)
    if low is None:
        return None
    if decimals:
        low += Decimal("0." + "".join(str(_HAN_DIGITS[c]) for c in decimals))
        return _scaled(text, Numeral(start, end, low, form="han"))
    if run[-1] in _HAN_SCALES and (vague := re.match(r"[余多来](?!自)", text[end : end + 2])):
        found = Numeral(start, end + vague.end(), low, form="han", bound="~" if vague[0] == "来" else ">")
        return _scaled(text, found)
    return Numeral(start, end, low, high, form="han", scaled=bool(re.search("[万亿萬億]", run)))


def _han_value(run: str) -> tuple[Decimal | None, Decimal | None]:
    """(the number, the end of a range: 七八 is 7 to 8, 三四十 is 30 to 40)."""
    if len(run) > 2 and not any(c in _HAN_SCALES for c in run):
        return Decimal("".join(str(_HAN_DIGITS[c]) for c in run)), None
    pair = re.search(rf"([{DIGIT[1:]}])([{DIGIT[1:]}])(?=[{''.join(_HAN_SCALES)}]|$)", run)
    if pair:
        low, high = (_han_whole(run[: pair.start()] + digit + run[pair.end() :]) for digit in pair.groups())
        return (low, high) if _HAN_DIGITS[pair[2]] == _HAN_DIGITS[pair[1]] + 1 or pair[0] == "两三" else (None, None)
    if re.search(f"[{DIGIT[1:]}]{{2}}|^[万亿萬億].|[{DIGIT[1:]}]零", run) and any(c in _HAN_SCALES for c in run):
        return None, None
    if len(run) == 2 and not any(c in _HAN_SCALES for c in run):
        return Decimal("".join(str(_HAN_DIGITS[c]) for c in run)), None
    return _han_whole(run), None


def _han_whole(run: str) -> Decimal:
    total = section = digit = 0
    last = 1
    zero = False
    for c in run:
        if c in _HAN_DIGITS:
            digit, zero = _HAN_DIGITS[c], zero or _HAN_DIGITS[c] == 0
        elif (scale := _HAN_SCALES[c]) >= 10**4:
            total = (
                (total + section + digit) * scale
                if scale > last and total and scale == 10**8
                else total + (section + digit) * scale
            )
            section, digit, last, zero = 0, 0, scale, False
        else:
            section, digit, last, zero = section + (digit or 1) * scale, 0, scale, False
    if digit and last >= 100 and not zero:
        digit *= last // 10  # 一万二 is 12000
    return Decimal(total + section + digit)


@cache
def _dictionary() -> frozenset[str]:
    return frozenset((Path(__file__).parent / "numeral_words.txt").read_text(encoding="utf-8").split())


def _within_word(text: str, start: int, end: int) -> bool:
    """Whether the characters are part of a longer word: 三 of 三明治, 万 of 万一."""
    words = _dictionary()
    around = text[max(0, start - 4) : end + 6]
    left = start - max(0, start - 4)
    for begin in range(left + 1):
        for stop in range(max(left + 1, begin + 2), min(len(around), begin + 8) + 1):
            if (begin < left or stop > left + end - start) and around[begin:stop] in words:
                return True
    return False
