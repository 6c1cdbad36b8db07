"""A charge: how the quantity of one metric becomes an amount, exactly and itemised, in plain words, with its doubts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from workbench.errors import ChargeError
from workbench.formatting import capitalised, exact, exact_money, metric_words, one_unit
from workbench.locales import conventions
from workbench.pricing.charge_terms import Band, ChargeTerms, PriceSchedule, Segment, counting, credited, schedule_of
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

    import narwhals as nw
    import numpy as np
    from numpy.typing import ArrayLike, NDArray


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
    steps, factor, free = counting(schedule.charge)
    used = units * schedule.charge.unit_factor
    for place, step in enumerate(steps):
        units = Fraction(step.count(units, is_held=is_held))
        is_held = units < _LARGEST_HELD
        if place == 0 and schedule.charge.rounding is not None:
            used = units
    if schedule.charge.package_size is not None:
        return Counted(used, min(used, Fraction(schedule.charge.free_units)), units)
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
            lines += _cap(charge, total_of(lines))
        lines += _top_up(charge, total_of(lines))
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
        if segment.fee and (billable > 0 or charge.first_flat_fee_at_zero):
            yield Line(f"{charge.metric}: fee{_span(charge, segment)}", segment.fee, ONE, segment.fee, "fee")
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


def _cap(charge: ChargeTerms, amount: Decimal) -> list[Line]:
    if charge.maximum is None or amount <= charge.maximum:
        return []
    return [Line(f"Capped at {plain(charge.maximum)}", charge.maximum - amount, None, None, "maximum")]


def _top_up(charge: ChargeTerms, amount: Decimal) -> list[Line]:
    if charge.minimum is None or amount >= charge.minimum:
        return []
    text = f"Up to the minimum of {plain(charge.minimum)}"
    return [Line(text, charge.minimum - amount, None, None, "minimum")]


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
    """Return an amount's proration for a share of the period, rounded half up to the currency's minor unit."""
    part = Fraction(decimal_of(amount, "amount")) * share * 10**digits
    whole = (2 * part.numerator + part.denominator) // (2 * part.denominator)
    return Decimal(whole).scaleb(-digits)


def true_up(minimum: Number, used: Number, share: Fraction = Fraction(1), digits: int = 2, fees: Number = 0) -> Decimal:
    """Return the true-up: what is missing to a committed minimum, never below zero.

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


# --- A charge: how the quantity of one metric becomes an amount in a billing period


