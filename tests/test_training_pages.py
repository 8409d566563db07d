"""Questions made of manuals, questions that ask whether, and the arrays that examples are kept in."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from examples import NO_VERDICT, UNTOLD, Examples, Row
from page_examples import PageData, made_question
from pages import Marked, _page
from reader_data import paragraph
from verdict_examples import VERDICTS, VerdictData

ENGLISH = """<html><body><h1 id="hd_1">Kiln Timer</h1>
<p id="par_1">To stop the <span class="emph">Kiln</span> early,   press <code>F7</code>.</p>
<ul><li><p id="par_2">If the lid is open, the timer waits for 40 seconds.</p></li></ul>
<p id="par_3">The default program is the slow one, which takes 14 hours.</p></body></html>"""
CHINESE = """<html><body><h1 id="hd_1">窑炉定时器</h1>
<p id="par_1">要提前停止<span class="emph">窑炉</span>，请按 <code>F7</code>。</p>
<ul><li><p id="par_2">如果盖子打开，定时器就等待 40 秒。</p></li></ul></body></html>"""


@pytest.fixture
def page(tmp_path: Path) -> dict[str, Any]:
    for name, text in (("en.html", ENGLISH), ("zh.html", CHINESE)):
        (tmp_path / name).write_text(f'<?xml version="1.0" encoding="utf-8"?>{text}', encoding="utf-8")
    return _page("kiln/timer", tmp_path / "en.html", tmp_path / "zh.html")


def test_a_page_is_read_with_its_marks_and_its_translation(page: dict[str, Any]) -> None:
    first, second, third = page["paragraphs"]
    assert page["title"] == first["heading"] == "Kiln Timer"
    text, marks = first["en"]
    assert text == "To stop the Kiln early, press F7."
    assert [text[a:b] for a, b in marks] == ["Kiln", "F7"]
    text, marks = first["zh"]
    assert [text[a:b] for a, b in marks] == ["窑炉", "F7"]
    assert second["zh"][0] == "如果盖子打开，定时器就等待 40 秒。"
    assert "zh" not in third


@pytest.mark.parametrize(
    ("text", "language", "question", "answer"),
    [
        ("To stop the kiln, press the red key.", "en", "stop the kiln", "press the red key"),
        ("If the lid is open, the timer waits.", "en", "the lid is open", "the timer waits"),
        ("The timer is a small grey box, kept dry.", "en", "What is the timer?", "a small grey box"),
        ("要停止窑炉，请按红色的键。", "zh", "停止窑炉", "按红色的键"),
        ("如果盖子打开，定时器就等待。", "zh", "盖子打开", "定时器就等待"),
    ],
)
def test_a_sentence_gives_its_question(text: str, language: str, question: str, answer: str) -> None:
    rng = random.Random(3)
    made = [found for _ in range(20) if (found := made_question(Marked(text), language, "", rng))]
    whole = [found for found in made if text[found.start : found.end] == answer]
    assert len(whole) > 10
    assert all(question in found.question and answer not in found.question for found in whole)


def test_what_is_drawn_holds_its_answer_or_none(page: dict[str, Any], tmp_path: Path) -> None:
    other = {
        "name": "oven/door",
        "title": "Oven Door",
        "paragraphs": [{"heading": "Door", "en": ["To open the door, lift the bar.", []]}] * 2,
    }
    with gzip.open(tmp_path / "pages.jsonl.gz", "wt", encoding="utf-8") as out:
        out.write("".join(json.dumps(one) + "\n" for one in (page, other)))
    data = PageData(tmp_path / "pages.jsonl.gz")
    rng = random.Random(0)
    drawn = [data.draw(rng) for _ in range(200)]
    assert {e.kind for e in drawn} >= {"answer", "gone", "topic"}
    for example in drawn:
        answered = example.kind == "answer"
        assert bool(example.end) == answered
        assert not answered or example.passage[example.start : example.end] in example.answers
    passage = "To stop the Kiln early, press F7."
    swapped = {data._swapped("What if the lid is open for 40 seconds?", f"{passage} Wait 40 seconds.", rng) for _ in range(30)}
    assert swapped - {""} == {"What if the lid is open for 14 seconds?"}
    across = [e for e in drawn if e.kind == "answer" and e.language == "zh" and e.question.isascii()]
    assert {"按 F7", "定时器就等待 40 秒"} & {e.answers[0] for e in across}


def test_verdicts_are_those_of_the_text(tmp_path: Path) -> None:
    lines: dict[str, list[dict[str, Any]]] = {
        "boolq_dev": [
            {"question": f"is kiln {n} old", "context": f"Kiln {n} was built in 19{n}.", "label": "yes"} for n in range(10, 30)
        ],
        "pubmedqa": [{"question": "Does heat help?", "context": "Heat did not help.", "label": "no"}],
        "tables/infotabs_tables": [{"table_id": "T1", "table": [["title", "Kiln"], ["Height", "4 m"], ["Built", "1911"]]}],
        "tables/infotabs_train": [{"table_id": "T1", "hypothesis": "Kiln is 5 m high.", "label": "contradiction"}] * 40,
    }
    (tmp_path / "tables").mkdir()
    for name, rows in lines.items():
        with gzip.open(tmp_path / f"{name}.jsonl.gz", "wt", encoding="utf-8") as out:
            out.write("".join(json.dumps(row) + "\n" for row in rows))
    told = paragraph("", "The mill burnt in 1832. It was built again. The new one has 7 floors.")
    data = VerdictData(tmp_path, [told])
    rng = random.Random(0)
    for _ in range(200):
        example, verdict = data.draw(rng)
        assert example.kind == VERDICTS[verdict]
        if example.passage.startswith("Kiln\n"):
            assert example.passage == "Kiln\nHeight: 4 m\nBuilt: 1911"
            assert VERDICTS[verdict] == "no"
        elif "is kiln" in example.question.lower() and verdict:
            assert example.question.split()[2] in example.passage
        figures = [word for word in ("1832", "7 floors") if word in example.question]
        if "mill burnt" in example.question or "new one" in example.question:
            stated = any(figure in example.passage for figure in figures)
            assert VERDICTS[verdict] == ("yes" if stated else "not said" if figures else "no")


def test_examples_come_back_as_they_were(tmp_path: Path) -> None:
    taught = np.zeros((2, 5), dtype=np.float32)
    taught[:, 3] = 1
    rows = [
        Row([0, 9, 2, 7, 2], [None, None, None, (0, 1), None], 3, 3, NO_VERDICT, taught),
        Row([0, 9, 2, 7, 8, 2], [None, None, None, (0, 1), (1, 4), None], UNTOLD, UNTOLD, 2),
    ]
    both = Examples.together([Examples.of(rows), Examples.of(rows[::-1])])
    both.save(tmp_path / "rows.npz")
    again = Examples.load(tmp_path / "rows.npz")
    assert again.sizes.tolist() == [5, 6, 6, 5]
    assert again.passages.tolist() == [[3, 4], [3, 5], [3, 5], [3, 4]]
    assert again.spans.tolist() == [[3, 3], [-1, -1], [-1, -1], [3, 3]]
    assert again.verdicts.tolist() == [-1, 2, 2, -1]
    assert again.taught.tolist() == [0, 3]
    assert again.places[:, :, 0].tolist() == [[3, 3], [3, 3]]
    assert again.masses.sum(-1).tolist() == [[1, 1], [1, 1]]
