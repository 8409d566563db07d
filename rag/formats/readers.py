"""A file's suffix → the reader that turns its bytes into text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from rag.errors import FileSkipped
from rag.formats.html import read_html
from rag.formats.parsed import Parsed
from rag.formats.pdf import read_pdf
from rag.formats.plain import read_plain


def parse(path: Path, content: bytes) -> Parsed:
    """The reader for the file's suffix, applied to its bytes. Raises FileSkipped or FileFailed."""
    parsed = READERS[path.suffix.lower()](content)
    if not parsed.text.strip("\ufeff \t\r\n\f\v\u00a0\u3000"):
        raise FileSkipped("empty")
    return parsed


_PLAIN = (".txt", ".text", ".md", ".markdown", ".rst", ".adoc", ".org", ".tex", ".log", "")
READERS: dict[str, Callable[[bytes], Parsed]] = {
    **dict.fromkeys(_PLAIN, read_plain),
    **dict.fromkeys((".html", ".htm", ".xhtml"), read_html),
    ".pdf": read_pdf,
}
"""The reader of each file suffix."""
