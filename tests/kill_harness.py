"""Run by test_indexing: syncs a folder again and again, each child killed one progress call later, until one survives.

Usage: python -m tests.kill_harness DOCS INDEX. Prints, as JSON, the number of kills and the state that the survivor left.
Each child is forked before any model or client is opened, so that the imports are paid once.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import chromadb  # noqa: F401  (imported before forking)
import onnxruntime  # noqa: F401

from rag.config import Config
from rag.pipeline import Rag


def sync_until(config: Config, fatal_call: int) -> None:
    """Sync, and die by SIGKILL at the `fatal_call`th progress call."""
    calls = 0

    def count(step: str, done: int, total: int) -> None:
        nonlocal calls
        calls += 1
        if calls == fatal_call:
            os.kill(os.getpid(), signal.SIGKILL)

    with Rag(config) as rag:
        rag.sync(count)


def in_child(config: Config, fatal_call: int) -> bool:
    """Whether the child lived."""
    child = os.fork()
    if child == 0:
        sync_until(config, fatal_call)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return False
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"the child failed at call {fatal_call}")
    return True


def state(config: Config) -> dict[str, Any]:
    """Everything that matters of an index, without the names that may differ."""
    with Rag(config) as rag:
        report = rag.sync()
        indexer = rag.indexer
        opened = indexer.mirror.open(indexer.catalog.pinned(), indexer.embedding.model.fingerprint)
        return {
            "embedded": report.embedded,
            "chunks": indexer.catalog.chunk_ids(),
            "held": sorted(opened.store.ids(opened.name)) if opened else [],
            "found": [p.chunk_id for p in rag.retrieve("How high is the tower?", top_k=5)],
        }


if __name__ == "__main__":
    config = Config(docs=Path(sys.argv[1]), index_dir=Path(sys.argv[2]))
    kills = 0
    while not in_child(config, kills + 1):
        kills += 1
    print(json.dumps({"kills": kills, **state(config)}))
