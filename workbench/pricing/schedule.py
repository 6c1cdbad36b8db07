"""The one definition of how charges are billed; exact lines, arrays and expressions all read it.

The order is: convert the unit, round the quantity, take off free units, count packages, price the bands,
percentage discount, maximum, minimum. It is the order OpenMeter documents and tests.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from workbench.pricing.decimals import ZERO, exactly

if TYPE_CHECKING:
    from fractions import Fraction

    from workbench.pricing.charge_terms import ChargeTerms, Rounding

_PER_CENT = -2  # a percentage is its number shifted by two places


@dataclass(frozen=True, slots=True)
class Segment:
    """The price between two billable quantities: above `lower` (the first one from zero), up to and with `upper`."""

    lower: Decimal
    upper: Decimal | None
    price: Decimal
    fee: Decimal


@dataclass(frozen=True, slots=True)
class Schedule:
    """A charge in the one form all evaluations share.

    `cumulative`: every segment entered prices the quantity inside it (graduated); otherwise the reached segment
    prices all of it (volume). `kept` is the share left by the discount. Above `end` there is no price.
    """

    segments: tuple[Segment, ...]
    cumulative: bool
    unit_factor: Fraction
    rounding: Rounding | None
    free_units: Decimal
    package_size: Decimal | None
    package_rounding: Rounding
    fee_at_zero: bool
    kept: Decimal
    maximum: Decimal | None
    minimum: Decimal | None

    @property
    def end(self) -> Decimal | None:
        """Return the last billable quantity that has a price, None where every one has."""
        return self.segments[-1].upper


@lru_cache(maxsize=1024)
def schedule_of(charge: ChargeTerms) -> Schedule:
    """Return the schedule of a charge."""
    with exactly():
        return Schedule(
            segments=_segments(charge),
            cumulative=charge.model != "volume",
            unit_factor=charge.unit_factor,
            rounding=charge.rounding,
            free_units=charge.free_units,
            package_size=charge.package_size,
            package_rounding=charge.package_rounding,
            fee_at_zero=charge.first_flat_fee_at_zero,
            kept=(Decimal(100) - charge.discount_percent).scaleb(_PER_CENT),
            maximum=charge.maximum,
            minimum=charge.minimum,
        )


@lru_cache(maxsize=1024)
def credited(charge: ChargeTerms) -> ChargeTerms:
    """Return what a credit of units is worth: the charge without what is not priced by the unit."""
    return charge.with_(
        bands=[replace(band, flat_fee=ZERO) for band in charge.bands],
        fixed_fee=None,
        free_units=0,
        minimum=None,
        below_zero="refuse",
    )


def _segments(charge: ChargeTerms) -> tuple[Segment, ...]:
    if charge.bands:
        return _from_bands(charge)
    price = ZERO
    if charge.unit_price is not None:
        price = charge.unit_price
    elif charge.package_price is not None:
        price = charge.package_price
    elif charge.rate_percent is not None:
        price = charge.rate_percent.scaleb(_PER_CENT)
    return (Segment(ZERO, None, price, charge.fixed_fee or ZERO),)


def _from_bands(charge: ChargeTerms) -> tuple[Segment, ...]:
    found = []
    lower = ZERO
    for band in charge.bands:
        price = band.unit_price + band.rate_percent.scaleb(_PER_CENT)
        found.append(Segment(lower, band.up_to, price, band.flat_fee))
        lower = lower if band.up_to is None else band.up_to
    return tuple(found)
