"""A starting point for the comparison, computed from the data; what sets us apart is left to the team."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.rules import RULEBOOK
from workbench.stages.anchoring.comparison import compare
from workbench.stages.anchoring.competitor_offer import PLAN, free_offers
from workbench.stages.anchoring.decision import AnchoringDecision
from workbench.stages.anchoring.evidence import gather
from workbench.stages.anchoring.usage_profiles import middle_profile
from workbench.stages.price_book import price_book

if TYPE_CHECKING:
    from workbench.customers import CustomerBase
    from workbench.stages.anchoring.comparison import ProfileComparison
    from workbench.stages.anchoring.decision import OfferKey
    from workbench.stages.anchoring.evidence import AnchoringEvidence
    from workbench.study import Scenario


def suggest(base: CustomerBase, scenario: Scenario, evidence: AnchoringEvidence | None = None) -> AnchoringDecision:
    """Return profiles from the data, every vendor, free offers set aside, and the nearest offer as reference.

    The reference is the competitor's plan closest in price to our middle tier at the typical profile. Nothing is
    invented about what sets us apart: those items, and a position, are kept as the scenario has them.
    """
    found = gather(base) if evidence is None else evidence
    before = scenario.decision(AnchoringDecision)
    started = before.replaced(
        profiles=found.profiles,
        vendors=(),
        set_aside=free_offers(found.offers),
        stale_after_days=max(1, int(RULEBOOK["C3"].high or before.stale_after_days)),
    )
    profile = middle_profile(found.profiles)
    if profile is None:
        return started
    comparison = compare(profile, found.offers, price_book(base, scenario), started, found.currency)
    return started.replaced(reference=_nearest(comparison, started), value_profile=profile.id)


def _nearest(comparison: ProfileComparison, decision: AnchoringDecision) -> OfferKey | None:
    """Return the plan closest to our middle tier in price; to the market's median where we have no price."""
    open_to_choice = [
        (each.price.estimate, each.offer.key)
        for each in comparison.market
        if each.price is not None and each.offer.kind == PLAN and each.offer.key not in decision.set_aside
    ]
    target = _middle_price(comparison)
    if not open_to_choice or target is None:
        return None
    return min(open_to_choice, key=lambda offer: (abs(offer[0] - target), offer[1]))[1]


def _middle_price(comparison: ProfileComparison) -> float | None:
    """Return what our middle priced tier costs here; else our cheapest that serves; else the market's median."""
    priced = [each for each in comparison.ours if each.plan.priced]
    middle = priced[len(priced) // 2].quote.price if priced else None
    if middle is not None:
        return middle
    if comparison.our_choice is not None:
        return comparison.our_choice.quote.price
    return None if comparison.range is None else comparison.range.median.estimate
