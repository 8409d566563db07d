"""Question + passages → spans: for each passage the best answers that the reader finds in it, or that it finds none.

The reader is a MiniLM-L6 with start and end logits (`models/reader/MODEL.md`). Each passage is scored on its own, so that
scores compare across passages; position 0 ([CLS]) is "no answer here". It knows English only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tokenizers import Encoding

from rag.answers import Passage
from rag.models.runtime import MODELS, FloatArray, OnnxModel, thread_count

MAX_TOKENS = 320
"""Question and passage together, as in training."""
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

    @property
    def margin(self) -> float:
        return self.spans[0].margin if self.spans else float("-inf")


class Reader:
    """The shipped extractive reader, or another one in `folder`."""

    def __init__(self, folder: Path = MODELS / "reader", *, threads: int = 0) -> None:
        self.model = OnnxModel(folder, threads=1)
        self.threads = thread_count(threads)

    def read(self, question: str, passages: Sequence[Passage], *, spans: int = 4) -> list[Reading]:
        """A `Reading` for each passage, in order, with up to `spans` spans."""
        tokenizer = self.model.tokenizer
        query = tokenizer.encode(question)
        if len(query.ids) > MAX_QUESTION_TOKENS:
            question = question[: query.offsets[MAX_QUESTION_TOKENS - 1][1]]
        encodings = tokenizer.encode_batch([(question, passage.text) for passage in passages])
        for encoding in encodings:
            encoding.truncate(MAX_TOKENS)
        readings = []
        for passage, encoding, (start_logits, end_logits) in zip(
            passages, encodings, self.model.run_each(encodings, self.threads)
        ):
            found = best_spans(start_logits, end_logits, passage_offsets(encoding), spans)
            readings.append(_reading(passage, found))
        return readings


def passage_offsets(encoding: Encoding) -> list[tuple[int, int] | None]:
    """Each token's characters in the passage, None for tokens that are not the passage's.

    By type id, since `Encoding.truncate` forgets the sequence ids.
    """
    special = encoding.special_tokens_mask
    return [o if kind == 1 and not s else None for kind, s, o in zip(encoding.type_ids, special, encoding.offsets)]


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


def _reading(passage: Passage, found: Sequence[tuple[int, int, float]]) -> Reading:
    spans = tuple(
        Span(passage.start + start, passage.start + end, passage.text[start:end], margin) for start, end, margin in found
    )
    return Reading(passage, spans)
