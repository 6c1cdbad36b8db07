"""How accounts are spread along a metric: the range the price curve has to serve, and growth inside accounts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from workbench.stages.value_metric.candidates import Candidate

    Values = NDArray[np.float64]

_MOST_POINTS = 2000
_BINS = 12
_FEWEST_IN_BIN = 5
RANGE = (0.05, 0.95)
_SAME = 0.01  # log growth within 1% a year is called the same
GROWTH_CLASSES: tuple[tuple[str, float], ...] = (
    ("shrinks by 25% or more", float(np.log(0.75))),
    ("shrinks by up to 25%", -_SAME),
    ("about the same", _SAME),
    ("grows by up to 25%", float(np.log(1.25))),
    ("grows by 25% to 100%", float(np.log(2))),
    ("doubles or more", np.inf),
)
"""Classes of yearly growth inside an account, each with its upper end as log growth."""


@dataclass(frozen=True, eq=False)
class Quantities:
    """The active accounts along one metric, in units a month.

    `points` are the positive quantities in order (means of equal groups above 2,000 accounts, so that cost does not
    grow with the customer base), each standing for `accounts_each` accounts. `low`, `typical` and `high` are the
    5th, 50th and 95th percentile. `today` has the median of what accounts pay now along the metric: quantity, bill,
    accounts. `paying` are the quantities, 0 included, of the `compared` accounts whose payment is known too, in order,
    each standing for `paying_each`; together they pay `paid`, and `unmeasured` is what accounts without a quantity pay.
    """

    points: Values
    accounts_each: float
    accounts: int
    low: float
    typical: float
    high: float
    today: pd.DataFrame
    paying: Values
    paying_each: float
    compared: int
    paid: float
    unmeasured: float

    @property
    def usable(self) -> bool:
        """Tell whether there are enough different quantities to draw a price curve along."""
        return self.accounts > 1 and self.high > self.low > 0


def summarise_quantities(quantity: Values, mrr: Values) -> Quantities:
    """Describe the accounts with a positive quantity; `mrr` is what each pays now (NaN unknown)."""
    used = np.isfinite(quantity) & (quantity > 0)
    ordered = np.sort(quantity[used])
    accounts = len(ordered)
    both = np.isfinite(quantity) & np.isfinite(mrr)
    paying, paying_each = _grouped(np.sort(quantity[both]))
    compared: dict[str, Any] = {
        "paying": paying,
        "paying_each": paying_each,
        "compared": int(both.sum()),
        "paid": float(mrr[both].sum()),
        "unmeasured": float(mrr[np.isfinite(mrr) & ~both].sum()),
    }
    if not accounts:
        return Quantities(ordered, 1.0, 0, np.nan, np.nan, np.nan, _today(ordered, ordered), **compared)
    points, each = _grouped(ordered)
    low, typical, high = (float(value) for value in np.quantile(ordered, [RANGE[0], 0.5, RANGE[1]]))
    charged = used & np.isfinite(mrr) & (mrr > 0)
    today = _today(quantity[charged], mrr[charged])
    return Quantities(points, each, accounts, low, typical, high, today, **compared)


def growth_shares(growth: Mapping[Candidate, Values]) -> pd.DataFrame:
    """Return metric, class, order, accounts and share: how the known accounts spread over classes of yearly growth."""
    parts = []
    for candidate, values in growth.items():
        known = values[np.isfinite(values)]
        if not len(known):
            continue
        place = np.searchsorted([end for _, end in GROWTH_CLASSES], known)
        counts = np.bincount(place, minlength=len(GROWTH_CLASSES))
        parts.append(
            pd.DataFrame(
                {
                    "metric": candidate.title,
                    "growth": [label for label, _ in GROWTH_CLASSES],
                    "order": np.arange(len(GROWTH_CLASSES)),
                    "accounts": counts,
                    "share": counts / len(known),
                }
            )
        )
    columns = ["metric", "growth", "order", "accounts", "share"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def _grouped(ordered: Values) -> tuple[Values, float]:
    """Return quantities in order, as means of equal groups where there are very many, and how many each stands for."""
    if len(ordered) <= _MOST_POINTS:
        return ordered, 1.0
    edges = np.linspace(0, len(ordered), _MOST_POINTS + 1).astype(int)
    return np.add.reduceat(ordered, edges[:-1]) / np.diff(edges), len(ordered) / _MOST_POINTS


def _today(quantity: Values, bill: Values) -> pd.DataFrame:
    """Return the median bill of groups of accounts of similar quantity."""
    groups = min(_BINS, len(quantity) // _FEWEST_IN_BIN)
    order = np.argsort(quantity, kind="stable")
    parts = np.array_split(order, groups) if groups else []
    return pd.DataFrame(
        {
            "quantity": [float(np.median(quantity[part])) for part in parts],
            "bill": [float(np.median(bill[part])) for part in parts],
            "accounts": [len(part) for part in parts],
        }
    )
