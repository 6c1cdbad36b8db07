"""The findings of this stage: rules VM1 to VM5 and U1 to U3 on the chosen metric and its price curve."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.results import Interval
from workbench.rules.checks import usage, value_metric
from workbench.stages.value_metric.decision import TeamScores, ValueMetricDecision

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workbench.rules import Finding, Rulebook
    from workbench.stages.value_metric.candidates import Candidate
    from workbench.stages.value_metric.evidence import Evidence, Measurement
    from workbench.stages.value_metric.price_curve import PriceCurve

_MONTHS = 12


def findings(
    candidate: Candidate | None, decision: ValueMetricDecision, evidence: Evidence, curve: PriceCurve | None,
    rulebook: Rulebook,
) -> tuple[Finding, ...]:  # fmt: skip
    """Return what the rules say about the metric and its price curve; nothing before there is a metric."""
    if candidate is None:
        return ()
    on_metric = _on_metric(candidate, decision, evidence, rulebook)
    return (*on_metric, *_on_curve(candidate.title, decision, curve, rulebook))


def _on_metric(
    candidate: Candidate, decision: ValueMetricDecision, evidence: Evidence, rulebook: Rulebook
) -> Iterator[Finding]:
    marks = decision.scores.get(candidate.name, TeamScores())
    known = evidence.measurements.get(candidate.name, {})
    success = evidence.success.get(candidate.name)
    title = candidate.title
    yield value_metric.growth(
        title,
        score=marks.wanted,
        monthly_growth=_monthly(_interval(known.get("growth"))),
        share_growing=_interval(known.get("growing")),
        accounts=_accounts(known.get("growth")),
        rulebook=rulebook,
    )
    yield value_metric.predictability(
        title,
        score=marks.visible,
        forecast_error=_interval(known.get("forecast_error")),
        variation=_as_share(_interval(known.get("variation"))),
        accounts=_accounts(known.get("forecast_error")),
        rulebook=rulebook,
    )
    yield value_metric.success_correlation(
        title,
        _interval(success),
        outcome=f"later success ({success.note})" if success and success.interval else "later success",
        accounts=_accounts(success),
        rulebook=rulebook,
    )
    yield value_metric.success_measure(title, marks.measured, rulebook=rulebook)


def _on_curve(
    title: str, decision: ValueMetricDecision, curve: PriceCurve | None, rulebook: Rulebook
) -> Iterator[Finding]:
    quantities: list[float] = []
    ratios: list[float] = []
    typical, customers, each = None, None, 1.0
    if curve is not None:
        known = curve.checked[curve.checked["ratio"].notna()]
        quantities, ratios = known["quantity"].tolist(), known["ratio"].tolist()
        typical, each = curve.quantities.typical, curve.quantities.accounts_each
        customers = curve.quantities.points.tolist()
    yield value_metric.curve_ratio(
        quantities, ratios, typical=typical, customers=customers, customers_each=each, metric=title, rulebook=rulebook
    )
    yield usage.volume_discount(
        quantities, ratios, typical=typical, customers=customers, customers_each=each, metric=title, rulebook=rulebook
    )
    included = float(decision.included_units if curve is None else curve.charge.free_units)
    yield usage.free_baseline(title, included=included, rulebook=rulebook)
    yield usage.caps_and_calculator(
        has_cap=decision.has_spending_cap, has_calculator=decision.has_calculator, rulebook=rulebook
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
