"""The page as a place to work, in headless Chromium: keys, the notebook, first questions, a folder that is being indexed or taken in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.conftest import Site, start
from tests.test_browser import WAIT, ask, browser, tab, upload, visit
from tests.test_browser_talks import LEFT, box, shown
from tests.test_indexing import SITE_LINE
from tests.test_suggestions import FAQ, SLIP, TABLE

__all__ = ["browser", "visit"]
pytestmark = pytest.mark.slow
OAK, LATE = "What is the price of Oak?", "When does the house close?"


@pytest.fixture(scope="module")
def site(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The page over an inn's papers."""
    docs = tmp_path_factory.mktemp("work") / "inn"
    docs.mkdir()
    for name, text in (("rates.md", TABLE), ("guests.md", FAQ), ("annexe.txt", SLIP)):
        (docs / name).write_text(text)
    yield from start(docs, tmp_path_factory.mktemp("index"))


def test_first_questions_come_from_the_folder_and_are_answered_in_large_type(site: Site, visit: Callable[..., Page]) -> None:
    page = visit(site)
    offered = page.locator("#ask-next button")
    expect(offered.last).to_have_text("What is in this folder?", timeout=WAIT)
    assert OAK in offered.all_inner_texts()
    offered.get_by_text(OAK).click()
    shown(page, OAK)
    expect(page.locator("#answer p.short:not(.hedged)")).to_contain_text("55 euros")
    expect(page.locator("#answer .sure summary")).to_contain_text("sure (strong)")
    expect(page.locator("#answer .sure .meta")).not_to_be_visible()
    page.locator("#answer .sure summary").click()
    expect(page.locator("#answer .sure .meta")).to_contain_text("were right")


def test_keys_lead_through_question_and_evidence(site: Site, visit: Callable[..., Page]) -> None:
    page = visit(site)
    ask(page, OAK)
    tab(page, "Documents")
    page.keyboard.press("?")
    expect(page.locator("dialog.keys")).to_be_visible()
    assert not Axe().run(page).response["violations"]
    page.keyboard.press("Escape")
    expect(page.locator("dialog.keys")).not_to_be_visible()
    page.keyboard.press("/")
    expect(box(page)).to_be_focused()
    page.keyboard.type("a/b?")
    expect(box(page)).to_have_value("a/b?")
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#source-1")).to_be_focused()
    if page.locator("#evidence .card").count() > 1:
        page.keyboard.press("ArrowRight")
        expect(page.locator("#source-1")).not_to_be_focused()
        page.keyboard.press("ArrowLeft")
        expect(page.locator("#source-1")).to_be_focused()
    page.locator("#source-1 .source summary").click()
    expect(page.locator("#source-1 .source")).to_have_attribute("open", "")
    page.keyboard.press("Escape")
    expect(page.locator("#source-1 .source")).not_to_have_attribute("open", "")


def test_the_notebook_keeps_answers_of_several_conversations(site: Site, visit: Callable[..., Page]) -> None:
    page = visit(site, forgiven=LEFT)
    ask(page, OAK)
    page.get_by_role("button", name="Keep this answer").click()
    expect(page.locator("#talks .notebook")).to_have_text("Notebook (1)", timeout=WAIT)
    page.get_by_role("button", name="New conversation").click()
    ask(page, LATE)
    page.get_by_role("button", name="Keep this answer").click()
    expect(page.locator("#talks .notebook")).to_have_text("Notebook (2)", timeout=WAIT)
    page.locator("#talks").get_by_role("button", name=f"Delete: {OAK}").click()
    page.locator("#talks .notebook a").click()
    shown(page, LATE)
    page.locator("#earlier button[data-turn]", has_text=OAK).click()
    shown(page, OAK)
    expect(page.locator("#source-1 .badge")).to_contain_text("verbatim")
    expect(page.locator("#answer [data-do=right]")).to_have_count(0)
    page.reload()
    shown(page, OAK)
    with page.expect_download() as saved:
        page.locator("#earlier").get_by_role("button", name="Markdown").click()
    assert all(question in Path(saved.value.path()).read_text() for question in (OAK, LATE))
    page.get_by_role("button", name="Keep this answer").click()
    expect(page.locator("#talks .notebook")).to_have_text("Notebook (1)", timeout=WAIT)
    shown(page, LATE)
    ask(page, "What is the annexe?")
    assert "c=" + "0" * 32 not in page.url, "a question asked there begins a conversation"


