"""A browser's own room: the files it uploaded, with an index of their own, its conversations, and the test cases it wrote.

One folder below `places.rooms_folder` for each key; the key is a cookie that no script can read. What one browser brings is in no
other's answers, lists or figures. A room that was not used for KEPT_DAYS is thrown away when the page is started.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import re
import shutil
import threading
import time
from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rag.answers import Answer, FileAnswer, Statement
from rag.errors import IndexBroken, NothingToAsk, ReasonedError, UsageError
from rag.pipeline import Rag, also_without, refused_by_all
from rag.places import bytes_below, make_private, rooms_folder
from rag.reports import Progress, SyncReport, silent
from rag.web.metrics import Metrics

COOKIE = "room"
KEPT_DAYS = 30
MAX_FILES = 50
"""Uploaded files that a room holds."""
MAX_UPLOAD_BYTES = 20_000_000
"""Of one file."""
MAX_ROOM_BYTES = 200_000_000
"""Of all files of a room."""
FOLDER, UPLOADS = "folder", "uploads"
"""The two places that are asked: the folder the page was started on, and this browser's uploads."""


def is_key(text: object) -> bool:
    """Of a room, or of a conversation in it."""
    return isinstance(text, str) and bool(re.fullmatch("[0-9a-f]{32}", text))


def is_read(name: str) -> bool:
    """Whether a file of that name is of a type that is read."""
    return Path(name).suffix.lower() in Rag.suffixes and not name.startswith(".")


class NoRoom(ReasonedError):
    """A browser that cannot be told from others."""


@dataclass(frozen=True)
class Turn:
    """One question with its answer, and the place that gave it."""

    answer: Answer
    place: str = FOLDER


@dataclass(frozen=True)
class Asked:
    """What one document by itself answers, and the place that it stands in."""

    found: FileAnswer
    place: str = FOLDER


class Room:
    """The folder, which all rooms share, and what one browser added to it. Raises RagError's children."""

    def __init__(self, shared: Rag, path: Path, metrics: Metrics | None = None) -> None:
        """What is asked is counted in `metrics`."""
        self.shared = shared
        self.path = path
        self.files = path / "files"
        self._metrics = metrics or Metrics()
        self._own: Rag | None = None
        self._opening = threading.Lock()

    def close(self) -> None:
        with self._opening:
            if self._own:
                self._own.close()
            self._own = None

    def forget(self) -> None:
        """Delete all that it holds."""
        self.close()
        shutil.rmtree(self.path, ignore_errors=True)

    def rag(self, place: str) -> Rag:
        """What answers for a place."""
        if place == FOLDER:
            return self.shared
        with self._opening:
            if self._own is None:
                make_private(self.files)
                own_places = {"docs": self.files, "index_dir": self.path / "index", "catalog_url": None, "chroma_url": None}
                config = replace(self.shared.config, **own_places)  # type: ignore[arg-type]
                own = Rag(config, models=self.shared)
                try:
                    own.mend()
                except IndexBroken:  # of another version; all that it holds is in the files
                    own.sync(rebuild=True)
                self._own = own
            return self._own

    def uploads(self) -> list[str]:
        """Names of the uploaded files."""
        return sorted(path.name for path in self.files.iterdir()) if self.files.is_dir() else []

    def size(self) -> int:
        """Bytes of the uploaded files."""
        return bytes_below(self.files)

    @property
    def has_sample(self) -> bool:
        """Whether the folder is the sample that the product comes with, as it was shipped."""
        return bool(self.shared.sample_questions)

    def is_empty(self) -> bool:
        """Whether there is nothing to ask."""
        return not any(self.rag(place).indexer.catalog.chunk_counts() for place in self.places())

    def places(self) -> list[str]:
        """The places that hold anything of this browser's."""
        return [FOLDER, UPLOADS] if self.uploads() else [FOLDER]

    def ask(self, question: str, turns: Sequence[Turn] = (), chosen: Collection[tuple[str, str]] = ()) -> Turn:
        """Ask every place, or the `chosen` (place, source) alone, and give the surer answer."""
        *_, turn = self.ask_stream(question, turns, chosen)
        assert isinstance(turn, Turn)
        return turn

    def ask_stream(
        self, question: str, turns: Sequence[Turn] = (), chosen: Collection[tuple[str, str]] = (), *, standalone: bool = False
    ) -> Generator[str | Statement | Turn]:
        """As `ask`, while it comes; where there is a language model, it writes from the place of which the reader is surer."""
        with self._metrics.question() as answered:
            for event in self._asked_stream(question, turns, chosen, standalone):
                if isinstance(event, Turn):
                    answered(event.answer)
                yield event

    def _asked_stream(
        self, question: str, turns: Sequence[Turn], chosen: Collection[tuple[str, str]], standalone: bool
    ) -> Iterator[str | Statement | Turn]:
        history = [turn.answer for turn in turns]
        asked = self._asked(chosen)
        found = [
            Turn(self.rag(place).read(question, history, sources=sources, standalone=standalone), place)
            for place, sources in asked.items()
        ]
        best = max(found, key=lambda turn: (turn.answer.answered, turn.answer.confidence))
        answer = best.answer
        if self.shared.llm is not None:
            for event in self.rag(best.place).answer_stream(question, history, sources=asked[best.place], standalone=standalone):
                if isinstance(event, Answer):
                    answer = event
                else:
                    yield event
        if not answer.answered and len(found) > 1:
            answer = refused_by_all(answer, [turn.answer.gaps for turn in found])
        yield Turn(also_without(answer, [turn.answer for turn in found]), best.place)

    def ask_each(self, question: str, chosen: Collection[tuple[str, str]] = ()) -> tuple[int, Iterator[Asked]]:
        """Ask every document, or each of the `chosen` (place, source), by itself: how many they are, and what each answers as it is taken."""
        asked = {place: sources or self.rag(place).sources for place, sources in self._asked(chosen).items()}
        if not any(asked.values()):
            raise NothingToAsk(self.shared.lacking())
        each = {place: self.rag(place).answer_each(question, sources=sources) for place, sources in asked.items() if sources}
        return sum(map(len, asked.values())), self._counted(each)

    def _counted(self, each: Mapping[str, Iterator[FileAnswer]]) -> Iterator[Asked]:
        for place, answers in each.items():
            for found in answers:
                self._metrics.count("documents_asked")
                yield Asked(found, place)

    def _asked(self, chosen: Collection[tuple[str, str]]) -> dict[str, list[str]]:
        """The places to ask, and which files of each; no files are all of them. A chosen folder, whose name ends in a slash, is all files
        below it. Raises UsageError where a chosen one is gone.

        A place without documents is asked only where no other has any.
        """
        there = {place: self.rag(place).sources for place in self.places()}
        if not chosen:
            return {place: [] for place, sources in there.items() if sources} or {FOLDER: []}
        ticked: dict[str, set[str]] = {place: set() for place in there}
        for place, chosen_source in chosen:
            found = {source for source in there.get(place, ()) if _is_meant(source, chosen_source)}
            if not found:
                raise UsageError("ticked documents are no longer there; tick others, or none to ask all.")
            ticked[place] |= found
        asked = {place: [source for source in sources if source in ticked[place]] for place, sources in there.items()}
        return {place: sources for place, sources in asked.items() if sources}

    def sync(self, on_progress: Progress = silent) -> dict[str, SyncReport]:
        """Bring the index of each place up to date."""
        return {place: self.rag(place).sync(on_progress) for place in self.places()}

    def add(self, uploaded: Sequence[Path]) -> None:
        """Take uploaded files in, all or none. One of a name that is there replaces it; of two that come together, the second gets a number."""
        names = _distinct([path.name for path in uploaded])
        for path in uploaded:
            if path.suffix.lower() not in Rag.suffixes:
                kinds = ", ".join(sorted(Rag.suffixes))
                raise UsageError(f"{path.name}: files of this type are not read; these are: {kinds}.")
            if path.name.startswith("."):
                raise UsageError(f"{path.name}: names that begin with a dot are not read; rename it.")
            if path.stat().st_size > MAX_UPLOAD_BYTES:
                raise UsageError(f"{path.name} is too large; the limit is {MAX_UPLOAD_BYTES // 1_000_000} MB.")
        kept = sum((self.files / name).stat().st_size for name in self.uploads() if name not in names)
        if kept + sum(path.stat().st_size for path in uploaded) > MAX_ROOM_BYTES:
            raise UsageError(f"at most {MAX_ROOM_BYTES // 1_000_000} MB of uploaded files; remove some.")
        if len({*self.uploads(), *names}) > MAX_FILES:
            raise UsageError(
                f"at most {MAX_FILES} uploaded files; remove some, or start the page on their folder: rag serve --docs DIR"
            )
        make_private(self.files)
        for path, name in zip(uploaded, names):
            shutil.copyfile(path, self.files / name)

    def remove(self, name: str) -> None:
        """Delete an uploaded file; the index follows at the next `sync`."""
        if name not in self.uploads():
            raise UsageError(f"{name} is none of your uploaded files.")
        (self.files / name).unlink()

    def keep_whole(self, name: str, whole: bool) -> None:
        """Have all of an uploaded file searched, what looks like menus too, or no longer; the index follows at the next `sync`."""
        if name not in self.uploads():
            raise UsageError(f"{name} is none of your uploaded files.")
        self.rag(UPLOADS).keep_whole(name, whole)

    def questions(self, place: str) -> Path:
        """The file of the test cases about a place; it need not be there yet."""
        return self.path / f"questions-{place}.jsonl"


