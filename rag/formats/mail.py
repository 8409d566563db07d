"""Mail: single messages (eml), mailboxes (mbox) and saved web pages (mhtml), which are mail, too.

A message is its headers as labels, its body, and its attachments, each read as the file that it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from email import policy
from email.message import EmailMessage, MIMEPart
from email.parser import BytesParser
from email.utils import parseaddr, parsedate_to_datetime

from rag.errors import DocumentError, FileFailed
from rag.formats.document import Document, Writer
from rag.formats.encodings import decode
from rag.formats.html import write_page
from rag.formats.plain import write_plain

Attached = Callable[[str, bytes], Document]
"""Reads an attachment by its name; raises DocumentError."""
HEADERS = ("From", "To", "Cc", "Date", "Subject")
MAX_PARTS = 1_000
"""Parts of one message that are looked at."""
_FROM = re.compile(rb"^From \S+ .*\d\d:\d\d.*\r?\n", re.MULTILINE)


def read_eml(content: bytes, attached: Attached) -> Document:
    message = _parse(content)
    if not message.keys():
        raise FileFailed("not of its type", kind="mail")
    writer = Writer()
    _write(writer, message, attached, ())
    name, address = parseaddr(_header(message, "From"))
    return writer.document(str(message.get("Subject", "")), _date(message), author=name or address)


def read_mbox(content: bytes, attached: Attached) -> Document:
    writer = Writer()
    starts = [found.end() for found in _FROM.finditer(content)] or [0]
    ends = [*[found.start() for found in _FROM.finditer(content)][1:], len(content)]
    for number, (start, end) in enumerate(zip(starts, ends), start=1):
        message = _parse(content[start:end])
        writer.place(("message", str(number)))
        writer.add(str(message.get("Subject", "")), "heading", 1)
        _write(writer, message, attached, (("message", str(number)),))
    return writer.document(headed=False)


def read_mhtml(content: bytes) -> Document:
    message = _parse(content)
    page = next((part for part in _parts(message) if part.get_content_type() in ("text/html", "application/xhtml+xml")), None)
    if page is None:
        raise FileFailed("no page")
    writer = Writer()
    title, date, author = write_page(writer, _bytes(page), judged=True)
    return writer.document(title, date, author=author)


def write_attachment(writer: Writer, name: str, content: bytes, attached: Attached, within: tuple[tuple[str, str], ...]) -> None:
    """An attachment's own document, or a note that says why there is none."""
    try:
        document = attached(name, content)
    except DocumentError as error:
        writer.place(*within, ("attachment", name))
        writer.add(f"{name}: {error}", "furniture")
    else:
        writer.place(*within, ("attachment", name))
        writer.add(name, "heading", 2)
        writer.extend(document, (*within, ("attachment", name)), level=2)


def _parse(content: bytes) -> EmailMessage:
    return BytesParser(policy=policy.default).parsebytes(content)


def _parts(message: EmailMessage) -> list[EmailMessage]:
    return [part for _, part in zip(range(MAX_PARTS), message.walk())]


def _write(writer: Writer, message: EmailMessage, attached: Attached, within: tuple[tuple[str, str], ...]) -> None:
    alternatives: set[int] = set()
    for part in _parts(message):
        if part.get_content_type() == "message/rfc822" or part is message:
            inner = part if part is message else part.get_payload(0)
            for name in HEADERS:
                writer.add(f"{name}: {_header(inner, name)}" if _header(inner, name) else "", "label")  # type: ignore[arg-type]
        elif part.get_content_type() == "multipart/alternative":
            plain = [p for p in part.iter_parts() if p.get_content_type() == "text/plain" and _bytes(p).strip()]
            pages = [p for p in part.walk() if p.get_content_type() == "text/html"]
            alternatives |= {id(p) for p in pages} if plain else set()
        if part.is_multipart() or id(part) in alternatives:
            continue
        file = part.get_filename()
        if file and not (part.get_content_disposition() == "inline" and part.get_content_maintype() == "text"):
            write_attachment(writer, " ".join(str(file).split()), _bytes(part), attached, within)
        elif part.get_content_type() == "text/html":
            write_page(writer, _bytes(part))
        elif part.get_content_maintype() == "text":
            write_plain(writer, _text(part))


def _header(message: EmailMessage, name: str) -> str:
    try:
        return " ".join(str(message.get(name, "")).split())
    except Exception:  # a header that the library's own parser trips over
        return " ".join(str(value) for key, value in message.raw_items() if key.lower() == name.lower())


def _bytes(part: MIMEPart) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _text(part: EmailMessage) -> str:
    content = _bytes(part)
    try:
        return content.decode(part.get_content_charset("utf-8"))
    except (LookupError, UnicodeDecodeError):
        return decode(content)[0] if content else ""


def _date(message: EmailMessage) -> str:
    try:
        return parsedate_to_datetime(str(message.get("Date", ""))).date().isoformat()
    except (ValueError, TypeError, IndexError):
        return ""
