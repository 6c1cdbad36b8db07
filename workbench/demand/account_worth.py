"""Imputed worth as what plans and add-ons are worth to the customers of a base, with features by their names."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from workbench.demand.account_facts import AccountFacts
from workbench.demand.allowance import lacks_a_must, part_served
from workbench.demand.draws import Assumed  # noqa: TC001 - read when the dataclass is made
from workbench.formatting import percent
from workbench.results import Caution

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from workbench.demand.customers import Customers
    from workbench.demand.imputed_worth import ImputedWorth
    from workbench.pricing import AddOn, Plan

    Floats = NDArray[np.floating]


@dataclass(frozen=True, eq=False, kw_only=True)
class AccountWorth:
    """What offers are worth to accounts, as imputed from answers (`workbench.demand.imputed_worth`).

    `feature_names` are the features that make up a part of the worth, in the order of `imputed`. A plan that lacks one
    of `must_have` that the account uses cannot serve it, nor can one whose limit is below its need.
    """

    imputed: ImputedWorth
    customers: Customers
    feature_names: tuple[str, ...]
    source: str
    must_have: frozenset[str] = frozenset()
    assumed: tuple[Assumed, ...] = ()
    cautions: tuple[Caution, ...] = ()

    @property
    def draws(self) -> int:
        """Return the number of draws."""
        return self.imputed.draws

    @cached_property
    def whole(self) -> Floats:
        """Return what an offer with everything in it is worth."""
        return self.imputed.whole

    def of(self, plan: Plan) -> Floats:
        """Return what a plan is worth, customers x draws; minus infinity where it cannot serve."""
        served = part_served(self.customers, plan.limits, "cannot serve") > 0
        served &= ~lacks_a_must(self.customers, self.must_have, plan.features)
        worth = self.whole * self.imputed.part(self._inside(plan.features))
        worth[~served] = -np.inf
        return worth

    def of_add_on(self, add_on: AddOn) -> Floats:
        """Return what an add-on's features add, customers x draws; its allowance adds nothing that is known."""
        inside = self._inside(add_on.features)
        if not inside.any():
            return np.zeros_like(self.whole)
        return self.whole * (1 - self.imputed.core) * self.imputed.share(inside)

    def scaled(self, factor: Floats) -> AccountWorth:
        """Return the same with all worth times a factor per customer."""
        times = np.log(np.asarray(factor, dtype=self.imputed.log_worth.dtype))
        moved = self.imputed.log_worth + (times[:, None] if times.ndim else times)
        return replace(self, imputed=replace(self.imputed, log_worth=moved))

    def sampled(
        self, customers: NDArray[np.intp], draws: NDArray[np.intp], weight: NDArray[np.float64] | None = None
    ) -> AccountWorth:
        """Return the same for some of the customers and draws, by their places, with new weights where given."""
        return replace(
            self, imputed=self.imputed.taken(customers, draws), customers=self.customers.take(customers, weight)
        )

    def _inside(self, features: Iterable[str]) -> NDArray[np.bool_]:
        named = set(features)
        return np.array([name in named for name in self.feature_names], dtype=bool)


def account_facts(
    customers: Customers,
    plans: Iterable[Plan],
    features: Sequence[str],
    *,
    units: NDArray[np.float64],
    metric: str = "",
) -> tuple[AccountFacts, tuple[Caution, ...]]:
    """Return what worth is imputed from, and what to know about it.

    `plans` are today's: customers on none of them are taken to have every feature. Where feature use is not recorded,
    everybody is taken to use what the own plan has. `metric` names the quantity that tells large accounts from small
    ones; `units` is how often each buys what one price of the survey buys.
    """
    size = len(customers)
    contents = {plan.name: np.array([name in set(plan.features) for name in features], dtype=bool) for plan in plans}
    has, known = np.ones((size, len(features)), dtype=bool), np.zeros(size, dtype=bool)
    for place, name in enumerate(() if customers.plan is None else customers.plan):
        if name in contents:
            has[place], known[place] = contents[name], True
    uses, said = has.copy(), []
    if customers.uses is not None:
        column = {name: number for number, name in enumerate(customers.feature_names)}
        for place, name in enumerate(features):
            uses[:, place] = customers.uses[:, column[name]] if name in column else False
    elif features:
        said.append(Caution("Feature use is not recorded: everybody is taken to use what the own plan has."))
    if features and not known.all():
        text = f"{percent(1 - known.mean())} of customers are on no listed plan today: taken to have every feature."
        said.append(Caution(text))
    quantity = customers.quantities((metric,))[metric] if metric else units
    usual = np.nanmedian(quantity) if np.isfinite(quantity).any() else 1.0
    facts = AccountFacts(
        segment=customers.segment_codes.astype(np.int64),
        quantity=np.where(np.isfinite(quantity), quantity, usual),
        units=units,
        bill=np.zeros(size) if customers.paid is None else np.nan_to_num(customers.paid),
        uses=uses,
        has=has | uses,
    )
    return facts, tuple(said)


__all__ = ["AccountWorth", "account_facts"]
