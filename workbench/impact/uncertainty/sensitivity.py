"""What drives the result (tornado), and what it would be worth to know more (value of perfect information)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from workbench.formatting import money
from workbench.impact.uncertainty.behaviour import MOST, TAKE_UP, USUAL_CHURN, UncertaintyError, kind_of
from workbench.impact.uncertainty.scenario_revenue import END, FORECAST, outcomes
from workbench.impact.uncertainty.simulation import TODAY, Simulation
from workbench.results import LAST_DIGITS, Floats

if TYPE_CHECKING:
    from collections.abc import Mapping


# --- What drives the result

BINS = 20
_FAR = 10  # times a range's high end: how far a break-even value without natural bound is looked for
_STEPS = 400
_NEAR = 0.025  # of the draws of a forecast to either side of its end: a single draw would be an accident
_COLUMNS = [
    "id", "assumption", "unit", "low", "high", "base", "at_low", "at_high", "swing", "variance_share", "break_even",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Driver:
    """One guess that can move a result.

    Attributes
    ----------
    id, label, unit
        Of the assumption.
    low, high
        Its range.
    most
        The most it can be.

    Examples
    --------
    >>> from workbench.impact.migration import EveryoneAtOnce, account_bills, migrate
    >>> bills = account_bills([f"A{n}" for n in range(50)], ["small"] * 50, [100] * 50, [120] * 50, start="2025-01")
    >>> path = migrate(bills, EveryoneAtOnce(), months=12)
    >>> from workbench.impact.uncertainty import drivers, simulate
    >>> found = drivers(simulate({"new": path}, draws=200))
    >>> "churn-per-rise" in [driver.id for driver in found]
    True
    """

    id: str
    label: str
    unit: str
    low: float
    high: float
    most: float


def drivers(simulation: Simulation, *names: str) -> tuple[Driver, ...]:
    """Return what can matter for some scenarios (all when none is named): guesses with a range, and the forecast.

    Parameters
    ----------
    simulation
        The scenarios.
    names
        Which of them; all when none is named.

    Returns
    -------
    tuple[Driver, ...]
        One entry per guess.

    Examples
    --------
    >>> from workbench.impact.migration import EveryoneAtOnce, account_bills, migrate
    >>> bills = account_bills([f"A{n}" for n in range(50)], ["small"] * 50, [100] * 50, [120] * 50, start="2025-01")
    >>> path = migrate(bills, EveryoneAtOnce(), months=12)
    >>> from workbench.impact.uncertainty import drivers, nobody_reacts, simulate
    >>> behaviour = nobody_reacts().with_ranges(churn_per_rise=(0.1, 0.5))
    >>> [driver.id for driver in drivers(simulate({"new": path}, behaviour, draws=200))]
    ['churn-per-rise']
    """
    statistics = [simulation.statistics[name] for name in names or simulation.outcomes]
    found = [
        Driver(each.id, each.label, each.unit, each.low, each.high, MOST[kind_of(each.id)])
        for each in simulation.behaviour.in_use(statistics[0].segments)
        if each.low < each.high and (simulation.growing is None or kind_of(each.id) != USUAL_CHURN)
    ]
    if (growing := simulation.growing) is not None:
        unit = "share of revenue under today's prices"
        found.append(Driver(FORECAST, "What usage and customers become", unit, growing.low, growing.high, np.inf))
    offers = [each.take_up[each.offered.any(axis=1)] for each in statistics]
    offered = np.concatenate(offers) if offers else np.zeros((0, 2))
    if len(offered) and (offered[:, 0] < offered[:, 1]).any():
        low, high = float(offered[:, 0].min()), float(offered[:, 1].max())
        found.append(
            Driver(TAKE_UP, "Customers who take the offer", "share of those who would pay more", low, high, 1.0)
        )
    return tuple(found)


def tornado(simulation: Simulation, name: str, against: str = TODAY, *, draws: int = 1_000) -> pd.DataFrame:
    """Return what each guess does to the revenue a scenario brings more than another over all months.

    The widest swing comes first.

    Parameters
    ----------
    simulation
        The scenarios.
    name, against
        Which of them, and beside which.
    draws
        How many of the draws are used.

    Returns
    -------
    pd.DataFrame
        Columns id, assumption, unit, low, high (the range), base (mean difference in revenue with all guesses as drawn,
        without luck, over the first `draws` draws; the same in every row), at_low, at_high (the same with that guess at
        its end), swing (at_high - at_low), variance_share (of the difference, explained by the guess alone; first-order
        index of Sobol'), break_even (the value at which both scenarios bring the same with all other guesses in the
        middle of their ranges; NaN when there is none that is possible).

    References
    ----------
    Sobol' (1993), Sensitivity estimates for nonlinear mathematical models, for the index.

    Examples
    --------
    >>> from workbench.impact.migration import EveryoneAtOnce, account_bills, migrate
    >>> bills = account_bills([f"A{n}" for n in range(50)], ["small"] * 50, [100] * 50, [120] * 50, start="2025-01")
    >>> path = migrate(bills, EveryoneAtOnce(), months=12)
    >>> from workbench.impact.uncertainty import nobody_reacts, simulate, tornado
    >>> behaviour = nobody_reacts().with_ranges(churn_per_rise=(0.1, 0.5))
    >>> table = tornado(simulate({"new": path}, behaviour, draws=500), "new", draws=500)
    >>> table["id"].tolist(), bool(table["at_high"][0] < table["at_low"][0])
    (['churn-per-rise'], True)
    """
    difference = simulation.difference(name, against)
    part = {key: column[:draws] for key, column in simulation.normals.items()}
    base_draws = _difference(simulation, part, name, against)
    base = float(base_draws.mean())
    rows = []
    for each in drivers(simulation, name, against):
        ends = [
            float(_difference(simulation, part | {each.id: _held(each, end, len(base_draws))}, name, against).mean())
            for end in (-END, END)
        ]
        share = variance_share(simulation.normals[each.id], difference)
        said = (each.id, each.label, each.unit, each.low, each.high, base, *ends, ends[1] - ends[0], share)
        rows.append((*said, _break_even(simulation, each, name, against)))
    table = pd.DataFrame(rows, columns=_COLUMNS)
    return table.sort_values("swing", key=lambda swing: -swing.abs(), kind="stable", ignore_index=True)


def _held(driver: Driver, end: float, count: int) -> Floats:
    """Return normals that hold a driver at one of its ends; of a forecast, all of its futures near that end."""
    if driver.id != FORECAST:
        return np.full(count, end)
    from scipy.special import ndtr, ndtri  # noqa: PLC0415 - loaded when something is simulated

    found: Floats = ndtri(ndtr(end) + np.linspace(-_NEAR, _NEAR, count))
    return found


def variance_share(driver: Floats, result: Floats, bins: int = BINS) -> float:
    """Return the share of a result's variance that one driver explains alone, from means in equal bins of the driver.

    The variance that noise gives to the means of the bins is taken off.
    """
    total = float(((result - result.mean()) ** 2).sum())
    if total <= 0:
        return 0.0
    groups = np.array_split(result[np.argsort(driver, kind="stable")], bins)
    between = sum(len(group) * (group.mean() - result.mean()) ** 2 for group in groups)
    noise = (bins - 1) * (total - between) / max(1, len(result) - bins)
    return float(np.clip((between - noise) / total, 0.0, 1.0))


def _difference(simulation: Simulation, normals: Mapping[str, Floats], name: str, against: str) -> Floats:
    names = (TODAY, name, against)  # a forecast takes old bills from today's prices, which come first
    scenarios = [simulation.statistics[each] for each in names]
    found = outcomes(scenarios, simulation.behaviour, normals, luck=False, growing=simulation.growing)
    one, other = (each.revenue.sum(axis=1) for each in found[1:])
    return np.where(np.abs(one - other) > LAST_DIGITS * np.abs(other), one - other, 0.0)


def _break_even(simulation: Simulation, driver: Driver, name: str, against: str) -> float:
    """Return the value of one guess at which the difference changes sign, between the points of a fine grid.

    The forecast stands at its mean then; of itself it has no such value, for it is many numbers.
    """
    if driver.id == FORECAST:
        return float("nan")
    most = min(driver.most, _FAR * driver.high)
    values = np.linspace(0, most, _STEPS + 1)
    middle, half = (driver.low + driver.high) / 2, (driver.high - driver.low) / 2
    normals = {key: np.zeros(len(values)) for key in simulation.normals if key != FORECAST}
    normals[driver.id] = (values - middle) * END / half
    found = _difference(simulation, normals, name, against)
    scale = np.abs(found).max()
    turns = np.flatnonzero(np.sign(found[1:]) * np.sign(found[:-1]) < 0)
    if not len(turns) or scale == 0:
        exact = np.flatnonzero(found == 0)
        return float(values[exact[0]]) if len(exact) == 1 else float("nan")
    at = turns[0]
    return float(values[at] + (values[1] - values[0]) * found[at] / (found[at] - found[at + 1]))


# --- What it would be worth to know more before choosing

_WORTH_SAYING = 1e-6  # of the best choice's value: less than that is no reason to research anything


@dataclass(frozen=True, eq=False)
class ValueOfInformation:
    """The value of information: what knowing is worth.

    In currency over all months, for a team that chooses what brings most on average.

    Attributes
    ----------
    best
        That choice today.
    perfect
        What knowing every guess exactly would add on average (EVPI, expected value of perfect information).
    table
        One row a guess: id, assumption, worth (of knowing it alone), share (of `perfect`), the most worthwhile first.
    currency, objective
        What money is in, and what is wanted most of.

    References
    ----------
    Raiffa and Schlaifer (1961), Applied Statistical Decision Theory.

    Examples
    --------
    >>> from workbench.impact.migration import EveryoneAtOnce, account_bills, migrate
    >>> bills = account_bills([f"A{n}" for n in range(50)], ["small"] * 50, [100] * 50, [120] * 50, start="2025-01")
    >>> path = migrate(bills, EveryoneAtOnce(), months=12)
    >>> from workbench.impact.uncertainty import simulate, value_of_information
    >>> worth = value_of_information(simulate({"new": path}, draws=1000))
    >>> worth.perfect >= 0, bool((worth.table["worth"] <= worth.perfect).all())
    (True, True)
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


