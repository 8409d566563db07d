"""`python -m eval.bench`: what indexing and asking cost on this machine, as seconds and as ratios within one run.

Machines are noisy: compare the ratios (times one encoder call on a text of 128 tokens), not the seconds.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from eval.questions import load_questions
from rag.config import Config
from rag.pipeline import Rag

ROOT = Path(__file__).resolve().parent.parent
ENCODER_TEXT = "The two countries signed an agreement on trade. " * 13
"""About 128 tokens."""


def seconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def main() -> None:
    docs = ROOT / "seeds"
    questions = [q.question for q in load_questions(ROOT / "eval" / "questions.jsonl", docs)]
    table = Table("what", "value", "encoder calls")
    with tempfile.TemporaryDirectory() as index:
        cold = seconds(lambda: _ask(docs, index))
        warm_start = min(seconds(lambda: _ask(docs, index)) for _ in range(3))
    with tempfile.TemporaryDirectory() as index, Rag(Config(docs=docs, index_dir=index)) as rag:
        first = seconds(rag.sync)
        second = min(seconds(rag.sync) for _ in range(3))
        embed = rag.indexer.embedding.embed
        embed([ENCODER_TEXT])
        unit = statistics.median(seconds(lambda: embed([ENCODER_TEXT])) for _ in range(30))
        rag.answer(questions[0])
        times = []
        stages: dict[str, list[float]] = {}
        for question in questions:
            began = time.perf_counter()
            answer = rag.answer(question)
            times.append(time.perf_counter() - began)
            for stage in answer.trace.stages:
                stages.setdefault(stage.name, []).append(stage.milliseconds / 1000)
        size = sum(path.stat().st_size for path in Path(index).rglob("*") if path.is_file())
        chunks = len(rag.indexer.catalog.chunk_ids())
    rows = [
        ("encoder, one text of 128 tokens", unit),
        ("question, p50", statistics.median(times)),
        ("question, p95", statistics.quantiles(times, n=20)[18]),
        *((f"  {name}, p50", statistics.median(values)) for name, values in stages.items()),
        ("first sync of the seeds", first),
        ("second sync, nothing changed", second),
        ("rag ask, cold: start, index, answer", cold),
        ("rag ask, index there", warm_start),
    ]
    for name, value in rows:
        table.add_row(name, f"{value * 1000:,.1f} ms" if value < 1 else f"{value:.2f} s", f"{value / unit:,.1f}")
    table.add_row("second sync / first sync", f"{second / first:.1%}", "")
    table.add_row(f"index on disk, {chunks} chunks", f"{size / 1e6:.1f} MB", "")
    table.add_row("peak memory of this process", f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB", "")
    Console().print(table)


def _ask(docs: Path, index: str) -> None:
    command = [sys.executable, "-m", "rag", "ask", "What is the swap amount?", "--docs", str(docs)]
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT, env={**os.environ, "RAG_INDEX_DIR": index})


if __name__ == "__main__":
    main()
