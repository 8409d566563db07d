"""Passages → an `Answer`: candidates weighed, the best one quoted in its sentence, or a refusal with its reason.

Spans by the reader, in any of its languages, weighed by `confidence`. Nothing is cited before its file has been read again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from rag.answers import Answer, Citation, Considered, Gaps, Item, Passage, Stated, Trace
from rag.config import Config
from rag.corpus.words import LexicalIndex
from rag.messages import Reason, say_in
from rag.models.reader import Reading, Span
from rag.questions import Question
from rag.reading.confidence import Calibration
from rag.reading.evidence import Evidence
from rag.reading.signs import MAX_LEAD, best_rivals, span_signs
from rag.reading.spans import list_places, tidy, whole_figure
from rag.reading.structure import Shape
from rag.search.fusion import near
from rag.search.retrieval import Snapshot
from rag.text.scripts import spoken
from rag.text.sentences import split_sentences
from rag.text.terms import normalise, tokens
from rag.text.values import values

READ_ALONE = 3
"""Candidates whose sentence is read by itself."""
MAX_GAIN = 8.0
UNREAD = {"alone": 0.0, "nearer": 0.0}
"""The signs of a candidate whose sentence is not read by itself."""
_MAX_LIST_SENTENCES = 10
_MAX_ASIDE = 3
"""Sentences in a row that add nothing to a list told over several sentences, and end it."""
_BRACKETS = re.compile(r"\s*(\(\)|（）)")
_ORDINAL = re.compile(
    r"^\W*(?:and |the |in the )?(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last|final)(?:ly)?\b|^第[一二三四五六七八九十]|^其[一二三四五六七八九十次]",
    re.IGNORECASE,
)
_CONNECTIVE = re.compile(
    r"^\W*(?:this|that|these|those|it|he|she|they|such|however|therefore|thus|so|as a result|because of this)\b", re.I
)


@dataclass(frozen=True)
class Candidate:
    """A possible answer: a span in a passage and the sentence that it stands in, with its probability of being right."""

    passage: Passage
    start: int
    end: int
    text: str
    sentence: tuple[int, int]
    confidence: float
    signs: Mapping[str, float]
    """What the confidence was worked out from."""
    margin: float


@dataclass(frozen=True)
class Found:
    """What the reader alone answers, and what it was chosen from."""

    question: Question
    """As it was asked."""
    answer: Answer
    passages: tuple[Passage, ...]
    """Those that were read, best first."""
    candidates: tuple[Candidate, ...]
    """Most probable first."""
    snapshot: Snapshot


def span_candidates(
    question: Question, readings: Sequence[Reading], lexical: LexicalIndex, model: Calibration
) -> list[Candidate]:
    """Every span that the reader proposes, as a person would give it, most probable first."""
    found = [made for reading in readings for made in _in_brackets([_span_candidate(reading.passage, s) for s in reading.spans])]
    found = [c for c in found if _says_something(question, c.text) and not _is_heading(c)]
    signed = []
    for candidate, lead in zip(found, leads(found)):
        evidence = Evidence(question, candidate.passage, candidate.sentence)
        signs = span_signs(evidence, candidate.margin, lexical) | {"lead": lead, **UNREAD}
        signed.append(replace(candidate, signs=signs))
    return weighed(signed, model)


def weighed(candidates: Sequence[Candidate], model: Calibration) -> list[Candidate]:
    """`candidates` with the probability that `model` gives their signs, most probable first."""
    return sorted((replace(c, confidence=model.probability(c.signs)) for c in candidates), key=_by_confidence)


def read_alone(
    question: Question,
    candidates: Sequence[Candidate],
    read: Callable[[Question, Sequence[Passage]], Sequence[Reading]],
    model: Calibration,
    most: int = READ_ALONE,
) -> list[Candidate]:
    """`candidates` weighed again, the sentences of the first `most` read once more, each by itself.

    `read` takes sentences as passages and gives their readings, in each one's passage its cosine with the question. What is told over
    several sentences is left as it is.
    """
    if told_over_several(question):
        return list(candidates)
    first, rest = candidates[:most], candidates[most:]
    sentences = {(c.passage.chunk_id, c.sentence): sentence_alone(c) for c in first}
    readings = dict(zip(sentences, read(question, list(sentences.values()))))
    again = [replace(c, signs={**c.signs, **gains(c, readings[c.passage.chunk_id, c.sentence])}) for c in first]
    return weighed([*again, *rest], model)


def told_over_several(question: Question) -> bool:
    """Whether it asks for several things, for steps or for reasons, of which one sentence alone tells little."""
    return question.asks_several or question.asks_steps or question.asks_reason


def sentence_alone(candidate: Candidate) -> Passage:
    """The candidate's sentence as a passage."""
    start, end = candidate.sentence
    return replace(candidate.passage, start=start, end=end, text=candidate.passage.characters(start, end))


