"""What the scripts of this folder make: files that are written whole or not at all, since the package ships them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def beside(*paths: Path) -> Iterator[list[Path]]:
    """A path next to each of `paths`, with its suffix, to write to; they take its place when the block ends well, and go when it does not."""
    partial = [path.with_name(f"partial-{path.name}") for path in paths]
    try:
        yield partial
        for new, path in zip(partial, paths):
            new.replace(path)
    finally:
        for new in partial:
            new.unlink(missing_ok=True)
