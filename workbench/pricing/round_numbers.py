"""Numbers people can remember and repeat: 1-2-5 break points and prices of two digits."""

from __future__ import annotations

import math
from decimal import Decimal


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
