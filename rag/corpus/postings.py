"""Texts → postings: which index term stands in which text how often, in plain arrays that are never changed once they are made.

In: (id, text) pairs, or other segments. Out: a `Segment`, in memory or as one file named by its digest.
"""

from __future__ import annotations

import hashlib
import io
from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rag.text.terms import tokens

Array = npt.NDArray[Any]
ID = np.dtype("S32")
"""A chunk id: 32 characters."""
_FORMAT = b"postings 1"
_MOST_COUNTED = np.iinfo(np.uint16).max
_AT_ONCE = 10_000
"""Texts whose tokens are held in memory together."""


@dataclass(frozen=True, eq=False)
class Segment:
    """The postings of some texts, and the ids that are no longer those of texts in older segments."""

    ids: Array
    """In order; a text is known by its position among them."""
    lengths: Array
    """Tokens of each text."""
    vocabulary: Array
    """The terms, in order, one a line, in UTF-8."""
    bounds: Array
    """Where each term's postings begin in `texts` and `counts`; one more at the end."""
    texts: Array
    """Positions of the texts that hold a term, in order, term by term."""
    counts: Array
    """How often each does."""
    gone: Array
    """Ids that no older segment holds any more, in order."""
    name: str = ""
    """Of its file; empty where it has none."""

    @classmethod
    def build(cls, rows: Iterable[tuple[str, str]], gone: Iterable[str] = ()) -> Segment:
        """Of (id, text) pairs, each id once."""
        parts, remaining = [], iter(rows)
        while part := _counted(remaining):
            parts.append(part)
        return _joined(parts, np.array(sorted(gone), dtype=ID))

    @classmethod
    def merged(cls, segments: Sequence[Segment], living: Sequence[Array], *, oldest: bool) -> Segment:
        """One in the place of neighbouring ones; `living` tells of each of their texts whether it is still there."""
        gone = [np.array([], dtype=ID)] if oldest else [segment.gone for segment in segments]
        return _joined([_living(*pair) for pair in zip(segments, living)], np.unique(np.concatenate(gone)))

    @property
    def size(self) -> int:
        """Texts and gone ids; what work on it costs."""
        return len(self.ids) + len(self.gone)

    @cached_property
    def terms(self) -> list[str]:
        """All index terms, in order."""
        return self.vocabulary.tobytes().decode("utf-8", "surrogatepass").split("\n") if len(self.vocabulary) else []

    def postings(self, term: str) -> slice:
        """Where the term's postings lie in `texts` and `counts`; nowhere where no text holds it."""
        row = bisect_left(self.terms, term)
        if row == len(self.terms) or self.terms[row] != term:
            return slice(0, 0)
        return slice(int(self.bounds[row]), int(self.bounds[row + 1]))

    def saved(self, folder: Path) -> Segment:
        """This segment with its file in `folder`, which appears whole or not at all, under a name that tells what is in it."""
        if self.name:
            return self
        buffer = io.BytesIO()
        for field in _ARRAYS:
            np.save(buffer, getattr(self, field), allow_pickle=False)
        name = _digest(buffer.getvalue())
        folder.mkdir(parents=True, exist_ok=True)
        partial = folder / f"{name}.partial"
        partial.write_bytes(buffer.getvalue())
        partial.replace(folder / name)
        return replace(self, name=name)

    @classmethod
    def load(cls, folder: Path, name: str) -> Segment:
        """Raises OSError or ValueError where there is no such file, or it is not as it was written."""
        content = (folder / name).read_bytes()
        if _digest(content) != name:
            raise ValueError(f"{name} is damaged")
        buffer = io.BytesIO(content)
        return cls(**{field: np.load(buffer, allow_pickle=False) for field in _ARRAYS}, name=name)


_ARRAYS = ("ids", "lengths", "vocabulary", "bounds", "texts", "counts", "gone")


@dataclass(frozen=True)
class _Counted:
    """Postings in any order, on their way into a segment."""

    ids: Array
    lengths: Array
    terms: list[str]
    numbers: Array
    """Of each posting, which of `terms`."""
    texts: Array
    counts: Array


def _counted(rows: Iterable[tuple[str, str]]) -> _Counted | None:
    """The postings of the next texts; None after the last."""
    vocabulary: defaultdict[str, int] = defaultdict(count().__next__)
    ids, lengths, flat = [], array("I"), array("I")
    for chunk_id, text in rows:
        found = tokens(text)
        ids.append(chunk_id)
        lengths.append(len(found))
        flat.extend(map(vocabulary.__getitem__, found))
        if len(ids) == _AT_ONCE:
            break
    if not ids:
        return None
    held = np.array(lengths, dtype=np.uint32)
    keys, counts = np.unique(np.array(flat, dtype=np.int64) * len(ids) + np.repeat(np.arange(len(ids)), held), return_counts=True)
    return _Counted(
        ids=np.array(ids, dtype=ID),
        lengths=held,
        terms=list(vocabulary),
        numbers=(keys // len(ids)).astype(np.uint32),
        texts=(keys % len(ids)).astype(np.uint32),
        counts=np.minimum(counts, _MOST_COUNTED).astype(np.uint16),
    )


def _living(segment: Segment, living: Array) -> _Counted:
    """The postings of those of a segment's texts that are still there."""
    kept = living[segment.texts]
    numbers = np.repeat(np.arange(len(segment.terms)), np.diff(segment.bounds))[kept]
    places = np.cumsum(living) - 1
    return _Counted(
        segment.ids[living], segment.lengths[living], segment.terms, numbers, places[segment.texts[kept]], segment.counts[kept]
    )


def _joined(parts: Sequence[_Counted], gone: Array) -> Segment:
    """The segment that all these postings make, the same one whatever parts they come in."""
    ids = np.concatenate([np.array([], dtype=ID), *(part.ids for part in parts)])
    order = np.argsort(ids, kind="stable")
    place = np.empty(len(ids), dtype=np.int64)
    place[order] = np.arange(len(ids))
    used = [np.bincount(part.numbers, minlength=len(part.terms)) > 0 for part in parts]
    terms = sorted({term for part, mask in zip(parts, used) for term, held in zip(part.terms, mask) if held})
    number = {term: i for i, term in enumerate(terms)}
    keys, first = [np.array([], dtype=np.int64)], 0
    for part in parts:
        numbers = np.array([number.get(term, 0) for term in part.terms], dtype=np.int64)
        keys.append(numbers[part.numbers] * len(ids) + place[part.texts + first])
        first += len(part.ids)
    key = np.concatenate(keys)
    by_key = np.argsort(key, kind="stable")
    key = key[by_key]
    return Segment(
        ids=ids[order],
        lengths=np.concatenate([np.array([], dtype=np.uint32), *(part.lengths for part in parts)])[order],
        vocabulary=np.frombuffer("\n".join(terms).encode("utf-8", "surrogatepass"), dtype=np.uint8),
        bounds=np.searchsorted(key, np.arange(len(terms) + 1) * max(1, len(ids))),
        texts=(key % max(1, len(ids))).astype(np.uint32),
        counts=np.concatenate([np.array([], dtype=np.uint16), *(part.counts for part in parts)])[by_key],
        gone=gone,
    )


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=16, person=_FORMAT).hexdigest()
