"""What a sync says of its work: `Progress` while it goes on, a `FileReport` for each file and one `SyncReport` at the end.

Plain values, from `corpus.indexing` to the shell, the page and the evaluation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from rag.messages import Reason

Progress = Callable[[str, int, int], None]
"""Called with (step, done, total) as work goes on; the steps are scan, read, embed, commit, store and applied."""

STATES = ("added", "changed", "unchanged", "removed", "skipped", "failed")


@dataclass(frozen=True)
class FileReport:
    """What became of one file."""

    source: str
    state: str
    reason: Reason | None = None


@dataclass(frozen=True)
class SyncReport:
    """What one `sync` saw and did; every file is in exactly one state."""

    files: tuple[FileReport, ...]
    chunks: int
    embedded: int
    """Texts that went through the encoder."""
    seconds: float
    notes: tuple[str, ...] = ()
    """What had to be repaired or made anew, and why."""

    @property
    def counts(self) -> dict[str, int]:
        """Files in each state, all states named."""
        found = Counter(report.state for report in self.files)
        return {state: found[state] for state in STATES}

    def in_state(self, state: str) -> list[FileReport]:
        return [report for report in self.files if report.state == state]


def silent(step: str, done: int, total: int) -> None:
    """A `Progress` that shows nothing."""
