"""What a multilingual reader does with the right paragraph, with the wrong one, and with tables, in figures.

In: the development data (`xquad_dev.*.json`, `tables/`) and a checkpoint, a start's .safetensors, or a folder with the int8 files. Out, as JSON:
  xquad          exact match and F1 of the best span in the gold paragraph, for each pair of question's and text's language
  cells          IM-TQA's and HiTab's single cells: right out of their table, and refused (margin below 0) where the row is taken out
  made           made pairs of each kind: right, and refused; the templates are those of the training, the names and amounts are not
  written        held-out written folders: right spans and margins above 0, near misses and passages without the answer refused
  held out       area under the ROC curve of the margin, answers against each kind of negative, on held-out paragraphs of two sets
  told apart     the same for near misses, gone and topic of `ReaderData`
  recall         passage recall@1 and @5 of the int8 encoder alone over XQuAD's paragraphs, for each pair of languages
Exact match as SQuAD compares; F1 of words for English texts, of characters for Chinese ones. Nothing here is trained on.

Run: python training/measure_models.py DATA WEIGHTS READER [--questions 160]
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from draw_examples import WORDS
from e5_weights import new_tokenizer, read_weights
from examples import NO_VERDICT
from generators import GENERATORS, MadeData
from reader_data import ReaderData
from set_examples import ContextExample, SetData
from span_reader import SpanReader, load_weights, new_reader
from span_texts import read
from table_examples import TableQuestion, chosen_rows, named_in_question, present, read_questions
from tokenizers import Tokenizer
from written_examples import WrittenData

from eval.metrics import answer_f1, exact_match, squad_normalise
from rag.answers import Passage
from rag.models.encoder import Encoder
from rag.models.reader import Reader

Margins = npt.NDArray[np.float64]
Vectors = Callable[[str, Sequence[str]], npt.NDArray[np.float32]]
"""Of texts that are to be used as "query" or as "passage"."""
Read = Callable[[Sequence[ContextExample]], list[tuple[str, float]]]
WRITTEN = 1_000
PAIRS = (("en", "en"), ("zh", "zh"), ("zh", "en"), ("en", "zh"))
"""Question's and text's language."""
_MARKS = re.compile(r"[\s，。：？！“”‘’；《》·、「」（）－～『』]")


def character_f1(given: str, golds: Sequence[str]) -> float:
    """Best F1 of shared characters, punctuation left out."""

    def plain(text: str) -> Counter[str]:
        return Counter(_MARKS.sub("", squad_normalise(text)))

    a = plain(given)
    found = []
    for gold in golds:
        b = plain(gold)
        shared = (a & b).total()
        found.append(2 * shared / (a.total() + b.total()) if a and b else float(a == b))
    return max(found)


def paragraphs_of(data: Path, language: str) -> list[dict[str, object]]:
    raw = json.loads((data / f"xquad_dev.{language}.json").read_text(encoding="utf-8"))
    return [paragraph for article in raw["data"] for paragraph in article["paragraphs"]]


def xquad(data: Path, asked: str, text: str, count: int) -> tuple[list[ContextExample], list[tuple[str, ...]]]:
    """Questions in one language over their own paragraph in another, every nth of them."""
    examples, golds = [], []
    for questions, texts in zip(paragraphs_of(data, asked), paragraphs_of(data, text)):
        for qa, translated in zip(questions["qas"], texts["qas"]):  # type: ignore[call-overload]
            examples.append(ContextExample(qa["question"], str(texts["context"]), 0, 0, "", ()))
            golds.append(tuple(answer["text"] for answer in translated["answers"]))
    every = max(1, len(examples) // count)
    return examples[::every], golds[::every]


def xquad_figures(read: Read, data: Path, asked: str, text: str, count: int) -> dict[str, float]:
    examples, golds = xquad(data, asked, text, count)
    given = [span for span, _ in read(examples)]
    f1 = character_f1 if text == "zh" else answer_f1
    return {
        "em": float(np.mean([exact_match(g, gold) for g, gold in zip(given, golds)])),
        "f1": float(np.mean([f1(g, gold) for g, gold in zip(given, golds)])),
        "questions": len(examples),
    }


def same_cell(given: str, gold: str) -> bool:
    def plain(text: str) -> str:
        return re.sub(r"[\s,$€£¥%]", "", text).strip(".:;|\"'").lower()

    return plain(given) == plain(gold)


def cell_figures(read: Read, questions: Sequence[TableQuestion], rows: int) -> dict[str, float]:
    """Right cells with `rows` rows shown as a markdown table, and refusals where the question names the row that is gone."""

    held, gone = [], []
    for asked in questions:
        shown_rows = chosen_rows(asked, random.Random(0), rows)
        held.append(present(asked, "markdown", shown_rows))
        rest = [n for n in shown_rows if n != asked.cell[0]]
        if named_in_question(asked) and len(present(asked, "markdown", rest).passage) > 1:
            gone.append(present(asked, "markdown", rest))
    given, refused = read(held), read(gone)
    right = [same_cell(span, asked.answer) for (span, _), asked in zip(given, questions)]
    shown_right = [r and margin > 0 for r, (_, margin) in zip(right, given)]
    return {
        "right": float(np.mean(right)),
        "right and shown": float(np.mean(shown_right)),
        "refused": float(np.mean([margin <= 0 for _, margin in refused])),
        "questions": len(held),
        "gone": len(gone),
    }


def table_figures(read: Read, data: Path, train_tables: Path, count: int) -> dict[str, dict[str, float]]:
    sets = {
        "im_tqa": list(read_questions(data / "tables" / "im_tqa_dev.jsonl.gz")),
        "hitab": list(read_questions(data / "tables" / "hitab_dev.jsonl.gz", train_tables / "hitab_tables.jsonl.gz")),
    }
    return {name: cell_figures(read, questions[:: max(1, len(questions) // count)], 10) for name, questions in sets.items()}


def told_apart(read: Read, data: ReaderData, count: int) -> dict[str, float]:
    def margins(kind: str, number: int) -> Margins:
        made = [ContextExample(**vars(example)) for example in data.tests(kind, number)]
        return np.array([margin for _, margin in read(made)])

    positive = margins("answer", count)
    return {kind: area(positive, margins(kind, count)) for kind in ("near miss", "gone", "topic")}


def made_figures(read: Read, count: int) -> dict[str, dict[str, float]]:
    """Right among the answerable and refused among the others, for `count` pairs of each kind."""
    made = MadeData({})
    found = {}
    for kind in GENERATORS:
        rng = random.Random(f"measured {kind}")
        pairs = [made.pair(rng, kind) for _ in range(count)]
        given, refused = read([p.answered for p in pairs]), read([p.unanswered for p in pairs])
        found[kind] = {
            "right": float(np.mean([same_cell(span, p.answered.answers[0]) for (span, _), p in zip(given, pairs)])),
            "refused": float(np.mean([margin <= 0 for _, margin in refused])),
            "wrongly refused": float(np.mean([margin <= 0 for _, margin in given])),
        }
    return found


def written_figures(read: Read, data: WrittenData, count: int) -> dict[str, float]:
    """On `count` questions of the held-out written folders: the passage that holds the answer, and the first found without it."""
    items = random.Random("written").sample(data.held_out, min(count, len(data.held_out)))
    examples = [example for item in items if item.verdict == NO_VERDICT for example in data.plain(item)]
    found = list(zip(examples, read(examples)))
    answered = [(span, margin, e) for e, (span, margin) in found if e.kind == "answer"]
    refused = {kind: float(np.mean([m <= 0 for e, (_, m) in found if e.kind == kind])) for kind in ("own", "gone")}
    return {
        "right": float(np.mean([span == e.answers[0] for span, _, e in answered])),
        "shown": float(np.mean([margin > 0 for _, margin, _ in answered])),
        "near misses refused": refused["own"],
        "without the answer refused": refused["gone"],
        "questions": len(items),
    }


def held_out_figures(read: Read, data: SetData, count: int) -> dict[str, float]:
    """How well the margin tells answers from each kind of negative, on the sets' held-out paragraphs."""
    rng = random.Random("held out")
    asked = [q for name in data.held_out for q in rng.sample(data.held_out[name], min(count, len(data.held_out[name])))]

    def margins(kind: str) -> Margins:
        examples = [data.example(question, rng, kind) for question in asked]
        return np.array([margin for _, margin in read([e for e in examples if e.kind == kind])])

    positive = margins("answer")
    return {kind: area(positive, margins(kind)) for kind in ("gone", "in context", "topic", "swapped", "crossed")}


