"""`python -m eval.bench`: what starting, indexing and asking cost, ours next to llama-index's default recipe, in one run.

Machines are noisy: read the ratios, not the seconds. Each part runs in a process of its own, so that its peak memory is its own. The
growth part indexes generated text with vectors jittered from real ones, so that a hundred thousand chunks need no encoder.
Writes bench.json and bench.svg.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
from rich.table import Table

from eval.baselines import VARIANTS
from eval.cli import SHIPPED
from eval.metrics import percentile
from eval.plots import growth_plot
from eval.questions import load_questions
from eval.run import peak_mebibytes
from rag.config import SAMPLE, Config
from rag.corpus.documents import read_text
from rag.corpus.indexing import Indexer
from rag.models.encoder import Encoder
from rag.models.runtime import FloatArray
from rag.pipeline import Rag
from rag.places import bytes_below, index_folder
from rag.reports import silent
from rag.terminal import Console
from rag.text.sentences import split_sentences

ROOT = Path(__file__).resolve().parent.parent
RESULTS = Path(__file__).parent / "results"
SIZES = (1_000, 10_000, 100_000)
ENCODER_TEXT = "The two countries signed an agreement on trade. " * 13
"""About 128 tokens."""
TEXT_FILES = 12
"""Generated files of the indexing part, about 40 chunks each."""
CHUNK_CHARS = 620
"""Characters that a chunk adds to the one before it, with the default settings."""
JITTER = 0.4
"""Length of the noise on a unit vector: neighbours stay apart, but those of one sentence are nearest to each other."""
ASKED = 60


class JitteredEncoder(Encoder):
    """Real vectors for questions; for chunks those of some sentences, each with its own noise, at no cost."""

    def embed(self, texts: Sequence[str]) -> FloatArray:
        if len(texts) == 1:
            return super().embed(texts)
        rows = []
        for text in texts:
            rng = np.random.default_rng(int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big"))
            noise = rng.standard_normal(self._real.shape[1], dtype=np.float32)
            rows.append(self._real[rng.integers(len(self._real))] + JITTER * noise / np.linalg.norm(noise))
        vectors = np.stack(rows)
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)

    @cached_property
    def _real(self) -> FloatArray:
        return super().embed(sentences())


class JitteredRag(Rag):
    @cached_property
    def indexer(self) -> Indexer:
        return Indexer(self.config, index_folder(self.config), JitteredEncoder())


def sentences() -> list[str]:
    """The English sentences of the seeds."""
    found = []
    for path in sorted(SAMPLE.iterdir()):
        text = read_text(path)
        found += [text[s:e] for s, e in split_sentences(text, 0, len(text)) if text[s:e].isascii() and e - s > 40]
    return found


def write_text(folder: Path, files: int, characters: int) -> int:
    """Files of shuffled sentences, each with a number of its own; returns the bytes written."""
    folder.mkdir()
    known, rng, written = sentences(), random.Random(0), 0
    for number in range(files):
        parts, size = [], 0
        while size < characters:
            parts.append(f"{rng.choice(known)} Case {rng.randrange(10**6)} is closed.")
            size += len(parts[-1]) + 1
            if rng.random() < 0.2:
                parts.append("\n\n")
        written += (folder / f"{number:05}.txt").write_text(" ".join(parts), encoding="utf-8")
    return written


def questions() -> list[str]:
    asked = load_questions(SHIPPED, SAMPLE, Path()).questions
    return [q.question for q in asked if q.language == "en" and not q.history]


def seconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def encoder_seconds(embedding: Encoder) -> float:
    """The unit of all ratios: one call on a text of 128 tokens."""
    embedding.embed([ENCODER_TEXT])
    return statistics.median(seconds(lambda: embedding.embed([ENCODER_TEXT])) for _ in range(30))


# --- parts, each a process ------------------------------------------------------------------------------------------------


def part_ask(temporary: Path) -> dict[str, Any]:
    """Questions to the seeds: ours whole and by stage, and a second sync that finds nothing to do."""
    with Rag(Config(docs=SAMPLE, index_dir=temporary)) as rag:
        first = seconds(rag.sync)
        again = min(seconds(rag.sync) for _ in range(3))
        unit = encoder_seconds(rag.indexer.embedding)
        asked = questions()
        rag.answer(asked[0])
        times: list[float] = []
        stages: dict[str, list[float]] = {}
        for question in asked:
            began = time.perf_counter()
            answer = rag.answer(question)
            times.append(time.perf_counter() - began)
            for stage in answer.trace.stages:
                stages.setdefault(stage.name, []).append(stage.milliseconds / 1000)
        return {
            "encoder": unit,
            "question p50": percentile(times, 0.5),
            "question p95": percentile(times, 0.95),
            **{f"{name} p50": percentile(values, 0.5) for name, values in stages.items()},
            "first sync": first,
            "sync, nothing changed": again,
            "peak MiB": peak_mebibytes(),
        }


def part_index(temporary: Path, variant: str) -> dict[str, Any]:
    """Indexing the same generated text, and searching it."""
    size = write_text(temporary / "docs", TEXT_FILES, 40 * CHUNK_CHARS)
    config = Config(docs=temporary / "docs", index_dir=temporary / "index")
    began = time.perf_counter()
    with VARIANTS[variant].open(config, silent) as opened:
        took = time.perf_counter() - began
        search = opened.rag.retrieve if opened.rag else lambda question: opened.ask(question, ())
        asked = questions()[:ASKED]
        search(asked[0])
        times = [seconds(partial(search, question)) for question in asked]
        return {"seconds per MB": took / size * 1e6, "search p50": percentile(times, 0.5), "peak MiB": peak_mebibytes()}


def part_growth(temporary: Path, chunks: int) -> dict[str, Any]:
    """Costs at one size of index."""
    files = max(1, chunks // 200)
    write_text(temporary / "docs", files, chunks // files * CHUNK_CHARS)
    with JitteredRag(Config(docs=temporary / "docs", index_dir=temporary / "index")) as rag:
        took = seconds(rag.sync)
        unit = encoder_seconds(rag.indexer.embedding)
        asked = questions()[:ASKED]
        loading = seconds(lambda: rag.retrieve(asked[0]))
        times = [seconds(partial(rag.retrieve, question)) for question in asked]
        return {
            "chunks": rag.indexer.catalog.count_chunks(),
            "sync": took,
            "first search": loading,
            "search p50": percentile(times, 0.5),
            "encoder": unit,
            "disk MB": bytes_below(index_folder(rag.config)) / 1e6,
            "peak MiB": peak_mebibytes(),
        }


_COLD_RECIPE = """
import sys, tempfile
from pathlib import Path
from eval.baselines import VARIANTS
from rag.config import Config
from rag.reports import silent
with tempfile.TemporaryDirectory() as folder:
    with VARIANTS["llama-index"].open(Config(docs=sys.argv[1], index_dir=folder), silent) as opened:
        opened.ask("What is the swap amount?", ())
