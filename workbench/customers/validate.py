"""Read one raw table into its documented columns, and list every problem in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.customers import schemas
from workbench.customers.cell_text import cause, shown
from workbench.customers.columns import NUMERIC, Column
from workbench.customers.departures import schema_problems
from workbench.customers.headers import match_headers
from workbench.customers.neighbours import neighbours
from workbench.customers.numbers import decimal_mark
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

    def problems_at(
        self, rows: np.ndarray, column: str, expected: str, remedy: str, cells: Iterable[object] | None = None
    ) -> list[Problem]:
        """Return the one problem of these row positions, nothing where there are none; `cells` are what is quoted."""
        quoted = self.frame[column].iloc[rows] if cells is None else cells
        return cause((self.name, self.file, column), self.lines[rows], quoted, expected=expected, remedy=remedy)


def read_table(raw: RawTable, currency: str = "", *, allow_credits: bool = False) -> ReadTable:
    """Read one raw table. Columns that cannot be found are present and all missing.

    `currency` is what a sign that several currencies share stands for; with `allow_credits` usage may be below zero.
    """
    table = _with_credits(TABLES[raw.table]) if allow_credits else TABLES[raw.table]
    headers = match_headers(table, raw)
    if not headers.columns:
        return _unread(table, raw, headers.ignored, headers.problems)
    frame = raw.frame.reset_index(drop=True)
    mark = _mark(table, headers.columns, frame, raw.delimiter)
    typed: dict[str, pd.Series] = {}
    refused: dict[Column, Reading] = {}
    for column in table.columns:
        if column.name not in headers.columns:
            typed[column.name] = _all_missing(column, len(frame))
            continue
        reading = read_column(column, frame[headers.columns[column.name]], mark, currency)
        typed[column.name] = reading.known
        if reading.causes:
            refused[column] = reading
    ignored = headers.ignored
    if table.open_ended:
        for name in ignored:
            column, reading = _attribute(frame[name], mark)
            typed[name] = reading.known
            if reading.causes:
                refused[column] = reading
        ignored = ()
    read = pd.DataFrame(typed, copy=False)
    problems = list(headers.problems)
    for column, reading in refused.items():
        problems += _refused(table, read, column, reading, raw)
    reported = {column.name: reading.bad for column, reading in refused.items()}
    if not len(read):
        problems.append(_no_rows(table, raw))
    problems += _without_what_it_needs(table, read, raw)
    problems += schema_problems(table, read, raw, headers.columns, reported)
    complete = set(table.required_columns) <= set(headers.columns)
    return ReadTable(raw.table, raw.file, read, raw.lines, ignored, tuple(problems), complete)


def _with_credits(table: Table) -> Table:
    """Return the table with quantities of usage that may be below zero: returns and corrections."""
    if table.name != "usage":
        return table
    columns = (replace(column, least=None) if column.name == "quantity" else column for column in table.columns)
    return replace(table, columns=tuple(columns))


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
        if table.column(name).kind in NUMERIC and frame[header].dtype.kind in "OTU"
        for value in distinct(frame[header])[1]
        if isinstance(value, str)
    ]
    return decimal_mark(texts, delimiter)


def _all_missing(column: Column, rows: int) -> pd.Series:
    """Return a column in which nothing is known."""
    return pd.Series([None] * rows, dtype=schemas.dtype(column))


def _attribute(cells: pd.Series, mark: str) -> tuple[Column, Reading]:
    """Read a column nobody documented: numbers when every value is one, else texts.

    A column in which every number is too large for one holds identifiers.
    """
    column = Column(str(cells.name), "number", "", "")
    reading = read_column(column, cells, mark)
    beyond = [cause.bad for cause in reading.causes if cause.in_context]
    if len(beyond) == len(reading.causes) and not (beyond and beyond[0].sum() == reading.typed.notna().sum()):
        return column, reading
    column = replace(column, kind="text")
    return column, read_column(column, cells, mark)


def _refused(table: Table, read: pd.DataFrame, column: Column, reading: Reading, raw: RawTable) -> list[Problem]:
    """Report every cause for which cells of a column were refused, one problem each."""
    problems: list[Problem] = []
    for each in reading.causes:
        rows = np.flatnonzero(each.bad)
        around = neighbours(table, read, reading.found, rows, raw.lines) if each.in_context else ()
        problems += cause(
            (table.name, raw.file, column.name),
            raw.lines[rows],
            reading.found.iloc[rows],
            expected=each.expected or column.expected,
            remedy=each.remedy or _remedy(column),
            neighbours=around,
        )
    return problems


def _without_what_it_needs(table: Table, read: pd.DataFrame, raw: RawTable) -> list[Problem]:
    """Report rows whose value means nothing because the cell it needs is blank; a zero asks for nothing."""
    problems: list[Problem] = []
    for column in table.columns:
        if column.needs:
            rows = np.flatnonzero(((read[column.name] > 0) & read[column.needs].isna()).to_numpy())
            value = shown(read[column.name].iloc[rows[0]]) if len(rows) else ""
            problems += cause(
                (table.name, raw.file, column.needs),
                raw.lines[rows],
                [""] * len(rows),
                expected=f"the {column.needs} that {column.name} {value} is for",
                remedy=f"Fill in the {column.needs}, or leave {column.name} blank.",
            )
    return problems


def _remedy(column: Column) -> str:
    """Say what usually helps when a cell cannot be read."""
    if column.kind in ("date", "month", "week"):
        return f"Write a day that exists between 1990 and 2050 as year-month-day, for example {column.example}."
    if column.kind == "yes or no":
        return "Write 1 for yes and 0 for no."
    leave = "" if column.required else " Leave the cell blank when it is not known."
    return f"Write only the number, without words or signs, for example {column.example}.{leave}"
