"""A starting point for model fit, computed from the data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.stages.model_fit.decision import USAGE_MODELS, ModelFitDecision
from workbench.stages.model_fit.evidence import gather
from workbench.stages.model_fit.scoring import score_models, score_table

if TYPE_CHECKING:
    from workbench.customers import CustomerBase
    from workbench.stages.model_fit.evidence import Evidence
    from workbench.study import Scenario


def suggest(base: CustomerBase, scenario: Scenario, evidence: Evidence | None = None) -> ModelFitDecision:
    """Return the model with the highest score under the usual weights, with usage as an option first.

    No model is suggested where none can be scored.
    """
    known = evidence or gather(base, scenario)
    weights = ModelFitDecision().weights
    scores = score_models(known.replay(scenario).comparison, known.adoption, known.path)
    best = score_table(scores, weights).best
    component = "opt_in" if best in USAGE_MODELS else "none"
    return ModelFitDecision.model_validate({"model": best, "usage_component": component})
