"""The forecast of usage and customers, laid under what customers do about prices: draw by draw, for all scenarios.

The forecast says what every list brings if nobody reacts. A draw is one future of it, common shocks included; the
draws stand in the order of what the new prices bring more than today's, so that the forecast is one driver among
the others.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from workbench.impact.uncertainty.errors import UncertaintyError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from workbench.forecast import Parts
    from workbench.impact.ahead import RevenueAhead
    from workbench.impact.uncertainty.statistics import Statistics

    Floats = NDArray[np.float64]

FORECAST = "forecast"


@dataclass(frozen=True, eq=False, repr=False)
class Growing:
    """A forecast and the order of its draws; `low` and `high` are the ends of what it says of the new prices.

    These are shares of revenue under today's prices, over all months, if nobody reacts; 90% lies between them.
    """

    names: tuple[str, ...]
    segments: tuple[str, ...]
    parts: Parts
    order: NDArray[np.intp]
    low: float = 0.0
    high: float = 0.0

    @classmethod
    def of(cls, ahead: RevenueAhead, scenarios: Mapping[str, Statistics]) -> Growing:
        """Return the forecast of scenarios, its draws in no order yet; UncertaintyError where it is not about them."""
        months = next(iter(scenarios.values())).months
        if ahead.parts is None:
            raise UncertaintyError("The months ahead are not known.", f"The forecast says: {ahead.reach.reason}.")
        if missing := [name for name in scenarios if name not in ahead.names]:
            raise UncertaintyError(
                f"The forecast does not bill {', '.join(missing)}.", f"It bills: {', '.join(ahead.names)}."
            )
        if not months.equals(ahead.months[: len(months)]):
            raise UncertaintyError(
                f"The forecast begins in {ahead.months[0]:%Y-%m} and the scenarios in {months[0]:%Y-%m}, "
                f"over {len(months)} months.",
                f"Announce the new prices in {ahead.months[0]:%Y-%m}, and look at most {len(ahead.months)} months on.",
            )
        parts = ahead.parts
        draws, count = parts.joined.shape[0], len(months)
        cut = replace(
            parts,
            staying=parts.staying[..., :count],
            joining=parts.joining[..., :count],
            kept=parts.kept[..., :count],
            joined=parts.joined[..., :count],
        )
        return cls(ahead.names, ahead.segments, cut, np.arange(draws))

    @property
    def draws(self) -> int:
        """Return how many draws the forecast has."""
        return len(self.order)

    def ordered(self, gain: Floats) -> Growing:
        """Return the same forecast, its draws in the order of `gain` (one share each)."""
        low, high = np.quantile(gain, [0.05, 0.95])
        return replace(self, order=np.argsort(gain, kind="stable"), low=float(low), high=float(high))

    def at(self, normals: Floats | None) -> Future:
        """Return the futures that standard normals pick by their place in the order; None: the mean of all."""
        if normals is None:
            return Future(self, None)
        from scipy.special import ndtr  # noqa: PLC0415 - loaded when something is simulated

        places = np.minimum((ndtr(normals) * self.draws).astype(np.intp), self.draws - 1)
        return Future(self, self.order[places])


@dataclass(frozen=True, slots=True, eq=False)
class Future:
    """What some draws of a forecast say; everything is draws x months."""

    growing: Growing
    places: NDArray[np.intp] | None

    def factors(self, scenario: Statistics, today: str, segment: int) -> tuple[Floats, Floats]:
        """Return what a segment's bills under today's prices, and under the scenario's, are to be multiplied with."""
        name = scenario.segments[segment]
        group = self.growing.segments.index(name) if name in self.growing.segments else None
        ends = ((today, float(scenario.old[segment])), (scenario.name, float(scenario.new[segment])))
        before, after = (
            np.ones((1, 1))
            if group is None or whole <= 0
            else self._taken(self.growing.parts.staying[group, self.growing.names.index(of)]) / whole
            for of, whole in ends
        )
        return before, after

    def kept(self, segment: str) -> Floats:
        """Return the share of a segment's accounts that are left, prices aside."""
        group = self.growing.segments.index(segment) if segment in self.growing.segments else -1
        return self._taken(self.growing.parts.kept[group])

    def unmoved(self, name: str) -> Floats:
        """Return what accounts bring that keep what they pay whatever the list."""
        return self._taken(self.growing.parts.staying[-1, self.growing.names.index(name)])

    def joining(self, name: str) -> Floats:
        """Return what customers bring who join."""
        return self._taken(self.growing.parts.joining[self.growing.names.index(name)])

    def joined(self) -> Floats:
        """Return how many customers who joined are there."""
        return self._taken(self.growing.parts.joined)

    def _taken(self, values: Floats) -> Floats:
        return values.mean(axis=0, keepdims=True) if self.places is None else values[self.places]
