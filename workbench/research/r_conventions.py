"""The points as two versions of the R package pricesensitivitymeter give them, for comparison with older studies.

Version 1.3.0 takes the first price of the grid at which the curves have crossed; version 1.3.3 starts every curve at
nothing, even at its lowest price, and interpolates. Both can lay a finer grid of even steps between the prices named.
The order of the sums is kept as it is there: on a fine grid the last digit decides which step comes first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from workbench.research.price_curves import Convention

FALLING = ("too_cheap", "cheap")
"""The questions whose curves fall: a price is too cheap, or cheap, for ever fewer people as it rises."""


def grid_curves(
    stated: Mapping[str, NDArray[np.float64]],
    weights: NDArray[np.float64],
    convention: Convention,
    grid_step: float | None = None,
) -> tuple[NDArray[np.float64], dict[str, NDArray[np.float64]]]:
    """Return the grid of prices and the curve of each question on it, falling for too_cheap and cheap.

    Besides the four curves there are not_cheap and not_expensive.
    """
    prices = np.unique(np.concatenate(list(stated.values())))
    curves = {name: _reached(prices, values, weights, convention) for name, values in stated.items()}
    curves = {name: 1 - values if name in FALLING else values for name, values in curves.items()}
    if grid_step is not None:
        steps = int(np.floor((prices[-1] - prices[0]) / grid_step + 1e-10))
        grid = prices[0] + np.arange(steps + 1) * grid_step
        curves = {name: _between(grid, prices, values) for name, values in curves.items()}
        prices = grid
    opposite = {f"not_{name}": 1 - curves[name] for name in ("cheap", "expensive")}
    return prices, curves | opposite


def crossing(
    prices: NDArray[np.float64], rising: NDArray[np.float64], falling: NDArray[np.float64], convention: Convention
) -> NDArray[np.float64]:
    """Return the prices at which a rising curve has met a falling one: several where they touch, none at times."""
    if convention == "r-1.3.0":
        met = np.flatnonzero(rising >= falling)
        if not len(met):
            return np.empty(0)
        return prices[(rising == rising[met[0]]) & (falling == falling[met[0]])]
    apart = rising - falling
    turns = np.flatnonzero(np.diff(np.sign(apart)) != 0)
    slope = apart[turns + 1] - apart[turns]
    return prices[turns] - apart[turns] * (prices[turns + 1] - prices[turns]) / slope


def _reached(
    prices: NDArray[np.float64], stated: NDArray[np.float64], weights: NDArray[np.float64], convention: Convention
) -> NDArray[np.float64]:
    """Return the share of people who named at most each price of the grid."""
    at = np.bincount(np.searchsorted(prices, stated), weights=weights, minlength=len(prices))
    reached = np.cumsum(at) / weights.sum()
    if convention == "r-1.3.3":
        reached[prices >= stated.max()] = 1
        reached[prices <= stated.min()] = 0
    return reached


def _between(
    grid: NDArray[np.float64], prices: NDArray[np.float64], values: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Interpolate in the order of operations of R's `approx`."""
    right = np.clip(np.searchsorted(prices, grid, side="left"), 1, len(prices) - 1)
    left = right - 1
    inside = values[left] + (values[right] - values[left]) * ((grid - prices[left]) / (prices[right] - prices[left]))
    exact = np.searchsorted(prices, grid)
    hit = prices[np.minimum(exact, len(prices) - 1)] == grid
    return np.where(hit, values[np.minimum(exact, len(prices) - 1)], inside)
