"""What the team decides about add-ons: the job each does, its price, who may buy it and when, and services."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field, model_serializer

from workbench.stages.contract import SetSoDecision
from workbench.stages.view import Setting
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
    unit_price: Annotated[Decimal, Setting(unit="currency"), Field(ge=0)]
    free_units: Annotated[Decimal, Setting(unit="a month"), Field(ge=0)] = Decimal(0)
    block: Annotated[Decimal, Field(ge=0)] = Decimal(0)
    most_per_month: Annotated[Decimal | None, Setting(unit="currency"), Field(gt=0)] = None


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
    price: Annotated[Decimal, Setting(unit="currency", slider=True), Field(ge=0)]
    price_per: str = "account"
    attach_low: Annotated[float, Setting(unit="%", step=1), Field(ge=0, le=1)] = 0.05
    attach_high: Annotated[float, Setting(unit="%", step=1), Field(ge=0, le=1)] = 0.25
    tenure_days: Annotated[int, Setting(unit="days as customer", step=5, slider=True, slider_end=365), Field(ge=0)] = 75
    usage_metric: str | None = None
    usage_at_least: Annotated[float, Setting(unit="a month"), Field(ge=0)] = 0
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
    delivery_cost: Annotated[Decimal, Setting(unit="currency", step=100), Field(ge=0)] = Decimal(0)
    margin: Annotated[float, Setting(unit="%", step=5, slider=True, slider_end=100), Field(ge=0, le=5)] = 0.5
    first_year_revenue: Annotated[Decimal | None, Setting(unit="currency", step=100), Field(ge=0)] = None


class AddOnDecision(SetSoDecision):
    """The add-ons of a scenario, the tier whose price they are measured against, and services."""

    stage: ClassVar[str] = "add_ons"

    add_ons: tuple[AddOnChoice, ...] = ()
    core_tier: str | None = None
    services: ServicesChoice | None = None
