"""What a starting point is made of: today's free plan and contracts as tiers, and features sorted for packaging."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from workbench.stages.needs import TierEvidence, is_usual_gate
from workbench.stages.offers import Tier
from workbench.stages.tiers.decision import ENTRY, MIDDLE, TOP

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from workbench.pricing.price_book import Plan
    from workbench.rules.rulebook import Threshold
    from workbench.stages.needs import FeatureBenefit

# --- The tiers beside the priced ladder that a starting point keeps

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


# --- Sort features for packaging: the order in which they are adopted, and the tiers each may go to

WIDELY_USED = 0.5
GROWS_BY = 2.0
"""A need grows with size when the largest third of accounts uses a feature at least twice as often as the smallest."""


@dataclass(frozen=True, eq=False)
class SortedFeatures:
    """Features in order of adoption with the first and last level each may go to, and those better sold alone."""

    names: tuple[str, ...]
    lowest: NDArray[np.intp]
    highest: NDArray[np.intp]
    sold_separately: tuple[str, ...]


def sort_features(
    benefits: Sequence[FeatureBenefit],
    threshold: Threshold,
    used: NDArray[np.bool_] | None,
    feature_names: Sequence[str],
    size: NDArray[np.float64] | None,
) -> SortedFeatures:
    """Sort features by benefit share, area and how their use grows with the account's size.

    Must-haves and what at least half of the accounts use go to the entry level; analytics, API access and
    integrations no lower than the middle; what more than the threshold's share uses no higher than the middle. What
    few use goes to the top when the need grows with size or nobody has it yet, and is better sold separately when
    accounts of every size use it. Without recorded use, must-haves and everything but the usual gates enter below.
    """
    column = {name: place for place, name in enumerate(feature_names)}
    kept, separate = [], []
    for benefit in benefits:
        growing = _grows(used, column.get(benefit.feature), size)
        lowest, highest = _range_of(benefit, threshold, growing=growing)
        if lowest is None:
            separate.append(benefit.feature)
        else:
            kept.append((benefit.feature, lowest, highest))
    return SortedFeatures(
        names=tuple(name for name, _, _ in kept),
        lowest=np.array([lowest for _, lowest, _ in kept], dtype=np.intp),
        highest=np.array([highest for _, _, highest in kept], dtype=np.intp),
        sold_separately=tuple(separate),
    )


def _range_of(benefit: FeatureBenefit, threshold: Threshold, *, growing: bool) -> tuple[int | None, int]:
    """Return the first and last level of a feature; no first level means that it is better sold separately."""
    gate = is_usual_gate(benefit.feature, benefit.area)
    if benefit.must_have:
        return ENTRY, ENTRY
    if benefit.share is None:
        return (MIDDLE, MIDDLE) if gate else (ENTRY, ENTRY)
    if benefit.share.estimate >= WIDELY_USED:
        return (MIDDLE, MIDDLE) if gate else (ENTRY, ENTRY)
    if benefit.verdict(threshold) != "add-on":
        return (MIDDLE if gate else ENTRY), MIDDLE
    if gate or growing or benefit.users == 0:
        return MIDDLE, TOP
    return None, TOP


def _grows(used: NDArray[np.bool_] | None, place: int | None, size: NDArray[np.float64] | None) -> bool:
    """Tell whether the largest third of accounts uses the feature much more often than the smallest third."""
    if used is None or place is None or size is None:
        return False
    known = np.isfinite(size)
    if np.count_nonzero(known) < 3:  # noqa: PLR2004 - thirds
        return False
    low, high = np.quantile(size[known], (1 / 3, 2 / 3))
    uses = used[:, place]
    small, large = uses[known & (size <= low)], uses[known & (size > high)]
    if small.size == 0 or large.size == 0:
        return False
    return bool(large.any() and large.mean() >= GROWS_BY * small.mean())
