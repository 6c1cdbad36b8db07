"""Demand: customers with their worth, the rule they choose by and what else they could do, ready for any price book."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from workbench.demand.draws import Assumed, stream
from workbench.demand.errors import DemandError
from workbench.demand.fees import fees_of, metrics_of, units_and_usage
from workbench.demand.rivals import Rival, rival_surplus
from workbench.demand.task import ChoiceTask
from workbench.demand.willingness import weighted_quantile
from workbench.formatting import count
from workbench.results import Caution

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from workbench.demand.calibration import Fit
    from workbench.demand.customers import Customers
    from workbench.demand.outcome import Outcome
    from workbench.demand.task import Rule
    from workbench.demand.worth import Worth
    from workbench.pricing import PriceBook

SPREAD = 0.1
"""Spread of taste where none is given or fitted, as a part of the median worth."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Demand:
    """Who would buy what from any price book.

    `worth` says what offers are worth to the customers, `rule` how they choose, `scale` how far tastes spread under
    the logit rule (money per month; 0 takes a tenth of the median worth), `rivals` what competitors they could go to.
    `fit` says how well it describes today's choices once it is calibrated.
    """

    worth: Worth
    rule: Rule = "surplus"
    scale: float = 0.0
    rivals: tuple[Rival, ...] = ()
    fit: Fit | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if self.scale < 0 or not np.isfinite(self.scale):
            raise DemandError(f"The spread of taste is {self.scale}.", "Give an amount of money above 0.")
        if self.scale == 0:
            middle = weighted_quantile(self.worth.whole, self.worth.customers.weight, 0.5).mean()
            object.__setattr__(self, "scale", max(SPREAD * float(middle), 1e-6))

    @property
    def customers(self) -> Customers:
        """Return who is asked."""
        return self.worth.customers

    @property
    def draws(self) -> int:
        """Return the number of draws."""
        return self.worth.draws

    @property
    def assumed(self) -> tuple[Assumed, ...]:
        """Return every range nobody measured."""
        return (*self.worth.assumed, *(rival.assumed for rival in self.rivals))

    @property
    def cautions(self) -> tuple[Caution, ...]:
        """Return what to know before using what follows from it."""
        fitted = self.fit.cautions if self.fit else (_NOT_CALIBRATED,)
        rivals = self._rivals[1] if self.rivals else (_NO_RIVALS,)
        return (*self.worth.cautions, *fitted, *rivals, *_about_cost(self.customers))

    @cached_property
    def _rivals(self) -> tuple[NDArray[np.floating], tuple[Caution, ...]]:
        return rival_surplus(self.worth, self.rivals, self.rule, self.scale, self.seed)

    @cached_property
    def _cost(self) -> NDArray[np.float64]:
        return known_costs(self.customers)

    def task(self, price_book: PriceBook) -> ChoiceTask:
        """Return the choice between the plans of a price book, with its add-ons, the rivals and nothing.

        Rows are customers x draws, customer by customer. Customers whose bill cannot be known under some plan, because
        a quantity it charges for is not recorded, are left out (see `left_out`). What an add-on charges for usage is
        taken off its worth and is no part of its revenue. Raises DemandError when nobody is left or nothing is on
        offer.
        """
        if not price_book.plans:
            raise DemandError(f"The price book {price_book.name} has no plans.", "Add a plan first.")
        asked, draws, dtype = self.customers, self.draws, self.worth.whole.dtype
        plans, add_ons = self._bills(price_book)
        kept = np.flatnonzero(self.known_bills(price_book))
        if not kept.size:
            raise DemandError(
                "No customer's bill is known: what the plans charge for is recorded for nobody.",
                f"The plans charge for {', '.join(metrics_of(price_book))}.",
            )

        def rows(per_customer: list[NDArray[np.floating]]) -> NDArray[np.floating]:
            table = np.empty((kept.size * draws, len(per_customer)), dtype=dtype, order="F")
            for column, values in enumerate(per_customer):
                taken = values[kept]
                table[:, column] = taken.ravel() if taken.ndim > 1 else np.repeat(taken, draws)
            return table

        nothing = np.zeros(len(asked))
        return ChoiceTask(
            plans=price_book.plan_names,
            add_ons=tuple(each.name for each in price_book.add_ons),
            plan_worth=rows([self.worth.of(plan) for plan in price_book.plans]),
            plan_usage=rows([usage for _, usage in plans]),
            plan_cost=rows([self._cost] * len(plans)),
            fee_units=rows([units for units, _ in plans]),
            add_on_worth=rows(
                [
                    self.worth.of_add_on(each) - usage[:, None].astype(dtype)
                    for each, (_, usage) in zip(price_book.add_ons, add_ons, strict=True)
                ]
            ),
            add_on_cost=rows([nothing] * len(add_ons)),
            add_on_units=rows([units for units, _ in add_ons]),
            add_on_open=open_add_ons(price_book),
            rival=self._rivals[0][kept].ravel(),
            weight=np.repeat(asked.weight[kept] / draws, draws),
            customer=np.repeat(kept.astype(np.int32), draws),
            draw=np.tile(np.arange(draws, dtype=np.int32), kept.size),
            rule=self.rule,
            scale=self.scale,
        )

    def outcome(self, price_book: PriceBook) -> Outcome:
        """Return who buys what at the prices of a price book, and what that brings."""
        return self.task(price_book).outcome(*fees_of(price_book))

    def calibrated(self, price_book: PriceBook, seed: int = 0) -> Demand:
        """Return the demand fitted to today's plans (see `workbench.demand.calibration`)."""
        from workbench.demand.calibration import calibrated  # noqa: PLC0415 - it builds on this module

        return calibrated(self, price_book, seed=seed)

    def left_out(self, price_book: PriceBook) -> int:
        """Return how many customers a price book cannot bill, because a quantity it charges for is not recorded."""
        return len(self.customers) - int(self.known_bills(price_book).sum())

    def sampled(self, customers: int | ArrayLike, draws: int | ArrayLike, seed: int = 0) -> Demand:
        """Return the same demand for some of the customers and draws.

        A number draws customers at random, every segment in its part, and the drawn stand for as many accounts as
        all did; an array names places, and these customers keep their weights. The same two ways for draws.
        """
        rng = stream(seed, "sample of customers")
        who = self._some_customers(customers, rng) if isinstance(customers, int) else np.asarray(customers)
        which = np.asarray(draws)
        if isinstance(draws, int):
            which = np.sort(rng.permutation(self.draws)[:draws])
        weight = self.customers.weight[who]
        if isinstance(customers, int):
            codes, before = self.customers.segment_codes[who], self.customers.segment_accounts()
            drawn = np.bincount(codes, weight, len(before))
            weight = weight * np.divide(before, drawn, out=np.ones_like(before), where=drawn > 0)[codes]
        return replace(self, worth=self.worth.sampled(who, which, weight))

    def _some_customers(self, size: int, rng: np.random.Generator) -> NDArray[np.intp]:
        if size >= len(self.customers):
            return np.arange(len(self.customers))
        codes = self.customers.segment_codes
        part = size / len(self.customers)
        found = []
        for code in range(len(self.customers.segments)):
            inside = np.flatnonzero(codes == code)
            found.append(rng.permutation(inside)[: max(1, round(part * inside.size))])
        return np.sort(np.concatenate(found))

    def _bills(self, price_book: PriceBook) -> tuple[list[_Bill], list[_Bill]]:
        quantities = self.customers.quantities(metrics_of(price_book))
        size = len(self.customers)
        return (
            [units_and_usage(plan, quantities, size) for plan in price_book.plans],
            [units_and_usage(each, quantities, size) for each in price_book.add_ons],
        )

    def known_bills(self, price_book: PriceBook) -> NDArray[np.bool_]:
        """Return which customers a price book can bill: all it charges for is recorded."""
        plans, add_ons = self._bills(price_book)
        known = np.ones(len(self.customers), dtype=bool)
        for units, usage in (*plans, *add_ons):
            known &= np.isfinite(units) & np.isfinite(usage)
        return known


_Bill = tuple["NDArray[np.float64]", "NDArray[np.float64]"]
_NOT_CALIBRATED = Caution("Not calibrated to today's plans: shares follow from what people say alone.")
_NO_RIVALS = Caution(
    "No competitor is named: the only other choice is to buy nothing, so prices look safer than they are."
)


def open_add_ons(price_book: PriceBook) -> NDArray[np.bool_]:
    """Return which add-on (column) may be bought with which plan (row): not where the plan has all its features."""
    return np.array(
        [
            [not add_on.features or not set(add_on.features) <= set(plan.features) for add_on in price_book.add_ons]
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


def _about_cost(customers: Customers) -> tuple[Caution, ...]:
    unknown = len(customers) if customers.unit_cost is None else int(np.isnan(customers.unit_cost).sum())
    if unknown == len(customers):
        return (Caution("What serving costs is not recorded: margin is shown as if it cost nothing."),)
    if unknown:
        words = "no recorded cost of serving: the median of the segment is taken"
        return (Caution(f"{count('customer', unknown)} with {words}.", "note"),)
    return ()
