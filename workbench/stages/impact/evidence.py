"""The slow part of looking at what prices do to customers.

Billing every account-month once per set of prices, with the bridge from old revenue to new, the sums behind tried
prices and several years for steadier revenue.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.cache import Recent
from workbench.customers.needs import YEAR
from workbench.errors import StudyError, WorkbenchError
from workbench.impact.bill_replay import replay
from workbench.impact.billing import CheapestThatFits, KeepPlan, offers_of_rows
from workbench.impact.comparison import compare
from workbench.impact.migration.bills import bills_of, with_term
from workbench.impact.migration.policies import MigrationError
from workbench.impact.monthly_accounts import account_months
from workbench.impact.price_realisation import at_what_is_paid, placed_by_need, reconcile
from workbench.impact.revenue_forecast import PricesAhead, record_of, revenue_ahead
from workbench.impact.revenue_measures import Portfolio, portfolio, usage_cycles
from workbench.impact.uncertainty.behaviour import past_reactions, widest_on_record
from workbench.impact.uncertainty.simulation import TODAY
from workbench.impact.volatility import ToolOutcome, UsageBills, tool_outcome, usage_bills, usual_baseline
from workbench.pricing.price_book import AddOn
from workbench.results import Missing
from workbench.stages.contract import later, may_come_later
from workbench.stages.impact.decision import CYCLES
from workbench.stages.migration.evaluation import NEW_PRICES
from workbench.stages.offers import TierDecision
from workbench.stages.price_book import list_of_today, price_book
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from numpy.typing import NDArray

    from workbench.customers.base import CustomerBase
    from workbench.impact.bill_replay import Replay
    from workbench.impact.comparison import Comparison
    from workbench.impact.migration.bills import AccountBills
    from workbench.impact.monthly_accounts import AccountMonths
    from workbench.impact.price_realisation import Reconciliation
    from workbench.impact.revenue_forecast import RevenueAhead
    from workbench.impact.uncertainty.behaviour import PastReaction
    from workbench.impact.volatility import VolatilityTool
    from workbench.pricing.price_book import Plan, PriceBook
    from workbench.study.model import Scenario

    Floats = NDArray[np.float64]

say = texts(__name__)

# --- From the revenue of today's prices to that of new ones, step by step: which cause moved how much money

PRICE = "Price level"
LIMITS = say("usage_beyond_what_is_included")
NEW = "New charges"
ENDED = "Charges that end"
PLAN = "Another plan"
ADD_ONS = "Add-ons"
CAUSES = (PRICE, LIMITS, NEW, ENDED, PLAN, ADD_ONS)
MEANINGS = {
    PRICE: say("the_same_fee_or_charge"),
    LIMITS: say("charges_for_units_beyond_those"),
    NEW: say("fees_and_charges_the_old"),
    ENDED: say("fees_and_charges_the_new"),
    PLAN: say("accounts_that_end_up_in"),
    ADD_ONS: say("add_ons_under_the_new"),
}


@dataclass(frozen=True, eq=False, repr=False)
class Bridge:
    """The change of revenue by cause over all account-months compared, in currency.

    `amounts` is what each cause explains over all months; they sum to `after` - `before`. `by_account` are the same
    by account of the base (accounts x `causes`). `only_before` and `only_after` are the bills that have no counterpart
    on the other side and stand in no cause. `months` is how many months are shown.
    """

    causes: tuple[str, ...]
    amounts: Floats
    before: float
    after: float
    only_before: float
    only_after: float
    months: int
    currency: str
    by_account: Floats = may_come_later()

    def table(self) -> pd.DataFrame:
        """Return cause and change a month, for the causes that change anything, largest amount first."""
        frame = pd.DataFrame({"cause": self.causes, "change": self.amounts / self.months})
        order = frame["change"].abs().sort_values(ascending=False, kind="stable").index
        frame = frame.loc[order].reset_index(drop=True)
        return frame[frame["change"].abs() > _NOISE * max(1.0, self.before)].reset_index(drop=True)


_NOISE = 1e-12


def bridge_of(comparison: Comparison) -> Bridge:
    """Return what moves revenue between two replays; StudyError when the first side has no itemised bills."""
    before, after = comparison.before, comparison.after
    if before is None:
        raise StudyError("Revenue on record has no items, so its change has no causes.", "Compare two replays.")
    rows = after.rows
    compared = np.zeros(len(rows), dtype=bool)
    compared[comparison.rows] = True
    found = {cause: np.zeros(len(rows)) for cause in CAUSES}
    old_extra, new_extra = _add_on_amounts(before), _add_on_amounts(after)
    found[ADD_ONS] = new_extra - old_extra
    for place, here, successor in _successors(before, after, comparison.rows):
        old, new = before.book.plans[place], after.book.plans[successor]
        left = (after.amounts - new_extra)[here] - (before.amounts - old_extra)[here]
        parts = _by_item(before, after, (old, new), here)
        step = np.sum(list(parts.values()), axis=0) if parts else np.full(len(here), np.nan)
        known = np.isfinite(step)
        for cause, amounts in parts.items():
            found[cause][here] += np.where(known, amounts, 0.0)
        found[PLAN][here] = left - np.where(known, step, 0.0)
    by_account = np.column_stack([rows.by_account(np.where(compared, found[cause], 0.0)) for cause in CAUSES])
    return Bridge(
        causes=CAUSES,
        amounts=by_account.sum(axis=0),
        by_account=by_account,
        before=comparison.revenue_before,
        after=comparison.revenue_after,
        only_before=float(before.known_amounts[~compared].sum()),
        only_after=float(after.known_amounts[~compared].sum()),
        months=len(rows.shown_months),
        currency=comparison.currency,
    )


def _successors(before: Replay, after: Replay, rows: NDArray[np.intp]) -> Iterator[tuple[int, NDArray[np.intp], int]]:
    """Go through today's plans in use: place, the rows in it that are compared, and the plan that takes its place."""
    names = {plan.name: place for place, plan in enumerate(after.book.plans) if plan.priced}
    for place, plan in enumerate(before.book.plans):
        here = rows[before.plan_index[rows] == place]
        if len(here):
            most = int(np.bincount(after.plan_index[here]).argmax())
            yield place, here, names.get(plan.name, most)


