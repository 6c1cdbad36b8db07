"""Share and revenue against one price (demand curves): worked out once per line, then every price is a look-up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from workbench.demand.choice_task import ask_of, highest_surplus
from workbench.demand.customers import DemandError
from workbench.demand.outcome import AtPrice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from workbench.demand.choice_task import Ask, ChoiceTask

    Floats = NDArray[np.float64]

# --- Share and revenue against one price: worked out once per line, then every price on it is a look-up


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

    At its threshold itself a row takes the plan.

    Attributes
    ----------
    plans, place
        The plans, and the place of the one whose price varies.
    accounts
        All accounts.
    thresholds, starts
        The highest price at which each row takes the plan, and where each draw begins.
    sums
        Columns x (rows + 1): from the first row, accounts, fee units, revenue besides the fee and cost (both against
        what the row does otherwise), and the accounts that otherwise have each plan.
    otherwise
        Revenue, cost and accounts per plan of each draw when nobody takes the plan.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from workbench.demand import Demand, Willingness, price_line, respondents_of, split_worth
    >>> from workbench.pricing import Plan, PriceBook
    >>> asked = respondents_of(pd.DataFrame({"respondent": ["a", "b", "c"]}))
    >>> worth = split_worth(Willingness(source="talks", customers=asked, total=np.array([[40.0], [70], [120]])), [])
    >>> line = price_line(Demand(worth=worth).task(PriceBook("list", "USD", [Plan("Team", 39)])), "Team", [39])
    >>> round(line.best(), 2), line.at(line.best()).share.estimate
    (70.0, 0.6666666666666666)
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
    """The line of the logit rule: worked out at `knots` and interpolated; `values` knots x draws x columns.

    Attributes
    ----------
    plans, place
        The plans, and the place of the one whose price varies.
    accounts
        All accounts.
    knots
        Prices at which the line was worked out.
    values
        Knots x draws x columns.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from workbench.demand import Demand, Willingness, price_line, respondents_of, split_worth
    >>> from workbench.pricing import Plan, PriceBook
    >>> asked = respondents_of(pd.DataFrame({"respondent": ["a", "b", "c"]}))
    >>> worth = split_worth(Willingness(source="talks", customers=asked, total=np.array([[40.0], [60], [120]])), [])
    >>> task = Demand(worth=worth, rule="logit", scale=10).task(PriceBook("list", "USD", [Plan("Team", 39)]))
    >>> price_line(task, "Team", [39]).at([30, 60, 90]).shares[:, 0].round(2).tolist()
    [0.89, 0.54, 0.34]
    """

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
    task: ChoiceTask, plan: str, fees: ArrayLike, add_on_fees: ArrayLike = (), *, between: Sequence[float] | None = None
) -> StepLine | SmoothLine:
    """Work out everything along the price of one plan, the other fees staying as they are.

    Parameters
    ----------
    task
        What customers choose from.
    plan
        The plan whose price varies.
    fees, add_on_fees
        The fees per month at which all others stay.
    between
        Lowest and highest price of a logit line (a quarter to four times the fee by default); a line of the surplus
        rule has no ends.

    Returns
    -------
    StepLine | SmoothLine
        A line that answers `at(price)`: exact for the surplus rule, interpolated for the logit.

    Raises
    ------
    DemandError
        For an unknown plan or fees that do not fit.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from workbench.demand import Demand, Willingness, price_line, respondents_of, split_worth
    >>> from workbench.pricing import Plan, PriceBook
    >>> asked = respondents_of(pd.DataFrame({"respondent": ["a", "b", "c"]}))
    >>> worth = split_worth(Willingness(source="talks", customers=asked, total=np.array([[40.0], [70], [120]])), [])
    >>> line = price_line(Demand(worth=worth).task(PriceBook("list", "USD", [Plan("Team", 39)])), "Team", [39])
    >>> line.at([40, 70, 120]).revenue.tolist()
    [[120.0, 140.0, 120.0]]
    """
    asked = task.read_fees(fees, add_on_fees)
    if plan not in task.plans:
        raise DemandError(f"There is no plan {plan!r}.", f"Plans: {', '.join(task.plans)}.")
    place = task.plans.index(plan)
    if task.rule == "surplus":
        return step_line(task, place, *asked)
    fee = asked[0][place]
    ends = (fee / 4, fee * 4) if between is None else (float(between[0]), float(between[1]))
    if not 0 < ends[0] < ends[1] < float("inf"):
        raise DemandError(f"A line from {ends[0]} to {ends[1]} has no prices.", "Give a low and a high price above 0.")
    return smooth_line(task, place, *asked, ends)


# --- Build a price line: the threshold of every row, and what it brings with the plan and without it

_BLOCK = 65_536
_KNOTS = 33


def _without_and_alone(task: ChoiceTask, place: int, fees: Floats, add_on_fees: Floats) -> tuple[Ask, Ask]:
    """Return the task without the plan at `place`, and with that plan alone at no fee."""
    here = np.arange(len(fees)) == place
    return ask_of(task, np.where(here, np.nan, fees), add_on_fees), ask_of(
        task, np.where(here, 0.0, np.nan), add_on_fees
    )


def step_line(task: ChoiceTask, place: int, fees: Floats, add_on_fees: Floats) -> StepLine:
    """Return the exact line of the surplus rule along the fee of the plan at `place`."""
    ask, own = _without_and_alone(task, place, fees, add_on_fees)
    plans = len(fees)
    thresholds = np.empty(task.rows, dtype=task.plan_worth.dtype)
    columns = np.empty((4 + plans, task.rows))
    otherwise = np.zeros((task.draws, 2 + plans))
    for start in range(0, task.rows, _BLOCK):
        rows = slice(start, min(start + _BLOCK, task.rows))
        thresholds[rows], columns[:, rows], kept = _block(ask, own, place, rows)
        for column, values in enumerate(kept):
            otherwise[:, column] += np.bincount(task.draw[rows], values, task.draws)
    order = _by_draw_dearest_first(task, thresholds)
    sums = np.zeros((4 + plans, task.rows + 1))
    for column, values in enumerate(columns):
        np.cumsum(values[order], out=sums[column, 1:])
    starts = np.concatenate([[0], np.cumsum(np.bincount(task.draw, minlength=task.draws))])
    return StepLine(task.plans, place, task.accounts, thresholds[order], starts, sums, otherwise * task.draws)


def _block(ask: Ask, own: Ask, place: int, rows: slice) -> tuple[Floats, Floats, list[Floats]]:
    """Return thresholds, the columns to add up, and revenue, cost and plans when nobody takes the plan."""
    task = ask.task
    weight = task.weight[rows]
    chosen, best, gains = highest_surplus(ask, rows)
    surplus = own.plan_surplus(place, rows).astype(np.float64)
    extra = {a: np.maximum(gain, 0) for a, gain in gains.items()}
    for add_on in own.open_add_ons(place):
        surplus += extra[add_on]
    units = task.fee_units[rows, place].astype(np.float64)
    room = surplus - np.maximum(best, task.rival[rows]) - task.slack
    never = np.where(room >= 0, np.inf, -np.inf)
    threshold = np.divide(room, units, out=never, where=units > 0)
    taken = {a: task.takes(gain) for a, gain in gains.items()}
    revenue, cost = own.brings(place, rows, taken)
    left_revenue, left_cost = np.zeros(weight.size), np.zeros(weight.size)
    per_plan = np.zeros((len(ask.fees), weight.size))
    for plan in ask.offered:
        inside = chosen == plan
        plan_revenue, plan_cost = ask.brings(plan, rows, taken)
        left_revenue[inside], left_cost[inside] = plan_revenue[inside], plan_cost[inside]
        per_plan[plan, inside] = weight[inside]
    columns = np.vstack(
        [weight, weight * units, weight * (revenue - left_revenue), weight * (cost - left_cost), per_plan]
    )
    return threshold, columns, [weight * left_revenue, weight * left_cost, *per_plan]


def _by_draw_dearest_first(task: ChoiceTask, thresholds: NDArray[np.floating]) -> NDArray[np.intp]:
    """Return the order of rows by draw, and within a draw from the highest threshold down."""
    by_draw = np.argsort(task.draw, kind="stable")
    size = task.rows // task.draws if task.draws else 0
    if size and (np.bincount(task.draw) == size).all():
        table = by_draw.reshape(task.draws, size)
        inside = np.argsort(-thresholds[table], axis=1)
        return np.take_along_axis(table, inside, axis=1).ravel()
    return np.lexsort((-thresholds, task.draw))


def smooth_line(
    task: ChoiceTask, place: int, fees: Floats, add_on_fees: Floats, ends: tuple[float, float]
) -> SmoothLine:
    """Return the interpolated line of the logit rule along the fee of the plan at `place`."""
    ask, own = _without_and_alone(task, place, fees, add_on_fees)
    plans, single = len(fees), np.float32
    lead = np.empty(task.rows, dtype=single)  # how far the plan at no fee is ahead of everything else
    columns = np.empty((4 + plans, task.rows), dtype=single)
    otherwise = np.zeros((task.draws, 2 + plans))
    for start in range(0, task.rows, _BLOCK):
        rows = slice(start, min(start + _BLOCK, task.rows))
        lead[rows], columns[:, rows], kept = _logit_block(ask, own, place, rows)
        for column, values in enumerate(kept):
            otherwise[:, column] += np.bincount(task.draw[rows], values, task.draws)
    table, real = _by_draw(task)
    lead, steps = lead[table], (task.fee_units[:, place] / task.scale).astype(single)[table]
    columns = np.ascontiguousarray((columns[:, table] * real).transpose(1, 0, 2))
    knots = np.geomspace(*ends, _KNOTS)
    values = np.repeat(otherwise[None], _KNOTS, axis=0)
    for number, fee in enumerate(knots):
        taken = np.matmul(columns, _logistic(lead - single(fee) * steps)[:, :, None])[:, :, 0].astype(np.float64)
        values[number, :, 2:] -= taken[:, 4:]
        values[number, :, 2 + place] += taken[:, 0]
        values[number, :, 0] += taken[:, 1] * fee + taken[:, 2]
        values[number, :, 1] += taken[:, 3]
    return SmoothLine(task.plans, place, task.accounts, knots, values * task.draws)


def _logit_block(ask: Ask, own: Ask, place: int, rows: slice) -> tuple[Floats, Floats, list[Floats]]:
    """Return the lead of the plan, the columns to add up, and revenue, cost and plans without the plan."""
    task, scale = ask.task, float(ask.task.scale)
    weight = task.weight[rows]
    gains = {a: gain / scale for a, gain in ask.gains(rows).items()}
    attach = {a: _logistic(gain) for a, gain in gains.items()}

    def pull(of: Ask, plan: int) -> Floats:
        found: Floats = of.plan_surplus(plan, rows).astype(np.float64) / scale
        for add_on in of.open_add_ons(plan):
            found += np.logaddexp(0, gains[add_on])
        return found

    pulls = {plan: pull(ask, plan) for plan in ask.offered}
    together = np.logaddexp.reduce([task.rival[rows].astype(np.float64) / scale, *pulls.values()])
    revenue, cost = own.brings(place, rows, attach)
    left_revenue, left_cost = np.zeros(weight.size), np.zeros(weight.size)
    per_plan = np.zeros((len(ask.fees), weight.size))
    for plan, value in pulls.items():
        share = np.exp(value - together)
        plan_revenue, plan_cost = ask.brings(plan, rows, attach)
        left_revenue += share * plan_revenue
        left_cost += share * plan_cost
        per_plan[plan] = weight * share
    units = task.fee_units[rows, place]
    columns = np.vstack(
        [weight, weight * units, weight * (revenue - left_revenue), weight * (cost - left_cost), per_plan]
    )
    return pull(own, place) - together, columns, [weight * left_revenue, weight * left_cost, *per_plan]


def _by_draw(task: ChoiceTask) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Return the rows of each draw, draws x most rows of a draw, and which of the entries are rows at all."""
    sizes = np.bincount(task.draw, minlength=task.draws)
    real = np.arange(sizes.max(initial=0)) < sizes[:, None]
    table = np.zeros(real.shape, dtype=np.intp)
    table[real] = np.argsort(task.draw, kind="stable")
    return table, real


def _logistic(values: NDArray[np.floating]) -> NDArray[np.floating]:
    from scipy.special import expit  # noqa: PLC0415 - loads slowly

    found: NDArray[np.floating] = expit(values)
    return found
