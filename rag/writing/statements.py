"""The language model's answer, held to the reader's proof: passages → `generation` → `verification` → an `Answer`.

The reader's answer is always worked out first. It is given instead, with a notice, when the model fails, when nothing that it wrote
stands, or when it finds no answer where the reader does; where the two differ, the answer says so.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from rag.answers import Answer, Citation, Passage, Stage, Statement
from rag.config import Config
from rag.messages import Reason
from rag.questions import Question
from rag.reading.answering import Candidate, Found
from rag.reading.citing import Citer
from rag.reading.confidence import calibration
from rag.text.terms import normalise
from rag.text.values import unmet, values
from rag.writing.generation import GenerationFailed, chosen, is_refusal, pieces, prompt, standalone_prompt, token_counter
from rag.writing.verification import Checked, Support, check, is_finished, statements

if TYPE_CHECKING:
    from llama_index.core.llms import LLM

_STANDALONE_SECONDS = 20.0


@dataclass(frozen=True)
class _Kept:
    """The statements, with the citations that they share."""

    statements: tuple[Statement, ...]
    citations: tuple[Citation, ...]

    @property
    def text(self) -> str:
        """The statements that stand, each with its marks."""
        standing = [s for s in self.statements if s.supported]
        return " ".join(f"{s.text} {''.join(f'[{c.number}]' for c in s.citations)}" for s in standing)

    @property
    def words(self) -> str:
        return " ".join(s.text for s in self.statements if s.supported)


def write(found: Found, llm: LLM, engine: str, config: Config, citer: Citer) -> Iterator[str | Statement | Answer]:
    """The model's text in pieces, each statement once it is checked, then the Answer."""
    began = time.perf_counter()
    read = found.answer
    question, language = read.trace.question, read.language
    count = token_counter(llm)
    messages = prompt(question, (), language)
    room = _context(llm, config) - config.llm_max_tokens - sum(count(str(message.content)) for message in messages) - 50
    passages = chosen(_best_first(found), config, count, room)
    if not passages:
        yield read
        return
    text, told = "", 0

    @cache
    def held(said: str, cited: tuple[int, ...]) -> Checked:
        return check(said, cited, passages, found.snapshot.lexical.weight)

    try:
        for piece in pieces(llm, prompt(question, passages, language), config):
            text += piece
            yield piece
            ready = list(statements(text))[:-1]  # the last one may go on
            for said, cited in ready[told:]:
                checked = held(said, cited)
                yield Statement(said, (), checked.stands, checked.why)
            told = max(told, len(ready))
    except GenerationFailed as error:
        yield replace(read, notice=Reason("model failed", {"why": error.reason}))
        return
    written = time.perf_counter()
    checks = [held(said, cited) for said, cited in statements(text)]
    if checks and not is_finished(text) and not checks[-1].quoted:
        checks[-1] = Checked(checks[-1].text, False, Reason("cut off"))
    answer = _weighed(found, engine, text, checks, citer)
    stages = (Stage("write", (written - began) * 1000), Stage("verify", (time.perf_counter() - written) * 1000))
    yield replace(answer, trace=replace(read.trace, stages=(*read.trace.stages, *stages)))


def standalone(llm: LLM, question: Question, history: Sequence[Question | Answer], config: Config) -> list[str]:
    """The follow-up as the model writes it out; nothing when it fails."""
    earlier = []
    for turn in history[-3:]:
        earlier += (
            [f"Question: {turn.question}", f"Answer: {turn.short or turn.text}"]
            if isinstance(turn, Answer)
            else [f"Question: {turn.text}"]
        )
    try:
        written = "".join(pieces(llm, standalone_prompt(question.text, earlier), config, _STANDALONE_SECONDS)).strip()
    except GenerationFailed:
        return []
    line = written.splitlines()[0].strip().strip('"“”') if written else ""
    return [line] if 0 < len(line) <= config.max_question_chars else []


