"""The index follows its folder: what is indexed wakes it, what is left out does not, and Ctrl-C ends it after a whole sync."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rag.config import Config
from rag.corpus import watching
from rag.corpus.kept import writing
from rag.corpus.watching import Changes
from rag.places import index_folder
from tests.conftest import ROOT

Watched = Callable[..., bool]


@pytest.fixture(params=["told", "looked"])
def woken(request: pytest.FixtureRequest, docs: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    """Whether a change is seen soon; the system tells of changes, or has reached its limit."""
    monkeypatch.setattr(watching, "QUIET_SECONDS", 0.05)
    monkeypatch.setattr(watching, "TICK_SECONDS", 0.1)
    if request.param == "looked":

        def refused(*_: object, **__: object) -> None:
            raise RuntimeError("OS file watch limit reached.")

        monkeypatch.setattr(watching, "watch", refused)
    else:
        monkeypatch.setattr(watching, "LOOKED_AFTER_SECONDS", 1e9)
    stop, seen = threading.Event(), queue.Queue[None]()

    def watch() -> None:
        for each in Changes(docs, 10_000, stop):
            seen.put(each)

    thread = threading.Thread(target=watch)
    thread.start()
    seen.get(timeout=20)

    def woke(within: float = 20) -> bool:
        try:
            seen.get(timeout=within)
        except queue.Empty:
            return False
        return True

    yield woke
    stop.set()
    thread.join(timeout=20)
    assert not thread.is_alive()


def put(path: Path, text: str) -> None:
    """Write a file at one stroke."""
    new = next(folder for folder in path.parents if folder.name in ("docs", "fresh")).with_name("new")
    new.write_text(text)
    new.replace(path)


def test_what_is_indexed_wakes(docs: Path, woken: Watched) -> None:
    (docs / "deep" / "er").mkdir(parents=True)
    put(docs / "deep" / "er" / "lake.txt", "The Ashby lake is 31 metres deep.")
    assert woken()
    put(docs / "deep" / "er" / "lake.txt", "The Ashby lake is 32 metres deep.")
    assert woken()
    (docs / "deep" / "er" / "lake.txt").rename(docs / "pond.txt")
    assert woken()
    (docs / "pond.txt").unlink()
    assert woken()
    assert not woken(1)


def test_what_is_left_out_does_not(docs: Path, woken: Watched) -> None:
    put(docs / ".ragignore", "*.log\nbuilt/\n")
    for folder in ("built", ".hidden", "node_modules"):
        (docs / folder).mkdir()
        put(docs / folder / "a.txt", "x")
    put(docs / "a.log", "x")
    put(docs / ".a.txt.swp", "x")
    assert not woken(1)
    put(docs / ".ragignore", "built/\n")
    assert woken(), "a.log is wanted now"
    put(docs / ".ragkeep", "*.log\n")
    assert woken(), "all of a.log is wanted"


def test_a_folder_that_comes_back_is_followed_again(docs: Path, woken: Watched) -> None:
    docs.rename(docs.with_name("away"))
    assert woken()
    (fresh := docs.with_name("fresh")).mkdir()
    put(fresh / "new.txt", "The hall was sold in 1880.")
    fresh.rename(docs)
    assert woken()
    put(docs / "newer.txt", "The hall was sold in 1890.")
    assert woken()
    assert not woken(1)


class Watching:
    """`rag sync --watch --json` over a folder."""

    def __init__(self, docs: Path, index: Path) -> None:
        command = [sys.executable, "-u", "-m", "rag", "sync", str(docs), "--index-dir", str(index), "--watch", "--json"]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)

    def report(self) -> dict[str, str]:
        """What the next report says of the files that it changed."""
        assert self.process.stdout
        files = json.loads(self.process.stdout.readline())["files"]
        return {file["source"]: file["state"] for file in files if file["state"] != "unchanged"}


@pytest.mark.slow
def test_the_shell_follows_a_folder_until_ctrl_c(docs: Path, tmp_path: Path) -> None:
    running = Watching(docs, tmp_path / "index")
    try:
        assert running.report() == {"bridge.txt": "added", "tower.md": "added"}
        (docs / "torn.txt").write_bytes(b"\xef\xbb\xbfThe lake is\xff")
        assert running.report() == {"torn.txt": "failed"}
        (docs / "torn.txt").write_bytes(b"\xef\xbb\xbfThe lake is 31 metres deep.")
        assert running.report() == {"torn.txt": "added"}
        with writing(index_folder(Config(docs=docs, index_dir=tmp_path / "index")), 0):
            (docs / "bridge.txt").unlink()
            assert running.process.stderr
            assert "following" in running.process.stderr.readline()
            assert "is being written by" in running.process.stderr.readline()
        assert running.report() == {"bridge.txt": "removed"}
        running.process.send_signal(signal.SIGINT)
        out, err = running.process.communicate(timeout=20)
        assert (running.process.returncode, out, err) == (0, "", "")
    finally:
        running.process.kill()
        running.process.wait()