def test_a_whole_folder_is_taken_in_but_for_what_is_not_read(site: Site, visit: Callable[..., Page], tmp_path: Path) -> None:
    for name, text in (
        ("a/note.md", "The cellar holds 700 bottles."),
        ("b/note.md", "The attic holds 9 trunks."),
        ("b/x.exe", "MZ"),
    ):
        (tmp_path / "papers" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "papers" / name).write_text(text)
    page = visit(site)
    tab(page, "Documents")
    page.locator("#upload-folder").locator("xpath=..").locator("input[type=file]").first.set_input_files(tmp_path / "papers")
    expect(page.locator("#files")).to_contain_text("note (2).md", timeout=WAIT)
    expect(page.locator("#files")).not_to_contain_text("x.exe")
    tab(page, "Ask")
    expect(ask(page, "How many bottles does the cellar hold?")).to_contain_text("700")


def test_what_looks_like_menus_in_an_upload_is_searched_where_that_is_pressed(
    site: Site, visit: Callable[..., Page], tmp_path: Path
) -> None:
    path = tmp_path / "herald.txt"
    path.write_text(f"{SITE_LINE}\n\nThe mill at Brook End grinds rye for three villages, and has done so for years.\n")
    page = visit(site)
    upload(page, path)
    row = page.locator("#files tr", has_text="herald.txt")
    row.get_by_role("button", name=re.compile("Words in no chunk")).click()
    expect(page.locator("#preview")).to_contain_text("press “Search all of it”", timeout=WAIT)
    row.get_by_role("button", name="Search all of it").click()
    expect(page.locator("#document-status")).to_contain_text("All of herald.txt is searched now.", timeout=WAIT)
    expect(row.get_by_role("button", name=re.compile("Words in no chunk"))).to_have_count(0)
    tab(page, "Ask")
    expect(ask(page, "On which day is the Herald printed?").locator("..")).to_contain_text("Thursdays", timeout=WAIT)
    tab(page, "Documents")
    row.get_by_role("button", name="Leave out menus again").click()
    expect(row.get_by_role("button", name="Search all of it")).to_be_visible(timeout=WAIT)


def test_the_page_is_there_before_a_new_folder_is_indexed(visit: Callable[..., Page], tmp_path: Path) -> None:
    docs = tmp_path / "ledgers"
    docs.mkdir()
    for year in range(1500, 1750):
        rows = "\n\n".join(f"{'In the week ' * 20}{week} of {year} it kept {year * week} sacks of meal." for week in range(8))
        paid = f"In {year} the mill of Elmet paid {year * 7} florins for the lease of its weir."
        (docs / f"{year}.txt").write_text(f"The ledger of {year}\n\n{paid}\n\n{rows}\n")
    site = Site(docs, tmp_path / "index", indexed=False)
    try:
        page = visit(site, forgiven=".")
        expect(page.locator("#answer")).to_contain_text("being indexed")
        expect(page.locator("#answer")).to_contain_text(re.compile(r"\d+ of \d+"))
        box(page).fill("How many florins did the mill of Elmet pay in 1650 for the lease of its weir?")
        page.keyboard.press("Enter")
        expect(page.locator("#working")).to_contain_text("Waiting for its turn", timeout=WAIT)
        expect(page.locator("#answer .short")).to_contain_text("11550", timeout=6 * WAIT)
        expect(page.locator("#checklist label").first).to_be_visible(timeout=WAIT)
        page.get_by_role("button", name="New conversation").click()
        expect(page.locator("#answer .welcome")).not_to_contain_text("being indexed", timeout=WAIT)
        expect(page.locator("#ask-next button").last).to_be_visible(timeout=WAIT)
    finally:
        site.process.kill()
        site.process.wait()
