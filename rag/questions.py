"""What a question asks for, read off its words: its terms, its names and figures, its kind, and what it leaves out.

Pure functions of strings; English and Chinese.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from rag.text.names import is_nation, nation_words, nations
from rag.text.scripts import CJK, STOP_WORDS, is_cjk
from rag.text.terms import tokens
from rag.text.values import ABOUT, CARDINALS, MONTHS, NUMBER_WORDS, ORDINAL, ORDINALS

_ASKING = frozenset(
    """what which who whom whose when where why how much many tell me name list give please does did is are was were do
    say said says describe explain state according mention mentioned article articles document documents""".split()
)
_ZH_ASKING = re.compile(
    "什么|多少|几|哪些|哪个|哪里|哪|谁|为什么|为何|怎么|怎样|如何|何时|是否|请问|吗|呢|的|了|是|在|有|和|与|被|将|对|为|于|由|从|到|以|及|等|其|该|这|那|时候"
)
_STOP_TERMS = frozenset(term for word in STOP_WORDS | _ASKING for term in tokens(word))
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
_ZH_KINDS = {
    "date": r"何时|什么时候|什么时间|哪(?:一)?[年月日天]|几[年月日号]",
    "share": r"百分之几|百分之多少|百分比|比例|占比",
    "amount": r"多少|几[个次名家项位人届岁]|多[大高长远久重]",
    "place": r"哪里|哪儿|何处|在哪(?!一?[个些家位])|什么地方|哪(?:一)?个?(?:国家|城市|省|市|州|地区|岛|地方)|什么(?:国家|城市|地区)",
    "organisation": r"哪(?:一)?[个家所](?:公司|企业|机构|组织|银行|大学|学校|报纸|媒体|部门|集团|学院|政党|俱乐部)|什么(?:公司|机构|组织|大学|学校|报纸|媒体|部门)",
}
_FIGURE = re.compile(r"\d|[一二三四五六七八九十百千万亿]")
_PERCENT = re.compile(r"%|\bper ?cent\b|百分", re.IGNORECASE)
_MONEY = re.compile(r"[$€£¥]|\b(?:yuan|yen|dollars?|euros?|pounds?|won|francs?|rupees?|cents?)\b|[元币]", re.IGNORECASE)
_CURRENCIES = {
    name: re.compile(pattern, re.IGNORECASE)
    for name, pattern in {
        "yuan": r"\b(?:yuan|renminbi|rmb)\b|人民币|(?<![日美韩欧])元", "yen": r"\byen\b|日元", "dollar": r"\$|\bdollars?\b|美元",
        "won": r"(?:\b(?:how many|in)|\d|illion) won\b|韩元", "euro": r"€|\beuros?\b|欧元", "pound": r"£|\bpounds?\b|英镑",
        "franc": r"\bfrancs?\b|法郎", "rupee": r"\brupees?\b|卢比", "rouble": r"\brou?bles?\b|卢布",
    }.items()
}  # fmt: skip
_SPAN_OF_TIME = r"(?:years?|months?|weeks?|days?|hours?|minutes?)"
_DURATION = re.compile(rf"\b{_SPAN_OF_TIME}\b", re.IGNORECASE)
_BARE_DURATION = re.compile(
    rf"(?:(?:{ABOUT}|at least) )?(?:\d[\d.,]*|{'|'.join(NUMBER_WORDS)}|several|many)(?:[ -][a-z]+)? {_SPAN_OF_TIME}",
    re.IGNORECASE,
)
_SHARE = re.compile(
    r"\b(?:what|which) (?:\w+ )?(?:percentage|percent|share|proportion|fraction|rate)\b|\bhow much of\b|百分之几", re.IGNORECASE
)
_SUM = re.compile(
    r"\bhow (?:much|large|big)\b|\bwhat(?: is| was| are| were|'s)? (?:the )?(?:\w+ ){0,2}(?:amount|value|worth|cost|price)\b|多少[美日]?[元钱]",
    re.IGNORECASE,
)
_BIG = re.compile(r"\bhow (?:large|big|high)\b", re.IGNORECASE)
_OFTEN = re.compile(r"\bhow (?:often|frequently)\b", re.IGNORECASE)
_FREQUENCY = re.compile(
    r"\b(?:once|twice|times?|every|each|per|a (?:day|week|month|year)|(?:bi|semi-?)?(?:annual|biennial|year|month|week|dai|hour|quarter)(?:ly)?"
    r"|days?|weeks?|months?|years?|decades?|everyday|constant(?:ly)?|always|never|often|usually|frequently|regular(?:ly)?|rarely|seldom|sometimes|occasional(?:ly)?)\b",
    re.IGNORECASE,
)
_RANK = re.compile(r"\bwhere (?:do|does|did|is|was|are|were)\b.*\brank(?:s|ed)?\b", re.IGNORECASE)
_SUPERLATIVE = re.compile(r"\b(?:top|bottom|last|highest|lowest|largest|smallest|biggest|most|least)\b", re.IGNORECASE)
_CITY = re.compile(r"\b(?:which|what) (?:city|town|village)\b", re.IGNORECASE)
_TELEPHONE = re.compile(r"\b(?:(?:tele)?phone|fax|hotline) number\b|\bnumber of the hotline\b", re.IGNORECASE)
_LONG_NUMBER = re.compile(r"\d[\d\s()-]{3,}\d")
_ORDINAL = re.compile(rf"(?:the )?{ORDINAL}\b", re.IGNORECASE)
_COUNT = re.compile(r"\bhow many\b", re.IGNORECASE)
_PERSON = re.compile(r"^\W*(?:and )?(?:who|whom)\b|\bby whom\b", re.IGNORECASE)
_PLACE = re.compile(
    r"^\W*where\b|\b(?:which|what) (?:city|country|place|town|state|province|river|island|avenue|street)\b", re.IGNORECASE
)
_NAMED = re.compile(
    r"\b(?:which|what) (?:\w+ )?(?:newspaper|magazine|agency|company|firm|organi[sz]ation|institution|institute|university|"
    r"school|ministry|department|bank|party|team|network|app|programme|program|language|book|film|agreement|treaty)\b",
    re.IGNORECASE,
)
_KIND = re.compile(
    r"\b(?:which|what) ((?:[\w-]+ ){1,3}?)(?:did|do|does|is|are|was|were|will|has|have|had|can|could|should|would|of|in|for)\b",
    re.IGNORECASE,
)
_DATE = re.compile(r"\b(?:what|which) (?:date|day|year)s?\b", re.IGNORECASE)
_PUBLISHED = re.compile(r"\b(?:published|released|issued|posted|dated)\b", re.IGNORECASE)
_CAPITAL = re.compile(r"[A-Z\u00c0-\u00de\u0391-\u03a9\u0410-\u042f]")
_DEMONYM = re.compile(r"[A-Z][a-z]+(?:ese|ish|ian|ean|can)")
PERSON_TITLES = frozenset(
    """president minister prime premier councilor councillor ambassador chancellor king queen emperor governor mayor
    senator secretary director chairman chief general former vice deputy state foreign chinese japanese korean american
    british french german european russian of the and affairs""".split()
)
_ZH_QUOTED = re.compile("(?<=《)[^》]+(?=》)|(?<=“)[^”]+(?=”)")
_NAME_RUN = re.compile(r"[A-Z][\w’'-]+(?: (?:of |and |for |the )*[A-Z][\w’'-]+)+")
_WRITTEN_FORMS: dict[str, frozenset[str]] = {}
for _forms in [
    *([m[:3], *tokens(m)] for m in MONTHS),
    ["sept", *tokens("september")],
    *([str(value), *tokens(word)] for value, word in enumerate(CARDINALS, start=1)),
    *([str(value), *tokens(word)] for value, word in enumerate(ORDINALS, start=1)),
]:
    for _form in _forms:
        _WRITTEN_FORMS[_form] = _WRITTEN_FORMS.get(_form, frozenset()) | frozenset(_forms)
_REASON = re.compile(
    r"\bwhy\b|^how (?:do|does|did|can|could|should|is|are|was|were|will|would)\b|为什么|为何|怎么|怎样|如何|原因", re.IGNORECASE
)
_STATEMENT = re.compile(
    r"^\W*(?:is|are|was|were|am|do|does|did|has|have|had|can|could|will|would|should|may|must)\b(?!.* or )"
    r"|\bwhat (?:do|does|did|has|have) .+ (?:say|said|think|thought|write|written) (?:about|of|on)\b|是否|吗\W*$",
    re.IGNORECASE,
)
_FOLLOW_UP = re.compile(
    r"^\W*(?:and|but|or|also|what about|how about|what of|in (?!which|what|whose|how)\w+\s*\??$|那|那么|还有|以及|呢)"
    r"|\b(?:he|she|it|they|him|her|them|his|its|their|that|those|this|there)\b|[他她它]们?|这|其",
    re.IGNORECASE,
)
_PRONOUN = re.compile(r"\b(?:he|she|it|they|him|them|that|this)\b|[他她它]们?", re.IGNORECASE)


@lru_cache(maxsize=1000)
def content_terms(question: str) -> tuple[str, ...]:
    """Index terms that carry the question: no function words, no words of asking; each once, in order."""
    asked = _ZH_ASKING.sub(" ", question)
    return tuple(t for t in dict.fromkeys(tokens(asked)) if t not in _STOP_TERMS and not (len(t) == 1 and not t.isdigit()))


def names_and_figures(question: str) -> list[str]:
    """Capitalised words and numbers that an answer's evidence must meet; question words at the start do not count.

    In Chinese: countries, and what stands in quotation marks; in English also the Chinese words.
    """
    chinese = is_cjk(question)
    found = nation_words(question) + _ZH_QUOTED.findall(question)
    opening = re.match(r"\W*[\w'’-]+\W+(?=[a-z])", question)
    for match in _NAME.finditer(question):
        word = match.group()
        if opening and match.start() < opening.end() and word.isalpha() and not word.isupper():
            continue  # capitalised only because it opens the question
        lower = word.lower()
        if (chinese and word[0] > "\u2e80") or lower in STOP_WORDS or lower in _ASKING:
            continue
        found.append(re.sub(r"['’]s$", "", word).rstrip(".,"))
    return list(dict.fromkeys(found))


def is_met(name: str, evidence: str, evidence_terms: frozenset[str]) -> bool:
    """Whether a name or figure of the question occurs in the evidence: inflected, as an acronym, in words or in digits."""
    wanted = [term for term in tokens(re.sub(r"(?<=\d)(?:st|nd|rd|th)$", "", name)) if len(term) > 1 or term.isdigit()]
    if (nation := nations(name)) and nation <= nations(evidence):
        return True
    if name[0] > "\u2e80":
        return name in evidence
    return all(_term_met(term, evidence_terms) for term in wanted) or _acronym_met(name, evidence)


def _term_met(term: str, evidence_terms: frozenset[str]) -> bool:
    if term in evidence_terms or not evidence_terms.isdisjoint(_WRITTEN_FORMS.get(term, frozenset())):
        return True
    if term[0].isdigit():
        return False
    # "Chinese" meets "China": a common beginning of four letters and six tenths of the longer word.
    return any(
        other[:4] == term[:4] and _common_prefix(term, other) >= max(4, 0.6 * max(len(term), len(other)))
        for other in evidence_terms
        if not other[0].isdigit()
    )


def _common_prefix(a: str, b: str) -> int:
    return next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))


def _acronym_met(name: str, evidence: str) -> bool:
    letters = re.sub(r"[^A-Za-z]", "", name)
    if not 2 <= len(letters) <= 6 or not letters.isupper():
        return False
    initials = "".join(word[0] for word in re.findall(r"\b[A-Z][\w'’]*", evidence))
    return letters in initials


def abbreviated(question: str, evidence: str) -> frozenset[str]:
    """The words of the question's names that the evidence writes by their initials: "United States" as "U.S."."""
    found: set[str] = set()
    for match in _NAME_RUN.finditer(question):
        words = [word for word in re.findall(r"[\w’'-]+", match.group()) if word[0].isupper()]
        initials = r"\.?".join(word[0] for word in words)
        if re.search(rf"(?<!\w){initials}(?!\w)", evidence):
            found.update(words)
    return frozenset(found)


