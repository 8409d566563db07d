"""`rag eval add` turns a question into a row of a question file; `rag eval check` says whether a file is sound."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from eval.questions import check_row, load_questions
from eval.run import load_for
from rag.answers import Answer
from rag.config import Config
from rag.errors import UsageError
from rag.places import INDEX_DIR
from rag.text.scripts import is_cjk

DEFAULT = Path("questions.jsonl")
UNANSWERABLE = "unanswerable"
"""The type of a question that the documents do not answer."""


def main(arguments: Sequence[str]) -> int:
    options = _parser().parse_args(arguments)
    return int(options.run(options))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="rag eval")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    add = commands.add_parser("add", help="write a question, with its gold answer, to a question file")
    add.add_argument("question")
    add.add_argument("--docs", type=Path, metavar="DIR", help="the folder it is asked of (default: RAG_DOCS, or the sample)")
    add.add_argument("--questions", type=Path, default=DEFAULT, metavar="FILE", help=f"the file to add to (default: {DEFAULT})")
    gold = add.add_mutually_exclusive_group()
    gold.add_argument("--accept", action="store_true", help="the answer given now is right")
    gold.add_argument("--unanswerable", action="store_true", help="the documents do not answer it")
    gold.add_argument("--quote", help="words of --source that hold the answer, verbatim")
    add.add_argument("--source", help="the file of --quote, relative to the folder")
    add.add_argument("--answer", action="append", metavar="TEXT", help="an accepted answer, once or more (default: the quote)")
    add.add_argument("--type", help="groups the figures (default: fact, list, reason, chinese or unanswerable)")
    add.add_argument("--id", help="its name in the file (default: made from the question)")
    add.set_defaults(run=_add)
    check = commands.add_parser("check", help="check a question file against its documents")
    check.add_argument("questions", type=Path, metavar="FILE")
    check.add_argument(
        "--docs", type=Path, metavar="DIR", help="the folder its quotes stand in (default: RAG_DOCS, or the sample)"
    )
    check.set_defaults(run=_check)
    for command in (add, check):
        command.add_argument("--index-dir", metavar="DIR", help=INDEX_DIR)
    return parser


def _check(options: argparse.Namespace) -> int:
    found = load_for(options.questions, options.docs, Config.from_environment(docs=options.docs, index_dir=options.index_dir))
    types = Counter(question.type for question in found.questions)
    answerable = sum(question.answerable for question in found.questions)
    print(f"{options.questions}: {len(found.questions)} questions, {answerable} answerable, every quote is in its file")
    print("  " + ", ".join(f"{count} {kind}" for kind, count in types.most_common()))
    return 0


def _add(options: argparse.Namespace) -> int:
    config = Config.from_environment(docs=options.docs, index_dir=options.index_dir)
    docs, path = Path(config.docs), options.questions
    row = unanswerable(options.question) | {"id": options.id or ""}
    if bool(options.quote) != bool(options.source):
        raise UsageError("--quote and --source belong together: the words, and the file they stand in.")
    if options.quote:
        row |= quoted(options.source, options.quote, options.answer or ())
    elif not options.unanswerable:
        row |= _take_answer(options, config)
    if options.type:
        row["type"] = options.type
    count = append(path, row, docs)
    print(f"{row['id']} added to {path}; it now holds {count}. Run: rag eval --questions {path} --docs {docs}")
    return 0


def unanswerable(question: str) -> dict[str, Any]:
    """The row of a question that the documents do not answer; `quoted` and `accepted` give what makes it one that they do."""
    return {
        "id": "",
        "question": question,
        "answers": [],
        "evidence": [],
        "type": UNANSWERABLE,
        "language": "zh" if is_cjk(question) else "en",
        "answerable": False,
    }


def quoted(source: str, quote: str, answers: Sequence[str] = ()) -> dict[str, Any]:
    """What a row says of an answer that stands in `quote`; the quote is one where no `answers` are given."""
    return {
        "answers": list(answers) or [quote],
        "evidence": [{"source": source, "quote": quote}],
        "type": "fact",
        "answerable": True,
    }


def accepted(answer: Answer, answers: Sequence[str] = ()) -> dict[str, Any]:
    """What a row says when `answer` is right: nothing more for a refusal."""
    if not answer.answered:
        return {}
    first = answer.citations[0]
    row = quoted(first.source, first.quote, answers or [item.text for item in answer.items] or [answer.short or first.quote])
    row["evidence"][0]["start"] = first.start
    if answer.items or not answer.short:
        row["type"] = "list" if answer.items else "chinese" if is_cjk(answer.question) else "reason"
    return row


def append(path: Path, row: dict[str, Any], docs: Path) -> int:
    """Add a row, named after its question where it has no "id", to a question file; returns how many it then holds.

    Raises UsageError for a name that is taken and for a quote that is not in its file.
    """
    taken = {q.id for q in load_questions(path, docs, Path()).questions} if path.exists() else set()
    if row["id"] in taken:
        raise UsageError(f"{path} has a question named {row['id']} already; choose another --id.")
    row["id"] = row["id"] or _free_id(row["question"], taken)
    check_row(f"{path}: {row['id']}", row, docs)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(row, ensure_ascii=False) + "\n")
    return len(taken) + 1


def remove(path: Path, ids: Collection[str]) -> None:
    """Take the rows of these names out of a question file; one that holds nothing more is deleted."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    if kept := [line for line in lines if json.loads(line)["id"] not in ids]:
        (new := path.with_suffix(".new")).write_text("".join(kept), encoding="utf-8")
        new.replace(path)
    else:
        path.unlink()


def _take_answer(options: argparse.Namespace, config: Config) -> dict[str, Any]:
    """Ask, and give what a row says when the user finds the answer, or the refusal, right."""
    from rag.pipeline import Rag
    from rag.terminal import print_answer

    with Rag(config) as rag:
        rag.sync()
        answer = rag.answer(options.question)
        if answer.kind != "text":
            raise UsageError("that is no question about the text of the documents; ask one that their sentences answer.")
        if not options.accept:
            print_answer(answer, {c.source: rag.text(c.source) for c in answer.citations})
    if options.accept and not answer.answered:
        raise UsageError(
            "the question was refused, so there is no answer to accept; give --source and --quote, or --unanswerable."
        )
    if not options.accept and not _confirmed(answer):
        return {}
    return accepted(answer, options.answer or ())


def _confirmed(answer: Answer) -> bool:
    """Whether the person at the terminal says that the answer is right; False means that the documents do not answer."""
    if not sys.stdin.isatty():
        raise UsageError("say what is right: --accept, --unanswerable, or --source and --quote.")
    asked = "Is this answer right? [y] yes  [u] the documents do not answer  [q] quit: " if answer.answered else "Is refusing right? [y] yes  [q] quit: "  # fmt: skip
    said = input(asked).strip().lower()
    if said == "y":
        return answer.answered
    if said == "u" and answer.answered:
        return False
    raise UsageError("nothing was added. To give the right answer yourself, use --source and --quote.")


def _free_id(question: str, taken: set[str]) -> str:
    words = re.findall(r"\w+", question.lower())
    base = "-".join(words[:6]) or "question"
    names = (base if number == 1 else f"{base}-{number}" for number in range(1, len(taken) + 3))
    return next(name for name in names if name not in taken)
