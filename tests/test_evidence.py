"""What a sentence and its passage say about a question's names, figures, years and countries."""

from dataclasses import replace

import pytest

from rag.answers import Passage
from rag.questions import Question
from rag.reading.evidence import Evidence, abbreviated, is_met
from rag.text.terms import tokens

TEXT = "South Korea's exports decreased 7.4 percent in 2023. Japan kept its share."


def passage(text: str = TEXT, date: str = "") -> Passage:
    return Passage("id", "a.txt", 0, len(text), text, 0.9, date=date, dense=0.6)


def evidence(question: str, passage: Passage, sentence: str) -> Evidence:
    start = passage.text.index(sentence)
    return Evidence(Question.parse(question), passage, (start, start + len(sentence)))


@pytest.mark.parametrize(
    ("question", "text", "so"),
    [
        ("By how much did exports fall in 2022?", TEXT, True),
        ("By how much did exports fall in 2023?", TEXT, False),
        ("By how much did exports fall in the 2010s?", TEXT, False),
        ("By how much did exports fall?", TEXT, False),
        ("When did the war of 1914 end?", "The war ended in November.", False),
        ("Where was the 17th Beijing Forum held?", "The 16th Beijing Forum was held in Tokyo.", True),
        ("Where was the sixteenth Beijing Forum held?", "The 16th Beijing Forum was held in Tokyo.", False),
        ("Who won the second prize?", "She won the first prize; the second prize went to him.", False),
        ("Who spoke on the second day?", "The first speaker was Li.", False),
        ("第17届论坛在哪里举办？", "第16届论坛在北京举办。", True),
    ],
)
def test_another_year_or_edition_contradicts(question: str, text: str, so: bool) -> None:
    assert evidence(question, passage(text), text).contradicts is so


def test_what_a_sentence_is_not_about_is_named() -> None:
    assert evidence("By how much did Japan's exports fall?", passage("South Korea's fell."), "South Korea's fell.").not_about == (
        "Japan",
    )
    assert evidence("日本的出口下降了多少？", passage("韩国的下降了。"), "韩国的下降了。").not_about == ("日本",)
    assert evidence("What fell in 2022?", passage(), TEXT).not_about == ("2022",)
    forum = "The 16th Forum was held in Tokyo."
    assert evidence("Where was the 17th Forum held?", passage(forum), forum).not_about == ("forum 17",)
    assert evidence("What fell in 2023?", passage(), TEXT).not_about == ()


def test_the_date_of_the_document_may_be_the_year_asked_for() -> None:
    assert not evidence("By how much did exports fall in 2022?", passage(date="2022-05-01"), TEXT).contradicts


@pytest.mark.parametrize(
    ("question", "sentence", "so"),
    [
        ("By how much did Japan's exports fall?", TEXT.split(". ")[0], True),
        ("By how much did South Korea's exports fall?", TEXT.split(". ")[0], False),
        ("How large was South Korea's deficit with the US?", "South Korea had a deficit with China.", True),
        ("How large was South Korea's deficit?", "South Korea had a deficit with China.", False),
        ("How large is Japan?", "It is large.", False),
        ("日本的出口下降了多少？", "韩国的出口下降了7.4%。", True),
        ("韩国的出口下降了多少？", "韩国对中国的出口下降了7.4%。", False),
    ],
)
def test_another_countrys_fact_is_told(question: str, sentence: str, so: bool) -> None:
    assert evidence(question, passage(sentence), sentence).other_nation is so
    assert not evidence(question, replace(passage(sentence), title="Japan and the US (日本)"), sentence).other_nation
    assert (
        evidence(question, replace(passage(sentence), title="China, Japan, South Korea and the US"), sentence).other_nation is so
    )


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
        ("华为", "中华文化", False),
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


def test_names_are_met_by_their_initials() -> None:
    question = Question.parse("What did the United States say to the World Health Organization?")
    assert abbreviated(question, "U.S. envoys wrote to the WHO.") == {"United", "States", "World", "Health", "Organization"}
    assert abbreviated(question, "Thus whoever wrote it.") == frozenset()


def test_a_name_may_be_met_by_the_title_alone() -> None:
    found = evidence("What did Huawei build in Leeds?", replace(passage("It built a mill."), title="Huawei"), "It built a mill.")
    assert found.unmet == found.unmet_in_sentence == ("Leeds",)
