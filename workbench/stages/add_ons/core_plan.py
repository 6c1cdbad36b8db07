"""The core plan add-ons are measured against: its name, its price, and that price in another unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.formatting import exact_money
from workbench.impact.billing import bills_at
from workbench.stages.tiers.decision import PER_ACCOUNT, Tier
from workbench.stages.tiers.ladder import recommended_tier
from workbench.stages.tiers.words import per_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from workbench.rules import Threshold
    from workbench.stages.tiers.evidence import TierEvidence

NO_CORE = "the core plan"
TYPICAL_BILL = "the median bill today"


@dataclass(frozen=True, slots=True)
class CorePlan:
    """The plan an add-on is added to: a monthly price for each `price_per` ("account" or a metric).

    `price` None means on request or unknown. `is_stand_in` tells that no tier is decided and the median bill of today
    takes its place. `typical` holds the median quantity per metric, by which a price changes its unit.
    """

    name: str
    price: float | None
    price_per: str
    typical: Mapping[str, float]
    is_stand_in: bool = False

    def price_in(self, price_per: str) -> float | None:
        """Return the price for each `price_per`; at the typical quantity where the units differ, None when unknown."""
        if self.price is None or price_per == self.price_per:
            return self.price
        per_account = bills_at(self.price, self._units(self.price_per))
        units = self._units(price_per)
        converted = per_account / units if units else np.nan
        return None if np.isnan(converted) else converted

    def bounds(self, price_per: str, threshold: Threshold) -> tuple[float, float] | None:
        """Return the lowest and highest price that meets the rule, for each `price_per`; None when unknown."""
        price = self.price_in(price_per)
        if price is None or threshold.low is None or threshold.high is None:
            return None
        return threshold.low * price, threshold.high * price

    @property
    def a_year(self) -> float | None:
        """Return what a typical account pays for the plan in twelve months, None when unknown."""
        price = self.price_in(PER_ACCOUNT)
        return None if price is None else 12 * price

    def in_words(self, currency: str) -> str:
        """Write the plan with its price: "Growth at $950 per account and month"."""
        if self.price is None:
            return f"{self.name}, whose price is unknown"
        return f"{self.name} at {exact_money(self.price, currency)} {per_words(self.price_per)} and month"

    def _units(self, price_per: str) -> float:
        return 1.0 if price_per == PER_ACCOUNT else self.typical.get(price_per, np.nan)


def core_plan(tiers: Sequence[Tier], named: str | None, needs: TierEvidence) -> CorePlan:
    """Return the named tier (by id or name), else the middle one, else the cheapest with a price.

    Without tiers it is the median bill of today, and without any MRR a plan of unknown price.
    """
    chosen = _chosen(tiers, named)
    if chosen is not None:
        price = None if chosen.price is None else float(chosen.price)
        return CorePlan(chosen.name, price, chosen.price_per, needs.typical)
    if needs.has_mrr:
        paid = needs.mrr[np.isfinite(needs.mrr) & (needs.mrr > 0)]
        if paid.size:
            return CorePlan(TYPICAL_BILL, float(np.median(paid)), PER_ACCOUNT, needs.typical, is_stand_in=True)
    return CorePlan(NO_CORE, None, PER_ACCOUNT, needs.typical, is_stand_in=True)


def _chosen(tiers: Sequence[Tier], named: str | None) -> Tier | None:
    for tier in tiers:
        if named and named in (tier.id, tier.name):
            return tier
    middle = recommended_tier(tiers)
    if middle is not None:
        return tiers[middle]
    priced = [tier for tier in tiers if tier.price]
    return priced[0] if priced else next(iter(tiers), None)
