"""Where to start: the floor nine accounts in ten already keep."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from discount_policy.decision import DiscountDecision
from discount_policy.evidence import DiscountEvidence, gather

if TYPE_CHECKING:
    from workbench.customers import CustomerBase
    from workbench.study import Scenario

_KEPT_BY = 0.1  # quantile of the share of the list that is paid
_STEP = 0.05


def suggest(base: CustomerBase, scenario: Scenario, *, evidence: DiscountEvidence | None = None) -> DiscountDecision:
    """Return the floor, rounded down to five percent, below which one account in ten pays today."""
    known = gather(base) if evidence is None else evidence
    decision = scenario.decision(DiscountDecision)
    if not len(known.share):
        return decision
    quantile = min(1.0, float(np.quantile(known.share, _KEPT_BY)))
    return decision.replaced(floor=round(math.floor(quantile / _STEP + 1e-9) * _STEP, 2))
