"""One account in depth: its usage months ahead, the months to a limit, and its place among similar customers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.customers.base import account_places
from workbench.customers.tables import SEATS
from workbench.forecast.series import SeriesForecast, combined, forecast_series, last_mean, last_value, seasonal_naive
from workbench.forecast.usage_growth import AGE_UNKNOWN, SLOPE_DAMPING, UsageHistory, fit_growth
from workbench.growth.watching import FEWEST_MONTHS
from workbench.results import Interval
from workbench.stats import normal_reach

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from workbench.customers.base import CustomerBase
    from workbench.impact import Replay
    from workbench.pricing import Plan
    from workbench.results import Floats

AHEAD, LEVEL = 12, 0.9
FEWEST_PEERS = 5
_HELD, _HELD_SHORT, _LONG, _YEAR = 6, 4, 24, 12
_GROWTH_KEPT = 0.985  # a month's growth that goes on into the next
_GROWN_OVER, _OWN_GROWTH_KEPT, _MOST_GROWTH = 6, 0.9, 0.1  # months; what goes on of it; the most a month, in logarithms
_SIZES, _TENURES = 3, np.array([12, 36])  # groups of equal number by size; bounds of tenure in months
_FEWEST_FOR_A_LINE = 20
_RECENT = 6  # months that say how much is used and got out now


# --- Months ahead


def shared_growth(values: Floats, horizon: int) -> Floats:
    """Go on from each account's level with the growth all have in common, its own slope damped, and the season.

    Parameters
    ----------
    values
        Accounts x months; NaN before an account began.
    horizon
        Months ahead.

    Returns
    -------
    Floats
        Accounts x months ahead.
    """
    accounts, months = values.shape
    history = UsageHistory(values[None], np.full(accounts, AGE_UNKNOWN), np.zeros(accounts, dtype=np.int64))
    fit = fit_growth(history, 0)
    ahead = np.arange(1, horizon + 1)
    step = fit.steps(np.array([AGE_UNKNOWN]), np.array([0]))[0] * _GROWTH_KEPT ** (ahead - 1)
    season = fit.season[(history.first_calendar_month + months + ahead - 1) % _YEAR]
    own = fit.slope[:, None] * np.cumsum(SLOPE_DAMPING ** (ahead - 1))
    use: Floats = (1 - fit.zero_share)[:, None] * np.exp(fit.level[:, None] + np.cumsum(step + season) + own)
    return use


def own_growth(values: Floats, horizon: int) -> Floats:
    """Go on from each account's last month with the growth of its own last six months, less of it each month.

    Parameters
    ----------
    values
        Accounts x months; NaN before an account began.
    horizon
        Months ahead.

    Returns
    -------
    Floats
        Accounts x months ahead; the last month where it or the one six before had no use.
    """
    last, before = values[:, -1], values[:, -1 - _GROWN_OVER]
    known = (np.nan_to_num(last) > 0) & (np.nan_to_num(before) > 0)
    growth = np.log(np.where(known, last, 1.0) / np.where(known, before, 1.0)) / _GROWN_OVER
    kept = np.cumsum(_OWN_GROWTH_KEPT ** np.arange(horizon))
    use: Floats = last[:, None] * np.exp(np.clip(growth, -_MOST_GROWTH, _MOST_GROWTH)[:, None] * kept)
    return use


_RULES = {
    "the last month": (last_value, 1),
    "the mean of twelve months": (last_mean, 1),
    "the same month a year before": (seasonal_naive, 12),
    "four rules together": (combined, 1),
    "growth of its own last six months": (own_growth, 12),
    "growth shared by all accounts": (shared_growth, 12),
}


@dataclass(frozen=True, slots=True, eq=False)
class UsageOutlook:
    """The use of one metric months ahead, account by account.

    Attributes
    ----------
    forecast
        Points and ranges, accounts x months ahead; NaN for accounts that never used it.
    rule, errors
        The rule that erred least on the last months held back, and what each rule erred there (a share of use).
    level
        What share of months the ranges are to hold; an account of under six months has none.
    held
        On how many months at the end the rules were tried.

    Examples
    --------
    >>> import numpy as np
    >>> from workbench.growth.desk import usage_outlook
    >>> use = 100 * 1.03 ** np.arange(24) * np.random.default_rng(0).lognormal(0, 0.02, (30, 24))
    >>> found = usage_outlook(use)
    >>> found.rule, found.forecast.points.shape
    ('growth shared by all accounts', (30, 12))
    """

    forecast: SeriesForecast
    rule: str
    errors: dict[str, float]
    level: float
    held: int

    def months_to(self, row: int, limit: float) -> tuple[int | None, int | None, int | None]:
        """Return in how many months an account reaches a limit: at the earliest, likely, at the latest.

        None: not within the months looked ahead.
        """
        ends = (self.forecast.high, self.forecast.points, self.forecast.low)
        reached = [np.flatnonzero(each[row] >= limit) for each in ends]
        early, likely, late = (int(each[0]) + 1 if len(each) else None for each in reached)
        return early, likely, late


def usage_outlook(usage: Floats, horizon: int = AHEAD, *, level: float = LEVEL) -> UsageOutlook:
    """Forecast the use of one metric for every account, by the rule that did best on these accounts' own last months.

    Parameters
    ----------
    usage
        Accounts x complete months; NaN where there was none.
    horizon
        Months ahead.
    level
        Of the ranges.

    Returns
    -------
    UsageOutlook
        Points and ranges, and which rule they come from. Under twelve months there is no trend in any of them.

    Examples
    --------
    >>> import numpy as np
    >>> from workbench.growth.desk import usage_outlook
    >>> use = 100 + np.random.default_rng(0).normal(0, 20, (30, 8))
    >>> usage_outlook(use).errors.keys() - {"the last month", "the mean of twelve months", "four rules together"}
    set()
    """
    began = np.cumsum(np.isfinite(usage), axis=1) > 0
    values = np.where(began, np.nan_to_num(usage), np.nan)
    rows = np.flatnonzero(began[:, -1])
    width = usage.shape[1]
    held = _HELD if width >= _LONG else _HELD_SHORT
    errors = {name: _error(values[rows], rule, held) for name, (rule, least) in _RULES.items() if width - held >= least}
    known = {name: each for name, each in errors.items() if np.isfinite(each)}
    name = min(known, key=known.__getitem__) if known else next(iter(_RULES))
    rule, least = _RULES[name]
    found = np.full((3, len(usage), horizon), np.nan)
    # Accounts too short for the rule go by their last month, with ranges from what that erred over all accounts.
    months = began[rows].sum(axis=1)
    for here, how, all_of in ((months >= least, rule, months >= least), (months < least, last_value, months > 0)):
        if here.any() and width > held:
            done = forecast_series(values[rows[all_of]], horizon, level=level, rule=how)
            found[:, rows[here]] = np.stack([done.points, done.low, done.high])[:, here[all_of]]
    found[1:, (began.sum(axis=1) < FEWEST_MONTHS)] = np.nan
    return UsageOutlook(SeriesForecast(*found), name, errors, level, held)


def _error(values: Floats, rule: object, held: int) -> float:
    """Return the mean absolute error of a rule on the months held back, as a share of what was used in them."""
    before, after = values[:, :-held], values[:, -held:]
    enough = np.isfinite(before).sum(axis=1) >= min(_YEAR, before.shape[1])
    if not enough.any():
        return float("nan")
    off = np.abs(rule(before[enough], held) - after[enough])  # type: ignore[operator]
    used = after[enough].sum()
    return float(off.sum() / used) if used > 0 else float("nan")


def limits_of_plans(base: CustomerBase, metrics: Sequence[str]) -> dict[str, Floats]:
    """Return what the plan of each account allows of each metric, NaN without a limit."""
    found = {name: np.full(len(base), np.nan) for name in metrics}
    if base.has("plan_limits"):
        plans = base.frames["accounts"]["plan"]
        limits = base.frames["plan_limits"]
        for name in metrics:
            of_plan = limits[limits["metric"] == name].drop_duplicates("plan").set_index("plan")["limit"]
            found[name] = plans.map(of_plan).to_numpy(dtype=float)
    return found


def limits_of_list(
    billed: Replay, base: CustomerBase, metrics: Sequence[str], *, included: bool = True
) -> dict[str, Floats]:
    """Return what the tier of each account allows of each metric, or includes where more is charged.

    Parameters
    ----------
    billed
        The last month billed under a list: in which tier each account is.
    base
        The customers.
    metrics
        What is used.
    included
        Whether what is included bounds use where more is charged.

    Returns
    -------
    dict[str, Floats]
        By metric, in the order of the accounts: NaN without a bound, or without a tier.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> from workbench.growth.desk.accounts import limits_of_list
    >>> from workbench.impact import account_months, replay
    >>> from workbench.pricing import Charge, Plan, PriceBook
    >>> used = pd.DataFrame({"account_id": ["A"], "month": "2024-01", "metric": "calls", "quantity": [70]})
    >>> base = CustomerBase.from_tables({"accounts": used[["account_id"]], "usage": used})
    >>> book = PriceBook("list", "USD", [Plan("Team", 50, charges=[Charge("calls", unit_price=1, free_units=100)])])
    >>> limits_of_list(replay(account_months(base), book), base, ["calls"])["calls"].tolist()
    [100.0]
    """
    rows = billed.rows
    here = np.flatnonzero(rows.in_last_month & (billed.plan_index >= 0))
    ids = pd.Index(rows.account_ids[rows.account[here]].astype(str))
    where = pd.Index(base.frames["accounts"]["account_id"].astype(str)).get_indexer(ids)
    found = {}
    for name in metrics:
        bounds = np.array([_bound_of(plan, name, included=included) for plan in billed.book.plans])
        found[name] = np.full(len(base), np.nan)
        found[name][where] = bounds[billed.plan_index[here]]
    return found


def _bound_of(plan: Plan, metric: str, *, included: bool) -> float:
    """Return what a plan allows of a metric, or includes where more is charged; NaN where neither."""
    bounds = [each.up_to for each in plan.limits if each.metric == metric and each.up_to is not None]
    if included:
        bounds += [each.free_units for each in plan.charges if each.metric == metric and each.free_units > 0]
    return min(map(float, bounds), default=float("nan"))


# --- The place among similar customers


@dataclass(frozen=True, slots=True)
class PeerPlace:
    """Where an account stands among similar ones; nothing in it names any of them, and they are five at least.

    Attributes
    ----------
    peers
        How many there are.
    shared
        What they have in common with the account.
    own, below
        Its own number, and the share of peers that have less (those alike counted half).
    low, middle, high
        The middle half of the peers and the middle one, to two digits.

    Examples
    --------
    >>> from workbench.growth.desk import PeerPlace
    >>> PeerPlace(12, ("segment", "size"), 40.0, 0.75, 18.0, 26.0, 37.0).peers
    12
    """

    peers: int
    shared: tuple[str, ...]
    own: float
    below: float
    low: float
    middle: float
    high: float


@dataclass(frozen=True, slots=True, eq=False)
class Peers:
    """Which customers are alike: by segment, size and tenure, else by fewer of them.

    Attributes
    ----------
    groups
        From the closest to the widest: what is shared, and each account's group (-1: unknown).
    customers
        Who is a customer in the last month; nobody else is a peer.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> from workbench.growth.desk import Peers
    >>> names = [f"A{each}" for each in range(7)]
    >>> used = pd.DataFrame({"account_id": names, "month": "2024-01", "metric": "seats", "quantity": range(1, 8)})
    >>> base = CustomerBase.from_tables({"accounts": pd.DataFrame({"account_id": names}), "usage": used})
    >>> found = Peers.of(base).place(6, base.usage_by_month["seats"][:, -1])
    >>> found.peers, found.below, found.shared
    (6, 1.0, ())
    """

    groups: tuple[tuple[tuple[str, ...], NDArray[np.int64]], ...]
    customers: NDArray[np.bool_]

    @classmethod
    def of(cls, base: CustomerBase) -> Peers:
        """Return who is alike among those that are customers in the last month."""
        customers = customers_now(base)
        accounts = base.frames["accounts"]
        segment = pd.factorize(accounts["segment"].astype(object))[0].astype(np.int64)
        size, tenure = _size(base, segment, customers), _tenure(base)
        by_size = np.where((segment < 0) | (size < 0), -1, segment * 10 + size)
        groups: list[tuple[tuple[str, ...], NDArray[np.int64]]] = [
            (("segment", "size", "tenure"), np.where((by_size < 0) | (tenure < 0), -1, by_size * 10 + tenure)),
            (("segment", "size"), by_size),
            (("segment",), segment),
            ((), np.zeros(len(accounts), dtype=np.int64)),
        ]  # fmt: skip
        return cls(tuple(groups), customers)

    def place(self, row: int, values: Floats) -> PeerPlace | None:
        """Return the place of an account by a number that every account has (NaN: unknown); None under five peers."""
        own = float(values[row])
        if not np.isfinite(own):
            return None
        for shared, codes in self.groups:
            if codes[row] < 0:
                continue
            alike = (codes == codes[row]) & self.customers & np.isfinite(values)
            alike[row] = False
            others = values[alike]
            if len(others) >= FEWEST_PEERS:
                below = float(((others < own) + 0.5 * (others == own)).mean())
                low, middle, high = (two_digits_of(float(each)) for each in np.quantile(others, (0.25, 0.5, 0.75)))
                return PeerPlace(len(others), shared, own, below, low, middle, high)
        return None


def two_digits_of(value: float) -> float:
    """Return a number to two digits."""
    return float(f"{value:.2g}")


def customers_now(base: CustomerBase) -> NDArray[np.bool_]:
    """Return who is a customer in the last month: who paid, or without revenue used something in three months."""
    if base.has("mrr"):
        return np.nan_to_num(base.mrr_by_month[:, -1]) > 0
    recent = [(np.nan_to_num(each[:, -3:]) > 0).any(axis=1) for each in base.usage_by_month.values()]
    return np.any(recent, axis=0) if recent else np.ones(len(base), dtype=bool)


def _size(base: CustomerBase, segment: NDArray[np.int64], customers: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the third of its segment each account is in by seats, by revenue without them; -1 where unknown."""
    seats = next((each for name, each in base.usage_by_month.items() if name.casefold() == SEATS), None)
    known = seats if seats is not None else base.mrr_by_month if base.has("mrr") else None
    found = np.full(len(base), -1, dtype=np.int64)
    if known is None:
        return found
    size = np.asarray(known[:, -1], dtype=float)
    for each in np.unique(segment):
        here = np.flatnonzero((segment == each) & customers & np.isfinite(size))
        if len(here):
            bounds = np.quantile(size[here], np.arange(1, _SIZES) / _SIZES)
            found[here] = np.searchsorted(bounds, size[here], side="left")
    return found


