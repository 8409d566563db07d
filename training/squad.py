"""How SQuAD compares an answer with a gold one."""

from __future__ import annotations

from rag.questions import normalise


def f1(given: str, gold: str) -> float:
    """Token F1 after normalisation, 0..1."""
    a, b = normalise(given).split(), normalise(gold).split()
    shared = sum(min(a.count(w), b.count(w)) for w in set(a))
    return 2 * shared / (len(a) + len(b)) if shared else 0.0
