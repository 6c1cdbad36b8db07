"""Competitors' offers and ours at the same usage, in the same currency and for one month."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.results import Interval
from workbench.stages.anchoring.competitor_offer import PLAN
from workbench.stages.anchoring.conversion import converted
from workbench.stages.anchoring.quotes import Quote, quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from workbench.pricing import Plan, PriceBook
    from workbench.stages.anchoring.competitor_offer import CompetitorOffer
    from workbench.stages.anchoring.decision import AnchoringDecision, UsageProfile


@dataclass(frozen=True, slots=True)
class MarketPrice:
    """A competitor's offer at a profile: its price a month as a range, or why it is not compared.

    `counts` tells whether it stands for its vendor: the cheapest plan that serves the profile.
    """

    offer: CompetitorOffer
    price: Interval | None
    quote: Quote
    counts: bool = False


@dataclass(frozen=True, slots=True)
class OurPrice:
    """One of our tiers at a profile; `chosen` tells that it is the cheapest of ours that serves it."""

    plan: Plan
    quote: Quote
    chosen: bool = False

    @property
    def name(self) -> str:
        """Return the tier's name."""
        return self.plan.name


@dataclass(frozen=True, slots=True)
class MarketRange:
    """Lowest, median and highest of the vendors' prices; each is a range where currencies were converted."""

    low: Interval
    median: Interval
    high: Interval
    vendors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProfileComparison:
    """Every offer at one usage profile."""

    profile: UsageProfile
    market: tuple[MarketPrice, ...]
    ours: tuple[OurPrice, ...]

    @property
    def counted(self) -> tuple[MarketPrice, ...]:
        """Return the cheapest offer of each vendor that serves the profile."""
        return tuple(price for price in self.market if price.counts)

    @property
    def range(self) -> MarketRange | None:
        """Return the span of the vendors' prices, None when no vendor can be compared."""
        return market_range(self.counted)

    @property
    def our_choice(self) -> OurPrice | None:
        """Return our cheapest tier that serves the profile, None when none with a price does."""
        return next((price for price in self.ours if price.chosen), None)

    def of_ours(self, name: str) -> OurPrice:
        """Return the price of one of our tiers."""
        return next(price for price in self.ours if price.name == name)

    def price_of(self, key: tuple[str, str]) -> MarketPrice | None:
        """Return a competitor's offer at this profile, None when there is no such offer."""
        return next((price for price in self.market if price.offer.key == key), None)


def compare(
    profile: UsageProfile,
    offers: Sequence[CompetitorOffer],
    book: PriceBook,
    decision: AnchoringDecision,
    currency: str,
) -> ProfileComparison:
    """Price every offer at a profile and mark each vendor's cheapest plan, and our cheapest tier, that serves it."""
    market = [_market_price(offer, profile, decision, currency) for offer in offers]
    best: dict[str, MarketPrice] = {}
    for price in market:
        if price.price is None or price.offer.kind != PLAN or price.offer.key in decision.set_aside:
            continue
        known = best.get(price.offer.vendor)
        if known is None or known.price is None or price.price.estimate < known.price.estimate:
            best[price.offer.vendor] = price
    counted = {id(price) for price in best.values()}
    ours = [(plan, quote(plan, profile.quantities, profile.features)) for plan in book.plans]
    amounts = [np.inf if told.price is None else told.price for _, told in ours]
    place = int(np.argmin(amounts)) if amounts and min(amounts) < np.inf else None
    return ProfileComparison(
        profile=profile,
        market=tuple(MarketPrice(p.offer, p.price, p.quote, counts=id(p) in counted) for p in market),
        ours=tuple(OurPrice(plan, told, chosen=at == place) for at, (plan, told) in enumerate(ours)),
    )


def market_range(prices: Iterable[MarketPrice]) -> MarketRange | None:
    """Return lowest, median and highest of known prices, end by end where they are ranges; None without any."""
    known = [(price.offer.vendor, price.price) for price in prices if price.price is not None]
    if not known:
        return None
    ends = np.array([(price.low, price.estimate, price.high) for _, price in known])
    low, median, high = (Interval(*map(float, of(ends, axis=0))) for of in (np.min, np.median, np.max))
    return MarketRange(low, median, high, tuple(dict.fromkeys(vendor for vendor, _ in known)))


def premium(price: float, over: Interval) -> Interval | None:
    """Return how far a price lies above (below: negative) another, as a share of the other; None over nothing."""
    if over.low <= 0:
        return None
    return Interval(price / over.high - 1, price / over.estimate - 1, price / over.low - 1, over.level)


def _market_price(
    offer: CompetitorOffer, profile: UsageProfile, decision: AnchoringDecision, currency: str
) -> MarketPrice:
    if offer.problem:
        return MarketPrice(offer, None, Quote(None, "not known", offer.problem))
    told = quote(offer.plan, profile.quantities)
    if told.price is None:
        return MarketPrice(offer, None, told)
    price = converted(told.price, offer.currency, currency, decision.rates)
    if price is None:
        return MarketPrice(offer, None, Quote(None, "not known", f"in {offer.currency}, and no rate is given"))
    return MarketPrice(offer, price, told)
