"""Examples as token ids in flat arrays: what `draw_examples` writes and `train_reader` reads.

A row is a question, a context and a passage as the reader is shown them. Its answer is a first and a last token, both 0 where the passage
holds none, or `UNTOLD` where only the verdict is learnt. What a teacher thinks of a row is kept as its `SOFT` likeliest starts and ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import numpy.typing as npt
from outputs import beside

SOFT = 6
TEMPERATURE = 2.0
"""A teacher's distribution is softened (Hinton, Vinyals and Dean 2015, arXiv 1503.02531)."""
UNTOLD = -1
NO_VERDICT = -1


@dataclass(frozen=True)
class Row:
    """One example as it is made."""

    ids: list[int]
    offsets: list[tuple[int, int] | None]
    """Characters of the passage that each token stands for, as `passage_offsets` gives them."""
    first: int
    last: int
    verdict: int = NO_VERDICT
    """A place in `verdict_examples.VERDICTS`."""
    taught: npt.NDArray[np.float32] | None = None
    """A teacher's softened start and end probabilities, shaped (2, tokens)."""


@dataclass(frozen=True)
class Examples:
    ids: npt.NDArray[np.uint32]
    """All rows' tokens, one row after the other."""
    sizes: npt.NDArray[np.int32]
    """Tokens of each row."""
    passages: npt.NDArray[np.int32]
    """The passage's first token and the one after its last, shaped (rows, 2)."""
    spans: npt.NDArray[np.int32]
    """The answer's first and last token, shaped (rows, 2)."""
    verdicts: npt.NDArray[np.int8]
    taught: npt.NDArray[np.int32]
    """The rows with a teacher, in order."""
    places: npt.NDArray[np.int32]
    """Tokens that their teacher finds likeliest, shaped (taught, 2, SOFT)."""
    masses: npt.NDArray[np.float16]
    """What it gives them, summing up to 1, shaped as `places`."""

    def __len__(self) -> int:
        return len(self.sizes)

    @classmethod
    def of(cls, rows: Sequence[Row]) -> Examples:
        passages = []
        for row in rows:
            inside = [i for i, offset in enumerate(row.offsets) if offset is not None]
            passages.append((inside[0], inside[-1] + 1) if inside else (0, 0))
        taught = [i for i, row in enumerate(rows) if row.taught is not None]
        places = np.zeros((len(taught), 2, SOFT), dtype=np.int32)
        masses = np.zeros((len(taught), 2, SOFT), dtype=np.float16)
        for number, i in enumerate(taught):
            full = np.asarray(rows[i].taught, dtype=np.float32)
            best = np.argsort(-full, axis=1, kind="stable")[:, :SOFT]
            mass = np.take_along_axis(full, best, axis=1)
            places[number, :, : best.shape[1]] = best
            masses[number, :, : best.shape[1]] = mass / mass.sum(1, keepdims=True)
        return cls(
            np.array([i for row in rows for i in row.ids], dtype=np.uint32),
            np.array([len(row.ids) for row in rows], dtype=np.int32),
            np.array(passages, dtype=np.int32).reshape(-1, 2),
            np.array([(row.first, row.last) for row in rows], dtype=np.int32).reshape(-1, 2),
            np.array([row.verdict for row in rows], dtype=np.int8),
            np.array(taught, dtype=np.int32),
            places,
            masses,
        )

    @classmethod
    def together(cls, parts: Sequence[Examples]) -> Examples:
        before = np.cumsum([0, *(len(part) for part in parts)])
        joined = {f.name: np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(cls)}
        joined["taught"] = np.concatenate([part.taught + shift for part, shift in zip(parts, before)]).astype(np.int32)
        return cls(**joined)

    def save(self, path: Path) -> None:
        with beside(path) as [new]:
            np.savez_compressed(new, **{f.name: getattr(self, f.name) for f in fields(self)})

    @classmethod
    def load(cls, path: Path) -> Examples:
        with np.load(path) as kept:
            return cls(**{f.name: kept[f.name] for f in fields(cls)})
