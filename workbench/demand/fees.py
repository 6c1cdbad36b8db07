"""The price of an offer that is searched and dragged: its base fee, or its unit price where it is sold by units."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from workbench.demand.errors import DemandError
from workbench.impact.billing import bills_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from workbench.pricing import AddOn, Charge, Plan, PriceBook

    Quantities = Mapping[str, NDArray[np.float64]]

AnyOffer = TypeVar("AnyOffer", "Plan", "AddOn")
PER_ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Fee:
    """One price of an offer: `amount` per month (NaN: on request) for each `per`, "account" or a metric.

    `charge` is the place of the charge it stands in, -1 for the base fee.
    """

    amount: float
    per: str = PER_ACCOUNT
    charge: int = -1


def fee_of(offer: Plan | AddOn) -> Fee:
    """Return the fee of an offer: its base fee, or its first plain unit price when the base fee is nothing."""
    if offer.base_fee is None:
        return Fee(float("nan"))
    if offer.base_fee == 0:
        for place, charge in enumerate(offer.charges):
            if _is_plain(charge):
                return Fee(float(charge.unit_price or 0), charge.metric, place)
    return Fee(float(offer.base_fee))


def fees_of(price_book: PriceBook) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the fees of plans and of add-ons per month, NaN where on request."""
    plans, add_ons = price_book.plans, price_book.add_ons
    return np.array([fee_of(each).amount for each in plans]), np.array([fee_of(each).amount for each in add_ons])


def with_fees(price_book: PriceBook, fees: Sequence[float], add_on_fees: Sequence[float] = ()) -> PriceBook:
    """Return a price book with these fees, to a hundredth; NaN leaves a fee as it is."""
    if len(fees) != len(price_book.plans) or len(add_on_fees) not in (0, len(price_book.add_ons)):
        raise DemandError(
            f"{len(fees)} and {len(add_on_fees)} fees do not fit {len(price_book.plans)} plans and "
            f"{len(price_book.add_ons)} add-ons.",
            "Give one fee per plan, and one per add-on or none.",
        )
    plans = tuple(_with_fee(plan, fee) for plan, fee in zip(price_book.plans, fees, strict=True))
    if not len(add_on_fees):
        return replace(price_book, plans=plans)
    add_ons = tuple(_with_fee(each, fee) for each, fee in zip(price_book.add_ons, add_on_fees, strict=True))
    return replace(price_book, plans=plans, add_ons=add_ons)


def units_and_usage(
    offer: Plan | AddOn, quantities: Quantities, customers: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return how often each customer pays the fee, and the rest of the bill; NaN where a quantity is unknown."""
    fee = fee_of(offer)
    units = np.ones(customers) if fee.per == PER_ACCOUNT else np.asarray(quantities[fee.per], dtype=np.float64)
    if offer.base_fee is None:
        return units, np.zeros(customers)
    rest = tuple(charge for place, charge in enumerate(offer.charges) if place != fee.charge)
    if not rest:
        return units, np.zeros(customers)
    return units, np.asarray(bills_of(replace(offer, base_fee=Decimal(0), charges=rest), quantities), dtype=np.float64)


def metrics_of(price_book: PriceBook) -> tuple[str, ...]:
    """Return the metrics that bills depend on."""
    offers: list[Plan | AddOn] = [*price_book.plans, *price_book.add_ons]
    return tuple(sorted({charge.metric for offer in offers if offer.priced for charge in offer.charges}))


def _with_fee(offer: AnyOffer, amount: float) -> AnyOffer:
    if not np.isfinite(amount):
        return offer
    price = Decimal(str(round(float(amount), 2)))
    place = fee_of(offer).charge
    if place < 0:
        return replace(offer, base_fee=price)
    charges = list(offer.charges)
    charges[place] = replace(charges[place], unit_price=price)
    return replace(offer, charges=tuple(charges))


def _is_plain(charge: Charge) -> bool:
    """Tell whether a charge is nothing but a price times units."""
    plain = type(charge)(charge.metric, "per_unit", unit_price=charge.unit_price)
    return charge == plain
