"""What a caller calls files → the indexed files that are meant. One resolver for the shell, Python and the page's tools.

In: names, the catalog's rows by source, the documents' folder. Out: sources, each once, in the order they were named. A name is the
first of these that fits anything:
  an indexed file's source, as it is written
  its path from the folder, or an absolute one, or one from the working directory; composed or decomposed Unicode is the same
  a folder: all files below it
  a pattern ("2024/**", "minutes/*.md"; without a slash at any depth, as "*.pdf"): all files that it fits, or whose folder it fits
  the end of a path ("minutes.txt" for "2024/minutes.txt"), where only one file has it
"""

from __future__ import annotations

import os
import posixpath
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

from rapidfuzz import fuzz

import rag.inputs as inputs
from rag.corpus.catalog import FileRow
from rag.errors import UsageError

_NEAREST, _NEAR = 3, 60
"""Files and folders that are suggested, at most, and how like they must be (rapidfuzz.fuzz.ratio, of 100)."""
_LISTED = 5
"""Files that an error lists, at most."""


def resolve(names: Collection[object], files: Mapping[str, FileRow], docs: Path) -> tuple[str, ...]:
    """The sources that `names` mean; none where there are no names. Raises UsageError for one that means no indexed file."""
    found: dict[str, None] = {}
    for number, name in enumerate(inputs.several(names, "sources")):
        found |= dict.fromkeys(_meant(inputs.path(name, f"sources[{number}]"), files, docs))
    return tuple(found)


def _meant(name: str, files: Mapping[str, FileRow], docs: Path) -> list[str]:
    fitting = [name] if name in files else _fitting(name, files, docs)
    indexed = [source for source in fitting if files[source].state == "indexed"]
    if indexed:
        return indexed
    if fitting:
        raise UsageError(f"{name} is not searched. {_reasons(fitting, files)}")
    raise UsageError(_nowhere(name, files, docs))


def _fitting(name: str, files: Mapping[str, FileRow], docs: Path) -> list[str]:
    """The files, indexed or not, that a name which is none of theirs fits."""
    written = {source: unicodedata.normalize("NFC", source) for source in files}
    paths = [unicodedata.normalize("NFC", path) for path in _paths(name, docs)]
    for path in paths:
        if same := [source for source, as_written in written.items() if as_written == path]:
            return same
    for path in paths:
        if below := [source for source, as_written in written.items() if path == "." or as_written.startswith(f"{path}/")]:
            return below
    if fits := _of_pattern(paths[0], written):
        return fits
    ends = [source for source, as_written in written.items() if as_written.endswith(f"/{paths[0]}")]
    if len(ends) > 1:
        raise UsageError(f"{name} may be any of several files; name one: {_listed(ends)}.")
    return ends


def _paths(name: str, docs: Path) -> list[str]:
    """What `name` is as a path below the folder: as it stands there, and as it stands in the working directory."""
    roots = [posixpath.normpath(docs.absolute().as_posix()), docs.resolve().as_posix()]
    plain = name.replace(os.sep, "/")
    found = [] if Path(name).is_absolute() else [posixpath.normpath(plain)]
    whole = posixpath.normpath(Path(name).absolute().as_posix())
    found += [posixpath.relpath(whole, root) for root in roots if f"{whole}/".startswith(f"{root}/")]
    return found or [plain]


def _of_pattern(pattern: str, written: Mapping[str, str]) -> list[str]:
    if not any(sign in pattern for sign in "*?["):
        return []
    parts = pattern.split("/") if "/" in pattern else ["**", pattern]
    return [source for source, as_written in written.items() if _fits(parts, as_written.split("/"))]


def _fits(pattern: Sequence[str], path: Sequence[str]) -> bool:
    """Whether a path, or a folder that it is in, fits part by part; "**" stands for any number of parts."""

    @cache
    def fits(at: int, place: int) -> bool:
        if at == len(pattern):
            return True
        if pattern[at] == "**":
            return any(fits(at + 1, later) for later in range(place, len(path)))
        return place < len(path) and fnmatchcase(path[place], pattern[at]) and fits(at + 1, place + 1)

    return fits(0, 0)


def _reasons(sources: Sequence[str], files: Mapping[str, FileRow]) -> str:
    told = [f"{source} {files[source].state}: {why.told('en')}" for source in sources if (why := files[source].reason)]
    return f"{'; '.join(told[:_LISTED])}{_more(told)}."


def _nowhere(name: str, files: Mapping[str, FileRow], docs: Path) -> str:
    """Why a name fits nothing: it is no file, or none that was seen."""
    inside = [path for path in _paths(name, docs) if not Path(path).is_absolute() and ".." not in Path(path).parts]
    if any(os.path.lexists(docs / path) for path in inside):
        return (
            f"{name} is in {docs} but not in its index: it is new, or left out, as names that begin with a dot are. "
            f"To bring the index up to date: rag sync {docs}"
        )
    indexed = [source for source, row in files.items() if row.state == "indexed"]
    folders = {f"{above}/" for source in indexed for above in _above(source)}
    plain = name.rstrip("/")
    likeness = {
        known: max(fuzz.ratio(plain, part) for part in (known.rstrip("/"), posixpath.basename(known.rstrip("/"))))
        for known in [*indexed, *folders]
    }
    nearest = sorted((known for known in likeness if likeness[known] >= _NEAR), key=lambda known: (-likeness[known], known))[
        :_NEAREST
    ]
    hint = f" Did you mean {' or '.join(nearest)}?" if nearest else ""
    return f"{name} is not an indexed file of {docs}.{hint} To see them: rag status --docs {docs}"


def _above(source: str) -> Iterator[str]:
    """The folders that a file lies in."""
    while source := posixpath.dirname(source):
        yield source


def _listed(sources: Iterable[str]) -> str:
    listed = sorted(sources)
    return f"{', '.join(listed[:_LISTED])}{_more(listed)}"


def _more(names: Sequence[str]) -> str:
    return f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
