"""Only questions that the documents answer are offered."""

from rag.pipeline import Rag
from rag.suggestions import examples, follow_ups
from rag.text.scripts import is_cjk


def test_examples_ask_for_the_titles_of_dated_documents(library: Rag) -> None:
    offered = examples(library, 5)
    assert 0 < len(offered) <= 5 and not all(map(is_cjk, offered))
    for question in offered:
        assert question.startswith("《" if is_cjk(question) else "When was “") and library.answer(question).answered
    assert examples(library, 1) == offered[:1]


def test_follow_ups_are_answered_from_the_same_conversation(library: Rag) -> None:
    first = library.answer("What is the harbour loan worth?")
    assert "When was that?" in follow_ups(library, [first])
    assert library.answer("When was that?", [first]).short == "April 14"


def test_nothing_follows_a_refusal_and_no_question_follows_itself(library: Rag) -> None:
    assert follow_ups(library, [library.answer("What is the capital of Mongolia?")]) == []
    for question in examples(library, 5):
        assert question not in follow_ups(library, [library.answer(question)])


def test_what_follows_a_chinese_answer_is_chinese(library: Rag) -> None:
    offered = follow_ups(library, [library.answer("灯笼节有多少游客？")])
    assert "那是什么时候？" in offered and all(map(is_cjk, offered))
