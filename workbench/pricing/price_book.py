"""Everything on offer: plans and add-ons with features, limits and billing periods, and the bills they give."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from workbench.errors import ChargeError
from workbench.pricing.charge import Charge, Line, total_of
from workbench.pricing.values import (
    HUNDRED_PERCENT,
    ZERO,
    Document,
    Number,
    decimal_of,
    decimal_or_none,
    exactly,
    plain,
    tuple_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy as np
    from numpy.typing import ArrayLike, NDArray

# --- Refuse price books that contradict themselves, each with a sentence that says what to change


def check_name(kind: str, name: object) -> None:
    """Refuse an empty name."""
    if not isinstance(name, str) or not name.strip():
        raise ChargeError(f"A {kind} has the name {name!r}.", "Give it a name people can read.")


def thing_named(kind: str, things: Sequence[Any], name: str) -> Any:  # noqa: ANN401 - plans, add-ons or periods
    """Return the thing of that name, or raise ChargeError listing the names there are."""
    for thing in things:
        if thing.name == name:
            return thing
    known = ", ".join(thing.name for thing in things) or "none"
    raise ChargeError(f"There is no {kind} {name!r}.", f"There is: {known}.")


def _check_features(book: PriceBook) -> None:
    known = {feature.name for feature in book.features}
    if not known:
        return
    offers: list[Offer] = [*book.plans, *book.add_ons]
    for offer in offers:
        missing = sorted(set(offer.features) - known)
        if missing:
            raise ChargeError(
                f"{offer.name} contains {', '.join(missing)}, which the price book {book.name} does not list.",
                "Add it to the features of the price book, or take it out.",
            )


def _refuse_twice(what: str, names: Iterable[str]) -> None:
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise ChargeError(f"{what} {twice[0]} more than once.", "Keep one of them, or rename one.")


# --- What a customer buys: plans and add-ons, with their features, limits and billing periods


@dataclass(frozen=True, slots=True)
class Feature(Document):
    """Something a plan or an add-on can contain.

    Parameters
    ----------
    name
        How it is called; plans refer to it by this name.
    area
        The part of the product it belongs to.
    description
        What it does for the customer.

    Raises
    ------
    ChargeError
        When the name is empty.

    Examples
    --------
    >>> from workbench.pricing import Feature, Plan, PriceBook
    >>> listed = [Feature("SSO", area="security")]
    >>> PriceBook("list", "USD", [Plan("Team", 50, features=["SSO"])], features=listed).plan_names
    ('Team',)
    >>> PriceBook("list", "USD", [Plan("Team", 50, features=["S.S.O."])], features=listed)
    Traceback (most recent call last):
        ...
    workbench.errors.ChargeError: Team contains S.S.O., which the price book list does not list. ...
    """

    name: str
    area: str = ""
    description: str = ""

    def __post_init__(self) -> None:
        check_name("feature", self.name)


@dataclass(frozen=True, slots=True)
class Limit(Document):
    """The most of a metric that an offer allows; None is no limit. On an add-on it is what the add-on adds.

    Parameters
    ----------
    metric
        What is limited, such as "seats".
    up_to
        The most a month allows, inclusive; None is no limit.

    Raises
    ------
    ChargeError
        When the metric has no name or the limit is negative.

    Examples
    --------
    >>> from workbench.pricing import Limit, Plan, PriceBook, place
    >>> book = PriceBook("list", "USD", [Plan("Basic", 20, limits=[Limit("seats", 5)])])
    >>> place(book, {"seats": [5, 6]}).without_plan
    1
    """

    metric: str
    up_to: Decimal | None

    if TYPE_CHECKING:

        def __init__(self, metric: str, up_to: Number | None) -> None: ...

    def __post_init__(self) -> None:
        object.__setattr__(self, "up_to", decimal_or_none(self.up_to, f"limit of {self.metric}"))
        check_name("limit's metric", self.metric)
        if self.up_to is not None and self.up_to < 0:
            raise ChargeError(
                f"The limit of {self.metric} is {plain(self.up_to)}, which is negative.",
                "Set it to zero or more, or leave it open.",
            )


@dataclass(frozen=True, slots=True)
class BillingPeriod(Document):
    """How often a customer pays, and the discount for paying that way.

    Parameters
    ----------
    name
        How people call it.
    months
        Whole months, one or more.
    discount_percent
        What paying this way takes off, from 0 to 100.

    Raises
    ------
    ChargeError
        When the length or the discount is impossible.

    Examples
    --------
    >>> from workbench.pricing import BillingPeriod, MONTH, Plan, PriceBook
    >>> book = PriceBook("list", "USD", [Plan("Team", 50)], billing_periods=[MONTH, BillingPeriod("year", 12, 20)])
    >>> book.bill("Team", {}, period="year").total
    Decimal('480.00')
    """

    name: str
    months: int
    discount_percent: Decimal = ZERO

    if TYPE_CHECKING:

        def __init__(self, name: str, months: int, discount_percent: Number = 0) -> None: ...

    def __post_init__(self) -> None:
        discount = decimal_of(self.discount_percent, f"discount of the billing period {self.name}")
        object.__setattr__(self, "discount_percent", discount)
        check_name("billing period", self.name)
        if isinstance(self.months, bool) or not isinstance(self.months, int) or self.months < 1:
            raise ChargeError(
                f"The billing period {self.name} lasts {self.months!r} months.", "Give whole months, one or more."
            )
        if not 0 <= self.discount_percent <= HUNDRED_PERCENT:
            raise ChargeError(
                f"The billing period {self.name} has a discount of {plain(self.discount_percent)}%.",
                "Choose a discount from 0 to 100.",
            )


MONTH = BillingPeriod("month", 1)


@dataclass(frozen=True, slots=True)
class Offer(Document):
    """What plans and add-ons share: a monthly base fee (None: price on request), charges, limits and features."""

    kind: ClassVar[str] = "offer"
    _nested: ClassVar[Mapping[str, type[Document]]] = MappingProxyType({"charges": Charge, "limits": Limit})

    name: str
    base_fee: Decimal | None
    charges: tuple[Charge, ...] = ()
    limits: tuple[Limit, ...] = ()
    features: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "base_fee", decimal_or_none(self.base_fee, f"base fee of {self.name}"))
        kinds: dict[str, type] = {**self._nested, "features": str}
        for name, kind in kinds.items():
            object.__setattr__(self, name, tuple_of(getattr(self, name), f"{name} of {self.name}", kind))
        check_name(self.kind, self.name)
        where = f"The {self.kind} {self.name}"
        if self.base_fee is not None and self.base_fee < 0:
            raise ChargeError(
                f"{where} has the base fee {plain(self.base_fee)}, which is negative.",
                "Set it to zero or more, or leave it open for a price on request.",
            )
        for feature in self.features:
            if not feature.strip():
                raise ChargeError(f"{where} has the feature {feature!r}.", "Name features by their text.")
        _refuse_twice(f"{where} names the feature", self.features)
        _refuse_twice(f"{where} limits the metric", (limit.metric for limit in self.limits))

    @property
    def priced(self) -> bool:
        """Tell whether the offer has a price (and is not sold on request)."""
        return self.base_fee is not None

    @property
    def is_free(self) -> bool:
        """Tell whether the offer has a price and costs nothing, whatever is used."""
        return self.priced and not self.base_fee and all(charge.costs_nothing for charge in self.charges)

    def bill(self, quantities: Mapping[str, Number], period: BillingPeriod = MONTH, currency: str = "USD") -> Bill:
        """Return the itemised bill of one billing period for monthly quantities per metric."""
        return bill_offer(self, quantities, period, currency)

    def bills(self, quantities: Mapping[str, ArrayLike], period: BillingPeriod = MONTH) -> NDArray[np.float64]:
        """Return one billing period's amount per account (float64); NaN where a quantity needed is unknown."""
        return bills_of_offer(self, quantities, period)


