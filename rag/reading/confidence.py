"""How likely a candidate answer is to be right: a logistic model over a few measured signs, as plain coefficients.

In: a question, a candidate and its passage. Out: a probability, with what each sign contributed.
`training/fit_confidence.py` fits the coefficients (`models/files/confidence.json`) on half of the documents of folders made of XQuAD's
development articles, tables and the paragraphs that the reader's training holds out, and reports on the other half; none of the shipped eval
questions take part. The probability is meant for a mix of questions of which two in three can be answered.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from rag.models.runtime import MODELS

BANDS = {"strong": 0.8, "fair": 0.65, "weak": 0.0}
"""Words for a confidence, and the least that each stands for."""


@dataclass(frozen=True)
class Calibration:
    """Coefficients of the model, the probability below which it refuses, and what it was found to be worth."""

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

    def worth(self, confidence: float) -> tuple[str, float]:
        """The band of a confidence, and its share of right answers."""
        return band(confidence), self.right[band(confidence)]


@lru_cache(maxsize=1)
def calibration() -> Calibration:
    """The shipped model, for questions and text of every language."""
    raw = json.loads((MODELS / "confidence.json").read_text(encoding="utf-8"))
    return Calibration(*(raw[key] for key in ("intercept", "coefficients", "threshold", "right")))


def band(confidence: float) -> str:
    """The word for a confidence: the first of BANDS that it reaches."""
    return next(name for name, least in BANDS.items() if confidence >= least)
