"""The prices that the rules and the market leave open, and where each price stands in them (rule C4)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench import formatting
from workbench.rules.checks.build import finding, listed
from workbench.rules.rulebook import RULEBOOK, Rulebook
from workbench.tolerances import LAST_DIGITS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.rules.finding import Finding


@dataclass(frozen=True, slots=True)
class Bound:
    """What one rule or the market leaves open for a price; None leaves an end open."""

    label: str
    low: float | None = None
    high: float | None = None


def tier_bound(position: int, prices: Sequence[float], *, rulebook: Rulebook = RULEBOOK) -> Bound | None:
    """Return what T4 leaves open for one tier, given the prices of all priced tiers, cheapest first.

    The top tier may cost as many times the entry tier as T4 allows and the other way round; a tier
    between them lies between them. None with fewer than two tiers.
    """
    if len(prices) < 2:  # noqa: PLR2004 - a spread takes two
        return None
    rule, entry, top = rulebook["T4"], prices[0], prices[-1]
    low, high = rule.low or 1.0, rule.high or math.inf
    if position in {0, -len(prices)}:
        return Bound("T4, spread of the tiers", top / high, top / low)
    if position in {len(prices) - 1, -1}:
        return Bound("T4, spread of the tiers", entry * low, entry * high)
    return Bound("the tiers around it", prices[position - 1], prices[position + 1])


def add_on_bound(core_price: float | None, *, rulebook: Rulebook = RULEBOOK) -> Bound | None:
    """Return what A2 leaves open for an add-on to a core plan at this price; None where that is unknown."""
    if core_price is None or math.isnan(core_price) or core_price <= 0:
        return None
    rule = rulebook["A2"]
    return Bound(
        "A2, share of the core plan",
        None if rule.low is None else rule.low * core_price,
        None if rule.high is None else rule.high * core_price,
    )


def market_bound(prices: Sequence[float]) -> Bound | None:
    """Return the span of competitors' prices for the same usage profile; None without any."""
    known = [price for price in prices if not math.isnan(price)]
    return Bound("the market", min(known), max(known)) if known else None


def corridor(
    offer: str,
    price: float | None,
    bounds: Sequence[Bound | None],
    *,
    currency: str = "USD",
    rulebook: Rulebook = RULEBOOK,
) -> Finding:
    """Judge where a price stands in the corridor that all bounds together leave (C4).

    Inside is ok, outside a breach. Bounds that leave nothing open contradict each other: that is on watch,
    and the remedy names the two that do. Bounds that are None are not known and left out.
    """
    rule, present = rulebook["C4"], [bound for bound in bounds if bound is not None]
    if price is None or math.isnan(price) or not present:
        missing = "price" if present else "corridor"
        remedy = f"Give {offer} a price." if present else "Set the other prices, or add the table competitor_offers."
        return finding(rule, "unknown", f"The {missing} of {offer} is not known.", remedy=remedy, subject=offer)
    floor = max(present, key=lambda bound: -math.inf if bound.low is None else bound.low)
    ceiling = min(present, key=lambda bound: math.inf if bound.high is None else bound.high)
    low, high = floor.low, ceiling.high
    said = "; ".join(f"{bound.label}: {_span(bound.low, bound.high, currency)}" for bound in present)
    evidence = f"{offer} at {formatting.priced(price, currency)}. Open prices by {said}."
    if low is not None and high is not None and low > high * (1 + LAST_DIGITS):
        evidence += " Together they leave no price open."
        remedy = (
            f"Decide which gives way, and record why: {floor.label} (at least {formatting.priced(low, currency)}) or "
            f"{ceiling.label} (at most {formatting.priced(high, currency)})."
        )
        return finding(rule, "watch", evidence, remedy=remedy, measured=price, subject=offer, affected=(offer,))
    broken = [bound.label for bound in present if not _holds(bound, price)]
    remedy = f"Move {offer} into {_span(low, high, currency)}; it now breaks {listed(broken)}."
    return finding(
        rule,
        "breach" if broken else "ok",
        f"{evidence} Together: {_span(low, high, currency)}.",
        remedy=remedy,
        measured=price,
        subject=offer,
        affected=(offer,),
    )


def _holds(bound: Bound, price: float) -> bool:
    slack = LAST_DIGITS * max(1.0, abs(price))
    too_low = bound.low is not None and price < bound.low - slack
    return not too_low and not (bound.high is not None and price > bound.high + slack)


def _span(low: float | None, high: float | None, currency: str) -> str:
    if low is not None and high is not None:
        return f"{formatting.priced(low, currency)} to {formatting.priced(high, currency)}"
    if low is not None:
        return f"{formatting.priced(low, currency)} or more"
    return f"{formatting.priced(high, currency)} or less" if high is not None else "any price"
