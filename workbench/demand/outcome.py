"""What customers choose at given prices: buyers, revenue, cost and margin per month, with what the draws say."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from workbench.stats import interval_of_draws

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from workbench.results import Interval

    Floats = NDArray[np.float64]

# --- Sums over the rows of a choice task by group (a draw, a customer), kept in double precision


@dataclass(frozen=True, eq=False)
class GroupTotals:
    """Accounts and monthly money per group (first axis) and per plan or add-on (second axis).

    `kept` has three columns: accounts that pay today and would still pay; accounts that pay nothing today and would
    take an offer; and those of them that would pay.
    """

    buyers: NDArray[np.float64]
    plan_revenue: NDArray[np.float64]
    plan_cost: NDArray[np.float64]
    add_on_buyers: NDArray[np.float64]
    add_on_revenue: NDArray[np.float64]
    add_on_cost: NDArray[np.float64]
    kept: NDArray[np.float64]

    @classmethod
    def zeros(cls, groups: int, plans: int, add_ons: int) -> GroupTotals:
        """Return totals of nothing yet."""
        return cls(*(np.zeros((groups, width)) for width in (plans, plans, plans, add_ons, add_ons, add_ons, 3)))

    @classmethod
    def added(cls, parts: Iterable[GroupTotals]) -> GroupTotals:
        """Return the sum of totals over parts of the rows."""
        kept = list(parts)
        return cls(*(np.sum([getattr(part, each.name) for part in kept], axis=0) for each in fields(cls)))

    @classmethod
    def joined(cls, parts: Iterable[GroupTotals]) -> GroupTotals:
        """Return totals over the groups of all parts, one after the other."""
        kept = list(parts)
        return cls(*(np.concatenate([getattr(part, each.name) for part in kept]) for each in fields(cls)))

    def at(self, groups: NDArray[np.intp]) -> GroupTotals:
        """Return the totals of some of the groups."""
        return GroupTotals(*(getattr(self, each.name)[groups] for each in fields(self)))

    def times(self, factor: float) -> GroupTotals:
        """Return every total times a factor."""
        return GroupTotals(*(getattr(self, each.name) * factor for each in fields(self)))

    @property
    def revenue(self) -> NDArray[np.float64]:
        """Return the monthly revenue of plans and add-ons per group."""
        return self.plan_revenue.sum(axis=1) + self.add_on_revenue.sum(axis=1)

    @property
    def cost(self) -> NDArray[np.float64]:
        """Return what serving costs in a month, per group."""
        return self.plan_cost.sum(axis=1) + self.add_on_cost.sum(axis=1)


@dataclass(frozen=True, eq=False)
class Groups:
    """The group of each row and how many groups there are; `of_row` None puts every row in one group."""

    of_row: NDArray[np.integer] | None
    count: int

    def of(self, rows: slice) -> Groups:
        """Return the groups of some of the rows."""
        return self if self.of_row is None else Groups(self.of_row[rows], self.count)

    def at(self, places: NDArray[np.intp]) -> Groups:
        """Return the groups of the rows at these places."""
        return self if self.of_row is None else Groups(self.of_row[places], self.count)

    def sums(self, weight: NDArray[np.floating], values: NDArray[np.floating] | float = 1.0) -> NDArray[np.float64]:
        """Return the sum of weight times value in each group."""
        if np.ndim(values) == 0:
            return np.asarray(self._plain(weight) * float(values), dtype=np.float64)
        if self.of_row is None:
            return np.array([np.einsum("i,i", weight, values, dtype=np.float64)])
        return self._plain(weight * values)

    def _plain(self, weight: NDArray[np.floating]) -> NDArray[np.float64]:
        if self.of_row is None:
            return np.array([weight.sum(dtype=np.float64)])
        return np.bincount(self.of_row, weight, self.count).astype(np.float64, copy=False)


# --- What customers choose at given prices

LEVEL = 0.9
_NOBODY = 1e-9


@dataclass(frozen=True, eq=False)
class Outcome:
    """Who buys what in a month and what it brings.

    Every array starts with one row per draw (one row in all when the draws were not kept apart), and counts whole
    accounts, so the mean over the rows is the estimate.

    Attributes
    ----------
    plans, add_ons
        What is on offer.
    fees, add_on_fees
        At which fees per month.
    accounts, paying
        All accounts, and those that pay something today.
    draws
        Accounts and money per draw.
    choice
        Plan of each row of the task as its place in `plans`, -1 for a competitor or nothing; there on request, for the
        surplus rule only.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from workbench.demand import Demand, Willingness, respondents_of, split_worth
    >>> from workbench.pricing import Plan, PriceBook
    >>> asked = respondents_of(pd.DataFrame({"respondent": ["a", "b", "c"]}))
    >>> willing = Willingness(source="talks", customers=asked, total=np.array([[40.0, 50], [60, 80], [120, 90]]))
    >>> outcome = Demand(worth=split_worth(willing, [])).outcome(PriceBook("list", "USD", [Plan("Team", 55)]))
    >>> outcome.revenue_by_draw.tolist(), outcome.shares.round(3).tolist(), outcome.elsewhere
    ([110.0, 110.0], [0.667], 1.0)
    """

    plans: tuple[str, ...]
    add_ons: tuple[str, ...]
    fees: NDArray[np.float64]
    add_on_fees: NDArray[np.float64]
    accounts: float
    draws: GroupTotals
    paying: float
    choice: NDArray[np.int8] | None = None

    @classmethod
    def joined(cls, parts: Sequence[Outcome]) -> Outcome:
        """Return what all draws say, from outcomes of the same fees in some draws each."""
        first = parts[0]
        return first if len(parts) == 1 else replace(first, draws=GroupTotals.joined([part.draws for part in parts]))

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
        return interval_of_draws(self.kept_by_draw)

    @property
    def free_kept_interval(self) -> Interval | None:
        """Return the share of accounts paying nothing today that would take an offer; None where all pay."""
        free = self.accounts - self.paying
        return interval_of_draws(self.draws.kept[:, 1] / free) if free > _NOBODY * self.accounts else None

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
        return interval_of_draws(self.revenue_by_draw)

    @property
    def margin_interval(self) -> Interval:
        """Return the monthly margin with the range that holds it in 90% of the draws."""
        return interval_of_draws(self.margin_by_draw)

    @property
    def share_intervals(self) -> tuple[Interval, ...]:
        """Return the share of each plan with the range that holds it in 90% of the draws."""
        shares = self.draws.buyers / self.accounts if self.accounts else np.full(self.draws.buyers.shape, np.nan)
        return tuple(interval_of_draws(column) for column in shares.T)


# --- What happens at one price of a plan, or at several: buyers, revenue and margin with their intervals


@dataclass(frozen=True, eq=False)
class AtPrice:
    """What happens at one or several prices of a plan: accounts and money per month, draws x prices.

    Attributes
    ----------
    plans, plan
        The plans, and the place of the one whose price varies.
    fees
        The prices looked at, per month.
    accounts
        All accounts.
    buyers
        Accounts, draws x prices x plans.
    revenue, margin
        Money per month, draws x prices.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from workbench.demand import Demand, Willingness, price_line, respondents_of, split_worth
    >>> from workbench.pricing import Plan, PriceBook
    >>> asked = respondents_of(pd.DataFrame({"respondent": ["a", "b", "c"]}))
    >>> worth = split_worth(Willingness(source="talks", customers=asked, total=np.array([[40.0], [60], [120]])), [])
    >>> task = Demand(worth=worth).task(PriceBook("list", "USD", [Plan("Team", 39)]))
    >>> found = price_line(task, "Team", [39]).at([40, 60, 120])
    >>> found.revenue.tolist(), found.buyers[0, :, 0].tolist()
    ([[120.0, 120.0, 120.0]], [3.0, 2.0, 1.0])
    """

    plans: tuple[str, ...]
    plan: int
    fees: Floats
    accounts: float
    buyers: Floats
    revenue: Floats
    margin: Floats

    @property
    def shares(self) -> Floats:
        """Return the share of all accounts per plan, prices x plans, as the mean over draws."""
        found: Floats = self.buyers.mean(axis=0) / self.accounts
        return found

    @property
    def share(self) -> Interval:
        """Return the share of the plan whose price it is, at the first price, with its 90% interval."""
        return interval_of_draws(self.buyers[:, 0, self.plan] / self.accounts)

    @property
    def money(self) -> tuple[Interval, Interval]:
        """Return revenue and margin at the first price, with their 90% intervals."""
        return interval_of_draws(self.revenue[:, 0]), interval_of_draws(self.margin[:, 0])

    def table(self) -> pd.DataFrame:
        """Return per price: share, revenue and margin with the ends of their 90% intervals."""
        import pandas as pd  # noqa: PLC0415 - loaded when a table is asked for

        columns: dict[str, Floats] = {"price": self.fees}
        own = self.buyers[:, :, self.plan] / self.accounts
        tail = (1 - LEVEL) / 2
        for name, values in (("share", own), ("revenue", self.revenue), ("margin", self.margin)):
            low, high = np.quantile(values, (tail, 1 - tail), axis=0)
            columns |= {name: values.mean(axis=0), f"{name}_low": low, f"{name}_high": high}
        return pd.DataFrame(columns)
