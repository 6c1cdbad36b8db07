"""The stage in one sentence, for the report, the decision log and the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.formatting import capitalised, money, percent, ratio

if TYPE_CHECKING:
    from workbench.stages.value_metric.decision import ValueMetricDecision
    from workbench.stages.value_metric.evaluation import ValueMetricResult

_MOST_OF_IT = 0.5


def _passed_over(result: ValueMetricResult) -> str:
    """Say so where the metric that ranks first was left aside because nothing of its past is on record."""
    first = next(iter(result.ranked), None)
    if first is None or first.candidate == result.metric or first.candidate.source == "usage":
        return ""
    share = percent(first.probability_first)
    return f" {capitalised(first.candidate.title)} ranks first in {share} but has no history, so it was passed over."


def _grows(result: ValueMetricResult) -> str:
    """Say that the price grows with the metric only where the price list does, or nothing else is decided."""
    title = "" if result.metric is None else result.metric.title
    listed = result.price_list
    charged = listed is None or listed.is_proposal or (listed.share or 0.0) >= _MOST_OF_IT
    return f"The price grows with {title}" if charged else f"The value metric is {title}"


def _billed(result: ValueMetricResult) -> str:
    """Say what the price list does along the metric, where there is one."""
    listed = result.price_list
    if listed is None or listed.is_proposal or listed.share is None:
        return ""
    known = listed.typical_ratio
    times = "" if known is None else f"; ten times the typical use costs {ratio(known)} as much on it"
    return f" {percent(listed.share)} of the price list's revenue is charged by it{times}."


def summarise(decision: ValueMetricDecision, result: ValueMetricResult) -> str:
    """Say which metric was chosen, how sure its first place is, and what the price curve does."""
    if result.metric is None:
        return "No value metric yet: the data names no candidate."
    place = result.place
    sure = "" if place is None else f", first of {len(result.ranked)} in {percent(place.probability_first)} of draws"
    if not result.is_chosen:
        return f"No value metric is chosen yet; {result.metric.title} leads{sure}."
    sentence = f"{_grows(result)}{sure}.{_passed_over(result)}{_billed(result)}"
    if result.price_list is not None and not result.price_list.is_on_one_charge(decision.charge):
        return sentence
    if result.curve is None or decision.charge is None or not result.curve.is_accepted:
        return f"{sentence} No price curve is accepted yet."
    curve = result.curve
    revenue = money(curve.revenue if curve.from_paying is None else curve.from_paying, result.currency)
    return (
        f"{sentence} Ten times the typical use costs {ratio(result.curve.typical_ratio)} as much; "
        f"the curve earns {revenue} a month from today's quantities."
    )
