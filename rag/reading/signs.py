"""The signs that a confidence is worked out from, for a span that the reader found."""

from __future__ import annotations

from collections.abc import Sequence

from rag.corpus.words import LexicalIndex
from rag.reading.evidence import Evidence, above
from rag.reading.kinds import fits
from rag.search.fusion import near
from rag.text.terms import coverage, denials, tokens

MAX_LEAD = 6.0
"""Logits; a lead over the rivals counts up to here."""


def span_signs(evidence: Evidence, span: str, margin: float, lexical: LexicalIndex) -> dict[str, float]:
    """Signs for a span that the reader found in the evidence's sentence; `answering.leads` adds its lead.

    None depends on how many passages there are. A name of the question that the passage lacks and other files hold ("names_elsewhere") is
    another name; one that no file holds may be another way to write it. Words are held against the passage only where they can agree:
    in one script.
    """
    question, passage = evidence.question, evidence.passage
    asked = question.all_terms - question.kind_terms
    own = tokens(span)
    unmet, in_sentence = evidence.unmet, evidence.unmet_in_sentence
    elsewhere = [name for name in unmet if all(map(lexical.knows, tokens(name)))]
    covered = coverage(question.terms, f"{above(passage)}\n{evidence.sentence}", lexical.weight)
    return {
        "margin": max(-12.0, min(12.0, margin)),
        "retrieval": passage.score,
        "cosine": near(passage.dense),
        "coverage": 0.0 if evidence.foreign else covered,
        "foreign": float(evidence.foreign),
        "names_elsewhere": float(bool(elsewhere)),
        "names_nowhere": float(len(unmet) > len(elsewhere)),
        "names_not_in_sentence": float(len(in_sentence) > len(unmet)),
        "other_code": float(bool(evidence.unmet_codes)),
        "denial": float(denials(evidence.sentence) % 2 != denials(question.text) % 2),
        "echo": sum(term in asked for term in own) / len(own) if own else 1.0,
        "contradiction": float(evidence.contradicts),
        "other_nation": float(evidence.other_nation),
        "other_year": float(evidence.other_years),
        "wrong_kind": float(not fits(question, span)),
        "length": min(len(own), 30) / 10,
    }


def best_rivals(values: Sequence[float]) -> list[float]:
    """For each value, the largest of the others (-inf when it is alone)."""
    ordered = sorted(values, reverse=True)
    if len(ordered) < 2:
        return [float("-inf")] * len(values)
    return [ordered[1] if value == ordered[0] else ordered[0] for value in values]
