"""Conversations in headless Chromium: what a reload, another tab, the server's restart and Back keep, and how waiting looks."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from rag.testing.fake_llm import FakeLLM
from tests.conftest import SEEDS, Site, start
from tests.test_browser import WAIT, ask, browser, lake, no_sideways_scrolling, tab, upload, visit

__all__ = ["browser", "visit"]
pytestmark = pytest.mark.slow
SWAP, FORUM, EXPORTS = (
    "What is the swap amount?",
    "Which edition of the Beijing-Tokyo Forum was it?",
    "By how much did South Korea's exports fall in 2023?",
)
LEFT = "aborted|Connection errored"
"""What Gradio says on the console when a page is left while it waits for the server."""


@pytest.fixture(scope="module")
def site(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The page over a copy of the seeds."""
    docs = tmp_path_factory.mktemp("site") / "seeds"
    shutil.copytree(SEEDS, docs)
    yield from start(docs, tmp_path_factory.mktemp("index"))


def box(page: Page) -> Locator:
    return page.locator("#question input, #question textarea")


def shown(page: Page, question: str) -> None:
    expect(page.locator("#answer .asked")).to_have_text(question, timeout=WAIT)


def test_a_conversation_outlives_the_page_and_its_answers_have_addresses(site: Site, visit: Callable[..., Page]) -> None:
    page = visit(site, forgiven=LEFT)
    ask(page, SWAP)
    expect(page).to_have_url(re.compile(r"\?c=[0-9a-f]{32}&t=1$"))
    ask(page, FORUM)
    expect(page).to_have_url(re.compile("&t=2$"))
    address = page.url
    page.go_back()
    shown(page, SWAP)
    expect(page.locator("#source-1 blockquote")).to_contain_text("200 billon yuan")
    page.go_back()
    expect(page.locator("#answer .welcome")).to_be_visible(timeout=WAIT)
    page.go_forward()
    shown(page, SWAP)
    page.go_forward()
    shown(page, FORUM)
    page.reload()
    shown(page, FORUM)
    expect(page.locator("#earlier")).to_contain_text(SWAP)
    other = page.context.new_page()
    other.goto(address.replace("t=2", "t=1"))
    shown(other, SWAP)
    expect(other.locator("#source-1 blockquote")).to_contain_text("200 billon yuan")
    expect(ask(other, "When was that?")).to_be_visible()
    other.close()
    page.reload()
    expect(page.locator("#earlier")).to_contain_text("When was that?", timeout=WAIT)
    stranger = visit(site, address.removeprefix(site.address))
    expect(stranger.locator("#answer")).to_contain_text("not in this browser")
    expect(stranger.locator("body")).not_to_contain_text("16th")


def test_a_conversation_outlives_the_server_and_what_waited_is_answered(site: Site, visit: Callable[..., Page]) -> None:
    page = visit(site, forgiven=".")
    ask(page, SWAP)
    (kept,) = (path for path in site.index.glob("rooms/*/*/conversations/*/1.json") if page.url.split("c=")[1][:32] in str(path))
    site.process.kill()
    site.process.wait()
    (kept.parent / "2.json").write_bytes(b"\0" * 500)
    site.again()
    page.reload()
    shown(page, SWAP)
    expect(page.locator("#source-1 blockquote")).to_contain_text("200 billon yuan")
    expect(ask(page, EXPORTS)).to_contain_text("7.4 percent")
    assert page.url.endswith("&t=3"), "the number of the damaged one is not given again"


def test_six_questions_sent_at_once_are_kept(site: Site, visit: Callable[..., Page]) -> None:
    page = visit(site)
    questions = [f"What is the swap amount number {number}?" for number in "abcdef"]
    for question, pause in zip(questions, (20, 20, 100, 300, 500, 60), strict=True):
        box(page).fill(question)
        page.keyboard.press("Enter")
        page.wait_for_timeout(pause)
    box(page).fill("typed meanwhile")
    shown(page, questions[-1])
    expect(page.locator("#working article")).to_have_count(0)
    assert [each.split(" — ")[0] for each in page.locator("#earlier button[data-turn]").all_inner_texts()] == questions[-2::-1]
    expect(box(page)).to_have_value("typed meanwhile")
    page.locator("#earlier button[data-turn]", has_text="number b").click()
    shown(page, questions[1])
    expect(page).to_have_url(re.compile("&t=2$"))