def truecase(question: str, texts: Sequence[str]) -> str:
    """A question typed without capitals, with those that `texts` nearly always give a word inside a sentence.

    Names are told by their capitals; without them a question's names could not be held against the evidence.
    """
    if any(c.isupper() for c in question):
        return question
    joined = "\n".join(texts)

    def cased(match: re.Match[str]) -> str:
        word = match.group()
        if word in STOP_WORDS or word in _ASKING:
            return word
        forms = re.findall(rf"(?<=[\w,;:] )({re.escape(word)})(?!\w)", joined, re.IGNORECASE)
        capitals = [form for form in forms if form[0].isupper()]
        return str(capitals[0]) if capitals and len(capitals) >= 0.9 * len(forms) else word

    return re.sub(r"[a-z][\w-]+", cased, question)


def kind_terms(question: str) -> frozenset[str]:
    """Index terms of the kind of thing asked for: "air base" in "at which air base did he arrive?"."""
    found = _KIND.search(question)
    return frozenset(tokens(found[1])) - _STOP_TERMS if found else frozenset()


def asks_number(question: str) -> bool:
    return bool(_NUMERIC.search(question))


def asks_statement(question: str) -> bool:
    """Whether a whole sentence answers: yes or no, or what somebody says about something."""
    return bool(_STATEMENT.search(question))


