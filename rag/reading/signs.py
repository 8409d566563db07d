"""The signs that a confidence is worked out from, for a span that the reader found."""

from __future__ import annotations

from collections.abc import Sequence

from rag.corpus.words import LexicalIndex
from rag.reading.evidence import Evidence
from rag.text.terms import tokens

MAX_LEAD = 6.0
"""Logits; a lead over the rivals counts up to here."""

MAX_RETRIEVAL = 0.7
"""A passage that matches better holds the answer no more often: on held-out folders the area under the risk-coverage curve is .263, without
this bound .278."""


def span_signs(evidence: Evidence, margin: float, lexical: LexicalIndex) -> dict[str, float]:
    """Signs for a span that the reader found in the evidence's sentence; `answering` adds its lead and what it gains in its sentence alone.

    None depends on how many passages there are. A name of the question that the passage lacks and other files hold ("names_elsewhere") is
    another name; one that no file holds may be another way to write it. "foreign" makes up for the words that cannot agree across scripts.
    """
    unmet = evidence.unmet
    elsewhere = [name for name in unmet if all(map(lexical.knows, tokens(name)))]
    return {
        "margin": max(-12.0, min(12.0, margin)),
        "retrieval": min(MAX_RETRIEVAL, evidence.passage.score),
        "foreign": float(evidence.foreign),
        "names_elsewhere": float(bool(elsewhere)),
        "names_nowhere": float(len(unmet) > len(elsewhere)),
        "other_code": float(bool(evidence.unmet_codes)),
        "contradiction": float(evidence.contradicts),
        "other_nation": float(evidence.other_nation),
    }


def best_rivals(values: Sequence[float]) -> list[float]:
    """For each value, the largest of the others (-inf when it is alone)."""
    ordered = sorted(values, reverse=True)
    if len(ordered) < 2:
        return [float("-inf")] * len(values)
    return [ordered[1] if value == ordered[0] else ordered[0] for value in values]
