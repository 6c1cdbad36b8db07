"""Turn the cells of one column into typed values, and report every cell that cannot be read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.customers import dates, numbers
from workbench.customers.columns import LARGEST, NUMERIC
from workbench.customers.currencies import SHARED, meaning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workbench.customers.columns import Column

_BLANK = frozenset({""})
_NO_VALUE = frozenset({"", "na", "n/a", "nan", "none", "null", "-", "nat", "<na>"})
_YES_NO = {
    "1": 1.0, "0": 0.0, "yes": 1.0, "no": 0.0, "true": 1.0, "false": 0.0, "y": 1.0, "n": 0.0, "x": 1.0,
    "1.0": 1.0, "0.0": 0.0,
}  # fmt: skip


@dataclass(frozen=True)
class Cause:
    """One reason why cells of a column are refused: which cells, and the words for it.

    `expected` and `remedy` replace the column's own words when something more specific is known. `in_context` says
    that the values around a cell help to judge it.
    """

    bad: np.ndarray
    expected: str = ""
    remedy: str = ""
    in_context: bool = False


@dataclass(frozen=True)
class Reading:
    """A column as read: `typed` values, the cells as `found`, and the `causes` for which some are refused."""

    typed: pd.Series
    found: pd.Series
    causes: tuple[Cause, ...] = ()

    @property
    def bad(self) -> np.ndarray:
        """Mark every cell that is refused."""
        bad = np.zeros(len(self.typed), dtype=bool)
        for cause in self.causes:
            bad |= cause.bad
        return bad

    @property
    def known(self) -> pd.Series:
        """Return the values with refused ones missing."""
        return self.typed.mask(self.bad) if self.causes else self.typed


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


def read_column(column: Column, cells: pd.Series, mark: str, currency: str = "") -> Reading:
    """Read one column as its documented kind.

    `mark` is the decimal mark of the file, `currency` the one that a sign such as $ stands for where it can.
    """
    if column.kind == "currency":
        return _currencies(cells, currency)
    if column.kind in NUMERIC:
        return _numbers(column, cells, mark)
    if column.kind in ("date", "month", "week"):
        return _dates(column, cells)
    if column.kind == "yes or no":
        codes, values = distinct(cells)
        read = np.array([_YES_NO.get(_text(value).casefold(), np.nan) for value in values], dtype=float)
        return Reading(_spread(codes, read), cells, _occurring(Cause(_marked(codes, np.isnan(read)))))
    codes, values = distinct(cells, _BLANK)  # NA can be a region and none an answer
    texts = np.empty(len(values), dtype=object)
    texts[:] = [_text(value) for value in values]
    if column.choices:
        known = {choice.casefold(): choice for choice in column.choices}
        texts[:] = [known.get(text.casefold(), text) for text in texts]
    return Reading(_texts(codes, texts), cells)


def _currencies(cells: pd.Series, stated: str) -> Reading:
    """Read currencies as their codes; a sign of several currencies is the one stated, if it is one of them."""
    codes, found = distinct(cells)
    read = [meaning(str(value)) for value in found]
    meant = [each.codes for each in read]
    open_ = np.array([len(each) > 1 and stated not in each for each in meant], dtype=bool)
    texts = np.empty(len(found), dtype=object)
    texts[:] = [stated if stated in each else min(each, default="") for each in meant]
    remedy = "Write the three-letter code, such as {}, or name the currency when you check the data (--currency {})."
    first = min(next((each for each, unclear in zip(meant, open_, strict=True) if unclear), {"USD"}), key=_likely)
    causes = [Cause(_marked(codes, open_), SHARED, remedy.format(first, first))]
    for kind in {each: None for each in read if not each.codes}:
        which = np.array([each == kind for each in read], dtype=bool)
        causes.append(Cause(_marked(codes, which), kind.expected, kind.remedy))
    return Reading(_texts(codes, texts), cells, _occurring(*causes))


def _likely(code: str) -> tuple[bool, str]:
    return code not in {"USD", "JPY"}, code


def _numbers(column: Column, cells: pd.Series, mark: str) -> Reading:
    """Read a numeric column; typed columns pass through without a look at each cell."""
    causes: list[Cause] = []
    if pd.api.types.is_numeric_dtype(cells.dtype) and not pd.api.types.is_bool_dtype(cells.dtype):
        typed = pd.Series(cells.to_numpy(dtype=float, na_value=np.nan))
    else:
        codes, found = distinct(cells)
        read, bad = numbers.read_numbers(found, mark)
        typed = _spread(codes, read)
        causes = [
            Cause(_marked(codes, which), expected, remedy)
            for which, expected, remedy in _unreadable(found, bad, mark)
        ]  # fmt: skip
    values = typed.to_numpy()
    with np.errstate(invalid="ignore"):
        beyond = np.abs(values) > LARGEST
    causes.append(
        Cause(
            beyond, f"a number of at most {LARGEST:,.0f}, beyond which amounts are not exact",
            "Correct the value: a key was held down, or two cells ran together.", in_context=True,
        )
    )  # fmt: skip
    if column.kind == "whole number":
        fraction = ~np.isnan(values) & ~beyond & (values != np.floor(values))
        causes.append(Cause(fraction, remedy=f"Write a whole number, for example {column.example}."))
    return Reading(typed, cells, _occurring(*causes))


def _occurring(*causes: Cause) -> tuple[Cause, ...]:
    """Keep the causes for which at least one cell is refused."""
    return tuple(cause for cause in causes if cause.bad.any())


def _unreadable(found: np.ndarray, bad: np.ndarray, mark: str) -> Iterator[tuple[np.ndarray, str, str]]:
    """Tell apart why distinct cells are no numbers: two readings, the other decimal mark, or no number at all."""
    places = np.flatnonzero(bad)
    if mark == "":
        unclear = bad.copy()
        unclear[places] = ~numbers.read_numbers(found[places], ".")[1]
        yield unclear, numbers.AMBIGUOUS, "Write numbers without thousands separators."
        bad = bad & ~unclear
    else:
        written = {place: numbers.in_other_notation(str(found[place]), mark) for place in places}
        other = np.zeros(len(bad), dtype=bool)
        other[[place for place, text in written.items() if text]] = True
        if other.any():
            name = {".": "point", ",": "comma"}[mark]
            first = written[np.flatnonzero(other)[0]]
            yield other, "", f"The other numbers of the file have a decimal {name}: write {first}."
            bad = bad & ~other
    yield bad, "", ""


def _dates(column: Column, cells: pd.Series) -> Reading:
    """Read a date column and move months and weeks to their first day."""
    if pd.api.types.is_datetime64_any_dtype(cells.dtype):
        days = cells.dt.tz_localize(None) if cells.dt.tz is not None else cells
        values = days.to_numpy(dtype="datetime64[us]")
        low, high = np.datetime64(dates.EARLIEST), np.datetime64(dates.LATEST, "D") + 1
        bad = ~np.isnat(values) & ((values < low) | (values >= high))
        return Reading(pd.Series(_first_day(values, column.kind)), cells, _occurring(Cause(bad)))
    codes, distinct_values = distinct(cells)
    day_first = dates.day_comes_first(distinct_values, months=column.kind == "month")
    read, bad = dates.read_dates(distinct_values, day_first=day_first)
    causes = []
    if day_first is None:
        unsettled = bad & ~dates.read_dates(distinct_values, day_first=True)[1]
        remedy = "Write dates as year-month-day, for example 2024-03-31."
        causes.append(Cause(_marked(codes, unsettled), dates.AMBIGUOUS, remedy))
        bad &= ~unsettled
    causes.append(Cause(_marked(codes, bad)))
    return Reading(_spread(codes, _first_day(read, column.kind)), cells, _occurring(*causes))


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


def _texts(codes: np.ndarray, texts: np.ndarray) -> pd.Series:
    """Spread distinct texts over the rows; blanks are missing."""
    known = pd.array(np.append(texts, np.array([None], dtype=object)), dtype="str")
    return pd.Series(known.take(codes))


def _spread(codes: np.ndarray, read: np.ndarray) -> pd.Series:
    """Spread distinct values over the rows; blanks become missing."""
    missing: Any = np.datetime64("NaT") if read.dtype.kind == "M" else np.nan
    return pd.Series(np.append(read, np.array([missing], dtype=read.dtype))[codes])


def _marked(codes: np.ndarray, marks: np.ndarray) -> np.ndarray:
    """Spread marks of distinct values over the rows; blanks are not marked."""
    return np.append(marks, False)[codes]


def _text(value: object) -> str:
    """Write a cell as text; 1001.0 from a spreadsheet is the identifier 1001."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
