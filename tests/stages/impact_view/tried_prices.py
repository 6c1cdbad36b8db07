"""A price book with prices moved: what trying a price out must come to when everything is billed anew."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from workbench.impact.billing import BASE_FEE
from workbench.stages.comparison.bills import EVERYTHING, price_key

if TYPE_CHECKING:
    from workbench.pricing import AddOn, Charge, Plan, PriceBook
    from workbench.stages.impact import Trial

Offer = TypeVar("Offer", "Plan", "AddOn")


def tried_book(book: PriceBook, trial: Trial) -> PriceBook:
    """Return the price book with one price, or all of them, moved."""
    return replace(
        book,
        plans=tuple(_tried(plan, trial) for plan in book.plans),
        add_ons=tuple(_tried(add_on, trial) for add_on in book.add_ons),
    )


def _tried(offer: Offer, trial: Trial) -> Offer:
    def here(subject: str) -> bool:
        return trial.what in (EVERYTHING, price_key(offer, subject))

    fee = offer.base_fee
    if fee is not None and here(BASE_FEE):
        fee = _moved(fee, trial.change)
    charges = tuple(_charge(charge, trial.change) if here(charge.metric) else charge for charge in offer.charges)
    return replace(offer, base_fee=fee, charges=charges)


def _charge(charge: Charge, change: float) -> Charge:
    """Return a charge with all its prices moved; what is included and where bands end stays."""
    names = ("unit_price", "package_price", "rate_percent", "fixed_fee", "minimum", "maximum")
    moved: dict[str, Any] = {
        name: _moved(price, change) for name in names if (price := getattr(charge, name)) is not None
    }
    bands = tuple(
        replace(
            band,
            unit_price=_moved(band.unit_price, change),
            flat_fee=_moved(band.flat_fee, change),
            rate_percent=_moved(band.rate_percent, change),
        )
        for band in charge.bands
    )
    return replace(charge, bands=bands, **moved)


def _moved(price: Decimal, change: float) -> Decimal:
    return price * Decimal(str(round(1 + change, 6)))
