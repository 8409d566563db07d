"""Spreadsheets (xlsx, xls, ods) by python-calamine: each sheet's name as a heading, then its rows, with sheet and row as the place."""

from __future__ import annotations

import datetime
import io
import re

from rag.errors import FileFailed
from rag.formats.archives import Archive
from rag.formats.document import Document, Writer, header_row

MAX_CELLS = 5_000_000
"""Of the rectangle from a sheet's first to its last cell, which the library holds in memory whole."""
_HEAD_ROWS = 3
_CELL = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
_REPEATED = re.compile(rb'number-(rows|columns)-repeated="(\d+)"[^>]*(/?)>')


def read_spreadsheet(content: bytes) -> Document:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    if content.startswith(b"PK"):
        _check(Archive(content))
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        writer = Writer()
        for name in workbook.sheet_names:
            sheet = workbook.get_sheet_by_name(name)
            writer.place(("sheet", name))
            writer.add(name, "heading", 1)
            _sheet(writer, name, sheet.start or (0, 0), [[_cell(value) for value in row] for row in sheet.to_python()])
    except PasswordError as error:
        raise FileFailed("password") from error
    except CalamineError as error:
        raise FileFailed("bad file", error=str(error)) from error
    return writer.document(headed=False)


def _sheet(writer: Writer, name: str, start: tuple[int, int], rows: list[list[str]]) -> None:
    """Rows between empty ones are tables of their own."""
    tables: list[list[tuple[int, list[str]]]] = [[]]
    for number, row in enumerate(rows, start[0] + 1):
        if any(row):
            tables[-1].append((number, row))
        elif tables[-1]:
            tables.append([])
    for at, table in enumerate(tables):
        cells = [row for _, row in table]
        if at + 1 < len(tables) and _is_head(cells, [row for _, row in tables[at + 1]]):
            tables[at + 1][:0] = table
        elif table:
            left = min(next(at for at, cell in enumerate(row) if cell) for row in cells)
            places = [(("sheet", name), ("row", str(number))) for number, _ in table]
            writer.table([row[left:] for row in cells], None, places)


def _is_head(rows: list[list[str]], following: list[list[str]]) -> bool:
    """Whether rows are the header of the table below the empty row under them."""
    wide = bool(rows) and len(rows) <= _HEAD_ROWS and sum(map(bool, rows[-1])) > 1
    return wide and bool(following) and header_row(following) < 0 <= header_row([*rows, *following])


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.12g}"
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    return str(value)


def _check(archive: Archive) -> None:
    """Refuse sheets that are small in the file and huge in memory."""
    for name in sorted(archive.names):
        if name.startswith("xl/worksheets/") and name.endswith(".xml"):
            found = _CELL.findall(archive.read(name))
            width = max((_column(letters) for letters, _ in found), default=0)
            height = max((int(digits) for _, digits in found), default=0)
            low = min((int(digits) for _, digits in found), default=0)
            _limit(width * (height - low + 1))
        elif name == "content.xml":
            repeated = {b"rows": 1, b"columns": 1}
            for kind, count, empty in _REPEATED.findall(archive.read(name)):
                if not empty:
                    repeated[kind] = max(repeated[kind], int(count))
            _limit(repeated[b"rows"] * repeated[b"columns"])


def _limit(cells: int) -> None:
    if cells > MAX_CELLS:
        raise FileFailed("too many cells", limit=MAX_CELLS)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
