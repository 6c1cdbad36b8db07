"""The slow part of looking at what prices do to customers: billing every account-month, once per set of prices."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from workbench.customers.windows import YEAR
from workbench.errors import WorkbenchError
from workbench.impact import KeepPlan, account_months, compare, reconcile, replay
from workbench.impact.ahead import PricesAhead, past_reactions, record_of, revenue_ahead
from workbench.impact.migration import MigrationError, bills_of, with_term
from workbench.impact.realised import at_what_is_paid, placed_by_need
from workbench.impact.uncertainty import TODAY, widest_on_record
from workbench.results import Missing
from workbench.stages.impact_view.bridge import bridge
from workbench.stages.impact_view.future import NEW_PRICES
from workbench.stages.impact_view.price_sums import price_sums
from workbench.stages.impact_view.steady.years import Years, gather_years, rows_of_years
from workbench.stages.later import later, may_come_later
from workbench.stages.price_book import price_book
from workbench.stages.price_book import today as list_of_today
from workbench.stages.tiers.decision import TierDecision

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.customers import CustomerBase
    from workbench.impact import AccountMonths, Comparison, Reconciliation, Replay
    from workbench.impact.ahead import PastReaction, RevenueAhead
    from workbench.impact.migration import AccountBills
    from workbench.pricing import PriceBook
    from workbench.stages.impact_view.bridge import Bridge
    from workbench.stages.impact_view.price_sums import PriceSums
    from workbench.study import Scenario

NO_YEARS = Years()
MOST_MOVERS = 10


@dataclass(frozen=True, eq=False, repr=False)
class TodayEvidence:
    """Today's price list replayed; `baseline` None when it cannot be, and `why_not` says why.

    `baseline` bills the months of the study's basis at list prices, `months` many; the reconciliation a year.

    `years` are the account-months of a longer time and `every` all there are, which all designs share; prepared when
    first read. `needs` is how the account-months read what an account needs. `reactions` are what customers did when
    their price rose, or why nobody knows.
    """

    baseline: Replay | None = None
    reconciliation: Reconciliation | None = None
    missing: tuple[Missing, ...] = ()
    why_not: str = ""
    years: AccountMonths | None = may_come_later(None)
    every: AccountMonths | None = may_come_later(None)
    needs: Mapping[str, int] = field(default_factory=lambda: TierDecision().how_needs_are_read)
    months: int = 1
    reactions: tuple[PastReaction, ...] = may_come_later(())


@dataclass(frozen=True, eq=False, repr=False)
class DesignEvidence:
    """One design replayed over the same account-months; `comparison` None when it cannot be, and `why_not` says why.

    `prices` says what each price brings, so that one can be moved without billing anything again. `bills` are today's
    customers for a migration, None when nobody of the last month has a bill on both sides. `years` bills the design
    over a longer time, for swings, and `ahead` forecasts revenue under both lists; worked out when first read.
    """

    scenario: Scenario
    today: TodayEvidence
    comparison: Comparison | None = None
    bridge: Bridge | None = None
    prices: PriceSums | None = None
    bills: AccountBills | None = None
    accounts: pd.DataFrame | None = field(default=None, repr=False)
    years: Years = may_come_later(NO_YEARS)
    ahead: RevenueAhead | None = may_come_later(None)
    why_not: str = ""
    _by_term: dict[int, AccountBills] = field(default_factory=dict, repr=False)

    def bills_with(self, term: int) -> AccountBills | None:
        """Return today's customers with contracts that run for so many months where no date is on record."""
        if self.bills is None or self.accounts is None or term == YEAR:
            return self.bills
        if term not in self._by_term:
            self._by_term[term] = with_term(self.bills, self.accounts, term)
        return self._by_term[term]

    @cached_property
    def movers(self) -> pd.DataFrame:
        """Return the accounts that move most under the design's own prices, with the reason in words."""
        return pd.DataFrame() if self.comparison is None else self.comparison.movers(MOST_MOVERS)


