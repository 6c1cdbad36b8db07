"""Everything on offer: plans, add-ons, features, limits, currency and billing periods, in one frozen document."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal  # noqa: TC003 - pydantic reads the field types when a study uses them
from typing import TYPE_CHECKING, Any, cast

from workbench.pricing.charge import Charge
from workbench.pricing.decimals import ZERO, Number, decimal_of, decimal_or_none
from workbench.pricing.documents import from_document, to_document
from workbench.pricing.price_book_checks import (
    check_billing_period,
    check_limit,
    check_name,
    check_offer,
    check_price_book,
    find,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from workbench.pricing.bill import Bill


@dataclass(frozen=True, slots=True)
class Feature:
    """Something a plan or an add-on can contain."""

    name: str
    area: str = ""
    description: str = ""

    def __post_init__(self) -> None:
        check_name("feature", self.name)

    def to_dict(self) -> dict[str, Any]:
        """Return JSON values."""
        return cast("dict[str, Any]", to_document(self))

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Feature:
        """Read what `to_dict` wrote."""
        return from_document(cls, document)


@dataclass(frozen=True, slots=True)
class Limit:
    """The most of a metric that an offer allows; None is no limit. On an add-on it is what the add-on adds."""

    metric: str
    up_to: Decimal | None

    if TYPE_CHECKING:

        def __init__(self, metric: str, up_to: Number | None) -> None: ...

    def __post_init__(self) -> None:
        object.__setattr__(self, "up_to", decimal_or_none(self.up_to, f"limit of {self.metric}"))
        check_limit(self)

    def to_dict(self) -> dict[str, Any]:
        """Return JSON values, decimals as text."""
        return cast("dict[str, Any]", to_document(self))

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Limit:
        """Read what `to_dict` wrote."""
        return from_document(cls, document)


@dataclass(frozen=True, slots=True)
class BillingPeriod:
    """How often a customer pays, and the discount for paying that way."""

    name: str
    months: int
    discount_percent: Decimal = ZERO

    if TYPE_CHECKING:

        def __init__(self, name: str, months: int, discount_percent: Number = 0) -> None: ...

    def __post_init__(self) -> None:
        discount = decimal_of(self.discount_percent, f"discount of the billing period {self.name}")
        object.__setattr__(self, "discount_percent", discount)
        check_billing_period(self)

    def to_dict(self) -> dict[str, Any]:
        """Return JSON values, decimals as text."""
        return cast("dict[str, Any]", to_document(self))

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> BillingPeriod:
        """Read what `to_dict` wrote."""
        return from_document(cls, document)


MONTH = BillingPeriod("month", 1)


@dataclass(frozen=True, slots=True)
class Plan:
    """An offer a customer buys one of: monthly base fee (None: price on request), charges, limits, features."""

    name: str
    base_fee: Decimal | None
    charges: tuple[Charge, ...] = ()
    limits: tuple[Limit, ...] = ()
    features: tuple[str, ...] = ()
    public: bool = True

    if TYPE_CHECKING:

        def __init__(
            self,
            name: str,
            base_fee: Number | None,
            charges: Iterable[Charge] = (),
            limits: Iterable[Limit] = (),
            features: Iterable[str] = (),
            *,
            public: bool = True,
        ) -> None: ...

    def __post_init__(self) -> None:
        object.__setattr__(self, "base_fee", decimal_or_none(self.base_fee, f"base fee of {self.name}"))
        for name in ("charges", "limits", "features"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        check_offer("plan", self)

    @property
    def priced(self) -> bool:
        """Tell whether the plan has a price (and is not sold on request)."""
        return self.base_fee is not None

    def bill(self, quantities: Mapping[str, Number], period: BillingPeriod = MONTH, currency: str = "USD") -> Bill:
        """Return the itemised bill of one billing period for monthly quantities per metric."""
        from workbench.pricing.bill import bill_offer  # noqa: PLC0415 - loaded when something is billed

        return bill_offer(self, quantities, period, currency)

    def bills(self, quantities: Mapping[str, ArrayLike], period: BillingPeriod = MONTH) -> NDArray[np.float64]:
        """Return one billing period's amount per account (float64); NaN where a quantity needed is unknown."""
        from workbench.pricing.bill import bills_of_offer  # noqa: PLC0415 - numpy loads when used

        return bills_of_offer(self, quantities, period)

    def to_dict(self) -> dict[str, Any]:
        """Return JSON values, decimals as text."""
        return cast("dict[str, Any]", to_document(self))

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Plan:
        """Read what `to_dict` wrote."""
        return from_document(cls, document, {"charges": Charge, "limits": Limit})