@dataclass(frozen=True, slots=True)
class Plan(Offer):
    """An offer a customer buys one of.

    Parameters
    ----------
    name
        How it is called; names are unique among plans.
    base_fee
        Amount per month; None is a price on request.
    charges, limits, features
        What it bills by quantity, what it allows at most, and what it contains.
    public
        Whether the pricing page shows it.

    Raises
    ------
    ChargeError
        When a fee is negative, or a feature or metric stands twice.

    Examples
    --------
    >>> from workbench.pricing import Charge, Plan, PriceBook
    >>> team = Plan("Team", 49, charges=[Charge("seats", "per_unit", unit_price=8, free_units=5)])
    >>> PriceBook("list", "USD", [team]).bills("Team", {"seats": [3, 5, 20]}).tolist()
    [49.0, 49.0, 169.0]
    """

    kind: ClassVar[str] = "plan"

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


@dataclass(frozen=True, slots=True)
class AddOn(Offer):
    """An offer bought on top of a plan, for one named job.

    Parameters
    ----------
    name
        How it is called; names are unique among add-ons.
    base_fee
        Amount per month; None is a price on request.
    charges, limits, features
        What it bills by quantity, what it adds to the plan's limits, and what it contains.
    job
        What a customer buys it for.

    Raises
    ------
    ChargeError
        When a fee is negative, or a feature or metric stands twice.

    Examples
    --------
    >>> from workbench.pricing import AddOn, Plan, PriceBook
    >>> sso = AddOn("SSO", 50, features=["single sign-on"], job="let the IT department manage who gets in")
    >>> book = PriceBook("list", "USD", [Plan("Team", 200)], add_ons=[sso])
    >>> book.bill("Team", {}, add_ons=["SSO"]).total
    Decimal('250')
    """

    kind: ClassVar[str] = "add-on"

    job: str = ""

    if TYPE_CHECKING:

        def __init__(
            self,
            name: str,
            base_fee: Number | None,
            charges: Iterable[Charge] = (),
            limits: Iterable[Limit] = (),
            features: Iterable[str] = (),
            *,
            job: str = "",
        ) -> None: ...


