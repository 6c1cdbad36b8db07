"""Money: charges, plans and price books, exact for one account and fast for a million."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.pricing.bill import Bill
    from workbench.pricing.bill_change import BillChange
    from workbench.pricing.charge import Band, Charge
    from workbench.pricing.curve import CurveProposal, propose_bands
    from workbench.pricing.edges import EdgeDrop, edge_drops
    from workbench.pricing.lines import Line
    from workbench.pricing.offers import MONTH, AddOn, BillingPeriod, Feature, Limit, Plan
    from workbench.pricing.placement import Placement, PlacementBook, place, prepare
    from workbench.pricing.price_book import PriceBook
    from workbench.pricing.ratio import ratio_along, share_inside

_HOMES = {
    "MONTH": "offers",
    "AddOn": "offers",
    "Band": "charge",
    "Bill": "bill",
    "BillChange": "bill_change",
    "BillingPeriod": "offers",
    "Charge": "charge",
    "CurveProposal": "curve",
    "EdgeDrop": "edges",
    "Feature": "offers",
    "Limit": "offers",
    "Line": "lines",
    "Placement": "placement",
    "PlacementBook": "placement",
    "Plan": "offers",
    "PriceBook": "price_book",
    "edge_drops": "edges",
    "place": "placement",
    "prepare": "placement",
    "propose_bands": "curve",
    "ratio_along": "ratio",
    "share_inside": "ratio",
}

__all__ = [
    "MONTH",
    "AddOn",
    "Band",
    "Bill",
    "BillChange",
    "BillingPeriod",
    "Charge",
    "CurveProposal",
    "EdgeDrop",
    "Feature",
    "Limit",
    "Line",
    "Placement",
    "PlacementBook",
    "Plan",
    "PriceBook",
    "edge_drops",
    "place",
    "prepare",
    "propose_bands",
    "ratio_along",
    "share_inside",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a lazy module attribute can be any public object
    if name not in _HOMES:
        raise AttributeError(f"module 'workbench.pricing' has no attribute {name!r}; it has {', '.join(__all__)}")
    value = getattr(importlib.import_module(f"workbench.pricing.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
