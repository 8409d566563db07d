"""The page's HTML is safe and exact; in headless Chromium it answers (skipped without a browser, never in CI)."""

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

from rag.answers import Answer, Citation
from rag.pipeline import Rag
from rag.web.page import answer_html, build_page, marked, sources_html
from tests.conftest import ROOT

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
        pytest.skip("no Chromium on this machine")
    port = 7893
    environment = {**os.environ, "RAG_INDEX_DIR": str(tmp_path / "index")}
    server = subprocess.Popen([sys.executable, "app.py", "--port", str(port)], cwd=ROOT, env=environment)
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=1).close()
                break
            except OSError:
                time.sleep(0.2)
        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
        page = subprocess.run(
            [chromium, *flags, f"--user-data-dir={tmp_path / 'profile'}", "--virtual-time-budget=15000", "--dump-dom", f"http://127.0.0.1:{port}/"],
            capture_output=True, text=True, timeout=120, check=True,
        ).stdout  # fmt: skip
        assert "Chapter &amp; Verse" in page and "Your question" in page
    finally:
        server.kill()
        server.wait()
