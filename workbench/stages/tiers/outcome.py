"""Where accounts land, tier by tier, and what that brings in a month."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from workbench.pricing.placement import Placement
    from workbench.stages.tiers.assignment import Assignment
    from workbench.stages.tiers.decision import Tier


@dataclass(frozen=True, slots=True)
class TierOutcome:
    """One tier: how many active accounts land in it, and what they pay a month.

    `share` is of all active accounts, those without a tier included. `revenue` is None where the price is on request
    or a bill cannot be made; `revenue_share` is of the revenue of all tiers. `today` is the recorded MRR of the
    accounts in the tier, and `compared` how many of them have one.
    """

    tier: Tier
    accounts: int
    share: float
    revenue: float | None
    revenue_share: float | None
    today: float
    compared: int


@dataclass(frozen=True, slots=True)
class Unplaced:
    """Accounts without a usable bill: no tier serves them, only one on request does, or a quantity is unknown."""

    unserved: int
    unserved_today: float
    on_request: int
    unknown_bill: int


def tier_outcomes(
    tiers: Sequence[Tier], placement: Placement, assignment: Assignment, unbilled_metrics: Sequence[str]
) -> tuple[TierOutcome, ...]:
    """Return the outcome of each tier, in their order."""
    counts = placement.counts
    revenue = [
        None if tier.on_request or tier.price_per in unbilled_metrics else float(brings)
        for tier, brings in zip(tiers, placement.revenue_by_plan, strict=True)
    ]
    total = sum(value for value in revenue if value is not None)
    today = _per_tier(placement, assignment.today, len(tiers))
    compared = _per_tier(placement, assignment.comparable, len(tiers))
    return tuple(
        TierOutcome(
            tier=tier,
            accounts=int(counts[place]),
            share=counts[place] / placement.accounts if placement.accounts else float("nan"),
            revenue=revenue[place],
            revenue_share=_part(revenue[place], total),
            today=float(today[place]),
            compared=int(compared[place]),
        )
        for place, tier in enumerate(tiers)
    )


def unplaced(placement: Placement, assignment: Assignment) -> Unplaced:
    """Return the accounts without a usable bill."""
    outside = placement.group_plan < 0
    return Unplaced(
        unserved=placement.without_plan,
        unserved_today=float(assignment.today[outside].sum()),
        on_request=placement.on_request,
        unknown_bill=placement.unknown_bills,
    )


def _per_tier(placement: Placement, per_group: NDArray[np.float64], tiers: int) -> NDArray[np.float64]:
    return np.bincount(placement.group_plan + 1, per_group, tiers + 1)[1:].astype(float)


def _part(amount: float | None, total: float) -> float | None:
    return None if amount is None or total <= 0 else amount / total
