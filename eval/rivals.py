"""`python -m eval.rivals TOOL FILE…`: ours next to the search of other toolkits, on the same texts with the same encoder.

Each tool is measured in an environment of its own, which needs this package (`pip install --no-deps`), llama-index-core and rich beside
the tool; they are not counted as the tool's. FILE is in SQuAD's format, one a language, named like `xquad.en.json`; each paragraph is
one file of a folder, which the tool reads, cuts as its usual recipe does, embeds and indexes. A hit is a chunk of the paragraph that
the question was asked about. Prints one line of JSON; `--table` prints the lines of several tools side by side.

Times are CPU seconds of the process and its children, without imports and the loading of the models; set OMP_NUM_THREADS=1 for all
tools alike, since a thread that waits for work spends them too.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cached_property
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from rich.table import Table

from rag.errors import UsageError
from rag.models.encoder import DIMENSIONS, Encoder
from rag.models.runtime import FloatArray
from rag.terminal import Console

DEPTH = 5
ENCODER = ("numpy", "onnxruntime", "tokenizers")
"""What the encoder needs, counted with every tool."""
TICK = 0.01
"""Seconds; what ended children are counted in."""
WARM_UP = "The tower is 120 metres high."


class RememberingEncoder(Encoder):
    """Embeds a question once, so that asking it again costs the search alone; counts the passages."""

    def __init__(self) -> None:
        super().__init__(threads=1)
        self.passages = 0
        self._questions: dict[str, FloatArray] = {}

    def embed(self, texts: Sequence[str]) -> FloatArray:
        self.passages += len(texts)
        return super().embed(texts)

    def embed_question(self, question: str) -> FloatArray:
        if question not in self._questions:
            self._questions[question] = super().embed_question(question)
        return self._questions[question]


Search = Callable[[str], list[str]]
"""A question → the names of the files that the best chunks come from, best first."""


@dataclass(frozen=True)
class Tool:
    packages: tuple[str, ...]
    """What its users install."""
    open: Callable[[Path, RememberingEncoder], AbstractContextManager[Search]]
    """Indexes the files of a folder."""


@dataclass(frozen=True)
class Asked:
    """One language's texts, file → text, and its questions, each with the file that answers it."""

    texts: dict[str, str]
    questions: list[tuple[str, str]]


# --- tools ----------------------------------------------------------------------------------------------------------------


@contextmanager
def _ours(docs: Path, encoder: RememberingEncoder) -> Iterator[Search]:
    """The defaults: chunks of whole sentences; dense and BM25 scores fused."""
    from rag.config import Config
    from rag.corpus.indexing import Indexer
    from rag.pipeline import Rag
    from rag.places import index_folder

    class GivenRag(Rag):
        @cached_property
        def indexer(self) -> Indexer:
            return Indexer(self.config, index_folder(self.config), encoder)

    with GivenRag(Config(docs=docs, index_dir=docs.with_suffix(".index"))) as rag:
        rag.sync()
        yield lambda question: [passage.source for passage in rag.retrieve(question, DEPTH)]


@contextmanager
def _llama_index(docs: Path, encoder: RememberingEncoder) -> Iterator[Search]:
    """The recipe of `eval.baselines`: SentenceSplitter (1,024 tokens), VectorStoreIndex, Chroma; vectors alone."""
    from eval.baselines import llama_index_recipe
    from rag.config import Config
    from rag.reports import silent

    with llama_index_recipe(Config(docs=docs), silent, encoder) as opened:

        def search(question: str) -> list[str]:
            trace = opened.ask(question, ()).trace
            return [found.source for found in trace.considered] if trace else []

        yield search


