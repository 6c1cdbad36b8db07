"""Bill a quantity exactly and show every step of it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from workbench.errors import ChargeError
from workbench.pricing.decimals import ONE, ZERO, Number, decimal_of, exactly, plain
from workbench.pricing.schedule import schedule_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from workbench.pricing.charge import Charge
    from workbench.pricing.schedule import Schedule, Segment

LineKind = Literal["fee", "free", "units", "packages", "percentage", "discount", "maximum", "minimum"]
_ROUND = {"up": ROUND_CEILING, "down": ROUND_FLOOR, "nearest": ROUND_HALF_UP}


@dataclass(frozen=True, slots=True)
class Line:
    """One step of a bill: what it is for, how many, at which price, and the exact amount."""

    text: str
    amount: Decimal
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    kind: LineKind = "units"

    def __str__(self) -> str:
        """Write the line as it stands on a bill."""
        return f"{self.text}: {plain(self.amount)}"


def total_of(lines: Iterable[Line]) -> Decimal:
    """Return the exact sum of lines."""
    with exactly():
        return sum((line.amount for line in lines), ZERO)


def itemise(charge: Charge, units: Number) -> tuple[Line, ...]:
    """Return the lines of a charge for a quantity; raises ChargeError for a negative one."""
    quantity = decimal_of(units, f"quantity of {charge.metric}")
    if quantity < 0:
        raise ChargeError(
            f"The quantity of {charge.metric} is {plain(quantity)}, which is negative.", "Bill zero or more."
        )
    schedule = schedule_of(charge)
    with exactly():
        used = _converted(schedule, quantity)
        lines = [*_usage_lines(charge, schedule, used)]
        lines += _discount(schedule, total_of(lines))
        lines += _cap(schedule, total_of(lines))
        lines += _top_up(schedule, total_of(lines))
    return tuple(lines)


def _converted(schedule: Schedule, quantity: Decimal) -> Decimal:
    used = quantity * schedule.unit_factor
    return used.quantize(ONE, rounding=_ROUND[schedule.rounding]) if schedule.rounding else used


def _usage_lines(charge: Charge, schedule: Schedule, used: Decimal) -> Iterator[Line]:
    free = min(used, schedule.free_units)
    if free:
        yield Line(f"{charge.metric}: {plain(free)} included", ZERO, free, ZERO, "free")
    billable = used - free
    if schedule.package_size is not None:
        # Fractions keep the division exact, so a package is never started by a rounding error.
        billable = Decimal(-(-Fraction(billable) // Fraction(schedule.package_size)))
    for segment in _entered(schedule, billable):
        if segment.fee and (billable > 0 or schedule.fee_at_zero):
            yield Line(_fee_text(charge, segment), segment.fee, ONE, segment.fee, "fee")
        inside = _inside(schedule, segment, billable)
        if inside and charge.model != "flat":
            yield _priced(charge, segment, inside)


def _entered(schedule: Schedule, billable: Decimal) -> list[Segment]:
    """Return the segments a quantity pays for: all up to the reached one, or the reached one alone."""
    entered = [segment for segment in schedule.segments if billable > segment.lower or segment.lower == 0]
    return entered if schedule.cumulative else entered[-1:]


def _inside(schedule: Schedule, segment: Segment, billable: Decimal) -> Decimal:
    if not schedule.cumulative:
        return billable
    end = billable if segment.upper is None else min(billable, segment.upper)
    return end - segment.lower


def _priced(charge: Charge, segment: Segment, inside: Decimal) -> Line:
    amount = inside * segment.price
    if charge.model == "package":
        text = f"{charge.metric}: {plain(inside)} x {plain(charge.package_size or ONE)}"
        return Line(text, amount, inside, segment.price, "packages")
    if charge.model in {"percentage", "graduated_percentage"}:
        text = f"{charge.metric}: {plain(segment.price * 100)}% of {plain(inside)}"
        return Line(text, amount, inside, segment.price, "percentage")
    text = f"{charge.metric}: {plain(inside)} x {plain(segment.price)}{_span(charge, segment)}"
    return Line(text, amount, inside, segment.price, "units")


def _fee_text(charge: Charge, segment: Segment) -> str:
    return f"{charge.metric}: fee{_span(charge, segment)}"


def _span(charge: Charge, segment: Segment) -> str:
    if not charge.bands:
        return ""
    if segment.upper is None:
        return f" (above {plain(segment.lower)})" if segment.lower else ""
    return f" (above {plain(segment.lower)}, up to {plain(segment.upper)})"


def _discount(schedule: Schedule, amount: Decimal) -> list[Line]:
    less = amount * (ONE - schedule.kept)
    percent = plain((ONE - schedule.kept) * 100)
    return [Line(f"Discount {percent}%", -less, None, None, "discount")] if less else []


def _cap(schedule: Schedule, amount: Decimal) -> list[Line]:
    if schedule.maximum is None or amount <= schedule.maximum:
        return []
    return [Line(f"Capped at {plain(schedule.maximum)}", schedule.maximum - amount, None, None, "maximum")]


def _top_up(schedule: Schedule, amount: Decimal) -> list[Line]:
    if schedule.minimum is None or amount >= schedule.minimum:
        return []
    text = f"Up to the minimum of {plain(schedule.minimum)}"
    return [Line(text, schedule.minimum - amount, None, None, "minimum")]
