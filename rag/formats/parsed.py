"""What every reader of a file type gives."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Parsed:
    """What a reader makes of a file's bytes."""

    text: str
    encoding: str
    title: str = ""
    date: str = ""
    page_starts: tuple[int, ...] = ()
    """Offset of each page's first character, for PDF."""
