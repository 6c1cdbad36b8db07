"""What the comparison stands on.

Competitors' offers as last seen, what they cost at a usage, and what active accounts use.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from workbench.formatting import metric_words
from workbench.impact.billing import bill_of
from workbench.pricing.price_book import AddOn, Plan
from workbench.results import Interval
from workbench.rules.rulebook import Rulebook
from workbench.stages.anchoring.decision import UsageProfile
from workbench.stages.contract import missing_tables
from workbench.stages.needs import gather as tiers_gather
from workbench.stages.price_book import CompetitorOffer, read_offers
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from numpy.typing import NDArray

    from workbench.customers.base import CustomerBase
    from workbench.results import Basis, Missing
    from workbench.stages.anchoring.decision import ExchangeRate
    from workbench.stages.needs import TierEvidence

say = texts(__name__)

# --- How old each competitor's price is, and which are too old


def age_in_days(offer: CompetitorOffer, today: date) -> int:
    """Return the days from when a price was seen to `today`; negative for a price from the future."""
    return (today - offer.seen_on).days


def is_stale(offer: CompetitorOffer, today: date, stale_after: int) -> bool:
    """Tell whether a price is older than `stale_after` days; on that very day it still counts as fresh."""
    return age_in_days(offer, today) > stale_after


def with_stale_age(rulebook: Rulebook, days: int) -> Rulebook:
    """Return the rulebook in which C3 asks for prices of at most this many days; a study's own threshold stays."""
    rule = rulebook["C3"]
    if rule.overrides or rule.high == days:
        return rulebook
    moved = replace(rule, threshold=rule.threshold.moved(high=float(days)))
    return Rulebook(MappingProxyType({**rulebook.rules, "C3": moved}))


def stale_after(rulebook: Rulebook) -> int:
    """Return the age in days from which a price is stale under a rulebook."""
    return int(rulebook["C3"].high or 0)


# --- Prices in another currency, converted with a rate the team gave as a range


def converted(price: float, currency: str, into: str, rates: Mapping[str, ExchangeRate]) -> Interval | None:
    """Return a price in the currency `into`, as wide as the rate is unsure; None without a rate."""
    if currency == into:
        return Interval(price, price, price)
    rate = rates.get(currency)
    if rate is None:
        return None
    low, high = sorted((rate.low, rate.high))
    return Interval(price * low, price * (low + high) / 2, price * high)


# --- What an offer costs a customer with a given usage in a month, or why that cannot be said

QuoteStanding = Literal["priced", "on request", "does not serve", "not known"]


@dataclass(frozen=True, slots=True)
class Quote:
    """A price for one month, or None with the reason: on request, does not serve the usage, or not known."""

    price: float | None
    standing: QuoteStanding = "priced"
    reason: str = ""


def quote(offer: Plan | AddOn, quantities: Mapping[str, float], needed: Iterable[str] = ()) -> Quote:
    """Price an offer for one month at monthly quantities per metric; a customer needs the features in `needed`.

    An offer whose limit is exceeded or that lacks a needed feature does not serve. A price on request is no number,
    and neither is one that depends on a quantity nobody stated.
    """
    refused = _limit_refusal(offer, quantities) if isinstance(offer, Plan) else None
    if refused is not None:
        return refused
    lacking = [name for name in needed if name not in offer.features]
    if lacking:
        return Quote(None, "does not serve", f"does not contain {', '.join(lacking)}")
    if not offer.priced:
        return Quote(None, "on request", "price on request")
    unstated = [charge.metric for charge in offer.charges if charge.metric not in quantities]
    if unstated:
        return Quote(None, "not known", say("priced_by_which_this_profile", unstated=unstated[0]))
    stated = {metric: Decimal(str(amount)) for metric, amount in quantities.items()}
    return Quote(float(bill_of(offer, stated).total))


