"""How likely a candidate answer is to be right: a logistic model over a few measured signs, as plain coefficients.

In: a question, a candidate and its passage. Out: a probability, with what each sign contributed.
`training/fit_confidence.py` fits the coefficients (`models/confidence.json`) on XQuAD's development articles 1–12, takes scale and
threshold of the English ones from held-out paragraphs of SQuADShifts too, and reports on articles 13–24; none of the shipped eval
questions take part. The probability is meant for a mix of questions of which two in three can be answered.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rag.answers import Answer, Passage
from rag.corpus.words import LexicalIndex
from rag.models.runtime import MODELS
from rag.questions import abbreviated, content_terms, fits_kind, is_met, kind_terms, names_and_figures
from rag.text.names import nation_words, nations
from rag.text.scripts import is_cjk
from rag.text.terms import coverage, terms_of, tokens
from rag.text.values import ORDINAL, ORDINALS

_YEAR = re.compile(r"(?<!\d)(?:1[0-9]|20)\d\d(?!\d)")
_DECADE = re.compile(r"(?<!\d)(?:1[0-9]|20)\d0['’]?s\b|年代|世纪")
_ORDINAL = re.compile(rf"\b({ORDINAL})\s+([A-Za-z][\w’'-]*)", re.IGNORECASE)
_ZH_ORDINAL = re.compile(r"第(\d+)([届次])")
BANDS = {"strong": 0.8, "fair": 0.5, "weak": 0.0}
"""Words for a confidence, and the least that each stands for."""
_ZH_BANDS = {"strong": "强", "fair": "中", "weak": "弱"}
MAX_LEAD = 6.0
"""Logits; a lead over the rivals counts up to here."""


@dataclass(frozen=True)
class Calibration:
    """Coefficients of one language's model, the probability below which it refuses, and what it was found to be worth."""

    intercept: float
    coefficients: Mapping[str, float]
    threshold: float
    right: Mapping[str, float]
    """For each of BANDS, the share of right answers among those that were given so on documents that were not fitted on."""

    def contributions(self, signs: Mapping[str, float]) -> dict[str, float]:
        """What each sign adds to the log-odds."""
        return {name: weight * signs[name] for name, weight in self.coefficients.items()}

    def probability(self, signs: Mapping[str, float]) -> float:
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, self.intercept + sum(self.contributions(signs).values())))))


@lru_cache(maxsize=1)
def calibrations() -> dict[str, Calibration]:
    """The shipped models: "en" for spans that the reader found, "zh" for sentences found by words, "zh-en" for spans found in English
    text for a Chinese question, put into English by dictionary."""
    raw = json.loads((MODELS / "confidence.json").read_text(encoding="utf-8"))
    return {
        name: Calibration(*(raw[name][key] for key in ("intercept", "coefficients", "threshold", "right")))
        for name in ("en", "zh", "zh-en")
    }


def calibration(question: str, english: str = "") -> Calibration:
    """The model for a question, which was searched for as `english` where that is not empty."""
    return calibrations()["zh-en" if english else "zh" if is_cjk(question) else "en"]


def band(confidence: float) -> str:
    """The word for a confidence: the first of BANDS that it reaches."""
    return next(name for name, least in BANDS.items() if confidence >= least)


def in_words(answer: Answer) -> str:
    """An answer's confidence for a person, in the question's language, with what such a one was found to be worth."""
    name = band(answer.confidence)
    right = calibration(answer.question, answer.trace.english).right[name]
    if is_cjk(answer.question):
        return f"把握 {answer.confidence:.0%}（{_ZH_BANDS[name]}：在其他文档的测试中，这样的答案有 {right:.0%} 是对的）"
    return f"{answer.confidence:.0%} sure ({name}: {right:.0%} of such answers were right in tests on other documents)"


def evidence_of(passage: Passage) -> str:
    """All that a question's names may be met by: the passage with its document's title and date."""
    return f"{passage.title}\n{passage.date}\n{passage.text}"


@lru_cache(maxsize=512)
def unmet_in(question: str, evidence: str) -> tuple[str, ...]:
    """Names and figures of the question that `evidence` does not contain in any written form; the latest are kept."""
    terms = terms_of(evidence)
    short = abbreviated(question, evidence)
    return tuple(name for name in names_and_figures(question) if name not in short and not is_met(name, evidence, terms))


def unmet_names(question: str, passage: Passage) -> tuple[str, ...]:
    """Names and figures of the question that neither the passage nor its title and date contain."""
    return unmet_in(question, evidence_of(passage))


def years(text: str) -> frozenset[str]:
    return frozenset(_YEAR.findall(text))


def other_years(question: str, sentence: str) -> bool:
    """Whether the question names years, and the sentence others but none of those."""
    asked, told = years(question), years(sentence)
    return bool(asked and told) and asked.isdisjoint(told)


