"""Several years of a design's bills, and what every tool would have made of them; each worked out once."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from workbench.customers.windows import YEAR
from workbench.errors import WorkbenchError
from workbench.impact import CheapestThatFits, Portfolio, account_months, portfolio, replay, usage_cycles
from workbench.impact.volatility import ToolOutcome, UsageBills, outcome_of, usage_bills, usual_baseline
from workbench.recent import Recent
from workbench.stages.impact_view.steady.decision import CYCLES
from workbench.stages.tiers.decision import TierDecision

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from workbench.customers import CustomerBase
    from workbench.impact import AccountMonths, Replay
    from workbench.impact.volatility_tools import VolatilityTool
    from workbench.pricing import PriceBook

MOST_MONTHS = 36
MOST_KEPT = 64  # outcomes of tools, each a few numbers a month


@dataclass(frozen=True, eq=False, repr=False)
class Years:
    """A design billed over up to three years; `bills` None where that is too short to learn from, `why_not` says why.

    The first year sets the terms of the tools, the months after it are billed.
    """

    replay: Replay | None = None
    bills: UsageBills | None = None
    why_not: str = ""
    _outcomes: Recent[VolatilityTool, ToolOutcome] = field(default_factory=lambda: Recent(MOST_KEPT), repr=False)
    _portfolios: dict[str, Portfolio | str] = field(default_factory=dict, repr=False)

    @cached_property
    def usual_baseline(self) -> float:
        """Return a quarter of the median month with usage in the first year, in currency."""
        return 0.0 if self.bills is None else usual_baseline(self.bills)

    def outcome(self, tool: VolatilityTool) -> ToolOutcome:
        """Return what a tool would have meant."""
        bills = self.bills
        assert bills is not None  # noqa: S101 - asked for where there are bills
        return self._outcomes.once(tool, lambda: outcome_of(bills, tool))

    def portfolio(self, groups: str) -> Portfolio | str:
        """Return how segments, or usage cycles, balance out; or why that cannot be said."""
        if groups not in self._portfolios:
            self._portfolios[groups] = self._balance(groups)
        return self._portfolios[groups]

    def _balance(self, groups: str) -> Portfolio | str:
        if self.replay is None:
            return self.why_not
        try:
            if groups != CYCLES:
                return portfolio(self.replay)
            # Cycles are found in the first year and measured after it: swings of the same months would be
            # opposed by construction.
            rest = len(self.replay.rows.shown_months) - YEAR
            return portfolio(self.replay, usage_cycles(self.replay), last_months=rest)
        except WorkbenchError as error:
            return str(error)


def rows_of_years(base: CustomerBase, needs: Mapping[str, int] | None = None) -> AccountMonths:
    """Return the account-months of the last three years, or of as many months as there are; shared by all designs."""
    read = needs or TierDecision().how_needs_are_read
    return account_months(
        base,
        months=min(MOST_MONTHS, len(base.months)),
        needs_months=read["needs_months"],
        minimum_uses=read["minimum_uses"],
    )


def gather_years(rows_of: Callable[[], AccountMonths], book: PriceBook, name: str) -> Years:
    """Return a design billed over the account-months that `rows_of` gives."""
    try:
        rows = rows_of()
        done = replay(rows, book, assign=CheapestThatFits(), name=name)
    except WorkbenchError as error:
        return Years(why_not=str(error))
    try:
        return Years(done, usage_bills(done))
    except WorkbenchError as error:
        return Years(done, why_not=str(error))
