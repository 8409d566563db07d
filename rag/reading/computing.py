"""A figure worked out over a table's column: the most or the least, a sum, a count, an average.

In: a question that asks for one, and the table that was ranked first. Out: a `Computed` with the cells it comes from, a `Reason` why
there is none, or None where the question is not about that table's columns. It computes only what the question's words name: the
column by its header, the rows by words in their cells; the rest of its words must stand in what is said of the table.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from rag.formats.document import Document
from rag.messages import Reason
from rag.questions import Computing, Question
from rag.reading.spans import Place
from rag.reading.structure import Table, content, table_at
from rag.text.terms import terms_of
from rag.text.values import values

SHOWN_CELLS = 10
"""Cells that are cited one by one; of more, their column's header is."""
RIGHT = {"most": 0.88, "least": 0.88, "count": 0.83, "sum": 0.6, "average": 0.6}
"""The share of right answers among those given, where the table is known, on half of WikiTableQuestions' training tables, which
nothing here was chosen on: 104 of 118, 5 of 6 and 7 of 11 (`training/measure_computing.py`). Of the sums it holds only those that stand
in a cell themselves, so that theirs is the least that they are worth."""
_PLAIN = re.compile(
    r"(?P<before>[^\d.+−-]*?)(?P<number>[+−-]?(?:\d{1,3}(?:,\d{3}){1,4}|\d{1,15})(?:\.\d{1,9})?)(?P<after>[^\d]*)"
)
_MARKS = re.compile(r"(?:\[\w{1,3}\]|[*†‡])+$")
_ABSENT = frozenset(("", "-", "–", "—", "―", "/", "n/a", "N/A"))
_WHOLE = re.compile(
    r"\W*(?:(?:grand |sub-?)?totals?|sum|average|mean|overall|all)\b|\W*(?:合计|总计|小计|平均|总和|共计)", re.IGNORECASE
)
_MEASURES = frozenset(("number", "share", "money", "quantity", "duration"))
_RANK = re.compile(
    r"^\W*(?:#|no\.?|nr\.?|rank(?:ing)?|pos(?:ition)?\.?|place|id|year)\W*$|\b(?:rank|position)s?\b|名次|排名|序号|编号|年份",
    re.IGNORECASE,
)
_MAX_MISSING = 1
"""Terms of a question for the most or the least that may stand nowhere: its verb. Of other questions none, nor a name or figure."""
_MAX_DIGITS = 20
_EARLIEST_YEAR, _LATEST_YEAR = 1500, 2100
_AMOUNT = re.compile(r"(-?\d+(?:\.\d+)?)(?: (\S+))?")
_SPAN = re.compile(r"P(T?)(\d+(?:\.\d+)?)([A-Z])")


@dataclass(frozen=True)
class Figure:
    """What a cell states: its amount, the unit it is in, and how it is written around the number."""

    amount: Decimal
    unit: str
    written: tuple[str, str] | None
    """What stands before and after the number; None where it is not written in plain digits."""


@dataclass(frozen=True)
class Computed:
    """An answer that is worked out."""

    short: str
    how: Reason
    quotes: tuple[Place, ...]
    """Of the most or the least the row and its header row; else each cell, or of more than SHOWN_CELLS the column's header."""
    missing: int
    """How many of the question's terms neither the table nor what is said of it holds."""
    confidence: float


@dataclass(frozen=True)
class _Named:
    """A table with what the question's words name of it."""

    asked: Computing
    source: str
    text: str
    table: Table
    column: int
    rows: tuple[int, ...]
    """Those that the question's words leave, rows of totals left out."""
    missing: int