def _tenure(base: CustomerBase) -> NDArray[np.int64]:
    """Return the group of tenure each account is in; -1 where the day it signed up is unknown."""
    signed = base.frames["accounts"]["signed_up"].to_numpy("datetime64[M]")
    months = (np.datetime64(base.months[-1], "M") - signed).astype(float)
    known = ~np.isnat(signed)
    return np.where(known, np.searchsorted(_TENURES, np.where(known, months, 0), side="right"), -1).astype(np.int64)


# --- What more usage goes with

# Words in the name of an outcome that is a judgement of ours about a customer, not what the customer got.
_OURS = ("score", "risk", "churn", "renewal", "health", "margin", "cost", "probability", "propensity", "forecast")
_MOST_OUTCOMES = 2


def outcome_kinds(base: CustomerBase) -> tuple[str, ...]:
    """Return the kinds of outcomes a customer's page shows if nobody says: what customers got, no judgement of ours."""
    if not base.has("outcomes"):
        return ()
    kinds = base.frames["outcomes"]["kind"].value_counts()
    shown = [str(each) for each in kinds.index if not any(word in str(each).casefold() for word in _OURS)]
    return tuple(sorted(shown, key=lambda each: (-int(kinds[each]), each))[:_MOST_OUTCOMES])


@dataclass(frozen=True, slots=True)
class UseAndValue:
    """How recorded outcomes go with usage over accounts: no effect, what is seen side by side.

    Attributes
    ----------
    accounts
        How many have both.
    slope
        By how many per cent outcomes are higher where usage is one per cent higher, with its range; None: unknown.
    reason
        Why it is unknown.

    Examples
    --------
    >>> from workbench.growth.desk import UseAndValue
    >>> from workbench.results import Interval
    >>> found = UseAndValue(80, Interval(0.4, 0.5, 0.6, 0.9))
    >>> [round(each, 2) for each in found.with_more(1.5)]
    [0.18, 0.22, 0.28]
    """

    accounts: int
    slope: Interval | None
    reason: str = ""

    def with_more(self, factor: float) -> tuple[float, float, float] | None:
        """Return by what share outcomes are higher where usage is this many times as much; None where unknown."""
        if self.slope is None:
            return None
        low, middle, high = (factor**each - 1 for each in (self.slope.low, self.slope.estimate, self.slope.high))
        return low, middle, high