def area(positive: Margins, negative: Margins) -> float:
    return float((positive[:, None] > negative[None, :]).mean()) if len(negative) else float("nan")


def recall_figures(vectors: Vectors, data: Path) -> dict[str, dict[str, float]]:
    """Share of the questions whose own paragraph is the first, or among the first five, by cosine."""
    languages = ("en", "zh")
    passages = {name: vectors("passage", [str(p["context"]) for p in paragraphs_of(data, name)]) for name in languages}
    owners = [n for n, p in enumerate(paragraphs_of(data, "en")) for _ in p["qas"]]  # type: ignore[attr-defined]
    found = {}
    for asked in languages:
        texts = [qa["question"] for p in paragraphs_of(data, asked) for qa in p["qas"]]  # type: ignore[attr-defined]
        questions = vectors("query", texts)
        for text in languages:
            order = np.argsort(-(questions @ passages[text].T), axis=1)
            rank = np.argmax(order == np.array(owners)[:, None], axis=1)
            found[f"{asked} on {text}"] = {"recall@1": float((rank < 1).mean()), "recall@5": float((rank < 5).mean())}
    return found


def torch_reader(weights: Path, reader: Path, mean: bool) -> Read:
    loaded = read_weights(weights).cut()
    tokenizer, model = new_tokenizer(loaded), new_reader(loaded)
    load_weights(model, reader, mean)
    return bound(model, tokenizer)


