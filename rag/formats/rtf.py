"""Rich text (rtf) by striprtf, which writes a table's row as its cells, each with a bar after it."""

from __future__ import annotations

import re

from rag.errors import FileFailed
from rag.formats.document import Document, Writer
from rag.formats.plain import ITEM

_PROPERTY = r"\{{\\info\b.{{0,2000}}?\{{\\{} ([^{{}}\\]{{1,300}})\}}"
_TITLE, _AUTHOR = (re.compile(_PROPERTY.format(name), re.DOTALL) for name in ("title", "author"))


def read_rtf(content: bytes) -> Document:
    from striprtf.striprtf import rtf_to_text

    if not content.lstrip().startswith(b"{\\rtf"):
        raise FileFailed("not of its type", kind="RTF")
    source = content.decode("latin-1")
    text = rtf_to_text(source, encoding="cp1252", errors="replace")
    title, author = _TITLE.search(source[:20_000]), _AUTHOR.search(source[:20_000])
    writer = Writer()
    rows: list[list[str]] = []
    for line in [*text.split("\n"), ""]:
        if line.endswith("|") and line.count("|") > 1:
            rows.append([cell.strip() for cell in line[:-1].split("|")])
            continue
        if rows:
            writer.table(rows)
            rows = []
        writer.add(line, "item" if ITEM.match(line.strip()) else "paragraph")
    return writer.document(title[1] if title else "", author=author[1] if author else "")
