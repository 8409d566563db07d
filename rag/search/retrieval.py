"""A question → passages, best first: dense (Chroma) and lexical (BM25) candidates, fused, as a llama-index retriever.

One rule for all languages: words tell across languages only where they agree (names, figures), and vectors do the rest.
Every candidate gets both scores, whichever leg proposed it. Ties are broken by file and place.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from rag.answers import Passage
from rag.config import Config
from rag.corpus.catalog import Catalog, ChunkRow, FileRow
from rag.corpus.store import ChromaStore
from rag.corpus.wordfiles import WordFiles
from rag.corpus.words import LexicalIndex
from rag.models.encoder import OnnxEmbedding
from rag.questions import Question
from rag.search.fusion import fuse
from rag.text.terms import surface_form

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Snapshot:
    """One generation of the index, as a question sees it."""

    generation: int
    collection: str
    files: dict[str, FileRow]
    lexical: LexicalIndex


class HybridRetriever(BaseRetriever):
    """Fused search over one index; notices a new generation at the next question."""

    def __init__(self, config: Config, catalog: Catalog, store: ChromaStore, words: WordFiles, embedding: OnnxEmbedding) -> None:
        self._config = config
        self._catalog = catalog
        self._store = store
        self._words = words
        self._embedding = embedding
        self._question_vector = lru_cache(maxsize=8)(embedding.embed_question)
        self._snapshot: Snapshot | None = None
        self._loading = threading.Lock()
        super().__init__()

    def snapshot(self) -> Snapshot:
        """The current generation, loaded again when another process has written a new one."""
        with self._loading:
            generation, collection = self._catalog.generation, self._catalog.meta("collection")
            held = self._snapshot
            if held is None or (held.generation, held.collection) != (generation, collection):
                if held is not None:
                    self._store.close()
                lexical, _ = self._words.current(self._catalog, held.lexical.segments if held else ())
                self._snapshot = held = Snapshot(generation, collection, self._catalog.files(), lexical)
            return held

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        passages = self.search(Question.parse(query_bundle.query_str), self._config.top_k)
        return [NodeWithScore(node=_to_node(passage), score=passage.score) for passage in passages]

    def search(
        self,
        question: Question,
        top_k: int,
        snapshot: Snapshot | None = None,
        *,
        sources: Collection[str] = (),
        dense_weight: float | None = None,
    ) -> list[Passage]:
        """The `top_k` best passages for `question`, best first, from `snapshot` or the current one.

        `sources` are the files to search, all where it is empty; `dense_weight` is the configured one where it is None.
        """
        snapshot = snapshot or self.snapshot()
        if not snapshot.lexical.size:
            return []
        began = time.perf_counter()
        width = max(self._config.candidates, top_k)
        by_words = snapshot.lexical.scores(question.text)
        chosen = self._catalog.chunk_ids(sources) if sources else None
        candidates = snapshot.lexical.best(by_words, width, chosen)
        vector = self._question_vector(question.text)
        near = dict(self._store.query(snapshot.collection, vector, width, chosen))
        others = [c for c in candidates if c not in near]
        missing = self._catalog.vectors(others, self._embedding.model.fingerprint)
        near |= {chunk_id: float(known @ vector) for chunk_id, known in missing.items()}
        words = snapshot.lexical.of(by_words, near)
        rows = [row for row in self._catalog.chunks(list(words)) if row.source in snapshot.files]
        most = snapshot.lexical.most(question.terms)
        weight = self._config.dense_weight if dense_weight is None else dense_weight
        scores = self.fused({row.chunk_id: near[row.chunk_id] for row in rows}, words, most, weight)
        passages = [
            _passage(row, snapshot.files[row.source], scores[row.chunk_id], near[row.chunk_id], words[row.chunk_id])
            for row in rows
        ]
        best = sorted(passages, key=lambda p: (-p.score, p.source, p.start, p.chunk_id))[:top_k]
        _log.info(
            "search: %d passages of %d chunks in %.0f ms", len(best), snapshot.lexical.size, (time.perf_counter() - began) * 1000
        )
        return best

    def fused(
        self, dense: Mapping[str, float], lexical: Mapping[str, float], most: float, dense_weight: float
    ) -> dict[str, float]:
        """One score for each candidate; what another way to join the two legs overrides."""
        return fuse(dense, lexical, most, dense_weight)

    def likened(self, question: Question, passages: Sequence[Passage]) -> list[Passage]:
        """`passages` that are in no index, with their cosine with the question."""
        cosines = self._embedding.embed([passage.text for passage in passages]) @ self._question_vector(question.text)
        return [replace(passage, dense=float(cosine)) for passage, cosine in zip(passages, cosines)]

    def surface(self, term: str, snapshot: Snapshot) -> str:
        """How the documents write an index term: "Elmet" for "elmet"."""
        rows = self._catalog.chunks(snapshot.lexical.holding(term, 5))
        return surface_form(term, [row.embedded for row in rows])


def _passage(row: ChunkRow, file: FileRow, score: float, dense: float, lexical: float) -> Passage:
    return Passage(
        chunk_id=row.chunk_id,
        source=row.source,
        start=row.start,
        end=row.end,
        text=row.text,
        score=score,
        title=file.title,
        date=file.date,
        language="zh" if row.cjk else file.language,
        sentences=_spans(row.sentences),
        context=row.context,
        context_spans=_spans(row.context_spans),
        unanswering=_spans(row.unanswering),
        dense=dense,
        lexical=lexical,
    )


def _spans(kept: Sequence[Sequence[int]]) -> tuple[tuple[int, int], ...]:
    return tuple((start, end) for start, end in kept)


def _to_node(passage: Passage) -> TextNode:
    return TextNode(
        id_=passage.chunk_id,
        text=passage.text,
        start_char_idx=passage.start,
        end_char_idx=passage.end,
        metadata={"source": passage.source, "title": passage.title, "date": passage.date},
    )
