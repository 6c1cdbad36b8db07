"""What the declared schema of a table refuses: blanks, values outside their limits, rows said twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.customers import schemas
from workbench.customers.cell_text import cause, shown

if TYPE_CHECKING:
    from workbench.customers.columns import Column, Table
    from workbench.customers.raw import RawTable
    from workbench.errors import Problem


_CREDITS = {"quantity": " To credit returns, say --allow-credits (allow_credits=True in a script)."}


def schema_problems(
    table: Table, read: pd.DataFrame, raw: RawTable, columns: dict[str, str], reported: dict[str, np.ndarray]
) -> list[Problem]:
    """Report what the declared schema refuses, leaving out cells already reported as unreadable."""
    problems: list[Problem] = []
    for kind, name, rows in schemas.departures(table.name, read):
        if kind == "duplicate":
            problems += _duplicates(table, read, raw, reported)
        elif name in columns and not (kind == "limit" and table.column(name).is_unlimited):
            new = rows[~reported[name][rows]] if name in reported else rows
            column = table.column(name)
            problems += cause(
                (raw.table, raw.file, name),
                raw.lines[new],
                read[name].iloc[new],
                expected=column.expected,
                remedy=_remedy_for(column, kind),
            )
    return problems


def _remedy_for(column: Column, kind: str) -> str:
    """Say what helps when a cell is blank or its value outside the limits of its column."""
    if kind == "blank":
        return "Fill in the cell or delete the row."
    if column.choices:
        return f"Write {column.expected}."
    if column.least == 0:
        return "Correct the sign, or delete the row when it is a correction of another one." + _CREDITS.get(
            column.name, ""
        )
    return f"Write {column.expected}."


def _duplicates(table: Table, read: pd.DataFrame, raw: RawTable, reported: dict[str, np.ndarray]) -> list[Problem]:
    """Report the rows whose key occurred before, with the line where the first of them did."""
    key = list(table.key)
    unclear = np.zeros(len(read), dtype=bool)
    for name in key:
        unclear |= reported.get(name, False)
        if table.column(name).required:
            unclear |= read[name].isna().to_numpy()
    groups = read.groupby(key, dropna=False, sort=False).ngroup().to_numpy()
    first = pd.Series(raw.lines).groupby(groups).transform("first").to_numpy()
    rows = np.flatnonzero(read.duplicated(key).to_numpy() & ~unclear)
    cells = read[key].iloc[rows].itertuples(index=False)
    texts = (", ".join(filter(None, (shown(value) for value in row))) for row in cells)
    earlier = f"Row {first[rows[0]]} already says what row {raw.lines[rows[0]]} says" if len(rows) else ""
    return cause(
        (table.name, raw.file, ", ".join(key)),
        raw.lines[rows],
        texts,
        expected=f"each {', '.join(key)} once",
        remedy=f"{earlier}: keep one of the two, or add their amounts up into one row.",
    )
