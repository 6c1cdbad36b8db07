"""Look back from every month: the last amount known, the recent peak, what was used lately."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

RECENT_MONTHS = 3
YEAR = 12  # months


def carried(amounts: Floats) -> Floats:
    """Return the amounts with each gap filled by the last known amount before it; NaN before the first."""
    position = np.where(np.isnan(amounts), -1, np.arange(amounts.shape[1]))
    last = np.maximum.accumulate(position, axis=1)
    taken = np.take_along_axis(amounts, np.maximum(last, 0), axis=1)
    return np.where(last >= 0, taken, np.nan)


def recent_peak(amounts: Floats, months: int = RECENT_MONTHS) -> Floats:
    """Return the highest amount of each month and the `months` - 1 before it: what a customer has to subscribe to."""
    peak = amounts.copy()
    for back in range(1, min(months, amounts.shape[1])):
        peak[:, back:] = np.fmax(peak[:, back:], amounts[:, :-back])
    return peak


def recently_used(uses: Floats, minimum_uses: int, months: int = RECENT_MONTHS) -> NDArray[np.bool_]:
    """Mark what was used at least so often in a month and those just before it; months are the second axis."""
    total = uses.cumsum(axis=1)
    total[:, months:] -= total[:, :-months].copy()
    return total >= minimum_uses
