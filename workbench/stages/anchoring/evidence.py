"""What the comparison stands on: competitors' offers as last seen, and what active accounts use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from workbench.results import Missing
from workbench.stages.anchoring.competitor_offer import CompetitorOffer, read_offers
from workbench.stages.anchoring.usage_profiles import usage_profiles
from workbench.stages.tiers.evidence import gather as gather_needs

if TYPE_CHECKING:
    from datetime import date

    from workbench.customers import CustomerBase
    from workbench.results import Basis
    from workbench.stages.anchoring.decision import UsageProfile
    from workbench.stages.tiers.evidence import TierEvidence

WOULD_ADD = {
    "competitor_offers": "what named competitors charge: one row per published price with vendor, offer, price (blank "
    "where it is on request), what one price buys, limit, billing period, currency, day seen and source",
    "usage": "how much accounts use, so that the profiles to compare at come from the data",
}


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
    needs = gather_needs(base)
    return AnchoringEvidence(
        needs=needs,
        offers=read_offers(base.competitor_offers, needs.currency, needs.metrics),
        profiles=usage_profiles(needs.billed),
        currency=needs.currency,
        today=last_day(base),
        basis=needs.basis,
        missing=tuple(Missing(table, would) for table, would in WOULD_ADD.items() if not base.has(table)),
    )


def last_day(base: CustomerBase) -> date:
    """Return the day everything in a base is known for: its as-of day, else the end of its last month."""
    return base.as_of or (base.months[-1] + pd.offsets.MonthEnd(0)).date()
