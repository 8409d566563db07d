"""All settings, as plain values in one frozen dataclass; the only place that reads the environment.

Passed once, to `rag.pipeline.Rag`. Model files are not settings: they are part of the package.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from types import NoneType
from typing import get_args, get_type_hints
from urllib.parse import urlsplit

import rag.inputs as inputs
from rag.errors import UsageError

VERSION = "0.1.0"
INDEX_FORMAT = 5
"""Raise it whenever the same file and settings give other documents, chunks or chunk ids than before."""

SAMPLE = next(f for f in (Path(__file__).parent / "seeds", Path(__file__).parent.parent / "seeds") if f.is_dir())
"""The five articles that come with the product: within the package where it is installed, beside it in a checkout."""

ENVIRONMENT = {
    "docs": "RAG_DOCS",
    "index_dir": "RAG_INDEX_DIR",
    "catalog_url": "RAG_CATALOG_URL",
    "chroma_url": "RAG_CHROMA_URL",
    "threads": "RAG_THREADS",
    "llm": "RAG_LLM",
}


@dataclass(frozen=True)
class Config:
    """Settings by stage. Sizes are in the unit that the name says; raises UsageError on impossible values."""

    # where
    docs: str | Path = SAMPLE
    index_dir: str | Path | None = None
    """All that is kept lies below it; None takes the user's cache and data folders, see `rag.places`."""

    # documents
    max_file_bytes: int = 20_000_000

    # chunks: the reader takes 320 tokens, 64 of them the question; what stands above a chunk (title, headings, header row) takes at most
    # `context_tokens`
    chunk_tokens: int = 160
    overlap_tokens: int = 40
    context_tokens: int = 90

    # models
    threads: int = 0
    """Threads for model inference; 0 takes one for each core that this process may use, at most 8."""

    # index
    catalog_url: str | None = field(default=None, repr=False)  # it may hold a password
    """A PostgreSQL database (postgresql://USER@HOST/DATABASE) for the catalog instead of a file in the index folder."""
    chroma_url: str | None = None
    """A Chroma server (http://host:port) instead of the embedded store; several, with commas between them, hold the files among them."""
    chroma_timeout_seconds: float = 10.0
    lock_timeout_seconds: float = 30.0

    # retrieval
    top_k: int = 10
    candidates: int = 30
    """Passages that each leg proposes for fusion."""
    dense_weight: float = 0.7
    """Share of the dense leg in the fused score (measured on XQuAD in English, in Chinese, across them, and in a folder of both)."""

    # reading and answering
    read_k: int = 5
    """Passages that are read, at most: on folders of XQuAD, CMRC, DRCD, SQuADShifts and tables the best answer is right as often as with eight."""
    read_share: float = 0.5
    """The reader leaves out passages whose fused score is below this share of the best one's: on XQuAD it then reads four passages where
    question and text are in one language and six where they are not, and loses one answer in a hundred across languages."""
    min_confidence: float | None = None
    """Below this an answer is refused; None takes the threshold that was fitted with the confidence model."""
    max_question_chars: int = 2_000

    # a language model, if one is wanted
    llm: str | None = None
    """`ollama:NAME`, `openai:NAME`, `anthropic:NAME` or `openai-like:NAME@URL`; None answers with the reader alone."""
    llm_passages: int = 6
    """Passages that it is shown, at most."""
    llm_context_tokens: int = 4_096
    """What it reads and writes at once, where it does not say so itself."""
    llm_max_tokens: int = 400
    """What it writes, at most."""
    llm_max_chars: int = 8_000
    """Characters after which a reply is given up."""
    llm_first_token_seconds: float = 30.0
    llm_idle_seconds: float = 15.0
    """Between two pieces of a reply."""
    llm_total_seconds: float = 90.0
    """From the request to the last piece, with all retries."""

    def __post_init__(self) -> None:
        for name, kinds in _types().items():
            _check(getattr(self, name), f"Config.{name}", kinds)
        positive = ["max_file_bytes", "chunk_tokens", "top_k", "candidates", "read_k", "max_question_chars", "llm_passages"]
        for name in [*positive, "llm_context_tokens", "llm_max_tokens", "llm_max_chars"]:
            inputs.whole(getattr(self, name), f"Config.{name}", 1)
        for name in ("chroma_timeout_seconds", "llm_first_token_seconds", "llm_idle_seconds", "llm_total_seconds"):
            if getattr(self, name) == 0:
                raise UsageError(f"Config.{name} is 0; it must be more than 0.")
        for name in ("dense_weight", "read_share", "min_confidence"):
            if (value := getattr(self, name)) is not None:
                inputs.number(value, f"Config.{name}", 0, 1)
        if self.overlap_tokens * 2 > self.chunk_tokens:
            raise UsageError(f"Config.overlap_tokens is {self.overlap_tokens}; it must lie between 0 and half of chunk_tokens.")
        if self.chunk_tokens + self.context_tokens > 256:
            raise UsageError(
                "Config.chunk_tokens and context_tokens add up to more than 256, which is what the reader takes beside a question."
            )
        if self.catalog_url is not None and not _is_database(self.catalog_url):
            raise UsageError(
                "Config.catalog_url (RAG_CATALOG_URL) is not the address of a PostgreSQL database; write postgresql://USER@HOST/DATABASE."
            )
        if self.chroma_url is not None:
            _check_servers(self.chroma_urls)

    @classmethod
    def from_environment(cls, **values: object) -> Config:
        """The RAG_* variables, with `values` (those that are not None) taking precedence over them."""
        chosen: dict[str, object] = {}
        for each in fields(cls):
            given = values.pop(each.name, None)
            variable = ENVIRONMENT.get(each.name, "")
            if given is not None:
                chosen[each.name] = given
            elif os.environ.get(variable):
                chosen[each.name] = _parse(variable, os.environ[variable], each.name)
        if values:
            raise UsageError(f"Config has no setting named {', '.join(sorted(values))}.")
        return cls(**chosen)  # type: ignore[arg-type]

    @property
    def chroma_urls(self) -> tuple[str, ...]:
        """The addresses of the Chroma servers; none of the embedded store."""
        return tuple(address.strip() for address in self.chroma_url.split(",")) if self.chroma_url is not None else ()

    def fingerprint(self) -> str:
        """Covers exactly the settings that change the index; the models' checksums are added by `sync`."""
        parts = [INDEX_FORMAT, self.max_file_bytes, self.chunk_tokens, self.overlap_tokens, self.context_tokens]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


