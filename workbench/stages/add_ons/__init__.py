"""The stage add-ons: what only some customers need, and at what price."""

from __future__ import annotations

from workbench.lazy import lazy_names

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "Decision": "workbench.stages.offers:AddOnDecision",
        "gather": "workbench.stages.add_ons.evidence",
        "evaluate": "workbench.stages.add_ons.evaluation",
        "suggest": "workbench.stages.add_ons.suggestion",
        "summarise": "workbench.stages.add_ons.words",
        "figures": "workbench.stages.add_ons.charts",
        "VIEW": "workbench.stages.add_ons.view",
    },
)
