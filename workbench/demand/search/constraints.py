"""The rules a price search keeps to, as constraints between the prices of one choice task and price book."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

import numpy as np

from workbench.demand.customers import DemandError
from workbench.demand.model import fee_of
from workbench.formatting import exact_percent
from workbench.rules.packaging import middle_tiers
from workbench.rules.rulebook import RULEBOOK, Rulebook

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from workbench.demand.choice_task import ChoiceTask
    from workbench.pricing.price_book import PriceBook
    from workbench.pricing.price_curve import Ending
    from workbench.rules.rulebook import Threshold

    Floats = NDArray[np.float64]

# --- The rules a price search keeps to, each of which can be switched off to see what it costs

Objective = Literal["revenue", "margin", "share"]
"""What the best prices bring most of."""
RuleName = Literal["T2", "T4", "A2", "C4", "kept", "order", "bounds", "fixed", "ending"]
RULE_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "T2": "T2, share of the middle tier",
        "T4": "T4, spread of the tiers",
        "A2": "A2, add-ons as a share of the core plan",
        "C4": "the market corridor",
        "kept": "the accounts to keep",
        "order": "the order of the tiers",
        "bounds": "the bounds set by hand",
        "fixed": "the prices held fixed",
        "ending": "the price ending",
    }
)
Ends = tuple[float | None, float | None]
"""The lowest and the highest price; None leaves an end open."""


@dataclass(frozen=True, eq=False, kw_only=True)
class PriceConstraints:
    """What found prices must keep to. Everything is on unless its name stands in `off`; prices are per month.

    Everything is on unless its name stands in `off`. Thresholds of T2, T4 and A2 come from `rulebook`, so that a
    study's own thresholds count.

    Parameters
    ----------
    market
        Lowest and highest price per month the market leaves per plan or add-on (rule C4); None leaves an end open.
    bounds
        The same set by hand.
    fixed
        Prices that stay.
    ending
        How prices are to end, as on a pricing page.
    core
        The plan add-ons are measured against; by default the middle tier, the lower one of two.
    step
        "order" keeps every tier dearer than the one below it by this share at least (0.1 is 10%).
    kept
        Least share of accounts paying today that must still pay; None asks for none.
    asked
        Lowest and highest price anybody was asked about: no rule, and never off.
    off
        Names of rules that do not count.
    rulebook
        Where thresholds come from.

    Raises
    ------
    DemandError
        When a range is impossible or a rule unknown.

    Examples
    --------
    >>> from workbench.demand import PriceConstraints
    >>> limits = PriceConstraints(market={"Team": (20, 60)}, fixed={"Pro": 99.0}, off=frozenset({"T2"}))
    >>> limits.on("T2"), limits.on("C4"), limits.without(["C4"]).on("C4")
    (False, True, False)
    """

    market: Mapping[str, Ends] = field(default_factory=dict)
    bounds: Mapping[str, Ends] = field(default_factory=dict)
    fixed: Mapping[str, float] = field(default_factory=dict)
    ending: Ending | None = None
    core: str = ""
    step: float = 0.1
    kept: float | None = None
    asked: Mapping[str, Ends] = field(default_factory=dict)
    off: frozenset[str] = frozenset()
    rulebook: Rulebook = RULEBOOK

    def __post_init__(self) -> None:
        object.__setattr__(self, "off", frozenset(self.off))
        if unknown := sorted(self.off - set(RULE_NAMES)):
            raise DemandError(f"There is no rule {unknown[0]!r} to switch off.", f"Rules are {', '.join(RULE_NAMES)}.")
        if self.step < 0:
            raise DemandError(f"Tiers are to lie {exact_percent(self.step)} apart.", "Give a step of 0 or more.")
        for kind in ("market", "bounds", "asked"):
            for name, (low, high) in getattr(self, kind).items():
                _check_ends(name, low, high)
        for name, price in self.fixed.items():
            if not price >= 0:
                raise DemandError(f"The fixed price of {name} is {price}.", "Give a price of 0 or more.")

    def without(self, rules: Iterable[str]) -> PriceConstraints:
        """Return the same constraints with some rules switched off as well."""
        return replace(self, off=self.off | frozenset(rules))

    def on(self, rule: RuleName) -> bool:
        """Tell whether a rule is in force."""
        return rule not in self.off


def _check_ends(name: str, low: float | None, high: float | None) -> None:
    if (low is not None and not low >= 0) or (high is not None and not high > 0):
        raise DemandError(f"The price of {name} is to lie from {low} to {high}.", "Give ends above 0.")
    if low is not None and high is not None and low > high:
        raise DemandError(f"The price of {name} is to lie from {low} to {high}.", "Give the lower end first.")


# --- The prices that rules leave open: bounds and ratios, which are differences between logarithms

SLACK = 1e-9
"""How far a logarithm may pass a rule: prices at a rule's very end come out of floating point."""


