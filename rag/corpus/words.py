"""Words → BM25 scores, for Latin and CJK scripts. In: texts, and how they change. Out: scores by text.

Scores are those of the texts that are there, to the last bit: how often a term occurs and how long a text is on average is counted among them
alone, whatever came and went before, and in whatever order.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

import numpy as np

from rag.corpus.postings import ID, Array, Segment
from rag.models.runtime import FloatArray
from rag.text.terms import tokens

K1, B = 1.5, 0.75
_GROWTH = 4
"""The last segments are merged until each is so many times as large as all after it: few segments, and each text is merged few times."""


class LexicalIndex:
    """BM25 (Lucene's variant, Kamphuis et al., ECIR 2020) over texts that are known by an id; segments, oldest first."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self.segments = tuple(segments)
        self._living = _living(self.segments)
        self._there = np.concatenate([np.array([], dtype=bool), *self._living])
        self._starts = np.cumsum([0, *(len(segment.ids) for segment in self.segments)])
        self._ids = np.concatenate([np.array([], dtype=ID), *(segment.ids for segment in self.segments)])
        self.size = int(np.count_nonzero(self._there))
        total = sum(int(segment.lengths[living].sum()) for segment, living in zip(self.segments, self._living))
        mean = total / self.size if total else 1.0
        self._norms = [K1 * (1 - B + B * segment.lengths / mean) for segment in self.segments]

    @classmethod
    def build(cls, texts: Iterable[str]) -> LexicalIndex:
        """Of texts known by their position."""
        return cls([Segment.build((f"{i:032}", text) for i, text in enumerate(texts))])

    def grown(self, gone: Collection[str], rows: Iterable[tuple[str, str]]) -> LexicalIndex:
        """Without the texts whose ids are in `gone`, and with those of `rows`, (id, text) pairs that are not here otherwise."""
        segments = (*self.segments, Segment.build(rows, self._places(gone)))
        first, size = len(segments) - 1, segments[-1].size
        while first and segments[first - 1].size < _GROWTH * size:
            first -= 1
            size += segments[first].size
        return LexicalIndex([*segments[:first], Segment.merged(segments[first:], _living(segments)[first:], oldest=first == 0)])

    def saved(self, folder: Path) -> LexicalIndex:
        """This index with its segments' files in `folder`."""
        return LexicalIndex([segment.saved(folder) for segment in self.segments])

    @classmethod
    def load(cls, folder: Path, names: Iterable[str], held: Sequence[Segment] = ()) -> LexicalIndex:
        """Of the segments in these files, those in `held` as they are. Raises OSError or ValueError where one is missing or damaged."""
        known = {segment.name: segment for segment in held}
        return cls([known.get(name) or Segment.load(folder, name) for name in names])

    def scores(self, query: str) -> FloatArray:
        """BM25 for `query` of every text, as `build` got them; 0 where it is gone."""
        found = np.zeros(len(self._ids))
        for term in tokens(query):
            weight = self.weight(term)
            for segment, norms, start in zip(self.segments, self._norms, self._starts):
                place = segment.postings(term)
                texts, counts = segment.texts[place], segment.counts[place]
                found[start + texts] += weight * counts / (counts + norms[texts])
        return np.where(self._there, found, 0).astype(np.float32)

    def best(self, scores: FloatArray, limit: int, among: Collection[str] | None = None) -> list[str]:
        """Ids of the `limit` texts with the highest `scores` above 0, of all or of those `among` which to look; ties by id."""
        if among is not None:
            inside = np.zeros(len(scores), dtype=bool)
            inside[list(self._places(among).values())] = True
            scores = np.where(inside, scores, 0)
        rows = np.flatnonzero(scores)
        if len(rows) > limit:
            rows = rows[scores[rows] >= np.partition(scores[rows], -limit)[-limit]]
        return [str(self._ids[row], "ascii") for row in rows[np.lexsort((self._ids[rows], -scores[rows]))][:limit]]

    def of(self, scores: FloatArray, ids: Collection[str]) -> dict[str, float]:
        """The `scores` of those of these texts that are here."""
        return {chunk_id: float(scores[place]) for chunk_id, place in self._places(ids).items()}

    def most(self, terms: Sequence[str]) -> float:
        """What the BM25 of a text that holds all `terms` ever so often comes near to; those that no text holds count as the rarest."""
        return sum(map(self.weight, terms))

    def knows(self, term: str) -> bool:
        """Whether any text holds this index term."""
        return self._frequency(term) > 0

    def beginning(self, letters: str) -> list[str]:
        """The index terms that begin with `letters`, in order."""
        found: set[str] = set()
        for segment, living in zip(self.segments, self._living):
            first, last = bisect_left(segment.terms, letters), bisect_left(segment.terms, letters + "\U0010ffff")
            if first < last:
                begin, end = segment.bounds[first], segment.bounds[last]
                held = np.add.reduceat(living[segment.texts[begin:end]], segment.bounds[first:last] - begin, dtype=np.int64)
                found.update(segment.terms[first + row] for row in np.flatnonzero(held))
        return sorted(found)

    def holding(self, term: str, limit: int) -> list[str]:
        """Ids of the first `limit` texts that hold an index term."""
        found: list[bytes] = []
        for segment, living in zip(self.segments, self._living):
            texts = segment.texts[segment.postings(term)]
            found += segment.ids[texts[living[texts]][:limit]].tolist()
        return [str(chunk_id, "ascii") for chunk_id in sorted(found)[:limit]]

    def weight(self, term: str) -> float:
        """Inverse document frequency ln(1 + (N − n + ½) / (n + ½)) (Robertson and Zaragoza 2009); largest if unknown."""
        count = self._frequency(term)
        return float(np.log1p((self.size - count + 0.5) / (count + 0.5)))

    def _frequency(self, term: str) -> int:
        """How many texts hold it."""
        return sum(
            int(np.count_nonzero(living[segment.texts[segment.postings(term)]]))
            for segment, living in zip(self.segments, self._living)
        )

    def _places(self, ids: Collection[str]) -> dict[str, int]:
        """Where those of `ids` that are here stand among all texts."""
        asked = list(ids)
        wanted, found = np.array(asked, dtype=ID), dict[str, int]()
        for segment, living, start in zip(self.segments, self._living, self._starts):
            for row, place in zip(*_found(wanted, segment.ids)):
                if living[place]:
                    found[asked[row]] = int(start + place)
        return found


def _living(segments: Sequence[Segment]) -> list[Array]:
    """Of each segment's texts, whether they are still there: no newer one says that they are gone."""
    told = []
    gone = np.array([], dtype=ID)
    for segment in reversed(segments):
        living = np.ones(len(segment.ids), dtype=bool)
        living[_found(gone, segment.ids)[1]] = False
        told.append(living)
        gone = np.concatenate([gone, segment.gone])
    return told[::-1]


def _found(wanted: Array, ids: Array) -> tuple[Array, Array]:
    """Positions in `wanted`, and in `ids`, which are in order, of what is in both."""
    places = np.searchsorted(ids, wanted)
    rows = np.flatnonzero(places < len(ids))
    rows = rows[ids[places[rows]] == wanted[rows]]
    return rows, places[rows]
