"""What the team decides about add-ons: the job each does, its price, who may buy it and when, and services."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field, model_serializer

from workbench.stages.contract import SetSoDecision
from workbench.study.model import FrozenModel

if TYPE_CHECKING:
    from pydantic import SerializerFunctionWrapHandler


class UsageCharge(FrozenModel):
    """What an add-on costs for usage of a metric, beside its price: an overage or accelerator.

    `free_units` a month cost nothing, `block` more are paid for by the price of the add-on, each unit beyond them costs
    `unit_price`, and a month never more than `most_per_month` (None: no cap). The add-on lifts any limit of the plan on
    the metric.
    """

    metric: str = Field(min_length=1)
    unit_price: Decimal = Field(ge=0)
    free_units: Decimal = Field(default=Decimal(0), ge=0)
    block: Decimal = Field(default=Decimal(0), ge=0)
    most_per_month: Decimal | None = Field(default=None, gt=0)


class AddOnChoice(FrozenModel):
    """One add-on of the offer.

    `price` is per month and for each `price_per` ("account" or a metric). Of the accounts eligible for it, between
    `attach_low` and `attach_high` (shares, a 90% range) are expected to buy. It is offered after `tenure_days` and
    once `usage_metric` (a metric or a feature's uses a month) has reached `usage_at_least`. `usage_charge` bills usage
    beside the price, None in most add-ons.
    """

    id: str
    name: str = Field(min_length=1, max_length=80)
    job: str = Field(default="", max_length=200)
    features: tuple[str, ...] = ()
    price: Decimal = Field(ge=0)
    price_per: str = "account"
    attach_low: float = Field(default=0.05, ge=0, le=1)
    attach_high: float = Field(default=0.25, ge=0, le=1)
    tenure_days: int = Field(default=75, ge=0)
    usage_metric: str | None = None
    usage_at_least: float = Field(default=0, ge=0)
    usage_charge: UsageCharge | None = None

    @model_serializer(mode="wrap")
    def _without_what_is_not_set(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        # An add-on without a charge on usage is written as it always was, so that nothing seems to differ.
        document: dict[str, Any] = write(self)
        return document if self.usage_charge else {k: v for k, v in document.items() if k != "usage_charge"}


class ServicesChoice(FrozenModel):
    """Professional services offered beside the product: their full delivery cost, the margin on it and who buys.

    `delivery_cost` is what one engagement costs to deliver with everything loaded; `margin` is the share added on
    top of it (0.5 means cost plus 50%). `first_year_revenue` is a customer's subscription revenue in its first
    year, computed from the offer when None.
    """

    name: str = "Onboarding and enablement"
    delivery_cost: Decimal = Field(default=Decimal(0), ge=0)
    margin: float = Field(default=0.5, ge=0, le=5)
    first_year_revenue: Decimal | None = Field(default=None, ge=0)


class AddOnDecision(SetSoDecision):
    """The add-ons of a scenario, the tier whose price they are measured against, and services."""

    stage: ClassVar[str] = "add_ons"

    add_ons: tuple[AddOnChoice, ...] = ()
    core_tier: str | None = None
    services: ServicesChoice | None = None

    def with_add_on(self, changed: AddOnChoice) -> AddOnDecision:
        """Return the decision with one add-on replaced by its changed version (same id)."""
        choices = tuple(changed if choice.id == changed.id else choice for choice in self.add_ons)
        return self.replaced(add_ons=choices)
