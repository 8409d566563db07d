"""A question → passages, best first: dense (vectors) and lexical (BM25) candidates, fused.

One rule for all languages: words tell across languages only where they agree (names, figures), and vectors do the rest.
Every candidate gets both scores, whichever leg proposed it. Ties are broken by file and place.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from rag.answers import Passage
from rag.config import Config
from rag.corpus.catalog import Catalog, ChunkRow, FileRow
from rag.corpus.mirror import Mirror
from rag.corpus.wordfiles import WordFiles
from rag.corpus.words import LexicalIndex
from rag.messages import Reason
from rag.models.encoder import Encoder
from rag.models.runtime import FloatArray
from rag.questions import Question
from rag.search.dense import DenseIndex
from rag.search.fusion import fuse
from rag.text.terms import surface_form

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Snapshot:
    """One generation of the index, as a question sees it; one thread's."""

    generation: int
    catalog: Catalog
    """Pinned at it: its rows are there for as long as the snapshot is held, whatever is written meanwhile."""
    dense: DenseIndex
    files: dict[str, FileRow]
    lexical: LexicalIndex
    left_out: dict[str, Reason] = field(default_factory=dict, compare=False)
    """The vector servers that could not be asked, by address: of the files there the words alone were searched."""


class HybridRetriever:
    """Fused search over one index; notices a new generation at the next question."""

    def __init__(
        self,
        config: Config,
        catalog: Catalog,
        mirror: Mirror,
        words: WordFiles,
        embedding: Encoder,
        *,
        catch_up: Callable[[Catalog], None],
        brief: bool = False,
    ) -> None:
        """`catch_up` brings what is searched to a pinned catalog that is not written by this folder's syncs alone."""
        self._config = config
        self._catalog = catalog
        self._mirror = mirror
        self._words = words
        self._embedding = embedding
        self._catch_up = catch_up
        self._brief = brief

        def timed(question: str) -> tuple[FloatArray, float]:
            began = time.perf_counter()
            return embedding.embed_question(question), (time.perf_counter() - began) * 1000

        self._embedded = lru_cache(maxsize=8)(timed)
        self._kept: tuple[tuple[object, ...], Snapshot] | None = None
        self._loading = threading.Lock()

    def question_vector(self, question: str) -> FloatArray:
        """Of one that was asked lately as it was worked out then."""
        return self._embedded(question)[0]

    def embed_milliseconds(self, question: str) -> float:
        """That its vector took when it was worked out."""
        return self._embedded(question)[1]

    @property
    def served(self) -> Snapshot | None:
        """What answered last, which may not be asked; None before the first question."""
        return self._kept[1] if self._kept else None

    def close(self) -> None:
        """Forget the generation that was asked last; snapshots that are held stay."""
        self._kept = None

    def snapshot(self) -> Snapshot:
        """The last whole generation, which another process may have written. Raises IndexDamaged."""
        with self._loading:
            catalog = self._catalog.pinned()
            if self._kept is None or self._kept[0] != self._state(catalog):
                if catalog.shared:
                    self._catch_up(catalog)
                self._kept = self._state(catalog), replace(self._load(catalog), catalog=self._catalog)
            return replace(self._kept[1], catalog=catalog, left_out={})

    def _state(self, catalog: Catalog) -> tuple[object, ...]:
        return (catalog.opened, catalog.generation, catalog.meta("root"), self._mirror.record(catalog))

    def _load(self, catalog: Catalog) -> Snapshot:
        files = catalog.verified()
        lexical, _ = self._words.current(catalog, self._kept[1].lexical.segments if self._kept else ())
        dense = DenseIndex(self._mirror, catalog, self._embedding.model.fingerprint, brief=self._brief)
        return Snapshot(catalog.generation, catalog, dense, files, lexical)

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
        width = max(self._config.candidates, min(top_k, snapshot.lexical.size))
        by_words = snapshot.lexical.scores(question.text)
        catalog = snapshot.catalog
        chosen = catalog.chunk_ids(sources) if sources else None
        candidates = snapshot.lexical.best(by_words, width, chosen)
        vector = self.question_vector(question.text)
        nearest = snapshot.dense.query(catalog, vector, width, snapshot.left_out, sources=sources, among=chosen)
        proposed = dict.fromkeys([*(found for found, _ in nearest), *candidates])
        # by one way for all, whether Chroma proposed them or not: its figures differ in the last bits
        vectors = catalog.vectors(list(proposed), self._embedding.model.fingerprint)
        near = {chunk_id: float(known @ vector) for chunk_id, known in vectors.items()}
        rows = list(catalog.chunks(list(near)))
        words = snapshot.lexical.of(by_words, near)
        most = snapshot.lexical.most(question.terms)
        weight = self._config.dense_weight if dense_weight is None else dense_weight
        scores = self.fused({row.chunk_id: near[row.chunk_id] for row in rows}, words, most, weight)
        passages = [
            passage_of(row, snapshot.files[row.source], scores[row.chunk_id], near[row.chunk_id], words[row.chunk_id])
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
        cosines = self._embedding.embed([passage.text for passage in passages]) @ self.question_vector(question.text)
        return [replace(passage, dense=float(cosine)) for passage, cosine in zip(passages, cosines)]

    def surface(self, term: str, snapshot: Snapshot) -> str:
        """How the documents write an index term: "Elmet" for "elmet"."""
        rows = snapshot.catalog.chunks(snapshot.lexical.holding(term, 5))
        return surface_form(term, [row.embedded for row in rows])


def passage_of(row: ChunkRow, file: FileRow, score: float = 1.0, dense: float = 0.0, lexical: float = 0.0) -> Passage:
    """A chunk of the index as it is searched, read and quoted."""
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
