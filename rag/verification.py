"""What a language model wrote → statements, each with the exact spans that support it, or struck out with the reason.

A statement stands when the passages it cites (or, where those do not, others) hold sentences that carry its words, and when every figure,
date, name and denial in it is in those sentences, in whatever written form. What cannot be told this way: who did what to whom, and
whether a true statement answers the question; the confidence speaks to the latter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rag.answers import Passage
from rag.facts import Fact, denials, facts, unmet
from rag.lexical import tokens
from rag.questions import NUMBER_WORDS, content_terms, is_met, names_and_figures, normalise
from rag.sentences import split_sentences

QUOTED = "quoted"
"""How a statement was found whose words stand in one sentence as they are."""
MIN_COVERAGE = 0.6
"""Share of a statement's words, weighed by rarity, that its support must hold."""
MIN_COVERAGE_WITH_FACTS = 0.4
"""The same where the statement has figures or dates, all of which its support states."""
MAX_SENTENCES = 3
"""Sentences that support one statement."""
_MARKS = re.compile(r"\s*[\[［【]\s*\d+(?:\s*[,，、;-]\s*\d+)*\s*[\]］】]")
_MARK_NUMBER = re.compile(r"\d+")
_ADDRESS = re.compile(r"\b\w+://\S+|\bwww\.\S+")
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
    why: str
    support: tuple[Support, ...] = ()


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
    found = _located(said, named, weight) if named else Checked(said, False, _without(cited, len(passages)))
    if found.stands:
        return found
    others = [passage for passage in passages if passage not in named]
    elsewhere = _located(said, others, weight) if others else found
    if elsewhere.stands:
        return Checked(said, True, f"{elsewhere.why}, in another passage than cited", elsewhere.support)
    return found if named else Checked(said, False, f"{found.why}; {elsewhere.why}")


def _without(cited: Sequence[int], count: int) -> str:
    numbers = ", ".join(f"[{number}]" for number in cited)
    return f"cites {numbers}, and there are {count} passages" if cited else "cites nothing"


def _located(said: str, passages: Sequence[Passage], weight: Callable[[str], float]) -> Checked:
    """The sentences of `passages` that carry the statement, and whether all its facts are in them."""
    places = [(p, s, p.characters(*s)) for p in passages for s in p.sentences]
    quoted = [place for place in places if normalise(said) and f" {normalise(said)} " in f" {normalise(place[2])} "]
    best = quoted[:1] or _carrying(said, places, weight)
    if not best:
        return Checked(said, False, "no passage says so")
    source = " ".join(text for _, _, text in best)
    around = " ".join(f"{_near(p, s)} {p.title} {p.date}" for p, s, _ in best)
    if missing := [address for address in _ADDRESS.findall(said) if address not in source]:
        return Checked(said, False, f"not in the passages: {', '.join(missing)}")
    if missing := unmet(said, f"{source} {' '.join(p.date for p, _, _ in best)}"):
        return Checked(said, False, f"not in the passages: {', '.join(missing)}")
    if missing := [name for name in _names(said) if not is_met(name, around, frozenset(tokens(around)))]:
        return Checked(said, False, f"not in the passages: {', '.join(missing)}")
    if denials(said) > denials(source):
        return Checked(said, False, "the passage does not deny it")
    if denials(source) and not denials(said):
        return Checked(said, False, "the passage denies it")
    if not quoted and _coverage(said, source, weight) < (MIN_COVERAGE_WITH_FACTS if facts(said) else MIN_COVERAGE):
        return Checked(said, False, "no passage says so")
    why = QUOTED if quoted else "put together from several places" if len(best) > 1 else "found"
    return Checked(said, True, why, tuple(Support(p, *s) for p, s, _ in best))


_Place = tuple[Passage, tuple[int, int], str]


def _carrying(said: str, places: Sequence[_Place], weight: Callable[[str], float]) -> list[_Place]:
    """Up to MAX_SENTENCES sentences, each of which adds the most that is still missing: facts first, then words."""
    wanted = {term: weight(term) for term in content_terms(said)}
    lacking = list(facts(said))
    left, chosen = list(places), list[_Place]()
    while left and len(chosen) < MAX_SENTENCES:
        scored = [(_gain(text, wanted, lacking), -at) for at, (_, _, text) in enumerate(left)]
        (facts_gained, words_gained), at = max(scored)
        if not facts_gained and words_gained <= (0 if not chosen else 0.15 * sum(map(weight, content_terms(said)))):
            break
        place = left.pop(-at)
        chosen.append(place)
        stated = facts(place[2])
        lacking = [fact for fact in lacking if not any(fact.stated_by(other) for other in stated)]
        wanted = {term: value for term, value in wanted.items() if term not in set(tokens(place[2]))}
    return sorted(chosen, key=lambda place: (place[0].source, place[1]))


def _gain(text: str, wanted: dict[str, float], lacking: Sequence[Fact]) -> tuple[int, float]:
    stated, held = facts(text), set(tokens(text))
    gained = sum(any(fact.stated_by(other) for other in stated) for fact in lacking)
    return gained, sum(value for term, value in wanted.items() if term in held)


def _coverage(said: str, source: str, weight: Callable[[str], float]) -> float:
    terms, held = content_terms(said), frozenset(tokens(source))
    total = sum(map(weight, terms))
    return sum(weight(term) for term in terms if term in held or is_met(term, source, held)) / total if total else 0.0


def _near(passage: Passage, sentence: tuple[int, int]) -> str:
    """The sentence with its neighbours, in which "he" and "the ministry" have their names."""
    at = passage.sentences.index(sentence)
    around = passage.sentences[max(0, at - 1) : at + 2]
    return passage.characters(around[0][0], around[-1][1])


def _names(said: str) -> list[str]:
    """Capitalised words, the first one too unless it is one that often opens a sentence; figures are `facts`."""
    found = names_and_figures(said)
    opening = re.match(r"\W*([A-Z][\w'’-]+)", said)
    if opening and opening[1] not in found and opening[1].lower() not in _OPENERS:
        found.append(opening[1])
    return [name for name in found if not re.search(r"\d", name) and name.lower() not in NUMBER_WORDS]
