"""Folders of documents written for this training, with questions (`written.jsonl`) → examples of what the product itself brings up for them.

A line is one document: {"folder", "name", "text", "asked": [{"question", "answers": [[start, end], …], "verdict": "yes", "no" or null}]}; spans are
characters of the text, and a question without answers is a near miss that no document of its folder answers. With a verdict the answer is
the clause that decides it. Texts and questions are nobody's but this project's, under its licence; a language model wrote them.

Each folder is indexed and searched by the product. An example is a passage with its context as the reader is shown it: one that holds the answer,
now and then with some of its lines alone, without its context, or with another figure as the answer; or, as negatives:

  gone   a passage that the search ranks high and that lacks the answer
  own    the same for a near miss

`python training/written_examples.py OUT` writes what the searches bring up, for `draw_examples --written OUT`.
"""

from __future__ import annotations

import argparse
import json
import pickle
import random
import re
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from examples import NO_VERDICT
from reader_data import _other_figure
from set_examples import ContextExample, size_language, surface
from verdict_examples import VERDICTS

from rag.answers import Passage
from rag.config import Config
from rag.pipeline import Rag
from rag.questions import Question

WRITTEN = Path(__file__).parent / "written.jsonl"
HELD_OUT = 6
"""One folder in so many is not trained on."""
GONE = 0.26
"""Share of the questions with an answer that are shown a passage without it; how many near misses there are is the writers' choice."""
WHETHER = 0.1
"""Share of those that ask whether, as many with yes as with no, beside what they are of all; there are four with no to one with yes."""
NEAR = 5
"""Passages without an answer that are kept for each question, best first; the better, the more often drawn."""
FOUND = 80
LINES_ALONE = 0.35
WITHOUT_CONTEXT = 0.15
OTHER_FIGURE = 0.25
_FIGURE = re.compile(r"\d[\d,.]*\d|\d")


@dataclass(frozen=True)
class Shown:
    """A passage as the reader is shown it, and the answer's characters in it where it holds one."""

    context: str
    text: str
    start: int = 0
    end: int = 0


@dataclass(frozen=True)
class Item:
    """A question, the passages that hold its answers, and those that a search for it finds without one."""

    question: str
    answers: tuple[str, ...]
    verdict: int
    holding: tuple[Shown, ...]
    near: tuple[Shown, ...]


def read_folders(path: Path = WRITTEN) -> dict[str, list[dict[str, Any]]]:
    """The documents of each folder, in the file's order."""
    found: dict[str, list[dict[str, Any]]] = {}
    with path.open(encoding="utf-8") as lines:
        for raw in map(json.loads, lines):
            found.setdefault(raw["folder"], []).append(raw)
    return found


def is_held_out(number: int) -> bool:
    return number % HELD_OUT == HELD_OUT - 1


def folders_of(held_out: bool) -> list[list[dict[str, Any]]]:
    """The documents of each folder that is trained on, or of each that is held out."""
    return [documents for number, documents in enumerate(read_folders().values()) if is_held_out(number) == held_out]


def write_folder(documents: Sequence[dict[str, Any]], folder: Path) -> None:
    for document in documents:
        (folder / document["name"]).write_text(document["text"], encoding="utf-8")


def items_of(documents: Sequence[dict[str, Any]]) -> list[Item]:
    """What the product's search brings up for each question of a folder."""
    found = []
    with tempfile.TemporaryDirectory() as docs, tempfile.TemporaryDirectory() as index:
        write_folder(documents, Path(docs))
        with Rag(Config(docs=docs, index_dir=index, threads=1)) as rag:
            rag.sync()
            snapshot = rag.retriever.snapshot()
            for document in documents:
                for asked in document["asked"]:
                    passages = rag.retriever.search(Question.parse(asked["question"]), FOUND, snapshot)
                    found.append(item_of(document, asked, passages))
    return found


def item_of(document: dict[str, Any], asked: dict[str, Any], passages: Sequence[Passage]) -> Item:
    answers = tuple(document["text"][a:b] for a, b in asked["answers"])
    holding, near = [], []
    for passage in passages:
        spans = [
            (a, b) for a, b in asked["answers"] if passage.source == document["name"] and passage.start <= a and b <= passage.end
        ]
        holding += [Shown(passage.context, passage.text, a - passage.start, b - passage.start) for a, b in spans]
        if not spans and not any(answer.lower() in passage.text.lower() for answer in answers):
            near.append(Shown(passage.context, passage.text))
    verdict = VERDICTS.index(asked["verdict"]) if asked["verdict"] else NO_VERDICT
    return Item(asked["question"], answers, verdict, tuple(holding), tuple(near[:NEAR]))


