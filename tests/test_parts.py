"""Files as they are drawn: tables, lists, headings and code, every character in its place, and those that are only marks unseen."""

from __future__ import annotations

from functools import partial
from html import unescape
from pathlib import Path

import pytest
from lxml import html as lxml_html

from rag.answers import HIDDEN, File
from rag.formats.parts import FLOWING, MAX_CELLS, parts_between
from rag.formats.readers import parse
from rag.web.marks import marked, outlined, quoted
from rag.web.rendering import render
from tests.test_formats import MAIL, MARKED, PAGE

NASTY = "<script>alert(1)</script><img src=x onerror=alert(1)>"
FILES = {
    **MARKED,
    "a.eml": MAIL,
    "a.html": PAGE,
    "a.csv": "Item,Price\nLamp,12.50\n,80\n",
    "a.txt": "1.2 What to bring\n\nBring:\n- a torch\n\nItem     Price\nLamp     12.50\nChair    80.00\n\n    indented\n",
    "b.md": f"# The **old** `mill` #\n\n1. one\n2. two {NASTY}\n- a\n  - *b*\n\nx | y\n--|--\n1 \\| 2 | [z](http://a.b/c)\n\n    code\n",
    "a.yaml": "name: Ada\njobs:\n  - cook\n",
}  # fmt: skip


def file_of(name: str, text: str) -> File:
    document = parse(Path(name), text.encode())
    return File(name, document.text, document.markup in FLOWING, partial(parts_between, document))


def drawn(file: File, span: tuple[int, int] | None = None, cover: tuple[tuple[int, int], ...] = ()) -> lxml_html.HtmlElement:
    """The box of a document as a browser reads it."""
    shown = marked(file, cover or [(0, len(file.text))], span, "", "folder")
    page = render("preview.html.j2", shown=shown, count=0, show="", say=lambda key, **values: key)
    return lxml_html.fromstring(page).find_class("document")[0]


def seen(element: lxml_html.HtmlElement) -> str:
    """Its text without what is hidden."""
    return " ".join("".join(element.xpath(f".//text()[not(ancestor::*[@class='{HIDDEN}'])]")).split())


def cells(file: File) -> list[list[tuple[str, str]]]:
    return [[(cell.tag, seen(cell)) for cell in row] for row in drawn(file).iter("tr")]


@pytest.mark.parametrize("name", FILES)
def test_what_is_drawn_is_the_file_and_the_mark_what_is_cited_wherever_it_lies(name: str) -> None:
    file = file_of(name, FILES[name])
    assert drawn(file).text_content() == file.text
    cover = tuple((at, at + 7) for at in range(0, len(file.text) - 7, 12))
    for start in range(0, len(file.text), 5):
        for end in (start + 1, start + 17, start + 90):
            box = drawn(file, (start, min(end, len(file.text))), cover)
            assert box.text_content() == file.text
            assert "".join(mark.text_content() for mark in box.iter("mark")) == file.text[start:end]
            assert not list(box.iter("script", "img"))


def test_a_long_file_is_cut_at_characters_and_the_mark_stays_exact() -> None:
    file = file_of("a.csv", "Item,Price\n" + "".join(f"lamp {n},{n}\n" for n in range(30_000)))
    start = file.text.index("lamp 20000")
    shown = marked(file, [(0, len(file.text))], (start, start + 10), "", "folder")
    assert "".join(node.text for node in shown.nodes) == file.text[start - 100_000 : start + 100_010]


@pytest.mark.parametrize("name", ["a.md", "a.rst", "a.adoc", "a.org"])
def test_marked_text_is_drawn_without_its_marks(name: str) -> None:
    box = drawn(file_of(name, FILES[name]))
    headings = [seen(each) for each in box.iter("h3", "h4")]
    assert headings == ["Knots"]
    assert [seen(each) for each in box.iter("li")] == ["bowline at sea", "reef"]
    assert cells(file_of(name, FILES[name])) == [[("th", "Knot"), ("th", "Share")], [("td", "Bowline"), ("td", "60")]]
    assert [seen(each) for each in box.find_class("code")] == ["make"]


def test_markdown_within_lines() -> None:
    box = drawn(file_of("b.md", FILES["b.md"]))
    assert seen(box.find(".//h3")) == "The old mill"
    looks = {look: [each.text_content() for each in box.find_class(look)] for look in ("bold", "italic", "code", "address")}
    assert looks["bold"] == ["old"] and looks["italic"] == ["b"] and looks["code"][0] == "mill"
    assert looks["address"] == ["(http://a.b/c)"] and not list(box.iter("a"))
    assert cells(file_of("b.md", FILES["b.md"])) == [[("th", "x"), ("th", "y")], [("td", "1 | 2"), ("td", "z(http://a.b/c)")]]
    assert [each.get("class") for each in box.iter("li")] == ["numbered deep0", "numbered deep0", "item deep0", "item deep1"]
    plain = drawn(file_of("a.md", "snake_case_name, 2*3*4, `**no**` and \\*stars\\*"))
    assert not plain.find_class("bold") and not plain.find_class("italic")
    assert seen(plain) == "snake_case_name, 2*3*4, **no** and *stars*"


def test_cells_of_tables_that_are_made_and_that_are_told_from_the_look() -> None:
    made = cells(file_of("a.csv", FILES["a.csv"]))
    assert made == [[("th", "Item"), ("th", "Price")], [("td", "Lamp"), ("td", "12.50")], [("td", ""), ("td", "80")]]
    assert cells(file_of("a.txt", FILES["a.txt"]))[:2] == [[("th", "Item"), ("th", "Price")], [("td", "Lamp"), ("td", "12.50")]]
    wide = "|".join("x" * 300)
    assert len(cells(file_of("a.md", f"| {wide} |\n|---|\n"))[0]) == MAX_CELLS


def test_indentation_and_plain_marks_are_seen() -> None:
    box = drawn(file_of("a.yaml", FILES["a.yaml"]))
    assert box.text_content() == FILES["a.yaml"] and not box.find_class(HIDDEN)
    assert "- a torch" in [seen(each) for each in drawn(file_of("a.txt", FILES["a.txt"])).iter("li")]


def test_a_quoted_row_stands_under_its_header() -> None:
    file = file_of("a.csv", FILES["a.csv"])
    start = file.text.index("Lamp")
    (table,) = quoted(file, (start, start + 12), "12.50")
    assert [[cell.kind for cell in row.inside] for row in table.inside] == [["head", "head"], ["cell", "cell"]]
    assert table.text.replace("\n", "") == "Item | PriceLamp | 12.50"
    assert [piece.text for piece in table.inside[1].inside[1].stretches[0].pieces if piece.strong] == ["12.50"]


def test_chunks_are_outlined_in_cells_too() -> None:
    file = file_of("a.csv", FILES["a.csv"])
    row = file.text.index("Lamp")
    shown = outlined(file, [(0, row - 1), (row, row + 12)], "folder")
    kinds = [[stretch.kind for cell in row.inside for stretch in cell.stretches] for row in shown.nodes[0].inside]
    assert kinds[1][:2] == ["chunk", "chunk"] and kinds[2] == ["clutter", "clutter"]
    page = render("preview.html.j2", shown=shown, count=2, show="", say=lambda key, **values: key)
    assert page.count('class="number"') == 2 and unescape(page).count("Lamp") == 1
