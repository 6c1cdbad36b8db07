"""Prices in another currency, converted with a rate the team gave as a range."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.results import Interval

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.stages.anchoring.decision import ExchangeRate


def converted(price: float, currency: str, into: str, rates: Mapping[str, ExchangeRate]) -> Interval | None:
    """Return a price in the currency `into`, as wide as the rate is unsure; None without a rate."""
    if currency == into:
        return Interval(price, price, price)
    rate = rates.get(currency)
    if rate is None:
        return None
    low, high = sorted((rate.low, rate.high))
    return Interval(price * low, price * (low + high) / 2, price * high)
