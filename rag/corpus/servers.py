"""The catalog → the vectors on one Chroma server or several: which file lies on which, each brought up to date by itself, all asked at once.

In: as `mirror`. Out: the same, with what could not be asked. A server that is down, silent or behind is left out and named; a question is
answered from the others. Where none can be used, the caller compares with the catalog's vectors, or is told that none answers.
A record of generation g says: of what has not changed since g the server holds exactly its share; the rest is compared by the reader, from
the catalog and its journal. So questions are answered in full while a server is brought up to date, and when one comes back that was away.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
import socket
import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from rag.config import Config, place_of
from rag.corpus.catalog import Catalog
from rag.corpus.deadlines import all_within
from rag.corpus.filling import CHURN_LIMIT, Share, damage, fill, fill_new
from rag.corpus.held import Held, parse, told
from rag.corpus.store import SERVER_HNSW, ChromaStore, graph_of
from rag.errors import StoreEmptied, StoreUnavailable
from rag.messages import Reason
from rag.models.runtime import FloatArray
from rag.reports import Progress

MOST_CHANGED = 20_000
"""Chunks that a server may lag behind and still be asked: so many are compared by the reader in the time that opening a folder takes."""
_BEYOND = 256
"""Records that a server which lags is asked for beyond those that are wanted: some of the nearest may be gone."""
_TICK_SECONDS = 0.2
_ALIVE_SECONDS = 1.0
_log = logging.getLogger(__name__)

Near = list[tuple[str, float]]
"""Ids with their cosine similarity, best first."""


def placed(source: str, places: Sequence[str]) -> str:
    """Where a file's chunks lie: rendezvous hashing (Thaler and Ravishankar, IEEE/ACM ToN 1998), so that a new place takes only what it gets
    to hold, and one that goes leaves only what it held."""
    return max(places, key=lambda place: (_weight(place, source), place)) if len(places) > 1 else places[0]


def _weight(place: str, source: str) -> bytes:
    return hashlib.blake2b(f"{place}\0{source}".encode("utf-8", "surrogatepass"), digest_size=8).digest()


class Server:
    """One of the servers, and how it answered last."""

    def __init__(self, url: str, number: int, of: int, timeout_seconds: float) -> None:
        self.store = ChromaStore(url, timeout_seconds=timeout_seconds)
        self.place = place_of(url)
        self.silent = False
        """Whether it let a deadline pass: no question waits for it until it has answered again."""
        self._facts = {"number": number, "of": of, "address": self.place}
        self._waking = threading.Lock()

    def lacks(self, error: BaseException | None = None) -> Reason:
        """Why it is left out; without an `error` it does not hold the generation."""
        if error is None:
            return Reason("server behind", self._facts)
        if isinstance(error, StoreEmptied):
            return Reason("server emptied", self._facts)
        if is_late(error):
            return Reason("server silent", self._facts | {"seconds": self.store.timeout_seconds})
        return Reason("server down", self._facts)

    def wake(self) -> None:
        """Look, beside the question, whether it answers again."""
        if self._waking.acquire(blocking=False):
            threading.Thread(target=self._look, daemon=True).start()

    def _look(self) -> None:
        try:
            self.store.has("")
            self.silent = False
        except StoreUnavailable as error:
            self.silent = is_late(error)
        finally:
            self._waking.release()


def is_late(error: BaseException) -> bool:
    """Whether it is a deadline that passed."""
    return any("Timeout" in type(each).__name__ for each in (error, error.__cause__))


class Servers:
    """All servers of one index folder, in the order in which they are configured."""

    def __init__(self, config: Config, folder: Path, catalog: Catalog) -> None:
        urls = config.chroma_urls
        self.all = [Server(url, number, len(urls), config.chroma_timeout_seconds) for number, url in enumerate(urls, start=1)]
        self.places = sorted(server.place for server in self.all)
        self.timeout_seconds = config.chroma_timeout_seconds
        self._folder = folder
        self._catalog = catalog

    def close(self) -> None:
        for server in self.all:
            server.store.close()

    def held(self, catalog: Catalog | None = None) -> dict[str, Held]:
        """Address → what the server holds, as `catalog` or the one of this moment has it."""
        return {held.location: held for held in parse((catalog or self._catalog).meta("store"))}

    def of(self, sources: Iterable[str]) -> dict[str, set[str]]:
        """Address → the files of `sources` that lie there."""
        found: dict[str, set[str]] = {place: set() for place in self.places}
        for source in sources:
            found[placed(source, self.places)].add(source)
        return found

    def alive(self) -> list[bool]:
        """Whether each answers at this moment."""
        answers = all_within(_ALIVE_SECONDS, [partial(server.store.has, "") for server in self.all])
        return [isinstance(answer, bool) for answer in answers]

    def drop(self) -> None:
        """Delete what they hold of this index. Raises StoreUnavailable."""
        held = self.held()
        for server in self.all:
            if server.place in held:
                server.store.drop_others(held[server.place].name, keep="")

    # asked

    def open(self, catalog: Catalog, model: str) -> OpenServers | None:
        """The generation of `catalog`, which is pinned; None where no server can be asked for it."""
        held = {place: each for place, each in self.held(catalog).items() if self._is_usable(each, model)}
        oldest = min((each.generation for each in held.values()), default=0)
        changed = frozenset(catalog.changed_since(oldest) if oldest < catalog.generation else ())
        if len(changed) > MOST_CHANGED:
            held = {place: each for place, each in held.items() if each.generation == catalog.generation}
            changed = frozenset()
        asked = {server: held[server.place] for server in self.all if server.place in held}
        return OpenServers(self, self._catalog, catalog, model, asked, changed) if asked else None

    def _is_usable(self, held: Held, model: str) -> bool:
        return held.generation > 0 and held.model == model and held.among == self.places

    # brought up to date

    def taken_up(self, generation: int) -> int:
        """The oldest generation from which a reader may go on."""
        return min((each.generation for each in self.held().values() if each.generation), default=generation)

    def apply(self, model: str, on_progress: Progress) -> list[str]:
        """Bring all servers to the catalog's generation at the same time; returns notes. Raises StoreUnavailable where none answers."""
        before = self.held()
        records = {place: before.get(place, Held()) for place in self.places}
        elsewhere = bool(before) and not any(place in before for place in self.places)
        for place, held in records.items():
            if held.name and held.among != self.places:  # files come and go that no journal tells of
                records[place] = replace(held, generation=0)
        if any(records[place] != before.get(place, Held()) for place in self.places):
            self._catalog.set_meta(store=told(records.values()))
        work = _Work(self, records, model, elsewhere)
        notes, failed = work.done(on_progress), work.failed
        if len(failed) == len(self.all):
            raise _none_answers(list(failed.values()))
        for server, error in failed.items():
            notes.append(
                f"{error} Until it is up to date, answers make up for what it lacks or say so; the others are up to date."
            )
            since = records[server.place].generation
            if since and len(self._catalog.changed_since(since)) > MOST_CHANGED:
                work.record(server, replace(records[server.place], generation=0))
        notes += [
            f"{place} is none of the vector servers any more; the collection {held.name} stays on it"
            for place, held in before.items()
            if place not in records and held.among
        ]
        return notes


