"""Set the prices of three tiers so that they bring a wanted revenue and move bills as little as possible."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from workbench.impact.billing import bills_at
from workbench.pricing.round_prices import round_prices_around
from workbench.stages.tiers.decision import PER_ACCOUNT
from workbench.stages.tiers.levels import TOP

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from numpy.typing import NDArray

    from workbench.rules import Threshold

RATIOS = (3.0, 3.5, 4.0, 4.5, 5.0)
MIDDLES = (1.6, 1.8, 2.0, 2.2, 2.5)
OVERAGE_RATES = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Price of a unit beyond what the top tier includes, against the average price of the units included."""


STEEP_RISE = 0.25
"""A bill that rises by more than this shocks; our default, the one of a study's guardrails too."""
ON_TARGET = 0.01
"""Round prices within 1% of the revenue aimed at are on target."""
_ROUNDED = 8  # shapes of the least shock whose prices are rounded and compared
_ABOUT = 0.01  # shapes within this much of the least shock are as good
WIDE_SPREAD = 0.5
"""A median distance from today's bills beyond which prices upset most customers: a factor of 1.5."""
_COMPARED = 10_000
"""About how many accounts the shapes are compared on; the prices themselves are scaled on all."""


@dataclass(frozen=True, slots=True)
class PriceShape:
    """How the prices of the tiers relate, before their size is set.

    The middle tier costs `middle` and the top tier `ratio` times the entry price, each per account or per unit of a
    metric. With `included`, the top tier includes that much of `overage_metric` and bills more at `overage_rate`
    times the average price of an included unit.
    """

    price_per: str
    middle: float
    ratio: float
    overage_metric: str = ""
    overage_rate: float = 0.0
    included: Decimal | None = None

    def bills(self, level: NDArray[np.intp], quantities: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
        """Return each account's bill at an entry price of 1."""
        units = _units(self.price_per, level, quantities)
        bills = bills_at(np.array([1.0, self.middle, self.ratio])[level], units)
        if self.included is not None:
            beyond = np.maximum(quantities[self.overage_metric] - float(self.included), 0.0)
            bills = bills + np.where(level == TOP, bills_at(self.overage_price(1.0), beyond), 0.0)
        return bills

    def overage_price(self, entry: float) -> float:
        """Return the price of a unit beyond what the top tier includes, at an entry price."""
        return entry * self.ratio * self.overage_rate / float(self.included or 1)


@dataclass(frozen=True, slots=True)
class PriceLevels:
    """The prices found: of the three tiers, of a unit beyond the top tier's included ones, and what they bring.

    `spread` is the median distance of a new bill from today's as a factor less one (0.4: half of the accounts
    within a factor of 1.4); NaN where today's bills are unknown. `closest` is the least spread any shape has,
    `badness` what the rounded prices are ranked by: outside the band, off the target, shock.
    """

    shape: PriceShape
    prices: tuple[Decimal, Decimal, Decimal]
    overage_price: Decimal | None
    revenue: float
    spread: float
    closest: float = 0.0
    badness: tuple[float, ...] = ()


def price_shapes(
    metrics: Sequence[str], limited: str | None, included: Decimal | None, threshold: Threshold
) -> list[PriceShape]:
    """List the shapes to choose from: per account, per account with overage in the top tier, per unit of a metric.

    With overage the top tier includes as much of the limited metric as the middle tier does (`included`). `threshold`
    is the band the top price over the entry price has to lie in.
    """
    ratios = [ratio for ratio in RATIOS if threshold.status(ratio) == "ok"] or [threshold.nearest(4.0)]
    pairs = [(middle, ratio) for middle, ratio in product(MIDDLES, ratios) if middle < ratio]
    shapes = [PriceShape(per, middle, ratio) for per in (PER_ACCOUNT, *metrics) for middle, ratio in pairs]
    if limited is not None and included:
        shapes += [
            PriceShape(PER_ACCOUNT, middle, ratio, limited, rate, included)
            for (middle, ratio), rate in product(pairs, OVERAGE_RATES)
        ]
    return shapes


def best_prices(
    shapes: Sequence[PriceShape],
    level: NDArray[np.intp],
    quantities: Mapping[str, NDArray[np.float64]],
    today: NDArray[np.float64],
    *,
    target: float,
    threshold: Threshold,
    kept: NDArray[np.float64] | None = None,
    free: NDArray[np.bool_] | None = None,
) -> PriceLevels | None:
    """Return round prices that bring `target` a month, in the shape with the fewest and smallest bill shocks.

    All shapes are scaled to the target, so all keep revenue; of those that leave half of the bills within a factor of
    1.5 and whose shock is about the least, the one that keeps bills closest to today's is taken. The target is for the
    accounts whose MRR is in `today`; where no MRR is known it is for all accounts. `kept` is the share of the list that
    each account pays, which it keeps; `free` are accounts that a free tier serves. None when no account has a bill to
    scale.
    """
    pays = np.ones(level.size) if kept is None else kept
    pays = pays if free is None else np.where(free, 0.0, pays)
    part = slice(None, None, max(1, level.size // _COMPARED))
    some = {metric: values[part] for metric, values in quantities.items()}
    ranked: list[tuple[float, float, PriceShape]] = []
    for shape in shapes:
        bills = shape.bills(level[part], some) * pays[part]
        total = _total(bills, today[part])
        if total <= 0:
            continue
        # The sum that an evenly spaced part should bring stands to its MRR as the target stands to all MRR.
        scaled = bills * (target / total / _times(today, part))
        spread = _spread(scaled, today[part])
        ranked.append((shock(scaled, today[part]), spread if np.isfinite(spread) else 0.0, shape))
    if not ranked:
        return None
    closest = min(spread for _, spread, _ in ranked)
    # A shape that moves half of all bills by half or more, most of them down, is no answer to the few that go up.
    near = [each for each in ranked if each[1] <= max(WIDE_SPREAD, closest)]
    drafts = [
        _rounded(shape, level, quantities, today, pays, target=target, threshold=threshold)
        for _, _, shape in sorted(near, key=lambda each: each[0])[:_ROUNDED]
    ]
    least = min(each.badness for each in drafts)
    good = [each for each in drafts if each.badness[:-1] == least[:-1] and each.badness[-1] <= least[-1] + _ABOUT]
    return replace(min(good, key=lambda each: each.spread if np.isfinite(each.spread) else 0.0), closest=closest)


def shock(bills: NDArray[np.float64], today: NDArray[np.float64]) -> float:
    """Return how hard bills shock: the share of paying accounts that rise by more than 25%, and by how much beyond.

    Each such account counts once, and once more for every doubling beyond those 25%. 0 where nothing is paid.
    """
    both = np.isfinite(bills) & np.isfinite(today) & (today > 0)
    if not both.any():
        return 0.0
    beyond = np.log2(np.maximum(bills[both] / today[both] / (1 + STEEP_RISE), 1.0))
    return float(np.where(beyond > 0, 1 + beyond, 0.0).mean())


def _rounded(
    shape: PriceShape,
    level: NDArray[np.intp],
    quantities: Mapping[str, NDArray[np.float64]],
    today: NDArray[np.float64],
    pays: NDArray[np.float64],
    *,
    target: float,
    threshold: Threshold,
) -> PriceLevels:
    """Round the three prices so that the ladder stays in its band, revenue on target, and bills shock the least.

    A price rounded up can carry a whole tier over the line from which a rise shocks, so rounding looks at it too.
    """
    exact = target / _total(shape.bills(level, quantities) * pays, today)
    factors = (1.0, shape.middle, shape.ratio)
    overage = _round_small(shape.overage_price(exact)) if shape.included is not None else None
    units = _units(shape.price_per, level, quantities)
    beyond = np.zeros(level.size)
    if overage is not None:
        over = np.maximum(quantities[shape.overage_metric] - float(shape.included or 0), 0.0)
        beyond = np.where(level == TOP, bills_at(float(overage), over), 0.0)
    ladders = [each for each in product(*(round_prices_around(exact * factor) for factor in factors)) if _rises(each)]
    ladders = ladders or [tuple(_round_small(exact * factor) for factor in factors)]
    made = []
    for prices in ladders:
        bills = bills_at(np.array([float(price) for price in prices])[level], units, beyond) * pays
        revenue = _total(bills, today)
        outside = threshold.status(float(prices[2] / prices[0])) != "ok"
        off = abs(revenue / target - 1)
        badness = (float(outside), 0.0 if off <= ON_TARGET else off, shock(bills, today))
        made.append((badness, off, (prices[0], prices[1], prices[2]), revenue, bills))
    badness, _, prices, revenue, bills = min(made, key=lambda each: each[:2])
    return PriceLevels(shape, prices, overage, revenue, _spread(bills, today), badness=badness)


def _units(
    price_per: str, level: NDArray[np.intp], quantities: Mapping[str, NDArray[np.float64]]
) -> NDArray[np.float64]:
    return np.ones(level.size) if price_per == PER_ACCOUNT else quantities[price_per]


def _rises(prices: tuple[Decimal, ...]) -> bool:
    return 0 < prices[0] < prices[1] < prices[2]


def _round_small(price: float) -> Decimal:
    """Return the nearest usual price, for prices too small to vary in steps."""
    return min(round_prices_around(price), key=lambda near: abs(float(near) - price))


def _times(today: NDArray[np.float64], part: slice) -> float:
    """Return how many times the MRR of a part of the accounts makes up the MRR of all."""
    whole, some = float(np.nansum(today)), float(np.nansum(today[part]))
    return whole / some if some > 0 else 1.0


def _total(bills: NDArray[np.float64], today: NDArray[np.float64]) -> float:
    """Add up the bills of the accounts with a recorded MRR; of all accounts where nobody has one."""
    known = np.isfinite(today)
    return float(np.nansum(bills[known] if known.any() else bills))


def _spread(bills: NDArray[np.float64], today: NDArray[np.float64]) -> float:
    """Return the median factor between new bills and today's, less one; NaN when nothing can be compared."""
    both = np.isfinite(bills) & np.isfinite(today) & (bills > 0) & (today > 0)
    if not both.any():
        return float("nan")
    return float(np.expm1(np.median(np.abs(np.log(bills[both] / today[both])))))
