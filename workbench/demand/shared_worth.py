"""Worth split from a total: the product itself and each feature's share of the rest."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

from workbench.demand.allowance import lacks_a_must, part_served
from workbench.demand.draws import Assumed  # noqa: TC001 - read when the dataclass is made
from workbench.results import Caution  # noqa: TC001 - as above

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from workbench.demand.customers import Customers
    from workbench.demand.willingness import Willingness
    from workbench.pricing import AddOn, Plan

    Floats = NDArray[np.floating]

BeyondLimit = Literal["cannot serve", "worth less"]


@dataclass(frozen=True, eq=False, kw_only=True)
class SharedWorth:
    """A total split into parts: the product itself and each feature's share of the rest.

    `shares` (customers x features) says how the part that features make up falls on them and sums to 1 per customer;
    `without_features` (draws) is the part the product is worth without any of them. `must_have` features are not
    worth less when missing: a plan without one that the customer uses cannot serve. Beyond a limit a plan cannot serve
    either, or is worth less in proportion to the part of the need it allows for.
    """

    willingness: Willingness
    feature_names: tuple[str, ...]
    shares: Floats
    without_features: Floats
    must_have: frozenset[str] = frozenset()
    beyond_limit: BeyondLimit = "cannot serve"
    assumed: tuple[Assumed, ...] = ()
    cautions: tuple[Caution, ...] = field(default=())

    @property
    def customers(self) -> Customers:
        """Return who is asked."""
        return self.willingness.customers

    @property
    def draws(self) -> int:
        """Return the number of draws."""
        return self.willingness.draws

    @property
    def source(self) -> str:
        """Return what it was learned from, in words."""
        return self.willingness.source

    @property
    def whole(self) -> Floats:
        """Return what an offer with everything in it is worth."""
        return self.willingness.total

    def of(self, plan: Plan) -> Floats:
        """Return what a plan is worth, customers x draws; minus infinity where it cannot serve."""
        served = part_served(self.customers, plan.limits, self.beyond_limit)
        served = np.where(lacks_a_must(self.customers, self.must_have, plan.features), 0.0, served)
        worth = self.whole * self.parts(plan.features)
        worth *= served[:, None].astype(worth.dtype)
        worth[served == 0] = -np.inf
        return worth

    def of_add_on(self, add_on: AddOn) -> Floats:
        """Return what an add-on's features add, customers x draws; its allowance adds nothing that is known."""
        base = np.asarray(self.without_features, dtype=self.whole.dtype)
        return self.whole * ((1 - base) * self._share(add_on.features)[:, None])

    def scaled(self, factor: Floats) -> SharedWorth:
        """Return the same with all worth times a factor per customer."""
        return replace(self, willingness=self.willingness.scaled(factor))

    def sampled(
        self, customers: NDArray[np.intp], draws: NDArray[np.intp], weight: NDArray[np.float64] | None = None
    ) -> SharedWorth:
        """Return the same for some of the customers and draws, by their places, with new weights where given."""
        some = replace(
            self.willingness,
            customers=self.customers.take(customers, weight),
            total=self.whole[np.ix_(customers, draws)],
        )
        return replace(
            self, willingness=some, shares=self.shares[customers], without_features=self.without_features[draws]
        )

    @cached_property
    def _place(self) -> Mapping[str, int]:
        return {name: number for number, name in enumerate(self.feature_names)}

    def _share(self, features: Iterable[str]) -> Floats:
        places = [self._place[name] for name in dict.fromkeys(features) if name in self._place]
        found: Floats = self.shares[:, places].sum(axis=1).astype(self.whole.dtype)
        return found

    def parts(self, features: Iterable[str]) -> Floats:
        """Return which part of the total an offer with these features is worth, customers x draws or one for all."""
        base = np.asarray(self.without_features, dtype=self.whole.dtype)
        if not self.feature_names:
            return np.ones((1, 1), dtype=self.whole.dtype)
        found: Floats = base + (1 - base) * self._share(features)[:, None]
        return found
