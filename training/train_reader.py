"""Train the multilingual reader: multilingual-e5-small's body with start and end logits, position 0 meaning "no answer here".

In: the 4-bit weights (`e5_weights`), a reader to start from, the training data, and with `--teacher` an English reader whose
distribution is a part of what is learnt where it can read the example (its passage, and the question before it was put into Chinese words).
Out, in BUILD: `rounds/` (the examples as token ids, drawn with `--draw` by a process of its own, so that training starts at once and waits for nothing), `checkpoint.pt` (what a later run
resumes from, with the exponential mean of the weights beside the weights) and `log.jsonl`.

Each round holds `ROUND` examples drawn by `SHARES`; after the last the first comes again. The rate warms up and falls to nothing by the end of `--minutes`, counted over all runs
that resume one another, so that a run on a machine shared with others ends when it was planned to. The word table, the positions and the
lowest `--freeze` layers stay as they are.

Run: make train DATA=DIR WEIGHTS=FILE TRAIN="--start READER --minutes 90"; it draws first where there are no rounds
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from crossed_questions import Dictionary, crossed
from e5_weights import new_tokenizer, read_weights
from generators import MadeData
from set_examples import ContextExample, EnglishData, SetData, size_language
from span_reader import SpanReader, load_weights, new_reader, note, save
from table_examples import TableData
from tokenizers import Encoding, Tokenizer

from rag.models.reader import MAX_TOKENS, best_spans, passage_offsets, shown
from rag.text.sentences import split_sentences

ROOT = Path(__file__).resolve().parent.parent
WARM_UP = 100
MAX_GRADIENT = 1.0
GOLD = 0.4
"""Share of the gold span in the loss where there is a teacher."""
TEMPERATURE = 2.0
"""The teacher's distribution is softened (Hinton, Vinyals and Dean 2015, arXiv 1503.02531)."""
ROUND = 2_400
SHARES = {"english": 0.20, "sets": 0.44, "tables": 0.17, "boxes": 0.05, "made": 0.14}
CROSSED = 0.22
"""Share of the first two whose question is put into the other language's words."""
WORDS = (28, 90)
"""Least and most words of an English passage of `ReaderData`."""
WIDTH = 8
"""Rows are padded to a multiple of it."""
MEAN_DECAY = 0.997
"""Of the exponential mean of the weights, a step."""
PASSAGE = 1


@dataclass(frozen=True)
class Row:
    """Token ids, whether each token is of the passage, and the answer's first and last token; (0, 0) where there is none."""

    ids: list[int]
    inside: list[bool]
    offsets: list[tuple[int, int] | None]
    """As `passage_offsets` gives them; of a row that is loaded again empty."""
    first: int
    last: int
    taught: np.ndarray | None = None
    """A teacher's start and end probabilities for each token, softened, shaped (2, tokens)."""


def encode(tokenizer: Tokenizer, example: ContextExample) -> Row | None:
    """None where the answer is cut off. Offsets are characters of the passage."""
    text, begin = shown(example.context, example.passage)
    encoding: Encoding = tokenizer.encode(example.question, text)
    first = last = 0
    if example.end:
        found = encoding.char_to_token(begin + example.start, PASSAGE), encoding.char_to_token(begin + example.end - 1, PASSAGE)
        if found[0] is None or found[1] is None or found[1] >= MAX_TOKENS - 1:
            return None
        first, last = found
    ids, offsets = encoding.ids, passage_offsets(encoding, begin)
    if len(ids) > MAX_TOKENS:
        ids, offsets = [*ids[: MAX_TOKENS - 1], ids[-1]], [*offsets[: MAX_TOKENS - 1], None]
    return Row(ids, [offset is not None for offset in offsets], offsets, first, last)