def use_and_value(usage: Floats, outcome: Floats, accounts: NDArray[np.bool_] | None = None) -> UseAndValue:
    """Return how a recorded outcome goes with usage over accounts, in their last six months.

    Parameters
    ----------
    usage, outcome
        Accounts x months; NaN where unknown.
    accounts
        Which of them; all when None.

    Returns
    -------
    UseAndValue
        The slope of a line through logarithms with its 90% range; unknown where few have both, or the range holds
        none.

    Examples
    --------
    >>> import numpy as np
    >>> from workbench.growth.desk import use_and_value
    >>> use = np.random.default_rng(0).lognormal(4, 1, (60, 6))
    >>> found = use_and_value(use, 3 * use**0.5)
    >>> round(found.slope.estimate, 1), use_and_value(use[:9], use[:9]).reason
    (0.4, '9 customers recorded both; 20 are needed')
    """
    here = np.ones(len(usage), dtype=bool) if accounts is None else accounts
    used, got = mean_of_recent(usage), mean_of_recent(outcome)
    both = here & (np.nan_to_num(used) > 0) & (np.nan_to_num(got) > 0)
    count = int(both.sum())
    if count < _FEWEST_FOR_A_LINE:
        return UseAndValue(count, None, f"{count} customers recorded both; {_FEWEST_FOR_A_LINE} are needed")
    x, y = np.log(used[both]), np.log(got[both])
    off = x - x.mean()
    squares = float(off @ off)
    slope = float(off @ y / squares) if squares > 0 else 0.0
    left = y - y.mean() - slope * off
    # The spread differs between small and large customers, so each counts with its own.
    error = float(np.sqrt((off**2 * left**2).sum()) / max(squares, 1e-12) * np.sqrt(count / (count - 2)))
    reach = normal_reach(LEVEL) * error
    if slope - reach <= 0:
        return UseAndValue(count, None, "customers that use more have not recorded clearly more")
    return UseAndValue(count, Interval(slope - reach, slope, slope + reach, LEVEL))


def mean_of_recent(values: Floats, months: int = _RECENT) -> Floats:
    """Return the mean of the last months of each account, NaN where nothing is known of them."""
    window = values[:, -months:]
    known = np.isfinite(window)
    count = known.sum(axis=1)
    total = np.where(known, window, 0.0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def outcome_by_month(base: CustomerBase, kind: str) -> Floats:
    """Return the mean outcome of a kind by account and month, NaN where none was recorded."""
    found = np.full((len(base), len(base.months)), np.nan)
    if not base.has("outcomes"):
        return found
    table = base.frames["outcomes"]
    table = table[table["kind"] == kind]
    rows = account_places(base, table)
    at = (table["date"].to_numpy("datetime64[M]") - np.datetime64(base.months[0], "M")).astype(int)
    inside = (rows >= 0) & (at >= 0) & (at < found.shape[1]) & table["value"].notna().to_numpy()
    total, count = np.zeros(found.shape), np.zeros(found.shape)
    np.add.at(total, (rows[inside], at[inside]), table["value"].to_numpy(dtype=float)[inside])
    np.add.at(count, (rows[inside], at[inside]), 1.0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
