"""Billing and usage history as arrays.

The metrics to charge for, swings, growth, retention, and usage apart from outcomes.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.customers.base import usage_cube
from workbench.customers.tables import SEATS
from workbench.growth.recurring_revenue import MovementsError, MrrLedger, retention
from workbench.impact.volatility import BillShock, around_trend, bill_shock_of, usage_volatility
from workbench.stages.account_statistics import row_mean, value_received
from workbench.stages.offers import ValueMetricDecision
from workbench.stats import gini_coefficient, rank_correlation, share_of_largest, wilson
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from numpy.typing import NDArray

    from workbench.customers.base import CustomerBase
    from workbench.impact.monthly_accounts import AccountMonths
    from workbench.results import Interval
    from workbench.study.model import Scenario

    Floats = NDArray[np.float64]

say = texts(__name__)

# --- The visible history of a customer base as arrays: who was billed when, for how much, and what they used


@dataclass(frozen=True, slots=True, eq=False)
class BillingHistory:
    """Every account's visible months; matrices are accounts x months.

    `active` marks the months in which an account was a customer: it paid, or, where no revenue is known, it used
    something. `recorded` is the revenue on record (0 in other months), None without a table of revenue. `usage` per
    metric has short gaps filled with the last quantity known; `filled` says in what share of active months, and
    NaN is left before the first record. `outcomes` per kind is the mean outcome recorded in the month, NaN where there
    is none.
    """

    account_ids: NDArray[np.object_]
    months: pd.DatetimeIndex
    active: NDArray[np.bool_]
    recorded: Floats | None
    usage: Mapping[str, Floats]
    filled: Mapping[str, float]
    outcomes: Mapping[str, Floats] = field(default_factory=dict)

    @property
    def size(self) -> tuple[int, int]:
        """Return the number of accounts and of months."""
        accounts, months = self.active.shape
        return accounts, months

    def since(self, month: int) -> BillingHistory:
        """Return the history from the month at this position on."""
        return replace(
            self,
            months=self.months[month:],
            active=self.active[:, month:],
            recorded=None if self.recorded is None else self.recorded[:, month:],
            usage={metric: block[:, month:] for metric, block in self.usage.items()},
            outcomes={kind: block[:, month:] for kind, block in self.outcomes.items()},
        )


def read_billing_history(base: CustomerBase, rows: AccountMonths) -> BillingHistory:
    """Read the history of a customer base, up to its last visible month.

    `rows` are its account-months, all of them, with gaps in usage filled by the last quantity known.
    """
    active = rows.matrix(np.ones(len(rows))) > 0
    recorded = None if rows.recorded is None else rows.matrix(rows.recorded)
    filled = {}
    for metric, block in usage_cube(base)[2].items():
        gap = np.isnan(block) & ~np.isnan(rows.cube[metric]) & active
        filled[metric] = float(gap.sum() / max(1, active.sum()))
    return BillingHistory(
        rows.account_ids, rows.months, active, recorded, rows.cube, filled, _outcomes(base, rows.account_ids)
    )


def _outcomes(base: CustomerBase, account_ids: NDArray[np.object_]) -> dict[str, Floats]:
    if not base.has("outcomes"):
        return {}
    months = base.months
    found = {}
    for kind, rows in base.outcomes.groupby("kind"):
        row = pd.Index(account_ids).get_indexer(rows["account_id"])
        column = _month_number(rows["date"], months)
        value = rows["value"].to_numpy(float)
        inside = (row >= 0) & (column >= 0) & (column < len(months)) & np.isfinite(value)
        place, size = (row * len(months) + column)[inside], len(account_ids) * len(months)
        count = np.bincount(place, minlength=size)
        total = np.bincount(place, value[inside], size)
        mean = np.divide(total, count, out=np.full(size, np.nan), where=count > 0)
        found[str(kind)] = mean.reshape(len(account_ids), len(months))
    return found


def _month_number(days: pd.Series, months: pd.DatetimeIndex) -> NDArray[np.int64]:
    whole = pd.to_datetime(days).to_numpy(dtype="datetime64[M]")
    return (whole - np.datetime64(months[0], "M")).astype(np.int64)


# --- The customers of the last months: what they need at most, and how widely each feature is used


@dataclass(frozen=True, slots=True, eq=False)
class Current:
    """The customers of the calibration months: peak quantities per metric, and the share that uses each feature."""

    peaks: dict[str, Floats]
    feature_share: dict[str, float]


def current_customers(history: BillingHistory, rows: AccountMonths) -> Current:
    """Return what customers of the last months needed at most, and how widely features are needed.

    The months are those that `rows` read needs from; a feature counts as they do, by each account's last of them.
    """
    months = rows.needs_months
    here = history.active[:, -months:].any(axis=1)
    peaks = {}
    for metric, block in history.usage.items():
        recent = block[here, -months:]
        recent = recent[~np.isnan(recent).all(axis=1)]
        peaks[metric] = np.nanmax(recent, axis=1) if len(recent) else np.empty(0)
    share: dict[str, float] = {}
    if rows.features is not None and here.any():
        needed = rows.features.patterns[rows.features.code[_latest(rows, months)]]
        share = dict(zip(rows.features.names, needed.mean(axis=0).tolist(), strict=True))
    return Current(peaks, share)


def _latest(rows: AccountMonths, months: int) -> NDArray[np.intp]:
    """Return the last row of each account that was a customer in the last months; rows come account by account."""
    recent = np.flatnonzero(rows.month >= len(rows.months) - months)
    account = rows.account[recent]
    return recent[np.append(account[1:] != account[:-1], True)]


# --- Which metric the usage-based models charge for, and which one prices go by today

_WINDOW = 3
_WIDE = 0.5  # a price has to reach at least half of the customers


@dataclass(frozen=True, slots=True)
class MetricChoice:
    """The value metric, in words why, the metric of today's prices (None: flat), and what usage is metered by.

    `metric` is None where no usage is recorded at all. The two may be the same: then a core, tiers and a hybrid's base
    are still priced per unit of it, and `usage`, which pay as you go and a hybrid meter, is the best other metric there
    is.
    """

    metric: str | None
    why: str
    size_metric: str | None
    usage: str | None = None

    @property
    def base_unit(self) -> str | None:
        """Return what a hybrid's base is priced per: the metric of today's prices, unless usage is metered by it."""
        return self.size_metric if self.size_metric != self.usage else None


def choose_metrics(history: BillingHistory, size: str | None, scenario: Scenario | None = None) -> MetricChoice:
    """Return the value metric the scenario decided, or the best usage metric by a stated rule.

    `size` is the metric today's prices go by (see `size_metric`).

    The rule: of the metrics that at least half of the current customers use, other than the one today's prices go by,
    the one that goes most closely with the outcomes customers get; without outcomes, the one most customers use.
    """
    decided = scenario.decision(ValueMetricDecision).metric if scenario is not None else None
    if decided is not None and decided in history.usage:
        why, usage = say("decided_in_the_stage_value"), decided
        if decided == size:
            usage = best_metric(history, excluded=size)[0] or decided
        return MetricChoice(decided, why, size, usage)
    metric, why = best_metric(history, excluded=size)
    if decided is not None:
        why = say("the_decided_metric_has_no", decided=decided, why=why)
    return MetricChoice(metric, why, size, metric)


def size_metric(base: CustomerBase, recorded: Collection[str]) -> str | None:
    """Return the metric today's price list charges for, else seats, else None; only `recorded` metrics count."""
    if base.has("plans"):
        for metric in base.plans["metric"].dropna().unique():
            if metric in recorded:
                return str(metric)
    return next((metric for metric in recorded if metric.casefold() == SEATS), None)


