"""What a set of prices brings: revenue, margin or share, exactly along one price or with its slope along all."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from workbench.demand.search.looks import Looks, Seen
from workbench.impact.billing import bills_at
from workbench.results import LAST_DIGITS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from workbench.demand.choice_task import ChoiceTask
    from workbench.demand.outcome import Outcome
    from workbench.demand.search.constraints import Objective, SearchRules
    from workbench.rules.rulebook import Threshold

    Floats = NDArray[np.float64]

# --- Where a climb ended, and which of many ends are different places

SAME = 0.03
"""Prices that differ by less than this share are one place."""


@dataclass(frozen=True, eq=False)
class Peak:
    """Prices from which no move tried leads up, and their score."""

    prices: Floats
    score: float


def distinct_peaks(peaks: Sequence[Peak], most: int) -> tuple[Peak, ...]:
    """Return the highest peaks that are different places, the highest first; at most `most`."""
    kept: list[Peak] = []
    for peak in sorted(peaks, key=lambda each: -each.score):
        near = any(np.abs(np.log(peak.prices / other.prices)).max() < SAME for other in kept)
        if not near:
            kept.append(peak)
        if len(kept) == most:
            break
    return tuple(kept)


# --- What a set of prices brings

_MISSED = 10.0
"""What missing them weighs, in units of the largest value seen possible: prices that meet both rank before others."""


@dataclass
class Tally:
    """Count looks at the customers: `whole` at all of them, `part` at a sample, which cost as much less."""

    whole: int = 0
    part: int = 0

    def add(self, other: Tally) -> None:
        """Add the looks of another search."""
        self.whole += other.whole
        self.part += other.part


class Scorer:
    """Score prices on one choice task. Prices are those of `rules.space`, in its order."""

    def __init__(
        self, task: ChoiceTask, rules: SearchRules, objective: Objective, tally: Tally, *, is_part: bool
    ) -> None:
        self.task, self.rules, self.objective = task, rules, objective
        self.tally, self.is_part = tally, is_part
        self._known: dict[bytes, float] = {}
        self._near: list[tuple[Floats, Floats, Looks]] = []

    def outcome(self, prices: Floats) -> Outcome:
        """Return what customers choose at these prices."""
        self.count()
        return self.task.outcome(*self.rules.split(prices), by_draw=False)

    def score(self, prices: Floats) -> float:
        """Return the objective at these prices, or far less when they miss T2 or lose too many accounts.

        Climbs that meet come by the same prices again, so each are looked at once.
        """
        return float(self.scores(np.asarray(prices, dtype=np.float64)[None, :])[0])

    def scores(self, prices: Floats) -> Floats:
        """Return the score of each row of prices, all looked at together."""
        asked = [each.tobytes() for each in prices]
        new = {key: place for place, key in enumerate(asked) if key not in self._known}
        if new:
            self.count(len(new))
            found = self._seen(prices[list(new.values())])
            missed = missed_by(found.middle, found.buyers, self.rules.band) + self.lost_beyond(found.kept)
            self._known.update(zip(new, np.asarray(self.ranked(found.value, missed)).tolist(), strict=True))
        return np.array([self._known[key] for key in asked])

    def _seen(self, prices: Floats) -> Seen:
        if self.task.rule == "surplus":
            inside = (near for low, high, near in self._near if (prices >= low).all() and (prices <= high).all())
            return next(inside, self.looks).at(prices)
        found = [self.task.outcome(*self.rules.split(each), by_draw=False) for each in prices]
        middle = self.rules.middle
        return Seen(
            np.array([objective_value(each, self.objective) for each in found]),
            np.array([each.buyers.sum() for each in found]),
            np.array([each.buyers[middle].sum() for each in found]),
            np.array([each.draws.kept[0, 0] for each in found]),
        )

    @cached_property
    def looks(self) -> Looks:
        """Return the task as it is made ready for the surplus rule."""
        return Looks(self.task, self.rules, self.objective)

    @cached_property
    def smooth_looks(self) -> SmoothLooks:
        """Return the task as it is made ready for the logit rule."""
        return SmoothLooks(self)

    def stay_between(self, ends: Iterable[tuple[Floats, Floats]]) -> None:
        """Get ready for many looks at single sets of prices between these ends, the narrowest first."""
        if self.task.rule == "surplus":
            self._near = [(low, high, self.looks.within(low, high)) for low, high in ends]

    def lost_beyond(self, kept: Floats | float) -> Floats:
        """Return by how much the share of paying accounts that are kept misses the least there must be."""
        share = np.asarray(kept, dtype=np.float64) / max(self.task.paying, 1e-300)
        least = self.rules.kept
        missed = np.zeros(share.shape) if least is None or not self.task.paying else np.maximum(least - share, 0.0)
        return np.where(missed > LAST_DIGITS, missed, 0.0)

    def ranked(self, value: Floats | float, missed: Floats | float) -> Floats | float:
        """Return values so that those that miss nothing come first, and then those that miss by least."""
        return value - np.where(np.asarray(missed) > LAST_DIGITS, _MISSED * self.most * (1 + np.asarray(missed)), 0.0)

    def met(self, score: float) -> bool:
        """Tell whether a score belongs to prices that miss nothing."""
        return score > -_MISSED / 2 * self.most

    def count(self, looks: int = 1) -> None:
        """Count looks at the customers."""
        if self.is_part:
            self.tally.part += looks
        else:
            self.tally.whole += looks

    @cached_property
    def most(self) -> float:
        """Return a value no prices can exceed by much: everybody pays all that the best plan is worth."""
        if self.objective == "share":
            return 1.0
        worth = np.where(np.isfinite(self.task.plan_worth), self.task.plan_worth, 0).max(axis=1, initial=0.0)
        worth = np.maximum(worth, 0) + np.maximum(self.task.add_on_worth, 0).sum(axis=1)
        paid = float(self.task.weight @ worth)
        return max(paid + self.task.accounts * (self.task.scale if self.task.rule == "logit" else 0.0), 1e-9)


def objective_value(outcome: Outcome, objective: Objective) -> float:
    """Return revenue or margin per month, or the share of all accounts that buy a plan."""
    if objective == "share":
        return float(outcome.buyers.sum()) / outcome.accounts if outcome.accounts else 0.0
    return outcome.revenue if objective == "revenue" else outcome.margin


def missed_by(middle: Floats | float, buyers: Floats | float, band: Threshold | None) -> Floats:
    """Return by how much the share of buyers in the middle misses a band; 0 inside it and without one."""
    inside, everyone = np.asarray(middle, dtype=np.float64), np.asarray(buyers, dtype=np.float64)
    if band is None:
        return np.zeros(inside.shape)
    share = np.divide(inside, everyone, out=np.zeros_like(inside), where=everyone > 0)
    low = 0.0 if band.low is None else band.low
    high = 1.0 if band.high is None else band.high
    missed = np.maximum(np.maximum(low - share, share - high), 0.0)
    return np.where(missed > LAST_DIGITS, missed, 0.0)


# --- The objective along one price, exactly, where customers choose the highest surplus


@dataclass(frozen=True, eq=False)
class ScoreLine:
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


def line(scorer: Scorer, prices: Floats, place: int, low: float, high: float) -> ScoreLine:
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
    return ScoreLine(at[is_last], scores[is_last], above)


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
            self._values[add_on] = np.where(self._gain(add_on) >= self.task.slack, value, 0.0)
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


# --- Revenue, margin or share under the logit rule with its slope along every searched price


class SmoothLooks:
    """One choice task under the logit rule, made ready to be asked about many prices.

    Tables have a row per plan (or add-on) on offer and a column per customer: what no price changes.
    """

    def __init__(self, scorer: Scorer) -> None:
        task, rules = scorer.task, scorer.rules
        self.scorer, self.scale, self.weight = scorer, float(task.scale), np.asarray(task.weight)
        fees, add_on_fees = rules.split(np.ones(rules.space.size))
        plans, add_ons = np.flatnonzero(np.isfinite(fees)), np.flatnonzero(np.isfinite(add_on_fees))
        self.plans, self.add_ons = plans, add_ons
        self.searched = np.flatnonzero(np.isin(plans, rules.plan_at))
        self.searched_extras = np.flatnonzero(np.isin(add_ons, rules.add_on_at))
        self.in_middle = rules.middle[plans].astype(np.float64)
        self.open = task.add_on_open[np.ix_(plans, add_ons)].astype(np.float64)
        self.units, self.usage = _rows(task.fee_units, plans), _rows(task.plan_usage, plans)
        self.free = (_rows(task.plan_worth, plans) - self.usage) / self.scale
        self.rival = np.asarray(task.rival / task.scale, dtype=np.float64)
        self.extra_units = _rows(task.add_on_units, add_ons)
        self.extra_worth = _rows(task.add_on_worth, add_ons) / self.scale
        counts_cost = scorer.objective == "margin"
        self.besides = self.usage - _rows(task.plan_cost, plans) if counts_cost else self.usage
        self.extra_cost = _rows(task.add_on_cost, add_ons) if counts_cost else None
        self.fees_at_one = fees[plans]

    @cached_property
    def keeps(self) -> Floats:
        """Return which customers pay today and would with each plan: searched prices are above nothing, all of them."""
        billed = bills_at(self.fees_at_one[:, None], self.units, self.usage) > 0
        return (self.scorer.task.pays & billed).astype(np.float64)

    def at(self, prices: Floats) -> Slopes:
        """Return the objective and its slope at these prices; counts as two looks at the customers."""
        self.scorer.count(2)
        fees, add_on_fees = self.scorer.rules.split(prices)
        return Slopes(self, fees[self.plans], add_on_fees[self.add_ons])


class Sloped(NamedTuple):
    """A number, and its slope along every searched price."""

    value: float
    slope: Floats


class Slopes:
    """The objective, and the shares of accounts that buy, buy in the middle, and go on paying, with their slopes.

    The share q of a plan with value m changes with any price by q * (m - mean of m) * (change of its surplus) /
    scale; an add-on's own share r changes by r * (1 - r) * (change of its surplus) / scale.
    """

    def __init__(self, looks: SmoothLooks, fees: Floats, add_on_fees: Floats) -> None:
        self._looks, self._fees, self._add_on_fees = looks, fees, add_on_fees
        gain = looks.extra_worth - bills_at((add_on_fees / looks.scale)[:, None], looks.extra_units)
        odds = np.exp(-np.abs(gain))
        self._attach = np.where(gain >= 0, 1.0, odds) / (1 + odds)
        utility = np.empty((len(fees) + 1, looks.weight.size))
        bills = bills_at((fees / looks.scale)[:, None], looks.units)
        np.subtract(looks.free, bills, out=utility[:-1])
        utility[-1] = looks.rival
        if len(add_on_fees):
            utility[:-1] += looks.open @ (np.maximum(gain, 0) + np.log1p(odds))
        utility -= utility.max(axis=0)
        np.exp(utility, out=utility)
        utility /= utility.sum(axis=0)
        self._share = utility[:-1]
        self._weighted = self._share * looks.weight

    @cached_property
    def objective(self) -> Sloped:
        """Return the objective."""
        looks = self._looks
        if looks.scorer.objective == "share":
            return self.buyers
        bills = bills_at(self._add_on_fees[:, None], looks.extra_units)
        worth = bills if looks.extra_cost is None else bills - looks.extra_cost
        value = bills_at(self._fees[:, None], looks.units, looks.besides)
        if len(worth):
            value += looks.open @ (self._attach * worth)
        return self._along(value, worth)

    @cached_property
    def buyers(self) -> Sloped:
        """Return the share of accounts that buy."""
        return self._counted(np.ones((len(self._fees), 1)))

    @cached_property
    def middle(self) -> Sloped:
        """Return the share of accounts that buy in the middle."""
        return self._counted(self._looks.in_middle[:, None])

    @cached_property
    def kept(self) -> Sloped:
        """Return the share of accounts that pay today and go on paying."""
        return self._counted(self._looks.keeps)

    def beyond(self, share: float) -> Sloped:
        """Return by how much the middle exceeds a share of the buyers, as a share of all accounts."""
        (middle, with_middle), (buyers, with_buyers) = self.middle, self.buyers
        return Sloped(middle - share * buyers, with_middle - share * with_buyers)

    def _counted(self, counts: Floats) -> Sloped:
        """Return the share of accounts for which a plan counts so much, and its slope."""
        total, slope = self._along(counts, None)
        accounts = max(self._looks.scorer.task.accounts, 1e-300)
        return Sloped(total / accounts, slope / accounts)

    def _along(self, table: Floats, worth: Floats | None) -> Sloped:
        """Return the sum over accounts of what their plan counts in a table, and its slope along searched prices.

        `worth` is what a buyer of each add-on brings; it is given where the table is money, which fees themselves move.
        """
        looks, share, weighted = self._looks, self._share, self._weighted
        mean = np.einsum("pr,pr->r", share, np.broadcast_to(table, share.shape))
        pull = table - mean
        pull *= weighted
        pull /= looks.scale
        moved = -pull if worth is None else weighted - pull
        slope = np.einsum("pr,pr->p", moved, looks.units)[looks.searched]
        if not looks.searched_extras.size:
            return Sloped(float(looks.weight @ mean), slope)
        opened = looks.open.T[looks.searched_extras]
        attach = self._attach[looks.searched_extras]
        drawn = opened @ -pull
        if worth is not None:
            kept = 1 - worth[looks.searched_extras] * (1 - attach) / looks.scale
            drawn += (opened @ weighted) * kept
        extras = np.einsum("ar,ar->a", drawn, attach * looks.extra_units[looks.searched_extras])
        return Sloped(float(looks.weight @ mean), np.concatenate([slope, extras]))


def slopes(scorer: Scorer, prices: Floats) -> Slopes:
    """Return the objective and its slope at these prices."""
    return scorer.smooth_looks.at(prices)


def _rows(table: NDArray[np.floating], places: NDArray[np.intp]) -> Floats:
    """Return some columns of a table as rows that lie together in memory."""
    # Column by column, since a table of few draws is kept unrepeated and has no whole transpose.
    columns = [np.asarray(table[:, place], dtype=np.float64) for place in places]
    return np.array(columns, dtype=np.float64).reshape(len(places), table.shape[0])
