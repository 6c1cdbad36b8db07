"""A decision on add-ons and what follows from it, in one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.formatting import count, money, percent, priced
from workbench.stages.add_ons.words import price_words

if TYPE_CHECKING:
    from workbench.stages.add_ons.decision import AddOnDecision
    from workbench.stages.add_ons.evaluation import AddOnResult


def summarise(decision: AddOnDecision, result: AddOnResult) -> str:
    """Return one sentence: the add-ons with their prices, the revenue range, and services."""
    if not decision.add_ons:
        return "No add-ons are sold." + _services(result)
    currency = result.currency
    offers = ", ".join(f"{choice.name} ({price_words(choice, currency)})" for choice in decision.add_ons)
    text = f"{count('add-on', len(decision.add_ons))}: {offers}"
    if result.revenue is not None:
        low, high = money(result.revenue.low, currency), money(result.revenue.high, currency)
        text += f"; together {low} to {high} a month, from the attach ranges assumed"
        if result.places.revenue:
            text += f", around {percent(result.revenue.estimate / result.places.revenue, 1)} of core revenue"
    return text + "." + _services(result)


def _services(result: AddOnResult) -> str:
    services = result.services
    if services is None or services.price is None:
        return ""
    return f" {services.name} at {priced(services.price, result.currency)} an engagement."
