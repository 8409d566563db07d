"""A file → a llama-index `Document`: its decoded text, untouched, with what is known about it in `metadata`.

In: a path below the corpus root. Out: `Document(text, metadata)` with the metadata keys of `Facts`. A file that is no
text raises `FileSkipped`, one that should be text but can't be read `FileFailed`, with the reason.
Offsets elsewhere are into `Document.text`: for plain text and text with marks `bytes.decode(encoding)`, nothing stripped or
normalised; for other types the text that the format's reader makes.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from pathspec import GitIgnoreSpec

from rag.corpus.layout import byline, find_date, find_layout, named_date
from rag.errors import DocumentError, FileFailed, FileSkipped, UsageError
from rag.formats.document import Block
from rag.formats.document import Document as Parsed
from rag.formats.readers import READERS, SAVE_AS, parse
from rag.messages import Reason
from rag.text.scripts import WORD, detect_language

if TYPE_CHECKING:
    from llama_index.core.schema import Document


IGNORE = ".ragignore"
"""Names, in a folder of documents, what is not looked at."""
KEEP = ".ragkeep"
"""Names the files of which everything may be evidence: nothing of them is clutter."""
MAX_READ = 1_000_000_000
"""Bytes that are read of a file, whatever size it says that it has."""


@dataclass(frozen=True)
class Facts:
    """The metadata of a document."""

    source: str
    title: str
    date: str
    author: str
    language: str
    encoding: str
    body: list[Block]
    """What may be evidence."""
    clutter: list[int]
    """Where each of the other blocks begins."""
    hidden: int
    """Words of the blocks that are left out: menus and the like, heads and feet of pages."""
    page_starts: list[int]
    whole: bool
    """Whether it was told that nothing of it is clutter."""


@dataclass(frozen=True)
class FoundFile:
    """One file below the root, or one that cannot be used, with the reason."""

    source: str
    path: Path
    signature: str = ""
    """Changes whenever the file's content may have changed."""
    skipped: Reason | None = None
    failed: Reason | None = None
    whole: bool = False
    """Whether nothing of it is clutter, since `KEEP` says so."""


def check_root(root: Path) -> None:
    """Raises UsageError when `root` is no folder."""
    if not root.is_dir():
        raise UsageError(f"{root} is not a folder. Name one with --docs DIR or RAG_DOCS.")


def find_files(root: Path, max_bytes: int) -> Iterator[FoundFile]:
    """Every file below `root` in name order, a folder's own before those of its folders. Names that begin with a dot, what `.ragignore`
    names, and folders of installed packages are not looked at. Raises UsageError."""
    check_root(root)
    ignored, kept = _patterns(root, IGNORE), _patterns(root, KEEP)
    unread: list[FoundFile] = []
    folders = [root]
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(folder) as entries:
                seen = sorted((entry for entry in entries if not entry.name.startswith(".")), key=lambda entry: entry.name)
        except OSError as error:
            why = Reason("folder cannot be read", {"error": str(error.strerror)})
            unread.append(FoundFile(_source(root, folder) + "/", folder, failed=why))
            continue
        below = folder.relative_to(root)
        inner = [entry.name for entry in seen if entry.is_dir(follow_symlinks=False)]
        for name in [entry.name for entry in seen if entry.name not in inner]:
            if not ignored.match_file((below / name).as_posix()):
                found = _inspect(root, folder / name, max_bytes)
                yield replace(found, whole=kept.match_file((below / name).as_posix()))
        wanted = [n for n in inner if not _holds_packages(folder / n) and not ignored.match_file(f"{(below / n).as_posix()}/")]
        folders += [folder / name for name in reversed(wanted)]
    yield from unread


def _patterns(root: Path, name: str) -> GitIgnoreSpec:
    """What the file `name` in `root` names, in the syntax of gitignore; nothing where there is none. Raises UsageError."""
    if not os.path.lexists(root / name):
        return GitIgnoreSpec.from_lines([])
    try:
        return GitIgnoreSpec.from_lines(read_bytes(root, name).decode("utf-8").splitlines())
    except (DocumentError, ValueError, re.error) as error:
        raise UsageError(f"{root / name} cannot be used ({error}).") from error


