"""How closely two things of an account go together, by rank."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from workbench.results import Interval

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

FEWEST_PAIRS = 10


def ranks(values: Floats) -> Floats:
    """Return ranks from 1, ties at their mean rank; NaN stays NaN."""
    import pandas as pd  # noqa: PLC0415 - loads when used

    return np.asarray(pd.Series(values).rank(), dtype=np.float64)


def rank_correlation(first: Floats, second: Floats, level: float = 0.9) -> Interval:
    """Return Spearman's rank correlation over the accounts where both are known, with its interval.

    The interval uses Fisher's transformation with the variance of Bonett & Wright (2000). NaN with fewer than ten
    pairs or when one side does not vary.
    """
    known = np.isfinite(first) & np.isfinite(second)
    count = int(known.sum())
    nothing = Interval(math.nan, math.nan, math.nan, level)
    if count < FEWEST_PAIRS:
        return nothing
    x, y = ranks(first[known]), ranks(second[known])
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return nothing
    rho = float(np.corrcoef(x, y)[0, 1])
    if abs(rho) >= 1 - 1e-12:
        return Interval(rho, rho, rho, level)
    reach = NormalDist().inv_cdf(0.5 + level / 2) * math.sqrt((1 + rho * rho / 2) / (count - 3))
    middle = math.atanh(rho)
    return Interval(math.tanh(middle - reach), rho, math.tanh(middle + reach), level)


def value_received(outcomes: Mapping[str, Floats], months: int = 12) -> Floats | None:
    """Return each account's standing in the value it gets: its mean percentile over all kinds of outcome.

    `outcomes` maps a kind to accounts x months; the last `months` count. Kinds have different units, so they are
    compared by rank. NaN for accounts without outcomes, None without any kind.
    """
    if not outcomes:
        return None
    standings = np.array([percentile(_row_mean(block[:, -months:])) for block in outcomes.values()])
    return _row_mean(standings.T)


def percentile(values: Floats) -> Floats:
    """Return where each value stands among the known ones, from above 0 to below 1; NaN stays NaN."""
    known = int(np.isfinite(values).sum())
    return (ranks(values) - 0.5) / max(1, known)


def _row_mean(block: Floats) -> Floats:
    known = np.isfinite(block)
    count = known.sum(axis=1)
    total = np.where(known, block, 0.0).sum(axis=1)
    return np.divide(total, count, out=np.full(len(block), np.nan), where=count > 0)
