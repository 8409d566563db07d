"""A question, parsed once: its terms, its names and figures, what is to be worked out, whether it asks for several things.

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
from rag.text.values import editions, values, years

QUESTION_WORDS = "what|which|who|whom|whose|when|where|why|how"
"""Of English, parted as in a regular expression."""
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
_LIST = re.compile(
    r"^(?:name|list)\b|\b(?:what|which) (?:are|were)\b|\b(?:what|which|name|list) (?:the )?(?:\w+ )?"
    r"(?:two|three|four|five|six|seven|eight|nine|ten|\d+)\b|\b(?:what|which) (?:\w+ ){0,2}(?:areas|topics|fields|countries|"
    r"companies|changes|steps|points|reasons|items|sectors|organi[sz]ations|issues|subjects|cities|people)\b|哪些|哪[几二两三四五六七八九十]",
    re.IGNORECASE,
)
_SEVERAL = re.compile(
    r"\b(?:what|which) (?:are|were|(?:\w+ ){0,3}?\w+(?<![sui])s (?:of [\w ]+ )?(?:are|were|is|was|do|does|did|can|could|have|has|had|should|must|may|will|would)\b)"
    r"|\bwhat (?:else )?(?:all )?(?:things|kinds|types|sorts)\b|^\W*(?:please )?(?:name|list|enumerate)\b|哪些|哪[几两]|列出|列举",
    re.IGNORECASE,
)
_MAY_BE_SEVERAL = re.compile(
    r"^\W*(?:what|which)(?: else)? (?:can|could|should|must|may|will|would|do|does|did|has|have|had)\b|(?:什么|啥)\W*$|什么(?:东西|内容)",
    re.IGNORECASE,
)
_HOW_TO = re.compile(
    r"\bhow (?:do|can|could|should|would|must|does|to)\b|\b(?:what|which|list|name|give)\b.*\bsteps\b|怎么|怎样|如何|步骤",
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
_KIND = re.compile(
    r"\b(?:which|what) ((?:[\w-]+ ){1,3}?)(?:did|do|does|is|are|was|were|will|has|have|had|can|could|should|would|of|in|for)\b",
    re.IGNORECASE,
)
_COMPUTES: Mapping[str, re.Pattern[str]] = {
    "average": re.compile(r"\b(?:average|mean)\b|平均", re.IGNORECASE),
    "most": re.compile(
        r"\b(?:most expensive|most|highest|largest|greatest|biggest|maximum|tallest|longest|heaviest|oldest|deepest|widest|fastest)\b"
        r"|最[多高大长重贵快]",
        re.IGNORECASE,
    ),
    "least": re.compile(
        r"\b(?:least expensive|least|fewest|lowest|smallest|minimum|shortest|lightest|youngest|shallowest|narrowest|slowest|cheapest)\b"
        r"|最[少低小短轻慢]|最便宜",
        re.IGNORECASE,
    ),
    "sum": re.compile(
        r"\b(?:in all|in total|altogether|combined|total|sum)\b|一共|总共|共有|合计|总计|总和|总数|总额", re.IGNORECASE
    ),
    "count": re.compile(r"\bhow many\b|(?:多少|几)[个家名位种项座所辆台本件张条只头匹]", re.IGNORECASE),
}
"""What can be worked out over a table's column, and how it is asked for; the first that fits counts."""
_DIMENSIONS = {
    "height": "tall high low short 高 低", "length": "long short 长 短", "weight": "heavi light 重 轻", "age": "old young",
    "depth": "deep shallow", "width": "wid narrow", "speed": "fast slow 快 慢", "price": "cheap expensive 贵 便宜", "cost": "cheap expensive",
    "area": "larg bigg small", "size": "larg bigg small", "高度": "高 低", "长度": "长 短", "重量": "重 轻", "速度": "快 慢",
    "价格": "贵 便宜", "面积": "大 小",
}  # fmt: skip
"""Dimensions, and the adjectives that are degrees of them, without their endings."""
_QUALIFIED = re.compile(
    r"\b(?:at (?:least|most)|\w+er than|more|fewer|less|over|under|above|below|between|before|after|since|until|during|next|previous|prior"
    r"|second|third|fourth|fifth|\d+(?:st|nd|rd|th)|top|besides|except|excluding|not|no|never|without|only|consecutive|difference|same"
    r"|different|first|last|latest|each|every|both|either|or|other|than|exactly|ratio|percent of)\b"
    r"|n['’]t\b|以上|以下|超过|至少|至多|之前|之后|以前|以后|第[二三四五]|除|[没不]|还是|每|差",
    re.IGNORECASE,
)
"""What makes a computation another one than those."""
_MEASURED = re.compile(
    r"\s*(?:(?:total )?(?:number|amount|count|quantity|percentage|share|value) of )?(?:the )?(?P<what>[\w'’%$ -]+?)"
    r"\s*(?=\b(?:in|of|on|at|for|from|to|by|with|among|across|during|over|that|who|which|whose|is|are|was|were|did|do|does|have|has|had)\b|[,?.!]|$)",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"\bhow many (?P<what>[\w'’% -]+?)(?= (?:are|were|is|was|did|do|does|have|has|had|in|of|on|at|from|for|can|with|that|who)\b|\W*$)"
    r"|(?:多少|几)[个家名位种项座所辆台本件张条只头匹]?(?P<zh>[^\W\d_]{1,8}?)(?=是|在|有|的|属|\W|$)",
    re.IGNORECASE,
)
_CLASSIFIED = re.compile("(?:多少|几)[个家名位种项座所辆台本件张条只头匹]?")
_FIGURE = re.compile(
    r"^\W*(?:what|how (?:much|high|large))(?: is| was| are| were|['’]s)\b|是多少|有多[高大长少重]", re.IGNORECASE
)
_QUESTION_WORD = re.compile(r"\b(?:which|what|who)\b", re.IGNORECASE)
_ZH_SOUGHT = re.compile(r"(?:哪|什么)(?:一)?[个家所座款种位名项台部只条]?(?P<what>[^\W\d_]{1,8}?)(?=的|最|有|是|在|拥)")
_ZH_QUOTED = re.compile("(?<=《)[^》]+(?=》)|(?<=“)[^”]+(?=”)")
_DECADE = re.compile(r"(?<!\d)(?:1[0-9]|20)\d0['’]?s\b|年代|世纪")
_NAME_RUN = re.compile(r"[A-Z][\w’'-]+(?: (?:of |and |for |the )*[A-Z][\w’'-]+)+")
_REASON = re.compile(
    r"\bwhy\b|^how (?:do|does|did|can|could|should|is|are|was|were|will|would)\b|为什么|为何|怎么|怎样|如何|原因", re.IGNORECASE
)
_CHOICE = re.compile(r"\bor\b|还是|或", re.IGNORECASE)
_WHETHER = re.compile(
    r"^\W*(?:is|are|was|were|am|do|does|did|has|have|had|can|could|will|would|should|may|must|shall)(?:n['’]t)?\b(?!.*\bor\b)"
    r"|是否|能否|可否|有无|吗\W*$|([^\W\d])[不没]\1",
    re.IGNORECASE,
)
_NOW = re.compile(
    r"\b(?:now|nowadays|currently|current|today|at present|at the moment|latest|newest|these days|as of now)\b|目前|现在|当前|如今|最新|现行|今天|眼下",
    re.IGNORECASE,
)
_STATEMENT = re.compile(
    r"^\W*(?:is|are|was|were|am|do|does|did|has|have|had|can|could|will|would|should|may|must)\b(?!.* or )"
    r"|\bwhat (?:do|does|did|has|have) .+ (?:say|said|think|thought|write|written) (?:about|of|on)\b|是否|吗\W*$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Computing:
    """What a question asks to be worked out over a column of a table; its words as index terms."""

    what: str
    """most, least, sum, average or count."""
    terms: tuple[str, ...]
    """Those that carry the question, without the words that ask for it to be worked out."""
    words: frozenset[str]
    """Those that ask for it: "highest", "total", and the dimension that an adjective is a degree of."""
    measured: frozenset[str]
    """Those of what is measured, where the grammar tells: of "points" in "the most points"."""
    counted: frozenset[str]
    """Those of what is counted."""
    sought: tuple[str, ...]
    """Those between the question word and what asks for it, in order: "team", "won" in "which team won the most points?"."""
    figure: bool
    """Whether it asks for the figure itself: "what is the highest price?"."""


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
    """Names and figures that an answer's evidence must meet, as they are written; a figure that the question asks to be confirmed is none."""
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
    kind_terms: frozenset[str]
    """Index terms of the kind of thing asked for: "air base" in "at which air base did he arrive?"."""
    computing: Computing | None
    asks_list: bool
    asks_several: bool
    """Whether its grammar asks for more than one thing, in the widest sense: "which tools are …?"."""
    may_ask_several: bool
    """Whether one thing or several can answer: "what should I bring?"."""
    asks_steps: bool
    """Whether it asks how something is done."""
    items: int | None
    """How many things it asks for: 3 for "which three …"; None where it does not say."""
    asks_reason: bool
    """Whether it asks why or how, so that sentences answer it and not a short span."""
    offers_choice: bool
    """Whether the answer may be among its own words: "is it red or blue?"."""
    asks_statement: bool
    """Whether a whole sentence answers: yes or no, or what somebody says about something."""
    asks_whether: bool
    """Whether yes or no answers."""
    asks_now: bool
    """Whether it asks how things are at present."""

    @classmethod
    def parse(cls, text: str) -> Question:
        """Read everything off the words of `text`."""
        number = bool(_NUMERIC.search(text))
        kind_of = _KIND.search(text)
        whether = bool(_WHETHER.search(text))
        return cls(
            text=text,
            chinese=is_cjk(text),
            terms=content_terms(text),
            all_terms=frozenset(tokens(text)),
            names=tuple(name for name in names_and_figures(text) if not (whether and _is_figure(name))),
            long_names=tuple(
                tuple(word for word in re.findall(r"[\w’'-]+", match.group()) if word[0].isupper())
                for match in _NAME_RUN.finditer(text)
            ),
            nations=nations(text),
            nation_words=tuple(nation_words(text)),
            years=years(text),
            decades=bool(_DECADE.search(text)),
            editions=editions(text),
            kind_terms=frozenset(tokens(kind_of[1])) - _STOP_TERMS if kind_of else frozenset(),
            computing=_computing(text),
            asks_list=bool(_LIST.search(text)),
            asks_several=bool(_LIST.search(text) or _SEVERAL.search(text)),
            may_ask_several=bool(_MAY_BE_SEVERAL.search(text)),
            asks_steps=bool(_HOW_TO.search(text)) and not number,
            items=_items(text),
            asks_reason=bool(_REASON.search(text)) and not number,
            offers_choice=bool(_CHOICE.search(text)),
            asks_statement=bool(_STATEMENT.search(text)),
            asks_whether=whether,
            asks_now=bool(_NOW.search(text)),
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


def _computing(text: str) -> Computing | None:
    what = next((name for name, pattern in _COMPUTES.items() if pattern.search(text)), "")
    asked = _COMPUTES[what].search(text) if what else None
    if asked is None or _QUALIFIED.search(text) or all(_COMPUTES[degree].search(text) for degree in ("most", "least")):
        return None
    degrees = [match.group().lower() for match in _COMPUTES[what].finditer(text)]
    dimensions = [name for name, adjectives in _DIMENSIONS.items() for d in degrees if any(a in d for a in adjectives.split())]
    counted, measured = _COUNTED.search(text), _MEASURED.match(text, asked.end())
    things = content_terms(counted["what"] or counted["zh"]) if counted else ()
    of = content_terms(measured["what"]) if measured and not is_cjk(text) and what != "count" else ()
    return Computing(
        what=what,
        terms=content_terms(_CLASSIFIED.sub(" ", _COMPUTES[what].sub(" ", text))),
        words=frozenset(tokens(" ".join([*degrees, *dimensions, "number amount"]))),
        measured=frozenset([*(of or things if what != "count" else ()), *tokens(" ".join(dimensions))]),
        counted=frozenset(things or (of if measured and "number of" in measured.group() else ())),
        sought=_sought(text, asked.start()),
        figure=bool(_FIGURE.search(text)),
    )


def _sought(text: str, degree: int) -> tuple[str, ...]:
    """Terms of the kind of thing asked for: what stands between the question word and the degree, else what follows that word."""
    if zh := _ZH_SOUGHT.search(text):
        return content_terms(zh["what"])
    word = _QUESTION_WORD.search(text)
    begin = word.end() if word else 0
    return content_terms(text[begin:degree] if begin <= degree else text[begin:])


def _items(text: str) -> int | None:
    found = _HOW_MANY_ITEMS.search(text)
    word = (found[1] or found[2]).lower() if found else ""
    return int(word) if word.isdigit() else _SMALL_NUMBERS.get(word)


def _is_figure(name: str) -> bool:
    return any(map(str.isdigit, name)) and not any(value.kind == "identifier" for value in values(name))


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