def value_of_information(
    simulation: Simulation, objective: Literal["revenue", "contribution"] = "revenue", *, bins: int = BINS
) -> ValueOfInformation:
    """Return what perfect information is worth, in all and for each guess alone.

    The choice is among all scenarios, today's prices included. What stays unknown is what single customers will do
    whatever the guesses are, so luck is left out.

    Parameters
    ----------
    simulation
        The scenarios.
    objective
        What is wanted most of: "revenue" or "contribution".
    bins
        How many equal parts a guess's draws are cut into.

    Returns
    -------
    ValueOfInformation
        Worth in currency over all months.

    Raises
    ------
    UncertaintyError
        When contribution is asked for and costs are not known.

    References
    ----------
    Strong and Oakley (2013), Medical Decision Making 33, 755-766, for one guess from means in bins.

    Examples
    --------
    >>> from workbench.impact.migration import EveryoneAtOnce, account_bills, migrate
    >>> bills = account_bills([f"A{n}" for n in range(50)], ["small"] * 50, [100] * 50, [120] * 50, start="2025-01")
    >>> path = migrate(bills, EveryoneAtOnce(), months=12)
    >>> from workbench.impact.uncertainty import nobody_reacts, simulate, value_of_information
    >>> behaviour = nobody_reacts().with_ranges(churn_per_rise=(0.0, 1.6))
    >>> worth = value_of_information(simulate({"new": path}, behaviour, draws=1000))
    >>> worth.best, worth.perfect > 0, worth.table["id"].tolist()
    ('new', True, ['churn-per-rise'])
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
    return ValueOfInformation(names[best], perfect, table, currency, objective)


def worth_of_one(worth: Floats, driver: Floats, bins: int = BINS) -> float:
    """Return what knowing one driver adds on average to the best of several choices (draws x choices): its EVPPI.

    A choice judged by the very draws it was made from gains a little even from a driver without consequence. So every
    draw is judged by what the other draws of its bin would choose. Never negative.
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
