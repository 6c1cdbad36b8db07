"""Everything a study concludes, as one JSON document that other tools read; `results.schema.json` is its contract."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from workbench.outputs import GENERATOR
from workbench.report.results_figures import figures_of
from workbench.report.results_page import page_of
from workbench.stages.model_fit.evaluation import ModelFitResult
from workbench.stages.offer_prices import price_per
from workbench.stages.price_book import price_book
from workbench.stages.tiers.evaluation import TierResult
from workbench.stages.value_metric.evaluation import ValueMetricResult

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from workbench.pricing import AddOn, Plan
    from workbench.report.content import ReportContent
    from workbench.results import Interval
    from workbench.rules import Finding
    from workbench.stages.walk import StageOutcome

SCHEMA = 1
STATUSES = {"ok": "met", "watch": "watch", "breach": "not_met", "unknown": "unknown"}
SET_ASIDE = "set_aside"


def results_of(content: ReportContent) -> dict[str, Any]:
    """Return what a study concludes about the scenario reported on: the same study gives the same document.

    It names neither a revision nor the time of writing. What is unknown is None, with a reason beside it.
    """
    stands = content.standing
    figures = figures_of(content)
    months = [] if stands is None else list(stands.months)
    found = {
        "schema": SCHEMA,
        "generator": GENERATOR,
        "currency": content.base.currency,
        "scenario": {"id": content.scenario.id, "name": content.scenario.name},
        "basis": {
            "name": content.study.basis,
            "months": months,
            "accounts": None if stands is None else stands.accounts,
            "reason": content.why_no_standing,
        },
        "cautions": [
            {"stage": outcome.stage.key, "severity": each.severity, "text": each.text}
            for outcome, each in content.cautions
        ],
        "figures": [each.as_row() for each in figures],
        "stages": {each.stage.key: _stage(each, content) for each in content.outcomes},
        "offers": _offers(content),
        "findings": [_finding(each, outcome.stage.key) for outcome, each in content.findings],
        "demand": _demand(content),
        **_forecast(content),
        "page": page_of(content, {each.id: each for each in figures}),
    }
    return {key: _finite(value) for key, value in found.items()}


def as_json(results: Mapping[str, Any]) -> str:
    """Return the document as text, one value a line, numbers in full."""
    return json.dumps(results, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def results_schema() -> dict[str, Any]:
    """Return the JSON schema that every document meets."""
    schema: dict[str, Any] = json.loads(files("workbench.report").joinpath("results.schema.json").read_text("utf-8"))
    return schema


def _finite(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return a JSON value whose unknown numbers are None."""
    if isinstance(value, dict):
        return {str(key): _finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _stage(outcome: StageOutcome, content: ReportContent) -> dict[str, Any]:
    result, key = outcome.result, outcome.stage.key
    found: dict[str, Any] = {
        "title": outcome.stage.title,
        "is_decided": content.scenario.decided(key),
        "decided": _decided(outcome),
        "summary": outcome.summary,
    }
    if isinstance(result, ValueMetricResult):
        found["ranking"] = [
            {"name": each.candidate.name, "score": each.score.estimate, "first": each.probability_first}
            for each in result.ranked
        ]
    elif isinstance(result, ModelFitResult):
        found["ranking"] = [{"name": name, "score": score, "first": first} for name, score, first in result.ranking]
    return found


def _decided(outcome: StageOutcome) -> str | list[str] | None:
    """Return what a stage decided, by name: one, several, or None."""
    decision, key = outcome.decision, outcome.stage.key
    if key == "value_metric":
        return getattr(decision, "metric", None)
    if key == "model_fit":
        return getattr(decision, "model", None)
    named: Iterable[Any] = getattr(decision, "tiers", ()) or getattr(decision, "add_ons", ())
    return [each.name for each in named] or None


def _offers(content: ReportContent) -> list[dict[str, Any]]:
    book = price_book(content.base, content.scenario)
    return [
        *(_offer("plan", each, content, public=each.public) for each in book.plans),
        *(_offer("add_on", each, content, public=True) for each in book.add_ons),
    ]


def _offer(kind: str, offer: Plan | AddOn, content: ReportContent, *, public: bool) -> dict[str, Any]:
    document = offer.to_dict()
    fee = document.get("base_fee")
    return {
        "kind": kind,
        "name": offer.name,
        "public": public,
        "base_fee": None if fee is None else float(fee),
        "charges": document.get("charges", []),
        "price_per": price_per(offer, content.base, on_it=_accounts_on(offer.name, content)),
        "features": list(offer.features),
        "limits": [{"metric": each.metric, "up_to": _number(each.up_to)} for each in offer.limits],
    }


def _accounts_on(offer: str, content: ReportContent) -> tuple[str, ...] | None:
    """Return the accounts a design places in a plan, or that may buy an add-on; None where the design says neither."""
    for outcome in content.outcomes:
        result = outcome.result
        if isinstance(result, TierResult) and offer in {tier.name for tier in result.decision.tiers}:
            return result.accounts_in(offer) or None
    return None


def _number(value: Any) -> float | None:  # noqa: ANN401 - a Decimal or None
    return None if value is None else float(value)


def _finding(finding: Finding, stage: str) -> dict[str, Any]:
    return {
        "rule": finding.rule_id,
        "subject": finding.subject,
        "status": SET_ASIDE if finding.waiver is not None else STATUSES[finding.status],
        "by_construction": finding.by_construction,
        "evidence": finding.evidence,
        "source": finding.source,
        "stage": stage,
        "measured": _number(finding.measured),
        "threshold": finding.threshold,
        "remedy": finding.remedy,
    }


def _interval(interval: Interval | None) -> dict[str, float | None]:
    if interval is None:
        return {"value": None, "low": None, "high": None}
    return {"value": interval.estimate, "low": interval.low, "high": interval.high}


def _demand(content: ReportContent) -> dict[str, Any]:
    demand = content.willingness.demand
    found = demand.found
    return {
        "status": demand.status,
        "reason": demand.reason,
        "method": demand.method,
        "at_design": {"revenue": _interval(demand.revenue), "accounts_kept": _interval(demand.accounts_kept)},
        "found": {
            "status": found.status,
            "reason": found.reason,
            "prices": {name: float(price) for name, price in found.prices.items()},
            "revenue": _interval(found.revenue),
            "accounts_kept": _interval(found.accounts_kept),
        },
    }


def _forecast(content: ReportContent) -> dict[str, Any]:
    impact = content.impact
    return {
        "forecast": [asdict(each) for each in impact.forecast],
        "forecast_reason": impact.forecast_reason,
        "backtest": [asdict(each) for each in impact.backtest],
    }


__all__ = ["SCHEMA", "as_json", "results_of", "results_schema"]
