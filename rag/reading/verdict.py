"""Whether a sentence says yes or no to a question that asks whether; neither where that cannot be told from its words.

In: a question and the sentence that answers it, with what stands above. Out: "yes", "no" or "". By its words (`by_words`) the sentence must speak of
everything that the question says: its words, and values of the kinds that it names. Then the two are held against each other by what they deny and
by their values, bounds included. Otherwise the reader's own verdict counts (`as_read`). Pure; English and Chinese.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.models.reader import Reading
from rag.questions import Question, content_terms
from rag.reading.evidence import Evidence, above, term_met, unmet_in
from rag.text.numerals import numerals
from rag.text.terms import denials, terms_of
from rag.text.values import Value, has_loose_bound, holds, values

SURE = 0.97
"""Probability from which on a verdict of the reader's is told. Of 293 questions on folders that it was not trained on, 48 % are told then, 96 % of these
rightly; from .9 on 56 % and 94 %."""
COVERED = 1.0
"""Share of the question's words that the sentence must hold, in English; in Chinese, where terms are pairs of characters, `COVERED_ZH`."""
COVERED_ZH = 0.75
_ASKED = {
    "number": "how many", "money": "how much", "share": "how many", "quantity": "how many", "duration": "how many", "date": "when",
    "time": "when",
}  # fmt: skip
"""Kinds of values, and how each is asked for."""
_EXCEPTS = re.compile(
    r"\b(?:only|except|unless|excluding|other than|apart from|provided|if|until|whether|may not|might|perhaps|possibly|hardly|barely|no longer)\b"
    r"|除|仅|只|以外|才|如果|如|若|要是|或许|可能|不一定|凡",
    re.IGNORECASE,
)
_ORDERS = re.compile(
    r"\b(?:than|before|after|since|until|till|by|earlier|later)\b|之前|以前|之后|以后|[前后](?![台门面])|[比早晚]", re.IGNORECASE
)
"""What makes a figure of a question a bound, which its grammar of values does not read."""
_CLAUSE = re.compile(r"[;；。,，]\s*|\s+(?:but|while|whereas|and)\s+|但是?|而(?!且)", re.IGNORECASE)


def opened(question: Question) -> str:
    """The question with the figure that it asks about asked for in its place: "is it how many metres high?"; "" where it has none."""
    text, value = question.text, _asked_about(question)
    if value is None:
        return ""
    number = next(iter(numerals(value.text)), None)
    if question.chinese:
        whole = value.kind in ("date", "time") or number is None
        asked = "什么时候" if whole else f"多少{value.text[number.end :]}" if number else ""
        return re.sub(r"(?:对吗|是吗|吗)?[?？]*$", "", text[: value.start] + asked + text[value.end :]) + "？"
    asked = _ASKED[value.kind]
    if value.kind in ("quantity", "duration", "number", "share") and number:
        asked = f"how many{value.text[number.end :]}"
    before = re.sub(r"\b(?:in|on)\s+$", "", text[: value.start]) if value.kind == "date" else text[: value.start]
    return before + asked + text[value.end :]


def _asked_about(question: Question) -> Value | None:
    """The one figure of a question that asks whether; in Chinese, where the predicate ends it, the last one."""
    stated = [value for value in values(question.text) if value.kind in _ASKED]
    if not question.asks_whether or not stated or (len(stated) > 1 and not question.chinese):
        return None
    return stated[-1]


