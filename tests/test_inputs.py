"""What cannot be is refused at every door alike: a UsageError that names the thing and its place, and never a traceback."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

import rag
from eval.questions import check_row, load_questions
from rag.answers import Answer
from rag.config import Config
from rag.errors import UsageError
from rag.pipeline import Rag
from rag.receipts import load_receipts, verify
from rag.shell.cli import main
from rag.web.rooms import Rooms
from tests.conftest import LIBRARY, ROOT, page_over

QUESTION = "What is the harbour loan worth?"
ROW = {"id": "a", "answers": [], "evidence": [], "type": "t", "language": "en", "answerable": False}
Door = Callable[[Rag, Any], object]

QUESTIONS: dict[str, Door] = {
    "rag.answer": lambda library, asked: rag.answer(asked, docs=LIBRARY, config=library.config),
    "rag.answer, history": lambda library, asked: rag.answer(QUESTION, docs=LIBRARY, config=library.config, history=[asked]),
    "rag.answer_each": lambda library, asked: [*rag.answer_each(asked, docs=LIBRARY, config=library.config)],
    "answer": lambda library, asked: library.answer(asked),
    "answer, history": lambda library, asked: library.answer(QUESTION, [QUESTION, asked]),
    "answer, history that does not count": lambda library, asked: library.answer(QUESTION, [asked], standalone=True),
    "answer_stream": lambda library, asked: [*library.answer_stream(asked)],
    "read": lambda library, asked: library.read(asked),
    "retrieve": lambda library, asked: library.retrieve(asked),
    "answer_each": lambda library, asked: [*library.answer_each(asked)],
    "query engine": lambda library, asked: library.as_query_engine().custom_query(asked),
    "page's ask": lambda library, asked: page_over(Rooms(library)).ask(asked),
    "page's search": lambda library, asked: page_over(Rooms(library)).search(asked),
}
SOURCES: dict[str, Door] = {
    "rag.answer": lambda library, named: rag.answer(QUESTION, docs=LIBRARY, config=library.config, sources=named),
    "answer": lambda library, named: library.answer(QUESTION, sources=named),
    "answer_stream": lambda library, named: [*library.answer_stream(QUESTION, sources=named)],
    "retrieve": lambda library, named: library.retrieve(QUESTION, sources=named),
    "answer_each": lambda library, named: [*library.answer_each(QUESTION, sources=named)],
    "page's ask": lambda library, named: page_over(Rooms(library)).ask(QUESTION, named),
}
FILES: dict[str, Door] = {
    "text": lambda library, named: library.text(named),
    "file": lambda library, named: library.file(named),
    "sources": lambda library, named: library.answer(QUESTION, sources=["loan.txt", named]),
}
NO_TEXT = [(None, "is None; it must be"), (5, "is 5; it must be"), (b"loan", "of type bytes"), (["a"], "of type list")]
NO_UNICODE = ("a\udcffb", r"not valid Unicode at character 2 \(U\+DCFF\)")
CONTROLS = [(f"a{control}b", rf"at character 2 \(U\+{ord(control):04X}\)") for control in "\0\x07\x1b\x7f\x9b"]


def refused(door: Door, library: Rag, value: object, said: str) -> None:
    with pytest.raises((UsageError, gr.Error), match=said) as error:
        door(library, value)
    str(error.value).encode()  # what is said can be written down


@pytest.mark.parametrize("door", QUESTIONS)
def test_what_is_no_question_is_refused(library: Rag, door: str) -> None:
    for value, said in [
        *NO_TEXT,
        NO_UNICODE,
        *CONTROLS,
        ("", "is empty"),
        (" \n\t\u3000", "is empty"),
        ("a" * 2_001, "the limit is"),
    ]:
        refused(QUESTIONS[door], library, value, said)
    refused(QUESTIONS[door], library, None, r"history\[[01]\] is None" if "history" in door else "the question is None")


@pytest.mark.parametrize("door", QUESTIONS)
def test_white_space_of_any_kind_is_taken(library: Rag, door: str) -> None:
    QUESTIONS[door](library, "\x0b What is the\x0c\r\n\tharbour\u00a0loan\x85worth?\x1f")


@pytest.mark.parametrize("door", SOURCES)
def test_what_is_no_list_of_files_is_refused(library: Rag, door: str) -> None:
    for one in (5, b"loan.txt", "loan.txt", True):
        refused(SOURCES[door], library, one, "sources is .*; it must be a list")
    for value, said in [*NO_TEXT, NO_UNICODE, ("a\0b", "NUL at character 2"), ("", "is empty")]:
        refused(SOURCES[door], library, ["loan.txt", value], rf"sources\[1\] .*{said}")


@pytest.mark.parametrize("door", FILES)
def test_what_is_no_file_is_refused(library: Rag, door: str) -> None:
    for value, said in [*NO_TEXT, NO_UNICODE, ("a\0b", "NUL at character 2"), ("a\x1bb", "is not an indexed file")]:
        refused(FILES[door], library, value, said)


def test_history_is_a_list_of_questions_and_answers(library: Rag) -> None:
    for value in (None, 5, QUESTION):
        with pytest.raises(UsageError, match=r"history is .*; it must be a list"):
            library.answer(QUESTION, value)  # type: ignore[arg-type]
    assert library.answer(QUESTION, (Answer("a", False, "") for _ in range(3))).answered  # type: ignore[arg-type]


def test_search_takes_numbers_that_can_be(library: Rag) -> None:
    for top_k in ("3", 0, -1, 2.5, True, 10**30, float("nan")):
        with pytest.raises(UsageError, match="top_k is"):
            library.retrieve(QUESTION, top_k)  # type: ignore[arg-type]
    for weight in ("1", -0.1, 1.1, float("nan"), 10**30):
        with pytest.raises(UsageError, match="dense_weight is"):
            library.retrieve(QUESTION, dense_weight=weight)  # type: ignore[arg-type]
    assert len(library.retrieve(QUESTION, 1_000_000_000)) == library.indexer.catalog.count_chunks()


@pytest.mark.parametrize("name", [field.name for field in fields(Config)])
def test_each_setting_has_a_type(name: str) -> None:
    for value in (object(), b"x", [1], "\udcff", "\0", True, float("nan"), float("inf"), -1, 10**30, ""):
        if name == "llm" and value == "":
            continue  # as if there were none
        with pytest.raises(UsageError, match=name if value or name != "chroma_url" else "server's address"):
            Config(**{name: value})  # type: ignore[arg-type]


def test_what_is_no_configuration_is_refused() -> None:
    for make in (lambda: Rag("docs"), lambda: rag.answer("x", config={}), lambda: Rag(llm="ollama:x")):  # type: ignore[arg-type]
        with pytest.raises(UsageError, match="must be a"):
            make()


@pytest.mark.parametrize("threads", ["²", "9" * 5_000, "-1", "1.5"])
def test_a_variable_of_the_environment_is_checked(threads: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_THREADS", threads)
    with pytest.raises(UsageError, match="RAG_THREADS"):
        Config.from_environment()


def test_the_shell_s_arguments_are_checked(
    docs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RAG_INDEX_DIR", str(tmp_path / "index"))
    for arguments, said in (
        (["ask", "a\udcffb"], "argument 2 is not valid Unicode at character 2"),
        (["ask", "x", "--docs", "/a\udcff"], "argument 4"),
        (["sync", "/a\udcff"], "argument 2"),
        (["eval", "--docs", "/a\udcff"], "argument 2"),
        (["ask", "a\x1bb", "--docs", str(docs)], "the question has a control character at character 2"),
        (["ask", "a", "--after", "b\0", "--docs", str(docs)], "history[0] has a control character at character 2"),
        (["verify", "a\0b"], "NUL"),
        (["serve", "--port", "70000"], "70000 is no port; name one from 1 to 65535"),
    ):
        assert main(arguments) == 2
        assert said in capsys.readouterr().err


def test_bytes_that_are_no_text_are_wrong_use_of_the_real_command(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-m", "rag", "ask", b"a\xff"], cwd=ROOT, capture_output=True)
    assert done.returncode == 2 and b"Traceback" not in done.stderr and b"argument 2 is not valid Unicode" in done.stderr


@pytest.mark.parametrize(
    ("piped", "said"),
    [(b"", "holds no question"), (b" \n", "holds no question"), (b"a\xff", "no UTF-8 at byte 2"), (b"a\0", "control character")],
)
def test_a_question_from_standard_input_is_checked(
    piped: bytes, said: str, docs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RAG_INDEX_DIR", str(tmp_path / "index"))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(piped)))
    assert main(["ask", "--docs", str(docs)]) == 2
    assert said in capsys.readouterr().err


CITATION = {"number": 1, "source": "tower.md", "start": 0, "end": 1, "quote": "#", "sha256": "0"}
ITEM = {"number": 1, "start": 0, "end": 1, "text": "#"}


@pytest.mark.parametrize("value", [None, 1.5, [1], {}, "1", float("inf"), True, 10**30])
@pytest.mark.parametrize(
    "name", ["citations[0].number", "citations[0].start", "citations[0].end", "items[0].number", "items[0].end"]
)
def test_a_receipt_s_places_are_numbers(name: str, value: object, docs: Path, tmp_path: Path) -> None:
    check_receipt(name, value, docs, tmp_path)


@pytest.mark.parametrize("value", [None, 5, [1], "\ud800"])
@pytest.mark.parametrize("name", ["citations[0].source", "citations[0].quote", "citations[0].sha256", "items[0].text"])
def test_a_receipt_s_names_and_quotes_are_text(name: str, value: object, docs: Path, tmp_path: Path) -> None:
    check_receipt(name, value, docs, tmp_path)


def check_receipt(name: str, value: object, docs: Path, tmp_path: Path) -> None:
    kept = {"short": "", "citations": [dict(CITATION)], "items": [dict(ITEM)]}
    (tmp_path / "good.json").write_text(json.dumps(kept))
    assert verify(load_receipts(tmp_path / "good.json")[0], docs)
    place, _, key = name.partition("[0].")
    kept[place][0][key] = value  # type: ignore[index]
    (tmp_path / "bad.json").write_text(json.dumps(kept))
    with pytest.raises(UsageError) as error:
        verify(load_receipts(tmp_path / "bad.json")[0], docs)
    assert name in str(error.value)


@pytest.mark.parametrize(
    "kept", ["[" * 100_000, '{"short": 1, "citations": [], "items": []}', '{"short": "", "citations": [], "items": 5}']
)
def test_what_is_no_receipt_is_refused(kept: str, tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text(kept)
    with pytest.raises(UsageError, match="holds no answer"):
        load_receipts(tmp_path / "bad.json")


@pytest.mark.parametrize(("value", "said"), [NO_UNICODE, *CONTROLS, (" ", "is empty")])
def test_questions_of_an_evaluation_are_checked(value: str, said: str, tmp_path: Path) -> None:
    for row, place in (
        ({"question": value}, "file:1: question"),
        ({"question": "a", "history": ["b", value]}, r"file:1: history\[1\]"),
    ):
        with pytest.raises(UsageError, match=f"{place} .*{said}"):
            check_row("file:1", {**ROW, **row}, tmp_path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("deep.jsonl", b"[" * 100_000),
        ("deep.json", b"[" * 100_000),
        ("control.csv", b"question,answers,source,quote\na\x1bb,,,\n"),
        ("squad.json", b'{"data": [{"paragraphs": [{"context": null, "qas": []}]}]}'),
        ("beir/corpus.jsonl", b'{"_id": "1", "text": 5}'),
        ("beir/corpus.jsonl", b'{"_id": "' + b"a" * 300 + b'", "text": "a"}'),
        ("beir/corpus.jsonl", b"\xff"),
    ],
)
def test_question_files_that_are_none_are_refused(name: str, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / name
    if path.parent != tmp_path:
        (path.parent / "qrels").mkdir(parents=True)
        (path.parent / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\n1\t1\t1\n")
        (path.parent / "queries.jsonl").write_text('{"_id": "1", "text": "a"}\n')
    path.write_bytes(content)
    with pytest.raises(UsageError, match=str(tmp_path)):
        load_questions(path.parent if path.parent != tmp_path else path, tmp_path, tmp_path / "cache")
