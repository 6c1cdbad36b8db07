"""The customer base as arrays: quantities per metric, payments, activity, costs, one row per account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.customers.needs import mrr_matrix, usage_cube
from workbench.stages.value_metric.success import Split, split_months, targets_after
from workbench.stages.value_metric.usage_measures import WINDOW

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from workbench.customers import CustomerBase

    Values = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class History:
    """What the stage reads of a customer base; every array has one row per account.

    `usage` maps a metric to quantities accounts x months (NaN unknown), `mrr` is what accounts pay in `billed_month`
    (its place in `months`: the last one with any payment on record, without payments the last one), `active` marks
    accounts that paid or used anything in the last three months. `targets` holds later success (see success.py).
    `billed` names the metrics today's price list charges for.
    """

    account_ids: NDArray[np.object_]
    months: pd.DatetimeIndex
    usage: Mapping[str, Values]
    mrr: Values
    billed_month: int
    active: NDArray[np.bool_]
    strata: NDArray[np.int64]
    cost: Values
    seats: Values
    split: Split | None
    targets: Mapping[str, Values]
    billed: frozenset[str]


def read_history(base: CustomerBase) -> History:
    """Arrange a customer base as arrays."""
    account_ids, months, usage = usage_cube(base)
    _, _, amounts = mrr_matrix(base)
    used = _used(usage, amounts.shape)
    paid = np.nan_to_num(amounts) > 0
    active = (paid | used)[:, -WINDOW:].any(axis=1)
    split = split_months(months)
    targets: Mapping[str, Values] = {}
    if split is not None:
        in_use = used.astype(float)
        payments = amounts if base.has("mrr") else None
        targets = targets_after(payments, in_use, base.outcomes, account_ids, months, split=split)
    accounts = base.accounts
    billed_month = _last_known(amounts)
    return History(
        account_ids=account_ids,
        months=months,
        usage=usage,
        mrr=np.where(active, amounts[:, billed_month], np.nan),
        billed_month=billed_month,
        active=active,
        strata=pd.factorize(accounts["segment"])[0].astype(np.int64),
        cost=accounts["unit_cost"].to_numpy(dtype=float),
        seats=accounts["seats"].to_numpy(dtype=float),
        split=split,
        targets=targets,
        billed=frozenset(() if base.plans is None else base.plans["metric"].dropna().unique()),
    )


def _used(usage: Mapping[str, Values], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Mark the months in which an account used anything at all."""
    used = np.zeros(shape, dtype=bool)
    for quantity in usage.values():
        used |= np.nan_to_num(quantity) > 0
    return used


def _last_known(amounts: Values) -> int:
    """Return the last month in which any payment is on record, among the recent ones; the last month without any."""
    known = np.flatnonzero(np.isfinite(amounts[:, -WINDOW:]).any(axis=0))
    return amounts.shape[1] - 1 if not known.size else int(max(0, amounts.shape[1] - WINDOW) + known[-1])
