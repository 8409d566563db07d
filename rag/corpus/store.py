"""Vectors by chunk id, searched by cosine similarity in Chroma: embedded, or a server with a deadline on every call.

In: ids and unit vectors. Out: ids and similarities. It holds nothing that the catalog does not, and a collection is
never repaired but made again. The only module that imports chromadb.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import numpy as np

from rag.config import place_of
from rag.corpus.deadlines import within
from rag.errors import IndexBroken, IndexDamaged, StoreEmptied, StoreUnavailable
from rag.models.runtime import FloatArray

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.collection_configuration import CreateHNSWConfiguration
    from chromadb.api.models.Collection import Collection

BATCH = 1000
"""Records in one call; Chroma refuses more than 5,461."""

_opening = threading.Lock()
"""Chroma's own table of the folders that are open is not made for threads."""
_abandoned: list[ClientAPI] = []
"""To be closed by whoever holds `_opening` next."""
HNSW: CreateHNSWConfiguration = {"space": "cosine", "ef_search": 1000, "max_neighbors": 32, "ef_construction": 400}
"""Of 300 questions on 7,443 chunks none misses the nearest, and 2 in a thousand of the nearest thirty are missed; with an `ef_search` of 400 alone it
is 11 questions, and 36. It takes twice as long to build (.3 ms a chunk) and 1.5 ms more to ask."""
SERVER_HNSW: CreateHNSWConfiguration = {"space": "cosine", "ef_search": 2000, "max_neighbors": 64, "ef_construction": 800}
"""Of the nearest thirty of 7,445 chunks 200 questions miss 3 in ten thousand: so the same is found on however many servers. It takes .6 ms a
chunk to build, and 1.4 ms more to ask."""


def graph_of(configuration: Mapping[str, object]) -> str:
    """How a graph is made, for the record of what a store holds."""
    return " ".join(f"{name}={configuration[name]}" for name in sorted(configuration))


