"""Where prices stand against competitors, their value and the corridor left open (rules C1 to C4)."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from workbench.formatting import count, priced
from workbench.results import LAST_DIGITS, Interval
from workbench.rules import rulebook as rules
from workbench.rules.rulebook import RULEBOOK, Rulebook, at_most, known
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from workbench.rules.rulebook import Finding, Status

say = texts(__name__)
judge = partial(rules.judge, say)

# --- The prices that the rules and the market leave open, and where each price stands in them (rule C4)


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
        return Bound(say("t_spread_of_the_tiers"), top / high, top / low)
    if position in {len(prices) - 1, -1}:
        return Bound(say("t_spread_of_the_tiers"), entry * low, entry * high)
    return Bound("the tiers around it", prices[position - 1], prices[position + 1])


def add_on_bound(core_price: float | None, *, rulebook: Rulebook = RULEBOOK) -> Bound | None:
    """Return what A2 leaves open for an add-on to a core plan at this price; None where that is unknown."""
    if core_price is None or math.isnan(core_price) or core_price <= 0:
        return None
    rule = rulebook["A2"]
    return Bound(
        say("a_share_of_the_core"),
        None if rule.low is None else rule.low * core_price,
        None if rule.high is None else rule.high * core_price,
    )


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
        return judge(rule, "no_price" if present else "no_corridor", subject=offer)
    floor = max(present, key=lambda bound: -math.inf if bound.low is None else bound.low)
    ceiling = min(present, key=lambda bound: math.inf if bound.high is None else bound.high)
    low, high = floor.low, ceiling.high
    said = "; ".join(f"{bound.label}: {_span(bound.low, bound.high, currency)}" for bound in present)
    stands = {"price": price, "currency": currency, "said": said}
    if low is not None and high is not None and low > high * (1 + LAST_DIGITS):
        apart = stands | {"floor": floor, "ceiling": ceiling}
        return judge(rule, "closed", apart, measured=price, status="watch", subject=offer, affected=(offer,))
    broken = [bound.label for bound in present if not _holds(bound, price)]
    values = stands | {"span": _span(low, high, currency), "broken": broken}
    status: Status = "breach" if broken else "ok"
    return judge(rule, "corridor", values, measured=price, status=status, subject=offer, affected=(offer,))


def _holds(bound: Bound, price: float) -> bool:
    slack = LAST_DIGITS * max(1.0, abs(price))
    too_low = bound.low is not None and price < bound.low - slack
    return not too_low and not (bound.high is not None and price > bound.high + slack)


def _span(low: float | None, high: float | None, currency: str) -> str:
    if low is not None and high is not None:
        return f"{priced(low, currency)} to {priced(high, currency)}"
    if low is not None:
        return f"{priced(low, currency)} or more"
    return f"{priced(high, currency)} or less" if high is not None else "any price"


# --- Where prices stand against named competitors and against their value (rules C1 to C3)


@dataclass(frozen=True, slots=True)
class SeenPrice:
    """A competitor's price as seen: whose, when, where and in which currency; None or "" where that is not known."""

    vendor: str
    offer: str
    seen_on: date | None = None
    source: str | None = ""
    currency: str | None = ""

    @property
    def name(self) -> str:
        """Return vendor and offer."""
        return f"{self.vendor} {self.offer}".strip()


def same_terms(
    compared: Mapping[str, Sequence[str]] | None, *, on_request: int = 0, rulebook: Rulebook = RULEBOOK
) -> Finding:
    """Judge whether every tier and add-on is compared with a named competitor (C1).

    `compared` maps each offer of ours to the vendors priced at the same usage profile, unit and billing
    period; None when there are no competitor offers. `on_request` counts competitor prices that are not published.
    """
    rule = rulebook["C1"]
    if not compared:
        return judge(rule, "no_offers")
    lonely = [offer for offer, vendors in compared.items() if not vendors]
    done = len(compared) - len(lonely)
    status: Status = "ok" if not lonely else "watch" if done else "breach"
    vendors = sorted({vendor for names in compared.values() for vendor in names})
    values = {"done": done, "compared": len(compared), "vendors": vendors, "lonely": lonely, "on_request": on_request}
    keys = ("compared", "on_request" if on_request else "")
    return judge(rule, keys, values, measured=done / len(compared), status=status, affected=lonely)


def position(
    offer: str,
    price: float | None,
    value: Interval | None,
    *,
    captured: Interval | None = None,
    reference: str = "the next best alternative",
    currency: str = "USD",
    rulebook: Rulebook = RULEBOOK,
) -> Finding:
    """Judge a price against its economic value to the customer (C2).

    `value` is the reference value plus positive minus negative differentiation, as a range, for the same
    usage profile and period as `price`. A price inside the range is on watch: it may take more than it brings.
    `captured` is the share of the differentiation that the price takes, which is told beside price over value.
    """
    rule, worth = rulebook["C2"], known(value)
    if worth is None:
        return judge(rule, "no_value", {"reference": reference}, subject=offer)
    if price is None or math.isnan(price):
        return judge(rule, "no_price", subject=offer)
    values = {"price": price, "worth": worth, "captured": captured, "reference": reference, "currency": currency}
    limit, over = {"limit": at_most((rule.high or 1.0) * worth.low, currency)}, _over(price, worth)
    keys = ("position", "of_the_value" if worth.estimate > 0 else "")
    found = judge(rule, keys, values | limit, measured=over, subject=offer, affected=(offer,))
    return found if worth.estimate > 0 else replace(found, measured=None)


def freshness(prices: Sequence[SeenPrice] | None, *, today: date | None, rulebook: Rulebook = RULEBOOK) -> Finding:
    """Judge whether competitor prices carry source, date and currency (else breach) and are fresh (else watch).

    `today` is the day to count the age from (C3); a price seen after it carries a wrong date.
    """
    rule = rulebook["C3"]
    if not prices or today is None:
        return judge(rule, "no_day" if prices else "no_prices")
    ages = {price: (today - price.seen_on).days for price in prices if price.seen_on is not None}
    bare = [p.name for p in prices if not (p.source and p.currency) or ages.get(p, -1) < 0]
    stale = [price.name for price, age in ages.items() if rule.threshold.status(age) != "ok"]
    oldest = max((age for age in ages.values() if age >= 0), default=None)
    values = {"prices": len(prices), "bare": bare, "stale": stale, "oldest": oldest, "today": today}
    status: Status = "breach" if bare else "watch" if stale else "ok"
    old, who = tuple(dict.fromkeys((*bare, *stale))), count("competitor price", len(prices))
    return judge(rule, "freshness", values, measured=oldest, status=status, affected=old, population=who)


def _over(price: float, value: Interval) -> Interval:
    """Return price over value: the larger the value, the smaller the ratio; no value is no end."""
    low, estimate, high = (
        price / worth if worth > 0 else math.inf for worth in (value.high, value.estimate, value.low)
    )
    return Interval(low, estimate, high, value.level)
