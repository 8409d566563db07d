"""The index follows its folder while the page is served: one thread makes it where there is none, another syncs whenever the files change."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import suppress

from rag.errors import RagError
from rag.pipeline import Rag
from rag.reports import SyncReport

_log = logging.getLogger(__name__)


class _Closed(Exception):
    """Ends a sync that nobody waits for any more; what it had committed stays."""


class FirstIndex:
    """Brings the index up to date from `start` on: at once where there is one to answer from, else beside the page, which waits for it."""

    def __init__(self, rag: Rag, told: Callable[[SyncReport | None, str], None]) -> None:
        """`told` takes what `Rag.refresh` gives."""
        self._rag = rag
        self._told = told
        self._closed = False
        self._ended = threading.Event()
        self._failed: RagError | None = None
        self._progress = ("start", 0, 0)
        self._thread = threading.Thread(target=self._run, name="first index", daemon=True)

    def start(self) -> None:
        """Raises RagError where there is an index and it cannot be used."""
        if self._rag.indexer.is_whole():
            self._told(*self._rag.refresh())
            self._ended.set()
        else:
            self._thread.start()

    def close(self) -> None:
        self._closed = True
        if self._thread.is_alive():
            self._thread.join()

    @property
    def progress(self) -> tuple[str, int, int] | None:
        """The step, how much of it is done and of how much; None once it has ended."""
        return None if self._ended.is_set() else self._progress

    @property
    def failed(self) -> RagError | None:
        """Why there is no index."""
        return self._failed

    def wait(self) -> None:
        """Returns once there is an index. Raises RagError where it could not be made."""
        self._ended.wait()
        if self._failed:
            raise self._failed

    def _run(self) -> None:
        try:
            self._told(*self._rag.refresh(self._shown))
        except RagError as error:
            _log.warning("the folder could not be indexed: %s", error)
            self._failed = error
        except _Closed:
            pass
        finally:
            self._ended.set()

    def _shown(self, step: str, done: int, total: int) -> None:
        self._progress = (step, done, total)
        if self._closed:
            raise _Closed


class Follower:
    """Runs from `start` to `close`, once there is a first index; where another process writes, it waits for that one to end."""

    def __init__(self, rag: Rag, first: FirstIndex) -> None:
        self._rag = rag
        self._first = first
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="follower", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Returns once a sync that goes on has ended."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        with suppress(RagError):
            self._first.wait()
        told = ""
        for report, trouble in self._rag.follow(self._stop):
            said = f"the folder's changes wait: {trouble}" if trouble else " ".join(report.notes if report else ())
            if said not in ("", told):
                _log.warning("%s", said)
            told = said
