"""A document as it is read in the page, in headless Chromium: its pages, its text, the search through both, the file itself."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.conftest import Site, start
from tests.test_browser import WAIT, ask, browser, no_sideways_scrolling, tab, visit
from tests.test_formats import pdf

__all__ = ["browser", "visit"]
pytestmark = pytest.mark.slow
LINES = [
    "The old mill by the river was sold to a family of weavers for 900 pounds.",
    "They mended the roof, and the wheel turned until the spring of 1845.",
    "Then the mill stood empty, and the wheel was sold for its iron.",
]
FILLED = [f"The ledger of the year {year} names {year - 1700} looms and their owners." for year in range(1800, 1836)]
MILL = pdf(
    "\n".join(f"50 {740 - 14 * at} {line}" for at, line in enumerate(FILLED)),
    "\n".join(f"50 {740 - 14 * at} {line}" for at, line in enumerate(FILLED)),
    "\n".join(f"50 {300 - 14 * at} {line}" for at, line in enumerate(LINES)),
    title="The weavers of the mill",
)
QUESTION = "For how much was the old mill sold to weavers?"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The page over a PDF, a text and a web page with a menu."""
    docs = tmp_path_factory.mktemp("papers") / "docs"
    (docs / "minutes" / "2023").mkdir(parents=True)
    (docs / "mill.pdf").write_bytes(MILL)
    (docs / "minutes" / "2023" / "may.txt").write_text(
        "Minutes of May\n\nThe council met on 4 May. The bridge toll was raised to 3 pounds.\n\n" + "It rained.\n\n" * 200,
        encoding="utf-8",
    )
    menu = "<nav><a href='/'>Home and all our pages</a></nav><h1>The inn</h1><p>The inn by the bridge was built of brick in 1832.</p>"
    (docs / "inn.html").write_text(f"<html><body>{menu}</body></html>", encoding="utf-8")
    yield from start(docs, tmp_path_factory.mktemp("index"))


def opened(page: Page) -> Locator:
    """The reader of the first source, with its pages shown."""
    ask(page, QUESTION)
    page.locator("#answer .chip").first.click()
    reader = page.locator("#source-1 .reader")
    expect(reader.locator(".sheet")).to_have_count(3, timeout=WAIT)
    return reader


def is_seen(box: Locator, part: Locator) -> bool:
    """Whether a part lies within a box that scrolls."""
    return bool(
        part.evaluate(
            "(e, box) => { const a = e.getBoundingClientRect(), b = box.getBoundingClientRect();"
            " return a.top >= b.top && a.bottom <= b.bottom && a.left < b.right && a.height > 5 && a.width > 5; }",
            box.element_handle(),
        )
    )


def test_a_citation_opens_its_page_with_the_quote_marked(site: Site, visit: Callable[..., Page]) -> None:
    page = visit(site)
    reader = opened(page)
    quoted = reader.locator(".quoted")
    expect(quoted).to_have_count(1)
    assert is_seen(reader.locator(".sheets"), quoted)
    assert page.evaluate("document.activeElement.className") == "sheets"
    picture = reader.locator(".sheet", has=page.locator(".quoted")).locator("img")
    expect(picture).to_have_js_property("naturalWidth", 1200, timeout=WAIT)
    assert picture.get_attribute("alt") == "Page 3 of 3"
    left, right, width = quoted.evaluate(
        "e => { const a = e.getBoundingClientRect(), b = e.closest('.paper').getBoundingClientRect(); return [a.left - b.left, a.right - b.left, b.width]; }"
    )
    assert abs(left / width - 50 / 600) < 0.01 and right / width > 0.6  # the whole line, which begins 50 points from the left
    assert reader.locator("img").first.evaluate("e => e.getBoundingClientRect().height") > 400


def test_pages_that_are_not_looked_at_are_not_fetched(site: Site, visit: Callable[..., Page]) -> None:
    page = visit(site)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    opened(page)
    page.wait_for_timeout(500)
    assert [url for url in asked if "/papers/page" in url and url.endswith("page=2")]
    assert not [url for url in asked if "/papers/page" in url and url.endswith("page=0")]


