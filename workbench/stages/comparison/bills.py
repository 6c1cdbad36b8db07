"""The slow part of looking at what prices do to customers.

Billing every account-month once per set of prices, with the bridge from old revenue to new and the sums behind tried
prices.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.cache import RecentOf
from workbench.customers.needs import YEAR
from workbench.errors import StudyError, WorkbenchError
from workbench.impact.bill_replay import replay
from workbench.impact.billing import CheapestThatFits, KeepPlan, offers_of_rows
from workbench.impact.comparison import compare
from workbench.impact.guardrails import check_guardrails
from workbench.impact.migration.bills import bills_of, with_term
from workbench.impact.migration.policies import MigrationError
from workbench.impact.monthly_accounts import account_months
from workbench.impact.price_realisation import at_what_is_paid, book_on_record, placed_by_need, reconcile
from workbench.impact.revenue_forecast import PricesAhead, record_of, revenue_ahead
from workbench.impact.uncertainty.behaviour import past_reactions, widest_on_record
from workbench.impact.uncertainty.simulation import TODAY
from workbench.pricing.price_book import AddOn
from workbench.results import Missing
from workbench.stages.contract import later, may_come_later
from workbench.stages.offers import TierDecision
from workbench.stages.price_book import list_of_today, price_book
from workbench.stages.study_replay import standing_of_last_months
from workbench.study.model import MONTHS_OF_BASIS
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping

    from numpy.typing import NDArray

    from workbench.customers.base import CustomerBase
    from workbench.impact.bill_replay import Replay
    from workbench.impact.comparison import Comparison
    from workbench.impact.migration.bills import AccountBills
    from workbench.impact.monthly_accounts import AccountMonths
    from workbench.impact.price_realisation import Reconciliation
    from workbench.impact.revenue_forecast import RevenueAhead
    from workbench.impact.uncertainty.behaviour import PastReaction
    from workbench.pricing.price_book import Plan, PriceBook
    from workbench.study.document import Study
    from workbench.study.model import Scenario

    Floats = NDArray[np.float64]

say = texts(__name__)

PAID = "Revenue today, as paid"
NET = say("revenue_of_the_new_list")
TODAYS_LIST = say("revenue_of_today_s_list")
NEW_LIST = say("revenue_of_the_new_list_2")

SURE = 0.9  # share of draws that must agree before it is said which prices bring more

# --- From the revenue of today's prices to that of new ones, step by step: which cause moved how much money

PRICE = "Price level"
LIMITS = say("usage_beyond_what_is_included")
NEW = "New charges"
ENDED = "Charges that end"
PLAN = "Another plan"
ADD_ONS = "Add-ons"
CAUSES = (PRICE, LIMITS, NEW, ENDED, PLAN, ADD_ONS)
RISES = say("accounts_that_pay_more")
FALLS = say("accounts_that_pay_less")
MEANINGS = {
    PRICE: say("the_same_fee_or_charge"),
    LIMITS: say("charges_for_units_beyond_those"),
    NEW: say("fees_and_charges_the_old"),
    ENDED: say("fees_and_charges_the_new"),
    PLAN: say("accounts_that_end_up_in"),
    ADD_ONS: say("add_ons_under_the_new"),
    RISES: say("what_is_paid_has_no_items"),
    FALLS: say("what_is_paid_has_no_items"),
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


def _bridge_from_paid(comparison: Comparison) -> Bridge:
    """Return what moves revenue from what is paid, which has no items: the accounts whose bill rises, or falls."""
    change, months = (comparison.accounts[name].to_numpy(dtype=float) for name in ("change", "months"))
    sums = np.zeros(len(comparison.after.rows.account_ids))
    sums[comparison.places] = change * months
    by_account = np.column_stack([np.maximum(sums, 0.0), np.minimum(sums, 0.0)])
    before, after, rows = comparison.before, comparison.after, comparison.after.rows
    outside = np.ones(len(rows), dtype=bool)
    outside[comparison.rows] = False
    return Bridge(
        causes=(RISES, FALLS), amounts=by_account.sum(axis=0), by_account=by_account,
        before=comparison.revenue_before, after=comparison.revenue_after,
        only_before=0.0 if before is None else float(before.known_amounts[outside].sum()),
        only_after=float(after.known_amounts[outside].sum()), months=len(rows.shown_months),
        currency=comparison.currency,
    )  # fmt: skip


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
        causes=CAUSES, amounts=by_account.sum(axis=0), by_account=by_account, before=comparison.revenue_before,
        after=comparison.revenue_after, only_before=float(before.known_amounts[~compared].sum()),
        only_after=float(after.known_amounts[~compared].sum()), months=len(rows.shown_months),
        currency=comparison.currency,
    )  # fmt: skip


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
"""All prices together, among those that can be tried."""


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


# --- The slow part of looking at what prices do to customers

MOST_MOVERS = 10
NEW_PRICES = "the new prices"


@dataclass(frozen=True, eq=False, repr=False)
class TodayEvidence:
    """Today's price list replayed; `baseline` None when it cannot be, and `why_not` says why.

    `baseline` bills the months of the study's basis at list prices, `months` many; the reconciliation a year.

    `every` are all account-months there are, which all designs share; prepared when first read. `needs` is how the
    account-months read what an account needs. `reactions` are what customers did when their price rose, or why nobody
    knows. `as_paid` marks a base without a price list: the baseline is then the revenue on record, each plan on
    request.
    """

    baseline: Replay | None = None
    reconciliation: Reconciliation | None = None
    missing: tuple[Missing, ...] = ()
    why_not: str = ""
    every: AccountMonths | None = may_come_later(None)
    needs: Mapping[str, int] = field(default_factory=lambda: TierDecision().how_needs_are_read)
    months: int = 1
    as_paid: bool = False
    reactions: tuple[PastReaction, ...] = may_come_later(())


@dataclass(frozen=True, eq=False, repr=False)
class DesignEvidence:
    """One design replayed over the same account-months; `comparison` None when it cannot be, and `why_not` says why.

    `book` is what it offers, `prices` what each price brings, so that one can be moved without billing anything again.
    `bills` are today's customers for a migration, None when nobody of the last month has a bill on both sides; they are
    made of `with_add_ons`, which bills what customers use of add-ons as well. `ahead` forecasts revenue under both
    lists; worked out when first read.
    """

    scenario: Scenario
    today: TodayEvidence
    book: PriceBook | None = None
    comparison: Comparison | None = None
    with_add_ons: Comparison | None = None
    bridge: Bridge | None = None
    prices: PriceSums | None = None
    bills: AccountBills | None = None
    accounts: pd.DataFrame | None = field(default=None, repr=False)
    subscriptions: pd.DataFrame | None = field(default=None, repr=False)
    ahead: RevenueAhead | None = may_come_later(None)
    why_not: str = ""
    _by_term: dict[int, AccountBills] = field(default_factory=dict, repr=False)

    def bills_with(self, term: int) -> AccountBills | None:
        """Return today's customers with contracts that run for so many months where no date is on record."""
        if self.bills is None or self.accounts is None or term == YEAR:
            return self.bills
        if term not in self._by_term:
            self._by_term[term] = with_term(self.bills, self.accounts, term, self.subscriptions)
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
        for table, why in (("usage", say("what_every_account_used_so")), ("plans", say("today_s_price_list_so")))
        if not base.has(table)
    )
    if base.has("mrr") and not base.has("plans"):
        return _today_as_paid(base, read, months=months, missing=missing)
    if missing and not (base.has("mrr") and base.has("plans")):
        wanted = " and ".join(each.table for each in missing)
        return TodayEvidence(missing=missing, why_not=say("what_customers_would_pay_cannot", wanted=wanted))
    try:
        of_a_year = standing_of_last_months(base, read, months=YEAR).today
        reconciliation = None if of_a_year is None or of_a_year.rows.recorded is None else reconcile(of_a_year)
        baseline = standing_of_last_months(base, read, months=months).today
    except WorkbenchError as error:
        return TodayEvidence(why_not=str(error))
    if base.has("mrr") and (baseline is None or not baseline.known.any()):  # prices of usage nobody has recorded
        return _today_as_paid(base, read, months=months, missing=missing)
    found = TodayEvidence(
        baseline, reconciliation,
        every=later(lambda: account_months(base, needs_months=read["needs_months"], minimum_uses=read["minimum_uses"])),
        needs=read, months=months, reactions=later(lambda: _reactions(base, found.every)),
    )  # fmt: skip
    return found


