"""Data as text: JSON and its lines, and XML of no known vocabulary, as labels with their values; lists of like records as tables."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from xml.etree.ElementTree import Element

from rag.errors import FileFailed
from rag.formats.archives import local, parse_xml
from rag.formats.document import Document, Kind, Writer
from rag.formats.encodings import decode

_TITLES = ("title", "name")
_CELL_CHARS = 200
"""Records with longer values are no table."""


def read_json(content: bytes) -> Document:
    text, encoding = decode(content)
    try:
        return _document(json.loads(text.lstrip("\ufeff")), encoding)
    except json.JSONDecodeError as error:
        raise FileFailed("bad JSON", line=error.lineno) from error


def read_json_lines(content: bytes) -> Document:
    text, encoding = decode(content)
    records = []
    for number, line in enumerate(text.lstrip("\ufeff").split("\n"), start=1):
        try:
            if line.strip():
                records.append(json.loads(line))
        except json.JSONDecodeError as error:
            raise FileFailed("bad JSON", line=number) from error
    return _document(records, encoding)


def read_xml(content: bytes) -> Document:
    writer = Writer()
    root = parse_xml(content)
    _element(writer, root, local(root))
    title = next((" ".join("".join(e.itertext()).split()) for e in root.iter() if local(e).lower() == "title"), "")
    return writer.document(title[:300], headed=False)


def _document(value: object, encoding: str) -> Document:
    writer = Writer()
    _value(writer, "", value, ())
    title = next((v for k in _TITLES if isinstance(v := value.get(k), str)), "") if isinstance(value, Mapping) else ""
    return writer.document(title, encoding=encoding, headed=False)


def _value(writer: Writer, label: str, value: object, path: tuple[str, ...]) -> None:
    if isinstance(value, Mapping):
        if label:
            writer.add(label, "heading", len(path))
        for key, inner in value.items():
            _value(writer, str(key), inner, (*path, str(key)))
    elif isinstance(value, list) and (columns := _columns(value)):
        writer.add(label, "heading", len(path)) if label else None
        places = [[("record", _path(path, number))] for number in range(len(value) + 1)]
        writer.table([columns, *([_scalar(record.get(key)) for key in columns] for record in value)], 0, places)
    elif isinstance(value, list) and any(isinstance(inner, (Mapping, list)) for inner in value):
        for number, inner in enumerate(value, start=1):
            writer.place(("record", _path(path, number)))
            _value(writer, f"{label} {number}".strip(), inner, (*path, str(number)))
    else:
        values = value if isinstance(value, list) else [value]
        text = ", ".join(_scalar(inner) for inner in values)
        writer.add(f"{label}: {text}" if label else text, "label" if label and len(text) <= _CELL_CHARS else "paragraph")


def _path(path: Sequence[str], number: int) -> str:
    return ".".join([*path, str(number)])


def _columns(records: Sequence[object]) -> list[str]:
    """The keys of a list of flat records that share most of them; empty for anything else."""
    keys: dict[str, int] = {}
    for record in records:
        if not isinstance(record, Mapping) or not record:
            return []
        for key, value in record.items():
            if isinstance(value, (Mapping, list)) or (isinstance(value, str) and len(value) > _CELL_CHARS):
                return []
            keys[key] = keys.get(key, 0) + 1
    return list(keys) if len(records) > 1 and sum(keys.values()) >= 0.5 * len(keys) * len(records) else []


def _scalar(value: object) -> str:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _element(writer: Writer, element: Element, path: str) -> None:
    """A leaf is a label with its text; what mixes text and elements is a paragraph; attributes are labels."""
    name = local(element)
    for key, value in element.attrib.items():
        writer.add(f"{name} {key.rsplit('}', 1)[-1]}: {value}", "label")
    children = list(element)
    text = " ".join("".join(element.itertext()).split()) if not children or _mixed(element) else ""
    if text:
        kind: Kind = "label" if not children and len(text) <= _CELL_CHARS else "paragraph"
        writer.add(f"{name}: {text}" if kind == "label" else text, kind)
    elif children:
        counts: dict[str, int] = {}
        alike = Counter(child.tag for child in children)
        for child in children:
            counts[local(child)] = counts.get(local(child), 0) + 1
            inner = f"{path}/{local(child)}[{counts[local(child)]}]"
            if len(child):
                writer.place(("element", inner))
                if alike[child.tag] > 1 or path.count("/") == 0:
                    writer.add(local(child), "heading", path.count("/") + 1)
            _element(writer, child, inner)


def _mixed(element: Element) -> bool:
    return bool((element.text or "").strip()) or any((child.tail or "").strip() for child in element)
