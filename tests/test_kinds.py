"""What can answer what kind of question."""

import pytest

from rag.questions import Question
from rag.reading.kinds import fits


@pytest.mark.parametrize(
    ("question", "right", "wrong"),
    [
        ("How many people came?", "950 employees", "36.2 percent"),
        ("How many agreements did they sign?", "two", "the second"),
        ("How large is the deficit?", "$18 billion", "31 years"),
        ("How big is the economy?", "35.8 trillion yuan", "36.2 percent"),
        ("What interest rate applies?", "2 percent", "$29 billion"),
        ("In which city was it held?", "Chengdu, capital of China's Sichuan Province", "Thailand"),
        ("On what dates was it held?", "Nov. 30 and Dec. 1", "last month"),
        ("Where was he born?", "Tokyo", "Japanese Minister"),
        ("What is the phone number of the desk?", "010-85061466", "fifth"),
        ("What share of GDP is it?", "24 percent", "$24 trillion"),
        ("When was it built?", "last March", "a bridge"),
        ("When was the article published?", "2020-07-30", "this year"),
        ("Who said so?", "Jamie Wright", "Japanese"),
        ("How often is the forum held?", "once a year", "16th"),
        ("Which language do they speak?", "German", "at home"),
        ("Which newspaper said so?", "Nihon Keizai Shimbun", "1 hour and 20 minutes"),
        ("多少人来了？", "九百人", "很大"),
        ("How many yen can be exchanged?", "3.4 trillion yen", "$29 billion"),
        ("How many won can be exchanged?", "3.4 trillion", "3.4 trillion yen"),
        ("How many dollars had he won by 1990?", "$29 billion", "29 billion yuan"),
        ("协议是多少美元？", "290亿美元", "2000亿日元"),
    ],
)
def test_spans_of_the_wrong_kind_are_told(question: str, right: str, wrong: str) -> None:
    asked = Question.parse(question)
    assert fits(asked, right)
    assert not fits(asked, wrong)
