"""From a raw span to what a person would say."""

import pytest

from rag.answers import Passage
from rag.questions import Question
from rag.reading.spans import list_places, tidy, whole_figure
from rag.text.sentences import split_sentences

TEXT = (
    "They paid 200 yuan ($29 billion) at the Seoul Air Base, in May. The swap is worth 200 billion yuan ($29 billion), said Xi. "
    "The talks lasted 1 hour and 20 minutes on Nov. 30 and Dec. 1, 2020. The tower is 48 metres high and 15 years old. "
    "It was -7 °C. At least 300 people came, and about 40 left. Released 2020-07-30 16:20.\n\nSea levels rose by ``180`` inches."
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
        ("May.", "May"),
        ("``180``", "180"),
        ("$29 billion)", "$29 billion"),
        ("16:20.\n", "16:20"),
        ("2020-07-", "2020-07"),
        ("Air Base, ", "Air Base"),
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


@pytest.mark.parametrize(
    ("raw", "whole"),
    [
        ("200 billion", "200 billion yuan"),
        ("29", "$29 billion"),
        ("20 minutes", "1 hour and 20 minutes"),
        ("48 metres high", "48 metres high"),
        ("7", "-7 °C"),
        ("300", "At least 300"),
        ("40", "40"),
        ("15", "15 years"),
        ("Nov. 30", "Nov. 30"),
    ],
)
def test_figures_are_whole(raw: str, whole: str) -> None:
    p = passage(TEXT)
    assert p.characters(*whole_figure(p, *at(p, raw))) == whole


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
