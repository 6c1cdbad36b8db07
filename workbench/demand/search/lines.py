"""The objective along one price, exactly, where customers choose the highest surplus.

With all other prices fixed each customer has one threshold: up to it they take the plan (or the add-on), above it
something else. Between thresholds revenue is a straight line that does not fall, so its highest point is a threshold
or the end of the interval; sorting thresholds and adding up from the top gives all of them at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.demand.search.score import missed_by
from workbench.impact.billing import bills_at

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.demand.search.score import Scorer
    from workbench.demand.task import ChoiceTask

    Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Line:
    """Scores along one price, dearest first: `scores` at each of `prices`, `above` just above each of them."""

    prices: Floats
    scores: Floats
    above: Floats

    def best(self) -> tuple[float, float]:
        """Return the best price and its score, the dearer of equals."""
        place = int(np.argmax(self.scores))
        return float(self.prices[place]), float(self.scores[place])


@dataclass(frozen=True, eq=False)
class _Switch:
    """What each row does along one price: takes the offer up to `threshold` and pays `units` times the price.

    `kept` and `left` are what the row brings besides, with the offer and without it; the same with `in_middle` and
    `buys`, which count for T2, and with `pays`, which counts accounts that pay today and go on paying.
    """

    threshold: Floats
    units: Floats
    kept: Floats
    left: Floats
    middle_kept: Floats
    middle_left: Floats
    buys_kept: Floats
    buys_left: Floats
    pays_kept: Floats
    pays_left: Floats


def line(scorer: Scorer, prices: Floats, place: int, low: float, high: float) -> Line:
    """Return the score at every threshold from `low` to `high` along one price, and at `high`; one look at the rows."""
    scorer.count()
    task, rules = scorer.task, scorer.rules
    books = _Books(scorer, prices)
    if place < rules.plan_at.size:
        switch = books.along_plan(int(rules.plan_at[place]))
    else:
        switch = books.along_add_on(int(rules.add_on_at[place - rules.plan_at.size]))
    threshold = _below(switch.threshold, task)
    always, within = threshold >= high, (threshold >= low) & (threshold < high)
    order = np.flatnonzero(within)[np.argsort(-threshold[within])]
    at = np.append(high, threshold[order])
    is_last = np.append(at[1:] < at[:-1], True)  # customers with one threshold switch together

    weight = np.asarray(task.weight)
    weight_always, weight_order = weight * always, weight[order]

    def running(kept: Floats, left: Floats | float) -> Floats:
        gained = kept - left
        found = np.empty(len(order) + 1)
        # Not `@`: one sum of products is too short for the threads that would be woken for it.
        found[0] = np.einsum("i,i", weight_always, gained)
        if isinstance(left, np.ndarray):
            found[0] += np.einsum("i,i", weight, left)
        np.multiply(weight_order, gained[order], out=found[1:])
        return np.cumsum(found, out=found)

    slope = running(switch.units, 0.0)
    level = running(switch.kept, switch.left)
    missed = np.zeros(len(at))
    if rules.band is not None:
        middle = running(switch.middle_kept, switch.middle_left)
        missed = missed_by(middle, running(switch.buys_kept, switch.buys_left), rules.band)
    if rules.kept is not None:
        missed = missed + scorer.lost_beyond(running(switch.pays_kept, switch.pays_left))
    scores = np.asarray(scorer.ranked(at * slope + level, missed))
    # Just above a threshold those who switch there are gone already.
    before = np.append(0, np.flatnonzero(is_last)[:-1])
    above = np.asarray(scorer.ranked(at[is_last] * slope[before] + level[before], missed[before]))
    return Line(at[is_last], scores[is_last], above)


def _below(threshold: Floats, task: ChoiceTask) -> Floats:
    """Return thresholds at which a customer surely still buys: ties and single precision move them down a little."""
    coarse = task.plan_worth.dtype == np.float32
    lowered = threshold - np.abs(threshold) * 1e-6 if coarse else threshold
    return lowered if task.ties == "seller" else lowered - 3 * task.tolerance


class _Books:
    """Surplus and money of every plan at given prices."""

    def __init__(self, scorer: Scorer, prices: Floats) -> None:
        self.task, self.rules = scorer.task, scorer.rules
        self.fees, self.add_on_fees = scorer.rules.split(prices)
        self.counts_money = scorer.objective != "share"
        self.counts_cost = scorer.objective == "margin"
        self.scorer = scorer
        self._gains: dict[int, Floats] = {}
        self._extras: dict[int, Floats] = {}
        self._values: dict[int, Floats] = {}
        self.offered = [p for p in range(len(self.fees)) if np.isfinite(self.fees[p])]
        # The dearest first: of equal surpluses the first one stays, as sellers' textbooks have it.
        self.offered.sort(key=lambda p: self.fees[p], reverse=self.task.ties == "seller")

    def along_plan(self, plan: int) -> _Switch:
        """Return who takes a plan up to which base fee."""
        others = [p for p in self.offered if p != plan]
        best, value, middle, buys, pays = self._best(others, with_rival=True, without=None)
        free = self._left(plan)
        value_kept = self._fixed_money(plan)
        for a in self._open(plan, None):
            free += self._extra(a)
            value_kept = value_kept + self._add_on_value(a)
        units = self._wide(self.task.fee_units[:, plan])
        return self._switch(
            _divided(free - best, units),
            units,
            (value_kept, value),
            (float(self.rules.middle[plan]), middle),
            (1.0, buys, self._still_paying(plan, priced=True), pays),
        )

    def along_add_on(self, add_on: int) -> _Switch:
        """Return who takes an add-on up to which fee, some of them with another plan than they have without it."""
        with_it = [p for p in self.offered if self.task.add_on_open[p, add_on]]
        without = [p for p in self.offered if not self.task.add_on_open[p, add_on]]
        best_open, value_open, middle_open, _, pays_open = self._best(with_it, with_rival=False, without=add_on)
        best_else, value_else, middle_else, buys_else, pays_else = self._best(without, with_rival=True, without=add_on)
        stays = best_open >= best_else
        units = self._wide(self.task.add_on_units[:, add_on])
        free = self._wide(self.task.add_on_worth[:, add_on]) + np.minimum(best_open - best_else, 0)
        cost = self._wide(self.task.add_on_cost[:, add_on]) if self.counts_cost else 0.0
        return self._switch(
            _divided(free, units),
            units,
            (value_open - cost, np.where(stays, value_open, value_else)),
            (middle_open, np.where(stays, middle_open, middle_else)),
            (1.0, np.where(stays, 1.0, buys_else), pays_open, np.where(stays, pays_open, pays_else)),
        )

    def _switch(
        self,
        threshold: Floats,
        units: Floats,
        money: tuple[Floats, Floats],
        middle: tuple[Floats | float, Floats],
        buys: tuple[float, Floats, Floats, Floats],
    ) -> _Switch:
        """Put together what rows do; each pair is with the offer and without it, buying and going on paying in turn."""
        (kept, left), (middle_kept, middle_left), (buys_kept, buys_left, *pays) = money, middle, buys
        nothing = np.zeros(self.task.rows)
        bought = np.full(self.task.rows, buys_kept)
        paid = units if self.counts_money else nothing
        if not self.counts_money:
            share = max(self.task.accounts, 1e-300)
            kept, left = bought / share, buys_left / share
        return _Switch(threshold, paid, kept, left, nothing + middle_kept, middle_left, bought, buys_left, *pays)

    def _best(
        self, plans: list[int], *, with_rival: bool, without: int | None
    ) -> tuple[Floats, Floats, Floats, Floats, Floats]:
        """Return the highest surplus among plans (and the rival), its money, whether it is middle, bought and paid."""
        size = self.task.rows
        best, value, middle, bought, paying = np.full(size, -np.inf), *(np.zeros(size) for _ in range(4))
        for plan in plans:
            surplus = self._left(plan)
            surplus -= bills_at(self.fees[plan], self.task.fee_units[:, plan])
            money = self._fixed_money(plan)
            if self.counts_money:
                money = money + bills_at(self.fees[plan], self.task.fee_units[:, plan])
            for a in self._open(plan, without):
                surplus += self._extra(a)
                money = money + self._add_on_value(a)
            better = surplus > best + self.task.tolerance
            np.copyto(best, surplus, where=better)
            np.copyto(value, money, where=better)
            bought[better] = 1.0
            if self.rules.band is not None:
                middle[better] = self.rules.middle[plan]
            if self.rules.kept is not None:
                np.copyto(paying, self._still_paying(plan, priced=False), where=better)
        if with_rival:
            lost = best < self.task.rival
            np.copyto(best, self.task.rival, where=lost)
            for each in (value, middle, bought, paying):
                each[lost] = 0.0
        return best, value, middle, bought, paying

    def _still_paying(self, plan: int, *, priced: bool) -> Floats:
        """Return who pays today and would with a plan; `priced` where its fee is the price that moves, above 0."""
        if self.rules.kept is None:
            return np.zeros(self.task.rows)
        units, usage = self.task.fee_units[:, plan], self.task.plan_usage[:, plan]
        fee = 1.0 if priced else self.fees[plan]
        return np.asarray(self.task.pays & (bills_at(fee, units, usage) > 0), dtype=np.float64)

    def _open(self, plan: int, without: int | None) -> list[int]:
        offered = np.isfinite(self.add_on_fees) & self.task.add_on_open[plan]
        return [int(a) for a in np.flatnonzero(offered) if a != without]

    def _left(self, plan: int) -> Floats:
        """Return what a plan leaves to each customer before its base fee and add-ons."""
        return np.array(self.scorer.looks.left(plan), dtype=np.float64)

    def _gain(self, add_on: int) -> Floats:
        if add_on not in self._gains:
            bill = bills_at(self.add_on_fees[add_on], self.task.add_on_units[:, add_on])
            self._gains[add_on] = self._wide(self.task.add_on_worth[:, add_on] - bill)
        return self._gains[add_on]

    def _extra(self, add_on: int) -> Floats:
        """Return what an add-on leaves to those it leaves something."""
        if add_on not in self._extras:
            self._extras[add_on] = np.maximum(self._gain(add_on), 0)
        return self._extras[add_on]

    def _add_on_value(self, add_on: int) -> Floats | float:
        """Return what an add-on brings from those who take it at its fee."""
        if not self.counts_money:
            return 0.0
        if add_on not in self._values:
            value = self._wide(bills_at(self.add_on_fees[add_on], self.task.add_on_units[:, add_on]))
            if self.counts_cost:
                value = value - self.task.add_on_cost[:, add_on]
            slack = self.task.tolerance if self.task.ties == "seller" else -self.task.tolerance
            self._values[add_on] = np.where(self._gain(add_on) >= -slack, value, 0.0)
        return self._values[add_on]

    def _fixed_money(self, plan: int) -> Floats:
        if not self.counts_money:
            return np.zeros(self.task.rows)
        usage = self._wide(self.task.plan_usage[:, plan])
        return usage - self.task.plan_cost[:, plan] if self.counts_cost else usage

    @staticmethod
    def _wide(values: NDArray[np.floating]) -> Floats:
        return np.asarray(values, dtype=np.float64)


def _divided(surplus: Floats, units: Floats) -> Floats:
    """Return the price at which a surplus is used up; without units the price does not matter to the customer."""
    never = np.where(surplus >= 0, np.inf, -np.inf)
    return np.divide(surplus, units, out=never, where=units > 0)
