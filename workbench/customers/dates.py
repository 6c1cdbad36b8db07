"""Read dates as people write them, and say so when day and month cannot be told apart."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

EARLIEST, LATEST = dt.date(1990, 1, 1), dt.date(2050, 12, 31)
AMBIGUOUS = "dates in which day and month can be told apart"
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})(?:[-/.](\d{1,2}))?(?:[T ]\d{1,2}:\d{2}.*)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SLASHED = re.compile(r"(\d{1,2})([/.-])(\d{1,2})[/.-](\d{4})(?:[T ]\d{1,2}:\d{2}.*)?")
_NAMED = re.compile(r"(?:(\d{1,2})[ -])?([A-Za-z]{3,9})\.?[ -](\d{4})")
_MONTHS = {
    name: number
    for number, full in enumerate(
        ("january", "february", "march", "april", "may", "june", "july",
         "august", "september", "october", "november", "december"),
        start=1,
    )
    for name in (full, full[:3])
}  # fmt: skip


def day_comes_first(texts: Iterable[object], *, months: bool = False) -> bool | None:
    """Decide whether 03/04/2024 is the third of April (True) or the fourth of March (False).

    None means nothing in the column settles it. `months` says the column holds months, whose dates are
    usually the first of one, so 01/02 01/03 01/04 settles it. Dots are only used where the day comes first.
    """
    parts = [found.groups() for text in texts if (found := _SLASHED.fullmatch(str(text).strip()))]
    if not parts:
        return True
    if any(mark == "." for _, mark, _, _ in parts):
        return True
    left = {int(first) for first, _, _, _ in parts}
    right = {int(second) for _, _, second, _ in parts}
    if max(left) > 12 or max(right) > 12:  # noqa: PLR2004 - months in a year
        return sum(value > 12 for value in left) >= sum(value > 12 for value in right)  # noqa: PLR2004
    if months and (left == {1}) != (right == {1}):
        return left == {1}
    return True if all(int(first) == int(second) for first, _, second, _ in parts) else None


def read_dates(values: np.ndarray, *, day_first: bool | None) -> tuple[np.ndarray, np.ndarray]:
    """Read distinct values as datetime64[us]; the second array marks those that are no possible date."""
    dates = np.full(len(values), np.datetime64("NaT"), dtype="datetime64[us]")
    bad = np.zeros(len(values), dtype=bool)
    for position, value in enumerate(values):
        day = _read(value, day_first=day_first)
        if day is None or not EARLIEST <= day <= LATEST:
            bad[position] = True
        else:
            dates[position] = np.datetime64(day, "us")
    return dates, bad


def _read(value: object, *, day_first: bool | None) -> dt.date | None:
    """Read one value; None when no such day exists."""
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    if isinstance(value, np.datetime64):
        return value.astype("datetime64[D]").item()
    text = str(value).strip()
    try:
        return _read_text(text, day_first=day_first)
    except ValueError:  # such as 31 February
        return None


def _read_text(text: str, *, day_first: bool | None) -> dt.date | None:
    """Read a written date; ValueError when it names a day no calendar has."""
    if found := (_COMPACT.fullmatch(text) or _ISO.fullmatch(text)):
        year, month, day = found.groups()
        return dt.date(int(year), int(month), int(day or 1))
    if found := _SLASHED.fullmatch(text):
        left, _, right, year = found.groups()
        if day_first is None and left != right:
            return None
        day, month = (left, right) if day_first or day_first is None else (right, left)
        return dt.date(int(year), int(month), int(day))
    if (found := _NAMED.fullmatch(text)) and found[2].casefold() in _MONTHS:
        return dt.date(int(found[3]), _MONTHS[found[2].casefold()], int(found[1] or 1))
    return None
