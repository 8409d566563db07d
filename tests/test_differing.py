"""Whether files differ on a value."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from rag.answers import Passage
from rag.config import Config
from rag.models.encoder import Encoder
from rag.pipeline import Rag
from rag.questions import Question
from rag.reading.answering import Candidate
from rag.reading.confidence import calibration
from rag.reading.differing import Comparing, agree, by_file, elsewhere, same_kind
from tests.conftest import check_receipts


@pytest.mark.parametrize(
    ("one", "other"),
    [("28 days", "four weeks"), ("about 950", "947"), ("2021", "3 May 2021"), ("at most 5", "4"), ("Kovacs", "Dr Anna Kovacs"),
     ("1.5 km", "1,500 m"), ("二十八天", "28天"), ("(555) 0142", "555-0142"), ("5–7 days", "6 days")],
)  # fmt: skip
def test_answers_that_can_both_be_right_agree(one: str, other: str) -> None:
    assert agree(one, other) and agree(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [("28 days", "25 days"), ("about 950", "512"), ("4 May 2021", "3 May 2021"), ("Helen Farrow", "Idris Bell"), ("$4,250", "$4,500"),
     ("555-0142", "555-0187"), ("more than 200", "180"), ("Up to £115", "Up to £95"), ("主楼三层", "科技楼五层")],
)  # fmt: skip
def test_answers_that_cannot_differ(one: str, other: str) -> None:
    assert not agree(one, other) and not agree(other, one)


def test_values_of_two_kinds_answer_two_questions() -> None:
    assert same_kind("28 days", "three weeks") and same_kind("Farrow", "Bell")
    assert not same_kind("28 days", "£40") and not same_kind("Farrow", "£40") and not same_kind("Farrow", "李敏")


def candidate(text: str, source: str, before: str = "The lift carries ", after: str = ".", **more: object) -> Candidate:
    whole = f"{before}{text}{after}"
    passage = Passage(source, source, 0, len(whole), whole, 0.8, title="Lift", sentences=((0, len(whole)),))
    made = Candidate(passage, len(before), len(before) + len(text), text, (0, len(whole)), 0.9, {}, 8.0)
    date = str(more.pop("date", ""))
    return replace(made, passage=replace(passage, date=date), **more)  # type: ignore[arg-type]


def comparing(cosine: float, question: str = "How many people does the lift carry?") -> Comparing:
    def alike(sentences: Sequence[str], sentence: str) -> list[float]:
        return [cosine] * len(sentences)

    return Comparing(Question.parse(question), 0.45, lambda term: 1.0, alike)


def told(groups: list[list[Candidate]]) -> list[list[str]]:
    return [[each.passage.source for each in group] for group in groups]


def test_the_newest_comes_first_and_the_undated_last() -> None:
    found = [
        candidate("8 people", "old", date="2019-05-01"),
        candidate("6 people", "new", date="2024"),
        candidate("5 people", "none"),
    ]
    assert told(comparing(0.9).groups(found)) == [["new"], ["old"], ["none"]]


def test_of_undated_values_the_one_that_more_files_give_comes_first() -> None:
    found = [candidate("8 people", "a", confidence=0.95), candidate("6 people", "b"), candidate("six people", "c")]
    assert told(comparing(0.9).groups(found)) == [["b", "c"], ["a"]]


def test_what_is_said_of_another_thing_in_the_same_words_is_no_other_value() -> None:
    east = candidate("8 people", "east", before="The east lift carries ")
    west = candidate("6 people", "west", before="The west lift carries ")
    assert told(comparing(0.95, "How many people does the east lift carry?").groups([east, west])) == [["east"]]


def test_in_other_words_a_value_must_be_surer() -> None:
    found = [candidate("8 people", "a"), candidate("6 people", "b", confidence=0.6)]
    assert told(comparing(0.3).groups(found)) == [["a"]]
    assert told(comparing(0.9).groups(found)) == [["a"], ["b"]]


def test_nothing_differs_where_nothing_is_sure_enough() -> None:
    assert comparing(0.9).groups([candidate("8 people", "a", confidence=0.4), candidate("6 people", "b", confidence=0.4)]) == []


def test_a_file_takes_nothing_from_the_confidence_of_another() -> None:
    signs = dict.fromkeys(calibration().coefficients, 0.0)
    one, other = candidate("8 people", "a", signs=signs), candidate("6 people", "b", signs=signs)
    alone = by_file([one], calibration())[0].confidence
    assert [each.confidence for each in by_file([one, other], calibration())] == [alone, alone]


def test_files_are_looked_into_as_far_as_they_are_near() -> None:
    best = candidate("8 people", "a")
    near = [replace(best.passage, source=name, score=score) for name, score in (("b", 0.7), ("b", 0.6), ("c", 0.1), ("a", 0.8))]
    assert [p.source for p in elsewhere(near, {"a"}, best)] == ["b"]


def test_values_of_many_files_are_told_with_receipts(tmp_path: Path, embedding: Encoder) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    for year, members in ((2019, 212), (2020, 231), (2021, 240), (2022, 263), (2023, 259), (2024, 274)):
        (docs / f"report_{year}.md").write_text(f"The sailing club has {members} members. The jetty was painted.")
    (docs / "rules.md").write_text("Dogs stay on the jetty. Each boat carries a lamp.")
    with Rag(Config(docs=docs, index_dir=tmp_path / "index")) as rag:
        answer = rag.answer("How many members does the sailing club have?")
        named = rag.answer("How many members did the sailing club have in 2021?")
    assert [(r.short.split()[0], r.date) for r in answer.readings] == [
        ("274", "2024"), ("259", "2023"), ("263", "2022"), ("240", "2021"), ("231", "2020"), ("212", "2019")
    ]  # fmt: skip
    assert answer.as_of == ("2019", "2024") and answer.text.startswith("6 files differ: 274")
    check_receipts(answer, docs)
    assert named.short.startswith("240") and not named.readings
