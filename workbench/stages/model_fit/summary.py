"""Model fit in one sentence, for the decision log, the report and the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.formatting import number, percent
from workbench.stages.model_fit.decision import MODEL_TITLES

if TYPE_CHECKING:
    from workbench.stages.model_fit.decision import ModelFitDecision
    from workbench.stages.model_fit.evaluation import ModelFitResult

_COMPONENT = {
    "none": "no usage component",
    "opt_in": "usage offered as an option first",
    "beside": "usage billed beside today's unit",
    "replacement": "usage replacing today's price",
}


def summarise(decision: ModelFitDecision, result: ModelFitResult) -> str:
    """Return the chosen model, its score, what it would have shown and how usage reaches customers."""
    if decision.model is None:
        return "No pricing model is chosen yet."
    title = MODEL_TITLES[decision.model]
    model = result.comparison.model(decision.model)
    component = _COMPONENT[decision.usage_component]
    if model is None:
        return f"{title} pricing, {component}; this data cannot replay it."
    total = result.scores.totals.get(decision.model)
    recorded = result.comparison.recorded
    beside = f" ({percent(recorded.retention)} on record)" if recorded is not None else ""
    return (
        f"{title} pricing, {component}: score {number(total, 2)} of 1; on past usage it would have shown "
        f"net revenue retention of {percent(model.path.retention)}{beside}, and {percent(model.share_up)} "
        f"of accounts would have paid over 20% more at the switch.{_place(decision, result)}"
    )


def _place(decision: ModelFitDecision, result: ModelFitResult) -> str:
    """Say which model ranks first, and how surely."""
    if not result.ranking:
        return ""
    best, score, first = result.ranking[0]
    if best == decision.model:
        return f" It ranks first in {percent(first)} of draws."
    title = MODEL_TITLES[best].lower()
    return (
        f" It is not the one that ranks first: {title} is, with score {number(score, 2)}, in {percent(first)} of draws."
    )
