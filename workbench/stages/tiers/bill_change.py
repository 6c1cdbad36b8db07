"""New bills beside today's recorded MRR: the same accounts, the same month."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.tolerances import HALF_A_CENT

if TYPE_CHECKING:
    from numpy.typing import NDArray

ABOUT_THE_SAME = 0.01
"""A bill within 1% of today's stands in the middle band of a chart: rounding and part months make up that much."""
QUANTILES = (0.05, 0.5, 0.95)
SAMPLED_FROM = 100_000
"""From more accounts than this, quantiles are read from this many, evenly spaced; counts and sums use them all."""


@dataclass(frozen=True, slots=True)
class BillChange:
    """What the new bills do to the accounts that can be compared.

    `accounts` have a new bill and a recorded MRR; of them `more`, `less` and `same` pay more, less or
    the same, to half a cent. `today` and `new` are their monthly totals. `relative` and `amount` hold the 5%, 50% and
    95% quantiles of the change per account; the relative ones leave out accounts that pay nothing today.
    `without_mrr` get a bill but have no recorded MRR; `paying` of the compared pay anything today.
    """

    accounts: int
    without_mrr: int
    more: int
    less: int
    same: int
    today: float
    new: float
    relative: tuple[float, float, float]
    amount: tuple[float, float, float]
    paying: int = 0

    @property
    def change(self) -> float | None:
        """Return the change of the total as a share of today's, None when nothing is paid today."""
        return self.new / self.today - 1 if self.today > 0 else None


def bill_change(today: NDArray[np.float64], new: NDArray[np.float64]) -> BillChange:
    """Compare new bills with recorded MRR per account; NaN on either side means that it cannot be compared."""
    difference = new - today
    comparable = difference.size - int(np.count_nonzero(np.isnan(difference)))
    # Comparisons with NaN are false, so what cannot be compared falls out by itself.
    margin = HALF_A_CENT
    more = int(np.count_nonzero(difference > margin))
    less = int(np.count_nonzero(difference < -margin))
    total = float(np.nansum(today + 0 * difference)) if comparable < today.size else float(today.sum())
    picked = spaced(difference.size)
    before, moved = today[picked], difference[picked]
    known = ~np.isnan(moved)
    before, moved = before[known], moved[known]
    paying = before > 0
    return BillChange(
        accounts=comparable,
        without_mrr=int(np.count_nonzero(~np.isnan(new))) - comparable,
        more=more,
        less=less,
        same=comparable - more - less,
        today=total,
        new=total + float(np.nansum(difference)),
        relative=_quantiles(moved[paying] / before[paying]),
        amount=_quantiles(moved),
        paying=int(np.count_nonzero(~np.isnan(new) & (np.nan_to_num(today) > 0))),
    )


def spaced(accounts: int) -> slice:
    """Return which accounts distributions are read from: all, or an evenly spaced part of very many."""
    return slice(None, None, max(1, accounts // SAMPLED_FROM))


def _quantiles(values: NDArray[np.float64]) -> tuple[float, float, float]:
    """Return the quantiles as every page does, between the two accounts a level falls between."""
    if values.size == 0:
        return (float("nan"),) * 3
    low, middle, high = np.quantile(values, QUANTILES).tolist()
    return low, middle, high