def best_metric(history: BillingHistory, *, excluded: str | None = None) -> tuple[str | None, str]:
    """Return the metric the rule of `choose_metrics` leads to, and why in words."""
    current = history.active[:, -_WINDOW:].any(axis=1)
    value = value_received(history.outcomes)
    rated = []
    for metric, block in history.usage.items():
        recent = block[current, -_WINDOW:]
        used = float((np.nan_to_num(recent) > 0).any(axis=1).mean()) if current.any() else 0.0
        close = np.nan
        if value is not None:
            mean = np.where(current, np.nan_to_num(block[:, -_WINDOW:]).mean(axis=1), np.nan)
            close = rank_correlation(mean, value).estimate
        rated.append((metric, used, close))
    candidates = [each for each in rated if each[0] != excluded] or rated
    if not candidates:
        return None, "no usage is recorded"
    wide = [each for each in candidates if each[1] >= _WIDE] or candidates
    with_value = [each for each in wide if not np.isnan(each[2])]
    if with_value:
        metric, _, close = max(with_value, key=lambda each: (each[2], each[1], each[0]))
        return (metric, say("goes_most_closely_with_outcomes", close=close))
    metric, used, _ = max(wide, key=lambda each: (each[1], each[0]))
    return metric, say("used_by_most_customers_without", used=used)