def gains(candidate: Candidate, reading: Reading) -> dict[str, float]:
    """What a candidate gains in its sentence alone: the margin of the best span over it, within ±MAX_GAIN logits, and the cosine."""
    margin = max((s.margin for s in reading.spans if s.start < candidate.end and s.end > candidate.start), default=float("-inf"))
    return {
        "alone": max(-MAX_GAIN, min(MAX_GAIN, margin - candidate.margin)),
        "nearer": near(reading.passage.dense) - near(candidate.passage.dense),
    }


def _span_candidate(passage: Passage, span: Span) -> Candidate:
    start, end = whole_figure(passage, *tidy(passage, span.start, span.end))
    sentence = _sentences_around(passage, start, end)
    return Candidate(passage, start, end, passage.characters(start, end), sentence, 0.0, {}, span.margin)


def _in_brackets(found: Sequence[Candidate]) -> list[Candidate]:
    """The spans of a passage, one made of two where one stands in brackets right behind the other: "200 euros ($220)"."""
    made: list[Candidate] = []
    for one in sorted(found, key=lambda c: c.start):
        before, passage = made[-1] if made else None, one.passage
        if before and before.end <= one.start and _BRACKETS.fullmatch(_between(before, one)):
            start, end = before.start, one.end + 1
            whole = replace(before, end=end, text=passage.characters(start, end), margin=max(before.margin, one.margin))
            made[-1] = replace(whole, sentence=_sentences_around(passage, start, end))
        else:
            made.append(one)
    return made


def _between(one: Candidate, other: Candidate) -> str:
    """What stands between two spans of a passage, and the character after the second."""
    text, first = one.passage.text, one.passage.start
    return text[one.end - first : other.start - first] + text[other.end - first : other.end - first + 1]


def _says_something(question: Question, span: str) -> bool:
    """Whether a span is more than marks, and more than words of the question, which answer it only where it offers a choice."""
    terms = tokens(span)
    return bool(terms) and (question.offers_choice or not question.all_terms.issuperset(terms))


def _is_heading(candidate: Candidate) -> bool:
    """Whether it stands in a heading or a question of the text, which says what follows and answers nothing."""
    return any(start <= candidate.start and candidate.end <= end for start, end in candidate.passage.unanswering)


def leads(found: Sequence[Candidate]) -> list[float]:
    """For each span, by how much its margin leads the best span that says something else, within ±MAX_LEAD logits."""
    said = _sayings(found)
    best: dict[int, float] = {}
    for candidate, saying in zip(found, said):
        best[saying] = max(best.get(saying, float("-inf")), candidate.margin)
    others = dict(zip(best, best_rivals(list(best.values()))))
    return [max(-MAX_LEAD, min(MAX_LEAD, c.margin - others[saying])) for c, saying in zip(found, said)]


def _sayings(found: Sequence[Candidate]) -> list[int]:
    """For each span the first one that says the same: in other written forms, or at the same place."""
    said = list(range(len(found)))
    keys = [same_answer_key(candidate.text) for candidate in found]
    for at, one in enumerate(found):
        for before in range(at):
            if said[before] != said[at] and (keys[before] == keys[at] or _at_one_place(found[before], one)):
                said = [said[before] if saying == said[at] else saying for saying in said]
    return said


def _at_one_place(one: Candidate, other: Candidate) -> bool:
    return one.passage.source == other.passage.source and one.start < other.end and other.start < one.end


def same_answer_key(text: str) -> str:
    """Equal for two ways to write one answer: "24 percent" and "24%", "about 950" and "950"."""
    stated = values(text)
    if [value.text for value in stated] == [text.strip()]:
        return stated[0].canonical.lstrip("~")
    return normalise(text)


def worth_reading(passages: Sequence[Passage], config: Config) -> list[Passage]:
    """Those of the ranked `passages` that are read: as many as are configured, as far as they do not lie far behind the best."""
    return [p for p in passages[: config.read_k] if p.score >= config.read_share * passages[0].score]


def _by_confidence(candidate: Candidate) -> tuple[float, str, int, int]:
    return (-candidate.confidence, candidate.passage.source, candidate.start, candidate.end)


def _sentences_around(passage: Passage, start: int, end: int) -> tuple[int, int]:
    touched = [(s, e) for s, e in passage.sentences if s < end and e > start]
    return (touched[0][0], touched[-1][1]) if touched else (start, end)


