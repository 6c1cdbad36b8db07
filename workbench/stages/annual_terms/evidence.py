"""What paying by the year is judged on: who pays by the year today, who leaves each month, and the record to replay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.customers.base import mrr_matrix
from workbench.customers.needs import YEAR
from workbench.impact.terms import Contracts, contracts_in_force, renewed_years
from workbench.locales import NO_CURRENCY
from workbench.results import Basis
from workbench.stats import wilson

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from workbench.customers.base import CustomerBase
    from workbench.results import Floats, Interval


@dataclass(frozen=True, eq=False)
class AnnualEvidence:
    """Who paid what over the last year, who pays by the year, and how often customers leave.

    `paid` is accounts x months, the last twelve of the record. `churn` is the share of those who pay by the month that
    leaves each month, `take_up` the share of the accounts with a contract on record that pays by the year, `renewal`
    the share that paid nothing once a year was over: each with its interval, None where nothing says. `listed` is what
    the price list takes off a year today, None where it names no price for both.
    """

    base: CustomerBase
    currency: str
    paid: Floats
    months: pd.DatetimeIndex
    contracts: Contracts
    churn: Interval | None
    take_up: Interval | None
    renewal: Interval | None
    listed: float | None
    at_risk: int = 0
    left: int = 0
    ended: int = 0

    @property
    def by_the_year(self) -> NDArray[np.bool_]:
        """Tell which accounts pay a year or more at once; none where no contract is on record."""
        return np.nan_to_num(self.contracts.paid_for) >= YEAR

    @property
    def last(self) -> Floats:
        """Return what each account paid in the last month, nothing where it paid none."""
        return np.nan_to_num(self.paid[:, -1]) if self.paid.shape[1] else np.zeros(len(self.paid))

    @property
    def mrr(self) -> float:
        """Return the revenue of the last month."""
        return float(self.last.sum())

    @property
    def yearly_share(self) -> float:
        """Return the share of that revenue that is paid by the year."""
        return float(self.last[self.by_the_year].sum() / self.mrr) if self.mrr else 0.0

    @property
    def basis(self) -> Basis:
        """Say on whom the money stands."""
        if not len(self.months):
            return Basis(0, len(self.base))
        month = f"{self.months[-1]:%Y-%m}"
        return Basis(int((self.last > 0).sum()), len(self.base), month, month)

    @property
    def starters(self) -> NDArray[np.bool_]:
        """Tell which accounts paid by the month when the year that is replayed began; none without twelve months."""
        if self.paid.shape[1] < YEAR:
            return np.zeros(len(self.paid), dtype=bool)
        return (np.nan_to_num(self.paid[:, 0]) > 0) & ~self.by_the_year


def gather(base: CustomerBase) -> AnnualEvidence:
    """Return what the record says about paying by the month and by the year."""
    contracts, listed = contracts_in_force(base), _listed_discount(base)
    currency = base.currency or NO_CURRENCY
    if not base.has("mrr"):
        nothing = np.zeros((len(base), 0))
        return AnnualEvidence(base, currency, nothing, base.months[:0], contracts, None, None, None, listed)
    _, months, amounts = mrr_matrix(base)
    paid, months = amounts[:, -YEAR:], months[-YEAR:]
    by_month = np.nan_to_num(contracts.paid_for, nan=1.0) < YEAR
    here = np.nan_to_num(paid[by_month]) > 0
    at_risk, left = int(here[:, :-1].sum()), int((here[:, :-1] & ~here[:, 1:]).sum())
    known = contracts.known
    ended, gone = renewed_years(base)
    yearly = np.nan_to_num(contracts.paid_for) >= YEAR
    return AnnualEvidence(
        base,
        currency,
        paid,
        months,
        contracts,
        wilson(left, at_risk),
        wilson(int(yearly.sum()), int(known.sum())),
        wilson(gone, ended),
        listed,
        at_risk,
        left,
        ended,
    )


def _listed_discount(base: CustomerBase) -> float | None:
    """Return what today's list takes off a year beside a month, the middle of the plans it prices for both."""
    plans = base.plans
    if plans is None or "billing_period" not in plans:
        return None
    found = []
    for _, rows in plans.groupby(["plan", plans["metric"].fillna("")] if "metric" in plans else "plan", sort=False):
        prices = {}
        for period in ("month", "year"):
            at = rows[rows["billing_period"] == period]
            amounts = [at[name].dropna() for name in ("unit_price", "base_fee") if name in at]
            known = [float(each.iloc[0]) for each in amounts if len(each) and float(each.iloc[0]) > 0]
            prices[period] = known[0] if known else None
        if prices["month"] and prices["year"]:
            found.append(1 - prices["year"] / (YEAR * prices["month"]))
    return None if not found else float(np.clip(np.median(found), 0, 1))
