"""The services calculator: price from delivery cost, share of the first year, and the room the usual ranges leave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.rules.checks.services import services_margin, services_share

if TYPE_CHECKING:
    from workbench.rules import Finding, Rulebook, Threshold
    from workbench.stages.add_ons.core_plan import CorePlan
    from workbench.stages.add_ons.decision import ServicesChoice


@dataclass(frozen=True, slots=True)
class Services:
    """One engagement: what it costs to deliver, its price, and its share of a customer's first year.

    `cost` and `price` are None until a delivery cost is entered. `first_year` is the subscription revenue of twelve
    months, None when unknown; `is_computed` tells that it was worked out from the core plan.
    """

    name: str
    cost: float | None
    price: float | None
    margin: float
    first_year: float | None
    is_computed: bool

    @property
    def profit(self) -> float | None:
        """Return what is left of the price after delivery."""
        return None if self.price is None or self.cost is None else self.price - self.cost

    @property
    def share(self) -> float | None:
        """Return services over services and subscription in the first year."""
        if self.price is None or self.first_year is None or self.price + self.first_year <= 0:
            return None
        return self.price / (self.price + self.first_year)

    def prices(self, mark_up: Threshold) -> tuple[float, float] | None:
        """Return the lowest and highest price that meets the usual mark-up on the delivery cost."""
        if self.cost is None:
            return None
        return self.cost * (1 + (mark_up.low or 0.0)), self.cost * (1 + (mark_up.high or 0.0))

    def affordable_cost(self, share: Threshold) -> tuple[float, float] | None:
        """Return the delivery costs at which this margin keeps services in their usual share of the first year."""
        if self.first_year is None or share.low is None or share.high is None or share.high >= 1:
            return None
        low, high = (end / (1 - end) * self.first_year / (1 + self.margin) for end in (share.low, share.high))
        return low, high


def services_of(choice: ServicesChoice | None, core: CorePlan) -> Services | None:
    """Return the services of a decision, None when none are offered."""
    if choice is None:
        return None
    cost = float(choice.delivery_cost) or None
    own = choice.first_year_revenue
    return Services(
        name=choice.name,
        cost=cost,
        price=None if cost is None else cost * (1 + choice.margin),
        margin=choice.margin,
        first_year=core.a_year if own is None else float(own),
        is_computed=own is None,
    )


def services_findings(services: Services | None, currency: str, rulebook: Rulebook) -> tuple[Finding, ...]:
    """Return both findings on A6; none when no services are offered."""
    if services is None:
        return ()
    return (
        services_margin(delivery_cost=services.cost, price=services.price, currency=currency, rulebook=rulebook),
        services_share(
            services_revenue=services.price,
            subscription_revenue=services.first_year,
            currency=currency,
            rulebook=rulebook,
        ),
    )
