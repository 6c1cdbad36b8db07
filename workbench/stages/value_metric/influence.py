"""Statistics over accounts, each with what every account contributes to it.

A statistic carries its influence function: how much it would move, to first order, if one account counted more.
Weighted sums of influences give bootstrap draws of all statistics at once, from the same resampled accounts, at
a cost that hardly depends on how many accounts there are (Efron, The Jackknife, the Bootstrap and Other
Resampling Plans, 1982, chapter 6; Bahadur, A note on quantiles in large samples, 1966, for the median).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

Link = Literal["linear", "share", "correlation", "quantile"]
TOP_SHARE = 0.1
_QUANTILE_POINTS = 1001


@dataclass(frozen=True)
class Statistic:
    """A statistic over accounts: its value, the accounts it counts, and each account's influence on it.

    `influence` has one entry per account of the customer base, 0 for those not counted. `link` says how a weighted
    sum of influences becomes a draw; `quantiles` holds the values at evenly spaced levels where the link needs them.
    """

    estimate: float
    accounts: int
    influence: Values
    link: Link = "linear"
    quantiles: Values | None = None


def mean(values: Values, link: Link = "linear") -> Statistic:
    """Return the mean of the known values; with link "share" for values that are 0 or 1."""
    known, x = _known(values)
    estimate = float(x.mean()) if x.size else np.nan
    return Statistic(estimate, x.size, _spread(known, x - estimate), link)


def median(values: Values) -> Statistic:
    """Return the median of the known values."""
    known, x = _known(values)
    if not x.size:
        return Statistic(np.nan, 0, np.zeros(len(values)), "quantile", np.empty(0))
    estimate = float(np.median(x))
    below = (x < estimate) + 0.5 * (x == estimate)
    quantiles = np.quantile(x, np.linspace(0, 1, _QUANTILE_POINTS))
    return Statistic(estimate, x.size, _spread(known, below - below.mean()), "quantile", quantiles)


def gini(values: Values) -> Statistic:
    """Return the Gini coefficient of the known values: 0 when all have the same, near 1 when one has everything."""
    known, x = _known(values)
    if not x.size or x.sum() <= 0:
        return Statistic(np.nan, 0, np.zeros(len(values)), "share")
    grade, above = grades(x), _mean_above(x, x)
    centre, product = x.mean(), float((x * grade).mean())
    influence = 2 * (x * grade + above - 2 * product) / centre - 2 * product * (x - centre) / centre**2
    return Statistic(2 * product / centre - 1, x.size, _spread(known, influence), "share")


def top_share(values: Values, share: float = TOP_SHARE) -> Statistic:
    """Return the part of the total that the largest accounts hold (the top tenth unless `share` says otherwise)."""
    known, x = _known(values)
    if not x.size or x.sum() <= 0:
        return Statistic(np.nan, 0, np.zeros(len(values)), "share")
    edge, centre = float(np.quantile(x, 1 - share)), x.mean()
    held = np.maximum(x - edge, 0) + share * edge
    influence = (held - held.mean()) / centre - held.mean() * (x - centre) / centre**2
    return Statistic(float(held.mean() / centre), x.size, _spread(known, influence), "share")


def rank_correlation(x: Values, y: Values, strata: NDArray[np.int64] | None = None) -> Statistic:
    """Return Spearman's rank correlation over the accounts where both are known, ties at their middle rank.

    With `strata` (one integer per account) ranks are taken inside each stratum and pooled, so that differences
    between strata, such as large customers against small ones, do not count.
    """
    known = np.isfinite(x) & np.isfinite(y)
    groups = np.zeros(len(x), dtype=np.int64) if strata is None else strata
    size = int(known.sum())
    parts = np.zeros((3, len(x)))  # each account's part in the covariance and in the two variances
    totals = np.zeros(3)
    for group in np.unique(groups[known]):
        inside = known & (groups == group)
        own, moved = _rank_moments(x[inside], y[inside])
        parts[:, inside] = own[:, None] + moved
        totals += own * inside.sum() / max(size, 1)
    covariance, x_variance, y_variance = totals
    scale = np.sqrt(x_variance * y_variance)
    if size == 0 or scale <= 0:
        return Statistic(np.nan, 0, np.zeros(len(x)), "correlation")
    estimate = covariance / scale
    moved = np.where(known, parts - totals[:, None], 0.0)
    influence = moved[0] / scale - estimate / 2 * (moved[1] / x_variance + moved[2] / y_variance)
    return Statistic(float(np.clip(estimate, -1, 1)), size, influence, "correlation")


def _rank_moments(x: Values, y: Values) -> tuple[Values, Values]:
    """Return covariance and variances of the grades of one stratum, and each account's influence on them (3 x n)."""
    u, v = grades(x) - 0.5, grades(y) - 0.5
    own = np.array([(u * v).mean(), (u * u).mean(), (v * v).mean()])
    moved = np.stack(
        [
            u * v + _mean_above(x, v) + _mean_above(y, u),
            u * u + 2 * _mean_above(x, u),
            v * v + 2 * _mean_above(y, v),
        ]
    )
    return own, moved - 3 * own[:, None]


def grades(x: Values) -> Values:
    """Return each value's place between 0 and 1: the share below it plus half the share equal to it."""
    _, place, counts = np.unique(x, return_inverse=True, return_counts=True)
    return ((np.cumsum(counts) - counts / 2) / len(x))[place]


def _mean_above(x: Values, weights: Values) -> Values:
    """Return, for each x, the mean of `weights` over larger x (half for equal ones), over all accounts."""
    _, place = np.unique(x, return_inverse=True)
    sums = np.bincount(place, weights=weights)
    return ((sums.sum() - np.cumsum(sums) + sums / 2) / len(x))[place]


def _known(values: Values) -> tuple[NDArray[np.bool_], Values]:
    known = np.isfinite(values)
    return known, values[known]


def _spread(known: NDArray[np.bool_], influence: Values) -> Values:
    full = np.zeros(len(known))
    full[known] = influence
    return full
