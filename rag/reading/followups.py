"""A question that leans on the one before it → ways to ask it on its own.

It leans by what it lacks: a pronoun whose referent it does not name, or a predicate ("And in August?", "那周末呢？"). Told by the closed
classes of either language alone: pronouns, conjunctions, question words, auxiliaries. What it changes takes the place of the like of
it in the last question that stood on its own; where several places may be meant, each is a way, the likeliest first, and whoever asks
them chooses by what the documents answer. Pure; English and Chinese.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import partial

from rag.answers import Passage
from rag.questions import QUESTION_WORDS, Question, content_terms
from rag.reading.evidence import context_of, term_met
from rag.text.scripts import CJK, is_cjk
from rag.text.terms import terms_of
from rag.text.values import figures, values

Alike = Callable[[Sequence[str], str], Sequence[float]]
"""How alike in meaning each of several phrases is to one, as cosines."""
Pieces = Callable[[str], Sequence[tuple[int, int]]]
"""(start, end) of the pieces that the models' tokenizer cuts a text into."""
MAX_TURNS = 10
"""Of the conversation that count, the last ones."""
MAX_WAYS = 6
"""Ways that are tried; each costs as much as a question."""
PRIOR = 6.0
"""Log-odds that a way gains with each unit of its prior."""
LENGTH = 0.04
"""What a way's prior loses with each word, or Chinese character, by which what is replaced is longer or shorter than what replaces it."""
APPENDED = 0.6
"""Prior of the question before with the ellipsis behind it: "in 2023", which may have nothing to take the place of."""
INSIDE = 0.15
"""What a way's prior loses where what is replaced stands within a run of words, and may be a part of a name."""
UNMET = 2.0
"""Log-odds that an answer loses whose passage holds nothing of what a follow-up adds; half of that where it holds the smaller part."""
_MAX_PHRASE = 4
"""Words of a phrase that is replaced; of the tokenizer's pieces, in Chinese, `_MAX_PIECES`."""
_MAX_PIECES = 6
_MAX_REFERENT = 60
_MAX_FRAGMENT = 8
"""Content words of an ellipsis; what has more says enough by itself."""

