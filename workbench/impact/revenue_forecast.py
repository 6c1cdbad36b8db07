"""Revenue of the months ahead: usage forecast account by account, and billed by the engine that bills the past."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.cache import Recent
from workbench.customers.needs import RECENT_MONTHS
from workbench.forecast.reliability import (
    FAR_AHEAD,
    HELD_BACK,
    LEAST_MONTHS,
    BackTest,
    Reach,
    back_test,
    billed_totals,
    jump_of,
    narrowed,
    reach_of,
)
from workbench.forecast.totals import Parts, simulate_parts
from workbench.forecast.usage_growth import AGE_UNKNOWN, UsageHistory
from workbench.impact.bill_replay import replay
from workbench.impact.billing import CheapestThatFits, KeepPlan
from workbench.impact.monthly_accounts import WHOLE
from workbench.impact.price_realisation import share_of_list
from workbench.locales import month_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from workbench.customers.base import CustomerBase
    from workbench.forecast.totals import Bill
    from workbench.impact.billing import Assignment
    from workbench.impact.monthly_accounts import AccountMonths
    from workbench.pricing.price_book import PriceBook

    Floats = NDArray[np.float64]

# --- What was used, billed and paid so far, as a forecast takes it

PAID = ""  # the metric of what was paid: no metric of usage has an empty name


@dataclass(frozen=True, eq=False)
class Record:
    """The history of everybody who was ever a customer, and what each paid of its list price.

    `who` are their places in the base; `metrics` name the first axis of the history's quantities, `PAID` the last
    where revenue is on record. `listed` is accounts x months under today's list, NaN where it has no bill.
    """

    rows: AccountMonths
    history: UsageHistory
    metrics: tuple[str, ...]
    who: NDArray[np.intp]
    listed: Floats

    @property
    def paid(self) -> Floats | None:
        """Return what was paid, accounts x months; None without revenue on record."""
        return self.history.quantity[-1] if self.metrics[-1:] == (PAID,) else None

    def last_rows(self, months: int) -> NDArray[np.intp]:
        """Return each account's last account-month within the first so many months (its first one, where later)."""
        rows = self.rows
        found = np.zeros(len(rows.account_ids), dtype=np.intp)
        order = np.arange(len(rows))
        found[rows.account[::-1]] = order[::-1]
        before = order[rows.month < months]
        found[rows.account[before]] = before
        return found[self.who]

    def realisation(self, months: int) -> Floats:
        """Return what each account pays of its list price, by the last months known until then; 1 where unknown.

        A discount belongs to the account: it is kept under any list. Of the last months only, because a forecast goes
        on from what is paid then, and a discount that has ended is not part of it.
        """
        if self.paid is None:
            return np.ones(len(self.who))
        paid, listed = self.paid[:, :months], self.listed[:, :months]
        both = np.isfinite(paid) & np.isfinite(listed)
        return share_of_list(_last_sum(paid, both), _last_sum(listed, both))

    def youngest(self, metrics: Iterable[str]) -> tuple[str, int]:
        """Return which of these metrics has been on record for the fewest months, and for how many."""
        ages = {}
        for metric in metrics:
            if metric in self.metrics:
                seen = ~np.isnan(self.history.quantity[self.metrics.index(metric)]).all(axis=0)
                ages[metric] = self.history.months - int(seen.argmax()) if seen.any() else 0
        return min(ages.items(), key=lambda each: each[1]) if ages else ("", self.history.months)

    def jump(self, metrics: Iterable[str]) -> tuple[str, pd.Timestamp] | None:
        """Return which of these metrics jumped for all accounts at once, and when; None where none did."""
        for metric in dict.fromkeys(metrics):
            if metric in self.metrics:
                place = jump_of(self.history.quantity[self.metrics.index(metric)])
                if place is not None:
                    return metric, self.rows.shown_months[place]
        return None