"""


def part_start(temporary: Path) -> dict[str, Any]:
    """From nothing to the first answer, and again with the index there."""
    ask = [sys.executable, "-m", "rag", "ask", "What is the swap amount?", "--docs", str(SAMPLE)]
    environment = {**os.environ, "RAG_INDEX_DIR": str(temporary)}

    def start(command: Sequence[str]) -> float:
        return seconds(lambda: subprocess.run(command, check=True, capture_output=True, cwd=ROOT, env=environment))

    return {
        "rag ask, no index yet": start(ask),
        "rag ask, index there": min(start(ask) for _ in range(3)),
        "llama-index recipe, no index yet": start([sys.executable, "-c", _COLD_RECIPE, str(SAMPLE)]),
    }


PARTS: dict[str, Callable[..., dict[str, Any]]] = {
    "start": part_start,
    "ask": part_ask,
    "index": part_index,
    "growth": part_growth,
}


def _in_own_process(part: str, *arguments: str | int) -> dict[str, Any]:
    command = [sys.executable, "-m", "eval.bench", "--part", part, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    if done.returncode:
        sys.exit(f"bench: the part {part} failed:\n{done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m eval.bench", description="Measure time and memory, as ratios in one run.")
    parser.add_argument("--out", type=Path, default=RESULTS, metavar="DIR", help="where bench.json and bench.svg go")
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES), metavar="CHUNKS", help="sizes of the growth part")
    parser.add_argument("--part", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part:
        name, *rest = options.part
        with tempfile.TemporaryDirectory() as temporary:
            print(json.dumps(PARTS[name](Path(temporary), *(int(a) if a.isdigit() else a for a in rest))))
        return
    console = Console(stderr=True)
    found: dict[str, Any] = {"machine": machine()}
    with console.status("starting") as status:
        for name, step in (
            ("start", ("start",)), ("ask", ("ask",)), ("index ours", ("index", "ours")), ("index llama-index", ("index", "llama-index")),
            *((f"growth {size}", ("growth", size)) for size in options.sizes),
        ):  # fmt: skip
            status.update(f"measuring: {name}")
            found[name] = _in_own_process(*step)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "bench.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    (options.out / "bench.svg").write_text(_plot(found), encoding="utf-8")
    _print(found)


def machine() -> str:
    """The processor and the versions that a run was made with."""
    model = platform.processor() or platform.machine()
    if (info := Path("/proc/cpuinfo")).exists():
        names = [line.partition(":")[2].strip() for line in info.read_text().splitlines() if line.startswith("model name")]
        model = names[0] if names else model
    return f"{model}, {os.cpu_count()} processors, {platform.system()}, Python {platform.python_version()}"


def _growth(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [value for name, value in found.items() if name.startswith("growth ")]


def _plot(found: dict[str, Any]) -> str:
    rows = _growth(found)
    lines = {
        name: {row["chunks"]: row[key] / row["encoder"] for row in rows}
        for name, key in (("sync", "sync"), ("first search", "first search"), ("search", "search p50"))
    }
    svg = growth_plot(lines, "encoder calls", "Cost against the number of chunks")
    # an image file has no page to take its ink from
    return svg.replace("<svg", '<svg style="background:#fff;color:#222;font-family:sans-serif"', 1)


def _print(found: dict[str, Any]) -> None:
    console, unit = Console(), found["ask"]["encoder"]
    table = Table("what", "value", "encoder calls", title=found["machine"])
    rows: dict[str, float] = {"one encoder call, 128 tokens": unit}
    rows |= {name: value for name, value in found["ask"].items() if name not in ("encoder", "peak MiB")}
    rows |= found["start"]
    for name, value in rows.items():
        table.add_row(name, f"{value * 1000:,.1f} ms" if value < 1 else f"{value:.2f} s", f"{value / unit:,.1f}")
    console.print(table)
    ours, theirs = found["index ours"], found["index llama-index"]
    compared = Table("the same text", "ours", "llama-index", "ours / theirs")
    for name in ours:
        compared.add_row(name, f"{ours[name]:,.3f}", f"{theirs[name]:,.3f}", f"{ours[name] / theirs[name]:.2f}")
    console.print(compared)
    growth = Table("chunks", "sync, s", "first search, s", "search p50, ms", "in encoder calls", "disk, MB", "peak MiB")
    for row in _growth(found):
        growth.add_row(
            f"{row['chunks']:,}", f"{row['sync']:.1f}", f"{row['first search']:.2f}", f"{row['search p50'] * 1000:.1f}",
            f"{row['search p50'] / row['encoder']:.1f}", f"{row['disk MB']:.0f}", f"{row['peak MiB']:.0f}",
        )  # fmt: skip
    console.print(growth)


if __name__ == "__main__":
    main()