_AUXILIARIES = "is|are|was|were|am|do|does|did|has|have|had|can|could|will|would|shall|should|(?-i:may)|might|must"
_OPENING = re.compile(
    r"^\W*(?:(?:and|but|or|also|then|so|ok(?:ay)?|what about|how about|what of|back to)\b[\s,]*)+|^\W*(?:那么|那(?![里些个边儿时位天年月家种])|还有|以及|而|换成|至于)[，,\s]*",
    re.IGNORECASE,
)
_CLOSING = re.compile(r"(?:\s*(?:then|too|as well|instead))?[\s?？!！。.]*$|呢[\s?？!！。]*$", re.IGNORECASE)
_ASKS = re.compile(
    rf"\b(?:{QUESTION_WORDS}|{_AUXILIARIES})\b|^\W*may\b|^\W*(?:please )?(?:name|list|tell|give|describe|explain|show|compare)\b"
    r"|什么|多少|多[大久高长远深重快宽厚]|几|哪|谁|何|怎|吗|是否|还是|[吧么是]\W*$|(.)[不没]\1",
    re.IGNORECASE,
)
_WORD_ASKING = re.compile(
    rf"\b(?:(?:in|on|at|from|to|for|by|since|until|with|of) )?(?:{QUESTION_WORDS})(?: (?:much|many|long|old|often|far|high"
    r"|large|big|soon|tall|deep|wide|fast|else|late|early))?\b"
    r"|为什么|为何|什么时候|什么地方|什么|多少钱|多少|几[点号月年岁天个位]|哪[里儿年天个位些]|谁|如何|怎么样|怎样|怎么",
    re.IGNORECASE,
)
_AUXILIARY = rf"(?:{_AUXILIARIES})\b"
_ASKED_FOR = re.compile(rf"\b(?:{QUESTION_WORDS})\b.*?(?=\b{_AUXILIARY}|$)", re.IGNORECASE)
"""The phrase that the question word opens: "how many games" in "how many games did they win?"."""
_THAT = re.compile(r"\bthat\b", re.IGNORECASE)
_PRONOUN = re.compile(
    r"\b(?:he|she|it|they|him|her|them|his|hers|its|their|theirs|this|these|those)\b|\b(?<!is )(?<!are )(?<!was )(?<!were )(?<!has )(?<!have )(?<!had )there\b(?! (?:is|are|was|were)\b)"
    r"|(?<!其)[他她它]们?|这[里儿些个位]?|(?<=.)那[里儿些个位]|^那[里儿些个位](?=.)|(?<![尤与])其(?![他它实中余次])|该(?=[^\W\d_])(?<!应该)",
    re.IGNORECASE,
)
_THERE = re.compile(r"there|这[里儿]|那[里儿]", re.IGNORECASE)
_PLACE = re.compile(r"\bwhere\b|哪[里儿]|什么地方", re.IGNORECASE)
_POSSESSIVE = frozenset(("his", "hers", "its", "their", "theirs"))
_OTHERS = re.compile(r"\b(?:else|other|others|another)\b|还有|别的|其他|另外|另一", re.IGNORECASE)
_NAMES = re.compile(rf"[{CJK}]+|\b[A-Z][\w’'.-]*(?:\s+(?:(?:of|and|the|de|van|von|&)\s+)*[A-Z0-9][\w’'.-]*)*")
_ARTICLE = re.compile(r"^(?:the|a|an|this|that|these|those|one|any|some|our|your|my)\s+", re.IGNORECASE)
_PREPOSITION = re.compile(
    r"^(in|on|at|from|to|for|by|since|until|with|of|per|during|after|before|under|over|between|about|without|as)\s+",
    re.IGNORECASE,
)
_BOUNDARY = re.compile(
    r"\b(?:in|on|at|from|to|for|by|since|until|with|of|per|during|after|before|under|over|between|about|without|as|and|or|but|than|not|please"
    rf"|{QUESTION_WORDS}|much|many|be|been|{_AUXILIARIES}|me|you|i|we)\b"
    r"|[,;:?!]|(?<!\d)\.(?!\d)",
    re.IGNORECASE,
)
_ZH_BOUNDARY = re.compile(
    r"什么时候|什么|多少|为什么|如何|怎么|怎样|哪[里儿个些位年天]?|几[点号月年岁天个位]?|是否|[谁吗呢的了是在和与被把将对为由从到于]|[\s，。？！、；：,?!]+"
)


class Lean(IntEnum):
    """How much of a question is missing."""

    NONE = 0
    MAY = 1
    """It has a pronoun, and names something that the pronoun may mean."""
    MUST = 2


@dataclass(frozen=True)
class Turn:
    """What was asked before: the question as it stands on its own, and its short answer, "" where there is none."""

    question: str
    short: str = ""


@dataclass(frozen=True)
class Way:
    """One way to ask a follow-up on its own."""

    text: str
    prior: float
    """How well what is replaced goes with what replaces it: a cosine with its bonuses."""


def lean(question: Question) -> Lean:
    """Whether the question is incomplete without the one before it."""
    text = question.text
    rest = _core(text)
    if _is_fragment(rest) or _is_bare(rest):
        return Lean.MUST
    if found := _pronoun(text):
        named = any(c.isupper() for c in text[1 : found.start()])
        before = content_terms(
            _ASKED_FOR.sub(" ", _WORD_ASKING.sub(" ", text[: found.start()]) if is_cjk(text) else text[: found.start()])
        )
        return Lean.MAY if (before or named) and not _OPENING.match(text) else Lean.MUST
    return Lean.MUST if is_marked(question) else Lean.NONE


def is_marked(question: Question) -> bool:
    """Whether a word says that it goes on with what was asked before: "and", "what about", a pronoun, 那, 呢."""
    text = question.text
    return bool(_OPENING.match(text) or _pronoun(text)) or text.rstrip("?？。 ").endswith("呢")


