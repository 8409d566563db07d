"""Calls that may take too long → their results in time, or TimeoutError."""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


class _TooLate(BaseException):
    """Ends a call that nobody waits for any more."""


def within(seconds: float, call: Callable[[], T]) -> T:
    """What `call` returns, or TimeoutError after `seconds`; then it is stopped as soon as it is in Python's own code again."""
    [ended] = all_within(seconds, [call])
    if isinstance(ended, BaseException):
        raise ended
    return ended


def all_within(seconds: float, calls: Sequence[Callable[[], T]]) -> list[T | BaseException]:
    """What each of `calls`, which begin at the same time, returns or raises; for one that takes more than `seconds` a TimeoutError."""
    ended: dict[int, T | BaseException] = {}

    def work(number: int) -> None:
        try:
            ended[number] = calls[number]()
        except BaseException as error:
            ended[number] = error

    threads = [threading.Thread(target=work, args=(number,), daemon=True) for number in range(len(calls))]
    for thread in threads:
        thread.start()
    until = time.monotonic() + seconds
    for number, thread in enumerate(threads):
        thread.join(max(0.0, until - time.monotonic()))
        if number not in ended and thread.is_alive():
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident or 0), ctypes.py_object(_TooLate))
    late = TimeoutError(f"no answer within {seconds:g} s")
    return [ended.get(number, late) for number in range(len(calls))]
