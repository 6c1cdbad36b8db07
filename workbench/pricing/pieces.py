"""A charge as straight pieces over raw quantities, the shared form of the fast evaluations.

Unit conversion, free units and the discount are folded into the pieces with exact fractions before anything
becomes a float, so a quantity that stands on a bound is compared with that very bound.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

from workbench.pricing.schedule import schedule_of

if TYPE_CHECKING:
    from workbench.pricing.charge import Charge, Rounding
    from workbench.pricing.schedule import Schedule

# A quotient this close below or above a whole number is that number: a few steps of float spacing.
SNAP = 4 * 2.0**-52


@dataclass(frozen=True, slots=True)
class Step:
    """Count whole units of `size` after `offset`: rounding of units, or packages begun."""

    mode: Rounding
    offset: float
    size: float


@dataclass(frozen=True, slots=True)
class Pieces:
    """Amount = base + slope x (quantity - pivot) in the first piece whose bound is not exceeded; the last is open.

    `start` is the quantity where billing begins; bounds and pivots count what the steps return.
    """

    steps: tuple[Step, ...]
    start: float
    bounds: tuple[float, ...]
    base: tuple[float, ...]
    slope: tuple[float, ...]
    pivot: tuple[float, ...]
    maximum: float | None
    minimum: float | None


@lru_cache(maxsize=1024)
def pieces_of(charge: Charge) -> Pieces:
    """Return the pieces of a charge."""
    schedule = schedule_of(charge)
    steps, factor, free = counting(schedule)
    zero = free / factor  # the raw quantity at which billing begins
    kept = Fraction(schedule.kept)
    first = schedule.segments[0]
    at_zero = kept * Fraction(first.fee) if schedule.fee_at_zero else Fraction(0)
    bounds: list[Fraction] = []
    rows: list[tuple[Fraction, Fraction, Fraction]] = []
    if zero > 0 or (first.fee and not schedule.fee_at_zero):
        bounds.append(zero)
        rows.append((at_zero, Fraction(0), Fraction(0)))
    reached = Fraction(0)
    for segment in schedule.segments:
        lower, price = Fraction(segment.lower), Fraction(segment.price)
        fee = kept * Fraction(segment.fee)
        base = reached + fee if schedule.cumulative else fee
        pivot = lower / factor + zero if schedule.cumulative else zero
        rows.append((base, kept * price * factor, pivot))
        if segment.upper is not None:
            upper = Fraction(segment.upper)
            bounds.append(upper / factor + zero)
            reached = base + kept * price * (upper - lower)
    return Pieces(
        steps=steps,
        start=float(zero),
        bounds=tuple(map(float, bounds)),
        base=tuple(float(row[0]) for row in rows),
        slope=tuple(float(row[1]) for row in rows),
        pivot=tuple(float(row[2]) for row in rows),
        maximum=None if schedule.maximum is None else float(schedule.maximum),
        minimum=None if schedule.minimum is None else float(schedule.minimum),
    )


def counting(schedule: Schedule) -> tuple[tuple[Step, ...], Fraction, Fraction]:
    """Return the counting steps, and the unit factor and free units that still apply after them."""
    factor, free = Fraction(schedule.unit_factor), Fraction(schedule.free_units)
    steps: list[Step] = []
    if schedule.rounding is not None:
        steps.append(Step(schedule.rounding, 0.0, float(1 / factor)))
        factor = Fraction(1)
    if schedule.package_size is not None:
        size = Fraction(schedule.package_size)
        steps.append(Step("up", float(free / factor), float(size / factor)))
        factor, free = Fraction(1), Fraction(0)
    return tuple(steps), factor, free
