"""What customers could pay for a plan or an add-on at most: the ends of a price search, and where it starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.demand.task import ChoiceTask

_TASTE = 30.0
"""Spreads of taste beyond every worth at which logit demand is gone: exp(-30) of it is left."""
_BLOCK = 262_144
_LOWEST = 1e-3
"""The lowest price searched, as a share of what a typical customer could pay."""


def reach(task: ChoiceTask, plan: int | None, add_on: int | None) -> NDArray[np.float64]:
    """Return the highest price each row could pay for a plan or an add-on, per unit; only those above zero."""
    found, end = np.empty(task.rows), 0
    for start in range(0, task.rows, _BLOCK):  # what it takes on the way is as large as the task otherwise
        rows = slice(start, start + _BLOCK)
        if plan is not None:
            worth = np.asarray(task.plan_worth[rows, plan] - task.plan_usage[rows, plan], dtype=np.float64)
            for a in np.flatnonzero(task.add_on_open[plan]):
                worth = worth + np.maximum(task.add_on_worth[rows, a], 0)
            units = task.fee_units[rows, plan]
        else:
            worth = np.asarray(task.add_on_worth[rows, add_on], dtype=np.float64)
            units = task.add_on_units[rows, add_on]
        payable = np.isfinite(worth) & (units > 0) & (worth > 0)
        prices = worth[payable] / units[payable]
        found[end : end + prices.size] = prices
        end += prices.size
    return found[:end]


def highest_price(task: ChoiceTask, plan: int | None, add_on: int | None) -> float:
    """Return a price at which nobody is left to buy (1 where nobody would at any price)."""
    most = float(reach(task, plan, add_on).max(initial=0.0))
    if task.rule == "logit":
        units = task.fee_units[:, plan] if plan is not None else task.add_on_units[:, add_on]
        some = units[units > 0]
        most += _TASTE * task.scale / (float(np.median(some)) if some.size else 1.0)
    return most or 1.0


def lowest_price(task: ChoiceTask, plan: int | None, add_on: int | None, high: float) -> float:
    """Return the lowest price worth looking at: far below what a typical customer could pay."""
    found = reach(task, plan, add_on)
    return _LOWEST * min(high, float(np.median(found, overwrite_input=True)) if found.size else high)
