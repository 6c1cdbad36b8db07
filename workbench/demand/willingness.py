"""What the whole offer is worth to each customer, in draws: willingness to pay per month, whatever it came from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from workbench.demand.draws import Assumed  # noqa: TC001 - read when the dataclass is made
from workbench.demand.errors import DemandError
from workbench.demand.outcome import LEVEL
from workbench.formatting import money
from workbench.results import Caution, Interval

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from workbench.demand.customers import Customers


@dataclass(frozen=True, eq=False, kw_only=True)
class Willingness:
    """What each customer would pay for the offer asked about: `total` (customers x draws), money per month.

    Draws differ in what is uncertain for everybody (how far stated prices overstate, which people answered) and in
    what is uncertain for each. `source` names the method, `assumed` the ranges nobody measured.
    """

    source: str
    customers: Customers
    total: NDArray[np.floating]
    assumed: tuple[Assumed, ...] = ()
    cautions: tuple[Caution, ...] = ()

    def __post_init__(self) -> None:
        if self.total.ndim != 2 or len(self.total) != len(self.customers):  # noqa: PLR2004 - customers x draws
            raise DemandError(
                f"Willingness of the shape {self.total.shape} does not fit {len(self.customers)} customers.",
                "Give one row per customer and one column per draw.",
            )
        if np.isnan(self.total).any():
            raise DemandError("The willingness of some customers is not a number.", "Leave these customers out.")

    @property
    def draws(self) -> int:
        """Return the number of draws."""
        return self.total.shape[1]

    @cached_property
    def medians(self) -> NDArray[np.float64]:
        """Return the weighted median of each segment in each draw: segments x draws."""
        found = np.empty((len(self.customers.segments), self.draws))
        for code in range(len(self.customers.segments)):
            inside = np.flatnonzero(self.customers.segment_codes == code)
            found[code] = weighted_quantile(self.total[inside], self.customers.weight[inside], 0.5)
        return found

    def median_of(self, segment: str) -> Interval:
        """Return what half of a segment would pay at least, per month, with its 90% interval."""
        return _interval(self.medians[self._code(segment)])

    def table(self) -> pd.DataFrame:
        """Return per segment: customers, accounts, and what a quarter, half and three quarters would pay at least."""
        import pandas as pd  # noqa: PLC0415 - loaded when a table is asked for

        rows = []
        for code, name in enumerate(self.customers.segments):
            inside = np.flatnonzero(self.customers.segment_codes == code)
            total, weight = self.total[inside], self.customers.weight[inside]
            quarter, three = (weighted_quantile(total, weight, level).mean() for level in (0.75, 0.25))
            half = _interval(self.medians[code])
            rows.append((name, len(inside), weight.sum(), quarter, half.low, half.estimate, half.high, three))
        names = ("segment", "customers", "accounts", "quarter", "half_low", "half", "half_high", "three_quarters")
        return pd.DataFrame(rows, columns=list(names))

    def reading(self, currency: str) -> str:
        """Return in sentences what each segment would pay and how sure that is."""
        parts = []
        for name in self.customers.segments:
            half = self.median_of(name)
            parts.append(f"{name}: {money(half.estimate, currency)} ({_range(half, currency)})")
        return (
            f"From {self.source}: half of each segment would pay at least this a month, with the 90% interval: "
            f"{'; '.join(parts)}."
        )

    def scaled(self, factor: NDArray[np.floating] | float) -> Willingness:
        """Return the willingness times a factor, one in all or one per customer."""
        times = np.asarray(factor, dtype=self.total.dtype)
        return replace(self, total=self.total * (times[:, None] if times.ndim else times))

    def _code(self, segment: str) -> int:
        if segment not in self.customers.segments:
            raise DemandError(f"There is no segment {segment!r}.", f"Segments: {', '.join(self.customers.segments)}.")
        return self.customers.segments.index(segment)


_COLUMNS = 10


def weighted_quantile(values: NDArray[np.floating], weight: NDArray[np.float64], level: float) -> NDArray[np.float64]:
    """Return the weighted quantile of each column; interpolated between the middles of the steps."""
    starts = range(0, values.shape[1], _COLUMNS)  # a few at a time: the way there takes four times their memory
    parts = [_quantiles(values[:, start : start + _COLUMNS], weight, level) for start in starts]
    return np.concatenate(parts) if parts else np.empty(0)


def _quantiles(values: NDArray[np.floating], weight: NDArray[np.float64], level: float) -> NDArray[np.float64]:
    order = np.argsort(values, axis=0)
    ranked = np.take_along_axis(values, order, axis=0).astype(np.float64)
    heights = weight[order]
    middles = (np.cumsum(heights, axis=0) - heights / 2) / heights.sum(axis=0)
    return np.array([np.interp(level, middle, column) for middle, column in zip(middles.T, ranked.T, strict=True)])


def _interval(draws: NDArray[np.float64]) -> Interval:
    low, middle, high = np.quantile(draws, ((1 - LEVEL) / 2, 0.5, (1 + LEVEL) / 2))
    return Interval(float(low), float(middle), float(high), LEVEL)


def _range(interval: Interval, currency: str) -> str:
    return f"{money(interval.low, currency)} to {money(interval.high, currency)}"
