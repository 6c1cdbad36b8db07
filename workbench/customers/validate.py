"""Read one raw table into its documented columns, and list every problem in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.customers import schemas
from workbench.customers.cell_text import shown
from workbench.customers.columns import Column
from workbench.customers.dates import AMBIGUOUS as AMBIGUOUS_DATES
from workbench.customers.departures import schema_problems
from workbench.customers.headers import match_headers
from workbench.customers.numbers import decimal_mark, in_other_notation
from workbench.customers.tables import TABLES
from workbench.customers.values import Reading, distinct, read_column
from workbench.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workbench.customers.columns import Table
    from workbench.customers.raw import RawTable


@dataclass(frozen=True)
class ReadTable:
    """A table as read: documented columns in order, the file and line of every row, headers left unread."""

    name: str
    file: str
    frame: pd.DataFrame
    lines: np.ndarray
    ignored: tuple[str, ...]
    problems: tuple[Problem, ...]
    complete: bool

    def problem(self, position: int | None, column: str, value: object, expected: str, remedy: str) -> Problem:
        """Return a problem of this table at a row position (None: of the table as a whole)."""
        row = None if position is None else int(self.lines[position])
        return Problem(self.name, self.file, row, column, shown(value), expected, remedy)


def read_table(raw: RawTable) -> ReadTable:
    """Read one raw table. Columns that cannot be found are present and all missing."""
    table = TABLES[raw.table]
    headers = match_headers(table, raw)
    if not headers.columns:
        return _unread(table, raw, headers.ignored, headers.problems)
    frame = raw.frame.reset_index(drop=True)
    mark = _mark(table, headers.columns, frame, raw.delimiter)
    typed: dict[str, pd.Series] = {}
    problems = list(headers.problems)
    reported: dict[str, np.ndarray] = {}
    for column in table.columns:
        if column.name not in headers.columns:
            typed[column.name] = _all_missing(column, len(frame))
            continue
        reading = read_column(column, frame[headers.columns[column.name]], mark)
        typed[column.name] = reading.typed.mask(reading.bad) if reading.bad.any() else reading.typed
        reported[column.name] = reading.bad
        problems += _unreadable(table, column, reading, raw, mark)
    ignored = headers.ignored
    if table.open_ended:
        for name in ignored:
            typed[name] = _attribute(frame[name], mark)
        ignored = ()
    read = pd.DataFrame(typed, copy=False)
    if not len(read):
        problems.append(_no_rows(table, raw))
    problems += schema_problems(table, read, raw, headers.columns, reported)
    complete = set(table.required_columns) <= set(headers.columns)
    return ReadTable(raw.table, raw.file, read, raw.lines, ignored, tuple(problems), complete)


def _unread(table: Table, raw: RawTable, ignored: tuple[str, ...], problems: Iterable[Problem]) -> ReadTable:
    """Return a table of which no column was recognised."""
    frame = pd.DataFrame({column.name: _all_missing(column, 0) for column in table.columns})
    return ReadTable(raw.table, raw.file, frame, raw.lines[:0], ignored, tuple(problems), complete=False)


def _no_rows(table: Table, raw: RawTable) -> Problem:
    remedy = f"Add rows ({table.holds}), or remove the file when there is nothing to say."
    return Problem(table.name, raw.file, None, "", "", "at least one row under the header", remedy)


def _mark(table: Table, columns: dict[str, str], frame: pd.DataFrame, delimiter: str) -> str:
    """Decide the decimal mark from all numeric columns of the file together."""
    texts = [
        value
        for name, header in columns.items()
        if table.column(name).kind in ("number", "whole number") and frame[header].dtype.kind in "OTU"
        for value in distinct(frame[header])[1]
        if isinstance(value, str)
    ]
    return decimal_mark(texts, delimiter)


def _all_missing(column: Column, rows: int) -> pd.Series:
    """Return a column in which nothing is known."""
    return pd.Series([None] * rows, dtype=schemas.dtype(column))


def _attribute(cells: pd.Series, mark: str) -> pd.Series:
    """Read a column nobody documented: numbers when every value is one, else texts."""
    as_numbers = read_column(Column("attribute", "number", "", ""), cells, mark)
    if not as_numbers.bad.any():
        return as_numbers.typed
    return read_column(Column("attribute", "text", "", ""), cells, mark).typed


def _unreadable(table: Table, column: Column, reading: Reading, raw: RawTable, mark: str) -> list[Problem]:
    """Report every cell of a column that could not be read; `mark` is the decimal mark of the file."""
    problems = _ambiguous(table, column, reading, raw)
    alone = reading.bad if reading.ambiguous is None else reading.bad & ~reading.ambiguous
    rows = np.flatnonzero(alone)
    expected = reading.expected or column.expected
    remedy = reading.remedy or _remedy(column)
    found = reading.found.iloc[rows].tolist()
    lines = raw.lines[rows].tolist()
    return problems + [
        Problem(
            table.name, raw.file, line, column.name, shown(value), expected, _other_mark(column, value, mark) or remedy
        )
        for line, value in zip(lines, found, strict=True)
    ]  # fmt: skip


def _other_mark(column: Column, value: object, mark: str) -> str:
    """Say how a number is written whose decimal mark is not that of its file; nothing for any other cell."""
    if column.kind not in ("number", "whole number") or not isinstance(value, str):
        return ""
    written = in_other_notation(value, mark)
    marks = {".": "point", ",": "comma"}
    return f"The other numbers of the file have a decimal {marks[mark]}: write {written}." if written else ""


def _ambiguous(table: Table, column: Column, reading: Reading, raw: RawTable) -> list[Problem]:
    """Report dates whose day and month cannot be told apart: one problem, for it has one cause and remedy."""
    if reading.ambiguous is None:
        return []
    rows = np.flatnonzero(reading.ambiguous)
    remedy = f"Write dates as year-month-day, for example 2024-03-31. This concerns {len(rows):,} rows."
    value = shown(reading.found.iloc[rows[0]])
    line = int(raw.lines[rows[0]])
    return [Problem(table.name, raw.file, line, column.name, value, AMBIGUOUS_DATES, remedy)]


def _remedy(column: Column) -> str:
    """Say what usually helps when a cell cannot be read."""
    if column.kind in ("date", "month", "week"):
        return f"Write a day that exists between 1990 and 2050 as year-month-day, for example {column.example}."
    if column.kind == "yes or no":
        return "Write 1 for yes and 0 for no."
    leave = "" if column.required else " Leave the cell blank when it is not known."
    return f"Write only the number, without words or signs, for example {column.example}.{leave}"
