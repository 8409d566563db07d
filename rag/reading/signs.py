"""The signs that a confidence is worked out from, for a span that the reader found and for a sentence found by its words."""

from __future__ import annotations

from collections.abc import Sequence

from rag.corpus.words import LexicalIndex
from rag.reading.evidence import Evidence
from rag.reading.kinds import fits
from rag.text.terms import coverage, tokens

MAX_LEAD = 6.0
"""Logits; a lead over the rivals counts up to here."""


def span_signs(evidence: Evidence, span: str, margin: float, lexical: LexicalIndex) -> dict[str, float]:
    """Signs for a span that the reader found in the evidence's sentence; `answering.leads` adds its lead.

    Left out because they gained nothing on development data beside these, or came out with the wrong sign: the BM25 score, the
    coverage of the sentence's neighbours and of the whole passage, names and figures unmet near the sentence, other years in it,
    negation, how many places say the same, how many words the question has.
    A name of the question that the passage lacks and other files hold ("names_elsewhere") is another name; one that no file holds may
    be another way to write it.
    """
    question, passage = evidence.question, evidence.passage
    asked = question.all_terms - question.kind_terms
    own = tokens(span)
    elsewhere = [name for name in evidence.unmet if all(map(lexical.knows, tokens(name)))]
    return {
        "margin": max(-12.0, min(12.0, margin)),
        "retrieval": passage.score,
        "cosine": passage.dense,
        "coverage": coverage(question.terms, f"{passage.title}\n{evidence.sentence}", lexical.weight),
        "names_elsewhere": float(bool(elsewhere)),
        "names_nowhere": float(len(evidence.unmet) > len(elsewhere)),
        "echo": sum(term in asked for term in own) / len(own) if own else 1.0,
        "contradiction": float(evidence.contradicts),
        "other_nation": float(evidence.other_nation),
        "wrong_kind": float(not fits(question, span)),
        "names_kind": float(not question.kind_terms.isdisjoint(own)),
        "length": min(len(own), 30) / 10,
    }


def sentence_signs(evidence: Evidence, rival_coverage: float, lexical: LexicalIndex) -> dict[str, float]:
    """Signs for a sentence found by its words; `rival_coverage` is the best one among other sentences."""
    question, passage, sentence = evidence.question, evidence.passage, evidence.sentence
    own = coverage(question.terms, sentence, lexical.weight)
    return {
        "retrieval": passage.score,
        "passage_coverage": coverage(question.terms, evidence.context, lexical.weight),
        "sentence_coverage": own,
        "lead": own - rival_coverage,
        "unmet_names": float(min(len(evidence.unmet), 2)),
        "unmet_in_sentence": float(min(len(evidence.unmet_in_sentence), 2)),
        "other_nation": float(evidence.other_nation),
        "other_year": float(evidence.other_years),
        "contradiction": float(evidence.contradicts),
        "wrong_kind": float(not fits(question, sentence)),
    }


def best_rivals(values: Sequence[float]) -> list[float]:
    """For each value, the largest of the others (-inf when it is alone)."""
    ordered = sorted(values, reverse=True)
    if len(ordered) < 2:
        return [float("-inf")] * len(values)
    return [ordered[1] if value == ordered[0] else ordered[0] for value in values]
