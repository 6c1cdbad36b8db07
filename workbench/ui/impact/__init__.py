"""The panel of what a design does to every customer, and how to get there."""

from __future__ import annotations

from workbench.lazy import lazy_names

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "ImpactPanel": "workbench.ui.impact.panel",
        "open_panel": "workbench.ui.impact.panel",
    },
)
