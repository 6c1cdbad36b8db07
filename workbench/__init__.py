"""The pricing-design workbench: redesign how a software company charges, on the company's own data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.lazy import lazy_names

if TYPE_CHECKING:
    from workbench.customers import CustomerBase
    from workbench.errors import DataErrors, WorkbenchError
    from workbench.pricing import AddOn, Band, Charge, Feature, Limit, Plan, PriceBook
    from workbench.rendering.declared import open_stage
    from workbench.rendering.session import Session, open_study
    from workbench.study import Study

__version__ = "0.1.0"

__all__ = [
    "AddOn",
    "Band",
    "Charge",
    "CustomerBase",
    "DataErrors",
    "Feature",
    "Limit",
    "Plan",
    "PriceBook",
    "Session",
    "Study",
    "WorkbenchError",
    "open_stage",
    "open_study",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        **dict.fromkeys(("AddOn", "Band", "Charge", "Feature", "Limit", "Plan", "PriceBook"), "workbench.pricing"),
        **dict.fromkeys(("DataErrors", "WorkbenchError"), "workbench.errors"),
        **dict.fromkeys(("Session", "open_study"), "workbench.rendering.session"),
        "open_stage": "workbench.rendering.declared",
        "CustomerBase": "workbench.customers.base",
        "Study": "workbench.study.document",
    },
)
