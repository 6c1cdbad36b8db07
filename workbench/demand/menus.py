"""Menus with a known best answer: a fee plus usage, a two-part tariff, a ladder of qualities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.demand.errors import DemandError
from workbench.impact.billing import bills_at

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

_TOUCH = 1e-9


@dataclass(frozen=True, eq=False)
class FeePlusUsage:
    """A fee per month and a price per unit; `served` are the places of the customers who buy at both."""

    fee: float
    unit_price: float
    value: float
    served: tuple[int, ...]


def fee_plus_usage(
    quantity: ArrayLike, willingness: ArrayLike, *, weight: ArrayLike | None = None, unit_cost: float = 0.0
) -> FeePlusUsage:
    """Return the fee and the unit price that bring most from customers with fixed needs, revenue less unit cost.

    Customer i wants `quantity[i]` units a month and pays at most `willingness[i]` in total; fee and unit price are not
    below 0. Exact: for any set of customers served, the best pair lies where two of them, or one and a price of zero,
    are at their limit, and all of these are counted (at most 400 different customers). Of equal answers the one with
    the higher fee is returned, which is the one that varies least with usage.
    """
    units, most = np.asarray(quantity, dtype=np.float64), np.asarray(willingness, dtype=np.float64)
    size = np.ones(units.size) if weight is None else np.asarray(weight, dtype=np.float64)
    if units.size != most.size or not 0 < units.size <= 400 or (units < 0).any():  # noqa: PLR2004 - said above
        raise DemandError(
            f"There are {units.size} quantities and {most.size} limits.",
            "Give one of each for 1 to 400 customers, quantities not below 0.",
        )
    best: tuple[float, float, float] | None = None
    for price in _unit_prices(units, most):
        room = most - bills_at(price, units)
        fees = np.unique(np.append(room[room >= 0], 0.0))
        buys = room[None, :] >= fees[:, None] - _TOUCH * np.maximum(1.0, np.abs(most))[None, :]
        values = (buys * (size * (fees[:, None] + bills_at(price - unit_cost, units)))).sum(axis=1)
        place = int(np.argmax(values + _TOUCH * np.abs(values).max() * fees / (1 + fees.max())))
        found = (float(values[place]), float(fees[place]), float(price))
        if (
            best is None
            or found[0] > best[0] + _TOUCH * abs(best[0])
            or (abs(found[0] - best[0]) <= _TOUCH * abs(best[0]) and found[1] > best[1])
        ):
            best = found
    assert best is not None  # noqa: S101 - there is at least the price of zero
    value, fee, price = best
    served = np.flatnonzero(most - bills_at(price, units) >= fee - _TOUCH * np.maximum(1.0, np.abs(most)))
    return FeePlusUsage(fee, price, value, tuple(int(each) for each in served))


def _unit_prices(units: Floats, most: Floats) -> Floats:
    """Return every unit price at which two customers, or one and a fee of zero, are at their limit."""
    with np.errstate(divide="ignore", invalid="ignore"):
        pairs = (most[:, None] - most[None, :]) / (units[:, None] - units[None, :])
        alone = most / units
    found = np.concatenate([[0.0], pairs.ravel(), alone])
    return np.unique(found[np.isfinite(found) & (found >= 0)])


@dataclass(frozen=True, eq=False)
class TwoPartTariff:
    """A fee and a unit price for customers whose use falls with the price; `served` is how many types buy."""

    fee: float
    unit_price: float
    value: float
    served: int


def two_part_tariff(
    use_when_free: ArrayLike, *, weight: ArrayLike | None = None, slope: float = 1.0, unit_cost: float = 0.0
) -> TwoPartTariff:
    """Return the best fee and unit price when type i uses a_i - slope * price units (a_i is `use_when_free`).

    The fee is all that the unit price leaves to the lowest type served (Oi 1971). For each set of types served from the
    top the best unit price is unit cost plus (mean use when free - lowest use when free) / slope; the best set is
    returned. With one type served the unit price is the unit cost. `value` is revenue less cost per month.
    """
    heights = np.asarray(use_when_free, dtype=np.float64)
    size = np.ones(heights.size) if weight is None else np.asarray(weight, dtype=np.float64)
    if not heights.size or slope <= 0 or size.size != heights.size or size.sum() <= 0:
        raise DemandError("A two-part tariff needs types of customers and use that falls with the price.")
    order = np.argsort(-heights)
    best: TwoPartTariff | None = None
    for many in range(1, heights.size + 1):
        kept, count = heights[order[:many]], size[order[:many]]
        lowest = float(kept[-1])
        # Above its own limit the lowest type would use nothing.
        price = min(unit_cost + (float(kept @ count / count.sum()) - lowest) / slope, lowest / slope)
        fee = (lowest - slope * price) ** 2 / (2 * slope)
        value = float(count.sum()) * fee + (price - unit_cost) * float(count @ (kept - slope * price))
        if best is None or value > best.value:
            best = TwoPartTariff(fee, price, value, many)
    assert best is not None  # noqa: S101 - there is at least one type
    return best


@dataclass(frozen=True, eq=False)
class QualityLadder:
    """A quality and a price for each type of customer, lowest taste first; 0 quality is no offer.

    `value` is revenue less cost per customer, `first_best` the qualities without the need to keep the types apart.
    """

    quality: Floats
    price: Floats
    value: float
    first_best: Floats


def quality_ladder(taste: ArrayLike, share: ArrayLike, *, unit_cost: float = 1.0, power: float = 2.0) -> QualityLadder:
    """Return the best ladder of qualities for types who gain taste * quality - price (Mussa & Rosen 1978).

    Quality costs unit_cost * quality ** power. Each type's quality equates marginal cost with its taste less what the
    types above it would gain by stepping down; where that would fall with taste, neighbours share one quality. Every
    type is left indifferent to the offer below its own.
    """
    tastes, shares = np.asarray(taste, dtype=np.float64), np.asarray(share, dtype=np.float64)
    if (
        tastes.size != shares.size
        or not tastes.size
        or (np.diff(tastes) <= 0).any()
        or (shares <= 0).any()
        or power <= 1
    ):
        raise DemandError(
            "A ladder needs rising tastes, a share above 0 for each, and a cost that rises faster than quality."
        )
    shares = shares / shares.sum()
    above = 1 - np.cumsum(shares)
    steps = np.append(np.diff(tastes), 0.0)
    drive = np.maximum(_rising(tastes - above / shares * steps, shares), 0.0)

    def quality_of(marginal: Floats) -> Floats:
        return (marginal / (unit_cost * power)) ** (1 / (power - 1))

    quality = quality_of(drive)
    price = np.cumsum(tastes * np.diff(quality, prepend=0.0))
    value = float(shares @ (price - unit_cost * quality**power))
    return QualityLadder(quality, price, value, quality_of(tastes))


def _rising(values: Floats, weight: Floats) -> Floats:
    """Return the nearest values that do not fall: pool neighbours that do into their weighted mean."""
    pools: list[tuple[float, float, int]] = []
    for value, size in zip(values, weight, strict=True):
        pool = (float(value), float(size), 1)
        while pools and pools[-1][0] > pool[0]:
            mean, mass, many = pools.pop()
            total = mass + pool[1]
            pool = ((mean * mass + pool[0] * pool[1]) / total, total, many + pool[2])
        pools.append(pool)
    return np.concatenate([np.full(many, mean) for mean, _, many in pools])
