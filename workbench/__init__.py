"""The pricing-design workbench: redesign how a software company charges, on the company's own data."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.customers import CustomerBase
    from workbench.errors import DataErrors, WorkbenchError
    from workbench.pricing import AddOn, Band, Charge, Feature, Limit, Plan, PriceBook
    from workbench.study import Study
    from workbench.ui.desk import Desk, open_study

__version__ = "0.1.0"

# Public names and the module each lives in. They load when first used, so that importing the
# package costs next to nothing and a script that only bills never loads a widget.
_HOMES = {
    "AddOn": "workbench.pricing",
    "Band": "workbench.pricing",
    "Charge": "workbench.pricing",
    "CustomerBase": "workbench.customers",
    "DataErrors": "workbench.errors",
    "Desk": "workbench.ui.desk",
    "Feature": "workbench.pricing",
    "Limit": "workbench.pricing",
    "Plan": "workbench.pricing",
    "PriceBook": "workbench.pricing",
    "Study": "workbench.study",
    "WorkbenchError": "workbench.errors",
    "open_study": "workbench.ui.desk",
}

__all__ = [
    "AddOn",
    "Band",
    "Charge",
    "CustomerBase",
    "DataErrors",
    "Desk",
    "Feature",
    "Limit",
    "Plan",
    "PriceBook",
    "Study",
    "WorkbenchError",
    "open_study",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a lazy module attribute can be any public object
    if name not in _HOMES:
        raise AttributeError(f"module 'workbench' has no attribute {name!r}; it has {', '.join(__all__)}")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