@contextmanager
def _haystack(docs: Path, encoder: RememberingEncoder) -> Iterator[Search]:
    """DocumentSplitter (200 words), InMemoryDocumentStore, its vector and BM25 retrievers, joined by reciprocal rank."""
    os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"
    from haystack import Document, Pipeline
    from haystack.components.joiners import DocumentJoiner
    from haystack.components.preprocessors import DocumentSplitter
    from haystack.components.retrievers.in_memory import InMemoryBM25Retriever, InMemoryEmbeddingRetriever
    from haystack.document_stores.in_memory import InMemoryDocumentStore

    files = [Document(content=path.read_text(encoding="utf-8"), meta={"file": path.name}) for path in sorted(docs.iterdir())]
    chunks = DocumentSplitter().run(documents=files)["documents"]
    vectors = encoder.embed([chunk.content for chunk in chunks])
    store = InMemoryDocumentStore()
    store.write_documents(
        [
            Document(content=chunk.content, meta=chunk.meta, embedding=vector.tolist())
            for chunk, vector in zip(chunks, vectors, strict=True)
        ]
    )
    pipeline = Pipeline()
    pipeline.add_component("vectors", InMemoryEmbeddingRetriever(store))
    pipeline.add_component("words", InMemoryBM25Retriever(store))
    pipeline.add_component("joiner", DocumentJoiner(join_mode="reciprocal_rank_fusion", top_k=DEPTH))
    pipeline.connect("vectors", "joiner")
    pipeline.connect("words", "joiner")

    def search(question: str) -> list[str]:
        vector = encoder.embed_question(question).tolist()
        found = pipeline.run({"vectors": {"query_embedding": vector}, "words": {"query": question}})
        return [document.meta["file"] for document in found["joiner"]["documents"]]

    yield search


@contextmanager
def _txtai(docs: Path, encoder: RememberingEncoder) -> Iterator[Search]:
    """Embeddings with content and hybrid search over faiss; a text is one row, as `index` takes it."""
    from txtai import Embeddings

    asking, telling = "query: ", "passage: "

    def transform(texts: list[str]) -> Any:
        """txtai tells questions from texts by what it puts before them."""
        if texts and texts[0].startswith(asking):
            import numpy as np

            return np.stack([encoder.embed_question(text.removeprefix(asking)) for text in texts])
        return encoder.embed([text.removeprefix(telling) for text in texts])

    embeddings = Embeddings(
        method="external", transform=transform, instructions={"query": asking, "data": telling}, dimensions=DIMENSIONS,
        content=True, hybrid=True, backend="faiss",
    )  # fmt: skip
    embeddings.index([(path.name, path.read_text(encoding="utf-8"), None) for path in sorted(docs.iterdir())])
    try:
        yield lambda question: [row["id"] for row in embeddings.search(question, DEPTH)]
    finally:
        embeddings.close()


TOOLS = {
    "ours": Tool(("chapter-verse",), _ours),
    "llama-index": Tool(("llama-index-core", "llama-index-vector-stores-chroma"), _llama_index),
    "haystack": Tool(("haystack-ai",), _haystack),
    "txtai": Tool(("txtai",), _txtai),
}


# --- measuring ------------------------------------------------------------------------------------------------------------


def cpu_seconds() -> float:
    """What this process and its ended children have spent."""
    return sum(os.times()[:4])


def read_squad(path: Path) -> Asked:
    texts: dict[str, str] = {}
    questions = []
    for article in json.loads(path.read_text(encoding="utf-8"))["data"]:
        for paragraph in article["paragraphs"]:
            name = f"{len(texts):04}.txt"
            texts[name] = paragraph["context"]
            questions += [(asked["question"], name) for asked in paragraph["qas"]]
    return Asked(texts, questions)


def installed(names: Sequence[str]) -> dict[str, metadata.Distribution]:
    """The packages named and all that they require here, by name. Raises PackageNotFoundError."""
    found: dict[str, metadata.Distribution] = {}
    seen: set[tuple[str, str]] = set()
    waiting = [Requirement(name) for name in names]
    while waiting:
        wanted = waiting.pop()
        name = canonicalize_name(wanted.name)
        found.setdefault(name, metadata.distribution(name))
        for extra in {"", *wanted.extras} - {e for n, e in seen if n == name}:
            seen.add((name, extra))
            required = map(Requirement, found[name].requires or ())
            waiting += [r for r in required if (r.marker.evaluate({"extra": extra}) if r.marker else not extra)]
    return found


