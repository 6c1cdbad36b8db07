"""A charge as straight pieces over raw quantities, the shared form of the fast evaluations.

Unit conversion, free units and the discount are folded into the pieces with exact fractions before anything
becomes a float, so a quantity that stands on a bound is compared with that very bound.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

from workbench.pricing.decimals import float_near
from workbench.pricing.schedule import schedule_of

if TYPE_CHECKING:
    from workbench.pricing.charge_terms import ChargeTerms, Rounding
    from workbench.pricing.schedule import Schedule

_MOST_EXACT = 2**53  # up to here floats hold every whole number
_MOST_COUNTED = 1e15  # above it a unit more or less is beyond what floats tell apart


@dataclass(frozen=True, slots=True)
class Step:
    """Count whole units or packages: a new one begins above (`up`), or at, start + k x size for every whole k.

    As floats these edges are (k x `over` + `first`) / `under`, so that each is the float nearest to the exact one.
    """

    up: bool
    start: Fraction
    size: Fraction
    first: float
    over: float
    under: float

    def count(self, units: Fraction, *, is_held: bool) -> int:
        """Return the whole units of a quantity, one that floats hold just as `arrays` and `expression` count it."""
        quantity = float_near(units)
        if not is_held or quantity > _MOST_COUNTED * self.over / self.under:
            whole = (units - self.start) / self.size
            return max(0, math.ceil(whole) if self.up else math.floor(whole))
        count = math.floor(quantity * (self.under / self.over) - self.first / self.over + 0.5)
        edge = (count * self.over + self.first) / self.under
        return max(0, count + (quantity > edge if self.up else -(quantity < edge)))


@dataclass(frozen=True, slots=True)
class Pieces:
    """Amount = base + slope x (quantity - pivot) in the first piece whose bound is not exceeded.

    `start` is the quantity where billing begins; bounds and pivots count what the steps return. Above `end` the
    amount is unknown; it is infinite where the last piece is open.
    """

    steps: tuple[Step, ...]
    start: float
    bounds: tuple[float, ...]
    base: tuple[float, ...]
    slope: tuple[float, ...]
    pivot: tuple[float, ...]
    end: float
    maximum: float | None
    minimum: float | None


@lru_cache(maxsize=1024)
def pieces_of(charge: ChargeTerms) -> Pieces:
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
    end = math.inf if schedule.end is None else float_near(bounds.pop())
    return Pieces(
        steps=steps,
        start=float_near(zero),
        bounds=tuple(map(float_near, bounds)),
        base=tuple(float_near(row[0]) for row in rows),
        slope=tuple(float_near(row[1]) for row in rows),
        pivot=tuple(float_near(row[2]) for row in rows),
        end=end,
        maximum=None if schedule.maximum is None else float(schedule.maximum),
        minimum=None if schedule.minimum is None else float(schedule.minimum),
    )


@lru_cache(maxsize=1024)
def counting(schedule: Schedule) -> tuple[tuple[Step, ...], Fraction, Fraction]:
    """Return the counting steps, and the unit factor and free units that still apply after them."""
    factor, free = Fraction(schedule.unit_factor), Fraction(schedule.free_units)
    steps: list[Step] = []
    if schedule.rounding is not None:
        steps.append(_step(schedule.rounding, Fraction(0), 1 / factor))
        factor = Fraction(1)
    if schedule.package_size is not None:
        size = Fraction(schedule.package_size)
        steps.append(_step(schedule.package_rounding, free / factor, size / factor))
        factor, free = Fraction(1), Fraction(0)
    return tuple(steps), factor, free


def _step(rounding: Rounding, start: Fraction, size: Fraction) -> Step:
    if rounding == "nearest":
        start -= size / 2
    under = math.lcm(start.denominator, size.denominator)
    parts = [int(start * under), int(size * under), under]
    if max(map(abs, parts)) > _MOST_EXACT:
        return Step(rounding == "up", start, size, float_near(start), float_near(size), 1.0)
    return Step(rounding == "up", start, size, *map(float, parts))
