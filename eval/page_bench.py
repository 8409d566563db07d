"""`python -m eval.page_bench`: from the click on "Ask" to the answer drawn, in headless Chromium, and the weight of the page.

The same questions are then asked of `Rag.answer` in this process: read the difference, and the ratio, not the milliseconds.
Needs Debian's chromium and the development packages. Writes page.json.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from functools import partial
from typing import TYPE_CHECKING

from eval.bench import RESULTS, ROOT, machine, questions, seconds
from eval.metrics import percentile
from rag.config import SAMPLE, Config
from rag.pipeline import Rag

if TYPE_CHECKING:
    from playwright.sync_api import Page

ASKED = 100
PORT = 7869
_ANSWERED = """(question) => new Promise((resolve) => {
  const began = performance.now();
  const drawn = () => [...document.querySelectorAll('#answer .asked')].some((asked) => asked.textContent === question);
  const seen = new MutationObserver(() => {
    if (drawn()) { seen.disconnect(); requestAnimationFrame(() => resolve(performance.now() - began)); }
  });
  seen.observe(document.querySelector('#answer'), {childList: true, subtree: true, characterData: true});
  document.querySelector('#middle button.primary').click();
})"""
"""Clicks "Ask", and gives the milliseconds until the answer to the question is drawn."""


def main() -> None:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("page_bench: no Chromium on this machine; on Debian: apt-get install chromium")
    asked = questions()[:ASKED]
    with tempfile.TemporaryDirectory() as index:
        environment = {**os.environ, "RAG_INDEX_DIR": index, "RAG_DOCS": str(SAMPLE)}
        server = subprocess.Popen(
            [sys.executable, "app.py", "--port", str(PORT)], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL
        )
        try:
            found = {"machine": machine(), **_in_browser(chromium, asked)}
        finally:
            server.kill()
            server.wait()
        with Rag(Config(docs=SAMPLE, index_dir=index)) as rag:
            rag.answer(asked[0])
            alone = [seconds(partial(rag.answer, question)) for question in asked]
    found["Rag.answer p50"], found["Rag.answer p95"] = percentile(alone, 0.5), percentile(alone, 0.95)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "page.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(found, indent=1))


def _in_browser(chromium: str, asked: list[str]) -> dict[str, float]:
    from playwright.sync_api import sync_playwright

    address = f"http://127.0.0.1:{PORT}/"
    for _ in range(300):
        try:
            urllib.request.urlopen(address, timeout=1).close()
            break
        except OSError:
            time.sleep(0.2)
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        page = browser.new_page()
        sizes: list[float] = []
        network = page.context.new_cdp_session(page)
        network.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
        network.send("Network.enable")
        opened = seconds(lambda: _open(page, address))
        weight = {"seconds to first question": opened, "page bytes": sum(sizes), "page requests": float(len(sizes))}
        _ask(page, asked[0])
        times = [_ask(page, question) for question in asked]
        browser.close()
    return {**weight, "click to answer p50": percentile(times, 0.5), "click to answer p95": percentile(times, 0.95)}


def _open(page: Page, address: str) -> None:
    page.goto(address)
    page.locator("#ask-next button").first.wait_for()


def _ask(page: Page, question: str) -> float:
    """Seconds from the click to the answer; each question begins a new conversation, so that none completes another."""
    if page.locator("#earlier button").count():
        page.get_by_role("button", name="New conversation").click()
    page.locator("#answer .welcome").wait_for()
    page.locator("#question textarea").fill(question)
    return float(page.evaluate(_ANSWERED, question)) / 1000


if __name__ == "__main__":
    main()
