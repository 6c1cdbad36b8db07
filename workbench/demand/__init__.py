"""Who would buy what at which price: worth to customers, choice, calibration, and what follows from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.lazy import lazy_names

if TYPE_CHECKING:
    from workbench.demand.errors import DemandError
    from workbench.demand.outcome import Outcome
    from workbench.demand.task import ChoiceTask

_HOMES = {
    "ChoiceTask": "workbench.demand.task",
    "DemandError": "workbench.demand.errors",
    "Outcome": "workbench.demand.outcome",
}

__all__ = [
    "ChoiceTask",
    "DemandError",
    "Outcome",
]

__getattr__, __dir__ = lazy_names(__name__, _HOMES)
