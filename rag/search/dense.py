"""A vector → the nearest chunks of one generation: by Chroma while it holds that generation, else by comparing with each vector; so is
it where so little is asked that opening Chroma would take longer.

In: a unit vector and the pinned catalog. Out: chunk ids with their cosine similarity, best first, and which servers were left out. The
catalog has all vectors, so a question finds the same whether the store is whole, being written, damaged, or cannot be opened where nothing
can be written.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Sequence

import numpy as np

from rag.corpus.catalog import Catalog
from rag.corpus.mirror import Mirror
from rag.errors import IndexDamaged
from rag.messages import Reason
from rag.models.runtime import FloatArray

COMPARED_SOONER = 20_000
"""Chunks up to which one question is answered sooner by comparing its vector with each than by importing and opening Chroma."""
_log = logging.getLogger(__name__)


class DenseIndex:
    """The vectors of one generation."""

    def __init__(self, mirror: Mirror, catalog: Catalog, model: str, *, brief: bool = False) -> None:
        """`catalog` is pinned at the generation; `brief` says that few questions will be asked."""
        compared = brief and mirror.servers is None and not catalog.shared and catalog.count_chunks() <= COMPARED_SOONER
        self._opened = None if compared else mirror.open(catalog, model)
        self._model = model
        self._all: tuple[list[str], FloatArray] | None = None
        self._loading = threading.Lock()

    def query(
        self,
        catalog: Catalog,
        vector: FloatArray,
        top_k: int,
        left_out: dict[str, Reason],
        *,
        sources: Collection[str] = (),
        among: Sequence[str] | None = None,
    ) -> list[tuple[str, float]]:
        """The nearest ids, of all or of those `among` which to look, which are those of `sources`; ties by id. `catalog` is pinned at this
        generation; the vector servers that are left out are put into `left_out`. Raises StoreUnavailable where all are."""
        found = None
        if self._opened is not None:
            try:
                found = self._opened.query(catalog, vector, top_k, left_out, sources=sources, among=among)
            except IndexDamaged as error:
                _log.warning("store: not used, since %s", error)
                self._opened = None
        return self._compared(catalog, vector, top_k, among) if found is None else found

    def _compared(self, catalog: Catalog, vector: FloatArray, top_k: int, among: Sequence[str] | None) -> list[tuple[str, float]]:
        with self._loading:
            if self._all is None:
                vectors = catalog.vectors(catalog.chunk_ids(), self._model)
                self._all = list(vectors), np.stack(list(vectors.values()))
            ids, matrix = self._all
        wanted = None if among is None else set(among)
        found = [(i, float(near)) for i, near in zip(ids, matrix @ vector) if wanted is None or i in wanted]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:top_k]