def record_of(base: CustomerBase, rows: AccountMonths, today: PriceBook, metrics: Sequence[str]) -> Record:
    """Return the record of all account-months; `metrics` are those that any of the lists asks about."""
    shape = (len(rows.account_ids), len(rows.shown_months))
    who = np.flatnonzero(rows.months_of_account)
    column = rows.month - rows.window.start

    def matrix(values: Floats) -> Floats:
        found = np.full(shape, np.nan)
        found[rows.account, column] = values
        return found[who]

    known = [metric for metric in dict.fromkeys(metrics) if metric in rows.metrics]
    if not known and rows.recorded is None:
        known = list(rows.metrics[:1])  # which no list asks about: it says who is a customer
    blocks = [matrix(np.maximum(rows.quantity(metric), 0.0)) for metric in known]
    if rows.recorded is not None:
        known.append(PAID)
        blocks.append(matrix(rows.recorded))
    signed_up = pd.DatetimeIndex(base.accounts["signed_up"])[who] if "signed_up" in base.accounts else None
    first = rows.shown_months[0]
    history = UsageHistory(
        quantity=np.array(blocks),
        age=np.full(len(who), AGE_UNKNOWN) if signed_up is None else _ages(signed_up, first),
        segment=rows.segment_codes[0][who].astype(np.int64),
        first_calendar_month=first.month - 1,
    )
    listed = matrix(replay(rows, today, assign=KeepPlan()).amounts)
    return Record(rows, history, tuple(known), who, listed)


def _ages(signed_up: pd.DatetimeIndex, first: pd.Timestamp) -> NDArray[np.int64]:
    unknown = signed_up.isna()
    months = (first.year - signed_up.year) * 12 + first.month - signed_up.month
    return np.where(unknown, AGE_UNKNOWN, np.nan_to_num(months.to_numpy(dtype=float))).astype(np.int64)


def _last_sum(values: Floats, known: NDArray[np.bool_]) -> Floats:
    """Return the sum of each row over its last known months."""
    from_end = known[:, ::-1].cumsum(axis=1)[:, ::-1]
    inside = known & (from_end <= RECENT_MONTHS)
    return np.where(inside, values, 0.0).sum(axis=1)


# --- Price lists over forecast usage: the same bills as a replay makes, for months that are still to come

_REMEMBERED = 16  # arrays of one value per bill


@dataclass(frozen=True, slots=True)
class PricesAhead:
    """A price book, and how accounts get into its plans; None: each stays on its plan until it outgrows it."""

    book: PriceBook
    assign: Assignment | None = None

    @property
    def metrics(self) -> tuple[str, ...]:
        """Name the metrics that bills or limits depend on."""
        offers = (*self.book.plans, *self.book.add_ons)
        charged = [charge.metric for offer in offers for charge in offer.charges]
        limited = [limit.metric for offer in offers for limit in offer.limits if limit.up_to is not None]
        return tuple(dict.fromkeys((*charged, *limited)))


