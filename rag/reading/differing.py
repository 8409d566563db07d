"""Whether files that answer the same question give different values, and which.

In: the candidates of a question, each with its signs. Out: groups of candidates, one a value, the newest first. Each file is weighed as
if it were the only one, so that a file that contradicts another takes nothing from its confidence. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from rag.answers import Passage
from rag.questions import Question
from rag.reading.answering import Candidate, leads, weighed
from rag.reading.confidence import Calibration
from rag.reading.evidence import Evidence, above, term_met
from rag.text.scripts import is_cjk
from rag.text.terms import normalise, terms_of, tokens
from rag.text.values import compatible, values

MAX_FILES = 16
"""Files that are read for a value of their own."""
PARALLEL = 0.3
"""Confidence that a value needs beside another one."""
APART = 0.7
"""Confidence that a value needs which is told in other words than the surest one."""
SAME_FRAME = 0.7
"""Cosine of two sentences without their values, above which they say the same of something."""
LACKING = 0.2
"""Share of the question that the place of a value in other words may lack of what the surest one's speaks of."""
_DIALLED = re.compile(r"[\d\s()+./–—-]+")
_DIALLED_DIGITS = 6
NEAR = 0.6
"""They are read as far as their best passage scores this share of the answer's."""


def comparable(short: str) -> bool:
    """Whether an answer is a value or a name, of which two can be told to differ; a longer wording may say the same otherwise."""
    return bool(short) and (bool(values(short)) or len(tokens(short)) <= 6)


def elsewhere(near: Sequence[Passage], known: Collection[str], best: Candidate) -> list[Passage]:
    """The first passage of each file that is not `known`, as far as it is nearly as near to the question as the best answer's."""
    first: dict[str, Passage] = {}
    for passage in near:
        if passage.source not in known and passage.score >= NEAR * best.passage.score:
            first.setdefault(passage.source, passage)
    return list(first.values())[: MAX_FILES - len(known)]


def by_file(candidates: Sequence[Candidate], model: Calibration) -> list[Candidate]:
    """The best candidate of each file, weighed as if there were no other file; most probable first."""
    files: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        files.setdefault(candidate.passage.source, []).append(candidate)
    best = []
    for own in files.values():
        alone = [replace(c, signs={**c.signs, "lead": lead}) for c, lead in zip(own, leads(own))]
        best.append(weighed(alone, model)[0])
    return weighed(best, model)


@dataclass(frozen=True)
class Comparing:
    """Compares what files say in answer to `question`."""

    question: Question
    threshold: float
    """Confidence that the surest value needs."""
    weight: Callable[[str], float]
    """Of an index term, by how few passages hold it."""
    alike: Callable[[Sequence[str], str], Sequence[float]]
    """How alike in meaning each of several sentences is to one, as cosines."""

    def groups(self, found: Sequence[Candidate]) -> list[list[Candidate]]:
        """What answers the question, by what it says: each group the newest file first, the groups by their newest file, then by how many.

        `found` is the best of each file, most probable first, of which the first needs the threshold. What says something else than it
        counts where it says so in the same words of the same thing, or is sure enough in other words.
        """
        found = [c for c in found if comparable(c.text)]
        if not found or found[0].confidence < self.threshold:
            return []
        best = found[0]
        kin = [c for c in found[1:] if c.confidence >= PARALLEL and same_kind(best.text, c.text)]
        alike = self.alike([_frame(c) for c in kin], _frame(best)) if kin else []
        kept = [c for c, cosine in zip(kin, alike) if agree(best.text, c.text) or self._is_about_it(best, c, cosine)]
        made: list[list[Candidate]] = []
        for candidate in sorted([best, *kept], key=lambda c: -len(c.text)):
            home = next((group for group in made if all(agree(candidate.text, other.text) for other in group)), None)
            if home is None:
                made.append([candidate])
            else:
                home.append(candidate)
        made = [sorted(group, key=_age) for group in made]
        return sorted(made, key=lambda group: (_age(group[0])[0], -len(group), _age(group[0])))

    def _is_about_it(self, best: Candidate, other: Candidate, cosine: float) -> bool:
        lacking = self._lacking(best, other)
        if cosine >= SAME_FRAME:
            return not lacking
        return other.confidence >= APART and lacking <= LACKING

    def _lacking(self, best: Candidate, other: Candidate) -> float:
        """The share of the question that the best answer's place speaks of and the other's does not, by the weight of its terms."""
        terms = self.question.terms
        own, others = (self._met(each) for each in (best, other))
        whole = sum(map(self.weight, terms))
        return sum(self.weight(term) for term in own - others) / whole if whole else 0.0

    def _met(self, candidate: Candidate) -> set[str]:
        evidence = Evidence(self.question, candidate.passage, candidate.sentence)
        told = f"{above(candidate.passage)}\n{candidate.passage.source}\n{evidence.heading}\n{evidence.sentence}"
        return {term for term in self.question.terms if term_met(term, terms_of(told))}


def _frame(candidate: Candidate) -> str:
    """The sentence without the answer in it."""
    start, end = candidate.sentence
    return candidate.passage.characters(start, candidate.start) + candidate.passage.characters(candidate.end, end)


def _age(candidate: Candidate) -> tuple[tuple[int, ...], float, str]:
    """Sorts the newest first, what tells no date last."""
    date = [int(figure) for figure in candidate.passage.date.split("-") if figure]
    return tuple(-figure for figure in (*date, *(0,) * (3 - len(date)))), -candidate.confidence, candidate.passage.source


def same_kind(one: str, other: str) -> bool:
    """Whether two answers are values of one kind, or both none, in one script: else the one is no other answer to the same question."""
    kinds = [{value.kind for value in values(text)} for text in (one, other)]
    if kinds[0] or kinds[1]:
        return bool(kinds[0] & kinds[1]) or ("number" in kinds[0] | kinds[1] and all(kinds))
    return is_cjk(one) == is_cjk(other)


def agree(one: str, other: str) -> bool:
    """Whether two answers can both be right: values that are compatible, or words of which the one holds the other's."""
    dialled = [re.sub(r"\D", "", text) if _DIALLED.fullmatch(text.strip()) else "" for text in (one, other)]
    if min(map(len, dialled)) >= _DIALLED_DIGITS:
        return dialled[0] == dialled[1]
    stated = values(one), values(other)
    if all(stated):
        return any(compatible(a, b) for a in stated[0] for b in stated[1])
    words = [set(normalise(text).split()) for text in (one, other)]
    plain = [re.sub(r"\W", "", text.lower()) for text in (one, other)]
    return words[0] <= words[1] or words[1] <= words[0] or plain[0] in plain[1] or plain[1] in plain[0]
