"""The two rules of choice, worked block by block so that the numbers in use stay in the processor's cache.

Highest surplus: each customer takes the offer that leaves most (Moorthy 1984, and any textbook on screening).
Logit: shares follow exp(surplus / scale) (McFadden 1974); an add-on is a yes or no of its own within each plan, so
the surplus of a plan includes scale * log(1 + exp(add-on surplus / scale)) for each add-on open to it.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.demand.asking import ask_of
from workbench.demand.totals import Groups, Totals
from workbench.impact.billing import bills_at

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.demand.asking import Ask
    from workbench.demand.task import ChoiceTask

_BLOCK = 32_768
_PARALLEL_FROM = 8 * _BLOCK
_WORKERS = min(4, os.cpu_count() or 1)


@dataclass(frozen=True, eq=False)
class Buyers:
    """Rows of a block that buy something: their accounts and groups; `places` None means every row of the block."""

    rows: slice
    accounts: NDArray[np.float64]
    groups: Groups
    places: NDArray[np.intp] | None = None

    def sums(self, values: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return the sum over the buyers per group of a value given for every row of the block."""
        return self.groups.sums(self.accounts, values if self.places is None else values[self.places])

    def counts(self) -> NDArray[np.float64]:
        """Return the buyers per group."""
        return self.groups.sums(self.accounts)


def totals(
    task: ChoiceTask,
    fees: NDArray[np.float64],
    add_on_fees: NDArray[np.float64],
    groups: Groups,
    choice: NDArray[np.int8] | None,
) -> Totals:
    """Return buyers, revenue and cost per group at these fees; writes each row's plan into `choice` when given."""
    ask = ask_of(task, fees, add_on_fees)
    blocks = [slice(start, min(start + _BLOCK, task.rows)) for start in range(0, task.rows, _BLOCK)]

    def one(rows: slice) -> Totals:
        return _logit_block(ask, rows, groups) if task.rule == "logit" else _surplus_block(ask, rows, groups, choice)

    nothing = Totals.zeros(groups.count, len(fees), len(add_on_fees))
    if task.rows < _PARALLEL_FROM or _WORKERS == 1:
        return Totals.added([nothing, *map(one, blocks)])
    with ThreadPoolExecutor(_WORKERS) as pool:  # numpy lets go of the interpreter while it counts
        return Totals.added([nothing, *pool.map(one, blocks)])


def _surplus_block(ask: Ask, rows: slice, groups: Groups, choice: NDArray[np.int8] | None) -> Totals:
    chosen, _, gains = highest_surplus(ask, rows)
    if choice is not None:
        choice[rows] = chosen
    task, within = ask.task, groups.of(rows)
    found = Totals.zeros(groups.count, len(ask.fees), len(ask.add_on_fees))
    weight = task.weight[rows]
    slack = _slack(ask)
    for plan in ask.offered:
        places = np.flatnonzero(chosen == plan)
        _sell_plan(ask, plan, Buyers(rows, weight[places], within.at(places), places), found)
        for add_on in ask.open_add_ons(plan):
            gain = gains[add_on][places]
            takers = places[gain >= slack if slack <= 0 else gain > slack]
            _sell_add_on(ask, add_on, Buyers(rows, weight[takers], within.at(takers), takers), found)
    return found


def highest_surplus(
    ask: Ask, rows: slice
) -> tuple[NDArray[np.int8], NDArray[np.floating], dict[int, NDArray[np.floating]]]:
    """Return the plan of each row (-1: a competitor or nothing), what the best plan and each add-on leave to it."""
    task = ask.task
    gains = {a: ask.add_on_surplus(a, rows) for a in range(len(ask.add_on_fees)) if ask.on_offer(a)}
    extra = {a: np.maximum(gain, 0) for a, gain in gains.items()}
    rival = task.rival[rows]
    chosen = np.full(rival.size, -1, dtype=np.int8)
    best = np.full(rival.size, -np.inf, dtype=task.plan_worth.dtype)
    best_bill = np.zeros(rival.size, dtype=task.plan_worth.dtype)
    for plan in ask.offered:
        surplus = ask.plan_surplus(plan, rows)
        for add_on in ask.open_add_ons(plan):
            surplus += extra[add_on]
        better = surplus > best + task.tolerance
        if not ask.fixed_order:
            bill = ask.bill(plan, rows)
            preferred = bill > best_bill if task.ties == "seller" else bill < best_bill
            better |= preferred & (surplus >= best - task.tolerance) & (chosen >= 0)
            np.copyto(best_bill, bill, where=better)
        np.copyto(best, surplus, where=better)
        chosen[better] = plan
    slack = _slack(ask)
    lost = best < rival + slack if slack <= 0 else best <= rival + slack
    chosen[lost] = -1
    return chosen, best, gains


