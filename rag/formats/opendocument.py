"""OpenDocument text and slides (odt, odp): headings, paragraphs, lists and tables; notes after the paragraph that refers to them."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from rag.errors import FileFailed
from rag.formats.archives import Archive, attribute, local
from rag.formats.document import Document, Writer

_LEFT_OUT = {"tracked-changes", "forms", "sequence-decls", "variable-decls", "desc", "title"}
_NOTES = {"note", "annotation"}
_MAX_REPEATED = 100


def read_opendocument(content: bytes) -> Document:
    archive = Archive(content)
    root = archive.xml("content.xml")
    body = next((e for e in root if local(e) == "body"), None) if root is not None else None
    if root is None or body is None:
        raise FileFailed("part missing", part="content.xml")
    writer = Writer()
    titles = {attribute(e, "name") for e in root.iter() if local(e) == "style" and attribute(e, "parent-style-name") == "Title"}
    _Reader(writer, titles | {"Title"}).blocks(body)
    meta = archive.xml("meta.xml")
    told = {local(e): e.text or "" for e in meta.iter()} if meta is not None else {}
    return writer.document(told.get("title", ""), author=told.get("initial-creator", "") or told.get("creator", ""))


class _Reader:
    def __init__(self, writer: Writer, titles: set[str]) -> None:
        self.writer = writer
        self.titles = titles
        """The styles of the document's title."""
        self.slides = 0
        self._waiting: list[Element] = []
        """Notes and shapes met inside a paragraph."""

    def blocks(self, parent: Element, kind: str = "paragraph", level: int = 0) -> None:
        for child in parent:
            name = local(child)
            if name == "h":
                self._write(child, "heading", int(attribute(child, "outline-level", "1") or 1))
            elif name == "p":
                title = kind == "paragraph" and attribute(child, "style-name") in self.titles
                self._write(child, *(("heading", 1) if title else (kind, level)))
            elif name == "list":
                self.blocks(child, kind if kind in ("note", "heading") else "item", level + (kind == "item"))
            elif name == "table":
                self._table(child)
            elif name == "page":
                self.slides += 1
                self.writer.place(("slide", str(self.slides)))
                self.blocks(child)
            elif name == "notes":
                self.blocks(child, "note")
            elif name == "frame":
                self.blocks(child, "heading" if attribute(child, "class") == "title" else kind, level or 1)
            elif name not in _LEFT_OUT:
                self.blocks(child, kind, level)

    def _write(self, element: Element, kind: str, level: int) -> None:
        self.writer.add("".join(self._runs(element)), kind, level)  # type: ignore[arg-type]
        waiting, self._waiting = self._waiting, []
        for inner in waiting:
            self.blocks(inner, "note" if local(inner) in _NOTES else "paragraph")

    def _runs(self, element: Element) -> Iterator[str]:
        yield element.text or ""
        for child in element:
            name = local(child)
            if name == "s":
                yield " " * min(int(attribute(child, "c", "1") or 1), _MAX_REPEATED)
            elif name == "tab":
                yield "\t"
            elif name == "line-break":
                yield "\n"
            elif name in _NOTES or name in ("frame", "custom-shape", "text-box", "rect"):
                self._waiting.append(child)
            elif name not in _LEFT_OUT and name != "note-citation":
                yield from self._runs(child)
            yield child.tail or ""

    def _table(self, table: Element) -> None:
        rows: list[list[str]] = []
        header: int | None = None
        for row, heads in _rows(table):
            if heads:
                header = len(rows)
            rows.append([self._cell(cell) for cell in row if local(cell) in ("table-cell", "covered-table-cell")])
        self.writer.table(rows, header)

    def _cell(self, cell: Element) -> str:
        return " ".join("".join(self._runs(child)) for child in cell.iter() if local(child) in ("p", "h"))


def _rows(table: Element, heads: bool = False) -> Iterator[tuple[Element, bool]]:
    """(row, whether it is a header row)"""
    for child in table:
        if local(child) == "table-row":
            yield child, heads
        elif local(child) in ("table-header-rows", "table-rows", "table-row-group"):
            yield from _rows(child, local(child) == "table-header-rows")
