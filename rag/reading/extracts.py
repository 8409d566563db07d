"""The sentences that carry a text, chosen and never rewritten.

In: sentences, as text. Out: the numbers of a few of them, in the text's order. LexRank (Erkan and Radev, 2004): a sentence counts as much as
those that are like it count, by the cosine of TF-IDF vectors; of those that count most, one that says what is chosen already is passed over
(maximal marginal relevance, Carbonell and Goldstein, 1998). Pure; time grows with the square of MOST_SENTENCES at the most.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from rag.models.runtime import FloatArray
from rag.text.scripts import STOP_WORDS
from rag.text.terms import tokens

MOST_SENTENCES = 600
"""Of a text, its first ones; 600 take a fifth of a second."""
_DAMPING = 0.85
_NOVELTY = 0.3
"""How much likeness to a chosen sentence counts against one, next to what the sentence itself counts."""
_ROUNDS, _SETTLED = 100, 1e-6
_STOP = frozenset(term for word in STOP_WORDS for term in tokens(word))


def carrying(sentences: Sequence[str], most: int) -> list[int]:
    """The numbers of up to `most` of the first MOST_SENTENCES `sentences`, in order."""
    if not sentences:
        return []
    vectors = _vectors(sentences[:MOST_SENTENCES])
    alike = vectors @ vectors.T
    weight = _ranks(alike)
    weight = weight / weight.max()
    chosen: list[int] = []
    while len(chosen) < min(most, len(weight)):
        said = alike[:, chosen].max(axis=1) if chosen else np.zeros(len(weight), dtype=np.float32)
        worth = (1 - _NOVELTY) * weight - _NOVELTY * said
        worth[chosen] = -np.inf
        chosen.append(int(worth.argmax()))
    return sorted(chosen)


def _vectors(sentences: Sequence[str]) -> FloatArray:
    """TF-IDF at unit length, the document frequency counted among the sentences."""
    counts = [Counter(term for term in tokens(sentence) if term not in _STOP) for sentence in sentences]
    held = Counter(term for count in counts for term in count)
    columns = {term: at for at, term in enumerate(sorted(held))}
    vectors = np.zeros((len(sentences), len(columns)), dtype=np.float32)
    for row, count in enumerate(counts):
        for term, often in count.items():
            vectors[row, columns[term]] = often * np.log1p(len(sentences) / held[term])
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12), dtype=np.float32)


def _ranks(alike: FloatArray) -> FloatArray:
    """The stationary distribution of a walk that goes from a sentence to one like it, or anywhere."""
    size = len(alike)
    others = alike * (1 - np.eye(size, dtype=np.float32))
    steps = others / np.maximum(others.sum(axis=1, keepdims=True), 1e-12)
    rank = np.full(size, 1 / size, dtype=np.float32)
    for _ in range(_ROUNDS):
        following = np.asarray((1 - _DAMPING) / size + _DAMPING * (rank @ steps), dtype=np.float32)
        if np.abs(following - rank).sum() < _SETTLED:
            break
        rank = following
    return rank
