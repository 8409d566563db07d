"""A question, parsed once: its terms, its names and figures, the kind of thing it asks for.

In: the question as it was asked. Out: a `Question`, which every later stage takes; what a stage makes of it (spans, evidence, signs)
is left to that stage. Pure; English and Chinese.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rag.text.names import nation_words, nations
from rag.text.numerals import CARDINALS
from rag.text.scripts import CJK, STOP_WORDS, is_cjk
from rag.text.terms import tokens
from rag.text.values import currencies, editions, values, years

_ASKING = frozenset(
    """what which who whom whose when where why how much many tell me name list give please does did is are was were do
    say said says describe explain state according mention mentioned article articles document documents""".split()
)
_ZH_ASKING = re.compile(
    "什么|多少|几|哪些|哪个|哪里|哪|谁|为什么|为何|怎么|怎样|如何|何时|是否|请问|吗|呢|的|了|是|在|有|和|与|被|将|对|为|于|由|从|到|以|及|等|其|该|这|那|时候"
)
_STOP_TERMS = frozenset(term for word in STOP_WORDS | _ASKING for term in tokens(word))
_NAME = re.compile(rf"(?:(?<!\w)|(?<=[{CJK}]))(?:[A-Z](?:[^\W{CJK}]|['’.&-])*[^\W{CJK}]|[A-Z])|\d[\d.,]*\d|\d|[{CJK}]+")
_NUMERIC = re.compile(
    r"\bhow (?:many|much|large|big|long|old|far|high|tall|fast|deep|wide|heavy)\b"
    r"|\b(?:what|which)(?: is| was| are| were|'s)? (?:the )?(?:\w+ ){0,2}(?:amount|sum|number|percentage|percent|share|size|value|worth|"
    r"population|price|cost|total|rate|figure)\b"
    r"|多少|几[个次名年月日家项位]|百分之几",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"^\W*(?:(?:and|since|until|from|by) )?when\b|\bwhen\W*$|\b(?:what|which) (?:year|date|day|month|time|century|decade)s?\b"
    r"|何时|什么时候|哪(?:一)?[年月日天]",
    re.IGNORECASE,
)
_LIST = re.compile(
    r"^(?:name|list)\b|\b(?:what|which) (?:are|were)\b|\b(?:what|which|name|list) (?:the )?(?:\w+ )?"
    r"(?:two|three|four|five|six|seven|eight|nine|ten|\d+)\b|\b(?:what|which) (?:\w+ ){0,2}(?:areas|topics|fields|countries|"
    r"companies|changes|steps|points|reasons|items|sectors|organi[sz]ations|issues|subjects|cities|people)\b|哪些|哪[几二两三四五六七八九十]",
    re.IGNORECASE,
)
_HOW_MANY_ITEMS = re.compile(
    r"\b(?:what|which|name|list)(?: are| were)? (?:the )?(?:\w+ )?(two|three|four|five|six|seven|eight|nine|ten|\d+)\b"
    r"|哪([两二三四五六七八九十])",
    re.IGNORECASE,
)
_SMALL_NUMBERS = {word: value for words in (CARDINALS, "一二三四五六七八九十") for value, word in enumerate(words, start=1)} | {
    "两": 2
}
_PERSON = re.compile(r"^\W*(?:and )?(?:who|whom)\b|\bby whom\b", re.IGNORECASE)
_KIND = re.compile(
    r"\b(?:which|what) ((?:[\w-]+ ){1,3}?)(?:did|do|does|is|are|was|were|will|has|have|had|can|could|should|would|of|in|for)\b",
    re.IGNORECASE,
)
_PUBLISHED = re.compile(r"\b(?:published|released|issued|posted|dated)\b", re.IGNORECASE)
_ZH_QUOTED = re.compile("(?<=《)[^》]+(?=》)|(?<=“)[^”]+(?=”)")
_CITY = re.compile(r"\b(?:which|what) (?:city|town|village)\b", re.IGNORECASE)
_PLACE = re.compile(r"^\W*where\b|\b(?:which|what) (?:city|country|place|town|state|province|river|island)\b", re.IGNORECASE)
_NAMED = re.compile(
    r"\b(?:which|what) (?:\w+ )?(?:newspaper|magazine|agency|company|firm|organi[sz]ation|institution|institute|university|"
    r"school|ministry|department|bank|party|team|network|app|programme|program|language|book|film|agreement|treaty)\b",
    re.IGNORECASE,
)
_TELEPHONE = re.compile(r"\b(?:(?:tele)?phone|fax|hotline) number\b", re.IGNORECASE)
_OFTEN = re.compile(r"\bhow (?:often|frequently)\b", re.IGNORECASE)
_SHARE = re.compile(
    r"\b(?:what|which) (?:\w+ )?(?:percentage|percent|share|proportion|fraction|rate)\b|\bhow much of\b|百分之几", re.IGNORECASE
)
_BIG = re.compile(r"\bhow (?:large|big|high)\b", re.IGNORECASE)
_SUM = re.compile(
    r"\bhow (?:much|large|big)\b|\bwhat(?: is| was| are| were|'s)? (?:the )?(?:\w+ ){0,2}(?:amount|value|worth|cost|price)\b|多少[美日]?[元钱]",
    re.IGNORECASE,
)
_COUNT = re.compile(r"\bhow many\b", re.IGNORECASE)
_DECADE = re.compile(r"(?<!\d)(?:1[0-9]|20)\d0['’]?s\b|年代|世纪")
_NAME_RUN = re.compile(r"[A-Z][\w’'-]+(?: (?:of |and |for |the )*[A-Z][\w’'-]+)+")
_REASON = re.compile(
    r"\bwhy\b|^how (?:do|does|did|can|could|should|is|are|was|were|will|would)\b|为什么|为何|怎么|怎样|如何|原因", re.IGNORECASE
)
_STATEMENT = re.compile(
    r"^\W*(?:is|are|was|were|am|do|does|did|has|have|had|can|could|will|would|should|may|must)\b(?!.* or )"
    r"|\bwhat (?:do|does|did|has|have) .+ (?:say|said|think|thought|write|written) (?:about|of|on)\b|是否|吗\W*$",
    re.IGNORECASE,
)


_KINDS: Mapping[str, re.Pattern[str]] = {
    "person": _PERSON, "frequency": _OFTEN, "city": _CITY, "language": re.compile(r"\b(?:which|what) (?:\w+ )?language\b", re.I),
    "place": _PLACE, "name": _NAMED, "telephone": _TELEPHONE, "time": _TIME, "share": _SHARE, "size": _BIG, "sum": _SUM, "count": _COUNT,
    "number": _NUMERIC,
}  # fmt: skip
"""What a question can ask for, and how it asks; the first that fits is its kind. `reading.kinds` says what can answer each."""


@dataclass(frozen=True, eq=False)
class Question:
    """A question as it was asked, and what its words say. Two are equal when they are the same object."""

    text: str
    chinese: bool
    """Whether Chinese, Japanese or Korean characters carry it."""
    terms: tuple[str, ...]
    """Index terms that carry it, each once, in order."""
    all_terms: frozenset[str]
    """Every index term of it, words of asking too."""
    names: tuple[str, ...]
    """Names and figures that an answer's evidence must meet, as they are written."""
    long_names: tuple[tuple[str, ...], ...]
    """The words of each name of several words, which evidence may write by its initials."""
    nations: frozenset[str]
    """English names of the countries it names."""
    nation_words: tuple[str, ...]
    """The Chinese country names in it, as written."""
    years: frozenset[str]
    decades: bool
    """Whether it names a decade or a century, which is no year."""
    editions: frozenset[tuple[str, str]]
    """("congress", "16") where it names the 16th congress."""
    currencies: frozenset[str]
    """ISO 4217 codes of the money that it names."""
    kind: str
    """What it asks for: a key of the kinds, or "" where no kind is told."""
    kind_terms: frozenset[str]
    """Index terms of the kind of thing asked for: "air base" in "at which air base did he arrive?"."""
    asks_number: bool
    asks_time: bool
    asks_publication: bool
    """Whether it asks when a document came out, which only an absolute date answers."""
    asks_list: bool
    items: int | None
    """How many things it asks for: 3 for "which three …"; None where it does not say."""
    asks_person: bool
    asks_reason: bool
    """Whether it asks why or how, so that sentences answer it and not a short span."""
    asks_statement: bool
    """Whether a whole sentence answers: yes or no, or what somebody says about something."""

    @classmethod
    def parse(cls, text: str) -> Question:
        """Read everything off the words of `text`."""
        number, time = bool(_NUMERIC.search(text)), bool(_TIME.search(text))
        kind_of = _KIND.search(text)
        return cls(
            text=text,
            chinese=is_cjk(text),
            terms=content_terms(text),
            all_terms=frozenset(tokens(text)),
            names=tuple(names_and_figures(text)),
            long_names=tuple(
                tuple(word for word in re.findall(r"[\w’'-]+", match.group()) if word[0].isupper())
                for match in _NAME_RUN.finditer(text)
            ),
            nations=nations(text),
            nation_words=tuple(nation_words(text)),
            years=years(text),
            decades=bool(_DECADE.search(text)),
            editions=editions(text),
            currencies=currencies(text),
            kind=next((name for name, pattern in _KINDS.items() if pattern.search(text)), ""),
            kind_terms=frozenset(tokens(kind_of[1])) - _STOP_TERMS if kind_of else frozenset(),
            asks_number=number,
            asks_time=time,
            asks_publication=time and bool(_PUBLISHED.search(text)),
            asks_list=bool(_LIST.search(text)),
            items=_items(text),
            asks_person=bool(_PERSON.search(text)),
            asks_reason=bool(_REASON.search(text)) and not number,
            asks_statement=bool(_STATEMENT.search(text)),
        )

    def cased(self, texts: Sequence[str]) -> Question:
        """A question typed without capitals, with those that `texts` nearly always give a word inside a sentence.

        Names are told by their capitals; without them a question's names could not be held against the evidence.
        """
        if any(c.isupper() for c in self.text):
            return self
        joined = "\n".join(texts)

        def cased(match: re.Match[str]) -> str:
            word = match.group()
            if word in STOP_WORDS or word in _ASKING:
                return word
            forms = re.findall(rf"(?<=[\w,;:] )({re.escape(word)})(?!\w)", joined, re.IGNORECASE)
            capitals = [form for form in forms if form[0].isupper()]
            return str(capitals[0]) if capitals and len(capitals) >= 0.9 * len(forms) else word

        text = re.sub(r"[a-z][\w-]+", cased, self.text)
        return self if text == self.text else Question.parse(text)


