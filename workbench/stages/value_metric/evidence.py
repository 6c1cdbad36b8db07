"""What usage and payments tell about every candidate metric; the slow part, which depends on the data alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.customers.base import mrr_matrix, usage_cube
from workbench.customers.needs import YEAR
from workbench.formatting import count
from workbench.locales import NO_CURRENCY
from workbench.results import Basis, Interval
from workbench.stages.account_statistics import (
    Statistic,
    draw,
    gini_statistic,
    mean,
    median,
    rank_correlation_statistic,
    row_mean,
    top_share_statistic,
)
from workbench.stages.contract import missing_tables
from workbench.stages.value_metric.decision import MEASURED_CRITERIA, MEASURES, MetricCandidate, measured_candidates
from workbench.stats import grades, wilson
from workbench.text import entry, texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from workbench.customers.base import CustomerBase
    from workbench.results import Missing
    from workbench.stages.value_metric.decision import CandidateMeasure

    Values = NDArray[np.float64]
    Draws = Mapping[tuple[str, str], NDArray[np.float64]]  # by candidate and measure

say = texts(__name__)

# --- What one metric does inside each account: growth, month-to-month change, how far off a forecast is

WINDOW = 3  # months averaged at each end of a comparison, so that one odd month does not decide
SHORTEST_SPAN = 6  # months between the ends; shorter spans say little about a year
LARGEST_CHANGE = float(np.log(20))  # from nothing to something is counted as twentyfold
_SMOOTHING = 0.5
_WARM_UP = 3  # months seen before the first forecast counts


def annual_growth(quantity: Values) -> Values:
    """Return each account's log growth a year: its last three months against the same months a year before.

    Accounts with a shorter history are compared over what they have, at least six months, and annualised.
    Log growth 0.4 is about +49% a year. No use at both ends is no growth and no shrinking: unknown.
    """
    accounts, months = quantity.shape
    if months < SHORTEST_SPAN + WINDOW:
        return np.full(accounts, np.nan)
    known = np.isfinite(quantity)
    first = np.where(known.any(axis=1), known.argmax(axis=1), months)
    start = np.maximum(first, months - WINDOW - YEAR)
    span = months - WINDOW - start
    columns = np.minimum(start[:, None] + np.arange(WINDOW), months - 1)
    early = recent_mean(np.take_along_axis(quantity, columns, axis=1))
    growth = log_change(early, recent_mean(quantity)) * YEAR / np.maximum(span, 1)
    return np.where(span >= SHORTEST_SPAN, np.clip(growth, -LARGEST_CHANGE, LARGEST_CHANGE), np.nan)


def month_to_month(quantity: Values) -> Values:
    """Return each account's typical change from one month to the next: the median absolute log change of a year."""
    recent = quantity[:, -(YEAR + 1) :]
    if recent.shape[1] <= 1:
        return np.full(len(quantity), np.nan)
    return _row_median(np.abs(log_change(recent[:, :-1], recent[:, 1:])))


def forecast_error(quantity: Values) -> Values:
    """Return how far a forecast made one month earlier is off over the last year, as a share of the quantity.

    The forecast is one a customer could make: exponential smoothing (0.5), averaged with the same month of the
    year before, scaled by growth since, where that is known. The error is the sum of absolute errors over the sum of
    quantities; each forecast sees only earlier months.
    """
    accounts, months = quantity.shape
    level = np.full(accounts, np.nan)
    seen = np.zeros(accounts, dtype=np.int64)
    errors, totals, counted = np.zeros(accounts), np.zeros(accounts), np.zeros(accounts, dtype=np.int64)
    for month in range(months):
        actual = quantity[:, month]
        known = np.isfinite(actual)
        if month >= months - YEAR:
            forecast = _with_season(level, quantity, month)
            scored = known & np.isfinite(forecast) & (seen >= _WARM_UP)
            errors += np.where(scored, np.abs(actual - forecast), 0.0)
            totals += np.where(scored, actual, 0.0)
            counted += scored
        smoothed = np.where(np.isfinite(level), level + _SMOOTHING * (actual - level), actual)
        level = np.where(known, smoothed, level)
        seen += known
    told = (counted >= _WARM_UP) & (totals > 0)
    return np.divide(errors, totals, out=np.full(accounts, np.nan), where=told)


