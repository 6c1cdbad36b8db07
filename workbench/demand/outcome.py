"""What customers choose at given prices: buyers, revenue, cost and margin per month, with what the draws say."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from workbench.demand.totals import Totals
from workbench.results import Interval

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

LEVEL = 0.9
_NOBODY = 1e-9


@dataclass(frozen=True, eq=False)
class Outcome:
    """Who buys what in a month and what it brings.

    Every array starts with one row per draw (one row in all when the draws were not kept apart), and counts whole
    accounts, so the mean over the rows is the estimate. `choice` is the plan of each row of the task as its place
    in `plans`, -1 for a competitor or nothing; it is there on request, for the surplus rule only. `paying` counts the
    accounts that pay something today.
    """

    plans: tuple[str, ...]
    add_ons: tuple[str, ...]
    fees: NDArray[np.float64]
    add_on_fees: NDArray[np.float64]
    accounts: float
    draws: Totals
    paying: float
    choice: NDArray[np.int8] | None = None

    @classmethod
    def joined(cls, parts: Sequence[Outcome]) -> Outcome:
        """Return what all draws say, from outcomes of the same fees in some draws each."""
        first = parts[0]
        return first if len(parts) == 1 else replace(first, draws=Totals.joined([part.draws for part in parts]))

    def of_draws(self, places: NDArray[np.intp]) -> Outcome:
        """Return what some of the draws say, by their places."""
        return replace(self, draws=self.draws.at(places), choice=None)

    @cached_property
    def kept_by_draw(self) -> NDArray[np.float64]:
        """Return the share of accounts paying today that would still pay, in each draw; NaN where nobody pays."""
        return self.draws.kept[:, 0] / self.paying if self.paying else np.full(len(self.draws.kept), np.nan)

    @property
    def kept_interval(self) -> Interval:
        """Return the share of accounts paying today that would still pay, with its 90% range."""
        return interval(self.kept_by_draw)

    @property
    def free_kept_interval(self) -> Interval | None:
        """Return the share of accounts paying nothing today that would take an offer; None where all pay."""
        free = self.accounts - self.paying
        return interval(self.draws.kept[:, 1] / free) if free > _NOBODY * self.accounts else None

    @cached_property
    def buyers(self) -> NDArray[np.float64]:
        """Return the accounts that buy each plan."""
        return self.draws.buyers.mean(axis=0)

    @property
    def elsewhere(self) -> float:
        """Return the accounts that choose a competitor or nothing."""
        return self.accounts - float(self.buyers.sum())

    @cached_property
    def shares(self) -> NDArray[np.float64]:
        """Return the share of all accounts per plan; the rest choose a competitor or nothing. NaN without accounts."""
        return self.buyers / self.accounts if self.accounts else np.full(self.buyers.shape, np.nan)

    @cached_property
    def add_on_buyers(self) -> NDArray[np.float64]:
        """Return the accounts that buy each add-on."""
        return self.draws.add_on_buyers.mean(axis=0)

    @cached_property
    def attach_rates(self) -> NDArray[np.float64]:
        """Return the buyers of each add-on as a share of the buyers of any plan; NaN when nobody buys a plan."""
        served = self.buyers.sum()
        return self.add_on_buyers / served if served else np.full(self.add_on_buyers.shape, np.nan)

    @cached_property
    def plan_revenue(self) -> NDArray[np.float64]:
        """Return the monthly revenue of each plan, its usage charges included, add-ons not."""
        return self.draws.plan_revenue.mean(axis=0)

    @cached_property
    def add_on_revenue(self) -> NDArray[np.float64]:
        """Return the monthly revenue of each add-on."""
        return self.draws.add_on_revenue.mean(axis=0)

    @property
    def revenue(self) -> float:
        """Return the monthly revenue of plans and add-ons."""
        return float(self.revenue_by_draw.mean())

    @property
    def cost(self) -> float:
        """Return what serving the buyers costs in a month."""
        return float(self.draws.cost.mean())

    @property
    def margin(self) -> float:
        """Return revenue less what serving costs, per month."""
        return float(self.margin_by_draw.mean())

    @cached_property
    def revenue_by_draw(self) -> NDArray[np.float64]:
        """Return the monthly revenue in each draw."""
        return self.draws.revenue

    @cached_property
    def margin_by_draw(self) -> NDArray[np.float64]:
        """Return the monthly margin in each draw."""
        return self.draws.revenue - self.draws.cost

    @property
    def revenue_interval(self) -> Interval:
        """Return the monthly revenue with the range that holds it in 90% of the draws."""
        return interval(self.revenue_by_draw)

    @property
    def margin_interval(self) -> Interval:
        """Return the monthly margin with the range that holds it in 90% of the draws."""
        return interval(self.margin_by_draw)

    @property
    def share_intervals(self) -> tuple[Interval, ...]:
        """Return the share of each plan with the range that holds it in 90% of the draws."""
        shares = self.draws.buyers / self.accounts if self.accounts else np.full(self.draws.buyers.shape, np.nan)
        return tuple(interval(column) for column in shares.T)


def interval(values: NDArray[np.float64], level: float = LEVEL) -> Interval:
    """Return the mean of draws with the range between their outer quantiles."""
    tail = (1 - level) / 2
    low, high = np.quantile(values, (tail, 1 - tail))
    return Interval(float(low), float(values.mean()), float(high), level)
