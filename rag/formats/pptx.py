"""Slides (pptx): titles, paragraphs, tables, chart labels and the descriptions of pictures, slide by slide, each with its notes."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from rag.errors import FileFailed
from rag.formats.archives import Archive, attribute, local
from rag.formats.document import Document, Writer
from rag.formats.docx import core_properties

_TITLES = {"title", "ctrTitle"}
_EDGES = {"ftr", "hdr", "dt", "sldNum"}


def read_pptx(content: bytes) -> Document:
    archive = Archive(content)
    deck = archive.xml("ppt/presentation.xml")
    if deck is None:
        raise FileFailed("part missing", part="ppt/presentation.xml")
    related = archive.related("ppt/presentation.xml")
    writer = Writer()
    ids = [attribute(e, "id") for e in deck.iter() if local(e) == "sldId"]
    slides = [related[part][1] for e in deck.iter() if local(e) == "sldId" for part in e.attrib.values() if part in related]
    for number, name in enumerate(slides[: len(ids)], start=1):
        writer.place(("slide", str(number)))
        slide = archive.xml(name)
        parts = archive.related(name)
        if slide is not None:
            _shapes(writer, archive, slide, parts)
        for kind, part in parts.values():
            if kind == "notesSlide" and (notes := archive.xml(part)) is not None:
                _notes(writer, notes)
    title, author = core_properties(archive)
    return writer.document(title, author=author)


def _shapes(writer: Writer, archive: Archive, parent: Element, parts: dict[str, tuple[str, str]]) -> None:
    for child in parent:
        name = local(child)
        if name == "sp":
            _text(writer, child)
        elif name == "tbl":
            rows = [[_joined(cell) for cell in row if local(cell) == "tc"] for row in child if local(row) == "tr"]
            first = next((attribute(e, "firstRow") for e in child.iter() if local(e) == "tblPr"), "")
            writer.table(rows, 0 if first == "1" else None)
        elif name == "pic":
            writer.add(next((attribute(e, "descr") for e in child.iter() if local(e) == "cNvPr"), ""), "caption")
        elif name == "chart" and (chart := archive.xml(parts.get(attribute(child, "id"), ("", ""))[1])) is not None:
            _chart(writer, chart)
        elif name != "Fallback":
            _shapes(writer, archive, child, parts)


def _text(writer: Writer, shape: Element) -> None:
    role = _role(shape)
    for paragraph in shape.iter():
        if local(paragraph) == "p":
            kind = (
                "heading" if role in _TITLES else "edge" if role in _EDGES else "item" if role in ("body", "obj") else "paragraph"
            )
            properties = next((e for e in paragraph if local(e) == "pPr"), None)
            depth = int(attribute(properties, "lvl", "0") or 0) if properties is not None else 0
            writer.add(_joined(paragraph), kind, 1 if kind == "heading" else depth)  # type: ignore[arg-type]


def _role(shape: Element) -> str:
    """What a shape is the placeholder of; a placeholder without a type is the slide's body."""
    return next((attribute(e, "type", "obj") for e in shape.iter() if local(e) == "ph"), "")


def _joined(element: Element) -> str:
    breaks = {"br": "\n", "tab": "\t"}
    return "".join((e.text or "") if local(e) == "t" else breaks.get(local(e), "") for e in element.iter())


def _notes(writer: Writer, notes: Element) -> None:
    for shape in notes.iter():
        if local(shape) == "sp" and _role(shape) == "body":
            for paragraph in shape.iter():
                if local(paragraph) == "p":
                    writer.add(_joined(paragraph), "note")


def _chart(writer: Writer, chart: Element) -> None:
    """A chart as the table that it draws: a column for each series."""
    for title in chart.iter():
        if local(title) == "title":
            writer.add(_joined(title), "caption")
    series = [e for e in chart.iter() if local(e) == "ser"]
    columns = [{kind: _values(e, kind) for kind in ("tx", "cat", "val")} for e in series]
    names = next((column["cat"] for column in columns if column["cat"]), [])
    if columns and names:
        head = ["", *(" ".join(column["tx"]) for column in columns)]
        rows = [[name, *(c["val"][at] if at < len(c["val"]) else "" for c in columns)] for at, name in enumerate(names)]
        writer.table([head, *rows], 0)


def _values(series: Element, kind: str) -> list[str]:
    part = next((e for e in series if local(e) == kind), None)
    return [v.text or "" for v in part.iter() if local(v) == "v"] if part is not None else []