class ListedBills:
    """List prices of quantities, for accounts as their last month until then left them: plan, features, segment."""

    def __init__(self, record: Record, prices: PricesAhead, months: int) -> None:
        self._record, self._prices = record, prices
        self._last = record.last_rows(months)
        self._metrics = tuple(metric for metric in record.metrics if metric != PAID)
        self._most = self._limits() if prices.assign is None else None

    @property
    def metrics(self) -> tuple[str, ...]:
        """Name the metrics that bills or limits depend on."""
        return self._prices.metrics

    @property
    def always(self) -> bool:
        """Tell whether there is a price for any quantity."""
        plans = self._prices.book.plans
        return any(plan.priced and all(limit.up_to is None for limit in plan.limits) for plan in plans)

    def __call__(self, quantities: Floats, places: NDArray[np.int64]) -> Floats:
        """Return the bills; NaN where the list has none."""
        if not len(places):
            return np.zeros(0)
        rows = self._rows(quantities, places)
        if self._most is None:
            assert self._prices.assign is not None  # noqa: S101 - or there would be limits
            return replay(rows, self._prices.book, assign=self._prices.assign).amounts
        amounts = replay(rows, self._prices.book, assign=KeepPlan()).amounts
        outgrown = np.flatnonzero((quantities[: len(self._metrics)] > self._most[:, places]).any(axis=0))
        if not len(outgrown):
            return amounts
        larger = self._rows(quantities[:, outgrown], places[outgrown])
        moved = replay(larger, self._prices.book, assign=CheapestThatFits()).amounts
        amounts = amounts.copy()
        amounts[outgrown] = np.where(np.isnan(moved), amounts[outgrown], moved)
        return amounts

    def now(self) -> Floats:
        """Return every account's list price in its last month."""
        rows = self._record.rows
        used = [rows.quantity(metric)[self._last] for metric in self._metrics]
        return self(np.array(used).reshape(len(self._metrics), len(self._last)), np.arange(len(self._last)))

    def _limits(self) -> Floats:
        """Return, metrics x accounts, what the account's own plan holds; no limit where it uses more already."""
        rows, plans = self._record.rows, {plan.name: plan for plan in self._prices.book.plans}
        names = rows.plans.names
        most = np.full((len(self._metrics), len(names) + 1), np.inf)
        for code, name in enumerate(names):
            for limit in plans[name].limits if name in plans else ():
                if limit.up_to is not None and limit.metric in self._metrics:
                    most[self._metrics.index(limit.metric), code] = float(limit.up_to)
        most = most[:, rows.plans.code[self._last]]
        for place, metric in enumerate(self._metrics):
            most[place, rows.quantity(metric)[self._last] > most[place]] = np.inf
        return most

    def _rows(self, quantities: Floats, places: NDArray[np.int64]) -> AccountMonths:
        """Return one account-month for each place, with these quantities."""
        rows, last, size = self._record.rows, self._last[places], len(places)
        return replace(  # one row each, in the order of the places: quantities are theirs, and one month long
            rows,
            months=rows.months[-1:],
            window=slice(0, 1),
            account=rows.account[last],
            month=np.zeros(size, dtype=np.int32),
            recorded=None,
            plans=replace(rows.plans, code=rows.plans.code[last]),
            shares=WHOLE,
            features=None if rows.features is None else replace(rows.features, code=rows.features.code[last]),
            cautions=(),
            cube={name: values[:, None] for name, values in zip(self._metrics, quantities, strict=False)},
            _kept=Recent(_REMEMBERED),
        )


@dataclass(frozen=True, slots=True, eq=False)
class PaidBills:
    """What accounts pay under each list, by name; and who keeps what it pays, because a list has no bill for it."""

    bills: Mapping[str, Bill]
    keeps: NDArray[np.bool_]


def paid_bills(record: Record, lists: Mapping[str, PricesAhead], months: int) -> PaidBills:
    """Return the bills of accounts as they stood after so many months; the first list is today's.

    Each account keeps the share of its list price that it pays; who pays more than the list keeps what it pays beyond
    it. One on request, or without a bill in its last month under any of the lists, keeps what it pays under all of
    them, growing as what it paid grew.
    """
    listed = {name: ListedBills(record, prices, months) for name, prices in lists.items()}
    today = next(iter(listed.values()))
    now = np.array([own.now() for own in listed.values()])
    keeps: NDArray[np.bool_] = np.asarray(np.isnan(now).any(axis=0))
    if record.paid is not None:
        keeps |= now[0] <= 0  # who pays for what the list gives away pays for something else
    realisation = record.realisation(months)

    bills = {name: _PaidBill(record, own, today, keeps, realisation) for name, own in listed.items()}
    return PaidBills(bills, keeps)


