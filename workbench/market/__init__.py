"""What others charge: public price points with their source and date, as competitor offers."""

from __future__ import annotations

from workbench.market.price_points import (
    METRIC_OF_UNIT,
    VendorOffers,
    load_price_points,
    offers_at,
    vendors,
)

__all__ = ["METRIC_OF_UNIT", "VendorOffers", "load_price_points", "offers_at", "vendors"]
