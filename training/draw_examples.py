"""All the sources of training examples → rounds of token ids, for `train_reader`.

In: the 4-bit weights (`e5_weights`, for the tokenizer), the training data, the manuals of `pages.py`, what `written_examples` wrote, and with `--teacher` an English reader whose
distribution is a part of what is learnt where it can read the example (its passage, and the question before it was put into Chinese words).
Out, in BUILD/rounds: `Examples` of about `ROUND` each, drawn by `SHARES`; a round depends on the seed and its number alone.

Run: python training/draw_examples.py DATA/reader_train WEIGHTS --pages pages.jsonl.gz --written written.pkl --rounds 100 --teacher FOLDER
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnxruntime
from crossed_questions import Dictionary, crossed
from e5_weights import new_tokenizer, read_weights
from examples import NO_VERDICT, TEMPERATURE, Examples, Row
from generators import MadeData
from page_examples import PageData
from set_examples import ContextExample, EnglishData, SetData, size_language
from span_texts import encode
from table_examples import TableData
from tokenizers import Tokenizer
from verdict_examples import VerdictData
from written_examples import WrittenData

from rag.models.reader import MAX_TOKENS, best_spans, passage_offsets
from rag.text.sentences import split_sentences

ROOT = Path(__file__).resolve().parent.parent
ROUND = 2_400
SHARES = {
    "english": 0.14, "sets": 0.32, "tables": 0.11, "boxes": 0.03, "made": 0.10, "pages": 0.09, "verdicts": 0.05, "written": 0.16,
}  # fmt: skip
CROSSED = 0.22
"""Share of the first two whose question is put into the other language's words."""
WORDS = (28, 90)
"""Least and most words of an English passage of `ReaderData`."""


class Teacher:
    """An English reader of another vocabulary (reader.int8.onnx: input_ids, attention_mask, token_type_ids → start_logits, end_logits;
    tokenizer.json): its softened distribution, laid over a row's tokens by characters."""

    def __init__(self, folder: Path) -> None:
        self.session = onnxruntime.InferenceSession(str(folder / "reader.int8.onnx"), providers=["CPUExecutionProvider"])
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.enable_truncation(MAX_TOKENS, strategy="only_second")

    def teach(self, rows: Sequence[Row], asked: Sequence[str | None], passages: Sequence[str]) -> list[Row]:
        """`rows` with `taught` where `asked` holds an English question; not where it finds an answer and there is none."""
        made = []
        for row, question, passage in zip(rows, asked, passages):
            made.append(self._taught(row, question, passage) if question else row)
        return made

    def _taught(self, row: Row, question: str, passage: str) -> Row:
        encoding = self.tokenizer.encode(question, passage)
        inputs = {"input_ids": encoding.ids, "attention_mask": encoding.attention_mask, "token_type_ids": encoding.type_ids}
        found = self.session.run(None, {name: np.array([ids], dtype=np.int64) for name, ids in inputs.items()})
        starts, ends = (logits[0] for logits in found)
        offsets = passage_offsets(encoding)
        margin = max((m for _, _, m in best_spans(starts, ends, offsets, 1)), default=0.0)
        return replace(row, taught=laid_over(row, starts, ends, offsets)) if row.last or margin <= 0 else row


def laid_over(row: Row, starts: np.ndarray, ends: np.ndarray, offsets: Sequence[tuple[int, int] | None]) -> np.ndarray:
    """The softened probabilities of a teacher's tokens, each at the row's token that holds its first (last) character."""
    holder = {c: i for i, offset in enumerate(row.offsets) if offset for c in range(*offset)}
    laid = np.zeros((2, len(row.ids)), dtype=np.float32)
    own = [0, *(t for t, offset in enumerate(offsets) if offset)]
    for side, logits in enumerate((starts, ends)):
        soft = np.exp((logits[own] - logits[own].max()) / TEMPERATURE)
        for token, mass in zip(own, soft):
            offset = offsets[token]
            place = holder.get((offset[0], offset[1] - 1)[side]) if offset else 0
            if place is not None:
                laid[side, place] += mass
    return laid / laid.sum(1, keepdims=True)


class Drawn(NamedTuple):
    example: ContextExample
    asked: str | None = None
    """The question that an English teacher may be asked."""
    verdict: int = NO_VERDICT


