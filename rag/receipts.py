"""An `Answer` → a receipt that can be kept, and a receipt → whether its quotes still stand in the files.

A receipt is the answer as plain data with what it was made with and when; `rag ask --json` prints it, and the page offers it, also
as one HTML file. Checking it reads the files alone: no index, no model.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rag.answers import Answer
from rag.corpus.documents import check_root
from rag.errors import UsageError
from rag.reading.citing import Checked, check_quote


def receipt(answer: Answer, made_with: Mapping[str, str]) -> dict[str, Any]:
    """The answer as plain JSON data, with `made_with` (`Rag.made_with`) and the time (UTC, ISO 8601)."""
    made = {"at": datetime.now(UTC).isoformat(timespec="seconds"), **made_with}
    return {**answer.to_dict(), "made": made}


def load_receipts(path: Path) -> list[dict[str, Any]]:
    """The kept answer, or the answers of an array of them. Raises UsageError when the file holds none."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}).") from error
    except ValueError:
        kept = None
    receipts = kept if isinstance(kept, list) else [kept]
    if not receipts or not all(map(_is_receipt, receipts)):
        raise UsageError(f"{path} holds no answer. Keep one with: rag ask QUESTION --json > {path}")
    return receipts


def _is_receipt(kept: object) -> bool:
    citations = kept["citations"] if isinstance(kept, dict) and _has(kept, "short", "items", "citations") else None
    return isinstance(citations, list) and all(_has(citation, "number", "quote", "sha256") for citation in citations)


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
    """Whether the short answer is in the first quote, as it was given, or is said to be worked out or known from the index."""
    return (
        not receipt["short"]
        or bool(receipt.get("computed"))
        or receipt.get("kind") == "folder"
        or (bool(receipt["citations"]) and receipt["short"] in receipt["citations"][0]["quote"])
    )


def _check(docs: Path, source: str, start: int, end: int, quote: str, sha256: str) -> Checked:
    if Path(source).is_absolute() or ".." in Path(source).parts:
        raise UsageError(f"the receipt names {source}, which is not in {docs}.")
    return check_quote(docs, source, start, end, quote, sha256)
