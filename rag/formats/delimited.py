"""Tables as text (csv, tsv): the delimiter told from the first lines; one row of cells a line, with the row's number as its place."""

from __future__ import annotations

import csv
import io
import sys
from itertools import islice

from rag.formats.document import MAX_BLOCKS, Document, Writer, check_blocks
from rag.formats.encodings import decode

_DELIMITERS = ",;\t|"
_SAMPLE_LINES = 50
csv.field_size_limit(min(sys.maxsize, 2**31 - 1))


def read_delimited(content: bytes) -> Document:
    text, encoding = decode(content)
    text = text.lstrip("\ufeff").replace("\0", "")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    numbered = ((number, row) for number, row in enumerate(reader, start=1) if any(cell.strip() for cell in row))
    rows = list(islice(numbered, MAX_BLOCKS + 1))
    check_blocks(len(rows))
    writer = Writer()
    writer.table([row for _, row in rows], None, [[("row", str(number))] for number, _ in rows])
    return writer.document(encoding=encoding)


def _delimiter(text: str) -> str:
    """The one that gives the first lines the same number of cells most often, and then the most cells."""
    lines = text[:100_000].splitlines()[:_SAMPLE_LINES]

    def evenness(delimiter: str) -> tuple[int, int]:
        widths = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
        usual = max(sorted(set(widths)), key=widths.count, default=0)
        return (widths.count(usual), usual) if usual > 1 else (0, 0)

    return max(_DELIMITERS, key=evenness)
