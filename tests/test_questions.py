"""A question, parsed once."""

import pytest

from rag.questions import Question, content_terms, names_and_figures
from rag.text.terms import normalise


def test_content_terms_leave_out_words_of_asking() -> None:
    assert content_terms("What is the swap amount?") == ("swap", "amount")
    assert "出口" in content_terms("韩国的出口下降了多少？")
    assert not set(content_terms("韩国的出口下降了多少？")) & {"多少", "的", "了"}


def test_names_and_figures() -> None:
    assert names_and_figures("When did Huawei open its office in South Korea in 2005?") == ["Huawei", "South", "Korea", "2005"]
    assert names_and_figures("What share of GDP is digital?") == ["GDP"]
    assert names_and_figures("韩国在2023年加入《协定》了吗？") == ["韩国", "协定", "2023"]
    assert names_and_figures("为什么加入CPTPP什么时候") == ["CPTPP"]
    assert names_and_figures("who 雅万 high speed rail build?") == ["雅万"]


@pytest.mark.parametrize(
    ("question", "so"),
    [
        ("does huawei have an office in tokyo", True),
        ("Is it in Beijing or in Tokyo?", False),
        ("What does Zhang Jifeng say about the trade war?", True),
        ("What did Abe say?", False),
        ("华为在东京有办公室吗？", True),
        ("What is the sum?", False),
    ],
)
def test_what_a_sentence_answers(question: str, so: bool) -> None:
    assert Question.parse(question).asks_statement is so


def test_kinds_of_question() -> None:
    assert Question.parse("What three changes did he name?").asks_list and Question.parse("三国可以在哪些领域合作？").asks_list
    assert Question.parse("Why did it fall?").asks_reason and not Question.parse("How many came?").asks_reason
    assert Question.parse("At which air base did he arrive?").kind_terms == {"air", "base"}


def test_capitals_are_given_to_names_typed_without_them() -> None:
    texts = ["The swap of China and Japan. In China it rained in may, china said.", "We saw China, and Japan in spring."]
    assert Question.parse("how large is the swap of japan").cased(texts).text == "how large is the swap of Japan"
    assert Question.parse("How large is the swap of japan").cased(texts).text == "How large is the swap of japan"
    assert Question.parse("what is it in spring").cased(texts).text == "what is it in spring"


def test_counts_of_things_asked_for() -> None:
    assert [
        Question.parse(q).items for q in ("What three changes came?", "Name the 12 months", "What changed?", "哪三个国家？")
    ] == [
        3,
        12,
        None,
        3,
    ]


def test_normalise_as_squad_does() -> None:
    assert normalise("The  “16th” Forum, a success!") == "16th forum success"
    assert normalise("Beijing-Tokyo") == "beijing tokyo"
