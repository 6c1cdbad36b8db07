"""What a scenario offers: the decisions on its value metric, tiers and add-ons, and their prices in words.

They stand beside the stages that make them, because price book, impact and comparison read them whether or not those
stages are there.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field, model_serializer

from workbench.formatting import exact, exact_money, metric_words, one_unit
from workbench.pricing.charge import Charge
from workbench.stages.contract import SetSoDecision, mark
from workbench.stages.view import Setting
from workbench.study.model import FrozenModel
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import SerializerFunctionWrapHandler

say = texts(__name__)

# --- What the team decides about the value metric: which one, how it was weighed, and the price curve on it

METRIC_WEIGHTS: dict[str, float] = {
    "growth": 3.0,
    "predictability": 2.0,
    "success": 4.0,
    "breadth": 1.0,
    "spread": 1.0,
    "cost": 1.0,
    "wanted": 3.0,
    "visible": 2.0,
    "measured": 3.0,
}


class TeamScores(FrozenModel):
    """The team's marks from 1 (no) to 5 (fully) for what data cannot tell; None means not scored yet."""

    wanted: int | None = Field(default=None, ge=1, le=5)
    visible: int | None = Field(default=None, ge=1, le=5)
    measured: int | None = Field(default=None, ge=1, le=5)


class ValueMetricDecision(SetSoDecision):
    """The value metric chosen for a scenario, with scores, weights and the price curve.

    `added` names candidates the team wants to discuss although no data measures them. `weights` are relative
    (they need not add up); `weight_doubt` says how far each may be off when the ranking's certainty is computed:
    0.5 lets a weight of 2 vary between 1 and 3. `revenue_target` is what the price curve should earn in a month (None:
    what the active accounts pay today), `included_units` what everybody may use before it is charged, and
    `has_spending_cap` and `has_calculator` whether customers get them (None: not said yet).
    """

    stage: ClassVar[str] = "value_metric"

    metric: Annotated[str | None, Setting(resets=("charge",))] = None
    added: tuple[str, ...] = ()
    scores: dict[str, TeamScores] = Field(default_factory=dict)
    weights: dict[str, Annotated[float, Setting(step=0.5, slider=True, slider_end=5), Field(ge=0)]] = Field(
        default_factory=lambda: dict(METRIC_WEIGHTS)
    )
    weight_doubt: Annotated[float, Setting(step=0.05, slider=True), Field(ge=0, le=1)] = 0.5
    target_ratio: Annotated[
        float, Setting(unit="times", step=0.1, slider=True, resets=("charge",)), Field(gt=1, lt=10)
    ] = 6.5
    revenue_target: Annotated[float | None, Setting(step=1000, resets=("charge",)), Field(gt=0)] = None
    included_units: Annotated[Decimal, Setting(step=1), Field(ge=0)] = Decimal(0)
    charge: Charge | None = None
    has_spending_cap: bool | None = None
    has_calculator: bool | None = None


def same_metric(one: str, other: str) -> bool:
    """Tell whether two names mean one metric: case, spaces and underscores do not matter."""
    return _plain(one) == _plain(other)


def _plain(name: str) -> str:
    return " ".join(name.replace("_", " ").casefold().split())


# --- What the team decides about tiers: names, prices, limits and the features in each

PER_ACCOUNT = "account"


class Tier(FrozenModel):
    """One tier of the offer.

    `price` is per month (None: price on request) and for each `price_per`: "account" or the name of a metric such
    as seats. `limits` maps a metric to the most that is included; a metric that is absent is not limited. Where
    `overage` names a price for a limited metric, usage beyond the limit is billed per unit instead of
    needing a higher tier. `features` lists everything the tier contains, not only what it adds.
    """

    id: str
    name: str = Field(min_length=1, max_length=80)
    price: Annotated[Decimal | None, Setting(unit="currency", slider=True), Field(ge=0)] = None
    price_per: str = PER_ACCOUNT
    limits: dict[str, Decimal] = Field(default_factory=dict)
    overage: dict[str, Decimal] = Field(default_factory=dict)
    features: tuple[str, ...] = ()
    public: bool = True

    @property
    def is_free(self) -> bool:
        """Tell whether the tier costs nothing."""
        return self.price == 0

    @property
    def on_request(self) -> bool:
        """Tell whether the price is not published."""
        return self.price is None


