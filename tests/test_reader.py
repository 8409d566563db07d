"""The shipped reader against the fp32 model it was made from, and how spans are chosen from logits."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rag.answers import Passage
from rag.models.reader import LENGTH_PENALTY, MAX_SPAN_TOKENS, Reader, best_spans, shown

REFERENCE = json.loads((Path(__file__).parent / "data" / "reader_fp32.json").read_text(encoding="utf-8"))


def passage(text: str, context: str = "") -> Passage:
    return Passage("id", "x.txt", 100, 100 + len(text), text, 1.0, context=context, sentences=((100, 100 + len(text)),))


@pytest.mark.parametrize("row", REFERENCE, ids=lambda row: row["question"][:20])
def test_int8_reads_as_fp32_does(row: dict[str, Any]) -> None:
    reading = Reader().read(row["question"], [passage(row["passage"], row["context"])])[0]
    assert reading.margin == pytest.approx(row["margin"], abs=4)
    assert reading.verdicts == pytest.approx(row["verdicts"], abs=0.2) and sum(reading.verdicts) == pytest.approx(1)
    if row["margin"] > 0:  # below it no span answers, and which is the least bad one differs by processor
        assert reading.spans[0].text == row["span"]


def test_the_reader_points_at_the_span_or_at_nothing() -> None:
    good = passage("The Elmet tower is 48 metres high and stands in Leeds.")
    bad = passage("Penguins breed in colonies on the coast in winter.")
    readings = Reader().read("How high is the Elmet tower?", [good, bad])
    assert readings[0].spans[0].text == "48 metres"
    assert readings[0].spans[0].start == 100 + good.text.index("48")
    assert readings[0].margin > 0 > readings[1].margin


def test_a_passage_is_read_alike_whatever_is_read_with_it() -> None:
    short, long = passage("The Elmet tower is 48 metres high."), passage("The Marlow bridge spans 72 metres. " * 8)
    reader = Reader(threads=2)
    together = reader.read("How high is the Elmet tower?", [short, long, short])
    alone = reader.read("How high is the Elmet tower?", [short])
    assert together[0] == together[2] == alone[0]
    assert reader.read("How high is the Elmet tower?", []) == []


def test_an_answer_lies_in_the_passage_and_not_in_its_context() -> None:
    text = "It was built by Hannah Reyes of Leeds. The river is near."
    (reading,) = Reader().read("How high is the Elmet tower?", [passage(text, "The Elmet tower is 48 metres high.")])
    assert all(100 <= span.start < span.end <= 100 + len(text) for span in reading.spans)
    assert all(span.text == text[span.start - 100 : span.end - 100] == span.text.strip() for span in reading.spans)
    assert shown("", text) == (text, 0) and shown("Elmet", text) == (f"Elmet</s>{text}", 9)


def test_a_mark_of_the_models_own_in_a_text_changes_no_place() -> None:
    text = "See </s> here. The Elmet tower is 48 metres high."
    (reading,) = Reader().read("How high is the Elmet tower?", [passage(text, "A </s> heading")])
    assert reading.spans[0].text == "48 metres" == text[reading.spans[0].start - 100 : reading.spans[0].end - 100]


def test_best_spans_do_not_overlap() -> None:
    start = np.array([0, 0, 5, 0, 4], dtype=np.float32)
    end = np.array([0, 0, 0, 5, 4], dtype=np.float32)
    offsets = [None, (0, 2), (3, 5), (6, 8), (9, 11)]
    assert best_spans(start, end, offsets, 2) == [(3, 8, pytest.approx(10 - LENGTH_PENALTY)), (9, 11, 8.0)]


def test_of_spans_that_score_alike_the_short_one_is_best() -> None:
    start = np.array([0, 5, 0, 0, 5], dtype=np.float32)
    end = np.array([0, 0, 0, 0, 5], dtype=np.float32)
    offsets = [None, (0, 2), (3, 5), (6, 8), (9, 11)]
    assert best_spans(start, end, offsets, 1) == [(9, 11, 10.0)]


def test_a_passage_beyond_the_readers_limit_is_read_up_to_it() -> None:
    long = passage("The Elmet tower is 48 metres high. " + "The sky over it is blue. " * 100)
    (reading,) = Reader().read("How high is the Elmet tower?", [long])
    assert reading.spans[0].text == "48 metres"


def test_a_long_question_leaves_room_for_the_passage() -> None:
    question = (
        "How high is the Elmet tower" + ", which is said to be seen from the sea, from the hills and from the moor" * 20 + "?"
    )
    good = passage("The Elmet tower is 48 metres high and stands in Leeds.")
    (reading,) = Reader().read(question, [good])
    assert reading.spans and reading.spans[0].text == "48 metres"


def test_spans_that_touch_are_both_given() -> None:
    start = np.array([0, 5, 4], dtype=np.float32)
    end = np.array([0, 5, 4], dtype=np.float32)
    assert best_spans(start, end, [None, (0, 2), (2, 4)], 2)[:2] == [(0, 2, 10.0), (2, 4, 8.0)]


def test_no_span_is_longer_than_the_reader_was_measured_with() -> None:
    size = MAX_SPAN_TOKENS + 5
    start, end = np.zeros(size, dtype=np.float32), np.zeros(size, dtype=np.float32)
    start[1], end[-1] = 50, 50
    offsets = [None, *((2 * i, 2 * i + 1) for i in range(size - 1))]
    for begin, stop, _ in best_spans(start, end, offsets, 3):
        assert stop - begin < 2 * MAX_SPAN_TOKENS


def test_a_margin_is_what_a_span_has_over_no_answer() -> None:
    start, end = np.array([3, 5], dtype=np.float32), np.array([4, 5], dtype=np.float32)
    assert best_spans(start, end, [None, (0, 2)], 1) == [(0, 2, 3.0)]
