"""Demand: customers with their worth, the rule they choose by and what else they could do, ready for any price book."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, cast

import numpy as np

from workbench.demand.draws import Assumed, stream
from workbench.demand.errors import DemandError
from workbench.demand.fees import fee_of, fees_of, metrics_of, units_and_usage
from workbench.demand.outcome import Outcome
from workbench.demand.repeated import Repeated
from workbench.demand.rivals import Rival, rival_surplus
from workbench.demand.task import ChoiceTask
from workbench.demand.task_parts import about_cost, customers_in_parts, known_costs, open_add_ons
from workbench.demand.willingness import weighted_quantile
from workbench.results import Caution

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import ArrayLike, NDArray

    from workbench.demand.customers import Customers
    from workbench.demand.task import Rule
    from workbench.demand.worth import Worth
    from workbench.pricing import AddOn, Plan, PriceBook

SPREAD = 0.1
"""Spread of taste where none is given, as a part of the median worth."""


EVERY_DRAW = slice(None)
MOST_ROWS = 2_000_000  # of a task that is thrown away once it has been asked


@dataclass(frozen=True, eq=False, kw_only=True)
class Demand:
    """Who would buy what from any price book.

    `worth` says what offers are worth to the customers, `rule` how they choose, `scale` how far tastes spread under
    the logit rule (money per month; 0 takes a tenth of the median worth), `rivals` what competitors they could go to.
    Customers who chose among the plans of `chose_from` preferred them to every rival, so a rival leaves them no more
    than the best of these plans does. Nothing is fitted to today's choices (see `workbench.demand.fit`).
    """

    worth: Worth
    rule: Rule = "surplus"
    scale: float = 0.0
    rivals: tuple[Rival, ...] = ()
    seed: int = 0
    chose_from: PriceBook | None = None

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
        rivals = self._rivals[1] if self.rivals else (_NO_RIVALS,)
        return (*self.worth.cautions, *rivals, *about_cost(self.customers))

    @cached_property
    def _rivals(self) -> tuple[NDArray[np.floating], tuple[Caution, ...]]:
        surplus, cautions = rival_surplus(self.worth, self.rivals, self.rule, self.scale, self.seed)
        if self.chose_from is None or not self.rivals:
            return surplus, cautions
        return np.minimum(surplus, self._best_of(self.chose_from)), (*cautions, _PREFERRED)

    def _best_of(self, price_book: PriceBook) -> NDArray[np.floating]:
        """Return what the best plan of a price book leaves at its prices, customers x draws; nothing at least."""
        best = np.zeros_like(self.worth.whole)
        plans, _ = self._bills(price_book)
        for plan, (units, usage) in zip(price_book.plans, plans, strict=True):
            if plan.priced:
                bill = np.nan_to_num(fee_of(plan).amount * units + usage, nan=np.inf)
                np.maximum(best, self.worth.of(plan) - bill[:, None].astype(best.dtype), out=best)
        return best

    @cached_property
    def _cost(self) -> NDArray[np.float64]:
        return known_costs(self.customers)

    def task(self, price_book: PriceBook, which: slice = EVERY_DRAW) -> ChoiceTask:
        """Return the choice between the plans of a price book, with its add-ons, the rivals and nothing.

        Rows are customers x draws, customer by customer. Customers whose bill cannot be known under some plan, because
        a quantity it charges for is not recorded, are left out (see `left_out`). What an add-on charges for usage is
        taken off its worth and is no part of its revenue. Raises DemandError when nobody is left or nothing is on
        offer.
        """
        if not price_book.plans:
            raise DemandError(f"The price book {price_book.name} has no plans.", "Add a plan first.")
        asked, worth = self.customers, self.worth
        if which != EVERY_DRAW:
            worth = worth.sampled(np.arange(len(asked)), np.arange(self.draws)[which], asked.weight)
        draws, dtype = worth.draws, worth.whole.dtype
        plans, add_ons = self._bills(price_book)
        kept = np.flatnonzero(self.known_bills(price_book))
        if not kept.size:
            raise DemandError(
                "No customer's bill is known: what the plans charge for is recorded for nobody.",
                f"The plans charge for {', '.join(metrics_of(price_book))}.",
            )

        def rows(columns: int, made: Iterable[NDArray[np.floating]]) -> NDArray[np.floating]:
            table = np.empty((kept.size * draws, columns), dtype=dtype, order="F")
            for column, values in enumerate(made):  # one at a time: each is as large as the column it becomes
                table[:, column] = (values if kept.size == len(asked) else values[kept]).ravel()
            return table

        def same(per_customer: list[NDArray[np.float64]]) -> NDArray[np.floating]:
            table = np.empty((kept.size, len(per_customer)), dtype=dtype, order="F")
            for column, values in enumerate(per_customer):
                table[:, column] = values[kept]
            return cast("NDArray[np.floating]", Repeated(table, draws))

        nothing = np.zeros(len(asked))
        return ChoiceTask(
            plans=price_book.plan_names,
            add_ons=tuple(each.name for each in price_book.add_ons),
            plan_worth=rows(len(plans), (worth.of(plan) for plan in price_book.plans)),
            plan_usage=same([usage for _, usage in plans]),
            plan_cost=same([self._cost] * len(plans)),
            fee_units=same([units for units, _ in plans]),
            add_on_worth=rows(
                len(add_ons),
                (
                    worth.of_add_on(each) - usage[:, None].astype(dtype)
                    for each, (_, usage) in zip(price_book.add_ons, add_ons, strict=True)
                ),
            ),
            add_on_cost=same([nothing] * len(add_ons)),
            add_on_units=same([units for units, _ in add_ons]),
            add_on_open=open_add_ons(price_book),
            rival=self._rivals[0][kept, which].ravel(),
            weight=cast("NDArray[np.float64]", Repeated(asked.weight[kept] / draws, draws)),
            customer=cast("NDArray[np.int32]", Repeated(kept.astype(np.int32), draws)),
            draw=np.tile(np.arange(draws, dtype=np.int32), kept.size),
            pays=cast("NDArray[np.bool_]", Repeated(asked.pays[kept], draws)),
            rule=self.rule,
            scale=self.scale,
        )

    def outcome(self, price_book: PriceBook) -> Outcome:
        """Return who buys what at the prices of a price book, and what that brings."""
        fees = fees_of(price_book)
        return Outcome.joined([task.outcome(*fees) for task in self.tasks(price_book)])

    def tasks(self, price_book: PriceBook) -> Iterator[ChoiceTask]:
        """Go through the task of a price book, some draws at a time where all of them would be large.

        Each task stands for all accounts: what it says is that of its draws.
        """
        most = max(1, MOST_ROWS // max(len(self.customers), 1))
        for first in range(0, self.draws, most):
            whole = most >= self.draws
            yield self.task(price_book, EVERY_DRAW if whole else slice(first, min(first + most, self.draws)))

    def left_out(self, price_book: PriceBook) -> int:
        """Return how many customers a price book cannot bill, because a quantity it charges for is not recorded."""
        return len(self.customers) - int(self.known_bills(price_book).sum())

    def sampled(self, customers: int | ArrayLike, draws: int | ArrayLike, seed: int = 0) -> Demand:
        """Return the same demand for some of the customers and draws.

        A number draws customers at random, every segment in its part, and the drawn stand for as many accounts as
        all did; an array names places, and these customers keep their weights. The same two ways for draws.
        """
        rng = stream(seed, "sample of customers")
        who = (
            customers_in_parts(self.customers, customers, rng) if isinstance(customers, int) else np.asarray(customers)
        )
        which = np.asarray(draws)
        if isinstance(draws, int):
            which = np.sort(rng.permutation(self.draws)[:draws])
        weight = self.customers.weight[who]
        if isinstance(customers, int):
            codes, before = self.customers.segment_codes[who], self.customers.segment_accounts()
            drawn = np.bincount(codes, weight, len(before))
            weight = weight * np.divide(before, drawn, out=np.ones_like(before), where=drawn > 0)[codes]
        return replace(self, worth=self.worth.sampled(who, which, weight))

    def _bills(self, price_book: PriceBook) -> tuple[list[_Bill], list[_Bill]]:
        quantities, realised = self.customers.quantities(metrics_of(price_book)), self.customers.realised

        def bill(offer: Plan | AddOn) -> _Bill:
            units, usage = units_and_usage(offer, quantities, len(self.customers))
            return (units, usage) if realised is None else (units * realised, usage * realised)

        return [bill(plan) for plan in price_book.plans], [bill(each) for each in price_book.add_ons]

    def known_bills(self, price_book: PriceBook) -> NDArray[np.bool_]:
        """Return which customers a price book can bill: all it charges for is recorded."""
        plans, add_ons = self._bills(price_book)
        known = np.ones(len(self.customers), dtype=bool)
        for units, usage in (*plans, *add_ons):
            known &= np.isfinite(units) & np.isfinite(usage)
        return known


_Bill = tuple["NDArray[np.float64]", "NDArray[np.float64]"]
_NO_RIVALS = Caution(
    "No competitor is named: the only other choice is to buy nothing. What people said they would pay had what else "
    "they could buy in it; what they pay today does too. A competitor that cuts its price is in neither."
)
_PREFERRED = Caution(
    "These customers chose today's plans over every named competitor, so a competitor is taken to leave them no more "
    "than today's plans do. What would win a competitor's customers is not in these numbers.",
    "note",
)
