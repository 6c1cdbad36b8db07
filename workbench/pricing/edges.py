"""Find quantities at which a customer pays less by using more."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from workbench.pricing.decimals import ZERO, decimal_near, exactly
from workbench.pricing.schedule import schedule_of

if TYPE_CHECKING:
    from workbench.pricing.charge import Charge
    from workbench.pricing.schedule import Schedule, Segment

_DIGITS = Decimal("1e-12")


@dataclass(frozen=True, slots=True)
class EdgeDrop:
    """A range of quantities where a customer pays less by using more.

    Everyone above `from_units`, up to and with `edge`, pays more than `amount_above`: the lowest amount that a
    quantity beyond the edge costs, mostly just beyond it. At the edge itself the amount is `amount_at`. Units are
    raw, as measured.
    """

    from_units: Decimal
    edge: Decimal
    amount_at: Decimal
    amount_above: Decimal

    @property
    def saving(self) -> Decimal:
        """Return what a customer at the edge saves by using a little more."""
        with exactly():
            return self.amount_at - self.amount_above


def edge_drops(charge: Charge) -> tuple[EdgeDrop, ...]:
    """Return every edge where the amount falls, with the range of quantities that gain by using more.

    Only volume charges can fall: all units take the price of the band reached, so 20 units may cost 40 and
    25 units 25. Cap, floor and discount are taken into account. With rounded units the edge is the last whole
    unit of the band, and the amount above it is that of the next one.
    """
    schedule = schedule_of(charge)
    if schedule.cumulative:
        return ()
    with exactly():
        found = [_drop(schedule, place) for place in range(len(schedule.segments) - 1)]
    return tuple(drop for drop in found if drop is not None)


def _drop(schedule: Schedule, place: int) -> EdgeDrop | None:
    here = schedule.segments[place]
    edge = _last_billable(schedule, here.upper or ZERO)
    at = _bounded(schedule, here, edge)
    # The way out may be a band further on, when the next one is steep or short.
    above = min(
        _bounded(schedule, later, _first_billable(schedule, later.lower)) for later in schedule.segments[place + 1 :]
    )
    if at <= above or edge < here.lower:
        return None
    return EdgeDrop(_raw(schedule, _gains_from(schedule, place, above)), _raw(schedule, edge), at, above)


def _last_billable(schedule: Schedule, bound: Decimal) -> Decimal:
    """Return the last billable quantity of a band: its bound, or the last one that whole units reach."""
    if not schedule.rounding:
        return bound
    return (bound + schedule.free_units) // 1 - schedule.free_units


def _first_billable(schedule: Schedule, bound: Decimal) -> Decimal:
    """Return where the band after a bound begins: just above it, or at the next whole unit."""
    return _last_billable(schedule, bound) + 1 if schedule.rounding else bound


def _gains_from(schedule: Schedule, place: int, above: Decimal) -> Decimal:
    """Return the billable quantity above which the reached band costs more than `above`."""
    here = schedule.segments[place]
    if _bounded(schedule, here, here.lower) > above or not here.price or not schedule.kept:
        return here.lower
    crossing = (Fraction(above) / Fraction(schedule.kept) - Fraction(here.fee)) / Fraction(here.price)
    return max(here.lower, _decimal(crossing))


def _bounded(schedule: Schedule, segment: Segment, billable: Decimal) -> Decimal:
    amount = (segment.fee + segment.price * billable) * schedule.kept
    if schedule.maximum is not None:
        amount = min(amount, schedule.maximum)
    return amount if schedule.minimum is None else max(amount, schedule.minimum)


def _raw(schedule: Schedule, billable: Decimal) -> Decimal:
    return _decimal(Fraction(billable + schedule.free_units) / schedule.unit_factor)


def _decimal(value: Fraction) -> Decimal:
    """Return the exact decimal where there is one, otherwise twelve places are plenty for a quantity."""
    return decimal_near(value).quantize(_DIGITS).normalize()
