"""A call that may take too long → its result in time, or TimeoutError."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class _TooLate(BaseException):
    """Ends a call that nobody waits for any more."""


def within(seconds: float, call: Callable[[], T]) -> T:
    """What `call` returns, or TimeoutError after `seconds`; then it is stopped as soon as it is in Python's own code again."""
    results: list[T] = []
    errors: list[BaseException] = []

    def work() -> None:
        try:
            results.append(call())
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds)
    if results:
        return results[0]
    if errors:
        raise errors[0]
    if thread.is_alive():
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident or 0), ctypes.py_object(_TooLate))
    raise TimeoutError(f"no answer within {seconds:g} s")
