"""What customers did when prices moved: rises they kept, rises they left after, and upgrades they stayed with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.customers import CustomerBase

RISE = 1.03
"""A bill this many times the month before, for no more of what is billed, is a price rise."""
FOLLOW = 3
"""Months after a rise in which leaving counts as an answer to it."""


@dataclass(frozen=True, eq=False)
class Moves:
    """Price rises one by one: `factors` (new price / old price), `kept` and the account's `segment`.

    `leaving_anyway` is the share of accounts that leave within the same number of months without a rise. `upgrades`
    counts the accounts that moved to a plan with a higher bill and kept it.
    """

    factors: NDArray[np.float64]
    kept: NDArray[np.bool_]
    segment: NDArray[np.object_]
    leaving_anyway: float
    upgrades: int

    def of(self, segment: str) -> Moves:
        """Return the moves of one segment."""
        inside = self.segment == segment
        return replace(self, factors=self.factors[inside], kept=self.kept[inside], segment=self.segment[inside])


def observed_moves(base: CustomerBase) -> Moves:
    """Return the rises and upgrades in the MRR records.

    A rise needs proof that the account did not simply buy more: it stays on the same plan of today's price list and
    used no more of the metric that the list charges for. Without records of that metric, or under plans that the list
    does not name, no rise is counted. Only rises with the months to see what followed are.
    """
    from workbench.customers.needs import UNKNOWN, mrr_matrix, usage_cube  # noqa: PLC0415 - with the base

    ids, months, amounts = mrr_matrix(base)
    paid = np.nan_to_num(amounts)
    segment = base.frames["accounts"]["segment"].to_numpy(dtype=object, na_value=UNKNOWN)
    plans = _plan_matrix(base, len(ids), len(months))
    nothing = np.empty(0)
    if len(months) < FOLLOW + 2:
        return Moves(nothing, nothing.astype(bool), nothing.astype(object), 0.0, 0)
    _, _, cube = usage_cube(base)
    charged = cube.get(_charged_metric(base))
    before, after = paid[:, :-1], paid[:, 1:]
    same_plan = (plans[:, 1:] == plans[:, :-1]) & (plans[:, 1:] >= 0)
    higher = (before > 0) & (after >= RISE * before)
    later = np.stack([paid[:, lag : paid.shape[1] - FOLLOW + lag] for lag in range(2, FOLLOW + 1)])
    stays: NDArray[np.bool_] = later.min(axis=0) > 0
    watched = slice(0, paid.shape[1] - FOLLOW)  # months with enough of them after it
    steady = np.zeros_like(higher) if charged is None else charged[:, 1:] <= charged[:, :-1]
    rose: NDArray[np.bool_] = (higher & same_plan & steady)[:, watched]
    row, column = np.nonzero(rose)
    no_rise = ((before > 0) & (after > 0))[:, watched] & ~rose
    leaving = float(1 - stays[no_rise].mean()) if no_rise.any() else 0.0
    other_plan = (plans[:, 1:] != plans[:, :-1]) & (plans[:, :-1] >= 0) & (plans[:, 1:] >= 0)
    kept_upgrade = (higher & other_plan)[:, watched] & stays
    return Moves(
        factors=after[row, column] / before[row, column],
        kept=stays[row, column],
        segment=segment[row],
        leaving_anyway=min(leaving, 0.99),
        upgrades=int(kept_upgrade.any(axis=1).sum()),
    )


def _charged_metric(base: CustomerBase) -> str:
    """Return the metric today's plans charge for, "" when the data names none."""
    plans = base.frames.get("plans")
    if plans is None or "metric" not in plans:
        return ""
    named = plans["metric"].dropna()
    return "" if named.empty else str(named.mode().iloc[0])


def _plan_matrix(base: CustomerBase, accounts: int, months: int) -> NDArray[np.intp]:
    """Return each account's plan of today's price list by month as a number, -1 where it is on none of them."""
    import pandas as pd  # noqa: PLC0415 - with the base

    found = np.full((accounts, months), -1, dtype=np.intp)
    mrr, listed = base.frames.get("mrr"), base.frames.get("plans")
    if mrr is None or listed is None or "plan" not in mrr or mrr.empty:
        return found
    codes = pd.Index(listed["plan"].unique()).get_indexer(pd.Index(mrr["plan"]))
    place = pd.Index(base.frames["accounts"]["account_id"]).get_indexer(pd.Index(mrr["account_id"]))
    month = pd.DatetimeIndex(base.months).get_indexer(pd.DatetimeIndex(mrr["month"]))
    found[place, month] = codes
    return found
