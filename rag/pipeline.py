"""The only place where the parts are put together: `Rag` syncs a folder, retrieves passages and answers questions."""

from __future__ import annotations

import hashlib
import logging
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from functools import cached_property, partial
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from rag.answers import Answer, Citation, File, FileAnswer, Gaps, Passage, Stage, Stated, Statement, Trace
from rag.config import VERSION, Config
from rag.corpus.catalog import FileRow
from rag.corpus.documents import check_root
from rag.corpus.indexing import Indexer
from rag.corpus.store import ChromaStore
from rag.errors import DocumentError, IndexBroken, IndexDamaged, StoreUnavailable, UsageError
from rag.formats.document import Document
from rag.formats.parts import FLOWING, parts_between
from rag.formats.readers import READERS
from rag.messages import Reason, say_in
from rag.models.encoder import OnnxEmbedding
from rag.models.reader import Reader, Reading
from rag.questions import Question
from rag.reading import answering, differing, followups, gaps, parts, suggestions, verdict
from rag.reading.answering import Candidate, Found
from rag.reading.citing import UNREADABLE, Citer, FileNow, compare, read_now
from rag.reading.confidence import calibration
from rag.reading.differing import Comparing
from rag.reading.evidence import Evidence
from rag.reading.folder import Folder
from rag.reading.followups import MAX_TURNS, Lean, Turn, Way
from rag.reading.intents import intents
from rag.reports import Progress, SyncReport, silent
from rag.search.retrieval import HybridRetriever, Snapshot
from rag.text.scripts import spoken
from rag.text.terms import normalise

if TYPE_CHECKING:
    from llama_index.core.llms import LLM
    from llama_index.core.query_engine import CustomQueryEngine

_log = logging.getLogger(__name__)
T = TypeVar("T")


