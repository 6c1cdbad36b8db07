"""Corridors that a starting point was made to stand in: bounded by its own rules, with no market in them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from workbench.stages.add_ons.decision import AddOnDecision
from workbench.stages.add_ons.made_so import marks as add_on_marks
from workbench.stages.set_so import key_of
from workbench.stages.tiers.decision import TierDecision
from workbench.stages.tiers.made_so import marks as tier_marks

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workbench.stages.add_ons.core_plan import CorePlan
    from workbench.stages.anchoring.corridors import Corridor
    from workbench.stages.tiers.evidence import TierEvidence
    from workbench.study import Scenario


def with_what_was_made_so(
    corridors: Iterable[Corridor], scenario: Scenario, needs: TierEvidence, core: CorePlan
) -> tuple[Corridor, ...]:
    """Return the corridors; where only T4 or A2 bounds a price that was set by it, C4 holds by construction."""
    tiers, add_ons = scenario.decision(TierDecision), scenario.decision(AddOnDecision)
    held = tiers.held_by(tier_marks(tiers, needs)) | add_ons.held_by(add_on_marks(add_ons, core))

    def made(each: Corridor) -> Corridor:
        rule = "T4" if each.kind == "tier" else key_of("A2", each.offer)
        if each.finding is None or each.finding.status != "ok" or each.has_market or rule not in held:
            return each
        return replace(each, finding=replace(each.finding, by_construction=True))

    return tuple(made(each) for each in corridors)