def disk_bytes(distributions: Sequence[metadata.Distribution]) -> int:
    paths = {Path(str(file.locate())) for one in distributions for file in one.files or ()}
    return sum(path.stat().st_size for path in paths if path.is_file())


def measure(name: str, files: Sequence[Path]) -> dict[str, Any]:
    """All figures of one tool. Raises UsageError where one of its packages is missing."""
    import resource

    tool = TOOLS[name]
    try:
        packages = installed((*tool.packages, *ENCODER))
    except metadata.PackageNotFoundError as error:
        raise UsageError(f"{name} needs {error.name}: pip install {' '.join((*tool.packages, *ENCODER))}") from error
    encoder = RememberingEncoder()
    texts = questions = 0
    indexing = asking = searching = 0.0
    recall = {}
    with tempfile.TemporaryDirectory() as temporary:
        with tool.open(_folder(Path(temporary) / "warm-up", {"0.txt": WARM_UP}), encoder) as search:
            search(WARM_UP)
        warm = encoder.passages
        for path in files:
            asked, language = read_squad(path), path.stem.rpartition(".")[2]
            docs = _folder(Path(temporary) / language, asked.texts)
            began = cpu_seconds()
            with tool.open(docs, encoder) as search:
                indexing += cpu_seconds() - began
                search(WARM_UP)
                began = cpu_seconds()
                found = [(search(question), answers) for question, answers in asked.questions]
                asking += cpu_seconds() - began
                began = cpu_seconds()
                for question, _ in asked.questions:
                    search(question)
                searching += cpu_seconds() - began
            for depth in (1, DEPTH):
                recall[f"recall@{depth} {language}"] = sum(answers in best[:depth] for best, answers in found) / len(found)
            texts, questions = texts + len(asked.texts), questions + len(asked.questions)
    return {
        "tool": name,
        "version": packages[tool.packages[0]].version,
        "texts": texts,
        "chunks": encoder.passages - warm,
        "texts indexed per CPU s": texts / max(indexing, TICK),
        "search, CPU ms": searching / questions * 1000,
        "search and embedding, CPU ms": asking / questions * 1000,
        **recall,
        "peak MiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024),
        "packages": len(packages),
        "packages, MB": disk_bytes(list(packages.values())) / 1e6,
    }


def _folder(folder: Path, texts: dict[str, str]) -> Path:
    folder.mkdir()
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def table(lines: Sequence[dict[str, Any]]) -> Table:
    """A row for each figure, a column for each tool."""
    shown = Table("", *(line["tool"] for line in lines))
    for figure in dict.fromkeys(name for line in lines for name in line if name != "tool"):
        shown.add_row(figure, *(_shown(line.get(figure)) for line in lines))
    return shown


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3f}" if value <= 1 else f"{value:,.1f}"
    return "–" if value is None else str(value)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m eval.rivals", description="Measure the search of ours and of other toolkits."
    )
    parser.add_argument("tool", nargs="?", choices=TOOLS, help="what to measure, in this environment")
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="SQuAD's format, one a language: NAME.LANGUAGE.json")
    parser.add_argument("--table", type=Path, metavar="LINES", help="print the lines kept in this file as a table")
    options = parser.parse_args()
    if options.table:
        Console().print(table([json.loads(line) for line in options.table.read_text(encoding="utf-8").splitlines()]))
    elif options.tool and options.files:
        try:
            print(json.dumps(measure(options.tool, options.files)))
        except UsageError as error:
            sys.exit(f"rivals: {error}")
    else:
        parser.error("name a tool and at least one FILE, or give --table")


if __name__ == "__main__":
    main()