def keep_whole(root: Path, source: str, whole: bool) -> None:
    """Write into `KEEP` of `root` that nothing of the file `source` is clutter, or take that back. Raises UsageError."""
    _patterns(root, KEEP)
    if len(source.splitlines()) != 1:
        raise UsageError(f"{source!r} cannot be named in {KEEP}, since its name holds a line break; rename it.")
    line = "/" + re.sub(r"[\\*?\[\] ]", r"\\\g<0>", source)
    path = root / KEEP
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    lines = [other for other in lines if other != line] + [line] * whole
    beside = path.with_name(f"{KEEP}.new")
    try:
        beside.write_text("".join(f"{one}\n" for one in lines), encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        raise UsageError(f"{path} cannot be written ({error.strerror}).") from error


def _holds_packages(folder: Path) -> bool:
    """Whether a folder is a virtual environment, or what npm or Python installed or compiled."""
    return folder.name in ("node_modules", "__pycache__") or os.path.lexists(folder / "pyvenv.cfg")


def _source(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix().encode("utf-8", "backslashreplace").decode("utf-8")


def _inspect(root: Path, path: Path, max_bytes: int) -> FoundFile:
    source = _source(root, path)
    try:
        if path.is_symlink():
            inside = path.resolve().is_relative_to(root.resolve())
            return FoundFile(source, path, skipped=Reason("link inside" if inside else "link outside"))
        facts = path.stat()
    except RuntimeError:  # a loop of links, before Python 3.13
        return FoundFile(source, path, skipped=Reason("link loop"))
    except OSError as error:
        return FoundFile(source, path, failed=Reason("cannot be read", {"error": str(error.strerror)}))
    signature = f"{facts.st_size}:{facts.st_mtime_ns}:{facts.st_ctime_ns}:{facts.st_ino}"
    if not stat.S_ISREG(facts.st_mode):
        return FoundFile(source, path, skipped=Reason("not a plain file"))
    if "\\" in source and source != path.relative_to(root).as_posix():
        return FoundFile(source, path, skipped=Reason("bad name"))
    if path.suffix.lower() not in {*READERS, *SAVE_AS}:
        return FoundFile(source, path, skipped=Reason("type not read", {"suffix": path.suffix}))
    if facts.st_size > max_bytes:
        large = Reason("too large", {"size": facts.st_size, "limit": max_bytes})
        return FoundFile(source, path, signature, skipped=large)
    return FoundFile(source, path, signature)


def read_bytes(root: Path, source: str, max_bytes: int = MAX_READ) -> bytes:
    """The bytes of the file `source` below `root`. No link below `root` is followed, whenever it came to be there; nothing is waited
    for, and no more than `max_bytes` are read. Raises FileSkipped or FileFailed."""
    try:
        descriptor = _opened(root, PurePosixPath(source))
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise FileSkipped("not a plain file")
            content = file.read(max_bytes + 1)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOTDIR):
            raise FileSkipped("not a plain file") from error
        raise FileFailed("cannot be read", error=str(error.strerror)) from error
    if len(content) > max_bytes:
        raise FileSkipped("without end", limit=max_bytes)
    return content


def size_of(root: Path, source: str) -> int:
    """Bytes of the file `source` below `root` as it lies; 0 where it does not."""
    try:
        return os.lstat(root / source).st_size
    except (OSError, ValueError):
        return 0


def _opened(root: Path, source: PurePosixPath) -> int:
    """A descriptor of a file, folder by folder from `root` down: a path that is opened at once may lead elsewhere meanwhile."""
    if source.is_absolute() or ".." in source.parts or not source.parts:
        raise FileFailed("cannot be read", error="it is not below the folder")
    plain = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    if os.open not in os.supports_dir_fd:
        path = root / source
        if not path.resolve().is_relative_to(root.resolve()):
            raise FileSkipped("link outside")
        return os.open(path, plain)
    folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for name in source.parts[:-1]:
            inner = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
            os.close(folder)
            folder = inner
        return os.open(source.name, plain | os.O_NOFOLLOW, dir_fd=folder)
    finally:
        os.close(folder)


def read_text(path: Path) -> str:
    """The text that citations of this file point into, as it is on disk now. Raises FileSkipped or FileFailed."""
    return parse(path, read_bytes(path.parent, path.name)).text


_UNDATED = ("row", "header", "code")
"""Blocks that tell no date of the document's own."""
_DATE_CHARS = 300
"""Of a line that may be its date's."""


def load(source: str, parsed: Parsed, repeated: Collection[str] = (), *, whole: bool = False) -> Document:
    """Put a parsed file's text and facts into a `Document`; `repeated` holds the line keys shared by many files; `whole`: nothing is clutter."""
    from llama_index.core.schema import Document

    title, date, stem = parsed.title, parsed.date, PurePosixPath(source).stem
    spans = [(block.start, block.end) for block in parsed.blocks]
    # Heads and feet are clutter where they repeat, page by page; where they stand once they may be a letter's only address.
    left_out = ("edge", "furniture") if parsed.places else ("furniture",)
    blocks = [block for block in parsed.blocks if block.kind not in left_out] or list(parsed.blocks)
    if parsed.declared:
        title = title or stem
        told = (parsed.text[block.start : block.end] for block in blocks if block.kind not in _UNDATED)
        date = date or find_date([line for block in told for line in block.splitlines() if line and len(line) <= _DATE_CHARS])
    else:
        layout = find_layout(parsed.text, repeated, spans)
        title, date = title or layout.title, date or layout.date
        body = set(layout.body)
        blocks = [block for block in parsed.blocks if block.kind == "row" or (block.start, block.end) in body]
    date = date or named_date(title, stem)
    blocks = list(parsed.blocks) if whole else blocks
    kept = {(block.start, block.end) for block in blocks}
    left = [parsed.text[block.start : block.end] for block in parsed.blocks if (block.start, block.end) not in kept]
    facts = Facts(
        source=source,
        title=" ".join(title.split())[:300],
        date=date,
        author=parsed.author or byline(parsed.text, spans),
        language=detect_language("\n".join(parsed.text[block.start : block.end] for block in blocks)[:20_000]),
        encoding=parsed.encoding,
        body=blocks,
        clutter=sorted({block.start for block in parsed.blocks} - {block.start for block in blocks}),
        hidden=sum(len(WORD.findall(text)) for text in left),
        page_starts=list(parsed.page_starts),
        whole=whole,
    )
    return Document(text=parsed.text, id_=source, metadata=dict(vars(facts)))


def page_of(page_starts: Sequence[int], offset: int) -> int | None:
    """1-based page of a character, None for a file without pages."""
    return bisect_right(page_starts, offset) or 1 if page_starts else None
