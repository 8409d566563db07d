"""The pages of a PDF as pictures, and where on them a stretch of its text stands.

A part of the text is held against the characters of the rows that it was made of, one after the other: white space and the bars
between cells are ours, a hyphen at a line's end may be gone. Where anything else differs nothing is told of the part.
"""

from __future__ import annotations

import ctypes
import hashlib
import io
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property, lru_cache
from itertools import groupby, islice
from typing import Any

from rag.answers import Box, Sheet, Sheets, Span
from rag.errors import FileFailed
from rag.formats.pdf import HYPHEN, PDFIUM, Written, characters_of, read_traced

MAX_WIDTH = 1_200
"""Pixels of a page that is drawn."""
MAX_HEIGHT = 3_600
MAX_KEPT = 40
"""Pages of a file that are kept drawn."""
MAX_FOUND = 500
"""Places in a file that are shown of what was searched for."""
MAX_SECONDS = 10.0
"""After this the drawing of a page is given up."""
_HYPHENS = ("-", "\u2010", "\u00ad", HYPHEN)


PAGED = (".pdf",)
"""Suffixes of the files whose pages can be drawn."""


@lru_cache(maxsize=4)
def paper(content: bytes) -> Paper:
    return Paper(content)


class Paper:
    """A PDF with the pages that were drawn last. Raises FileFailed."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._drawn: dict[int, bytes] = {}

    @cached_property
    def sizes(self) -> list[tuple[float, float]]:
        """(width, height) of each page, in points."""
        with self._opened() as file:
            return [file.get_page_size(number) for number in range(len(file))]

    @cached_property
    def _traced(self) -> tuple[str, list[Written]]:
        document, written = read_traced(self._content)
        return document.text, written

    @property
    def text(self) -> str:
        return self._traced[0]

    def sheets(self, span: Span | None, words: str) -> Sheets:
        """All pages; where on them `span` of the text stands, and each place that holds `words`."""
        spans = _places(self.text, words)
        quote, *found = self.boxes([span or (0, 0), *spans])
        marks: dict[int, list[tuple[int, Box]]] = {}
        for number, boxes in enumerate(filter(None, found)):
            for page, of_page in boxes.items():
                marks.setdefault(page, []).extend((number, box) for box in of_page)
        pages = [
            Sheet(*size, tuple((quote or {}).get(number, ())), tuple(marks.get(number, ())))
            for number, size in enumerate(self.sizes)
        ]
        told = sum(boxes is not None for boxes in found)
        return Sheets(hashlib.sha256(self._content).hexdigest(), tuple(pages), span is not None and quote is None, told)

    def boxes(self, spans: Sequence[Span]) -> list[dict[int, list[Box]] | None]:
        """For each span of the text, where it stands, by pages; None where that cannot be told of all of it."""
        text, written = self._traced
        found: list[dict[int, list[Box]] | None] = []
        with self._opened() as file:
            aligned: dict[int, dict[int, tuple[int, int]]] = {}
            for start, end in spans:
                places: list[tuple[int, int]] = []
                told = bool(text[start:end].strip())
                for part in written:
                    if part.start < end and start < part.end:
                        if part.start not in aligned:
                            aligned[part.start] = _aligned(text, part, file)
                        at = aligned[part.start]
                        for index in range(max(start, part.start), min(end, part.end)):
                            if index in at:
                                places.append(at[index])
                            elif not _is_ours(text[index]):
                                told = False
                found.append(_boxes(file, places) if told and places else None)
        return found

    def drawn(self, number: int) -> bytes:
        """A page as a PNG, numbered from 0."""
        picture = self._drawn.pop(number, None) or self._draw(number)
        self._drawn[number] = picture
        for oldest in list(self._drawn)[:-MAX_KEPT]:
            self._drawn.pop(oldest, None)
        return picture

    def _draw(self, number: int) -> bytes:
        import pypdfium2.raw as pdfium
        from PIL import Image

        if not 0 <= number < len(self.sizes):
            raise FileFailed("no such page", page=number + 1)
        with self._opened() as file:
            page = file[number]
            width, height = _pixels(*page.get_size())
            until = time.monotonic() + MAX_SECONDS
            late = pdfium.IFSDK_PAUSE(version=1)
            late.NeedToPauseNow = type(late.NeedToPauseNow)(lambda _: time.monotonic() > until)
            bitmap = pdfium.FPDFBitmap_Create(width, height, 0)
            try:
                pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, width, height, 0xFFFFFFFF)
                flags = pdfium.FPDF_ANNOT | pdfium.FPDF_REVERSE_BYTE_ORDER
                state = pdfium.FPDF_RenderPageBitmap_Start(bitmap, page, 0, 0, width, height, 0, flags, late)
                pdfium.FPDF_RenderPage_Close(page)
                if state != pdfium.FPDF_RENDER_DONE:
                    raise FileFailed("page not drawn", page=number + 1)
                stride = pdfium.FPDFBitmap_GetStride(bitmap)
                pixels = ctypes.string_at(pdfium.FPDFBitmap_GetBuffer(bitmap), stride * height)
            finally:
                pdfium.FPDFBitmap_Destroy(bitmap)
                page.close()
        picture = Image.frombuffer("RGBX", (width, height), pixels, "raw", "RGBX", stride, 1).convert("RGB")
        kept = io.BytesIO()
        picture.save(kept, "PNG")
        return kept.getvalue()

    @contextmanager
    def _opened(self) -> Iterator[Any]:
        import pypdfium2

        with PDFIUM:
            try:
                with pypdfium2.PdfDocument(self._content) as file:
                    yield file
            except pypdfium2.PdfiumError as error:
                raise FileFailed("bad PDF", error=str(error)) from error


def _places(text: str, words: str) -> list[Span]:
    """Where the text holds the words, whatever white space or cell's border is between them."""
    pattern = r"[\s|]+".join(map(re.escape, words.split()))
    return [found.span() for found in islice(re.finditer(pattern, text, re.IGNORECASE), MAX_FOUND)] if pattern else []