def tensors(rows: Sequence[Row]) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
    """Padded inputs, and a mask of the positions that may be chosen: 0 and the passage."""
    width = -(-max(len(row.ids) for row in rows) // WIDTH) * WIDTH
    inputs = {n: torch.zeros(len(rows), width, dtype=torch.long) for n in ("input_ids", "attention_mask", "token_type_ids")}
    allowed = torch.zeros(len(rows), width, dtype=torch.bool)
    for number, row in enumerate(rows):
        inputs["input_ids"][number, : len(row.ids)] = torch.tensor(row.ids)
        inputs["attention_mask"][number, : len(row.ids)] = 1
        allowed[number, : len(row.ids)] = torch.tensor(row.inside)
        allowed[number, 0] = True
    return inputs, allowed


def batches(rows: Sequence[Row], size: int, rng: random.Random) -> list[list[Row]]:
    """Rows of like length together, in random order."""
    near = sorted(rows, key=lambda row: len(row.ids) + rng.uniform(0, 6))
    cut = [near[i : i + size] for i in range(0, len(near) - size + 1, size)]
    rng.shuffle(cut)
    return cut


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
    return (laid / laid.sum(1, keepdims=True)).astype(np.float16)


class Mixture:
    """All sources of examples; a round depends on the seed and its number alone."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.seed = seed
        self.english = EnglishData(folder, seed, WORDS)
        self.sets = SetData(folder)
        self.tables = TableData(folder / "tables")
        chinese = [p.text for p in self.sets.paragraphs["cmrc2018_train"] + self.sets.paragraphs["drcd_simplified"]]
        self.dictionary = Dictionary(chinese)
        english = [p.text for p in self.sets.paragraphs["squad_train_part"] + self.sets.paragraphs["tatqa_text"]]
        self.made = MadeData({"en": short_sentences(english), "zh": short_sentences(chinese)})
        self._draw: dict[str, Callable[[random.Random], ContextExample]] = {
            "english": self.english.draw, "sets": self.sets.draw, "tables": self.tables.draw, "boxes": self.tables.draw_box,
        }  # fmt: skip

    def draw(self, rng: random.Random) -> list[tuple[ContextExample, str | None]]:
        """One example, or a pair of made ones, each with the question that an English teacher may be asked."""
        name = rng.choices(list(SHARES), [share / (1 + (name == "made")) for name, share in SHARES.items()])[0]
        if name == "made":
            return [(example, None) for example in self.made.draw(rng)]
        example = self._draw[name](rng)
        english = size_language(example.question) == size_language(example.passage) == "en"
        asked = example.question if english and name in ("english", "sets") else None
        if name in ("english", "sets") and rng.random() < CROSSED:
            example = crossed(example, self.dictionary, rng) or example
        return [(example, asked)]

    def round(self, number: int, tokenizer: Tokenizer, teacher: Teacher | None) -> list[Row]:
        rng = random.Random(f"{self.seed} round {number}")
        rows: list[Row] = []
        asked: list[str | None] = []
        passages: list[str] = []
        while len(rows) < ROUND:
            for example, question in self.draw(rng):
                if row := encode(tokenizer, example):
                    rows.append(row)
                    asked.append(question)
                    passages.append(example.passage)
        return teacher.teach(rows, asked, passages) if teacher else rows


def short_sentences(texts: Sequence[str]) -> list[str]:
    """The sentences of up to a line, for standing around what is made."""
    spans = ((text, start, end) for text in texts for start, end in split_sentences(text, 0, len(text)))
    return [text[start:end] for text, start, end in spans if 12 < end - start < (50 if size_language(text) == "zh" else 110)]


def read(model: SpanReader, tokenizer: Tokenizer, examples: Sequence[ContextExample]) -> list[tuple[str, float]]:
    """The best span's text and margin for each example."""
    training = model.training
    model.eval()
    found: list[tuple[str, float]] = [("", 0.0)] * len(examples)
    rows = [row for example in examples if (row := encode(tokenizer, without_answer(example)))]
    order = sorted(range(len(rows)), key=lambda i: len(rows[i].ids))
    for at in range(0, len(order), 16):
        part = order[at : at + 16]
        inputs, _ = tensors([rows[i] for i in part])
        with torch.no_grad():
            starts, ends = (logits.numpy() for logits in model(**inputs))
        for number, i in enumerate(part):
            found[i] = best(rows[i], starts[number], ends[number], examples[i].passage)
    model.train(training)
    return found


def without_answer(example: ContextExample) -> ContextExample:
    return ContextExample(example.question, example.passage, 0, 0, example.kind, example.answers, example.context)


def best(row: Row, starts: np.ndarray, ends: np.ndarray, passage: str) -> tuple[str, float]:
    """The best span's text without white space around it, and its margin over "no answer"."""
    (first, last, margin), *_ = best_spans(starts, ends, row.offsets, 1) or [(0, 0, -20.0)]
    return passage[first:last].strip(), margin


def loss_of(model: SpanReader, rows: Sequence[Row]) -> torch.Tensor:
    inputs, allowed = tensors(rows)
    total = torch.zeros(())
    gold = torch.tensor([(row.first, row.last) for row in rows])
    soft = torch.zeros(2, *allowed.shape)
    share = torch.ones(len(rows))
    for number, row in enumerate(rows):
        if row.taught is not None:
            soft[:, number, : len(row.ids)] = torch.from_numpy(row.taught.astype(np.float32))
            share[number] = GOLD
    for side, logits in enumerate(model(**inputs)):
        scores = logits.masked_fill(~allowed, -1e4)
        told = torch.nn.functional.cross_entropy(scores, gold[:, side], reduction="none")
        apart = -(soft[side] * torch.log_softmax(scores / TEMPERATURE, dim=-1)).sum(-1) * TEMPERATURE**2
        total = total + (share * told + (1 - share) * apart).mean() / 2
    return total


def rate(step: int, spent: float, options: argparse.Namespace) -> float:
    """Share of the peak learning rate at `step`, with `spent` of the minutes gone (0..1)."""
    return float(min(1.0, (step + 1) / options.warm_up, max(0.0, (1 - spent) / options.decay)))


def trained_parameters(model: SpanReader, freeze: int) -> dict[str, torch.nn.Parameter]:
    for part in model.lowest[: 1 + freeze]:
        part.requires_grad_(False)
    return {name: weights for name, weights in model.named_parameters() if weights.requires_grad}


@torch.no_grad()
def follow(mean: dict[str, torch.Tensor], trained: dict[str, torch.nn.Parameter], step: int) -> None:
    """Move the exponential mean towards the weights; early on it is a plain mean."""
    weight = 1 - min(MEAN_DECAY, (step + 1) / (step + 10))
    for name, kept in mean.items():
        kept.lerp_(trained[name], weight)


def train(options: argparse.Namespace) -> None:
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)
    weights = read_weights(options.weights).cut()
    tokenizer, model = new_tokenizer(weights), new_reader(weights)
    if options.start:
        load_weights(model, options.start, mean=False)
    trained = trained_parameters(model.train(), options.freeze)
    optimizer = torch.optim.AdamW(list(trained.values()), lr=options.rate, weight_decay=0.01, fused=True)
    mean = {name: weights.detach().clone() for name, weights in trained.items()}
    step = number = 0
    before = 0.0
    checkpoint = options.build / "checkpoint.pt"
    if checkpoint.exists():
        saved = torch.load(checkpoint, map_location="cpu", weights_only=True)
        model.load_state_dict(saved["model"], strict=False)
        optimizer.load_state_dict(saved["optimizer"])
        mean = saved["mean"]
        step, number, before = saved["step"], saved["round"], saved["seconds"]
        print(f"resumed at step {step}, round {number}, {before / 60:.0f} minutes in", flush=True)
    print(f"ready: {len(tokenizer.get_vocab())} pieces, {sum(p.numel() for p in trained.values()):,} weights trained", flush=True)
    began = kept_at = time.perf_counter()
    losses: list[float] = []
    done = 0

    def seconds() -> float:
        return before + time.perf_counter() - began

    def keep() -> None:
        state = {name: tensor for name, tensor in model.state_dict().items() if "word_embeddings" not in name}
        found = {
            "model": state,
            "mean": mean,
            "optimizer": optimizer.state_dict(),
            "step": step,
            "round": number,
            "seconds": seconds(),
        }
        save(checkpoint, found)

    while seconds() < options.minutes * 60:
        for batch in batches(load_round(options.build, number), options.batch, random.Random(f"{options.seed} {number}")):
            spent = seconds() / (options.minutes * 60)
            if spent >= 1:
                break
            for group in optimizer.param_groups:
                group["lr"] = options.rate * rate(step, spent, options)
            loss = loss_of(model, batch)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(list(trained.values()), MAX_GRADIENT)
            optimizer.step()
            follow(mean, trained, step)
            losses.append(loss.item())
            step += 1
            done += len(batch)
            if step % 20 == 0:
                speed = done / (time.perf_counter() - began)
                print(f"step {step}  {spent:.0%}  loss {np.mean(losses[-50:]):.3f}  {speed:.1f} examples/s", flush=True)
            if time.perf_counter() - kept_at > options.keep_every * 60:
                keep()
                kept_at = time.perf_counter()
        number += 1
    keep()
    note(
        options.build / "log.jsonl", step, {"loss": round(float(np.mean(losses[-200:])), 4), "minutes": round(seconds() / 60, 1)}
    )


