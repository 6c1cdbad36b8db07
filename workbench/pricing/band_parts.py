"""What each band of a charge contributes to many bills: the units inside it and whether its fee is due.

A charge without cap and floor is linear in its prices once these are known, so they answer at once what another
price of a band would have billed.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from workbench.pricing.arrays import count_units, quantities_array
from workbench.pricing.pieces import counting
from workbench.pricing.schedule import credited, schedule_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from workbench.pricing.charge_terms import ChargeTerms
    from workbench.pricing.schedule import Segment

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class BandPart:
    """One band over many quantities: `units` priced at the band's price, `fees` due (0 or 1); NaN where unknown.

    For packages `units` are packages.
    """

    segment: Segment
    units: Floats
    fees: Floats


def band_parts(charge: ChargeTerms, units: ArrayLike) -> tuple[BandPart, ...]:
    """Return the parts of a charge, one per band, in the order of the bands.

    With `kept` the share a discount leaves, the sum over bands of (units x price + fees x flat fee) x kept is the
    charge's amount before cap and floor.
    """
    schedule = schedule_of(charge)
    counted = quantities_array(units, charge.metric)
    if charge.below_zero != "refuse" and (counted < 0).any():
        return _with_negative(charge, counted)
    unknown = np.isnan(counted)
    steps, factor, free = counting(schedule)
    for step in steps:
        counted = count_units(step, counted)
    # Bounds are compared as counted quantities, the way bills are, so that a quantity on a bound stays below it.
    zero = free / factor
    parts = []
    if schedule.end is not None:
        unknown = unknown | (counted > float(Fraction(schedule.end) / factor + zero))
    for place, segment in enumerate(schedule.segments):
        lower = float(Fraction(segment.lower) / factor + zero)
        upper = np.inf if segment.upper is None else float(Fraction(segment.upper) / factor + zero)
        entered = counted > lower
        if schedule.cumulative:
            inside = np.clip(counted, lower, upper) - lower
        else:
            entered &= counted <= upper
            inside = np.where(entered, np.maximum(counted - float(zero), 0.0), 0.0)
        due = entered | (counted <= float(zero)) if place == 0 and schedule.fee_at_zero else entered
        inside, fees = inside * float(factor), due.astype(np.float64)
        parts.append(BandPart(segment, np.where(unknown, np.nan, inside), np.where(unknown, np.nan, fees)))
    return tuple(parts)


def _with_negative(charge: ChargeTerms, units: Floats) -> tuple[BandPart, ...]:
    """Return the parts where some quantities are below zero: nothing, or units taken back without their fees."""
    parts = band_parts(charge, np.maximum(units, 0.0))
    if charge.below_zero == "zero":
        return parts
    taken_back = band_parts(credited(charge), np.maximum(-units, 0.0))
    return tuple(
        BandPart(part.segment, part.units - back.units, np.where(units < 0, 0.0, part.fees))
        for part, back in zip(parts, taken_back, strict=True)
    )
