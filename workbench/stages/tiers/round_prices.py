"""Numbers people can remember: round limits, and prices as they stand on a pricing page."""

from __future__ import annotations

import math
from decimal import Decimal

_MANTISSAS = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 7.5, 8, 10)
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