class Charge(ChargeTerms):
    """How the quantity of one metric becomes an amount, per month.

    Numbers may be int, str, Decimal or float; floats are read the way they print, and a quantity that floats cannot
    tell from a whole number of units or packages, or from the end of a band, stands right there.

    Parameters
    ----------
    metric
        What is counted, such as "seats" or "rows synced".
    model
        flat (`fixed_fee`), per_unit (`unit_price`), graduated, volume or graduated_percentage (`bands`), package
        (`package_size`, `package_price`), percentage (`rate_percent`, optional `fixed_fee`).
    unit_price, bands, package_size, package_price, rate_percent, fixed_fee
        The prices that `model` asks for; amounts per month, rates in percent.
    free_units
        Converted units that cost nothing before bands or packages begin.
    minimum, maximum
        Floor and cap of the amount; the cap is applied first.
    discount_percent
        Taken off before the cap and the floor.
    unit_factor, rounding
        Raw units are multiplied by the factor, a number or a fraction (0.001 turns rows into thousands, "1/60" minutes
        into hours), then rounded up, down or to the nearest whole unit when `rounding` says so (the words ceil, floor
        and round are understood too).
    first_flat_fee_at_zero
        Whether the first band's flat fee (or the fixed fee) is due when no billable unit was used.
    package_rounding
        What a package begun counts as: a whole one ("up"), nothing ("down"), or whichever is nearer.
    below_zero
        What becomes of a quantity below zero, a correction larger than the usage: "refuse" it, bill it as "zero" as
        Stripe and Lago do, or "credit" what so many units cost as Zuora does, without fees and free units.

    Raises
    ------
    ChargeError
        When the charge cannot be billed, with what to change.

    Notes
    -----
    Conventions follow the test suites of Lago, OpenMeter, Stripe, Orb and Kill Bill: a band's upper bound is inclusive,
    and nothing is rounded inside a charge.

    Examples
    --------
    >>> from workbench.pricing import Band, Charge
    >>> seats = Charge("seats", "graduated", bands=[Band(10, 12), Band(None, 9)])
    >>> seats.amount(10), seats.amount(25)
    (Decimal('120'), Decimal('255'))
    >>> for line in seats.lines(25):
    ...     print(line.text, line.quantity, line.unit_price, line.amount)
    seats: 10 x 12 (up to 10) 10 12.00 120
    seats: 15 x 9 (above 10) 15 9.00 135
    >>> seats.amounts([0, 10, 25]).tolist()
    [0.0, 120.0, 255.0]
    """

    __slots__ = ()

    @property
    def costs_nothing(self) -> bool:
        """Tell whether the charge asks for nothing at any quantity."""
        asked = (self.unit_price, self.package_price, self.rate_percent, self.fixed_fee, self.minimum)
        bands = (price for band in self.bands for price in (band.unit_price, band.flat_fee, band.rate_percent))
        return not any(asked) and not any(bands)

    def amount(self, units: Number) -> Decimal:
        """Return the exact amount for a quantity; only what never ends as a decimal is rounded, to 28 digits.

        Refuses a quantity without a price: negative (see `below_zero`) or above the last band.
        """
        return total_of(self.lines(units))

    def lines(self, units: Number) -> tuple[Line, ...]:
        """Return the itemised amount; the lines sum exactly to `amount`.

        Discount, cap and top-up to the minimum are lines of their own.
        """
        return itemise(self, units)

    def amounts(self, units: ArrayLike) -> NDArray[np.float64]:
        """Return the amount for every quantity as float64, in the shape given; an unknown (NaN) stays unknown.

        Within 1e-9 of `amount`, relative; units and packages are rounded exactly as there. Above a last band that
        ends the amount is unknown. Refuses infinite quantities, and negative ones unless `below_zero` allows them.
        """
        from workbench.pricing.vectorised import amounts  # noqa: PLC0415 - numpy loads when used

        return amounts(self, units)

    def expression(self, column: str | nw.Expr) -> nw.Expr:
        """Return the amount of a quantity column as a narwhals expression, for any engine narwhals speaks to.

        An engine cannot refuse a row, so what `amount` refuses becomes NaN.
        """
        from workbench.pricing.vectorised import expression  # noqa: PLC0415 - narwhals loads when used

        return expression(self, column)

    def describe(self, currency: str = "USD") -> str:
        """Say in plain words what the charge costs."""
        return describe_charge(self, currency)


# --- Tell a unit factor that stands for a fraction

# How many fractions as simple as the one found would lie as near by chance; 0.0167 (1/60) has 0.5, 0.12 (1/8) 1.0.
_BY_CHANCE = Fraction(6, 10)


def fraction_meant(charge: Charge) -> Fraction | None:
    """Return the fraction that a rounded factor most likely stands for, None where the factor is one itself."""
    factor = charge.unit_factor
    written = decimal_near(factor)
    if charge.rounding is None or Fraction(written) != factor:
        return None
    step = Fraction(10) ** min(0, int(written.as_tuple().exponent))
    # Either rounded to the last place or cut off there.
    near = _simplest(factor - step / 2, factor + step)
    if near in (factor, 0) or 3 * step / 2 * near.denominator**2 > _BY_CHANCE:
        return None
    return near


def factor_doubt(charge: Charge) -> str:
    """Say how a factor bills that only comes near the fraction it most likely stands for; nothing where it is one."""
    meant = fraction_meant(charge)
    if meant is None:
        return ""
    counted = plain(decimal_near(charge.unit_factor * meant.denominator))
    return (
        f"The unit factor {charge.unit_factor} of {metric_words(charge.metric)} with rounding counts "
        f"{meant.denominator} as {counted}, not {meant.numerator}: write {meant.numerator}/{meant.denominator} "
        "if that is meant."
    )