# --- The value-usage disconnect: accounts whose outcomes rise while their usage falls

SPAN = 6
NOTICEABLE = 0.05  # a rise or fall smaller than 5% is taken as no change


@dataclass(frozen=True, slots=True, eq=False)
class Disconnect:
    """Accounts that got more value out of less usage.

    Compared are the last `span` months with the `span` months before. `affected` marks accounts whose outcomes rose
    and whose usage fell by at least 5%; `compared` those for whom both are known in both periods. `revenue` is the
    monthly revenue of the affected accounts, which a price on usage would shrink.
    """

    affected: NDArray[np.bool_]
    compared: NDArray[np.bool_]
    span: int
    share: Interval | None
    revenue: float | None
    revenue_share: float | None

    @property
    def count(self) -> int:
        """Return how many accounts are affected."""
        return int(self.affected.sum())


def value_usage_disconnect(
    used: Floats, gained: Floats, revenue: Floats | None = None, *, span: int = SPAN
) -> Disconnect:
    """Find the accounts whose value rose while their usage fell.

    `used` and `gained` are the relative changes of usage and of outcomes per account, as `period_change` gives
    them, NaN where unknown. `revenue` is each account's current monthly revenue.
    """
    compared = ~np.isnan(used) & ~np.isnan(gained)
    affected = compared & (used <= -NOTICEABLE) & (gained >= NOTICEABLE)
    at_risk = of_all = None
    if revenue is not None:
        at_risk = float(np.nansum(revenue[affected]))
        total = float(np.nansum(revenue[compared]))
        of_all = at_risk / total if total > 0 else None
    share = wilson(int(affected.sum()), int(compared.sum()))
    return Disconnect(affected, compared, span, share, at_risk, of_all)


def period_change(amounts: Floats, span: int = SPAN, *, fewest: int | None = None) -> Floats:
    """Return the relative change of each account's monthly mean from one period of `span` months to the next.

    `amounts` is accounts x months. NaN where a period has fewer than `fewest` known months (half of them by default),
    or where the earlier one has nothing to compare with.
    """
    needed = span / 2 if fewest is None else fewest
    if amounts.shape[1] < 2 * span:
        return np.full(len(amounts), np.nan)
    before, after = (row_mean(part, needed) for part in (amounts[:, -2 * span : -span], amounts[:, -span:]))
    return np.divide(after, before, out=np.full(len(before), np.nan), where=before > 0) - 1


# --- What the usage of the value metric looks like: swings, jumps, concentration and its link to value

_RECENT = 3


@dataclass(frozen=True, slots=True, eq=False)
class UsageSpread:
    """How concentrated something is over current customers: Gini coefficient and the share of the largest tenth."""

    accounts: int
    gini: float
    top_tenth: float


@dataclass(frozen=True, slots=True, eq=False)
class UsageFacts:
    """Facts on one metric.

    `variation` is each account's month-to-month variation (NaN where too short). `shock` is what a price per
    unit, flat in quantity, would do to bills. `usage_spread` and `revenue_spread` look at the last three months;
    `gap` is the value-usage disconnect, None without outcomes.
    """

    metric: str
    variation: Floats
    shock: BillShock
    usage_spread: UsageSpread
    revenue_spread: UsageSpread | None
    gap: Disconnect | None
    accounts: NDArray[np.object_]

    @property
    def median_variation(self) -> float:
        """Return the month-to-month variation of the typical account."""
        known = self.variation[np.isfinite(self.variation)]
        return float(np.median(known)) if len(known) else float("nan")


