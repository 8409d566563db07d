"""The signs that a confidence is worked out from."""

from rag.answers import Passage
from rag.corpus.words import LexicalIndex
from rag.questions import Question
from rag.reading.answering import UNREAD
from rag.reading.confidence import calibration
from rag.reading.evidence import Evidence
from rag.reading.signs import MAX_RETRIEVAL, best_rivals, span_signs

TEXT = "South Korea's exports decreased 7.4 percent in 2023. Japan kept its share."
LEXICAL = LexicalIndex.build([TEXT, "The Elmet tower is 48 metres high."])


def evidence(question: str) -> Evidence:
    return Evidence(Question.parse(question), Passage("id", "a.txt", 0, len(TEXT), TEXT, 0.9, dense=0.6), (0, len(TEXT)))


def test_span_signs_are_those_that_have_coefficients() -> None:
    signs = span_signs(evidence("How much did exports fall in 2023?"), 3.0, LEXICAL) | {"lead": 0.0} | UNREAD
    assert set(signs) == set(calibration().coefficients)
    assert signs["margin"] == 3.0 and signs["retrieval"] == MAX_RETRIEVAL


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
        signs = span_signs(evidence(question), 3.0, LEXICAL)
        assert (signs["names_elsewhere"], signs["names_nowhere"]) == (elsewhere, nowhere)


def test_a_margin_counts_up_to_a_bound() -> None:
    asked = evidence("How much did exports fall?")
    assert [span_signs(asked, margin, LEXICAL)["margin"] for margin in (-50.0, 3.0, 50.0)] == [-12.0, 3.0, 12.0]


def test_words_are_held_against_a_passage_only_where_they_can_agree() -> None:
    assert span_signs(evidence("Elmet 的出口下降了多少？"), 3.0, LEXICAL)["names_elsewhere"] == 0.0
    assert span_signs(evidence("2021年的出口下降了多少？"), 3.0, LEXICAL)["names_nowhere"] == 1.0


def test_an_identifier_is_one_thing_and_is_met_beside_the_answer() -> None:
    text = "Part K-119 lies on shelf 4.\n\nPart K-911\n\nIt lies on shelf 7."
    heading = (text.index("Part K-911"), text.index("\n\nIt"))

    def other(question: str, context: str = "", headings: tuple[tuple[int, int], ...] = (heading,)) -> float:
        passage = Passage("id", "a.txt", 0, len(text), text, 0.9, dense=0.6, context=context, unanswering=headings)
        found = Evidence(Question.parse(question), passage, (text.index("It lies"), len(text)))
        return span_signs(found, 3.0, LEXICAL)["other_code"]

    assert other("Where is part K-911?") == 0.0 and other("Where is part K-119?") == 1.0
    assert other("Where is part K-912?") == 1.0 and other("Where is part K-912?", "List of K-912") == 0.0
    assert other("Where is part K-911?", headings=()) == 1.0 and other("Where is part K-119?", headings=((0, 27), heading)) == 1.0
