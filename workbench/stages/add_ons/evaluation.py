"""What follows from a set of add-ons: candidates, prices against the core plan, buyers, revenue, overlap, rules."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from workbench.rules import RULEBOOK
from workbench.stages.add_ons import tables
from workbench.stages.add_ons.candidates import Candidate, candidates
from workbench.stages.add_ons.cautions import add_on_cautions
from workbench.stages.add_ons.core_plan import CorePlan, core_plan
from workbench.stages.add_ons.decision import AddOnDecision
from workbench.stages.add_ons.evidence import AddOnEvidence, evidence_for
from workbench.stages.add_ons.gate import any_of
from workbench.stages.add_ons.headline import key_figures
from workbench.stages.add_ons.losing import losing_accounts
from workbench.stages.add_ons.made_so import marks
from workbench.stages.add_ons.outcome import AddOnOutcome, outcome_of
from workbench.stages.add_ons.overlap import Overlap, overlap
from workbench.stages.add_ons.revenue import total_range
from workbench.stages.add_ons.services import Services, services_of
from workbench.stages.add_ons.tier_places import TierPlaces, tier_places
from workbench.stages.add_ons.verdicts import add_on_findings
from workbench.stages.result import StageResult
from workbench.stages.set_so import said_so
from workbench.stages.tiers.decision import TierDecision
from workbench.stages.tiers.lazy_tables import LazyTables

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.customers import CustomerBase
    from workbench.results import Interval
    from workbench.rules import Rulebook
    from workbench.study import Scenario


@dataclass(frozen=True, kw_only=True, eq=False)
class AddOnResult(StageResult):
    """The result of the stage add-ons.

    `candidates` are what could be an add-on, `outcomes` what follows from each one chosen, `revenue` the 90% range of
    their sum a month, `overlap` who wants several. `core` is the plan prices are held against, `places` where the
    scenario's tiers put each account, `services` the services calculator (None when none are offered).
    """

    decision: AddOnDecision
    evidence: AddOnEvidence
    rulebook: Rulebook
    core: CorePlan
    places: TierPlaces
    candidates: tuple[Candidate, ...]
    outcomes: tuple[AddOnOutcome, ...]
    overlap: Overlap | None
    revenue: Interval | None
    services: Services | None

    @property
    def currency(self) -> str:
        """Return the currency of every amount."""
        return self.evidence.currency

    @property
    def losing(self) -> NDArray[np.bool_]:
        """Tell which accounts use what their plan contains today and their new tier would not."""
        nobody = np.zeros(len(self.evidence), dtype=bool)
        found = losing_accounts(self.evidence, self.evidence.features, self.places) if self.places.tiers else None
        return nobody if found is None else found

    @property
    def eligible_for_any(self) -> int | None:
        """Count the accounts eligible for one add-on or more; None when no gate can be checked."""
        return any_of([each.eligibility.now for each in self.outcomes if each.eligibility.usage_recorded])

    @property
    def eligible_soon(self) -> int | None:
        """Count the accounts eligible for none yet that will be for one within 90 days, by tenure alone."""
        gates = [each.eligibility for each in self.outcomes if each.eligibility.usage_recorded]
        now, later = any_of([gate.now for gate in gates]), any_of([gate.now | gate.soon for gate in gates])
        return None if now is None or later is None else later - now

    def outcome(self, add_on_id: str) -> AddOnOutcome | None:
        """Return what follows from the add-on with this id, None when there is none."""
        return next((each for each in self.outcomes if each.choice.id == add_on_id), None)


def evaluate(
    base: CustomerBase,
    scenario: Scenario,
    *,
    rulebook: Rulebook = RULEBOOK,
    seed: int = 0,
    evidence: AddOnEvidence | None = None,
) -> AddOnResult:
    """Return what follows from the add-ons of a scenario, on the tiers it has decided.

    The same seed gives every scenario the same draws for the same add-on. Eligible is who passes the gate today and
    whose tier does not contain everything in the add-on already.
    """
    decision, tiers = scenario.decision(AddOnDecision), scenario.decision(TierDecision)
    found = evidence_for(base, scenario, evidence)
    places = tier_places(found.needs, tiers, decision)
    core = core_plan(tiers.tiers, decision.core_tier, found.needs)
    outcomes = tuple(outcome_of(found, choice, core, places, rulebook.threshold("A2")) for choice in decision.add_ons)
    services = services_of(decision.services, core)
    result = AddOnResult(
        decision=decision,
        evidence=found,
        rulebook=rulebook,
        core=core,
        places=places,
        candidates=candidates(found, tiers.tiers, decision.add_ons, rulebook.threshold("A5")),
        outcomes=outcomes,
        overlap=overlap([each.name for each in outcomes], [each.interest for each in outcomes]),
        revenue=total_range(decision.add_ons, [each.full for each in outcomes], seed),
        services=services,
        findings=said_so(
            add_on_findings(
                outcomes, services, found, core, places, rulebook=rulebook, is_decided=scenario.decided(AddOnDecision)
            ),
            decision.held_by(marks(decision, core)),
        ),
        basis=found.basis,
        missing=found.missing,
    )
    return replace(
        result,
        key_figures=key_figures(result),
        cautions=add_on_cautions(result),
        tables=LazyTables(tables.makers(result)),
    )