def _distinct(names: Sequence[str]) -> list[str]:
    """The names, with a number in those that came before."""
    taken: dict[str, None] = {}
    for name in names:
        stem, suffix = Path(name).stem, Path(name).suffix
        free = (new for number in itertools.count(2) if (new := f"{stem} ({number}){suffix}") not in taken)
        taken[name if name not in taken else next(free)] = None
    return [*taken]


def _is_meant(source: str, chosen: str) -> bool:
    """Whether what is chosen is the file, or a folder that it lies in, whose name ends in a slash."""
    return source.startswith(chosen) if chosen.endswith("/") else source == chosen


class Rooms:
    """Every browser's room, opened on first use."""

    def __init__(self, shared: Rag) -> None:
        self.shared = shared
        self.metrics = Metrics()
        self.path = rooms_folder(shared.config)
        self._open: dict[str, Room] = {}
        self._opening = threading.Lock()

    def enter(self, key: str) -> Room:
        """The room of a key. Raises NoRoom when the key is none."""
        if not is_key(key):
            raise NoRoom("no cookies")
        name = hashlib.sha256(key.encode()).hexdigest()[:16]
        with self._opening:
            return self._open.setdefault(name, Room(self.shared, self.path / name, self.metrics))

    def close(self) -> None:
        for room in self._open.values():
            room.close()

    def sweep(self) -> None:
        """Throw away the rooms, of all pages, in which nothing was written for KEPT_DAYS; what is no room is left alone."""
        for room in self.path.parent.glob("*/*"):
            with contextlib.suppress(OSError):  # another page may be sweeping too
                if room.is_dir() and not room.is_symlink():
                    last = max(path.lstat().st_mtime for path in [room, *room.rglob("*")])
                    if time.time() - last > KEPT_DAYS * 24 * 3600:
                        shutil.rmtree(room, ignore_errors=True)