def _today_as_paid(
    base: CustomerBase, read: Mapping[str, int], *, months: int, missing: tuple[Missing, ...]
) -> TodayEvidence:
    """Return the revenue on record as what stands today, where no list says what is charged, or it bills nobody."""
    try:
        rows = standing_of_last_months(base, read, months=months).rows
        # That no list bills anything is what this is for, and no reason for a caution.
        baseline = replace(replay(rows, book_on_record(rows), assign=KeepPlan(), name=PAID), cautions=())
    except WorkbenchError as error:
        return TodayEvidence(missing=missing, why_not=str(error))
    return TodayEvidence(baseline, missing=missing, needs=read, months=months, as_paid=True)


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
        assign = CheapestThatFits() if today.as_paid else placed_by_need(today.baseline)
        plans = replay(rows, replace(book, add_ons=()), assign=assign, name=scenario.name)
        every = replay(rows, book, assign=assign, name=scenario.name) if book.add_ons else plans
        paid, after, extended = at_what_is_paid(today.baseline, plans, every)
        comparison, with_add_ons = compare(paid, after), compare(paid, extended)
    except WorkbenchError as error:
        return DesignEvidence(scenario, today, why_not=str(error))
    if not len(comparison.accounts):
        why = say("no_account_has_a_bill", name=scenario.name)
        return DesignEvidence(scenario, today, why_not=why)
    return DesignEvidence(
        scenario, today, book, comparison=comparison, with_add_ons=with_add_ons,
        bridge=_bridge_from_paid(comparison) if today.as_paid else bridge_of(comparison),
        prices=price_sums(comparison), bills=_bills(with_add_ons, base), accounts=base.accounts,
        subscriptions=base.subscriptions, ahead=later(lambda: _ahead(base, today, book)),
    )  # fmt: skip


