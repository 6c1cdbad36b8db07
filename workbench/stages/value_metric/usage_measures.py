"""What one metric does inside each account: growth, month-to-month change, how far off a forecast is.

Every function takes quantities as accounts x months (NaN: unknown) and returns one number per account, NaN where
the account's history does not tell. All are free of the metric's unit: counting in thousands changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.customers.windows import YEAR

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

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


def recent_mean(quantity: Values, window: int = WINDOW) -> Values:
    """Return the mean of the known months among the last `window`; NaN where none is known."""
    recent = quantity[:, -window:]
    known = np.isfinite(recent)
    count = known.sum(axis=1)
    total = np.where(known, recent, 0.0).sum(axis=1)
    return np.divide(total, count, out=np.full(len(quantity), np.nan), where=count > 0)


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
