"""A folder that is written once and never changed: `seal` puts it in its place and says what it holds, `check` and `copy` compare.

Neither a power cut nor a flipped bit goes unnoticed: the files are on the disk before the folder gets its name, and sizes and sha256
are kept elsewhere. `Scratch` is a folder for a copy, which one process alone uses.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import shutil
import sys
import tempfile
import weakref
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from rag.errors import IndexDamaged

if sys.platform != "win32":
    import fcntl

Manifest = Mapping[str, list[object]]
"""Path in the folder → [size, sha256]."""
_PIECE = 1 << 20


def seal(made: Path, place: Path) -> dict[str, list[object]]:
    """Rename the folder `made` to `place`, once all that it holds is on the disk. Returns what that is."""
    paths = list(_files(made))
    for path in paths:
        with path.open("rb+") as file:
            os.fsync(file.fileno())
    for folder in {path.parent for path in paths} | {made}:
        sync_folder(folder)
    found = {path.relative_to(made).as_posix(): _measured(path, _nowhere) for path in paths}
    made.rename(place)
    sync_folder(place.parent)
    return found


def check(place: Path, manifest: Manifest, target: Path | None = None) -> None:
    """Raises IndexDamaged unless `place` holds exactly what was sealed. It is copied to the folder `target` on the way, if there is one;
    OSError means that this failed."""
    try:
        names = {path.relative_to(place).as_posix() for path in _files(place)}
    except OSError as error:
        raise IndexDamaged(f"{place} cannot be read ({error.strerror})") from error
    if names != set(manifest):
        raise IndexDamaged(f"{place} lacks files or holds others")
    for name, facts in manifest.items():
        with contextlib.ExitStack() as stack:
            write: Callable[[bytes], object] = _nowhere
            if target is not None:
                (target / name).parent.mkdir(parents=True, exist_ok=True)
                write = stack.enter_context((target / name).open("wb")).write
            if _measured(place / name, write) != facts:
                raise IndexDamaged(f"{place / name} is not as it was written")


def sync_folder(folder: Path) -> None:
    """Have the names in `folder` written to the disk, where that can be asked for."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


class Scratch:
    """A folder of this process alone, below `parent` or else where the system keeps such; gone when the object is."""

    def __init__(self, parent: Path) -> None:
        """Raises OSError where there is no room."""
        try:
            parent.mkdir(exist_ok=True)
            self.path = parent / secrets.token_hex(8)
            self.path.mkdir()  # others may read what is sealed here, as far as the index is theirs to read
        except OSError:
            self.path = Path(tempfile.mkdtemp(prefix="rag-"))
        lock = _locked(self.path)
        weakref.finalize(self, _remove, self.path, lock)


def sweep(parent: Path) -> None:
    """Remove what processes left below `parent` that are no more."""
    if sys.platform == "win32" or not parent.is_dir():
        return
    for path in parent.iterdir():
        with contextlib.suppress(OSError):
            _remove(path, _locked(path))


def in_use(parent: Path) -> bool:
    """Whether a process holds a folder below `parent`; on Windows, where nothing tells, none does."""
    if sys.platform == "win32" or not parent.is_dir():
        return False
    for path in parent.iterdir():
        try:
            descriptor = _locked(path)
        except BlockingIOError:
            return True
        except OSError:
            continue
        if descriptor is not None:
            os.close(descriptor)
    return False


def _locked(folder: Path) -> int | None:
    """A descriptor of `folder` whose lock goes with the process. Raises OSError where another one has it."""
    if sys.platform == "win32":
        return None
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def remove(path: Path) -> None:
    """Whatever lies there; it is no error when it stays."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            path.unlink()


def _remove(folder: Path, descriptor: int | None) -> None:
    remove(folder)
    if descriptor is not None:
        os.close(descriptor)


def _files(folder: Path) -> Iterator[Path]:
    """Raises OSError where `folder` is none."""
    for entry in sorted(folder.iterdir()):
        if entry.is_dir() and not entry.is_symlink():
            yield from _files(entry)
        else:
            yield entry


def _measured(path: Path, write: Callable[[bytes], object]) -> list[object]:
    """Size and sha256 of a file, whose bytes are handed to `write`."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
            size += len(piece)
            write(piece)
    return [size, digest.hexdigest()]


def _nowhere(piece: bytes) -> None:
    """Keeps nothing."""
