"""Where things are kept: the indexes, the rooms of the page's visitors, and what evaluations index.

Indexes can be made anew and lie in the user's cache folder, rooms can't and lie in the user's data folder; where `Config.index_dir` is set,
all of it lies below that folder. Folders that are made here are for their owner alone.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path

import platformdirs

from rag.config import Config
from rag.errors import IndexBroken

INDEX_DIR = "keep all that is kept below this folder, not in your cache and data folders (also: RAG_INDEX_DIR)"
"""What --index-dir does."""
_NAME = "chapter-verse"


def indexes_folder(config: Config) -> Path:
    """Holds one folder for each folder of documents that was indexed."""
    if config.index_dir is not None:
        return Path(config.index_dir)
    return platformdirs.user_cache_path(_NAME, appauthor=False) / "indexes"


def index_folder(config: Config) -> Path:
    """Where the index of `config.docs` is kept, from whatever directory and by whatever links it is named."""
    return indexes_folder(config) / index_name(Path(config.docs))


def index_name(docs: Path) -> str:
    docs = docs.resolve()
    digest = hashlib.sha256(str(docs).encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{docs.name or 'root'}-{digest}"


def rooms_folder(config: Config) -> Path:
    """Where the rooms of the page over `config.docs` are kept."""
    return all_rooms_folder(config) / index_name(Path(config.docs))


def all_rooms_folder(config: Config) -> Path:
    """Holds one folder of rooms for each folder of documents."""
    if config.index_dir is not None:
        return Path(config.index_dir) / "rooms"
    return platformdirs.user_data_path(_NAME, appauthor=False) / "rooms"


def eval_folder(config: Config) -> Path:
    """Where the documents of question files and the indexes of evaluations are kept."""
    if config.index_dir is not None:
        return Path(config.index_dir) / "eval"
    return platformdirs.user_cache_path(_NAME, appauthor=False) / "eval"


def make_private(folder: Path) -> None:
    """Make `folder` and those above it, as far as they are not there, for their owner alone. Raises IndexBroken."""
    try:
        missing = [path for path in (folder, *folder.parents) if not path.is_dir()]
        for path in reversed(missing):
            path.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise unwritable(folder, error.strerror or str(error)) from error


def unwritable(folder: Path, why: str) -> IndexBroken:
    return IndexBroken(f"{folder} cannot be written ({why}). Choose another place with --index-dir DIR or RAG_INDEX_DIR.")


def bytes_below(folder: Path) -> int:
    """What the files of a folder take on disk, as far as they stay while it is looked at."""
    total = 0
    for path in folder.rglob("*"):
        with suppress(OSError):
            total += path.lstat().st_size if path.is_file() else 0
    return total