def other_nation(question: str, passage: Passage, sentence: str) -> bool:
    """Whether the sentence names a country that the question does not, and lacks one of the question's.

    A title that names that one makes up for it, unless it names one of the sentence's too.
    True for 14 of the 860 SQuADShifts and QED questions that name a country, and the sentence that answers them.
    """
    asked, told, about = nations(question), nations(sentence), nations(passage.title)
    return bool(asked - told - (about if told.isdisjoint(about) else frozenset())) and bool(told - asked)


def contradicts(question: str, passage: Passage, sentence: str) -> bool:
    """Whether the sentence tells of another year, or another "16th Forum", than the question, and its passage not of the one asked for.

    True for 4 in 7,938 of SQuADShifts' questions and the sentence that answers them; decades ("the 1960s") are let be.
    """
    asked, editions = years(question), _numbered(question)
    if not asked and not editions:
        return False
    evidence = evidence_of(passage)
    if asked and not _DECADE.search(question) and asked.isdisjoint(years(evidence)) and years(sentence):
        return True
    known, told = _numbered(evidence), _numbered(sentence)
    return any((what, number) not in known and any(w == what for w, _ in told) for what, number in editions)


def not_about(question: str, passage: Passage, sentence: str) -> tuple[str, ...]:
    """What makes a sentence one about another country, year or edition than the question's, as a person would name it."""
    found: list[str] = []
    if other_nation(question, passage, sentence):
        chinese = [word for word in nation_words(question) if not nations(word) <= nations(sentence)]
        found += chinese or sorted(nations(question) - nations(sentence))
    if contradicts(question, passage, sentence):
        found += sorted(years(question) - years(sentence))
        found += [f"{what} {number}" for what, number in sorted(_numbered(question) - _numbered(evidence_of(passage)))]
    return tuple(found)


def _numbered(text: str) -> frozenset[tuple[str, str]]:
    """("forum", "16") for "the 16th Forum" and "the sixteenth forum", ("届", "16") for 第16届."""
    found = {(what.lower(), _ordinal(number)) for number, what in _ORDINAL.findall(text)}
    return frozenset(found | {(what, number) for number, what in _ZH_ORDINAL.findall(text)})


def _ordinal(word: str) -> str:
    return re.sub(r"\D", "", word) or str(ORDINALS.index(word.lower()) + 1)


def span_signs(
    question: str, passage: Passage, span: str, sentence: str, margin: float, lexical: LexicalIndex
) -> dict[str, float]:
    """Signs for a span that the reader found in `sentence`; `answering.leads` adds its lead.

    Left out because they gained nothing on development data beside these, or came out with the wrong sign: the BM25 score, the
    coverage of the sentence's neighbours and of the whole passage, names and figures unmet near the sentence, other years in it,
    negation, how many places say the same, how many words the question has.
    A name of the question that the passage lacks and other files hold ("names_elsewhere") is another name; one that no file holds may
    be another way to write it.
    """
    kind = kind_terms(question)
    asked = terms_of(question) - kind
    own = tokens(span)
    unmet = unmet_names(question, passage)
    elsewhere = [name for name in unmet if all(map(lexical.knows, tokens(name)))]
    return {
        "margin": max(-12.0, min(12.0, margin)),
        "retrieval": passage.score,
        "cosine": passage.dense,
        "coverage": coverage(content_terms(question), f"{passage.title}\n{sentence}", lexical.weight),
        "names_elsewhere": float(bool(elsewhere)),
        "names_nowhere": float(len(unmet) > len(elsewhere)),
        "echo": sum(term in asked for term in own) / len(own) if own else 1.0,
        "contradiction": float(contradicts(question, passage, sentence)),
        "other_nation": float(other_nation(question, passage, sentence)),
        "wrong_kind": float(not fits_kind(question, span)),
        "names_kind": float(not kind.isdisjoint(own)),
        "length": min(len(own), 30) / 10,
    }


def sentence_signs(
    question: str, passage: Passage, sentence: str, rival_coverage: float, lexical: LexicalIndex
) -> dict[str, float]:
    """Signs for a sentence found by its words; `rival_coverage` is the best one among other sentences."""
    own = coverage(content_terms(question), sentence, lexical.weight)
    return {
        "retrieval": passage.score,
        "passage_coverage": coverage(content_terms(question), evidence_of(passage), lexical.weight),
        "sentence_coverage": own,
        "lead": own - rival_coverage,
        "unmet_names": float(min(len(unmet_names(question, passage)), 2)),
        "unmet_in_sentence": float(min(len(unmet_in(question, sentence)), 2)),
        "other_nation": float(other_nation(question, passage, sentence)),
        "other_year": float(other_years(question, sentence)),
        "contradiction": float(contradicts(question, passage, sentence)),
        "wrong_kind": float(not fits_kind(question, sentence)),
    }


def best_rivals(values: Sequence[float]) -> list[float]:
    """For each value, the largest of the others (-inf when it is alone)."""
    ordered = sorted(values, reverse=True)
    if len(ordered) < 2:
        return [float("-inf")] * len(values)
    return [ordered[1] if value == ordered[0] else ordered[0] for value in values]