def draw(options: argparse.Namespace) -> None:
    """Write the rounds that are not there yet."""
    tokenizer = new_tokenizer(read_weights(options.weights).cut())
    mixture = Mixture(options.data, options.seed)
    teacher = Teacher(options.teacher) if options.teacher else None
    folder = options.build / "rounds"
    folder.mkdir(exist_ok=True)
    for number in range(options.draw):
        path = folder / f"{number:03}.pt"
        if not path.exists():
            rows = mixture.round(number, tokenizer, teacher)
            kept = [(r.ids, r.inside, r.first, r.last, None if r.taught is None else torch.from_numpy(r.taught)) for r in rows]
            save(path, {"rows": kept})
            taught = np.mean([row.taught is not None for row in rows])
            size = np.mean([len(row.ids) for row in rows])
            print(f"{path.name}: {len(rows)} examples of {size:.0f} tokens, {taught:.0%} taught", flush=True)


def load_round(build: Path, number: int) -> list[Row]:
    """Round `number`, or where so many were not drawn one of those again."""
    paths = sorted((build / "rounds").glob("*.pt"))
    found = torch.load(paths[number % len(paths)], weights_only=True)["rows"]
    return [
        Row(ids, inside, [], first, last, None if taught is None else taught.numpy())
        for ids, inside, first, last, taught in found
    ]


