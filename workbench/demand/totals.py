"""Sums over the rows of a choice task by group (a draw, a customer), kept in double precision."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Totals:
    """Accounts and monthly money per group (first axis) and per plan or add-on (second axis).

    `kept` has three columns: accounts that pay today and would still pay; accounts that pay nothing today and would
    take an offer; and those of them that would pay.
    """

    buyers: NDArray[np.float64]
    plan_revenue: NDArray[np.float64]
    plan_cost: NDArray[np.float64]
    add_on_buyers: NDArray[np.float64]
    add_on_revenue: NDArray[np.float64]
    add_on_cost: NDArray[np.float64]
    kept: NDArray[np.float64]

    @classmethod
    def zeros(cls, groups: int, plans: int, add_ons: int) -> Totals:
        """Return totals of nothing yet."""
        return cls(*(np.zeros((groups, width)) for width in (plans, plans, plans, add_ons, add_ons, add_ons, 3)))

    @classmethod
    def added(cls, parts: Iterable[Totals]) -> Totals:
        """Return the sum of totals over parts of the rows."""
        kept = list(parts)
        return cls(*(np.sum([getattr(part, each.name) for part in kept], axis=0) for each in fields(cls)))

    @classmethod
    def joined(cls, parts: Iterable[Totals]) -> Totals:
        """Return totals over the groups of all parts, one after the other."""
        kept = list(parts)
        return cls(*(np.concatenate([getattr(part, each.name) for part in kept]) for each in fields(cls)))

    def at(self, groups: NDArray[np.intp]) -> Totals:
        """Return the totals of some of the groups."""
        return Totals(*(getattr(self, each.name)[groups] for each in fields(self)))

    def times(self, factor: float) -> Totals:
        """Return every total times a factor."""
        return Totals(*(getattr(self, each.name) * factor for each in fields(self)))

    @property
    def revenue(self) -> NDArray[np.float64]:
        """Return the monthly revenue of plans and add-ons per group."""
        return self.plan_revenue.sum(axis=1) + self.add_on_revenue.sum(axis=1)

    @property
    def cost(self) -> NDArray[np.float64]:
        """Return what serving costs in a month, per group."""
        return self.plan_cost.sum(axis=1) + self.add_on_cost.sum(axis=1)


@dataclass(frozen=True, eq=False)
class Groups:
    """The group of each row and how many groups there are; `of_row` None puts every row in one group."""

    of_row: NDArray[np.integer] | None
    count: int

    def of(self, rows: slice) -> Groups:
        """Return the groups of some of the rows."""
        return self if self.of_row is None else Groups(self.of_row[rows], self.count)

    def at(self, places: NDArray[np.intp]) -> Groups:
        """Return the groups of the rows at these places."""
        return self if self.of_row is None else Groups(self.of_row[places], self.count)

    def sums(self, weight: NDArray[np.floating], values: NDArray[np.floating] | float = 1.0) -> NDArray[np.float64]:
        """Return the sum of weight times value in each group."""
        if np.ndim(values) == 0:
            return np.asarray(self._plain(weight) * float(values), dtype=np.float64)
        if self.of_row is None:
            return np.array([np.einsum("i,i", weight, values, dtype=np.float64)])
        return self._plain(weight * values)

    def _plain(self, weight: NDArray[np.floating]) -> NDArray[np.float64]:
        if self.of_row is None:
            return np.array([weight.sum(dtype=np.float64)])
        return np.bincount(self.of_row, weight, self.count).astype(np.float64, copy=False)
