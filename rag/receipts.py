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

import rag.inputs as inputs
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
    inputs.path(path, "the receipt's file")
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}).") from error
    except (ValueError, RecursionError):
        kept = None
    receipts = kept if isinstance(kept, list) else [kept]
    if not receipts or not all(map(_is_receipt, receipts)):
        raise UsageError(f"{path} holds no answer. Keep one with: rag ask QUESTION --json > {path}")
    return receipts


def _is_receipt(kept: object) -> bool:
    kinds = {"short": str, "items": list, "citations": list}
    return (
        isinstance(kept, dict)
        and all(isinstance(kept.get(name), kind) for name, kind in kinds.items())
        and all(isinstance(citation, dict) for citation in kept["citations"])
    )


def verify(receipt: Mapping[str, Any], docs: Path) -> list[Checked]:
    """Every quote, then every item, held against the files below `docs`. Raises UsageError for impossible places."""
    check_root(docs)
    cited: dict[int, tuple[str, str]] = {}
    checked: list[Checked] = []
    for at, citation in enumerate(receipt["citations"]):
        number, place = _place(citation, "quote", f"citations[{at}]")
        source = inputs.path(citation.get("source"), f"the receipt's citations[{at}].source")
        cited[number] = source, inputs.text(citation.get("sha256"), f"the receipt's citations[{at}].sha256")
        checked.append(_check(docs, cited[number], *place))
    for at, item in enumerate(receipt["items"]):
        number, place = _place(item, "text", f"items[{at}]")
        if number not in cited:
            raise UsageError(f"the receipt's items[{at}] stands in citation {number}, which cannot be: there is none.")
        checked.append(_check(docs, cited[number], *place))
    return checked


def _place(kept: object, quote: str, where: str) -> tuple[int, tuple[int, int, str]]:
    """Number and (start, end, text) of what a receipt keeps of a citation or an item."""
    row = inputs.instance(kept, dict, f"the receipt's {where}")
    number, start, end = (
        inputs.whole(row.get(name), f"the receipt's {where}.{name}", -inputs.MOST) for name in ("number", "start", "end")
    )
    return number, (start, end, inputs.unicode_text(row.get(quote), f"the receipt's {where}.{quote}"))


def short_stands(receipt: Mapping[str, Any]) -> bool:
    """Whether the short answer is in the first quote, as it was given, or is said to be worked out or known from the index."""
    return (
        not receipt["short"]
        or bool(receipt.get("computed"))
        or receipt.get("kind") == "folder"
        or (bool(receipt["citations"]) and receipt["short"] in receipt["citations"][0]["quote"])
    )


def _check(docs: Path, cited: tuple[str, str], start: int, end: int, quote: str) -> Checked:
    source, sha256 = cited
    if Path(source).is_absolute() or ".." in Path(source).parts:
        raise UsageError(f"the receipt names {source}, which is not in {docs}.")
    return check_quote(docs, source, start, end, quote, sha256)