@dataclass(frozen=True, slots=True)
class PriceLimit:
    """One rule on one or two prices: price[above] <= factor * price[below]; None stands for the number 1."""

    above: int | None
    below: int | None
    factor: float
    rule: str


@dataclass(frozen=True, eq=False)
class PriceSpace:
    """The searched prices by name, with the limits between them; every price has a limit on either side."""

    names: tuple[str, ...]
    limits: tuple[PriceLimit, ...]

    def __post_init__(self) -> None:
        if clash := self.contradiction():
            raise DemandError(
                f"No prices are left: {_listed(clash)} exclude{'s itself' if len(clash) == 1 else ' each other'}.",
                "Switch one of them off, or widen it.",
            )

    @property
    def size(self) -> int:
        """Return the number of prices."""
        return len(self.names)

    @cached_property
    def _edges(self) -> tuple[Floats, dict[tuple[int, int], str]]:
        """Return the largest direct distance between the logarithms of two prices, and the rule that sets it."""
        direct = np.full((self.size + 1, self.size + 1), np.inf)
        rules: dict[tuple[int, int], str] = {}
        for limit in self.limits:
            start = self.size if limit.below is None else limit.below
            end = self.size if limit.above is None else limit.above
            distance = float(np.log(limit.factor))
            if distance < direct[start, end]:
                direct[start, end] = distance
                rules[start, end] = limit.rule
        return direct, rules

    @cached_property
    def _paths(self) -> tuple[Floats, NDArray[np.intp]]:
        """Return the largest distance that all rules together leave, and the last stop on the way to it."""
        far = self._edges[0].copy()
        nodes = self.size + 1
        via = np.tile(np.arange(nodes), (nodes, 1)).T
        for stop in range(nodes):
            through = far[:, [stop]] + far[[stop], :]
            shorter = through < far - SLACK / 10
            far = np.where(shorter, through, far)
            via = np.where(shorter, via[[stop], :], via)
            if (np.diag(far) < -SLACK).any():
                break
        return far, via

    def contradiction(self) -> tuple[str, ...]:
        """Return the rules that together leave no price; none when prices are left."""
        far, via = self._paths
        caught = np.flatnonzero(np.diag(far) < -SLACK)
        if not caught.size:
            return ()
        _, rules = self._edges
        start = int(caught[0])
        seen, stop = [start], int(via[start, start])
        while stop not in seen:
            seen.append(stop)
            stop = int(via[start, stop])
        ring = [*seen[seen.index(stop) :], stop]
        found = [rules[before, after] for after, before in pairwise(ring) if (before, after) in rules]
        return tuple(dict.fromkeys(found))

    def limits_hold(self, prices: Floats) -> bool:
        """Tell whether prices meet every limit."""
        logs = np.append(np.log(prices), 0.0)
        return bool((logs[None, :] - logs[:, None] <= self._edges[0] + SLACK).all())

    def interval(self, prices: Floats, place: int) -> tuple[float, float]:
        """Return how low and how high one price may go while the others stay."""
        logs = np.append(np.log(prices), 0.0)
        direct = self._edges[0]
        others = np.arange(self.size + 1) != place
        high = (logs + direct[:, place])[others].min()
        low = (logs - direct[place, :])[others].max()
        return float(np.exp(low)), float(np.exp(max(low, high)))

    def span(self, place: int) -> tuple[float, float]:
        """Return the lowest and highest value a price can take at all."""
        far = self._paths[0]
        return float(np.exp(-far[place, self.size])), float(np.exp(far[self.size, place]))

    def spread(self, places: Floats) -> Floats:
        """Return prices (n, size) for points of the unit cube: each price anywhere the ones before it leave open."""
        points = np.atleast_2d(places)
        return self._settle(points, range(self.size), share=True)

    def drag(self, prices: Floats, place: int, value: Floats | float) -> Floats:
        """Return prices with one set to `value`, as far as possible; the others follow as little as they must.

        Several values give one set of prices each, in rows.
        """
        wanted = np.tile(np.asarray(prices, dtype=np.float64), (np.size(value), 1))
        wanted[:, place] = value
        order = [place, *(each for each in range(self.size) if each != place)]
        found = self._settle(np.log(wanted), order, share=False)
        return found[0] if np.ndim(value) == 0 else found

    def nearest(self, prices: Floats) -> Floats:
        """Return prices that meet every limit, close to those given: one set of them, or one a row."""
        found = self._settle(np.log(np.maximum(np.atleast_2d(prices), 1e-300)), range(self.size), share=False)
        return found[0] if np.ndim(prices) == 1 else found

    def _settle(self, wanted: Floats, order: Sequence[int], *, share: bool) -> Floats:
        """Place one price after the other where those before it leave room; the paths make sure there is some."""
        far = self._paths[0]
        logs = np.zeros((len(wanted), self.size + 1))
        placed = [self.size]
        for place in order:
            high = (logs[:, placed] + far[placed, place]).min(axis=1)
            low = np.minimum((logs[:, placed] - far[place, placed]).max(axis=1), high)
            logs[:, place] = low + wanted[:, place] * (high - low) if share else np.clip(wanted[:, place], low, high)
            placed.append(place)
        return np.exp(logs[:, : self.size])


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


