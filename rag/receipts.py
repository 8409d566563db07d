"""A kept answer → whether its quotes still stand in the files. Reads the files alone: no index, no model.

In: the JSON object that `rag ask --json` prints (`Answer.to_dict()`), and the folder it was asked of. Out: for each quote and
each item of a list, what is at its place now.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.documents import check_root, parse, read_bytes
from rag.errors import DocumentError, UsageError

VERBATIM, MOVED, CHANGED, UNREADABLE = "verbatim", "moved", "changed", "unreadable"


@dataclass(frozen=True)
class Checked:
    """What became of a quote: it is `verbatim` at its place, `moved` to another one, `changed`, or its file is `unreadable`."""

    source: str
    start: int
    end: int
    quote: str
    state: str
    note: str
    """Where it moved to, why the file cannot be read, or whether the rest of the file is as it was."""


def load_receipt(path: Path) -> dict[str, Any]:
    """The kept answer. Raises UsageError when the file holds none."""
    try:
        receipt = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}).") from error
    except ValueError:
        receipt = None
    citations = receipt["citations"] if _has(receipt, "short", "items", "citations") else None
    if not isinstance(citations, list) or not all(_has(citation, "number", "quote", "sha256") for citation in citations):
        raise UsageError(f"{path} holds no answer. Keep one with: rag ask QUESTION --json > {path}")
    return dict(receipt)


def _has(value: object, *keys: str) -> bool:
    return isinstance(value, dict) and value.keys() >= set(keys)


def verify(receipt: Mapping[str, Any], docs: Path) -> list[Checked]:
    """Every quote, then every item, held against the files below `docs`. Raises UsageError for impossible places."""
    check_root(docs)
    citations = {c["number"]: c for c in receipt["citations"]}
    try:
        quotes = [(c, c["start"], c["end"], c["quote"]) for c in citations.values()]
        items = [(citations[item["number"]], item["start"], item["end"], item["text"]) for item in receipt["items"]]
        return [
            _check(docs, str(c["source"]), int(start), int(end), str(text), c["sha256"]) for c, start, end, text in quotes + items
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError("the receipt names a place that cannot be; it is not as it was written.") from error


def short_stands(receipt: Mapping[str, Any]) -> bool:
    """Whether the short answer is in the first quote, as it was given."""
    return not receipt["short"] or (bool(receipt["citations"]) and receipt["short"] in receipt["citations"][0]["quote"])


def _check(docs: Path, source: str, start: int, end: int, quote: str, sha256: str) -> Checked:
    path = docs / source
    if not path.resolve().is_relative_to(docs.resolve()):
        raise UsageError(f"the receipt names {source}, which is not in {docs}.")
    try:
        content = read_bytes(path)
        text = parse(path, content).text
    except DocumentError as error:
        return Checked(source, start, end, quote, UNREADABLE, str(error))
    if 0 <= start <= end and text[start:end] == quote:
        same = hashlib.sha256(content).hexdigest() == sha256
        return Checked(source, start, end, quote, VERBATIM, "the file is unchanged" if same else "the file was edited elsewhere")
    place = text.find(quote)
    if quote and place >= 0:
        return Checked(source, start, end, quote, MOVED, f"now at {place}–{place + len(quote)}")
    return Checked(source, start, end, quote, CHANGED, "the file no longer holds it")
