"""Read text files row by row where rows are no lines: line breaks in quotes, rows of other lengths, open quotes."""

from __future__ import annotations

import csv
import re
from array import array
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.customers.cell_text import shown
from workbench.customers.raw import name_columns
from workbench.customers.tables import TABLES, plain_name
from workbench.customers.text_blocks import TextColumn
from workbench.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLOCK_ROWS = 50_000
_BREAKS = re.compile(rb"\n+")


def irregular_table(
    data: bytes, delimiter: str, table: str, file: str
) -> tuple[pd.DataFrame | None, np.ndarray, tuple[Problem, ...]]:
    """Return the cells, the line on which each row starts, and a problem for every row with too many cells.

    Where a quotation mark is never closed there is no table: nobody can tell what the rows after it hold.
    """
    feed = _Lines(data)
    header: list[str] = []
    columns: list[TextColumn] = []
    rows: list[list[str]] = []
    lines = array("q")
    problems: list[Problem] = []
    try:
        for row in csv.reader(feed, delimiter=delimiter):
            starts = feed.end_row()
            if not "".join(row).strip():
                continue
            if not header:
                header = [name.strip() for name in row]
                columns = [TextColumn() for _ in header]
                continue
            if len(row) > len(header) and any(cell.strip() for cell in row[len(header) :]):
                problems.append(_too_many(table, file, starts, f"{len(row)} cells", len(header)))
            rows.append(row)
            lines.append(starts)
            if len(rows) == _BLOCK_ROWS:
                _take(columns, rows)
        stopped = feed.is_open
    except csv.Error:  # a cell longer than any person writes
        stopped = True
    if stopped:
        return None, np.arange(0), (_never_ends(feed, table, file),)
    _take(columns, rows)
    if _is_title(header, table):  # then every row has too many cells, and the missing columns say why
        problems = []
    names = name_columns(header)
    frame = pd.DataFrame({name: column.whole() for name, column in zip(names, columns, strict=True)}, copy=False)
    return frame, np.array(lines, dtype=int), tuple(problems)


class _Lines:
    """Gives the lines of a file one by one, without the empty ones between rows, and knows where a row starts."""

    def __init__(self, data: bytes) -> None:
        self._data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in data else data
        self._line = self.start = 1
        self._at = self._row_at = 0
        self._is_between = True
        self._last: tuple[int, int] = (0, 0)

    def __iter__(self) -> Iterator[str]:
        data = self._data
        while self._at < len(data):
            if self._is_between:
                if data.startswith(b"\n", self._at) and (breaks := _BREAKS.match(data, self._at)):
                    self._line += breaks.end() - self._at
                    self._at = breaks.end()
                    continue
                self._is_between = False
                self.start, self._row_at = self._line, self._at
            end = data.find(b"\n", self._at) + 1 or len(data)
            text = data[self._at : end].decode()
            self._at = end
            self._line += 1
            yield text

    def end_row(self) -> int:
        """Return the line of the row that is complete now."""
        self._is_between = True
        self._last = (self._row_at, self._at)
        return self.start

    @property
    def is_open(self) -> bool:
        """Tell whether the last row has a quotation mark that is never closed."""
        return self._data.count(b'"', *self._last) % 2 == 1

    def row_text(self) -> str:
        """Return how the present row begins."""
        return self._data[self._row_at : self._row_at + 200].decode(errors="ignore").partition("\n")[0]

    def has_quotes(self) -> bool:
        """Tell whether a quotation mark stands in the present row, as far as it has been read."""
        return self._data.find(b'"', self._row_at, self._at) >= 0


def _take(columns: list[TextColumn], rows: list[list[str]]) -> None:
    """Add rows to their columns, which is quicker for many at a time."""
    for place, column in enumerate(columns):
        cells = np.empty(len(rows), dtype=object)
        cells[:] = [row[place] if place < len(row) else "" for row in rows]
        column.add(*pd.factorize(cells))
    rows.clear()


def _never_ends(feed: _Lines, table: str, file: str) -> Problem:
    """Report the row in which a cell begins that does not end."""
    if feed.has_quotes():
        expected, remedy = "a closing quotation mark", "Close the quotation mark that opens in this row, or remove it."
    else:
        expected = f"cells of at most {csv.field_size_limit():,} characters"
        remedy = "Shorten the cell, or look for rows without line breaks between them."
    return Problem(table, file, feed.start, "", shown(feed.row_text()), expected, remedy)


def _is_title(header: list[str], table: str) -> bool:
    """Tell whether the first line is one cell that names no column: a title above the header."""
    known = {plain_name(name) for name in TABLES[table].column_names}
    return len(header) == 1 and plain_name(header[0]) not in known


def _too_many(table: str, file: str, line: int, found: str, width: int) -> Problem:
    """Report a row with more cells than the header has names."""
    remedy = "Put cells that contain the delimiter into quotation marks, or remove the extra cells."
    return Problem(table, file, line, "", found, f"{width} cells, as in the header", remedy)
