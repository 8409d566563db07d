import json
from pathlib import Path

import pytest

from eval.metrics import Row, calibration_error, figures, matches
from eval.questions import Evidence, Question, load_questions
from rag.answers import Answer
from rag.errors import UsageError
from tests.conftest import ROOT, SEEDS


def question(type: str = "number", answers: tuple[str, ...] = ("16th",), language: str = "en") -> Question:
    return Question("q", "Which edition?", answers, (Evidence("a.txt", "x"),), type, language, True)


def answer(short: str, text: str = "") -> Answer:
    return Answer("Which edition?", True, text or short, short)


def test_the_shipped_questions_hold_what_they_promise() -> None:
    questions = load_questions(ROOT / "eval" / "questions.jsonl", SEEDS)
    answerable = [q for q in questions if q.answerable]
    assert len(answerable) >= 60 and len(questions) - len(answerable) >= 15
    types = {q.type for q in questions}
    assert types >= {"number", "money", "date", "person", "organisation", "place", "list", "reason", "chinese", "two-documents"}
    assert {e.source for q in questions for e in q.evidence} == {path.name for path in SEEDS.iterdir()}


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("{", ":1: not a question"),
        ('{"id": "a"}', ":1: not a question"),
        ('{"id":"a","question":"x","answers":[],"evidence":[],"type":"t","language":"en","answerable":true}', "need answers"),
        (
            '{"id":"a","question":"x","answers":["y"],"evidence":[{"source":"tower.md","quote":"nowhere"}],'
            '"type":"t","language":"en","answerable":true}',
            "not in tower.md",
        ),
    ],
)
def test_a_wrong_line_is_named(docs: Path, tmp_path: Path, line: str, complaint: str) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_text(line + "\n")
    with pytest.raises(UsageError, match=complaint):
        load_questions(path, docs)


def test_an_id_used_twice_is_named(docs: Path, tmp_path: Path) -> None:
    line = json.dumps(
        {"id": "a", "question": "x", "answers": [], "evidence": [], "type": "t", "language": "en", "answerable": False}
    )
    path = tmp_path / "questions.jsonl"
    path.write_text(f"{line}\n\n{line}\n")
    with pytest.raises(UsageError, match=r":3: the id a is used twice"):
        load_questions(path, docs)


def test_short_answers_must_hold_an_accepted_one_as_whole_words() -> None:
    assert matches(question(), answer("the 16th Forum"))
    assert not matches(question(), answer("the 116th Forum"))
    assert not matches(question(), answer("17th", text="17th, not the 16th"))
    assert not matches(question(), Answer("q", False, "Not in the documents."))


def test_lists_need_every_item_and_may_stand_in_the_quote() -> None:
    wanted = question("list", ("trade", "health"))
    assert matches(wanted, answer("", text="Trade and health [1]"))
    assert not matches(wanted, answer("", text="Trade [1]"))
    assert matches(question("chinese", ("7.4%",), "zh"), answer("", text="下降了7.4% [1]"))


def test_figures_count_every_question() -> None:
    right = Row(question(), answer("16th"), True, True, True, 1.0)
    refused = Row(question(), Answer("q", False, ""), False, False, True, 1.0)
    found = figures([right, refused])
    assert found.accuracy["en"] == (0.5, 2)
    assert found.refused_answerable == (0.5, 2)
    assert found.refused_unanswerable == (0.0, 0)


def test_calibration_error() -> None:
    assert calibration_error([0.9] * 10, [True] * 9 + [False]) == pytest.approx(0.0)
    assert calibration_error([0.95, 0.95], [False, False]) == pytest.approx(0.95)
    assert calibration_error([], []) == 0.0
