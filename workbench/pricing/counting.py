"""How a quantity is counted exactly: converted and rounded units, those that are free, and those to be paid.

Floats are how quantities mostly arrive. What floats cannot tell from the edge of a unit, a package or a band stands
on that edge here too, so that a bill never depends on which evaluation made it.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from workbench.pricing.decimals import float_near
from workbench.pricing.pieces import counting

if TYPE_CHECKING:
    from workbench.pricing.schedule import Schedule

_LARGEST_HELD = 1e300


@dataclass(frozen=True, slots=True)
class Counted:
    """Units `used` after conversion and rounding, how many of them are `free`, and units or packages to be paid."""

    used: Fraction
    free: Fraction
    billable: Fraction


def counted(schedule: Schedule, quantity: Decimal) -> Counted:
    """Return how a quantity of zero or more is counted."""
    units = Fraction(quantity)
    is_held = quantity < _LARGEST_HELD and Decimal(repr(float(quantity))) == quantity
    steps, factor, free = counting(schedule)
    used = units * schedule.unit_factor
    for place, step in enumerate(steps):
        units = Fraction(step.count(units, is_held=is_held))
        is_held = units < _LARGEST_HELD
        if place == 0 and schedule.rounding is not None:
            used = units
    if schedule.package_size is not None:
        return Counted(used, min(used, Fraction(schedule.free_units)), units)
    if is_held:
        ends = [free, *(free + Fraction(segment.upper) for segment in schedule.segments if segment.upper is not None)]
        used = next((end for end in ends if float(units) == float_near(end / factor)), used)
    return Counted(used, min(used, free), used - min(used, free))