def gather_today(base: CustomerBase, needs: Mapping[str, int] | None = None, *, months: int = 1) -> TodayEvidence:
    """Return today's prices replayed over the months of a basis, and how well a year of them meets recorded revenue."""
    read = needs or TierDecision().how_needs_are_read
    missing = tuple(
        Missing(table, why)
        for table, why in (
            ("usage", "What every account used, so that it can be billed again month by month."),
            ("plans", "Today's price list, so that new bills can be compared with today's."),
        )
        if not base.has(table)
    )
    if missing:
        wanted = " and ".join(each.table for each in missing)
        return TodayEvidence(missing=missing, why_not=f"What customers would pay cannot be said without {wanted}.")
    try:
        year = account_months(base, months=YEAR, needs_months=read["needs_months"], minimum_uses=read["minimum_uses"])
        of_a_year = replay(year, list_of_today(base), assign=KeepPlan(), name="Today")
        reconciliation = None if year.recorded is None else reconcile(of_a_year)
        shown = min(months, len(base.months))
        rows = account_months(base, months=shown, needs_months=read["needs_months"], minimum_uses=read["minimum_uses"])
        baseline = replay(rows, list_of_today(base), assign=KeepPlan(), name="Today")
    except WorkbenchError as error:
        return TodayEvidence(why_not=str(error))
    found = TodayEvidence(
        baseline,
        reconciliation,
        years=later(lambda: rows_of_years(base, read)),
        every=later(lambda: account_months(base, needs_months=read["needs_months"], minimum_uses=read["minimum_uses"])),
        needs=read,
        months=months,
        reactions=later(lambda: _reactions(base, found.every)),
    )
    return found


def _reactions(base: CustomerBase, every: AccountMonths | None) -> tuple[PastReaction, ...]:
    if every is None:
        return ()
    record = record_of(base, every, list_of_today(base), every.metrics)
    return past_reactions(record, widest=widest_on_record())


def gather_design(base: CustomerBase, today: TodayEvidence, scenario: Scenario) -> DesignEvidence:
    """Return a design replayed over the account-months of today's replay, with what follows from its bills.

    Its plans are held against what is paid, each account with its own discount. What customers would pay for add-ons
    whose features they use today stands beside, in `bills`: whether they buy them is theirs to choose.

    A design that reads needs in a way of its own has today's prices replayed the same way.
    """
    if today.baseline is None:
        return DesignEvidence(scenario, today, why_not=today.why_not)
    needs = scenario.decision(TierDecision).how_needs_are_read
    if needs != today.needs:
        return gather_design(base, gather_today(base, needs, months=today.months), scenario)
    book = price_book(base, scenario)
    if not book.plans:
        why = f"{scenario.name} offers no plan yet: decide its tiers or its price curve first."
        return DesignEvidence(scenario, today, why_not=why)
    try:
        rows = today.baseline.rows
        assign = placed_by_need(today.baseline)
        plans = replay(rows, replace(book, add_ons=()), assign=assign, name=scenario.name)
        every = replay(rows, book, assign=assign, name=scenario.name) if book.add_ons else plans
        paid, after, with_add_ons = at_what_is_paid(today.baseline, plans, every)
        comparison = compare(paid, after)
    except WorkbenchError as error:
        return DesignEvidence(scenario, today, why_not=str(error))
    if not len(comparison.accounts):
        why = f"No account has a bill both today and under {scenario.name}, so nothing can be compared."
        return DesignEvidence(scenario, today, why_not=why)
    return DesignEvidence(
        scenario,
        today,
        comparison=comparison,
        bridge=bridge(comparison),
        prices=price_sums(comparison),
        bills=_bills(compare(paid, with_add_ons), base),
        accounts=base.accounts,
        years=later(lambda: gather_years(lambda: today.years or rows_of_years(base, needs), book, scenario.name)),
        ahead=later(lambda: _ahead(base, today, book)),
    )


def _ahead(base: CustomerBase, today: TodayEvidence, book: PriceBook) -> RevenueAhead | None:
    if today.every is None:
        return None
    lists = {TODAY: PricesAhead(list_of_today(base)), NEW_PRICES: PricesAhead(book, placed_by_need(today.baseline))}
    return revenue_ahead(base, today.every, lists)


def _bills(comparison: Comparison, base: CustomerBase) -> AccountBills | None:
    try:
        return bills_of(comparison, base)
    except MigrationError:
        return None
