"""Word documents (docx): paragraphs by their styles, lists, tables, text boxes; notes and comments after the paragraph that refers
to them; tracked insertions as if accepted, deletions left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from rag.errors import FileFailed
from rag.formats.archives import Archive, attribute, local
from rag.formats.document import Document, Writer, spanned

_LEFT_OUT = {"del", "moveFrom", "Fallback", "instrText", "delText", "pPr", "rPr"}
_NOTES = {"footnoteReference": "footnotes", "endnoteReference": "endnotes", "commentReference": "comments"}
_HEADING = re.compile(r"heading ?(\d)|(title)|(subtitle)", re.IGNORECASE)


def read_docx(content: bytes) -> Document:
    archive = Archive(content)
    body = archive.xml("word/document.xml")
    if body is None:
        raise FileFailed("part missing", part="word/document.xml")
    reader = _Reader(archive)
    for name in sorted(n for n in archive.names if re.fullmatch(r"word/header\d*\.xml", n)):
        reader.edge(name)
    reader.blocks(body)
    reader.flush()
    for name in sorted(n for n in archive.names if re.fullmatch(r"word/footer\d*\.xml", n)):
        reader.edge(name)
    title, author = core_properties(archive)
    return reader.writer.document(title, author=author)


def core_properties(archive: Archive) -> tuple[str, str]:
    """The title and the author in an Office file's properties."""
    core = archive.xml("docProps/core.xml")
    told = {local(child): child.text or "" for child in core} if core is not None else {}
    return told.get("title", ""), told.get("creator", "")


class _Reader:
    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.writer = Writer()
        self.levels = _heading_levels(archive)
        self.notes = {kind: self._notes(part) for kind, part in _NOTES.items()}
        self._open = ""
        self._boxes: list[Element] = []
        self._referred: list[str] = []

    def blocks(self, parent: Element) -> None:
        for child in parent:
            name = local(child)
            if name == "p":
                self._paragraph(child)
            elif name == "tbl":
                self.flush()
                self._table(child)
            elif name not in _LEFT_OUT and name != "sectPr":
                self.blocks(child)

    def flush(self) -> None:
        """Write what a deleted paragraph mark kept open."""
        self.writer.add(self._open)
        self._open = ""

    def edge(self, name: str) -> None:
        part = self.archive.xml(name)
        for paragraph in part.iter() if part is not None else []:
            if local(paragraph) == "p":
                self.writer.add(self._text(paragraph), "edge")
        self._boxes, self._referred = [], []

    def _paragraph(self, paragraph: Element) -> None:
        properties = _child(paragraph, "pPr")
        text = self._open + self._text(paragraph)
        self._open = ""
        if _mark_is_deleted(properties):
            self._open = text
        else:
            level = self._level(properties)
            listed = properties is not None and _child(properties, "numPr") is not None
            depth = next((int(_value(e)) for e in properties.iter() if local(e) == "ilvl"), 0) if properties is not None else 0
            self.writer.add(text, "heading" if level else "item" if listed else "paragraph", level or depth)
        self._set_aside()

    def _set_aside(self) -> None:
        """Write the notes and text boxes met since the last time, behind what refers to them."""
        boxes, self._boxes = self._boxes, []
        referred, self._referred = self._referred, []
        for note in referred:
            self.writer.add(note, "note")
        for box in boxes:
            self.blocks(box)

    def _level(self, properties: Element | None) -> int:
        if properties is None:
            return 0
        outline, style = _child(properties, "outlineLvl"), _child(properties, "pStyle")
        if outline is not None and _value(outline).isdigit() and int(_value(outline)) < 9:
            return int(_value(outline)) + 1
        return self.levels.get(_value(style), 0) if style is not None else 0

    def _text(self, element: Element) -> str:
        return "".join(self._runs(element))

    def _runs(self, element: Element) -> Iterator[str]:
        for child in element:
            name = local(child)
            if name == "t":
                yield child.text or ""
            elif name in ("tab", "ptab"):
                yield "\t"
            elif name in ("br", "cr"):
                yield "\n"
            elif name == "noBreakHyphen":
                yield "-"
            elif name == "txbxContent":
                self._boxes.append(child)
            elif name in _NOTES:
                self._referred.append(self.notes[name].get(attribute(child, "id"), ""))
            elif name not in _LEFT_OUT:
                yield from self._runs(child)

    def _table(self, table: Element) -> None:
        rows: list[list[str]] = []
        header: int | None = None
        for row in _rows(table):
            properties = _child(row, "trPr")
            goes_on = len(rows) == (0 if header is None else header + 1)
            if goes_on and properties is not None and _child(properties, "tblHeader") is not None:
                header = len(rows)
            rows.append([text for cell in _cells(row) for text in [self._cell(cell)] + [""] * (_columns(cell) - 1)])
        self.writer.table(rows, header)
        self._set_aside()

    def _cell(self, cell: Element) -> str:
        return " ".join(self._text(child) for child in cell.iter() if local(child) == "p")

    def _notes(self, part: str) -> dict[str, str]:
        tree = self.archive.xml(f"word/{part}.xml")
        return {
            attribute(note, "id"): " ".join(
                "".join(t.text or "" for t in paragraph.iter() if local(t) == "t") for paragraph in note.iter() if local(paragraph) == "p"
            )
            for note in (tree if tree is not None else [])
        }  # fmt: skip


def _heading_levels(archive: Archive) -> dict[str, int]:
    """Style id → the level of the headings in it, by the style's name or outline level."""
    levels: dict[str, int] = {}
    styles = archive.xml("word/styles.xml")
    for style in styles if styles is not None else []:
        if local(style) != "style" or attribute(style, "type") != "paragraph":
            continue
        name = next((_value(child) for child in style if local(child) == "name"), "")
        outline = next((_value(e) for e in style.iter() if local(e) == "outlineLvl"), "")
        if found := _HEADING.fullmatch(name):
            levels[attribute(style, "styleId")] = int(found[1] or (1 if found[2] else 2))
        elif outline.isdigit() and int(outline) < 9:
            levels[attribute(style, "styleId")] = int(outline) + 1
    return levels


def _mark_is_deleted(properties: Element | None) -> bool:
    run = _child(properties, "rPr") if properties is not None else None
    return run is not None and _child(run, "del") is not None


def _rows(table: Element) -> Iterator[Element]:
    for child in table:
        if local(child) == "tr":
            yield child
        elif local(child) in ("ins", "sdt", "sdtContent", "customXml"):
            yield from _rows(child)


def _cells(row: Element) -> Iterator[Element]:
    for child in row:
        if local(child) == "tc":
            yield child
        elif local(child) in ("ins", "sdt", "sdtContent", "customXml"):
            yield from _cells(child)


def _columns(cell: Element) -> int:
    """How many columns a cell takes."""
    properties = _child(cell, "tcPr")
    span = _child(properties, "gridSpan") if properties is not None else None
    return spanned(_value(span)) if span is not None else 1


def _child(element: Element, name: str) -> Element | None:
    return next((child for child in element if local(child) == name), None)


def _value(element: Element) -> str:
    return attribute(element, "val")