def int8_reader(folder: Path) -> Read:
    """The product's own reader over the files of `folder`."""
    reader = Reader(folder)

    def read(examples: Sequence[ContextExample]) -> list[tuple[str, float]]:
        found = []
        for example in examples:
            passage = Passage("", "", 0, len(example.passage), example.passage, 1.0, context=example.context)
            (reading,) = reader.read(example.question, [passage], spans=1)
            best = reading.spans[0] if reading.spans else None
            found.append((best.text, best.margin) if best else ("", -20.0))
        return found

    return read


def bound(model: SpanReader, tokenizer: Tokenizer) -> Read:
    return lambda examples: read(model.eval(), tokenizer, examples)


def rounded(figures: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in figures.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with dev/ and reader_train/")
    parser.add_argument("weights", type=Path)
    parser.add_argument("reader", type=Path)
    parser.add_argument("--plain", action="store_true", help="a checkpoint's weights instead of their mean")
    parser.add_argument("--questions", type=int, default=632, help="of XQuAD, about")
    parser.add_argument("--cells", type=int, default=200, help="questions of each set of tables, about")
    parser.add_argument("--apart", type=int, default=0, help="examples of each kind for the margin")
    parser.add_argument("--made", type=int, default=0, help="pairs of each kind")
    parser.add_argument("--held-out", type=int, default=0, help="questions of each of two sets")
    parser.add_argument("--written", type=Path, help="what written_examples wrote: 1,000 questions of the folders held out")
    parser.add_argument("--recall", action="store_true", help="of the encoder in READER, a folder")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    if options.reader.is_dir():
        read = int8_reader(options.reader)
    else:
        read = torch_reader(options.weights, options.reader, not options.plain)
    dev, train = options.data / "dev", options.data / "reader_train"
    if options.questions:
        for asked, text in PAIRS:
            found = xquad_figures(read, dev, asked, text, options.questions)
            print(json.dumps({f"xquad {asked} on {text}": rounded(found)}), flush=True)
    if options.cells:
        for name, found in table_figures(read, dev, train / "tables", options.cells).items():
            print(json.dumps({f"cells {name}": rounded(found)}), flush=True)
    if options.made:
        for name, found in made_figures(read, options.made).items():
            print(json.dumps({f"made {name}": rounded(found)}), flush=True)
    if options.held_out:
        sets = SetData(train, ("cmrc2018_train", "squad_train_part"))
        print(json.dumps({"held out": rounded(held_out_figures(read, sets, options.held_out))}), flush=True)
    if options.written:
        print(json.dumps({"written": rounded(written_figures(read, WrittenData(options.written), WRITTEN))}), flush=True)
    if options.recall:
        for name, found in recall_figures(Encoder(options.reader).as_it_is, dev).items():
            print(json.dumps({f"recall {name}": rounded(found)}), flush=True)
    if options.apart:
        found = told_apart(read, ReaderData(train, 0, WORDS), options.apart)
        print(json.dumps({"told apart": rounded(found)}), flush=True)


if __name__ == "__main__":
    main()