def asks_time(question: str) -> bool:
    return bool(_TIME.search(question))


def asks_publication(question: str) -> bool:
    """Whether the question asks when a document came out, which only an absolute date answers."""
    return asks_time(question) and bool(_PUBLISHED.search(question))


def asks_list(question: str) -> bool:
    return bool(_LIST.search(question))


def items_asked(question: str) -> int | None:
    """How many things a question asks for: 3 for "which three …"; None when it does not say."""
    found = _HOW_MANY_ITEMS.search(question)
    word = (found[1] or found[2]).lower() if found else ""
    return int(word) if word.isdigit() else _SMALL_NUMBERS.get(word)


def asks_person(question: str) -> bool:
    return bool(_PERSON.search(question))


def kind_asked_zh(question: str) -> str | None:
    """Which kind of short answer a Chinese question asks for: date, share, amount, place, organisation or none of them."""
    return next((kind for kind, pattern in _ZH_KINDS.items() if re.search(pattern, question)), None)


def asks_reason(question: str) -> bool:
    """Whether the question asks why or how, so that sentences answer it and not a short span."""
    return bool(_REASON.search(question)) and not asks_number(question)


def fits_kind(question: str, span: str) -> bool:
    """Whether a span can be what the question asks for: a person, a place, a time, a share, a sum, a count …"""
    figure = bool(_FIGURE.search(span)) or bool(_words(span) & NUMBER_WORDS)
    if _PERSON.search(question):
        return bool(_CAPITAL.search(span)) and bool(_words(span) - PERSON_TITLES) and not _DEMONYM.fullmatch(span)
    if _OFTEN.search(question):
        return bool(_FREQUENCY.search(span))
    if _RANK.search(question):
        return figure or bool(_SUPERLATIVE.search(span))
    if _CITY.search(question) and is_nation(span):
        return False
    if _PLACE.search(question) or _NAMED.search(question):
        named = "language" in question or bool(_words(span) - PERSON_TITLES)  # "German" is a language as well as a title
        return bool(_CAPITAL.search(span)) and not _DURATION.search(span) and named
    if _TELEPHONE.search(question):
        return bool(_LONG_NUMBER.search(span))
    if asks_time(question):
        if asks_publication(question):
            return bool(re.search(r"\d{4}", span)) or bool(_words(span) & _TIME_WORDS and re.search(r"\d", span))
        return figure or (not _DATE.search(question) and bool(_words(span) & _TIME_WORDS))
    if asks_number(question) and (given := currencies(span)) and given.isdisjoint(currencies(question) or given):
        return False
    if _SHARE.search(question):
        return bool(_PERCENT.search(span)) or bool(_words(span) & {"half", "third", "quarter", "quarters", "fifth"})
    if _BIG.search(question) and _PERCENT.search(span) and not _MONEY.search(span):
        return False
    if _SUM.search(question):
        return figure and (bool(_MONEY.search(span)) or not _DURATION.search(span))
    if _COUNT.search(question):
        ordinal = bool(_ORDINAL.match(span))
        return figure and not ordinal and not _PERCENT.search(span) and (bool(_MONEY.search(question)) or not _MONEY.search(span))
    return figure if asks_number(question) else True


