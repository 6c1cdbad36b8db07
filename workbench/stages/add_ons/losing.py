"""Who loses what: features few use inside tiers, and accounts whose feature of today is in their new tier no more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.rules.checks.add_ons import FewUsed
from workbench.stages.tiers.plan_moves import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from workbench.rules import Threshold
    from workbench.stages.add_ons.evidence import AddOnEvidence
    from workbench.stages.add_ons.tier_places import TierPlaces


def losing_accounts(evidence: AddOnEvidence, features: Sequence[str], places: TierPlaces) -> NDArray[np.bool_] | None:
    """Return who uses one of the features, has it in the plan today, and does not have it in the new tier.

    Where it is not known what the plan contains, who uses a feature has it. None where use is not recorded.
    """
    needs = evidence.needs
    if needs.used is None:
        return None
    losing = np.zeros(len(needs), dtype=bool)
    for column in evidence.columns(tuple(features)):
        name = evidence.features[column]
        has = needs.used[:, column]
        if needs.included is not None:
            has = has & (needs.included[:, column] | (needs.plan == UNKNOWN))
        losing |= has & ~_in_new_tier(name, places, len(needs))
    return losing


def few_used(evidence: AddOnEvidence, places: TierPlaces, threshold: Threshold) -> tuple[FewUsed, ...]:
    """Return the features of tiers that surely few use.

    Must-haves are left out: everybody counts on them, used or not.
    """
    needs = evidence.needs
    found = []
    for benefit in needs.benefits:
        inside = _in_new_tier(benefit.feature, places, len(needs))
        is_few = benefit.share is not None and benefit.verdict(threshold) == "add-on" and not benefit.must_have
        if not is_few or needs.used is None or benefit.share is None or not places.containing(benefit.feature):
            continue
        used = needs.used[:, evidence.features.index(benefit.feature)]
        own = float(used[inside].mean()) if inside.any() else None
        at_entry = benefit.feature in places.tiers[0].features
        found.append(FewUsed(benefit.feature, benefit.share.estimate, own, in_entry=at_entry))
    return tuple(found)


def _in_new_tier(feature: str, places: TierPlaces, accounts: int) -> NDArray[np.bool_]:
    if not places.tiers:
        return np.zeros(accounts, dtype=bool)
    holds = np.array([*(feature in tier.features for tier in places.tiers), False])
    return np.asarray(holds[places.tier_index])
