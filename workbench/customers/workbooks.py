"""Read the sheets of an Excel workbook whose names mean a table."""

from __future__ import annotations

import logging
import zipfile
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.customers.file_kind import other_kind
from workbench.customers.raw import RawTable, Source, name_columns
from workbench.customers.sheet_xml import RefusedPartError
from workbench.customers.tables import TABLES, table_name
from workbench.customers.workbook_parts import OpenWorkbook
from workbench.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from workbench.customers.sheet_xml import Row

_log = logging.getLogger(__name__)
_MOST_UNNAMED = 100  # columns without a name that are kept; they are listed as not read
_MOST_PLACES = 64_000_000  # rows times columns of a table


def read_workbook(path: Path, table: str = "") -> Source:
    """Read every sheet named as a table. A workbook named as `table` with one other sheet is that table."""
    try:
        return _read(path, table)
    except RefusedPartError as error:
        return _problem(table, path.name, error.found, error.expected, error.remedy)
    except OSError as error:
        if error.errno is not None:  # the disk's, not the workbook's
            raise
        return _damaged(table, path, error)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - zip and XML libraries fail in any way on a damaged file
        return _damaged(table, path, error)


def _read(path: Path, table: str) -> Source:
    with OpenWorkbook(path) as workbook:
        sheets = {title: table_name(title) or "" for title in workbook.sheets}
        if not sheets:
            return _problem(
                table, path.name, "no worksheet", f"sheets named as the tables: {', '.join(TABLES)}",
                "Its sheets are lost, or it holds only charts: open it in Excel, and save the tables as .xlsx.",
            )  # fmt: skip
        if table and not any(sheets.values()):
            sheets = dict.fromkeys(sheets, "") | {next(iter(sheets)): table}
        sources = [
            _read_sheet(name, f"{path.name}, sheet {title}", workbook.rows(title))
            for title, name in sheets.items()
            if name
        ]
    if not sources:
        return _problem(
            table or "accounts", path.name, f"sheets {', '.join(sheets)}",
            f"sheets named as the tables: {', '.join(TABLES)}",
            "Name each sheet after its table, for example accounts and usage.",
        )  # fmt: skip
    return Source(
        tables=tuple(raw for source in sources for raw in source.tables),
        ignored=tuple(f"{path.name}, sheet {title}" for title, name in sheets.items() if not name),
        problems=tuple(problem for source in sources for problem in source.problems),
        name=path.name,
    )


def _damaged(table: str, path: Path, error: Exception) -> Source:
    """Report a workbook that is none, or no whole one."""
    expected = "a whole Excel workbook"
    _log.debug("%s cannot be read", path, exc_info=error)
    with path.open("rb") as file:
        kind = other_kind(file.read(1 << 16))
    if zipfile.is_zipfile(path):
        found = "a workbook that is damaged"
        remedy = "Copy or export it again; Excel can often repair it (Open and Repair), then save it as .xlsx."
    elif kind and kind.name in ("an Excel workbook", "a zip archive"):
        found, remedy = "a workbook whose end is missing", "Copy or export it again: it was cut off."
    else:
        found = kind.name if kind else "a file Excel cannot open"
        expected = "an Excel workbook without a password"
        remedy = "Open it in Excel and save it again as .xlsx, without a password."
    return _problem(table, path.name, found, expected, remedy)


def _read_sheet(table: str, file: str, rows: Iterable[Row]) -> Source:
    """Read one sheet; cells keep the type they have in the workbook, those beside the header's columns are left out."""
    sheet = _Sheet()
    try:
        for line, cells in rows:
            sheet.add(line, cells)
    except RefusedPartError as error:
        return _problem(table, file, error.found, error.expected, error.remedy)
    if not sheet.names:
        return _problem(
            table, file, "an empty sheet", "a header line and at least one row",
            "Fill the sheet, or remove it when there is nothing to say.",
        )  # fmt: skip
    return Source((RawTable(table, file, sheet.frame(), np.array(sheet.lines, dtype=int)),))


class _Sheet:
    """A table that grows row by row; a column takes memory from the first to the last row it has a cell in."""

    def __init__(self) -> None:
        self.names: dict[int, str] = {}
        self.columns: dict[int, list[object]] = {}
        self.lines: list[int] = []
        self._width = self._unnamed = 0

    def add(self, line: int, cells: list[tuple[int, object]]) -> None:
        """Take a row; the first one is the header."""
        if not self.names:
            self.names = {place: _header(cell) for place, cell in cells}
            self._width = max(self.names)
            self.columns = {place: [] for place in self.names}
            return
        row = len(self.lines)
        inside = False
        for place, cell in cells:
            if place > self._width:
                continue
            inside = True
            column = self.columns.get(place)
            if column is None:
                if self._unnamed == _MOST_UNNAMED:
                    continue
                self._unnamed += 1
                column = self.columns[place] = []
            if len(column) < row:
                column.extend([None] * (row - len(column)))
            if len(column) == row:
                column.append(cell)
        if inside:
            self.lines.append(line)
        if row * len(self.columns) > _MOST_PLACES:
            raise RefusedPartError(
                f"{row:,} rows of {len(self.columns):,} columns", "a table of ordinary size",
                "Keep the columns of the table and remove the others.",
            )  # fmt: skip

    def frame(self) -> pd.DataFrame:
        """Return the table; columns without a name are called by their place."""
        headers = name_columns([self.names.get(place, "") for place in range(1, self._width + 1)])
        filled = {
            headers[place - 1]: pd.Series(cells + [None] * (len(self.lines) - len(cells)), dtype=object)
            for place, cells in sorted(self.columns.items())
        }
        return pd.DataFrame(filled, columns=pd.Index(list(filled), dtype=object), dtype=object)


def _header(cell: object) -> str:
    """Write a header cell as text; a date cell, as wide sheets have, becomes 2024-03-01."""
    return str(cell.date()) if hasattr(cell, "date") else str(cell).strip()


def _problem(table: str, file: str, value: str, expected: str, remedy: str) -> Source:
    return Source((), problems=(Problem(table, file, None, "", value, expected, remedy),), name=file)
