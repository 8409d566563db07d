"""What a language model wrote → statements, each with the exact spans that support it, or struck out with the reason.

A statement stands when the passages it cites (or, where those do not, others) hold sentences that carry its words, and when every figure,
date, name and denial in it is in those sentences, in whatever written form. What cannot be told this way: who did what to whom, and
whether a true statement answers the question; the confidence speaks to the latter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from rag.answers import Passage
from rag.messages import Reason
from rag.questions import content_terms, names_and_figures
from rag.reading.evidence import is_met
from rag.text.numerals import NUMBER_WORDS
from rag.text.scripts import is_cjk
from rag.text.sentences import split_sentences
from rag.text.terms import denials, normalise, tokens
from rag.text.values import Value, stated_in, unmet, values

MIN_COVERAGE = 0.7
"""Share of a statement's words, weighed by rarity, that its support must hold."""
MIN_COVERAGE_WITH_FACTS = 0.5
"""The same where the statement has figures or dates, all of which its support states."""
MIN_COVERAGE_STITCHED = 0.85
"""The same where several sentences support it."""
MAX_UNCOVERED = 2
"""Words of a statement that its support may lack: a statement that adds a clause or an item of its own has more."""
_RELATED = 0.2
"""Coverage below which what is missing is not worth naming."""
MAX_SENTENCES = 3
"""Sentences that support one statement, of one passage, next to each other."""
_NOWHERE = Reason("no passage says so")
_MARKS = re.compile(r"\s*[\[［【]\s*\d+(?:\s*[,，、;-]\s*\d+)*\s*[\]］】]")
_MARK_NUMBER = re.compile(r"\d+")
_ADDRESS = re.compile(r"\b\w+://\S+|\bwww\.\S+")
_LEAD_IN = re.compile(
    r"^(?:the )?(?:answer|passages?|documents?|text|article)(?: to (?:the|this|your) question)?(?: also)?"
    r" (?:is|are|states?|says?|mentions?|describes?)(?: that)?[:,]? ",
    re.IGNORECASE,
)
"""What a model says of its source before it says anything."""
_PRONOUN = re.compile(r"\b(?:he|she|it|they|his|her|its|their)\b|[他她它]", re.IGNORECASE)
_BULLET = re.compile(r"^\s*(?:[-*•·]|\d+[.)、])\s+")
_OPENERS = frozenset(
    """according additionally also although based besides both currently despite due during each finally first following for further
    furthermore given here however in indeed instead it its lastly later moreover next notably overall recently second secondly several
    similarly since some specifically such that the their then there these they third this those thus to under while with yes answer""".split()
)


@dataclass(frozen=True)
class Support:
    """A stretch of a passage that supports a statement."""

    passage: Passage
    start: int
    end: int


@dataclass(frozen=True)
class Checked:
    """One statement without its marks; `why` says how it was found, or why it does not stand."""

    text: str
    stands: bool
    why: Reason
    support: tuple[Support, ...] = ()
    quoted: bool = False
    """Whether its words stand in one sentence as they are."""


def statements(text: str) -> Iterator[tuple[str, tuple[int, ...]]]:
    """(statement, numbers it cites) of each sentence or list item, in order; marks after the full stop belong to what is before."""
    for line in text.splitlines():
        line = _BULLET.sub("", line).strip()
        joined = re.sub(rf"([.!?。！？][\"'”’)]*)((?:{_MARKS.pattern})+)", lambda m: f"{m[2]}{m[1]}", line)
        for start, end in split_sentences(joined, 0, len(joined)):
            sentence = joined[start:end]
            numbers = [int(n) for mark in _MARKS.findall(sentence) for n in _numbers(mark)]
            said = re.sub(r"\s+([.,;!?])", r"\1", _MARKS.sub("", sentence)).strip()
            if re.search(r"\w", said):
                yield said, tuple(dict.fromkeys(numbers))


def _numbers(mark: str) -> list[str]:
    """ "[1-3]" cites three."""
    found = _MARK_NUMBER.findall(mark)
    if "-" in mark and len(found) == 2 and 0 <= int(found[1]) - int(found[0]) < 10:
        return [str(n) for n in range(int(found[0]), int(found[1]) + 1)]
    return found


def is_finished(text: str) -> bool:
    """Whether a text ends as a statement does: with a full stop or a mark."""
    return bool(re.search(rf"(?:[.!?。！？…][\"'”’)）]*|{_MARKS.pattern})\s*$", text))


def check(said: str, cited: Sequence[int], passages: Sequence[Passage], weight: Callable[[str], float]) -> Checked:
    """Hold one statement against the numbered passages; `weight` is a term's inverse document frequency."""
    named = [passages[number - 1] for number in cited if 0 < number <= len(passages)]
    others = [passage for passage in passages if passage not in named]
    plain = _LEAD_IN.sub("", said)
    found = _located(plain, named, weight)
    if not found.stands:
        elsewhere = _located(plain, others, weight)
        if elsewhere.stands:
            where = Reason("in another passage" if cited else "in an uncited passage", {"how": elsewhere.why})
            found = replace(elsewhere, why=where)
        elif not named:
            found = replace(elsewhere, why=_without(cited, len(passages), elsewhere.why))
    return replace(found, text=said)


