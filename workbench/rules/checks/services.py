"""Whether services are priced to carry themselves (rule A6)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from workbench import formatting
from workbench.rules.checks.build import at_least, at_most, finding
from workbench.rules.rulebook import RULEBOOK, Rulebook
from workbench.rules.threshold import written

if TYPE_CHECKING:
    from decimal import Decimal

    from workbench.rules.finding import Finding

MARK_UP = "mark-up"
SHARE = "share of first-year revenue"


def services_margin(
    *,
    delivery_cost: float | Decimal | None,
    price: float | Decimal | None,
    currency: str = "USD",
    rulebook: Rulebook = RULEBOOK,
) -> Finding:
    """Judge the mark-up of services on their fully loaded delivery cost (A6), both per engagement."""
    rule = rulebook["A6"]
    cost, paid = (math.nan if value is None else float(value) for value in (delivery_cost, price))
    if math.isnan(cost) or cost <= 0 or math.isnan(paid):
        missing = "price" if cost > 0 else "fully loaded delivery cost"
        remedy = f"Enter the {missing} of one engagement, in {currency}."
        return finding(rule, "unknown", f"The {missing} of services is not known.", remedy=remedy, subject=MARK_UP)
    mark_up = float(f"{paid / cost - 1:.10g}")
    decided = formatting.exact_percent(mark_up) if round(mark_up, 6) == mark_up else written(mark_up, "share")
    low = at_least(cost * (1 + (rule.low or 0)), currency)
    high = at_most(cost * (1 + (rule.high or 0)), currency)
    return finding(
        rule,
        rule.threshold.status(mark_up),
        f"Services at {formatting.priced(paid, currency)} stand on a delivery cost of "
        f"{formatting.exact_money(cost, currency)}: cost plus {decided}.",
        remedy=f"Price them from {low} to {high} (cost plus {rule.threshold.in_words()}).",
        measured=mark_up,
        subject=MARK_UP,
    )


def services_share(
    *,
    services_revenue: float | Decimal | None,
    subscription_revenue: float | Decimal | None,
    currency: str = "USD",
    rulebook: Rulebook = RULEBOOK,
) -> Finding:
    """Judge services as a share of a customer's first-year revenue (A6): services over services and subscription."""
    rule = rulebook["A6"]
    band = rule.also["share"]
    services, rest = (math.nan if value is None else float(value) for value in (services_revenue, subscription_revenue))
    whole = services + rest
    if math.isnan(whole) or whole <= 0:
        missing = "services" if math.isnan(services) else "subscriptions"
        return finding(
            rule,
            "unknown",
            f"First-year revenue from {missing} is not known.",
            remedy=f"Enter the first-year revenue from {missing}, in {currency}.",
            subject=SHARE,
            threshold=band,
        )
    share = services / whole
    goal = band.nearest(share)
    target = formatting.money(goal / (1 - goal) * rest, currency) if goal < 1 else "another amount"
    return finding(
        rule,
        band.status(share),
        f"Services bring {formatting.priced(services, currency)} of {formatting.priced(whole, currency)} in the first "
        f"year: {written(share, 'share', band)}, usual are {band.in_words()}.",
        remedy=f"Change scope or price of services to about {target} a year, {written(goal, 'share')} of the total.",
        measured=share,
        subject=SHARE,
        threshold=band,
    )
