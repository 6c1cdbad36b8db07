"""Months as people write them."""

from __future__ import annotations

from typing import TypeAlias

import pandas as pd

from workbench.impact.errors import ReplayError

Span: TypeAlias = "int | tuple[str, str] | None"
_EARLIEST = 1900  # what is read as an earlier year names none
_ENDS = 2


def window_of(months: pd.DatetimeIndex, wanted: Span) -> slice:
    """Return the place of the last so many months, or of those from a first to a last one, among all months."""
    if wanted is None:
        return slice(0, len(months))
    if isinstance(wanted, int) and not isinstance(wanted, bool):
        if wanted < 1:
            raise ReplayError(f"{wanted} months cannot be replayed.", "Choose one month or more.")
        return slice(max(0, len(months) - wanted), len(months))
    if not isinstance(wanted, tuple | list) or len(wanted) != _ENDS:
        raise ReplayError(
            f"months={wanted!r} says neither how many months nor from when to when.",
            'Write a whole number, or the first and the last month: ("2024-01", "2024-12").',
        )
    first, last = (month_of(each) for each in wanted)
    start, stop = months.searchsorted(first), months.searchsorted(last, side="right")
    if start >= stop:
        raise ReplayError(
            f"There is no month from {first:%Y-%m} to {last:%Y-%m} in the data.",
            f"It covers {months[0]:%Y-%m} to {months[-1]:%Y-%m}.",
        )
    return slice(int(start), int(stop))


def month_of(when: str | pd.Timestamp) -> pd.Timestamp:
    """Return the first day of the month written or given; ReplayError when it is none."""
    try:
        found = pd.Timestamp(when)
    except (ValueError, TypeError) as error:
        raise _no_month(when) from error
    if pd.isna(found) or found.year < _EARLIEST:
        raise _no_month(when)
    return found.to_period("M").to_timestamp()


def _no_month(when: object) -> ReplayError:
    return ReplayError(f"{when!r} is no month.", "Write year and month, such as 2024-12.")
