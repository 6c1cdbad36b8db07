"""Everything on offer, in one frozen document: plans, add-ons, features, currency and billing periods."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, cast

from workbench.pricing.documents import Document, listed
from workbench.pricing.offers import MONTH, AddOn, BillingPeriod, Feature, Plan
from workbench.pricing.price_book_checks import check_price_book, find

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from workbench.pricing.bill import Bill
    from workbench.pricing.charge import Charge
    from workbench.pricing.decimals import Number


@dataclass(frozen=True, slots=True)
class PriceBook(Document):
    """Everything on offer in one currency. Prices are per month; billing periods may take a discount off.

    When `features` is empty, plans may name any feature; otherwise every feature they name must be listed.
    """

    _nested: ClassVar[Mapping[str, type[Document]]] = MappingProxyType(
        {"plans": Plan, "add_ons": AddOn, "features": Feature, "billing_periods": BillingPeriod}
    )

    name: str
    currency: str
    plans: tuple[Plan, ...]
    add_ons: tuple[AddOn, ...] = ()
    features: tuple[Feature, ...] = ()
    billing_periods: tuple[BillingPeriod, ...] = (MONTH,)
    note: str = ""

    def __post_init__(self) -> None:
        for name, kind in self._nested.items():
            object.__setattr__(self, name, listed(getattr(self, name), name, kind))
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

    def crediting(self) -> PriceBook:
        """Return the same offers, crediting quantities below zero where a charge says nothing else about them."""

        def charges(offer: Plan | AddOn) -> tuple[Charge, ...]:
            refusing = {"refuse": {"below_zero": "credit"}}
            return tuple(each.with_(**refusing.get(each.below_zero, {})) for each in offer.charges)

        plans = tuple(replace(plan, charges=charges(plan)) for plan in self.plans)
        add_ons = tuple(replace(each, charges=charges(each)) for each in self.add_ons)
        return replace(self, plans=plans, add_ons=add_ons)

    def with_plan(self, plan: Plan) -> PriceBook:
        """Return a price book where `plan` replaces the one of its name, or comes last when there is none."""
        if plan.name not in self.plan_names:
            return replace(self, plans=(*self.plans, plan))
        return replace(self, plans=tuple(plan if old.name == plan.name else old for old in self.plans))
