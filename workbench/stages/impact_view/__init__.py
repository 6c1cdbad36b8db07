"""What a design's prices would have done to every customer: gathered once, shown in panels and reports."""

from __future__ import annotations

from workbench.lazy import lazy_names

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "Bridge": "workbench.stages.impact_view.bridge",
        "DesignEvidence": "workbench.stages.impact_view.evidence",
        "ImpactResult": "workbench.stages.impact_view.outcome",
        "MigrationDecision": "workbench.stages.impact_view.decision",
        "SteadyDecision": "workbench.stages.impact_view.steady.decision",
        "TodayEvidence": "workbench.stages.impact_view.evidence",
        "Trial": "workbench.stages.impact_view.trial",
        "bridge_of": "workbench.stages.impact_view.bridge:bridge",
        "evaluate": "workbench.stages.impact_view.evaluation",
        "figures": "workbench.stages.impact_view.charts",
        "gather_design": "workbench.stages.impact_view.evidence",
        "gather_today": "workbench.stages.impact_view.evidence",
    },
)
