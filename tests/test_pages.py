"""The pages of a PDF: what is marked on them are the quote's words, seen by pdfium's own characters and by the ink of the picture."""

from __future__ import annotations

import ctypes
import io
import random
import re
from collections.abc import Sequence

import pypdfium2
import pypdfium2.raw as pdfium
import pytest
from PIL import Image

from rag.answers import Box
from rag.errors import FileFailed
from rag.formats.pages import MAX_FOUND, MAX_HEIGHT, MAX_KEPT, MAX_WIDTH, Paper, paper
from tests.test_formats import pdf

PARAGRAPH = "50 700 The old mill by the river was sold to a fam-\n50 686 ily of weavers; it ran until the spring of 1845\n50 672 and then stood empty."
COLUMNS = "\n".join(
    f"{x} {y} {text}"
    for x, lines in ((50, ["The mill stood by the", "river for many years", "and was then sold."]), (330, ["Its new owner was a", "weaver of the town,", "who mended the roof."]))
    for y, text in zip((700, 686, 672), lines)
)  # fmt: skip
TABLE = "50 700 Item\n200 700 Price\n350 700 Stock\n50 680 Lamp\n200 680 12.50\n350 680 4\n50 660 Rope\n200 660 3.00\n350 660 9"
TEX = "50 700 <tex>An o\\013-the-shelf e\\013ort of many years was made."
TURNED = "\n".join(f"{x} 100 <up>{text}" for x, text in ((100, "The mill by the river"), (114, "was sold to a weaver.")))
LABELS = "50 700 Name:\n200 700 Ada Lovelace\n50 680 Born:\n200 680 1815"
JUSTIFIED = "50 700 The mill by the river ran until\n50 686 when\n99 686 mills\n143 686 were\n189 686 sold\n50 672 to weavers."
CELL = "50 700 Item\n200 700 Note\n50 680 Lamp\n200 680 sold to the\n200 668 museum\n50 648 Rope\n200 648 in the shed"
OVER_PAGES = ["50 700 The ferry crosses the river and then", "50 700 returns in the evening with the mail."]
PDFS = {
    "paragraph": pdf(PARAGRAPH),
    "columns": pdf(COLUMNS),
    "table": pdf(TABLE),
    "ligatures": pdf(TEX),
    "turned": pdf(TURNED),
    "labels": pdf(LABELS),
    "gaps in a line": pdf("50 700 The\n80 700 old\n113 700 mill\n140 700 ran"),
    "justified line": pdf(JUSTIFIED),
    "cell of two lines": pdf(CELL),
    "two pages": pdf(*OVER_PAGES),
    "page turned by its file": pdf(PARAGRAPH).replace(b"/MediaBox", b"/Rotate 90 /MediaBox"),
    "cropped page": pdf(PARAGRAPH).replace(b"/MediaBox", b"/CropBox [30 500 500 740] /MediaBox"),
}

ANY_ORDER = ("columns", "table", "cell of two lines", "page turned by its file")
"""Where pdfium gives the characters in another order than the text has them."""


def letters(text: str) -> str:
    return re.sub(r"[\W_]", "", text.replace("\u21b5", "ff"))


def marked(content: bytes, boxes: dict[int, list[Box]]) -> str:
    """The letters of the pages whose middle lies in one of the boxes, in the order of the file."""
    found = ""
    rectangle, x, y = pdfium.FS_RECTF(), ctypes.c_int(), ctypes.c_int()
    with pypdfium2.PdfDocument(content) as file:
        for number in sorted(boxes):
            page = file[number]
            characters = page.get_textpage()
            for index in range(characters.count_chars()):
                pdfium.FPDFText_GetLooseCharBox(characters.raw, index, ctypes.byref(rectangle))
                middle = (rectangle.left + rectangle.right) / 2, (rectangle.bottom + rectangle.top) / 2
                pdfium.FPDF_PageToDevice(page, 0, 0, 10_000, 10_000, 0, *middle, ctypes.byref(x), ctypes.byref(y))
                place = x.value / 10_000, y.value / 10_000
                if any(box.left <= place[0] <= box.right and box.top <= place[1] <= box.bottom for box in boxes[number]):
                    found += chr(pdfium.FPDFText_GetUnicode(characters.raw, index))
            characters.close()
            page.close()
    return letters(found)


