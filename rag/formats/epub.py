"""Electronic books (epub): the chapters of the spine in order, each read as the web page that it is."""

from __future__ import annotations

from rag.errors import FileFailed
from rag.formats.archives import Archive, inside, local
from rag.formats.document import Document, Writer
from rag.formats.html import write_page


def read_epub(content: bytes) -> Document:
    archive = Archive(content)
    container = archive.xml("META-INF/container.xml")
    roots = [e.get("full-path", "") for e in container.iter() if local(e) == "rootfile"] if container is not None else []
    package = archive.xml(roots[0]) if roots else None
    if package is None:
        raise FileFailed("part missing", part="META-INF/container.xml")
    if "META-INF/encryption.xml" in archive.names and "META-INF/rights.xml" in archive.names:
        raise FileFailed("copy protection")
    files = {e.get("id", ""): inside(roots[0], e.get("href", "")) for e in package.iter() if local(e) == "item"}
    chapters = [files.get(e.get("idref", ""), "") for e in package.iter() if local(e) == "itemref"]
    writer = Writer()
    for number, name in enumerate((name for name in chapters if name in archive.names), start=1):
        writer.place(("chapter", str(number)))
        write_page(writer, archive.read(name))
    return writer.document(_about(package, "title"), author=_about(package, "creator"))


def _about(package: object, name: str) -> str:
    found = [e.text for e in package.iter() if local(e) == name and e.text]  # type: ignore[attr-defined]
    return ", ".join(found if name == "creator" else found[:1])