def _simplest(low: Fraction, high: Fraction) -> Fraction:
    """Return the fraction with the smallest denominator from `low` to `high`."""
    whole = math.ceil(low)
    if whole <= high:
        return Fraction(whole)
    return whole - 1 + 1 / _simplest(1 / (high - whole + 1), 1 / (low - whole + 1))


# --- Say in plain words what a charge costs


def describe_charge(charge: Charge, currency: str = "USD") -> str:
    """Return one sentence per idea: the price, what is free, and what bounds the amount."""
    return " ".join([_price(charge, currency), *_conditions(charge, currency)])


def _price(charge: Charge, currency: str) -> str:
    metric = metric_words(charge.metric)
    if charge.model == "flat":
        return f"{exact_money(charge.fixed_fee, currency)} whatever the {metric}."
    if charge.model == "per_unit":
        return f"{exact_money(charge.unit_price, currency)} for {_each(charge)}."
    if charge.model == "package":
        packages = _counted(charge.package_rounding, f"{exact(charge.package_size or ONE)} {metric}")
        return f"{exact_money(charge.package_price, currency)} for every {packages}."
    if charge.model == "percentage":
        fee = f" plus {exact_money(charge.fixed_fee, currency)}" if charge.fixed_fee else ""
        return f"{conventions().share(exact(charge.rate_percent or ONE))} of {metric}{fee}."
    steps = "; ".join(_band(band, currency, in_percent=charge.model == "graduated_percentage") for band in charge.bands)
    if charge.model == "volume":
        every = _each(charge) if _is_divided(charge) else f"all {metric}"
        return f"{capitalised(every)} at the price of the band reached: {steps}."
    return f"{capitalised(_each(charge))} at the price of its band: {steps}."


def _each(charge: Charge) -> str:
    """Say what a unit is: each row, or every 60 minutes begun."""
    if not _is_divided(charge):
        return f"each {one_unit(charge.metric)}"
    return (
        f"every {_counted(charge.rounding, f'{exact(charge.unit_factor.denominator)} {metric_words(charge.metric)}')}"
    )


def _counted(rounding: str | None, units: str) -> str:
    return {"up": f"{units} begun", "down": f"full {units}", "nearest": f"{units} to the nearest"}.get(
        rounding or "", units
    )


def _is_divided(charge: Charge) -> bool:
    """Tell whether a unit is a whole number of those measured, which then is said with the price."""
    is_whole = charge.unit_factor.numerator == 1 and charge.unit_factor.denominator > 1
    return is_whole and charge.model in {"per_unit", "graduated", "volume"}


def _band(band: Band, currency: str, *, in_percent: bool) -> str:
    where = "above that" if band.up_to is None else f"up to {exact(band.up_to)}"
    price = conventions().share(exact(band.rate_percent)) if in_percent else exact_money(band.unit_price, currency)
    fee = f" plus {exact_money(band.flat_fee, currency)}" if band.flat_fee else ""
    return f"{where} {price}{fee}"


def _conditions(charge: Charge, currency: str) -> list[str]:
    found = []
    if charge.unit_factor != 1 and not _is_divided(charge):
        found.append(f"Quantities are multiplied by {charge.unit_factor} first.")
    if charge.rounding and not _is_divided(charge):
        found.append(f"Quantities are rounded {'to the ' if charge.rounding == 'nearest' else ''}{charge.rounding}.")
    if doubt := factor_doubt(charge):
        found.append(doubt)
    if charge.free_units:
        found.append(f"The first {exact(charge.free_units)} are included.")
    if charge.bands and charge.bands[-1].up_to is not None:
        found.append(f"Above {exact(charge.bands[-1].up_to)} there is no price.")
    if charge.discount_percent:
        found.append(f"{conventions().share(exact(charge.discount_percent))} discount.")
    if charge.maximum is not None:
        found.append(f"At most {exact_money(charge.maximum, currency)} a month.")
    if charge.minimum is not None:
        found.append(f"At least {exact_money(charge.minimum, currency)} a month.")
    if charge.below_zero == "credit":
        found.append("Quantities below zero are credited.")
    return found


