"""What happens to a bill where a limit sends an account to the next tier: how far it jumps, or whether it drops."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.impact.billing import bills_of
from workbench.stages.price_book import plan_of
from workbench.stages.tiers.decision import PER_ACCOUNT
from workbench.tolerances import LAST_DIGITS
from workbench.wording import metric_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from workbench.pricing import Plan
    from workbench.stages.tiers.decision import Tier


@dataclass(frozen=True, slots=True)
class Edge:
    """The bill at a limit, in the tier that ends there and in the next one that goes further.

    Quantities of other metrics stand at the median of the accounts. `drops` means that an account pays less by using
    more, which a price list should not reward.
    """

    metric: str
    limit: Decimal
    below: str
    above: str
    bill_below: float
    bill_above: float

    @property
    def jump(self) -> float:
        """Return how much more an account pays once it is beyond the limit."""
        return self.bill_above - self.bill_below

    @property
    def drops(self) -> bool:
        """Tell whether the bill falls at the edge."""
        return self.jump < -LAST_DIGITS


def edges(tiers: Sequence[Tier], typical: Mapping[str, float]) -> tuple[Edge, ...]:
    """Return the edge at every hard limit between two priced tiers; limits with an overage price are no edge.

    `typical` is the quantity per metric at which the metrics that are not limited stand.
    """
    found = []
    for place, tier in enumerate(tiers):
        for metric, limit in tier.limits.items():
            above = _next_beyond(tiers[place + 1 :], metric, limit)
            if tier.on_request or metric in tier.overage or above is None:
                continue
            at_the_edge = {**typical, metric: float(limit)}
            bills = [_bill(plan_of(each), at_the_edge) for each in (tier, above)]
            if bills[0] is not None and bills[1] is not None:
                found.append(Edge(metric, limit, tier.name, above.name, bills[0], bills[1]))
    return tuple(found)


def edge_table(found: Sequence[Edge], currency: str) -> pd.DataFrame:
    """Return a row per edge: metric, limit, the two tiers and the bills in them."""
    amounts = [f"{what} ({currency})" for what in ("bill before", "bill after", "jump")]
    columns = ["at the limit of", "metric", "from", "to", *amounts]
    rows = [
        (
            float(e.limit),
            metric_words(e.metric),
            e.below,
            e.above,
            e.bill_below,
            e.bill_above,
            e.bill_above - e.bill_below,
        )
        for e in found
    ]
    return pd.DataFrame(rows, columns=columns)


def _next_beyond(above: Sequence[Tier], metric: str, limit: Decimal) -> Tier | None:
    """Return the first priced tier that allows more than the limit."""
    for tier in above:
        further = metric not in tier.limits or tier.limits[metric] > limit or metric in tier.overage
        if further and not tier.on_request:
            return tier
    return None


def _bill(plan: Plan, quantities: Mapping[str, float]) -> float | None:
    needed = {charge.metric: quantities.get(charge.metric, float("nan")) for charge in plan.charges}
    if any(np.isnan(quantity) for quantity in needed.values()):
        return None
    given = {metric: np.array([quantity]) for metric, quantity in needed.items()} or {PER_ACCOUNT: np.ones(1)}
    return float(bills_of(plan, given)[0])