@cache
def _types() -> dict[str, tuple[type, ...]]:
    """The types that each setting may have."""
    return {name: get_args(hint) or (hint,) for name, hint in get_type_hints(Config).items()}


def _check(value: object, what: str, kinds: tuple[type, ...]) -> None:
    """Raises UsageError where a value is of none of these types, or none that can be."""
    if value is None and NoneType in kinds:
        return
    if Path in kinds:
        inputs.path(value, what)
    elif str in kinds:
        inputs.text(value, what)
    elif int in kinds:
        inputs.whole(value, what)
    else:
        inputs.number(value, what)


def _check_servers(addresses: Sequence[str]) -> None:
    """Raises UsageError, without what may be part of a log-in, where one is none, or two are the same."""
    for number, address in enumerate(addresses, start=1):
        if not _is_server(address):
            named = f"address {number}" if any("@" in each for each in addresses) else repr(address)
            raise UsageError(
                f"Config.chroma_url (RAG_CHROMA_URL): {named} is not a Chroma server's address; write http://127.0.0.1:8000, or "
                "several with commas between them."
            )
        if place_of(address) in map(place_of, addresses[: number - 1]):
            raise UsageError(f"Config.chroma_url (RAG_CHROMA_URL) names {place_of(address)} twice; name each server once.")


def _is_server(address: str) -> bool:
    try:
        url = urlsplit(address)
        return url.scheme in ("http", "https") and bool(url.hostname) and url.port != 0
    except ValueError:
        return False


def _is_database(address: str) -> bool:
    """Of PostgreSQL, with the name of one; its host may be a folder of sockets, told behind a question mark."""
    try:
        url = urlsplit(address)
        named = url.path.strip("/")
        return url.scheme in ("postgresql", "postgresql+psycopg") and bool(named) and "/" not in named and url.port != 0
    except ValueError:
        return False


def place_of(address: str) -> str:
    """A server's address in one form, without a log-in: http://host:port."""
    url = urlsplit(address)
    host = f"[{url.hostname}]" if ":" in (url.hostname or "") else url.hostname
    return f"{url.scheme}://{host}:{url.port or (443 if url.scheme == 'https' else 8000)}"


def _parse(variable: str, text: str, name: str) -> str | int:
    if name != "threads":
        return text
    if not (text.isdecimal() and len(text) < 10):
        raise UsageError(f"{variable} is {text!r}; it must be a whole number of threads.")
    return int(text)


def secret(variable: str) -> str:
    """A key from the environment; "" where it is not set. Never kept in a Config, which is shown and hashed."""
    return os.environ.get(variable, "")
