"""The prices competitors leave each tier, from offers that somebody says stand against it, as bounds of a search."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.errors import WorkbenchError
from workbench.stages.anchoring.decision import AnchoringDecision
from workbench.stages.anchoring.evaluation import evaluate
from workbench.stages.price_book import price_book
from workbench.stages.willingness.decision import CORRIDOR, WillingnessDecision

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workbench.customers import CustomerBase
    from workbench.rules import Rulebook
    from workbench.study import Scenario

MARKET = "the market"
FEWEST = 3
"""Comparable offers below which there is no corridor: two prices are no market (ours)."""

Ends = tuple[float | None, float | None]


def market_corridors(base: CustomerBase, scenario: Scenario, *, rulebook: Rulebook) -> dict[str, Ends]:
    """Return lowest and highest market price per tier and add-on, in the unit of its own price.

    A tier has a corridor when the team has said of three offers or more that they stand against it, and why; other
    offers never bound a price. Offers compared by the bill of a profile, not by their price, have none here, nor have
    those for which the team has set rule C4 aside. Empty without competitors' offers.
    """
    if not base.has("competitor_offers"):
        return {}
    book = price_book(base, scenario)
    named: dict[str, set[tuple[str, str]]] = {}
    for each in scenario.decision(WillingnessDecision).comparable:
        named.setdefault(each.tier, set()).add((each.vendor, each.offer))
    aside = {waiver.subject for waiver in scenario.waivers if waiver.rule == CORRIDOR}
    tiers = {plan.name for plan in (*book.plans, *book.add_ons)} - aside
    found: dict[str, Ends] = {}
    for tier in tiers & named.keys():
        if len(named[tier]) >= FEWEST and (ends := _corridor(base, scenario, tier, named[tier], rulebook)) is not None:
            found[tier] = ends
    return found


def _corridor(
    base: CustomerBase, scenario: Scenario, tier: str, comparable: Iterable[tuple[str, str]], rulebook: Rulebook
) -> Ends | None:
    """Return the corridor of one tier with every offer set aside that does not stand against it."""
    offers = base.frames["competitor_offers"]
    all_offers = dict.fromkeys(zip(offers["vendor"].astype(str), offers["offer"].astype(str), strict=True))
    kept = set(comparable)
    anchoring = scenario.decision(AnchoringDecision)
    others = tuple(key for key in all_offers if key not in kept)
    asked = scenario.with_decision(anchoring.replaced(set_aside=others, vendors=()))
    try:
        corridors = evaluate(base, asked, rulebook=rulebook).corridors
    except WorkbenchError:
        return None
    for corridor in corridors:
        market = [bound for bound in corridor.bounds if bound.label.startswith(MARKET)]
        if corridor.offer != tier or corridor.in_bills or not market:
            continue
        low = max((bound.low for bound in market if bound.low is not None), default=None)
        high = min((bound.high for bound in market if bound.high is not None), default=None)
        if low is None or high is None or low <= high:
            return low, high
    return None
