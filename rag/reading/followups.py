"""A question that leans on the one before it → ways to ask it on its own. Pure; English and Chinese."""

from __future__ import annotations

import re

from rag.questions import Question
from rag.text.scripts import CJK

_FOLLOW_UP = re.compile(
    r"^\W*(?:and|but|or|also|what about|how about|what of|in (?!which|what|whose|how)\w+\s*\??$|那|那么|还有|以及|呢)"
    r"|\b(?:he|she|it|they|him|her|them|his|its|their|that|those|this|there)\b|[他她它]们?|这|其",
    re.IGNORECASE,
)
_PRONOUN = re.compile(r"\b(?:he|she|it|they|him|them|that|this)\b|[他她它]们?", re.IGNORECASE)


def leans_on_history(question: Question) -> bool:
    """Whether the question looks incomplete without the one before it: "and in yen?", "when did he say that?"."""
    return bool(_FOLLOW_UP.search(question.text)) or len(question.terms) < 2


def complete(question: Question, previous: str, answer: str = "") -> list[str]:
    """Ways to ask a follow-up on its own: joined to the question before it, and with the last answer for its pronoun."""
    stem = previous.strip().rstrip("?？。. ")
    rest = question.text
    chinese = bool(re.search(f"[{CJK}]", rest))
    ways = [f"{stem}，{rest}" if chinese else f"{stem}, {rest[0].lower() + rest[1:] if rest[1:2].islower() else rest}"]
    if answer and len(answer) <= 80 and _PRONOUN.search(rest):
        ways.append(_PRONOUN.sub(lambda _: answer, rest, count=1))
    return ways
