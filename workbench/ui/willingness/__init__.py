"""The panel of what customers would pay, who buys what, and prices found."""

from __future__ import annotations

from workbench.lazy import lazy_names

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "WillingnessPanel": "workbench.ui.willingness.panel",
        "open_panel": "workbench.ui.willingness.panel",
    },
)
