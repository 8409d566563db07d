"""The signs a confidence is made of, and what each adds."""

from dataclasses import replace

import pytest

from rag.answers import Answer, Passage, Trace
from rag.corpus.words import LexicalIndex
from rag.reading.confidence import (
    BANDS,
    Calibration,
    band,
    best_rivals,
    calibrations,
    contradicts,
    in_words,
    not_about,
    other_nation,
    other_years,
    sentence_signs,
    span_signs,
)

TEXT = "South Korea's exports decreased 7.4 percent in 2023. Japan kept its share."
LEXICAL = LexicalIndex.build([TEXT, "The Elmet tower is 48 metres high."])


def passage(text: str = TEXT, date: str = "") -> Passage:
    return Passage("id", "a.txt", 0, len(text), text, 0.9, date=date, dense=0.6)


def test_confidence_shows_what_each_sign_adds() -> None:
    model = Calibration(-1.0, {"margin": 0.5, "unmet": -2.0}, 0.3, {})
    assert model.contributions({"margin": 4.0, "unmet": 1.0}) == {"margin": 2.0, "unmet": -2.0}
    assert model.probability({"margin": 2.0, "unmet": 0.0}) == pytest.approx(0.5)


def test_the_shipped_signs_pull_the_way_they_should() -> None:
    for model in calibrations().values():
        assert model.coefficients["other_nation"] < 0 and model.coefficients["contradiction"] < 0
        assert model.coefficients["wrong_kind"] < 0 < model.coefficients["retrieval"]
        assert 0 < model.threshold < 0.5
    english = calibrations()["en"].coefficients
    assert english["names_elsewhere"] < 0 and english["names_nowhere"] < 0
    assert english["margin"] > 0 and english["lead"] > 0 and english["cosine"] > 0


def test_span_signs_are_those_that_have_coefficients() -> None:
    signs = span_signs("How much did exports fall in 2023?", passage(), "7.4 percent", TEXT, 3.0, LEXICAL) | {"lead": 0.0}
    assert set(signs) == set(calibrations()["en"].coefficients)
    assert signs["margin"] == 3.0 and signs["retrieval"] == 0.9 and signs["cosine"] == 0.6
    assert set(sentence_signs("出口下降了多少？", passage(), TEXT, 0.0, LEXICAL)) == set(calibrations()["zh"].coefficients)


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
    assert contradicts(question, passage(text), text) is so


def test_what_a_sentence_is_not_about_is_named() -> None:
    assert not_about("By how much did Japan's exports fall?", passage("South Korea's fell."), "South Korea's fell.") == ("Japan",)
    assert not_about("日本的出口下降了多少？", passage("韩国的下降了。"), "韩国的下降了。") == ("日本",)
    assert not_about("What fell in 2022?", passage(), TEXT) == ("2022",)
    forum = "The 16th Forum was held in Tokyo."
    assert not_about("Where was the 17th Forum held?", passage(forum), forum) == ("forum 17",)
    assert not_about("What fell in 2023?", passage(), TEXT) == ()


def test_the_date_of_the_document_may_be_the_year_asked_for() -> None:
    assert not contradicts("By how much did exports fall in 2022?", passage(date="2022-05-01"), TEXT)


def test_rivals_and_others() -> None:
    assert best_rivals([3.0, 5.0, 1.0]) == [5.0, 3.0, 5.0]
    assert best_rivals([3.0]) == [float("-inf")]
    assert other_years("How large was it in 1990?", "It was large in 1991.")
    assert not other_years("How large was it in 1990?", "It was large in 1990 and 1991.")


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
    assert other_nation(question, passage(sentence), sentence) is so
    assert not other_nation(question, replace(passage(sentence), title="Japan and the US (日本)"), sentence)
    assert other_nation(question, replace(passage(sentence), title="China, Japan, South Korea and the US"), sentence) is so


def test_a_confidence_has_a_word_and_says_what_it_is_worth() -> None:
    assert [band(c) for c in (1.0, 0.8, 0.79, 0.5, 0.1, 0.0)] == ["strong", "strong", "fair", "fair", "weak", "weak"]
    for model in calibrations().values():
        assert list(model.right) == list(BANDS) and model.right["strong"] > model.right["fair"] > model.right["weak"]
    said = in_words(Answer("Who?", True, "", confidence=0.93))
    assert said.startswith(f"93% sure (strong: {calibrations()['en'].right['strong']:.0%} of")
    chinese = Answer("谁？", True, "", confidence=0.6)
    translated = replace(chinese, trace=Trace("谁？", english="who?"))
    for answer, name in ((chinese, "zh"), (translated, "zh-en")):
        said = in_words(answer)
        assert said.startswith("把握 60%（中：") and f"{calibrations()[name].right['fair']:.0%}" in said
