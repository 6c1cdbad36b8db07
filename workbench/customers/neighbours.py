"""What stands around a cell: the same account before and after, or the rows above and below."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.customers.cell_text import shown
from workbench.errors import ROWS_NAMED

if TYPE_CHECKING:
    import pandas as pd

    from workbench.customers.columns import Table

_EACH_SIDE = 2
_LABEL_LENGTH = {"month": 7}  # characters of 2024-03


def neighbours(
    table: Table, frame: pd.DataFrame, cells: pd.Series, rows: np.ndarray, lines: np.ndarray
) -> tuple[str, ...]:
    """Say for the first of `rows` (positions in `frame`) what stands around its cell.

    In a table with a history that is what the same series has at the times around it, else the rows above and below.
    `cells` of the column are what is quoted, `lines` the rows a person sees.
    """
    return tuple(_around(table, frame, cells, row, lines) for row in rows[:ROWS_NAMED].tolist())


def _around(table: Table, frame: pd.DataFrame, cells: pd.Series, row: int, lines: np.ndarray) -> str:
    """Say what stands around one cell."""
    series = _series(table, frame, row)
    labels = None
    if len(series) > 1 and table.dated is not None:
        length = _LABEL_LENGTH.get(table.column(table.dated).kind)
        labels = [shown(frame[table.dated].iloc[place])[:length] for place in series]
        who = ", ".join(str(frame[name].iloc[row]) for name in table.history)
    else:
        series = np.arange(max(0, row - _EACH_SIDE), min(len(frame), row + _EACH_SIDE + 1))
        labels = [f"row {lines[place]}" for place in series]
        who = ""
    at = int(np.flatnonzero(series == row)[0])
    near = range(max(0, at - _EACH_SIDE), min(len(series), at + _EACH_SIDE + 1))
    told = ", ".join(f"{labels[each]}: {shown(cells.iloc[series[each]]) or 'blank'}" for each in near if each != at)
    if not told:
        return ""
    return f"{who} has {told}" if who else told


def _series(table: Table, frame: pd.DataFrame, row: int) -> np.ndarray:
    """Return the rows of the same series through time, in order; none where the table has no such series."""
    if table.dated is None or not table.history or frame[[*table.history, table.dated]].iloc[row].isna().any():
        return np.arange(0)
    places = np.flatnonzero(frame[table.dated].notna().to_numpy())
    for name in table.history:
        places = places[(frame[name].iloc[places] == frame[name].iloc[row]).to_numpy()]
    return places[np.argsort(frame[table.dated].iloc[places].to_numpy(), kind="stable")]
