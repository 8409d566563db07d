"""What a candidate's sentence, its passage and its file say about the question's names, figures, years and countries.

In: a `Question`, a passage and a sentence of it. Out: `Evidence`. What it is worth is left to `confidence`, how it is told to `gaps`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache

from rag.answers import Passage
from rag.questions import Question
from rag.text.names import nations
from rag.text.numerals import CARDINALS, ORDINALS
from rag.text.scripts import CJK, is_cjk
from rag.text.terms import terms_of, tokens
from rag.text.values import MONTHS, editions, figures, values, years

_WRITTEN_FORMS: dict[str, frozenset[str]] = {}
for _forms in [
    *([m[:3], *tokens(m)] for m in MONTHS),
    ["sept", *tokens("september")],
    *([str(value), *tokens(word)] for value, word in enumerate(CARDINALS, start=1)),
    *([str(value), *tokens(word)] for value, word in enumerate(ORDINALS, start=1)),
]:
    for _form in _forms:
        _WRITTEN_FORMS[_form] = _WRITTEN_FORMS.get(_form, frozenset()) | frozenset(_forms)


@dataclass(frozen=True, eq=False)
class Evidence:
    """`place` is where the file's sentence stands that is quoted; all else is worked out when it is asked for."""

    question: Question
    passage: Passage
    place: tuple[int, int]

    @cached_property
    def sentence(self) -> str:
        return self.passage.characters(*self.place)

    @property
    def heading(self) -> str:
        """The nearest heading within the passage that stands before the sentence; "" where none does."""
        before = [span for span in self.passage.unanswering if span[1] <= self.place[0]]
        return self.passage.characters(*max(before)) if before else ""

    @property
    def context(self) -> str:
        """What stands above the passage, and the passage itself."""
        return context_of(self.passage)

    @cached_property
    def foreign(self) -> bool:
        """Whether the passage is in another script than the question, so that words cannot agree."""
        return self.question.chinese != is_cjk(self.passage.text)

    @cached_property
    def unmet(self) -> tuple[str, ...]:
        """Names and figures of the question that neither the passage nor what stands above it contain."""
        return self._unmet(self.context)

    @cached_property
    def unmet_in_sentence(self) -> tuple[str, ...]:
        """Those that neither the sentence nor its heading nor what stands above the passage contain."""
        return self._unmet(f"{above(self.passage)}\n{self.heading}\n{self.sentence}")

    @property
    def unmet_codes(self) -> tuple[str, ...]:
        """Identifiers of the question that stand neither in the sentence nor above the passage."""
        codes = {value.text for value in values(self.question.text) if value.kind == "identifier"}
        return tuple(name for name in self.unmet_in_sentence if name in codes)

    def _unmet(self, evidence: str) -> tuple[str, ...]:
        """In a passage of another script a name is met only as a country or a figure; others are let be."""
        found = unmet_in(self.question, evidence)
        return tuple(name for name in found if nations(name) or figures(name)) if self.foreign else found

    @cached_property
    def other_nation(self) -> bool:
        """Whether the sentence names a country that the question does not, and lacks one of the question's.

        A title that names that one makes up for it, unless it names one of the sentence's too.
        True for 14 of the 860 SQuADShifts and QED questions that name a country, and the sentence that answers them.
        """
        asked, told, about = self.question.nations, nations(self.sentence), nations(self.passage.title)
        return bool(asked - told - (about if told.isdisjoint(about) else frozenset())) and bool(told - asked)

    @cached_property
    def contradicts(self) -> bool:
        """Whether the sentence tells of another year or edition than the question, and its passage not of the one asked for.

        True for 4 in 7,938 of SQuADShifts' questions and the sentence that answers them; decades ("the 1960s") are let be.
        """
        question = self.question
        if not question.years and not question.editions:
            return False
        if question.years and not question.decades and question.years.isdisjoint(years(self.context)) and years(self.sentence):
            return True
        known, told = editions(self.context), editions(self.sentence)
        return any((what, number) not in known and any(w == what for w, _ in told) for what, number in question.editions)

    @property
    def not_about(self) -> tuple[str, ...]:
        """What makes the sentence one about another country, year or edition than the question's, as a person would name it."""
        found: list[str] = []
        if self.other_nation:
            told = nations(self.sentence)
            found += [word for word in self.question.nation_words if not nations(word) <= told] or sorted(
                self.question.nations - told
            )
        if self.contradicts:
            found += sorted(self.question.years - years(self.sentence))
            found += [f"{what} {number}" for what, number in sorted(self.question.editions - editions(self.context))]
        return tuple(found)


def above(passage: Passage) -> str:
    """What stands above a passage: its document's title and date, and its context."""
    return f"{passage.title}\n{passage.date}\n{passage.context}"


def context_of(passage: Passage) -> str:
    """A passage with what stands above it."""
    return f"{above(passage)}\n{passage.text}"


@lru_cache(maxsize=512)
def unmet_in(question: Question, evidence: str) -> tuple[str, ...]:
    """Names and figures of the question that `evidence` does not contain in any written form; the latest are kept."""
    terms, short = terms_of(evidence), abbreviated(question, evidence)
    return tuple(name for name in question.names if name not in short and not is_met(name, evidence, terms))


def is_met(name: str, evidence: str, evidence_terms: frozenset[str]) -> bool:
    """Whether a name or figure of the question occurs in the evidence: inflected, as an acronym, in words or in digits."""
    wanted = [term for term in tokens(re.sub(r"(?<=\d)(?:st|nd|rd|th)$", "", name)) if len(term) > 1 or term.isdigit()]
    if (nation := nations(name)) and nation <= nations(evidence):
        return True
    if name[0] > "\u2e80":
        return name in evidence
    if stated := figures(name):
        if stated <= figures(evidence):
            return True
        if not name.isdigit() and values(name)[0].kind == "identifier":
            return bool(re.search(rf"(?<![^\W_{CJK}]){re.escape(name)}(?![^\W_{CJK}])", evidence, re.IGNORECASE))
    return all(term_met(term, evidence_terms) for term in wanted) or _acronym_met(name, evidence)


def term_met(term: str, evidence_terms: frozenset[str]) -> bool:
    """Whether an index term is among those of the evidence, or a form of one is."""
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


def abbreviated(question: Question, evidence: str) -> frozenset[str]:
    """The words of the question's names that the evidence writes by their initials: "United States" as "U.S."."""
    found: set[str] = set()
    for words in question.long_names:
        initials = r"\.?".join(re.escape(word[0]) for word in words)
        if re.search(rf"(?<!\w){initials}(?!\w)", evidence):
            found.update(words)
    return frozenset(found)
