"""A starting point computed from the data: the metric that ranks first, and a price curve on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.errors import CurveError
from workbench.stages.value_metric.decision import ValueMetricDecision
from workbench.stages.value_metric.evidence import Evidence, gather
from workbench.stages.value_metric.price_curve import proposed_charge
from workbench.stages.value_metric.ranking import rank

if TYPE_CHECKING:
    from workbench.customers import CustomerBase
    from workbench.study import Scenario

STARTING_RATIO = 7.5
"""Inside both the 5x to 8x of a value metric and the 7x to 8x of volume discounts."""


def suggest(base: CustomerBase, scenario: Scenario, evidence: Evidence | None = None) -> ValueMetricDecision:
    """Return the scenario's weights and scores with the metric that ranks first and a curve that keeps the revenue.

    Team scores stay open: only people can give them. Without usage data there is no metric to suggest, and without
    MRR no curve.
    """
    known = gather(base) if evidence is None else evidence
    decision = scenario.decision(ValueMetricDecision).replaced(target_ratio=STARTING_RATIO)
    usable = [each for each in known.candidates if known.quantities[each.name].usable]
    if not usable:
        return decision
    order = rank(known, usable, decision.scores, decision.weights, weight_doubt=decision.weight_doubt)
    metric = order[0].candidate.name
    charge = None
    if known.revenue:
        try:
            charge = proposed_charge(known.quantities[metric], metric, STARTING_RATIO, known.revenue)
        except CurveError:
            charge = None  # the panel shows why, and lets the team change what stands in the way
    return decision.replaced(metric=metric, charge=charge)
