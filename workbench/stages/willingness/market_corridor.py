"""The prices competitors leave each tier, from the anchoring stage, as bounds of a price search."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.errors import WorkbenchError
from workbench.stages.anchoring.evaluation import evaluate
from workbench.stages.price_book import price_book

if TYPE_CHECKING:
    from workbench.customers import CustomerBase
    from workbench.rules import Rulebook
    from workbench.study import Scenario

MARKET = "the market"
CORRIDOR = "C4"


def market_corridors(
    base: CustomerBase, scenario: Scenario, *, rulebook: Rulebook
) -> dict[str, tuple[float | None, float | None]]:
    """Return lowest and highest market price per tier and add-on, in the unit of its own price.

    Only bounds that competitors set count; what the rules set, a search keeps for itself. Offers compared by the bill
    of a profile, not by their price, have none here, nor have those for which the team has set rule C4 aside. Empty
    without competitors' offers.
    """
    if not base.has("competitor_offers"):
        return {}
    try:
        corridors = evaluate(base, scenario, rulebook=rulebook).corridors
    except WorkbenchError:
        return {}
    book = price_book(base, scenario)
    set_aside = {waiver.subject for waiver in scenario.waivers if waiver.rule == CORRIDOR}
    names = {each.name for each in (*book.plans, *book.add_ons)} - set_aside
    found: dict[str, tuple[float | None, float | None]] = {}
    for corridor in corridors:
        market = [bound for bound in corridor.bounds if bound.label.startswith(MARKET)]
        if corridor.offer not in names or corridor.in_bills or not market:
            continue
        lows = [bound.low for bound in market if bound.low is not None]
        highs = [bound.high for bound in market if bound.high is not None]
        low, high = max(lows, default=None), min(highs, default=None)
        if low is None or high is None or low <= high:
            found[corridor.offer] = (low, high)
    return found