@dataclass(frozen=True, slots=True)
class AddOn:
    """An offer bought on top of a plan, for one named job. A base fee of None is a price on request."""

    name: str
    base_fee: Decimal | None
    charges: tuple[Charge, ...] = ()
    features: tuple[str, ...] = ()
    limits: tuple[Limit, ...] = ()
    job: str = ""

    if TYPE_CHECKING:

        def __init__(
            self,
            name: str,
            base_fee: Number | None,
            charges: Iterable[Charge] = (),
            features: Iterable[str] = (),
            limits: Iterable[Limit] = (),
            *,
            job: str = "",
        ) -> None: ...

    def __post_init__(self) -> None:
        object.__setattr__(self, "base_fee", decimal_or_none(self.base_fee, f"base fee of {self.name}"))
        for name in ("charges", "limits", "features"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        check_offer("add-on", self)

    @property
    def priced(self) -> bool:
        """Tell whether the add-on has a price (and is not sold on request)."""
        return self.base_fee is not None

    def bill(self, quantities: Mapping[str, Number], period: BillingPeriod = MONTH, currency: str = "USD") -> Bill:
        """Return the itemised bill of one billing period for monthly quantities per metric."""
        from workbench.pricing.bill import bill_offer  # noqa: PLC0415 - loaded when something is billed

        return bill_offer(self, quantities, period, currency)

    def bills(self, quantities: Mapping[str, ArrayLike], period: BillingPeriod = MONTH) -> NDArray[np.float64]:
        """Return one billing period's amount per account (float64); NaN where a quantity needed is unknown."""
        from workbench.pricing.bill import bills_of_offer  # noqa: PLC0415 - numpy loads when used

        return bills_of_offer(self, quantities, period)

    def to_dict(self) -> dict[str, Any]:
        """Return JSON values, decimals as text."""
        return cast("dict[str, Any]", to_document(self))

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> AddOn:
        """Read what `to_dict` wrote."""
        return from_document(cls, document, {"charges": Charge, "limits": Limit})


@dataclass(frozen=True, slots=True)
class PriceBook:
    """Everything on offer in one currency. Prices are per month; billing periods may take a discount off.

    When `features` is empty, plans may name any feature; otherwise every feature they name must be listed.
    """

    name: str
    currency: str
    plans: tuple[Plan, ...]
    add_ons: tuple[AddOn, ...] = ()
    features: tuple[Feature, ...] = ()
    billing_periods: tuple[BillingPeriod, ...] = (MONTH,)
    note: str = ""

    def __post_init__(self) -> None:
        for name in ("plans", "add_ons", "features", "billing_periods"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        check_price_book(self)

    @property
    def priced_plans(self) -> tuple[Plan, ...]:
        """Return the plans that have a price, in their order."""
        return tuple(plan for plan in self.plans if plan.priced)

    @property
    def public_plans(self) -> tuple[Plan, ...]:
        """Return the plans shown on the pricing page, in their order."""
        return tuple(plan for plan in self.plans if plan.public)

    @property
    def plan_names(self) -> tuple[str, ...]:
        """Return the names of the plans, in their order."""
        return tuple(plan.name for plan in self.plans)

    def plan(self, name: str) -> Plan:
        """Return the plan of that name; raises ChargeError listing the names there are."""
        return cast("Plan", find("plan", self.plans, name))

    def add_on(self, name: str) -> AddOn:
        """Return the add-on of that name; raises ChargeError listing the names there are."""
        return cast("AddOn", find("add-on", self.add_ons, name))

    def billing_period(self, name: str) -> BillingPeriod:
        """Return the billing period of that name; raises ChargeError listing the names there are."""
        return cast("BillingPeriod", find("billing period", self.billing_periods, name))

    def bill(
        self,
        plan: str,
        quantities: Mapping[str, Number],
        add_ons: Iterable[str] = (),
        period: str = "",
    ) -> Bill:
        """Return the itemised bill of a plan with add-ons for one billing period (the first one by default)."""
        from workbench.pricing.bill import join_bills  # noqa: PLC0415 - loaded when something is billed

        chosen = self.billing_period(period) if period else self.billing_periods[0]
        offers: list[Plan | AddOn] = [self.plan(plan), *(self.add_on(name) for name in add_ons)]
        return join_bills([offer.bill(quantities, chosen, self.currency) for offer in offers])

    def bills(
        self,
        plan: str,
        quantities: Mapping[str, ArrayLike],
        add_ons: Iterable[str] = (),
        period: str = "",
    ) -> NDArray[np.float64]:
        """Return the amount of a plan with add-ons per account for one billing period, as float64."""
        chosen = self.billing_period(period) if period else self.billing_periods[0]
        total = self.plan(plan).bills(quantities, chosen)
        for name in add_ons:
            total = total + self.add_on(name).bills(quantities, chosen)
        return total

    def with_plan(self, plan: Plan) -> PriceBook:
        """Return a price book where `plan` replaces the one of its name, or comes last when there is none."""
        if plan.name not in self.plan_names:
            return replace(self, plans=(*self.plans, plan))
        return replace(self, plans=tuple(plan if old.name == plan.name else old for old in self.plans))

    def to_dict(self) -> dict[str, Any]:
        """Return JSON values, decimals as text."""
        return cast("dict[str, Any]", to_document(self))

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> PriceBook:
        """Read what `to_dict` wrote."""
        nested = {"plans": Plan, "add_ons": AddOn, "features": Feature, "billing_periods": BillingPeriod}
        return from_document(cls, document, nested)
