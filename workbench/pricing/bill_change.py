"""Who would pay more and who less than today."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.errors import ChargeError
from workbench.tolerances import HALF_A_CENT

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, slots=True)
class BillChange:
    """Accounts that pay more, less or the same, and the change of monthly revenue from them.

    `unknown` accounts have no known bill on one of the two sides and are in no other figure.
    """

    more: int
    less: int
    same: int
    unknown: int
    revenue_change: float


def bill_change(bill: NDArray[np.float64], current: ArrayLike, tolerance: float = HALF_A_CENT) -> BillChange:
    """Compare new monthly bills with current ones, account by account; NaN is unknown."""
    today = np.asarray(current, dtype=np.float64)
    if today.shape != bill.shape:
        raise ChargeError(
            f"There are {bill.size} new bills and {today.size} current ones.", "Give one current bill per account."
        )
    difference = bill - today
    more = int(np.count_nonzero(difference > tolerance))
    less = int(np.count_nonzero(difference < -tolerance))
    unknown = int(np.count_nonzero(np.isnan(difference)))
    return BillChange(more, less, bill.size - more - less - unknown, unknown, float(np.nansum(difference)))
