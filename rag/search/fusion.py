"""Two measures of the same passages → one score. Pure functions of plain data.

Each measure has a scale of its own that does not depend on the other passages, so that the same passage gets the same score in a folder of
two files and of two thousand; a convex combination joins them (Bruch, Gai and Ingber, ACM TOIS 2023, arXiv 2210.11934).
"""

from __future__ import annotations

from collections.abc import Mapping

LIKE_ANSWER = 0.6
"""The cosine that counts as the highest. Less their languages' means, a question and a text that have nothing to do with each other lie at 0,
99 in 100 of them below .28, and half of those that belong together above .49 (in one language) or .35 (in two)."""


def near(cosine: float) -> float:
    """A cosine as 0..1."""
    return min(1.0, max(0.0, cosine / LIKE_ANSWER))


def fuse(dense: Mapping[str, float], lexical: Mapping[str, float], most: float, dense_weight: float) -> dict[str, float]:
    """Score 0..1 of each key of `dense`, from its cosine and its BM25.

    `most` is the BM25 of a passage that holds every word of the question as often as counts; `dense_weight` the share of the cosine, 0..1.
    """
    words = {key: min(1.0, score / most) if most > 0 else 0.0 for key, score in lexical.items()}
    return {key: dense_weight * near(cosine) + (1 - dense_weight) * words.get(key, 0.0) for key, cosine in dense.items()}
