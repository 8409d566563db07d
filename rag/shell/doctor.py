"""What answering needs, each part tried: the shipped models, the folder and its index, the vector server, the language model."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from rag.answers import Passage
from rag.config import VERSION, Config
from rag.errors import RagError
from rag.formats.readers import parse
from rag.pipeline import Rag
from rag.places import index_folder

LLM_SECONDS = 20.0
"""For the language model's first word."""


@dataclass(frozen=True)
class Finding:
    """One part and whether it works; `more` says where it is, or what is wrong and what to do."""

    what: str
    good: bool
    more: str


def examine(config: Config) -> Iterator[Finding]:
    """A finding for each part; changes nothing but what opening an index does."""
    yield Finding("version", True, VERSION)
    yield _tried("formats", _formats)
    with Rag(config) as rag:
        yield _tried("reader", lambda: _reader(rag))
        yield _tried("folder and index", lambda: _index(rag, config))
        for number in range(len(config.chroma_urls)):
            yield _tried("vector server", partial(_server, rag, number))
    if config.llm:
        yield _tried("language model", lambda: _llm(config))
    else:
        yield Finding("language model", True, "none is wanted (--llm, RAG_LLM); the reader answers")


def _tried(what: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(what, True, look())
    except RagError as error:
        return Finding(what, False, str(error))


def _formats() -> str:
    """A web page takes most of what is loaded for reading."""
    parse(Path("page.html"), b"<html><body><main><p>It is here, for all who look.</p></main></body></html>")
    return f"{len(Rag.suffixes)} kinds of files are read"


def _reader(rag: Rag) -> str:
    rag.reader.read("Where is it?", [Passage("", "", 0, 11, "It is here.", 1.0)])
    return rag.reader.model.fingerprint


def _index(rag: Rag, config: Config) -> str:
    pending = rag.indexer.pending()
    rag.indexer.embedding.embed(["It is here."])
    held = rag.indexer.catalog.count_chunks()
    due = f"; {len(pending)} file(s) to bring up to date: rag sync {config.docs}" if pending else ""
    where = f"{index_folder(config)}, {rag.indexer.catalog.place}" if config.catalog_url else str(index_folder(config))
    return f"{Path(config.docs)} → {where}, {held} chunks, encoder {rag.indexer.embedding.model.fingerprint}{due}"


def _server(rag: Rag, number: int) -> str:
    assert rag.indexer.mirror.servers
    server = rag.indexer.mirror.servers.all[number]
    server.store.has("")
    return server.place


def _llm(config: Config) -> str:
    from llama_index.core.llms import ChatMessage

    from rag.writing.generation import pieces
    from rag.writing.llms import open_llm

    quick = replace(config, llm_first_token_seconds=LLM_SECONDS, llm_total_seconds=LLM_SECONDS)
    llm = open_llm(str(config.llm), quick)
    began = time.perf_counter()
    next(iter(pieces(llm, [ChatMessage(role="user", content="Write: yes")], quick)))
    return f"{config.llm} answers; first word after {time.perf_counter() - began:.1f} s"