def _pixels(width: float, height: float) -> tuple[int, int]:
    """As many as a page of that size is drawn with."""
    scale = min(MAX_WIDTH / max(width, 1.0), MAX_HEIGHT / max(height, 1.0))
    return max(1, round(width * scale)), max(1, round(height * scale))


def _is_ours(character: str) -> bool:
    """Whether it may stand in the text and on no page: white space, and the bar between two cells."""
    return character.isspace() or character == "|"


def _aligned(text: str, part: Written, file: Any) -> dict[int, tuple[int, int]]:
    """Where in the text → page and character there, of a part of the text; empty where the two differ."""
    found: dict[int, tuple[int, int]] = {}
    at = part.start
    for page, index, character in _characters(part, file):
        while at < part.end and text[at] != character and _is_ours(text[at]):
            at += 1
        if at < part.end and (text[at] == character or (character in _HYPHENS and text[at] == "-")):
            found[at] = page, index
            at += 1
        elif character not in _HYPHENS and character.isprintable():
            return {}
    return found


def _characters(part: Written, file: Any) -> Iterator[tuple[int, int, str]]:
    """Page, index there and character of all that the part was made of; a ligature is its letters."""
    for page, rows in groupby(part.rows, key=lambda row: row.page):
        opened = file[page]
        textpage = opened.get_textpage()
        try:
            for first, last in [run for row in rows for run in row.taken]:
                for index, _, letters in characters_of(textpage.raw, first, last):
                    yield from ((page, index, letter) for letter in letters if not letter.isspace())
        finally:
            textpage.close()
            opened.close()


def _boxes(file: Any, places: Sequence[tuple[int, int]]) -> dict[int, list[Box]]:
    """A box for each stretch of characters that stand side by side."""
    import pypdfium2.raw as pdfium

    found: dict[int, list[Box]] = {}
    rectangle = pdfium.FS_RECTF()
    x, y = ctypes.c_int(), ctypes.c_int()
    for page, of_page in groupby(places, key=lambda place: place[0]):
        opened = file[page]
        textpage = opened.get_textpage()
        width, height = _pixels(*opened.get_size())
        boxes = found.setdefault(page, [])
        before: Box | None = None

        def point(left: float, bottom: float) -> tuple[float, float]:
            pdfium.FPDF_PageToDevice(opened, 0, 0, width, height, 0, left, bottom, ctypes.byref(x), ctypes.byref(y))  # noqa: B023
            return x.value / width, y.value / height  # noqa: B023

        for _, index in of_page:
            if not pdfium.FPDFText_GetLooseCharBox(textpage.raw, index, ctypes.byref(rectangle)):
                continue
            corners = [point(rectangle.left, rectangle.bottom), point(rectangle.right, rectangle.top)]
            (left, right), (top, bottom) = (sorted(values) for values in zip(*corners))
            box = Box(left, top, right, bottom)
            if before and _beside(before, box):
                last = boxes.pop()
                boxes.append(Box(min(last.left, left), min(last.top, top), max(last.right, right), max(last.bottom, bottom)))
            else:
                boxes.append(box)
            before = box
        textpage.close()
        opened.close()
    return found


def _beside(one: Box, following: Box) -> bool:
    """Whether two characters stand next to one another, on a line or, where text is turned, above one another."""
    width = max(one.right - one.left, following.right - following.left)
    height = max(one.bottom - one.top, following.bottom - following.top)
    along = max(one.left, following.left) - min(one.right, following.right)
    across = max(one.top, following.top) - min(one.bottom, following.bottom)
    return (across < -0.5 * height and along < width) or (along < -0.5 * width and across < 0.5 * height)