def test_the_text_is_one_click_apart(site: Site, visit: Callable[..., Page]) -> None:
    page = visit(site)
    reader = opened(page)
    expect(reader.locator(".document")).to_be_hidden()
    reader.get_by_role("button", name="Text").click()
    expect(reader.locator(".document mark").first).to_be_in_viewport()
    expect(reader.locator(".sheets")).to_be_hidden()
    assert reader.get_by_role("button", name="Text").get_attribute("aria-pressed") == "true"
    reader.get_by_role("button", name="Pages").click()
    expect(reader.locator(".quoted")).to_be_in_viewport()
    expect(reader.locator(".document")).to_be_hidden()


def test_words_are_found_on_the_pages_and_in_the_text(site: Site, visit: Callable[..., Page]) -> None:
    page = visit(site)
    reader = opened(page)
    pictures = reader.locator("img").evaluate_all("them => { window.pictures = them; return them.length; }")
    reader.get_by_role("searchbox").fill("the WHEEL")
    expect(reader.locator(".found")).to_have_count(2, timeout=WAIT)
    expect(reader.get_by_role("status")).to_have_text("1 / 2")
    assert reader.locator("img").evaluate_all("them => them.every((e, at) => e === window.pictures[at])") and pictures == 3
    reader.get_by_role("button", name="Next mark").click()
    expect(reader.get_by_role("status")).to_have_text("2 / 2")
    assert reader.locator(".now").get_attribute("data-hit") == "1" and is_seen(reader.locator(".sheets"), reader.locator(".now"))
    reader.get_by_role("button", name="Previous mark").click()
    reader.get_by_role("button", name="Previous mark").click()
    expect(reader.get_by_role("status")).to_have_text("2 / 2")
    reader.get_by_role("button", name="Text").click()
    expect(reader.get_by_role("status")).to_have_text("1 / 2")
    found = "[...CSS.highlights.get('%s')].map((range) => range.toString())"
    assert page.evaluate(found % "found") == ["the wheel", "the wheel"] and page.evaluate(found % "now") == ["the wheel"]
    reader.get_by_role("searchbox").fill("harbour")
    expect(reader.get_by_role("status")).to_have_text("0")
    assert page.evaluate(found % "found") == []


def test_a_search_over_what_is_drawn_in_several_parts(site: Site, visit: Callable[..., Page]) -> None:
    page = visit(site)
    ask(page, "What was the bridge toll raised to?")
    page.locator("#answer .chip").first.click()
    reader = page.locator("#source-1 .reader")
    expect(reader.locator("[data-view]")).to_have_count(0)
    reader.get_by_role("searchbox").fill("4 may. the  bridge toll")
    expect(reader.get_by_role("status")).to_have_text("1 / 1")
    assert page.evaluate("[...CSS.highlights.get('found')].map(String)") == ["4 May. The bridge toll"]
    box = reader.locator(".document")
    reader.get_by_role("searchbox").fill("rained")
    expect(reader.get_by_role("status")).to_have_text("1 / 200")
    page.keyboard.press("Shift+Enter")
    expect(reader.get_by_role("status")).to_have_text("200 / 200")
    assert box.evaluate("e => e.scrollTop") > 1000


def test_the_original_is_saved_as_it_lies(site: Site, visit: Callable[..., Page]) -> None:
    page = visit(site)
    reader = opened(page)
    with page.expect_download() as saved:
        reader.get_by_role("button", name="Save the original").click()
    assert saved.value.suggested_filename == "mill.pdf" and Path(saved.value.path()).read_bytes() == MILL


@pytest.mark.parametrize("shade", ["light", "dark"])
def test_it_is_accessible_and_fits_small_screens(site: Site, visit: Callable[..., Page], shade: str) -> None:
    page = visit(site, query=f"?__theme={shade}", viewport={"width": 380, "height": 800})
    reader = opened(page)
    reader.get_by_role("searchbox").fill("wheel")
    expect(reader.locator(".found")).to_have_count(2, timeout=WAIT)
    assert no_sideways_scrolling(page)
    found = Axe().run(page, context=".reader")
    assert found.violations_count == 0, found.generate_report()


