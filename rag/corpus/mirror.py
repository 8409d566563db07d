"""The catalog → the vector store: Chroma holds the vectors of exactly the chunks of one generation, and is never opened where it lies.

In: the catalog's chunk ids and vectors, its generation, and its journal of changes. Out: the same in the store, and in the catalog's meta a record of it (`Held`).
Opening a folder of Chroma's changes it, and a damaged one can take the process along. So each generation has a sealed folder of its own,
made from a copy of the last one, and readers open a copy too, after it was held against the sizes and checksums of the record. A folder
that is damaged, or has had much deleted, is made anew from the catalog. On a server, which others use too, one collection is brought
from generation to generation, and its record says so while that goes on.
`apply` writes and takes no lock: `Indexer` holds the folder's write lock around it. Each step is safe to be killed in.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import secrets
import socket
import weakref
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from rag.config import Config
from rag.corpus.catalog import Catalog
from rag.corpus.sealed import Scratch, check, remove, seal, sweep
from rag.corpus.store import ChromaStore
from rag.errors import IndexDamaged
from rag.reports import Progress

CHURN_LIMIT = 0.2
"""Deleted share of a Chroma collection above which it is made anew: deletions leave live records unreachable."""
_CANARIES = 5
_FILL_BATCH = 1000
_FOLDERS = "chroma"
_COPIES = "open"
_NAME = "vectors"
"""Of the collection in a folder of its own."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Held:
    """What the store holds."""

    name: str = ""
    """Of the folder, or of the collection on a server."""
    location: str = ""
    generation: int = 0
    """0 while it is worked on."""
    model: str = ""
    deleted: int = 0
    """Records that were deleted from it since it was made."""
    files: dict[str, list[object]] = field(default_factory=dict)
    """Size and sha256 of each file of a folder."""

    @classmethod
    def parse(cls, text: str) -> Held:
        """The empty record where `text` is none."""
        with contextlib.suppress(ValueError, TypeError):
            held = cls(**json.loads(text))
            if all(type(getattr(held, name)) is type(default) for name, default in asdict(cls()).items()):
                return held
        return cls()


class OpenStore:
    """One generation's vectors, opened to be searched; a copy of a folder is gone when the object is."""

    def __init__(self, store: ChromaStore, name: str, copy: Scratch | None = None) -> None:
        self.store = store
        self.name = name
        self._copy = copy
        if copy is not None:
            weakref.finalize(self, store.abandon)