@dataclass(frozen=True, slots=True, eq=False)
class _PaidBill:
    """What accounts pay under one list: their own part of its price, or what they pay whatever the list."""

    record: Record
    own: ListedBills
    today: ListedBills
    keeps: NDArray[np.bool_]
    realisation: Floats

    def __call__(self, quantities: Floats, places: NDArray[np.int64]) -> Floats:
        amounts = self.own(quantities, places)
        if self.own is not self.today and (lacking := np.flatnonzero(np.isnan(amounts))).size:
            amounts = amounts.copy()  # beyond all plans of the new list: today's price goes on
            amounts[lacking] = self.today(quantities[:, lacking], places[lacking])
        as_paid = quantities[-1] if self.record.paid is not None else np.zeros(len(places))
        return np.where(self.keeps[places], as_paid, np.nan_to_num(self._paid(amounts, quantities, places)))

    def _paid(self, amounts: Floats, quantities: Floats, places: NDArray[np.int64]) -> Floats:
        """Return what is paid of list prices: a discount is a share of any list, what is paid beyond one is not."""
        part = self.realisation[places]
        beyond = np.flatnonzero((part > 1) & ~self.keeps[places])
        if self.own is self.today or not len(beyond):
            return amounts * part
        paid = amounts * np.minimum(part, 1.0)
        paid[beyond] += self.today(quantities[:, beyond], places[beyond]) * (part[beyond] - 1)
        return paid

    def depends(self, metric: int, places: NDArray[np.int64]) -> NDArray[np.bool_]:
        name = self.record.metrics[metric]
        if name == PAID:
            return self.keeps[places]
        today = name in self.today.metrics
        if name in self.own.metrics or (today and not self.own.always):
            return ~self.keeps[places]
        return ~self.keeps[places] & (self.realisation[places] > 1) & today


# --- Revenue of the months ahead under today's list and new ones: same usage, same customers, same draws

HORIZON = FAR_AHEAD
DRAWS = 2_000
PAST = 12  # months shown before those ahead


@dataclass(frozen=True, slots=True)
class BackTestPoint:
    """One month that is over: what a forecast from before said, 90% from low to high, and what it was."""

    month: str
    revenue: float
    low: float
    high: float
    was: float


@dataclass(frozen=True, eq=False, repr=False)
class RevenueAhead:
    """Revenue of the coming months under each list, draw by draw; `parts` None where nothing can be said, see `reach`.

    `months` begin after the last complete one. The groups of `parts` are `segments`, and last the accounts that keep
    what they pay under every list. The first of `names` is today's list. Ranges are as wide as the back-test asks for.
    `past` has month and revenue of the last months: what was paid, or today's list where no revenue is on record.
    """

    names: tuple[str, ...]
    months: pd.DatetimeIndex
    reach: Reach
    past: pd.DataFrame
    segments: tuple[str, ...] = ()
    parts: Parts | None = None
    tested: BackTest | None = None
    back_test: tuple[BackTestPoint, ...] = ()

    def __repr__(self) -> str:
        what = "unknown" if self.parts is None else f"{len(self.parts.joined):,} draws"
        return f"RevenueAhead({', '.join(self.names)}; {what})"

    @property
    def last_month(self) -> float:
        """Return the revenue of the last month."""
        return float(self.past["revenue"].iloc[-1])

    def table(self, name: str) -> pd.DataFrame:
        """Return month, low, revenue (median) and high of one list, for the months a range may be given for."""
        shown = self.reach.ranges if self.parts is not None else 0
        low, middle, high = self.parts.totals.ranges(name)[:, :shown] if self.parts is not None else np.zeros((3, 0))
        return pd.DataFrame({"month": self.months[:shown], "low": low, "revenue": middle, "high": high})

    def chance(self, name: str) -> Floats:
        """Return, per month, the share of draws in which a list brings more than today's; as far as a sign may go."""
        if self.parts is None:
            return np.zeros(0)
        return self.parts.totals.chance(name, self.names[0])[: self.reach.sign]


