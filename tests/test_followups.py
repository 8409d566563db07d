"""Questions that lean on the one before them."""

from rag.questions import Question
from rag.reading.followups import complete, leans_on_history


def test_follow_ups_lean_on_the_question_before() -> None:
    assert leans_on_history(Question.parse("and in yen?"))
    assert leans_on_history(Question.parse("When did he say that?"))
    assert not leans_on_history(Question.parse("How many employees did Huawei have in Japan?"))
    assert complete(Question.parse("and in yen?"), "What is the swap amount?") == ["What is the swap amount, and in yen?"]
    assert "When did Xu Zhiyu speak?" in complete(Question.parse("When did he speak?"), "Who is the president?", "Xu Zhiyu")
