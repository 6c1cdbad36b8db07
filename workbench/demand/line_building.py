"""Build a price line: the threshold of every row, and what it brings with the plan and without it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.demand.asking import ask_of
from workbench.demand.choice_rules import highest_surplus
from workbench.demand.price_lines import SmoothLine, StepLine

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.demand.asking import Ask
    from workbench.demand.task import ChoiceTask

    Floats = NDArray[np.float64]

_BLOCK = 65_536
_KNOTS = 33


def step_line(task: ChoiceTask, place: int, fees: Floats, add_on_fees: Floats) -> StepLine:
    """Return the exact line of the surplus rule along the fee of the plan at `place`."""
    others = fees.copy()
    others[place] = np.nan
    ask = ask_of(task, others, add_on_fees)
    own = ask_of(task, np.where(np.arange(len(fees)) == place, 0.0, np.nan), add_on_fees)
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
    slack = task.tolerance if task.ties == "seller" else -task.tolerance
    extra = {a: np.maximum(gain, 0) for a, gain in gains.items()}
    for add_on in own.open_add_ons(place):
        surplus += extra[add_on]
    units = task.fee_units[rows, place].astype(np.float64)
    room = surplus - np.maximum(best, task.rival[rows]) + slack
    never = np.where(room >= 0, np.inf, -np.inf)
    threshold = np.divide(room, units, out=never, where=units > 0)
    revenue, cost = _brings(own, place, rows, gains)
    left_revenue, left_cost = np.zeros(weight.size), np.zeros(weight.size)
    per_plan = np.zeros((len(ask.fees), weight.size))
    for plan in ask.offered:
        inside = chosen == plan
        plan_revenue, plan_cost = _brings(ask, plan, rows, gains)
        left_revenue[inside], left_cost[inside] = plan_revenue[inside], plan_cost[inside]
        per_plan[plan, inside] = weight[inside]
    columns = np.vstack(
        [weight, weight * units, weight * (revenue - left_revenue), weight * (cost - left_cost), per_plan]
    )
    return threshold, columns, [weight * left_revenue, weight * left_cost, *per_plan]


def _brings(ask: Ask, plan: int, rows: slice, gains: dict[int, NDArray[np.floating]]) -> tuple[Floats, Floats]:
    """Return what each row pays and costs with a plan and the add-ons it would take."""
    task = ask.task
    revenue = ask.bill(plan, rows).astype(np.float64)
    cost = task.plan_cost[rows, plan].astype(np.float64)
    for add_on in ask.open_add_ons(plan):
        takes = gains[add_on] >= (-task.tolerance if task.ties == "seller" else task.tolerance)
        revenue += takes * ask.add_on_bill(add_on, rows)
        cost += takes * task.add_on_cost[rows, add_on]
    return revenue, cost


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
    others = fees.copy()
    others[place] = np.nan
    ask = ask_of(task, others, add_on_fees)
    own = ask_of(task, np.where(np.arange(len(fees)) == place, 0.0, np.nan), add_on_fees)
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
    gains = {a: ask.add_on_surplus(a, rows) / scale for a in range(len(ask.add_on_fees)) if ask.on_offer(a)}
    attach = {a: _logistic(gain) for a, gain in gains.items()}

    def pull(of: Ask, plan: int) -> Floats:
        found: Floats = of.plan_surplus(plan, rows).astype(np.float64) / scale
        for add_on in of.open_add_ons(plan):
            found += np.logaddexp(0, gains[add_on])
        return found

    pulls = {plan: pull(ask, plan) for plan in ask.offered}
    together = np.logaddexp.reduce([task.rival[rows].astype(np.float64) / scale, *pulls.values()])
    revenue, cost = _expected(own, place, rows, attach)
    left_revenue, left_cost = np.zeros(weight.size), np.zeros(weight.size)
    per_plan = np.zeros((len(ask.fees), weight.size))
    for plan, value in pulls.items():
        share = np.exp(value - together)
        plan_revenue, plan_cost = _expected(ask, plan, rows, attach)
        left_revenue += share * plan_revenue
        left_cost += share * plan_cost
        per_plan[plan] = weight * share
    units = task.fee_units[rows, place]
    columns = np.vstack(
        [weight, weight * units, weight * (revenue - left_revenue), weight * (cost - left_cost), per_plan]
    )
    return pull(own, place) - together, columns, [weight * left_revenue, weight * left_cost, *per_plan]


def _expected(ask: Ask, plan: int, rows: slice, attach: dict[int, NDArray[np.floating]]) -> tuple[Floats, Floats]:
    """Return what each row is expected to pay and cost with a plan and its add-ons."""
    task = ask.task
    revenue = ask.bill(plan, rows).astype(np.float64)
    cost = task.plan_cost[rows, plan].astype(np.float64)
    for add_on in ask.open_add_ons(plan):
        revenue += attach[add_on] * ask.add_on_bill(add_on, rows)
        cost += attach[add_on] * task.add_on_cost[rows, add_on]
    return revenue, cost


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
