"""The table of competitors' offers: prices as published, their age and source, and whether each is used."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

import pandas as pd

from workbench.formatting import exact
from workbench.stages.anchoring.competitor_offer import PLAN
from workbench.stages.anchoring.freshness import age_in_days, is_stale
from workbench.stages.tiers.words import per_words
from workbench.wording import metric_words

if TYPE_CHECKING:
    from workbench.stages.anchoring.competitor_offer import CompetitorOffer
    from workbench.stages.anchoring.evaluation import AnchoringResult

_DIGITS = 15  # of a price; beyond them stands the noise of a division by twelve
_ARCHIVED = re.compile(r"^https?://web\.archive\.org/web/\d+[a-z_]*/(.+)$")


def offer_table(result: AnchoringResult) -> pd.DataFrame:
    """Return a row per competitor's offer: price as published, currency, day seen, age, whether stale, source."""
    columns = ["offer", "kind", "price as published", "currency", "seen on", "age (days)", "state", "used", "source"]
    rows = [
        (
            offer.name,
            offer.kind,
            price_as_published(offer),
            offer.currency or "unknown",
            f"{offer.seen_on:%Y-%m-%d}",
            age_in_days(offer, result.today),
            "stale" if is_stale(offer, result.today, result.stale_after) else "fresh",
            _used(offer, result),
            offer.source or "unknown",
        )
        for offer in result.offers
    ]
    return pd.DataFrame(rows, columns=columns)


def price_as_published(offer: CompetitorOffer) -> str:
    """Write a price as its page does: amount, for what, per which period."""
    if offer.problem:
        return "not usable"
    if not offer.plan.priced:
        return "on request"
    months = {"month": 1, "quarter": 3, "year": 12}.get(offer.period, 1)
    parts = []
    if offer.plan.base_fee or not offer.plan.charges:
        parts.append(f"{_published(offer.plan.base_fee, months)} per account")
    parts += [f"{_published(charge.unit_price, months)} {per_words(charge.metric)}" for charge in offer.plan.charges]
    limits = [f"up to {exact(each.up_to)} {metric_words(each.metric)}" for each in offer.plan.limits if each.up_to]
    return f"{' + '.join(parts)} and {offer.period}" + (f", {', '.join(limits)}" if limits else "")


def short_source(source: str) -> str:
    """Write a web address so that it fits a table: without its scheme, and an archived page under its own address."""
    archived = _ARCHIVED.match(source)
    address = archived.group(1) if archived else source
    plain = re.sub(r"^https?://(www\.)?", "", address).rstrip("/")
    return f"{plain} (archived)" if archived else plain


def _used(offer: CompetitorOffer, result: AnchoringResult) -> str:
    """Say whether an offer's price is used, at how many profiles, or why not."""
    if offer.key in result.decision.set_aside:
        return "set aside"
    if offer.kind != PLAN and not offer.on_request and not offer.problem:
        ours = [each for each in result.decision.add_on_matches.values() if offer.key in each]
        return "matched with an add-on of ours" if ours else "add-on, not matched with ours"
    prices = [each.price_of(offer.key) for each in result.comparisons]
    able = sum(price is not None and price.price is not None for price in prices)
    if able == len(prices):
        return "at every profile" if able else "no profiles"
    reasons = dict.fromkeys(price.quote.reason for price in prices if price is not None and price.price is None)
    return f"at {able} of {len(prices)} profiles: {'; '.join(reasons)}" if able else f"no: {'; '.join(reasons)}"


def _published(monthly: Decimal | None, months: int) -> str:
    """Write a price as published: the price of a month times the months it was published for."""
    return exact(Decimal(f"{(monthly or Decimal(0)) * months:.{_DIGITS}g}"), 2)
