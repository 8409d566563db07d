"""The signs that a confidence is worked out from."""

from rag.answers import Passage
from rag.corpus.words import LexicalIndex
from rag.questions import Question
from rag.reading.confidence import calibrations
from rag.reading.evidence import Evidence
from rag.reading.signs import best_rivals, sentence_signs, span_signs

TEXT = "South Korea's exports decreased 7.4 percent in 2023. Japan kept its share."
LEXICAL = LexicalIndex.build([TEXT, "The Elmet tower is 48 metres high."])


def evidence(question: str) -> Evidence:
    return Evidence(Question.parse(question), Passage("id", "a.txt", 0, len(TEXT), TEXT, 0.9, dense=0.6), TEXT)


def test_span_signs_are_those_that_have_coefficients() -> None:
    signs = span_signs(evidence("How much did exports fall in 2023?"), "7.4 percent", 3.0, LEXICAL) | {"lead": 0.0}
    assert set(signs) == set(calibrations()["en"].coefficients)
    assert signs["margin"] == 3.0 and signs["retrieval"] == 0.9 and signs["cosine"] == 0.6
    assert set(sentence_signs(evidence("出口下降了多少？"), 0.0, LEXICAL)) == set(calibrations()["zh"].coefficients)


def test_a_span_that_repeats_the_question_echoes_it() -> None:
    asked = evidence("How much did the exports of South Korea fall?")
    echo = [
        span_signs(asked, span, 3.0, LEXICAL)["echo"] for span in ("exports of South Korea", "South Korea's 7.4 percent", "7.4")
    ]
    assert echo[0] == 1.0 > echo[1] > echo[2] == 0.0


def test_the_best_rival_of_each() -> None:
    assert best_rivals([3.0, 5.0, 1.0]) == [5.0, 3.0, 5.0]
    assert best_rivals([3.0]) == [float("-inf")]


def test_a_name_that_other_files_hold_is_told_from_one_that_none_holds() -> None:
    for question, elsewhere, nowhere in (
        ("By how much did Elmet's exports fall?", 1.0, 0.0),
        ("By how much did Zanzibar's exports fall?", 0.0, 1.0),
        ("By how much did Elmet's and Zanzibar's exports fall?", 1.0, 1.0),
        ("By how much did exports fall?", 0.0, 0.0),
    ):
        signs = span_signs(evidence(question), "7.4 percent", 3.0, LEXICAL)
        assert (signs["names_elsewhere"], signs["names_nowhere"]) == (elsewhere, nowhere)


def test_a_margin_counts_up_to_a_bound() -> None:
    asked = evidence("How much did exports fall?")
    assert [span_signs(asked, "7.4", margin, LEXICAL)["margin"] for margin in (-50.0, 3.0, 50.0)] == [-12.0, 3.0, 12.0]


def test_a_sentence_leads_by_what_it_covers_more_than_its_rival() -> None:
    signs = sentence_signs(evidence("How much did exports fall in Elmet?"), 0.25, LEXICAL)
    assert 0 < signs["sentence_coverage"] < 1 and signs["lead"] == signs["sentence_coverage"] - 0.25
