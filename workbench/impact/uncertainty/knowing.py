"""What it would be worth to know more before choosing: the value of perfect information, in all and guess by guess."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from workbench.formatting import money
from workbench.impact.uncertainty.drivers import BINS, drivers
from workbench.impact.uncertainty.engine import outcomes
from workbench.impact.uncertainty.errors import UncertaintyError
from workbench.impact.uncertainty.growing import FORECAST

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.impact.uncertainty.simulation import Simulation

    Floats = NDArray[np.float64]

_WORTH_SAYING = 1e-6  # of the best choice's value: less than that is no reason to research anything


@dataclass(frozen=True, eq=False)
class ValueOfKnowing:
    """What knowing is worth, in currency over all months, for a team that chooses what brings most on average.

    `best` is that choice today. `perfect` is what knowing every guess exactly would add on average (expected value
    of perfect information). `table` has one row a guess: id, assumption, worth (of knowing it alone), share (of
    `perfect`), the most worthwhile first.
    """

    best: str
    perfect: float
    table: pd.DataFrame
    currency: str
    objective: str

    @property
    def first(self) -> str | None:
        """Return the label of the guess to research first; None when no single answer would change the choice.

        The forecast is none: nobody can be asked what usage becomes.
        """
        worthwhile = self._asked[self._asked["worth"] > 0]
        return None if worthwhile.empty else str(worthwhile["assumption"].iloc[0])

    @property
    def _asked(self) -> pd.DataFrame:
        return self.table[self.table["id"] != FORECAST]

    def sentence(self) -> str:
        """Say in words what to research first, and what that is worth at most."""
        if self.perfect == 0:
            return f"Whatever the guesses turn out to be within their ranges, {self.best} brings most."
        if self.first is None:
            return (
                f"No single answer would change the choice of {self.best}; knowing everything at once would be worth "
                f"{money(self.perfect, self.currency)} on average."
            )
        worth = money(float(self._asked["worth"].iloc[0]), self.currency)
        return (
            f"Research first: {self.first[0].lower()}{self.first[1:]}. Knowing it would be worth up to {worth} on "
            f"average, because it could change the choice of {self.best}."
        )


def value_of_knowing(
    simulation: Simulation, objective: Literal["revenue", "contribution"] = "revenue", *, bins: int = BINS
) -> ValueOfKnowing:
    """Return what perfect information is worth, in all and for each guess alone.

    The choice is among all scenarios, today's prices included. What stays unknown is what single customers will do
    whatever the guesses are, so luck is left out. Knowing one guess alone is estimated from means in equal bins of its
    draws (Strong & Oakley 2013, Medical Decision Making 33, 755-766).
    """
    names = list(simulation.outcomes)
    worth = _worth(simulation, objective)
    means = worth.mean(axis=0)
    best = int(means.argmax())
    least = _WORTH_SAYING * abs(float(means[best]))
    perfect = float(worth.max(axis=1).mean() - means[best])
    perfect = perfect if perfect > least else 0.0
    rows = []
    for each in drivers(simulation):
        value = min(worth_of_one(worth, simulation.normals[each.id], bins), perfect)
        value = value if value > least else 0.0
        rows.append((each.id, each.label, value, value / perfect if perfect > 0 else 0.0))
    table = pd.DataFrame(rows, columns=["id", "assumption", "worth", "share"])
    table = table.sort_values("worth", ascending=False, kind="stable", ignore_index=True)
    currency = next(iter(simulation.statistics.values())).currency
    return ValueOfKnowing(names[best], perfect, table, currency, objective)


def worth_of_one(worth: Floats, driver: Floats, bins: int = BINS) -> float:
    """Return what knowing one driver adds on average to the best of several choices (draws x choices); never negative.

    A choice judged by the very draws it was made from gains a little even from a driver without consequence. So every
    draw is judged by what the other draws of its bin would choose.
    """
    gained = 0.0
    for group in np.array_split(worth[np.argsort(driver, kind="stable")], bins):
        choice = (group.sum(axis=0) - group).argmax(axis=1)
        gained += float(group[np.arange(len(group)), choice].sum())
    return max(0.0, gained / len(worth) - float(worth.mean(axis=0).max()))


def _worth(simulation: Simulation, objective: str) -> Floats:
    """Return draws x scenarios: what each brings over all months, without luck."""
    found = outcomes(
        list(simulation.statistics.values()),
        simulation.behaviour,
        simulation.normals,
        luck=False,
        growing=simulation.growing,
    )
    if objective == "revenue":
        return np.column_stack([each.revenue.sum(axis=1) for each in found])
    columns = [each.contribution for each in found if each.contribution is not None]
    if len(columns) < len(found):
        raise UncertaintyError(
            "Contribution needs what serving every account costs, and that is not known for all.",
            "Fill in unit_cost in the accounts table, or choose by revenue.",
        )
    return np.column_stack(columns)
