import pytest

from rag.questions import (
    abbreviated,
    asks_list,
    asks_number,
    asks_reason,
    asks_statement,
    complete,
    content_terms,
    fits_kind,
    is_met,
    items_asked,
    kind_terms,
    leans_on_history,
    names_and_figures,
    only_lasts,
    truecase,
)
from rag.text.terms import normalise, tokens


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
    ("name", "evidence", "met"),
    [
        ("China", "the Chinese economy", True),
        ("Japan", "Japanese leaders", True),
        ("India", "Indonesia and Iran", False),
        ("Austria", "Australia", False),
        ("France", "the French navy", True),
        ("韩国", "中日韩合作", True),
        ("日本", "韩国的出口", False),
        ("RCEP", "the Regional Comprehensive Economic Partnership", True),
        ("17", "the 16th forum", False),
        ("16th", "the sixteenth forum", True),
        ("3", "three countries", True),
        ("November", "on Nov. 29", True),
        ("November", "on Dec. 1", False),
        ("2021", "in 2019", False),
    ],
)
def test_names_are_met_in_other_forms(name: str, evidence: str, met: bool) -> None:
    assert is_met(name, evidence, frozenset(tokens(evidence))) is met


@pytest.mark.parametrize(
    ("question", "fits", "fails"),
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
        ("Where does Korea rank among its partners?", "third largest", "US"),
        ("Which language do they speak?", "German", "at home"),
        ("Which newspaper said so?", "Nihon Keizai Shimbun", "1 hour and 20 minutes"),
        ("多少人来了？", "九百人", "很大"),
        ("How many yen can be exchanged?", "3.4 trillion yen", "$29 billion"),
        ("How many won can be exchanged?", "3.4 trillion", "3.4 trillion yen"),
        ("How many dollars had he won by 1990?", "$29 billion", "29 billion yuan"),
        ("协议是多少美元？", "290亿美元", "2000亿日元"),
    ],
)
def test_spans_of_the_wrong_kind_are_told(question: str, fits: str, fails: str) -> None:
    assert fits_kind(question, fits)
    assert not fits_kind(question, fails)


def test_how_long_is_no_answer_to_when() -> None:
    assert only_lasts("When did he visit Beijing?", "nearly seven years") and only_lasts("What year was it?", "two long months")
    assert not only_lasts("When did he visit Beijing?", "seven years ago") and not only_lasts("How long was it?", "seven years")


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
    assert asks_statement(question) is so


def test_kinds_of_question() -> None:
    assert asks_list("What three changes did he name?") and asks_list("三国可以在哪些领域合作？")
    assert asks_reason("Why did it fall?") and not asks_reason("How many came?")
    assert asks_number("How large is it?") and not asks_number("Who is it?")
    assert kind_terms("At which air base did he arrive?") == {"air", "base"}


def test_follow_ups_lean_on_the_question_before() -> None:
    assert leans_on_history("and in yen?")
    assert leans_on_history("When did he say that?")
    assert not leans_on_history("How many employees did Huawei have in Japan?")
    assert complete("and in yen?", "What is the swap amount?") == ["What is the swap amount, and in yen?"]
    assert "When did Xu Zhiyu speak?" in complete("When did he speak?", "Who is the president?", "Xu Zhiyu")


def test_normalise_as_squad_does() -> None:
    assert normalise("The  “16th” Forum, a success!") == "16th forum success"
    assert normalise("Beijing-Tokyo") == "beijing tokyo"


def test_names_are_met_by_their_initials() -> None:
    question = "What did the United States say to the World Health Organization?"
    assert abbreviated(question, "U.S. envoys wrote to the WHO.") == {"United", "States", "World", "Health", "Organization"}
    assert abbreviated(question, "Thus whoever wrote it.") == frozenset()


def test_capitals_are_given_to_names_typed_without_them() -> None:
    texts = ["The swap of China and Japan. In China it rained in may, china said.", "We saw China, and Japan in spring."]
    assert truecase("how large is the swap of japan", texts) == "how large is the swap of Japan"
    assert truecase("How large is the swap of japan", texts) == "How large is the swap of japan"
    assert truecase("what is it in spring", texts) == "what is it in spring"


def test_counts_of_things_asked_for() -> None:
    assert [items_asked(q) for q in ("What three changes came?", "Name the 12 months", "What changed?", "哪三个国家？")] == [
        3,
        12,
        None,
        3,
    ]
