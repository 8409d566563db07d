"""Questions that ask whether → examples with a verdict: yes, no, or that the passage does not say.

In: BoolQ's and PubMedQA's questions over a paragraph, InfoTabS' statements about a box of labelled values, and sentences of the sets' own
paragraphs, asked as they are (yes) or with another figure (no). "Not said" is a question over the paragraph that a word search finds
first among the others, InfoTabS' neutral statements and PubMedQA's "maybe".
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from reader_data import Paragraph, _other_figure
from set_examples import HELD_OUT, ContextExample, size_language, surface
from table_examples import clean, read_lines

from rag.corpus.words import LexicalIndex

VERDICTS = ("not said", "yes", "no")
SHARES = {"boolq": 0.40, "pubmedqa": 0.05, "boxes": 0.25, "sentences": 0.30}
NOT_SAID = 0.25
"""Share of BoolQ's questions asked of another paragraph."""
NEAREST = 6
HELD_OUT_BOOLQ = 0.1
_FIGURE = re.compile(r"\d[\d,.]*\d|\d")
_STATED = {"en": ("Is it true that {}?", "{}?", "is it the case that {}", "{}, right?", "Did the text say that {}?"), "zh": ("{}吗？", "{}，对吗？", "是不是{}？", "{}吗", "真的{}吗？")}  # fmt: skip


@dataclass(frozen=True)
class Whether:
    """A question and what a paragraph says to it: one of `VERDICTS`, by number."""

    question: str
    passage: str
    verdict: int


class VerdictData:
    """Draws one example at a time, with the number of its verdict."""

    def __init__(self, folder: Path, paragraphs: Sequence[Paragraph]) -> None:
        boolq = list(_boolq(folder / "boolq_dev.jsonl.gz"))
        cut = int(len(boolq) * (1 - HELD_OUT_BOOLQ))
        self.boolq, self.held_out = boolq[:cut], boolq[cut:]
        self.pubmedqa = list(_pubmedqa(folder / "pubmedqa.jsonl.gz"))
        self.boxes = list(_statements(folder / "tables"))
        self.boxes = self.boxes[: int(len(self.boxes) * (1 - HELD_OUT))]
        self.paragraphs = paragraphs
        self._lexical = LexicalIndex.build([w.passage for w in self.boolq])

    def draw(self, rng: random.Random) -> tuple[ContextExample, int]:
        source = rng.choices(list(SHARES), list(SHARES.values()))[0]
        if source == "sentences":
            return self._sentence(rng)
        asked = rng.choice({"boolq": self.boolq, "pubmedqa": self.pubmedqa, "boxes": self.boxes}[source])
        passage, verdict = asked.passage, asked.verdict
        if source == "boolq" and rng.random() < NOT_SAID:
            order = self._lexical.scores(asked.question).argsort()[::-1][:NEAREST]
            others = [self.boolq[int(i)].passage for i in order if self.boolq[int(i)].passage != asked.passage]
            if others:
                passage, verdict = rng.choice(others), 0
        question = surface(asked.question, rng)
        if source == "boolq" and rng.random() < 0.6:
            question = question[0].upper() + question[1:].rstrip("?") + "?"
        return _example(question, passage, verdict), verdict

    def _sentence(self, rng: random.Random) -> tuple[ContextExample, int]:
        """A sentence of a paragraph with a figure in it, asked for, or with another figure."""
        while True:
            told = rng.choice(self.paragraphs)
            start, end = rng.choice(told.sentences)
            sentence = told.text[start:end].strip().rstrip("。.!！")
            figures = list(_FIGURE.finditer(sentence))
            language = size_language(sentence)
            if not figures or len(sentence) > {"en": 160, "zh": 60}[language]:
                continue
            verdict = rng.choice((1, 2, 2, 0))
            passage = told.text
            if verdict == 2:
                chosen = rng.choice(figures)
                other = _other_figure(chosen.group(), rng)
                if other in passage:
                    continue
                sentence = sentence[: chosen.start()] + other + sentence[chosen.end() :]
            elif verdict == 0:
                passage = (told.text[:start] + told.text[end:]).strip()
                if len(passage) < 40:
                    continue
            if language == "en" and sentence.split()[0] in (
                "The",
                "A",
                "An",
                "In",
                "It",
                "This",
                "These",
                "On",
                "At",
                "He",
                "She",
                "They",
            ):
                sentence = sentence[0].lower() + sentence[1:]
            return _example(rng.choice(_STATED[language]).format(sentence), passage, verdict), verdict


def _example(question: str, passage: str, verdict: int) -> ContextExample:
    return ContextExample(question, passage, 0, 0, VERDICTS[verdict], (), "", size_language(passage))


def _boolq(path: Path) -> Iterator[Whether]:
    for raw in read_lines(path):
        yield Whether(raw["question"], raw["context"], 1 if raw["label"] == "yes" else 2)


def _pubmedqa(path: Path) -> Iterator[Whether]:
    for raw in read_lines(path):
        yield Whether(raw["question"], raw["context"], {"yes": 1, "no": 2, "maybe": 0}[raw["label"]])


def _statements(folder: Path) -> Iterator[Whether]:
    """InfoTabS' statements, asked of their box written as "label: value" lines."""
    numbers = {"entailment": 1, "neutral": 0, "contradiction": 2}
    boxes = {}
    for raw in read_lines(folder / "infotabs_tables.jsonl.gz"):
        rows = [[clean(cell.replace(" | ", ", ")) for cell in row] for row in raw["table"]]
        boxes[raw["table_id"]] = "\n".join(": ".join(row) if row[0] != "title" else row[1] for row in rows if len(row) == 2)
    for raw in read_lines(folder / "infotabs_train.jsonl.gz"):
        if box := boxes.get(raw["table_id"]):
            statement = raw["hypothesis"].strip().rstrip(".")
            yield Whether(f"Is it true that {statement}?", box, numbers[raw["label"]])
