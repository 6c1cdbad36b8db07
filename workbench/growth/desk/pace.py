"""Pace within the running month: what its use comes to by the end, account by account, and when it meets a limit.

Two guesses at how much is used a day are weighed by how sure each is: what was expected of the month before it began,
and what its days so far say. Days of the week count as they do in all accounts, and how much days differ, and how long
they stay alike, is learned from the record by day. Without days on record nothing is said.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.customers.base import account_places
from workbench.growth.desk.alerts import is_counted_once
from workbench.stats import normal_reach

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workbench.customers.base import CustomerBase
    from workbench.results import Floats

LEVEL = 0.9
DAILY = "daily_usage"
_LEARNED_FROM, _WEEK, _WEEKS = 92, 7, 4  # days on record that are looked at; weeks from which the days of a week differ
_POOLED, _MOST_ALIKE = 20.0, 0.8  # days of its own that what all accounts show counts for; the largest autocorrelation
_FEWEST_DAYS, _USUAL_CHANGE, _LEAST = 3, 0.3, 0.02
_FEWEST_SEEN, _USUAL_VARIATION = 10.0, 0.5  # days, over all accounts, under which their variation is partly a guess


@dataclass(frozen=True, slots=True, eq=False)
class MonthPace:
    """The running month of one metric, account by account; NaN where nothing is known.

    Attributes
    ----------
    month, day
        The month, and the last day that is over.
    so_far, points, low, high
        What was used up to the day, and what it comes to by the end of the month with the range around it.
    rate, rate_error
        What is used on an average day, and how unsure that is.
    weights, spread
        What each day that is left counts for beside an average day, and how much the sum of one such day varies.
    level
        What share of months the ranges are to hold.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from workbench.growth.desk import pace_of
    >>> days = pd.date_range("2024-04-01", periods=12)
    >>> found = pace_of(np.full((1, 12), 5.0), days, expected=np.array([150.0]))
    >>> float(found.so_far[0]), round(float(found.points[0])), found.days_left
    (60.0, 150, 18)
    """

    month: pd.Timestamp
    day: pd.Timestamp
    so_far: Floats
    points: Floats
    low: Floats
    high: Floats
    rate: Floats
    rate_error: Floats
    weights: Floats
    spread: Floats
    level: float = LEVEL

    @property
    def days_left(self) -> int:
        """Return how many days of the month are not over."""
        return len(self.weights)

    def days_to(self, limit: Floats) -> tuple[Floats, Floats, Floats]:
        """Return after how many more days each account has used up a limit: at the earliest, likely, at the latest.

        0 where it has already, NaN where it does not within the month, or nothing is known.
        """
        found = np.full((3, len(self.so_far)), np.nan)
        for ahead in range(self.days_left, -1, -1):
            for at, end in enumerate(self.after(ahead)[::-1]):
                found[at] = np.where(end >= limit, float(ahead), found[at])
        early, likely, late = found
        return early, likely, late

    def after(self, days: int) -> tuple[Floats, Floats, Floats]:
        """Return what is used after so many more days: low, likely, high. What is still to come is lognormal."""
        ahead = float(self.weights[:days].sum())
        if not ahead:
            return self.so_far, self.so_far, self.so_far
        more = self.rate * ahead
        error = np.sqrt((self.rate_error * ahead) ** 2 + self.spread**2 * ahead)
        with np.errstate(divide="ignore", invalid="ignore"):
            wide = normal_reach(self.level) * np.sqrt(np.log1p(np.where(more > 0, error / more, 0.0) ** 2))
        low, high = more * np.exp(-wide), more * np.exp(wide)
        return self.so_far + low, self.so_far + more, self.so_far + high


def pace_of(
    daily: Floats,
    days: pd.DatetimeIndex,
    *,
    expected: Floats | None = None,
    unsure: Floats | float = _USUAL_CHANGE,
    level: float = LEVEL,
) -> MonthPace:
    """Return what the month of the last day on record comes to.

    Parameters
    ----------
    daily
        Accounts x days, up to the last day that is over; NaN before an account began.
    days
        The columns, one after the other.
    expected
        What each account was expected to use in the month before it began; NaN or None: nobody knew.
    unsure
        How far off such an expectation usually is, as a share of it.
    level
        Of the ranges.

    Returns
    -------
    MonthPace
        The month. On its last day it is what was used; where nothing was expected it is unknown before a week is known.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from workbench.growth.desk import pace_of
    >>> days = pd.date_range("2024-04-01", "2024-04-30")
    >>> found = pace_of(np.arange(30.0)[None], days)
    >>> float(found.points[0]), float(found.high[0]), found.days_left
    (435.0, 435.0, 0)
    """
    day = days[-1]
    month = day.replace(day=1)
    length, start = day.days_in_month, len(days) - day.day
    recent = daily[:, -_LEARNED_FROM:]
    of_week = _days_of_the_week(recent, days[-_LEARNED_FROM:])
    spread = _variation(recent / of_week[days[-_LEARNED_FROM:].day_of_week], days[-_LEARNED_FROM:])
    begins = max(start, 0)
    here = daily[:, begins:]
    done = of_week[days[begins:].day_of_week]
    left = of_week[pd.date_range(day + pd.Timedelta(days=1), periods=length - day.day).day_of_week]
    counted = np.isfinite(here)
    so_far, weight = np.where(counted, here, 0.0).sum(axis=1), (counted * done).sum(axis=1)
    whole = weight + left.sum()
    prior = np.full(len(daily), np.nan) if expected is None else np.asarray(expected, dtype=float)
    known = np.isfinite(prior)
    wanted = np.where(known, prior, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        seen = so_far / weight
        before = wanted / (of_week[pd.date_range(month, periods=length).day_of_week].sum())
        typical = np.where(known, (so_far + wanted) / (weight + whole), seen)
        noise = spread * typical  # of the sum of one average day, in which neighbours are alike
        trusted = np.where(weight > 0, weight / np.maximum(noise**2, 1e-300), 0.0)
        guessed = np.where(known, 1 / np.maximum((np.maximum(unsure, _LEAST) * before) ** 2, 1e-300), 0.0)
        rate = (np.where(weight > 0, seen, 0.0) * trusted + before * guessed) / (trusted + guessed)
        error = 1 / np.sqrt(trusted + guessed)
    nothing = ~known & (np.isfinite(recent).sum(axis=1) < _WEEK) & bool(len(left))
    rate, error, noise = (np.where(nothing, np.nan, each) for each in (rate, error, noise))
    found = MonthPace(month, day, so_far, so_far, so_far, so_far, rate, error, left, noise, level)
    low, points, high = found.after(len(left))
    return replace(found, low=low, points=points, high=high)


def _days_of_the_week(daily: Floats, days: pd.DatetimeIndex) -> Floats:
    """Return what each day of the week counts for beside an average day, over all accounts; 1 on a short record."""
    if len(days) < _WEEK * _WEEKS:
        return np.ones(_WEEK)
    known = np.isfinite(daily)
    with np.errstate(divide="ignore", invalid="ignore"):  # who left, or began later, has no day on record
        means = np.where(known, daily, 0.0).sum(axis=1, keepdims=True) / known.sum(axis=1, keepdims=True)
        scaled = np.where(means > 0, daily / means, np.nan)
    found = np.array([_mean(scaled[:, days.day_of_week == each]) for each in range(_WEEK)])
    found = np.maximum(np.nan_to_num(found, nan=1.0), _LEAST)
    scale: Floats = found / found.mean()
    return scale


def _mean(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")


def _variation(daily: Floats, days: pd.DatetimeIndex) -> Floats:
    """Return how much a day of each account varies within its month, with how long days stay alike counted in."""
    left = np.full(daily.shape, np.nan)
    months, lost = days.to_period("M").asi8, np.zeros(len(daily))
    for month in np.unique(months):
        at = np.flatnonzero(months == month)
        count = np.isfinite(daily[:, at]).sum(axis=1, keepdims=True)
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = np.nansum(daily[:, at], axis=1, keepdims=True) / count
            enough = (count >= _FEWEST_DAYS) & (mean > 0)
            left[:, at] = np.where(enough, daily[:, at] / mean - 1, np.nan)
        lost += enough[:, 0]  # a mean of its own in each month
    known = np.isfinite(left)
    freedom = np.maximum(known.sum(axis=1) - lost, 0)
    squares = np.where(known, left, 0.0) ** 2
    guessed = max(_FEWEST_SEEN - float(freedom.sum()), 0.0)  # days that a usual variation stands for
    pooled = float((squares.sum() + guessed * _USUAL_VARIATION**2) / (float(freedom.sum()) + guessed))
    own = (squares.sum(axis=1) + _POOLED * pooled) / (freedom + _POOLED)
    pairs = known[:, 1:] & known[:, :-1]
    together = float(np.where(pairs, left[:, 1:] * left[:, :-1], 0.0).sum() / max(int(pairs.sum()), 1))
    # The mean of each month, which is taken out, bends it down.
    length = max(float(known.sum()) / max(float(lost.sum()), 1.0), 2.0)
    alike = float(np.clip(together / max(pooled, 1e-12) + 1 / length, 0.0, _MOST_ALIKE))
    found: Floats = np.sqrt(own * (1 + alike) / (1 - alike))
    return found


# --- From the tables of a customer base


def daily_use(base: CustomerBase, metric: str) -> tuple[Floats, pd.DatetimeIndex] | None:
    """Return the use of a metric by day, accounts x days, and the days; None where no day is on record.

    A day without a row after the first of an account is one without use, as long as the record goes on.
    """
    if not base.has(DAILY):
        return None
    table = base.frames[DAILY]
    table = table[table["metric"] == metric]
    if not len(table):
        return None
    date = table["date"].to_numpy("datetime64[D]")
    days = pd.date_range(date.min(), date.max(), freq="D")
    where = account_places(base, table), (date - date.min()).astype(int)
    found = np.zeros((len(base), len(days)))
    seen = np.zeros(found.shape, dtype=bool)
    np.add.at(found, where, table["quantity"].to_numpy(dtype=float))
    seen[where] = True
    return np.where(np.cumsum(seen, axis=1) > 0, found, np.nan), days


def running_month(
    base: CustomerBase, metric: str, expected: Floats | None = None, unsure: Floats | float | None = None
) -> MonthPace | None:
    """Return the pace of the month after the last complete one; None where none of its days is on record.

    A metric that is counted once, such as seats, has no pace.

    Parameters
    ----------
    base
        The customers.
    metric
        What is used.
    expected, unsure
        As in `pace_of`; the last complete month, and how far months usually are from the one before, when None.

    Returns
    -------
    MonthPace | None
        The month.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> from workbench.growth.desk import running_month
    >>> month = pd.DataFrame({"account_id": ["A"], "month": "2024-03", "metric": "calls", "quantity": 310})
    >>> days = pd.DataFrame({"account_id": "A", "date": pd.date_range("2024-04-01", periods=9), "metric": "calls"})
    >>> tables = {"accounts": month[["account_id"]], "usage": month, "daily_usage": days.assign(quantity=10)}
    >>> running_month(CustomerBase.from_tables(tables), "calls").points.round().tolist()
    [300.0]
    """
    found = daily_use(base, metric)
    if found is None or metric not in base.usage_by_month or is_counted_once(base.usage_by_month[metric]):
        return None
    daily, days = found
    ahead = base.months[-1] + pd.DateOffset(months=1)
    inside = days < ahead + pd.DateOffset(months=1)
    if not (days[inside] >= ahead).any():
        return None
    known, off = _before(base.usage_by_month[metric], expected, unsure, ahead)
    return pace_of(daily[:, inside], days[inside], expected=known, unsure=off)


def paces_by_day(base: CustomerBase, metric: str) -> Iterator[tuple[pd.Timestamp, MonthPace]]:
    """Go through the days on record: what the month came to as seen at the end of each, with nothing from after it."""
    found = daily_use(base, metric)
    if found is None or metric not in base.usage_by_month or is_counted_once(base.usage_by_month[metric]):
        return
    daily, days = found
    usage = base.usage_by_month[metric]
    for at, day in enumerate(days):
        month = day.replace(day=1)
        over = int(base.months.searchsorted(month))  # months before it
        if over == 0 or month > base.months[-1] + pd.DateOffset(months=1):
            continue
        recent = slice(max(at + 1 - _LEARNED_FROM, 0), at + 1)
        known, off = _before(usage[:, :over], None, None, month)
        yield day, pace_of(daily[:, recent], days[recent], expected=known, unsure=off)


def _before(
    usage: Floats, expected: Floats | None, unsure: Floats | float | None, month: pd.Timestamp
) -> tuple[Floats, Floats | float]:
    """Return what was expected of a month: the last one, made as long as this one, and how far off that usually is."""
    before = month - pd.DateOffset(months=1)
    last = usage[:, -1] * month.days_in_month / before.days_in_month
    known = np.where(last > 0, last, np.nan) if expected is None else expected
    return known, usual_change(usage) if unsure is None else unsure


def usual_change(usage: Floats) -> Floats:
    """Return how far months usually are from the one before, as a share, each account's own drawn towards all."""
    with np.errstate(divide="ignore", invalid="ignore"):
        change = np.diff(np.log(np.where(usage > 0, usage, np.nan)), axis=1)[:, -12:]
    known = np.isfinite(change)
    count = known.sum(axis=1)
    if not known.any():
        return np.full(len(usage), _USUAL_CHANGE)
    squares = np.where(known, change, 0.0) ** 2
    pooled = float(np.median(squares[known]) / 0.455)  # the median of a squared normal deviate is 0.455 of its variance
    own = (np.minimum(squares, 9 * pooled).sum(axis=1) + 6 * pooled) / (count + 6)
    return np.sqrt(own)
