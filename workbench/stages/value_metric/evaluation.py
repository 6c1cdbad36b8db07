"""Evaluate the decision against the rules VM1 to VM6 and U1 to U3, and suggest one to start from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.errors import CurveError, WorkbenchError
from workbench.formatting import count, metric_words, number
from workbench.results import Interval
from workbench.rules import charging
from workbench.rules.rulebook import RULEBOOK, Rulebook
from workbench.stages.contract import said_so
from workbench.stages.value_metric import tables
from workbench.stages.value_metric.decision import (
    MetricCandidate,
    TeamScores,
    ValueMetricDecision,
    same_metric,
    with_added,
)
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
from workbench.stages.value_metric.words import value_metric_cautions, value_metric_key_figures
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workbench.customers.base import CustomerBase
    from workbench.pricing.charge import Charge
    from workbench.rules.rulebook import Finding
    from workbench.stages.value_metric.evidence import Measurement, Quantities
    from workbench.study.model import Scenario
    from workbench.tables import DataTable

say = texts(__name__)

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
    names = ", ".join(plan.name for plan in listed.book.plans)
    words = say("billed_by_the_proposed_curve", metric=listed.metric)
    if not listed.is_proposal:
        words = say("billed_by_the_price_list", names=names) + (
            f", with {', '.join(steady)} held steady." if steady else "."
        )
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
    if yearly is None:
        return None
    low, middle, high = (float(np.expm1(end / _MONTHS)) for end in (yearly.low, yearly.estimate, yearly.high))
    return Interval(low, middle, high, yearly.level)


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
    return ValueMetricResult(
        key_figures=value_metric_key_figures(metric, ranking, known, curve, listed=listed, rulebook=rulebook),
        findings=found,
        cautions=value_metric_cautions(metric, decision, known, ranking, curve),
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
