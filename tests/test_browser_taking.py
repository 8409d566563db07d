"""What is taken along, printed and judged, in headless Chromium."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from rag.receipts import load_receipts
from rag.shell.cli import ANSWERED, main
from tests.conftest import SEEDS, Site, start
from tests.test_browser import WAIT, ask, browser, no_sideways_scrolling, tab, visit

__all__ = ["browser", "visit"]
pytestmark = pytest.mark.slow
SWAP, FORUM, NOWHERE = (
    "What is the swap amount?",
    "Which edition of the Beijing-Tokyo Forum was it?",
    "What is the capital of Mongolia?",
)


@pytest.fixture(scope="module")
def site(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The page over a copy of the seeds, with a log-in."""
    docs = tmp_path_factory.mktemp("site") / "seeds"
    shutil.copytree(SEEDS, docs)
    yield from start(docs, tmp_path_factory.mktemp("index"), "--auth", "ada:lovelace")


@pytest.fixture
def enter(site: Site, browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens the page and logs in."""
    contexts = []

    def entered(**settings: object) -> Page:
        context = browser.new_context(**{"locale": "en-US", "viewport": {"width": 1280, "height": 900}, **settings})  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.goto(site.address)
        page.get_by_label("Name").fill("ada")
        page.get_by_label("Password").fill("lovelace")
        page.get_by_role("button", name="Log in").click()
        expect(page.locator("#answer .welcome")).to_be_visible(timeout=WAIT)
        return page

    yield entered
    for context in contexts:
        context.close()


def test_wrong_passwords_are_told_and_who_leaves_has_to_log_in_again(
    site: Site, browser: Browser, enter: Callable[..., Page]
) -> None:
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    page.goto(site.address)
    page.get_by_label("用户名").fill("grace")
    for said in ("用户名或密码不正确。", "用户名或密码不正确。", "请等待 1 秒"):
        page.get_by_label("用户名").fill("grace")
        page.get_by_label("密码").fill("x")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text(said)
    context.close()
    page = enter()
    page.get_by_text("Settings these answers").or_(page.locator(".settings summary")).first.click()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("button", name="Log in")).to_be_visible(timeout=WAIT)
    page.goto(site.address)
    expect(page.get_by_label("Password")).to_be_visible()


@pytest.mark.parametrize("shade", ["light", "dark"])
@pytest.mark.parametrize("language", ["en-US", "zh-CN"])
def test_the_log_in_is_accessible_and_fits_small_screens(
    site: Site, browser: Browser, shade: Literal["light", "dark"], language: str
) -> None:
    context = browser.new_context(locale=language, color_scheme=shade, viewport={"width": 380, "height": 800})
    page = context.new_page()
    page.goto(site.address)
    expect(page.locator("[type=password]")).to_be_visible()
    assert no_sideways_scrolling(page)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.locator("html").get_attribute("lang") == language[:2]
    context.close()


def test_a_conversation_is_saved_in_each_form_and_verified(enter: Callable[..., Page], site: Site, tmp_path: Path) -> None:
    page = enter(accept_downloads=True)
    for question in (SWAP, NOWHERE, FORUM):
        ask(page, question)
    saved = {}
    for kind in ("Markdown", "JSON", "HTML"):
        with page.expect_download() as download:
            page.locator("#earlier").get_by_role("button", name=kind).click()
        saved[kind] = tmp_path / download.value.suggested_filename
        download.value.save_as(saved[kind])
    assert {path.name for path in saved.values()} == {f"What-is-the-swap-amount.{suffix}" for suffix in ("md", "json", "html")}
    for kind in ("JSON", "HTML"):
        assert [kept["question"] for kept in load_receipts(saved[kind])] == [SWAP, NOWHERE, FORUM]
        assert main(["verify", str(saved[kind]), "--docs", str(site.docs)]) == ANSWERED
    text = saved["Markdown"].read_text(encoding="utf-8")
    assert text.startswith(f"# {SWAP}\n") and f"## {NOWHERE}" in text and "> " in text
    assert load_receipts(saved["JSON"])[1]["text"].partition("\n")[0] in text
    with page.expect_download() as download:
        page.locator("#answer").get_by_role("button", name="JSON").click()
    assert json.loads(download.value.path().read_text(encoding="utf-8"))["question"] == FORUM
    page.goto(saved["HTML"].as_uri())
    expect(page.locator("h1")).to_have_text([SWAP, NOWHERE, FORUM])


def test_an_answer_is_copied_with_its_citations(enter: Callable[..., Page]) -> None:
    page = enter(permissions=["clipboard-read", "clipboard-write"])
    ask(page, SWAP)
    page.get_by_role("button", name="Copy", exact=True).click()
    expect(page.locator("button.done")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    said, cited = copied.split("\n\n")
    place, _, quote = cited.partition("\n")
    assert said == "Probably: 200 billon yuan ($29 billion) [1]" and "000_b3e07ac0b9db7940.txt, characters " in place
    assert quote.startswith("“") and "200 billon yuan" in quote


def test_on_paper_are_the_answer_and_its_marks_and_nothing_to_press(enter: Callable[..., Page]) -> None:
    page = enter()
    ask(page, SWAP)
    page.locator("#source-1 .source summary").click()
    page.emulate_media(media="print")
    expect(page.locator("#answer .short").first).to_be_visible()
    expect(page.locator("#source-1 .document mark")).to_be_visible()
    assert page.locator("#source-1 mark").first.evaluate("e => getComputedStyle(e).printColorAdjust") == "exact"
    assert (
        page.locator("button:visible, [role=tab]:visible, input:visible, textarea:visible").evaluate_all(
            "all => all.map(e => e.outerHTML)"
        )
        == []
    )
    document = page.locator("#source-1 .document")
    assert document.evaluate("e => e.scrollHeight <= e.clientHeight + 1"), "no part of it is cut off"


def test_a_verdict_is_one_and_can_be_taken_back(enter: Callable[..., Page]) -> None:
    page = enter()
    ask(page, SWAP)
    right, wrong = page.get_by_role("button", name="This is right"), page.get_by_role("button", name="This is wrong")
    right.click()
    expect(right).to_have_attribute("aria-pressed", "true", timeout=WAIT)
    right.click()
    expect(page.locator("#answer .note")).to_contain_text("Test case 1 ", timeout=WAIT)
    wrong.click()
    page.get_by_role("button", name="The documents do not answer it").click(timeout=WAIT)
    expect(wrong).to_have_attribute("aria-pressed", "true", timeout=WAIT)
    expect(right).to_have_attribute("aria-pressed", "false")
    expect(page.locator("#answer .note")).to_contain_text("Test case 1 ")
    page.get_by_role("button", name="Take it back").click()
    expect(page.locator("#answer .note")).to_contain_text("test cases kept: 0", timeout=WAIT)
    expect(wrong).to_have_attribute("aria-pressed", "false")
    tab(page, "Evaluation")
    expect(page.locator("#where")).to_contain_text("no test cases yet", timeout=WAIT)