def _limit_refusal(offer: Plan, quantities: Mapping[str, float]) -> Quote | None:
    """Return why the limits of a plan rule a usage out, None when they allow it."""
    unstated = None
    for limit in offer.limits:
        if limit.up_to is None:
            continue
        amount, words = quantities.get(limit.metric), metric_words(limit.metric)
        if amount is None:
            unstated = say("limited_in_which_this_profile", words=words)
        elif amount > float(limit.up_to):
            return Quote(None, "does not serve", say("limit_exceeded_up_to", up_to=limit.up_to, words=words))
    return None if unstated is None or not offer.priced else Quote(None, "not known", unstated)


# --- Typical customers to compare prices for: quantiles of what active accounts use

SIZES = (("small", "Small", 0.1), ("typical", "Typical", 0.5), ("large", "Large", 0.9))
"""Id, name and quantile of each profile: one account in ten uses no more than the small one, nine in ten no more than
the large one."""
_DIGITS = 3


def usage_profiles(quantities: Mapping[str, NDArray[np.float64]]) -> tuple[UsageProfile, ...]:
    """Return a small, a typical and a large customer: the 10%, 50% and 90% quantile of every metric on its own.

    `quantities` holds one entry per active account and metric, NaN where unknown; metrics nobody has a quantity of
    are left out. Quantities that are counted in whole units stay whole, others keep three digits.
    """
    known = {metric: values[np.isfinite(values)] for metric, values in quantities.items()}
    known = {metric: values for metric, values in known.items() if values.size}
    return tuple(
        UsageProfile(id=key, name=name, quantities={metric: _typed(values, level) for metric, values in known.items()})
        for key, name, level in SIZES
        if known
    )


def middle_profile(profiles: tuple[UsageProfile, ...]) -> UsageProfile | None:
    """Return the typical profile: the one of that id, else the one in the middle; None without any."""
    for profile in profiles:
        if profile.id == SIZES[1][0]:
            return profile
    return profiles[len(profiles) // 2] if profiles else None


def _typed(values: NDArray[np.float64], level: float) -> float:
    found = float(np.quantile(values, level, method="inverted_cdf"))
    if found == 0 or (values == np.round(values)).all():
        return found
    return round(found, _DIGITS - 1 - math.floor(math.log10(abs(found))))


# --- What the comparison stands on: competitors' offers as last seen, and what active accounts use


@dataclass(frozen=True, eq=False)
class AnchoringEvidence:
    """Competitors' offers, the profiles the data suggests, and the day that ages of prices are counted to.

    `needs` is what the active accounts need and pay; the profiles are quantiles of each account's latest month.
    """

    needs: TierEvidence
    offers: tuple[CompetitorOffer, ...]
    profiles: tuple[UsageProfile, ...]
    currency: str
    today: date
    basis: Basis
    missing: tuple[Missing, ...]

    @property
    def vendors(self) -> tuple[str, ...]:
        """Return the vendors in the order they appear in the data."""
        return tuple(dict.fromkeys(offer.vendor for offer in self.offers))

    def offer(self, key: tuple[str, str] | None) -> CompetitorOffer | None:
        """Return the offer of that vendor and name, None when there is none."""
        return next((offer for offer in self.offers if offer.key == key), None)


def gather(base: CustomerBase) -> AnchoringEvidence:
    """Gather competitors' offers and usage profiles of the active accounts."""
    needs = tiers_gather(base)
    return AnchoringEvidence(
        needs=needs,
        offers=read_offers(base.competitor_offers, needs.currency, needs.metrics),
        profiles=usage_profiles(needs.billed),
        currency=needs.currency,
        today=last_day(base),
        basis=needs.basis,
        missing=missing_tables(__package__, base),
    )


def last_day(base: CustomerBase) -> date:
    """Return the day everything in a base is known for: its as-of day, else the end of its last month."""
    return base.as_of or (base.months[-1] + pd.offsets.MonthEnd(0)).date()
