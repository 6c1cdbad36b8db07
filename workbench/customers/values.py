"""Turn the cells of one column into typed values, and report every cell that cannot be read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.customers import dates, numbers

if TYPE_CHECKING:
    from workbench.customers.columns import Column

_BLANK = frozenset({""})
_NO_VALUE = frozenset({"", "na", "n/a", "nan", "none", "null", "-", "nat", "<na>"})
_YES_NO = {
    "1": 1.0, "0": 0.0, "yes": 1.0, "no": 0.0, "true": 1.0, "false": 0.0, "y": 1.0, "n": 0.0, "x": 1.0,
    "1.0": 1.0, "0.0": 0.0,
}  # fmt: skip


@dataclass(frozen=True)
class Reading:
    """A column as read: `typed` values, and `bad`, which marks cells holding something unreadable.

    `found` gives the text of a cell for a problem report. `expected` and `remedy` replace the column's own
    words when something more specific is known. `ambiguous` marks the bad cells that are dates which can
    be read two ways, None when there are none.
    """

    typed: pd.Series
    bad: np.ndarray
    found: pd.Series
    expected: str = ""
    remedy: str = ""
    ambiguous: np.ndarray | None = None


def distinct(cells: pd.Series, no_value: frozenset[str] = _NO_VALUE) -> tuple[np.ndarray, np.ndarray]:
    """Return (codes, distinct cells) with blanks coded -1, so that each distinct text is read once."""
    try:
        if isinstance(cells.dtype, pd.CategoricalDtype):  # numbered when the file was read
            codes, values = cells.cat.codes.to_numpy(), cells.cat.categories.to_numpy(dtype=object)
        else:
            codes, values = pd.factorize(cells.to_numpy(dtype=object), use_na_sentinel=True)
    except TypeError:  # lists and the like, which a DataFrame can hold and no table should
        codes, values = pd.factorize(cells.astype(str).to_numpy(dtype=object), use_na_sentinel=True)
    stripped = np.empty(len(values), dtype=object)
    stripped[:] = [value.strip() if isinstance(value, str) else value for value in values]
    blank = np.array([isinstance(value, str) and value.casefold() in no_value for value in stripped], dtype=bool)
    if blank.any():
        codes = np.where((codes >= 0) & ~blank[codes], codes, -1)
    return codes, stripped


def read_column(column: Column, cells: pd.Series, mark: str) -> Reading:
    """Read one column as its documented kind. `mark` is the decimal mark of the file."""
    if column.kind in ("number", "whole number"):
        return _numbers(column, cells, mark)
    if column.kind in ("date", "month", "week"):
        return _dates(column, cells)
    if column.kind == "yes or no":
        codes, values = distinct(cells)
        read = [_YES_NO.get(_text(value).casefold(), np.nan) for value in values]
        return _spread(cells, codes, np.array(read, dtype=float), np.isnan(np.array(read, dtype=float)))
    codes, values = distinct(cells, _BLANK)  # NA can be a region and none an answer
    texts = np.empty(len(values), dtype=object)
    texts[:] = [_text(value) for value in values]
    if column.choices:
        known = {choice.casefold(): choice for choice in column.choices}
        texts[:] = [known.get(text.casefold(), text) for text in texts]
    return _texts(cells, codes, texts)


def _numbers(column: Column, cells: pd.Series, mark: str) -> Reading:
    """Read a numeric column; typed columns pass through without a look at each cell."""
    if pd.api.types.is_numeric_dtype(cells.dtype) and not pd.api.types.is_bool_dtype(cells.dtype):
        values = cells.to_numpy(dtype=float, na_value=np.nan)
        reading = Reading(pd.Series(values), np.isinf(values), cells)
    else:
        codes, distinct_values = distinct(cells)
        read, bad = numbers.read_numbers(distinct_values, mark)
        reading = _spread(cells, codes, read, bad)
        if mark == "" and bad.any():
            reading = Reading(
                reading.typed, reading.bad, cells, numbers.AMBIGUOUS, "Write numbers without thousands separators."
            )
    if column.kind == "whole number":
        values = reading.typed.to_numpy()
        fraction = ~np.isnan(values) & (values != np.floor(values))
        return Reading(reading.typed, reading.bad | fraction, cells, reading.expected, reading.remedy)
    return reading


def _dates(column: Column, cells: pd.Series) -> Reading:
    """Read a date column and move months and weeks to their first day."""
    if pd.api.types.is_datetime64_any_dtype(cells.dtype):
        days = cells.dt.tz_localize(None) if cells.dt.tz is not None else cells
        values = days.to_numpy(dtype="datetime64[us]")
        low, high = np.datetime64(dates.EARLIEST), np.datetime64(dates.LATEST, "D") + 1
        bad = ~np.isnat(values) & ((values < low) | (values >= high))
        return Reading(pd.Series(_first_day(values, column.kind)), bad, cells)
    codes, distinct_values = distinct(cells)
    day_first = dates.day_comes_first(distinct_values, months=column.kind == "month")
    read, bad = dates.read_dates(distinct_values, day_first=day_first)
    reading = _spread(cells, codes, _first_day(read, column.kind), bad)
    if day_first is None:
        unsettled = bad & ~dates.read_dates(distinct_values, day_first=True)[1]
        ambiguous = _spread(cells, codes, read, unsettled).bad
        return Reading(reading.typed, reading.bad, cells, ambiguous=ambiguous)
    return reading


def _first_day(days: np.ndarray, kind: str) -> np.ndarray:
    """Return the day itself, the first of its month, or the Monday of its week."""
    whole = days.astype("datetime64[D]")
    if kind == "month":
        whole = whole.astype("datetime64[M]").astype("datetime64[D]")
    if kind == "week":
        known = ~np.isnat(whole)
        whole = whole.copy()
        whole[known] -= (whole[known].astype("int64") + 3) % 7  # day 0 (1970-01-01) was a Thursday
    return whole.astype("datetime64[us]")


def _texts(cells: pd.Series, codes: np.ndarray, texts: np.ndarray) -> Reading:
    """Spread distinct texts over the rows; blanks are missing."""
    known = pd.array(np.append(texts, np.array([None], dtype=object)), dtype="str")
    return Reading(pd.Series(known.take(codes)), np.zeros(len(codes), dtype=bool), cells)


def _spread(cells: pd.Series, codes: np.ndarray, read: np.ndarray, bad: np.ndarray) -> Reading:
    """Spread distinct values over the rows; blanks become missing and are not bad."""
    missing: Any = np.datetime64("NaT") if read.dtype.kind == "M" else np.nan
    values = np.append(read, np.array([missing], dtype=read.dtype))[codes]
    return Reading(pd.Series(values), np.append(bad, False)[codes], cells)


def _text(value: object) -> str:
    """Write a cell as text; 1001.0 from a spreadsheet is the identifier 1001."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
