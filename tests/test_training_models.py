"""The multilingual reader's examples and files: offsets, pairs, contexts, words, and the weights' format; no training, no torch model."""

from __future__ import annotations

import gzip
import os
import random
import re
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from e5_weights import promised, read_weights
from generators import GENERATORS, LANGUAGES, MadeData, unmarked
from made_words import names, near_identifier, number_word
from name_swaps import Names, renamed, swapped
from reader_data import paragraph
from set_examples import ContextExample, SetData, SetQuestion, with_heading
from table_examples import (
    Box,
    TableQuestion,
    box_example,
    chosen_rows,
    header_rows,
    named_in_question,
    other_row,
    present,
    row_name,
)

from rag.models.reader import SEPARATOR, shown

TABLE = TableQuestion(
    "What did Rye grow in 2021?",
    "Harvest in tonnes",
    (("crop", "2020", "2021"), ("Rye", "41", "37"), ("Oats", "12", "19"), ("Barley", "30", "28")),
    (1, 2),
    "en",
)
BOX = Box("Old Mill", (("Built", "1871"), ("Owner", "Ada Quill"), ("Location", "Hobart"), ("Height", "17 m")))
NOTHING = MadeData({})


def answer(example: ContextExample) -> str:
    return example.passage[example.start : example.end]


@pytest.mark.parametrize("kind", GENERATORS)
def test_made_examples_come_in_pairs_and_their_offsets_are_right(kind: str) -> None:
    rng = random.Random(kind)
    for _ in range(60):
        pair = NOTHING.pair(rng, kind)
        assert answer(pair.answered) == pair.answered.answers[0] != ""
        assert (pair.unanswered.start, pair.unanswered.end, pair.unanswered.answers) == (0, 0, ())
        assert pair.answered.pair == pair.unanswered.pair
        assert pair.answered != pair.unanswered
        assert not set("⟦⟧") & set(pair.answered.passage + pair.unanswered.passage + pair.answered.question)


@pytest.mark.parametrize("kind", GENERATORS)
def test_context_of_a_made_example_never_holds_the_answer(kind: str) -> None:
    rng = random.Random(kind)
    for _ in range(60):
        example = NOTHING.pair(rng, kind).answered
        assert answer(example).lower() not in example.context.lower()


@pytest.mark.parametrize("asked", LANGUAGES)
@pytest.mark.parametrize("written", LANGUAGES)
def test_pairs_are_made_across_languages(asked: str, written: str) -> None:
    pair = NOTHING.pair(random.Random(3), "statute", asked, written)
    assert ("第" in pair.answered.passage) == (written == "zh")
    assert pair.answered.question.isascii() == (asked == "en")


def test_marks_are_taken_out_of_a_passage() -> None:
    assert unmarked("It is ⟦at least 30 days⟧.") == ("It is at least 30 days.", 6, 22)
    assert unmarked("Nothing here.") == ("Nothing here.", 0, 0)


def test_identifiers_differ_by_one_place() -> None:
    rng = random.Random(1)
    for _ in range(50):
        near = near_identifier({"en": "KX-4471", "zh": "KX-4471"}, rng)["en"]
        assert len(near) == 7
        assert 1 <= sum(a != b for a, b in zip(near, "KX-4471")) <= 2


@pytest.mark.parametrize(
    ("number", "written"), [(6, "六"), (10, "十"), (14, "十四"), (30, "三十"), (103, "一百零三"), (117, "一百一十七")]
)
def test_numbers_in_chinese_characters(number: int, written: str) -> None:
    assert number_word(number) == written


def test_second_text_is_context_separator_passage() -> None:
    assert shown("", "Rain fell.") == ("Rain fell.", 0)
    text, begin = shown("Weather", "Rain fell.")
    assert text == f"Weather{SEPARATOR}Rain fell."
    assert text[begin:] == "Rain fell."


def test_a_heading_that_repeats_the_question_moves_the_answer() -> None:
    example = ContextExample("Who won?", "Ada won.", 0, 3, "answer", ("Ada",))
    assert answer(with_heading(example, random.Random(0))) == "Ada"


