"""Passages → an `Answer`: candidates weighed, the best one quoted in its sentence, or a refusal with its reason.

English questions: spans by the reader, weighed by `confidence`. Chinese questions: the sentence that covers the
question's words best, since the reader knows English only. Nothing is cited before its file has been read again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from rag.answers import Answer, Citation, Considered, Passage, Trace
from rag.blocks import STOP_WORDS
from rag.chunks import is_cjk
from rag.confidence import best_rivals, calibrations, coverage, sentence_signs, span_signs, unmet_names
from rag.lexical import LexicalIndex
from rag.questions import asks_list, asks_publication, asks_reason, content_terms, fits_kind, names_and_figures, normalise
from rag.reading import Reader, Reading, Span

MAX_CITATIONS = 4
_MAX_LIST_SENTENCES = 10
_ORDINAL = re.compile(
    r"^\W*(?:and |the |in the )?(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last|final)(?:ly)?\b|^第[一二三四五六七八九十]|^其[一二三四五六七八九十次]",
    re.IGNORECASE,
)
_NAME_BEFORE = re.compile(r"(?<![\w.])([A-Z][\w’'-]+|(?:1[0-9]|20)\d\d)[ \u00a0]$")
_NAME_END = re.compile(r"(?<![\w])[A-Z][\w’-]*[a-z]$")
_NAME_AFTER = re.compile(r"[ \u00a0][A-Z][a-z][\w-]+")
_CONNECTIVE = re.compile(
    r"^\W*(?:this|that|these|those|it|he|she|they|such|however|therefore|thus|so|as a result|because of this)\b", re.I
)


@dataclass(frozen=True)
class Candidate:
    """A possible answer: a span (or, without one, a sentence) in a passage, with its probability of being right."""

    passage: Passage
    start: int
    end: int
    text: str
    sentence: tuple[int, int]
    confidence: float
    signs: Mapping[str, float]
    """What the confidence was worked out from."""
    margin: float | None = None


def span_candidates(question: str, readings: Sequence[Reading], lexical: LexicalIndex) -> list[Candidate]:
    """Every span that the reader proposes, most probable first."""
    found = [_span_candidate(question, reading.passage, span, lexical) for reading in readings for span in reading.spans]
    if asks_publication(question):
        found = [candidate for candidate in found if fits_kind(question, candidate.text)] or found
    return sorted(found, key=_by_confidence)


def _span_candidate(question: str, passage: Passage, span: Span, lexical: LexicalIndex) -> Candidate:
    start, end = tidy(passage, span.start, span.end)
    text = passage.characters(start, end)
    sentence = _sentences_around(passage, start, end)
    quoted = passage.characters(*sentence)
    signs = span_signs(question, passage, text, quoted, span.margin, lexical)
    return Candidate(passage, start, end, text, sentence, calibrations()["en"].probability(signs), signs, span.margin)


def sentence_candidates(question: str, passages: Sequence[Passage], lexical: LexicalIndex) -> list[Candidate]:
    """Every sentence of the passages as an answer, most probable first."""
    places = {(p.source, s): (p, s) for p in reversed(passages) for s in p.sentences}
    items = [(p, s, p.characters(*s)) for p, s in places.values()]
    rivals = best_rivals([coverage(question, text, lexical.weight) for _, _, text in items])
    model = calibrations()["zh"]
    found = []
    for (passage, sentence, text), rival in zip(items, rivals):
        signs = sentence_signs(question, passage, text, max(rival, 0.0), lexical)
        found.append(Candidate(passage, *sentence, "", sentence, model.probability(signs), signs))
    return sorted(found, key=_by_confidence)


def find_candidates(question: str, passages: Sequence[Passage], reader: Reader, lexical: LexicalIndex) -> list[Candidate]:
    """Candidates for `question` in its language's way."""
    if is_cjk(question):
        return sentence_candidates(question, passages, lexical)
    return span_candidates(question, reader.read(question, [p for p in passages if not is_cjk(p.text)]), lexical)


def tidy(passage: Passage, start: int, end: int) -> tuple[int, int]:
    """A span without stray punctuation at its ends, and with the bracket or quotation mark that closes it."""
    text = passage.text
    a, b = start - passage.start, end - passage.start
    while (b > a and text[b - 1] in ",;:，；：") or (b > a and text[b - 1].isspace()):
        b -= 1
    while a < b and (text[a].isspace() or text[a] in ",;:，；："):
        a += 1
    for opening, closing in ("()", "[]", "“”", "（）", "《》"):
        inside = text[a:b]
        if inside.count(opening) > inside.count(closing) and text[b : b + 1] == closing:
            b += 1
        elif inside.count(opening) > inside.count(closing) and inside.rfind(opening) > 0 and closing not in text[b : b + 40]:
            b = a + len(inside[: inside.rfind(opening)].rstrip())
    if text[b - 1 : b] == "." and not re.search(r"\b(?:[A-Z]|Inc|Ltd|Co|Jr|Sr|etc)\.$", text[a:b]):
        b -= 1
    a, b = _whole_name(text, a, b)
    return passage.start + a, passage.start + b


def _whole_name(text: str, a: int, b: int) -> tuple[int, int]:
    """A span that ends inside a proper name, taken to the name's ends: "Seoul" in "Seoul Air Base"."""
    while text[a : a + 1].isupper() and (before := _NAME_BEFORE.search(text, max(0, a - 30), a)):
        if before[1].lower() in STOP_WORDS:
            break
        a = before.start(1)
    while _NAME_END.search(text, a, b) and (after := _NAME_AFTER.match(text, b)):
        b = after.end()
    return a, b


