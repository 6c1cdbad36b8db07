"""Scenarios side by side: what each decides, what it earns, which rules it breaks, and where two of them differ."""

from __future__ import annotations

from workbench.lazy import lazy_names

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "FIGURES_CAPTION": "workbench.stages.comparison.side_by_side",
        "ScenarioColumn": "workbench.stages.comparison.column",
        "ScenarioComparison": "workbench.stages.comparison.side_by_side",
        "compare": "workbench.stages.comparison.side_by_side",
        "compare_outcomes": "workbench.stages.comparison.side_by_side",
        "differences_frame": "workbench.stages.comparison.differences",
        "figures": "workbench.stages.comparison.charts",
    },
)
