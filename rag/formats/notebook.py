"""Jupyter notebooks (ipynb): Markdown cells as Markdown, code cells and their text output as code, each cell a place."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from rag.errors import FileFailed
from rag.formats.document import Document, Writer
from rag.formats.encodings import decode
from rag.formats.markup import markdown_blocks


def read_notebook(content: bytes) -> Document:
    try:
        notebook = json.loads(decode(content)[0])
    except json.JSONDecodeError as error:
        raise FileFailed("bad JSON", line=error.lineno) from error
    cells = notebook.get("cells") or [cell for sheet in notebook.get("worksheets", []) for cell in sheet.get("cells", [])]
    writer = Writer()
    for number, cell in enumerate(cells, start=1):
        writer.place(("cell", str(number)))
        source = _text(cell.get("source", cell.get("input", "")))
        if cell.get("cell_type") == "markdown" and source.strip():
            writer.extend(markdown_blocks(source))
        else:
            writer.add(source, "code")
        for output in cell.get("outputs", []):
            data = output.get("data", {}) if isinstance(output, Mapping) else {}
            writer.add(_text(output.get("text") or data.get("text/plain", "")), "code")
    return replace(writer.document(str(notebook.get("metadata", {}).get("title", ""))), markup="markdown")


def _text(lines: object) -> str:
    return "".join(map(str, lines)) if isinstance(lines, list) else str(lines)
