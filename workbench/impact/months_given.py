"""Months as people write them."""

from __future__ import annotations

import pandas as pd

from workbench.impact.errors import ReplayError


def month_of(when: str | pd.Timestamp) -> pd.Timestamp:
    """Return the first day of the month written or given; ReplayError when it is none."""
    try:
        found = pd.Timestamp(when)
    except (ValueError, TypeError) as error:
        raise _no_month(when) from error
    if pd.isna(found):
        raise _no_month(when)
    return found.to_period("M").to_timestamp()


def _no_month(when: object) -> ReplayError:
    return ReplayError(f"{when!r} is no month.", "Write year and month, such as 2024-12.")
