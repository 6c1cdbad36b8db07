"""A choice task: what each customer could buy, what it is worth to them, and what they choose at given fees."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast

import numpy as np

from workbench.demand.customers import DemandError
from workbench.demand.outcome import Groups, GroupTotals, Outcome
from workbench.formatting import count
from workbench.impact.billing import bills_at
from workbench.pricing.price_book import plans_that_may_buy
from workbench.results import Caution

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import ArrayLike, DTypeLike, NDArray

    from workbench.demand.customers import Customers
    from workbench.pricing.price_book import PriceBook

    Floats = NDArray[np.floating]

# --- A table of a choice task that is the same in every draw: kept once per customer, given out row by row


class Repeated:
    """Stands for an array of customers x draws rows, customer by customer, whose `values` are one row per customer.

    It is read as that array would be, `table[rows, column]`, and becomes it wherever numpy wants the whole.
    """

    def __init__(self, values: NDArray[Any], draws: int) -> None:
        self.values = np.asfortranarray(values)
        self._draws = draws

    @property
    def shape(self) -> tuple[int, ...]:
        """Return the shape of the whole."""
        return (len(self.values) * self._draws, *self.values.shape[1:])

    @property
    def dtype(self) -> np.dtype[Any]:
        """Return the precision of the values."""
        return self.values.dtype

    @property
    def T(self) -> Iterator[NDArray[Any]]:  # noqa: N802 - as numpy names it
        """Go through the columns."""
        return (self[:, column] for column in range(self.values.shape[1]))

    def __getitem__(self, key: Any) -> NDArray[Any]:  # noqa: ANN401 - whatever indexes an array
        """Return rows, or rows of one column."""
        rows, *columns = key if isinstance(key, tuple) else (key,)
        if isinstance(rows, slice) and rows.step in (None, 1):
            start, stop, _ = rows.indices(self.shape[0])
            first, last = start // self._draws, -(-stop // self._draws)
            some = np.repeat(self.values[(slice(first, last), *columns)], self._draws, axis=0)
            return some[start - first * self._draws : stop - first * self._draws]
        places = np.arange(self.shape[0])[rows] if isinstance(rows, slice) else np.asarray(rows)
        if places.dtype == bool:
            places = np.flatnonzero(places)
        found: NDArray[Any] = self.values[(places // self._draws, *columns)]
        return found

    def __array__(self, dtype: DTypeLike | None = None, *, copy: bool | None = None) -> NDArray[Any]:
        """Return the whole array."""
        return np.asarray(self[:], dtype=dtype)


# --- Parts of a choice task that need no draws


def open_add_ons(price_book: PriceBook) -> NDArray[np.bool_]:
    """Return which add-on (column) may be bought with which plan (row).

    Not where the plan has all its features, nor with other plans when it is named for one.
    """
    return np.array(
        [
            [
                plan.name in plans_that_may_buy(add_on, price_book)
                and (not add_on.features or not set(add_on.features) <= set(plan.features))
                for add_on in price_book.add_ons
            ]
            for plan in price_book.plans
        ],
        dtype=bool,
    ).reshape(len(price_book.plans), len(price_book.add_ons))


def known_costs(customers: Customers) -> NDArray[np.float64]:
    """Return what serving each customer costs: recorded, else the median of its segment, of all, or nothing."""
    if customers.unit_cost is None or np.isnan(customers.unit_cost).all():
        return np.zeros(len(customers))
    cost = customers.unit_cost.copy()
    for code in range(len(customers.segments)):
        inside = customers.segment_codes == code
        known = customers.unit_cost[inside & ~np.isnan(customers.unit_cost)]
        cost[inside & np.isnan(cost)] = np.median(known if known.size else cost[~np.isnan(customers.unit_cost)])
    return cost


def about_cost(customers: Customers) -> tuple[Caution, ...]:
    """Return cautions about costs of serving that are not recorded."""
    unknown = len(customers) if customers.unit_cost is None else int(np.isnan(customers.unit_cost).sum())
    if unknown == len(customers):
        return (Caution("What serving costs is not recorded: margin is shown as if it cost nothing."),)
    if unknown:
        words = "no recorded cost of serving: the median of the segment is taken"
        return (Caution(f"{count('customer', unknown)} with {words}.", "note"),)
    return ()


def customers_in_parts(customers: Customers, size: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Return the places of about `size` customers at random, every segment in its part and with one at least."""
    if size >= len(customers):
        return np.arange(len(customers))
    part = size / len(customers)
    found = []
    for code in range(len(customers.segments)):
        inside = np.flatnonzero(customers.segment_codes == code)
        found.append(rng.permutation(inside)[: max(1, round(part * inside.size))])
    return np.sort(np.concatenate(found))


