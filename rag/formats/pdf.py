"""PDF → text, title and where each page begins, by pypdf."""

from __future__ import annotations

import io

from rag.errors import FileFailed, FileSkipped
from rag.formats.parsed import Parsed


def read_pdf(content: bytes) -> Parsed:
    try:
        from pypdf import PdfReader
        from pypdf.errors import PyPdfError
    except ImportError:
        raise FileSkipped("needs PDF extra") from None
    try:
        reader = PdfReader(io.BytesIO(content))
        pages = [page.extract_text() for page in reader.pages]
        title = (reader.metadata.title if reader.metadata else None) or ""
    except (PyPdfError, ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
        raise FileFailed("bad PDF", error=str(error)) from error
    if not any(page.strip() for page in pages):
        raise FileFailed("PDF without text")
    starts, offset = [], 0
    for page in pages:
        starts.append(offset)
        offset += len(page) + 2
    return Parsed("\n\n".join(pages), "pdf", title, page_starts=tuple(starts))