class Mixture:
    """All sources of examples; a round depends on the seed and its number alone."""

    def __init__(self, folder: Path, pages: Path, written: Path, seed: int, shares: Mapping[str, float]) -> None:
        self.seed = seed
        self.shares = shares
        self.english = EnglishData(folder, seed, WORDS)
        self.sets = SetData(folder)
        self.tables = TableData(folder / "tables")
        self.pages = PageData(pages)
        self.written = WrittenData(written)
        chinese = [p for name in ("cmrc2018_train", "drcd_simplified") for p in self.sets.paragraphs[name]]
        english = [p for name in ("squad_train_part", "tatqa_text") for p in self.sets.paragraphs[name]]
        self.dictionary = Dictionary([p.text for p in chinese])
        self.made = MadeData({"en": short_sentences([p.text for p in english]), "zh": short_sentences([p.text for p in chinese])})
        self.verdicts = VerdictData(folder, [*chinese, *english])
        self._draw: dict[str, Callable[[random.Random], ContextExample]] = {
            "english": self.english.draw, "sets": self.sets.draw, "tables": self.tables.draw, "boxes": self.tables.draw_box,
            "pages": self.pages.draw,
        }  # fmt: skip

    def draw(self, rng: random.Random) -> list[Drawn]:
        """One example, or a pair of made ones."""
        name = rng.choices(list(self.shares), [share / (1 + (name == "made")) for name, share in self.shares.items()])[0]
        if name == "made":
            return [Drawn(example) for example in self.made.draw(rng)]
        if name in ("verdicts", "written"):
            example, verdict = self.verdicts.draw(rng) if name == "verdicts" else self.written.draw(rng)
            return [Drawn(example, None, verdict)]
        example = self._draw[name](rng)
        english = size_language(example.question) == size_language(example.passage) == "en"
        asked = example.question if english and name in ("english", "sets") else None
        if name in ("english", "sets") and rng.random() < CROSSED:
            example = crossed(example, self.dictionary, rng) or example
        return [Drawn(example, asked)]

    def round(self, number: int, tokenizer: Tokenizer, teacher: Teacher | None) -> list[Row]:
        rng = random.Random(f"{self.seed} round {number}")
        rows: list[Row] = []
        drawn: list[Drawn] = []
        while len(rows) < ROUND:
            for one in self.draw(rng):
                if row := encode(tokenizer, one.example, one.verdict):
                    rows.append(row)
                    drawn.append(one)
        return teacher.teach(rows, [one.asked for one in drawn], [one.example.passage for one in drawn]) if teacher else rows


def short_sentences(texts: Sequence[str]) -> list[str]:
    """The sentences of up to a line, for standing around what is made."""
    spans = ((text, start, end) for text in texts for start, end in split_sentences(text, 0, len(text)))
    return [text[start:end] for text, start, end in spans if 12 < end - start < (50 if size_language(text) == "zh" else 110)]


def count_kinds(mixture: Mixture, draws: int) -> Iterator[tuple[str, int]]:
    """How often each kind of example comes."""
    rng = random.Random(0)
    yield from sorted(Counter(one.example.kind for _ in range(draws) for one in mixture.draw(rng)).items())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of the training data, with tables/")
    parser.add_argument("weights", type=Path, help="e5-small-q4.bin")
    parser.add_argument("--pages", type=Path, required=True, help="the manuals, as pages.py writes them")
    parser.add_argument("--written", type=Path, required=True, help="what written_examples wrote")
    parser.add_argument("--only", choices=sorted(SHARES), help="one source alone")
    parser.add_argument("--teacher", type=Path, help="the folder of an English int8 reader")
    parser.add_argument("--build", type=Path, default=ROOT / "build" / "reader")
    parser.add_argument("--rounds", type=int, default=100, help="those that are there already are not drawn again")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kinds", action="store_true", help="count the kinds of 5,000 examples instead")
    options = parser.parse_args()
    shares = {options.only: 1.0} if options.only else SHARES
    mixture = Mixture(options.data, options.pages, options.written, options.seed, shares)
    if options.kinds:
        print(json.dumps(dict(count_kinds(mixture, 5000)), indent=1))
        return
    tokenizer = new_tokenizer(read_weights(options.weights).cut())
    teacher = Teacher(options.teacher) if options.teacher else None
    folder = options.build / "rounds"
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(options.rounds):
        path = folder / f"{number:03}.npz"
        if not path.exists():
            examples = Examples.of(mixture.round(number, tokenizer, teacher))
            examples.save(path)
            taught = len(examples.taught) / len(examples)
            print(f"{path.name}: {len(examples)} examples of {examples.sizes.mean():.0f} tokens, {taught:.0%} taught", flush=True)


if __name__ == "__main__":
    main()