@pytest.mark.parametrize("layout", ["markdown", "labels", "csv", "tabs"])
def test_a_cell_is_found_in_every_layout_and_the_header_is_context(layout: str) -> None:
    example = present(TABLE, layout, range(4))
    assert answer(example) == "37"
    assert "Oats" not in example.context
    assert ("2020" in example.context) == (layout != "labels")
    assert present(TABLE, layout, [2, 3]).end == 0
    assert "37" not in present(TABLE, layout, range(4), dropped_column=2).passage


def test_rows_are_taken_out_only_where_the_question_names_them() -> None:
    assert named_in_question(TABLE)
    assert header_rows(TABLE.table, 1) == 1
    assert 1 in chosen_rows(TABLE, random.Random(0), 2)


def test_the_same_is_asked_of_another_row() -> None:
    assert row_name(TABLE) == (0, "Rye")
    rng = random.Random(0)
    asked = [other_row(TABLE, rng) for _ in range(20)]
    assert {(a.question, a.answer) for a in asked if a} == {
        ("What did Oats grow in 2021?", "19"),
        ("What did Barley grow in 2021?", "28"),
    }
    twice = replace(TABLE, table=(*TABLE.table, ("Rye", "5", "6")))
    assert other_row(twice, rng) is None


@pytest.mark.parametrize(
    ("question", "passage", "answer", "other", "foreign"),
    [
        ("Who married Ada Quill?", "Ada Quill married Tom Hale. Eve Marsh was there.", "Tom Hale", "Eve Marsh", "Ben Stone"),
        ("谁教过李明远？", "赵文博教过李明远。孙晓东没有来。", "赵文博", "孙晓东", "周子安"),
    ],
)
def test_a_name_gives_way_to_one_of_its_kind(question: str, passage: str, answer: str, other: str, foreign: str) -> None:
    who = "Who?" if passage.isascii() else "谁？"
    old = "Ada Quill" if passage.isascii() else "李明远"
    names = Names([(who, (old, answer, other, foreign)), ("When?", ("1871",))])
    sentence = passage[: passage.index(other)]
    rng = random.Random(0)
    assert [passage[a:b] for a, b in names.inside(passage)] == sorted((old, answer, other), key=passage.index)
    assert swapped(names, question, passage, sentence, (answer,), True, rng) == question.replace(old, other)
    assert {swapped(names, question, passage, sentence, (answer,), False, rng) for _ in range(40)} == {
        "",
        question.replace(old, foreign),
    }
    start = passage.index(answer)
    made = (renamed(names, question, passage, start, start + len(answer), rng) for _ in range(40))
    ((asked, told, a, b),) = {each for each in made if each}
    assert (asked, told, told[a:b]) == (question.replace(old, foreign), passage.replace(old, foreign), answer)


def test_labels_are_answered_or_absent() -> None:
    rng = random.Random(0)
    for _ in range(80):
        held = box_example(BOX, BOX, rng, "label")
        assert answer(held) in {value for _, value in BOX.lines}
        assert answer(held).lower() not in held.context.lower()
        assert box_example(BOX, BOX, rng, "absent label").end == 0


def test_every_kind_of_a_sets_example_keeps_the_answer_or_lacks_it() -> None:
    text = "The bridge is 40 metres long. Ada Quill built it in 1871. It was painted green. Later it was sold to a mill."
    data = SetData(Path(), ())
    data.training["made"] = []
    data.paragraphs["made"] = [paragraph("", text), paragraph("", "Rain fell on the hills. Nobody was hurt there.")]
    start = text.index("1871")
    asked = SetQuestion("made", "en", "When was it built in 40 days?", 0, start, start + 4, ("1871",))
    rng = random.Random(0)
    for kind in ("answer", "gone", "in context", "neighbour", "topic", "figure"):
        for _ in range(40):
            example = data.example(asked, rng, kind)
            if example.end:
                assert answer(example) == "1871"
                assert "1871" not in example.context
            else:
                assert kind != "answer"
                assert example.kind == kind
                assert kind == "figure" or "1871" not in example.passage


