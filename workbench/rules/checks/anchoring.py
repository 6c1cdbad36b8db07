"""Where prices stand against named competitors and against their value (rules C1 to C3)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench import formatting
from workbench.results import Interval
from workbench.rules.checks.build import at_most, finding, known, listed
from workbench.rules.checks.corridor import Bound, add_on_bound, corridor, market_bound, tier_bound
from workbench.rules.rulebook import RULEBOOK, Rulebook
from workbench.rules.threshold import decided

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from workbench.rules.finding import Finding, Status

__all__ = [
    "Bound",
    "SeenPrice",
    "add_on_bound",
    "corridor",
    "freshness",
    "market_bound",
    "position",
    "same_terms",
    "tier_bound",
]

_LOAD = "Add the table competitor_offers, with source, date and currency of each price."


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
        return finding(rule, "unknown", "There are no offers to compare.", remedy=_LOAD)
    lonely = [offer for offer, vendors in compared.items() if not vendors]
    vendors = sorted({vendor for names in compared.values() for vendor in names})
    done = len(compared) - len(lonely)
    evidence = (
        f"{done} of {formatting.count('offer', len(compared))} are compared on the same terms with {listed(vendors)}."
    )
    if on_request:
        evidence += f" {formatting.count('competitor price', on_request)} on request cannot be compared."
    status: Status = "ok" if not lonely else "watch" if done else "breach"
    remedy = f"Find a competitor's offer in the same unit and period for {listed(lonely)}."
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
        remedy = (
            f"Enter what {reference} costs at the same usage profile, and what is better and worse here in money."
            if worth is None
            else f"Give {offer} a price."
        )
        return finding(rule, "unknown", f"The {missing} of {offer} is not known.", remedy=remedy, subject=offer)
    low, high = formatting.money(worth.low, currency), formatting.money(worth.high, currency)
    evidence = (
        f"{offer} at {formatting.priced(price, currency)} stands against an economic value of "
        f"{formatting.money(worth.estimate, currency)} ({low} to {high}) over {reference}."
    )
    if worth.estimate > 0:
        evidence += f" That is {formatting.percent(price / worth.estimate)} of the value"
        if captured is not None and captured.estimate >= 0:
            evidence += f", and takes {formatting.percent(captured.estimate)} of the differentiation"
        elif captured is not None:
            evidence += f", and less than {reference} costs"
        evidence += "."
    limit = at_most((rule.high or 1.0) * worth.low, currency)
    return finding(
        rule,
        rule.threshold.status_of_interval(_over(price, worth)),
        evidence,
        remedy=f"Lower {offer} to {limit} or less, or show more value than {reference} brings.",
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
            ("no competitor price", _LOAD) if not prices else ("no date to count from", "Set the date of the data.")
        )
        return finding(rule, "unknown", f"There is {what}.", remedy=need)
    ages = {price: (today - price.seen_on).days for price in prices if price.seen_on is not None}
    bare = [p.name for p in prices if not (p.source and p.currency) or ages.get(p, -1) < 0]
    stale = [price.name for price, age in ages.items() if rule.threshold.status(age) != "ok"]
    oldest = max((age for age in ages.values() if age >= 0), default=None)
    evidence = (
        f"Of {formatting.count('competitor price', len(prices))}, {len(bare)} lack a source, a possible date "
        f"or a currency and {len(stale)} are older than {decided(rule.high or 0, 'days')}"
    )
    evidence += (
        f"; the oldest was seen {formatting.count('day', oldest)} before {today}." if oldest is not None else "."
    )
    remedy = f"Add source, date and currency for {listed(bare)}." if bare else f"Look up again {listed(stale)}."
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
