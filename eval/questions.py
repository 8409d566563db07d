"""Question files → checked questions. Gold evidence names a file and a quote in it, never chunk ids.

Ours is JSON Lines after `questions.schema.json`, asked of a folder that the caller names; so is CSV, with the columns
question, answers (parted by |), source, quote, and if wanted id, type, language. Two formats bring their own documents, which
are written out as files: SQuAD 1.1 and 2.0 and CMRC 2018 JSON (one file for each paragraph) and BEIR folders (corpus.jsonl,
queries.jsonl, qrels; one file for each document, no answers, so that retrieval alone is measured).
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote as percent_encoded

import rag.inputs as inputs
from rag.corpus.documents import read_text
from rag.errors import DocumentError, UsageError
from rag.places import make_private
from rag.text.scripts import is_cjk

SCHEMA = Path(__file__).parent / "questions.schema.json"
SPAN, RETRIEVAL = "span", "retrieval"
"""Types of imported questions: with a gold answer, and with gold documents only."""
_CSV_COLUMNS = ("question", "answers", "source", "quote")


@dataclass(frozen=True)
class Evidence:
    """A stretch of a file that holds the answer: `quote` at `spans`; a whole document where the quote is empty."""

    source: str
    quote: str
    spans: tuple[tuple[int, int], ...] = ()
    """(start, end) of each place where the quote stands, in the file's characters."""


@dataclass(frozen=True)
class Question:
    """One known question; without evidence it is one that the documents do not answer."""

    id: str
    question: str
    answers: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    type: str
    language: str
    answerable: bool
    history: tuple[str, ...] = ()


@dataclass(frozen=True)
class QuestionSet:
    """Questions and the folder they are asked of."""

    name: str
    docs: Path
    questions: tuple[Question, ...]
    sha256: str
    """Of the question file, or of a BEIR folder's corpus, queries and judgements."""
    left_out: int = 0
    """Published questions that have no text."""


def load_questions(path: Path, docs: Path, cache: Path) -> QuestionSet:
    """Questions of any format; documents that come with them are written below `cache`, once.

    Raises UsageError with the line number, or the question, for whatever is wrong with the file or its quotes.
    """
    if path.is_dir():
        return _load_beir(path, cache)
    content = _read(path)
    digest = hashlib.sha256(content).hexdigest()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8 (byte {error.start}).") from error
    if path.suffix == ".json":
        docs = cache / digest[:16]
        questions = list(_from_squad(path, text, docs))
    elif path.suffix == ".csv":
        questions = list(_from_rows(path, _csv_rows(path, text), docs))
    else:
        questions = list(_from_rows(path, _json_lines(path, text), docs))
    asked = tuple(question for question in questions if question.question)
    if not asked:
        raise UsageError(f"{path} holds no question.")
    return QuestionSet(path.stem, docs, asked, digest, len(questions) - len(asked))


def check_row(place: str, row: Mapping[str, Any], docs: Path) -> Question:
    """The question of one row of our own format; `place` begins the message of the UsageError that a wrong one raises."""
    errors = sorted(_validator().iter_errors(row), key=lambda e: len(e.json_path))
    if errors:
        error = errors[0]
        raise UsageError(f"{place}: {error.json_path.removeprefix('$.').replace('$', 'the line')}: {error.message}.")
    for name, asked in [
        ("question", row["question"]),
        *((f"history[{at}]", text) for at, text in enumerate(row.get("history", ()))),
    ]:
        if not inputs.text(asked, f"{place}: {name}").strip():
            raise UsageError(f"{place}: {name} is empty.")
    evidence = tuple(_located(place, docs, item["source"], item["quote"], item.get("start")) for item in row["evidence"])
    values = {**row, "answers": tuple(row["answers"]), "history": tuple(row.get("history", ())), "evidence": evidence}
    return Question(**values)


