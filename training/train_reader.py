"""Train the multilingual reader: multilingual-e5-small's body with start and end logits, position 0 meaning "no answer here", and a verdict.

In: rounds of `Examples` (`draw_examples`) and what to start from, packed by `pack_start`. Out, in BUILD: `checkpoint.pt` (the weights, their exponential mean,
and what a later run resumes from) and `log.jsonl`; with `--student` also `student.pt`, a reader of fewer layers that is taught by the mean.

A batch holds `--tokens` tokens of rows of like length. The rate warms up and falls to nothing by the end of `--minutes`, which count over all runs that
resume one another, so that a run ends when it was planned to. The word table and the positions stay as they are. It runs on a GPU where there is one.

Run: python training/train_reader.py START ROUNDS.npz … --minutes 8
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import torch
from examples import NO_VERDICT, TEMPERATURE, UNTOLD, Examples
from span_reader import SpanReader, kept_layers, note, read_start, save

ROOT = Path(__file__).resolve().parent.parent
MAX_GRADIENT = 1.0
WIDTH = 8
"""Rows are padded to a multiple of it."""
NOISE = 6
"""Tokens by which a row's length is mistaken when batches are made, so that they are others in each epoch."""
LONGEST_SPAN = 40
FORBIDDEN = -1e4


class Batches:
    """Examples on a device, and batches of them."""

    def __init__(self, examples: Examples, device: torch.device) -> None:
        self.sizes = examples.sizes
        self.device = device
        self.begins = torch.from_numpy(np.cumsum([0, *examples.sizes[:-1]], dtype=np.int64)).to(device)
        self.ids = torch.from_numpy(examples.ids.astype(np.int32)).to(device)
        self.lengths, self.passages, self.spans, self.verdicts = (
            torch.from_numpy(np.asarray(part, dtype=np.int64)).to(device)
            for part in (examples.sizes, examples.passages, examples.spans, examples.verdicts)
        )
        row_of = np.full(len(examples), -1, dtype=np.int64)
        row_of[examples.taught] = np.arange(len(examples.taught))
        self.row_of = torch.from_numpy(row_of).to(device)
        self.places = torch.from_numpy(examples.places.astype(np.int64)).to(device)
        self.masses = torch.from_numpy(examples.masses.astype(np.float32)).to(device)

    def order(self, tokens: int, rng: np.random.Generator) -> list[np.ndarray]:
        """All rows, in batches of about `tokens` tokens."""
        near = np.argsort(self.sizes + rng.uniform(0, NOISE, len(self.sizes)), kind="stable")
        made, first = [], 0
        while first < len(near):
            width = int(self.sizes[near[first]]) + NOISE
            last = min(len(near), first + max(1, tokens // width))
            made.append(near[first:last])
            first = last
        rng.shuffle(made)  # type: ignore[arg-type]
        return made

    def inputs(self, rows: np.ndarray) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        """The rows' numbers on the device, their ids and mask, and a mask of the tokens that may be chosen: the first and the passage's."""
        width = -(-int(self.sizes[rows].max()) // WIDTH) * WIDTH
        chosen = torch.from_numpy(rows).to(self.device, non_blocking=True)
        steps = torch.arange(width, device=self.device)
        mask = steps < self.lengths[chosen, None]
        places = (self.begins[chosen, None] + steps).clamp_(max=len(self.ids) - 1)
        ids = self.ids[places].long().masked_fill_(~mask, 0)
        passages = self.passages[chosen]
        allowed = (steps >= passages[:, :1]) & (steps < passages[:, 1:])
        allowed[:, 0] = True
        return chosen, ids, mask.long(), allowed


def loss_of(
    batches: Batches,
    rows: torch.Tensor,
    allowed: torch.Tensor,
    logits: Sequence[torch.Tensor],
    gold: float,
    teacher: Sequence[torch.Tensor] | None = None,
) -> torch.Tensor:
    """Cross entropy of starts, ends and verdicts; `gold` of it where a teacher has the rest: the rows' own, or the logits of another model."""
    spans = batches.spans[rows]
    told = (spans[:, 0] != UNTOLD).float()
    number = batches.row_of[rows]
    taught = (number >= 0).float()
    total = logits[0].new_zeros(())
    for side in (0, 1):
        scores = logits[side].float().masked_fill(~allowed, FORBIDDEN)
        plain = torch.nn.functional.cross_entropy(scores, spans[:, side].clamp(min=0), reduction="none") * told
        soft = torch.log_softmax(scores / TEMPERATURE, dim=-1)
        if teacher is not None:
            other = torch.softmax(teacher[side].float().masked_fill(~allowed, FORBIDDEN) / TEMPERATURE, dim=-1)
            apart = -(other * soft).sum(-1) * TEMPERATURE**2
            total = total + (gold * plain + (1 - gold) * apart).mean() / 2
        else:
            places, masses = batches.places[number.clamp(min=0), side], batches.masses[number.clamp(min=0), side]
            apart = -(masses * soft.gather(1, places.clamp(max=soft.shape[1] - 1))).sum(-1) * TEMPERATURE**2
            share = 1 - taught * (1 - gold)
            total = total + (share * plain + (1 - share) * apart).mean() / 2
    verdicts = batches.verdicts[rows]
    judged = (verdicts != NO_VERDICT).float()
    said = torch.nn.functional.cross_entropy(logits[2].float(), verdicts.clamp(min=0), reduction="none")
    return total + (said * judged).mean()


def rate(step: int, spent: float, options: argparse.Namespace) -> float:
    """Share of the peak learning rate at `step`, with `spent` of the time gone (0..1): a half cosine."""
    return float(min((step + 1) / options.warm_up, 0.5 * (1 + math.cos(math.pi * min(1.0, spent)))))


@torch.no_grad()
def follow(mean: Sequence[torch.Tensor], trained: Sequence[torch.Tensor], step: int, decay: float) -> None:
    """Move the exponential mean towards the weights; early on it is a plain mean."""
    weight = 1 - min(decay, (step + 1) / (step + 10))
    torch._foreach_lerp_(list(mean), list(trained), weight)


@torch.no_grad()
def figures(model: SpanReader, batches: Batches, tokens: int, half: AbstractContextManager[None]) -> dict[str, float]:
    """Of the rows with an answer the share whose best span is exactly theirs; of those without, the share that is refused; verdicts right."""
    training = model.training
    model.eval()
    right, shown, refused, judged = [], [], [], []
    for rows in batches.order(tokens, np.random.default_rng(0)):
        chosen, ids, mask, allowed = batches.inputs(rows)
        with half:
            starts, ends, verdicts = model(ids, mask)
        spans = batches.spans[chosen]
        first, last, margin = best_of(starts.float(), ends.float(), allowed)
        same = (first == spans[:, 0]) & (last == spans[:, 1])
        right += same[spans[:, 0] > 0].tolist()
        shown += (margin[spans[:, 0] > 0] > 0).tolist()
        refused += (margin[spans[:, 0] == 0] <= 0).tolist()
        asks = batches.verdicts[chosen] != NO_VERDICT
        judged += (verdicts.float().argmax(-1) == batches.verdicts[chosen])[asks].tolist()
    model.train(training)
    found = {"right": right, "shown": shown, "refused": refused, "verdicts": judged}
    return {name: round(float(np.mean(values)), 4) for name, values in found.items() if values}


def best_of(starts: torch.Tensor, ends: torch.Tensor, allowed: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """The best span's first and last token in the passage, and its margin over the first position, for each row."""
    none = starts[:, 0] + ends[:, 0]
    inside = allowed.clone()
    inside[:, 0] = False
    scores = starts.masked_fill(~inside, FORBIDDEN)[:, :, None] + ends.masked_fill(~inside, FORBIDDEN)[:, None, :]
    width = starts.shape[1]
    legal = torch.ones(width, width, dtype=torch.bool, device=starts.device).triu().tril(LONGEST_SPAN)
    best, place = scores.masked_fill(~legal, 2 * FORBIDDEN).flatten(1).max(-1)
    return place // width, place % width, best - none


class Run:
    """One model's training."""

    def __init__(self, model: SpanReader, options: argparse.Namespace, minutes: float, teacher: SpanReader | None = None) -> None:
        self.model, self.options, self.minutes, self.teacher = model, options, minutes, teacher
        model.bert.embeddings.requires_grad_(False)
        self.trained = {name: weights for name, weights in model.named_parameters() if weights.requires_grad}
        self.mean = {name: weights.detach().clone() for name, weights in self.trained.items()}
        fused = next(model.parameters()).is_cuda
        self.optimizer = torch.optim.AdamW(list(self.trained.values()), lr=options.rate, weight_decay=0.01, fused=fused)
        self.step = self.done = 0
        self.before = 0.0

    def resume(self, path: Path) -> None:
        saved = torch.load(path, map_location="cpu", weights_only=True)
        self.model.load_state_dict(saved["model"], strict=False)
        self.optimizer.load_state_dict(saved["optimizer"])
        for name, kept in saved["mean"].items():
            self.mean[name].copy_(kept)
        self.step, self.before = saved["step"], saved["seconds"]
        print(f"resumed at step {self.step}, {self.before / 60:.0f} minutes in", flush=True)

    def keep(self, path: Path, seconds: float) -> None:
        state = {name: tensor for name, tensor in self.model.state_dict().items() if "word_embeddings" not in name}
        save(
            path,
            {"model": state, "mean": self.mean, "optimizer": self.optimizer.state_dict(), "step": self.step, "seconds": seconds},
        )

    def train(self, batches: Batches, half: AbstractContextManager[None], report: str) -> Iterator[float]:
        """Trains for the run's minutes; gives the seconds spent now and then, when the caller may look at the model."""
        options = self.options
        rng = np.random.default_rng(options.seed)
        losses = torch.zeros((), device=batches.device)
        began = time.perf_counter()
        seen = 0
        while True:
            for rows in batches.order(options.tokens, rng):
                seconds = self.before + time.perf_counter() - began
                spent = seconds / (self.minutes * 60)
                if spent >= 1:
                    return
                for group in self.optimizer.param_groups:
                    group["lr"] = options.rate * rate(self.step, spent, options)
                chosen, ids, mask, allowed = batches.inputs(rows)
                with half:
                    logits = self.model(ids, mask)
                    told = self._told(ids, mask)
                gold = options.gold if told is None else options.student_gold
                loss = loss_of(batches, chosen, allowed, logits, gold, told)
                self.optimizer.zero_grad(set_to_none=True)
                loss.backward()
                torch.nn.utils.clip_grad_norm_(list(self.trained.values()), MAX_GRADIENT)
                self.optimizer.step()
                follow(list(self.mean.values()), list(self.trained.values()), self.step, options.mean_decay)
                losses += loss.detach()
                self.step += 1
                self.done += len(rows)
                seen += 1
                if self.step % options.report == 0:
                    speed = self.done / (time.perf_counter() - began)
                    print(
                        f"{report} step {self.step}  {spent:.0%}  loss {losses.item() / seen:.3f}  {speed:.0f} examples/s",
                        flush=True,
                    )
                    losses.zero_()
                    seen = 0
                    yield seconds

    def _told(self, ids: torch.Tensor, mask: torch.Tensor) -> Sequence[torch.Tensor] | None:
        if self.teacher is None:
            return None
        with torch.no_grad():
            return self.teacher(ids, mask)  # type: ignore[no-any-return]

    def use_mean(self) -> None:
        self.model.load_state_dict(self.mean, strict=False)


def train(options: argparse.Namespace) -> None:
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)
    torch.backends.cuda.matmul.allow_tf32 = True
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    half = torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda")
    batches = Batches(Examples.together([Examples.load(path) for path in options.rounds]), device)
    held_out = {path.stem: Batches(Examples.load(path), device) for path in options.held_out}
    model = read_start(options.start, options.dropout).to(device).train()
    run = Run(model, options, options.minutes)
    checkpoint = options.build / "checkpoint.pt"
    if checkpoint.exists():
        run.resume(checkpoint)
    print(
        f"{len(batches.sizes):,} examples, {sum(w.numel() for w in run.trained.values()):,} weights trained on {device}",
        flush=True,
    )

    def look(name: str, shown: SpanReader) -> None:
        for group, rows in held_out.items():
            print(f"{name} {group}: {json.dumps(figures(shown, rows, options.tokens, half))}", flush=True)

    kept_at = looked_at = run.before
    for seconds in run.train(batches, half, "reader"):
        if seconds - looked_at > options.look_every * 60:
            look("reader", model)
            looked_at = seconds
        if seconds - kept_at > options.keep_every * 60:
            run.keep(checkpoint, seconds)
            kept_at = seconds
    run.keep(checkpoint, options.minutes * 60)
    run.use_mean()
    look("mean", model)
    note(options.build / "log.jsonl", run.step, {"examples": run.done, "minutes": options.minutes})
    if options.student:
        student = kept_layers(model, options.student, options.dropout).to(device).train()
        taught = Run(student, options, options.student_minutes, model.eval())
        looked_at = 0.0
        for seconds in taught.train(batches, half, "student"):
            if seconds - looked_at > options.look_every * 60:
                look("student", student)
                looked_at = seconds
        taught.keep(options.build / "student.pt", options.student_minutes * 60)
        taught.use_mean()
        look("student's mean", student)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("start", type=Path, help="what pack_start wrote")
    parser.add_argument("rounds", type=Path, nargs="+", help="Examples")
    parser.add_argument("--held-out", type=Path, nargs="*", default=[], help="Examples to look at between")
    parser.add_argument("--build", type=Path, default=ROOT / "build" / "reader", help="folder of the checkpoint and the log")
    parser.add_argument("--minutes", type=float, default=90, help="of training, over all runs that resume one another")
    parser.add_argument("--student", type=int, default=0, help="layers of a student to train after it; 0 for none")
    parser.add_argument("--student-minutes", type=float, default=2)
    parser.add_argument("--tokens", type=int, default=2_048, help="of a batch, about")
    parser.add_argument("--rate", type=float, default=1e-4, help="peak learning rate")
    parser.add_argument("--gold", type=float, default=0.4, help="share of the gold span in the loss where there is a teacher")
    parser.add_argument("--student-gold", type=float, default=0.3, help="the same in a student's")
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--mean-decay", type=float, default=0.997, help="of the exponential mean of the weights, a step")
    parser.add_argument("--warm-up", type=int, default=100, help="steps until the peak rate")
    parser.add_argument("--report", type=int, default=20, help="steps between lines of the log")
    parser.add_argument("--look-every", type=float, default=10, help="minutes between figures on the held-out examples")
    parser.add_argument("--keep-every", type=float, default=10, help="minutes between checkpoints")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    options.build.mkdir(parents=True, exist_ok=True)
    train(options)


if __name__ == "__main__":
    main()
