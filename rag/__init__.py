"""Ask your documents; every answer carries receipts.

The flow, one room a stage; imports run downwards only, and `tests/test_architecture.py` holds it:

    files ─ formats ─ corpus: layout, chunks ─ models.encoder ─┬─ corpus.catalog   SQLite, PostgreSQL: the truth
                                        corpus.indexing: sync ─┴─ corpus.mirror    the store (Chroma), rebuildable
    question ─ questions.Question, parsed once ─ search ─ models.reader ─ reading: spans, evidence, signs, confidence,
               answering, citing ─ Answer; writing holds a language model's statements to the same proof
    text       scripts, terms, sentences, values (one grammar), names: below all of them; messages: all words for people

`pipeline.Rag` puts it together; `web`, `shell` and `adapters` (for llama-index) are its faces, `receipts` what is kept of an answer.

    >>> from rag import answer
    >>> a = answer("How high is the tower?")
    >>> a.short, a.citations[0].source

Names are loaded on first use: importing this package costs nothing. What it does is logged below "rag", and shown nowhere unless a
handler is added (`rag --verbose` adds one): a line a stage at INFO; words of questions and answers at DEBUG alone.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rag.answers import Answer, Citation, FileAnswer, Passage
    from rag.config import SAMPLE, Config
    from rag.pipeline import Rag

__all__ = ["SAMPLE", "Answer", "Citation", "Config", "FileAnswer", "Passage", "Rag", "answer", "answer_each"]

logging.getLogger("rag").addHandler(logging.NullHandler())

_HOMES = {
    "Answer": "rag.answers",
    "Citation": "rag.answers",
    "FileAnswer": "rag.answers",
    "Passage": "rag.answers",
    "Config": "rag.config",
    "SAMPLE": "rag.config",
    "Rag": "rag.pipeline",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return import_module("rag.config").VERSION
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'rag' has no attribute {name!r}")


def answer(
    question: str,
    *,
    docs: str | Path | None = None,
    history: Sequence[str | Answer] = (),
    sources: Collection[str] = (),
    standalone: bool = False,
    config: Config | None = None,
) -> Answer:
    """Answer `question` from the folder `docs` (the sample, unless RAG_DOCS says otherwise), with receipts.

    Builds the index when there is none and brings it up to date when files have changed, unless another process is at it. `history`
    holds earlier questions or Answers, oldest first, from which a question that leans on them is completed unless it is `standalone`;
    `sources` are the files to ask (names, folders, patterns as "*.pdf"), all where it is empty. `docs` takes precedence over
    `config.docs`. Raises UsageError for a question that is none, a missing folder or a file that is not indexed, IndexBroken or
    ModelBroken when those are damaged.
    """
    return _refreshed(docs, config).answer(question, history, sources=sources, standalone=standalone)


def answer_each(
    question: str, *, docs: str | Path | None = None, sources: Collection[str] = (), config: Config | None = None
) -> Iterator[FileAnswer]:
    """What each file of `docs`, or of `sources` alone, answers by itself; otherwise as `answer`. Each is read when its answer is taken."""
    return _refreshed(docs, config).answer_each(question, sources=sources)


def _refreshed(docs: str | Path | None, config: Config | None) -> Rag:
    """The Rag for these settings, its index up to date."""
    from dataclasses import replace

    from rag.config import Config
    from rag.inputs import instance

    if config is None:
        config = Config.from_environment(docs=docs)
    else:
        config = instance(config, Config, "config")
        config = config if docs is None else replace(config, docs=docs)
    rag = _opened(config, Path.cwd())
    rag.refresh()
    return rag


@lru_cache(maxsize=4)
def _opened(config: Config, working_directory: Path) -> Rag:
    """The same Rag for the same settings; relative paths mean another one in another working directory."""
    from dataclasses import replace

    from rag.pipeline import Rag

    kept = None if config.index_dir is None else working_directory / config.index_dir
    absolute = replace(config, docs=working_directory / config.docs, index_dir=kept)
    rag = Rag(absolute)
    rag.load()
    return rag
