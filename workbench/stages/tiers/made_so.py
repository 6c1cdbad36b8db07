"""Which rules on tiers a starting point was made to meet, and whether it still stands as it was made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.stages.set_so import mark

if TYPE_CHECKING:
    from workbench.stages.tiers.decision import TierDecision
    from workbench.stages.tiers.evidence import TierEvidence

REVENUE = "T5"
"""The rule on revenue kept, which holds by construction only where prices were solved for today's."""


def marks(decision: TierDecision, evidence: TierEvidence) -> dict[str, str]:
    """Return a mark per rule of what makes it hold: the number of tiers, the lines between them, their prices.

    Lines and revenue depend on the accounts too, so a later month of data is judged anew.
    """
    data = (evidence.basis.first_month, evidence.basis.last_month, len(evidence))
    read = (decision.needs_months, decision.minimum_uses, decision.sold_separately)
    lines = [(tier.public, tier.limits, sorted(tier.overage), tier.features) for tier in decision.tiers]
    prices = [(tier.price, tier.price_per, tier.overage) for tier in decision.tiers]
    return {
        "T1": mark([(tier.public, tier.on_request) for tier in decision.tiers]),
        "T2": mark(lines, read, data),
        "T4": mark([each[:2] for each in prices]),
        REVENUE: mark(lines, read, data, prices),
    }
