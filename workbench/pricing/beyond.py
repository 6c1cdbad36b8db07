"""The charge for usage beyond what an offer includes: unit by unit, or after a block that a fee of its own pays for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.pricing.charge import Band, Charge
from workbench.pricing.decimals import ZERO, decimal_of

if TYPE_CHECKING:
    from decimal import Decimal

    from workbench.pricing.decimals import Number


def charge_beyond(
    metric: str, *, unit_price: Number, included: Number = 0, block: Number = 0, maximum: Number | None = None
) -> Charge:
    """Return the charge whose free units are those included, so that who is beyond them can be told from it.

    `block` more units are paid for elsewhere and cost nothing here; each unit after them costs `unit_price`.
    """
    size = decimal_of(block, "block")
    if not size:
        return Charge(metric, "per_unit", unit_price=unit_price, free_units=included, maximum=maximum)
    bands = (Band(size, 0), Band(None, unit_price))
    return Charge(metric, "graduated", bands=bands, free_units=included, maximum=maximum)


def price_beyond(charge: Charge) -> tuple[Decimal, Decimal]:
    """Return the unit price and the block of a charge made by `charge_beyond`."""
    if not charge.bands:
        return charge.unit_price or ZERO, ZERO
    return charge.bands[-1].unit_price, charge.bands[0].up_to or ZERO
