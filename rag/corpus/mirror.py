"""The catalog → the vector store: Chroma holds the vectors of exactly the chunks of one generation, and is never opened where it lies.

In: the catalog's chunk ids and vectors, its generation, and its journal of changes. Out: the same in the store, and in the catalog's meta a record of it (`Held`).
Opening a folder of Chroma's changes it, and a damaged one can take the process along. So each generation has a sealed folder of its own,
made from a copy of the last one, and readers open a copy too, after it was held against the sizes and checksums of the record. A folder
that is damaged, or has had much deleted, is made anew from the catalog. With servers, `servers` does all of this.
`apply` writes and takes no lock: `Indexer` holds the folder's write lock around it. Each step is safe to be killed in.
"""

from __future__ import annotations

import logging
import secrets
import weakref
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rag.config import Config
from rag.corpus.catalog import Catalog
from rag.corpus.filling import CHURN_LIMIT, Share, damage, fill, fill_new
from rag.corpus.held import Held, parse, told
from rag.corpus.sealed import Scratch, check, remove, seal, sweep
from rag.corpus.store import HNSW, ChromaStore, graph_of
from rag.errors import IndexDamaged
from rag.messages import Reason
from rag.models.runtime import FloatArray
from rag.reports import Progress

if TYPE_CHECKING:
    from rag.corpus.servers import OpenServers, Servers

_FOLDERS = "chroma"
_COPIES = "open"
_NAME = "vectors"
"""Of the collection in a folder of its own."""
_log = logging.getLogger(__name__)


class OpenStore:
    """One generation's vectors, opened to be searched; the copy of a folder is gone when the object is."""

    def __init__(self, store: ChromaStore, name: str, copy: Scratch) -> None:
        self.store = store
        self.name = name
        self._copy = copy
        weakref.finalize(self, store.abandon)

    def query(
        self,
        catalog: Catalog,
        vector: FloatArray,
        top_k: int,
        left_out: dict[str, Reason],
        *,
        sources: Collection[str],
        among: Sequence[str] | None,
    ) -> list[tuple[str, float]]:
        """As that of `OpenServers`; a folder is asked as a whole. Raises IndexDamaged."""
        return self.store.query(self.name, vector, top_k, among)


class Mirror:
    """Keeps the vector store of one index folder in step with its catalog."""

    def __init__(self, config: Config, folder: Path, catalog: Catalog) -> None:
        self.servers: Servers | None = None
        if config.chroma_urls:
            from rag.corpus.servers import Servers

            self.servers = Servers(config, folder, catalog)
        self.location = ", ".join(self.servers.places) if self.servers else _FOLDERS
        self._folder = folder
        self._catalog = catalog

    def close(self) -> None:
        if self.servers:
            self.servers.close()

    def held(self, catalog: Catalog | None = None) -> Held:
        """What the folder holds, as `catalog` or the one of this moment has it; the empty record where it has none."""
        return next(iter(parse(self.record(catalog or self._catalog))), Held())

    def record(self, catalog: Catalog) -> str:
        """What is held, as it was written down: for all who share the servers, or for this folder."""
        return catalog.meta("store") if self.servers else catalog.kept_here("store")[0]

    def open(self, catalog: Catalog, model: str) -> OpenStore | OpenServers | None:
        """The vectors of exactly the generation of `catalog`, which is pinned; None where the store does not hold them, or they are damaged."""
        if self.servers:
            return self.servers.open(catalog, model)
        held = self.held(catalog)
        if held.generation != catalog.generation or self._unusable(held, model):
            return None
        try:
            copy = Scratch(self._folder / _COPIES)
            check(self._folder / held.name, held.files, copy.path)
        except (OSError, IndexDamaged) as error:
            _log.warning("store: not used, since %s", error)
            return None
        return OpenStore(ChromaStore(copy.path), _NAME, copy)

    def apply(self, model: str, on_progress: Progress) -> list[str]:
        """Bring Chroma to the catalog's generation. Returns a note when it had to be made anew."""
        if self.servers:
            return self.servers.apply(model, on_progress)
        held = self.held()
        reason = self._to_folder(held, self._unusable(held, model) if held.name else "", model, on_progress)
        if reason:
            _log.warning("store: made anew, since %s", reason)
        return [f"the vector index was made anew from the catalog: {reason}"] if reason else []

    def taken_up(self, generation: int) -> int:
        """Up to which generation the changes are in the store, once `apply` has brought it to `generation` as far as it could."""
        return self.servers.taken_up(generation) if self.servers else generation

    def _unusable(self, held: Held, model: str) -> str:
        if held.model != model:
            return "the model changed"
        if held.location != self.location:
            return "it is kept in another place now"
        return "" if held.graph == graph_of(HNSW) else "its graph is made in another way now"

    def _to_folder(self, held: Held, reason: str, model: str, on_progress: Progress) -> str:
        """Seal a folder with the catalog's generation, from a copy of the last one where it is good. Returns why it was not."""
        generation, last = self._catalog.generation, self._folder / held.name
        usable = bool(held.name and not reason)
        if usable and held.generation == generation:
            try:
                check(last, held.files)
            except (IndexDamaged, OSError) as error:
                usable, reason = False, str(error)
            else:
                _log.info("store: whole at generation %d", generation)
                self._tidy(held.name)
                return ""
        made, deleted, share = Scratch(self._folder / _COPIES), None, Share(self._catalog, model)
        if usable:
            try:
                check(last, held.files, made.path)
            except IndexDamaged as error:
                reason = str(error)
            else:
                deleted = self._within(made, lambda store: self._catch_up(store, held, share, on_progress))
        if deleted is None:
            made = Scratch(self._folder / _COPIES)
            self._within(made, lambda store: fill_new(store, _NAME, share, lambda done, of: on_progress("store", done, of)))
        name = f"{_FOLDERS}-{generation}-{secrets.token_hex(4)}"
        files = seal(made.path, self._folder / name)
        on_progress("applied", 0, 1)
        self._catalog.keep_here(store=told(Held(name, self.location, generation, model, deleted or 0, files, graph_of(HNSW))))
        on_progress("applied", 1, 1)
        self._tidy(name)
        return reason

    @staticmethod
    def _within(made: Scratch, work: Callable[[ChromaStore], int | None]) -> int | None:
        store = ChromaStore(made.path)
        try:
            return work(store)
        finally:
            store.close()

    def _tidy(self, name: str) -> None:
        """Remove the folders of other generations, and what processes left that are no more."""
        for other in self._folder.glob(f"{_FOLDERS}*"):
            if other.name != name:
                remove(other)
        sweep(self._folder / _COPIES)

    def _catch_up(self, store: ChromaStore, held: Held, share: Share, on_progress: Progress) -> int | None:
        """Upsert what is new and delete what is gone; returns how many were ever deleted, None where a new collection is due."""
        if not self._catalog.remembers(held.generation):
            return None
        changed = self._catalog.changed_since(held.generation)
        new = [row.chunk_id for row in self._catalog.chunks(changed, missing_ok=True)]
        gone = sorted(set(changed).difference(new))
        deleted = held.deleted + len(gone)
        if deleted > CHURN_LIMIT * (wanted := share.count()):
            _log.info("store: %d deleted next to %d vectors", deleted, wanted)
            return None
        fill(store, _NAME, share, new, lambda done, of: on_progress("store", done, of))
        store.delete(_NAME, gone)
        if damage(store, _NAME, share):
            return None
        _log.info("store: %d vectors put, %d deleted", len(new), len(gone))
        return deleted