class WrittenData:
    """Draws one example at a time, with the number of its verdict, from what `main` wrote."""

    def __init__(self, path: Path) -> None:
        self.training: list[Item] = []
        self.held_out: list[Item] = []
        for number, items in enumerate(pickle.loads(path.read_bytes())):
            usable = [item for item in items if item.near and (item.holding or not item.answers)]
            (self.held_out if is_held_out(number) else self.training).extend(usable)
        self.whether = [[item for item in self.training if item.verdict == verdict] for verdict in (1, 2)]

    def draw(self, rng: random.Random) -> tuple[ContextExample, int]:
        item = rng.choice(rng.choice(self.whether) if rng.random() < WHETHER else self.training)
        made = self._make(item, rng)
        made = replace(made, question=surface(made.question, rng), context=self._context(made.context, rng))
        verdict = item.verdict if made.kind == "answer" else 0 if item.verdict != NO_VERDICT else NO_VERDICT
        return made, verdict

    def plain(self, item: Item) -> Iterator[ContextExample]:
        """What the product would read first for an item: for figures."""
        yield from (_example(item, shown, "answer") for shown in item.holding[:1])
        yield from (_example(item, shown, "gone" if item.answers else "own") for shown in item.near[:1])

    def _make(self, item: Item, rng: random.Random) -> ContextExample:
        if not item.answers or rng.random() < GONE:
            shown = rng.choices(item.near, [1 / (2 + rank) for rank in range(len(item.near))])[0]
            return _example(item, self._lines(shown, rng), "gone" if item.answers else "own")
        shown = self._lines(rng.choice(item.holding), rng)
        if item.verdict == NO_VERDICT and rng.random() < OTHER_FIGURE:
            shown = _with_other_figure(item.question, shown, rng)
        return _example(item, shown, "answer")

    @staticmethod
    def _lines(shown: Shown, rng: random.Random) -> Shown:
        """At times some lines of the passage alone, those with the answer among them."""
        if rng.random() >= LINES_ALONE:
            return shown
        first, last = _line(shown) if shown.end else _a_line(shown.text, rng)
        while first > 0 and rng.random() < 0.6:
            first = shown.text.rfind("\n", 0, first - 1) + 1
        while last < len(shown.text) and rng.random() < 0.6:
            last = shown.text.find("\n", last + 1) % (len(shown.text) + 1)
        return Shown(shown.context, shown.text[first:last], max(0, shown.start - first), max(0, shown.end - first))

    @staticmethod
    def _context(context: str, rng: random.Random) -> str:
        return "" if rng.random() < WITHOUT_CONTEXT else context


def _example(item: Item, shown: Shown, kind: str) -> ContextExample:
    answers = (shown.text[shown.start : shown.end],) if shown.end else ()
    return ContextExample(
        item.question, shown.text, shown.start, shown.end, kind, answers, shown.context, size_language(shown.text)
    )


def _line(shown: Shown) -> tuple[int, int]:
    """Characters of the line that holds the answer."""
    last = shown.text.find("\n", shown.end)
    return shown.text.rfind("\n", 0, shown.start) + 1, last if last >= 0 else len(shown.text)


def _a_line(text: str, rng: random.Random) -> tuple[int, int]:
    at = rng.randrange(len(text))
    return _line(Shown("", text, at, at))


def _with_other_figure(question: str, shown: Shown, rng: random.Random) -> Shown:
    """The passage with another figure where the answer has one that stands neither in the question nor elsewhere."""
    answer = shown.text[shown.start : shown.end]
    figures = [
        f for f in _FIGURE.finditer(answer) if shown.text.count(f.group()) == 1 and f.group() not in question + shown.context
    ]
    if not figures:
        return shown
    old = rng.choice(figures)
    new = _other_figure(old.group(), rng)
    if new in shown.text:
        return shown
    first, last = shown.start + old.start(), shown.start + old.end()
    return replace(shown, text=shown.text[:first] + new + shown.text[last:], end=shown.end + len(new) - len(old.group()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    folders, found = read_folders(), []
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        for name, items in zip(folders, pool.map(items_of, folders.values())):
            found.append(items)
            print(f"{name}: {len(items)} questions", flush=True)
    options.out.write_bytes(pickle.dumps(found))


if __name__ == "__main__":
    from written_examples import main as run  # so that what is kept names this module's classes, which `draw_examples` loads

    run()