def only_lasts(question: str, span: str) -> bool:
    """Whether a question asks when and a span says no more than how long: the answer to 5 of SQuADShifts' and XQuAD's 1,497 such questions."""
    return asks_time(question) and bool(_BARE_DURATION.fullmatch(span))


def currencies(text: str) -> frozenset[str]:
    """The currencies that a text names."""
    return frozenset(name for name, pattern in _CURRENCIES.items() if pattern.search(text))


def _words(text: str) -> set[str]:
    return set(re.findall(r"[a-z]+", text.lower()))


def leans_on_history(question: str) -> bool:
    """Whether the question looks incomplete without the one before it: "and in yen?", "when did he say that?"."""
    return bool(_FOLLOW_UP.search(question)) or len(content_terms(question)) < 2


def complete(question: str, previous: str, answer: str = "") -> list[str]:
    """Ways to ask a follow-up on its own: joined to the question before it, and with the last answer for its pronoun."""
    stem = previous.strip().rstrip("?？。. ")
    rest = question.strip()
    chinese = bool(re.search(f"[{CJK}]", rest))
    ways = [f"{stem}，{rest}" if chinese else f"{stem}, {rest[0].lower() + rest[1:] if rest[1:2].islower() else rest}"]
    if answer and len(answer) <= 80 and _PRONOUN.search(rest):
        ways.append(_PRONOUN.sub(lambda _: answer, rest, count=1))
    return ways
