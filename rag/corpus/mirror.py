"""The catalog → the vector store: a Chroma collection that holds the vectors of exactly the catalog's chunks.

In: the catalog's chunk ids and vectors, its generation, and its journal of changes. Out: the same in the store, and the record of it in the catalog's meta:
which collection, at which generation, by which model, how many were deleted from it. Nothing is embedded here, and no file is read.
A collection that is damaged, or has had much deleted, is made anew beside the old one, which serves until then.
`apply` writes and takes no lock: `Indexer` holds the folder's write lock around it. Each step is safe to be killed in.
"""

from __future__ import annotations

import hashlib
import logging
import shutil
import socket
from collections.abc import Sequence
from pathlib import Path

from rag.config import Config
from rag.corpus.catalog import Catalog
from rag.corpus.store import ChromaStore
from rag.errors import IndexBroken, StoreUnavailable
from rag.reports import Progress

CHURN_LIMIT = 0.2
"""Deleted share of a Chroma collection above which it is made anew: deletions leave live records unreachable."""
_CANARIES = 5
_FILL_BATCH = 1000
_log = logging.getLogger(__name__)


class Mirror:
    """Keeps the vector store of one index folder in step with its catalog."""

    def __init__(self, config: Config, folder: Path, catalog: Catalog) -> None:
        self.store = ChromaStore(config.chroma_url or folder / "chroma", timeout_seconds=config.chroma_timeout_seconds)
        self._shared = config.chroma_url is not None
        self._folder = folder
        self._catalog = catalog

    def close(self) -> None:
        self.store.close()

    @property
    def collection(self) -> str:
        """The Chroma collection that holds the applied generation."""
        return self._catalog.meta("collection")

    def is_whole(self, model: str) -> bool:
        """Whether the store holds the catalog's generation, in `model`'s vectors, and finds what it holds."""
        return bool(self.collection) and not self._behind and not self._unusable(model) and not self._damage(model)

    def apply(self, model: str, on_progress: Progress) -> list[str]:
        """Bring Chroma to the catalog's generation. Returns a note when the collection had to be made anew."""
        reason = ""
        if self.collection:
            reason = self._unusable(model)
            if not reason and self._behind and self._catch_up(model, on_progress):
                return []
            if not reason and not self._behind:
                reason = self._damage(model)
                if not reason:
                    _log.info("store: whole at generation %d", self._catalog.generation)
                    return []
        self._rebuild(reason, model, on_progress)
        return [f"the vector index was made anew from the catalog: {reason}"] if reason else []

    @property
    def _behind(self) -> bool:
        return int(self._catalog.meta("applied", "0")) != self._catalog.generation

    def _unusable(self, model: str) -> str:
        """Why the recorded collection cannot be used at all; empty when it can."""
        meta = self._catalog.meta
        if meta("store_model") != model:
            return "the model changed"
        if meta("store_location") != str(self.store.location):
            return "it is kept in another place now"
        try:
            return "" if self.store.has(self.collection) else "it is gone"
        except StoreUnavailable:
            raise
        except IndexBroken as error:
            return str(error)

    def _damage(self, model: str) -> str:
        """Compares counts and looks a few known vectors up: a damaged collection may count right and find nothing."""
        wanted = self._catalog.count_chunks()
        try:
            if (count := self.store.count(self.collection)) != wanted:
                return f"it held {count} of {wanted} chunks"
            for chunk_id, vector in self._catalog.vectors(self._catalog.some_ids(_CANARIES), model).items():
                found = self.store.query(self.collection, vector, 3)
                if not found or found[0][1] < 0.999:
                    return f"it did not find chunk {chunk_id[:8]}, which it held"
        except StoreUnavailable:
            raise
        except IndexBroken as error:
            return str(error)
        return ""

    def _catch_up(self, model: str, on_progress: Progress) -> bool:
        """Upsert what is new and delete what is gone; False when so much was deleted that a new collection is due."""
        changed = self._catalog.changed_since(int(self._catalog.meta("applied", "0")))
        new = [row.chunk_id for row in self._catalog.chunks(changed)]
        gone = sorted(set(changed).difference(new))
        deleted = int(self._catalog.meta("deleted", "0")) + len(gone)
        if deleted > CHURN_LIMIT * (wanted := self._catalog.count_chunks()):
            _log.info("store: %d deleted next to %d vectors", deleted, wanted)
            return False
        self._fill(self.collection, new, model, on_progress)
        self.store.delete(self.collection, gone)
        if self._damage(model):
            return False
        self._record(self.collection, deleted, model, on_progress)
        _log.info("store: %d vectors put, %d deleted", len(new), len(gone))
        return True

    def _rebuild(self, reason: str, model: str, on_progress: Progress) -> None:
        """Fill a new collection and make it the current one; the old one serves until then."""
        if reason:
            _log.warning("store: made anew, since %s", reason)
        if reason and not self._shared:
            self.store.close()
            shutil.rmtree(self._folder / "chroma", ignore_errors=True)
        name = f"{self._prefix}-{self._catalog.generation}-{'b' if self.collection.endswith('a') else 'a'}"
        self.store.create(name)
        ids = self._catalog.chunk_ids()
        self._fill(name, ids, model, on_progress)
        self._record(name, 0, model, on_progress)
        self.store.drop_others(self._prefix, keep=name)
        _log.info("store: %d vectors put into a new collection", len(ids))

    def _fill(self, name: str, ids: Sequence[str], model: str, on_progress: Progress) -> None:
        for at in range(0, len(ids), _FILL_BATCH):
            on_progress("store", at, len(ids))
            part = ids[at : at + _FILL_BATCH]
            vectors = self._catalog.vectors(part, model)
            self.store.upsert(name, [(chunk_id, vectors[chunk_id]) for chunk_id in part])
        on_progress("store", len(ids), len(ids))

    def _record(self, name: str, deleted: int, model: str, on_progress: Progress) -> None:
        on_progress("applied", 0, 1)
        self._catalog.set_meta(
            collection=name,
            applied=str(self._catalog.generation),
            deleted=str(deleted),
            store_model=model,
            store_location=str(self.store.location),
        )
        on_progress("applied", 1, 1)

    @property
    def _prefix(self) -> str:
        """Names this index's collections on a server that others use too."""
        place = f"{socket.gethostname()}:{self._folder.resolve()}" if self._shared else "local"
        return "cv-" + hashlib.sha256(place.encode("utf-8", "surrogatepass")).hexdigest()[:12]
