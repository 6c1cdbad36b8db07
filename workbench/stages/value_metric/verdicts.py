"""The findings of this stage: VM1 to VM6 and U1 to U3 on the chosen metric and the list customers are billed by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.formatting import count, number
from workbench.results import Interval
from workbench.rules.checks import usage, value_metric
from workbench.stages.value_metric.decision import TeamScores, ValueMetricDecision
from workbench.stages.value_metric.price_list import BASE_FEE
from workbench.wording import metric_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workbench.rules import Finding, Rulebook
    from workbench.stages.value_metric.candidates import Candidate
    from workbench.stages.value_metric.evidence import Evidence, Measurement
    from workbench.stages.value_metric.price_list import PriceListReading

_MONTHS = 12


def findings(
    candidate: Candidate | None, decision: ValueMetricDecision, evidence: Evidence,
    listed: PriceListReading | None, rulebook: Rulebook,
) -> tuple[Finding, ...]:  # fmt: skip
    """Return what the rules say about the metric and the price list; nothing before there is a metric."""
    if candidate is None:
        return ()
    on_metric = _on_metric(candidate, decision, evidence, rulebook)
    return (*on_metric, *_on_price_list(candidate, decision, listed, rulebook))


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


def _on_price_list(
    candidate: Candidate, decision: ValueMetricDecision, listed: PriceListReading | None, rulebook: Rulebook
) -> Iterator[Finding]:
    """Judge the price list that customers are billed by; before there is one, the curve proposed in its place."""
    title = candidate.title
    ratios = _ratios(listed)
    yield value_metric.curve_ratio(metric=title, rulebook=rulebook, **ratios)
    yield usage.volume_discount(metric=title, rulebook=rulebook, **ratios)
    if listed is None:
        yield usage.free_baseline(title, included=None, rulebook=rulebook)
    else:
        main = listed.main_metric
        yield usage.free_baseline(
            metric_words(main) if main and main != candidate.name else title,
            included=listed.included(main or candidate.name),
            has_free_tier=listed.has_free_plan,
            rulebook=rulebook,
        )
    yield usage.caps_and_calculator(
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
    words = f"Billed by the proposed curve on {metric_words(listed.metric)} alone."
    if not listed.is_proposal:
        words = f"Billed by the price list ({names})" + (f", with {', '.join(steady)} held steady." if steady else ".")
    return {
        "quantities": listed.quantities[known].tolist(),
        "ratios": listed.ratios[known].tolist(),
        "typical": listed.typical,
        "own_ratios": listed.own_ratios.tolist(),
        "billed_by": words,
    }


def _on_share(title: str, listed: PriceListReading | None, rulebook: Rulebook) -> Finding:
    if listed is None or listed.is_proposal:
        return value_metric.charged_by_metric(title, None, rulebook=rulebook)
    others = {
        f"a {BASE_FEE}" if item == BASE_FEE else metric_words(item): share
        for item, share in listed.shares.items()
        if item != listed.metric
    }
    return value_metric.charged_by_metric(
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
