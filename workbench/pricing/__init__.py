"""Money: charges, plans and price books, exact for one account and fast for a million."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.pricing.bill import Bill
    from workbench.pricing.charge import Band, Charge
    from workbench.pricing.lines import Line
    from workbench.pricing.placement import Placement, PlacementBook, place, prepare
    from workbench.pricing.price_book import MONTH, AddOn, BillingPeriod, Feature, Limit, Plan, PriceBook

_HOMES = {
    "MONTH": "price_book",
    "AddOn": "price_book",
    "Band": "charge",
    "Bill": "bill",
    "BillingPeriod": "price_book",
    "Charge": "charge",
    "Feature": "price_book",
    "Limit": "price_book",
    "Line": "lines",
    "Placement": "placement",
    "PlacementBook": "placement",
    "Plan": "price_book",
    "PriceBook": "price_book",
    "place": "placement",
    "prepare": "placement",
}

__all__ = [
    "MONTH",
    "AddOn",
    "Band",
    "Bill",
    "BillingPeriod",
    "Charge",
    "Feature",
    "Limit",
    "Line",
    "Placement",
    "PlacementBook",
    "Plan",
    "PriceBook",
    "place",
    "prepare",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a lazy module attribute can be any public object
    if name not in _HOMES:
        raise AttributeError(f"module 'workbench.pricing' has no attribute {name!r}; it has {', '.join(__all__)}")
    value = getattr(importlib.import_module(f"workbench.pricing.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