def _without(cited: Sequence[int], count: int, why: Reason) -> Reason:
    """Why a statement does not stand that cites no passage."""
    if not cited:
        return Reason("cites nothing", {"why": why})
    return Reason("cites no such passage", {"numbers": [f"[{number}]" for number in cited], "count": count, "why": why})


def _located(said: str, passages: Sequence[Passage], weight: Callable[[str], float]) -> Checked:
    """The sentences of one of `passages` that carry the statement with all its facts; of several passages the first that does."""
    missed = Checked(said, False, _NOWHERE)
    for passage in passages:
        places = [(passage, span, passage.characters(*span)) for span in passage.sentences]
        quoted = [place for place in places if f" {normalise(said)} " in f" {normalise(place[2])} "]
        best = quoted[:1] or _carrying(said, places, weight)
        why = _lacking(said, best, weight, quoted=bool(quoted))
        if why is None:
            how = Reason("quoted" if quoted else "stitched" if len(best) > 1 else "found")
            return Checked(said, True, how, tuple(Support(p, *span) for p, span, _ in best), bool(quoted))
        if why != missed.why:
            missed = Checked(said, False, why)
    return missed


def _lacking(said: str, best: Sequence[_Place], weight: Callable[[str], float], *, quoted: bool) -> Reason | None:
    """Why these sentences do not carry the statement; None when they do."""
    if not best or not normalise(said):
        return _NOWHERE
    source = " ".join(text for _, _, text in best)
    passage = best[0][0]
    coverage, uncovered = (1.0, 0) if quoted else _coverage(said, source, weight)
    if coverage < _RELATED:
        return _NOWHERE
    if missing := [address for address in _ADDRESS.findall(said) if address not in source]:
        return Reason("not in the passages", {"missing": list(missing)})
    if missing := unmet(said, f"{source} {passage.date}"):
        return Reason("not in the passages", {"missing": list(missing)})
    around = f"{_with_antecedent(best)} {passage.title} {passage.date}"
    if missing := [name for name in _names(said) if not is_met(name, around, frozenset(tokens(around)))]:
        return Reason("not in the passages", {"missing": list(missing)})
    if denials(said) > denials(source):
        return Reason("does not deny")
    if denials(source) and not denials(said):
        return Reason("denies")
    least = MIN_COVERAGE_STITCHED if len(best) > 1 else MIN_COVERAGE_WITH_FACTS if values(said) else MIN_COVERAGE
    if coverage < least:
        return _NOWHERE
    return Reason("says more") if uncovered > MAX_UNCOVERED and not is_cjk(said) else None


_Place = tuple[Passage, tuple[int, int], str]


def _carrying(said: str, places: Sequence[_Place], weight: Callable[[str], float]) -> list[_Place]:
    """The sentence that holds most of the statement, facts first, then words, and the neighbours that add what it lacks."""
    if not places:
        return []
    wanted = {term: weight(term) for term in content_terms(said)}
    stated = values(said)
    at = max(range(len(places)), key=lambda i: (_gain(places[i][2], wanted, stated), -i))
    chosen = [at]
    for near in (at + 1, at - 1, at + 2, at - 2):
        if not 0 <= near < len(places) or len(chosen) == MAX_SENTENCES or min(abs(near - i) for i in chosen) > 1:
            continue
        held = " ".join(places[i][2] for i in sorted(chosen))
        with_it = f"{held} {places[near][2]}"
        facts_before, words_before = _gain(held, wanted, stated)
        facts_after, words_after = _gain(with_it, wanted, stated)
        if facts_after > facts_before or words_after - words_before > 0.15 * sum(wanted.values()):
            chosen.append(near)
    return [places[i] for i in sorted(chosen)]


def _gain(text: str, wanted: dict[str, float], lacking: Sequence[Value]) -> tuple[int, float]:
    """How many of the facts, and how much of the words, a text holds."""
    stated, held = values(text), set(tokens(text))
    gained = sum(stated_in(value, stated) for value in lacking)
    return gained, sum(value for term, value in wanted.items() if term in held)


def _coverage(said: str, source: str, weight: Callable[[str], float]) -> tuple[float, int]:
    """The share of the statement's words, by weight, that the source holds, and how many it lacks."""
    terms, held = content_terms(said), frozenset(tokens(source))
    total = sum(map(weight, terms))
    lacking = [term for term in terms if term not in held and not is_met(term, source, held)]
    return (1 - sum(map(weight, lacking)) / total if total else 0.0), len(lacking)


def _with_antecedent(best: Sequence[_Place]) -> str:
    """The sentences, and the one before the first where that says "he" or "it" and names nobody itself."""
    passage, first, text = best[0]
    at = passage.sentences.index(first)
    whole = " ".join(text for _, _, text in best)
    if at and _PRONOUN.search(text) and not _names(text):
        return f"{passage.characters(*passage.sentences[at - 1])} {whole}"
    return whole


def _names(said: str) -> list[str]:
    """Capitalised words, the first one too unless it is one that often opens a sentence; figures are `values`."""
    found = names_and_figures(said)
    opening = re.match(r"\W*([A-Z][\w'’-]+)", said)
    if opening and opening[1] not in found and opening[1].lower() not in _OPENERS and not _PRONOUN.fullmatch(opening[1]):
        found.append(opening[1])
    return [name for name in found if not re.search(r"\d", name) and name.lower() not in NUMBER_WORDS]