def _slack(ask: Ask) -> float:
    """Return by how much a choice must beat the alternative of not making it."""
    return -ask.task.tolerance if ask.task.ties == "seller" else ask.task.tolerance


def _logit_block(ask: Ask, rows: slice, groups: Groups) -> Totals:
    task, within = ask.task, groups.of(rows)
    scale = float(task.scale)
    gains = {a: ask.add_on_surplus(a, rows) / scale for a in range(len(ask.add_on_fees)) if ask.on_offer(a)}
    extra = {a: np.logaddexp(0, gain, dtype=gain.dtype) for a, gain in gains.items()}
    attach = {a: np.exp(gain - extra[a]) for a, gain in gains.items()}
    utility = {}
    highest = task.rival[rows] / scale
    rival = highest.copy()
    for plan in ask.offered:
        utility[plan] = ask.plan_surplus(plan, rows) / scale
        for add_on in ask.open_add_ons(plan):
            utility[plan] += extra[add_on]
        np.maximum(highest, utility[plan], out=highest)
    for plan in ask.offered:
        utility[plan] = np.exp(utility[plan] - highest)
    everything = np.exp(rival - highest)
    for plan in ask.offered:
        everything += utility[plan]
    found = Totals.zeros(groups.count, len(ask.fees), len(ask.add_on_fees))
    weight = task.weight[rows] / everything
    for plan in ask.offered:
        share = weight * utility[plan]
        _sell_plan(ask, plan, Buyers(rows, share, within), found)
        for add_on in ask.open_add_ons(plan):
            _sell_add_on(ask, add_on, Buyers(rows, share * attach[add_on], within), found)
    return found


def _sell_plan(ask: Ask, plan: int, buyers: Buyers, found: Totals) -> None:
    """Add the buyers of a plan, what they pay and what they cost to `found`."""
    task, units = ask.task, ask.task.fixed_bills[plan]
    found.buyers[:, plan] = buyers.counts()
    _keep(ask, plan, buyers, found)
    if units is None:
        found.plan_revenue[:, plan] = buyers.sums(ask.bill(plan, buyers.rows))
    else:
        found.plan_revenue[:, plan] = found.buyers[:, plan] * bills_at(ask.fees[plan], units)
    found.plan_cost[:, plan] = buyers.sums(task.plan_cost[buyers.rows, plan])


def _keep(ask: Ask, plan: int, buyers: Buyers, found: Totals) -> None:
    """Add the buyers of a plan that pay today and go on paying, and those who pay nothing today."""
    pays, bought = ask.task.pays[buyers.rows], found.buyers[:, plan]
    paying = bought if pays.all() else buyers.sums(pays.astype(np.float64))
    found.kept[:, 1] += bought - paying
    if ask.bills_everybody(plan):
        billed, billed_paying = bought, paying
    elif ask.fees[plan] > 0 or ask.task.plan_usage[buyers.rows, plan].any():
        bills = (ask.bill(plan, buyers.rows) > 0).astype(np.float64)
        billed, billed_paying = buyers.sums(bills), buyers.sums(pays * bills)
    else:
        return
    found.kept[:, 0] += billed_paying
    found.kept[:, 2] += billed - billed_paying


def _sell_add_on(ask: Ask, add_on: int, buyers: Buyers, found: Totals) -> None:
    """Add the buyers of an add-on with one plan, what they pay and what they cost to `found`."""
    task = ask.task
    found.add_on_buyers[:, add_on] += buyers.counts()
    units = buyers.sums(task.add_on_units[buyers.rows, add_on])
    found.add_on_revenue[:, add_on] += bills_at(float(ask.add_on_fees[add_on]), units)
    found.add_on_cost[:, add_on] += buyers.sums(task.add_on_cost[buyers.rows, add_on])
