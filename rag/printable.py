"""What may come from anywhere (files, their names, language models, errors) → what a terminal shows and never obeys.

Control characters and those that turn the direction of writing are shown as symbols, one for each, so that widths and places stay;
a line's end and a tab are themselves. `all_printable` holds everything that is printed to it; JSON is written so that it loses nothing.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO, cast

_SYMBOLS = {
    **{code: 0x2400 + code for code in range(0x20) if chr(code) not in "\n\t"},
    0x7F: 0x2421,
    **dict.fromkeys([*range(0x80, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A), *range(0xD800, 0xE000)], 0xFFFD),
}
"""C0 and DEL as Unicode's pictures of them; C1, bidirectional overrides and isolates, and halves of surrogate pairs as U+FFFD."""
_NOT_IN_JSON = re.compile("[\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""What `json.dumps` writes as it is."""


def printable(text: str) -> str:
    """As many characters as `text` has."""
    return text.translate(_SYMBOLS)


def to_json(value: Any, *, indent: int | None = 2) -> str:
    """JSON for people and programs: letters of all languages as they are, what a terminal might obey escaped; one line without `indent`."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return _NOT_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


class _Printable:
    """A text stream to which only what is printable goes."""

    def __init__(self, stream: TextIO) -> None:
        self.rich_proxied_file = stream
        """By the name under which rich looks for the stream that its colours are meant for."""

    def write(self, text: str) -> int:
        self.rich_proxied_file.write(printable(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.rich_proxied_file, name)


@contextmanager
def all_printable() -> Iterator[None]:
    """Holds standard output and standard error to it."""
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = (cast(TextIO, stream and _Printable(stream)) for stream in before)  # None where it is closed
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def beneath(stream: TextIO) -> TextIO:
    """The stream that `all_printable` or rich stands in front of, for one who shows nothing but what is printable."""
    while hasattr(stream, "rich_proxied_file"):
        stream = stream.rich_proxied_file
    return stream
