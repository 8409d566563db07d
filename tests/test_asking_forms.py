"""What a question asks: several things, yes or no, the present."""

from datetime import date

import pytest

from rag.answers import Citation, Passage
from rag.models.reader import Reading
from rag.pipeline import Rag
from rag.questions import Question
from rag.reading.answering import old_source
from rag.reading.evidence import Evidence
from rag.reading.parts import parts
from rag.reading.verdict import as_read, by_value, by_words, opened


@pytest.mark.parametrize(
    ("asked", "made"),
    [
        ("Who made the dial and when was it finished?", ["Who made the dial?", "When was it finished?"]),
        ("How long is the bridge? What did it cost?", ["How long is the bridge?", "What did it cost?"]),
        ("When and where was he born?", ["When was he born?", "Where was he born?"]),
        ("Tell me the length, cost and colour of the bridge.", ["What is the length of the bridge?", "What is the cost of the bridge?",
                                                               "What is the colour of the bridge?"]),
        ("What was the revenue, how many chairs were sold, and who sold them?", ["What was the revenue?", "How many chairs were sold?",
                                                                               "Who sold them?"]),
        ("裁判长是谁，他的月工资是多少?", ["裁判长是谁？", "他的月工资是多少？"]),
        ("大床房的面积、楼层和价格各是多少?", ["大床房的面积是多少？", "大床房的楼层是多少？", "大床房的价格是多少？"]),
    ],
)  # fmt: skip
def test_a_question_of_several_parts_is_taken_apart(asked: str, made: list[str]) -> None:
    assert parts(asked) == made


@pytest.mark.parametrize(
    "text",
    ["Which player got a penalty, which gave the others a new start?", "Who lives in the north and the south?", "What is bread and butter?",
     "评估任何问题时，最关键的资源是什么？", "基础债权是否真实，会影响合同效力吗？", "泰国的国家和皇室标示是什么？"],
)  # fmt: skip
def test_one_question_stays_one(text: str) -> None:
    assert parts(text) == [text]


def test_what_asks_nothing_around_a_question_is_left_out() -> None:
    assert parts("Hi there! Who installed the boiler? Thanks!") == ["Who installed the boiler?"]


def test_each_part_has_its_evidence_or_its_refusal(library: Rag) -> None:
    answer = library.answer("Who carved the festival's first drum and what is his shoe size?")
    first, second = answer.parts
    assert first.short == "Oskar Lund" and first.answered and not second.answered
    assert answer.answered and answer.citations == first.citations and [item.text for item in answer.items] == ["Oskar Lund"]
    assert "Not in the documents" in answer.text.splitlines()[1]


@pytest.mark.parametrize(
    ("asked", "made"),
    [("Is the chimney 32 metres high?", "Is the chimney how many metres high?"), ("Is the deposit £180?", "Is the deposit how much?"),
     ("Did it open in 1998?", "Did it open when?"), ("两台总共是64800元吗？", "两台总共是多少元？"), ("Is there a lift?", ""),
     ("How high is the chimney of 1871?", ""), ("Is it 3 m wide and 4 m high?", "")],
)  # fmt: skip
def test_the_figure_of_a_yes_or_no_question_is_asked_for(asked: str, made: str) -> None:
    assert opened(Question.parse(asked)) == made


