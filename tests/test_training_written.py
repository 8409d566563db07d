"""The folders written for training, and what is made of them."""

from __future__ import annotations

import pickle
import random
from typing import Any

import pytest
from examples import NO_VERDICT
from verdict_examples import VERDICTS
from written_examples import WrittenData, is_held_out, items_of, read_folders

TEXT = "# The upper mill\n\nThe mill lets its loft for 410 florins a year, the cellar for 95.\n\nDogs may not enter the loft.\n"
FOLDER: list[dict[str, Any]] = [
    {
        "folder": "mills",
        "name": "upper.md",
        "text": TEXT,
        "asked": [
            {"question": "What does the loft cost?", "answers": [[TEXT.index("410"), TEXT.index(" a year")]], "verdict": None},
            {"question": "What does the yard cost?", "answers": [], "verdict": None},
            {"question": "Are dogs welcome?", "answers": [[TEXT.index("Dogs"), TEXT.index(".\n", 90)]], "verdict": "no"},
        ],
    },
    {
        "folder": "mills",
        "name": "lower.md",
        "text": "# The lower mill\n\nIt grinds rye and oats, and stands empty in August.\n",
        "asked": [{"question": "Is rye ground at the lower mill?", "answers": [[18, 43]], "verdict": "yes"}],
    },
]  # fmt: skip


def test_what_was_written_is_whole() -> None:
    folders = read_folders()
    held_out = [documents for number, documents in enumerate(folders.values()) if is_held_out(number)]
    assert 0.1 < len(held_out) / len(folders) < 0.2
    for folder, documents in folders.items():
        assert len({document["name"] for document in documents}) == len(documents)
        for document in documents:
            for asked in document["asked"]:
                place = f"{folder}/{document['name']}: {asked['question']}"
                spans = [document["text"][start:end] for start, end in asked["answers"]]
                assert all(span and span == span.strip() and "\n" not in span for span in spans), place
                assert asked["verdict"] in (None, "yes", "no") and (spans or not asked["verdict"]), place


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> WrittenData:
    path = tmp_path_factory.mktemp("written") / "written.pkl"
    path.write_bytes(pickle.dumps([items_of(FOLDER)]))
    return WrittenData(path)


def test_what_is_drawn_shows_the_answer_where_it_stands_or_none(data: WrittenData) -> None:
    rng = random.Random(0)
    drawn = [data.draw(rng) for _ in range(400)]
    assert {example.kind for example, _ in drawn} == {"answer", "gone", "own"}
    for example, verdict in drawn:
        answer = example.passage[example.start : example.end]
        asks = example.question.lower().rstrip("? ")
        assert (example.kind == "answer") == bool(answer)
        if "loft" in asks and answer:
            assert answer.endswith("florins") and example.passage.count(answer) == 1 and verdict == NO_VERDICT
        elif "dogs" in asks:
            assert VERDICTS[verdict] == ("no" if answer else "not said")
        elif "yard" in asks:
            assert not answer and example.kind == "own"
    figures = {e.passage[e.start : e.end] for e, _ in drawn if e.end and "florins" in e.passage[e.start : e.end]}
    assert "410 florins" in figures and len(figures) > 3, "another figure is the answer at times"
    assert {bool(example.context) for example, _ in drawn} == {True, False}


def test_passages_with_the_answer_are_no_negatives() -> None:
    loft, yard, *_ = items_of(FOLDER)
    assert [shown.text[shown.start : shown.end] for shown in loft.holding] == ["410 florins"]
    assert not any("410" in shown.text for shown in loft.near)
    assert yard.holding == () and any("410" in shown.text for shown in yard.near)
