"""What found prices gain over today's, and how surely: both sets of prices meet the same customers and draws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from workbench.demand.choice_rules import totals
from workbench.demand.totals import Groups
from workbench.results import Interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.demand.search.score import Objective
    from workbench.demand.task import ChoiceTask
    from workbench.demand.totals import Totals

    Floats = NDArray[np.float64]

FEWEST_DRAWS = 20
"""Draws from which on they speak for themselves; with fewer, customers are drawn again with replacement."""
_RESAMPLES = 400
_LEVEL = 0.9


@dataclass(frozen=True, eq=False)
class Gain:
    """The gain of found prices over today's per month, in every draw (`drawn`), with its interval.

    `probability` is the share of draws in which the found prices bring more. `by` says what a draw is: a draw of
    what customers would pay, or the customers drawn again with replacement. `relative` is the gain as a share of
    today's value (NaN when that is 0).
    """

    drawn: Floats
    today: float
    found: float
    by: Literal["draws", "customers"]

    @property
    def probability(self) -> float:
        """Return the share of draws in which the found prices bring more; equal draws count half."""
        return float((self.drawn > 0).mean() + (self.drawn == 0).mean() / 2)

    @property
    def interval(self) -> Interval:
        """Return the gain with the range that holds 90% of the draws."""
        tail = (1 - _LEVEL) / 2
        low, high = np.quantile(self.drawn, (tail, 1 - tail))
        middle = self.found - self.today
        return Interval(min(float(low), middle), middle, max(float(high), middle), _LEVEL)

    @property
    def relative(self) -> float:
        """Return the gain as a share of today's value."""
        return (self.found - self.today) / abs(self.today) if self.today else float("nan")


def gain_over(
    task: ChoiceTask,
    found: tuple[Floats, Floats],
    today: tuple[Floats, Floats],
    objective: Objective,
    *,
    seed: int,
    draws: NDArray[np.intp] | None = None,
) -> Gain:
    """Return the gain of fees (plans, add-ons) over today's, on the same customers and draws (`draws`, or all)."""
    by_draw = task.draws >= FEWEST_DRAWS
    if by_draw:
        groups = Groups(task.draw, task.draws)
    else:
        who, customer = np.unique(task.customer, return_inverse=True)  # customers nobody can bill leave holes
        groups = Groups(customer, who.size)
    new, old = (_values(totals(task, *fees, groups, None), objective, task.accounts) for fees in (found, today))
    if by_draw:
        told = np.arange(task.draws) if draws is None else draws
        values = (new - old)[told] * task.draws
        old, new = old[told] * (task.draws / told.size), new[told] * (task.draws / told.size)
    else:
        rng = np.random.default_rng(seed)
        change, even = new - old, np.full(who.size, 1 / who.size)
        values = np.array([rng.multinomial(who.size, even) @ change for _ in range(_RESAMPLES)])
    return Gain(values, float(old.sum()), float(new.sum()), "draws" if by_draw else "customers")


def _values(found: Totals, objective: Objective, accounts: float) -> Floats:
    if objective == "share":
        return found.buyers.sum(axis=1) / max(accounts, 1e-300)
    return found.revenue - found.cost if objective == "margin" else found.revenue