@pytest.mark.parametrize(
    ("asked", "sentence", "value", "said"),
    [
        ("Is the chimney 32 metres high?", "It was built in 1871 and is 23 metres high.", "23 metres", "no"),
        ("Is the chimney 23 metres high?", "It was built in 1871 and is 23 metres high.", "23 metres", "yes"),
        ("Is the chimney more than 20 metres high?", "It is 23 metres high.", "23 metres", "yes"),
        ("Is the chimney more than 23 metres high?", "It is 23 metres high.", "23 metres", "no"),
        ("Can I bring three guests?", "Members may bring at most two guests.", "at most two guests", "no"),
        ("Were 300 guests there?", "There were at least 76 guests.", "at least 76 guests", ""),
        ("Can I borrow five books?", "At most a reader may borrow six books.", "six books", ""),
        ("Is the fee £5?", "The fee is not £6.", "£6", ""),
        ("Is the fee £5?", "The fee is £6 unless you are a member.", "£6", ""),
        ("Is the fee £5?", "The fee is 6 kilos.", "6 kilos", ""),
        ("Was the company founded before 1990?", "It was founded in 1987.", "1987", ""),
        ("Is the chimney longer than 20 metres?", "It is 23 metres high.", "23 metres", ""),
        ("Did the fee fall by 7 %?", "The fee grew by 7 %.", "7 %", ""),
        ("Was the company founded by Helen Brook in 1987?", "Arthur Brook founded it in 1987.", "1987", ""),
        ("Is the fee £5?", "The fee is £5 for one and £8 for two.", "£5", ""),
    ],
)  # fmt: skip
def test_a_figure_says_yes_or_no(asked: str, sentence: str, value: str, said: str) -> None:
    start = sentence.index(value)
    passage = Passage("c", "a.md", 0, len(sentence), sentence, 1.0, title="The chimney, the fee, guests, books and the company")
    question = Question.parse(asked)
    assert by_value(question, Evidence(question, passage, (0, len(sentence))), start, start + len(value)) == said


@pytest.mark.parametrize(
    ("asked", "sentence", "said"),
    [
        ("Are dogs allowed in the hall?", "Dogs are not allowed in the hall.", "no"),
        ("Are dogs allowed in the hall?", "Dogs are allowed in the hall.", "yes"),
        ("Are dogs not allowed in the hall?", "Dogs are not allowed in the hall.", "yes"),
        ("Are dogs allowed in the hall?", "Cats are not allowed in the hall.", ""),
        ("Are dogs allowed in the hall?", "Dogs are only allowed in the hall on a lead.", ""),
        ("Are cats allowed in the hall?", "Cats are allowed in the hall, but dogs are not.", "yes"),
        ("大厅允许带狗吗？", "大厅不允许带狗。", "no"),
        ("Who is allowed in the hall?", "Dogs are allowed in the hall.", ""),
    ],
)  # fmt: skip
def test_a_sentence_says_yes_or_no_where_it_speaks_of_all(asked: str, sentence: str, said: str) -> None:
    passage = Passage("c", "a.md", 0, len(sentence), sentence, 1.0)
    assert by_words(Question.parse(asked), Evidence(Question.parse(asked), passage, (0, len(sentence)))) == said


@pytest.mark.parametrize(
    ("passage", "sentence", "said"),
    [
        ((0.0, 0.99, 0.01), (0.0, 0.98, 0.02), "yes"),
        ((0.0, 0.01, 0.99), (0.01, 0.01, 0.98), "no"),
        ((0.0, 0.01, 0.99), (0.5, 0.1, 0.4), ""),
        ((0.1, 0.1, 0.8), (0.0, 0.01, 0.99), ""),
        ((0.0, 0.01, 0.99), (0.0, 0.99, 0.01), ""),
    ],
)  # fmt: skip
def test_the_reader_says_yes_or_no_where_passage_and_sentence_both_do(
    passage: tuple[float, float, float], sentence: tuple[float, float, float], said: str
) -> None:
    shown = Passage("c", "a.md", 0, 5, "Dogs.", 1.0)
    assert as_read([Reading(shown, (), passage), Reading(shown, (), sentence)]) == said


def test_an_old_document_is_warned_of_where_the_present_is_asked_for() -> None:
    def cited(day: str) -> Citation:
        return Citation(1, "a.md", 0, 1, "x", "", "", 1.0, date=day)

    now, then = Question.parse("What is the allowance now?"), Question.parse("What is the allowance?")
    today = date(2026, 6, 1)
    assert old_source(now, [cited("2021-05-04"), cited("2024")], today) is not None
    assert old_source(now, [cited("2025-12")], today) is None
    assert old_source(then, [cited("2021-05-04")], today) is None and old_source(now, [cited("")], today) is None