class ChromaStore:
    """Named collections of (id, vector). Raises StoreUnavailable or IndexDamaged for whatever goes wrong below."""

    def __init__(self, location: Path | str, *, timeout_seconds: float = 10.0) -> None:
        """`location` is a folder for the embedded store, or a server's http(s) URL."""
        self.location = location if isinstance(location, Path) else place_of(location)
        """Without a log-in."""
        self.timeout_seconds = timeout_seconds
        self._url = "" if isinstance(location, Path) else location
        self._client: ClientAPI | None = None
        self._connecting = threading.Lock()
        self._known: dict[str, Collection] = {}
        """Those of a server that were asked, which need not be looked up again."""

    @staticmethod
    def load() -> None:
        """Import Chroma, which takes about as long as opening an index does."""
        import chromadb  # noqa: F401

    def close(self) -> None:
        """Let go of the files."""
        with _opening:
            self._leave()
            _close_abandoned()

    def abandon(self) -> None:
        """As `close`, and never waits: the garbage collector may call it in the thread that is opening another store."""
        self._leave()
        if _opening.acquire(blocking=False):
            try:
                _close_abandoned()
            finally:
                _opening.release()

    def _leave(self) -> None:
        client, self._client = self._client, None
        self._known = {}
        if client is not None:
            _abandoned.append(client)

    def has(self, name: str) -> bool:
        with self._errors():
            return name in {collection.name for collection in self._open().list_collections()}

    def ids(self, name: str) -> set[str]:
        with self._errors():
            return set(self._collection(name).get(include=[])["ids"])

    def count(self, name: str) -> int:
        with self._errors():
            return self._collection(name).count()

    def create(self, name: str) -> None:
        """An empty collection; one of that name left by an interrupted run is dropped."""
        with self._errors():
            if self.has(name):
                self._open().delete_collection(name)
            self._open().create_collection(
                name, embedding_function=None, configuration={"hnsw": SERVER_HNSW if self._url else HNSW}
            )

    def upsert(self, name: str, items: Iterable[tuple[str, FloatArray]]) -> None:
        """Put (id, vector) pairs; an id that is there gets the new vector."""
        with self._errors():
            collection = self._collection(name)
            remaining = iter(items)
            while batch := list(islice(remaining, BATCH)):
                collection.upsert(ids=[i for i, _ in batch], embeddings=np.stack([v for _, v in batch]))

    def delete(self, name: str, ids: Sequence[str]) -> None:
        with self._errors():
            collection = self._collection(name)
            for at in range(0, len(ids), BATCH):
                collection.delete(ids=list(ids[at : at + BATCH]))

    def drop_others(self, prefix: str, keep: str) -> None:
        """Drop the collections whose name begins with `prefix`, but for `keep`."""
        with self._errors():
            for collection in self._open().list_collections():
                if collection.name.startswith(prefix) and collection.name != keep:
                    self._open().delete_collection(collection.name)

    def query(self, name: str, vector: FloatArray, top_k: int, among: Sequence[str] | None = None) -> list[tuple[str, float]]:
        """The nearest ids, of all or of those `among` which to look, with their cosine similarity, best first; ties by id."""
        if among is not None and not among:
            return []
        ids = None if among is None else list(among)
        with self._errors():
            collection = self._known.get(name) or self._collection(name)
            if self._url:
                self._known[name] = collection
            result = collection.query(query_embeddings=[vector.tolist()], ids=ids, n_results=top_k, include=["distances"])
        distances = (result["distances"] or [[]])[0]
        return sorted(((i, 1.0 - float(d)) for i, d in zip(result["ids"][0], distances)), key=lambda pair: (-pair[1], pair[0]))

    def _collection(self, name: str) -> Collection:
        return self._open().get_collection(name, embedding_function=None)

    def _open(self) -> ClientAPI:
        if self._url:
            with self._connecting:  # one that is silent holds up no other one
                if self._client is None:
                    self._client = self._connect()
                return self._client
        with _opening:
            _close_abandoned()
            if self._client is None:
                self._client = self._open_folder(Path(self.location))
            return self._client

    def _open_folder(self, folder: Path) -> ClientAPI:
        import chromadb
        from chromadb.api.shared_system_client import SharedSystemClient
        from chromadb.config import Settings

        folder.mkdir(parents=True, exist_ok=True)
        try:
            return chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False))
        except Exception:
            SharedSystemClient._identifier_to_system.pop(str(folder), None)  # else the next attempt gets the broken half again
            raise

    def _connect(self) -> ClientAPI:
        from base64 import b64encode
        from urllib.request import Request, urlopen

        import chromadb
        from chromadb.config import Settings

        url, place = urlsplit(self._url), urlsplit(str(self.location))
        login = b64encode(f"{unquote(url.username)}:{unquote(url.password or '')}".encode()).decode() if url.username else ""
        headers = {"Authorization": f"Basic {login}"} if login else {}

        def greet() -> None:
            with urlopen(Request(f"{self.location}/api/v2/heartbeat", headers=headers), timeout=2 * self.timeout_seconds) as told:
                told.read()

        # The client has no deadline while it is made, and would wait for a silent server for good.
        within(self.timeout_seconds, greet)
        settings = Settings(anonymized_telemetry=False)
        client = within(
            self.timeout_seconds,
            lambda: chromadb.HttpClient(
                place.hostname or "", place.port or 0, ssl=place.scheme == "https", headers=headers, settings=settings
            ),
        )
        # Nor has it a setting for later: without this a stopped server blocks for over a minute.
        client._server._session.timeout = self.timeout_seconds  # type: ignore[attr-defined]
        return client

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Chroma raises anything from KeyError to its own and httpx's classes; all of it means the same to a user."""
        try:
            yield
        except (IndexBroken, KeyboardInterrupt, SystemExit, GeneratorExit):
            raise
        except BaseException as error:  # a panic of its Rust side is no Exception
            self._known = {}
            if self._url and type(error).__name__ == "NotFoundError":
                raise StoreEmptied(
                    f"the Chroma server at {self.location} no longer holds this index's vectors. To put them there again: rag sync"
                ) from error
            detail = f"{type(error).__name__}: {error}".splitlines()[0][:200]
            if self._url:
                raise StoreUnavailable(
                    f"the Chroma server at {self.location} does not answer ({detail}). "
                    "Start it with: chroma run --path DIR --host 127.0.0.1 --port N"
                ) from error
            raise IndexDamaged(f"the vector index in {self.location} cannot be used ({detail}).") from error


def _close_abandoned() -> None:
    while _abandoned:
        _abandoned.pop().close()  # type: ignore[attr-defined]
