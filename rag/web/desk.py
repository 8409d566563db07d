"""The desk at which the questions of all conversations are answered, whatever becomes of the browser's tab that sent them.

Questions of one conversation are answered one after the other, in the order in which they came, and as many conversations at a time as
there are workers. What is asked and answered is written to the room by `conversations`.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from rag.answers import Statement
from rag.errors import RagError, UsageError
from rag.messages import Say
from rag.pipeline import Rag
from rag.web.conversations import Conversations, Exchange
from rag.web.rooms import Room, Turn

_log = logging.getLogger(__name__)


@dataclass
class Work:
    """A question that waits or is being answered, and what a language model has written for it so far."""

    room: Room
    key: str
    number: int
    question: str
    say: Say
    begun: bool = False
    ended: bool = False
    """Answered, given up or deleted."""
    checked: list[Statement] = field(default_factory=list)
    text: str = ""

    @property
    def draft(self) -> str:
        """What is written and not yet checked."""
        return " ".join(Rag.written(self.text)[len(self.checked) :])


class Desk:
    """Takes questions and answers them; `most` wait at a time."""

    def __init__(self, workers: int, most: int, ready: Callable[[], None] = lambda: None) -> None:
        """`ready` returns once questions can be answered. Raises RagError where they never can."""
        self.most = most
        self._ready = ready
        self._workers = ThreadPoolExecutor(workers, thread_name_prefix="desk")
        self._lock = threading.RLock()
        self._closed = False
        self._waiting: dict[tuple[Path, str], deque[Work]] = {}
        """Of each conversation, the one being answered first."""
        self._kept: dict[Path, Conversations] = {}

    def conversations(self, room: Room) -> Conversations:
        return self._kept.setdefault(room.path, Conversations(room.path / "conversations"))

    def ask(self, room: Room, key: str, exchange: Exchange, say: Say) -> int:
        """Take a question of the conversation `key`, and return its number. Raises UsageError when too many wait."""
        with self._lock:
            if sum(map(len, self._waiting.values())) >= self.most:
                raise UsageError("too many questions are waiting; ask again in a moment.")
            number = self.conversations(room).add(key, exchange)
            self._take(Work(room, key, number, exchange.question, say))
            return number

    def resume(self, room: Room, key: str, say: Say) -> None:
        """Take what a conversation still waits for, which was asked before the page was started."""
        with self._lock:
            if (room.path, key) not in self._waiting:
                for number, exchange in self.conversations(room).read(key).items():
                    if exchange.waits:
                        self._take(Work(room, key, number, exchange.question, say))

    def waiting(self, room: Room, key: str) -> list[Work]:
        """What a conversation waits for, in order."""
        with self._lock:
            return [work for work in self._waiting.get((room.path, key), ()) if not work.ended]

    def stop(self, room: Room, key: str, numbers: Collection[int]) -> None:
        """Give up questions; one that is being answered ends without an answer."""
        with self._lock:
            for work in self.waiting(room, key):
                if work.number in numbers:
                    self._end(work, ended=work.say("you stopped"))

    def forget(self, room: Room, key: str | None = None) -> None:
        """Delete a conversation; without a `key`, all that the room holds."""
        with self._lock:
            for (path, waits), waiting in self._waiting.items():
                if path == room.path and key in (waits, None):
                    for work in waiting:
                        work.ended = True
            if key is not None:
                self.conversations(room).delete(key)
                return
            self._kept.pop(room.path, None)
            room.forget()

    def close(self) -> None:
        """Take no more, and answer none that wait; they are taken up again when the page is started."""
        with self._lock:
            self._closed = True
        self._workers.shutdown(wait=False, cancel_futures=True)

    def _take(self, work: Work) -> None:
        waiting = self._waiting.setdefault((work.room.path, work.key), deque())
        waiting.append(work)
        if len(waiting) == 1:
            self._hand(work)

    def _hand(self, work: Work) -> None:
        """To a worker."""
        if not self._closed:
            self._workers.submit(self._answer, work)

    def _answer(self, work: Work) -> None:
        """Answer a question, then hand the next of its conversation to a worker."""
        try:
            if not work.ended:
                self._ready()
                work.begun = True
                self._answered(work)
        except RagError as error:
            self._end(work, ended=error.told(work.say))
        except Exception:
            _log.exception("a question could not be answered")
            self._end(work, ended=work.say("went wrong"))
        finally:
            with self._lock:
                waiting = self._waiting[work.room.path, work.key]
                waiting.popleft()
                if waiting:
                    self._hand(waiting[0])
                else:
                    del self._waiting[work.room.path, work.key]

    def _answered(self, work: Work) -> None:
        there = self.conversations(work.room).read(work.key)
        if work.number not in there:
            return
        asked = there[work.number]
        turns = [exchange.turn for number, exchange in there.items() if exchange.turn and number < work.number]
        with closing(work.room.ask_stream(asked.question, turns, asked.chosen, standalone=asked.standalone)) as events:
            for event in events:
                if work.ended:
                    return
                if isinstance(event, Turn):
                    self._end(work, turn=event)
                elif isinstance(event, Statement):
                    work.checked.append(event)
                else:
                    work.text += event

    def _end(self, work: Work, turn: Turn | None = None, ended: str = "") -> None:
        with self._lock:
            conversations = self.conversations(work.room)
            exchange = conversations.read(work.key).get(work.number)
            if exchange and exchange.waits:
                conversations.put(work.key, work.number, replace(exchange, turn=turn, ended=ended))
            work.ended = True