# --- Bills of plans and add-ons: one account exactly and itemised, or all accounts at once

_Thing = TypeVar("_Thing")


@dataclass(frozen=True, slots=True)
class Bill:
    """What an account pays in one billing period; the lines sum exactly to `total`.

    Parameters
    ----------
    lines
        What is paid for, one entry each.
    total
        Their exact sum.
    currency, period
        What the amounts are in, and the billing period they are for.

    Examples
    --------
    >>> from workbench.pricing import Charge, Plan, PriceBook
    >>> team = Plan("Team", 49, charges=[Charge("seats", "per_unit", unit_price="7.50", free_units=3)])
    >>> print(PriceBook("list", "USD", [team]).bill("Team", {"seats": 8}).text())
    Team: base fee          49
    seats: 3 included        0
    seats: 5 x 7.5        37.5
    Total per month, USD  86.5
    """

    lines: tuple[Line, ...]
    total: Decimal
    currency: str = "USD"
    period: str = "month"

    def text(self) -> str:
        """Return the bill as aligned plain text, amounts unrounded."""
        rows = [(line.text, plain(line.amount)) for line in self.lines]
        rows.append((f"Total per {self.period}, {self.currency}", plain(self.total)))
        wide = max(len(text) for text, _ in rows)
        far = max(len(amount) for _, amount in rows)
        return "\n".join(f"{text:<{wide}}  {amount:>{far}}" for text, amount in rows)

    def __str__(self) -> str:
        return self.text()


def bill_offer(offer: Offer, quantities: Mapping[str, Number], period: BillingPeriod, currency: str = "USD") -> Bill:
    """Return the itemised bill of an offer for one billing period.

    `quantities` are per month and per metric, steady over the period. A metric the offer charges for but
    `quantities` lacks, or an offer on request, raises ChargeError: unknown is never billed as nothing.
    """
    fee = _fee_of(offer)
    with exactly():
        months = Decimal(period.months)
        lines = [Line(f"{offer.name}: base fee", fee * months, months, fee, "fee")] if fee else []
        for charge in offer.charges:
            monthly = charge.lines(_needed(offer, charge.metric, quantities))
            lines += [_over(line, months) for line in monthly]
        before = total_of(lines)
        discount = before * period.discount_percent.scaleb(-2)
        if discount:
            text = f"{offer.name}: {plain(period.discount_percent)}% off for paying by the {period.name}"
            lines.append(Line(text, -discount, None, None, "discount"))
    return Bill(tuple(lines), total_of(lines), currency, period.name)


def bills_of_offer(offer: Offer, quantities: Mapping[str, ArrayLike], period: BillingPeriod) -> NDArray[np.float64]:
    """Return one billing period's amount of an offer per account; NaN where a needed quantity is unknown.

    Without any quantity it is one amount for everybody, an array of no dimension.
    """
    import numpy as np  # noqa: PLC0415 - loads when used

    monthly = float(_fee_of(offer))
    with exactly():
        scale = float(period.months * (1 - period.discount_percent.scaleb(-2)))
    size = np.shape(next(iter(quantities.values()), 0.0))
    total = np.full(size, monthly)
    for charge in offer.charges:
        total = total + charge.amounts(_needed(offer, charge.metric, quantities))
    return total if scale == 1 else total * scale


def join_bills(bills: Sequence[Bill]) -> Bill:
    """Return one bill with the lines of several, all in the same currency and period."""
    lines = tuple(line for bill in bills for line in bill.lines)
    return Bill(lines, total_of(lines), bills[0].currency, bills[0].period)


