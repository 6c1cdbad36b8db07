"""A starting point computed from the data: the metric that ranks first, and a price curve on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.errors import CurveError
from workbench.rules import RULEBOOK
from workbench.stages.value_metric.decision import ValueMetricDecision
from workbench.stages.value_metric.evidence import Evidence, gather
from workbench.stages.value_metric.price_curve import marks, proposed_charge, read_curve
from workbench.stages.value_metric.ranking import rank

if TYPE_CHECKING:
    from workbench.customers import CustomerBase
    from workbench.pricing import Charge
    from workbench.stages.value_metric.distributions import Quantities
    from workbench.study import Scenario

STARTING_RATIOS = (7.5, 7.3, 7.4, 7.6)
"""Inside both the 5x to 8x of a value metric and the 7x to 8x of volume discounts; tried in this order."""


def suggest(base: CustomerBase, scenario: Scenario, evidence: Evidence | None = None) -> ValueMetricDecision:
    """Return the scenario's weights and scores with the metric that ranks first and a curve that keeps the revenue.

    Team scores stay open: only people can give them. Without usage data there is no metric to suggest, and without
    MRR no curve.
    """
    known = gather(base) if evidence is None else evidence
    decision = scenario.decision(ValueMetricDecision).replaced(target_ratio=STARTING_RATIOS[0])
    usable = [each for each in known.candidates if known.quantities[each.name].usable]
    # A number on the account without its history can be chosen by people; it is not suggested beside measured ones.
    usable = [each for each in usable if each.source == "usage"] or usable
    if not usable:
        return decision
    order = rank(known, usable, decision.scores, decision.weights, weight_doubt=decision.weight_doubt)
    metric = order[0].candidate.name
    if not known.quantities[metric].paid:
        return decision.replaced(metric=metric)
    found, charge = _steadiest(known.quantities[metric], metric)
    made = decision.replaced(metric=metric, target_ratio=found, charge=charge)
    return made if charge is None else made.replaced(set_so=marks(made))


def _steadiest(quantities: Quantities, metric: str) -> tuple[float, Charge | None]:
    """Return ratio and curve that keep enough accounts within the corridor of volume discounts, else the best found.

    Round prices bend a curve a little; which ratio they suit best differs from metric to metric.
    """
    band, reach = RULEBOOK.threshold("U2"), RULEBOOK.threshold("U2.reach")
    best: tuple[float, float, Charge | None] = (-1.0, STARTING_RATIOS[0], None)
    for target in STARTING_RATIOS:
        try:
            charge = proposed_charge(quantities, metric, target, None)
        except CurveError:
            continue  # the panel shows why, and lets the team change what stands in the way
        curve = read_curve(charge, quantities, target=None, is_accepted=False)
        share = curve.share_between(band.low or 0.0, band.high or float("inf"))
        if share > best[0]:
            best = (share, target, charge)
        if reach.status(share) == "ok":
            break
    return best[1], best[2]
