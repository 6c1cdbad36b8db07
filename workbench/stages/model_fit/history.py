"""The visible history of a customer base as arrays: who was billed when, for how much, and what they used."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.customers import usage_cube

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from workbench.customers import CustomerBase
    from workbench.impact import AccountMonths

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """Every account's visible months; matrices are accounts x months.

    `active` marks the months in which an account was a customer: it paid, or, where no revenue is known, it used
    something. `recorded` is the revenue on record (0 in other months), None without a table of revenue. `usage` per
    metric has short gaps filled with the last quantity known; `filled` says in what share of active months, and
    NaN is left before the first record. `outcomes` per kind is the mean outcome recorded in the month, NaN where there
    is none.
    """

    account_ids: NDArray[np.object_]
    months: pd.DatetimeIndex
    active: NDArray[np.bool_]
    recorded: Floats | None
    usage: Mapping[str, Floats]
    filled: Mapping[str, float]
    outcomes: Mapping[str, Floats] = field(default_factory=dict)

    @property
    def size(self) -> tuple[int, int]:
        """Return the number of accounts and of months."""
        accounts, months = self.active.shape
        return accounts, months

    def since(self, month: int) -> History:
        """Return the history from the month at this position on."""
        return replace(
            self,
            months=self.months[month:],
            active=self.active[:, month:],
            recorded=None if self.recorded is None else self.recorded[:, month:],
            usage={metric: block[:, month:] for metric, block in self.usage.items()},
            outcomes={kind: block[:, month:] for kind, block in self.outcomes.items()},
        )


def read_history(base: CustomerBase, rows: AccountMonths) -> History:
    """Read the history of a customer base, up to its last visible month.

    `rows` are its account-months, all of them, with gaps in usage filled by the last quantity known.
    """
    active = rows.matrix(np.ones(len(rows))) > 0
    recorded = None if rows.recorded is None else rows.matrix(rows.recorded)
    filled = {}
    for metric, block in usage_cube(base)[2].items():
        gap = np.isnan(block) & ~np.isnan(rows.cube[metric]) & active
        filled[metric] = float(gap.sum() / max(1, active.sum()))
    return History(
        rows.account_ids, rows.months, active, recorded, rows.cube, filled, _outcomes(base, rows.account_ids)
    )


def _outcomes(base: CustomerBase, account_ids: NDArray[np.object_]) -> dict[str, Floats]:
    if not base.has("outcomes"):
        return {}
    months = base.months
    found = {}
    for kind, rows in base.outcomes.groupby("kind"):
        row = pd.Index(account_ids).get_indexer(rows["account_id"])
        column = _month_number(rows["date"], months)
        value = rows["value"].to_numpy(float)
        inside = (row >= 0) & (column >= 0) & (column < len(months)) & np.isfinite(value)
        place, size = (row * len(months) + column)[inside], len(account_ids) * len(months)
        count = np.bincount(place, minlength=size)
        total = np.bincount(place, value[inside], size)
        mean = np.divide(total, count, out=np.full(size, np.nan), where=count > 0)
        found[str(kind)] = mean.reshape(len(account_ids), len(months))
    return found


def _month_number(days: pd.Series, months: pd.DatetimeIndex) -> NDArray[np.int64]:
    whole = pd.to_datetime(days).to_numpy(dtype="datetime64[M]")
    return (whole - np.datetime64(months[0], "M")).astype(np.int64)