def compute(question: Question, document: Document, at: int, about: str, source: str) -> Computed | Reason | None:
    """What the question asks to be worked out over the table of the row that is block `at` of the file `source`.

    `about` is what is said of the table: its file's name and title, the heading above it, its caption.
    """
    asked, text = question.computing, document.text
    if asked is None or document.blocks[at].kind != "row":
        return None
    table = table_at(document, at)
    headers = _terms(text, table.header)
    if len(table.rows) < 2 or not _is_plain(table, text):
        return None
    if asked.words & headers - asked.measured:
        return None
    columns = _columns(asked, table, text)
    if asked.what == "count" or (asked.what == "sum" and not columns):
        return _count(question, asked, table, text, about)
    if not columns:
        return None
    rows, missing = _chosen(question, asked, table, text, about, columns[0])
    if len(rows) < 2 or missing > (_MAX_MISSING if asked.what in ("most", "least") else 0):
        return None
    if len(columns) > 1:
        return Reason(
            "several columns", {"source": source, "columns": [text[slice(*table.header[column])] for column in columns]}
        )
    named = _Named(asked, source, text, table, columns[0], rows, missing)
    return _extreme(named) if asked.what in ("most", "least") else _total(named)


def lacking(question: Question, document: Document, at: int, about: str) -> int | None:
    """How many of the question's terms the table does not hold; None where it has no column that the question may be about."""
    asked, text, table = question.computing, document.text, table_at(document, at)
    if asked is None:
        return None
    columns = _columns(asked, table, text)
    if columns or asked.counted & (_terms(text, table.header) | terms_of(about)):
        return _chosen(question, asked, table, text, about, columns[0] if columns else None)[1]
    return None


def figure(cell: str) -> Figure | None:
    """The one amount that a cell states, to a unit; None where it states none, several, a range or a bound."""
    cell = _MARKS.sub("", cell.strip()).strip()
    plain = _PLAIN.fullmatch(cell)
    written = (plain["before"], plain["after"]) if plain else None
    if plain and not any(written or ()):
        return Figure(Decimal(plain["number"].replace(",", "").replace("−", "-")), "", written)
    stated = values(cell)
    if len(stated) != 1 or stated[0].kind not in _MEASURES:
        return None
    rest = (cell[: stated[0].start] + cell[stated[0].end :]).strip().lower()
    if any(c.isdigit() for c in rest) or cell[: stated[0].start].strip():
        return None
    if span := _SPAN.fullmatch(stated[0].canonical):
        return Figure(Decimal(span[2]), span[1] + span[3] + rest, written)
    amount = _AMOUNT.fullmatch(stated[0].canonical)
    if not amount or len(amount[1]) > _MAX_DIGITS:
        return None
    number = Decimal(amount[1])
    as_written = plain is not None and Decimal(plain["number"].replace(",", "").replace("−", "-")) == number
    return Figure(number, (amount[2] or "") + rest, written if as_written else None)


def _is_plain(table: Table, text: str) -> bool:
    """Whether each column has a name of its own, so that there is no second row of headers, and no row is wider."""
    names = [text[slice(*cell)].casefold() for cell in table.header]
    return len(names) > 1 and all(names) and len(set(names)) == len(names) and all(len(row) <= len(names) for row in table.cells)


def _terms(text: str, cells: Sequence[Place]) -> frozenset[str]:
    return frozenset().union(*(terms_of(text[slice(*cell)]) for cell in cells))


def _columns(asked: Computing, table: Table, text: str) -> list[int]:
    """The columns of figures that the question names most fully: by its words of measuring, for a degree else by any of them."""
    degree = asked.what in ("most", "least")
    target = _sought_column(asked, table, text) if degree else None
    figures = [column for column in range(len(table.header)) if column != target and _is_measure(table, text, column)]
    every = frozenset(asked.terms) if degree else frozenset()
    for words in (asked.measured, every):
        fits = {}
        for column in figures:
            terms = content(text[slice(*table.header[column])])
            if terms & words:
                fits[column] = (len(terms & words), -len(terms - frozenset(asked.terms)))
        if fits:
            return [column for column, fit in fits.items() if fit == max(fits.values())]
    return []