def count_kinds(mixture: Mixture, draws: int) -> Iterator[tuple[str, int]]:
    """How often each kind of example comes."""
    rng = random.Random(0)
    yield from sorted(Counter(example.kind for _ in range(draws) for example, _ in mixture.draw(rng)).items())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of the training data, with tables/")
    parser.add_argument("weights", type=Path, help="e5-small-q4.bin")
    parser.add_argument("--start", type=Path, help="a reader to start from: .safetensors, .pt, or an int8 .onnx")
    parser.add_argument("--teacher", type=Path, help="with --draw: the folder of an English int8 reader")
    parser.add_argument("--build", type=Path, default=ROOT / "build" / "reader", help="folder of the checkpoint and the log")
    parser.add_argument("--minutes", type=float, default=90, help="of training, over all runs that resume one another")
    parser.add_argument("--batch", type=int, default=24, help="examples of a step")
    parser.add_argument("--rate", type=float, default=1.2e-4, help="peak learning rate")
    parser.add_argument("--decay", type=float, default=0.8, help="share of the time over which the rate falls to nothing")
    parser.add_argument("--freeze", type=int, default=2, help="lowest layers that stay as they are")
    parser.add_argument("--warm-up", type=int, default=WARM_UP, help="steps until the peak rate")
    parser.add_argument("--keep-every", type=float, default=10, help="minutes between checkpoints")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--draw", type=int, default=0, help="rounds to write to BUILD/rounds instead of training")
    parser.add_argument("--kinds", action="store_true", help="count the kinds of 5,000 examples instead")
    options = parser.parse_args()
    options.build.mkdir(parents=True, exist_ok=True)
    if options.kinds:
        print(json.dumps(dict(count_kinds(Mixture(options.data, options.seed), 5000)), indent=1))
        return
    if options.draw:
        draw(options)
    else:
        train(options)


if __name__ == "__main__":
    main()