_KEPT = 4  # of each kind and base: a few designs are looked at in turn
_todays: RecentOf[CustomerBase, Hashable, TodayEvidence] = RecentOf(_KEPT)
_designs: RecentOf[CustomerBase, Hashable, DesignEvidence] = RecentOf(_KEPT)


def replayed(base: CustomerBase, study: Study, scenario: Scenario) -> DesignEvidence:
    """Return a scenario's price book billed over the months of the study's basis, against today's list.

    Every stage that looks at bills, and a stage of another package, shares it: what was billed last is remembered.
    """
    needs, months = scenario.decision(TierDecision).how_needs_are_read, MONTHS_OF_BASIS[study.basis]
    read = (months, *needs.items())
    today = _todays.once(base, read, lambda: gather_today(base, needs, months=months))
    book = price_book(base, scenario)
    return _designs.once(base, (read, book), lambda: gather_design(base, today, scenario))


def crossed_limits(base: CustomerBase, study: Study, scenario: Scenario) -> tuple[str, ...]:
    """Return the guardrails a scenario crosses, a sentence each; none where nothing can be compared."""
    comparison = replayed(base, study, scenario).comparison
    return () if comparison is None else check_guardrails(comparison, study.guardrails).sentences()


def _ahead(base: CustomerBase, today: TodayEvidence, book: PriceBook) -> RevenueAhead | None:
    if today.every is None or today.baseline is None or today.as_paid:
        return None
    lists = {TODAY: PricesAhead(list_of_today(base)), NEW_PRICES: PricesAhead(book, placed_by_need(today.baseline))}
    return revenue_ahead(base, today.every, lists)


def _bills(comparison: Comparison, base: CustomerBase) -> AccountBills | None:
    try:
        return bills_of(comparison, base)
    except MigrationError:
        return None