def test_the_list_of_conversations(site: Site, visit: Callable[..., Page]) -> None:
    page = visit(site)
    for question in (SWAP, FORUM):
        ask(page, question)
        page.get_by_role("button", name="New conversation").click()
        expect(page.locator("#answer .welcome")).to_be_visible(timeout=WAIT)
    rows = page.locator("#talks li")
    expect(rows).to_have_count(2)
    expect(rows.locator("a")).to_have_text([FORUM, SWAP])
    page.once("dialog", lambda dialog: dialog.accept("About <b>money</b>"))
    rows.nth(1).get_by_role("button", name="Rename").click()
    expect(rows.nth(1).locator("a")).to_have_text("About <b>money</b>", timeout=WAIT)
    rows.nth(1).locator("a").click()
    shown(page, SWAP)
    expect(rows.nth(1).locator("a")).to_have_attribute("aria-current", "page")
    page.get_by_role("searchbox").fill("forum")
    expect(rows.nth(1)).to_be_hidden()
    expect(rows.nth(0)).to_be_visible()
    page.get_by_role("searchbox").fill("")
    page.once("dialog", lambda dialog: dialog.dismiss())
    rows.nth(0).get_by_role("button", name="Delete").click()
    page.once("dialog", lambda dialog: dialog.accept())
    rows.nth(1).get_by_role("button", name="Delete").click()
    expect(rows.locator("a")).to_have_text([FORUM], timeout=WAIT)
    expect(page.locator("#answer .welcome")).to_be_visible(timeout=WAIT)


def test_everything_is_forgotten(site: Site, visit: Callable[..., Page], tmp_path: Path) -> None:
    page = visit(site)
    before = set(site.index.glob("rooms/*/*"))
    upload(page, lake(tmp_path))
    tab(page, "Ask")
    ask(page, "How deep is the Ashby lake?")
    page.get_by_role("button", name="This is right").click()
    expect(page.locator("#answer .note")).to_contain_text("Test case 1", timeout=WAIT)
    (room,) = set(site.index.glob("rooms/*/*")) - before
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Forget everything").click()
    expect(page.locator("#answer .welcome")).to_be_visible(timeout=WAIT)
    expect(page.locator("#checklist")).not_to_contain_text("uploaded", timeout=WAIT)
    assert not room.exists()
    expect(page.locator("#talks li")).to_have_count(0)
    expect(ask(page, "How deep is the Ashby lake?")).to_contain_text("Not in the documents.")


def test_another_s_session_shows_nothing_of_that_other(site: Site, visit: Callable[..., Page], browser: Browser) -> None:
    page = visit(site)
    sent: list[dict[str, object]] = []
    page.on("request", lambda request: sent.append(json.loads(request.post_data or "{}")) if request.method == "POST" else None)
    ask(page, SWAP)
    page.locator("#earlier").get_by_role("button", name="New conversation").click()
    expect(page.locator("#answer .welcome")).to_be_visible(timeout=WAIT)
    calls = [body for body in sent if "session_hash" in body and "fn_index" in body]
    assert len(calls) > 2
    stranger = browser.new_context()
    stranger.request.get(site.address)
    for body in sorted(calls, key=lambda body: SWAP in json.dumps(body)):  # whoever sends the question too asks it for themselves
        for path in ("run/predict", "queue/join"):
            response = stranger.request.post(f"{site.address}gradio_api/{path}", data=body)
            assert "billon" not in response.text(), body
    own = page.context.request.post(f"{site.address}gradio_api/run/predict", data=watch_of(calls))
    assert "billon" in own.text(), "what the test looks for is what its owner sees"
    stranger.close()


def watch_of(calls: list[dict[str, object]]) -> dict[str, object]:
    """The call that brought the answer."""
    return next(
        body for body in calls if isinstance(data := body.get("event_data"), dict) and data.get("do") == "watch" and data["w"]
    )


@pytest.fixture(scope="module")
def slow(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The page with a language model that takes its time."""
    with FakeLLM("slow", "The two central banks will be able to exchange 3.4 trillion yen [1]. " * 3, delay=0.2) as fake:
        yield from start(SEEDS, tmp_path_factory.mktemp("index"), "--llm", fake.openai_like)


@pytest.mark.parametrize(("width", "theme", "locale"), [(380, "dark", "zh-CN"), (1280, "light", "en-US")])
def test_waiting_is_seen_outlives_a_reload_and_can_be_stopped(
    slow: Site,
    visit: Callable[..., Page],
    width: int,
    theme: str,
    locale: str,
) -> None:
    page = visit(slow, f"?__theme={theme}", viewport={"width": width, "height": 900}, locale=locale, forgiven=LEFT)
    for question in (SWAP, FORUM):
        box(page).fill(question)
        page.keyboard.press("Enter")
        expect(page.locator("#working .asked").last).to_have_text(question, timeout=2000)
    stop = page.locator("#working button")
    expect(stop).to_have_count(2)
    assert no_sideways_scrolling(page)
    serious = [
        (each["id"], [node["html"] for node in each["nodes"]])
        for each in Axe().run(page).response["violations"]
        if each["impact"] in ("serious", "critical")
    ]
    assert serious == []
    page.reload()
    expect(page.locator("#working .asked").first).to_have_text(SWAP, timeout=WAIT)
    stop.first.click()
    expect(page.locator("#answer .answer.refused .asked")).to_have_text(SWAP, timeout=WAIT)
    expect(page.locator("#working .asked").first).to_have_text(FORUM)
    shown(page, FORUM)
    expect(page.locator("#evidence .card").first).to_be_visible()
    assert no_sideways_scrolling(page)
