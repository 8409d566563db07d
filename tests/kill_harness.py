"""Syncs a folder again and again, each child killed a little later: one progress call later each time, then at moments in between.

Usage: python -m tests.kill_harness DOCS INDEX [MOMENTS]. Each progress call is the last one of a child, which begins with the index as it
was; the next sync goes on from what that child left. With KILL_AT_SQL=commits in the environment each commit of what was written is, in the place of those; with KILL_AT_SQL=statements each statement that writes is too, and the
catalog lies in the database of RAG_CATALOG_URL, where that is set. Then, MOMENTS times, the file `churn.txt` is changed or removed, and the sync of that
is killed at a moment spread over the time that one takes. Prints, as JSON, the kills by step, how many left a catalog that is not whole,
and the different states that were reached in the end, which should be one.
Each child is forked before any model or client is opened, so that the imports are paid once.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import chromadb  # noqa: F401  (imported before forking)
import onnxruntime  # noqa: F401
import sqlalchemy as sa

from rag.config import Config
from rag.corpus.mirror import OpenStore
from rag.pipeline import Rag
from rag.places import indexes_folder
from rag.reports import silent
from tests.postgres_server import saved_catalogs


def sync_in_child(config: Config, fatal_call: int, told: int) -> int:
    """The id of a child that syncs, writes each step to the descriptor `told`, and dies by SIGKILL at the `fatal_call`th progress call."""
    child = os.fork()
    if child:
        return child
    calls = 0

    def count(step: str, done: int, total: int) -> None:
        nonlocal calls
        calls += 1
        os.write(told, f"{step}\n".encode())
        if calls == fatal_call:
            os.kill(os.getpid(), signal.SIGKILL)

    if os.environ.get("KILL_AT_SQL"):
        written = False

        def execute(connection: sa.Connection, cursor: object, statement: str, *_: object) -> None:
            nonlocal written
            if statement.split()[0] in ("INSERT", "DELETE", "CREATE"):
                written = True
                if os.environ["KILL_AT_SQL"] == "statements":
                    count("statement", 0, 0)

        def commit(connection: sa.Connection) -> None:
            nonlocal written
            if written:
                count("commit", 0, 0)
            written = False

        sa.event.listen(sa.Engine, "before_cursor_execute", execute)
        sa.event.listen(sa.Engine, "commit", commit)
    try:
        with Rag(config) as rag:
            rag.sync(silent if os.environ.get("KILL_AT_SQL") == "commits" else count)
    except BaseException as error:
        os.write(2, f"{error!r}\n".encode())
        os._exit(70)
    os._exit(0)


def killed_at(config: Config, fatal_call: int = 0, after: float = 0) -> str:
    """The step in which a child was killed; "" where it lived."""
    reader, writer = os.pipe()
    child = sync_in_child(config, fatal_call, writer)
    os.close(writer)
    if after:
        time.sleep(after)
        os.kill(child, signal.SIGKILL)
    with os.fdopen(reader, encoding="utf-8") as steps:
        passed = steps.read().splitlines()
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code > 0:
        sys.exit(f"a child failed after {passed[-1:]}")
    return "" if code == 0 else (passed or ["start"])[-1]


def state(config: Config) -> dict[str, Any]:
    """Everything that matters of an index after another sync, without the names that may differ."""
    with Rag(config) as rag:
        report = rag.sync()
        indexer = rag.indexer
        opened = indexer.mirror.open(indexer.catalog.pinned(), indexer.embedding.model.fingerprint)
        return {
            "notes": report.notes,
            "chunks": indexer.catalog.chunk_ids(),
            "held": sorted(opened.store.ids(opened.name)) if isinstance(opened, OpenStore) else [],
            "found": [(p.chunk_id, round(p.score, 4)) for p in rag.retrieve("How high is the tower?", top_k=5)],
        }


def is_whole(config: Config) -> bool:
    with Rag(config) as rag:
        return rag.indexer.is_whole(empty=True)


def state_in_child(config: Config) -> str:
    """The state as JSON, or what went wrong."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            told = json.dumps(state(config))
        except BaseException as error:
            told = json.dumps(repr(error))
        with os.fdopen(writer, "w", encoding="utf-8") as out:
            out.write(told)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as said:
        text = said.read()
    os.waitpid(child, 0)
    return text


def at_every_call(config: Config) -> tuple[Counter[str], set[str], int]:
    """Kills by step, the states that the next sync made of what they left, and how many catalogs were not whole."""
    index = indexes_folder(config)
    before = index.with_name(f"{index.name}-before")
    index.mkdir(parents=True, exist_ok=True)
    shutil.copytree(index, before)
    put_back = saved_catalogs(config.catalog_url) if config.catalog_url else lambda: None
    kills, states, damaged = Counter[str](), set[str](), 0
    while step := killed_at(config, sum(kills.values()) + 1):
        kills[step] += 1
        damaged += not is_whole(config)
        states.add(state_in_child(config))
        shutil.rmtree(index)
        shutil.copytree(before, index)
        put_back()
    shutil.rmtree(before)
    return kills, states, damaged


def at_moments(config: Config, count: int) -> tuple[Counter[str], int]:
    """Kills by step, and how often what one left was not whole."""
    churn = Path(config.docs) / "churn.txt"
    kills, damaged, longest = Counter[str](), 0, 3.0
    for number in range(count):
        if number % 3 == 2:
            churn.unlink(missing_ok=True)
        else:
            churn.write_text(f"The churn number {number} at Otley turns {number + 3} times.\n" * (1 + number % 40))
        began = time.monotonic()
        step = killed_at(config, after=longest * (number % 17 + 1) / 17)
        if not step:
            longest = 0.7 * longest + 0.3 * (time.monotonic() - began)
        kills[step or "none"] += 1
        damaged += not is_whole(config)
    churn.unlink(missing_ok=True)
    return kills, damaged


if __name__ == "__main__":
    url = os.environ.get("RAG_CATALOG_URL") or None
    config = Config(docs=Path(sys.argv[1]), index_dir=Path(sys.argv[2]), catalog_url=url, lock_timeout_seconds=5)
    kills, states, damaged = at_every_call(config)
    moments, torn = at_moments(config, int(sys.argv[3]) if sys.argv[3:] else 0)
    states.add(state_in_child(config))
    told = {"kills": kills, "moments": moments, "damaged": damaged + torn, "states": [json.loads(each) for each in states]}
    print(json.dumps(told))
