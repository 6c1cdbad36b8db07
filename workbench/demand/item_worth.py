"""Worth item by item: each feature and the allowance has its own amount of money, per customer and draw."""

from __future__ import annotations

from collections.abc import Callable  # noqa: TC003 - read when the dataclass is made
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from workbench.demand.allowance import part_served
from workbench.demand.draws import Assumed  # noqa: TC001 - read when the dataclass is made
from workbench.demand.shared_worth import BeyondLimit  # noqa: TC001 - as above
from workbench.results import Caution  # noqa: TC001 - as above

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from workbench.demand.customers import Customers
    from workbench.pricing import AddOn, Plan

    Floats = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Allowance:
    """What an attribute says about a plan's limit: `units` turns the limit of `metric` into units of the attribute.

    `most` is the limit that stands for none: the highest the respondents saw.
    """

    metric: str
    units: Callable[[float], float]
    most: float


@dataclass(frozen=True, eq=False, kw_only=True)
class ItemisedWorth:
    """What features and allowances are worth one by one: `base` (customers x draws) without any of them.

    `items` (features) and `allowance_items` (metrics) hold customers x draws, money per month and unit.
    """

    customers: Customers
    base: Floats
    items: Mapping[str, Floats]
    allowances: tuple[Allowance, ...] = ()
    allowance_items: tuple[Floats, ...] = ()
    beyond_limit: BeyondLimit = "cannot serve"
    source: str = "choices between offers"
    assumed: tuple[Assumed, ...] = ()
    cautions: tuple[Caution, ...] = ()

    @property
    def draws(self) -> int:
        """Return the number of draws."""
        return self.base.shape[1]

    @cached_property
    def whole(self) -> Floats:
        """Return what an offer with everything that is worth something is worth."""
        total = self.base + self._allowed({})
        for item in self.items.values():
            total = total + np.maximum(item, 0)
        return total

    def of(self, plan: Plan) -> Floats:
        """Return what a plan is worth, customers x draws; minus infinity where it cannot serve."""
        limits = {limit.metric: float(limit.up_to) for limit in plan.limits if limit.up_to is not None}
        worth = self.base + self._allowed(limits)
        for name in dict.fromkeys(plan.features):
            if name in self.items:
                worth = worth + self.items[name]
        served = part_served(self.customers, plan.limits, self.beyond_limit)
        worth = worth * served[:, None].astype(worth.dtype)
        worth[served == 0] = -np.inf
        return worth

    def of_add_on(self, add_on: AddOn) -> Floats:
        """Return what an add-on's features add, customers x draws."""
        found = np.zeros_like(self.base)
        for name in dict.fromkeys(add_on.features):
            if name in self.items:
                found = found + self.items[name]
        return found

    def scaled(self, factor: Floats) -> ItemisedWorth:
        """Return the same with all worth times a factor per customer."""
        times = np.asarray(factor, dtype=self.base.dtype)
        column = times[:, None] if times.ndim else times
        return self._each(lambda values: values * column, self.customers)

    def sampled(
        self, customers: NDArray[np.intp], draws: NDArray[np.intp], weight: NDArray[np.float64] | None = None
    ) -> ItemisedWorth:
        """Return the same for some of the customers and draws, by their places, with new weights where given."""
        return self._each(lambda values: values[np.ix_(customers, draws)], self.customers.take(customers, weight))

    def _allowed(self, limits: Mapping[str, float]) -> Floats:
        found = np.zeros_like(self.base)
        for allowance, item in zip(self.allowances, self.allowance_items, strict=True):
            most = min(limits.get(allowance.metric, allowance.most), allowance.most)
            found = found + item * allowance.units(most)
        return found

    def _each(self, change: Callable[[Floats], Floats], customers: Customers) -> ItemisedWorth:
        return replace(
            self,
            customers=customers,
            base=change(self.base),
            items={name: change(values) for name, values in self.items.items()},
            allowance_items=tuple(change(values) for values in self.allowance_items),
        )
