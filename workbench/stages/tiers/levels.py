"""Draw the lines between three tiers: which features and how much usage each level includes."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from workbench.pricing.round_prices import round_limit

if TYPE_CHECKING:
    from decimal import Decimal

    from numpy.typing import NDArray

ENTRY, MIDDLE, TOP = 0, 1, 2
ENTRY_QUANTILES = (0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)
MIDDLE_QUANTILES = (0.75, 0.8, 0.85, 0.9, 0.93, 0.96)
AIM = 0.65
"""Share of accounts the middle tier is aimed at: the centre of 60% to 70%."""
LEAST_ENTRY, LEAST_TOP = 0.1, 0.05
_SAMPLE = 5_000
_MOST_CUTS = 16


@dataclass(frozen=True, slots=True)
class Levels:
    """Where the lines lie: the level of each feature (by column) and the most usage of the lower two levels.

    `limits` is None without a metric to limit. `shares` are the shares of accounts whose needs end at each level.
    """

    features: tuple[int, ...]
    limits: tuple[Decimal, Decimal] | None
    shares: tuple[float, float, float]


def draw_levels(
    quantity: NDArray[np.float64] | None,
    used: NDArray[np.bool_] | None,
    lowest: NDArray[np.intp],
    highest: NDArray[np.intp],
) -> Levels:
    """Return the lines that bring the middle level closest to 65% of accounts.

    Parameters
    ----------
    quantity : usage of the limited metric per account, NaN unknown; None to draw no limits.
    used : accounts x features in the order in which they are adopted, most used first; None when not recorded.
    lowest, highest : the first and last level each feature may go to. Within that, features keep their order of
        adoption: a feature never sits below one that more accounts use.

    The entry level keeps at least 10% and the top level 5% of accounts where the data allow it.
    """
    accounts = 0 if used is None else used.shape[0]
    accounts = accounts if quantity is None else quantity.size
    picked = np.unique(np.linspace(0, accounts - 1, min(accounts, _SAMPLE)).astype(int)) if accounts else np.arange(0)
    part = None if quantity is None else quantity[picked]
    features = [(levels, _level_by_features(used, picked, levels)) for levels in _feature_levels(lowest, highest)]
    limits = [(pair, _level_by_limits(part, pair, picked.size)) for pair in _limit_pairs(quantity)]
    best: tuple[float, Levels] | None = None
    for (levels, by_features), (pair, by_limits) in product(features, limits):
        needed = np.maximum(by_features, by_limits)
        counts = np.bincount(needed, minlength=3) if needed.size else np.zeros(3)
        shares = counts / max(1, needed.size)
        badness = _badness(shares)
        if best is None or badness < best[0] - 1e-12:
            entry, middle, top = (float(share) for share in shares)
            best = (badness, Levels(tuple(int(level) for level in levels), pair, (entry, middle, top)))
    if best is None:  # there is always one combination: no features and no limits
        raise AssertionError("no lines to choose from")
    return best[1]


def _badness(shares: NDArray[np.float64]) -> float:
    """Measure how far shares are from the aim; starving an end counts more than missing the middle."""
    starved = max(0.0, LEAST_ENTRY - shares[ENTRY]) + max(0.0, LEAST_TOP - shares[TOP])
    return float(abs(shares[MIDDLE] - AIM) + 3 * starved)


def _feature_levels(lowest: NDArray[np.intp], highest: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    """List the ways to cut the features, in order of adoption, into three levels."""
    count = lowest.size
    place = np.arange(count)
    cuts = np.unique(np.linspace(0, count, min(count + 1, _MOST_CUTS)).astype(int))
    found: dict[tuple[int, ...], NDArray[np.intp]] = {}
    for entry_ends in cuts:
        for middle_ends in cuts[cuts >= entry_ends]:
            levels = np.where(place < entry_ends, ENTRY, np.where(place < middle_ends, MIDDLE, TOP))
            levels = np.clip(levels, lowest, highest)
            found.setdefault(tuple(levels.tolist()), levels)
    return list(found.values())


def _limit_pairs(quantity: NDArray[np.float64] | None) -> list[tuple[Decimal, Decimal] | None]:
    known = np.array([]) if quantity is None else quantity[np.isfinite(quantity)]
    if known.size == 0:
        return [None]
    entry, middle = (np.quantile(known, levels) for levels in (ENTRY_QUANTILES, MIDDLE_QUANTILES))
    pairs = {(round_limit(float(low)), round_limit(float(high))) for low, high in product(entry, middle)}
    rising = sorted(pair for pair in pairs if pair[0] < pair[1])
    return [*rising] if rising else [None]


def _level_by_features(
    used: NDArray[np.bool_] | None, picked: NDArray[np.intp], levels: NDArray[np.intp]
) -> NDArray[np.intp]:
    if used is None or levels.size == 0:
        return np.zeros(picked.size, dtype=np.intp)
    return (used[picked] * levels).max(axis=1).astype(np.intp)


def _level_by_limits(
    quantity: NDArray[np.float64] | None, pair: tuple[Decimal, Decimal] | None, accounts: int
) -> NDArray[np.intp]:
    if quantity is None or pair is None:
        return np.zeros(accounts, dtype=np.intp)
    low, high = (float(limit) for limit in pair)
    return (quantity > low).astype(np.intp) + (quantity > high)