# --- What customers could pay for a plan or an add-on at most

_TASTE = 30.0
"""Spreads of taste beyond every worth at which logit demand is gone: exp(-30) of it is left."""
_BLOCK = 262_144
_LOWEST = 1e-3
"""The lowest price searched, as a share of what a typical customer could pay."""


def highest_payable(task: ChoiceTask, plan: int | None, add_on: int | None) -> NDArray[np.float64]:
    """Return the highest price each row could pay for a plan or an add-on, per unit; only those above zero."""
    found, end = np.empty(task.rows), 0
    for start in range(0, task.rows, _BLOCK):  # what it takes on the way is as large as the task otherwise
        rows = slice(start, start + _BLOCK)
        if plan is not None:
            worth = np.asarray(task.plan_worth[rows, plan] - task.plan_usage[rows, plan], dtype=np.float64)
            for a in np.flatnonzero(task.add_on_open[plan]):
                worth = worth + np.maximum(task.add_on_worth[rows, a], 0)
            units = task.fee_units[rows, plan]
        else:
            worth = np.asarray(task.add_on_worth[rows, add_on], dtype=np.float64)
            units = task.add_on_units[rows, add_on]
        payable = np.isfinite(worth) & (units > 0) & (worth > 0)
        prices = worth[payable] / units[payable]
        found[end : end + prices.size] = prices
        end += prices.size
    return found[:end]


def highest_price(task: ChoiceTask, plan: int | None, add_on: int | None) -> float:
    """Return a price at which nobody is left to buy (1 where nobody would at any price)."""
    most = float(highest_payable(task, plan, add_on).max(initial=0.0))
    if task.rule == "logit":
        units = task.fee_units[:, plan] if plan is not None else task.add_on_units[:, add_on]
        some = units[units > 0]
        most += _TASTE * task.scale / (float(np.median(some)) if some.size else 1.0)
    return most or 1.0


def lowest_price(task: ChoiceTask, plan: int | None, add_on: int | None, high: float) -> float:
    """Return the lowest price worth looking at: far below what a typical customer could pay."""
    found = highest_payable(task, plan, add_on)
    return _LOWEST * min(high, float(np.median(found, overwrite_input=True)) if found.size else high)


# --- Constraints applied to one choice task and price book

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
        self.limits: list[PriceLimit] = []
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
                self.limits.append(PriceLimit(below, above, 1 / (1 + self.constraints.step), words))
        if self.constraints.on("T4"):
            self.active.append("T4")
            entry, top, threshold = ladder[0], ladder[-1], self.constraints.rulebook["T4"].threshold
            words = f"T4 (top tier {threshold.in_words()} the entry tier)"
            self._ratio(top, entry, (threshold.low, threshold.high), words)
            for inner in ladder[1:-1]:  # the rule is about the dearest and the cheapest tier
                self.limits += [PriceLimit(entry, inner, 1.0, words), PriceLimit(inner, top, 1.0, words)]

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
            self.limits.append(PriceLimit(None, place, 1 / low, words))
        if high is not None:
            self.limits.append(PriceLimit(place, None, high, words))

    def _ratio(self, above: int, below: int, ends: Ends, words: str) -> None:
        low, high = ends
        if high is not None:
            self.limits.append(PriceLimit(above, below, high, words))
        if low:
            self.limits.append(PriceLimit(below, above, 1 / low, words))


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
