"""Forecasts of many single series at once, with ranges from what the rule got wrong on their own last months.

For one account's usage and its alerts. Totals and money come from `totals`: these forecasts are built for level series,
and their sum falls short where everything grows. Rules after Makridakis & Hibon 2000 and Hyndman & Billah 2003.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_YEAR = 12
_TREND_FROM, _GROWTH_FROM, _SEASON_FROM = 12, 24, 30  # points
_ALPHAS = np.array([0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9])
_GROWTH_KEPT = (0.5, 2.0)  # yearly growth of a seasonal forecast stays between these
_SIGNIFICANT = 1.645  # a one-sided 5% test of the autocorrelation at twelve months
_HELD_BACK, _HELD_BACK_SHORT = 6, 4


def last_value(values: NDArray[np.float64], horizon: int) -> NDArray[np.float64]:
    """Repeat the last value.

    Parameters
    ----------
    values
        Series x months, known to the end.
    horizon
        Months ahead.

    Returns
    -------
    NDArray[np.float64]
        Series x months ahead.

    Examples
    --------
    >>> import numpy as np
    >>> from workbench.forecast import last_value
    >>> last_value(np.array([[1.0, 2, 3, 4]]), 2).tolist()
    [[4.0, 4.0]]
    """
    return np.repeat(values[:, -1:], horizon, axis=1)


def last_mean(values: NDArray[np.float64], horizon: int, months: int = _YEAR) -> NDArray[np.float64]:
    """Repeat the mean of the last months.

    Parameters
    ----------
    values
        Series x months, known to the end.
    horizon
        Months ahead.
    months
        How many of the last months.

    Returns
    -------
    NDArray[np.float64]
        Series x months ahead.

    Examples
    --------
    >>> import numpy as np
    >>> from workbench.forecast import last_mean
    >>> last_mean(np.array([[1.0, 2, 3, 4]]), 2, months=2).tolist()
    [[3.5, 3.5]]
    """
    window = values[:, -months:]
    count = np.maximum((~np.isnan(window)).sum(axis=1), 1)
    return np.repeat((np.nan_to_num(window).sum(axis=1) / count)[:, None], horizon, axis=1)


def seasonal_naive(values: NDArray[np.float64], horizon: int) -> NDArray[np.float64]:
    """Repeat the last twelve months.

    Parameters
    ----------
    values
        Series x months, known to the end.
    horizon
        Months ahead.

    Returns
    -------
    NDArray[np.float64]
        Series x months ahead.

    Examples
    --------
    >>> import numpy as np
    >>> from workbench.forecast import seasonal_naive
    >>> seasonal_naive(np.arange(24.0)[None], 3).tolist()
    [[12.0, 13.0, 14.0]]
    """
    return values[:, -_YEAR + np.arange(horizon) % _YEAR]


def smoothed(values: NDArray[np.float64], horizon: int) -> NDArray[np.float64]:
    """Repeat the level of simple exponential smoothing, each series with the rate that fitted it best."""
    return np.repeat(_smooth(values)[0][:, None], horizon, axis=1)


def _with_half_the_trend(
    values: NDArray[np.float64], horizon: int, level: NDArray[np.float64], alpha: NDArray[np.float64]
) -> NDArray[np.float64]:
    known = ~np.isnan(values)
    count = known.sum(axis=1)
    times = np.arange(values.shape[1], dtype=float)
    off = np.where(known, times - (known * times).sum(axis=1, keepdims=True) / count[:, None], 0.0)
    slope = (off * np.nan_to_num(values)).sum(axis=1) / np.maximum((off**2).sum(axis=1), 1e-9)
    lag = (1 - (1 - alpha) ** count) / alpha
    return level[:, None] + slope[:, None] / 2 * (np.arange(horizon) + lag[:, None])


def _smooth(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return each series' smoothed level at its end and the rate with the smallest squared one-step errors."""
    months = np.ascontiguousarray(values.T)
    rates = _ALPHAS[:, None]
    level, errors = np.tile(months[0], (len(rates), 1)), np.zeros((len(rates), len(values)))
    for value, unknown in zip(months[1:], np.isnan(months[1:]), strict=True):
        error = value - level
        if unknown.any() or np.isnan(level[0]).any():
            began = np.isnan(level)
            error[np.isnan(error)] = 0.0
            level = np.where(began, value, level + rates * error)
        else:
            level += rates * error
        errors += error**2
    best = errors.argmin(axis=0)
    return level[best, np.arange(len(values))], _ALPHAS[best]