def _by_confidence(candidate: Candidate) -> tuple[float, str, int, int]:
    return (-candidate.confidence, candidate.passage.source, candidate.start, candidate.end)


def _sentences_around(passage: Passage, start: int, end: int) -> tuple[int, int]:
    touched = [(s, e) for s, e in passage.sentences if s < end and e > start]
    return (touched[0][0], touched[-1][1]) if touched else (start, end)


def widen(
    question: str, candidate: Candidate, sentences: Sequence[tuple[int, int]], text_of: Callable[[int, int], str]
) -> tuple[int, int]:
    """The stretch to quote: the candidate's sentence, and for lists and reasons the ones that belong to it.

    `sentences` are those of the file around it, in order; `text_of` gives their characters.
    """
    start, end = candidate.sentence
    after = [s for s in sentences if s[0] >= end]
    before = [s for s in sentences if s[1] <= start]
    if asks_list(question):
        reach = end
        for i, sentence in enumerate(after[:_MAX_LIST_SENTENCES]):
            if _ORDINAL.search(text_of(*sentence)):
                reach = sentence[1]
            elif i > 1 and reach < after[i - 2][1]:
                break  # three sentences in a row that add nothing
        end = reach
    if asks_reason(question) and before and _CONNECTIVE.search(text_of(start, end)):
        start = before[-1][0]
    return start, end


def expand_list(question: str, passage: Passage, start: int, end: int) -> tuple[int, int]:
    """For a question that asks for several things: all that follows the colon of the span's sentence, if it is a list."""
    if not asks_list(question):
        return start, end
    first, last = _sentences_around(passage, start, end)
    sentence = passage.characters(first, last)
    colon = max(sentence.rfind(": ", 0, max(start - first, 0) + 1), sentence.rfind("：", 0, max(start - first, 0) + 1))
    tail = sentence[colon + 1 :]
    if colon < 0 or len(re.findall(r"[,;、，；]", tail)) < 2:
        return start, end
    begin = first + colon + 1 + len(tail) - len(tail.lstrip())
    return begin, first + len(sentence.rstrip(".。 "))


def supporting(best: Candidate, candidates: Sequence[Candidate]) -> list[Candidate]:
    """`best`, then the most probable of `candidates` from every other file that gives the same answer."""
    chosen = {best.passage.source: best}
    if best.text:
        for candidate in candidates:
            if normalise(candidate.text) == normalise(best.text):
                chosen.setdefault(candidate.passage.source, candidate)
    return list(chosen.values())[:MAX_CITATIONS]


def answer_text(short: str, citations: Sequence[Citation]) -> str:
    """What a person reads: the short answer with its markers, then the sentences that say so."""
    quote = citations[0].quote
    marks = "".join(f"[{citation.number}]" for citation in citations)
    return f"{short} {marks}\n\n{quote} [1]" if short and short != quote else f"{quote} {marks}"


def refusal(question: str, reason: str, confidence: float, trace: Trace) -> Answer:
    opening = "文档中没有答案。" if is_cjk(question) else "Not in the documents."
    return Answer(question, False, f"{opening}\n\n{reason}", confidence=confidence, reason=reason, trace=trace)


def why_not(question: str, candidates: Sequence[Candidate], lexical: LexicalIndex, threshold: float) -> str:
    """The reason of a refusal, for a person."""
    chinese = is_cjk(question)
    unknown = [n for n in names_and_figures(question) if not any(lexical.knows(t) for t in content_terms(n))]
    unknown += [] if chinese else _unknown_words(question, lexical, unknown)
    if not candidates:
        return "没有段落与问题有共同的词。" if chinese else "No passage shares a word with the question."
    best = candidates[0]
    unmet = [name for name in unmet_names(question, best.passage) if name not in unknown]
    parts = []
    if unknown:
        words = ", ".join(dict.fromkeys(unknown))
        parts.append(f"这些词不在任何文件中：{words}。" if chinese else f"No file contains: {words}.")
    if unmet:
        names = ", ".join(unmet)
        parts.append(f"最接近的段落没有提到：{names}。" if chinese else f"The closest passage does not mention: {names}.")
    found = best.text or best.passage.characters(best.start, best.end)
    shown = found if len(found) <= 120 else found[:119] + "…"
    if chinese:
        parts.append(f"最接近的是“{shown}”（{best.passage.source}），把握 {best.confidence:.0%}，低于 {threshold:.0%} 的界限。")
    else:
        parts.append(
            f"The closest candidate is “{shown}” in {best.passage.source}, "
            f"right with a probability of {best.confidence:.0%}; answers below {threshold:.0%} are held back."
        )
    return " ".join(parts)


def _unknown_words(question: str, lexical: LexicalIndex, known: Sequence[str]) -> list[str]:
    words = re.findall(r"[^\W\d_][\w'’-]{2,}", question)
    return [w for w in words if w not in known and (terms := content_terms(w)) and not any(lexical.knows(t) for t in terms)]


def considered(passages: Sequence[Passage], candidates: Sequence[Candidate]) -> tuple[Considered, ...]:
    """The passages with the best span found in each, for the trace."""
    best: dict[str, Candidate] = {}
    for candidate in candidates:
        best.setdefault(candidate.passage.chunk_id, candidate)
    rows = []
    for p in passages:
        row = Considered(p.source, p.start, p.end, p.score, p.dense, p.lexical)
        found = best.get(p.chunk_id)
        rows.append(replace(row, span=found.text, margin=found.margin) if found else row)
    return tuple(rows)
