"""Many sets of prices asked of the same customers at once: what `ChoiceTask.outcome` says of each, as far as scores go.

A search asks the same customers thousands of times, and most of the time goes into starting small calculations. So
what no price changes is worked out once, weighted sums are matrix products, and customers are taken in blocks small
enough that those of all sets of prices stay in the processor's cache. Customers who choose the same at all prices
between the lowest and the highest asked are counted once: what an offer leaves falls with every price, in floating
point as well. Customers whose best offers lie within the tolerance of each other are few, and settled one by one as
the choice task does.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np

from workbench.impact.billing import bills_at

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.demand.choice_task import ChoiceTask
    from workbench.demand.search.constraints import Objective, SearchRules

    Floats = NDArray[np.float64]
    Marks = NDArray[np.bool_]
    Sums = tuple[list[Floats], list[Floats]]

_CELLS = 32_768
"""Customers times sets of prices worked on at once."""
_FEWEST_SETS = 8
"""Sets of prices from which on it pays to look first who chooses the same at all of them."""
_BUYERS, _PAID, _BESIDES, _KEPT = range(4)


@dataclass(frozen=True, eq=False)
class Seen:
    """What each set of prices brings: the objective, buyers, those of them in the middle, and paying accounts kept."""

    value: Floats
    buyers: Floats
    middle: Floats
    kept: Floats


class Looks:
    """One choice task under the surplus rule, made ready to be asked about many sets of prices.

    `offered` are the places of plans with a fee, `extras` those of add-ons; which they are no price changes.
    """

    def __init__(self, task: ChoiceTask, rules: SearchRules, objective: Objective) -> None:
        self.task, self.rules, self.objective = task, rules, objective
        self.offered = self._on_offer(rules.fees, rules.plan_at)
        self.extras = self._on_offer(rules.add_on_fees, rules.add_on_at)
        self.fixed = tuple(task.fixed_bills[plan] for plan in self.offered)
        self.free = [task.plan_worth[:, plan] - task.plan_usage[:, plan] for plan in self.offered]
        self.floor = np.asarray(task.rival + task.slack)
        weight = np.asarray(task.weight)
        self.plan_sums = [self._plan_sums(plan, weight) for plan in self.offered]
        self.add_on_sums = [self._add_on_sums(add_on, weight) for add_on in self.extras]
        self.accounts = max(task.accounts, 1e-300)
        self.decided: Sums = [np.zeros((1, 4)) for _ in self.offered], [np.zeros((1, 2)) for _ in self.extras]
        open_to = task.add_on_open[np.ix_(self.offered, self.extras)]
        self.open_to: list[tuple[int, ...]] = [tuple(np.flatnonzero(each).tolist()) for each in open_to]
        self.opened_by: list[tuple[int, ...]] = [tuple(np.flatnonzero(each).tolist()) for each in open_to.T]

    def at(self, prices: Floats) -> Seen:
        """Return what sets of prices bring, one a row, in the order of the searched prices."""
        if len(prices) >= _FEWEST_SETS:
            return self.within(prices.min(axis=0), prices.max(axis=0)).each(prices)
        return self.each(prices)

    def within(self, low: Floats, high: Floats) -> Looks:
        """Return what answers as this does at prices from `low` to `high`: who chooses the same at all is not asked."""
        fees, decided, open_rows = self._asked(np.array([low, high])), [self.decided], []
        for start in range(0, self.task.rows, _CELLS):
            is_open, sums = self._undecided(slice(start, start + _CELLS), *fees)
            open_rows.append(np.flatnonzero(is_open) + start)
            decided.append(sums)
        rows = np.concatenate(open_rows)
        found = Looks(self.task.at_rows(rows, np.asarray(self.task.weight)[rows]), self.rules, self.objective)
        plans, add_ons = (
            [np.sum(each, axis=0) for each in zip(*kind, strict=True)] for kind in zip(*decided, strict=True)
        )
        found.decided, found.accounts = (plans, add_ons), self.accounts
        return found

    def each(self, prices: Floats) -> Seen:
        """Return the same, with everybody asked at every set of prices."""
        asked = self._asked(prices)
        step = max(_CELLS // len(prices), 1)
        found = self._brought(*self.decided, *asked)
        for start in range(0, self.task.rows, step):
            rows = slice(start, start + step)
            gains, surplus = self._left_over(rows, *asked)
            buys, takes = self._choices(surplus, rows, asked[0]), [self.task.takes(gain) for gain in gains]
            found += self._brought(*self._added(buys, takes, rows), *asked)
        value, buyers, middle, kept = found
        if self.objective == "share":
            value = buyers / self.accounts
        return Seen(value, buyers, middle, kept)

    def _asked(self, prices: Floats) -> tuple[Floats, Floats]:
        """Return the fees of plans and of add-ons on offer at sets of searched prices."""
        plans = self.rules.plan_at.size
        fees = np.tile(self.rules.fees, (len(prices), 1))
        add_on_fees = np.tile(self.rules.add_on_fees, (len(prices), 1))
        fees[:, self.rules.plan_at], add_on_fees[:, self.rules.add_on_at] = prices[:, :plans], prices[:, plans:]
        return fees[:, self.offered], add_on_fees[:, self.extras]

    def left(self, plan: int) -> NDArray[np.floating]:
        """Return what a plan on offer leaves to each customer before its base fee and add-ons."""
        return self.free[self.offered.index(plan)]

    def _undecided(self, rows: slice, fees: Floats, add_on_fees: Floats) -> tuple[Marks, Sums]:
        """Return who may choose differently between the lowest and the highest fees, and the sums of the others."""
        gains, surplus = self._left_over(rows, fees, add_on_fees)
        floor, tolerance = self.floor[rows], self.task.tolerance
        best, worst = (np.array([each[end] for each in surplus]).reshape(len(surplus), floor.size) for end in (0, 1))
        takes = [self.task.takes(gain) for gain in gains]
        decided = (best < floor - tolerance).all(axis=0)
        buys = []
        for number, opened in enumerate(self.open_to):
            others = np.delete(best, number, axis=0).max(axis=0, initial=-np.inf)
            sure = (worst[number] > floor + tolerance) & (worst[number] > others + 2 * tolerance)
            for each in opened:
                sure &= takes[each][0] == takes[each][1]
            buys.append(sure[None])
            decided = decided | sure
        return np.asarray(~decided), self._added(buys, [each[:1] for each in takes], rows)

    def _left_over(
        self, rows: slice, fees: Floats, add_on_fees: Floats
    ) -> tuple[list[NDArray[np.floating]], list[NDArray[np.floating]]]:
        """Return what each add-on and each plan leaves to a block of customers, one row per set of prices."""
        gains = [
            self.task.add_on_worth[rows, add_on]
            - self._billed(add_on_fees[:, number], self.task.add_on_units, add_on, rows)
            for number, add_on in enumerate(self.extras)
        ]
        extra: dict[tuple[int, ...], NDArray[np.floating]] = {}
        surplus = []
        for number, plan in enumerate(self.offered):
            units = slice(0, 1) if self.fixed[number] is not None else rows  # everybody pays the fee as often
            left = self.free[number][rows] - self._billed(fees[:, number], self.task.fee_units, plan, units)
            opened = self.open_to[number]
            if opened and opened not in extra:
                extra[opened] = np.maximum(gains[opened[0]], 0)
                for each in opened[1:]:
                    extra[opened] += np.maximum(gains[each], 0)
            surplus.append(np.add(left, extra[opened], out=left) if opened else left)
        return gains, surplus

    def _choices(self, surplus: list[NDArray[np.floating]], rows: slice, fees: Floats) -> list[Marks]:
        """Return who buys each plan on offer, one row per set of prices."""
        if not surplus:
            return []
        best = surplus[0].copy()
        for each in surplus[1:]:
            np.maximum(best, each, out=best)
        floor = self.floor[rows]
        reached = best >= floor if self.task.slack <= 0 else best > floor
        best -= self.task.tolerance
        near: list[Marks] = [(each >= best) & reached for each in surplus]
        if sum(np.count_nonzero(each) for each in near) > np.count_nonzero(reached):
            contested = np.nonzero(np.add.reduce(near, axis=0, dtype=np.int8) > 1)
            chosen = self._settled(np.array([each[contested] for each in surplus]), contested, rows, fees)
            for number, marks in enumerate(near):
                marks[contested] = chosen == number
        return near

    def _settled(
        self, surplus: NDArray[np.floating], at: tuple[NDArray[np.intp], ...], rows: slice, fees: Floats
    ) -> NDArray[np.intp]:
        """Return the plan of customers to whom several are worth the same, -1 for none of them."""
        task, (which, places) = self.task, at
        customer = places + rows.start
        sign = -1.0 if task.ties == "seller" else 1.0
        size = fees * np.array([bill or 0.0 for bill in self.fixed])
        order = np.argsort(sign * size, axis=1, kind="stable")[which].T
        bills = np.array(
            [
                bills_at(fees[which, number], task.fee_units[customer, plan], task.plan_usage[customer, plan])
                for number, plan in enumerate(self.offered)
            ]
        )
        in_order, everybody = any(bill is None for bill in self.fixed), np.arange(which.size)
        best = np.full(which.size, -np.inf, dtype=surplus.dtype)
        best_bill, chosen = np.zeros(which.size), np.full(which.size, -1)
        for number in order:
            left, bill = surplus[number, everybody], bills[number, everybody]
            better = left > best + task.tolerance
            if in_order:
                preferred = bill > best_bill if task.ties == "seller" else bill < best_bill
                better |= preferred & (left >= best - task.tolerance) & (chosen >= 0)
            best, chosen = np.where(better, left, best), np.where(better, number, chosen)
            best_bill = np.where(better, bill, best_bill)
        floor = self.floor[customer]
        lost = best < floor if self.task.slack <= 0 else best <= floor
        return np.where(lost, -1, chosen)

    def _added(self, buys: list[Marks], takes: list[Marks], rows: slice) -> Sums:
        """Return the sums over those who buy each plan, and over those who take each add-on, one row per set."""
        plans = [each.astype(np.float64) @ sums[rows] for each, sums in zip(buys, self.plan_sums, strict=True)]
        served: dict[tuple[int, ...], Marks] = {}
        add_ons = []
        for number, opened in enumerate(self.opened_by):
            if opened and opened not in served:
                served[opened] = reduce(np.logical_or, [buys[each] for each in opened])
            taken = served[opened] & takes[number] if opened else np.zeros_like(takes[number])
            add_ons.append(taken.astype(np.float64) @ self.add_on_sums[number][rows])
        return plans, add_ons

    def _brought(self, plans: list[Floats], add_ons: list[Floats], fees: Floats, add_on_fees: Floats) -> Floats:
        """Return what sums of customers bring at each set of prices: the rows are those of `Seen`."""
        value, buyers, middle, kept = found = np.zeros((4, len(fees)))
        for number, (plan, sums) in enumerate(zip(self.offered, plans, strict=True)):
            value += bills_at(fees[:, number], sums[:, _PAID], sums[:, _BESIDES])
            buyers += sums[:, _BUYERS]
            kept += sums[:, _KEPT]
            if self.rules.middle[plan]:
                middle += sums[:, _BUYERS]
        for number, sums in enumerate(add_ons):
            value += bills_at(add_on_fees[:, number], sums[:, 0], sums[:, 1])
        return found

    @staticmethod
    def _on_offer(fees: Floats, searched: NDArray[np.intp]) -> list[int]:
        return sorted(
            {*(int(place) for place in np.flatnonzero(np.isfinite(fees))), *(int(place) for place in searched)}
        )

    @staticmethod
    def _billed(fees: Floats, units: NDArray[np.floating], place: int, rows: slice) -> NDArray[np.floating]:
        return bills_at(fees.astype(units.dtype)[:, None], units[rows, place])

    def _plan_sums(self, plan: int, weight: Floats) -> Floats:
        """Return what a buyer of a plan adds to accounts, fees, money besides, and paying accounts kept."""
        task = self.task
        units, usage = task.fee_units[:, plan], task.plan_usage[:, plan]
        besides = usage - task.plan_cost[:, plan] if self.objective == "margin" else usage
        fee = 1.0 if plan in self.rules.plan_at else self.rules.fees[plan]
        kept = task.pays & (bills_at(fee, units, usage) > 0)
        return np.column_stack([weight, weight * units, weight * besides, weight * kept])

    def _add_on_sums(self, add_on: int, weight: Floats) -> Floats:
        """Return what a buyer of an add-on adds to fees, and its cost where that counts."""
        task = self.task
        cost = task.add_on_cost[:, add_on] if self.objective == "margin" else np.zeros(task.rows)
        return np.column_stack([weight * task.add_on_units[:, add_on], -weight * cost])