def ink(content: bytes, number: int, boxes: Sequence[Box], *, inside: bool) -> int:
    """Dark pixels of a page as it is drawn, inside of the boxes or outside."""
    picture = Image.open(io.BytesIO(Paper(content).drawn(number))).convert("L")
    mask = Image.new("L", picture.size, 0 if inside else 255)
    for box in boxes:
        corners = (box.left * picture.width, box.top * picture.height, box.right * picture.width, box.bottom * picture.height)
        left, top, right, bottom = map(round, corners)
        mask.paste(255 if inside else 0, (left, top, right, bottom))
    dark = picture.point([255 * (value < 128) for value in range(256)])
    return sum(1 for both in zip(dark.tobytes(), mask.tobytes()) if all(both))


@pytest.mark.parametrize("name", PDFS)
def test_the_marked_words_are_the_quote_s(name: str) -> None:
    content = PDFS[name]
    read = Paper(content)
    words = [found.span() for found in re.finditer(r"[^\s|]+", read.text)]
    chosen = random.Random(0)
    pairs = [sorted(chosen.choices(range(len(words)), k=2)) for _ in range(40)]
    spans = [*words, *((words[a][0], words[b][1]) for a, b in pairs)]
    for (start, end), boxes in zip(spans, read.boxes(spans)):
        assert boxes is not None
        found, quote = marked(content, boxes), letters(read.text[start:end])
        assert found == quote or (sorted(found) == sorted(quote) and name in ANY_ORDER)


@pytest.mark.parametrize("name", PDFS)
def test_the_boxes_lie_on_the_ink_of_the_picture(name: str) -> None:
    content = PDFS[name]
    read = Paper(content)
    (boxes,) = read.boxes([(0, len(read.text))])
    assert boxes is not None
    for number, of_page in boxes.items():
        assert ink(content, number, of_page, inside=True) > 300
        assert ink(content, number, of_page, inside=False) < 30  # a hyphen at a line's end is no part of the text


def test_a_quote_over_two_pages_is_marked_on_both() -> None:
    read = Paper(PDFS["two pages"])
    first, second = read.sheets((0, len(read.text.strip())), "").pages
    assert first.quote and second.quote


def test_nothing_is_marked_where_text_and_page_differ() -> None:
    read = Paper(pdf(PARAGRAPH, COLUMNS))
    text, written = read._traced
    read.__dict__["_traced"] = text.replace("weavers;", "farmers;"), written
    quote = text.index("The old"), text.index("1845")
    before = text.index("The old"), text.index("river")
    both = text.index("1845"), text.index("many years")
    other = text.index("The mill stood"), text.index("many years")
    for span in (quote, before, both):
        assert read.sheets(span, "").lost and not any(sheet.quote for sheet in read.sheets(span, "").pages)
    assert not read.sheets(other, "").lost and read.sheets(other, "").pages[1].quote
    assert read.sheets((10**6, 10**6 + 5), "").lost


def test_words_are_found_whatever_is_between_them() -> None:
    content = PDFS["paragraph"]
    sheets = paper(content).sheets(None, "FAMILY   of")
    assert sheets.found == 1 and not sheets.lost
    boxes: dict[int, list[Box]] = {0: [box for _, box in sheets.pages[0].found]}
    assert marked(content, boxes) == "familyof"
    assert paper(PDFS["table"]).sheets(None, "rope 3.00").found == 1
    assert paper(content).sheets(None, ".*").found == 0
    many = Paper(pdf(*["\n".join(f"50 {700 - 14 * line} {'mill ' * 20}" for line in range(20))] * 3))
    assert many.sheets(None, "mill").found == MAX_FOUND


def test_a_page_is_drawn_no_larger_than_allowed() -> None:
    for box, size in ((b"0 0 90 8000", (40, MAX_HEIGHT)), (b"0 0 8000 90", (MAX_WIDTH, 14)), (b"0 0 600 800", (1200, 1600))):
        drawn = Paper(pdf(PARAGRAPH).replace(b"0 0 600 800", box)).drawn(0)
        assert Image.open(io.BytesIO(drawn)).size == size
    for number in (-1, 1):
        with pytest.raises(FileFailed, match="no page"):
            Paper(pdf(PARAGRAPH)).drawn(number)


def test_the_pages_drawn_last_are_kept() -> None:
    read = Paper(pdf(*["50 700 The mill."] * (MAX_KEPT + 2)))
    for number in range(MAX_KEPT + 1):
        read.drawn(number)
    assert 0 not in read._drawn and len(read._drawn) == MAX_KEPT
    assert read.drawn(5) is read.drawn(5)


def test_a_page_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.formats.pages.MAX_SECONDS", -1.0)
    with pytest.raises(FileFailed, match="too long"):
        Paper(pdf("\n".join(f"50 {y} The mill by the river." for y in range(100, 700, 14)))).drawn(0)
