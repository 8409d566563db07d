"""An `Answer` → a receipt that can be kept, and a receipt → the `Answer`, or whether its quotes still stand in the files.

A receipt is the answer as plain data with what it was made with and when; `rag ask --json` prints it, and the page offers it, also
as one HTML file that holds it. Checking it reads the files alone: no index, no model.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from html import unescape
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import rag.inputs as inputs
from rag.answers import Answer
from rag.corpus.documents import check_root
from rag.errors import UsageError
from rag.messages import LOCALES, WORDS, Reason
from rag.reading.citing import Checked, check_quote


def receipt(answer: Answer, made_with: Mapping[str, str]) -> dict[str, Any]:
    """The answer as plain JSON data, with `made_with` (`Rag.made_with`) and the time (UTC, ISO 8601)."""
    made = {"at": datetime.now(UTC).isoformat(timespec="seconds"), **made_with}
    return {**answer.to_dict(), "made": made}


def answer_of(kept: object) -> Answer:
    """The answer that `Answer.to_dict` made `kept` of. Raises ValueError where it can be none, or has words of another version."""
    try:
        return _back(Answer, kept)  # type: ignore[no-any-return]
    except (TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
        raise ValueError("this is no answer") from error


def _back(kind: Any, kept: object) -> Any:
    """What `kept`, plain JSON data, is as a `kind`."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin is UnionType:
        return None if kept is None else _back(inner[0], kept)
    if origin is tuple:
        values = _instance(kept, list)
        kinds = [inner[0]] * len(values) if inner[-1] is Ellipsis else inner
        return tuple(_back(each, value) for each, value in zip(kinds, values, strict=True))
    if origin is dict:
        return {name: _back(inner[1], value) for name, value in _instance(kept, dict).items()}
    if kind is Reason:
        return _reason(kept)
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        there, types = _instance(kept, dict), _types(kind)
        made = kind(**{name: _back(types[name], there[name]) for name in types.keys() & there.keys()})
        _check_words(there)
        return made
    value = _instance(kept, (int, float) if kind is float else kind)
    if isinstance(value, str) and "\0" in value:
        raise ValueError("a NUL in what was kept")
    return value


_types = cache(get_type_hints)


def _reason(kept: object) -> Reason:
    there = _instance(kept, dict)

    def value(kept: Any) -> Any:
        if isinstance(kept, list):
            return [value(each) for each in kept]
        return _reason(kept) if isinstance(kept, dict) else kept

    reason = Reason(there["code"], {name: value(each) for name, each in _instance(there["values"], dict).items()})
    for language in LOCALES:
        reason.told(language)
    return reason


def _check_words(kept: Mapping[str, Any]) -> None:
    """That what is said of a dataclass's fields has words."""
    said = [kept[name] for name in ("band", "verdict") if kept.get(name)]
    said += [f"place {kind}" for kind, _ in kept.get("place", ())]
    said += [kept["name"]] if "milliseconds" in kept else []
    if not all(word in WORDS for word in said) or kept.get("language", "en") not in LOCALES:
        raise ValueError("words of another version")


def _instance(kept: Any, kind: Any) -> Any:
    if not isinstance(kept, kind) or (isinstance(kept, bool) and kind is not bool):
        raise ValueError(f"{kept!r:.40} is no {kind}")
    return kept


def asked_folder(receipt: dict[str, Any]) -> Path | None:
    """The folder that a kept answer was given from, where it tells one that is still there."""
    made = receipt.get("made")
    told = made.get("docs") if isinstance(made, dict) else None
    with suppress(OSError, ValueError):
        return Path(told) if isinstance(told, str) and told and Path(told).is_dir() else None
    return None


def load_receipts(path: Path) -> list[dict[str, Any]]:
    """The kept answer, or the answers of an array of them, also those at the end of a saved page.

    Raises UsageError when the file holds none.
    """
    inputs.path(path, "the receipt's file")
    try:
        text = path.read_text(encoding="utf-8")
        kept = json.loads(_of_page(text) if text.startswith("<!DOCTYPE html>") else text)
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}).") from error
    except (ValueError, RecursionError):
        kept = None
    receipts = kept if isinstance(kept, list) else [kept]
    if not receipts or not all(map(_is_receipt, receipts)):
        raise UsageError(f"{path} holds no answer. Keep one with: rag ask QUESTION --json > {path}")
    return receipts


def _of_page(html: str) -> str:
    """The receipts of a saved page, which are its only `pre`."""
    return unescape(html.partition('<pre id="receipts">')[2].partition("</pre>")[0])


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
