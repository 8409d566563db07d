"""The page's HTML is safe and exact; in headless Chromium it answers (skipped where there is none)."""

import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from html import escape, unescape
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from rag.answers import Answer, Citation, ClosePassage, Considered, Gaps, Item, Stage, Trace, UnknownWord, UnreadFile
from rag.errors import FileFailed
from rag.pipeline import Rag
from rag.web.headers import HEADERS
from rag.web.page import answer_html, build_page, marked, sources_html
from tests.conftest import ROOT, free_port

NASTY = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'


def citation(text: str, start: int, end: int) -> Citation:
    return Citation(1, f"{NASTY}.txt", start, end, text[start:end], NASTY, "0" * 64, 1.0)


def test_marked_text_is_the_file_and_the_mark_is_the_quote() -> None:
    text = f"Before & after.\n{NASTY} The tower is 48 metres high. <b>End</b>"
    start = text.index("The tower")
    html = marked(text, start, start + 28, "48 metres")
    quote = re.search("<mark>(.*)</mark>", html, re.DOTALL)
    assert quote is not None
    plain = re.sub("</?(mark|strong)>", "", html)
    assert unescape(plain) == text
    assert unescape(re.sub("</?strong>", "", quote[1])) == text[start : start + 28]
    assert "<script" not in html and "<img" not in html


def test_a_quote_is_held_against_the_file_whenever_it_is_shown() -> None:
    text = "The tower is 48 metres high."
    answer = Answer("q", True, "", "48 metres", 0.5, citations=(citation(text, 0, 28),))

    def gone(source: str) -> str:
        raise FileFailed(f"{source} is not there")

    verbatim = sources_html(answer, lambda _: text)
    edited = sources_html(answer, lambda _: text.replace("48", "52"))
    deleted = sources_html(answer, gone)
    assert "verbatim ✓" in verbatim and "<mark>" in verbatim
    assert "edited since" in edited and "52 metres" in edited and "<mark>" not in edited
    assert "deleted since" in deleted and "<mark>" not in deleted


def test_every_part_of_an_answer_is_escaped() -> None:
    text = NASTY * 2
    considered = (Considered(NASTY, 0, 1, 0.5, 0.5, 0.5, True, NASTY, 1.0),)
    trace = Trace(NASTY, (Stage(NASTY, 1.0),), considered)
    gaps = Gaps(
        (UnknownWord(NASTY, (NASTY,)), UnknownWord(NASTY, (NASTY,), NASTY)),
        (ClosePassage(NASTY, 0, len(NASTY), NASTY, 0.1, (NASTY,)),),
        (UnreadFile(NASTY, "failed", NASTY),),
    )
    nasty = Answer(NASTY, True, NASTY, NASTY, 0.5, citations=(citation(text, 0, len(NASTY)),), gaps=gaps, trace=trace)
    refused = Answer(NASTY, False, NASTY, reason=NASTY, gaps=gaps, trace=trace)
    for answer in (nasty, refused):
        html = answer_html(answer) + sources_html(answer, lambda _: text)
        assert "<script" not in html and "<img" not in html and escape(NASTY) in html


def test_a_refusal_shows_what_is_missing_and_what_came_close(seeds: Rag) -> None:
    answer = seeds.answer("What is the capital of Mongolia?")
    html = answer_html(answer)
    assert not answer.answered and "<h4>In no file</h4>" in html and "<b>Mongolia</b>" in html
    close = sources_html(answer, seeds.text)
    assert close.count("<mark>") == len(answer.gaps.closest) > 0 and "Closest passages" in close


def test_the_work_is_shown_folded(seeds: Rag) -> None:
    html = answer_html(seeds.answer("What is the swap amount?"))
    assert '<details class="work">' in html and "were read" in html and "not read" in html and "search " in html


def test_items_and_readings_are_shown() -> None:
    citation = Citation(1, "a.txt", 0, 12, "bread & tin.", "", "", 1.0)
    items = (Item(1, 0, 5, "bread"), Item(1, 8, 11, "tin"))
    gaps = Gaps(unknown=(UnknownWord("bred", ("bread",), "bread"), UnknownWord("gold")))
    html = answer_html(Answer("q", True, "", "bread & tin", 0.5, citations=(citation,), items=items, gaps=gaps))
    assert "<li>bread</li><li>tin</li>" in html
    assert "“bred” is in no file; read as “bread”." in html and "gold" not in html


def test_the_sources_show_the_whole_document(seeds: Rag) -> None:
    answer = seeds.answer("What is the swap amount?")
    html = sources_html(answer, seeds.text)
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
            refused: list[str] = []
            page.on("console", lambda m: refused.append(m.text) if m.type == "error" else None)
            page.on(
                "request",
                lambda r: None if r.url.startswith((f"http://127.0.0.1:{port}", "data:", "blob:")) else outside.append(r.url),
            )
            response = page.goto(f"http://127.0.0.1:{port}/")
            assert response is not None
            assert {name.lower(): value for name, value in HEADERS.items()}.items() <= response.headers.items()
            for question, short in (
                ("What is the swap amount?", "200 billon yuan"),
                ("Which edition of the Beijing-Tokyo Forum was it?", "16th"),
            ):
                page.get_by_label("Your question").fill(question)
                page.keyboard.press("Enter")
                expect(page.locator("#answer .short")).to_contain_text(short, timeout=20_000)
                expect(page.locator("#sources mark").first).to_contain_text(short)
                expect(page.locator("#sources mark").first).to_be_in_viewport()
                page.locator("#source-1 summary").click()
                expect(page.locator("#sources mark").first).not_to_be_visible()
                page.locator("#answer .short a").first.click()
                expect(page.locator("#sources mark").first).to_be_in_viewport()
            page.get_by_label("Your question").fill("What is the capital of Mongolia?")
            page.keyboard.press("Enter")
            expect(page.locator("#answer .refused")).to_contain_text("Mongolia", timeout=20_000)
            expect(page.locator("#sources .source[open]")).to_have_count(0)
            page.locator("#sources summary").first.click()
            expect(page.locator("#sources mark").first).to_be_in_viewport()
            assert not refused
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