def _context(llm: LLM, config: Config) -> int:
    try:
        return llm.metadata.context_window or config.llm_context_tokens
    except Exception:  # a provider may not know the model
        return config.llm_context_tokens


def _best_first(found: Found) -> list[Passage]:
    """The passages that were read, those with the most probable candidates first."""
    by_id = {passage.chunk_id: passage for passage in found.passages}
    order = dict.fromkeys([candidate.passage.chunk_id for candidate in found.candidates] + list(by_id))
    return [by_id[chunk_id] for chunk_id in order if chunk_id in by_id]


def _weighed(found: Found, engine: str, text: str, checks: Sequence[Checked], citer: Citer) -> Answer:
    """What is given: the model's statements that stand, or the reader's answer with the reason."""
    read = found.answer
    if is_refusal(text):
        return replace(read, notice=Reason("model refused")) if read.answered else replace(read, engine=engine)
    said = " ".join(checked.text for checked in checks if checked.stands)
    support = [place for checked in checks for place in checked.support]
    best, spoken = _answering(found.candidates, said, support)
    kept = _kept(checks, best, citer)
    if not kept.citations:
        return replace(read, statements=kept.statements, notice=Reason("nothing stands"))
    differs = read.answered and bool(read.short) and not _says(kept.words, read.short)
    confidence = best.confidence if best else 0.0
    if differs and not spoken:  # the two cannot both be right
        confidence = min(confidence, 1 - read.confidence)
    if read.kind == "folder":
        return replace(
            read, text=kept.text, citations=kept.citations, items=(), files=(), engine=engine, statements=kept.statements
        )
    if best is None or confidence < read.trace.threshold:
        return replace(read, statements=kept.statements, notice=Reason("unlikely"))
    short = best.text if best.text and normalise(best.text) in normalise(kept.words) else ""
    band, right = calibration().worth(confidence)
    return Answer(
        read.question, True, kept.text, short, confidence, citations=kept.citations, gaps=read.gaps, engine=engine,
        statements=kept.statements, notice=Reason("differs", {"short": read.short, "sure": read.confidence}) if differs else None,
        trace=read.trace, band=band, band_right=right, language=read.language, left_out=read.left_out,
    )  # fmt: skip


def _answering(candidates: Sequence[Candidate], said: str, support: Sequence[Support]) -> tuple[Candidate | None, bool]:
    """The most probable candidate that the statements give, and whether they give its words, or its sentence alone."""
    held = [
        c
        for c in candidates
        if any(c.passage.source == s.passage.source and s.start <= c.start and c.end <= s.end for s in support)
    ]
    spoken = [c for c in held if c.text and _says(said, c.text)]
    return next(iter(spoken or held), None), bool(spoken)


def _says(text: str, short: str) -> bool:
    """Whether `text` gives a short answer, in whatever written form."""
    return normalise(short) in normalise(text) or (bool(values(short)) and not unmet(short, text))


def _kept(checks: Sequence[Checked], best: Candidate | None, citer: Citer) -> _Kept:
    """Statements with citations: each supporting stretch is numbered once, the one with the answer first."""
    places = [place for checked in checks for place in checked.support]
    if best is not None:
        places.sort(key=lambda s: not (s.passage.source == best.passage.source and s.start <= best.start and best.end <= s.end))
    citations: dict[tuple[str, int, int], Citation] = {}
    for place in places:
        key = (place.passage.source, place.start, place.end)
        if key not in citations:
            citation = citer.quote(len(citations) + 1, place.passage, (place.start, place.end))
            if citation is not None:
                citations[key] = citation
    made = []
    for checked in checks:
        found = [citations.get((s.passage.source, s.start, s.end)) for s in checked.support]
        whole = tuple(c for c in found if c is not None)
        stands = checked.stands and len(whole) == len(found)
        why = checked.why if stands or not checked.stands else Reason("its file changed")
        made.append(Statement(checked.text, whole if stands else (), stands, why))
    used = {c.number for statement in made for c in statement.citations}
    return _Kept(tuple(made), tuple(c for c in citations.values() if c.number in used))
