"""Processes and threads that ask one index while it is written: every answer must be that of some whole generation, and none may fail.

Usage: python -m tests.crowd_harness [SECONDS [PROCESSES [STARTS]]]. For SECONDS the files go round in a few states, each synced at once,
while every process asks from two threads, threads of the writer ask too, and now and then the shell command does. Then, STARTS times,
eight processes are the first to ask a new folder. Where RAG_CATALOG_URL is set the catalog lies in its database, and every other process asks
from an index folder of its own, as on another machine. Prints what was asked, as JSON; the exit code is the number of wrong endings.
Each process is forked before any model or client is opened.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import chromadb  # noqa: F401  (imported before forking)
import onnxruntime  # noqa: F401
from filelock import FileLock

from rag.config import Config
from rag.pipeline import Rag
from rag.shell.cli import main

QUESTION, SHORT = "How high is the Elmet tower?", "48 metres"
PROBES = (QUESTION, "Which mill has nine wheels?", "Who built the Marlow bridge?")
STATES = 4
CATALOG_URL = os.environ.get("RAG_CATALOG_URL") or None
FIRST = 8
"""Processes that are the first to ask a new folder."""


def mills(state: int) -> dict[str, str]:
    """File → text: from state to state some come, some go and some change."""
    return {
        f"mill{n:02}.txt": f"The mill number {n} at Otley has {n + (state if n % 3 == 0 else 0)} wheels.\n"
        for n in range(30)
        if n % STATES != state
    }


def write_state(docs: Path, state: int) -> None:
    """Each file is whole at every moment."""
    wanted = mills(state)
    for path in docs.glob("mill*.txt"):
        if path.name not in wanted:
            path.unlink()
    for name, text in wanted.items():
        new = docs / f".{name}"
        new.write_text(text, encoding="utf-8")
        new.replace(docs / name)


def make_docs(docs: Path) -> None:
    docs.mkdir(parents=True)
    (docs / "tower.md").write_text("# The Elmet tower\n\nThe Elmet tower is 48 metres high. Work on it ended in 1911.\n")
    (docs / "bridge.txt").write_text("The Marlow bridge was built by the engineer Tierney Clark in 1832. It spans 72 metres.\n")


def found(rag: Rag, probe: str) -> str:
    """What is found, with its scores, which depend on every chunk of the index."""
    return json.dumps([(p.chunk_id, round(p.score, 4)) for p in rag.retrieve(probe)])


class Asker:
    """Asks until `until`, and keeps what was wrong."""

    def __init__(self, rag: Rag, wanted: dict[str, list[str]], until: float) -> None:
        self.rag = rag
        self.wanted = wanted
        self.until = until
        self.asked = 0
        self.wrong: list[str] = []

    def run(self) -> None:
        while time.time() < self.until and len(self.wrong) < 5:
            try:
                for probe in PROBES:
                    if (got := found(self.rag, probe)) not in self.wanted[probe]:
                        self.wrong.append(f"{probe}: {got[:300]}")
                answer = self.rag.answer(QUESTION)
                if answer.short != SHORT:
                    self.wrong.append(f"{answer.short!r} {answer.reason}")
                self.asked += len(PROBES) + 1
            except BaseException:
                self.wrong.append(traceback.format_exc())


def ask_in_threads(rag: Rag, wanted: dict[str, list[str]], until: float, count: int) -> dict[str, Any]:
    askers = [Asker(rag, wanted, until) for _ in range(count)]
    threads = [threading.Thread(target=asker.run) for asker in askers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {"asked": sum(a.asked for a in askers), "wrong": [w for a in askers for w in a.wrong]}


def forked(work: Callable[[], dict[str, Any]], report: Path) -> int:
    """The id of a child that writes what `work` returns to `report`."""
    child = os.fork()
    if child == 0:
        try:
            report.write_text(json.dumps(work()))
        except BaseException:
            report.write_text(json.dumps({"asked": 0, "wrong": [traceback.format_exc()]}))
        finally:
            os._exit(0)
    return child


def asking(config: Config, wanted: dict[str, list[str]], until: float) -> dict[str, Any]:
    with Rag(config) as rag:
        return ask_in_threads(rag, wanted, until, 2)


def elsewhere(config: Config, number: int) -> Config:
    """The same index, where its catalog is in a database in every other case by another folder."""
    return replace(config, index_dir=Path(f"{config.index_dir}-{number}")) if CATALOG_URL and number % 2 else config


def commanding(config: Config, until: float) -> dict[str, Any]:
    """The shell command, again and again, each time in a process of its own."""
    asked, wrong = 0, []
    while time.time() < until:
        child = os.fork()
        if child == 0:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 1)
            os.dup2(nowhere, 2)
            os._exit(shell(config))
        _, status = os.waitpid(child, 0)
        asked += 1
        if code := os.waitstatus_to_exitcode(status):
            wrong.append(f"rag ask ended with {code}")
    return {"asked": asked, "wrong": wrong}


def shell(config: Config) -> int:
    os.environ["RAG_INDEX_DIR"] = str(config.index_dir)
    try:
        return main(["ask", QUESTION, "--docs", str(config.docs)])
    except BaseException:
        return 70


def writing(config: Config, wanted: dict[str, list[str]], until: float) -> dict[str, Any]:
    """Sync state after state, while two threads ask the same Rag and another one waits for the lock."""
    wrong: list[str] = []
    syncs = 0
    with Rag(config) as rag:

        def write() -> None:
            nonlocal syncs
            while time.time() < until:
                syncs += 1
                try:
                    with FileLock(rag.indexer.folder / "write.lock"):  # else the shell command syncs something in between
                        write_state(Path(config.docs), syncs % STATES)
                    rag.sync()
                except BaseException:
                    wrong.append(traceback.format_exc())

        writer = threading.Thread(target=write)
        writer.start()
        told = ask_in_threads(rag, wanted, until, 2)
        writer.join()
    return {"asked": told["asked"], "wrong": told["wrong"] + wrong, "syncs": syncs}


def generations(folder: Path) -> dict[str, list[str]]:
    """What is found in each state, by an index of its own."""
    wanted: dict[str, list[str]] = {probe: [] for probe in PROBES}
    for state in range(STATES):
        docs = folder / f"state{state}" / "docs"
        make_docs(docs)
        write_state(docs, state)
        with Rag(Config(docs=docs, index_dir=docs.parent / "index")) as rag:
            for probe in PROBES:
                wanted[probe].append(found(rag, probe))
    return wanted


def collected(children: dict[int, Path]) -> list[dict[str, Any]]:
    reports = []
    for child, report in children.items():
        _, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        reports.append(json.loads(report.read_text()) if code == 0 else {"asked": 0, "wrong": [f"a process ended with {code}"]})
    return reports


def crowd(folder: Path, seconds: float, processes: int) -> dict[str, Any]:
    """Ask from everywhere while the index is written."""
    reports = folder / "reports"
    reports.mkdir(parents=True)
    [states] = collected({forked(lambda: {"wanted": generations(folder)}, reports / "states"): reports / "states"})
    wanted = states["wanted"]
    config = Config(docs=folder / "docs", index_dir=folder / "index", catalog_url=CATALOG_URL)
    make_docs(folder / "docs")
    write_state(folder / "docs", 0)
    collected({forked(lambda: commanding(config, time.time() + 0.1), reports / "made"): reports / "made"})
    until = time.time() + seconds
    works: list[Callable[[], dict[str, Any]]] = [
        lambda: writing(config, wanted, until),
        lambda: commanding(config, until),
        *[partial(asking, elsewhere(config, number), wanted, until) for number in range(processes)],
    ]
    told = collected({forked(work, reports / str(number)): reports / str(number) for number, work in enumerate(works)})
    return {
        "syncs": told[0].get("syncs", 0),
        "asked": sum(each["asked"] for each in told),
        "of them by the shell command": told[1]["asked"],
        "wrong": [wrong for each in told for wrong in each["wrong"]],
    }


def first_use(folder: Path) -> list[int]:
    """Exit codes of `rag ask` in FIRST processes that begin at once, where there is no index yet."""
    make_docs(folder / "docs")
    write_state(folder / "docs", 0)
    config = Config(docs=folder / "docs", index_dir=folder / "index", catalog_url=CATALOG_URL)
    begin = time.time() + 0.3
    children = []
    for number in range(FIRST):
        child = os.fork()
        if child == 0:
            for stream in (1, 2):
                os.dup2(os.open(folder / f"said{number}", os.O_WRONLY | os.O_CREAT | os.O_APPEND), stream)
            time.sleep(max(0, begin - time.time()))
            os._exit(shell(config))
        children.append(child)
    return [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]


if __name__ == "__main__":
    seconds, processes, starts = map(int, [*sys.argv[1:], *("60", "3", "20")[len(sys.argv) - 1 :]])
    with tempfile.TemporaryDirectory() as name:
        told = crowd(Path(name) / "crowd", seconds, processes)
        codes = [first_use(Path(name) / f"start{number}") for number in range(starts)]
    print(json.dumps({**told, "starts": starts, "of them failed": [each for each in codes if any(each)]}, indent=1))
    sys.exit(min(99, len(told["wrong"]) + sum(map(any, codes))))
