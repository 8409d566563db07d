"""What callers hand in, held to what it must be, the same at every door: the shell, Python, the page, kept files.

In: a value, and what it is called ("the question", "sources[2]"). Out: the value, or a UsageError that names it, what is wrong with
it and where. White space of every kind is taken as it is; other control characters, and halves of characters, are in no text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

from rag.errors import UsageError

T = TypeVar("T")

_HALF = re.compile("[\ud800-\udfff]")
"""Of a surrogate pair: no character by itself. Python stands one for each byte of an argument or a file's name that is no UTF-8."""
_CONTROL = re.compile("[\0-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")
"""Control characters that are no white space."""
MOST = 1_000_000_000
"""The largest whole number that anything can be set to."""


def unicode_text(value: object, what: str) -> str:
    """Text that can be written down."""
    if not isinstance(value, str):
        raise UsageError(f"{what} is {_kind(value)}; it must be text.")
    if half := _HALF.search(value):
        raise UsageError(f"{what} is not valid Unicode at character {half.start() + 1} (U+{ord(half[0]):04X}).")
    return value


def text(value: object, what: str) -> str:
    """Text for people: a question, an address."""
    checked = unicode_text(value, what)
    if control := _CONTROL.search(checked):
        place = f"character {control.start() + 1} (U+{ord(control[0]):04X})"
        raise UsageError(f"{what} has a control character at {place}; leave it out.")
    return checked


def path(value: object, what: str) -> str:
    """The name of a file or folder, which may hold any character but NUL."""
    if not isinstance(value, (str, Path)):
        raise UsageError(f"{what} is {_kind(value)}; it must be a path.")
    checked = unicode_text(str(value), what)
    if not checked:
        raise UsageError(f"{what} is empty; it must be a path.")
    if "\0" in checked:
        raise UsageError(f"{what} has a NUL at character {checked.index(chr(0)) + 1}; no path has one.")
    return checked


def arguments(given: Iterable[str]) -> None:
    """Those of a command, in which bytes that are no UTF-8 are no text."""
    for number, argument in enumerate(given, start=1):
        unicode_text(argument, f"argument {number}")


def instance(value: object, kind: type[T], what: str) -> T:
    if not isinstance(value, kind):
        raise UsageError(f"{what} is {_kind(value)}; it must be a {kind.__name__}.")
    return value


def several(values: object, what: str) -> list[object]:
    """The elements of a list or the like; one text is none."""
    if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
        raise UsageError(f"{what} is {_kind(values)}; it must be a list.")
    return list(values)


def whole(value: object, what: str, least: int = 0, most: int = MOST) -> int:
    """A whole number from `least` to `most`."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise UsageError(f"{what} is {_kind(value)}; it must be a whole number.")
    if not least <= value <= most:
        limits = f"{least:,} or more" if value < least else f"at most {most:,}"
        raise UsageError(f"{what} is {_told(value)}; it must be {limits}.")
    return value


def number(value: object, what: str, least: float = 0, most: float = MOST) -> float:
    """A number from `least` to `most`."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise UsageError(f"{what} is {_kind(value)}; it must be a number.")
    if not least <= value <= most:
        raise UsageError(f"{what} is {_told(value)}; it must lie between {least:,} and {most:,}.")
    return value


def _kind(value: object) -> str:
    """What a value of the wrong type is called; never the value itself, which may be of any size."""
    if value is None or isinstance(value, (bool, int, float)):
        return _told(value)
    return f"of type {type(value).__name__}"


def _told(value: object) -> str:
    return "a number beyond all limits" if isinstance(value, int) and abs(value) > MOST else str(value)