def asks_for_others(question: Question) -> bool:
    """Whether it asks for what the last answer leaves out: "and who else?"."""
    return bool(_OTHERS.search(question.text))


def confidence(question: Question, answer: float, passage: Passage) -> float:
    """The confidence in an answer to a way, given that in the way itself: less where its passage says little of what `question` adds."""
    return _probability(_log_odds(answer) - UNMET * _unmet(question, passage))


def worth(way: Way, confidence: float) -> float:
    """What a way's answer is worth next to those of other ways."""
    return _log_odds(confidence) + PRIOR * way.prior


def _unmet(question: Question, passage: Passage) -> float:
    """How much of what a follow-up adds neither a passage nor what stands above it holds, from 0 to 1.

    An ellipsis says nothing else, so that each figure and half of its words are wanted; a predicate may stand there in other words.
    """
    core = _core(question.text)
    evidence = context_of(passage)
    terms = [term for term in content_terms(_PRONOUN.sub(" ", core)) if not term.isdigit()]
    met = sum(term_met(term, terms_of(evidence)) for term in terms)
    if not _is_fragment(core):
        return 0.5 * (bool(terms) and not met)
    if not {each for each in figures(core) if each in core} <= figures(evidence) or (terms and not met):
        return 1.0
    return 0.5 * (2 * met < len(terms))


def _log_odds(probability: float) -> float:
    sure = min(max(probability, 1e-6), 1 - 1e-6)
    return math.log(sure / (1 - sure))


def _probability(log_odds: float) -> float:
    return 1 / (1 + math.exp(-log_odds))


def ways(question: Question, last: Turn, alike: Alike, pieces: Pieces) -> list[Way]:
    """Ways to ask `question`, which leans on `last`, on its own: the likeliest first, `MAX_WAYS` at most; as it is where nothing is there
    to complete it from.

    `pieces` gives the (start, end) of the pieces that Chinese is cut into.
    """
    core, stem = _core(question.text), last.question.strip()
    mark = "？" if is_cjk(core) else "?"
    if _is_bare(core) and not _pronoun(core):
        bare = stem.rstrip("?？。. ")
        made = [*(Way(text, 1.0) for text in _asked_otherwise(core, stem)), Way(f"{bare}, {core}{mark}", 0.0)]
    elif _is_fragment(core):
        made = [*_with_change(core, stem, alike, pieces), *_of_subject(core, last, pieces)]
        made += [] if is_marked(question) else [Way(core, 0.0)]
        made += [Way(f"{stem.rstrip('?？。. ')} {core}{mark}", APPENDED)] if _PREPOSITION.match(core) else []
        made += _with_referent(core, last, pieces) if _pronoun(core) else []
    elif _pronoun(core):
        made = _with_referent(f"{core}{mark}", last, pieces)
    elif is_cjk(core):
        made = [*_of_subject(f"{core}{mark}", last, pieces), Way(f"{core}{mark}", 0.0)]
    else:
        made = [Way(f"{core[0].upper()}{core[1:]}{mark}", 0.0)]
    made = made or [Way(question.text, 0.0)]
    return sorted({way.text: way for way in made[::-1]}.values(), key=lambda way: -way.prior)[:MAX_WAYS]


def _pronoun(text: str) -> re.Match[str] | None:
    """The first pronoun of the third person, or what points at something; "that" behind a noun or a verb opens a clause."""
    found = [
        match for match in (_PRONOUN.search(text), next(filter(partial(_points, text), _THAT.finditer(text)), None)) if match
    ]
    return min(found, key=lambda match: match.start(), default=None)


def _points(text: str, that: re.Match[str]) -> bool:
    before, after = re.findall(r"[\w'’]+", text[: that.start()])[-1:], re.findall(r"[\w'’]+", text[that.end() :])[:1]
    return not before or not after or any(_BOUNDARY.fullmatch(word) for word in before + after)


def _core(text: str) -> str:
    """What a follow-up says, without the words that join it to what came before."""
    return _CLOSING.sub("", _OPENING.sub("", text.strip())).strip()


