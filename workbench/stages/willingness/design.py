"""Customers before one design: the choice they have, and everything along each price, worked out once and kept."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from workbench.demand.changes import cannibalisation
from workbench.demand.fees import fees_of, with_fees
from workbench.demand.price_lines import LargeLine, price_line
from workbench.stages.willingness.demand_rows import line_rows, stretch

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from workbench.demand import ChoiceTask, Flows, Outcome
    from workbench.demand.price_lines import PriceLine, SmoothLine, StepLine
    from workbench.pricing import PriceBook
    from workbench.stages.willingness.evidence import SourcedDemand

_KEPT_LINES = 24
_LARGE = 500_000  # rows of a task; a line has seven numbers for each
_LineKey = tuple[str, bytes, bytes, tuple[float, float]]


@dataclass(frozen=True, eq=False)
class DesignDemand:
    """Who would buy what from `book`. `task` holds what its offers are worth, whatever they cost.

    A design that differs in prices alone shares task and lines with it: see `at`.
    """

    sourced: SourcedDemand
    book: PriceBook
    task: ChoiceTask
    _lines: dict[_LineKey, StepLine | SmoothLine] = field(default_factory=dict, repr=False)
    _curves: dict[int, tuple[PriceLine, pd.DataFrame]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, sourced: SourcedDemand, book: PriceBook, known: DesignDemand | None = None) -> DesignDemand:
        """Return customers before a price book; what `known` worked out is used again where only prices differ."""
        if known is not None and known.sourced is sourced and _without_prices(known.book) == _without_prices(book):
            return replace(known, book=book)
        return cls(sourced, book, sourced.demand.task(book))

    @property
    def fees(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the prices of plans and of add-ons, NaN on request."""
        return fees_of(self.book)

    @cached_property
    def outcome(self) -> Outcome:
        """Return who buys what at the design's prices."""
        return self.task.outcome(*self.fees)

    @cached_property
    def flows(self) -> Flows:
        """Return where the buyers of each tier would go without it."""
        return cannibalisation(self.task, *self.fees)

    @property
    def priced(self) -> tuple[str, ...]:
        """Return the tiers that have a price to move: neither free nor on request."""
        return tuple(
            name for name, fee in zip(self.task.plans, self.fees[0], strict=True) if np.isfinite(fee) and fee > 0
        )

    def line(self, plan: str, *, keep: bool = True) -> PriceLine:
        """Return everything along the price of one tier, the other prices as they are.

        It is kept for the next price on it, unless `keep` is False and it is large.
        """
        plans, add_ons = self.fees
        place = self.task.plans.index(plan)
        others = np.delete(plans, place).tobytes()
        ends = self._ends(plan, float(plans[place]))
        key = (plan, others, add_ons.tobytes(), ends)
        if key not in self._lines:
            if not keep and self.task.rows > _LARGE:
                return LargeLine(self.task, plan, plans, add_ons, ends)
            if len(self._lines) >= _KEPT_LINES:
                self._lines.clear()
                self._curves.clear()
            self._lines[key] = price_line(self.task, plan, plans, add_ons, between=ends)
        return self._lines[key]

    def curve(self, plan: str) -> pd.DataFrame:
        """Return share, revenue and margin with their intervals along the price of a tier."""
        line = self.line(plan)
        known = self._curves.get(id(line))
        if known is None or known[0] is not line:
            ends = next(key[-1] for key, kept in self._lines.items() if kept is line)
            known = (line, line_rows(line, ends))
            self._curves[id(line)] = known
        return known[1]

    def _ends(self, plan: str, fee: float) -> tuple[float, float]:
        """Return from where to where the line runs: it stays put while the price moves on it."""
        for name, _, _, ends in self._lines:
            if name == plan and ends[0] <= fee <= ends[1]:
                return ends
        return stretch(fee)


def _without_prices(book: PriceBook) -> PriceBook:
    ones = [[1.0 if np.isfinite(fee) and fee > 0 else float(fee) for fee in fees] for fees in fees_of(book)]
    bare = with_fees(book, *ones)
    return replace(bare, name="any", note="")