def _fee_of(offer: Offer) -> Decimal:
    if offer.base_fee is None:
        raise ChargeError(f"{offer.name} is sold on request, so it has no bill.", "Give it a base fee to price it.")
    return offer.base_fee


def _needed(offer: Offer, metric: str, quantities: Mapping[str, _Thing]) -> _Thing:
    if metric not in quantities:
        known = ", ".join(quantities) or "none"
        raise ChargeError(f"{offer.name} charges for {metric}, but no quantity of it was given.", f"Given: {known}.")
    return quantities[metric]


def _over(line: Line, months: Decimal) -> Line:
    if months == 1:
        return line
    return Line(
        f"{line.text}, for {plain(months)} months", line.amount * months, line.quantity, line.unit_price, line.kind
    )


# --- Everything on offer, in one frozen document: plans, add-ons, features, currency and billing periods


@dataclass(frozen=True, slots=True)
class PriceBook(Document):
    """Everything on offer in one currency. Prices are per month; billing periods may take a discount off.

    When `features` is empty, plans may name any feature; otherwise every feature they name must be listed.

    Parameters
    ----------
    name
        How it is called in comparisons.
    currency
        Three letters; every price of the book is in it.
    plans, add_ons
        The offers, from the smallest up.
    features
        What offers may contain; empty: anything.
    billing_periods
        The ways to pay; the first one is meant where none is named.
    note
        Anything a reader should know.

    Raises
    ------
    ChargeError
        When a name stands twice, or an offer contains a feature nobody listed.

    Examples
    --------
    >>> from workbench.pricing import AddOn, Charge, Plan, PriceBook
    >>> plans = [Plan("Free", 0), Plan("Team", 40, charges=[Charge("seats", "per_unit", unit_price=9)])]
    >>> book = PriceBook("list", "USD", plans, add_ons=[AddOn("SSO", 50)])
    >>> bill = book.bill("Team", {"seats": 4}, add_ons=["SSO"])
    >>> [str(line.amount) for line in bill.lines], bill.total
    (['40', '36', '50'], Decimal('126'))
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
            object.__setattr__(self, name, tuple_of(getattr(self, name), name, kind))
        check_name("price book", self.name)
        check_name("price book's currency", self.currency)
        if not self.billing_periods:
            raise ChargeError(f"The price book {self.name} has no billing period.", "Add one, such as month.")
        _refuse_twice(f"The price book {self.name} has the plan", (plan.name for plan in self.plans))
        _refuse_twice(f"The price book {self.name} has the add-on", (add_on.name for add_on in self.add_ons))
        _refuse_twice(f"The price book {self.name} has the feature", (feature.name for feature in self.features))
        _refuse_twice(
            f"The price book {self.name} has the billing period", (period.name for period in self.billing_periods)
        )
        _check_features(self)

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

    @property
    def charged_metrics(self) -> tuple[str, ...]:
        """Return the metrics that plans and add-ons charge for, each once."""
        offers = (*self.plans, *self.add_ons)
        return tuple(dict.fromkeys(charge.metric for offer in offers for charge in offer.charges))

    def plan(self, name: str) -> Plan:
        """Return the plan of that name; raises ChargeError listing the names there are."""
        return cast("Plan", thing_named("plan", self.plans, name))

    def add_on(self, name: str) -> AddOn:
        """Return the add-on of that name; raises ChargeError listing the names there are."""
        return cast("AddOn", thing_named("add-on", self.add_ons, name))

    def billing_period(self, name: str) -> BillingPeriod:
        """Return the billing period of that name; raises ChargeError listing the names there are."""
        return cast("BillingPeriod", thing_named("billing period", self.billing_periods, name))

    def bill(self, plan: str, quantities: Mapping[str, Number], add_ons: Iterable[str] = (), period: str = "") -> Bill:
        """Return the itemised bill of a plan with add-ons for one billing period (the first one by default)."""
        chosen = self.billing_period(period) if period else self.billing_periods[0]
        offers: list[Plan | AddOn] = [self.plan(plan), *(self.add_on(name) for name in add_ons)]
        return join_bills([offer.bill(quantities, chosen, self.currency) for offer in offers])

    def bills(
        self, plan: str, quantities: Mapping[str, ArrayLike], add_ons: Iterable[str] = (), period: str = ""
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


# --- Which plans an add-on is sold with


def plans_that_may_buy(add_on: AddOn, book: PriceBook) -> tuple[str, ...]:
    """Return the plans an add-on is for: the one it is named after ("Calls overage for Team"), or all."""
    return tuple(name for name in book.plan_names if add_on.name.endswith(f" for {name}")) or book.plan_names
