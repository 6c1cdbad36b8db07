"""Who would buy what at which price: worth to customers, choice, calibration, and what follows from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.lazy import lazy_names

if TYPE_CHECKING:
    from workbench.demand.errors import DemandError
    from workbench.demand.outcome import Outcome
    from workbench.demand.search import PriceConstraints, PriceSearch, search_prices, with_prices
    from workbench.demand.task import ChoiceTask

_HOMES = {
    "PriceConstraints": "workbench.demand.search",
    "PriceSearch": "workbench.demand.search",
    "search_prices": "workbench.demand.search",
    "with_prices": "workbench.demand.search",
    "ChoiceTask": "workbench.demand.task",
    "DemandError": "workbench.demand.errors",
    "Outcome": "workbench.demand.outcome",
}

__all__ = [
    "ChoiceTask",
    "DemandError",
    "Outcome",
    "PriceConstraints",
    "PriceSearch",
    "search_prices",
    "with_prices",
]

__getattr__, __dir__ = lazy_names(__name__, _HOMES)
