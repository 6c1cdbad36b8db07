"""The stage value metric: what the price grows with."""

from __future__ import annotations

from workbench.lazy import lazy_names

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "Decision": "workbench.stages.value_metric.decision:ValueMetricDecision",
        "gather": "workbench.stages.value_metric.evidence",
        "evaluate": "workbench.stages.value_metric.evaluation",
        "suggest": "workbench.stages.value_metric.evaluation",
        "summarise": "workbench.stages.value_metric.evaluation",
        "figures": "workbench.stages.value_metric.charts",
        "VIEW": "workbench.stages.value_metric.view",
    },
)
