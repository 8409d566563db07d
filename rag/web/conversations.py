"""A room's conversations on disk: a folder for each, in it a file for each question with its answer, so that nothing is lost by a reload.

A question is written when it is asked, and once more when it is answered or ends otherwise. A file that cannot be read back is left out.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import UsageError
from rag.places import make_private
from rag.receipts import answer_of
from rag.web.rooms import FOLDER, UPLOADS, Turn, is_key

MAX_CONVERSATIONS = 500
"""Kept of one room; the oldest go."""
MAX_TITLE = 120
NOTEBOOK = "0" * 32
"""The key of what is kept of all conversations; nothing is asked in it."""
_NAMED = "name"
_NUMBERED = re.compile(r"[1-9]\d{0,5}")


@dataclass(frozen=True)
class Exchange:
    """A question of a conversation; it waits until it has a turn, or ended otherwise."""

    question: str
    chosen: tuple[tuple[str, str], ...] = ()
    """(place, source) of the documents to ask; all where it is empty."""
    standalone: bool = False
    """Whether it is asked as it is written, whatever was asked before."""
    turn: Turn | None = None
    ended: str = ""
    """Why it has no answer, in words."""

    @property
    def waits(self) -> bool:
        return self.turn is None and not self.ended


@dataclass(frozen=True)
class Title:
    """A conversation in the list."""

    key: str
    name: str
    """As it was renamed; else its first question."""
    questions: tuple[str, ...]


class Conversations:
    """Those of one room, below `path`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._questions: dict[Path, str] = {}
        """Of the files that were read; a question does not change."""

    def read(self, key: str) -> dict[int, Exchange]:
        """The questions of a conversation by their numbers, in order; none where there is no such conversation."""
        found = {number: _exchange(path) for number, path in self._files(key)}
        return {number: exchange for number, exchange in found.items() if exchange}

    def add(self, key: str, exchange: Exchange) -> int:
        """Write a question down as the conversation's last, and return its number."""
        if not is_key(key):
            raise UsageError("that is no conversation of this page; begin a new one.")
        folder = self.path / key
        if not folder.is_dir():
            make_private(folder)
            for title in [title for title in self.titles() if title.key != NOTEBOOK][MAX_CONVERSATIONS - 1 :]:
                self.delete(title.key)
        number = max((number for number, _ in self._files(key)), default=0) + 1
        _write(folder / f"{number}.json", _kept(exchange))
        return number

    def put(self, key: str, number: int, exchange: Exchange) -> None:
        """Write down what became of a question; one that was deleted meanwhile stays so."""
        with contextlib.suppress(FileNotFoundError):
            _write(self.path / key / f"{number}.json", _kept(exchange))

    def note(self, turn: Turn) -> bool:
        """Keep an answer in the notebook, or let go of it where it is kept; whether it is kept now."""
        kept = self.noted(turn)
        for number in kept:
            (self.path / NOTEBOOK / f"{number}.json").unlink(missing_ok=True)
        if not kept:
            self.add(NOTEBOOK, Exchange(turn.answer.question, standalone=True, turn=turn))
        return not kept

    def noted(self, turn: Turn) -> list[int]:
        """The numbers under which the notebook keeps an answer."""
        return [number for number, exchange in self.read(NOTEBOOK).items() if exchange.turn == turn]

    def rename(self, key: str, name: str) -> None:
        """Name a conversation; without a name it is called after its first question again."""
        if is_key(key) and (self.path / key).is_dir():
            _write(self.path / key / f"{_NAMED}.json", " ".join(name.split())[:MAX_TITLE])

    def delete(self, key: str) -> None:
        if is_key(key):
            shutil.rmtree(self.path / key, ignore_errors=True)

    def titles(self) -> list[Title]:
        """The conversations, that which was last written to first."""
        found = []
        with contextlib.suppress(FileNotFoundError):
            for folder in self.path.iterdir():
                if is_key(folder.name) and (
                    questions := [q for _, path in self._files(folder.name) if (q := self._question(path))]
                ):
                    name = _read(folder / f"{_NAMED}.json")
                    title = Title(folder.name, name if name and isinstance(name, str) else questions[0], tuple(questions))
                    found.append((_last_written(folder), title))
        return [title for _, title in sorted(found, key=lambda each: each[0], reverse=True)]

    def _question(self, path: Path) -> str:
        if path not in self._questions and (exchange := _exchange(path)):
            self._questions[path] = exchange.question
        return self._questions.get(path, "")

    def _files(self, key: str) -> list[tuple[int, Path]]:
        """The number and the file of each question."""
        if not is_key(key) or not (self.path / key).is_dir():
            return []
        return sorted((int(path.stem), path) for path in (self.path / key).glob("*.json") if _NUMBERED.fullmatch(path.stem))


def _last_written(folder: Path) -> int:
    def times() -> Iterator[int]:
        for path in folder.glob("[1-9]*.json"):
            with contextlib.suppress(FileNotFoundError):
                yield path.stat().st_mtime_ns

    return max(times(), default=0)


def _kept(exchange: Exchange) -> dict[str, Any]:
    turn = exchange.turn and {"place": exchange.turn.place, "answer": exchange.turn.answer.to_dict()}
    values = {name: getattr(exchange, name) for name in ("question", "chosen", "standalone", "ended")}
    return {**values, "turn": turn}


def _exchange(path: Path) -> Exchange | None:
    """What a file keeps; None where it is damaged, or of a version that cannot be read."""
    kept = _read(path)
    try:
        turn = kept["turn"] and Turn(answer_of(kept["turn"]["answer"]), {FOLDER: FOLDER, UPLOADS: UPLOADS}[kept["turn"]["place"]])
        chosen = tuple((str(place), str(source)) for place, source in kept["chosen"])
        return Exchange(str(kept["question"]), chosen, kept["standalone"] is True, turn or None, str(kept["ended"]))
    except (KeyError, TypeError, ValueError):
        return None


def _write(path: Path, kept: object) -> None:
    """Write a value whole or not at all, for the owner alone; a sum in front tells damage."""
    text = json.dumps(kept)
    beside = path.with_name(f".{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(f"{_sum(text)}\n{text}\n")
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _read(path: Path) -> Any:
    """The value; None where it is not what was written."""
    try:
        first, _, text = path.read_text(encoding="ascii").removesuffix("\n").partition("\n")
        return json.loads(text) if first == _sum(text) else None
    except (OSError, ValueError, RecursionError):
        return None


def _sum(text: str) -> str:
    return hashlib.sha256(text.encode("ascii")).hexdigest()
