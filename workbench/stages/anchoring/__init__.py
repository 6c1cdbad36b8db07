"""The stage competitive anchoring: where the prices stand in the market."""

from __future__ import annotations

from workbench.lazy import lazy_names

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "Decision": "workbench.stages.anchoring.decision:AnchoringDecision",
        "gather": "workbench.stages.anchoring.evidence",
        "evaluate": "workbench.stages.anchoring.evaluation",
        "suggest": "workbench.stages.anchoring.evaluation",
        "summarise": "workbench.stages.anchoring.evaluation",
        "figures": "workbench.stages.anchoring.charts",
        "VIEW": "workbench.stages.anchoring.view",
    },
)