def _sought_column(asked: Computing, table: Table, text: str) -> int | None:
    """The column of the kind of thing asked for; None where no header names it."""
    for term in asked.sought:
        for column, cell in enumerate(table.header):
            if term in content(text[slice(*cell)]):
                return column
    return None


def _is_measure(table: Table, text: str, column: int) -> bool:
    """Whether most cells of a column state amounts, and they do not merely count the rows, rank them or name years."""
    told = [cell for cell in _column(table, text, column) if cell not in _ABSENT]
    amounts = [each.amount for each in map(figure, told) if each is not None]
    if len(amounts) <= len(told) / 2 or _RANK.search(text[slice(*table.header[column])]):
        return False
    steps = {b - a for a, b in pairwise(amounts)}
    years = all(_EARLIEST_YEAR <= amount <= _LATEST_YEAR and amount == int(amount) for amount in amounts)
    return not years and not (len(amounts) > 2 and steps in ({1}, {-1}) and min(amounts) <= 1)


def _column(table: Table, text: str, column: int) -> list[str]:
    return [text[slice(*row[column])] if column < len(row) else "" for row in table.cells]


def _chosen(
    question: Question, asked: Computing, table: Table, text: str, about: str, column: int | None
) -> tuple[tuple[int, ...], int]:
    """The rows that hold the words that no header and nothing said of the table holds, and how many words nothing holds."""
    told = table.header if column is not None else ()  # whoever counts rows names a column to say what stands in it
    known = _terms(text, told) | terms_of(about) | asked.words | asked.counted
    rest = [term for term in asked.terms if not _holds(known, term)]
    names = [row for row in range(len(table.rows)) if not _is_whole(table, text, row)]
    held = {row: _terms(text, [cell for n, cell in enumerate(table.cells[row]) if n != column]) for row in names}
    met = [term for term in rest if any(_holds(terms, term) for terms in held.values())]
    rows = tuple(row for row in names if all(_holds(held[row], term) for term in met))
    lost = [term for term in rest if term not in met]
    named = any(term[0].isdigit() for term in lost) or any(terms_of(name) & set(lost) for name in question.names)
    return rows, len(lost) + (_MAX_MISSING if named else 0)


def _holds(terms: frozenset[str], term: str) -> bool:
    """Whether a term is among `terms`; of two Chinese characters, which may belong to two words, also where both are."""
    return term in terms or (len(term) == 2 and term[0] > "\u2e80" and term[0] in terms and term[1] in terms)


def _is_whole(table: Table, text: str, row: int) -> bool:
    """Whether a row gives totals or averages of the others."""
    first = next((text[slice(*cell)] for cell in table.cells[row] if cell[0] < cell[1]), "")
    return _WHOLE.match(first) is not None


def _figures(named: _Named) -> dict[int, Figure] | Reason:
    """The figure of each row that has one, or why they cannot be taken together."""
    told = {row: cell for row, cell in enumerate(_column(named.table, named.text, named.column)) if cell not in _ABSENT}
    read = {row: figure(told[row]) for row in named.rows if row in told}
    header = named.text[slice(*named.table.header[named.column])]
    if odd := [told[row] for row, each in read.items() if each is None]:
        return Reason("no figures", {"source": named.source, "column": header, "cells": odd})
    figures = {row: each for row, each in read.items() if each is not None}
    total = sum((each.amount for each in figures.values()), Decimal(0))
    if len(figures) > 3:  # a row that is the sum of all others is their total
        figures = {row: each for row, each in figures.items() if not each.amount or 2 * each.amount != total}
    if len({each.unit for each in figures.values()}) > 1:
        return Reason("units differ", {"source": named.source, "column": header})
    return figures


