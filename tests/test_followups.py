"""Questions that lean on the one before them."""

from rag.questions import Question
from rag.reading.followups import complete, leans_on_history


def test_follow_ups_lean_on_the_question_before() -> None:
    assert leans_on_history(Question.parse("and in yen?"))
    assert leans_on_history(Question.parse("When did he say that?"))
    assert not leans_on_history(Question.parse("How many employees did Huawei have in Japan?"))
    assert complete(Question.parse("and in yen?"), "What is the swap amount?") == ["What is the swap amount, and in yen?"]
    assert "When did Xu Zhiyu speak?" in complete(Question.parse("When did he speak?"), "Who is the president?", "Xu Zhiyu")


def test_a_question_of_one_word_leans_on_the_one_before() -> None:
    assert leans_on_history(Question.parse("Which tower?")) and not leans_on_history(Question.parse("Which tower burned?"))


def test_a_chinese_follow_up_is_joined_as_chinese_is() -> None:
    assert complete(Question.parse("那日元呢？"), "互换规模是多少？") == ["互换规模是多少，那日元呢？"]


def test_the_last_answer_stands_for_the_first_pronoun_alone_and_only_a_short_one() -> None:
    asked = Question.parse("When did he say that he left?")
    assert complete(asked, "Who left?", "Xu Zhiyu")[1:] == ["When did Xu Zhiyu say that he left?"]
    assert len(complete(asked, "Who left?", "x" * 81)) == len(complete(asked, "Who left?")) == 1
