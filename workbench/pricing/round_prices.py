"""Numbers people can remember: 1-2-5 break points, round limits, and prices as they stand on a pricing page."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Literal

# --- Numbers people can remember and repeat: 1-2-5 break points and prices of two digits


def one_two_five(low: float, high: float) -> tuple[Decimal, ...]:
    """Return every number of the series ... 1, 2, 5, 10, 20, 50 ... from `low` to `high`, rising."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    series = (_written_out(Decimal(digit).scaleb(power)) for power in range(first, last + 1) for digit in (1, 2, 5))
    return tuple(number for number in series if low <= number <= high)


def two_digits(price: float) -> Decimal:
    """Return a price rounded to two significant digits; zero stays zero."""
    if price <= 0:
        return Decimal(0)
    return _written_out(Decimal(f"{price:.1e}"))


def next_two_digits(price: Decimal, steps: int) -> Decimal:
    """Return the price `steps` places up or down the ladder of two-digit numbers, never below zero."""
    moved = price
    for _ in range(abs(steps)):
        moved = _one_step(moved, up=steps > 0)
    return moved


def _one_step(price: Decimal, *, up: bool) -> Decimal:
    if price <= 0:
        return price
    power = price.adjusted() - 1
    if not up and price == Decimal(10).scaleb(power):
        power -= 1  # below 1.0 comes 0.99, not 0.9
    unit = Decimal(1).scaleb(power)
    return _written_out(price + unit if up else price - unit)


def _written_out(number: Decimal) -> Decimal:
    """Return the number as people write it: 500, not 5E+2."""
    return Decimal(f"{number.normalize():f}")


# --- Numbers people can remember: round limits, and prices as they stand on a pricing page

Ending = Literal["usual", "nine", "cents", "whole", "fives", "tens", "hundreds"]
"""How prices end: in the usual step for their size, in a 9, on a cent, or on a multiple of 1, 5, 10 or 100."""
_MANTISSAS = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 7.5, 8, 10)
_CENT = Decimal("0.01")
_MULTIPLES: dict[Ending, Decimal] = {
    "cents": Decimal("0.01"),
    "whole": Decimal(1),
    "fives": Decimal(5),
    "tens": Decimal(10),
    "hundreds": Decimal(100),
}
# The first price that ends in a 9 of each size, and the step to the next: 19, 29 ... 1,099 ... 10,999.
_NINES = ((Decimal(19), Decimal(10)), (Decimal(1099), Decimal(100)), (Decimal(10_999), Decimal(1000)))
# Up to which price which step is usual on a price list.
_STEPS = (
    (Decimal(1), Decimal("0.05")),
    (Decimal(5), Decimal("0.25")),
    (Decimal(10), Decimal("0.5")),
    (Decimal(50), Decimal(1)),
    (Decimal(250), Decimal(5)),
    (Decimal(1000), Decimal(10)),
    (Decimal(2500), Decimal(50)),
    (Decimal(10000), Decimal(100)),
)


def round_limit(quantity: float) -> Decimal:
    """Return the smallest round number at or above a quantity, for a limit people can remember."""
    if quantity <= 1:
        return Decimal(1)
    scale = Decimal(10) ** math.floor(math.log10(quantity))
    mantissa = next(m for m in _MANTISSAS if Decimal(str(m)) * scale >= Decimal(str(quantity)) * (1 - Decimal("1e-9")))
    limit = Decimal(str(mantissa)) * scale
    return _plain(limit.to_integral_value(rounding="ROUND_CEILING"))


def round_prices_around(price: float, each_way: int = 2) -> tuple[Decimal, ...]:
    """Return the prices with a usual ending next to `price`, cheapest first, `each_way` below and above it.

    Below a price of one the step keeps two significant digits, so that prices per call or row stay possible.
    """
    if not math.isfinite(price) or price <= 0:
        return (Decimal(0),)
    exact = Decimal(repr(price))
    step = price_step(exact)
    below = exact // step * step
    found = {below + step * offset for offset in range(1 - each_way, each_way + 1)}
    return tuple(_plain(value) for value in sorted(found) if value > 0)


def price_step(price: Decimal) -> Decimal:
    """Return the step in which prices of this size are usually set."""
    if price < _STEPS[0][1] * 4:
        return Decimal(1).scaleb(price.adjusted() - 1) if price > 0 else _STEPS[0][1]
    for upper, step in _STEPS:
        if price < upper:
            return step
    return Decimal(1).scaleb(price.adjusted() - 1)


def prices_ending(ending: Ending, low: float, high: float, most: int = 20_000) -> tuple[Decimal, ...]:
    """Return the prices from `low` to `high`, above zero, that end as asked, cheapest first; at most `most` of them.

    Usual prices below a cent have two significant digits; with `low` at 0 they start at a cent, as all others do.
    """
    floor, ceiling = Decimal(repr(float(low))), Decimal(repr(float(high)))
    if floor <= 0 or ending != "usual":
        floor = max(floor, _CENT)
    found: list[Decimal] = []
    for start, end, step in _ladders(ending, floor, ceiling):
        first = start + max(Decimal(0), ((floor - start) / step).to_integral_value(rounding="ROUND_CEILING")) * step
        while first < end and first <= ceiling and len(found) < most:
            if first >= floor:
                found.append(_plain(first))
            first += step
    return tuple(found)


def _ladders(ending: Ending, floor: Decimal, ceiling: Decimal) -> list[tuple[Decimal, Decimal, Decimal]]:
    """List the stretches of prices with the same step: first price, end (outside), step."""
    beyond = ceiling + 1
    if ending == "nine":
        stretches = [(Decimal("0.99"), Decimal("9.5"), Decimal(1)), (Decimal("9.99"), Decimal(10), Decimal(10))]
        ends = [*(start for start, _ in _NINES[1:]), beyond]
        return stretches + [(start, end, step) for (start, step), end in zip(_NINES, ends, strict=True)]
    if ending != "usual":
        step = _MULTIPLES[ending]
        return [(step, beyond, step)]
    stretches, start = [], min(_CENT, Decimal(1).scaleb(floor.adjusted()))
    while start <= ceiling:
        step, tens = price_step(start), Decimal(1).scaleb(start.adjusted() + 1)
        end = min([tens, *(upper for upper, _ in _STEPS if upper > start)])
        stretches.append((start, end, step))
        start = end
    return stretches


def _plain(value: Decimal) -> Decimal:
    """Drop trailing zeros without falling into exponent notation."""
    normal = value.normalize()
    return normal.quantize(Decimal(1)) if normal == normal.to_integral_value() else normal


def price_ceiling(price: float) -> float:
    """Return a round number well above a price, for the end of a slider."""
    if price <= 0:
        return 100.0
    scale = Decimal(10) ** math.floor(math.log10(price * 4))
    return float(next(m for m in (1, 2, 5, 10) if m * scale >= Decimal(repr(price * 4))) * scale)
