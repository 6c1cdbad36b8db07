"""A choice task: what each customer could buy, what it is worth to them, and what they choose at given fees."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast

import numpy as np

from workbench.demand.errors import DemandError
from workbench.demand.outcome import Outcome
from workbench.demand.repeated import Repeated
from workbench.demand.totals import Groups, Totals

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.floating]


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

    `plan_worth` (R, P) is what the plan is worth, -inf where it cannot serve; `plan_usage` the part of its bill that
    does not depend on its base fee; `plan_cost` what serving costs; `fee_units` how often the base fee is paid. The
    same three for add-ons (R, A); `add_on_open` (P, A) says which add-on may be bought with which plan. `rival` (R,)
    is the surplus of the best other choice, competitors and nothing. `weight` (R,) counts the accounts a row stands
    for, already divided by the number of draws; `customer` and `draw` (R,) number what the row belongs to. `pays` (R,)
    says which pay something today; all do where it is not given.

    Rule "surplus": the highest surplus is chosen when it reaches the rival's. Surpluses within `tolerance` are equal:
    then `ties` "seller" sells the dearer plan (and a plan rather than none), "customer" the cheaper one (none first).
    Rule "logit": shares in proportion to exp(surplus / scale), with the rival as the other choice and add-ons chosen
    the same way. Money in single precision is added up in double precision.
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
        self,
        fees: ArrayLike,
        add_on_fees: ArrayLike = (),
        *,
        by_draw: bool = True,
        with_choice: bool = False,
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
    ) -> Totals:
        from workbench.demand import choice_rules  # noqa: PLC0415 - the rules import this module's types

        return choice_rules.totals(self, fees, add_on_fees, groups, choice)


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


__all__ = ["ChoiceTask", "Outcome", "Rule", "Ties"]
