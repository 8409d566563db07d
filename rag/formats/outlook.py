"""Outlook messages (msg) by olefile: headers as labels, the body, attachments, and messages within the message.

A message is a folder of streams, each named by its property's number and type ([MS-OXMSG], [MS-OXPROPS]).
"""

from __future__ import annotations

import io
import struct
from datetime import UTC, datetime, timedelta

from rag.errors import FileFailed
from rag.formats.document import Document, Writer
from rag.formats.encodings import decode
from rag.formats.html import write_page
from rag.formats.mail import Attached, write_attachment
from rag.formats.plain import write_plain

_SUBJECT, _SENDER, _ADDRESS, _TO, _CC, _BODY, _HTML = 0x0037, 0x0C1A, 0x0C1F, 0x0E04, 0x0E03, 0x1000, 0x1013
_NAME, _SHORT_NAME, _DATA = 0x3707, 0x3704, 0x3701
_SENT, _DELIVERED = 0x0039, 0x0E06
_DEPTH = 5
"""Messages within messages."""


def read_msg(content: bytes, attached: Attached) -> Document:
    import olefile

    if not content.startswith(b"\xd0\xcf\x11\xe0"):
        raise FileFailed("not of its type", kind="Outlook message")
    with olefile.OleFileIO(io.BytesIO(content)) as file:
        reader = _Message(file, attached)
        title = reader.text((), _SUBJECT)
        reader.write((), 0)
        return reader.writer.document(title, reader.sent(()), author=reader.text((), _SENDER))


class _Message:
    def __init__(self, file: object, attached: Attached) -> None:
        self.file = file
        self.attached = attached
        self.writer = Writer()
        self.names = [tuple(path) for path in file.listdir(streams=True, storages=True)]  # type: ignore[attr-defined]

    def write(self, folder: tuple[str, ...], depth: int) -> None:
        sender, address = self.text(folder, _SENDER), self.text(folder, _ADDRESS)
        values = {
            "From": f"{sender} <{address}>" if "@" in address and address != sender else sender or address,
            "To": self.text(folder, _TO),
            "Cc": self.text(folder, _CC),
            "Date": self.sent(folder),
            "Subject": self.text(folder, _SUBJECT),
        }
        for name, value in values.items():
            self.writer.add(f"{name}: {value}" if value else "", "label")
        body = self.text(folder, _BODY)
        if body.strip():
            write_plain(self.writer, body)
        elif page := self.data(folder, _HTML):
            write_page(self.writer, page)
        for path in self.names:
            if len(path) == len(folder) + 1 and path[: len(folder)] == folder and path[-1].startswith("__attach"):
                self._attachment(path, depth)

    def _attachment(self, path: tuple[str, ...], depth: int) -> None:
        inner = (*path, f"__substg1.0_{_DATA:04X}000D")
        name = self.text(path, _NAME) or self.text(path, _SHORT_NAME)
        if inner in self.names:
            if depth < _DEPTH:
                self.write(inner, depth + 1)
        elif name:
            write_attachment(self.writer, name, self.data(path, _DATA), self.attached, ())

    def text(self, folder: tuple[str, ...], number: int) -> str:
        if wide := self._stream(folder, number, "001F"):
            return wide.decode("utf-16-le", "replace").rstrip("\0")
        narrow = self._stream(folder, number, "001E").rstrip(b"\0")
        return decode(narrow)[0] if narrow else ""

    def data(self, folder: tuple[str, ...], number: int) -> bytes:
        return self._stream(folder, number, "0102")

    def sent(self, folder: tuple[str, ...]) -> str:
        """The day it was sent or delivered, from the property stream: 16 bytes for each property after a header."""
        stream = (*folder, "__properties_version1.0")
        properties = self._read(stream)
        skip = 32 if not folder else 24
        for at in range(skip, len(properties) - 15, 16):
            kind, number = struct.unpack_from("<HH", properties, at)
            if kind == 0x0040 and number in (_SENT, _DELIVERED):
                (ticks,) = struct.unpack_from("<Q", properties, at + 8)
                day = datetime(1601, 1, 1, tzinfo=UTC) + timedelta(microseconds=ticks // 10)
                return day.date().isoformat()
        return ""

    def _stream(self, folder: tuple[str, ...], number: int, kind: str) -> bytes:
        return self._read((*folder, f"__substg1.0_{number:04X}{kind}"))

    def _read(self, path: tuple[str, ...]) -> bytes:
        if path not in self.names:
            return b""
        with self.file.openstream(list(path)) as stream:  # type: ignore[attr-defined]
            content: bytes = stream.read()
        return content