# --- A choice task: what each customer could buy, what it is worth to them


class SplitTotals(NamedTuple):
    """Revenue (draws x groups) and accounts kept (draws x groups x the columns of `Totals.kept`)."""

    revenue: NDArray[np.float64]
    kept: NDArray[np.float64]


Rule = Literal["surplus", "logit"]
Ties = Literal["seller", "customer"]
_PER_PLAN = ("plan_worth", "plan_usage", "plan_cost", "fee_units")
_PER_ADD_ON = ("add_on_worth", "add_on_cost", "add_on_units")


@dataclass(frozen=True, eq=False, kw_only=True)
class ChoiceTask:
    """What customers choose from, one row per customer and draw (R rows), P plans and A add-ons; money per month.

    Rule "surplus": the highest surplus is chosen when it reaches the rival's. Surpluses within `tolerance` are equal:
    then `ties` "seller" sells the dearer plan (and a plan rather than none), "customer" the cheaper one (none first).
    Rule "logit": shares in proportion to exp(surplus / scale), with the rival as the other choice and add-ons chosen
    the same way. Money in single precision is added up in double precision.

    Parameters
    ----------
    plans, add_ons
        The names of what is on offer.
    plan_worth
        (R, P) what the plan is worth, -inf where it cannot serve.
    plan_usage
        (R, P) the part of its bill that does not depend on its base fee.
    plan_cost
        (R, P) what serving costs.
    fee_units
        (R, P) how often the base fee is paid.
    add_on_worth, add_on_cost, add_on_units
        (R, A) the same of add-ons.
    add_on_open
        (P, A) which add-on may be bought with which plan.
    rival
        (R,) surplus of the best other choice, competitors and nothing.
    weight
        (R,) accounts a row stands for, already divided by the number of draws.
    customer, draw
        (R,) what the row belongs to, counted from 0.
    pays
        (R,) who pays something today; all do where it is not given.
    rule, scale, ties, tolerance
        How a row chooses; `scale` and `tolerance` are money per month.

    Raises
    ------
    DemandError
        When shapes do not fit each other, a worth is no number or a rule is unknown.

    References
    ----------
    Surplus: first-choice rule of conjoint simulators. Logit: McFadden (1974), Conditional logit analysis of qualitative
    choice behavior.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from workbench.demand import Demand, Willingness, respondents_of, split_worth
    >>> from workbench.pricing import Plan, PriceBook
    >>> asked = respondents_of(pd.DataFrame({"respondent": ["a", "b", "c"]}))
    >>> willing = Willingness(source="interviews", customers=asked, total=np.array([[40.0], [60], [120]]))
    >>> task = Demand(worth=split_worth(willing, [])).task(PriceBook("list", "USD", [Plan("Team", 39)]))
    >>> [(fee, task.outcome([fee]).revenue) for fee in (40, 60, 61)]
    [(40, 120.0), (60, 120.0), (61, 61.0)]
    """

    plans: tuple[str, ...]
    add_ons: tuple[str, ...]
    plan_worth: Floats
    plan_usage: Floats
    plan_cost: Floats
    fee_units: Floats
    add_on_worth: Floats
    add_on_cost: Floats
    add_on_units: Floats
    add_on_open: NDArray[np.bool_]
    rival: Floats
    weight: NDArray[np.float64]
    customer: NDArray[np.int32]
    draw: NDArray[np.int32]
    pays: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=bool))
    rule: Rule = "surplus"
    scale: float = 1.0
    ties: Ties = "seller"
    tolerance: float = 1e-6

    def __post_init__(self) -> None:
        for name in (*_PER_PLAN, *_PER_ADD_ON):
            object.__setattr__(self, name, _columns(getattr(self, name)))
        object.__setattr__(self, "rival", _floats(self.rival))
        object.__setattr__(self, "add_on_open", np.asarray(self.add_on_open, dtype=bool))
        if not self.pays.shape[0]:
            object.__setattr__(self, "pays", np.ones(len(self.rival), dtype=bool))
        for name, kind in (("weight", np.float64), ("customer", np.int32), ("draw", np.int32), ("pays", np.bool_)):
            values = getattr(self, name)
            if not isinstance(values, Repeated):
                object.__setattr__(self, name, np.ascontiguousarray(values, dtype=kind))
        _check(self)

    @property
    def rows(self) -> int:
        """Return the number of rows: customers times draws."""
        return self.weight.shape[0]

    @cached_property
    def draws(self) -> int:
        """Return the number of draws."""
        return int(self.draw.max(initial=-1)) + 1

    @cached_property
    def customers(self) -> int:
        """Return the number of customers."""
        return int(_kept(self.customer).max(initial=-1)) + 1

    @cached_property
    def accounts(self) -> float:
        """Return the number of accounts the rows stand for."""
        return float(np.asarray(self.weight).sum())

    @property
    def has_costs(self) -> bool:
        """Tell whether serving anybody costs anything that is known."""
        return bool(_kept(self.plan_cost).any() or _kept(self.add_on_cost).any())

    @cached_property
    def paying(self) -> float:
        """Return the number of accounts that pay something today."""
        return float(np.asarray(self.weight) @ np.asarray(self.pays))

    @property
    def slack(self) -> float:
        """Return by how much a choice must beat the alternative of not making it."""
        return -self.tolerance if self.ties == "seller" else self.tolerance

    def takes(self, gain: NDArray[np.floating]) -> NDArray[np.bool_]:
        """Return who takes an add-on that leaves so much, under the surplus rule."""
        slack = self.slack
        return np.asarray(gain >= slack if slack <= 0 else gain > slack)

    def at_rows(self, rows: NDArray[np.intp], weight: NDArray[np.float64]) -> ChoiceTask:
        """Return the task of some of the rows, with new weights."""
        names = (*_PER_PLAN, *_PER_ADD_ON, "rival", "customer", "draw", "pays")
        return replace(self, **{name: getattr(self, name)[rows] for name in names}, weight=weight)

    @cached_property
    def fixed_bills(self) -> tuple[float | None, ...]:
        """Return, per plan, how often everybody pays the fee; None where bills vary or hold more than the fee."""
        return tuple(
            float(units[0]) if units.size and (units == units[0]).all() and not usage.any() else None
            for units, usage in zip(_kept(self.fee_units).T, _kept(self.plan_usage).T, strict=True)
        )

    def by_draws(self, most: int) -> Iterator[ChoiceTask]:
        """Go through tasks of at most so many draws each, in order; every draw is as it is in the whole."""
        for first in range(0, self.draws, most):
            rows = np.flatnonzero((self.draw >= first) & (self.draw < first + most))
            some = self.at_rows(rows, self.weight[rows] * (self.draws / min(most, self.draws - first)))
            yield replace(some, draw=some.draw - np.int32(first))

    def outcome(
        self, fees: ArrayLike, add_on_fees: ArrayLike = (), *, by_draw: bool = True, with_choice: bool = False
    ) -> Outcome:
        """Return who buys what at these base fees per month (P of them) and add-on fees (A of them).

        A fee of NaN or infinity takes the plan or add-on off the offer. `by_draw` False adds everything up in one
        go, which is faster and gives no intervals. `with_choice` keeps the plan of every row (surplus rule).
        Raises DemandError when the fees do not fit the plans.
        """
        asked = self.read_fees(fees, add_on_fees)
        groups = Groups(self.draw, self.draws) if by_draw else Groups(None, 1)
        choice = np.empty(self.rows, dtype=np.int8) if with_choice else None
        if with_choice and self.rule != "surplus":
            raise DemandError("With the logit rule a row has shares, not one choice.", "Ask for shares_by instead.")
        found = self._totals(*asked, groups, choice)
        return Outcome(
            self.plans,
            self.add_ons,
            *asked,
            self.accounts,
            found.times(self.draws) if by_draw else found,
            self.paying,
            choice,
        )

    def buyers_by(
        self, groups: NDArray[np.integer], count: int, fees: ArrayLike, add_on_fees: ArrayLike = ()
    ) -> NDArray[np.float64]:
        """Return accounts per group and choice, `count` x (P + 1); the last column is a competitor or nothing.

        `groups` numbers the group of each customer, 0 to `count` - 1 (a segment, or the customer itself).
        """
        of_row = np.asarray(groups, dtype=np.int32)[np.asarray(self.customer)]
        found = self._totals(*self.read_fees(fees, add_on_fees), Groups(of_row, count), None)
        everybody = np.bincount(of_row, np.asarray(self.weight), count)
        return np.column_stack([found.buyers, everybody - found.buyers.sum(axis=1)])

    def totals_by(
        self, groups: NDArray[np.integer], count: int, fees: ArrayLike, add_on_fees: ArrayLike = ()
    ) -> SplitTotals:
        """Return revenue and accounts kept per draw and group, `groups` as in `buyers_by`."""
        of_row = np.asarray(self.draw) * count + np.asarray(groups, dtype=np.int32)[np.asarray(self.customer)]
        found = self._totals(*self.read_fees(fees, add_on_fees), Groups(of_row, self.draws * count), None)
        kept = found.kept.reshape(self.draws, count, -1) * self.draws
        return SplitTotals(found.times(self.draws).revenue.reshape(self.draws, count), kept)

    def read_fees(
        self, fees: ArrayLike, add_on_fees: ArrayLike = ()
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return fees as float64 arrays; raises DemandError when there are too few or too many."""
        asked = np.asarray(fees, dtype=np.float64).ravel(), np.asarray(add_on_fees, dtype=np.float64).ravel()
        for found, names, kind in zip(asked, (self.plans, self.add_ons), ("plan", "add-on"), strict=True):
            if found.size != len(names):
                raise DemandError(
                    f"There are {found.size} fees for {len(names)} {kind}s: {', '.join(names) or 'none'}.",
                    f"Give one monthly fee per {kind}, NaN for one that is not on offer.",
                )
        return asked

    def _totals(
        self,
        fees: NDArray[np.float64],
        add_on_fees: NDArray[np.float64],
        groups: Groups,
        choice: NDArray[np.int8] | None,
    ) -> GroupTotals:

        return totals_by_group(self, fees, add_on_fees, groups, choice)


def _columns(values: ArrayLike) -> Floats:
    """Return a table whose columns lie together in memory, in the precision it came in."""
    if isinstance(values, Repeated):
        return cast("Floats", values)
    return np.asfortranarray(_floats(values))


def _kept(table: NDArray[Any]) -> NDArray[Any]:
    """Return the values a table keeps: its rows, or those that repeat once each."""
    return table.values if isinstance(table, Repeated) else table


def _floats(values: ArrayLike) -> Floats:
    found = np.asarray(values)
    return found if found.dtype in (np.float32, np.float64) else found.astype(np.float64)


def _check(task: ChoiceTask) -> None:
    rows, plans, add_ons = task.rows, len(task.plans), len(task.add_ons)
    wanted: dict[str, tuple[int, ...]] = {"add_on_open": (plans, add_ons)}
    wanted.update(dict.fromkeys(_PER_PLAN, (rows, plans)))
    wanted.update(dict.fromkeys(_PER_ADD_ON, (rows, add_ons)))
    wanted.update(dict.fromkeys(("rival", "weight", "customer", "draw", "pays"), (rows,)))
    for name, shape in wanted.items():
        values = getattr(task, name)
        if values.shape != shape:
            raise DemandError(
                f"{name} has the shape {values.shape}, but {rows} rows, {plans} plans and {add_ons} add-ons need "
                f"{shape}.",
                "Give one row per customer and draw.",
            )
        if np.isnan(_kept(values)).any():
            raise DemandError(f"{name} holds values that are not numbers.", "Leave out customers nothing is known of.")
    if task.rule not in ("surplus", "logit") or task.ties not in ("seller", "customer"):
        raise DemandError(
            f"There is no rule {task.rule!r} with ties {task.ties!r}.",
            'Rules are "surplus" and "logit", ties go to the "seller" or the "customer".',
        )
    if not (task.scale > 0 and np.isfinite(task.scale)):
        raise DemandError(f"The spread of taste is {task.scale}.", "Give an amount of money above 0.")
    if rows and min(_kept(task.weight).min(), _kept(task.customer).min(), task.draw.min()) < 0:
        raise DemandError("A weight or a number of a customer or draw is below 0.", "Weights and numbers start at 0.")


# --- A choice task asked at given fees: what each offer then leaves to each customer


@dataclass(frozen=True, eq=False)
class Ask:
    """A choice task at given fees: `offered` are the places of plans with a fee, the dearest first."""

    task: ChoiceTask
    fees: NDArray[np.float64]
    add_on_fees: NDArray[np.float64]
    offered: tuple[int, ...]
    fixed_order: bool

    def open_add_ons(self, plan: int) -> list[int]:
        """Return the places of the add-ons on offer that may be bought with a plan."""
        return [a for a in range(len(self.add_on_fees)) if self.task.add_on_open[plan, a] and self.on_offer(a)]

    def on_offer(self, add_on: int) -> bool:
        """Tell whether an add-on has a fee."""
        return bool(np.isfinite(self.add_on_fees[add_on]))

    def plan_surplus(self, plan: int, rows: slice) -> NDArray[np.floating]:
        """Return what a plan leaves to each customer, add-ons aside."""
        task = self.task
        surplus = task.plan_worth[rows, plan] - task.plan_usage[rows, plan]
        surplus -= bills_at(float(self.fees[plan]), task.fee_units[rows, plan])
        return surplus

    def plan_bill(self, plan: int, rows: slice) -> NDArray[np.floating]:
        """Return the monthly bill of a plan for each row."""
        return bills_at(float(self.fees[plan]), self.task.fee_units[rows, plan], self.task.plan_usage[rows, plan])

    def bills_everybody(self, plan: int) -> bool:
        """Tell whether everybody who takes a plan pays something, without looking at each."""
        units = self.task.fixed_bills[plan]
        return units is not None and bills_at(float(self.fees[plan]), units) > 0

    def add_on_bill(self, add_on: int, rows: slice) -> NDArray[np.floating]:
        """Return the monthly bill of an add-on for each row."""
        return bills_at(float(self.add_on_fees[add_on]), self.task.add_on_units[rows, add_on])

    def add_on_surplus(self, add_on: int, rows: slice) -> NDArray[np.floating]:
        """Return what an add-on leaves to each customer."""
        task = self.task
        return task.add_on_worth[rows, add_on] - self.add_on_bill(add_on, rows)

    def gains(self, rows: slice) -> dict[int, NDArray[np.floating]]:
        """Return what each add-on on offer leaves to each customer."""
        return {a: self.add_on_surplus(a, rows) for a in range(len(self.add_on_fees)) if self.on_offer(a)}

    def brings(
        self, plan: int, rows: slice, taken: Mapping[int, NDArray[np.floating] | NDArray[np.bool_]]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return what each row pays and costs with a plan, and its add-ons as far as they are `taken`."""
        revenue = self.plan_bill(plan, rows).astype(np.float64)
        cost = self.task.plan_cost[rows, plan].astype(np.float64)
        for add_on in self.open_add_ons(plan):
            revenue += taken[add_on] * self.add_on_bill(add_on, rows)
            cost += taken[add_on] * self.task.add_on_cost[rows, add_on]
        return revenue, cost


def ask_of(task: ChoiceTask, fees: NDArray[np.float64], add_on_fees: NDArray[np.float64]) -> Ask:
    """Return a task at given fees, plans in the order in which ties are settled."""
    offered = [plan for plan in range(len(fees)) if np.isfinite(fees[plan])]
    bills = [task.fixed_bills[plan] for plan in offered]
    fixed = all(bill is not None for bill in bills)
    size = {plan: fees[plan] * (bill or 0.0) for plan, bill in zip(offered, bills, strict=True)}
    offered.sort(key=lambda plan: size[plan], reverse=task.ties == "seller")
    return Ask(task, fees, add_on_fees, tuple(offered), fixed)


# --- The two rules of choice, worked block by block so that the numbers in use stay in the processor's cache

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


def totals_by_group(
    task: ChoiceTask,
    fees: NDArray[np.float64],
    add_on_fees: NDArray[np.float64],
    groups: Groups,
    choice: NDArray[np.int8] | None,
) -> GroupTotals:
    """Return buyers, revenue and cost per group at these fees; writes each row's plan into `choice` when given."""
    ask = ask_of(task, fees, add_on_fees)
    blocks = [slice(start, min(start + _BLOCK, task.rows)) for start in range(0, task.rows, _BLOCK)]

    def one(rows: slice) -> GroupTotals:
        return _logit_block(ask, rows, groups) if task.rule == "logit" else _surplus_block(ask, rows, groups, choice)

    nothing = GroupTotals.zeros(groups.count, len(fees), len(add_on_fees))
    if task.rows < _PARALLEL_FROM or _WORKERS == 1:
        return GroupTotals.added([nothing, *map(one, blocks)])
    with ThreadPoolExecutor(_WORKERS) as pool:  # numpy lets go of the interpreter while it counts
        return GroupTotals.added([nothing, *pool.map(one, blocks)])


def _surplus_block(ask: Ask, rows: slice, groups: Groups, choice: NDArray[np.int8] | None) -> GroupTotals:
    chosen, _, gains = highest_surplus(ask, rows)
    if choice is not None:
        choice[rows] = chosen
    task, within = ask.task, groups.of(rows)
    found = GroupTotals.zeros(groups.count, len(ask.fees), len(ask.add_on_fees))
    weight = task.weight[rows]
    for plan in ask.offered:
        places = np.flatnonzero(chosen == plan)
        _sell_plan(ask, plan, Buyers(rows, weight[places], within.at(places), places), found)
        for add_on in ask.open_add_ons(plan):
            takers = places[task.takes(gains[add_on][places])]
            _sell_add_on(ask, add_on, Buyers(rows, weight[takers], within.at(takers), takers), found)
    return found


def highest_surplus(
    ask: Ask, rows: slice
) -> tuple[NDArray[np.int8], NDArray[np.floating], dict[int, NDArray[np.floating]]]:
    """Return the plan of each row (-1: a competitor or nothing), what the best plan and each add-on leave to it."""
    task = ask.task
    gains = ask.gains(rows)
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
            bill = ask.plan_bill(plan, rows)
            preferred = bill > best_bill if task.ties == "seller" else bill < best_bill
            better |= preferred & (surplus >= best - task.tolerance) & (chosen >= 0)
            np.copyto(best_bill, bill, where=better)
        np.copyto(best, surplus, where=better)
        chosen[better] = plan
    slack = task.slack
    lost = best < rival + slack if slack <= 0 else best <= rival + slack
    chosen[lost] = -1
    return chosen, best, gains


def _logit_block(ask: Ask, rows: slice, groups: Groups) -> GroupTotals:
    task, within = ask.task, groups.of(rows)
    scale = float(task.scale)
    gains = {a: gain / scale for a, gain in ask.gains(rows).items()}
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
    found = GroupTotals.zeros(groups.count, len(ask.fees), len(ask.add_on_fees))
    weight = task.weight[rows] / everything
    for plan in ask.offered:
        share = weight * utility[plan]
        _sell_plan(ask, plan, Buyers(rows, share, within), found)
        for add_on in ask.open_add_ons(plan):
            _sell_add_on(ask, add_on, Buyers(rows, share * attach[add_on], within), found)
    return found


def _sell_plan(ask: Ask, plan: int, buyers: Buyers, found: GroupTotals) -> None:
    """Add the buyers of a plan, what they pay and what they cost to `found`."""
    task, units = ask.task, ask.task.fixed_bills[plan]
    found.buyers[:, plan] = buyers.counts()
    _keep(ask, plan, buyers, found)
    if units is None:
        found.plan_revenue[:, plan] = buyers.sums(ask.plan_bill(plan, buyers.rows))
    else:
        found.plan_revenue[:, plan] = found.buyers[:, plan] * bills_at(ask.fees[plan], units)
    found.plan_cost[:, plan] = buyers.sums(task.plan_cost[buyers.rows, plan])


def _keep(ask: Ask, plan: int, buyers: Buyers, found: GroupTotals) -> None:
    """Add the buyers of a plan that pay today and go on paying, and those who pay nothing today."""
    pays, bought = ask.task.pays[buyers.rows], found.buyers[:, plan]
    paying = bought if pays.all() else buyers.sums(pays.astype(np.float64))
    found.kept[:, 1] += bought - paying
    if ask.bills_everybody(plan):
        billed, billed_paying = bought, paying
    elif ask.fees[plan] > 0 or ask.task.plan_usage[buyers.rows, plan].any():
        bills = (ask.plan_bill(plan, buyers.rows) > 0).astype(np.float64)
        billed, billed_paying = buyers.sums(bills), buyers.sums(pays * bills)
    else:
        return
    found.kept[:, 0] += billed_paying
    found.kept[:, 2] += billed - billed_paying


def _sell_add_on(ask: Ask, add_on: int, buyers: Buyers, found: GroupTotals) -> None:
    """Add the buyers of an add-on with one plan, what they pay and what they cost to `found`."""
    task = ask.task
    found.add_on_buyers[:, add_on] += buyers.counts()
    units = buyers.sums(task.add_on_units[buyers.rows, add_on])
    found.add_on_revenue[:, add_on] += bills_at(float(ask.add_on_fees[add_on]), units)
    found.add_on_cost[:, add_on] += buyers.sums(task.add_on_cost[buyers.rows, add_on])
