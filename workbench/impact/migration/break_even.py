"""How many customers may leave before a price change stops paying: the figure beside every guess about churn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.formatting import UNKNOWN, percent

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from workbench.impact.migration.bills import AccountBills
    from workbench.impact.migration.months import MonthSums

    Floats = NDArray[np.float64]

_NOISE = 1e-12


def break_even_churn(old: ArrayLike, new: ArrayLike, unit_cost: ArrayLike = 0.0) -> Floats:
    """Return the share of customers that may leave before a change from `old` to `new` earns less than before.

    Without cost it is 1 - 1/(1 + r) for a rise r (20% allows 16.7%); with the cost of serving an account it compares
    contribution margins, 1 - (old - cost) / (new - cost) (Nagle & Müller, The Strategy and Tactics of Pricing).
    Negative where the bill falls: so many more customers are needed. At most 1 (today's bill earns nothing); NaN where
    the new bill does not cover its cost, or something is unknown.
    """
    before, after = (np.asarray(each, dtype=np.float64) - np.asarray(unit_cost, np.float64) for each in (old, new))
    with np.errstate(divide="ignore", invalid="ignore"):
        share = 1 - before / after
    return np.where(after > 0, np.minimum(share, 1.0), np.nan)


def break_even_by_segment(bills: AccountBills) -> pd.DataFrame:
    """Return break-even churn per segment and for all accounts, if everybody paid the new prices.

    Columns: segment ("all" last), accounts, old, new (per month), rise, break_even_churn (from revenue),
    accounts_with_cost, break_even_churn_with_cost (from contribution, of the accounts whose unit cost is known).
    """
    groups = [(each, bills.segment == each) for each in bills.segments]
    return pd.DataFrame([_row(name, bills.only(here)) for name, here in groups] + [_row("all", bills)])


def break_even_of_path(old: float, found: MonthSums) -> float:
    """Return the share of customers that may leave as new prices begin before the path earns less than old prices.

    `old` is what all accounts pay a month today. Those who leave are an even cross-section of all accounts that new
    prices begin for, whether their bill rises, falls or stays, and each leaves in the month in which they begin for
    it; of an offer the middle of its take-up is taken. NaN when new prices begin for nobody, or only for bills of
    nothing.
    """
    kept = old * len(found.revenue)
    revenue = float(found.revenue.sum())
    moved_revenue = revenue - kept + float(found.moved_old.sum())
    for each in found.offers:
        change = each.middle * float(each.change.sum())
        revenue += change
        moved_revenue += change + each.middle * float(each.moved_old.sum())
    return (revenue - kept) / moved_revenue if moved_revenue > _NOISE * kept else float("nan")


def break_even_words(share: float) -> str:
    """Write a break-even churn: where new prices bring less, no customer may leave, which a negative share hides."""
    if np.isnan(share):
        return UNKNOWN
    return percent(share, 1) if share > 0 else "none may leave"


def _row(name: str, bills: AccountBills) -> dict[str, object]:
    old, new = float(bills.old.sum()), float(bills.new.sum())
    known = np.isfinite(bills.unit_cost)
    with_cost = bills.only(known)
    cost = float(with_cost.unit_cost.sum())
    return {
        "segment": name,
        "accounts": len(bills),
        "old": old,
        "new": new,
        "rise": new / old - 1 if old else float("nan"),
        "break_even_churn": float(break_even_churn(old, new)),
        "accounts_with_cost": len(with_cost),
        "break_even_churn_with_cost": (
            float(break_even_churn(with_cost.old.sum(), with_cost.new.sum(), cost)) if known.any() else float("nan")
        ),
    }