class Mirror:
    """Keeps the vector store of one index folder in step with its catalog."""

    def __init__(self, config: Config, folder: Path, catalog: Catalog) -> None:
        self.server = ChromaStore(config.chroma_url, timeout_seconds=config.chroma_timeout_seconds) if config.chroma_url else None
        self.location = config.chroma_url or _FOLDERS
        self._folder = folder
        self._catalog = catalog

    def close(self) -> None:
        if self.server:
            self.server.close()

    def held(self, catalog: Catalog | None = None) -> Held:
        """What the store holds, as `catalog` or the one of this moment has it."""
        return Held.parse(self.record(catalog or self._catalog))

    def record(self, catalog: Catalog) -> str:
        """`held` as it was written down: for all who share a server, or for this folder."""
        return catalog.meta("store") if self.server else catalog.kept_here("store")[0]

    def open(self, catalog: Catalog, model: str) -> OpenStore | None:
        """The vectors of exactly the generation of `catalog`, which is pinned; None where the store does not hold them, or they are damaged."""
        held = self.held(catalog)
        if held.generation != catalog.generation or self._unusable(held, model):
            return None
        if self.server:
            return OpenStore(self.server, held.name)
        try:
            copy = Scratch(self._folder / _COPIES)
            check(self._folder / held.name, held.files, copy.path)
        except (OSError, IndexDamaged) as error:
            _log.warning("store: not used, since %s", error)
            return None
        return OpenStore(ChromaStore(copy.path), _NAME, copy)

    def apply(self, model: str, on_progress: Progress) -> list[str]:
        """Bring Chroma to the catalog's generation. Returns a note when it had to be made anew."""
        held = self.held()
        reason = self._unusable(held, model) if held.name else ""
        reason = (
            self._to_server(self.server, held, reason, model, on_progress)
            if self.server
            else self._to_folder(held, reason, model, on_progress)
        )
        if reason:
            _log.warning("store: made anew, since %s", reason)
        return [f"the vector index was made anew from the catalog: {reason}"] if reason else []

    def _unusable(self, held: Held, model: str) -> str:
        if held.model != model:
            return "the model changed"
        return "" if held.location == self.location else "it is kept in another place now"

    # in folders of its own

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
        made, deleted = Scratch(self._folder / _COPIES), None
        if usable:
            try:
                check(last, held.files, made.path)
            except IndexDamaged as error:
                reason = str(error)
            else:
                deleted = self._within(made, lambda store: self._catch_up(store, _NAME, held, model, on_progress))
        if deleted is None:
            made = Scratch(self._folder / _COPIES)
            deleted = self._within(made, lambda store: self._fill_new(store, _NAME, model, on_progress))
        name = f"{_FOLDERS}-{generation}-{secrets.token_hex(4)}"
        files = seal(made.path, self._folder / name)
        self._record(Held(name, self.location, generation, model, deleted or 0, files), on_progress)
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

    # on a server

    def holds(self, generation: int) -> bool:
        """Whether the store still holds this generation at this moment."""
        return self.held().generation == generation

    def _to_server(self, server: ChromaStore, held: Held, reason: str, model: str, on_progress: Progress) -> str:
        """Bring the collection to the catalog's generation, or fill a new one. Returns why the old one could not serve."""
        generation = self._catalog.generation
        if held.name and not reason:
            reason = "" if server.has(held.name) else "it is gone"
        if held.name and not reason and held.generation == generation:
            reason = self._damage(server, held.name, model)
            if not reason:
                return ""
        elif held.name and not reason:
            self._record(replace(held, generation=0), on_progress)
            deleted = self._catch_up(server, held.name, held, model, on_progress)
            if deleted is not None:
                self._record(replace(held, generation=generation, deleted=deleted), on_progress)
                return ""
        name = f"{self._prefix}-{generation}-{'b' if held.name.endswith('a') else 'a'}"
        self._fill_new(server, name, model, on_progress)
        self._record(Held(name, self.location, generation, model), on_progress)
        server.drop_others(self._prefix, keep=name)
        return reason

    @property
    def _prefix(self) -> str:
        """Names this index's collections on a server that others use too."""
        place = f"{socket.gethostname()}:{self._folder.resolve()}"
        if self._catalog.shared:
            place = f"{self._catalog.place}:{self._folder.name}"
        return "cv-" + hashlib.sha256(place.encode("utf-8", "surrogatepass")).hexdigest()[:12]

    # both

    def _damage(self, store: ChromaStore, name: str, model: str) -> str:
        """Compares counts and looks a few known vectors up: a damaged collection may count right and find nothing."""
        wanted = self._catalog.count_chunks()
        if (count := store.count(name)) != wanted:
            return f"it held {count} of {wanted} chunks"
        for chunk_id, vector in self._catalog.vectors(self._catalog.some_ids(_CANARIES), model).items():
            found = store.query(name, vector, 3)
            if not found or found[0][1] < 0.999:
                return f"it did not find chunk {chunk_id[:8]}, which it held"
        return ""

    def _catch_up(self, store: ChromaStore, name: str, held: Held, model: str, on_progress: Progress) -> int | None:
        """Upsert what is new and delete what is gone; returns how many were ever deleted, None where a new collection is due."""
        if not self._catalog.remembers(held.generation):
            return None
        changed = self._catalog.changed_since(held.generation)
        new = [row.chunk_id for row in self._catalog.chunks(changed, missing_ok=True)]
        gone = sorted(set(changed).difference(new))
        deleted = held.deleted + len(gone)
        if deleted > CHURN_LIMIT * (wanted := self._catalog.count_chunks()):
            _log.info("store: %d deleted next to %d vectors", deleted, wanted)
            return None
        self._fill(store, name, new, model, on_progress)
        store.delete(name, gone)
        if self._damage(store, name, model):
            return None
        _log.info("store: %d vectors put, %d deleted", len(new), len(gone))
        return deleted

    def _fill_new(self, store: ChromaStore, name: str, model: str, on_progress: Progress) -> int:
        """A new collection of all vectors, of which none was deleted."""
        store.create(name)
        ids = self._catalog.chunk_ids()
        self._fill(store, name, ids, model, on_progress)
        _log.info("store: %d vectors put into a new collection", len(ids))
        return 0

    def _fill(self, store: ChromaStore, name: str, ids: Sequence[str], model: str, on_progress: Progress) -> None:
        for at in range(0, len(ids), _FILL_BATCH):
            on_progress("store", at, len(ids))
            part = ids[at : at + _FILL_BATCH]
            vectors = self._catalog.vectors(part, model)
            store.upsert(name, [(chunk_id, vectors[chunk_id]) for chunk_id in part])
        on_progress("store", len(ids), len(ids))

    def _record(self, held: Held, on_progress: Progress) -> None:
        on_progress("applied", 0, 1)
        record = self._catalog.set_meta if self.server else self._catalog.keep_here
        record(store=json.dumps(asdict(held)))
        on_progress("applied", 1, 1)
