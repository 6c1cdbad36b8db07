"""Read the sheets of an Excel workbook whose names mean a table."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.customers.file_kind import other_kind
from workbench.customers.raw import RawTable, Source, name_columns
from workbench.customers.tables import TABLES, table_name
from workbench.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def read_workbook(path: Path, table: str = "") -> Source:
    """Read every sheet named as a table. A workbook named as `table` with one other sheet is that table."""
    import openpyxl  # noqa: PLC0415 - slow to load, and needed for workbooks only
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415 - as above

    try:
        workbook = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, SyntaxError):
        kind = other_kind(path.read_bytes())
        found = kind.name if kind and kind.name != "an Excel workbook" else "a file Excel cannot open"
        return _problem(
            table, path.name, found, "an Excel workbook without a password",
            "Open it in Excel and save it again as .xlsx, without a password.",
        )  # fmt: skip
    try:
        sheets = {sheet.title: table_name(sheet.title) or "" for sheet in workbook.worksheets}
        if table and not any(sheets.values()):
            sheets = dict.fromkeys(sheets, "") | {workbook.worksheets[0].title: table}
        for sheet in workbook.worksheets:
            sheet.reset_dimensions()  # some programs write a size that is too small
        sources = [
            _read_sheet(name, f"{path.name}, sheet {title}", workbook[title].iter_rows(values_only=True))
            for title, name in sheets.items()
            if name
        ]
    finally:
        workbook.close()
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


def _read_sheet(table: str, file: str, rows: Iterable[tuple[object, ...]]) -> Source:
    """Read one sheet; cells keep the type they have in the workbook."""
    header: list[str] = []
    body: list[list[object]] = []
    lines: list[int] = []
    for line, row in enumerate(rows, start=1):
        if all(cell is None or (isinstance(cell, str) and not cell.strip()) for cell in row):
            continue
        if header:
            body.append((list(row) + [None] * len(header))[: len(header)])
            lines.append(line)
        else:
            header = [_header(cell) for cell in row]
            while header and not header[-1]:
                header.pop()
    if not header:
        return _problem(
            table, file, "an empty sheet", "a header line and at least one row",
            "Fill the sheet, or remove it when there is nothing to say.",
        )  # fmt: skip
    frame = pd.DataFrame(body, columns=pd.Index(name_columns(header), dtype=object), dtype=object)
    return Source((RawTable(table, file, frame, np.array(lines, dtype=int)),))


def _header(cell: object) -> str:
    """Write a header cell as text; a date cell, as wide sheets have, becomes 2024-03-01."""
    if cell is None:
        return ""
    return str(cell.date()) if hasattr(cell, "date") else str(cell).strip()


def _problem(table: str, file: str, value: str, expected: str, remedy: str) -> Source:
    return Source((), problems=(Problem(table, file, None, "", value, expected, remedy),), name=file)
