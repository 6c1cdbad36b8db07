"""Prices and limits of a tier in words, the same on the panel, in tables and on the pricing page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.formatting import exact, exact_money
from workbench.stages.tiers.decision import PER_ACCOUNT
from workbench.wording import metric_words, one_unit

if TYPE_CHECKING:
    from decimal import Decimal

    from workbench.stages.tiers.decision import Tier

ON_REQUEST = "on request"


def per_words(price_per: str) -> str:
    """Write what a price is for: "per account", "per seat", "per gigabyte processed"."""
    return f"per {price_per if price_per == PER_ACCOUNT else one_unit(price_per)}"


def price_words(tier: Tier, currency: str) -> str:
    """Write a tier's price with its unit and period: "$49 per seat and month", "on request", "free"."""
    if tier.price is None:
        return ON_REQUEST
    if tier.is_free:
        return "free"
    return f"{exact_money(tier.price, currency)} {per_words(tier.price_per)} and month"


def full_price_words(tier: Tier, currency: str) -> str:
    """Write all a tier charges: "$49 per seat and month + $0.40 per gigabyte processed beyond 500"."""
    beyond = (
        f"{exact_money(price, currency)} {per_words(metric)} beyond {exact(tier.limits.get(metric, 0))}"
        for metric, price in tier.overage.items()
    )
    return " + ".join([price_words(tier, currency), *beyond])


def limit_words(metric: str, limit: Decimal | None) -> str:
    """Write what a tier includes of a metric: "up to 20 seats", "unlimited seats"."""
    return f"unlimited {metric_words(metric)}" if limit is None else f"up to {exact(limit)} {metric_words(metric)}"


def overage_words(tier: Tier, metric: str, currency: str) -> str:
    """Write what usage beyond the included one costs: "then $0.50 each"; empty without such a price."""
    return f"then {exact_money(tier.overage[metric], currency)} each" if metric in tier.overage else ""
