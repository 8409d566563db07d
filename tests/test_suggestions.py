"""Only questions that the documents answer are offered."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from rag.answers import Answer, Citation
from rag.config import Config
from rag.corpus.catalog import FileRow
from rag.formats.readers import parse
from rag.pipeline import Rag
from rag.reading.suggestions import MAX_FILES, SAMPLE, Opener, after, openers, to_read
from rag.text.scripts import is_cjk

TABLE = "# Rates\n\n| room | price |\n|---|---|\n| Elm | 40 euros |\n| Oak | 55 euros |\n| Yew | 70 euros |\n"
FAQ = "# Guests\n\n## When does the house close?\n\nThe house closes at ten in the evening.\n\n## Who are we?\n"
SLIP = "Deposit: 120 euros\nhttps://example.org: 7\nNotes on the_field: 3\n\nThe annexe is a house of nine rooms. The annexe has a cat; the annexe is old.\n"


def made(text: str, suffix: str = ".md") -> list[tuple[str, str]]:
    document = parse(Path(f"a{suffix}"), text.encode())
    return [(each.question, document.text[each.start : each.end]) for each in openers({"a": document})]


def test_questions_are_made_of_headings_tables_labels_and_of_what_things_are() -> None:
    assert made(FAQ) == [("When does the house close?", "The house closes at ten in the evening.")]
    assert made(TABLE) == [("What is the price of Oak?", "55 euros")]
    assert made(SLIP, ".txt") == [
        ("What is the annexe?", "The annexe is a house of nine rooms."),
        ("What is the deposit?", "120 euros"),
    ]
    assert made("押金：三百元\n甲方负责人联系电话号码：100\n", ".txt") == [("押金是什么？", "三百元")]


def test_only_what_is_answered_surely_and_from_there_is_offered() -> None:
    opener = Opener("What is the price of Oak?", "a.md", 40, 48)
    there = Citation(1, "a.md", 30, 50, "Oak | 55 euros", "", "", 1.0)
    sure = Answer("q", True, "x", "55 euros", 0.9, citations=(there,), band="strong")
    assert opener.is_met(sure)
    for other in (
        replace(sure, band="fair"),
        replace(sure, citations=(replace(there, source="b.md"),)),
        replace(sure, kind="folder"),
    ):
        assert not opener.is_met(other)
    assert not opener.is_met(replace(sure, citations=(replace(there, start=48, end=60),)))


def test_examples_come_from_what_the_folder_holds(tmp_path: Path) -> None:
    docs = tmp_path / "inn"
    docs.mkdir()
    for name, text in (("rates.md", TABLE), ("guests.md", FAQ), ("annexe.txt", SLIP)):
        (docs / name).write_text(text)
    with Rag(Config(docs=docs, index_dir=tmp_path / "index")) as rag:
        rag.sync()
        offered = rag.examples(5)
        assert offered[-1] == "What is in this folder?" and "What is the price of Oak?" in offered
        answers = [rag.answer(question) for question in offered]
        assert all(answer.answered for answer in answers)
        assert {answer.band for answer in answers if answer.kind == "text"} == {"strong"}
        assert rag.examples(2) == [offered[0], offered[-1]]


def test_files_are_read_of_every_type_the_same_whatever_their_order() -> None:
    rows = {f"{n}.txt": FileRow(f"{n}.txt", "indexed") for n in range(40)} | {
        "a.md": FileRow("a.md", "indexed"),
        "b.md": FileRow("b.md", "failed"),
    }
    read = to_read(rows)
    assert len(read) == MAX_FILES and "a.md" in read[:2] and "b.md" not in read
    assert read == to_read(dict(reversed(rows.items())))


def test_when_it_was_is_not_asked_after_a_date(library: Rag) -> None:
    first = library.answer("What is the harbour loan worth?")
    assert after(first, None) == ["When was that?"] and after(replace(first, short="14 April 2021"), None) == []


def test_follow_ups_are_answered_from_the_same_conversation(library: Rag) -> None:
    first = library.answer("What is the harbour loan worth?")
    assert "When was that?" in library.follow_ups([first])
    assert library.answer("When was that?", [first]).short == "April 14"


def test_nothing_follows_a_refusal_and_no_question_follows_itself(library: Rag) -> None:
    assert library.follow_ups([library.answer("What is the capital of Mongolia?")]) == []
    for question in library.examples(5):
        assert question not in library.follow_ups([library.answer(question)])


def test_what_follows_a_chinese_answer_is_chinese(library: Rag) -> None:
    offered = library.follow_ups([library.answer("第12届灯笼节在哪里举行？")])
    assert "那是什么时候？" in offered and all(map(is_cjk, offered))


@pytest.mark.parametrize(
    ("told", "offered"),
    [("as shipped", ("Who keeps the bridge?",)), ("changed", ()), ("none", ()), ("broken", ()), ("empty", ())],
)
def test_a_sample_brings_its_questions_while_its_files_are_as_shipped(
    tmp_path: Path, told: str, offered: tuple[str, ...]
) -> None:
    docs = tmp_path / "anywhere"
    docs.mkdir()
    (docs / "bridge.txt").write_text("The bridge is kept by Ada Holm. It was opened in 1911.\n")
    digest = hashlib.sha256((docs / "bridge.txt").read_bytes()).hexdigest()
    files = {"as shipped": {"bridge.txt": digest}, "changed": {"bridge.txt": "0" * 64}, "empty": {}}.get(told)
    if told != "none":
        sample = json.dumps({"files": files, "questions": ["Who keeps the bridge?"]}) if files is not None else "{"
        (docs / SAMPLE).write_text(sample)
    with Rag(Config(docs=docs, index_dir=tmp_path / "index")) as rag:
        rag.sync()
        assert rag.sample_questions == offered
