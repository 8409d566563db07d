"""What a button in a piece of HTML hands to its handler, as a browser sent it: names and texts, of which none need be there or be right."""

from __future__ import annotations

from rag.errors import ReasonedError


class UnknownButton(ReasonedError):
    """Something was pressed that the page does not have, or no longer has."""


class Pressed(dict[str, str]):
    """The texts among `sent`. Asking for one that is not there raises UnknownButton."""

    def __init__(self, sent: object) -> None:
        texts = sent.items() if isinstance(sent, dict) else ()
        super().__init__({name: text for name, text in texts if isinstance(name, str) and isinstance(text, str)})

    def __missing__(self, name: str) -> str:
        raise UnknownButton("unknown button")

    def number(self, name: str, count: int) -> int:
        """Which of `count` things is meant."""
        text = self[name]
        if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) < count):
            raise UnknownButton("unknown button")
        return int(text)
