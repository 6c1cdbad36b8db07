"""What the usage of the value metric looks like: swings, jumps, concentration and its link to value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.impact.concentration import gini, top_share
from workbench.impact.swings import BillShock, bill_shock, volatility
from workbench.stages.model_fit.disconnect import Disconnect, disconnect, period_change

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from workbench.stages.model_fit.history import History

    Floats = NDArray[np.float64]

_RECENT = 3


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """How concentrated something is over current customers: Gini coefficient and the share of the largest tenth."""

    accounts: int
    gini: float
    top_tenth: float


@dataclass(frozen=True, slots=True, eq=False)
class UsageFacts:
    """Facts on one metric.

    `variation` is each account's month-to-month variation (NaN where too short). `shock` is what a price per
    unit, flat in quantity, would do to bills. `usage_spread` and `revenue_spread` look at the last three months;
    `gap` is the value-usage disconnect, None without outcomes.
    """

    metric: str
    variation: Floats
    shock: BillShock
    usage_spread: Spread
    revenue_spread: Spread | None
    gap: Disconnect | None
    accounts: NDArray[np.object_]

    @property
    def median_variation(self) -> float:
        """Return the month-to-month variation of the typical account."""
        known = self.variation[np.isfinite(self.variation)]
        return float(np.median(known)) if len(known) else float("nan")


def usage_facts(history: History, metric: str) -> UsageFacts:
    """Gather the facts on one metric from the visible history."""
    quantities = np.where(history.active, history.usage[metric], np.nan)
    current = history.active[:, -_RECENT:].any(axis=1)
    revenue = None
    if history.recorded is not None:
        revenue = np.where(current, history.recorded[:, -_RECENT:].mean(axis=1), np.nan)
    gap = None
    if history.outcomes:
        staying = np.where(history.active[:, [-1]], quantities, np.nan)
        gap = disconnect(period_change(staying), value_changes(history.outcomes), revenue)
    return UsageFacts(
        metric,
        volatility(quantities),
        bill_shock(quantities),
        spread(_recent_mean(quantities)[current]),
        None if revenue is None else spread(revenue[current]),
        gap,
        history.account_ids,
    )


def spread(amounts: Floats) -> Spread:
    """Return how concentrated amounts are over accounts; unknown ones are left out."""
    return Spread(int(np.isfinite(amounts).sum()), gini(amounts), top_share(amounts))


def value_changes(outcomes: Mapping[str, Floats]) -> Floats:
    """Return each account's relative change of outcomes, half a year against the one before, averaged over kinds."""
    changes = np.array([period_change(block, fewest=1) for block in outcomes.values()])
    known = np.isfinite(changes)
    count = known.sum(axis=0)
    log = np.log(np.maximum(np.where(known, 1 + changes, 1.0), 1e-9)).sum(axis=0)
    return np.expm1(np.divide(log, count, out=np.full(len(count), np.nan), where=count > 0))


def _recent_mean(quantities: Floats) -> Floats:
    block = quantities[:, -_RECENT:]
    known = np.isfinite(block)
    count = known.sum(axis=1)
    total = np.where(known, block, 0.0).sum(axis=1)
    return np.divide(total, count, out=np.full(len(block), np.nan), where=count > 0)
