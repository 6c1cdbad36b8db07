"""The stage tier design: which tiers, at which prices, with what in them."""

from __future__ import annotations

from workbench.lazy import lazy_names

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "Decision": "workbench.stages.offers:TierDecision",
        "gather": "workbench.stages.needs",
        "evaluate": "workbench.stages.tiers.evaluation",
        "suggest": "workbench.stages.tiers.suggestion",
        "summarise": "workbench.stages.tiers.words",
        "figures": "workbench.stages.tiers.charts",
        "VIEW": "workbench.stages.tiers.view",
    },
)
