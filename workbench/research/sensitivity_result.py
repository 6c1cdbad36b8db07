"""What the four price questions say: price points, each a stretch with an interval, and what to know about them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Self

from workbench.formatting import NO_CURRENCY
from workbench.research.stated_prices import STATED_PRICES, Overstatement

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from workbench.research.purchase_intent import Reach
    from workbench.research.sensitivity_points import Settings
    from workbench.results import Caution, Interval

POINT_WORDS = {
    "pmc": "point of marginal cheapness",
    "opp": "optimal price point",
    "idp": "indifference price",
    "pme": "point of marginal expensiveness",
    "reach_price": "price most would buy at",
    "revenue_price": "price with the highest revenue",
}
"""The names of the points in words, from low prices to high ones."""


class PricePoint(tuple[float, float]):  # noqa: SLOT001 - a tuple cannot have slots of its own
    """A price point as (first, last): the stretch where two curves meet, one price when they cross.

    `interval` holds both ends of it in resamples: its low end is that of `first`, its high end that of `last`, and its
    estimate the middle of the stretch.
    """

    interval: Interval

    def __new__(cls, first: float, last: float, interval: Interval) -> Self:
        """Make the point of its ends."""
        point = super().__new__(cls, (float(first), float(last)))
        point.interval = interval
        return point

    def __getnewargs__(self) -> tuple[float, float, Interval]:
        return (*self, self.interval)

    @property
    def first(self) -> float:
        """Return the lowest price at which the curves meet."""
        return self[0]

    @property
    def last(self) -> float:
        """Return the highest price at which the curves meet."""
        return self[1]

    @property
    def middle(self) -> float:
        """Return the middle of the stretch."""
        return (self[0] + self[1]) / 2


@dataclass(frozen=True, eq=False, kw_only=True)
class PriceSensitivity:
    """The price points of van Westendorp, and where intent was asked the prices best for reach and for revenue.

    A point is None where the answers cannot give it. `intervals` holds the interval of every point and best price by
    its name. `curves` has one row per price named: the share of people who find it too cheap, cheap, not cheap,
    expensive, not expensive, too expensive; `reach_curve` one row per price: the share who would buy (`reach`) and
    price times share (`revenue`, per person asked). `total`, `valid` and `invalid` count respondents; `invalid_rows`
    lists who is left out and why. `per` is what one price buys (account, or a metric such
    as seats). All prices are as stated; `in_earnest` divides them by the overstatement assumed.
    """

    pmc: PricePoint | None
    pme: PricePoint | None
    idp: PricePoint | None
    opp: PricePoint | None
    reach_price: float | None
    revenue_price: float | None
    intervals: Mapping[str, Interval]
    curves: pd.DataFrame
    reach_curve: pd.DataFrame | None
    total: int
    valid: int
    invalid_rows: pd.DataFrame
    asked_intent: int
    effective: float
    settings: Settings
    overstatement: Overstatement = STATED_PRICES
    currency: str = NO_CURRENCY
    per: str = ""
    draws: Mapping[str, NDArray[np.float64]] = field(repr=False)
    reach_draws: Reach | None = field(default=None, repr=False)

    @property
    def invalid(self) -> int:
        """Count the respondents whose prices are incomplete or not in a possible order."""
        return len(self.invalid_rows)

    @property
    def points(self) -> dict[str, PricePoint]:
        """Return the points that could be had, from low prices to high ones."""
        found = {name: getattr(self, name) for name in ("pmc", "opp", "idp", "pme")}
        return {name: point for name, point in found.items() if point is not None}

    @cached_property
    def in_earnest(self) -> dict[str, Interval]:
        """Return every point and best price as people would pay it: stated intervals divided by the overstatement."""
        return {name: self.overstatement.in_earnest(each) for name, each in self.intervals.items()}

    @property
    def table(self) -> pd.DataFrame:
        """Return one row per point: the stretch, its interval, and what it comes to in earnest."""
        from workbench.research.sensitivity_words import points_table  # noqa: PLC0415 - it reads this module

        return points_table(self)

    @property
    def reading(self) -> str:
        """Say in a few sentences what the points mean."""
        from workbench.research.sensitivity_words import reading  # noqa: PLC0415 - as above

        return reading(self)

    @property
    def cautions(self) -> tuple[Caution, ...]:
        """Return what to know before these numbers are used."""
        from workbench.research.sensitivity_words import cautions  # noqa: PLC0415 - as above

        return cautions(self)

    def in_currency(self, currency: str) -> PriceSensitivity:
        """Return the result with its prices written in a currency (three letters)."""
        return replace(self, currency=currency)

    def with_overstatement(self, low: float, high: float, source: str = "your own assumption") -> PriceSensitivity:
        """Return the result with another range for how much stated prices overstate."""
        return replace(self, overstatement=Overstatement(low, high, source))

    def __repr__(self) -> str:
        ends = ", ".join(f"{name}={point[0]:g} to {point[1]:g}" for name, point in self.points.items())
        return f"PriceSensitivity({ends}; {self.valid:,} of {self.total:,} respondents)"
