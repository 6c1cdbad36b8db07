"""The share of a month an account was a customer, where the data know the day."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.pricing.proration import share_of_days

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from workbench.customers import CustomerBase


@dataclass(frozen=True, slots=True, eq=False)
class MonthShares:
    """Rows that were customers for a part of the month, and which part of `parts` each of them takes."""

    rows: NDArray[np.intp]
    code: NDArray[np.intp]
    parts: tuple[Fraction, ...]

    def of(self, row: int) -> Fraction:
        """Return the share of the month of one row."""
        here = np.flatnonzero(self.rows == row)
        return self.parts[self.code[here[0]]] if here.size else Fraction(1)


WHOLE = MonthShares(np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.intp), ())


def month_shares(
    base: CustomerBase,
    account: NDArray[np.int32],
    month: NDArray[np.int32],
    months: pd.DatetimeIndex,
    ended: Mapping[str, dt.date],
) -> MonthShares:
    """Return the shares by days: from the day of sign-up on, and up to the day before the one in `ended`."""
    accounts = base.frames["accounts"]
    start = accounts["signed_up"].to_numpy(dtype="datetime64[D]")[account]
    stop = pd.to_datetime(accounts["account_id"].map(dict(ended))).to_numpy(dtype="datetime64[D]")[account]
    first = months.to_numpy().astype("datetime64[D]")[month]
    after = (first.astype("datetime64[M]") + 1).astype("datetime64[D]")
    length = (after - first).astype(int)
    begins = np.where(np.isnat(start) | (start <= first), first, start)
    ends = np.where(np.isnat(stop) | (stop >= after), after, stop)
    days = (ends - begins).astype(int)
    # A sign-up after the month it was billed in, or an end before it, is no part of the month that could be billed.
    partial = np.flatnonzero((days > 0) & (days < length))
    pairs, code = np.unique(np.column_stack([days[partial], length[partial]]), axis=0, return_inverse=True)
    return MonthShares(partial, code.reshape(-1), tuple(share_of_days(int(d), int(n)) for d, n in pairs))