def _with_season(level: Values, quantity: Values, month: int) -> Values:
    """Average the smoothed level with last year's same month, scaled by the growth from the month before it."""
    if month < YEAR + 1:
        return level
    then, before, now = quantity[:, month - YEAR], quantity[:, month - YEAR - 1], quantity[:, month - 1]
    usable = np.isfinite(then) & np.isfinite(before) & np.isfinite(now) & (before > 0)
    scaled = then * np.divide(now, before, out=np.ones_like(then), where=usable)
    return np.where(usable, (level + np.minimum(scaled, 2 * np.maximum(level, then))) / 2, level)


def recent_mean(quantity: Values) -> Values:
    """Return the mean of the known months among the last three; NaN where none is known."""
    return row_mean(quantity[:, -WINDOW:])


def log_change(before: Values, after: Values) -> Values:
    """Return log(after / before), at most twentyfold either way; unknown where both are zero or one is unknown."""
    known = np.isfinite(before) & np.isfinite(after) & ((before > 0) | (after > 0))
    both = known & (before > 0) & (after > 0)
    ratio = np.divide(after, before, out=np.ones(before.shape), where=both)
    change = np.clip(np.log(ratio), -LARGEST_CHANGE, LARGEST_CHANGE)
    change = np.where(known & (before <= 0), LARGEST_CHANGE, change)
    change = np.where(known & (after <= 0), -LARGEST_CHANGE, change)
    return np.where(known, change, np.nan)


