"""Where to start: every trigger that the data can feed; the back-test then says which of them to keep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.stages.expansion.decision import ExpansionDecision

if TYPE_CHECKING:
    from workbench.customers.base import CustomerBase
    from workbench.growth.triggers import Trigger, TriggerBackTest
    from workbench.stages.expansion.evidence import ExpansionEvidence
    from workbench.study.model import Scenario


def suggest(base: CustomerBase, scenario: Scenario, *, evidence: ExpansionEvidence | None = None) -> ExpansionDecision:
    """Return the playbook with the triggers on whose tables are there."""
    del evidence
    decision = scenario.decision(ExpansionDecision)
    on = tuple(key for key, each in decision.playbook.triggers.items() if base.has(_table_of(each)))
    return decision.replaced(switched_on=on)


def with_evidence(decision: ExpansionDecision, test: TriggerBackTest) -> tuple[str, ...]:
    """Return the triggers that the past shows an effect of; those that are on where it shows none of any."""
    shown = tuple(each.key for each in test.records if each.verdict == "evidence")
    return shown or decision.switched_on


def _table_of(trigger: Trigger) -> str:
    """Return the table a trigger looks at."""
    of_days = "requests" if trigger.when[0].signal == "higher_tier_request" else "outcomes"
    return {"month": "usage", "week": "feature_use"}.get(trigger.every, of_days)
