"""A terminal without a person: a command run on a pseudo-terminal, what it shows, and what is typed."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from types import TracebackType

from tests.conftest import ROOT

SECONDS = 90.0


class Terminal:
    """`rag ARGUMENTS` on a terminal of its own."""

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
        self._own, theirs = pty.openpty()
        self.shown = b""
        """All that it has shown so far."""
        self._seen = 0
        self.process = subprocess.Popen(
            [sys.executable, "-m", "rag", *arguments], cwd=ROOT, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
            env={**os.environ, "COLUMNS": "200", "OMP_NUM_THREADS": "1", **environment}, preexec_fn=_take_terminal,
        )  # fmt: skip
        os.close(theirs)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._own)

    def wait_for(self, words: str) -> str:
        """What it shows up to these words, from where it was read last."""
        wanted, ends = words.encode(), time.monotonic() + SECONDS
        while (at := self.shown.find(wanted, self._seen)) < 0:
            if time.monotonic() > ends or not self._read():
                raise AssertionError(f"{words!r} was not shown: {self.shown[self._seen :]!r}")
        told = self.shown[self._seen : at + len(wanted)]
        self._seen = at + len(wanted)
        return told.decode("utf-8", "replace")

    def type(self, keys: str | bytes) -> None:
        os.write(self._own, keys.encode() if isinstance(keys, str) else keys)

    def end(self) -> tuple[int, str]:
        """The exit code, and what it shows until it ends."""
        while self._read():
            pass
        return self.process.wait(SECONDS), self.shown[self._seen :].decode("utf-8", "replace")

    def _read(self) -> bool:
        ready, _, _ = select.select([self._own], [], [], SECONDS)
        try:
            got = os.read(self._own, 65_536) if ready else b""
        except OSError:  # the other end is closed
            got = b""
        self.shown += got
        return bool(got)


def _take_terminal() -> None:
    """Make standard input the controlling terminal, so that Ctrl-C reaches the command."""
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