def revenue_ahead(
    base: CustomerBase, rows: AccountMonths, lists: Mapping[str, PricesAhead], *, draws: int = DRAWS, seed: int = 0
) -> RevenueAhead:
    """Forecast usage, leavers and new customers, and bill them under every list.

    Parameters
    ----------
    rows
        All account-months of the base, prepared with `account_months`.
    lists
        Price lists by name; the first is today's.
    draws, seed
        How many draws; the same for all lists.

    Each account keeps its own discount under all lists. New customers of a new list are taken to be those of today's.
    """
    today = next(iter(lists.values()))
    metrics = [metric for prices in lists.values() for metric in prices.metrics]
    record = record_of(base, rows, today.book, metrics)
    history = record.history
    now = paid_bills(record, lists, history.months)
    past = _past(record, now.bills)
    months = pd.date_range(rows.shown_months[-1] + pd.DateOffset(months=1), periods=HORIZON, freq="MS")
    reach = _reach(record, metrics)
    names, segments = tuple(lists), tuple(map(str, rows.segment_codes[1]))
    if not reach.ranges:
        return RevenueAhead(names, months, reach, past)
    group = np.where(now.keeps, len(segments), history.segment)
    groups = len(segments) + 1
    parts = simulate_parts(history, now.bills, HORIZON, group=group, groups=groups, draws=draws, seed=seed)
    tested = _tested(record, lists, now.bills, seed) if reach.tested else None
    if tested is not None:
        parts = parts.widened(tested.widening)
    reach = narrowed(reach, parts, _last_bills(record, now.bills))
    points = () if tested is None else _back_test_rows(tested, rows.shown_months)
    return RevenueAhead(names, months, reach, past, segments, parts, tested, points)


def _reach(record: Record, metrics: list[str]) -> Reach:
    """Return how far ahead the record reaches; not at all where a metric of the lists is too young itself."""
    reach = reach_of(record.history)
    if reach.ranges and (jumped := record.jump(metrics)):
        metric, month = jumped
        text = f"{metric} of all accounts jumped in {month_words(month)}; what was counted must have changed"
        return Reach(0, 0, tested=False, reason=text)
    metric, months = record.youngest(metrics)
    if reach.ranges and months < LEAST_MONTHS:
        text = f"{metric} has been on record for {months} months; a forecast needs {LEAST_MONTHS}"
        return Reach(0, 0, tested=False, reason=text)
    return reach


def _last_bills(record: Record, now: Mapping[str, Bill]) -> Floats:
    history = record.history
    here = np.flatnonzero(history.active[:, -1])
    return next(iter(now.values()))(np.nan_to_num(history.quantity[:, here, -1]), here)


def _past(record: Record, now: Mapping[str, Bill]) -> pd.DataFrame:
    count = min(PAST, record.history.months)
    paid = record.paid
    revenue = billed_totals(record.history, now, count)[0] if paid is None else np.nansum(paid[:, -count:], axis=0)
    return pd.DataFrame({"month": record.rows.shown_months[-count:], "revenue": revenue})


def _tested(record: Record, lists: Mapping[str, PricesAhead], now: Mapping[str, Bill], seed: int) -> BackTest | None:
    """Hold the forecast of a year ago against what came: under today's list what was paid, where that is on record."""
    origin = record.history.months - HELD_BACK
    then = paid_bills(record, lists, origin).bills
    came = {} if record.paid is None else {next(iter(lists)): np.nansum(record.paid[:, origin:], axis=0)}
    return back_test(record.history, now, then=then, came=came, seed=seed)


def _back_test_rows(tested: BackTest, months: pd.DatetimeIndex) -> tuple[BackTestPoint, ...]:
    low, middle, high = tested.ranges[0]
    past = months[-len(middle) :].strftime("%Y-%m")
    return tuple(
        BackTestPoint(str(month), *map(float, each))
        for month, *each in zip(past, middle, low, high, tested.truth[0], strict=True)
    )
