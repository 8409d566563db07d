"""The page in headless Chromium, as its user meets it. Skipped where there is no Chromium, unless BROWSER_REQUIRED is set."""

import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from gradio_client import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Request, expect, sync_playwright

from rag.shell.cli import ANSWERED, NOT_FOUND, main
from rag.testing.fake_llm import CANARY, FakeLLM
from rag.web.rooms import COOKIE
from tests.conftest import SEEDS, Site, start
from tests.proxy_harness import proxy
from tests.test_formats import pdf

pytestmark = pytest.mark.slow
WAIT = 20_000
"""Milliseconds."""
PAYLOADS = [
    "<script>hit()</script>", "<img src=x onerror=hit()>", "<svg onload=hit()>", "<svg/onload=hit()>", "<body onload=hit()>",
    "<iframe srcdoc='<script>parent.hit()</script>'>", "<iframe src=javascript:parent.hit()>", "<a href=javascript:hit()>x</a>",
    "<details open ontoggle=hit()>", "<video><source onerror=hit()></video>", "<audio src=x onerror=hit()>", "<math><mi onclick=hit()>",
    "<input autofocus onfocus=hit()>", "<marquee onstart=hit()>", "<object data=javascript:hit()>", "<embed src=javascript:hit()>",
    "<link rel=stylesheet href=http://203.0.113.1/x.css>", "<style>@import 'http://203.0.113.1/y.css';</style>",
    "<img src=http://203.0.113.1/z.png>", "<base href=http://203.0.113.1/>", "<meta http-equiv=refresh content=0;url=http://203.0.113.1/>",
    "\"><script>hit()</script>", "'><script>hit()</script>", "\" onmouseover=\"hit()", "' onfocus='hit()' autofocus='", "</mark><script>hit()</script>",
    "</div><img src=x onerror=hit()>", "</textarea><script>hit()</script>", "</title><script>hit()</script>", "<!--><script>hit()</script>-->",
    "<![CDATA[<script>hit()</script>]]>", "${hit()}", "{{hit()}}", "{{#each value}}<script>hit()</script>{{/each}}", "`${hit()}`",
    "&lt;script&gt;hit()&lt;/script&gt;", "&#60;script&#62;hit()&#60;/script&#62;", "\\u003cscript\\u003ehit()\\u003c/script\\u003e",
    "<scr<script>ipt>hit()</scr</script>ipt>", "<form action=http://203.0.113.1/><button>hit</button></form>",
]  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        if os.environ.get("BROWSER_REQUIRED"):
            pytest.fail("no Chromium on this machine, and BROWSER_REQUIRED is set; on Debian: apt-get install chromium")
        pytest.skip("no Chromium on this machine; on Debian: apt-get install chromium")
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        opened = playwright.chromium.launch(executable_path=chromium, args=arguments)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def site(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The page over a copy of the seeds."""
    docs = tmp_path_factory.mktemp("site") / "seeds"
    shutil.copytree(SEEDS, docs)
    yield from start(docs, tmp_path_factory.mktemp("index"))


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens the page as a visitor of its own; fails the test when a console error or a request to elsewhere was seen."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def opened(site: Site, query: str = "", forgiven: str = "nothing", **settings: object) -> Page:
        settings = {"viewport": {"width": 1280, "height": 900}, "locale": "en-US", **settings}
        context = browser.new_context(**settings)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()

        def check(request: Request) -> None:
            if not request.url.startswith((site.address, "data:", "blob:")):
                wrong.append(f"asked for {request.url}")

        page.on("request", check)

        def said(message: ConsoleMessage) -> None:
            told = f"{message.text} {message.location['url']}"
            if message.type == "error" and not re.search(forgiven, told):
                wrong.append(f"console: {told}")

        page.on("console", said)
        page.on("pageerror", lambda e: wrong.append(f"script: {e}"))
        page.goto(site.address + query)
        expect(page.locator("#answer .welcome")).to_be_visible(timeout=WAIT)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert wrong == []


def ask(page: Page, question: str) -> Locator:
    """Ask in the box; returns the answer once it is shown."""
    page.locator("#question input, #question textarea").fill(question)
    page.keyboard.press("Enter")
    answer = page.locator("#answer .answer", has=page.locator(".asked", has_text=question))
    expect(answer).to_be_visible(timeout=WAIT)
    return answer


def tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name).click()


def upload(page: Page, path: Path) -> None:
    tab(page, "Documents")
    page.locator("#upload input[type=file]").set_input_files(path)
    expect(page.locator("#files")).to_contain_text(path.name, timeout=WAIT)


def no_sideways_scrolling(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def test_ask_and_read(site: Site, visit: Callable[..., Page]) -> None:
    page = visit(site)
    for question, short in (
        ("What is the swap amount?", "$29 billion"),
        ("Which edition of the Beijing-Tokyo Forum was it?", "16th"),
    ):
        answer = ask(page, question)
        expect(answer.locator(".short")).to_contain_text(short)
        expect(page.locator("#evidence .badge.verbatim").first).to_be_visible()
        quote = page.locator("#source-1 blockquote").inner_text()
        expect(page.locator("#source-1 mark")).not_to_be_visible()
        answer.locator(".short .chip").first.hover()
        expect(answer.locator(".short .tip").first).to_be_visible()
        answer.locator(".short .chip").first.click()
        mark = page.locator("#source-1 mark")
        expect(mark).to_be_in_viewport()
        assert mark.inner_text() == quote
        source = page.locator("#source-1 .document").get_attribute("data-source")
        text = (site.docs / str(source)).read_text(encoding="utf-8")
        assert page.locator("#source-1 .document").evaluate("e => e.textContent") == text.replace("\r\n", "\n")
    page.keyboard.press("Escape")
    expect(page.locator("#earlier .earlier button")).to_have_count(1)
    page.locator("#earlier .earlier button").click()
    expect(page.locator("#answer .answer .short")).to_contain_text("$29 billion")
    expect(page.locator("#evidence mark").first).to_contain_text("200 billon yuan")


def test_a_refusal_says_what_is_missing(site: Site, visit: Callable[..., Page]) -> None:
    page = visit(site)
    answer = ask(page, "What is the capital of Mongolia?")
    expect(answer).to_contain_text("Not in the documents.")
    expect(answer).to_contain_text("No file contains: Mongolia")
    expect(page.locator("#evidence")).to_contain_text("Closest passages")
    page.locator("#close-1 .source summary").click()
    expect(page.locator("#close-1 mark")).to_be_in_viewport()


def test_follow_ups_examples_and_recall(site: Site, visit: Callable[..., Page]) -> None:
    page = visit(site)
    first = "By how much did South Korea's exports fall in 2023?"
    expect(ask(page, first).locator(".short")).to_contain_text("7.4 percent")
    offered = page.get_by_role("button", name=re.compile("^When was .* published"))
    offered.click(timeout=WAIT)
    expect(page.locator("#answer .asked")).to_have_text(re.compile("^When was .* published"), timeout=WAIT)
    expect(page.locator("#answer .answer .short")).to_contain_text("2024-05-17", timeout=WAIT)
    box = page.locator("#question input, #question textarea")
    box.press("ArrowUp")
    expect(box).to_have_value(re.compile("^When was .* published"))
    box.press("ArrowUp")
    expect(box).to_have_value(first)
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator("#answer .welcome")).to_be_visible(timeout=WAIT)
    expect(page.locator("#evidence .card")).to_have_count(0)
    page.get_by_role("button", name="How long did the foreign ministers talk on the phone?").click()
    expect(page.locator("#answer .answer .short")).to_contain_text("1 hour and 20 minutes", timeout=WAIT)


def test_ask_some_documents_only(site: Site, visit: Callable[..., Page]) -> None:
    page = visit(site)
    page.locator("#checklist label", has_text="Beijing-Tokyo Forum").click()
    expect(ask(page, "What is the swap amount?")).to_contain_text("Not in the documents.")
    page.locator("#checklist label", has_text="Abe visit").click()
    expect(ask(page, "What is the swap amount? ").locator(".short")).to_contain_text("$29 billion")


def test_a_file_s_life(site: Site, visit: Callable[..., Page], tmp_path: Path) -> None:
    page = visit(site)
    path = tmp_path / "lake.txt"
    path.write_text("The Ashby lake\n\nThe Ashby lake is 31 metres deep and lies north of the village.\n", encoding="utf-8")
    upload(page, path)
    tab(page, "Ask")
    expect(page.locator("#checklist")).to_contain_text("uploaded")
    question = "How deep is the Ashby lake?"
    expect(ask(page, question).locator(".short")).to_contain_text("31 metres")
    (kept,) = site.index.glob("rooms/*/*/files/lake.txt")
    kept.write_text(kept.read_text(encoding="utf-8").replace("31", "32"), encoding="utf-8")
    ask(page, "What is the swap amount?")
    page.locator("#earlier .earlier button", has_text="Ashby").click()
    expect(page.locator("#source-1 .badge.edited")).to_be_visible(timeout=WAIT)
    expect(page.locator("#source-1 mark")).to_have_count(0)
    tab(page, "Documents")
    expect(page.locator("#files .badge.changed")).to_be_visible(timeout=WAIT)
    page.get_by_role("button", name="Bring the index up to date").click()
    expect(page.locator("#document-status")).to_contain_text("1 changed", timeout=WAIT)
    page.locator("#files tr", has_text="lake.txt").get_by_role("button", name="Preview").click()
    expect(page.locator("#preview")).to_contain_text("32 metres deep", timeout=WAIT)
    tab(page, "Ask")
    expect(ask(page, f"{question} ").locator(".short")).to_contain_text("32 metres")
    tab(page, "Documents")
    page.get_by_role("button", name="Remove").click()
    expect(page.locator("#files")).not_to_contain_text("lake.txt", timeout=WAIT)
    assert not kept.exists()
    tab(page, "Ask")
    expect(ask(page, f"Again: {question}")).to_contain_text("Not in the documents.")


def test_uploads_that_are_turned_away_are_explained(site: Site, visit: Callable[..., Page], tmp_path: Path) -> None:
    page = visit(site)
    tab(page, "Documents")
    path = tmp_path / "scan.txt"
    path.write_bytes(b"\x00\x01\x02" * 500)
    page.locator("#upload input[type=file]").set_input_files(path)
    expect(page.locator("#files tr", has_text="scan.txt")).to_contain_text("skipped", timeout=WAIT)


def test_browsers_do_not_see_each_other(site: Site, visit: Callable[..., Page], tmp_path: Path) -> None:
    one, other = visit(site), visit(site)
    path = tmp_path / "secret.txt"
    path.write_text("The Quorum plan\n\nThe Quorum plan costs 912 florins.\n", encoding="utf-8")
    upload(one, path)
    tab(one, "Ask")
    expect(ask(one, "What does the Quorum plan cost?").locator(".short")).to_contain_text("912 florins")
    answer = ask(other, "What does the Quorum plan cost?")
    expect(answer).to_contain_text("Not in the documents.")
    expect(answer).to_contain_text("No file contains: Quorum")
    tab(other, "Documents")
    expect(other.locator("#files")).to_contain_text("seeds", timeout=WAIT)
    expect(other.locator("#files")).not_to_contain_text("secret.txt")
    one.reload()
    expect(one.locator("#answer .answer .short")).to_contain_text("912 florins", timeout=WAIT)
    expect(ask(one, "What does the Quorum plan cost? ").locator(".short")).to_contain_text("912 florins")
    assert one.evaluate("document.cookie") == ""


def test_judgements_run_as_an_evaluation(site: Site, visit: Callable[..., Page]) -> None:
    page = visit(site)
    ask(page, "What is the swap amount?")
    page.get_by_role("button", name="This is right").click()
    expect(page.locator("#answer .note")).to_contain_text("Test case 1", timeout=WAIT)
    ask(page, "Which edition of the Beijing-Tokyo Forum was it?")
    page.get_by_role("button", name="This is wrong").click()
    page.get_by_role("button", name="The selected text is right").click(timeout=WAIT)
    expect(page.locator("#answer .note")).to_contain_text("No text of a document is selected", timeout=WAIT)
    page.locator("#answer .short .chip").click()
    page.locator("#source-1 mark strong").dblclick()
    page.get_by_role("button", name="The selected text is right").click()
    expect(page.locator("#answer .note")).to_contain_text("Test case 2", timeout=WAIT)
    ask(page, "What is the capital of Mongolia?")
    page.get_by_role("button", name="This is wrong").click()
    page.get_by_role("button", name="The documents do not answer it").click(timeout=WAIT)
    expect(page.locator("#answer .note")).to_contain_text("Test case 3", timeout=WAIT)
    tab(page, "Evaluation")
    page.get_by_label("Your test cases about the folder (3)").check(timeout=WAIT)
    page.get_by_role("button", name="Run").click()
    report = page.frame_locator("iframe.report")
    expect(report.locator("body")).to_contain_text("3 questions", timeout=3 * WAIT)
    expect(report.locator("body")).to_contain_text("100% [too few to tell] of 2 answerable questions are answered right")
    page.locator(".each summary").click()
    page.locator(".each tr", has_text="16th").get_by_role("button", name="Ask it").click()
    expect(page.locator("#answer .answer .short")).to_contain_text("16th", timeout=WAIT)


def test_a_receipt_is_saved_and_verified(
    site: Site, visit: Callable[..., Page], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = visit(site, accept_downloads=True)
    answer = ask(page, "What is the swap amount?")
    saved = {}
    for kind in ("JSON", "HTML"):
        with page.expect_download() as download:
            answer.get_by_role("button", name=kind).click()
        saved[kind] = tmp_path / download.value.suggested_filename
        download.value.save_as(saved[kind])
        assert main(["verify", str(saved[kind]), "--docs", str(site.docs)]) == ANSWERED
    assert {path.name for path in saved.values()} == {"What-is-the-swap-amount.json", "What-is-the-swap-amount.html"}
    receipt = json.loads(saved["JSON"].read_text(encoding="utf-8"))
    assert {"index", "encoder", "reader", "version", "at"} <= receipt["made"].keys()
    assert receipt["citations"][0]["sha256"] in saved["HTML"].read_text(encoding="utf-8")
    receipt["citations"][0]["quote"] = receipt["citations"][0]["quote"].replace("200", "300")
    saved["JSON"].write_text(json.dumps(receipt), encoding="utf-8")
    assert main(["verify", str(saved["JSON"]), "--docs", str(site.docs)]) == NOT_FOUND
    capsys.readouterr()


def test_a_quote_and_its_place_are_copied(site: Site, visit: Callable[..., Page]) -> None:
    page = visit(site, permissions=["clipboard-read", "clipboard-write"])
    ask(page, "What is the swap amount?")
    page.get_by_role("button", name="Copy citation").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert re.search(r"“.*200 billon yuan.*” — .*000_b3e07ac0b9db7940\.txt, characters \d+–\d+, sha256 [0-9a-f]{64}", copied)


def test_rankings_side_by_side(site: Site, visit: Callable[..., Page]) -> None:
    page = visit(site)
    tab(page, "Search test")
    page.get_by_label("Search for").fill("currency swap")
    page.get_by_label("Where does this quote rank?").fill("signed a currency swap deal")
    page.keyboard.press("Enter")
    expect(page.locator("#rankings .told")).to_contain_text(
        re.compile(r"Rank by meaning [12], by words 1, fused 1\."), timeout=WAIT
    )
    expect(page.locator("#rankings section")).to_have_count(3)
    expect(page.locator("#rankings li.held")).to_have_count(3)


def test_in_chinese(site: Site, visit: Callable[..., Page]) -> None:
    page = visit(site, locale="zh-CN")
    for name in ("文档", "逐个文档"):
        expect(page.get_by_role("tab", name=name, exact=True)).to_be_visible()
    expect(page.get_by_label("您的问题")).to_be_visible()
    answer = ask(page, "韩国2023年的出口下降了多少？")
    expect(answer).to_contain_text("7.4%")
    expect(page.locator("#evidence")).to_contain_text("与原文一致")


@pytest.mark.parametrize(("width", "theme"), [(380, "light"), (380, "dark"), (1280, "dark"), (1920, "light")])
def test_it_fits_and_has_no_serious_barrier(site: Site, visit: Callable[..., Page], width: int, theme: str) -> None:
    page = visit(site, f"?__theme={theme}", viewport={"width": width, "height": 900})
    axe = Axe()

    def check(where: str) -> None:
        assert no_sideways_scrolling(page), where
        page.wait_for_timeout(500)  # what is being worked out is drawn faint
        found = axe.run(page).response["violations"]
        serious = [
            f"{where}: {each['id']}: {node['html'][:200]}"
            for each in found
            if each["impact"] in ("serious", "critical")
            for node in each["nodes"]
        ]
        assert serious == []

    check("first visit")
    answer = ask(page, "What is the swap amount?")
    answer.locator(".work summary").click()
    answer.locator(".short .chip").first.click()
    check("answer")
    ask(page, "What is the capital of Mongolia?")
    check("refusal")
    tab(page, "Search test")
    page.get_by_label("Search for").fill("currency swap")
    page.get_by_label("Search for").press("Enter")
    expect(page.locator("#rankings section")).to_have_count(3, timeout=WAIT)
    check("search test")
    tab(page, "Documents")
    page.get_by_role("button", name="Preview").first.click(timeout=WAIT)
    expect(page.locator("#preview .document")).to_be_visible(timeout=WAIT)
    check("documents")
    tab(page, "Evaluation")
    expect(page.get_by_label("The shipped questions")).to_be_visible(timeout=WAIT)
    check("evaluation")


def test_everything_can_be_reached_by_keyboard(site: Site, visit: Callable[..., Page]) -> None:
    page = visit(site)
    answer = ask(page, "What is the swap amount?")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.className") == "chip":
            break
    expect(answer.locator(".tip").first).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("#source-1 mark")).to_be_in_viewport()
    assert page.evaluate("document.activeElement.classList.contains('document')")


def test_two_hundred_quick_clicks(site: Site, visit: Callable[..., Page]) -> None:
    page = visit(site)
    page.locator("#question input, #question textarea").fill("What is the swap amount?")
    page.evaluate(
        "async () => { for (let i = 0; i < 200; i++) {"
        " document.querySelector('#middle button.primary').click(); await new Promise((then) => setTimeout(then, 2)); } }"
    )
    expect(page.locator("#answer .answer .short")).to_contain_text("$29 billion", timeout=WAIT)
    expect(ask(page, "Which edition of the Beijing-Tokyo Forum was it?").locator(".short")).to_contain_text("16th")


def test_reloading_while_it_answers(site: Site, visit: Callable[..., Page]) -> None:
    # What the browser and Gradio say of the requests that a reload ends is forgiven.
    page = visit(site, forgiven="[Aa]bort|Connection errored out")
    for _ in range(3):
        page.locator("#question input, #question textarea").fill("What is the swap amount?")
        page.keyboard.press("Enter")
        page.reload()
        expect(page.locator("#answer .welcome")).to_be_visible(timeout=WAIT)
    expect(ask(page, "What is the swap amount?").locator(".short")).to_contain_text("$29 billion")


def ask_each(page: Page, question: str) -> None:
    page.locator("#each-question input, #each-question textarea").fill(question)
    page.keyboard.press("Enter")


def test_every_document_is_asked(site: Site, visit: Callable[..., Page]) -> None:
    page = visit(site)
    tab(page, "Every document")
    expect(page.locator("#each-checklist label")).to_have_count(5, timeout=WAIT)
    ask_each(page, "What is the swap amount?")
    expect(page.locator("#each-progress .told")).to_contain_text("5 documents asked", timeout=2 * WAIT)
    rows = page.locator("#each tbody tr")
    expect(rows).to_have_count(5)
    expect(rows.first).to_contain_text("$29 billion")
    answered = page.locator("#each tbody tr.answered").count()
    assert 0 < answered < 5
    names = sorted(page.locator("#each td:first-child button").all_inner_texts())
    for direction, expected in (("ascending", names), ("descending", names[::-1])):
        page.locator("#each th").get_by_role("button", name="file").press("Enter")
        expect(page.locator("#each th").first).to_have_attribute("aria-sort", direction)
        assert page.locator("#each td:first-child button").all_inner_texts() == expected
    page.locator("#each th").get_by_role("button", name="confidence").click()
    sure = [float(str(cell.get_attribute("data-key"))) for cell in page.locator("#each td[data-key]").all()]
    assert sure == sorted(sure) and len(set(sure)) > 2
    page.get_by_label("Answered only").check()
    expect(page.locator("#each tbody tr:visible")).to_have_count(answered)
    page.get_by_label("Answered only").uncheck()
    page.get_by_label("Show rows with").fill("sino-JAPAN")
    expect(page.locator("#each tbody tr:visible")).to_have_count(1)
    page.get_by_label("Show rows with").fill("nothing of the sort")
    expect(page.locator("#each .none")).to_be_visible()
    page.get_by_label("Show rows with").fill("")
    row = page.locator("#each tbody tr", has_text="$29 billion")
    row.get_by_role("button").press("Enter")
    expect(page.locator("#each-1-source-1 .badge.verbatim")).to_be_visible(timeout=WAIT)
    expect(row).to_have_attribute("aria-current", "true")
    expect(page.locator("#each-evidence h2").first).to_be_focused()
    page.locator("#each-1-source-1 .source summary").click()
    expect(page.locator("#each-1-source-1 mark")).to_contain_text("200 billon yuan")
    page.locator("#each tbody tr:not(.answered) td:last-child").first.click()
    expect(page.locator("#each-evidence")).to_contain_text("Closest passages", timeout=WAIT)
    for name, suffix, begin in (("Save as CSV", "csv", "\ufefffile,title,"), ("Save as JSON", "json", "[")):
        with page.expect_download() as waiting:
            page.get_by_role("button", name=name).click()
        text = waiting.value.path().read_text(encoding="utf-8")
        assert waiting.value.suggested_filename == f"answers.{suffix}" and text.startswith(begin) and "$29 billion" in text


@pytest.mark.parametrize(("width", "theme"), [(380, "light"), (1280, "dark")])
def test_two_documents_are_compared_and_neither_view_has_a_serious_barrier(
    site: Site, visit: Callable[..., Page], width: int, theme: str
) -> None:
    page = visit(site, f"?__theme={theme}", viewport={"width": width, "height": 900})
    axe = Axe()

    def check(where: str) -> None:
        assert no_sideways_scrolling(page), where
        page.wait_for_timeout(500)
        found = axe.run(page).response["violations"]
        assert [(where, each["id"]) for each in found if each["impact"] in ("serious", "critical")] == []

    tab(page, "Every document")
    ask_each(page, "What is the swap amount?")
    expect(page.locator("#each-progress .told")).to_be_visible(timeout=2 * WAIT)
    page.locator("#each tbody tr").first.click()
    expect(page.locator("#each-evidence .card").first).to_be_visible(timeout=WAIT)
    check("table")
    for title in ("Beijing-Tokyo Forum", "Abe visit"):
        page.locator("#each-checklist label", has_text=title).click()
    ask_each(page, "What is the swap amount?")
    sides = page.locator("#each .side")
    expect(sides).to_have_count(2, timeout=WAIT)
    assert sorted("$29 billion" in text for text in sides.all_inner_texts()) == [False, True]
    first, second = (sides.nth(at).bounding_box() for at in (0, 1))
    assert first and second
    assert first["y"] == second["y"] if width > 1000 else first["y"] + first["height"] <= second["y"]
    expect(page.locator("#each-evidence .card")).to_have_count(0)
    check("side by side")


@pytest.fixture(scope="module")
def towers(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The page over so many documents that asking each takes seconds."""
    docs = tmp_path_factory.mktemp("towers")
    for number in range(400):
        (docs / f"{number:03}.txt").write_text(f"The Elmet tower {number} is {100 + number} metres high.\n", encoding="utf-8")
    yield from start(docs, tmp_path_factory.mktemp("index"))


def test_asking_every_document_can_be_stopped_and_begun_again(towers: Site, visit: Callable[..., Page]) -> None:
    page = visit(towers)
    tab(page, "Every document")
    stop = page.get_by_role("button", name="Stop")
    expect(stop).to_be_disabled()
    ask_each(page, "How high is the Elmet tower?")
    expect(page.locator("#each tbody tr").first).to_be_visible(timeout=WAIT)
    expect(page.locator("#each-progress progress")).to_have_attribute("max", "400")
    stop.click()
    told = page.locator("#each-progress .told")
    expect(told).to_have_text(re.compile(r"Stopped: \d+ of 400 documents asked"), timeout=WAIT)
    expect(stop).to_be_disabled()
    said, rows = told.inner_text(), page.locator("#each tbody tr").count()
    assert 0 < rows < 400 and said.startswith(f"Stopped: {rows} of 400")
    page.wait_for_timeout(2_000)
    assert (told.inner_text(), page.locator("#each tbody tr").count()) == (said, rows)
    page.locator("#each-checklist label", has_text="399").or_(page.locator("#each-checklist label").last).first.click()
    ask_each(page, "How high is the Elmet tower?")
    expect(told).to_contain_text("1 documents asked", timeout=WAIT)


def test_too_long_and_empty_questions(site: Site, visit: Callable[..., Page]) -> None:
    page = visit(site)
    answer = ask(page, "What is the swap amount?")
    page.locator("#question input, #question textarea").fill(" ")
    page.keyboard.press("Enter")
    page.wait_for_timeout(500)
    expect(answer.locator(".short")).to_contain_text("$29 billion")
    with pytest.raises(Exception, match="the limit is 2,000"):
        Client(site.address, verbose=False).predict("x" * 2_001, api_name="/ask")


@pytest.fixture(scope="module")
def tables(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The page over a Markdown file and a wide table."""
    docs = tmp_path_factory.mktemp("tables")
    text = "# The **harbour**\n\n- a [rope](http://203.0.113.1/)\n\n| Knot | Share of uses |\n|---|---|\n| **Bowline** | 60 % |\n| Reef | 25 % |\n"
    (docs / "knots.md").write_text(text, encoding="utf-8")
    table = "Item,Price in euros,Stock,Supplier,Country of origin,Delivery time in days,Remark\nLamp,12.50,4,Stone & Sons,Portugal,12,fragile\n"
    (docs / "prices.csv").write_text(
        f"{table}Chair,80.00,9,Miller,Norway,30,\nRope,4.20,112,Harbour stores,Spain,3,sold by the metre\n"
    )
    yield from start(docs, tmp_path_factory.mktemp("index"))


@pytest.mark.parametrize("width", [380, 1280])
def test_tables_are_tables_and_what_is_selected_in_them_is_the_file_s(
    tables: Site, visit: Callable[..., Page], width: int
) -> None:
    page = visit(tables, viewport={"width": width, "height": 900})
    answer = ask(page, "How many euros is the lamp?")
    expect(page.locator("#source-1 blockquote th").first).to_have_text("Item |")
    answer.locator(".chip").first.click()
    expect(page.locator("#source-1 mark").first).to_be_in_viewport()
    expect(page.locator("#source-1 .document th")).to_have_count(7)
    assert no_sideways_scrolling(page)
    serious = [each["id"] for each in Axe().run(page).response["violations"] if each["impact"] in ("serious", "critical")]
    assert serious == []
    tab(page, "Documents")
    page.locator("#files tr", has_text="knots.md").get_by_role("button", name="Preview").click(timeout=WAIT)
    box = page.locator("#preview .document")
    expect(box.locator("h3")).to_have_text("# The **harbour**", timeout=WAIT)
    assert box.locator("h3").inner_text() == "The harbour"
    select = """([box, from, to]) => {
      const cell = (text) => [...box.querySelectorAll('td')].find((e) => e.innerText.trim() === text);
      getSelection().setBaseAndExtent(cell(from), 0, cell(to), cell(to).childNodes.length);
      return new Promise((then) => setTimeout(() => then(window.chosen.text), 100));
    }"""
    chosen = {
        ends: box.evaluate(f"(box) => ({select})([box, {ends[0]!r}, {ends[1]!r}])")
        for ends in (("60 %", "60 %"), ("Bowline", "Reef"))
    }
    assert chosen == {("60 %", "60 %"): "60 %", ("Bowline", "Reef"): "Bowline** | 60 % |\n| Reef"}
    assert all(text in (tables.docs / "knots.md").read_text(encoding="utf-8") for text in chosen.values())


@pytest.fixture(scope="module")
def hostile(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The page over documents that attack it: in the text, the title, and where the system allows it the file's name."""
    docs = tmp_path_factory.mktemp("hostile")
    for number, payload in enumerate(PAYLOADS):
        name = f"{number:02} {payload.replace('/', '')}.txt"[:100].strip()
        if not name.endswith(".txt"):
            name += ".txt"
        text = f"{payload} The Elmet tower {number}\n\nThe Elmet tower {number} is {100 + number} metres high {payload} and made of brick.\n"
        (docs / name).write_text(text, encoding="utf-8")
    yield from start(docs, tmp_path_factory.mktemp("index"))


def test_hostile_documents_and_questions_do_nothing(hostile: Site, visit: Callable[..., Page]) -> None:
    page = visit(hostile)
    page.evaluate("() => { window.hits = 0; window.hit = () => { window.hits += 1; }; }")
    for number, payload in enumerate(PAYLOADS):
        answer = ask(page, f"How high is the Elmet tower {number}? {payload}")
        assert answer.locator(".asked").inner_text().endswith(payload)
        for summary in page.locator("#evidence .source summary").all()[:2]:
            if summary.is_visible():
                summary.click()
        if number % 8 == 0:
            page.get_by_role("button", name="New conversation").click()
            expect(page.locator("#answer .welcome")).to_be_visible(timeout=WAIT)
    expect(page.locator("#evidence .card").first).to_be_visible()
    tab(page, "Every document")
    ask_each(page, "How high is the Elmet tower? <img src=x onerror=hit()>")
    expect(page.locator("#each-progress .told")).to_be_visible(timeout=2 * WAIT)
    page.locator("#each tbody tr").first.click()
    expect(page.locator("#each-evidence .card").first).to_be_visible(timeout=WAIT)
    tab(page, "Search test")
    page.get_by_label("Search for").fill("Elmet tower <img src=x onerror=hit()>")
    page.get_by_label("Search for").press("Enter")
    expect(page.locator("#rankings section")).to_have_count(3, timeout=WAIT)
    tab(page, "Documents")
    page.get_by_role("button", name="Preview").first.click(timeout=WAIT)
    expect(page.locator("#preview .document")).to_be_visible(timeout=WAIT)
    assert page.evaluate("window.hits") == 0
    injected = "#answer, #evidence, #each, #each-evidence, #each-progress, #rankings, #files, #preview, #checklist"
    assert (
        page.locator(injected).locator("script, iframe, img, object, embed, form, link, base, meta, video, audio, style").count()
        == 0
    )


WRITTEN = f"The two central banks will be able to exchange up to 3.4 trillion yen for 200 billion yuan [1]. It was signed by Evelyn Ashdown [1]. ![x]({CANARY}) [1]"


@pytest.fixture(scope="module")
def written(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The page with a language model that invents a name, and draws a picture from elsewhere."""
    with FakeLLM("slow", WRITTEN, delay=0.2) as fake:
        yield from start(SEEDS, tmp_path_factory.mktemp("index"), "--llm", fake.openai_like)


def test_a_model_s_text_is_seen_as_it_comes_and_struck_out_where_it_does_not_stand(
    written: Site, visit: Callable[..., Page]
) -> None:
    page = visit(written)
    page.locator("#question input, #question textarea").fill("How many yen can the central banks exchange under the swap deal?")
    page.keyboard.press("Enter")
    expect(page.locator("#working .writing .draft")).to_contain_text("The two", timeout=WAIT)
    expect(page.locator("#answer .sure")).to_be_visible(timeout=WAIT)
    expect(page.locator("#answer .sentence").first).to_contain_text("will be able to exchange up to 3.4 trillion yen")
    expect(page.locator("#answer del").first).to_have_text("It was signed by Evelyn Ashdown.")
    expect(page.locator("#answer del").last).to_contain_text(CANARY)
    assert page.locator("#answer img").count() == 0
    page.locator("#answer .chip").first.click()
    expect(page.locator("#source-1 mark")).to_be_in_viewport()
    page.wait_for_timeout(500)
    impacts = [each["impact"] for each in Axe().run(page).response["violations"]]
    assert "serious" not in impacts and "critical" not in impacts


@pytest.fixture
def own_site(docs: Path, tmp_path: Path) -> Iterator[Site]:
    """Over a folder that the test may change."""
    yield from start(docs, tmp_path / "index")


def test_the_open_list_of_documents_follows_the_folder(own_site: Site, visit: Callable[..., Page]) -> None:
    page = visit(own_site)
    tab(page, "Documents")
    expect(page.locator("#files")).to_contain_text("tower.md", timeout=WAIT)
    (own_site.docs / "lake.txt").write_text("The Ashby lake is 31 metres deep and lies north of the village.\n")
    expect(page.locator("#files")).to_contain_text("lake.txt", timeout=WAIT)
    (own_site.docs / "bridge.txt").unlink()
    expect(page.locator("#files")).not_to_contain_text("bridge.txt", timeout=WAIT)
    tab(page, "Ask")
    expect(page.locator("#checklist")).to_contain_text("lake", timeout=WAIT)
    expect(ask(page, "How deep is the Ashby lake?")).to_contain_text("31 metres")


@pytest.mark.parametrize("strips", [True, False])
def test_below_a_path_of_a_reverse_proxy(docs: Path, tmp_path: Path, visit: Callable[..., Page], strips: bool) -> None:
    for site in start(docs, tmp_path / "index", "--root-path", "/docs"):
        with proxy(site.address, "/docs", strips=strips) as site.address:
            page = visit(site, forgiven="/favicon.ico")
            expect(ask(page, "How high is the Elmet tower?")).to_contain_text("48 metres")
            page.locator("#evidence .source summary").first.click()
            upload(page, lake(tmp_path))
            tab(page, "Ask")
            expect(ask(page, "How deep is the Ashby lake?")).to_contain_text("31 metres")
            (cookie,) = (each for each in page.context.cookies() if each["name"] == COOKIE)
            assert cookie["path"] == "/docs"
            client = Client(site.address, verbose=False)
            assert client.predict("How high is the Elmet tower?", api_name="/ask")["short"] == "48 metres"
            page.context.close()


def test_the_log_in_below_a_path(docs: Path, tmp_path: Path, browser: Browser) -> None:
    (docs / "inn.pdf").write_bytes(pdf("50 700 The inn of Elmet has nine rooms."))
    for site in start(docs, tmp_path / "index", "--root-path", "/docs", "--auth", "ada:lovelace"):
        with proxy(site.address, "/docs", strips=True) as address, closing(browser.new_context()) as context:
            page = context.new_page()
            page.goto(address)
            page.get_by_label("Name").fill("ada")
            page.get_by_label("Password").fill("lovelace")
            page.get_by_role("button", name="Log in").click()
            expect(page.locator("#answer .welcome")).to_be_visible(timeout=WAIT)
            expect(ask(page, "How many rooms has the inn of Elmet?")).to_contain_text("nine")
            page.locator("#answer .chip").first.click()
            expect(page.locator("#source-1 .sheet img")).to_have_js_property("naturalWidth", 1200, timeout=WAIT)


def lake(folder: Path) -> Path:
    """A file to upload."""
    path = folder / "lake.txt"
    path.write_text("The Ashby lake\n\nThe Ashby lake is 31 metres deep and lies north of the village.\n")
    return path
