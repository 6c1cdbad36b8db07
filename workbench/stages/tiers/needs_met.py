"""In words: which limit or feature kept an account out of a tier."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.formatting import exact, number
from workbench.wording import metric_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.stages.tiers.decision import Tier
    from workbench.stages.tiers.evidence import TierEvidence

_SHOWN = 3


def unmet_needs(
    tier: Tier, account: int, evidence: TierEvidence, sold_separately: frozenset[str] = frozenset()
) -> tuple[str, ...]:
    """Return why a tier does not serve the account at this position: limits first, then features. Empty: it does."""
    reasons = [
        f"{metric_words(metric)} {number(float(evidence.needs[metric][account]))} above the limit of {exact(limit)}"
        for metric, limit in tier.limits.items()
        if metric not in tier.overage and metric in evidence.needs and evidence.needs[metric][account] > float(limit)
    ]
    if evidence.used is not None:
        contained = {*tier.features, *sold_separately}
        used = zip(evidence.feature_names, evidence.used[account], strict=True)
        reasons += [f"uses {name}" for name, is_used in used if is_used and name not in contained]
    return tuple(reasons)


def reason_in_words(tier: Tier, unmet: Sequence[str]) -> str:
    """Say in one phrase what keeps an account out of a tier, such as "Starter: seats 34 above the limit of 20"."""
    if not unmet:
        return ""
    more = len(unmet) - _SHOWN
    shown = "; ".join(unmet[:_SHOWN]) + (f"; and {more} more" if more > 0 else "")
    return f"{tier.name} does not fit: {shown}"
