"""Zip archives and XML out of them, with a limit on what is unpacked: nothing that a file claims of itself is believed.

In: bytes. Out: members by name, and parsed XML without entities. Raises FileFailed with the reason.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from posixpath import dirname, join, normpath
from urllib.parse import unquote
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from rag.errors import FileFailed

MAX_UNPACKED = 200_000_000
"""Bytes that all members of one archive may unpack to."""
MAX_MEMBERS = 20_000
_PIECE = 1 << 20


class Archive:
    """A zip file whose members are read until MAX_UNPACKED bytes have come out of it."""

    def __init__(self, content: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
            encrypted = content.startswith(b"\xd0\xcf\x11\xe0")
            raise FileFailed("password" if encrypted else "bad archive") from error
        self.names = set(self._zip.namelist())
        if len(self.names) > MAX_MEMBERS:
            raise FileFailed("too many parts", limit=MAX_MEMBERS)
        self._left = MAX_UNPACKED

    def read(self, name: str) -> bytes:
        return b"".join(self._pieces(name))

    def check(self) -> None:
        """Unpack everything once and keep nothing, for a reader that unpacks by itself."""
        for name in sorted(self.names):
            for _ in self._pieces(name):
                pass

    def xml(self, name: str) -> Element | None:
        """The member as XML; None when there is none of this name."""
        return parse_xml(self.read(name)) if name in self.names else None

    def related(self, name: str) -> dict[str, tuple[str, str]]:
        """What an Office part refers to: id → (type, name of the part)."""
        tree = self.xml(join(dirname(name), "_rels", name.rsplit("/", 1)[-1] + ".rels"))
        return {
            relation.get("Id", ""): (relation.get("Type", "").rsplit("/", 1)[-1], inside(name, relation.get("Target", "")))
            for relation in (tree if tree is not None else [])
            if relation.get("TargetMode") != "External"
        }

    def _pieces(self, name: str) -> Iterator[bytes]:
        try:
            with self._zip.open(name) as member:
                while piece := member.read(_PIECE):
                    self._left -= len(piece)
                    if self._left < 0:
                        raise FileFailed("unpacks too large", limit=MAX_UNPACKED)
                    yield piece
        except RuntimeError as error:
            raise FileFailed("password") from error
        except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, OSError) as error:
            raise FileFailed("bad part", part=name) from error


def inside(base: str, target: str) -> str:
    """The member that `base` means by `target`."""
    target = unquote(target.split("#")[0])
    return target.lstrip("/") if target.startswith("/") else normpath(join(dirname(base), target))


def parse_xml(content: bytes) -> Element:
    """The root element; entities of the document's own are refused."""
    try:
        root: Element = fromstring(content)
    except DefusedXmlException as error:
        raise FileFailed("XML entities") from error
    except (ParseError, ValueError, LookupError) as error:
        raise FileFailed("bad XML", error=str(error)) from error
    return root


def local(element: Element) -> str:
    """An element's name without its namespace."""
    tag = element.tag
    return tag.rsplit("}", 1)[-1] if isinstance(tag, str) else ""


def attribute(element: Element, name: str, default: str = "") -> str:
    """An attribute by its name without namespace."""
    if name in element.attrib:
        return element.attrib[name]
    return next((value for key, value in element.attrib.items() if key.endswith("}" + name)), default)
