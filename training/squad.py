"""How SQuAD's official script compares an answer with a gold one; Chinese goes by characters, as CMRC's does."""

from __future__ import annotations

import re
import string

from rag.blocks import CJK


def f1(given: str, gold: str) -> float:
    """F1 over tokens, 0..1."""
    a, b = _tokens(given), _tokens(gold)
    shared = sum(min(a.count(w), b.count(w)) for w in set(a))
    return 2 * shared / (len(a) + len(b)) if shared else 0.0


def exact(given: str, gold: str) -> bool:
    return _tokens(given) == _tokens(gold)


def _tokens(text: str) -> list[str]:
    """Lower case without ASCII punctuation and articles; each Chinese character a token."""
    plain = "".join(c for c in text.lower() if c not in string.punctuation)
    return [t for t in re.findall(rf"[{CJK}]|[^\s{CJK}]+", plain) if t not in ("a", "an", "the")]
