"""Willingness to pay, who buys what at which price, and prices found: gathered once, shown in panels and reports."""

from __future__ import annotations

from workbench.lazy import lazy_names

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "DemandEvidence": "workbench.stages.willingness.evidence",
        "WillingnessDecision": "workbench.stages.willingness.decision",
        "WillingnessResult": "workbench.stages.willingness.outcome",
        "evaluate": "workbench.stages.willingness.evaluation",
        "find_prices": "workbench.stages.willingness.finding",
        "gather": "workbench.stages.willingness.evidence",
    },
)
