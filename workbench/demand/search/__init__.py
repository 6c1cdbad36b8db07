"""Prices found rather than guessed: for tiers and add-ons at once, under rules, with what each rule costs."""

from __future__ import annotations

from workbench.demand.search.constraints import PriceConstraints, RuleName
from workbench.demand.search.find import BestPrices, best_prices, search_prices
from workbench.demand.search.flat import FlatRegion
from workbench.demand.search.gain import Gain
from workbench.demand.search.result import LocalPeak, PriceSearch, RuleCost, with_prices

__all__ = [
    "BestPrices",
    "FlatRegion",
    "Gain",
    "LocalPeak",
    "PriceConstraints",
    "PriceSearch",
    "RuleCost",
    "RuleName",
    "best_prices",
    "search_prices",
    "with_prices",
]
