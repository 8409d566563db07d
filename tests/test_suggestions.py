"""Only questions that the documents answer are offered."""

from rag.pipeline import Rag
from rag.suggestions import examples, follow_ups
from rag.text.scripts import is_cjk


def test_examples_ask_for_the_titles_of_dated_documents(seeds: Rag) -> None:
    offered = examples(seeds, 5)
    assert 0 < len(offered) <= 5
    for question in offered:
        assert question.startswith("When was “") and seeds.answer(question).answered
    assert examples(seeds, 1) == offered[:1]


def test_follow_ups_are_answered_from_the_same_conversation(seeds: Rag) -> None:
    first = seeds.answer("What is the swap amount?")
    assert "When was that?" in follow_ups(seeds, [first])
    assert seeds.answer("When was that?", [first]).short == "October 26"


def test_nothing_follows_a_refusal_and_no_question_follows_itself(seeds: Rag) -> None:
    assert follow_ups(seeds, [seeds.answer("What is the capital of Mongolia?")]) == []
    for question in examples(seeds, 5):
        assert question not in follow_ups(seeds, [seeds.answer(question)])


def test_what_follows_a_chinese_answer_is_chinese(seeds: Rag) -> None:
    offered = follow_ups(seeds, [seeds.answer("韩国2023年的出口下降了多少？")])
    assert "那是什么时候？" in offered and all(map(is_cjk, offered))
