"""The catalog → the word index, in files: an index of exactly the catalog's chunks, made from the one on disk and what changed since.

In: the catalog's chunks and its journal of changes. Out: the index, and the record of its files (`Catalog.keep_here`): which, at which
generation. A file never changes, and its name tells what is in it; what is damaged is made anew.
`current` serves readers and takes no lock; `apply` writes, and `Indexer` holds the folder's write lock around it. Each step is safe to be
killed in.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator, Sequence
from pathlib import Path

from rag.corpus.catalog import Catalog
from rag.corpus.postings import Segment
from rag.corpus.sealed import remove
from rag.corpus.words import LexicalIndex
from rag.reports import Progress

_log = logging.getLogger(__name__)


class WordFiles:
    """The word index of one index folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "words"

    def current(self, catalog: Catalog, held: Sequence[Segment] = ()) -> tuple[LexicalIndex, str]:
        """The index of the catalog's chunks, and why it had to be made anew, "" where it had not.

        Segments that are `held` are not read again.
        """
        applied, names = catalog.kept_here("words_applied", "words")
        if not applied:
            return LexicalIndex([]).grown((), _texts(catalog)), ""
        try:
            index = LexicalIndex.load(self.folder, names.split(), held)
            if changed := catalog.changed_since(int(applied)):
                index = index.grown(changed, _texts(catalog, changed))
            if index.size == (count := catalog.count_chunks()):
                return index, ""
            reason = f"it held {index.size} of {count} chunks"
        except (OSError, ValueError) as error:
            reason = str(error)
        _log.warning("words: made anew, since %s", reason)
        return LexicalIndex([]).grown((), _texts(catalog)), reason

    def apply(self, catalog: Catalog, on_progress: Progress) -> list[str]:
        """Bring the files to the catalog's generation. Returns a note when they had to be made anew."""
        generation = str(catalog.generation)
        on_progress("words", 0, 1)
        index, reason = self.current(catalog)
        applied, served = catalog.kept_here("words_applied", "words")
        if not reason and applied == generation:
            return []
        if reason:
            remove(self.folder)
        index = index.saved(self.folder)
        names = [segment.name for segment in index.segments]
        on_progress("words", 1, 1)
        # What served until now stays for those who are about to read it.
        kept = {*names, *served.split()}
        catalog.keep_here(words=" ".join(names), words_applied=generation)
        for file in self.folder.iterdir():
            if file.name not in kept:
                with contextlib.suppress(OSError):  # somebody reads it still; the next run throws it away
                    file.unlink()
        _log.info("words: %d chunks in %d files", index.size, len(names))
        return [f"the word index was made anew from the catalog: {reason}"] if reason else []


def _texts(catalog: Catalog, ids: Sequence[str] | None = None) -> Iterator[tuple[str, str]]:
    for row in catalog.chunks(ids, missing_ok=True):
        yield row.chunk_id, row.embedded
