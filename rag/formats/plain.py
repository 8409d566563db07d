"""Plain text: its bytes, decoded and left as they are."""

from __future__ import annotations

from rag.formats.encodings import decode
from rag.formats.parsed import Parsed


def read_plain(content: bytes) -> Parsed:
    return Parsed(*decode(content))
