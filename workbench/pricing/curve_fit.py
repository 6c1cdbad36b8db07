"""Fit graduated bands to a power curve: the smallest largest relative error, then round prices.

For fixed break points the prices with the smallest largest error are the solution of a linear program, because a
graduated bill is linear in its unit prices.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.errors import CurveError
from workbench.pricing.round_numbers import next_two_digits, two_digits

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_MOST_ROUNDS = 40


@dataclass(frozen=True, slots=True)
class Target:
    """What the bands should follow: `bills` at the quantities of `grid`, and `revenue` from `customers`' quantities."""

    grid: Floats
    bills: Floats
    customers: Floats
    revenue: float
    base_fee: float


@dataclass(frozen=True, slots=True)
class Fit:
    """Break points, rounded unit prices (one more than break points) and how far they are off."""

    breaks: tuple[Decimal, ...]
    prices: tuple[Decimal, ...]
    error: float
    revenue: float

    def score(self, target: Target) -> float:
        """Return the largest relative error plus the relative miss of the revenue; smaller is better."""
        return self.error + abs(self.revenue / target.revenue - 1)


def fit_bands(target: Target, candidates: Sequence[Decimal], bands: int) -> Fit:
    """Return the best fit with `bands` bands whose break points are among `candidates`.

    Starts from break points in equal proportions and moves one at a time while that helps.
    """
    places = _even_places(len(candidates), bands - 1)
    best = _fit_at(target, [candidates[place] for place in places])
    for _ in range(_MOST_ROUNDS):
        found = [
            (_fit_at(target, [candidates[place] for place in moved]), moved)
            for moved in _neighbours(places, len(candidates))
        ]
        if not found:
            break
        better, moved = min(found, key=lambda pair: pair[0].score(target))
        if better.score(target) >= best.score(target) - 1e-9:
            break
        best, places = better, moved
    return best


def _even_places(candidates: int, wanted: int) -> list[int]:
    if wanted > candidates:
        raise CurveError(f"{wanted + 1} bands do not fit between the quantities.", "Ask for fewer bands.")
    return [round((number + 0.5) * candidates / wanted - 0.5) for number in range(wanted)] if wanted else []


def _neighbours(places: list[int], candidates: int) -> list[list[int]]:
    found = []
    for number, place in enumerate(places):
        for step in (-1, 1):
            moved = [*places[:number], place + step, *places[number + 1 :]]
            if all(0 <= spot < candidates for spot in moved) and moved == sorted(set(moved)):
                found.append(moved)
    return found


def _fit_at(target: Target, breaks: list[Decimal]) -> Fit:
    inside = _units_inside(target.grid, breaks)
    totals = _units_inside(target.customers, breaks).sum(axis=0)
    prices = tuple(two_digits(price) for price in _best_prices(target, inside, totals))
    fit = _measured(target, breaks, prices, inside, totals)
    return _polished(target, fit, inside, totals)


def _units_inside(quantities: Floats, breaks: Sequence[Decimal]) -> Floats:
    """Return the units of each quantity in each band: quantities x bands."""
    lower = np.array([0.0, *map(float, breaks)])
    upper = np.array([*map(float, breaks), np.inf])
    return np.clip(quantities[:, None] - lower, 0.0, upper - lower)


def _best_prices(target: Target, inside: Floats, totals: Floats) -> Floats:
    """Solve for falling prices with the smallest largest relative error that earn the revenue."""
    from scipy.optimize import linprog  # noqa: PLC0415 - heavy, loads when used

    bands = inside.shape[1]
    relative = inside / target.bills[:, None]
    wanted = 1 - target.base_fee / target.bills
    ones = np.ones((len(wanted), 1))
    falling = np.zeros((bands - 1, bands + 1))
    for band in range(bands - 1):
        falling[band, band : band + 2] = -1, 1
    solution = linprog(
        np.append(np.zeros(bands), 1.0),
        A_ub=np.vstack([np.hstack([relative, -ones]), np.hstack([-relative, -ones]), falling]),
        b_ub=np.concatenate([wanted, -wanted, np.zeros(bands - 1)]),
        A_eq=np.append(totals, 0.0)[None, :] / target.revenue,
        b_eq=[1 - target.base_fee * target.customers.size / target.revenue],
        bounds=[(0, None)] * (bands + 1),
        method="highs",
    )
    if not solution.success:
        raise CurveError("No falling prices earn this revenue.", "Raise the revenue target or lower the base fee.")
    return np.asarray(solution.x[:bands])


def _polished(target: Target, fit: Fit, inside: Floats, totals: Floats) -> Fit:
    """Move one rounded price a step or two at a time while error and revenue get better together."""
    for _ in range(_MOST_ROUNDS):
        moves = [
            (*fit.prices[:band], next_two_digits(price, step), *fit.prices[band + 1 :])
            for band, price in enumerate(fit.prices)
            for step in (-2, -1, 1, 2)
        ]
        falling = [prices for prices in moves if list(prices) == sorted(prices, reverse=True)]
        found = [_measured(target, fit.breaks, prices, inside, totals) for prices in falling]
        better = min(found, key=lambda one: one.score(target), default=fit)
        if better.score(target) >= fit.score(target) - 1e-12:
            return fit
        fit = better
    return fit


def _measured(
    target: Target, breaks: Sequence[Decimal], prices: tuple[Decimal, ...], inside: Floats, totals: Floats
) -> Fit:
    numbers = np.array([float(price) for price in prices])
    bills = inside @ numbers + target.base_fee
    error = float(np.abs(bills / target.bills - 1).max())
    revenue = float(totals @ numbers) + target.base_fee * target.customers.size
    return Fit(tuple(breaks), prices, error, revenue)
