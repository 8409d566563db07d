"""The page is served while its folder is indexed for the first time."""

import threading
from dataclasses import dataclass, field
from typing import Any

import pytest

from rag.errors import IndexBroken
from rag.reports import Progress
from rag.web.following import FirstIndex, Follower


@dataclass
class Slow:
    """Indexes one file for each time that it is let to."""

    whole: bool = False
    fails: bool = False
    let: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    begun: threading.Event = field(default_factory=threading.Event)
    followed: threading.Event = field(default_factory=threading.Event)
    done: int = 0

    @property
    def indexer(self) -> Any:
        return self

    def is_whole(self) -> bool:
        return self.whole

    def refresh(self, on_progress: Progress = lambda *_: None) -> tuple[None, str]:
        self.begun.set()
        for self.done in range(1, 4):
            assert self.let.acquire(timeout=20)
            on_progress("read", self.done, 3)
        if self.fails:
            raise IndexBroken("the disk is full.")
        return None, "as it was"

    def follow(self, stop: threading.Event) -> Any:
        self.followed.set()
        yield None, ""


def shown(first: FirstIndex) -> tuple[str, int, int] | None:
    return first.progress


def test_a_question_waits_for_the_first_index_and_so_does_what_follows_the_folder() -> None:
    rag, told = Slow(), []
    first = FirstIndex(rag, lambda *each: told.append(each))  # type: ignore[arg-type]
    follower = Follower(rag, first)  # type: ignore[arg-type]
    first.start()
    follower.start()
    assert shown(first) == ("start", 0, 0) and rag.begun.wait(20)
    waited = threading.Thread(target=first.wait)
    waited.start()
    rag.let.release(2)
    while shown(first) != ("read", 2, 3):
        assert shown(first)
    assert waited.is_alive() and not told and not rag.followed.is_set()
    rag.let.release()
    waited.join(20)
    assert not waited.is_alive() and shown(first) is None and told == [(None, "as it was")]
    assert rag.followed.wait(20)
    follower.close()


def test_an_index_that_is_there_is_brought_up_to_date_before_anything_is_served() -> None:
    rag = Slow(whole=True)
    rag.let.release(3)
    first = FirstIndex(rag, lambda *_: None)  # type: ignore[arg-type]
    first.start()
    assert rag.done == 3 and first.progress is None


def test_why_there_is_no_index_is_told_to_whoever_waits() -> None:
    rag = Slow(fails=True)
    first = FirstIndex(rag, lambda *_: None)  # type: ignore[arg-type]
    first.start()
    rag.let.release(3)
    with pytest.raises(IndexBroken, match="disk is full"):
        first.wait()
    assert str(first.failed) == "the disk is full." and first.progress is None


def test_closing_ends_it_at_its_next_step() -> None:
    rag = Slow()
    first = FirstIndex(rag, lambda *_: None)  # type: ignore[arg-type]
    first.start()
    assert rag.begun.wait(20)
    closing = threading.Thread(target=first.close)
    closing.start()
    while not first._closed:
        pass
    rag.let.release(3)
    closing.join(20)
    assert not closing.is_alive() and rag.done == 1