class _Work:
    """One `apply`."""

    def __init__(self, servers: Servers, records: dict[str, Held], model: str, elsewhere: bool) -> None:
        self.failed: dict[Server, StoreUnavailable] = {}
        self._servers = servers
        self._catalog = servers._catalog
        self._records = records
        self._model = model
        self._elsewhere = elsewhere
        self._generation = self._catalog.generation
        self._prefix = next(
            (held.name[:15] for held in records.values() if held.name), _prefix(servers._folder, servers._catalog)
        )
        """Names this index's collections on servers that others use too."""
        self._written: dict[Server, tuple[int, int]] = {}
        self._stopped = threading.Event()

    def done(self, on_progress: Progress) -> list[str]:
        """Do it; returns what had to be made anew, and why. `on_progress` is called in this thread."""
        sources = self._servers.of(self._catalog.chunk_counts()) if len(self._servers.all) > 1 else {}
        notes = []
        with ThreadPoolExecutor(len(self._servers.all)) as pool:
            pending: dict[Future[tuple[Held, str]], Server] = {
                pool.submit(self._brought, server, Share(self._catalog, self._model, sources.get(server.place))): server
                for server in self._servers.all
            }
            try:
                while pending:
                    ended, _ = wait(pending, _TICK_SECONDS, FIRST_COMPLETED)
                    on_progress("store", *map(sum, zip((0, 0), *self._written.copy().values())))
                    for future in ended:
                        server = pending.pop(future)
                        try:
                            held, reason = future.result()
                        except StoreUnavailable as error:
                            self.failed[server] = error
                            continue
                        self._recorded(server, held, on_progress)
                        if reason:
                            _log.warning("store: %s made anew, since %s", server.place, reason)
                            notes.append(f"the vector index was made anew from the catalog: {reason}")
            finally:
                self._stopped.set()
        return sorted(set(notes))

    def _recorded(self, server: Server, held: Held, on_progress: Progress) -> None:
        if held == (before := self._records[server.place]):
            return
        on_progress("applied", 0, 1)
        self.record(server, held)
        on_progress("applied", 1, 1)
        if held.name != before.name:
            with suppress(StoreUnavailable):  # the next new collection takes what is left along
                server.store.drop_others(self._prefix, keep=held.name)

    def record(self, server: Server, held: Held) -> None:
        self._records[server.place] = held
        self._catalog.set_meta(store=told(self._records.values()))

    def _brought(self, server: Server, share: Share) -> tuple[Held, str]:
        """What the server holds once it has been brought to the generation, and why what it had could not serve."""
        held, store, reason = self._records[server.place], server.store, ""
        among = self._servers.places
        if held.name:
            reason = self._otherwise(held) or ("" if store.has(held.name) else "it is gone")
        elif self._elsewhere:
            reason = "it is kept in another place now"
        if held.name and not reason:
            if held.generation == self._generation:
                reason = damage(store, held.name, share, len(among))
                if not reason:
                    return held, ""
            elif (deleted := self._caught_up(server, held, share)) is not None:
                return replace(held, generation=self._generation, deleted=deleted, among=among), ""
        name = f"{self._prefix}-{self._generation}-{secrets.token_hex(4)}"
        fill_new(store, name, share, self._heard(server))
        return Held(name, server.place, self._generation, self._model, graph=graph_of(SERVER_HNSW), among=among), reason

    def _otherwise(self, held: Held) -> str:
        """Why what a server holds is not as it would be made now."""
        if held.model != self._model:
            return "the model changed"
        return "" if held.graph == graph_of(SERVER_HNSW) else "its graph is made in another way now"

    def _caught_up(self, server: Server, held: Held, share: Share) -> int | None:
        """Put what is missing and delete what is not of the share; returns how many were ever deleted, None where a new collection is due.

        What moved to another server is not counted: so many that go once leave no other record unreachable.
        """
        store, wanted = server.store, share.ids()
        there = store.ids(held.name)
        new, gone = [chunk_id for chunk_id in wanted if chunk_id not in there], sorted(there.difference(wanted))
        deleted = held.deleted + (len(gone) if held.among == self._servers.places else 0)
        if deleted > CHURN_LIMIT * len(wanted):
            _log.info("store: %d deleted next to %d vectors", deleted, len(wanted))
            return None
        fill(store, held.name, share, new, self._heard(server))
        store.delete(held.name, gone)
        if damage(store, held.name, share, len(self._servers.places)):
            return None
        _log.info("store: %d vectors put, %d deleted on %s", len(new), len(gone), server.place)
        return deleted

    def _heard(self, server: Server) -> Callable[[int, int], None]:
        def hear(done: int, of: int) -> None:
            self._written[server] = done, of
            if self._stopped.is_set():
                raise InterruptedError

        return hear


