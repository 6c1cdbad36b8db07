"""Remember what every scenario came to, so that a comparison works out only what has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.stages.comparison import ScenarioComparison, compare_outcomes
from workbench.stages.walk import StageOutcome, evaluate_scenario, gather_evidence

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.customers import CustomerBase
    from workbench.study import Scenario, Study


class Evaluations:
    """The evidence of one customer base and the outcomes of the scenarios seen last.

    `say` hears what is being worked out.
    """

    def __init__(self, say: Callable[[str], Any] = lambda _: None) -> None:
        self._say = say
        self._fingerprint = ""
        self._evidence: dict[str, Any] = {}
        self._known: dict[str, tuple[Scenario, object, tuple[StageOutcome, ...]]] = {}

    def evidence(self, base: CustomerBase) -> dict[str, Any]:
        """Return every stage's evidence, gathered once for a customer base."""
        if self._fingerprint != base.fingerprint:
            self._say(f"Gathering the evidence of {len(base):,} accounts …")
            self._evidence = gather_evidence(base)
            self._known = {}
            self._fingerprint = base.fingerprint
        return self._evidence

    def comparison(self, base: CustomerBase, study: Study) -> ScenarioComparison:
        """Return the designs side by side, the same as `stages.comparison.compare`."""
        evidence = self.evidence(base)
        known = {}
        for scenario in study.designs:
            seen = self._known.get(scenario.id)
            if seen is None or seen[:2] != (scenario, study.thresholds):
                self._say(f"Working out {scenario.name} …")
                outcomes = evaluate_scenario(base, study, scenario, evidence=evidence)
                seen = (scenario, study.thresholds, outcomes)
            known[scenario.id] = seen
        self._known = known
        return compare_outcomes(base, study, {key: seen[2] for key, seen in known.items()})
