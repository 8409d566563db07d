"""The only place where the parts are put together: `Rag` syncs a folder, retrieves passages and answers questions."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import rag.inputs as inputs
from rag.answers import Answer, Citation, File, FileAnswer, Gaps, Passage, Sheets, Statement, Trace
from rag.asking import Asking, read_sentences
from rag.config import VERSION, Config
from rag.corpus.catalog import FileRow
from rag.corpus.documents import check_root, keep_whole, read_bytes, size_of
from rag.corpus.indexing import Indexer
from rag.corpus.kept import hold, is_kept, take_over
from rag.corpus.sources import resolve
from rag.corpus.store import ChromaStore
from rag.errors import DocumentError, IndexBroken, IndexDamaged, NothingToAsk, StoreUnavailable, UsageError
from rag.formats.pages import PAGED, Paper, paper
from rag.formats.parts import FLOWING, parts_between
from rag.formats.readers import READERS
from rag.messages import Reason
from rag.models.encoder import Encoder
from rag.models.reader import Reader, Reading
from rag.places import index_folder
from rag.questions import Question
from rag.reading import answering, gaps, suggestions
from rag.reading.answering import Found
from rag.reading.citing import UNREADABLE, Citer, FileNow, compare, read_now
from rag.reading.confidence import calibration
from rag.reading.followups import MAX_TURNS
from rag.reports import Progress, SyncReport, silent
from rag.search.retrieval import HybridRetriever, Snapshot

if TYPE_CHECKING:
    from llama_index.core.llms import LLM
    from llama_index.core.query_engine import CustomQueryEngine
    from llama_index.core.retrievers import BaseRetriever

_log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True)
class Serving:
    """What a `Rag` answers from."""

    generation: int
    """That the last question was answered from; 0 before the first."""
    catalog: int
    """That the next one will be."""
    chunks: int
    files: Mapping[str, int]
    """State → how many files of that generation have it."""
    servers: tuple[bool, ...]
    """Whether each of the vector servers answers."""


class Rag:
    """One folder of documents, its index and the models. Close it, or use it as a context manager.

    Safe to share between threads. Raises RagError's children and nothing else on purpose.
    """

    retriever_class: ClassVar[type[HybridRetriever]] = HybridRetriever
    suffixes: ClassVar[tuple[str, ...]] = tuple(suffix for suffix in READERS if suffix)
    """Of the files that are read."""

    def __init__(
        self, config: Config | None = None, *, llm: LLM | None = None, models: Rag | None = None, brief: bool = False
    ) -> None:
        """`llm` is any llama-index language model, in the place of `config.llm`; `models` another Rag whose models this one uses too;
        `brief` says that few questions will be asked, so that what pays over many only is not loaded."""
        self.config = Config.from_environment() if config is None else inputs.instance(config, Config, "config")
        if isinstance(llm, str):
            raise UsageError("llm is text; it must be a language model of llama-index. To name one: Config(llm=NAME)")
        self._given_llm = llm
        self._models = models
        self._brief = brief
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
        take_over(self.config)
        embedding = self._models.indexer.embedding if self._models else Encoder(threads=self.config.threads)
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
        return self.retriever_class(
            self.config,
            parts.catalog,
            parts.mirror,
            parts.words,
            parts.embedding,
            catch_up=parts.catch_up,
            brief=self._brief,
        )

    def load(self) -> None:
        """Load what the first question needs, the vector store beside the models; without it each is loaded when it is used."""
        with ThreadPoolExecutor(1) as beside:
            if not self._brief:
                beside.submit(ChromaStore.load)
            self.indexer.embedding.embed([])
            self.reader.read("", [])

    def hold(self) -> object:
        """Keeps the index from being deleted or given away by others, for as long as the object is there."""
        return hold(self.indexer.folder), self.indexer.catalog.hold()

    def sync(
        self, on_progress: Progress = silent, *, rebuild: bool = False, workers: int = 0, ray: str | None = None
    ) -> SyncReport:
        """Make the index match the folder; nothing is embedded twice, unless `rebuild` throws away what there is.

        So many `workers` read and embed for it: processes of this machine, or with `ray` (a cluster's HOST:PORT, or "local") actors there,
        one for each CPU where `workers` is 0. Without either this process does.
        """
        workers = inputs.whole(workers, "workers")
        ray = None if ray is None else inputs.text(ray, "ray")
        report = self.indexer.sync(on_progress, rebuild=rebuild, workers=workers, ray=ray)
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

    def follow(self, stop: threading.Event) -> Iterator[tuple[SyncReport | None, str]]:
        """Refresh whenever the files change, until `stop` is set: what `refresh` gives, or why it raised.

        What could not be done is tried again.
        """
        from rag.corpus.watching import Changes

        changes = Changes(Path(self.config.docs), self.config.max_file_bytes, stop)
        for _ in changes:
            try:
                report, why = self.refresh()
            except (IndexBroken, UsageError) as error:
                report, why = None, str(error)
            if report is None:
                changes.missed()
            yield report, why

    def mend(self) -> None:
        """Make an index anew that is not as it was written; does nothing else."""
        if not self.indexer.is_whole(empty=True):
            self.sync()

    def keep_whole(self, source: str, whole: bool = True) -> None:
        """Say in the folder's `.ragkeep` that nothing of a file is menus or the like, or take that back; from the next `sync` on all of it
        is searched. Raises UsageError."""
        keep_whole(Path(self.config.docs), inputs.text(source, "source"), inputs.instance(whole, bool, "whole"))

    def status(self) -> dict[str, Any]:
        """What the index holds, as plain JSON data; changes nothing.

        `reason` is a sentence in English, `why` its code, values and words; `since` says what became of a file after it was indexed
        ("", "changed" or "removed"); `hidden` counts its words that are in no chunk, `whole` tells that `keep_whole` lets it have none,
        `size` is the bytes it has now; `unseen` are new files.
        """
        folder = index_folder(self.config)
        status: dict[str, Any] = {"docs": str(self.config.docs), "index": str(folder), "indexed": False, "files": []}
        if not is_kept(self.config, folder):
            return status
        catalog = self.indexer.catalog
        counts = catalog.chunk_counts()
        status["indexed"] = catalog.generation > 0
        status["generation"] = catalog.generation
        status["catalog"] = catalog.place
        status["store"] = str(self.indexer.mirror.location)
        status["encoder"] = self.indexer.embedding.name
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
                "whole": row.whole,
                "size": size_of(Path(self.config.docs), row.source),
                "indexed_at": row.indexed_at,
                "since": pending.pop(row.source, ""),
            }
            for row in catalog.files().values()
        ]
        status["unseen"] = sorted(pending)
        return status

    def serving(self) -> Serving:
        """What answers at this moment. Raises IndexBroken where the index cannot be read."""
        served, servers = self.retriever.served, self.indexer.mirror.servers
        return Serving(
            generation=served.generation if served else 0,
            catalog=self.indexer.catalog.generation,
            chunks=served.lexical.size if served else 0,
            files=Counter(row.state for row in served.files.values()) if served else {},
            servers=tuple(servers.alive()) if servers else (),
        )

    def retrieve(
        self, question: str, top_k: int | None = None, *, sources: Collection[str] = (), dense_weight: float | None = None
    ) -> list[Passage]:
        """The best passages for `question`, best first; `top_k` and `dense_weight` default to the configured ones.

        `sources` are the files to search, as `resolve` of `rag.corpus.sources` reads them, all where it is empty. Raises UsageError.
        """
        passages, left_out = self.retrieve_told(question, top_k, sources=sources, dense_weight=dense_weight)
        if left_out:
            _log.warning("%s", left_out.told("en"))
        return passages

    def retrieve_told(
        self, question: str, top_k: int | None = None, *, sources: Collection[str] = (), dense_weight: float | None = None
    ) -> tuple[list[Passage], Reason | None]:
        """As `retrieve`, with the vector servers that could not be asked; None where all were."""
        checked = self._checked_question(question)
        most = self.config.top_k if top_k is None else inputs.whole(top_k, "top_k", 1)
        weight = None if dense_weight is None else inputs.number(dense_weight, "dense_weight", 0, 1)

        def search(snapshot: Snapshot) -> tuple[list[Passage], Reason | None]:
            chosen = resolve(sources, snapshot.files, Path(self.config.docs))
            passages = self.retriever.search(checked, most, snapshot, sources=chosen, dense_weight=weight)
            return passages, answering.left_out(list(snapshot.left_out.values()))

        return self._asking(search)

    def answer(
        self, question: str, history: Sequence[str | Answer] = (), *, sources: Collection[str] = (), standalone: bool = False
    ) -> Answer:
        """Answer with receipts, or refuse with the reason; written by the language model where there is one.

        `history` holds earlier questions or Answers, oldest first, of which the last `MAX_TURNS` count; it completes a question that
        leans on it, such as "and in yen?", unless it is `standalone`. `Answer.read_as` says how it was read.
        `sources` are the files to ask, as `resolve` of `rag.corpus.sources` reads them, all where it is empty.
        Raises UsageError for an empty or too long question, earlier ones too, or a name that is no indexed file's.
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

        yield from write(
            found, self.llm, self.engine, self.config, Citer(Path(self.config.docs), found.snapshot, self.config.max_file_bytes)
        )

    def read(
        self, question: str, history: Sequence[str | Answer] = (), *, sources: Collection[str] = (), standalone: bool = False
    ) -> Answer:
        """What the reader alone answers."""
        return self._found(self._checked_question(question), self._turns(history, standalone), sources).answer

    @property
    def sources(self) -> list[str]:
        """The indexed files, in order."""
        return self.chosen(())

    def chosen(self, sources: Collection[str]) -> list[str]:
        """The indexed files that `sources` mean, as `answer` takes them. Raises UsageError."""
        return [row.source for row in self._asking(lambda snapshot: self._rows(sources, snapshot))]

    def answer_each(
        self, question: str, *, sources: Collection[str] = (), on_progress: Progress = silent
    ) -> Iterator[FileAnswer]:
        """What the text of each of `sources` by itself answers, by the reader alone, in their order; of all indexed files where it is empty.

        A file is read when its answer is taken: to take no more of them stops the work. One that has gone from the index or cannot be
        read is refused, and the others follow. `on_progress` hears ("ask", files done, files in all). Raises UsageError as `answer`
        does, before the first file is read.
        """
        asked = self._checked_question(question)
        chosen = self._asking(lambda snapshot: self._rows(sources, snapshot))
        if not chosen:
            raise NothingToAsk(self.lacking())
        return self._each(asked, chosen, on_progress)

    def lacking(self) -> tuple[Reason, ...]:
        """Why there is nothing to ask: where it was looked, what was passed over, which kinds are read; nothing where there is something."""
        files = self._asking(lambda snapshot: snapshot.files).values()
        return () if any(row.state == "indexed" for row in files) else gaps.nothing_indexed(files, Path(self.config.docs))

    def _rows(self, sources: Collection[str], snapshot: Snapshot) -> list[FileRow]:
        """Of the files to ask, each once."""
        chosen = resolve(sources, snapshot.files, Path(self.config.docs))
        return (
            [row for row in snapshot.files.values() if row.state == "indexed"]
            if not chosen
            else [snapshot.files[s] for s in chosen]
        )

    def _each(self, asked: Question, rows: Sequence[FileRow], on_progress: Progress) -> Iterator[FileAnswer]:
        on_progress("ask", 0, len(rows))
        for done, row in enumerate(rows, start=1):
            try:
                answer = self._asking(partial(self._asked_of, asked, row.source)).answer
            except (DocumentError, UsageError) as error:
                why = error.reason if isinstance(error, DocumentError) else Reason("no longer indexed")
                trace = Trace(asked.text, sources=(row.source,), threshold=self.threshold)
                answer = answering.refusal(asked.text, (why,), 0.0, Gaps(), trace)
            on_progress("ask", done, len(rows))
            yield FileAnswer(row.source, row.title, row.date, answer)

    def _asked_of(self, asked: Question, source: str, snapshot: Snapshot) -> Found:
        """What the text of one file answers. Raises UsageError where it is no longer indexed."""
        if source not in snapshot.files or snapshot.files[source].state != "indexed":
            raise UsageError(f"{source} is no longer indexed.")
        return self._over(snapshot, (source,), text_alone=True).found(asked, ())

    def _turns(self, history: Sequence[str | Answer], standalone: bool) -> list[Question | Answer]:
        """The turns that count, none for a question that is asked as it stands."""
        turns = list(enumerate(inputs.several(history, "history")))[-MAX_TURNS:]
        checked = [turn if isinstance(turn, Answer) else self._checked_question(turn, f"history[{at}]") for at, turn in turns]
        return [] if standalone else checked

    def _found(self, asked: Question, history: Sequence[Question | Answer], sources: Collection[str]) -> Found:
        def find(snapshot: Snapshot) -> Found:
            return self._over(snapshot, resolve(sources, snapshot.files, Path(self.config.docs))).found(asked, history)

        return self._asking(find)

    def _over(self, snapshot: Snapshot, sources: tuple[str, ...], *, text_alone: bool = False) -> Asking:
        embedding = self.indexer.embedding
        return Asking(
            self.config,
            self.retriever,
            embedding,
            self.reader,
            self.llm,
            self.threshold,
            snapshot,
            tuple(sorted(sources)),
            text_alone,
        )

    def text(self, source: str) -> str:
        """The text that citations of `source` point into, as the file is now. Raises DocumentError or UsageError."""
        return self._now(self._checked_source(source)).text

    def file(self, source: str) -> File:
        """`source` as it is now, with its parts to be drawn. Raises DocumentError or UsageError."""
        return _file(source, self._now(self._checked_source(source)))

    def original(self, source: str) -> bytes:
        """`source` as it lies. Raises DocumentError or UsageError."""
        return read_bytes(Path(self.config.docs), self._checked_source(source), self.config.max_file_bytes)

    def sheets(self, source: str, span: tuple[int, int] | None = None, words: str = "") -> Sheets:
        """The pages of `source` as it is now, with the characters `span` and the `words` marked. Raises DocumentError or UsageError."""
        return self._paper(source).sheets(span, words)

    def page_drawn(self, source: str, number: int) -> bytes:
        """A page of `source`, numbered from 0, as a PNG. Raises DocumentError or UsageError."""
        return self._paper(source).drawn(number)

    def _paper(self, source: str) -> Paper:
        if not source.lower().endswith(PAGED):
            raise UsageError(f"{source} has no pages that can be drawn.")
        return paper(self.original(source))

    def checked(self, citation: Citation) -> tuple[str, File | None]:
        """What has become of a citation's quote, as a state of `rag.reading.citing`, and its file as it is now; None where it is gone."""
        place = (citation.source, citation.start, citation.end, citation.quote, citation.sha256)
        try:
            now = self._now(citation.source)
        except DocumentError:
            return UNREADABLE, None
        return compare(now, *place).state, _file(citation.source, now)

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
        """Up to `most` questions to begin with: the sample's own, else such as are made of what files say, and are answered well."""
        if own := self.sample_questions:
            return list(own[:most])
        documents, began = {}, time.monotonic()
        for source in suggestions.to_read(self.retriever.snapshot().files):
            if time.monotonic() - began > suggestions.READ_SECONDS:
                break
            with suppress(DocumentError):
                documents[source] = read_now(Path(self.config.docs), source, suggestions.MAX_FILE_BYTES).document
        tried = (opener.question for opener in suggestions.openers(documents) if opener.is_met(self.read(opener.question)))
        folder = [question for question in suggestions.about_folder(documents) if self.read(question).kind == "folder"]
        return [*islice(tried, max(0, most - len(folder))), *folder][:most]

    def follow_ups(self, turns: Sequence[Answer]) -> list[str]:
        """Questions that may come after the last answer, as far as they are answered well."""
        last = turns[-1]
        if not last.answered or last.kind != "text":
            return []
        asked = suggestions.after(last, self.retriever.snapshot().files.get(last.citations[0].source))
        return [question for question in asked if suggestions.is_fair(self.read(question, turns))]

    def as_query_engine(self) -> CustomQueryEngine:
        """This pipeline as a llama-index query engine; each citation is a source node."""
        from rag.adapters import RagQueryEngine

        return RagQueryEngine(ask=self.answer)

    def as_retriever(self) -> BaseRetriever:
        """This pipeline's search as a llama-index retriever; each passage is a node."""
        from rag.adapters import RagRetriever

        return RagRetriever(self.retrieve)

    def _checked_question(self, question: object, what: str = "the question") -> Question:
        checked = inputs.text(question, what).strip()
        if not checked:
            raise UsageError(f"{what} is empty; write what you want to know.")
        if len(checked) > self.config.max_question_chars:
            raise UsageError(f"{what} has {len(checked):,} characters; the limit is {self.config.max_question_chars:,}.")
        return Question.parse(checked)

    def _checked_source(self, source: object) -> str:
        """The name of a file of the index, as it stands there."""
        checked = inputs.path(source, "source")
        row = self.retriever.snapshot().files.get(checked)
        if row is None or row.state != "indexed":
            raise UsageError(
                f"{checked} is not an indexed file of {self.config.docs}. To see them: rag status --docs {self.config.docs}"
            )
        return checked

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

    def read_sentences(self, question: Question, sentences: Sequence[Passage]) -> list[Reading]:
        """What the reader finds in sentences, each by itself, with their cosine with the question."""
        return read_sentences(self.reader, self.retriever, question, sentences)


def _file(source: str, now: FileNow) -> File:
    document, parts = now.document, partial(parts_between, now.document)
    return File(source, document.text, document.markup in FLOWING, parts, now.sha256, source.lower().endswith(PAGED))


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
    own = tuple(reason for reason in best.reasons if reason.code != "may lie there")
    why = own if joined == best.gaps else gaps.reasons(joined, best.trace.threshold)
    told = answering.refusal(best.question, why, best.confidence, joined, best.trace)
    return replace(told, engine=best.engine, statements=best.statements, notice=best.notice)


def also_without(best: Answer, answers: Sequence[Answer]) -> Answer:
    """`best` of several folders' answers, with the vector servers that could not be asked for any of them."""
    servers = {s.values["address"]: s for each in answers if each.left_out for s in each.left_out.values["servers"]}
    return best if best.left_out else answering.without(best, list(servers.values()))