def index_folder(config: Config) -> Path:
    """Where the index of `config.docs` is kept: one folder for each corpus below `config.index_dir`."""
    docs = Path(config.docs).resolve()
    digest = hashlib.sha256(str(docs).encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return Path(config.index_dir) / f"{docs.name or 'root'}-{digest}"


class Rag:
    """One folder of documents, its index and the models. Close it, or use it as a context manager.

    Safe to share between threads. Raises RagError's children and nothing else on purpose.
    """

    retriever_class: ClassVar[type[HybridRetriever]] = HybridRetriever
    suffixes: ClassVar[tuple[str, ...]] = tuple(suffix for suffix in READERS if suffix)
    """Of the files that are read."""

    def __init__(self, config: Config | None = None, *, llm: LLM | None = None, models: Rag | None = None) -> None:
        """`llm` is any llama-index language model, in the place of `config.llm`; `models` another Rag whose models this one uses too."""
        self.config = config or Config.from_environment()
        self._given_llm = llm
        self._models = models
        self._checked = False
        self._checking = threading.Lock()

    def __enter__(self) -> Rag:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the index's files; questions that other threads are asking end as they would."""
        if "retriever" in self.__dict__:
            self.retriever.close()
        if "indexer" in self.__dict__:
            self.indexer.close()

    @cached_property
    def indexer(self) -> Indexer:
        check_root(Path(self.config.docs))
        embedding = self._models.indexer.embedding if self._models else OnnxEmbedding(threads=self.config.threads)
        return Indexer(self.config, index_folder(self.config), embedding)

    @cached_property
    def reader(self) -> Reader:
        return self._models.reader if self._models else Reader(threads=self.config.threads)

    @cached_property
    def llm(self) -> LLM | None:
        """The language model that writes answers, if one is wanted. Raises UsageError."""
        if self._models:
            return self._models.llm
        if self._given_llm is None and self.config.llm:
            from rag.writing.llms import open_llm

            return open_llm(self.config.llm, self.config)
        return self._given_llm

    @property
    def engine(self) -> str:
        """What writes the answers: "reader", or the language model's name."""
        if self._models:
            return self._models.engine
        if self._given_llm is not None:
            return self._given_llm.metadata.model_name
        return self.config.llm.partition("@")[0] if self.config.llm else "reader"

    @cached_property
    def retriever(self) -> HybridRetriever:
        parts = self.indexer
        return self.retriever_class(self.config, parts.catalog, parts.mirror, parts.words, parts.embedding)

    def load(self) -> None:
        """Load what the first question needs, the vector store beside the models; without it each is loaded when it is used."""
        with ThreadPoolExecutor(1) as beside:
            beside.submit(ChromaStore.load)
            self.indexer.embedding.embed([])
            self.reader.read("", [])

    def sync(self, on_progress: Progress = silent, *, rebuild: bool = False) -> SyncReport:
        """Make the index match the folder; nothing is embedded twice, unless `rebuild` throws away what there is."""
        report = self.indexer.sync(on_progress, rebuild=rebuild)
        self._checked = True
        return report

    def refresh(self, on_progress: Progress = silent) -> tuple[SyncReport | None, str]:
        """As `sync`; but where another one writes, or nothing can be written, the last whole generation stays, and the reason is returned.

        Without such a generation there is nothing to answer from: it waits for the other one, and raises IndexBroken when that fails.
        """
        whole = self.indexer.is_whole()
        try:
            report = self.indexer.sync(on_progress, wait_seconds=0 if whole else None)
        except StoreUnavailable:
            raise
        except IndexBroken as error:
            if not whole:
                raise
            return None, str(error)
        self._checked = True
        return report, ""

    def mend(self) -> None:
        """Make an index anew that is not as it was written; does nothing else."""
        if not self.indexer.is_whole(empty=True):
            self.sync()

    def status(self) -> dict[str, Any]:
        """What the index holds, as plain JSON data; changes nothing.

        `reason` is a sentence in English, `why` its code, values and words; `since` says what became of a file after it was indexed
        ("", "changed" or "removed"); `hidden` counts its words that are in no chunk; `unseen` are new files.
        """
        folder = index_folder(self.config)
        status: dict[str, Any] = {"docs": str(self.config.docs), "index": str(folder), "indexed": False, "files": []}
        if not folder.exists():
            return status
        catalog = self.indexer.catalog
        counts = catalog.chunk_counts()
        status["indexed"] = catalog.generation > 0
        status["generation"] = catalog.generation
        status["store"] = str(self.indexer.mirror.location)
        status["encoder"] = self.indexer.embedding.model_name
        pending = self.indexer.pending() if Path(self.config.docs).is_dir() else {}
        status["files"] = [
            {
                "source": row.source,
                "state": row.state,
                "reason": row.reason.told("en") if row.reason else "",
                "why": row.reason.to_dict("en") if row.reason else None,
                "title": row.title,
                "date": row.date,
                "author": row.author,
                "language": row.language,
                "chunks": counts.get(row.source, 0),
                "hidden": row.hidden,
                "indexed_at": row.indexed_at,
                "since": pending.pop(row.source, ""),
            }
            for row in catalog.files().values()
        ]
        status["unseen"] = sorted(pending)
        return status

    def retrieve(
        self, question: str, top_k: int | None = None, *, sources: Collection[str] = (), dense_weight: float | None = None
    ) -> list[Passage]:
        """The best passages for `question`, best first; `top_k` and `dense_weight` default to the configured ones.

        `sources` are the files to search, all where it is empty. Raises UsageError.
        """
        checked = self._checked_question(question)

        def search(snapshot: Snapshot) -> list[Passage]:
            chosen = self._checked_sources(sources, snapshot)
            return self.retriever.search(checked, top_k or self.config.top_k, snapshot, sources=chosen, dense_weight=dense_weight)

        return self._asking(search)

    def answer(
        self, question: str, history: Sequence[str | Answer] = (), *, sources: Collection[str] = (), standalone: bool = False
    ) -> Answer:
        """Answer with receipts, or refuse with the reason; written by the language model where there is one.

        `history` holds earlier questions or Answers, oldest first, of which the last `MAX_TURNS` count; it completes a question that
        leans on it, such as "and in yen?", unless it is `standalone`. `Answer.read_as` says how it was read.
        `sources` are the files to ask, all where it is empty.
        Raises UsageError for an empty or too long question, earlier ones too, or a file that is not indexed.
        """
        *_, answer = self.answer_stream(question, history, sources=sources, standalone=standalone)
        assert isinstance(answer, Answer)
        return answer

    def answer_stream(
        self, question: str, history: Sequence[str | Answer] = (), *, sources: Collection[str] = (), standalone: bool = False
    ) -> Iterator[str | Statement | Answer]:
        """As `answer`, while it comes: the language model's text in pieces, each statement once it is checked, then the Answer."""
        found = self._found(self._checked_question(question), self._turns(history, standalone), sources)
        answer = found.answer
        if (
            self.llm is None
            or answer.computed
            or answer.readings
            or answer.parts
            or (answer.kind != "text" and not found.passages)
        ):
            yield found.answer
            return
        from rag.writing.statements import write

        yield from write(found, self.llm, self.engine, self.config, self._citer(found.snapshot))

    def read(
        self, question: str, history: Sequence[str | Answer] = (), *, sources: Collection[str] = (), standalone: bool = False
    ) -> Answer:
        """What the reader alone answers."""
        return self._found(self._checked_question(question), self._turns(history, standalone), sources).answer

    @property
    def sources(self) -> list[str]:
        """The indexed files, in order."""
        return [row.source for row in self._asking(lambda snapshot: self._rows((), snapshot))]

    def answer_each(
        self, question: str, *, sources: Collection[str] = (), on_progress: Progress = silent
    ) -> Iterator[FileAnswer]:
        """What each of `sources` by itself answers, by the reader alone, in their order; of all indexed files where it is empty.

        A file is read when its answer is taken: to take no more of them stops the work. One that has gone from the index or cannot be
        read is refused, and the others follow. `on_progress` hears ("ask", files done, files in all). Raises UsageError as `answer`
        does, before the first file is read.
        """
        asked = self._checked_question(question)
        chosen = self._asking(lambda snapshot: self._rows(sources, snapshot))
        return self._each(asked, chosen, on_progress)

    def _rows(self, sources: Collection[str], snapshot: Snapshot) -> list[FileRow]:
        """Of the files to ask, each once."""
        self._checked_sources(sources, snapshot)
        indexed = (source for source, row in snapshot.files.items() if row.state == "indexed")
        return [snapshot.files[source] for source in dict.fromkeys(sources or indexed)]

    def _each(self, asked: Question, rows: Sequence[FileRow], on_progress: Progress) -> Iterator[FileAnswer]:
        on_progress("ask", 0, len(rows))
        for done, row in enumerate(rows, start=1):
            try:
                answer = self._found(asked, (), [row.source]).answer
            except (DocumentError, UsageError) as error:
                why = error.reason if isinstance(error, DocumentError) else Reason("no longer indexed")
                trace = Trace(asked.text, sources=(row.source,), threshold=self.threshold)
                answer = answering.refusal(asked.text, (why,), 0.0, Gaps(), trace)
            on_progress("ask", done, len(rows))
            yield FileAnswer(row.source, row.title, row.date, answer)

    def _turns(self, history: Sequence[str | Answer], standalone: bool) -> list[Question | Answer]:
        """The turns that count, none for a question that is asked as it stands."""
        return [] if standalone else [t if isinstance(t, Answer) else self._checked_question(t) for t in history[-MAX_TURNS:]]

    def _found(self, asked: Question, history: Sequence[Question | Answer], sources: Collection[str]) -> Found:
        return self._asking(lambda snapshot: self._found_in(snapshot, asked, history, self._checked_sources(sources, snapshot)))

    def _found_in(
        self, snapshot: Snapshot, asked: Question, history: Sequence[Question | Answer], sources: tuple[str, ...]
    ) -> Found:
        """What answers `asked`, each of the questions that it is made of by itself, unless a language model answers it as it is."""
        found = [asked.text] if self.llm is not None else parts.parts(asked.text)
        if found == [asked.text]:
            return self._found_one(snapshot, asked, history, sources)
        if len(found) == 1:
            return self._found_in_talk(snapshot, asked, found[0], history, sources)
        answers: list[Found] = []
        for number, part in enumerate(found):
            told = [*history, *(each.answer for each in answers)]
            answers.append(self._found_one(snapshot, Question.parse(part), told, sources, joined=number > 0))
        return replace(answers[0], question=asked, answer=answering.joined(asked.text, [each.answer for each in answers]))

    def _found_in_talk(
        self, snapshot: Snapshot, asked: Question, part: str, history: Sequence[Question | Answer], sources: tuple[str, ...]
    ) -> Found:
        """What answers the one sentence of `asked` that asks, by itself or with all that stands around it."""
        before = asked.text.partition(part)[0].strip()
        whole, alone = self._found_one(snapshot, asked, history, sources), Question.parse(part)
        if before and followups.lean(alone):
            told = self._completed(snapshot, alone, Turn(before), history, sources)
        else:
            told = self._found_one(snapshot, alone, history, sources)
        best = max((told, whole), key=lambda found: (found.answer.answered, found.answer.confidence))
        return replace(best, question=asked, answer=replace(best.answer, question=asked.text))

    def _found_one(
        self, snapshot: Snapshot, asked: Question, history: Sequence[Question | Answer], sources: tuple[str, ...],
        *, joined: bool = False,
    ) -> Found:  # fmt: skip
        """What answers one question: as it stands, or completed from `history` where it leans on it, as a clause `joined` to another does
        in Chinese, where the subject is left out."""
        about = self._about_folder(asked, snapshot, sources)
        if about and not (history and about.answer.kind == "none" and followups.is_marked(asked)):
            return about
        leaning = followups.lean(asked) if history else Lean.NONE
        if joined and asked.chinese:
            leaning = Lean.MUST
        if leaning is not Lean.MUST:
            found = self._answer(asked, asked, snapshot, sources)
            if leaning is Lean.NONE or found.answer.answered:
                return found
        last = self._last_turn(snapshot, history, sources)
        if last is None:
            return self._answer(asked, asked, snapshot, sources)
        return self._completed(snapshot, asked, last, history, sources)

    def _last_turn(self, snapshot: Snapshot, history: Sequence[Question | Answer], sources: tuple[str, ...]) -> Turn | None:
        """The last question about the text, as it stands on its own, with its answer."""
        for at in range(len(history) - 1, -1, -1):
            turn = history[at]
            if isinstance(turn, Question):
                turn = self._found_in(snapshot, turn, history[:at], sources).answer
            if turn.kind == "text":
                turn = turn.parts[-1] if turn.parts else turn
                return Turn(turn.read_as or turn.trace.question or turn.question, turn.short)
        return None

    def _completed(
        self, snapshot: Snapshot, asked: Question, last: Turn, history: Sequence[Question | Answer], sources: tuple[str, ...]
    ) -> Found:
        """The surest answer to the ways that `asked` may be meant after `last`; else the refusal of the likeliest one."""
        ways = followups.ways(asked, last, self._alike, self._pieces)
        if self.llm is not None:
            from rag.writing.statements import standalone

            ways = [*(Way(text, 1.0) for text in standalone(self.llm, asked, history, self.config)), *ways]
        known = last.short if followups.asks_for_others(asked) else ""
        tries = [(way, self._told(asked, way, snapshot, sources, known)) for way in ways]
        return max(tries, key=lambda tried: (tried[1].answer.answered, followups.worth(tried[0], tried[1].answer.confidence)))[1]

    def _told(self, asked: Question, way: Way, snapshot: Snapshot, sources: tuple[str, ...], known: str) -> Found:
        """What answers `asked` in one way that it may be meant; refused where too little speaks for it."""
        found = self._answer(asked, Question.parse(way.text), snapshot, sources, known)
        answer = found.answer
        if answer.answered and not answer.computed:
            sure = followups.confidence(asked, answer.confidence, found.candidates[0].passage)
            if sure < self.threshold:
                lacking = gaps.gaps_of(found.question, (), found.candidates, snapshot.files)
                answer = answering.refusal(asked.text, gaps.reasons(lacking, self.threshold), sure, lacking, answer.trace)
            else:
                band, right = calibration().worth(sure)
                answer = replace(answer, confidence=sure, band=band, band_right=right)
        return replace(found, answer=replace(answer, read_as=way.text))

    def _alike(self, phrases: Sequence[str], phrase: str) -> list[float]:
        """The cosine of each of `phrases` with `phrase`."""
        vectors = self.indexer.embedding.embed([*phrases, phrase])
        return [float(cosine) for cosine in vectors[:-1] @ vectors[-1]]

    def _pieces(self, text: str) -> list[tuple[int, int]]:
        """(start, end) of the pieces that the models' tokenizer cuts `text` into."""
        encoding = self.indexer.embedding.model.tokenizer.encode(text, add_special_tokens=False)
        return [(start, end) for start, end in encoding.offsets if end > start]

    def _about_folder(self, asked: Question, snapshot: Snapshot, sources: tuple[str, ...]) -> Found | None:
        """What is asked of the folder itself, or no question at all; None for a question about the text."""
        intent = intents().intent(asked.text, self.retriever.question_vector(asked.text))
        search = partial(self.retriever.search, snapshot=snapshot, sources=sources)
        found = Folder(snapshot, self._citer(snapshot), search, sources, str(self.config.docs)).answer(asked, intent)
        if found and intent.kind == "written":  # when an agreement was signed is told by the text, if it is
            told = self._answer(asked, asked, snapshot, sources)
            return told if told.answer.answered else found
        return found

    def text(self, source: str) -> str:
        """The text that citations of `source` point into, as the file is now. Raises DocumentError or UsageError."""
        if source not in self.retriever.snapshot().files:
            raise UsageError(f"{source} is not an indexed file of {self.config.docs}.")
        return self._now(source).text

    def file(self, source: str) -> File:
        """`source` as it is now, with its parts to be drawn. Raises DocumentError or UsageError."""
        self._checked_sources([source], self.retriever.snapshot())
        return _file(source, self._now(source).document)

    def checked(self, citation: Citation) -> tuple[str, File | None]:
        """What has become of a citation's quote, as a state of `rag.reading.citing`, and its file as it is now; None where it is gone."""
        place = (citation.source, citation.start, citation.end, citation.quote, citation.sha256)
        try:
            now = self._now(citation.source)
        except DocumentError:
            return UNREADABLE, None
        return compare(now, *place).state, _file(citation.source, now.document)

    def _now(self, source: str) -> FileNow:
        return read_now(Path(self.config.docs), source, self.config.max_file_bytes)

    def outline(self, source: str) -> list[tuple[int, int]]:
        """(start, end) of each chunk of `source`, in order; neighbours overlap, and what is in none of them is never evidence."""
        return [(row.start, row.end) for row in self.indexer.catalog.chunks_between(source, 0, sys.maxsize)]

    def made_with(self) -> dict[str, str]:
        """What answers are made with, for receipts: version, folder, index and models, each by its fingerprint."""
        catalog = self.indexer.catalog
        return {
            "version": VERSION,
            "docs": str(Path(self.config.docs).resolve()),
            "index": catalog.meta("fingerprint"),
            "generation": str(catalog.generation),
            "encoder": self.indexer.embedding.model.fingerprint,
            "reader": self.reader.model.fingerprint,
        }

    @property
    def threshold(self) -> float:
        """The confidence below which an answer is held back."""
        return calibration().threshold if self.config.min_confidence is None else self.config.min_confidence

    @staticmethod
    def written(text: str) -> list[str]:
        """The statements of a language model's text as far as it has come, without the marks that cite."""
        from rag.writing.verification import statements

        return [said for said, _ in statements(text)]

    @property
    def sample_questions(self) -> tuple[str, ...]:
        """The questions that come with the shipped sample; none for any other folder, or where its files have been changed."""
        return suggestions.sample_questions(Path(self.config.docs), self.retriever.snapshot().files)

    def examples(self, most: int) -> list[str]:
        """Up to `most` questions to begin with: the sample's own, else such about the documents' titles as are answered."""
        asked = suggestions.about_titles(self.retriever.snapshot().files)
        return list(self.sample_questions[:most]) or list(islice((q for q in asked if self.read(q).answered), most))

    def follow_ups(self, turns: Sequence[Answer]) -> list[str]:
        """Questions that may come after the last answer, as far as they are answered well."""
        last = turns[-1]
        if not last.answered or last.kind != "text":
            return []
        asked = suggestions.after(last, self.retriever.snapshot().files.get(last.citations[0].source))
        return [question for question in asked if suggestions.is_fair(self.read(question, turns))]

    def as_query_engine(self) -> CustomQueryEngine:
        """This pipeline as a llama-index query engine; each citation is a source node."""
        from rag.query_engine import RagQueryEngine

        return RagQueryEngine(ask=self.answer)

    def _checked_question(self, question: str) -> Question:
        if not question.strip():
            raise UsageError("the question is empty; write what you want to know.")
        if len(question) > self.config.max_question_chars:
            raise UsageError(f"the question has {len(question):,} characters; the limit is {self.config.max_question_chars:,}.")
        return Question.parse(question.strip())

    def _checked_sources(self, sources: Collection[str], snapshot: Snapshot) -> tuple[str, ...]:
        for source in sources:
            if source not in snapshot.files:
                raise UsageError(f"{source} is not an indexed file of {self.config.docs}. To see them: rag status")
        return tuple(sorted(sources))

    def _ready(self) -> None:
        """On first use: make the index if there is none."""
        with self._checking:
            if not self._checked and self.indexer.catalog.generation == 0:
                self.indexer.sync()
            self._checked = True

    def _asking(self, ask: Callable[[Snapshot], T]) -> T:
        """What `ask` finds in the last whole generation; an index that is damaged is made anew first."""
        try:
            self._ready()
            return ask(self.retriever.snapshot())
        except IndexDamaged as error:
            _log.warning("asked again after a sync, since %s", error)
            self.indexer.sync(damaged=self.indexer.catalog.opened)
            return ask(self.retriever.snapshot())

    def _answer(
        self, asked: Question, question: Question, snapshot: Snapshot, sources: tuple[str, ...], known: str = ""
    ) -> Found:
        """Answer `question`, which stands for `asked`; `known` is an earlier answer that is not meant again.

        Where it asks whether a figure is so, the figure is asked for, and the two are compared.
        """
        if opened := verdict.opened(question):
            found = self._read(asked, Question.parse(opened), snapshot, sources, known)
            answer = found.answer
            if answer.answered and not answer.readings and answer.citations:
                best = found.candidates[0]
                told = verdict.by_value(question, best.passage, best.sentence, best.start, best.end)
                if told:
                    text = f"{say_in(answer.language)(told)}. {answer.citations[0].quote} [1]"
                    return replace(found, answer=replace(answer, text=text, short="", verdict=told))
        return self._read(asked, question, snapshot, sources, known)

    def _read(self, asked: Question, question: Question, snapshot: Snapshot, sources: tuple[str, ...], known: str) -> Found:
        """What the reader finds."""
        began = time.perf_counter()
        unknown = gaps.unknown_words(question, snapshot.lexical, self._is_common, lambda t: self.retriever.surface(t, snapshot))
        unknown = gaps.in_scripts_of(unknown, snapshot.files.values())
        question = gaps.read_as(question, unknown)
        near = self.retriever.search(question, max(self.config.candidates, self.config.top_k), snapshot, sources=sources)
        passages = near[: max(self.config.top_k, self.config.read_k)]
        question = question.cased([f"{p.title}\n{p.text}" for p in passages])
        found = time.perf_counter()
        worth = answering.worth_reading(passages, self.config)
        model, threshold = calibration(), self.threshold
        computed = self._computed(asked, question, passages, snapshot)
        readings = [] if computed else self.reader.read(question.text, worth)
        candidates = answering.span_candidates(question, readings, snapshot.lexical, model)
        candidates = answering.read_alone(question, candidates, self.read_sentences, model)
        given = f" {normalise(known)} "
        candidates = [c for c in candidates if not known or f" {normalise(c.text)} " not in given]
        read = time.perf_counter()
        good = [c for c in candidates if c.confidence >= threshold]
        answer = computed or (self._compose(asked, question, good, snapshot) if good else None)
        if not computed and candidates and not (isinstance(answer, Answer) and (answer.items or not answer.short)):
            answer = self._differing(asked, question, candidates, near, snapshot) or answer
        stages = (
            Stage("search", (found - began) * 1000),
            Stage("read", (read - found) * 1000),
            Stage("check", (time.perf_counter() - read) * 1000),
        )
        signs = {"intercept": model.intercept, **model.contributions(candidates[0].signs)} if candidates else {}
        searched_passages = len(snapshot.catalog.chunk_ids(sources)) if sources else snapshot.lexical.size
        considered = answering.considered(passages, worth, candidates)
        trace = Trace(question.text, stages, considered, signs, searched_passages, sources, threshold)
        if isinstance(answer, Answer):
            band, right = model.worth(answer.confidence)
            right = answer.confidence if computed else right
            old = answering.old_source(question, answer.citations, date.today())
            answer = replace(answer, gaps=Gaps(unknown), trace=trace, band=band, band_right=right, warning=old)
        else:
            lacking = gaps.gaps_of(question, unknown, candidates, snapshot.files)
            reasons = (answer,) if answer else gaps.reasons(lacking, threshold)
            confidence = candidates[0].confidence if candidates else 0.0
            answer = answering.refusal(asked.text, reasons, confidence, lacking, trace)
        _log_stages(answer, len(worth))
        return Found(asked, answer, tuple(worth), tuple(candidates), snapshot)

    def read_sentences(self, question: Question, sentences: Sequence[Passage]) -> list[Reading]:
        """What the reader finds in sentences, each by itself, with their cosine with the question."""
        return self.reader.read(question.text, self.retriever.likened(question, sentences)) if sentences else []

    def _is_common(self, word: str) -> bool:
        """Whether the models' vocabulary, which goes by frequency, holds a word whole, as it is written or in lower case."""
        tokenizer = self.indexer.embedding.model.tokenizer
        return any(tokenizer.token_to_id(f"▁{form}") is not None for form in (word, word.lower()))

    def _citer(self, snapshot: Snapshot) -> Citer:
        return Citer(Path(self.config.docs), snapshot, self.config.max_file_bytes)

    def _computed(
        self, asked: Question, question: Question, passages: Sequence[Passage], snapshot: Snapshot
    ) -> Answer | Reason | None:
        """What is worked out over a table, or why it is not where the question clearly asks for it; else None."""
        found = self._citer(snapshot).computed(question, passages)
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
        self, asked: Question, question: Question, candidates: Sequence[Candidate], near: Sequence[Passage], snapshot: Snapshot
    ) -> Answer | None:
        """The values that files give, the newest first, where they differ; `near` are the passages to look through, best first."""
        model, threshold = calibration(), self.threshold
        comparing = Comparing(question, threshold, snapshot.lexical.weight, self._alike)
        first = differing.by_file(candidates, model)
        if candidates[0].confidence < threshold and len(comparing.groups(first, threshold)) < 2:
            return None
        unread = differing.elsewhere(near, {c.passage.source for c in candidates}, first[0])
        readings = self.reader.read(question.text, unread)
        found = differing.by_file([*candidates, *answering.span_candidates(question, readings, snapshot.lexical, model)], model)
        new = [c for c in found if c.confidence >= differing.PARALLEL and not any(c.signs[sign] for sign in answering.UNREAD)]
        again = answering.read_alone(question, new, self.read_sentences, model, len(new))
        groups = comparing.groups(answering.weighed([*(c for c in found if c not in new), *again], model), threshold)
        if len(groups) < 2:
            return None
        citer, citations, told = self._citer(snapshot), list[Citation](), list[Stated]()
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

    def _compose(self, asked: Question, question: Question, good: Sequence[Candidate], snapshot: Snapshot) -> Answer | Reason:
        """The answer that the best candidate with verified evidence gives, or why none could be verified."""
        citer, stale = self._citer(snapshot), list[str]()
        for best in good:
            if best.passage.source in stale:
                continue
            citations, shaped, changed = citer.answer(question, answering.supporting(best, good))
            stale += changed
            if not citations or citations[0].source != best.passage.source:
                continue
            short, items = answering.short_and_items(question, best, citations[0], shaped)
            text = answering.answer_text(short, items, citations, shaped)
            told = verdict.verdict(question, Evidence(question, best.passage, best.sentence)) if not items else ""
            if told:
                text = f"{say_in(spoken(asked.text))(told)}. {text}"
            return Answer(
                asked.text, True, text, short, best.confidence, citations=tuple(citations), items=items, verdict=told,
                language=spoken(asked.text),
            )  # fmt: skip
        return Reason("stale", {"files": list(dict.fromkeys(stale)), "docs": str(self.config.docs)})


