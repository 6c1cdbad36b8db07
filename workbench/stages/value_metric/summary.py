"""The stage in one sentence, for the report, the decision log and the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.formatting import capitalised, money, percent, ratio

if TYPE_CHECKING:
    from workbench.stages.value_metric.decision import ValueMetricDecision
    from workbench.stages.value_metric.evaluation import ValueMetricResult


def _passed_over(result: ValueMetricResult) -> str:
    """Say so where the metric that ranks first was left aside because nothing of its past is on record."""
    first = next(iter(result.ranking), None)
    if first is None or first.candidate == result.metric or first.candidate.source == "usage":
        return ""
    share = percent(first.probability_first)
    return f" {capitalised(first.candidate.title)} ranks first in {share} but has no history, so it was passed over."


def summarise(decision: ValueMetricDecision, result: ValueMetricResult) -> str:
    """Say which metric was chosen, how sure its first place is, and what the price curve does."""
    if result.metric is None:
        return "No value metric yet: the data names no candidate."
    place = result.place
    sure = "" if place is None else f", first of {len(result.ranking)} in {percent(place.probability_first)} of draws"
    if not result.is_chosen:
        return f"No value metric is chosen yet; {result.metric.title} leads{sure}."
    sentence = f"The price grows with {result.metric.title}{sure}.{_passed_over(result)}"
    if result.curve is None or decision.charge is None or not result.curve.is_accepted:
        return f"{sentence} No price curve is accepted yet."
    revenue = money(result.curve.revenue, result.currency)
    return (
        f"{sentence} Ten times the typical use costs {ratio(result.curve.typical_ratio)} as much; "
        f"the curve earns {revenue} a month from today's quantities."
    )
