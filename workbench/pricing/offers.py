"""What a customer buys: plans and add-ons, with their features, limits and billing periods."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal  # noqa: TC003 - pydantic reads the field types when a study uses them
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

from workbench.pricing.charge import Charge
from workbench.pricing.decimals import ZERO, Number, decimal_of, decimal_or_none
from workbench.pricing.documents import Document, listed
from workbench.pricing.price_book_checks import check_billing_period, check_limit, check_name, check_offer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from workbench.pricing.bill import Bill


@dataclass(frozen=True, slots=True)
class Feature(Document):
    """Something a plan or an add-on can contain."""

    name: str
    area: str = ""
    description: str = ""

    def __post_init__(self) -> None:
        check_name("feature", self.name)


@dataclass(frozen=True, slots=True)
class Limit(Document):
    """The most of a metric that an offer allows; None is no limit. On an add-on it is what the add-on adds."""

    metric: str
    up_to: Decimal | None

    if TYPE_CHECKING:

        def __init__(self, metric: str, up_to: Number | None) -> None: ...

    def __post_init__(self) -> None:
        object.__setattr__(self, "up_to", decimal_or_none(self.up_to, f"limit of {self.metric}"))
        check_limit(self)


@dataclass(frozen=True, slots=True)
class BillingPeriod(Document):
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
            object.__setattr__(self, name, listed(getattr(self, name), f"{name} of {self.name}", kind))
        check_offer(self.kind, self)

    @property
    def priced(self) -> bool:
        """Tell whether the offer has a price (and is not sold on request)."""
        return self.base_fee is not None

    def bill(self, quantities: Mapping[str, Number], period: BillingPeriod = MONTH, currency: str = "USD") -> Bill:
        """Return the itemised bill of one billing period for monthly quantities per metric."""
        from workbench.pricing.bill import bill_offer  # noqa: PLC0415 - loaded when something is billed

        return bill_offer(self, quantities, period, currency)

    def bills(self, quantities: Mapping[str, ArrayLike], period: BillingPeriod = MONTH) -> NDArray[np.float64]:
        """Return one billing period's amount per account (float64); NaN where a quantity needed is unknown."""
        from workbench.pricing.bill import bills_of_offer  # noqa: PLC0415 - numpy loads when used

        return bills_of_offer(self, quantities, period)


@dataclass(frozen=True, slots=True)
class Plan(Offer):
    """An offer a customer buys one of; `public` says whether the pricing page shows it."""

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
    """An offer bought on top of a plan, for one named job."""

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