def _file(source: str, document: Document) -> File:
    return File(source, document.text, document.markup in FLOWING, partial(parts_between, document))


def refused_by_all(best: Answer, lacking: Sequence[Gaps]) -> Answer:
    """A refusal for several folders: `best` is the surest of theirs, `lacking` what each of them lacks.

    The words are those that none of the folders holds, the files that were not read those of all.
    """
    if best.kind != "text":
        return best
    missing = [{word.word for word in each.unknown} for each in lacking]
    unknown = tuple(word for word in best.gaps.unknown if all(word.word in words for words in missing))
    unread = tuple(file for each in lacking for file in each.unread)
    joined = Gaps(unknown, best.gaps.closest, unread)
    why = best.reasons if joined == best.gaps else gaps.reasons(joined, best.trace.threshold)
    told = answering.refusal(best.question, why, best.confidence, joined, best.trace)
    return replace(told, engine=best.engine, statements=best.statements, notice=best.notice)


def _log_stages(answer: Answer, passages: int) -> None:
    """One line a stage after the search, which logs its own; words at debug level alone."""
    took = {stage.name: stage.milliseconds for stage in answer.trace.stages}
    _log.info("read: %d passages in %.0f ms", passages, took["read"])
    _log.info("check: %.0f ms", took["check"])
    _log.info("%s with confidence %.2f", "answered" if answer.answered else "refused", answer.confidence)
    _log.debug("question %r, asked as %r: %r", answer.question, answer.trace.question, answer.text)
