"""What counts as success later, and how it goes with a metric's level and change before.

Months are split: a metric is read in the earlier ones, success in the later ones. Nothing a metric is judged by was
known when it was measured, so a metric cannot look good by having moved together with what it is meant to foretell.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.stages.value_metric.influence import grades
from workbench.stages.value_metric.usage_measures import WINDOW, log_change, recent_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Values = NDArray[np.float64]

LATER_MONTHS = 6
EARLIER_MONTHS = 2 * WINDOW  # a change needs two windows before the split
TARGETS = ("outcomes", "retention", "expansion")


@dataclass(frozen=True, slots=True)
class Split:
    """Where the months are parted: columns before `at` are the earlier ones, the rest the later ones."""

    at: int
    earlier: str
    later: str


def split_months(months: pd.DatetimeIndex) -> Split | None:
    """Part the months: the last six are later, fewer when history is short; None when it is too short for both."""
    later = min(LATER_MONTHS, len(months) - EARLIER_MONTHS)
    if later < WINDOW:
        return None
    at = len(months) - later
    return Split(
        at=at,
        earlier=f"{months[max(0, at - EARLIER_MONTHS)]:%Y-%m} to {months[at - 1]:%Y-%m}",
        later=f"{months[at]:%Y-%m} to {months[-1]:%Y-%m}",
    )


def level_before(quantity: Values, split: Split) -> Values:
    """Return each account's mean quantity in the last three earlier months."""
    return recent_mean(quantity[:, : split.at])


def change_before(quantity: Values, split: Split) -> Values:
    """Return each account's log change from the three months before to the last three earlier months."""
    earlier = quantity[:, : split.at]
    return log_change(recent_mean(earlier[:, :-WINDOW]), recent_mean(earlier))


def retention_after(paid: Values, split: Split) -> Values:
    """Return 1 for accounts that paid at the split and in the last month, 0 for those that stopped, else NaN.

    `paid` is accounts x months; a month without a row is a month without payment.
    """
    amounts = np.nan_to_num(paid)
    return np.where(amounts[:, split.at - 1] > 0, (amounts[:, -1] > 0).astype(float), np.nan)


def expansion_after(paid: Values, split: Split) -> Values:
    """Return the log change of what accounts pay from the split to the last month, for those that still pay."""
    start, end = paid[:, split.at - 1], paid[:, -1]
    both = (start > 0) & (end > 0)
    return np.where(both, log_change(np.where(both, start, 1.0), np.where(both, end, 1.0)), np.nan)


def outcomes_after(
    outcomes: pd.DataFrame, account_ids: NDArray[np.object_], active: NDArray[np.bool_], months: pd.DatetimeIndex,
    split: Split,
) -> Values:  # fmt: skip
    """Return how well each account did in the later months, from 0 to 1 among those whose outcomes are known.

    Each kind of outcome is ranked by itself, so that hours and dollars weigh the same, and the places are averaged. A
    kind that always has the same value marks an event: an account active at the split without one had none. For
    kinds with a size an account without a record is unknown, not zero.
    """
    later = outcomes[(outcomes["date"] >= months[split.at]) & outcomes["account_id"].isin(account_ids)]
    place = pd.Series(np.arange(len(account_ids)), index=account_ids)
    total, kinds = np.zeros(len(account_ids)), np.zeros(len(account_ids))
    for _, rows in later.groupby("kind", sort=True):
        is_event = bool((rows["value"] == rows["value"].iloc[0]).all())
        by_account = rows.groupby("account_id")["value"].agg("size" if is_event else "mean")
        values = np.where(active & is_event, 0.0, np.nan)
        values[place[by_account.index].to_numpy()] = by_account.to_numpy(dtype=float)
        known = np.isfinite(values) & active
        if known.any():
            total[known] += grades(values[known])
            kinds[known] += 1
    return np.divide(total, kinds, out=np.full(len(account_ids), np.nan), where=kinds > 0)


def targets_after(
    paid: Values | None, in_use: Values, outcomes: pd.DataFrame | None, account_ids: NDArray[np.object_],
    months: pd.DatetimeIndex, *, split: Split,
) -> Mapping[str, Values]:  # fmt: skip
    """Return success in the later months per account: outcomes, retention and expansion, as far as data tell.

    Without payments, an account is retained while it still uses anything (`in_use`, accounts x months).
    """
    found: dict[str, Values] = {}
    kept = in_use if paid is None else paid
    retention = retention_after(kept, split)
    if outcomes is not None and len(outcomes):
        found["outcomes"] = outcomes_after(outcomes, account_ids, np.isfinite(retention), months, split)
    if np.isfinite(retention).any():
        found["retention"] = retention
    if paid is not None:
        found["expansion"] = expansion_after(paid, split)
    return found
