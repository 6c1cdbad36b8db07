"""What one way of charging shows over the history: growth, retention, swings, jumps, link to value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.growth import MrrLedger, retention
from workbench.growth.movements import MovementsError
from workbench.impact.swings import BillShock, around_trend, bill_shock
from workbench.stages.model_fit.association import rank_correlation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.results import Interval
    from workbench.stages.model_fit.history import History

    Floats = NDArray[np.float64]


FEWEST_FOR_GROWTH = 6  # months: half a year is the least that shows a pace
JUMP = 0.25  # a bill this much above the month before is one that jumps


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """What one way of charging shows over the visible history.

    `bills` is accounts x months (0 where not a customer). `growth` is the yearly growth of revenue along its trend,
    `retention` the net revenue retention over the last `retention_months` (None with too short a history),
    `swing` the standard deviation of monthly revenue around its trend as a share of it, `value` the rank correlation of
    an account's bill with the value it gets: `typical` and `received` per account.
    """

    bills: Floats
    revenue: Floats
    growth: float | None
    retention: float | None
    swing: float
    shock: BillShock
    value: Interval
    typical: Floats
    received: Floats


def measure(bills: Floats, history: History, population: NDArray[np.bool_], value: Floats | None) -> Path:
    """Measure a billed history (accounts x months) of the given accounts."""
    bills = bills[population]
    revenue = bills.sum(axis=0)
    ledger = MrrLedger(history.account_ids[population], history.months, bills)
    try:
        kept: float | None = retention(ledger).net
    except MovementsError:
        kept = None
    recent = bills[:, -12:]
    billed = (recent > 0).sum(axis=1)
    mean = np.divide(recent.sum(axis=1), billed, out=np.full(len(bills), np.nan), where=billed > 0)
    # Who has left by now neither pays nor gets value; the link is that of today's customers.
    mean = np.where(bills[:, -1] > 0, mean, np.nan)
    received = np.full(len(bills), np.nan) if value is None else value[population]
    return Path(
        bills,
        revenue,
        yearly_growth(revenue),
        kept,
        around_trend(revenue),
        bill_shock(bills),
        rank_correlation(mean, received),
        mean,
        received,
    )


def yearly_growth(revenue: Floats) -> float | None:
    """Return the yearly growth along a straight line through log revenue; None with under six months."""
    known = np.flatnonzero(np.isfinite(revenue) & (revenue > 0))
    if len(known) < FEWEST_FOR_GROWTH:
        return None
    slope = np.polyfit(known - known.mean(), np.log(revenue[known]), 1)[0]
    return float(np.expm1(12 * slope))