class OpenServers:
    """One generation's vectors on the servers that can be asked for it."""

    def __init__(
        self,
        servers: Servers,
        live: Catalog,
        pinned: Catalog,
        model: str,
        asked: dict[Server, Held],
        changed: frozenset[str],
    ) -> None:
        """`live` is the catalog of any moment, `pinned` that of this generation; `changed` is what one of `asked` may not hold as it is."""
        self._servers = servers
        self._live = live
        self._state = pinned.opened, pinned.generation
        self._model = model
        self._asked = asked
        self._changed = changed
        self._own: tuple[frozenset[str], dict[str, str], dict[str, FloatArray]] = frozenset(), {}, {}
        """What was compared last: ids, their files and their vectors."""

    def query(
        self,
        catalog: Catalog,
        vector: FloatArray,
        top_k: int,
        left_out: dict[str, Reason],
        *,
        sources: Collection[str],
        among: Sequence[str] | None,
    ) -> Near | None:
        """The nearest ids, of all or of `sources`, whose ids are `among`; what could not be asked is put into `left_out`, by address.

        `catalog` is pinned at this generation. None where it cannot be told from what the servers hold by now. Raises StoreUnavailable
        where all are asked and none answers.
        """
        ids = self._ids(catalog, sources, among)
        wanted = [server for server in self._servers.all if server.place in ids]
        usable = [server for server in wanted if server in self._asked]
        ready = [server for server in usable if not server.silent] or usable
        if wanted and not ready:
            return None
        ChromaStore.load()
        calls = [partial(self._nearest, server, vector, top_k, ids[server.place]) for server in ready]
        ended = dict(zip(ready, all_within(self._servers.timeout_seconds, calls)))
        failed = {server: error for server, error in ended.items() if isinstance(error, (TimeoutError, StoreUnavailable))}
        changed = self._changed_by_now()
        if changed is None:
            return None
        near = self._compared(catalog, vector, changed, sources)
        for server, found in ended.items():
            server.silent = server in failed and is_late(failed[server])
            if isinstance(found, list):
                near += [(chunk_id, similarity) for chunk_id, similarity in found if chunk_id not in changed]
            elif server not in failed:
                raise found
        if len(failed) == len(ready) and len(wanted) == len(self._servers.all):
            raise _none_answers([_told(server, error) for server, error in failed.items()])
        for server in wanted:
            if server not in ended and server in self._asked:
                server.wake()
                left_out[server.place] = server.lacks(TimeoutError())
            elif server not in ended or server in failed:
                left_out[server.place] = server.lacks(failed.get(server))
        return sorted(near, key=lambda pair: (-pair[1], pair[0]))[:top_k]

    def _ids(self, catalog: Catalog, sources: Collection[str], among: Sequence[str] | None) -> dict[str, Sequence[str] | None]:
        """Address → which ids to look among there, all where it is None; the servers that hold none of `sources` are left away."""
        if among is None:
            return dict.fromkeys(self._servers.places)
        if len(self._servers.places) == 1:
            return {self._servers.places[0]: among} if among else {}
        return {place: catalog.chunk_ids(own) for place, own in self._servers.of(sources).items() if own}

    def _nearest(self, server: Server, vector: FloatArray, top_k: int, ids: Sequence[str] | None) -> Near:
        """The nearest on one server, of which at least `top_k` have not changed, where it has as many."""
        store, name = server.store, self._asked[server].name
        most = top_k + min(len(self._changed), _BEYOND)
        while True:
            found = store.query(name, vector, most, ids)
            if len(found) < most or sum(chunk_id not in self._changed for chunk_id, _ in found) >= top_k:
                return found
            most *= 4

    def _changed_by_now(self) -> frozenset[str] | None:
        """Ids that a server which was asked may not hold as this generation has them; None where that cannot be told any more."""
        now = self._live.pinned()
        if now.opened != self._state[0]:
            return None
        held, generation = self._servers.held(now), self._state[1]
        for server, was in self._asked.items():
            each = held.get(server.place, Held())
            if (each.name, each.among) != (was.name, was.among) or not each.generation:
                return None
        if now.generation == generation:
            return self._changed
        if min(each.generation for each in held.values() if each.generation) > generation:  # the journal begins there
            return None
        return self._changed.union(now.changed_since(generation))

    def _compared(self, catalog: Catalog, vector: FloatArray, changed: frozenset[str], sources: Collection[str]) -> Near:
        """Those of `changed` that this generation has, compared one by one."""
        if changed != self._own[0]:
            rows = {row.chunk_id: row.source for row in catalog.chunks(sorted(changed), missing_ok=True)}
            self._own = changed, rows, catalog.vectors(list(rows), self._model)
        _, rows, vectors = self._own
        return [(i, float(known @ vector)) for i, known in vectors.items() if not sources or rows[i] in sources]


def _prefix(folder: Path, catalog: Catalog) -> str:
    place = f"{catalog.place}:{folder.name}" if catalog.shared else f"{socket.gethostname()}:{folder.resolve()}"
    return "cv-" + hashlib.sha256(place.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _told(server: Server, error: BaseException) -> StoreUnavailable:
    return (
        error
        if isinstance(error, StoreUnavailable)
        else StoreUnavailable(f"the Chroma server at {server.place} does not answer ({error}).")
    )


def _none_answers(errors: Sequence[StoreUnavailable]) -> StoreUnavailable:
    """One error for all; where they are several, each in its own words."""
    if len(errors) == 1:
        return errors[0]
    return StoreUnavailable(f"none of {len(errors)} Chroma servers can be used: {' — '.join(map(str, errors))}")