# --- The charge for usage beyond what an offer includes


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


# --- Find quantities at which a customer pays less by using more

_DIGITS = Decimal("1e-12")


@dataclass(frozen=True, slots=True)
class EdgeDrop:
    """A range of quantities where a customer pays less by using more.

    Everyone above `from_units`, up to and with `edge`, pays more than `amount_above`: the lowest amount that a
    quantity beyond the edge costs, mostly just beyond it. At the edge itself the amount is `amount_at`. Units are
    raw, as measured.

    Parameters
    ----------
    from_units
        Where the range begins; this quantity itself still gains nothing.
    edge
        Where it ends: the last quantity of the cheaper-to-leave band.
    amount_at
        What the edge itself costs a month.
    amount_above
        The lowest amount beyond the edge.

    Examples
    --------
    >>> from workbench.pricing import Band, Charge, edge_drops
    >>> volume = Charge("seats", "volume", bands=[Band(20, 2), Band(None, 1)])
    >>> drop = edge_drops(volume)[0]
    >>> print(f"{drop.edge:f} seats cost {drop.amount_at:f}, one more costs {drop.amount_above + 1:f}")
    20 seats cost 40.0000, one more costs 21.0000
    >>> print(f"{drop.saving:.0f}")
    20
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

    Parameters
    ----------
    charge
        The charge to look at; nothing in it is changed.

    Returns
    -------
    tuple[EdgeDrop, ...]
        One entry per edge, in rising order; empty when the amount never falls.

    Examples
    --------
    >>> from workbench.pricing import Band, Charge, edge_drops
    >>> volume = Charge("seats", "volume", bands=[Band(20, 2), Band(None, 1)])
    >>> [(f"{drop.from_units:f}", f"{drop.edge:f}") for drop in edge_drops(volume)]
    [('10', '20')]
    >>> edge_drops(Charge("seats", "graduated", bands=[Band(20, 2), Band(None, 1)]))
    ()
    """
    schedule = schedule_of(charge)
    if schedule.cumulative:
        return ()
    with exactly():
        found = [_drop(schedule, place) for place in range(len(schedule.segments) - 1)]
    return tuple(drop for drop in found if drop is not None)


def _drop(schedule: PriceSchedule, place: int) -> EdgeDrop | None:
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


def _last_billable(schedule: PriceSchedule, bound: Decimal) -> Decimal:
    """Return the last billable quantity of a band: its bound, or the last one that whole units reach."""
    if not schedule.charge.rounding:
        return bound
    return (bound + schedule.charge.free_units) // 1 - schedule.charge.free_units


def _first_billable(schedule: PriceSchedule, bound: Decimal) -> Decimal:
    """Return where the band after a bound begins: just above it, or at the next whole unit."""
    return _last_billable(schedule, bound) + 1 if schedule.charge.rounding else bound


def _gains_from(schedule: PriceSchedule, place: int, above: Decimal) -> Decimal:
    """Return the billable quantity above which the reached band costs more than `above`."""
    here = schedule.segments[place]
    if _bounded(schedule, here, here.lower) > above or not here.price or not schedule.kept:
        return here.lower
    crossing = (Fraction(above) / Fraction(schedule.kept) - Fraction(here.fee)) / Fraction(here.price)
    return max(here.lower, _decimal(crossing))


def _bounded(schedule: PriceSchedule, segment: Segment, billable: Decimal) -> Decimal:
    amount = (segment.fee + segment.price * billable) * schedule.kept
    if schedule.charge.maximum is not None:
        amount = min(amount, schedule.charge.maximum)
    return amount if schedule.charge.minimum is None else max(amount, schedule.charge.minimum)


def _raw(schedule: PriceSchedule, billable: Decimal) -> Decimal:
    return _decimal(Fraction(billable + schedule.charge.free_units) / schedule.charge.unit_factor)


def _decimal(value: Fraction) -> Decimal:
    """Return the exact decimal where there is one, otherwise twelve places are plenty for a quantity."""
    return decimal_near(value).quantize(_DIGITS).normalize()
