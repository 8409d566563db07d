"""An object for workers whose calls may end their process: used by `test_workers.py`, and light to import."""

from __future__ import annotations

import os
import re
import signal
import time
from pathlib import Path
from typing import Any

from rag.errors import ModelBroken


class Toy:
    """An object whose calls may end their process."""

    def __init__(self, broken: bool = False) -> None:
        if broken:
            raise ModelBroken("the toy is broken.")

    def double(self, number: int, seconds: float = 0.0) -> int:
        time.sleep(seconds)
        return 2 * number

    def die_once(self, number: int, mark: Path) -> int:
        if not mark.exists():
            mark.touch()
            self.die(number)
        return 2 * number

    def die(self, number: int) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def hold(self, number: int) -> None:
        """The interpreter's lock, for hours."""
        re.match("(a+)+$", "a" * 60 + "b")

    def complain(self, number: int) -> None:
        raise ValueError(f"{number} is no number")

    def variables(self, *names: str) -> list[str | None]:
        print("no answer")
        return [os.environ.get(name) for name in names]


def toy(threads: int) -> Toy:
    return Toy()


def broken_toy(threads: int) -> Toy:
    return Toy(broken=True)


def dying_toy(threads: int) -> Toy:
    os._exit(3)


class _Unsendable:
    def __call__(self, threads: int) -> Toy:
        return Toy()

    def __reduce__(self) -> tuple[Any, ...]:
        return (_refuse, ())


def _refuse() -> None:
    raise ValueError("it cannot be sent")


unsendable_toy = _Unsendable()
