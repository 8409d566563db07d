"""Questions and passages as text → rows of token ids, and what a reader in torch finds in them, as text again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from examples import NO_VERDICT, UNTOLD, Row
from set_examples import ContextExample
from span_reader import SpanReader
from tokenizers import Encoding, Tokenizer

from rag.models.reader import MAX_TOKENS, best_spans, passage_offsets, shown

PASSAGE = 1


def encode(tokenizer: Tokenizer, example: ContextExample, verdict: int = NO_VERDICT) -> Row | None:
    """None where the answer is cut off. Offsets are characters of the passage."""
    text, begin = shown(example.context, example.passage)
    encoding: Encoding = tokenizer.encode(example.question, text)
    first = last = UNTOLD if verdict > 0 else 0
    if example.end:
        found = encoding.char_to_token(begin + example.start, PASSAGE), encoding.char_to_token(begin + example.end - 1, PASSAGE)
        if found[0] is None or found[1] is None or found[1] >= MAX_TOKENS - 1:
            return None
        first, last = found
    ids, offsets = encoding.ids, passage_offsets(encoding, begin)
    if len(ids) > MAX_TOKENS:
        ids, offsets = [*ids[: MAX_TOKENS - 1], ids[-1]], [*offsets[: MAX_TOKENS - 1], None]
    return Row(ids, offsets, first, last, verdict)


def padded(rows: Sequence[Sequence[int]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Input ids and attention mask, shaped (rows, longest)."""
    width = max(map(len, rows))
    ids, mask = torch.zeros(len(rows), width, dtype=torch.long), torch.zeros(len(rows), width, dtype=torch.long)
    for number, row in enumerate(rows):
        ids[number, : len(row)] = torch.tensor(row)
        mask[number, : len(row)] = 1
    return ids, mask


def read(model: SpanReader, tokenizer: Tokenizer, examples: Sequence[ContextExample]) -> list[tuple[str, float]]:
    """The best span's text and margin for each example."""
    training = model.training
    model.eval()
    found: list[tuple[str, float]] = [("", 0.0)] * len(examples)
    rows = [row for example in examples if (row := encode(tokenizer, without_answer(example)))]
    order = sorted(range(len(rows)), key=lambda i: len(rows[i].ids))
    for at in range(0, len(order), 16):
        part = order[at : at + 16]
        with torch.no_grad():
            starts, ends, _ = (logits.numpy() for logits in model(*padded([rows[i].ids for i in part])))
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