def _is_fragment(core: str) -> bool:
    return not _ASKS.search(core) and len(content_terms(core)) <= _MAX_FRAGMENT


def _is_bare(core: str) -> bool:
    """Whether it is a question word and no more: "Why?", "How long?", "多少钱"."""
    found = _WORD_ASKING.match(core)
    said = content_terms(core[found.end() :]) if found else ()
    return bool(found) and (not said or (len(said) == 1 and not is_cjk(core) and not re.search(_AUXILIARY, core)))


def _with_change(core: str, stem: str, alike: Alike, pieces: Pieces) -> list[Way]:
    """`core` in the place of the phrases of `stem` that it may replace: of each run the likeliest, then the next ones."""
    preposition = _PREPOSITION.match(core)
    put = core[preposition.end() :] if preposition else core
    places = phrases(stem, pieces)
    if not places or not put:
        return []
    cosines = alike([_ARTICLE.sub("", stem[slice(*place)]) for _, place in places], _ARTICLE.sub("", put))
    made: dict[int, list[Way]] = {}
    runs = {run: (min(s for r, (s, _) in places if r == run), max(e for r, (_, e) in places if r == run)) for run, _ in places}
    for (run, (start, end)), cosine in zip(places, cosines):
        article = _ARTICLE.match(stem[start:end])
        new = article.group() + put if article and not _ARTICLE.match(put) and put[:1].islower() else put
        inside = runs[run][0] < start and end < runs[run][1]
        way = Way(stem[:start] + new + stem[end:], _fits(stem, (start, end), put, preposition, cosine) - INSIDE * inside)
        made.setdefault(run, []).append(way)
    ranked = [sorted(of_run, key=lambda way: -way.prior) for of_run in made.values()]
    firsts = sorted((each[0] for each in ranked), key=lambda way: -way.prior)
    rest = sorted((way for each in ranked for way in each[1:]), key=lambda way: -way.prior)
    return [*firsts[:MAX_WAYS], *rest][:MAX_WAYS]


def _of_subject(core: str, last: Turn, pieces: Pieces) -> list[Way]:
    """`core` said or asked of what the last question is about."""
    if _PREPOSITION.match(core):
        return []
    if is_cjk(core):
        return [Way(f"{referent}{core}", 0.4 - 0.01 * at) for at, referent in enumerate(referents(last.question, pieces))]
    return [Way(f"What is {core} of {referent}?", 0.3) for referent in referents(last.question, pieces)[:1]]


def _fits(stem: str, place: tuple[int, int], change: str, preposition: re.Match[str] | None, cosine: float) -> float:
    """How well a phrase of `stem` goes with what would replace it."""
    old, article = _ARTICLE.sub("", stem[slice(*place)]), _ARTICLE.match(stem[slice(*place)])
    score = cosine
    kinds = [{value.kind for value in values(text)} for text in (old, change)]
    score += 0.3 * bool(kinds[0] & kinds[1]) - 0.3 * (kinds[0] != kinds[1])
    score += 0.1 * (old[:1].isupper() and change[:1].isupper())
    score += 0.1 * (bool(article) == bool(_ARTICLE.match(change)))
    change = _ARTICLE.sub("", change)
    score += 0.1 * (old.split()[-1:] == change.split()[-1:] or (old[-1:] == change[-1:] and old[-1:] > "\u2e80"))
    score -= LENGTH * abs(len(old) - len(change)) if is_cjk(stem) else LENGTH * abs(len(old.split()) - len(change.split()))
    if preposition:
        score += 0.2 * stem[: place[0]].lower().rstrip().endswith(preposition[1].lower())
    return score