def combined(values: NDArray[np.float64], horizon: int) -> NDArray[np.float64]:
    """Average four rules: Theta, smoothing, the last twelve months' mean, and last year's pattern with its growth.

    Parameters
    ----------
    values
        Series x months, all known to the end; not a number before a series began.
    horizon
        Months ahead.

    Returns
    -------
    NDArray[np.float64]
        Series x months ahead, never below zero where the series never was. A series of under 12 points gets no trend,
        one with more than half zeros its smoothed level.

    References
    ----------
    Assimakopoulos and Nikolopoulos (2000), The theta model, International Journal of Forecasting 16, 521-530;
    Makridakis, Spiliotis and Assimakopoulos (2020), The M4 competition, International Journal of Forecasting 36, 54-74,
    for averages of rules.

    Examples
    --------
    >>> import numpy as np
    >>> from workbench.forecast import combined
    >>> rising = 100.0 + 2 * np.arange(36)
    >>> found = combined(rising[None], 3)[0]
    >>> bool(rising[-1] * 0.9 < found[0] < found[2])
    True
    """
    count = (~np.isnan(values)).sum(axis=1)
    result = np.empty((len(values), horizon))
    few = (count < _TREND_FROM) | ((values == 0).sum(axis=1) > count / 2)
    result[few] = smoothed(values[few], horizon)
    for first, last in ((_TREND_FROM, _GROWTH_FROM), (_GROWTH_FROM, _SEASON_FROM), (_SEASON_FROM, np.inf)):
        rows = ~few & (count >= first) & (count < last)
        if rows.any():
            result[rows] = _four_ways(values[rows], horizon, int(first))
    lowest = np.where(np.isnan(values), np.inf, values).min(axis=1)
    return np.where(lowest[:, None] >= 0, np.maximum(result, 0.0), result)


def _four_ways(values: NDArray[np.float64], horizon: int, points: int) -> NDArray[np.float64]:
    """Average the rules that series of so many points allow."""
    seasonal = seasonal_naive(values, horizon)
    plain, pattern = values, np.ones((len(values), horizon))
    if points >= _GROWTH_FROM:
        last, before = values[:, -_YEAR:].sum(axis=1), values[:, -2 * _YEAR : -_YEAR].sum(axis=1)
        growth = np.clip(np.divide(last, before, out=np.ones(len(values)), where=before > 0), *_GROWTH_KEPT)
        seasonal = seasonal * np.sqrt(growth)[:, None]
    if points >= _SEASON_FROM:
        indices = _season(values)
        month = np.arange(values.shape[1]) - values.shape[1]
        plain = values / indices[:, month % _YEAR]
        pattern = indices[:, np.arange(horizon) % _YEAR]
    level, rate = _smooth(plain)
    theta_way = _with_half_the_trend(plain, horizon, level, rate)
    return ((theta_way + level[:, None] + last_mean(plain, horizon)) * pattern + seasonal) / 4


