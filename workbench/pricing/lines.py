"""Bill a quantity exactly and show every step of it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from workbench.errors import ChargeError
from workbench.pricing.counting import counted
from workbench.pricing.decimals import ONE, ZERO, Factor, Number, decimal_near, decimal_of, exactly, plain
from workbench.pricing.schedule import credited, schedule_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from decimal import Decimal

    from workbench.pricing.charge_terms import ChargeTerms
    from workbench.pricing.schedule import Schedule, Segment

LineKind = Literal["fee", "free", "units", "packages", "percentage", "discount", "maximum", "minimum"]


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


def itemise(charge: ChargeTerms, units: Number) -> tuple[Line, ...]:
    """Return the lines of a charge for a quantity; raises ChargeError for one without a price."""
    quantity = decimal_of(units, f"quantity of {charge.metric}")
    schedule = schedule_of(charge)
    with exactly():
        if quantity < 0:
            lines = _below_zero(charge, quantity)
        else:
            lines = [*_usage_lines(charge, schedule, quantity)]
            lines += _discount(schedule, total_of(lines))
            lines += _cap(schedule, total_of(lines))
        lines += _top_up(schedule, total_of(lines))
    return tuple(lines)


def _below_zero(charge: ChargeTerms, quantity: Decimal) -> list[Line]:
    if charge.below_zero == "refuse":
        raise ChargeError(
            f"The quantity of {charge.metric} is {plain(quantity)}, which is negative.",
            "Bill zero or more, or say with below_zero what becomes of it.",
        )
    if charge.below_zero == "zero":
        return list(itemise(charge.with_(minimum=None), ZERO))
    return [
        Line(
            f"{line.text}, credited",
            -line.amount,
            None if line.quantity is None else -line.quantity,
            line.unit_price,
            line.kind,
        )
        for line in itemise(credited(charge), -quantity)
    ]


def _usage_lines(charge: ChargeTerms, schedule: Schedule, quantity: Decimal) -> Iterator[Line]:
    found = counted(schedule, quantity)
    billable = found.billable
    if schedule.end is not None and billable > schedule.end:
        raise ChargeError(
            f"The last band of {charge.metric} ends at {plain(schedule.end)}, so a quantity of {plain(quantity)} "
            "has no price.",
            "Leave the last band open (up_to None), add a band, or stop usage there with a limit of the plan.",
        )
    if found.free:
        yield Line(f"{charge.metric}: {_written(found.free)} included", ZERO, decimal_near(found.free), ZERO, "free")
    for segment in entered(schedule, billable):
        if segment.fee and (billable > 0 or schedule.fee_at_zero):
            yield Line(_fee_text(charge, segment), segment.fee, ONE, segment.fee, "fee")
        inside = _inside(schedule, segment, billable)
        if inside and charge.model != "flat":
            yield _priced(charge, segment, inside)


def entered(schedule: Schedule, billable: Fraction) -> list[Segment]:
    """Return the segments a quantity pays for: all up to the reached one, or the reached one alone."""
    found = [segment for segment in schedule.segments if billable > segment.lower or segment.lower == 0]
    return found if schedule.cumulative else found[-1:]


def _inside(schedule: Schedule, segment: Segment, billable: Fraction) -> Fraction:
    if not schedule.cumulative:
        return billable
    end = billable if segment.upper is None else min(billable, Fraction(segment.upper))
    return end - Fraction(segment.lower)


def _priced(charge: ChargeTerms, segment: Segment, inside: Fraction) -> Line:
    amount, quantity = decimal_near(inside * Fraction(segment.price)), decimal_near(inside)
    if charge.model == "package":
        text = f"{charge.metric}: {_written(inside)} x {plain(charge.package_size or ONE)}"
        return Line(text, amount, quantity, segment.price, "packages")
    if charge.model in {"percentage", "graduated_percentage"}:
        text = f"{charge.metric}: {plain(segment.price * 100)}% of {_written(inside)}"
        return Line(text, amount, quantity, segment.price, "percentage")
    text = f"{charge.metric}: {_written(inside)} x {plain(segment.price)}{_span(charge, segment)}"
    return Line(text, amount, quantity, segment.price, "units")


def _written(units: Fraction) -> str:
    """Write units exactly, those that never end as a decimal as a fraction."""
    return str(Factor(units))


def _fee_text(charge: ChargeTerms, segment: Segment) -> str:
    return f"{charge.metric}: fee{_span(charge, segment)}"


def _span(charge: ChargeTerms, segment: Segment) -> str:
    if not charge.bands:
        return ""
    if segment.upper is None:
        return f" (above {plain(segment.lower)})" if segment.lower else ""
    above = f"above {plain(segment.lower)}, " if segment.lower else ""
    return f" ({above}up to {plain(segment.upper)})"


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
