"""Ways of taming usage bills, on the terms of a scenario: what each would have done, and which groups balance out."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.cache import Recent, RecentOf
from workbench.customers.needs import YEAR
from workbench.errors import WorkbenchError
from workbench.formatting import count
from workbench.growth.programme import CommitmentFrontier, commitment_frontier
from workbench.impact.bill_replay import replay
from workbench.impact.billing import CheapestThatFits
from workbench.impact.monthly_accounts import account_months
from workbench.impact.revenue_measures import Portfolio, portfolio, usage_cycles
from workbench.impact.volatility import ToolOutcome, UsageBills, tool_outcome, usage_bills, usual_baseline
from workbench.results import Basis, Caution
from workbench.stages.comparison.bills import replayed
from workbench.stages.contract import StageResult, gather_nothing, later, may_come_later
from workbench.stages.offers import TierDecision
from workbench.stages.steady.decision import CYCLES, SteadyDecision
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

    from workbench.customers.base import CustomerBase
    from workbench.impact.bill_replay import Replay
    from workbench.impact.monthly_accounts import AccountMonths
    from workbench.impact.volatility import VolatilityTool
    from workbench.pricing.price_book import PriceBook
    from workbench.rules.rulebook import Rulebook
    from workbench.study.document import Study
    from workbench.study.model import Scenario

say = texts(__name__)

# --- Several years of a design's bills, and what every tool would have made of them; each worked out once

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
        return self._outcomes.once(tool, lambda: tool_outcome(bills, tool))

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


_rows: RecentOf[CustomerBase, Hashable, AccountMonths] = RecentOf(1)
_years: RecentOf[CustomerBase, Hashable, Years] = RecentOf(4)


def years_of(base: CustomerBase, study: Study, scenario: Scenario) -> Years:
    """Return a scenario billed over up to three years; what was billed last is remembered."""
    found, needs = replayed(base, study, scenario), scenario.decision(TierDecision).how_needs_are_read
    book, read = found.book, tuple(needs.items())
    if book is None or found.comparison is None:
        return Years(why_not=found.why_not)

    def rows() -> AccountMonths:
        return _rows.once(base, read, lambda: rows_of_years(base, needs))

    return _years.once(base, (read, book), lambda: gather_years(rows, book, scenario.name))


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


# --- What each way would have done, on the terms of a scenario


@dataclass(frozen=True, eq=False)
class Steady:
    """Tools and groups side by side.

    `tools` has one row per tool: name, terms, then the columns of `workbench.impact.ToolComparison`. `by_month` has
    month, name, revenue. `groups` is None where swings cannot be told, and `why_no_groups` says why; likewise
    `tools` is empty with `why_not`.
    """

    decision: SteadyDecision
    tools: pd.DataFrame
    by_month: pd.DataFrame
    groups: Portfolio | None
    currency: str
    accounts: int
    months: int
    usual_baseline: float
    why_not: str = ""
    why_no_groups: str = ""
    cautions: tuple[Caution, ...] = ()


def steady(years: Years, decision: SteadyDecision) -> Steady:
    """Return every tool on a decision's terms, and how groups of customers balance out."""
    found = years.portfolio(decision.groups)
    groups, why = (None, found) if isinstance(found, str) else (found, "")
    bills, replay = years.bills, years.replay
    if bills is None or replay is None:
        empty = pd.DataFrame()
        # Groups can be told from fewer months than ways can.
        accounts = 0 if groups is None else int(groups.groups["accounts"].sum())
        months = 0 if replay is None else len(replay.rows.shown_months)
        return Steady(decision, empty, empty, groups, "", accounts, months, 0.0, years.why_not, why)
    tools = decision.tools(years.usual_baseline, bills.charged, bills.currency)
    outcomes = {name: years.outcome(tool) for name, tool in tools.items()}
    rows = [{"name": name, **each.row} for name, each in outcomes.items()]
    by_month = pd.DataFrame(
        {
            "month": np.tile(bills.months.to_numpy(), len(outcomes)),
            "name": np.repeat(list(outcomes), len(bills.months)),
            "revenue": np.concatenate([each.by_month for each in outcomes.values()]),
        }
    )
    few = count("month", len(bills.months))
    first = Caution(say("terms_come_from_the_first", few=few), "note")
    return Steady(
        decision=decision,
        tools=pd.DataFrame(rows).rename(columns={"tool": "terms"}),
        by_month=by_month,
        groups=groups,
        currency=replay.currency,
        accounts=len(bills),
        months=len(bills.months),
        usual_baseline=years.usual_baseline,
        why_no_groups=why,
        cautions=(first, *bills.cautions()),
    )


def _frontier(years: Years, decision: SteadyDecision) -> CommitmentFrontier:
    """Return floors against discounts on a decision's premium; nothing where no usage is charged."""
    if years.replay is None:
        return CommitmentFrontier(pd.DataFrame(), pd.DataFrame(), reason=years.why_not)
    return commitment_frontier(years.replay, premium=decision.overage_premium, offered=decision.commitment_discount)


@dataclass(frozen=True, kw_only=True, eq=False)
class SteadyResult(StageResult):
    """What the ways of taming usage bills would have done; billing a year and more waits until somebody looks."""

    decision: SteadyDecision
    steady: Steady = may_come_later()
    frontier: CommitmentFrontier = may_come_later()


gather = gather_nothing


def evaluate(
    base: CustomerBase,
    scenario: Scenario,
    *,
    study: Study,
    rulebook: Rulebook | None = None,
    seed: int = 0,
    evidence: None = None,
) -> SteadyResult:
    """Return every way of taming usage bills on a scenario's terms.

    Parameters
    ----------
    base, scenario, study
        The customers, whose bills, and the study that says on which months bills stand.
    rulebook, seed, evidence
        Not asked: no rule speaks of it, and nothing is drawn.
    """
    del rulebook, seed, evidence
    decision = scenario.decision(SteadyDecision)

    @cache
    def found() -> Steady:
        return steady(years_of(base, study, scenario), decision)

    return SteadyResult(
        basis=later(lambda: Basis(found().accounts, len(base))),
        why_not=later(lambda: found().why_not),
        cautions=later(lambda: found().cautions),
        missing=later(lambda: replayed(base, study, scenario).today.missing),
        decision=decision,
        steady=later(found),
        frontier=later(lambda: _frontier(years_of(base, study, scenario), decision)),
    )


def summarise(decision: SteadyDecision, result: SteadyResult) -> str:
    """Return the terms in a sentence."""
    del result
    return say(
        "terms",
        discount=decision.commitment_discount,
        premium=decision.overage_premium,
        pool=decision.pool_share,
        smoothing=decision.smoothing_months,
        cap=decision.cap_times,
    )
