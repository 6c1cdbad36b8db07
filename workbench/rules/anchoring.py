"""Where prices stand against competitors, their value and the corridor left open (rules C1 to C4)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench import formatting
from workbench.results import LAST_DIGITS, Interval
from workbench.rules.rulebook import RULEBOOK, Rulebook, at_most, finding, known, names_in_words, threshold_in_words
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from workbench.rules.rulebook import Finding, Status

say = texts(__name__)

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
        remedy = f"Give {offer} a price." if present else say("set_the_other_prices_or")
        return finding(
            rule, "unknown", say("the_of_is_not_known", missing=missing, offer=offer), remedy=remedy, subject=offer
        )
    floor = max(present, key=lambda bound: -math.inf if bound.low is None else bound.low)
    ceiling = min(present, key=lambda bound: math.inf if bound.high is None else bound.high)
    low, high = floor.low, ceiling.high
    said = "; ".join(f"{bound.label}: {_span(bound.low, bound.high, currency)}" for bound in present)
    evidence = say("at_open_prices_by", offer=offer, price=price, currency=currency, said=said)
    if low is not None and high is not None and low > high * (1 + LAST_DIGITS):
        evidence += say("together_they_leave_no_price")
        remedy = say(
            "decide_which_gives_way_and",
            label=floor.label,
            low=low,
            currency=currency,
            label_2=ceiling.label,
            high=high,
        )
        return finding(rule, "watch", evidence, remedy=remedy, measured=price, subject=offer, affected=(offer,))
    broken = [bound.label for bound in present if not _holds(bound, price)]
    remedy = say("move_into_it_now_breaks", offer=offer, span=_span(low, high, currency), broken=names_in_words(broken))
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


# --- Where prices stand against named competitors and against their value (rules C1 to C3)

_LOAD = say("add_the_table_competitor_offers")


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
        return finding(rule, "unknown", say("there_are_no_offers_to"), remedy=_LOAD)
    lonely = [offer for offer, vendors in compared.items() if not vendors]
    vendors = sorted({vendor for names in compared.values() for vendor in names})
    done = len(compared) - len(lonely)
    evidence = say("of_are_compared_on_the", done=done, compared=len(compared), vendors=names_in_words(vendors))
    if on_request:
        evidence += say("on_request_cannot_be_compared", on_request=on_request)
    status: Status = "ok" if not lonely else "watch" if done else "breach"
    remedy = say("find_a_competitor_s_offer", lonely=names_in_words(lonely))
    return finding(rule, status, evidence, remedy=remedy, measured=done / len(compared), affected=lonely)


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
    if price is None or math.isnan(price) or worth is None:
        missing = "economic value" if worth is None else "price"
        remedy = say("enter_what_costs_at_the", reference=reference) if worth is None else f"Give {offer} a price."
        return finding(
            rule, "unknown", say("the_of_is_not_known", missing=missing, offer=offer), remedy=remedy, subject=offer
        )
    low, high = formatting.money(worth.low, currency), formatting.money(worth.high, currency)
    evidence = say(
        "at_stands_against_an_economic",
        offer=offer,
        price=price,
        currency=currency,
        estimate=worth.estimate,
        low=low,
        high=high,
        reference=reference,
    )
    if worth.estimate > 0:
        evidence += say("that_is_of_the_value", value=price / worth.estimate)
        if captured is not None and captured.estimate >= 0:
            evidence += say("and_takes_of_the_differentiation", estimate=captured.estimate)
        elif captured is not None:
            evidence += say("and_less_than_costs", reference=reference)
        evidence += "."
    limit = at_most((rule.high or 1.0) * worth.low, currency)
    return finding(
        rule,
        rule.threshold.status_of_interval(_over(price, worth)),
        evidence,
        remedy=say("lower_to_or_less_or", offer=offer, limit=limit, reference=reference),
        measured=price / worth.estimate if worth.estimate > 0 else None,
        subject=offer,
        affected=(offer,),
    )


def freshness(prices: Sequence[SeenPrice] | None, *, today: date | None, rulebook: Rulebook = RULEBOOK) -> Finding:
    """Judge whether competitor prices carry source, date and currency (else breach) and are fresh (else watch).

    `today` is the day to count the age from (C3); a price seen after it carries a wrong date.
    """
    rule = rulebook["C3"]
    if not prices or today is None:
        what, need = (
            ("no competitor price", _LOAD) if not prices else (say("no_date_to_count_from"), say("set_the_date_of_the"))
        )
        return finding(rule, "unknown", f"There is {what}.", remedy=need)
    ages = {price: (today - price.seen_on).days for price in prices if price.seen_on is not None}
    bare = [p.name for p in prices if not (p.source and p.currency) or ages.get(p, -1) < 0]
    stale = [price.name for price, age in ages.items() if rule.threshold.status(age) != "ok"]
    oldest = max((age for age in ages.values() if age >= 0), default=None)
    evidence = say(
        "of_lack_a_source_a",
        prices=len(prices),
        bare=len(bare),
        stale=len(stale),
        threshold_in_words=threshold_in_words(rule.high or 0, "days"),
    )
    evidence += say("the_oldest_was_seen_before", oldest=oldest, today=today) if oldest is not None else "."
    remedy = (
        say("add_source_date_and_currency", bare=names_in_words(bare))
        if bare
        else f"Look up again {names_in_words(stale)}."
    )
    return finding(
        rule,
        "breach" if bare else "watch" if stale else "ok",
        evidence,
        remedy=remedy,
        measured=oldest,
        affected=tuple(dict.fromkeys((*bare, *stale))),
        population=formatting.count("competitor price", len(prices)),
    )


def _over(price: float, value: Interval) -> Interval:
    """Return price over value: the larger the value, the smaller the ratio; no value is no end."""
    low, estimate, high = (
        price / worth if worth > 0 else math.inf for worth in (value.high, value.estimate, value.low)
    )
    return Interval(low, estimate, high, value.level)
