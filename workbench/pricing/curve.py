"""Propose graduated bands that charge a steady multiple for ten times the usage.

bill(10q) / bill(q) = r for every q means the power curve bill(q) = a x q^log10(r). Graduated bands follow it piece
by piece: prices fall with volume, each stays explainable, and the multiple holds along the range, not at one point.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.errors import CurveError
from workbench.formatting import count, percent
from workbench.pricing.charge import Band, Charge
from workbench.pricing.curve_fit import Fit, Target, fit_bands
from workbench.pricing.curve_request import check_request, known_and_used
from workbench.pricing.offers import Plan
from workbench.pricing.ratio import LEAST_RATIO, MOST_RATIO, ratio_along, share_inside, spread
from workbench.pricing.round_numbers import one_two_five
from workbench.results import Caution

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

_TEN = 10
_GOOD_ENOUGH = 0.04  # a bill within 4% of the curve keeps the multiple within about 8%
_POINTS = 160
_FEW = 20
_FAR_OFF = 0.1
_OFF_TARGET = 0.01

__all__ = ["CurveProposal", "propose_bands", "ratio_along"]


@dataclass(frozen=True)
class CurveProposal:
    """Bands that follow a price curve, and how well.

    `ratio_along`: quantity, bill, bill_at_multiple (at ten times the quantity) and ratio from the 5th to the 95th
    percentile. `share_inside`: share of `customers` (those with usage) whose ratio is from 5 to 8.
    `fit_error`: largest relative distance of a bill to the curve, up to ten times the 95th percentile.
    `revenue`: a month's revenue from the given quantities at the rounded prices, base fees included.
    """

    charge: Charge
    base_fee: float
    target_ratio: float
    exponent: float
    low_quantity: float
    high_quantity: float
    ratio_along: pd.DataFrame
    share_inside: float
    fit_error: float
    revenue: float
    revenue_target: float
    customers: int
    without_usage: int

    @property
    def cautions(self) -> tuple[Caution, ...]:
        """Return what to know before trusting the proposal."""
        found = []
        if self.customers < _FEW:
            found.append(Caution(f"Only {count('customer', self.customers)} with usage stand behind this curve."))
        if self.fit_error > _FAR_OFF:
            found.append(Caution(f"Some bills are {percent(self.fit_error)} off the curve; allow more bands."))
        if abs(self.revenue / self.revenue_target - 1) > _OFF_TARGET:
            found.append(Caution(f"Rounded prices earn {percent(self.revenue / self.revenue_target)} of the target."))
        return tuple(found)

    @property
    def plan(self) -> Plan:
        """Return the base fee and the charge as one plan."""
        return Plan("Proposal", str(self.base_fee), (self.charge,))


def propose_bands(
    target_ratio: float,
    quantities: ArrayLike,
    revenue_target: float,
    *,
    metric: str = "units",
    base_fee: float = 0,
    most_bands: int = 6,
    percentiles: tuple[float, float] = (5, 95),
) -> CurveProposal:
    """Return round graduated bands with bill(10q)/bill(q) close to `target_ratio` along the real quantities.

    Parameters
    ----------
    target_ratio
        What ten times the usage should cost, in multiples of the bill: above 1, at most 10.
    quantities
        One monthly quantity per customer; zero and unknown ones count as customers without usage.
    revenue_target
        A month's revenue from all these customers, base fees included.
    base_fee
        Paid monthly by every customer with a known quantity, and part of the bill whose multiple is meant.
    most_bands
        No more bands than this; fewer when they already come within 4% of the curve.

    Raises CurveError when no falling price list can do it.
    """
    known, used = known_and_used(quantities)
    check_request(target_ratio, revenue_target, base_fee, most_bands, known.size)
    low, high = (float(value) for value in np.percentile(used, percentiles))
    exponent = float(np.log10(target_ratio))
    target = _target(exponent, known, used, (low, high), revenue=revenue_target, base_fee=base_fee)
    fit = _smallest_good_fit(target, low, high, most_bands)
    charge = _charge(metric, fit)
    offer: Charge | Plan = Plan("Proposal", str(base_fee), (charge,)) if base_fee else charge
    return CurveProposal(
        charge=charge,
        base_fee=float(base_fee),
        target_ratio=float(target_ratio),
        exponent=exponent,
        low_quantity=low,
        high_quantity=high,
        ratio_along=ratio_along(offer, spread(low, high)),
        share_inside=share_inside(ratio_along(offer, used)["ratio"], LEAST_RATIO, MOST_RATIO),
        fit_error=fit.error,
        revenue=fit.revenue,
        revenue_target=float(revenue_target),
        customers=int(used.size),
        without_usage=int(np.size(quantities) - used.size),
    )


def _target(
    exponent: float,
    known: NDArray[np.float64],
    used: NDArray[np.float64],
    around: tuple[float, float],
    *,
    revenue: float,
    base_fee: float,
) -> Target:
    """Scale the power curve to the revenue; customers without usage pay the base fee only."""
    from_usage = revenue - base_fee * (known.size - used.size)
    scale = from_usage / float((used**exponent).sum())
    grid = spread(around[0], around[1] * _TEN, _POINTS)
    return Target(grid, scale * grid**exponent, known, revenue, base_fee)


def _smallest_good_fit(target: Target, low: float, high: float, most_bands: int) -> Fit:
    """Return the fit with the fewest bands that is good enough, or the best one allowed."""
    candidates = one_two_five(low, high * _TEN)
    best: Fit | None = None
    for bands in range(1, min(most_bands, len(candidates) + 1) + 1):
        fit = fit_bands(target, candidates, bands)
        if best is None or fit.score(target) < best.score(target):
            best = fit
        if best.score(target) <= _GOOD_ENOUGH:
            break
    if best is None:
        raise CurveError("No bands fit between these quantities.", "Allow at least one band.")
    return best


def _charge(metric: str, fit: Fit) -> Charge:
    """Return the fit as a charge; neighbouring bands that ended up at one price become one."""
    bands: list[Band] = []
    for upper, price in zip((*fit.breaks, None), fit.prices, strict=True):
        if bands and bands[-1].unit_price == price:
            bands.pop()
        bands.append(Band(upper, price))
    return Charge(metric, "graduated", bands=bands)