def test_a_preview_shows_the_pages_and_what_is_in_no_chunk(site: Site, visit: Callable[..., Page]) -> None:
    page = visit(site)
    tab(page, "Documents")
    page.locator("#files tr", has_text="mill.pdf").get_by_role("button", name="Preview", exact=True).click(timeout=WAIT)
    expect(page.locator("#preview .sheet")).to_have_count(3, timeout=WAIT)
    page.locator("#files tr", has_text="inn.html").get_by_role("button", name=re.compile("Words in no chunk")).click(timeout=WAIT)
    expect(page.locator("#preview .clutter").first).to_contain_text("Home and all our pages", timeout=WAIT)
    expect(page.locator("#preview .clutter").first).to_be_in_viewport()
    expect(page.locator("#preview")).to_contain_text(".ragkeep")


def test_the_preview_stands_beside_the_files_wherever_they_are_scrolled_to(site: Site, visit: Callable[..., Page]) -> None:
    for width in (1280, 380):
        page = visit(site, viewport={"width": width, "height": 800})
        tab(page, "Documents")
        row = page.locator("#files tr", has_text="mill.pdf")
        row.get_by_role("button", name="Preview", exact=True).click(timeout=WAIT)
        expect(page.locator("#preview .sheet").first).to_be_in_viewport(timeout=WAIT)
        expect(row).to_be_in_viewport()
        assert page.evaluate("document.activeElement.textContent") == "mill.pdf"
        assert no_sideways_scrolling(page)
        found = Axe().run(page, context="#files-zones")
        assert found.violations_count == 0, found.generate_report()
        page.locator("#preview").get_by_role("button", name="Close").click()
        expect(page.locator("#preview .reader")).to_be_hidden()
        row.get_by_role("button", name="Preview", exact=True).click()
        expect(page.locator("#preview .sheet").first).to_be_in_viewport(timeout=WAIT)
        page.locator("#preview").get_by_role("button", name="Close").click()


def test_files_are_found_and_sorted_and_the_preview_stays_closed(site: Site, visit: Callable[..., Page]) -> None:
    page = visit(site)
    tab(page, "Documents")
    names = page.locator("#files tbody tr td:first-child")
    expect(names).to_have_count(3, timeout=WAIT)
    page.locator("#files tr", has_text="mill.pdf").get_by_role("button", name="Preview", exact=True).click()
    page.locator("#preview").get_by_role("button", name="Close").click(timeout=WAIT)
    page.locator("#files").get_by_role("button", name="size").click()
    expect(names.first).to_contain_text("inn.html")
    page.locator("#files").get_by_role("button", name="size").click()
    expect(names.first).to_contain_text("mill.pdf")
    expect(page.locator("#files th[aria-sort=descending]")).to_have_text("size")
    page.get_by_label("Find a document").last.fill("minutes")
    expect(names).to_have_count(1)
    expect(names).to_contain_text("minutes/2023/may.txt")
    page.get_by_role("button", name="Bring the index up to date").click()
    expect(page.locator("#document-status")).to_contain_text("3 unchanged", timeout=WAIT)
    expect(names).to_have_count(1)
    expect(page.locator("#preview .reader")).to_be_hidden()


def test_a_ticked_folder_stays_ticked_over_a_sync_and_is_all_that_is_asked(site: Site, visit: Callable[..., Page]) -> None:
    page = visit(site)
    folder = page.locator("#checklist label", has_text="minutes/ (all 1)")
    folder.click()
    tab(page, "Documents")
    page.get_by_role("button", name="Bring the index up to date").click()
    expect(page.locator("#document-status")).to_contain_text("3 unchanged", timeout=WAIT)
    tab(page, "Ask")
    expect(folder.locator("input")).to_be_checked()
    expect(ask(page, "What was the inn built of?")).not_to_contain_text("brick")
    expect(ask(page, "What was the bridge toll raised to?")).to_contain_text("3 pounds")
