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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rag.answers import Passage
from rag.lexical import LexicalIndex, tokens
from rag.nations import nations
from rag.onnx import MODELS
from rag.questions import ORDINALS, abbreviated, content_terms, fits_kind, is_met, kind_terms, names_and_figures

_YEAR = re.compile(r"(?<!\d)(?:1[0-9]|20)\d\d(?!\d)")
_DECADE = re.compile(r"(?<!\d)(?:1[0-9]|20)\d0['’]?s\b|年代|世纪")
_ORDINAL = re.compile(rf"\b(\d+(?:st|nd|rd|th)|{'|'.join(ORDINALS)})\s+([A-Za-z][\w’'-]*)", re.IGNORECASE)
_ZH_ORDINAL = re.compile(r"第(\d+)([届次])")
Weight = Callable[[str], float]
MAX_LEAD = 6.0
"""Logits; a lead over the rivals counts up to here."""


@dataclass(frozen=True)
class Calibration:
    """Coefficients of one language's model, and the probability below which it refuses."""

    intercept: float
    coefficients: Mapping[str, float]
    threshold: float

    def contributions(self, signs: Mapping[str, float]) -> dict[str, float]:
        """What each sign adds to the log-odds."""
        return {name: weight * signs[name] for name, weight in self.coefficients.items()}

    def probability(self, signs: Mapping[str, float]) -> float:
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, self.intercept + sum(self.contributions(signs).values())))))


@lru_cache(maxsize=1)
def calibrations() -> dict[str, Calibration]:
    """The shipped models: "en" for spans that the reader found, "zh" for sentences found by words."""
    raw = json.loads((MODELS / "confidence.json").read_text(encoding="utf-8"))
    return {name: Calibration(raw[name]["intercept"], raw[name]["coefficients"], raw[name]["threshold"]) for name in ("en", "zh")}


def evidence_of(passage: Passage) -> str:
    """All that a question's names may be met by: the passage with its document's title and date."""
    return f"{passage.title}\n{passage.date}\n{passage.text}"


def coverage(question: str, text: str, weight: Weight) -> float:
    """Share of the question's weight (inverse document frequency of its terms) that occurs in `text`, 0..1."""
    terms = content_terms(question)
    total = sum(weight(term) for term in terms)
    if not total:
        return 0.0
    present = terms_of(text)
    return sum(weight(term) for term in terms if term in present) / total


@lru_cache(maxsize=512)
def terms_of(text: str) -> frozenset[str]:
    """Its index terms; the latest are kept, since every span of a passage asks for the same ones."""
    return frozenset(tokens(text))


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


def names_others(kind: Callable[[str], frozenset[str]], question: str, evidence: str) -> bool:
    """Whether the question names some of a kind, and the evidence others of it but none of those."""
    asked, told = kind(question), kind(evidence)
    return bool(asked and told) and asked.isdisjoint(told)


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
    coverage of the sentence's neighbours and of the whole passage, names, figures and countries unmet near the sentence, other
    countries or years in it, negation, how many places say the same, how many words the question has. How many of them no file holds
    comes out in favour of an answer, because the questions of the development data are of one kind and their swapped names all known.
    """
    kind = kind_terms(question)
    asked = terms_of(question) - kind
    own = tokens(span)
    return {
        "margin": max(-12.0, min(12.0, margin)),
        "retrieval": passage.score,
        "cosine": passage.dense,
        "coverage": coverage(question, f"{passage.title}\n{sentence}", lexical.weight),
        "unmet_names": float(min(len(unmet_names(question, passage)), 2)),
        "echo": sum(term in asked for term in own) / len(own) if own else 1.0,
        "contradiction": float(contradicts(question, passage, sentence)),
        "wrong_kind": float(not fits_kind(question, span)),
        "names_kind": float(not kind.isdisjoint(own)),
        "length": min(len(own), 30) / 10,
    }


def sentence_signs(
    question: str, passage: Passage, sentence: str, rival_coverage: float, lexical: LexicalIndex
) -> dict[str, float]:
    """Signs for a sentence found by its words; `rival_coverage` is the best one among other sentences."""
    own = coverage(question, sentence, lexical.weight)
    return {
        "retrieval": passage.score,
        "passage_coverage": coverage(question, evidence_of(passage), lexical.weight),
        "sentence_coverage": own,
        "lead": own - rival_coverage,
        "unmet_names": float(min(len(unmet_names(question, passage)), 2)),
        "unmet_in_sentence": float(min(len(unmet_in(question, sentence)), 2)),
        "other_nation": float(names_others(nations, question, sentence)),
        "other_year": float(names_others(years, question, sentence)),
        "contradiction": float(contradicts(question, passage, sentence)),
        "wrong_kind": float(not fits_kind(question, sentence)),
    }


def best_rivals(values: Sequence[float]) -> list[float]:
    """For each value, the largest of the others (-inf when it is alone)."""
    ordered = sorted(values, reverse=True)
    if len(ordered) < 2:
        return [float("-inf")] * len(values)
    return [ordered[1] if value == ordered[0] else ordered[0] for value in values]
