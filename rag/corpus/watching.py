"""When the files of a folder change: `changes` yields each time, for as long as it is wanted.

What stirs the folder is told by the system, or where it can't be (a limit, a network drive) found by looking again and again; whether it
concerns what is indexed is always told by the files themselves, as `documents.find_files` sees them, so what is left out there wakes nobody.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from watchfiles import watch

from rag.corpus.documents import find_files
from rag.errors import UsageError

QUIET_SECONDS = 0.5
"""Without a change, after which the files are looked at: one that is being written is left to end, for up to `LONGEST_SECONDS`."""
LONGEST_SECONDS = 5.0
TICK_SECONDS = 1.0
"""Between two looks at whether to stop, and at the files where the system tells nothing of them."""
LOOKED_AFTER_SECONDS = 30.0
"""After which the files are looked at though nothing was told: changes from another machine are not."""
RESTED_SHARE = 20
"""Of the time that looking took, to rest before the next look."""
Seen = dict[str, str] | None
_log = logging.getLogger(__name__)


class Changes:
    """Yields when the files of a folder are others than they were when it yielded last, for the first time at once."""

    def __init__(self, root: Path, max_bytes: int, stop: threading.Event) -> None:
        self._root = root
        self._max_bytes = max_bytes
        self._stop = stop
        self._seen: Seen | str = "nothing yet"

    def missed(self) -> None:
        """What was yielded for could not be done: it is yielded once more."""
        self._seen = "nothing yet"

    def __iter__(self) -> Iterator[None]:
        ready = looked_at = 0.0
        waiting = False
        for stirred in _stirrings(self._root, self._stop):
            waiting = waiting or stirred or self._seen == "nothing yet" or time.monotonic() - looked_at > LOOKED_AFTER_SECONDS
            if not waiting or time.monotonic() < ready:
                continue
            began = time.monotonic()
            seen, waiting = self._look(), False
            looked_at = time.monotonic()
            ready = looked_at + RESTED_SHARE * (looked_at - began)
            if seen != self._seen:
                self._seen = seen
                yield

    def _look(self) -> Seen:
        """The files with their signatures, or why they have none; None where there is no folder."""
        with suppress(UsageError, OSError):
            files = find_files(self._root, self._max_bytes)
            return {f.source: f"{f.signature or f.skipped or f.failed}{' whole' * f.whole}" for f in files}
        return None


def _stirrings(root: Path, stop: threading.Event) -> Iterator[bool]:
    """Whether something changed below `root`, told by the system within the last tick; where it tells nothing, that is always so."""
    why = ""
    while not stop.is_set():
        place, stirred = _identity(root), True  # what changed before it is watched is not told
        try:
            told = watch(
                root, watch_filter=None, stop_event=stop, yield_on_timeout=True, rust_timeout=int(TICK_SECONDS * 1000),
                step=int(QUIET_SECONDS * 1000), debounce=int(LONGEST_SECONDS * 1000), ignore_permission_denied=True,
            )  # fmt: skip
            for changed in told:
                yield stirred or bool(changed)
                stirred = False
                if _identity(root) != place:  # another folder lies there now
                    break
        except (OSError, RuntimeError) as error:  # watchfiles' own are of the latter kind
            if str(error) != why:
                _log.info("not told of changes in %s (%s): its files are looked at instead", root, error)
            why = str(error)
            yield True
            stop.wait(TICK_SECONDS)


def _identity(root: Path) -> tuple[int, int] | None:
    try:
        facts = root.stat()
    except OSError:
        return None
    return (facts.st_dev, facts.st_ino)