def _items(text: str) -> int | None:
    found = _HOW_MANY_ITEMS.search(text)
    word = (found[1] or found[2]).lower() if found else ""
    return int(word) if word.isdigit() else _SMALL_NUMBERS.get(word)


@lru_cache(maxsize=1000)
def content_terms(question: str) -> tuple[str, ...]:
    """Index terms that carry the question: no function words, no words of asking; each once, in order."""
    asked = _ZH_ASKING.sub(" ", question)
    return tuple(t for t in dict.fromkeys(tokens(asked)) if t not in _STOP_TERMS and not (len(t) == 1 and not t.isdigit()))


def names_and_figures(question: str) -> list[str]:
    """Capitalised words, numbers and identifiers ("2024-119") that an answer's evidence must meet; question words at the start do not count.

    In Chinese: countries, and what stands in quotation marks; in English also the Chinese words.
    """
    chinese = is_cjk(question)
    found = nation_words(question) + _ZH_QUOTED.findall(question)
    codes = [(value.start, value.end) for value in values(question) if value.kind == "identifier"]
    found += [question[start:end] for start, end in codes]
    opening = re.match(r"\W*[\w'’-]+\W+(?=[a-z])", question)
    for match in _NAME.finditer(question):
        word = match.group()
        if any(start < match.end() and match.start() < end for start, end in codes):
            continue
        if opening and match.start() < opening.end() and word.isalpha() and not word.isupper():
            continue  # capitalised only because it opens the question
        lower = word.lower()
        if (chinese and word[0] > "\u2e80") or lower in STOP_WORDS or lower in _ASKING:
            continue
        found.append(re.sub(r"['’]s$", "", word).rstrip(".,"))
    return list(dict.fromkeys(found))
