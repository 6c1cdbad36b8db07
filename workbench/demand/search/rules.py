"""Constraints applied to one choice task and price book: which prices are searched, and what holds between them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from workbench.demand.errors import DemandError
from workbench.demand.fees import fee_of
from workbench.demand.search.reach import highest_price, lowest_price
from workbench.demand.search.space import Limit, PriceSpace
from workbench.formatting import exact_percent
from workbench.rules.checks.tiers import middle_tiers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from workbench.demand.search.constraints import Ends, PriceConstraints, RuleName
    from workbench.demand.task import ChoiceTask
    from workbench.pricing import PriceBook
    from workbench.rules.threshold import Threshold

    Floats = NDArray[np.float64]

_FEWEST_FOR_A_SPREAD = 2
_MARGIN = 10.0
_CLEAR = 0.001


@dataclass(frozen=True, eq=False)
class SearchRules:
    """The searched prices (plans first, then add-ons) and everything that holds between them.

    `fees` and `add_on_fees` hold the prices that are not searched (free plans at 0; NaN is on request), `plan_at` and
    `add_on_at` the places of the searched ones. `middle` marks the plans whose buyers T2 counts, `band` its
    threshold; `kept` is the least share of accounts paying today to keep. `active` names the rules that restrict
    something, `notes` says which could not be applied, and why.
    """

    space: PriceSpace
    fees: Floats
    add_on_fees: Floats
    plan_at: NDArray[np.intp]
    add_on_at: NDArray[np.intp]
    middle: NDArray[np.bool_]
    band: Threshold | None
    kept: float | None
    active: tuple[RuleName, ...]
    notes: tuple[str, ...]

    def split(self, prices: Floats) -> tuple[Floats, Floats]:
        """Return the fees of all plans and of all add-ons for searched prices."""
        fees, add_on_fees = self.fees.copy(), self.add_on_fees.copy()
        fees[self.plan_at] = prices[: self.plan_at.size]
        add_on_fees[self.add_on_at] = prices[self.plan_at.size :]
        return fees, add_on_fees

    def joined(self, fees: Floats, add_on_fees: Floats) -> Floats:
        """Return the searched prices out of the fees of all plans and add-ons."""
        return np.concatenate([fees[self.plan_at], add_on_fees[self.add_on_at]])


def search_rules(task: ChoiceTask, price_book: PriceBook, constraints: PriceConstraints) -> SearchRules:
    """Return what is searched and what restricts it; DemandError when names are wrong or rules exclude each other."""
    fees, add_on_fees = listed_fees(task, price_book)
    _check_names(task, constraints)
    if constraints.on("fixed"):
        fees = _held(fees, task.plans, constraints.fixed)
        add_on_fees = _held(add_on_fees, task.add_ons, constraints.fixed)
    plan_at = np.flatnonzero(np.isfinite(fees) & (fees > 0))
    add_on_at = np.flatnonzero(np.isfinite(add_on_fees))
    if not plan_at.size + add_on_at.size:
        raise DemandError("No plan and no add-on has a price to search for.", "Give the price book a priced plan.")
    drafted = _Draft(task, price_book, constraints, plan_at=plan_at, add_on_at=add_on_at)
    drafted.own_bounds()
    drafted.between_tiers()
    drafted.between_plan_and_add_ons()
    middle, band = drafted.middle(fees)
    return SearchRules(
        space=PriceSpace(drafted.names, tuple(drafted.limits)),
        fees=fees,
        add_on_fees=add_on_fees,
        plan_at=plan_at,
        add_on_at=add_on_at,
        middle=middle,
        band=band,
        kept=drafted.least_kept(),
        active=tuple(dict.fromkeys(drafted.active)),
        notes=tuple(drafted.notes),
    )


def listed_fees(task: ChoiceTask, price_book: PriceBook) -> tuple[Floats, Floats]:
    """Return the fees a price book lists for the plans and add-ons of a task; NaN on request."""
    plans = [fee_of(price_book.plan(name)).amount for name in task.plans]
    add_ons = [fee_of(price_book.add_on(name)).amount for name in task.add_ons]
    return np.array(plans, dtype=np.float64), np.array(add_ons, dtype=np.float64)


class _Draft:
    """Collect limits rule by rule; used once and thrown away."""

    def __init__(
        self,
        task: ChoiceTask,
        price_book: PriceBook,
        constraints: PriceConstraints,
        *,
        plan_at: NDArray[np.intp],
        add_on_at: NDArray[np.intp],
    ) -> None:
        self.task, self.book, self.constraints = task, price_book, constraints
        self.plan_at, self.add_on_at = plan_at, add_on_at
        self.names = (*(task.plans[p] for p in plan_at), *(task.add_ons[a] for a in add_on_at))
        self.limits: list[Limit] = []
        self.active: list[RuleName] = []
        self.notes: list[str] = []
        # A plan that is not public stands on no pricing page, and so on no rung of the ladder.
        self.ladder = [place for place, p in enumerate(plan_at) if price_book.plan(task.plans[p]).public]

    def own_bounds(self) -> None:
        """Bound every price: by a fixed value, or by the market and by hand, and by what can be paid at all."""
        given = self.constraints
        widest: list[float] = []
        for place, name in enumerate(self.names):
            high = highest_price(self.task, self._plan(place), self._add_on(place))
            widest += [lowest_price(self.task, self._plan(place), self._add_on(place), high), high]
            bands: tuple[tuple[RuleName, Ends | None, str], ...] = (
                ("fixed", (given.fixed[name],) * 2 if given.fixed.get(name) else None, f"the fixed price of {name}"),
                ("C4", given.market.get(name), f"C4 (market corridor of {name})"),
                ("bounds", given.bounds.get(name), f"the bounds of {name}"),
            )
            for rule, ends, words in bands:
                if ends is not None and given.on(rule):
                    self._bound(place, ends, words)
                    self.active.append(rule)
                    widest += [end for end in ends if end]
            asked = given.asked.get(name, (None, None))
            if name not in given.fixed:
                self._bound(place, asked, f"the prices of {name} that anybody was asked about or pays")
                widest += [end for end in asked if end]
        # One wide frame for all prices, so that only rules can exclude each other.
        for place in range(len(self.names)):
            self._bound(place, (min(widest) / _MARGIN, max(widest) * _MARGIN), "what customers can pay at all")

    def between_tiers(self) -> None:
        """Keep the tiers in order, and the spread from the entry to the top tier (T4)."""
        ladder = self.ladder
        if len(ladder) < _FEWEST_FOR_A_SPREAD:
            return
        if not self._same_units(ladder):
            self.notes.append("The tiers are priced per different things, so their order and spread are left open.")
            return
        if self.constraints.on("order"):
            self.active.append("order")
            step = exact_percent(self.constraints.step)
            words = f"the order of the tiers (each at least {step} dearer than the one below)"
            for below, above in pairwise(ladder):
                self.limits.append(Limit(below, above, 1 / (1 + self.constraints.step), words))
        if self.constraints.on("T4"):
            self.active.append("T4")
            entry, top, threshold = ladder[0], ladder[-1], self.constraints.rulebook["T4"].threshold
            words = f"T4 (top tier {threshold.in_words()} the entry tier)"
            self._ratio(top, entry, (threshold.low, threshold.high), words)
            for inner in ladder[1:-1]:  # the rule is about the dearest and the cheapest tier
                self.limits += [Limit(entry, inner, 1.0, words), Limit(inner, top, 1.0, words)]

    def between_plan_and_add_ons(self) -> None:
        """Keep each add-on at its share of the core plan (A2), at typical quantities where units differ."""
        core = self._core()
        if core is None or not self.add_on_at.size or not self.constraints.on("A2"):
            return
        self.active.append("A2")
        threshold = self.constraints.rulebook["A2"].threshold
        core_units = typical(self.task.fee_units[:, self.plan_at[core]])
        for offset, a in enumerate(self.add_on_at):
            share = core_units / typical(self.task.add_on_units[:, a])
            ends = tuple(None if end is None else end * share for end in (threshold.low, threshold.high))
            words = f"A2 ({self.task.add_ons[a]} at {threshold.in_words()} of {self.names[core]})"
            self._ratio(self.plan_at.size + offset, core, (ends[0], ends[1]), words)

    def middle(self, fees: Floats) -> tuple[NDArray[np.bool_], Threshold | None]:
        """Return which plans are the middle, and the share of buyers T2 asks for there; None where it says nothing."""
        on_page = [
            name
            for name, fee in zip(self.task.plans, fees, strict=True)
            if np.isfinite(fee) and self.book.plan(name).public
        ]
        inner = middle_tiers(on_page)
        marks = np.array([name in inner for name in self.task.plans], dtype=bool)
        if not self.constraints.on("T2"):
            return marks, None
        if not inner:
            self.notes.append("With fewer than three tiers there is no middle, so T2 is not applied.")
            return marks, None
        self.active.append("T2")
        return marks, _inside(self.constraints.rulebook["T2"].threshold)

    def least_kept(self) -> float | None:
        """Return the share of paying accounts to keep, None where none is asked for."""
        if self.constraints.kept is None or not self.constraints.on("kept"):
            return None
        self.active.append("kept")
        return self.constraints.kept

    def _core(self) -> int | None:
        wanted = self.constraints.core
        if wanted in self.names[: self.plan_at.size]:
            return self.names.index(wanted)
        inner = self.ladder[1:-1] or self.ladder
        return inner[(len(inner) - 1) // 2] if inner else None

    def _plan(self, place: int) -> int | None:
        return int(self.plan_at[place]) if place < self.plan_at.size else None

    def _add_on(self, place: int) -> int | None:
        return int(self.add_on_at[place - self.plan_at.size]) if place >= self.plan_at.size else None

    def _same_units(self, ladder: Sequence[int]) -> bool:
        units = self.task.fee_units[:, self.plan_at[ladder]]
        return bool((units == units[:, :1]).all())

    def _bound(self, place: int, ends: Ends, words: str) -> None:
        low, high = ends
        if low:
            self.limits.append(Limit(None, place, 1 / low, words))
        if high is not None:
            self.limits.append(Limit(place, None, high, words))

    def _ratio(self, above: int, below: int, ends: Ends, words: str) -> None:
        low, high = ends
        if high is not None:
            self.limits.append(Limit(above, below, high, words))
        if low:
            self.limits.append(Limit(below, above, 1 / low, words))


def _inside(band: Threshold) -> Threshold:
    """Return a band a little narrower, so that whole accounts still lie in it."""
    low, high = band.low, band.high
    if low is not None and high is not None and high - low < 4 * _CLEAR:
        return band
    return replace(band, low=None if low is None else low + _CLEAR, high=None if high is None else high - _CLEAR)


def _held(fees: Floats, names: Sequence[str], fixed: Mapping[str, float]) -> Floats:
    return np.array([fixed.get(name, fee) for name, fee in zip(names, fees, strict=True)], dtype=np.float64)


def typical(units: NDArray[np.floating]) -> float:
    """Return the median of the quantities above zero, 1 where nobody has any."""
    some = units[units > 0]
    return float(np.median(some)) if some.size else 1.0


def _check_names(task: ChoiceTask, constraints: PriceConstraints) -> None:
    known = {*task.plans, *task.add_ons}
    named: Mapping[str, object] = {**constraints.market, **constraints.bounds, **constraints.fixed, **constraints.asked}
    core = (constraints.core,) if constraints.core else ()
    for name in (*named, *core):
        if name not in known:
            raise DemandError(
                f"There is a constraint on {name!r}, which is neither a plan nor an add-on.",
                f"There are {', '.join(sorted(known))}.",
            )
