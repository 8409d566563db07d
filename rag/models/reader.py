"""Question + passages → spans: for each passage the best answers that the reader finds in it, or that it finds none.

The reader is multilingual-e5-small's body with start and end logits and those of a verdict (`files/MODEL.md`). It reads
`question </s></s> context </s> passage`, and an answer lies in the passage alone. Each passage is read by itself, so that scores compare across
passages; position 0 is "no answer here".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tokenizers import Encoding

from rag.answers import Passage
from rag.models.runtime import MODELS, FloatArray, OnnxModel

MAX_TOKENS = 320
"""Question, context and passage together, as in training."""
SEPARATOR = "</s>"
"""Between context and passage; the tokenizer makes one special token of it."""
MAX_QUESTION_TOKENS = 64
MAX_SPAN_TOKENS = 30
"""As the reader was measured; 97 % of XQuAD's answers are shorter than 20."""
LENGTH_PENALTY = 0.07
"""Logits for each token after a span's first. Start and end are scored apart from each other, so that a span can begin at one answer
and end at another. Chosen on held-out paragraphs of the training data, where exact match gains 0.9 points and F1 nothing; on XQuAD they
gain 1.9 and 1.3."""
_STARTS = 12


@dataclass(frozen=True)
class Span:
    """Characters start:end of the file, with the margin: its start and end logits, less its length's penalty and less those of
    'no answer here'."""

    start: int
    end: int
    text: str
    margin: float


@dataclass(frozen=True)
class Reading:
    """What the reader found in one passage; spans do not overlap and come best first."""

    passage: Passage
    spans: tuple[Span, ...]
    verdicts: tuple[float, float, float] = (1.0, 0.0, 0.0)
    """To a question that asks whether: the probabilities that the passage does not say, says yes, says no."""

    @property
    def margin(self) -> float:
        return self.spans[0].margin if self.spans else float("-inf")


class Reader:
    """The shipped extractive reader, or another one in `folder`."""

    def __init__(self, folder: Path = MODELS, *, threads: int = 0) -> None:
        self.model = OnnxModel("reader", folder, threads=threads)

    def read(self, question: str, passages: Sequence[Passage], *, spans: int = 4) -> list[Reading]:
        """A `Reading` for each passage, in order, with up to `spans` spans."""
        tokenizer = self.model.tokenizer
        query = tokenizer.encode(question)
        if len(query.ids) > MAX_QUESTION_TOKENS:
            question = question[: query.offsets[MAX_QUESTION_TOKENS - 1][1]]
        texts = [shown(passage.context, passage.text) for passage in passages]
        encodings = tokenizer.encode_batch([(question, text) for text, _ in texts])
        for encoding in encodings:
            encoding.truncate(MAX_TOKENS)
        return [
            _reading(passage, best_spans(starts, ends, passage_offsets(encoding, begin), spans), said)
            for passage, encoding, (_, begin), (starts, ends, said) in zip(passages, encodings, texts, self.model.run(encodings))
        ]


def shown(context: str, passage: str) -> tuple[str, int]:
    """The text that goes with the question: context, separator, passage; and where in it the passage begins."""
    text = f"{context}{SEPARATOR}{passage}" if context else passage
    return text, len(text) - len(passage)


def passage_offsets(encoding: Encoding, begin: int = 0) -> list[tuple[int, int] | None]:
    """Each token's characters in the passage, which begins at `begin` of the second text; None for all other tokens.

    By type id, since `Encoding.truncate` forgets the sequence ids.
    """
    special = encoding.special_tokens_mask
    return [
        (max(0, a - begin), b - begin) if kind == 1 and not s and b > begin else None
        for kind, s, (a, b) in zip(encoding.type_ids, special, encoding.offsets)
    ]


def best_spans(
    start_logits: FloatArray, end_logits: FloatArray, offsets: Sequence[tuple[int, int] | None], count: int
) -> list[tuple[int, int, float]]:
    """Up to `count` non-overlapping (start, end, margin), in characters, best first.

    `offsets` are those of `passage_offsets`.
    """
    inside = np.array([offset is not None for offset in offsets], dtype=bool)
    size = len(offsets)
    starts = np.where(inside, start_logits[:size], -np.inf)
    ends = np.where(inside, end_logits[:size], -np.inf)
    none = float(start_logits[0] + end_logits[0])
    scored: list[tuple[float, int, int]] = []
    for s in np.argsort(-starts, kind="stable")[:_STARTS]:
        window = ends[s : s + MAX_SPAN_TOKENS]
        window = window - LENGTH_PENALTY * np.arange(len(window))
        for length in np.argsort(-window, kind="stable")[:3]:
            score = float(starts[s] + window[length])
            if np.isfinite(score):
                scored.append((score - none, int(s), int(s + length)))
    chosen: list[tuple[int, int, float]] = []
    for margin, first, last in sorted(scored, key=lambda item: (-item[0], item[1], item[2])):
        begin, end = offsets[first], offsets[last]
        if begin is None or end is None:
            continue
        if all(end[1] <= taken[0] or begin[0] >= taken[1] for taken in chosen):
            chosen.append((begin[0], end[1], margin))
        if len(chosen) == count:
            break
    return chosen


def _reading(passage: Passage, found: Sequence[tuple[int, int, float]], said: FloatArray) -> Reading:
    """A token's characters begin with the blank before its word, which is no part of a span."""
    spans = []
    for start, end, margin in found:
        text = passage.text[start:end]
        start += len(text) - len(text.lstrip())
        if text := text.strip():
            spans.append(Span(passage.start + start, passage.start + start + len(text), text, margin))
    exponentials = np.exp(said - said.max())
    not_said, yes, no = (exponentials / exponentials.sum()).tolist()
    return Reading(passage, tuple(spans), (not_said, yes, no))