def _season(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the seasonal indices of the months ahead of the end (1 where no autocorrelation shows a season)."""
    count = values.shape[1]
    filled = np.where(np.isnan(values), np.nanmean(values, axis=1, keepdims=True), values)
    centred = filled - filled.mean(axis=1, keepdims=True)
    variance = np.maximum((centred**2).sum(axis=1), 1e-12)
    lags = [(centred[:, lag:] * centred[:, :-lag]).sum(axis=1) / variance for lag in range(1, _YEAR + 1)]
    limit = _SIGNIFICANT * np.sqrt((1 + 2 * np.sum(np.square(lags[:-1]), axis=0)) / count)
    weights = np.r_[0.5, np.ones(_YEAR - 1), 0.5] / _YEAR
    windows = np.lib.stride_tricks.sliding_window_view(filled, _YEAR + 1, axis=1)
    trend = windows @ weights
    middle = filled[:, _YEAR // 2 : -_YEAR // 2]
    ratios = np.divide(middle, trend, out=np.ones_like(middle), where=trend > 0)
    place = (np.arange(_YEAR // 2, count - _YEAR // 2) - count) % _YEAR
    indices = np.stack([ratios[:, place == month].mean(axis=1) for month in range(_YEAR)], axis=1)
    indices = np.clip(indices / indices.mean(axis=1, keepdims=True), 0.05, None)
    seasonal = (lags[-1] > limit) & (filled.min(axis=1) > 0)
    return np.where(seasonal[:, None], indices, 1.0)


@dataclass(frozen=True, slots=True)
class SeriesForecast:
    """Points of each series with the ends of their ranges.

    All are series x months ahead.

    Attributes
    ----------
    points
        The forecast.
    low, high
        The ends.

    Examples
    --------
    >>> import numpy as np
    >>> from workbench.forecast import forecast_series
    >>> seen = 100 + np.random.default_rng(0).normal(0, 5, (30, 36))
    >>> found = forecast_series(seen, 6)
    >>> found.points.shape, bool((found.low < found.points).all() and (found.points < found.high).all())
    ((30, 6), True)
    """

    points: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def forecast_series(
    values: NDArray[np.float64],
    horizon: int,
    *,
    level: float = 0.8,
    rule: Callable[[NDArray[np.float64], int], NDArray[np.float64]] = combined,
) -> SeriesForecast:
    """Forecast many series, with ranges from a rule's errors on their own last months, pooled over all of them.

    Parameters
    ----------
    values
        Series x months, known to the end; not a number before a series began.
    horizon
        Months ahead.
    level
        What share of values the ranges hold.
    rule
        What forecasts points.

    Returns
    -------
    SeriesForecast
        Points and ranges; a range is unknown (not a number) where no series is long enough to learn its errors from.

    Examples
    --------
    >>> import numpy as np
    >>> from workbench.forecast import forecast_series, last_mean
    >>> seen = 100 + np.random.default_rng(0).normal(0, 5, (30, 36))
    >>> found = forecast_series(seen[:, :30], 6, rule=last_mean)
    >>> held = (found.low <= seen[:, 30:]) & (seen[:, 30:] <= found.high)
    >>> bool(0.7 < held.mean() < 0.9)
    True
    """
    points = rule(values, horizon)
    held = _HELD_BACK if values.shape[1] >= _GROWTH_FROM else _HELD_BACK_SHORT
    before, after = values[:, :-held], values[:, -held:]
    old = (~np.isnan(before)).sum(axis=1) >= min(_TREND_FROM, max(2, before.shape[1]))
    if not old.any():
        unknown = np.full_like(points, np.nan)
        return SeriesForecast(points, unknown, unknown)
    errors = np.abs(after[old] - rule(before[old], held)) / _scale(before[old])[:, None]
    reach = np.empty(horizon)
    for month in range(horizon):
        place = min(month, held - 1)
        around = errors[:, max(0, place - 1) : place + 2]
        reach[month] = np.quantile(around, level) * np.sqrt(max(1.0, (month + 1) / held))
    extent = _scale(values)[:, None] * np.maximum.accumulate(reach)
    lowest = np.where(np.isnan(values), np.inf, values).min(axis=1)[:, None]
    return SeriesForecast(
        points, np.where(lowest >= 0, np.maximum(points - extent, 0.0), points - extent), points + extent
    )


def _scale(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return each series' own variation: the mean absolute change from month to month, never quite zero."""
    changes = np.abs(np.diff(values, axis=1))
    count = np.maximum((~np.isnan(changes)).sum(axis=1), 1)
    own = np.nan_to_num(changes).sum(axis=1) / count
    size = np.nan_to_num(np.abs(values)).sum(axis=1) / np.maximum((~np.isnan(values)).sum(axis=1), 1)
    return np.maximum(own, np.maximum(0.005 * size, 1e-9))
