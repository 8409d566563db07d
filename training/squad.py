"""How SQuAD compares an answer with a gold one; Chinese by characters, as CMRC does."""

from __future__ import annotations

import re

from rag.blocks import CJK
from rag.questions import normalise


def f1(given: str, gold: str) -> float:
    """F1 over tokens after normalisation, 0..1."""
    a, b = _units(given), _units(gold)
    shared = sum(min(a.count(w), b.count(w)) for w in set(a))
    return 2 * shared / (len(a) + len(b)) if shared else 0.0


def _units(text: str) -> list[str]:
    return re.findall(rf"[{CJK}]|[^\s{CJK}]+", normalise(text))
