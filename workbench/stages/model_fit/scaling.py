"""Multiply every price of an offer by one factor, so that a price list earns a given revenue."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.pricing import AddOn, Band, Charge, Plan, PriceBook

_DIGITS = 15  # significant digits of a factor: the precision of the arithmetic behind it


def factor(value: float) -> Decimal:
    """Return a factor as a decimal with 15 significant digits."""
    return Decimal(f"{value:.{_DIGITS}g}")


def scaled_book(book: PriceBook, by: Decimal) -> PriceBook:
    """Return the price book with all its prices multiplied; limits, features and included units stay."""
    return replace(
        book,
        plans=tuple(scaled_plan(plan, by) for plan in book.plans),
        add_ons=tuple(scaled_add_on(add_on, by) for add_on in book.add_ons),
    )


def scaled_plan(plan: Plan, by: Decimal) -> Plan:
    """Return the plan with its prices multiplied; a plan on request stays on request."""
    return replace(plan, base_fee=_times(plan.base_fee, by), charges=tuple(scaled_charge(c, by) for c in plan.charges))


def scaled_add_on(add_on: AddOn, by: Decimal) -> AddOn:
    """Return the add-on with its prices multiplied."""
    charges = tuple(scaled_charge(charge, by) for charge in add_on.charges)
    return replace(add_on, base_fee=_times(add_on.base_fee, by), charges=charges)


def scaled_charge(charge: Charge, by: Decimal) -> Charge:
    """Return the charge with every amount it can yield multiplied."""
    prices = ("unit_price", "package_price", "rate_percent", "fixed_fee", "minimum", "maximum")
    changes: dict[str, Any] = {name: _times(getattr(charge, name), by) for name in prices}
    return replace(charge, bands=tuple(_scaled_band(band, by) for band in charge.bands), **changes)


def _scaled_band(band: Band, by: Decimal) -> Band:
    return replace(
        band, unit_price=band.unit_price * by, flat_fee=band.flat_fee * by, rate_percent=band.rate_percent * by
    )


def _times(price: Decimal | None, by: Decimal) -> Decimal | None:
    return None if price is None else price * by
