"""The tiers beside the priced ladder that a starting point keeps: a free plan of today, and one on request."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from workbench.stages.tiers.decision import Tier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from workbench.pricing import Plan
    from workbench.stages.tiers.evidence import TierEvidence

CUSTOM = "Custom"
MOST_PAYING_INSIDE = 0.05
"""A free plan is kept while at most this share of those who pay today would fit into it."""


@dataclass(frozen=True, eq=False)
class FreeTier:
    """Today's free plan as a tier, the accounts that fit into it, and how many of them pay today.

    `is_kept` is False where so many who pay today fit into it that keeping it as it is would give the product away.
    """

    tier: Tier
    holds: NDArray[np.bool_]
    paying_inside: int
    is_kept: bool


def free_tier(evidence: TierEvidence, ladder: Sequence[str]) -> FreeTier | None:
    """Return today's free plan as a tier; None where the list has none or nobody is on it.

    A free plan that is called as a tier of the `ladder` or the one on request says in its name that it is the free one.
    """
    plans = [plan for plan in evidence.on_list.free_plans if (evidence.plan == plan.name).any()]
    if not plans:
        return None
    plan = plans[0]
    limits = {limit.metric: limit.up_to for limit in plan.limits if limit.up_to is not None}
    others = {name.casefold() for name in (*ladder, CUSTOM)}
    name = f"{plan.name} (free)" if plan.name.casefold() in others else plan.name
    tier = Tier(id="free", name=name, price=Decimal(0), limits=limits, features=plan.features)
    holds = fits(evidence, plan)
    paying = np.isfinite(evidence.mrr) & (evidence.mrr > 0)
    inside = int((holds & paying).sum())
    return FreeTier(tier, holds, inside, is_kept=inside <= MOST_PAYING_INSIDE * max(1, int(paying.sum())))


def fits(evidence: TierEvidence, plan: Plan) -> NDArray[np.bool_]:
    """Return which accounts' peak months stay within a plan's limits and use no feature that it lacks.

    An unknown quantity stays within a limit; where the list does not say what plans contain, features keep nobody out.
    """
    inside = np.ones(len(evidence), dtype=bool)
    for limit in plan.limits:
        if limit.up_to is not None and limit.metric in evidence.needs:
            inside &= ~(evidence.needs[limit.metric] > float(limit.up_to))
    if evidence.used is not None and evidence.included is not None:
        lacking = [place for place, name in enumerate(evidence.feature_names) if name not in plan.features]
        inside &= ~evidence.used[:, lacking].any(axis=1)
    return inside


def custom_tier(evidence: TierEvidence, features: tuple[str, ...]) -> Tier | None:
    """Return a tier on request for the accounts that have no published price today; None where there are none."""
    if not evidence.on_list.on_request.any():
        return None
    return Tier(id="custom", name=CUSTOM, price=None, features=features, public=False)
