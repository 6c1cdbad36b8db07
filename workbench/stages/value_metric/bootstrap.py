"""Resample accounts once, and see how every statistic moves with the same resampled accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from workbench.stages.value_metric.influence import Statistic

DRAWS = 2000
_MOST_GROUPS = 1000  # beyond this many accounts, random groups of accounts are resampled instead of single ones


def draw(statistics: Sequence[Statistic], seed: int, draws: int = DRAWS) -> NDArray[np.float64]:
    """Return bootstrap draws of every statistic, statistics x draws; NaN where a statistic is unknown.

    All statistics see the same resampled accounts (common random numbers), so that differences between candidates
    are not noise. Above 1,000 accounts random groups of accounts are resampled: the cost no longer grows, and the
    spread stays right because groups drawn at random vary as their members do.
    """
    if not statistics:
        return np.empty((0, draws))
    accounts = len(statistics[0].influence)
    if not accounts:
        return np.full((len(statistics), draws), np.nan)
    rng = np.random.default_rng(seed)
    groups = min(accounts, _MOST_GROUPS)
    group_of = rng.permutation(accounts) % groups
    influence = np.stack([each.influence / max(each.accounts, 1) for each in statistics])
    sums = np.stack([np.bincount(group_of, weights=row, minlength=groups) for row in influence])
    weights = rng.multinomial(groups, np.full(groups, 1 / groups), size=draws)
    moved = sums @ (weights - 1.0).T
    return np.stack([_linked(each, row) for each, row in zip(statistics, moved, strict=True)])


def _linked(statistic: Statistic, moved: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn weighted sums of influences into values the statistic can take."""
    estimate = statistic.estimate
    if not np.isfinite(estimate):
        return np.full(len(moved), np.nan)
    if statistic.link == "quantile":
        quantiles = statistic.quantiles
        assert quantiles is not None  # noqa: S101 - the link promises them
        return np.interp(0.5 - moved, np.linspace(0, 1, len(quantiles)), quantiles)
    if statistic.link == "correlation":
        inside = float(np.clip(estimate, -0.999, 0.999))  # Fisher's transformation keeps draws between -1 and 1
        return np.tanh(np.arctanh(inside) + moved / (1 - inside**2))
    if statistic.link == "share":
        return np.clip(estimate + moved, 0, 1)
    return estimate + moved
