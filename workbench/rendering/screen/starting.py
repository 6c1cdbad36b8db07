"""A starting point counts as a scenario until somebody changes it, on the panels of later steps as well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.cache import RecentOf
from workbench.stages.contract import STAGES, gathered, mark
from workbench.stages.offers import TierDecision

if TYPE_CHECKING:
    from workbench.customers.base import CustomerBase
    from workbench.study.model import Scenario

_SUGGESTED: RecentOf[CustomerBase, tuple[str, str], Any] = RecentOf(12)


def as_it_starts(base: CustomerBase, scenario: Scenario, stage_key: str) -> Scenario:
    """Return what a stage works on: where no plans are decided yet, those that their own panel shows.

    Parameters
    ----------
    base
        The customers.
    scenario
        The scenario in view; it stays as it is where its plans are decided, and where it is today's.
    stage_key
        The stage that asks. What comes before the plans is not about them.
    """
    keys = [each.key for each in STAGES]
    if TierDecision.stage not in keys or scenario.kind == "baseline" or scenario.decided(TierDecision.stage):
        return scenario
    at = keys.index(TierDecision.stage)
    if stage_key in keys[: at + 1]:
        return scenario
    module = STAGES[at].module
    known = (TierDecision.stage, mark(dict(scenario.stages)))
    made = _SUGGESTED.once(base, known, lambda: module.suggest(base, scenario, evidence=gathered(module, base)))
    return scenario.with_decision(made)
