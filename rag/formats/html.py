"""HTML → the article's text, title and date, by trafilatura."""

from __future__ import annotations

from rag.errors import FileFailed, FileSkipped
from rag.formats.parsed import Parsed


def read_html(content: bytes) -> Parsed:
    try:
        from trafilatura import bare_extraction
    except ImportError:
        raise FileSkipped("needs HTML extra") from None
    page = bare_extraction(content, with_metadata=True, include_comments=False)
    if page is None or not page.text:
        raise FileFailed("no article")
    return Parsed(page.text, "html", page.title or "", page.date or "")