def _row_median(values: Values) -> Values:
    """Return each row's median over what is known, without a warning for rows that know nothing."""
    ordered = np.sort(values, axis=1)  # unknown values go last
    count = np.isfinite(values).sum(axis=1)
    low, high = np.maximum((count - 1) // 2, 0), np.minimum(count // 2, values.shape[1] - 1)
    rows = np.arange(len(values))
    return np.where(count > 0, (ordered[rows, low] + ordered[rows, high]) / 2, np.nan)


# --- What counts as success later, and how it goes with a metric's level and change before

LATER_MONTHS = 6
EARLIER_MONTHS = 2 * WINDOW  # a change needs two windows before the split
TARGETS = ("outcomes", "retention", "expansion")


@dataclass(frozen=True, slots=True)
class MonthsSplit:
    """Where the months are parted: columns before `at` are the earlier ones, the rest the later ones."""

    at: int
    earlier: str
    later: str


def split_months(months: pd.DatetimeIndex) -> MonthsSplit | None:
    """Part the months: the last six are later, fewer when history is short; None when it is too short for both."""
    later = min(LATER_MONTHS, len(months) - EARLIER_MONTHS)
    if later < WINDOW:
        return None
    at = len(months) - later
    return MonthsSplit(
        at=at,
        earlier=f"{months[max(0, at - EARLIER_MONTHS)]:%Y-%m} to {months[at - 1]:%Y-%m}",
        later=f"{months[at]:%Y-%m} to {months[-1]:%Y-%m}",
    )


def level_before(quantity: Values, split: MonthsSplit) -> Values:
    """Return each account's mean quantity in the last three earlier months."""
    return recent_mean(quantity[:, : split.at])


def change_before(quantity: Values, split: MonthsSplit) -> Values:
    """Return each account's log change from the three months before to the last three earlier months."""
    earlier = quantity[:, : split.at]
    return log_change(recent_mean(earlier[:, :-WINDOW]), recent_mean(earlier))


def retention_after(paid: Values, split: MonthsSplit) -> Values:
    """Return 1 for accounts that paid at the split and in the last month, 0 for those that stopped, else NaN.

    `paid` is accounts x months; a month without a row is a month without payment.
    """
    amounts = np.nan_to_num(paid)
    return np.where(amounts[:, split.at - 1] > 0, (amounts[:, -1] > 0).astype(float), np.nan)


def expansion_after(paid: Values, split: MonthsSplit) -> Values:
    """Return the log change of what accounts pay from the split to the last month, for those that still pay."""
    start, end = paid[:, split.at - 1], paid[:, -1]
    both = (start > 0) & (end > 0)
    return np.where(both, log_change(np.where(both, start, 1.0), np.where(both, end, 1.0)), np.nan)


def outcomes_after(
    outcomes: pd.DataFrame, account_ids: NDArray[np.object_], active: NDArray[np.bool_], months: pd.DatetimeIndex,
    split: MonthsSplit,
) -> Values:  # fmt: skip
    """Return how well each account did in the later months, from 0 to 1 among those whose outcomes are known.

    Each kind of outcome is ranked by itself, so that hours and dollars weigh the same, and the places are averaged. A
    kind that always has the same value marks an event: an account active at the split without one had none. For
    kinds with a size an account without a record is unknown, not zero.
    """
    later = outcomes[(outcomes["date"] >= months[split.at]) & outcomes["account_id"].isin(account_ids)]
    place = pd.Series(np.arange(len(account_ids)), index=account_ids)
    total, kinds = np.zeros(len(account_ids)), np.zeros(len(account_ids))
    for _, rows in later.groupby("kind", sort=True):
        is_event = bool((rows["value"] == rows["value"].iloc[0]).all())
        by_account = rows.groupby("account_id")["value"].agg("size" if is_event else "mean")
        values = np.where(active & is_event, 0.0, np.nan)
        values[place[by_account.index].to_numpy()] = by_account.to_numpy(dtype=float)
        known = np.isfinite(values) & active
        if known.any():
            total[known] += grades(values[known])
            kinds[known] += 1
    return np.divide(total, kinds, out=np.full(len(account_ids), np.nan), where=kinds > 0)


def targets_after(
    paid: Values | None, in_use: Values, outcomes: pd.DataFrame | None, account_ids: NDArray[np.object_],
    months: pd.DatetimeIndex, *, split: MonthsSplit,
) -> Mapping[str, Values]:  # fmt: skip
    """Return success in the later months per account: outcomes, retention and expansion, as far as data tell.

    Without payments, an account is retained while it still uses anything (`in_use`, accounts x months).
    """
    found: dict[str, Values] = {}
    kept = in_use if paid is None else paid
    retention = retention_after(kept, split)
    if outcomes is not None and len(outcomes):
        found["outcomes"] = outcomes_after(outcomes, account_ids, np.isfinite(retention), months, split)
    if np.isfinite(retention).any():
        found["retention"] = retention
    if paid is not None:
        found["expansion"] = expansion_after(paid, split)
    return found


# --- The customer base as arrays: quantities per metric, payments, activity, costs, one row per account


@dataclass(frozen=True, eq=False)
class MetricHistory:
    """What the stage reads of a customer base; every array has one row per account.

    `usage` maps a metric to quantities accounts x months (NaN unknown), `mrr` is what accounts pay in `billed_month`
    (its place in `months`: the last one with any payment on record, without payments the last one), `active` marks
    accounts that paid or used anything in the last three months. `targets` holds later success (see success.py).
    `billed` names the metrics today's price list charges for.
    """

    account_ids: NDArray[np.object_]
    months: pd.DatetimeIndex
    usage: Mapping[str, Values]
    mrr: Values
    billed_month: int
    active: NDArray[np.bool_]
    strata: NDArray[np.int64]
    cost: Values
    seats: Values
    split: MonthsSplit | None
    targets: Mapping[str, Values]
    billed: frozenset[str]


def read_metric_history(base: CustomerBase) -> MetricHistory:
    """Arrange a customer base as arrays."""
    account_ids, months, usage = usage_cube(base)
    _, _, amounts = mrr_matrix(base)
    used = _used(usage, amounts.shape)
    paid = np.nan_to_num(amounts) > 0
    active = (paid | used)[:, -WINDOW:].any(axis=1)
    split = split_months(months)
    targets: Mapping[str, Values] = {}
    if split is not None:
        in_use = used.astype(float)
        payments = amounts if base.has("mrr") else None
        targets = targets_after(payments, in_use, base.outcomes, account_ids, months, split=split)
    accounts = base.accounts
    billed_month = _last_known(amounts)
    return MetricHistory(
        account_ids=account_ids,
        months=months,
        usage=usage,
        mrr=np.where(active, amounts[:, billed_month], np.nan),
        billed_month=billed_month,
        active=active,
        strata=pd.factorize(accounts["segment"])[0].astype(np.int64),
        cost=accounts["unit_cost"].to_numpy(dtype=float),
        seats=accounts["seats"].to_numpy(dtype=float),
        split=split,
        targets=targets,
        billed=frozenset(() if base.plans is None else base.plans["metric"].dropna().unique()),
    )


def _used(usage: Mapping[str, Values], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Mark the months in which an account used anything at all."""
    used = np.zeros(shape, dtype=bool)
    for quantity in usage.values():
        used |= np.nan_to_num(quantity) > 0
    return used


def _last_known(amounts: Values) -> int:
    """Return the last month in which any payment is on record, among the recent ones; the last month without any."""
    known = np.flatnonzero(np.isfinite(amounts[:, -WINDOW:]).any(axis=0))
    return amounts.shape[1] - 1 if not known.size else int(max(0, amounts.shape[1] - WINDOW) + known[-1])


# --- How accounts are spread along a metric

_MOST_POINTS = 2000
_BINS = 12
_FEWEST_IN_BIN = 5
RANGE = (0.05, 0.95)
_SAME = 0.01  # log growth within 1% a year is called the same
GROWTH_CLASSES: tuple[tuple[str, float], ...] = (
    ("shrinks by 25% or more", float(np.log(0.75))),
    ("shrinks by up to 25%", -_SAME),
    ("about the same", _SAME),
    ("grows by up to 25%", float(np.log(1.25))),
    ("grows by 25% to 100%", float(np.log(2))),
    ("doubles or more", np.inf),
)
"""Classes of yearly growth inside an account, each with its upper end as log growth."""


@dataclass(frozen=True, eq=False)
class Quantities:
    """The active accounts along one metric, in units a month.

    `points` are the positive quantities in order (means of equal groups above 2,000 accounts, so that cost does not
    grow with the customer base), each standing for `accounts_each` accounts. `low`, `typical` and `high` are the
    5th, 50th and 95th percentile. `today` has the median of what accounts pay now along the metric: quantity, bill,
    accounts. `paying` are the quantities, 0 included, of the `compared` accounts whose payment is known too, in order,
    each standing for `paying_each`; together they pay `paid`, and `unmeasured` is what accounts without a quantity pay.
    """

    points: Values
    accounts_each: float
    accounts: int
    low: float
    typical: float
    high: float
    today: pd.DataFrame
    paying: Values
    paying_each: float
    compared: int
    paid: float
    unmeasured: float

    @property
    def usable(self) -> bool:
        """Tell whether there are enough different quantities to draw a price curve along."""
        return self.accounts > 1 and self.high > self.low > 0


def summarise_quantities(quantity: Values, mrr: Values) -> Quantities:
    """Describe the accounts with a positive quantity; `mrr` is what each pays now (NaN unknown)."""
    used = np.isfinite(quantity) & (quantity > 0)
    ordered = np.sort(quantity[used])
    accounts = len(ordered)
    both = np.isfinite(quantity) & np.isfinite(mrr)
    paying, paying_each = _grouped(np.sort(quantity[both]))
    compared: dict[str, Any] = {
        "paying": paying,
        "paying_each": paying_each,
        "compared": int(both.sum()),
        "paid": float(mrr[both].sum()),
        "unmeasured": float(mrr[np.isfinite(mrr) & ~both].sum()),
    }
    if not accounts:
        return Quantities(ordered, 1.0, 0, np.nan, np.nan, np.nan, _today(ordered, ordered), **compared)
    points, each = _grouped(ordered)
    low, typical, high = (float(value) for value in np.quantile(ordered, [RANGE[0], 0.5, RANGE[1]]))
    charged = used & np.isfinite(mrr) & (mrr > 0)
    today = _today(quantity[charged], mrr[charged])
    return Quantities(points, each, accounts, low, typical, high, today, **compared)


def growth_shares(growth: Mapping[MetricCandidate, Values]) -> pd.DataFrame:
    """Return metric, class, order, accounts and share: how the known accounts spread over classes of yearly growth."""
    rows: list[tuple[object, ...]] = []
    for candidate, values in growth.items():
        known = values[np.isfinite(values)]
        place = np.searchsorted([end for _, end in GROWTH_CLASSES], known)
        counts = np.bincount(place, minlength=len(GROWTH_CLASSES))
        for order, ((label, _), many) in enumerate(zip(GROWTH_CLASSES, counts, strict=True)):
            if len(known):
                rows.append((candidate.title, label, order, many, many / len(known)))
    return pd.DataFrame(rows, columns=["metric", "growth", "order", "accounts", "share"])


def _grouped(ordered: Values) -> tuple[Values, float]:
    """Return quantities in order, as means of equal groups where there are very many, and how many each stands for."""
    if len(ordered) <= _MOST_POINTS:
        return ordered, 1.0
    edges = np.linspace(0, len(ordered), _MOST_POINTS + 1).astype(int)
    return np.add.reduceat(ordered, edges[:-1]) / np.diff(edges), len(ordered) / _MOST_POINTS


def _today(quantity: Values, bill: Values) -> pd.DataFrame:
    """Return the median bill of groups of accounts of similar quantity."""
    groups = min(_BINS, len(quantity) // _FEWEST_IN_BIN)
    order = np.argsort(quantity, kind="stable")
    parts = np.array_split(order, groups) if groups else []
    return pd.DataFrame(
        {
            "quantity": [float(np.median(quantity[part])) for part in parts],
            "bill": [float(np.median(bill[part])) for part in parts],
            "accounts": [len(part) for part in parts],
        }
    )


# --- Everything the data tells about one candidate: a statistic per measure, with a note where there is none

FEWEST_ACCOUNTS = 10
BY_CONSTRUCTION = say("today_s_price_is_charged")
SHARES_OF_ACCOUNTS = ("breadth", "growing")
_NEEDS = ("outcomes", "retention", "expansion", "cost")


def statistics_of(history: MetricHistory, candidate: MetricCandidate) -> dict[str, Statistic]:
    """Return every statistic that can be computed for a candidate, by measure key; its accounts may be too few."""
    quantity = current_quantity(history, candidate)
    found = {
        "breadth": mean(np.where(history.active, (np.nan_to_num(quantity) > 0).astype(float), np.nan), "share"),
        "gini": gini_statistic(quantity),
        "top_tenth": top_share_statistic(quantity),
        "cost": rank_correlation_statistic(quantity, history.cost),
    }
    if candidate.source == "usage":
        found |= _inside_accounts(history, history.usage[candidate.name])
        found |= _with_success(history, history.usage[candidate.name])
    return found


def current_quantity(history: MetricHistory, candidate: MetricCandidate) -> Values:
    """Return the candidate's mean quantity over the last three months for active accounts; NaN for others."""
    if candidate.source == "usage":
        return np.where(history.active, recent_mean(history.usage[candidate.name]), np.nan)
    return np.where(history.active, history.seats, np.nan)


def billed_candidate_quantity(history: MetricHistory, candidate: MetricCandidate) -> Values:
    """Return the candidate's quantity in the month whose payments are known, for active accounts; NaN for others.

    Bills on a new price are held against what was paid, so both are of one month: a mean of earlier ones would set
    the smaller quantities of a growing metric against the payments of today.
    """
    quantity = history.usage[candidate.name][:, history.billed_month] if candidate.source == "usage" else history.seats
    return np.where(history.active, quantity, np.nan)


def growth_inside(history: MetricHistory, candidate: MetricCandidate) -> Values:
    """Return each active account's log growth a year; NaN where unknown."""
    if candidate.source != "usage":
        return np.full(len(history.active), np.nan)
    return np.where(history.active, annual_growth(history.usage[candidate.name]), np.nan)


def why_not_measured(candidate: MetricCandidate, key: str, statistic: Statistic | None) -> str:
    """Say why a measure is unknown for a candidate, and what would tell."""
    known, target = 0 if statistic is None else statistic.accounts, key.partition("_")[0]
    lacks = target if target in _NEEDS and candidate.source != "team" else candidate.source
    if candidate.source != "team" and 0 < known < FEWEST_ACCOUNTS:
        lacks = "accounts_that_tell"
    values = {"n": known, "fewest_accounts": FEWEST_ACCOUNTS}
    return entry(__package__, "unmeasured", lacks).said("text", values)


def _inside_accounts(history: MetricHistory, usage: Values) -> Mapping[str, Statistic]:
    """Measure growth and predictability, account by account, over the active accounts."""
    growth = np.where(history.active, annual_growth(usage), np.nan)
    return {
        "growth": median(growth),
        "growing": mean(np.where(np.isfinite(growth), (growth > 0).astype(float), np.nan), "share"),
        "variation": median(np.where(history.active, month_to_month(usage), np.nan)),
        "forecast_error": median(np.where(history.active, forecast_error(usage), np.nan)),
    }


def _with_success(history: MetricHistory, usage: Values) -> Mapping[str, Statistic]:
    """Measure how the metric's level and change go with later success; ranks are taken inside segments."""
    if history.split is None:
        return {}
    before = {"level": level_before(usage, history.split), "change": change_before(usage, history.split)}
    return {
        f"{target}_{name}": rank_correlation_statistic(values, history.targets[target], history.strata)
        for target in TARGETS
        if target in history.targets
        for name, values in before.items()
    }


# --- On which accounts and months the measurements stand, and which tables would add to them


def basis_of(base: CustomerBase, history: MetricHistory) -> Basis:
    """Return the active accounts and the months their measurements come from."""
    note = say("active_accounts_paid_or_used", window=min(WINDOW, len(history.months)))
    if history.split is not None:
        note += say("success_is_read_in_the", later=history.split.later, earlier=history.split.earlier)
    return Basis(
        accounts=int(history.active.sum()),
        of_accounts=len(base),
        first_month=f"{history.months[0]:%Y-%m}",
        last_month=f"{history.months[-1]:%Y-%m}",
        note=note,
    )


def missing_from(base: CustomerBase) -> tuple[Missing, ...]:
    """Return the tables a customer base lacks, and what each would tell about the candidates."""
    lacking = missing_tables(__package__, base)
    knows_costs = base.accounts["unit_cost"].notna().sum() >= FEWEST_ACCOUNTS
    return tuple(each for each in lacking if each.table != "accounts.unit_cost" or not knows_costs)


# --- Gather what the data tells about every candidate; the slow part, which depends on the data alone

LEVEL = 0.9
_TAILS = ((1 - LEVEL) / 2, (1 + LEVEL) / 2)


@dataclass(frozen=True, slots=True)
class Measurement:
    """One measure of one candidate: the value with its 90% interval and accounts, or why it is unknown.

    `counted` is False for a value that is shown and explained but does not enter the score.
    """

    interval: Interval | None
    accounts: int
    note: str = ""
    counted: bool = True

    @property
    def estimate(self) -> float:
        """Return the value, NaN when unknown."""
        return np.nan if self.interval is None else self.interval.estimate


def counted_measures(known: Mapping[str, Measurement], criterion: str) -> list[CandidateMeasure]:
    """Return the measures of a criterion that are known and enter its score."""
    of = (measure for measure in MEASURES if measure.criterion == criterion)
    return [measure for measure in of if known[measure.key].interval and known[measure.key].counted]


@dataclass(frozen=True, eq=False)
class ValueMetricEvidence:
    """What the data tells about every candidate.

    `measurements` holds candidate name -> measure key -> measurement. `scores` are points on the 0 to 1 scale,
    candidates x measured criteria, and `score_draws` their bootstrap draws, candidates x criteria x draws; NaN where
    nothing is known. `success` is the mean of each candidate's counted correlations with later success. `quantities`
    describes the accounts along each candidate, `growth` how growth is spread. Quantities and `revenue` are of `month`.
    """

    candidates: tuple[MetricCandidate, ...]
    measurements: Mapping[str, Mapping[str, Measurement]]
    scores: NDArray[np.float64]
    score_draws: NDArray[np.float64]
    success: Mapping[str, Measurement]
    quantities: Mapping[str, Quantities]
    growth: pd.DataFrame
    revenue: float | None
    active: int
    currency: str
    month: str
    split: MonthsSplit | None
    basis: Basis
    missing: tuple[Missing, ...]

    def candidate(self, name: str) -> MetricCandidate | None:
        """Return the candidate of that name, None when the data knows none."""
        return next((each for each in self.candidates if each.name == name), None)


def gather(base: CustomerBase, *, seed: int = 0) -> ValueMetricEvidence:
    """Measure every candidate in the data, with intervals from resampled accounts.

    All candidates see the same resampled accounts, so that their order is judged on common ground. `seed` makes
    the draws repeatable.
    """
    history = read_metric_history(base)
    candidates = measured_candidates(base)
    statistics = {each.name: statistics_of(history, each) for each in candidates}
    draws = _draws(statistics, seed)
    measurements = {
        each.name: {
            measure.key: _measurement(each, measure.key, statistics[each.name], draws, history.billed)
            for measure in MEASURES
        }
        for each in candidates
    }
    scores, score_draws = _scores(candidates, measurements, draws)
    quantities = {
        each.name: summarise_quantities(billed_candidate_quantity(history, each), history.mrr) for each in candidates
    }
    paying = np.isfinite(history.mrr)
    return ValueMetricEvidence(
        candidates=candidates,
        measurements=measurements,
        scores=scores,
        score_draws=score_draws,
        success={each.name: _mean_success(each, measurements[each.name], draws) for each in candidates},
        quantities=quantities,
        growth=growth_shares({each: growth_inside(history, each) for each in candidates}),
        revenue=float(history.mrr[paying].sum()) if paying.any() else None,
        active=int(history.active.sum()),
        currency=base.currency or NO_CURRENCY,
        month=f"{history.months[history.billed_month]:%Y-%m}",
        split=history.split,
        basis=basis_of(base, history),
        missing=missing_from(base),
    )


def interval_around(estimate: float, low: float, high: float) -> Interval:
    """Return the 90% interval of an estimate; the ends of draws are widened where it lies beyond them."""
    return Interval(min(float(low), float(estimate)), float(estimate), max(float(high), float(estimate)), LEVEL)


def _draws(statistics: Mapping[str, Mapping[str, Statistic]], seed: int) -> Draws:
    """Return the draws of every statistic that enough accounts tell, by candidate and measure."""
    told = {
        (name, key): statistic
        for name, found in statistics.items()
        for key, statistic in found.items()
        if statistic.accounts >= FEWEST_ACCOUNTS and np.isfinite(statistic.estimate)
    }
    return dict(zip(told, draw(list(told.values()), seed), strict=True))


def _measurement(
    candidate: MetricCandidate, key: str, found: Mapping[str, Statistic], draws: Draws, billed: frozenset[str]
) -> Measurement:
    statistic = found.get(key)
    drawn = draws.get((candidate.name, key))
    if statistic is None or drawn is None:
        told = 0 if statistic is None else statistic.accounts
        return Measurement(None, told, why_not_measured(candidate, key, statistic))
    interval = interval_around(statistic.estimate, *np.quantile(drawn, _TAILS))
    if key in SHARES_OF_ACCOUNTS and statistic.estimate in {0, 1}:  # drawing them again finds no other account
        interval = wilson(statistic.estimate * statistic.accounts, statistic.accounts) or interval
    by_construction = key.startswith("expansion") and candidate.name in billed
    return Measurement(interval, statistic.accounts, BY_CONSTRUCTION if by_construction else "", not by_construction)


def _scores(
    candidates: tuple[MetricCandidate, ...], measurements: Mapping[str, Mapping[str, Measurement]],
    draws: Draws,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:  # fmt: skip
    """Score every criterion as the mean of its counted measures, at the estimates and draw by draw."""
    size = next((len(row) for row in draws.values()), 0)
    points = np.full((len(candidates), len(MEASURED_CRITERIA)), np.nan)
    drawn = np.full((*points.shape, size), np.nan)
    for row, candidate in enumerate(candidates):
        known = measurements[candidate.name]
        for column, criterion in enumerate(MEASURED_CRITERIA):
            if told := counted_measures(known, criterion):
                points[row, column] = np.mean([each.score(known[each.key].estimate) for each in told])
                drawn[row, column] = np.mean([each.score(draws[candidate.name, each.key]) for each in told], axis=0)
    return points, drawn


def _mean_success(candidate: MetricCandidate, known: Mapping[str, Measurement], draws: Draws) -> Measurement:
    """Return the mean of the counted rank correlations with later success, with its interval."""
    told = [measure.key for measure in counted_measures(known, "success")]
    if not told:
        return Measurement(None, 0, known["outcomes_level"].note)
    drawn = np.mean([draws[candidate.name, key] for key in told], axis=0)
    estimate = float(np.mean([known[key].estimate for key in told]))
    interval = interval_around(estimate, *np.quantile(drawn, _TAILS))
    note = f"mean of {count('rank correlation', len(told))}"
    return Measurement(interval, max(known[key].accounts for key in told), note)