def by_value(question: Question, evidence: Evidence, start: int, end: int) -> str:
    """Yes or no by the value at `start`:`end` that answers the question as `opened` asks it; "" where that cannot be told.

    That is where the clause denies or excepts something, or bounds the value in other words, where the sentence states several values of its
    kind, or does not speak of all that the question says beside its figure; and where the question compares or orders.
    """
    asked, passage, sentence = _asked_about(question), evidence.passage, evidence.place
    cuts = [sentence[0] + match.end() for match in _CLAUSE.finditer(evidence.sentence)]
    first = max([cut for cut in cuts if cut <= start], default=sentence[0])
    clause = passage.characters(first, min([cut for cut in cuts if cut >= end], default=sentence[1]))
    plain = _plain(question.text)
    if asked is None or denials(clause) or _EXCEPTS.search(clause) or has_loose_bound(clause) or denials(plain):
        return ""
    beside = question.text[: asked.start] + " " + question.text[asked.end :]
    said = passage.characters(start, end)
    alike = [value for value in values(evidence.sentence) if value.kind == asked.kind]
    if (
        has_loose_bound(beside)
        or _ORDERS.search(beside)
        or len(alike) != 1
        or not _speaks_of(content_terms(_plain(beside)), evidence, question)
    ):
        return ""
    told = _told(asked, values(said))
    return "" if told is None else "yes" if told else "no"


def _speaks_of(terms: Sequence[str], evidence: Evidence, question: Question) -> bool:
    """Whether the sentence, or what stands above it, holds all of a question's terms; in Chinese, pairs of characters, most of them."""
    held = terms_of(f"{above(evidence.passage)}\n{evidence.heading}\n{evidence.sentence}")
    need = COVERED_ZH if question.chinese else COVERED
    return sum(term_met(term, held) for term in terms) >= need * len(terms)


def as_read(readings: Sequence[Reading]) -> str:
    """Yes or no as the reader has it from each of the passages, the quoted sentence among them; "" where it is not sure."""
    yes, no = (min(reading.verdicts[said] for reading in readings) for said in (1, 2))
    return "yes" if yes >= SURE else "no" if no >= SURE else ""


def by_words(question: Question, evidence: Evidence) -> str:
    """Yes, no, or "" where the sentence leaves it open."""
    if not question.asks_whether or evidence.foreign:
        return ""
    clause = _telling_clause(question, evidence)
    if not clause or bool(_EXCEPTS.search(clause)) != bool(_EXCEPTS.search(question.text)):
        return ""
    told = _values_hold(question, clause, evidence)
    if told is None:
        return ""
    same = told != (denials(clause) % 2 != denials(_plain(question.text)) % 2)
    return "yes" if same else "no"


def _plain(text: str) -> str:
    """A question without the negation that only asks: 是不是, "isn't it", 没有…吗 stays."""
    return re.sub(r"(.)[不没]\1|是否|能否|可否|有无", "", text)


def _telling_clause(question: Question, evidence: Evidence) -> str:
    """The part of the sentence that holds the question's words, with those that stand above it; "" where some are missing."""
    valued = " ".join(value.text for value in values(question.text))
    terms = [term for term in content_terms(_plain(question.text)) if term not in terms_of(valued)]
    if not terms or unmet_in(question, f"{above(evidence.passage)}\n{evidence.heading}\n{evidence.sentence}\n{valued}"):
        return ""
    sentence = evidence.sentence
    whole = terms_of(sentence)
    held_in_all = sum(term_met(term, whole) for term in terms)
    if not _speaks_of(terms, evidence, question) or 2 * held_in_all < len(terms):
        return ""
    clauses = [clause for clause in _CLAUSE.split(sentence) if clause and clause.strip()]
    held = [sum(term_met(term, terms_of(clause)) for term in terms) for clause in clauses]
    best = max(range(len(clauses)), key=lambda at: held[at])
    if held[best] >= held_in_all:
        return clauses[best]
    return "" if denials(sentence) else sentence


def _values_hold(question: Question, clause: str, evidence: Evidence) -> bool | None:
    """Whether each value of the question holds by one of the clause's of its kind; None where there is none, or that leaves it open."""
    told = [_told(value, values(clause) or values(evidence.sentence)) for value in values(question.text)]
    if any(each is None for each in told):
        return None
    return all(told)


def _told(asked: Value, said: tuple[Value, ...]) -> bool | None:
    found = [holds(asked, each) for each in said if each.kind == asked.kind]
    if any(found):
        return True
    return False if found and all(each is False for each in found) else None
