"""What the scripts of this folder make: files that are written whole or not at all, since the package ships them, and the checksums that the
product holds them against."""

from __future__ import annotations

import hashlib
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


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_checksums(folder: Path) -> None:
    """SHA256SUMS of all that is shipped of `folder` but words and the confidence, which has its own tests."""
    files = sorted(path for path in folder.iterdir() if path.suffix in (".onnx", ".json") and path.name != "confidence.json")
    (folder / "SHA256SUMS").write_text("".join(f"{sha256(path)}  {path.name}\n" for path in files), encoding="utf-8")
    for path in files:
        print(f"{sha256(path)}  {path.stat().st_size:>11,}  {path.name}")
