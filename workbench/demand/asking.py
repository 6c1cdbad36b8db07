"""A choice task asked at given fees: what each offer then leaves to each customer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.impact.billing import bills_at

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.demand.task import ChoiceTask


@dataclass(frozen=True, eq=False)
class Ask:
    """A choice task at given fees: `offered` are the places of plans with a fee, the dearest first."""

    task: ChoiceTask
    fees: NDArray[np.float64]
    add_on_fees: NDArray[np.float64]
    offered: tuple[int, ...]
    fixed_order: bool

    def open_add_ons(self, plan: int) -> list[int]:
        """Return the places of the add-ons on offer that may be bought with a plan."""
        return [a for a in range(len(self.add_on_fees)) if self.task.add_on_open[plan, a] and self.on_offer(a)]

    def on_offer(self, add_on: int) -> bool:
        """Tell whether an add-on has a fee."""
        return bool(np.isfinite(self.add_on_fees[add_on]))

    def plan_surplus(self, plan: int, rows: slice) -> NDArray[np.floating]:
        """Return what a plan leaves to each customer, add-ons aside."""
        task = self.task
        surplus = task.plan_worth[rows, plan] - task.plan_usage[rows, plan]
        surplus -= bills_at(float(self.fees[plan]), task.fee_units[rows, plan])
        return surplus

    def bill(self, plan: int, rows: slice) -> NDArray[np.floating]:
        """Return the monthly bill of a plan for each row."""
        return bills_at(float(self.fees[plan]), self.task.fee_units[rows, plan], self.task.plan_usage[rows, plan])

    def bills_everybody(self, plan: int) -> bool:
        """Tell whether everybody who takes a plan pays something, without looking at each."""
        units = self.task.fixed_bills[plan]
        return units is not None and bills_at(float(self.fees[plan]), units) > 0

    def add_on_bill(self, add_on: int, rows: slice) -> NDArray[np.floating]:
        """Return the monthly bill of an add-on for each row."""
        return bills_at(float(self.add_on_fees[add_on]), self.task.add_on_units[rows, add_on])

    def add_on_surplus(self, add_on: int, rows: slice) -> NDArray[np.floating]:
        """Return what an add-on leaves to each customer."""
        task = self.task
        return task.add_on_worth[rows, add_on] - self.add_on_bill(add_on, rows)


def ask_of(task: ChoiceTask, fees: NDArray[np.float64], add_on_fees: NDArray[np.float64]) -> Ask:
    """Return a task at given fees, plans in the order in which ties are settled."""
    offered = [plan for plan in range(len(fees)) if np.isfinite(fees[plan])]
    bills = [task.fixed_bills[plan] for plan in offered]
    fixed = all(bill is not None for bill in bills)
    size = {plan: fees[plan] * (bill or 0.0) for plan, bill in zip(offered, bills, strict=True)}
    offered.sort(key=lambda plan: size[plan], reverse=task.ties == "seller")
    return Ask(task, fees, add_on_fees, tuple(offered), fixed)
