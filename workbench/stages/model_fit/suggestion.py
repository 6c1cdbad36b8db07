"""A starting point for model fit, computed from the data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.stages.model_fit.decision import USAGE_MODELS, ModelFitDecision
from workbench.stages.model_fit.evidence import gather

if TYPE_CHECKING:
    from workbench.customers import CustomerBase
    from workbench.stages.model_fit.evidence import Evidence
    from workbench.study import Scenario


def suggest(base: CustomerBase, scenario: Scenario, evidence: Evidence | None = None) -> ModelFitDecision:
    """Return the model that most probably comes first under the usual weights, with usage as an option first.

    No model is suggested where none can be scored.
    """
    known = evidence or gather(base, scenario)
    weights = ModelFitDecision().weights
    best = known.scores(scenario, weights).best
    component = "opt_in" if best in USAGE_MODELS else "none"
    return ModelFitDecision.model_validate({"model": best, "usage_component": component})
