"""Only questions that the documents answer are offered."""

import hashlib
import json
from pathlib import Path

import pytest

from rag.config import Config
from rag.pipeline import Rag
from rag.reading.suggestions import SAMPLE
from rag.text.scripts import is_cjk


def test_examples_ask_for_the_titles_of_dated_documents(library: Rag) -> None:
    offered = library.examples(5)
    assert 0 < len(offered) <= 5 and not all(map(is_cjk, offered))
    for question in offered:
        assert question.startswith("《" if is_cjk(question) else "When was “") and library.answer(question).answered
    assert library.examples(1) == offered[:1]


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
