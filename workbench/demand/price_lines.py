"""Share and revenue against one price: worked out once per line, then every price on it is a look-up.

Highest surplus: with all other prices fixed, each row takes the plan up to one threshold and something else above it.
Thresholds sorted per draw, with running sums, make an exact step function of all rows. Logit: curves are smooth, so
they are worked out at a few prices and interpolated (monotone cubic).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from workbench.demand.at_price import AtPrice
from workbench.demand.errors import DemandError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from workbench.demand.task import ChoiceTask

    Floats = NDArray[np.float64]


class PriceLine(Protocol):
    """Everything along the price of one plan; `at` is a look-up."""

    @property
    def plan(self) -> str:
        """Return the plan whose price it is."""

    def at(self, fees: float | ArrayLike) -> AtPrice:
        """Return what happens at one price, or at several."""


@dataclass(frozen=True, eq=False)
class StepLine:
    """The exact line of the surplus rule: rows sorted by draw and threshold, dearest first, with running sums.

    `sums` (columns, rows + 1) adds up, from the first row: accounts, fee units, revenue besides the fee and cost (both
    against what the row does otherwise), and the accounts that otherwise have each plan. `otherwise` holds revenue,
    cost and accounts per plan of each draw when nobody takes the plan. At its threshold itself a row takes the plan.
    """

    plans: tuple[str, ...]
    place: int
    accounts: float
    thresholds: NDArray[np.floating]
    starts: NDArray[np.int64]
    sums: Floats
    otherwise: Floats

    @property
    def plan(self) -> str:
        """Return the plan whose price it is."""
        return self.plans[self.place]

    def at(self, fees: float | ArrayLike) -> AtPrice:
        """Return what happens at one price, or at several: a look-up."""
        asked = np.atleast_1d(np.asarray(fees, dtype=np.float64))
        draws = len(self.starts) - 1
        first = self.sums[:, self.starts[:-1], None]
        taken = np.moveaxis(self.sums[:, self._positions(asked)] - first, 0, 2) * draws
        buyers = self.otherwise[:, None, 2:] - taken[:, :, 4:]
        buyers[:, :, self.place] += taken[:, :, 0]
        revenue = self.otherwise[:, None, 0] + taken[:, :, 1] * asked + taken[:, :, 2]
        cost = self.otherwise[:, None, 1] + taken[:, :, 3]
        return AtPrice(self.plans, self.place, asked, self.accounts, buyers, revenue, revenue - cost)

    def best(self) -> float:
        """Return the price with the highest mean revenue: always one of the thresholds."""
        candidates = np.unique(self.thresholds[np.isfinite(self.thresholds) & (self.thresholds > 0)])
        while candidates.size > _CANDIDATES:  # look coarsely, then between the neighbours of the best
            coarse = candidates[:: candidates.size // _CANDIDATES + 1]
            place = int(self.at(coarse).revenue.mean(axis=0).argmax())
            low, high = coarse[max(place - 1, 0)], coarse[min(place + 1, len(coarse) - 1)]
            candidates = candidates[(candidates >= low) & (candidates <= high)]
        if not candidates.size:
            raise DemandError(f"Nobody would pay anything for {self.plan}.", "Look at what it is worth.")
        return float(candidates[int(self.at(candidates).revenue.mean(axis=0).argmax())])

    def _positions(self, fees: Floats) -> NDArray[np.int64]:
        """Return, per draw and price, the row after the last one whose threshold the price meets, by halving."""
        low = np.repeat(self.starts[:-1, None], fees.size, axis=1)
        high = np.repeat(self.starts[1:, None], fees.size, axis=1)
        last = len(self.thresholds) - 1
        for _ in range(int(np.diff(self.starts).max(initial=1)).bit_length()):
            open_yet = low < high
            middle = (low + high) // 2
            meets = open_yet & (self.thresholds[np.minimum(middle, last)] >= fees)
            low = np.where(meets, middle + 1, low)
            high = np.where(open_yet & ~meets, middle, high)
        return low


_CANDIDATES = 2000
_ROWS_AT_A_TIME = 500_000


@dataclass(frozen=True, eq=False)
class SmoothLine:
    """The line of the logit rule: worked out at `knots` and interpolated; `values` knots x draws x columns."""

    plans: tuple[str, ...]
    place: int
    accounts: float
    knots: Floats
    values: Floats

    @property
    def plan(self) -> str:
        """Return the plan whose price it is."""
        return self.plans[self.place]

    def at(self, fees: float | ArrayLike) -> AtPrice:
        """Return what happens at one price, or at several; raises DemandError outside the line."""
        from scipy.interpolate import PchipInterpolator  # noqa: PLC0415 - loads slowly

        asked = np.atleast_1d(np.asarray(fees, dtype=np.float64))
        if asked.min() < self.knots[0] or asked.max() > self.knots[-1]:
            raise DemandError(
                f"The line of {self.plan} runs from {self.knots[0]:,.2f} to {self.knots[-1]:,.2f}.",
                "Ask for a price on it, or draw a longer line.",
            )
        place = np.clip(np.searchsorted(self.knots, [asked.min(), asked.max()]), 2, len(self.knots) - 3)
        near = slice(max(place[0] - 3, 0), place[1] + 4)
        found = np.moveaxis(PchipInterpolator(self.knots[near], self.values[near])(asked), 0, 1)
        return AtPrice(
            self.plans,
            self.place,
            asked,
            self.accounts,
            found[:, :, 2:],
            found[:, :, 0],
            found[:, :, 0] - found[:, :, 1],
        )


@dataclass(frozen=True, eq=False)
class LargeLine:
    """A line too large to keep: every look works it out anew, some draws at a time."""

    task: ChoiceTask
    plan: str
    fees: ArrayLike
    add_on_fees: ArrayLike
    between: Sequence[float] | None = None

    def at(self, fees: float | ArrayLike) -> AtPrice:
        """Return what happens at one price, or at several: ask for all of them at once."""
        draws = max(1, self.task.draws * _ROWS_AT_A_TIME // self.task.rows)
        parts = [
            price_line(part, self.plan, self.fees, self.add_on_fees, between=self.between).at(fees)
            for part in self.task.by_draws(draws)
        ]
        buyers, revenue, margin = (
            np.concatenate([getattr(part, name) for part in parts]) for name in ("buyers", "revenue", "margin")
        )
        return AtPrice(self.task.plans, parts[0].plan, parts[0].fees, self.task.accounts, buyers, revenue, margin)


def price_line(
    task: ChoiceTask,
    plan: str,
    fees: ArrayLike,
    add_on_fees: ArrayLike = (),
    *,
    between: Sequence[float] | None = None,
) -> StepLine | SmoothLine:
    """Work out everything along the price of one plan, the other fees staying as they are.

    `between` is the lowest and highest price of a logit line (a quarter to four times the fee by default); a line of
    the surplus rule has no ends. Raises DemandError for an unknown plan or fees that do not fit.
    """
    from workbench.demand import line_building  # noqa: PLC0415 - it builds the classes of this module

    asked = task.read_fees(fees, add_on_fees)
    if plan not in task.plans:
        raise DemandError(f"There is no plan {plan!r}.", f"Plans: {', '.join(task.plans)}.")
    place = task.plans.index(plan)
    if task.rule == "surplus":
        return line_building.step_line(task, place, *asked)
    fee = asked[0][place]
    ends = (fee / 4, fee * 4) if between is None else (float(between[0]), float(between[1]))
    if not 0 < ends[0] < ends[1] < float("inf"):
        raise DemandError(f"A line from {ends[0]} to {ends[1]} has no prices.", "Give a low and a high price above 0.")
    return line_building.smooth_line(task, place, *asked, ends)


__all__ = ["AtPrice", "LargeLine", "PriceLine", "SmoothLine", "StepLine", "price_line"]
