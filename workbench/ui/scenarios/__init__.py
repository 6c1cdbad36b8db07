"""The last panel: scenarios side by side, the choice between them, and the report."""

from __future__ import annotations

from workbench.lazy import lazy_names

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "ScenariosPanel": "workbench.ui.scenarios.panel",
        "export_report": "workbench.ui.scenarios.export",
        "open_panel": "workbench.ui.scenarios.panel",
    },
)
