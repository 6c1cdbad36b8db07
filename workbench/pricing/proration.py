"""Share of a billing period, in days."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from workbench.errors import ChargeError

if TYPE_CHECKING:
    import datetime as dt


def days_between(start: dt.date, end: dt.date, *, end_inclusive: bool = False) -> int:
    """Return the days from `start` to `end`; the end day counts only when `end_inclusive` says so.

    Excluding the end is Kill Bill's convention and the default; Flexprice counts it.
    """
    days = (end - start).days + (1 if end_inclusive else 0)
    if days < 0:
        raise ChargeError(f"The part of the period ends on {end}, before it starts on {start}.", "Swap the dates.")
    return days


def share_of_period(start: dt.date, end: dt.date, period_days: int, *, end_inclusive: bool = False) -> Fraction:
    """Return the exact share of a billing period of `period_days` that lies between two dates."""
    days = days_between(start, end, end_inclusive=end_inclusive)
    return share_of_days(days, period_days)


def share_of_days(days: int, period_days: int) -> Fraction:
    """Return `days` as an exact share of a billing period of `period_days`."""
    if period_days < 1:
        raise ChargeError(f"The billing period lasts {period_days} days.", "Give its length in days, one or more.")
    if not 0 <= days <= period_days:
        raise ChargeError(
            f"{days} days do not fit into a billing period of {period_days} days.",
            "Bill each billing period on its own.",
        )
    return Fraction(days, period_days)