def widen(question: Question, candidate: Candidate, sentences: Sequence[tuple[int, int]], text: str) -> tuple[int, int]:
    """The stretch to quote: the candidate's sentence, and for lists and reasons the ones that belong to it.

    `text` is the file's, and `sentences` are those around the candidate, in order.
    """
    start, end = candidate.sentence
    before = [s for s in sentences if s[1] <= start]
    if question.asks_list:
        after = [s for s in sentences if s[0] >= end]
        member = any(_ORDINAL.search(text[slice(*s)]) for s in sentences if start <= s[0] < end)
        if member or any(_ORDINAL.search(text[slice(*s)]) for s in after[:1]):
            end = max([end, *(s[1] for s in _told(after, text))])
        if member:
            start = min([start, *(s[0] for s in _told(before[::-1], text))])
    if question.asks_reason and before and _CONNECTIVE.search(text[start:end]):
        start = before[-1][0]
    return start, end


def _told(sentences: Sequence[tuple[int, int]], text: str) -> list[tuple[int, int]]:
    """Those of `sentences`, going outwards, that begin as members of a list do, up to three in a row that do not."""
    told: list[tuple[int, int]] = []
    since = 0
    for sentence in sentences[:_MAX_LIST_SENTENCES]:
        member = bool(_ORDINAL.search(text[slice(*sentence)]))
        since = 0 if member else since + 1
        if since == _MAX_ASIDE:
            break
        told += [sentence] if member else []
    return told


def short_and_items(
    question: Question, best: Candidate, citation: Citation, shaped: Shape | None
) -> tuple[str, tuple[Item, ...]]:
    """The short answer, and the items of a list; both stand in `citation`, whose quote is the candidate's evidence.

    A list told over several sentences ("First, … Second, …") has no short form: each such sentence is an item. Nor has yes or no.
    What is `shaped` by its list, row or label is taken from there; the enumeration within a cell or an item as within a sentence.
    """
    if shaped and shaped.items:
        told, short = list(shaped.items), ""
    elif shaped and not list_places(question, best.passage, best.sentence, best.start, best.end):
        told, place = [], shaped.short
        short = (
            citation.quote[place[0] - citation.start : place[1] - citation.start] if place and not question.asks_statement else ""
        )
    elif question.asks_list and (citation.start, citation.end) != best.sentence:
        places = list(split_sentences(citation.quote, 0, len(citation.quote)))
        told = [(citation.start + s, citation.start + e) for s, e in places if _ORDINAL.search(citation.quote[s:e])]
        short = ""
    else:
        told = list_places(question, best.passage, best.sentence, best.start, best.end) if best.text else []
        start, end = (min(best.start, told[0][0]), max(best.end, told[-1][1])) if told else (best.start, best.end)
        short = best.passage.characters(start, end) if best.text and not question.asks_statement else ""
    if len(told) < 2:
        told = []
    return short, tuple(Item(citation.number, s, e, citation.quote[s - citation.start : e - citation.start]) for s, e in told)


def supporting(best: Candidate, candidates: Sequence[Candidate]) -> list[Candidate]:
    """`best`, then the most probable of `candidates` from every other file that gives the same answer."""
    chosen = {best.passage.source: best}
    if best.text:
        said = same_answer_key(best.text)
        for candidate in candidates:
            if same_answer_key(candidate.text) == said:
                chosen.setdefault(candidate.passage.source, candidate)
    return list(chosen.values())


def answer_text(short: str, items: Sequence[Item], citations: Sequence[Citation], shaped: Shape | None = None) -> str:
    """What a person reads: the short answer or the items with their markers, then the sentences that say so, a row below its header."""
    quote = citations[0].quote
    if shaped and shaped.header and not items:
        marked = f"{citations[1].quote} [2]\n{quote} [1]"
        return f"{short} [1][2]\n\n{marked}" if short else marked
    marks = "".join(f"[{citation.number}]" for citation in citations)
    if items:
        listed = "\n".join(f"- {item.text} [{item.number}]" for item in items)
        return listed if "".join(item.text for item in items) == quote else f"{listed}\n\n{quote} {marks}"
    return f"{short} {marks}\n\n{quote} [1]" if short and short != quote else f"{quote} {marks}"


OLD_DAYS = 365
"""Days after which what a document says of the present may no longer be so."""


def old_source(question: Question, citations: Sequence[Citation], today: date) -> Reason | None:
    """A warning where the question asks for the present and the newest of its documents that tells a date is `OLD_DAYS` old."""
    newest = max((citation.date for citation in citations), default="")
    if not question.asks_now or not newest:
        return None
    year, month, day = [int(figure) for figure in newest.split("-")] + [12, 28][len(newest.split("-")) - 1 :]
    return Reason("old source", {"date": newest}) if (today - date(year, month, day)).days > OLD_DAYS else None


def verdict_text(verdict: str, language: str, rest: str) -> str:
    """Yes or no before the sentence that says so."""
    return f"{say_in(language)(verdict)}{'。' if language == 'zh' else '. '}{rest}"


