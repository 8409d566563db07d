"""Subtitles (srt, vtt): the cues' words joined to sentences, each cue's time code a place."""

from __future__ import annotations

import re

from rag.formats.document import Document, Writer
from rag.formats.encodings import decode

_CUE = re.compile(r"((?:\d{1,3}:)?\d{1,2}:\d{2})[,.]\d{1,3}[ \t]*-->")
_TAGS = re.compile(r"<[^<>\n]{0,200}>|\{\\[^{}\n]{0,100}\}")
_ENDS = re.compile(r"[.!?…。！？][\"'”’)]*$")
_MOST = 40
"""Cues in one paragraph, where no sentence ends."""


def read_subtitles(content: bytes) -> Document:
    text, encoding = decode(content)
    writer = Writer()
    run: list[tuple[str, list[tuple[str, str]]]] = []
    for cue in re.split(r"\r?\n[ \t]*\r?\n", text.strip("\ufeff")):
        lines = cue.strip().splitlines()
        at = next((number for number, line in enumerate(lines[:3]) if _CUE.match(line)), None)
        if at is None or not (words := " ".join(_TAGS.sub("", " ".join(lines[at + 1 :])).split())):
            continue
        time = _CUE.match(lines[at])[1]  # type: ignore[index]
        run.append((" " + words, [("time", time)]))
        if _ENDS.search(words) or len(run) >= _MOST:
            writer.joined(run)
            run = []
    writer.joined(run)
    return writer.document(encoding=encoding)
