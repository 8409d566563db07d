"""`python -m eval.reading_bench DIR`: how fast the files of a folder are read and cut into chunks, by type; nothing is embedded.

In: a folder. Out: megabytes of the files in a second of processor time, a line a type. A type of less than MEASURABLE bytes is marked:
what each file costs, whatever its size, is then most of it.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from llama_index.core.schema import Document
from rich.table import Table

from eval.bench import machine
from rag.config import Config
from rag.corpus.chunks import SentenceWindows
from rag.corpus.documents import FoundFile, find_files, load, read_bytes
from rag.errors import DocumentError
from rag.formats.readers import parse
from rag.models.encoder import Encoder
from rag.terminal import Console

MEASURABLE = 100_000
LEAST_SECONDS = 1.0
"""Each step is done again until it has taken as long."""


def read(file: FoundFile, content: bytes) -> Document:
    return load(file.source, parse(file.path, content))


def processor_seconds(call: Callable[[], object]) -> float:
    """Of one call, after one that loads what it needs."""
    call()
    times, began = 0, time.process_time()
    while (taken := time.process_time() - began) < LEAST_SECONDS:
        call()
        times += 1
    return taken / times


def measure(folder: Path) -> dict[str, tuple[int, int, float, float]]:
    """(files, bytes, MB/s of reading, MB/s of chunking) of each type; files that cannot be read are left out. Raises UsageError."""
    config = Config()
    windows = SentenceWindows(
        Encoder().model.tokenizer,
        chunk_tokens=config.chunk_tokens,
        overlap_tokens=config.overlap_tokens,
        context_tokens=config.context_tokens,
    )
    contents: dict[str, list[tuple[FoundFile, bytes, Document]]] = defaultdict(list)
    for file in find_files(folder, config.max_file_bytes):
        if not (file.skipped or file.failed):
            try:
                content = read_bytes(folder, file.source)
                document = read(file, content)
            except DocumentError:
                continue
            contents[file.path.suffix.lower()].append((file, content, document))
    return {suffix: _speed(windows, files) for suffix, files in sorted(contents.items())}


def _speed(windows: SentenceWindows, files: list[tuple[FoundFile, bytes, Document]]) -> tuple[int, int, float, float]:
    size = sum(len(content) for _, content, _ in files)
    reading = processor_seconds(lambda: [read(file, content) for file, content, _ in files])
    chunking = processor_seconds(lambda: windows.get_nodes_from_documents([document for *_, document in files]))
    return len(files), size, size / 1e6 / reading, size / 1e6 / chunking


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m eval.reading_bench", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, metavar="DIR")
    console, table = Console(), Table("type", "files", "MB", "reading, MB/s", "chunking, MB/s", title=machine())
    for suffix, (files, size, reading, chunking) in measure(parser.parse_args().folder).items():
        mark = "" if size >= MEASURABLE else "~"
        table.add_row(suffix or "no suffix", str(files), f"{size / 1e6:.3f}", f"{mark}{reading:.2g}", f"{mark}{chunking:.2g}")
    console.print(table)


if __name__ == "__main__":
    main()
