"""From what is typed to its answer, over one generation of an index: its parts, what it leans on, what it asks of, the reader, the files.

`Rag` makes one for each question. In: a parsed question, the turns before it. Out: a `Found`.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from rag.answers import Answer, Citation, Gaps, Passage, Stage, Stated, Trace
from rag.config import Config
from rag.corpus.catalog import FileRow
from rag.messages import Reason, say_in
from rag.models.encoder import Encoder
from rag.models.reader import Reader, Reading
from rag.questions import Question
from rag.reading import answering, differing, followups, gaps, parts, verdict
from rag.reading.answering import Candidate, Found
from rag.reading.citing import Citer
from rag.reading.confidence import calibration
from rag.reading.differing import Comparing
from rag.reading.evidence import Evidence
from rag.reading.folder import Folder
from rag.reading.followups import Lean, Turn, Way
from rag.reading.intents import intents
from rag.search.retrieval import HybridRetriever, Snapshot
from rag.text.scripts import spoken
from rag.text.terms import normalise

if TYPE_CHECKING:
    from llama_index.core.llms import LLM

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Asking:
    """Asks the files `sources` of one generation, all where it is empty."""

    config: Config
    retriever: HybridRetriever
    embedding: Encoder
    reader: Reader
    llm: LLM | None
    threshold: float
    """The confidence below which an answer is held back."""
    snapshot: Snapshot
    sources: tuple[str, ...]
    text_alone: bool = False
    """Whether nothing is asked of the folder itself."""

    @cached_property
    def citer(self) -> Citer:
        return Citer(Path(self.config.docs), self.snapshot, self.config.max_file_bytes)

    def found(self, asked: Question, history: Sequence[Question | Answer]) -> Found:
        """What answers `asked`, each of the questions that it is made of by itself, unless a language model answers it as it is."""
        found = self._found(asked, history)
        return replace(found, answer=answering.without(found.answer, list(self.snapshot.left_out.values())))

    def _found(self, asked: Question, history: Sequence[Question | Answer]) -> Found:
        if not any(row.state == "indexed" for row in self.snapshot.files.values()):
            why = gaps.nothing_indexed(self.snapshot.files.values(), Path(self.config.docs))
            trace = Trace(asked.text, threshold=self.threshold)
            return Found(asked, answering.refusal(asked.text, why, 0.0, Gaps(), trace, "nothing to ask"), (), (), self.snapshot)
        found = [asked.text] if self.llm is not None else parts.parts(asked.text)
        if found == [asked.text]:
            return self._one(asked, history)
        if len(found) == 1:
            return self._in_talk(asked, found[0], history)
        answers: list[Found] = []
        for number, part in enumerate(found):
            told = [*history, *(each.answer for each in answers)]
            answers.append(self._one(Question.parse(part), told, joined=number > 0))
        return replace(answers[0], question=asked, answer=answering.joined(asked.text, [each.answer for each in answers]))

    def _in_talk(self, asked: Question, part: str, history: Sequence[Question | Answer]) -> Found:
        """What answers the one sentence of `asked` that asks, by itself or with all that stands around it."""
        before = asked.text.partition(part)[0].strip()
        whole, alone = self._one(asked, history), Question.parse(part)
        if before and followups.lean(alone):
            told = self._completed(alone, Turn(before), history)
        else:
            told = self._one(alone, history)
        best = max((told, whole), key=lambda found: (found.answer.answered, found.answer.confidence))
        return replace(best, question=asked, answer=replace(best.answer, question=asked.text))

    def _one(
        self, asked: Question, history: Sequence[Question | Answer],
        *, joined: bool = False,
    ) -> Found:  # fmt: skip
        """What answers one question: as it stands, or completed from `history` where it leans on it, as a clause `joined` to another does
        in Chinese, where the subject is left out."""
        about = self._about_folder(asked)
        if about and not (history and about.answer.kind == "none" and followups.is_marked(asked)):
            return about
        leaning = followups.lean(asked) if history else Lean.NONE
        if joined and asked.chinese:
            leaning = Lean.MUST
        turns = history if leaning is Lean.NONE else self._last_answered(history)
        if turns and leaning is not Lean.NONE and (about := self._about_folder_still(asked, turns[-1])):
            return about
        if leaning is not Lean.MUST:
            found = self._answered(asked, asked)
            if leaning is Lean.NONE or found.answer.answered:
                return found
        last = self._last_turn(turns)
        if last is None:
            return self._answered(asked, asked)
        return self._completed(asked, last, history)

    def _last_turn(self, history: Sequence[Question | Answer]) -> Turn | None:
        """The last question about the text, as it stands on its own, with its answer; a follow-up that led nowhere is none to go on from."""
        for at in range(len(history) - 1, -1, -1):
            turn = history[at]
            if isinstance(turn, Question):
                turn = self.found(turn, history[:at]).answer
            if turn.kind == "text" and (turn.answered or not turn.read_as):
                turn = turn.parts[-1] if turn.parts else turn
                return Turn(turn.read_as or turn.trace.question or turn.question, turn.short)
        return None

    def _completed(self, asked: Question, last: Turn, history: Sequence[Question | Answer]) -> Found:
        """The surest answer to the ways that `asked` may be meant after `last`; else the refusal of the likeliest one."""
        ways = followups.ways(asked, last, self._alike, self._pieces)
        if self.llm is not None:
            from rag.writing.statements import standalone

            ways = [*(Way(text, 1.0) for text in standalone(self.llm, asked, history, self.config)), *ways]
        known = last.short if followups.asks_for_others(asked) else ""
        tries = [(way, self._told(asked, way, known)) for way in ways]
        return max(tries, key=lambda tried: (tried[1].answer.answered, followups.worth(tried[0], tried[1].answer.confidence)))[1]

    def _told(self, asked: Question, way: Way, known: str) -> Found:
        """What answers `asked` in one way that it may be meant; refused where too little speaks for it."""
        found = self._answered(asked, Question.parse(way.text), known)
        answer = found.answer
        if answer.answered and not answer.computed:
            sure = followups.confidence(asked, answer.confidence, found.candidates[0].passage)
            if sure < self.threshold:
                held = [replace(found.candidates[0], confidence=sure), *found.candidates[1:]]
                lacking = gaps.gaps_of(found.question, (), held, self._unsearched)
                answer = answering.refusal(asked.text, gaps.reasons(lacking, self.threshold), sure, lacking, answer.trace)
            else:
                band, right = calibration().worth(sure)
                answer = replace(answer, confidence=sure, band=band, band_right=right)
        return replace(found, answer=replace(answer, read_as=way.text if way.text != asked.text else ""))

    def _alike(self, phrases: Sequence[str], phrase: str) -> list[float]:
        """The cosine of each of `phrases` with `phrase`."""
        vectors = self.embedding.embed([*phrases, phrase])
        return [float(cosine) for cosine in vectors[:-1] @ vectors[-1]]

    def _pieces(self, text: str) -> list[tuple[int, int]]:
        """(start, end) of the pieces that the models' tokenizer cuts `text` into."""
        encoding = self.embedding.model.tokenizer.encode(text, add_special_tokens=False)
        return [(start, end) for start, end in encoding.offsets if end > start]

    def _about_folder(self, asked: Question) -> Found | None:
        """What is asked of the folder itself, or no question at all; None for a question about the text."""
        if self.text_alone:
            return None
        intent = intents().intent(asked.text, self.retriever.question_vector(asked.text))
        search = partial(self.retriever.search, snapshot=self.snapshot, sources=self.sources)
        found = Folder(self.snapshot, self.citer, search, self.sources, str(self.config.docs)).answer(asked, intent)
        doubtful = intent.kind in ("written", "command") or (intent.kind == "summary" and found and not _is_of_one(found.answer))
        if found and doubtful:  # when an agreement was signed, or what it says about something, is told by the text, if it is
            told = self._answered(asked, asked)
            return told if told.answer.answered else found
        return found

    def _last_answered(self, history: Sequence[Question | Answer]) -> Sequence[Question | Answer]:
        """`history` with the answer to its last question, once for all that asks for it."""
        if not history or isinstance(last := history[-1], Answer):
            return history
        return [*history[:-1], self.found(last, history[:-1]).answer]

    def _about_folder_still(self, asked: Question, last: Question | Answer) -> Found | None:
        """What `asked` asks of the folder once it is completed from a question that was asked of it; None where it asks none."""
        if isinstance(last, Question) or last.kind != "folder":
            return None
        for way in followups.ways(asked, Turn(last.read_as or last.question), self._alike, self._pieces):
            found = self._about_folder(Question.parse(way.text))
            if found and found.answer.kind == "folder":
                return replace(found, question=asked, answer=replace(found.answer, question=asked.text, read_as=way.text))
        return None

    def _answered(self, asked: Question, question: Question, known: str = "") -> Found:
        """Answer `question`, which stands for `asked`; `known` is an earlier answer that is not meant again.

        Where it asks whether a figure is so, the figure is asked for, and the two are compared.
        """
        if opened := verdict.opened(question):
            found = self._read(asked, replace(Question.parse(opened), asks_statement=False), known)
            answer = found.answer
            if answer.readings:
                return found
            if answer.answered and answer.citations:
                best = found.candidates[0]
                told = verdict.by_value(question, Evidence(question, best.passage, best.sentence), best.start, best.end)
                if told:
                    text = answering.verdict_text(told, answer.language, f"{answer.citations[0].quote} [1]")
                    return replace(found, answer=replace(answer, text=text, short="", verdict=told))
        return self._read(asked, question, known)

    def _read(self, asked: Question, question: Question, known: str) -> Found:
        """What the reader finds."""
        began = time.perf_counter()
        unknown = gaps.unknown_words(
            question, self.snapshot.lexical, self._is_everyday, lambda t: self.retriever.surface(t, self.snapshot)
        )
        unknown = gaps.in_scripts_of(unknown, self.snapshot.files.values())
        question = gaps.read_as(question, unknown)
        looked = time.perf_counter()
        self.retriever.question_vector(question.text)
        embedded = time.perf_counter()
        near = self.retriever.search(
            question, max(self.config.candidates, self.config.top_k), self.snapshot, sources=self.sources
        )
        passages = near[: max(self.config.top_k, self.config.read_k)]
        question = question.cased([f"{p.title}\n{p.text}" for p in passages])
        found = time.perf_counter()
        worth = answering.worth_reading(passages, self.config)
        model, threshold = calibration(), self.threshold
        computed = self._computed(asked, question, passages)
        readings = [] if computed else self.reader.read(question.text, worth)
        candidates = answering.span_candidates(question, readings, self.snapshot.lexical, model)
        candidates = answering.read_alone(question, candidates, partial(read_sentences, self.reader, self.retriever), model)
        given = f" {normalise(known)} "
        candidates = [c for c in candidates if not known or f" {normalise(c.text)} " not in given]
        read = time.perf_counter()
        good = [c for c in candidates if c.confidence >= threshold]
        answer = computed or (self._compose(asked, question, good, worth) if good else None)
        if not computed and candidates and not (isinstance(answer, Answer) and (answer.items or not answer.short)):
            answer = self._differing(asked, question, candidates, near) or answer
        stages = (
            Stage("embed", self.retriever.embed_milliseconds(question.text)),
            Stage("search", (found - embedded + looked - began) * 1000),
            Stage("read", (read - found) * 1000),
            Stage("check", (time.perf_counter() - read) * 1000),
        )
        signs = {"intercept": model.intercept, **model.contributions(candidates[0].signs)} if candidates else {}
        searched_passages = len(self.snapshot.catalog.chunk_ids(self.sources)) if self.sources else self.snapshot.lexical.size
        considered = answering.considered(passages, worth, candidates)
        trace = Trace(question.text, stages, considered, signs, searched_passages, self.sources, threshold)
        if isinstance(answer, Answer):
            band, right = model.worth(answer.confidence)
            right = answer.confidence if computed else right
            old = answering.old_source(question, answer.citations, date.today())
            answer = replace(answer, gaps=Gaps(unknown), trace=trace, band=band, band_right=right, warning=old)
        else:
            lacking = gaps.gaps_of(question, unknown, candidates, self._unsearched)
            reasons = (answer,) if answer else gaps.reasons(lacking, threshold)
            confidence = candidates[0].confidence if candidates else 0.0
            answer = answering.refusal(asked.text, reasons, confidence, lacking, trace)
        _log_stages(answer, len(worth))
        return Found(asked, answer, tuple(worth), tuple(candidates), self.snapshot)

    @property
    def _unsearched(self) -> list[FileRow]:
        """The files that might have answered, had they been read; none where others are asked alone."""
        return [] if self.sources else [row for row in self.snapshot.files.values() if row.reason]

    def _is_everyday(self, word: str) -> bool:
        """Whether the models' vocabulary, which goes by frequency, holds a word whole, as it is written or in lower case."""
        tokenizer = self.embedding.model.tokenizer
        return any(tokenizer.token_to_id(f"▁{form}") is not None for form in (word, word.lower()))

    def _computed(self, asked: Question, question: Question, passages: Sequence[Passage]) -> Answer | Reason | None:
        """What is worked out over a table, or why it is not where the question clearly asks for it; else None."""
        found = self.citer.computed(question, passages)
        if found is None or isinstance(found, Reason):
            return found
        citations, best = found
        if best.confidence < self.threshold:
            return None
        language = spoken(asked.text)
        text = answering.computed_text(best.short, say_in(language)(best.how), citations)
        return Answer(
            asked.text, True, text, best.short, best.confidence, citations=tuple(citations), computed=best.how, language=language
        )

    def _differing(
        self, asked: Question, question: Question, candidates: Sequence[Candidate], near: Sequence[Passage]
    ) -> Answer | None:
        """The values that files give, the newest first, where they differ; `near` are the passages to look through, best first."""
        model = calibration()
        comparing = Comparing(question, self.threshold, self.snapshot.lexical.weight, self._alike)
        first = differing.by_file(candidates, model)
        if candidates[0].confidence < self.threshold and len(comparing.groups(first)) < 2:
            return None
        unread = differing.elsewhere(near, {c.passage.source for c in candidates}, first[0])
        readings = self.reader.read(question.text, unread)
        found = differing.by_file(
            [*candidates, *answering.span_candidates(question, readings, self.snapshot.lexical, model)], model
        )
        new = [c for c in found if c.confidence >= differing.PARALLEL and not any(c.signs[sign] for sign in answering.UNREAD)]
        again = answering.read_alone(question, new, partial(read_sentences, self.reader, self.retriever), model, len(new))
        groups = comparing.groups(answering.weighed([*(c for c in found if c not in new), *again], model))
        if len(groups) < 2:
            return None
        citer, citations, told = self.citer, list[Citation](), list[Stated]()
        for group in groups:
            numbers = []
            for candidate in group:
                cited, _, _ = citer.answer(question, [candidate])
                numbers += [len(citations) + 1] * bool(cited)
                citations += [replace(c, number=len(citations) + 1 + at) for at, c in enumerate(cited)]
            if numbers:
                told.append(Stated(group[0].text, tuple(numbers), group[0].passage.date, max(c.confidence for c in group)))
        if len(told) < 2:
            return None
        return answering.differing_answer(asked.text, told, citations)

    def _settled(self, question: Question, best: Candidate, read: Sequence[Passage]) -> str:
        """Yes or no as the best candidate's sentence says it by its words, else as the reader has it; neither where another sentence that was
        read says the opposite by its words."""
        if not question.asks_whether:
            return ""
        as_read = verdict.as_read(self.reader.read(question.text, [best.passage, answering.sentence_alone(best)]))
        told = verdict.by_words(question, Evidence(question, best.passage, best.sentence)) or as_read
        if not told or as_read not in (told, ""):
            return ""
        others = (verdict.by_words(question, Evidence(question, p, sentence)) for p in read for sentence in p.sentences)
        return told if all(other in (told, "") for other in others) else ""

    def _compose(
        self, asked: Question, question: Question, good: Sequence[Candidate], read: Sequence[Passage]
    ) -> Answer | Reason:
        """The answer that the best of the `good` candidates with verified evidence gives, or why none could be verified."""
        citer, stale = self.citer, list[str]()
        for best in good:
            if best.passage.source in stale:
                continue
            citations, shaped, changed = citer.answer(question, answering.supporting(best, good))
            stale += changed
            if not citations or citations[0].source != best.passage.source:
                continue
            short, items = answering.short_and_items(question, best, citations[0], shaped)
            text = answering.answer_text(short, items, citations, shaped)
            told = self._settled(question, best, read) if not items else ""
            if told:
                text = answering.verdict_text(told, spoken(asked.text), text)
            return Answer(
                asked.text, True, text, short, best.confidence, citations=tuple(citations), items=items, verdict=told,
                language=spoken(asked.text),
            )  # fmt: skip
        return Reason("stale", {"files": list(dict.fromkeys(stale)), "docs": str(self.config.docs)})


def _is_of_one(answer: Answer) -> bool:
    """Whether an answer stands in one document alone."""
    return len({citation.source for citation in answer.citations}) == 1


def read_sentences(reader: Reader, retriever: HybridRetriever, question: Question, sentences: Sequence[Passage]) -> list[Reading]:
    """What the reader finds in sentences, each by itself, with their cosine with the question."""
    return reader.read(question.text, retriever.likened(question, sentences)) if sentences else []


def _log_stages(answer: Answer, passages: int) -> None:
    """One line a stage after the search, which logs its own; words at debug level alone."""
    took = {stage.name: stage.milliseconds for stage in answer.trace.stages}
    _log.info("read: %d passages in %.0f ms", passages, took["read"])
    _log.info("check: %.0f ms", took["check"])
    _log.info("%s with confidence %.2f", "answered" if answer.answered else "refused", answer.confidence)
    _log.debug("question %r, asked as %r: %r", answer.question, answer.trace.question, answer.text)
