"""Chunks of the catalog → a collection of a store: put in, and looked up to see that they are found."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from rag.corpus.catalog import Catalog
from rag.corpus.store import ChromaStore

CHURN_LIMIT = 0.2
"""Deleted share of a Chroma collection above which it is made anew: deletions leave live records unreachable."""
_CANARIES = 5
_FILL_BATCH = 1000
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Share:
    """The chunks that one store is to hold: those of `sources`, or all of the catalog where it is None."""

    catalog: Catalog
    model: str
    sources: Collection[str] | None = None

    def ids(self) -> list[str]:
        return self.catalog.chunk_ids(self.sources)

    def count(self) -> int:
        if self.sources is None:
            return self.catalog.count_chunks()
        return sum(count for source, count in self.catalog.chunk_counts().items() if source in self.sources)

    def some_ids(self, most: int, of: int) -> list[str]:
        """Up to `most` from all over; `of` is how many stores share the catalog, of which each is taken to hold as much."""
        if self.sources is None:
            return self.catalog.some_ids(most)
        rows = self.catalog.chunks(self.catalog.some_ids(2 * most * of))
        return [row.chunk_id for row in rows if row.source in self.sources][:most]


def fill(store: ChromaStore, name: str, share: Share, ids: Sequence[str], on_done: Callable[[int, int], None]) -> None:
    """Put the vectors of `ids` in; `on_done` hears how many of how many are."""
    for at in range(0, len(ids), _FILL_BATCH):
        on_done(at, len(ids))
        part = ids[at : at + _FILL_BATCH]
        vectors = share.catalog.vectors(part, share.model)
        store.upsert(name, [(chunk_id, vectors[chunk_id]) for chunk_id in part])
    on_done(len(ids), len(ids))


def fill_new(store: ChromaStore, name: str, share: Share, on_done: Callable[[int, int], None]) -> None:
    """A new collection of the whole share."""
    store.create(name)
    ids = share.ids()
    fill(store, name, share, ids, on_done)
    _log.info("store: %d vectors put into a new collection", len(ids))


def damage(store: ChromaStore, name: str, share: Share, of: int = 1) -> str:
    """Compares counts and looks a few known vectors up: a damaged collection may count right and find nothing."""
    wanted = share.count()
    if (count := store.count(name)) != wanted:
        return f"it held {count} of {wanted} chunks"
    for chunk_id, vector in share.catalog.vectors(share.some_ids(_CANARIES, of), share.model).items():
        found = store.query(name, vector, 3)
        if not found or found[0][1] < 0.999:
            return f"it did not find chunk {chunk_id[:8]}, which it held"
    return ""
