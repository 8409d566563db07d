"""Questions that lean on the one before them."""

from collections.abc import Sequence

import pytest

from rag.answers import Passage
from rag.questions import Question
from rag.reading.followups import Lean, Turn, confidence, lean, ways


def alike(phrases: Sequence[str], phrase: str) -> list[float]:
    """Alike as far as they share their last letter, which is enough to tell the months from the boats below."""
    return [0.9 if each[-1:] == phrase[-1:] else 0.1 for each in phrases]


def letters(text: str) -> list[tuple[int, int]]:
    return [(at, at + 1) for at in range(len(text))]


def read(asked: str, last: str, short: str = "") -> list[str]:
    return [way.text for way in ways(Question.parse(asked), Turn(last, short), alike, letters)]


@pytest.mark.parametrize(
    "text",
    ["and in yen?", "When did he say that?", "Why?", "What about the Merlin?", "per week", "How many games did they win?", "那周末呢？",
     "多少钱？", "他什么时候入职的？", "能放多久呢?", "And how are they booked?"],
)  # fmt: skip
def test_a_question_leans_by_what_it_lacks(text: str) -> None:
    assert lean(Question.parse(text)) is Lean.MUST


@pytest.mark.parametrize(
    "text",
    ["How many employees did Huawei have in Japan?", "Which tower burned?", "Who said that the ferry was late?", "Is there a lift?",
     "What does the guide say about the lake that froze?", "王强的电话是多少？", "应该几点到岗？", "其他部门几点上班？"],
)  # fmt: skip
def test_a_whole_question_leans_on_nothing(text: str) -> None:
    assert lean(Question.parse(text)) is Lean.NONE


def test_a_pronoun_may_mean_what_its_own_question_names() -> None:
    assert lean(Question.parse("What did Ada Holt do when she left the mill?")) is Lean.MAY


def test_what_changes_takes_the_place_of_its_like() -> None:
    last = "What does the Heron cost per day in July?"
    assert read("And in May?", last)[0] == "What does the Heron cost per day in May?"
    assert read("What about the Merlin?", last)[0] == "What does the Merlin cost per day in July?"
    assert "仓储部的年假是几天？" in read("那仓储部呢？", "装配部的年假是几天？")


def test_a_question_word_asks_the_same_otherwise() -> None:
    assert read("Where?", "When did the mill open?")[0] == "Where did the mill open?"


def test_a_pronoun_is_the_last_answer_or_what_was_asked_about() -> None:
    assert read("When did she leave?", "Who ran the mill?", "Ada Holt")[0] == "When did Ada Holt leave?"
    assert read("When did she leave?", "Where was Ada Holt born?", "Skelby")[0] == "When did Ada Holt leave?"
    assert read("What is her trade?", "Who ran the mill?", "Ada Holt")[0] == "What is Ada Holt’s trade?"
    assert read("How many people live there?", "Where was Ada Holt born?", "Skelby")[0] == "How many people live in Skelby?"
    assert read("Who built it?", "When was the mill built?", "1871")[0] == "Who built the mill built?"


def test_an_answer_that_says_nothing_of_the_change_is_worth_less() -> None:
    passage = Passage("c", "a.md", 0, 40, "The meal allowance is 40 euros a day.", 1.0)
    assert confidence(Question.parse("And the moon?"), 0.8, passage) < 0.4
    assert confidence(Question.parse("And the allowance?"), 0.8, passage) == pytest.approx(0.8)
    assert confidence(Question.parse("And in 2019?"), 0.8, passage) < 0.4


def test_what_nothing_completes_is_asked_as_it_is() -> None:
    assert read("When did she leave?", "Why?") == ["When did she leave?"]


def test_a_part_of_a_name_is_rarely_what_changes() -> None:
    def prior(last: str, made: str) -> float:
        return next(way.prior for way in ways(Question.parse("and stove?"), Turn(last), alike, letters) if way.text == made)

    edge = prior("Who sold old stone?", "Who sold old stove?")
    assert prior("Who sold old stone mills?", "Who sold old stove mills?") == pytest.approx(edge - 0.15)
