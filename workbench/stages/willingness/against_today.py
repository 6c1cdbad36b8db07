"""What a price list changes for the customers who are on today's, by what they would pay."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.demand.changes import effect_of
from workbench.demand.errors import DemandError

if TYPE_CHECKING:
    from workbench.demand import Effect
    from workbench.pricing import PriceBook
    from workbench.stages.willingness.evidence import SourcedDemand


def effect_on_today(sourced: SourcedDemand, book: PriceBook, today: PriceBook | None) -> Effect | None:
    """Return what changes from today's list, for those who have a plan with a price on it; None for nobody."""
    demand = sourced.demand
    here = demand.customers.plan
    if today is None or here is None:
        return None
    priced = {plan.name for plan in today.priced_plans}
    places = np.flatnonzero([name in priced for name in here])
    if not places.size:
        return None
    try:
        some = demand if places.size == len(here) else demand.sampled(places, np.arange(demand.draws))
        return effect_of(some, today, book)
    except DemandError:
        return None
