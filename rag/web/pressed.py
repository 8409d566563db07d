"""What a button in a piece of HTML hands to its handler, as a browser sent it: names and texts, of which none need be there or be right."""

from __future__ import annotations

from typing import Any

from rag.errors import ReasonedError


class UnknownButton(ReasonedError):
    """Something was pressed that the page does not have, or no longer has."""


class Pressed(dict[str, Any]):
    """The values of `sent`; `get` gives any of them, as it was sent, an index a text alone: else it raises UnknownButton."""

    def __init__(self, sent: object) -> None:
        super().__init__(sent if isinstance(sent, dict) else {})

    def __getitem__(self, name: str) -> str:
        text = self.get(name)
        if not isinstance(text, str):
            raise UnknownButton("unknown button")
        return text

    def number(self, name: str, count: int) -> int:
        """Which of `count` things is meant."""
        number = whole_number(self[name])
        if number is None or number >= count:
            raise UnknownButton("unknown button")
        return number


def whole_number(sent: object) -> int | None:
    """What a page sends as a number: up to nine digits; None for anything else."""
    text = str(sent)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None