def _said(part: Answer, items: Sequence[Item]) -> str:
    """What the answer to one part of a question says, on one line."""
    if not part.answered:
        return say_in(part.language)("no answer")
    if part.verdict:
        return say_in(part.language)(part.verdict)
    if part.kind != "text":
        return part.text.partition("\n")[0]
    return part.differing or ", ".join(item.text for item in items)


def joined(asked: str, parts: Sequence[Answer]) -> Answer:
    """The answers to the parts of one question as one: their citations in a row, an item for each part that is answered."""
    citations: list[Citation] = []
    items: list[Item] = []
    told, renumbered = [], []
    for part in parts:
        offset = len(citations)
        own = [replace(c, number=c.number + offset) for c in part.citations]
        mine = [replace(item, number=item.number + offset) for item in part.items]
        if part.answered and own and not mine:
            first = own[0]
            at = max(0, first.quote.find(part.short)) if part.short else 0
            start, end = first.start + at, first.start + at + len(part.short or first.quote)
            mine = [Item(first.number, start, end, first.quote[start - first.start : end - first.start])]
        citations += own
        items += mine
        marks = "".join(f"[{number}]" for number in dict.fromkeys(item.number for item in mine))
        said = _said(part, mine)
        told.append(f"{part.question} {said} {marks}".rstrip())
        readings = tuple(replace(r, numbers=tuple(n + offset for n in r.numbers)) for r in part.readings)
        renumbered.append(
            replace(part, text=told[-1], citations=tuple(own), items=tuple(i for i in mine if part.items), readings=readings)
        )
    good = [part for part in parts if part.answered]
    least = min(good, key=lambda part: part.confidence, default=parts[0])
    return replace(
        least, question=asked, answered=bool(good), text="\n".join(told), short="", citations=tuple(citations), items=tuple(items),
        reasons=() if good else parts[0].reasons, computed=None, readings=(), verdict="", read_as="",
        parts=tuple(renumbered), kind="text", files=(),
    )  # fmt: skip


def differing_answer(asked: str, told: Sequence[Stated], citations: Sequence[Citation]) -> Answer:
    """The answer where files differ: that they do, then each value with the marks of its citations."""
    first = told[0]
    made = Answer(
        asked, True, "", first.short, first.confidence, citations=tuple(citations), readings=tuple(told), language=spoken(asked)
    )
    lines = [f"- {stated.short} {''.join(f'[{number}]' for number in stated.numbers)}" for stated in told]
    return replace(made, text="\n".join([made.differing, *lines]))


def computed_text(short: str, how: str, citations: Sequence[Citation]) -> str:
    """What a person reads of an answer that is worked out: how, and the cells; of the most or the least the row below its header."""
    marks = "".join(f"[{citation.number}]" for citation in citations)
    if short not in citations[0].quote or len(citations) != 2:
        return f"{how} {marks}"
    row, header = citations
    return f"{short} {marks}\n\n{header.quote} [2]\n{row.quote} [1]\n\n{how}"


def refusal(
    question: str, reasons: tuple[Reason, ...], confidence: float, gaps: Gaps, trace: Trace, head: str = "no answer"
) -> Answer:
    """`head` is what it begins with, a key of `rag.messages.WORDS`."""
    language = spoken(question)
    refused = Answer(question, False, "", confidence=confidence, reasons=reasons, gaps=gaps, trace=trace, language=language)
    return replace(refused, text=f"{say_in(language)(head)}\n\n{refused.reason}")


def left_out(servers: Sequence[Reason]) -> Reason | None:
    """That these vector servers could not be asked; None where there are none."""
    return Reason("left out", {"servers": list(servers)}) if servers else None


def without(answer: Answer, servers: Sequence[Reason]) -> Answer:
    """`answer` with the vector servers that could not be asked for it; a refusal says that it may lie there."""
    if not servers:
        return answer
    told = replace(answer, left_out=left_out(servers))
    if answer.answered:
        return told
    why = Reason("may lie there", {"servers": list(servers)})
    return replace(told, reasons=(*answer.reasons, why), text=f"{answer.text} {why.told(answer.language)}")


def considered(passages: Sequence[Passage], read: Sequence[Passage], candidates: Sequence[Candidate]) -> tuple[Considered, ...]:
    """The passages, which of them were read, and the best span found in each, for the trace."""
    best: dict[str, Candidate] = {}
    for candidate in candidates:
        best.setdefault(candidate.passage.chunk_id, candidate)
    rows = []
    for p in passages:
        row = Considered(p.source, p.start, p.end, p.score, p.dense, p.lexical, p in read)
        found = best.get(p.chunk_id)
        rows.append(replace(row, span=found.text, margin=found.margin) if found else row)
    return tuple(rows)
