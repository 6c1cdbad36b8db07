"""The stage model fit: which shape of pricing suits these customers."""

from __future__ import annotations

from workbench.lazy import lazy_names

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "Decision": "workbench.stages.model_fit.decision:ModelFitDecision",
        "gather": "workbench.stages.model_fit.evidence",
        "evaluate": "workbench.stages.model_fit.evaluation",
        "suggest": "workbench.stages.model_fit.evaluation",
        "summarise": "workbench.stages.model_fit.evaluation",
        "figures": "workbench.stages.model_fit.view",
        "VIEW": "workbench.stages.model_fit.view",
    },
)