def _json_lines(path: Path, text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except (ValueError, RecursionError) as error:
                raise UsageError(f"{path}:{number}: not JSON ({error}).") from error


def _csv_rows(path: Path, text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """CSV lines as rows of our own format; one without answers is unanswerable."""
    reader = csv.DictReader(text.splitlines())
    if missing := [c for c in _CSV_COLUMNS if c not in (reader.fieldnames or ())]:
        raise UsageError(f"{path}:1: no column named {', '.join(missing)}; it needs {', '.join(_CSV_COLUMNS)}.")
    for raw in reader:
        row = {key: (value or "").strip() for key, value in raw.items() if isinstance(key, str)}
        answers = [answer.strip() for answer in row["answers"].split("|") if answer.strip()]
        yield (
            reader.line_num,
            {
                "id": row.get("id") or f"line-{reader.line_num}",
                "question": row["question"],
                "answers": answers,
                "evidence": [{"source": row["source"], "quote": row["quote"]}] if answers else [],
                "type": row.get("type") or SPAN,
                "language": row.get("language") or _language(row["question"]),
                "answerable": bool(answers),
            },
        )


def _from_rows(path: Path, rows: Iterable[tuple[int, dict[str, Any]]], docs: Path) -> Iterator[Question]:
    seen: dict[str, int] = {}
    for number, row in rows:
        question = check_row(f"{path}:{number}", row, docs)
        if question.id in seen:
            raise UsageError(f"{path}:{number}: the id {question.id} is used twice, first on line {seen[question.id]}.")
        seen[question.id] = number
        yield question


def _from_squad(path: Path, text: str, docs: Path) -> Iterator[Question]:
    """SQuAD and CMRC JSON; both CMRC layouts, the one of its own and the one after SQuAD."""
    try:
        data = json.loads(text)
        entries = data["data"] if isinstance(data, dict) else data
        paragraphs = [p for entry in entries for p in entry.get("paragraphs", [entry])]
        contexts = [p.get("context", p.get("context_text")) for p in paragraphs]
        names = [f"{number:05}.txt" for number in range(1, len(paragraphs) + 1)]
        _write_files(docs, zip(names, contexts))
        for name, context, paragraph in zip(names, contexts, paragraphs):
            for qa in paragraph["qas"]:
                yield _squad_question(path, docs, name, context, qa)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UsageError(f"{path}: not SQuAD or CMRC JSON ({type(error).__name__}: {error}).") from error


def _squad_question(path: Path, docs: Path, source: str, context: str, qa: Mapping[str, Any]) -> Question:
    identity, asked = str(qa.get("id", qa.get("query_id"))), qa.get("question", qa.get("query_text")).strip()
    inputs.text(asked, f"{path}: question {identity}")
    answers = [a if isinstance(a, dict) else {"text": a} for a in ([] if qa.get("is_impossible") else qa["answers"])]
    evidence = []
    for answer in answers:
        start = answer.get("answer_start")
        if start is not None and context[start : start + len(answer["text"])] != answer["text"]:
            start = None  # some published offsets are wrong: the answer is looked for instead
        evidence.append(_located(f"{path}: question {identity}", docs, source, answer["text"], start))
    texts = tuple(dict.fromkeys(answer["text"] for answer in answers))
    return Question(identity, asked, texts, tuple(dict.fromkeys(evidence)), SPAN, _language(asked), bool(texts))


def _load_beir(path: Path, cache: Path) -> QuestionSet:
    judged = next(
        (path / "qrels" / name for name in ("test.tsv", "dev.tsv", "train.tsv") if (path / "qrels" / name).is_file()), None
    )
    if judged is None:
        raise UsageError(f"{path / 'qrels'} holds no test.tsv, dev.tsv or train.tsv; a BEIR folder needs one.")
    contents = [_read(part) for part in (path / "corpus.jsonl", path / "queries.jsonl", judged)]
    digest = hashlib.sha256(b"\0".join(contents)).hexdigest()
    docs = cache / digest[:16]
    relevant: dict[str, list[str]] = {}
    try:
        corpus, queries, qrels = (content.decode("utf-8") for content in contents)
        _write_files(docs, ((_beir_file(row["_id"]), _beir_text(row)) for _, row in _json_lines(path / "corpus.jsonl", corpus)))
        for line in qrels.splitlines()[1:]:
            query, document, grade = line.split("\t")
            if float(grade) > 0:
                relevant.setdefault(query, []).append(_beir_file(document))
        questions = tuple(
            Question(
                row["_id"], inputs.text(row["text"].strip(), f"{path}: question {row['_id']}"), (), tuple(Evidence(d, "") for d in relevant[row["_id"]]),
                RETRIEVAL, _language(row["text"]), True,
            )
            for _, row in _json_lines(path / "queries.jsonl", queries)
            if row["_id"] in relevant
        )  # fmt: skip
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"{path}: not a BEIR folder ({type(error).__name__}: {error}).") from error
    if not questions:
        raise UsageError(f"{judged} judges none of the queries of {path / 'queries.jsonl'}.")
    return QuestionSet(path.name, docs, questions, digest)


def _beir_file(identity: str) -> str:
    return f"{percent_encoded(identity, safe='')}.txt"


def _beir_text(row: Mapping[str, str]) -> str:
    return "\n\n".join(part for part in (row.get("title", "").strip(), row["text"]) if part)


def _write_files(docs: Path, files: Iterable[tuple[str, str]]) -> None:
    """All of them or none: the folder's name says what it holds, so one that is there is complete."""
    if docs.is_dir():
        return
    partial = docs.with_name(f"{docs.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    make_private(partial)
    try:
        for name, text in files:
            (partial / name).write_bytes(text.encode("utf-8"))
        partial.rename(docs)
    except OSError as error:
        raise UsageError(f"{docs} cannot be written ({error.strerror}).") from error


def _located(place: str, docs: Path, source: str, quote: str, start: int | None) -> Evidence:
    path = docs / inputs.path(source, f"{place}: source")
    try:
        text = _file_text(path, path.stat().st_mtime_ns if path.exists() else 0)
    except DocumentError as error:
        raise UsageError(f"{place}: {source} {error}.") from error
    if start is None:
        spans = tuple((m.start(), m.end()) for m in re.finditer(re.escape(quote), text))
    else:
        start = int(start)  # JSON's 3.0 is a whole number
        spans = ((start, start + len(quote)),) if text.startswith(quote, start) else ()
    if not spans:
        where = "in" if start is None else f"at character {start} of"
        raise UsageError(f"{place}: the quote is not {where} {source}: {quote!r}")
    return Evidence(source, quote, spans)


@lru_cache(maxsize=16)
def _file_text(path: Path, changed: int) -> str:
    """A file's text, read once for all its quotes; `changed` is when it last did, in nanoseconds."""
    return read_text(path)


@lru_cache(maxsize=1)
def _validator() -> Any:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def _language(text: str) -> str:
    return "zh" if is_cjk(text) else "en"


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}).") from error
