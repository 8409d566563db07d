"""Asking as people do: conversations, several parts, sources that disagree, the folder itself, yes or no; each by known answers.

usage: python -m eval.asking [--half d|t] [--only talks|pairs|parts|sources|folder|lookalikes|yesno] [--show]

The sets are in `asking_sets/`, written before what they measure; the half "d" is there to develop on, the half "t" is not.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from rag.answers import Answer
from rag.config import Config
from rag.pipeline import Rag
from rag.text.terms import normalise
from rag.text.values import values

SETS = Path(__file__).parent / "asking_sets"
Row = dict[str, Any]
Outcome = tuple[str, bool, str]
"""(what is measured, whether it is as it should be, what was asked and came of it)."""


def given(answer: Answer) -> str:
    """What an answer shows in large type."""
    quote = answer.citations[0].quote if answer.citations else answer.text.split("\n", 1)[0]
    return " / ".join(filter(None, [answer.short or ("" if answer.items else quote), *(item.text for item in answer.items)]))


def holds(text: str, accepted: Iterable[str]) -> bool:
    """Whether `text` gives one of the accepted answers, in whatever written form."""
    plain = normalise(text).replace(" ", "")
    denoted = {value.canonical for value in values(text)}
    return any(
        normalise(form).replace(" ", "") in plain
        or (denoted and {v.canonical for v in values(form)} <= denoted and bool(values(form)))
        for form in accepted
    )


def talks(rag: Rag, rows: Sequence[Row]) -> Iterator[Outcome]:
    """Chains of turns; the first turn, which leans on nothing, is counted apart, and so are the later ones asked in full."""
    for row in rows:
        history: list[Answer] = []
        for number, turn in enumerate(row["turns"]):
            answer = rag.answer(turn["question"], history)
            history.append(answer)
            right = answer.answered and holds(given(answer), turn["answers"]) if turn["answers"] else not answer.answered
            kind = "first turns" if number == 0 else f"{row['kind']} {row['language']}"
            if number and not turn["answers"]:
                kind = "turns to refuse"
            if number and turn["answers"]:
                full = rag.answer(turn["standalone"])
                yield f"{kind} in full", full.answered and holds(given(full), turn["answers"]), ""
            yield kind, right, f"{row['id']} {turn['question']} [{answer.read_as}] => {_shown(answer)} ({turn['answers'][:1]})"


def pairs(rag: Rag, rows: Sequence[Row]) -> Iterator[Outcome]:
    """An unrelated question after an answered one: none is answered."""
    for row in rows:
        first = rag.answer(row["first"])
        answer = rag.answer(row["second"], [first])
        yield "unrelated", not answer.answered, f"{row['id']} {row['second']} [{answer.read_as}] => {_shown(answer)}"


def parts(rag: Rag, rows: Sequence[Row]) -> Iterator[Outcome]:
    """Each part of a question has its answer, or is refused."""
    for row in rows:
        answer = rag.answer(row["question"])
        told = answer.parts or (answer,)
        for number, part in enumerate(row["parts"]):
            one = told[number] if number < len(told) else None
            if not part["answers"]:
                right, kind = one is None or not one.answered, "parts to refuse"
            else:
                right, kind = one is not None and one.answered and holds(given(one), part["answers"]), "parts"
            yield kind, right, f"{row['id']} {row['question']} #{number} => {_shown(one) if one else '—'} ({part['answers'][:1]})"


def sources(row: Row, rag: Rag) -> Iterator[Outcome]:
    """Files that differ show every value, the newest first; those that agree show one."""
    answer = rag.answer(row["question"])
    told = [reading.short for reading in answer.readings] or ([given(answer)] if answer.answered else [])
    seen = f"{row['id']} {row['question']} => {' | '.join(told) or _shown(answer)} ({[forms[0] for forms in row['values']]})"
    if row["kind"] == "differ":
        shown = [any(holds(text, forms) for text in told) for forms in row["values"]]
        yield "differ: all shown", all(shown) and len(told) == len(shown), seen
        if row["newest"] is not None:
            yield "differ: newest first", bool(told) and holds(told[0], row["values"][row["newest"]]), seen
    else:
        yield f"{row['kind']}: no disagreement", len(answer.readings) < 2, seen
        yield f"{row['kind']}: right", bool(told) and holds(told[0], row["values"][0]), seen


def folder(rag: Rag, rows: Sequence[Row]) -> Iterator[Outcome]:
    """Questions about the folder: the files, the number, the author, the date."""
    for row in rows:
        answer, expected = rag.answer(row["question"]), row["expect"]
        named = [listed.source for listed in answer.files]
        if row["kind"] in ("list", "mention", "newest", "oldest"):
            right = sorted(named) == sorted(expected) and (answer.kind == "folder" or not expected)
        elif row["kind"] in ("count", "author", "written"):
            accepted = [str(each) for each in (expected if isinstance(expected, list) else [expected])]
            told = [answer.short, *(item.text for item in answer.items)]
            right = answer.answered and any(holds(text, accepted) for text in told if text) if accepted else not answer.answered
        elif row["kind"] == "summary":
            cited = {citation.source for citation in answer.citations}
            right = answer.kind == "folder" and (
                cited == {expected["source"]} if isinstance(expected, dict) and expected.get("source") else len(cited) > 1
            )
        else:
            right = answer.kind == "folder" and answer.answered
        yield (
            f"folder {row['language']}",
            right,
            f"{row['id']} {row['question']} => {answer.kind} {answer.short} {named or _shown(answer)} ({expected})",
        )


def lookalikes(rag: Rag, rows: Sequence[Row]) -> Iterator[Outcome]:
    """Questions on the text that sound as if they were about the folder."""
    for row in rows:
        answer = rag.answer(row["question"])
        yield (
            "look-alikes read as text",
            answer.kind == "text",
            f"{row['id']} {row['question']} => {answer.kind} {_shown(answer)}",
        )


def yesno(rag: Rag, rows: Sequence[Row]) -> Iterator[Outcome]:
    """A verdict is right, or left open; what the files do not say gets none."""
    for row in rows:
        answer = rag.answer(row["question"])
        seen = f"{row['id']} {row['question']} => {answer.verdict or '–'} {_shown(answer)} ({row['verdict']})"
        if answer.verdict:
            yield "verdicts given: right", answer.verdict == row["verdict"], seen
        if row["verdict"] == "not said":
            yield "not said: no verdict", not answer.verdict, seen
            yield "not said: refused", not answer.answered, seen
        else:
            yield f"{row['verdict']}: verdict given", answer.verdict == row["verdict"], seen
            quoted = answer.answered and any(
                row["quote"].strip(" .。") in c.quote or c.quote.strip(" .。") in row["quote"] for c in answer.citations
            )
            yield f"{row['verdict']}: its sentence shown", quoted, seen


def _shown(answer: Answer) -> str:
    return (
        f"{given(answer)[:90]!r} {answer.confidence:.2f}"
        if answer.answered
        else f"refused {answer.confidence:.2f} {answer.reason[:60]}"
    )


def _rows(name: str, half: str) -> list[Row]:
    lines = (SETS / name).read_text(encoding="utf-8").splitlines()
    return [row for row in map(json.loads, filter(None, lines)) if row["id"].startswith(half)]


def _over(docs: Path, models: Rag | None, ask: Callable[[Rag], Iterator[Outcome]]) -> Iterator[Outcome]:
    with tempfile.TemporaryDirectory() as index, Rag(Config(docs=docs, index_dir=index), models=models) as rag:
        rag.sync()
        yield from ask(rag)


def outcomes(half: str, only: Sequence[str]) -> Iterator[Outcome]:
    """All that is asked, as it comes."""
    with tempfile.TemporaryDirectory() as index, Rag(Config(docs=SETS / "talks", index_dir=index)) as shared:
        shared.sync()
        for name, measure in {"talks": talks, "pairs": pairs, "parts": parts}.items():
            if name in only:
                yield from measure(shared, _rows(f"{name}.jsonl", half))
        if "sources" in only:
            for row in _rows("sources.jsonl", half):
                with tempfile.TemporaryDirectory() as docs:
                    for name, text in row["files"].items():
                        (Path(docs) / name).parent.mkdir(parents=True, exist_ok=True)
                        (Path(docs) / name).write_text(text, encoding="utf-8")
                    yield from _over(Path(docs), shared, partial(sources, row))
        for name, measure in {"folder": folder, "lookalikes": lookalikes, "yesno": yesno}.items():
            if name in only:
                by_docs: dict[str, list[Row]] = defaultdict(list)
                for row in _rows(f"{name}.jsonl", half):
                    by_docs[row["docs"]].append(row)
                for docs, rows in by_docs.items():
                    yield from _over(SETS / docs, shared, partial(measure, rows=rows))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m eval.asking", description=__doc__.splitlines()[0] if __doc__ else "")
    names = ("talks", "pairs", "parts", "sources", "folder", "lookalikes", "yesno")
    parser.add_argument(
        "--half", default="t", choices=("d", "t"), help="the questions to ask: to develop on, or the others (default)"
    )
    parser.add_argument("--only", action="append", choices=names, help="what to measure, once or more (default: all)")
    parser.add_argument("--show", action="store_true", help="print each question that is not as it should be")
    options = parser.parse_args()
    counted: dict[str, list[bool]] = defaultdict(list)
    for kind, right, seen in outcomes(options.half, options.only or names):
        counted[kind].append(right)
        if options.show and seen and not right:
            print(f"{kind}: {seen}")
    for kind, results in counted.items():
        print(f"{kind:<28} {sum(results):>4} of {len(results):<4} {sum(results) / len(results):.0%}")


if __name__ == "__main__":
    main()
