"""From a raw span to what a person would say."""

import pytest

from rag.answers import Passage
from rag.questions import Question
from rag.reading.spans import list_places, person_behind, tidy, whole_figure
from rag.text.sentences import split_sentences

TEXT = (
    "They paid 200 yuan ($29 billion) at the Seoul Air Base, in May. The swap is worth 200 billion yuan ($29 billion), said Xi. "
    "The talks lasted 1 hour and 20 minutes on Nov. 30 and Dec. 1, 2020. The tower is 48 metres high and 15 years old. "
    "It was -7 °C. At least 300 people came, and about 40 left. Released 2020-07-30 16:20.\n\nSea levels rose."
)


def passage(text: str) -> Passage:
    sentences = tuple((100 + s, 100 + e) for s, e in split_sentences(text, 0, len(text)))
    return Passage("id", "x.txt", 100, 100 + len(text), text, 1.0, sentences=sentences)


def at(p: Passage, text: str) -> tuple[int, int]:
    start = p.start + p.text.index(text)
    return start, start + len(text)


@pytest.mark.parametrize(
    ("raw", "tidied"),
    [
        ("200 yuan ($29 billion", "200 yuan ($29 billion)"),
        ("Seoul", "Seoul Air Base"),
        ("May.", "May"),
        ("Base, ", "Seoul Air Base"),
        ("Released 2020-07-30 16:20.\n\nSea", "Released 2020-07-30 16:20"),
    ],
)
def test_spans_are_tidied(raw: str, tidied: str) -> None:
    p = passage(TEXT)
    assert p.characters(*tidy(p, *at(p, raw))) == tidied


def test_a_stop_that_belongs_to_the_name_stays_and_a_bracket_that_is_not_closed_goes() -> None:
    p = passage("She left Acme Inc. in May. They paid 200 yuan (then a lot of money for all who lived up in the hills) at once.")
    assert p.characters(*tidy(p, *at(p, "Acme Inc."))) == "Acme Inc."
    assert p.characters(*tidy(p, *at(p, "200 yuan (then"))) == "200 yuan"


def test_a_name_takes_its_own_year_and_not_one_of_a_list() -> None:
    p = passage("Copyright 1991, 1999 Elmet Foundation held the 2020 Winter Olympics.")
    assert p.characters(*tidy(p, *at(p, "Elmet"))) == "Elmet Foundation"
    assert p.characters(*tidy(p, *at(p, "Winter"))) == "2020 Winter Olympics"


@pytest.mark.parametrize(
    ("question", "raw", "whole"),
    [
        ("What is the swap amount?", "200 billion", "200 billion yuan ($29 billion)"),
        ("What is the swap amount?", "$29 billion", "200 yuan ($29 billion)"),
        ("How many dollars is the swap worth?", "$29 billion", "$29 billion"),
        ("How long did they talk?", "20 minutes", "1 hour and 20 minutes"),
        ("When did they talk?", "Nov. 30", "Nov. 30 and Dec. 1, 2020"),
        ("When was it published?", "2020-07", "2020-07-30"),
        ("What year did they talk?", "2020", "2020"),
        ("How high is the tower?", "48", "48 metres"),
        ("How high is the tower?", "48 metres high", "48 metres"),
        ("What is the swap worth?", "$29 billion", "200 yuan ($29 billion)"),
        ("How tall is the tower?", "48 metres high", "48 metres high"),
        ("How cold was it?", "7", "-7 °C"),
        ("How many people came?", "300", "At least 300"),
        ("How many left?", "40", "40"),
        ("How many years old is the tower?", "15", "15"),
        ("Who talked?", "20 minutes", "20 minutes"),
        ("Name the swap's worth.", "200", "200 yuan ($29 billion)"),
    ],
)
def test_figures_and_dates_are_whole(question: str, raw: str, whole: str) -> None:
    p = passage(TEXT)
    assert p.characters(*whole_figure(Question.parse(question), p, *at(p, raw))) == whole


def test_a_pronoun_gives_way_to_the_person_it_stands_for() -> None:
    p = passage("Foreign Minister Wei Jianguo came to Tokyo Daily News. The expert spoke for an hour, and he left at noon.")
    for pointer in ("he", "The expert"):
        named = person_behind(Question.parse("Who left at noon?"), p, *at(p, pointer))
        assert named and p.characters(*named) == "Wei Jianguo"
    assert person_behind(Question.parse("Who was Wei with?"), p, *at(p, "he left"[:2])) is None
    assert person_behind(Question.parse("When did he leave?"), p, *at(p, "he")) is None
    assert person_behind(Question.parse("Who came?"), p, *at(p, "Wei Jianguo")) is None


@pytest.mark.parametrize(
    ("question", "text", "raw", "items"),
    [
        ("What three areas did they agree on?", "They agreed on three areas: trade, health, and technology.", "health",
         ["trade", "health", "technology"]),
        ("Which countries take part?", "The forum was held in China, Japan and South Korea, which paid for it.", "Japan",
         ["China", "Japan", "South Korea"]),
        ("What are the two fields?", "Experts named health and trade, and went home.", "health and trade", ["health", "trade"]),
        ("哪些领域？", "双方同意在贸易、卫生和技术方面合作。", "贸易、卫生和技术", ["贸易", "卫生", "技术"]),
        ("What three things happened?", "Three things happened: rain fell on every roof in the town for six days on end, snow fell, and hail fell.",
         "snow fell", []),
        ("Who takes part?", "The forum was held in China, Japan and South Korea.", "Japan", []),
        ("Which countries take part?", "It was held in Japan.", "Japan", []),
    ],
)  # fmt: skip
def test_the_items_of_a_list_have_their_places(question: str, text: str, raw: str, items: list[str]) -> None:
    p = passage(text)
    places = list_places(Question.parse(question), p, p.sentences[0], *at(p, raw))
    assert [p.characters(*place) for place in places] == items