def test_a_topics_paragraph_is_among_those_that_a_search_finds_first() -> None:
    data = SetData(Path(), ())
    data.training["made"] = []
    bridges = [f"Bridge number {i} crosses the river Aire near Leeds." for i in range(6)]
    data.paragraphs["made"] = [paragraph("", text) for text in [*(f"Rain fell on hill {i} at dawn." for i in range(9)), *bridges]]
    asked = SetQuestion("made", "en", "Which bridge crosses the Aire in Leeds?", 0, 0, 4, ("Rain",))
    found = {data.nearest(asked, random.Random(seed)).text for seed in range(60)}
    assert found == set(bridges)


@pytest.mark.parametrize(
    ("piece", "kept"),
    [("▁the", True), ("北京", True), ("かな", True), ("한국", True), ("▁1984", True), ("€", True), ("π", True), ("▁мир", False), ("سلام", False), ("λόγ", False)],
)  # fmt: skip
def test_the_vocabulary_is_cut_by_script(piece: str, kept: bool) -> None:
    assert promised(piece) is kept


def test_weights_are_read_from_a_tiny_file(tmp_path: Path) -> None:
    path = tmp_path / "tiny.bin"
    pieces = ["<s>", "<pad>", "</s>", "<unk>", "▁a", "мир", "北"]
    nibbles = np.random.default_rng(0).integers(0, 16, (7, 32), dtype=np.uint8)
    scales = np.arange(1, 8, dtype=np.float16).reshape(7, 1) / 8
    path.write_bytes(tiny_file(pieces, nibbles, scales))
    weights = read_weights(path)
    assert weights.pieces == tuple(pieces)
    assert weights.shape.hidden == 32
    np.testing.assert_array_equal(weights.words.values(), (nibbles.astype(np.float32) - 8) * scales.astype(np.float32))
    np.testing.assert_array_equal(weights.others["emb.ln.w"], np.full(32, 0.5, np.float32))
    cut = weights.cut()
    assert cut.pieces == ("<s>", "<pad>", "</s>", "<unk>", "▁a", "北")
    np.testing.assert_array_equal(cut.words.nibbles[5], nibbles[6])


def tiny_file(pieces: list[str], nibbles: np.ndarray, scales: np.ndarray) -> bytes:
    """A file of the format that holds a word table and one vector."""
    texts = [piece.encode() for piece in pieces]
    offsets = np.cumsum([0, *map(len, texts)]).astype("<u4").tobytes()
    head = b"NANO" + struct.pack("<I7ifi", 1, 32, 0, 1, 64, len(pieces), 8, 2, 1e-12, 32)
    head += struct.pack("<i4iQ", len(pieces), 0, 2, 1, 3, sum(map(len, texts))) + offsets
    head += np.zeros(len(pieces), "<f4").tobytes() + b"".join(texts) + struct.pack("<iI", 0, 0)
    table = b"".join(s.tobytes() + (n[:16] | (n[16:] << 4)).tobytes() for s, n in zip(scales, nibbles))
    vector = np.full(32, 0.5, "<f4").tobytes()
    entries = [(b"emb.word", 2, nibbles.size, table), (b"emb.ln.w", 0, 32, vector)]
    size = sum(2 + len(name) + 21 for name, *_ in entries)
    place = len(head) + 4 + size
    directory = struct.pack("<i", len(entries))
    for name, kind, count, content in entries:
        directory += struct.pack("<H", len(name)) + name + struct.pack("<BIQQ", kind, count, place, len(content))
        place += len(content)
    return head + directory + table + vector


@pytest.mark.skipif("DEV_DATA" not in os.environ, reason="DEV_DATA names the folder with the development data")
def test_no_made_name_is_in_the_development_data() -> None:
    text = "\n".join(file_text(path) for path in Path(os.environ["DEV_DATA"]).rglob("*") if path.is_file())
    found = [name for name in names() if name in text]
    assert not [name for name in found if re.search(rf"(?<![A-Za-z]){re.escape(name)}(?![A-Za-z])", text)]


def file_text(path: Path) -> str:
    content = path.read_bytes()
    return (gzip.decompress(content) if path.suffix == ".gz" else content).decode("utf-8", errors="replace")
