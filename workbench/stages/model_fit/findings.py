"""The rules MF1 to MF5 held against the evidence and the decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from workbench.results import Interval
from workbench.rules.checks import model_fit
from workbench.stages.model_fit.decision import USAGE_MODELS
from workbench.wording import metric_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workbench.customers import CustomerBase
    from workbench.rules import Finding, Rulebook
    from workbench.stages.model_fit.decision import ModelFitDecision
    from workbench.stages.model_fit.evidence import Evidence, Replay

_PER_PERSON = ("seat", "user", "member", "license", "licence")


def findings(
    base: CustomerBase, decision: ModelFitDecision, evidence: Evidence, replay: Replay, rulebook: Rulebook
) -> tuple[Finding, ...]:
    """Return the findings on the chosen model; what cannot be judged yet is unknown, with what would answer it."""
    adoption, comparison, usage = evidence.adoption, replay.comparison, replay.usage
    accounts = int(comparison.population.sum())
    chosen = comparison.model(decision.model)
    gap = None if usage is None else usage.gap
    return (
        model_fit.adoption_order(
            None if adoption is None else adoption.h,
            model=decision.model,
            accounts=0 if adoption is None else adoption.accounts,
            features=0 if adoption is None else len(adoption.names),
            rulebook=rulebook,
        ),
        model_fit.usage_introduction(_component(decision), per_seat_today=per_seat_today(base), rulebook=rulebook),
        model_fit.pure_against_hybrid(
            decision.model,
            {model.key: model.path.retention for model in comparison.models},
            measure="net revenue retention over the last 12 months",
            accounts=accounts,
            rulebook=rulebook,
        ),
        model_fit.volatility(
            decision.model,
            variation=None if chosen is None else Interval(float("nan"), chosen.path.swing, float("nan")),
            shock=None if chosen is None else chosen.path.shock.jumps,
            accounts=accounts,
            months=len(comparison.months),
            rulebook=rulebook,
        ),
        model_fit.disconnect(
            None if gap is None else gap.share,
            count=0 if gap is None else gap.count,
            of_accounts=0 if gap is None else int(gap.compared.sum()),
            metric="usage" if usage is None else metric_words(usage.metric),
            affected=() if gap is None or usage is None else (str(each) for each in usage.accounts[gap.affected]),
            rulebook=rulebook,
        ),
    )


def per_seat_today(base: CustomerBase) -> bool | None:
    """Tell whether today's price list charges per person; None without a price list."""
    if not base.has("plans"):
        return None
    return _names_people(base.plans["metric"].dropna().astype(str).unique())


def _names_people(metrics: Iterable[str]) -> bool:
    return any(word in metric.casefold() for metric in metrics for word in _PER_PERSON)


def _component(decision: ModelFitDecision) -> Literal["none", "opt_in", "replacement"] | None:
    """Return how usage comes in; a model that charges by usage without saying how is undecided."""
    if decision.model in USAGE_MODELS and decision.usage_component == "none":
        return None
    return decision.usage_component
