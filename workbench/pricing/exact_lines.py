"""Bill a quantity exactly and show every step.

Then what an invoice adds: prorating, coupons, minimum, prepaid credit.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from workbench.errors import ChargeError
from workbench.pricing.charge_terms import counting, credited, schedule_of
from workbench.pricing.values import (
    HUNDRED_PERCENT,
    ONE,
    ZERO,
    Factor,
    Number,
    decimal_near,
    decimal_of,
    exactly,
    float_near,
    plain,
)

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator

    from workbench.pricing.charge_terms import ChargeTerms, PriceSchedule, Segment

# --- How a quantity is counted exactly

_LARGEST_HELD = 1e300


@dataclass(frozen=True, slots=True)
class Counted:
    """Units `used` after conversion and rounding, how many of them are `free`, and units or packages to be paid."""

    used: Fraction
    free: Fraction
    billable: Fraction


def counted(schedule: PriceSchedule, quantity: Decimal) -> Counted:
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


# --- Bill a quantity exactly and show every step of it

LineKind = Literal["fee", "free", "units", "packages", "percentage", "discount", "maximum", "minimum"]


@dataclass(frozen=True, slots=True)
class Line:
    """One step of a bill: what it is for, how many, at which price, and the exact amount.

    Parameters
    ----------
    text
        What the line is for.
    amount
        Its part of the bill, exact.
    quantity, unit_price
        How many, and the price of each; None where the line is a fee.
    kind
        What the line stands for, such as units, fee or discount.

    Examples
    --------
    >>> from workbench.pricing import Charge
    >>> lines = Charge("seats", "per_unit", unit_price=12, discount_percent=10).lines(5)
    >>> [(line.kind, str(line.amount)) for line in lines]
    [('units', '60'), ('discount', '-6.00')]
    >>> sum(line.amount for line in lines)
    Decimal('54.00')
    """

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


def _usage_lines(charge: ChargeTerms, schedule: PriceSchedule, quantity: Decimal) -> Iterator[Line]:
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


def entered(schedule: PriceSchedule, billable: Fraction) -> list[Segment]:
    """Return the segments a quantity pays for: all up to the reached one, or the reached one alone."""
    found = [segment for segment in schedule.segments if billable > segment.lower or segment.lower == 0]
    return found if schedule.cumulative else found[-1:]


def _inside(schedule: PriceSchedule, segment: Segment, billable: Fraction) -> Fraction:
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


def _discount(schedule: PriceSchedule, amount: Decimal) -> list[Line]:
    less = amount * (ONE - schedule.kept)
    percent = plain((ONE - schedule.kept) * 100)
    return [Line(f"Discount {percent}%", -less, None, None, "discount")] if less else []


def _cap(schedule: PriceSchedule, amount: Decimal) -> list[Line]:
    if schedule.maximum is None or amount <= schedule.maximum:
        return []
    return [Line(f"Capped at {plain(schedule.maximum)}", schedule.maximum - amount, None, None, "maximum")]


def _top_up(schedule: PriceSchedule, amount: Decimal) -> list[Line]:
    if schedule.minimum is None or amount >= schedule.minimum:
        return []
    text = f"Up to the minimum of {plain(schedule.minimum)}"
    return [Line(text, schedule.minimum - amount, None, None, "minimum")]


# --- Share of a billing period, in days


def days_between(start: dt.date, end: dt.date, *, end_inclusive: bool = False) -> int:
    """Return the days from `start` to `end`; the end day counts only when `end_inclusive` says so.

    Excluding the end is Kill Bill's convention and the default; Flexprice counts it.
    """
    days = (end - start).days + (1 if end_inclusive else 0)
    if days < 0:
        raise ChargeError(f"The part of the period ends on {end}, before it starts on {start}.", "Swap the dates.")
    return days


def share_of_period(start: dt.date, end: dt.date, period_days: int, *, end_inclusive: bool = False) -> Fraction:
    """Return the exact share of a billing period of `period_days` that lies between two dates."""
    days = days_between(start, end, end_inclusive=end_inclusive)
    return share_of_days(days, period_days)


def share_of_days(days: int, period_days: int) -> Fraction:
    """Return `days` as an exact share of a billing period of `period_days`."""
    if period_days < 1:
        raise ChargeError(f"The billing period lasts {period_days} days.", "Give its length in days, one or more.")
    if not 0 <= days <= period_days:
        raise ChargeError(
            f"{days} days do not fit into a billing period of {period_days} days.",
            "Bill each billing period on its own.",
        )
    return Fraction(days, period_days)


# --- What happens to an invoice after its charges


def prorated(amount: Number, share: Fraction, digits: int = 2) -> Decimal:
    """Return the part of an amount for a share of the period, rounded half up to the currency's minor unit."""
    part = Fraction(decimal_of(amount, "amount")) * share * 10**digits
    whole = (2 * part.numerator + part.denominator) // (2 * part.denominator)
    return Decimal(whole).scaleb(-digits)


def true_up(minimum: Number, used: Number, share: Fraction = Fraction(1), digits: int = 2, fees: Number = 0) -> Decimal:
    """Return what is missing to a committed minimum, never below zero.

    The commitment and the recurring `fees` that count towards it are prorated by `share` and rounded one by one,
    as Lago does; `used` is what the period's usage already cost.
    """
    with exactly():
        spent = prorated(fees, share, digits) + decimal_of(used, "amount used")
        return max(ZERO, prorated(minimum, share, digits) - spent)


def fixed_discount(base: Number, amount: Number) -> Decimal:
    """Return what a coupon of a fixed amount takes off: never more than there is."""
    off = decimal_of(amount, "coupon amount")
    if off < 0:
        raise ChargeError(f"The coupon is {off}, which is negative.", "Give the amount to take off.")
    return min(off, decimal_of(base, "amount"))


def percentage_discount(base: Number, rate_percent: Number) -> Decimal:
    """Return what a percentage coupon takes off."""
    rate = decimal_of(rate_percent, "coupon percentage")
    if not 0 <= rate <= HUNDRED_PERCENT:
        raise ChargeError(f"The coupon takes {rate}% off.", "Choose from 0 to 100.")
    with exactly():
        return decimal_of(base, "amount") * rate.scaleb(-2)


def after_credits(amount: Number, credits_left: Iterable[Number]) -> Decimal:
    """Return what remains to pay after prepaid credits, used in their order, never below zero."""
    with exactly():
        left = decimal_of(amount, "amount")
        for credit in credits_left:
            left -= min(left, decimal_of(credit, "prepaid credit"))
        return left
