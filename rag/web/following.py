"""The index follows its folder while the page is served: a thread that syncs whenever the files change, one writer among others."""

from __future__ import annotations

import logging
import threading

from rag.pipeline import Rag

_log = logging.getLogger(__name__)


class Follower:
    """Runs from `start` to `close`; where another process writes, it waits for that one to end."""

    def __init__(self, rag: Rag) -> None:
        self._rag = rag
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
        told = ""
        for report, trouble in self._rag.follow(self._stop):
            said = f"the folder's changes wait: {trouble}" if trouble else " ".join(report.notes if report else ())
            if said not in ("", told):
                _log.warning("%s", said)
            told = said