def _extreme(named: _Named) -> Computed | Reason | None:
    table, text, asked = named.table, named.text, named.asked
    found = _figures(named)
    if isinstance(found, Reason) or len(found) < 2:
        return found if isinstance(found, Reason) else None
    pick = max if asked.what == "most" else min
    best = pick(each.amount for each in found.values())
    winners = [row for row, each in found.items() if each.amount == best]
    column = _name_column(named)
    if column is None or len(winners) > 1 or column >= len(table.cells[winners[0]]):
        return None
    if not text[slice(*table.cells[winners[0]][column])]:
        return None
    row = table.rows[winners[0]]
    cell, shown = table.cells[winners[0]][column], table.cells[winners[0]][named.column]
    how = Reason(
        f"computed {asked.what}",
        {"column": text[slice(*table.header[named.column])], "figure": text[slice(*shown)], "count": len(found)},
    )
    quotes = ((row.start, row.end), row.context)
    return Computed(text[slice(*cell)], how, quotes, named.missing, RIGHT[asked.what])


def _name_column(named: _Named) -> int | None:
    """The column that the question asks for: the one it names, or the measured one, or the only one that holds names."""
    table, text, asked = named.table, named.text, named.asked
    column = _sought_column(asked, table, text)
    if column is not None:
        return column
    if asked.figure and not asked.sought and asked.measured <= content(text[slice(*table.header[named.column])]) | asked.words:
        return named.column
    names = [column for column in range(len(table.header)) if column != named.column and _holds_names(table, text, column)]
    return names[0] if len(names) == 1 else None


def _holds_names(table: Table, text: str, column: int) -> bool:
    """Whether most cells of a column state neither an amount nor a date, and are not all the same."""
    told = [cell for cell in _column(table, text, column) if cell not in _ABSENT]
    names = [cell for cell in told if figure(cell) is None and not any(v.start == 0 and v.end == len(cell) for v in values(cell))]
    return len(names) > len(told) / 2 and len(set(names)) > 1


def _total(named: _Named) -> Computed | Reason | None:
    found = _figures(named)
    if isinstance(found, Reason) or len(found) < 2:
        return found if isinstance(found, Reason) else None
    amounts = [each.amount for each in found.values()]
    total = sum(amounts, Decimal(0))
    if named.asked.what == "average":
        total = (total / len(amounts)).quantize(Decimal(1).scaleb(min(0, *(_exponent(a) for a in amounts)) - 2)).normalize()
    places = tuple(named.table.cells[row][named.column] for row in found)
    short = _written(total, list(found.values()))
    header = named.table.header[named.column]
    how = Reason(f"computed {named.asked.what}", {"column": named.text[slice(*header)], "figure": short, "count": len(found)})
    return Computed(short, how, _shown(places, header), named.missing, RIGHT[named.asked.what])


def _exponent(amount: Decimal) -> int:
    return int(amount.as_tuple().exponent)


def _written(amount: Decimal, figures: Sequence[Figure]) -> str:
    """An amount as the figures write theirs where they do so alike, else with their unit's name."""
    forms = {each.written for each in figures}
    form = forms.pop() if len(forms) == 1 else None
    if form is None:
        return f"{amount:,f} {figures[0].unit}".strip()
    return f"{form[0]}{amount:,f}{form[1]}"


def _count(question: Question, asked: Computing, table: Table, text: str, about: str) -> Computed | None:
    """How many rows the question's words leave, where what it counts is what the table's rows are."""
    names = next((column for column in range(len(table.header)) if _holds_names(table, text, column)), None)
    if any(_is_whole(table, text, row) for row in range(len(table.rows))):
        return None  # a total among the rows: they are sums of such things themselves
    if names is None or not asked.counted or not asked.counted <= content(text[slice(*table.header[names])]) | terms_of(about):
        return None
    rows, missing = _chosen(question, asked, table, text, about, None)
    places = tuple(table.cells[row][names] for row in rows if names < len(table.cells[row]))
    if not places or missing:
        return None
    how = Reason("computed count", {"column": text[slice(*table.header[names])], "figure": str(len(places))})
    return Computed(str(len(places)), how, _shown(places, table.header[names]), missing, RIGHT["count"])


def _shown(places: tuple[Place, ...], header: Place) -> tuple[Place, ...]:
    return places if len(places) <= SHOWN_CELLS else (header,)
