"""Where the tiers of a scenario put each account, and so who has a feature already and what the core brings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.stages.tiers.assignment import assign

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from workbench.stages.add_ons.decision import AddOnDecision
    from workbench.stages.tiers.decision import Tier, TierDecision
    from workbench.stages.tiers.evidence import TierEvidence


@dataclass(frozen=True, eq=False)
class TierPlaces:
    """The tier of each active account (its position, -1 for none) and the monthly revenue of the core offer.

    `revenue` is that of the tiers; without tiers the MRR recorded today, None when neither is known. `source` says
    which of the two.
    """

    tiers: tuple[Tier, ...]
    tier_index: NDArray[np.intp]
    revenue: float | None
    source: str

    def containing(self, feature: str) -> tuple[str, ...]:
        """Name the tiers that contain a feature."""
        return tuple(tier.name for tier in self.tiers if feature in tier.features)

    def with_all_of(self, features: Sequence[str]) -> NDArray[np.bool_]:
        """Mark the accounts whose tier contains every one of these features; none of them for no features."""
        holds = [bool(features) and set(features) <= set(tier.features) for tier in self.tiers]
        return np.array([*holds, False], dtype=bool)[self.tier_index]


def tier_places(needs: TierEvidence, tiers: TierDecision, add_ons: AddOnDecision) -> TierPlaces:
    """Place the accounts in the tiers of a scenario, with its add-ons sold separately."""
    if not tiers.tiers:
        nowhere = np.full(len(needs), -1)
        source = f"MRR recorded for {needs.billing_month}" if needs.has_mrr else "not known"
        return TierPlaces((), nowhere, needs.today, source)
    separately = frozenset(tiers.sold_separately).union(*(choice.features for choice in add_ons.add_ons))
    placement = assign(needs, tiers, separately).place(tiers, needs.currency)
    bills = placement.bill
    revenue = float(np.nansum(bills)) if np.isfinite(bills).any() else None
    return TierPlaces(tiers.tiers, placement.plan_index, revenue, "the tiers of this scenario")