def usage_facts(history: BillingHistory, metric: str) -> UsageFacts:
    """Gather the facts on one metric from the visible history."""
    quantities = np.where(history.active, history.usage[metric], np.nan)
    current = history.active[:, -_RECENT:].any(axis=1)
    revenue = None
    if history.recorded is not None:
        revenue = np.where(current, history.recorded[:, -_RECENT:].mean(axis=1), np.nan)
    gap = None
    if history.outcomes:
        staying = np.where(history.active[:, [-1]], quantities, np.nan)
        gap = value_usage_disconnect(period_change(staying), value_changes(history.outcomes), revenue)
    return UsageFacts(
        metric,
        usage_volatility(quantities),
        bill_shock_of(quantities),
        usage_spread(row_mean(quantities[:, -_RECENT:])[current]),
        None if revenue is None else usage_spread(revenue[current]),
        gap,
        history.account_ids,
    )


def usage_spread(amounts: Floats) -> UsageSpread:
    """Return how concentrated amounts are over accounts; unknown ones are left out."""
    return UsageSpread(int(np.isfinite(amounts).sum()), gini_coefficient(amounts), share_of_largest(amounts))


def value_changes(outcomes: Mapping[str, Floats]) -> Floats:
    """Return each account's relative change of outcomes, half a year against the one before, averaged over kinds."""
    changes = np.array([period_change(block, fewest=1) for block in outcomes.values()])
    known = np.isfinite(changes)
    count = known.sum(axis=0)
    log = np.log(np.maximum(np.where(known, 1 + changes, 1.0), 1e-9)).sum(axis=0)
    return np.expm1(np.divide(log, count, out=np.full(len(count), np.nan), where=count > 0))


# --- What one way of charging shows over the history: growth, retention, swings, jumps, link to value

FEWEST_FOR_GROWTH = 6  # months: half a year is the least that shows a pace
JUMP = 0.25  # a bill this much above the month before is one that jumps


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """What one way of charging shows over the visible history.

    `bills` is accounts x months (0 where not a customer). `growth` is the yearly growth of revenue along its trend,
    `retention` the net revenue retention over the last `retention_months` (None with too short a history),
    `swing` the standard deviation of monthly revenue around its trend as a share of it, `value` the rank correlation of
    an account's bill with the value it gets: `typical` and `received` per account.
    """

    bills: Floats
    revenue: Floats
    growth: float | None
    retention: float | None
    swing: float
    shock: BillShock
    value: Interval
    typical: Floats
    received: Floats


def measure(bills: Floats, history: BillingHistory, population: NDArray[np.bool_], value: Floats | None) -> Path:
    """Measure a billed history (accounts x months) of the given accounts."""
    bills = bills[population]
    revenue = bills.sum(axis=0)
    ledger = MrrLedger(history.account_ids[population], history.months, bills)
    try:
        kept: float | None = retention(ledger).net
    except MovementsError:
        kept = None
    recent = bills[:, -12:]
    billed = (recent > 0).sum(axis=1)
    mean = np.divide(recent.sum(axis=1), billed, out=np.full(len(bills), np.nan), where=billed > 0)
    # Who has left by now neither pays nor gets value; the link is that of today's customers.
    mean = np.where(bills[:, -1] > 0, mean, np.nan)
    received = np.full(len(bills), np.nan) if value is None else value[population]
    return Path(
        bills,
        revenue,
        yearly_growth(revenue),
        kept,
        around_trend(revenue),
        bill_shock_of(bills),
        rank_correlation(mean, received),
        mean,
        received,
    )


def yearly_growth(revenue: Floats) -> float | None:
    """Return the yearly growth along a straight line through log revenue; None with under six months."""
    known = np.flatnonzero(np.isfinite(revenue) & (revenue > 0))
    if len(known) < FEWEST_FOR_GROWTH:
        return None
    slope = np.polyfit(known - known.mean(), np.log(revenue[known]), 1)[0]
    return float(np.expm1(12 * slope))