def phrases(text: str, pieces: Pieces) -> list[tuple[int, tuple[int, int]]]:
    """(number of its run, (start, end)) of the phrases of a question that may be replaced: runs between words of grammar, and their parts."""
    found: dict[tuple[int, int], int] = {}
    asked = _WORD_ASKING.sub(lambda match: "?" * len(match.group()), text)
    for number, (start, end) in enumerate(_runs(asked, pieces)):
        found[start, end] = number
        inside, most = _words(text[start:end], pieces), _MAX_PIECES if is_cjk(text) else _MAX_PHRASE
        for first in range(len(inside)):
            for last in range(first, min(len(inside), first + most)):
                span = start + inside[first][0], start + inside[last][1]
                part = text[slice(*span)]
                behind_article = _ARTICLE.fullmatch(f"{text[start : span[0]]} ".lstrip()) if first else None
                if not behind_article and (content_terms(part) or part.strip().isdigit()):
                    found.setdefault(span, number)
    return [(number, span) for span, number in found.items()]


def _runs(text: str, pieces: Pieces) -> list[tuple[int, int]]:
    """(start, end) of the stretches between words of grammar that say something."""
    runs, at = [], 0
    for match in [*(_ZH_BOUNDARY if is_cjk(text) else _BOUNDARY).finditer(text), None]:
        start, end = match.span() if match else (len(text), len(text))
        run = text[at:start]
        if content_terms(run) or any(map(str.isdigit, run)):
            runs.append((at + len(run) - len(run.lstrip()), start - len(run) + len(run.rstrip())))
        at = end
    return runs


def _words(text: str, pieces: Pieces) -> list[tuple[int, int]]:
    """(start, end) of its words; of Chinese the tokenizer's pieces, of which those of one Latin word are one."""
    if not is_cjk(text):
        return [match.span() for match in re.finditer(r"\S+", text)]
    found: list[tuple[int, int]] = []
    for start, end in pieces(text):
        if found and start == found[-1][1] and text[start - 1].isascii() and text[start].isascii():
            found[-1] = found[-1][0], end
        else:
            found.append((start, end))
    return found


def _with_referent(text: str, last: Turn, pieces: Pieces) -> list[Way]:
    """`text` with the last answer, or something that the last question names, for its first pronoun."""
    found = _pronoun(text)
    assert found
    word = found.group().lower()
    answers = _answers(word, last)
    named = [(referent, 0.1 * _is_proper(referent) - 0.02 * at) for at, referent in enumerate(referents(last.question, pieces))]
    if last.short and len(last.short) <= _MAX_REFERENT:
        named.append((last.short, 0.2 if answers else -0.2))
    made = []
    for referent, prior in named:
        put = referent
        if word in _POSSESSIVE or (word == "her" and re.match(r"\s+\w", text[found.end() :])):
            put = f"{referent}’s"
        elif word == "there":
            put = f"in {referent}"
        made.append(Way(text[: found.start()] + put + text[found.end() :], prior))
    return made


def _answers(pronoun: str, last: Turn) -> bool:
    """Whether a pronoun may mean the last answer: "there" where a place was asked for, another one where no place or figure was."""
    where = bool(_PLACE.search(last.question))
    return where if _THERE.fullmatch(pronoun) else not where and not values(last.short)


def referents(question: str, pieces: Pieces) -> list[str]:
    """What a pronoun after `question` may mean: its names, then its other phrases between words of grammar, and beginnings of them."""
    asked = _WORD_ASKING.sub(lambda match: "?" * len(match.group()), question)
    runs = [asked[slice(*span)] for span in _runs(asked, pieces)]
    if is_cjk(question):
        shorter = [run[:start] for run in runs for start, _ in _words(run, pieces)[:0:-1]]
        return [each for each in dict.fromkeys([*runs, *shorter]) if len(each) > 1 and content_terms(each)]
    names = [re.sub(r"['’]s$", "", match.group()) for match in _NAMES.finditer(asked)]
    return list(dict.fromkeys([*names, *runs]))


def _is_proper(phrase: str) -> bool:
    return _ARTICLE.sub("", phrase)[:1].isupper()


def _asked_otherwise(core: str, stem: str) -> list[str]:
    """`stem` asked with another question word: "Where?" after "When did it open?"."""
    asked = _WORD_ASKING.search(stem)
    return [stem[: asked.start()] + core + stem[asked.end() :]] if asked else []
