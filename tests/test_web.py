"""The page's HTML is safe and exact; in headless Chromium it answers (skipped where there is none)."""

import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from html import unescape
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from rag.answers import Answer, Citation, Gaps, Item, UnknownWord
from rag.pipeline import Rag
from rag.web.page import answer_html, build_page, marked, sources_html
from tests.conftest import ROOT, free_port

NASTY = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'


def citation(text: str, start: int, end: int) -> Citation:
    return Citation(1, f"{NASTY}.txt", start, end, text[start:end], NASTY, "0" * 64, 1.0)


def test_marked_text_is_the_file_and_the_mark_is_the_quote() -> None:
    text = f"Before & after.\n{NASTY} The tower is 48 metres high. <b>End</b>"
    start = text.index("The tower")
    html = marked(text, citation(text, start, start + 28), "48 metres")
    quote = re.search("<mark>(.*)</mark>", html, re.DOTALL)
    assert quote is not None
    plain = re.sub("</?(mark|strong)>", "", html)
    assert unescape(plain) == text
    assert unescape(re.sub("</?strong>", "", quote[1])) == text[start : start + 28]
    assert "<script" not in html and "<img" not in html


def test_a_quote_that_is_no_longer_there_is_not_marked() -> None:
    cited = citation("The tower is 48 metres high.", 0, 28)
    html = marked("The tower is 52 metres high.", cited, "48 metres")
    assert "<mark>" not in html and "has changed" in html


def test_every_part_of_an_answer_is_escaped() -> None:
    text = NASTY * 2
    nasty = Answer(NASTY, True, NASTY, NASTY, 0.5, citations=(citation(text, 0, len(NASTY)),))
    refused = Answer(NASTY, False, NASTY, reason=NASTY)
    for html in (answer_html(nasty), answer_html(refused)):
        assert "<script" not in html and "<img" not in html


def test_items_and_readings_are_shown() -> None:
    citation = Citation(1, "a.txt", 0, 12, "bread & tin.", "", "", 1.0)
    items = (Item(1, 0, 5, "bread"), Item(1, 8, 11, "tin"))
    gaps = Gaps(unknown=(UnknownWord("bred", ("bread",), "bread"), UnknownWord("gold")))
    html = answer_html(Answer("q", True, "", "bread & tin", 0.5, citations=(citation,), items=items, gaps=gaps))
    assert "<li>bread</li><li>tin</li>" in html
    assert "“bred” is in no file; read as “bread”." in html and "gold" not in html


def test_the_sources_show_the_whole_document(seeds: Rag) -> None:
    answer = seeds.answer("What is the swap amount?")
    html = sources_html(answer, seeds)
    assert "<mark>" in html and "win-win result" in html and f"characters {answer.citations[0].start}" in html


def test_only_the_question_is_a_public_endpoint(seeds: Rag) -> None:
    page = build_page(seeds)
    assert list(page.get_api_info()["named_endpoints"]) == ["/ask"]


@pytest.mark.slow
def test_the_page_answers_in_a_browser(tmp_path: Path) -> None:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium on this machine; on Debian: apt-get install chromium")
    port = free_port()
    environment = {**os.environ, "RAG_INDEX_DIR": str(tmp_path / "index")}
    server = subprocess.Popen([sys.executable, "app.py", "--port", str(port)], cwd=ROOT, env=environment)
    outside: list[str] = []
    try:
        wait_for(f"http://127.0.0.1:{port}/")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=chromium, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
            )
            page = browser.new_page()
            page.on(
                "request",
                lambda r: None if r.url.startswith((f"http://127.0.0.1:{port}", "data:", "blob:")) else outside.append(r.url),
            )
            page.goto(f"http://127.0.0.1:{port}/")
            for question, short in (
                ("What is the swap amount?", "200 billon yuan"),
                ("Which edition of the Beijing-Tokyo Forum was it?", "16th"),
            ):
                page.get_by_label("Your question").fill(question)
                page.keyboard.press("Enter")
                expect(page.locator("#answer .short")).to_contain_text(short, timeout=20_000)
                expect(page.locator("#sources mark").first).to_contain_text(short)
            page.get_by_label("Your question").fill("What is the capital of Mongolia?")
            page.keyboard.press("Enter")
            expect(page.locator("#answer .refused")).to_contain_text("Mongolia", timeout=20_000)
            expect(page.locator("#sources mark")).to_have_count(0)
            browser.close()
    finally:
        server.kill()
        server.wait()
    assert not outside


def wait_for(address: str) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(address, timeout=1).close()
            return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError(f"{address} does not answer")
