"""How often what is worked out over a table's column is right, on questions about tables with known answers.

In: tables (`{"table_id", "title", "table"}` a line, gzipped) and questions (`{"question", "table_id", "answers_text"}`) as of
WikiTableQuestions (CC BY-SA 4.0). Out, for the half of the tables that is held out and for the other one: how many questions ask for a
computation, how many are answered, and the share right of each kind. Run: python training/measure_computing.py TABLES QUESTIONS
"""

from __future__ import annotations

import argparse
import csv
import gzip
import hashlib
import io
import json
from collections import defaultdict
from pathlib import Path

from rag.formats.delimited import read_delimited
from rag.formats.document import Document
from rag.questions import Question
from rag.reading.computing import Computed, compute
from rag.text.terms import normalise


def rows(path: Path) -> list[dict[str, object]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def document(table: list[list[str]]) -> Document:
    written = io.StringIO()
    csv.writer(written).writerows([" ".join(str(cell).split()) for cell in row] for row in table)
    return read_delimited(written.getvalue().encode())


def is_held_out(table_id: str) -> bool:
    return int(hashlib.md5(table_id.encode()).hexdigest(), 16) % 2 == 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", type=Path)
    parser.add_argument("questions", type=Path)
    options = parser.parse_args()
    tables = {str(row["table_id"]): row for row in rows(options.tables)}
    documents = {name: document(row["table"]) for name, row in tables.items()}  # type: ignore[arg-type]
    asked, right = defaultdict(int), defaultdict(list)
    for row in rows(options.questions):
        name, question = str(row["table_id"]), Question.parse(str(row["question"]))
        file, held_out = documents[name], is_held_out(name)
        at = max((number for number, block in enumerate(file.blocks) if block.kind == "row"), default=None)
        if question.computing is None or at is None:
            continue
        asked[held_out] += 1
        found = compute(question, file, at, str(tables[name]["title"]), "")
        if isinstance(found, Computed):
            golds = [normalise(answer) for answer in row["answers_text"]]  # type: ignore[attr-defined]
            right[held_out, question.computing.what].append(normalise(found.short) in golds)
    for held_out in (False, True):
        print("held out" if held_out else "the others", asked[held_out], "questions ask for a computation")
        for what in ("most", "least", "count", "sum", "average"):
            given = right[held_out, what]
            print(f"  {what:8} {len(given)} answered, {sum(given)} right")


if __name__ == "__main__":
    main()
