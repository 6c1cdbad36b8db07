"""Turn a frame into the cells a report shows: numbers right-aligned and readable, unknown said as unknown."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime
from numbers import Number
from typing import TYPE_CHECKING

import pandas as pd

from workbench.formatting import UNKNOWN, number

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Table:
    """A table ready to be written: header cells, rows of cells, and which columns hold numbers."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[bool, ...]

    @property
    def long(self) -> bool:
        """Tell whether the table is better read in a scrolling box."""
        return len(self.rows) > 15  # noqa: PLR2004 - about a screen


def table_of(frame: pd.DataFrame, caption: str = "") -> Table:
    """Return a frame's cells as text, in its order, without its index."""
    numeric = tuple(_is_numeric(frame[column]) for column in frame.columns)
    rows = tuple(tuple(cell(value) for value in row) for row in frame.itertuples(index=False, name=None))
    return Table(caption, tuple(str(column) for column in frame.columns), rows, numeric)


def cell(value: object) -> str:
    """Write one value for a reader; what is missing is said to be unknown."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple | list | frozenset):
        return ", ".join(cell(each) for each in value)
    if pd.isna(value):  # type: ignore[call-overload]
        return UNKNOWN
    if isinstance(value, datetime | date):
        return value.strftime("%Y-%m-%d")
    if isinstance(value, Number):
        return number(float(value))  # type: ignore[arg-type]
    return str(value)


def log_moment(moment: datetime) -> str:
    """Write when something was recorded, with its time zone."""
    return moment.strftime("%Y-%m-%d %H:%M ") + (moment.tzname() or "")


def _is_numeric(values: Iterable[object]) -> bool:
    """Tell whether a column holds numbers, or numbers written with their unit, such as $1,200 or 12%."""
    seen = [value for value in values if not (value is None or (isinstance(value, float) and math.isnan(value)))]
    return bool(seen) and all(_looks_numeric(value) for value in seen)


def _looks_numeric(value: object) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, str):
        return value == UNKNOWN or any(character.isdigit() for character in value[:3])
    return isinstance(value, Number)
