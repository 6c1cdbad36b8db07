"""Evaluate the decision against the rules VM1 to VM6 and U1 to U3, and suggest one to start from."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.errors import CurveError, WorkbenchError
from workbench.formatting import count, metric_words, number
from workbench.pricing.charge import factor_doubt
from workbench.pricing.price_curve import share_inside
from workbench.results import Caution, Interval
from workbench.rules import charging
from workbench.rules.rulebook import RULEBOOK, Rulebook
from workbench.stages.contract import caution_maker, key_figure_maker, said_so
from workbench.stages.offers import TeamScores, ValueMetricDecision, same_metric
from workbench.stages.value_metric import tables
from workbench.stages.value_metric.decision import MetricCandidate, with_added
from workbench.stages.value_metric.evidence import ValueMetricEvidence, gather
from workbench.stages.value_metric.result import (
    BASE_FEE,
    PriceCurve,
    PriceListReading,
    Ranked,
    ValueMetricResult,
    price_curve_marks,
    proposed_charge,
    rank,
    ratio_corridors,
    read_curve,
    read_price_list,
    with_included,
)
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workbench.customers.base import CustomerBase
    from workbench.pricing.charge import Charge
    from workbench.results import KeyFigure
    from workbench.rules.rulebook import Finding
    from workbench.stages.value_metric.evidence import Measurement, Quantities
    from workbench.study.model import Scenario
    from workbench.tables import DataTable

say, tell, warn = texts(__name__), key_figure_maker(__package__), caution_maker(__package__)

# --- What is read first about the stage: its key figures, and the cautions it carries

_CLOSE_RACE = 0.6
_OFF_TARGET = 0.05


def _key_figures(result: ValueMetricResult, evidence: ValueMetricEvidence, rulebook: Rulebook) -> Iterator[KeyFigure]:
    """Go through the numbers to read first: how sure the metric is, and what the price list or its curve does."""
    curve, place, listed = result.curve, result.place, result.list_beside_curve
    if place is not None:
        metric, hundred = place.candidate.title, place.score.changed(lambda end: 100 * end)
        yield tell("first", place.probability_first, metric=metric, candidates=len(result.ranked))
        yield tell("score", hundred.estimate, interval=hundred, metric=metric)
        yield tell("known_weight", place.known_weight)
    if curve is None:
        return
    band, used, is_paid = rulebook.threshold("VM3"), curve.quantities, curve.from_paying is not None
    ends, corridor = (band.low or 0.0, band.high or float("inf")), band.in_words()
    users = say("accounts_that_use_it", accounts=used.accounts)
    if listed is None:
        yield tell("ten_times", curve.typical_ratio, is_listed=False)
        yield tell("inside", curve.share_between(*ends), corridor=corridor, population=users)
    else:
        known = int(np.isfinite(listed.own_ratios).sum())
        inside = share_inside(listed.own_ratios, *ends) if known else None
        yield tell("charged_by_it", listed.share, listed=listed)
        yield tell("ten_times", listed.typical_ratio, is_listed=True)
        yield tell("inside", inside, corridor=corridor, population=say("other_quantities_as_they_are", known=known))
    yield tell(
        "revenue",
        curve.from_paying if is_paid else curve.revenue,
        change=curve.change,
        unit=evidence.currency,
        population=say("accounts_whose_use_and_payment", compared=used.compared) if is_paid else users,
        is_paid=is_paid,
        is_listed=listed is not None,
        month=evidence.month,
    )


def _cautions(
    result: ValueMetricResult, decision: ValueMetricDecision, evidence: ValueMetricEvidence
) -> Iterator[Caution]:
    """Go through what a reader should know before trusting the order and the curve."""
    metric, curve, charge, ranked = result.metric, result.curve, decision.charge, result.ranked
    if len(ranked) > 1 and ranked[0].probability_first < _CLOSE_RACE:
        yield warn("order_is_not_settled", first=ranked[0], second=ranked[1])
    if not any(weight > 0 for weight in decision.weights.values()):
        yield warn("every_weight_is_zero")
    if evidence.split is None and evidence.candidates:
        yield warn("history_is_too_short")
    if metric is not None and charge is not None and charge.metric != metric.name:
        yield warn("curve_on_another_metric", charged=charge.metric, metric=metric.title)
    if charge is not None and (doubt := factor_doubt(charge)):
        yield Caution(doubt)
    if curve is None or metric is None:
        return
    used, month = curve.quantities, evidence.month
    goal, earned = (curve.target, curve.revenue) if curve.target else (used.paid, curve.from_paying)
    if goal and earned is not None and abs(earned / goal - 1) > _OFF_TARGET:
        yield warn("off_target", share=earned / goal, is_target=bool(curve.target), month=month)
    if used.unmeasured and used.compared:
        yield warn("unmeasured", paid=used.unmeasured, currency=evidence.currency, metric=metric.title, month=month)


# --- The stage in one sentence, for the report, the decision log and the command line

_MOST_OF_IT = 0.5


def summarise(decision: ValueMetricDecision, result: ValueMetricResult) -> str:
    """Say which metric was chosen, how sure its first place is, and what the price list or the price curve does.

    The price grows with the metric only where the price list does, or nothing else is decided. A metric that ranks
    first is said to be passed over where nothing of its past is on record.
    """
    first, curve = next(iter(result.ranked), None), result.curve
    listed = None if result.price_list is None or result.price_list.is_proposal else result.price_list
    measured = first is None or first.candidate == result.metric or first.candidate.source == "usage"
    return say(
        "summary",
        result=result,
        place=result.place,
        is_charged=listed is None or (listed.share or 0.0) >= _MOST_OF_IT,
        passed_over=None if measured else first,
        listed=listed,
        on_curve=result.price_list is None or result.price_list.is_on_one_charge(decision.charge),
        curve=curve if curve is not None and decision.charge is not None and curve.is_accepted else None,
    )


# --- The findings of this stage

_MONTHS = 12


def value_metric_findings(
    candidate: MetricCandidate | None, decision: ValueMetricDecision, evidence: ValueMetricEvidence,
    listed: PriceListReading | None, rulebook: Rulebook,
) -> tuple[Finding, ...]:  # fmt: skip
    """Return what the rules say about the metric and the price list; nothing before there is a metric."""
    if candidate is None:
        return ()
    on_metric = _on_metric(candidate, decision, evidence, rulebook)
    return (*on_metric, *_on_price_list(candidate, decision, listed, rulebook))


def _on_metric(
    candidate: MetricCandidate, decision: ValueMetricDecision, evidence: ValueMetricEvidence, rulebook: Rulebook
) -> Iterator[Finding]:
    marks = decision.scores.get(candidate.name, TeamScores())
    known = evidence.measurements.get(candidate.name, {})
    success = evidence.success.get(candidate.name)
    title = candidate.title
    yield charging.growth(
        title,
        score=marks.wanted,
        monthly_growth=_monthly(_interval(known.get("growth"))),
        share_growing=_interval(known.get("growing")),
        accounts=_accounts(known.get("growth")),
        rulebook=rulebook,
    )
    yield charging.predictability(
        title,
        score=marks.visible,
        forecast_error=_interval(known.get("forecast_error")),
        variation=_as_share(_interval(known.get("variation"))),
        accounts=_accounts(known.get("forecast_error")),
        rulebook=rulebook,
    )
    yield charging.success_correlation(
        title,
        _interval(success),
        outcome=f"later success ({success.note})" if success and success.interval else "later success",
        accounts=_accounts(success),
        rulebook=rulebook,
    )
    yield charging.success_measure(title, marks.measured, rulebook=rulebook)


def _on_price_list(
    candidate: MetricCandidate, decision: ValueMetricDecision, listed: PriceListReading | None, rulebook: Rulebook
) -> Iterator[Finding]:
    """Judge the price list that customers are billed by; before there is one, the curve proposed in its place."""
    title = candidate.title
    ratios = _ratios(listed)
    yield charging.curve_ratio(metric=title, rulebook=rulebook, **ratios)
    yield charging.curve_ratio(metric=title, rule_id="U2", rulebook=rulebook, **ratios)
    if listed is None:
        yield charging.free_baseline(title, included=None, rulebook=rulebook)
    else:
        main = listed.main_metric
        yield charging.free_baseline(
            metric_words(main) if main and main != candidate.name else title,
            included=listed.included(main or candidate.name),
            has_free_tier=listed.has_free_plan,
            rulebook=rulebook,
        )
    yield charging.caps_and_calculator(
        has_cap=True if listed is not None and listed.is_capped else decision.has_spending_cap,
        has_calculator=decision.has_calculator,
        usage_charged=None if listed is None else [metric_words(metric) for metric in listed.usage_charged],
        rulebook=rulebook,
    )
    yield _on_share(title, listed, rulebook)


def _ratios(listed: PriceListReading | None) -> dict[str, Any]:
    if listed is None:
        return {"quantities": (), "ratios": (), "typical": None}
    known = np.isfinite(listed.ratios)
    steady = [f"{number(value)} {metric_words(name)}" for name, value in listed.others.items()]
    words = say("billed_by_the_price_list", names=[plan.name for plan in listed.book.plans], steady=steady)
    if listed.is_proposal:
        words = say("billed_by_the_proposed_curve", metric=listed.metric)
    return {
        "quantities": listed.quantities[known].tolist(),
        "ratios": listed.ratios[known].tolist(),
        "typical": listed.typical,
        "own_ratios": listed.own_ratios.tolist(),
        "billed_by": words,
    }


def _on_share(title: str, listed: PriceListReading | None, rulebook: Rulebook) -> Finding:
    if listed is None or listed.is_proposal:
        return charging.charged_by_metric(title, None, rulebook=rulebook)
    others = {
        f"a {BASE_FEE}" if item == BASE_FEE else metric_words(item): share
        for item, share in listed.shares.items()
        if item != listed.metric
    }
    return charging.charged_by_metric(
        title,
        listed.share,
        others=others,
        limits=[f"{name} ({number(most)})" for name, most in listed.limited()] if not listed.share else (),
        population=f"{count('account', listed.accounts)} billed for {listed.month}" if listed.month else "",
        rulebook=rulebook,
    )


def _interval(measurement: Measurement | None) -> Interval | None:
    return None if measurement is None else measurement.interval


def _accounts(measurement: Measurement | None) -> int:
    return 0 if measurement is None else measurement.accounts


def _monthly(yearly: Interval | None) -> Interval | None:
    """Turn log growth a year into growth a month as a share."""
    return None if yearly is None else yearly.changed(lambda end: float(np.expm1(end / _MONTHS)))


def _as_share(log_change: Interval | None) -> float | None:
    return None if log_change is None else float(np.expm1(log_change.estimate))


# --- Evaluate the stage: order the candidates, read the price curve, hold both against the rules


def evaluate(
    base: CustomerBase,
    scenario: Scenario,
    *,
    rulebook: Rulebook = RULEBOOK,
    seed: int = 0,
    evidence: ValueMetricEvidence | None = None,
) -> ValueMetricResult:
    """Return the order of the candidates, the price curve of the chosen metric and what the rules say.

    `evidence` is what `gather` returned; without it the data is measured now.
    """
    known = gather(base, seed=seed) if evidence is None else evidence
    decision = scenario.decision(ValueMetricDecision)
    candidates = with_added(known.candidates, decision.added)
    ranking = rank(known, candidates, decision.scores, decision.weights, weight_doubt=decision.weight_doubt, seed=seed)
    metric, is_chosen = _metric(decision, ranking)
    curve, no_curve = _curve(metric, decision, known)
    listed = _price_list(base, scenario, metric, known, curve)
    found = value_metric_findings(metric, decision, known, listed, rulebook)
    if listed is not None and listed.is_on_one_charge(decision.charge):
        found = said_so(found, decision.held_by(price_curve_marks(decision)))
    result = ValueMetricResult(
        findings=found,
        basis=known.basis,
        missing=known.missing,
        tables=_tables(ranking, known, decision, curve),
        ranked=ranking,
        metric=metric,
        is_chosen=is_chosen,
        curve=curve,
        no_curve=no_curve,
        corridors=ratio_corridors(rulebook),
        price_list=listed,
        growth=known.growth,
        currency=known.currency,
    )
    figures, cautions = _key_figures(result, known, rulebook), _cautions(result, decision, known)
    return replace(result, key_figures=tuple(figures), cautions=tuple(cautions))


def _metric(decision: ValueMetricDecision, ranking: tuple[Ranked, ...]) -> tuple[MetricCandidate | None, bool]:
    """Return the metric to look at, and whether the team chose it."""
    for each in ranking:
        if decision.metric is not None and same_metric(each.candidate.name, decision.metric):
            return each.candidate, True
    if decision.metric is not None:
        return MetricCandidate(decision.metric, "team"), True
    return (ranking[0].candidate, False) if ranking else (None, False)


def _curve(
    metric: MetricCandidate | None, decision: ValueMetricDecision, evidence: ValueMetricEvidence
) -> tuple[PriceCurve | None, str]:
    """Return the price curve to show: the accepted one, else a proposal; or why there is none."""
    if metric is None:
        return None, say("there_is_no_candidate_yet")
    quantities = evidence.quantities.get(metric.name)
    if quantities is None or not quantities.usable:
        return None, say("no_price_curve_no_data", title=metric.title)
    target = decision.revenue_target
    if decision.charge is not None and decision.charge.metric == metric.name:
        return read_curve(decision.charge, quantities, target=target, is_accepted=True), ""
    if target is None and not quantities.paid:
        return None, say("no_price_curve_without_the")
    try:
        charge = with_included(
            proposed_charge(quantities, metric.name, decision.target_ratio, target), decision.included_units
        )
    except WorkbenchError as error:
        return None, str(error)
    return read_curve(charge, quantities, target=target, is_accepted=False), ""


def _price_list(
    base: CustomerBase,
    scenario: Scenario,
    metric: MetricCandidate | None,
    evidence: ValueMetricEvidence,
    curve: PriceCurve | None,
) -> PriceListReading | None:
    """Return the price list read along the metric; the curve stands in for it while nothing is decided."""
    if metric is None:
        return None
    quantities = evidence.quantities.get(metric.name)
    return read_price_list(base, scenario, metric.name, quantities, None if curve is None else curve.charge)


def _tables(
    ranking: tuple[Ranked, ...], evidence: ValueMetricEvidence, decision: ValueMetricDecision, curve: PriceCurve | None
) -> dict[str, DataTable]:
    made = {
        "ranking": tables.ranking_table(ranking),
        "reasons": tables.reasons_table(ranking, evidence, decision.scores),
        "criteria": tables.criteria_table(ranking),
        "measures": tables.measures_table(ranking, evidence),
    }
    if curve is not None and curve.charge.bands:
        made["bands"] = tables.price_curve_table(curve, evidence.currency)
    return made


# --- A starting point computed from the data: the metric that ranks first, and a price curve on it

STARTING_RATIOS = (7.5, 7.3, 7.4, 7.6)
"""Inside both the 5x to 8x of a value metric and the 7x to 8x of volume discounts; tried in this order."""


def suggest(base: CustomerBase, scenario: Scenario, evidence: ValueMetricEvidence | None = None) -> ValueMetricDecision:
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
    return made if charge is None else made.replaced(set_so=price_curve_marks(made))


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