def _by_item(before: Replay, after: Replay, plans: tuple[Plan, Plan], here: NDArray[np.intp]) -> dict[str, Floats]:
    """Return cause -> change of each row between its old plan and the one that takes its place; NaN unknown."""
    old, new = plans
    was, becomes = before.items_of(old, here), after.items_of(new, here)
    beyond = {charge.metric for plan in plans for charge in plan.charges if charge.free_units}
    found: dict[str, Floats] = {}
    nothing = np.zeros(len(here))
    for subject in dict.fromkeys((*was, *becomes)):
        if subject in beyond:
            cause = LIMITS
        elif subject in was:
            cause = PRICE if subject in becomes else ENDED
        else:
            cause = NEW
        change = becomes.get(subject, nothing) - was.get(subject, nothing)
        found[cause] = found.get(cause, nothing) + change
    return found


def _add_on_amounts(replay: Replay) -> Floats:
    """Return what each row pays for add-ons."""
    total = np.zeros(len(replay.rows))
    for offer, here in offers_of_rows(replay.book, replay.plan_index, replay.owned):
        if isinstance(offer, AddOn) and not isinstance(here, slice):
            for amounts in replay.items_of(offer, here).values():
                total[here] += amounts
    return total


# --- What every price that can be tried brings, summed once, so that moving one bills nothing again

EVERYTHING = ""


@dataclass(frozen=True, eq=False, repr=False)
class PriceSums:
    """The account-months of a comparison, by price: `keys` names the prices, all of them together under "".

    Each mapping goes from a key to amounts in currency: `per_account` to the mean a month of every account compared,
    `share_of_bill` to the same as a share of today's bill (0 where today's bill is nothing), `per_month` and
    `per_segment` to sums of the account-months, in the order of the comparison's tables. `totals` sums them all.
    `by_size` puts the accounts in the order of today's bill.
    """

    per_account: dict[str, Floats] = field(repr=False)
    share_of_bill: dict[str, Floats] = field(repr=False)
    per_month: dict[str, Floats] = field(repr=False)
    per_segment: dict[str, Floats] = field(repr=False)
    totals: dict[str, float]
    by_size: NDArray[np.intp] = field(repr=False)

    @property
    def keys(self) -> tuple[str, ...]:
        """Name the prices that bring anything."""
        return tuple(self.totals)


def price_sums(comparison: Comparison) -> PriceSums:
    """Return what each price brings in the account-months of a comparison."""
    replay, rows = comparison.after, comparison.after.rows
    compared = np.zeros(len(rows), dtype=bool)
    compared[comparison.rows] = True
    found: dict[str, Floats] = {EVERYTHING: np.zeros(len(rows))}
    for offer, here in offers_of_rows(replay.book, replay.plan_index, replay.owned):
        inside = np.arange(len(rows))[here]
        inside = inside[compared[inside]]
        for subject, amounts in replay.items_of(offer, inside).items():
            found.setdefault(price_key(offer, subject), np.zeros(len(rows)))[inside] += amounts
            found[EVERYTHING][inside] += amounts
    before = comparison.accounts["before"].to_numpy(dtype=float)
    months = comparison.accounts["months"].to_numpy(dtype=float)
    codes, names = rows.segment_codes
    of_segment = codes[rows.account]
    sums: dict[str, tuple[Floats, Floats, Floats, Floats]] = {}
    for key, amounts in found.items():
        mean = rows.by_account(amounts)[comparison.places] / months
        share = np.divide(mean, before, out=np.zeros(len(mean)), where=before > 0)
        segments = np.bincount(of_segment, amounts, len(names)).astype(float)
        sums[key] = (mean, share, rows.by_month(amounts), segments)
    per_account, share_of_bill, per_month, per_segment = (
        {key: part[place] for key, part in sums.items()} for place in range(4)
    )
    totals = {key: float(amounts.sum()) for key, amounts in per_month.items()}
    by_size = np.argsort(before, kind="stable")
    return PriceSums(per_account, share_of_bill, per_month, per_segment, totals, by_size)


def price_key(offer: Plan | AddOn, subject: str) -> str:
    """Return the key of an offer's base fee or of what it charges for a metric."""
    return f"{type(offer).__name__}|{offer.name}|{subject}"


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


# --- The slow part of looking at what prices do to customers

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
            ("usage", say("what_every_account_used_so")),
            ("plans", say("today_s_price_list_so")),
        )
        if not base.has(table)
    )
    if missing:
        wanted = " and ".join(each.table for each in missing)
        return TodayEvidence(missing=missing, why_not=say("what_customers_would_pay_cannot", wanted=wanted))
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
        why = say("offers_no_plan_yet_decide", name=scenario.name)
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
        why = say("no_account_has_a_bill", name=scenario.name)
        return DesignEvidence(scenario, today, why_not=why)
    return DesignEvidence(
        scenario,
        today,
        comparison=comparison,
        bridge=bridge_of(comparison),
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