class TierDecision(SetSoDecision):
    """The tiers of a scenario from the smallest to the largest, and how an account's needs are read.

    An account needs a feature when it used it at least `minimum_uses` times in the last `needs_months` months.
    `sold_separately` names features left to add-ons: no tier has to contain them to serve an account.
    """

    stage: ClassVar[str] = "tiers"

    tiers: tuple[Tier, ...] = ()
    needs_months: Annotated[int, Setting(unit="months", step=1), Field(ge=1, le=24)] = 3
    minimum_uses: Annotated[int, Setting(unit="uses in the window", step=1), Field(ge=1)] = 3
    sold_separately: tuple[str, ...] = ()

    @property
    def how_needs_are_read(self) -> dict[str, int]:
        """Return the settings with which account-months read needs as these tiers do."""
        return {"needs_months": self.needs_months, "minimum_uses": self.minimum_uses}

    @property
    def tiers_as_text(self) -> str:
        """Return the tiers as text that is equal where they are."""
        return mark([each.model_dump(mode="json") for each in self.tiers])

    def tier(self, tier_id: str) -> Tier:
        """Return the tier with this id."""
        for tier in self.tiers:
            if tier.id == tier_id:
                return tier
        raise KeyError(tier_id)

    def with_tier(self, changed: Tier) -> TierDecision:
        """Return the decision with one tier replaced by its changed version (same id)."""
        tiers = tuple(changed if tier.id == changed.id else tier for tier in self.tiers)
        return self.replaced(tiers=tiers)


def middle_of_ladder(tiers: Sequence[Tier]) -> tuple[int, ...]:
    """Return the positions of the middle: neither the first nor the last public tier.

    Tiers that are not public stand on no pricing page; of two public tiers none is in the middle.
    """
    public = [index for index, tier in enumerate(tiers) if tier.public]
    return tuple(public[1:-1])


def recommended_tier(tiers: Sequence[Tier]) -> int | None:
    """Return the position of the one tier a pricing page marks: the middle, the lower one of two."""
    middle = middle_of_ladder(tiers)
    return middle[(len(middle) - 1) // 2] if middle else None


def typed_decimal(number: float) -> Decimal:
    """Return the decimal a person typed."""
    return Decimal(str(number))


# --- What the team decides about add-ons and services


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


# --- Prices and limits of a tier in words, the same on the panel, in tables and on the pricing page

ON_REQUEST = "on request"


def per_words(price_per: str) -> str:
    """Write what a price is for: "per account", "per seat", "per gigabyte processed"."""
    return f"per {price_per if price_per == PER_ACCOUNT else one_unit(price_per)}"


def price_words(tier: Tier, currency: str) -> str:
    """Write a tier's price with its unit and period: "$49 per seat and month", "on request", "free"."""
    if tier.price is None:
        return ON_REQUEST
    if tier.is_free:
        return "free"
    return f"{exact_money(tier.price, currency)} {per_words(tier.price_per)} and month"


def full_price_words(tier: Tier, currency: str) -> str:
    """Write all a tier charges: "$49 per seat and month + $0.40 per gigabyte processed beyond 500"."""
    beyond = (
        f"{exact_money(price, currency)} {per_words(metric)} beyond {exact(tier.limits.get(metric, 0))}"
        for metric, price in tier.overage.items()
    )
    return " + ".join([price_words(tier, currency), *beyond])


def limit_words(metric: str, limit: Decimal | None) -> str:
    """Write what a tier includes of a metric: "up to 20 seats", "unlimited seats"."""
    return f"unlimited {metric_words(metric)}" if limit is None else f"up to {exact(limit)} {metric_words(metric)}"


def overage_words(tier: Tier, metric: str, currency: str) -> str:
    """Write what usage beyond the included one costs: "then $0.50 each"; empty without such a price."""
    return f"then {exact_money(tier.overage[metric], currency)} each" if metric in tier.overage else ""


# --- What an add-on costs, in words


def add_on_price_words(choice: AddOnChoice, currency: str) -> str:
    """Write the whole price: "$6.00 per seat and month", "$0.02 for each of the API calls beyond 5,000 a month"."""
    fixed = f"{exact_money(choice.price, currency)} {per_words(choice.price_per)} and month"
    charge = choice.usage_charge
    if charge is None:
        return fixed
    used = usage_words(charge, currency)
    if charge.block:
        more = f"{exact(charge.block)} {metric_words(charge.metric)} beyond {exact(charge.free_units)}"
        return say("for_and", fixed_=fixed, more=more, used=used)
    return f"{fixed}, and {used}" if choice.price else used


def usage_words(charge: UsageCharge, currency: str) -> str:
    """Write what usage costs, with what is free and the cap."""
    price = say("for_each_of_the", unit_price=charge.unit_price, currency=currency, metric=charge.metric)
    free_units = charge.free_units + charge.block
    free = f" beyond {exact(free_units)} a month" if free_units else " in a month"
    most = (
        ""
        if charge.most_per_month is None
        else say("at_most_a_month", most_per_month=charge.most_per_month, currency=currency)
    )
    return price + free + most
