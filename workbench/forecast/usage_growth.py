"""Usage per metric, account and month, and how it grows.

A curve by age, the calendar, own slopes, levels and noise.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

# --- What a forecast stands on: usage per metric, account and month, with ages, segments and the calendar

AGE_UNKNOWN = 1_000
"""The age of an account whose sign-up is not known: it counts to the oldest band."""


@dataclass(frozen=True, slots=True)
class UsageHistory:
    """Monthly usage of every account, complete months only.

    Parameters
    ----------
    quantity
        Metrics x accounts x months. Not a number while an account is no customer, 0 while it is one without use.
    age
        Months since sign-up at the first month, per account; negative for those who joined later, `AGE_UNKNOWN` where
        nobody knows.
    segment
        A whole number from 0 on per account.
    first_calendar_month
        The calendar month of the first month, 0 for January.

    Examples
    --------
    >>> import numpy as np
    >>> from workbench.forecast import AGE_UNKNOWN, UsageHistory
    >>> use = np.array([[[5.0, 6, 7], [np.nan, 3, 0]]])
    >>> history = UsageHistory(use, np.array([AGE_UNKNOWN, -1]), np.zeros(2, dtype=np.int64))
    >>> history.months, history.active.tolist(), history.until(1).accounts
    (3, [[True, True, True], [False, True, True]], 1)
    """

    quantity: NDArray[np.float64]
    age: NDArray[np.int64]
    segment: NDArray[np.int64]
    first_calendar_month: int = 0

    @property
    def metrics(self) -> int:
        """Return how many metrics there are."""
        return self.quantity.shape[0]

    @property
    def accounts(self) -> int:
        """Return how many accounts there are, those that left included."""
        return self.quantity.shape[1]

    @property
    def months(self) -> int:
        """Return how many months were seen."""
        return self.quantity.shape[2]

    @property
    def active(self) -> NDArray[np.bool_]:
        """Return, accounts x months, who is a customer when."""
        return np.asarray(~np.isnan(self.quantity).all(axis=0))

    def until(self, months: int) -> UsageHistory:
        """Return the first so many months, with the accounts that had joined by then."""
        quantity = self.quantity[:, :, :months]
        known = ~np.isnan(quantity).all(axis=(0, 2))
        return replace(self, quantity=quantity[:, known], age=self.age[known], segment=self.segment[known])

    def known_by(self, months: int) -> NDArray[np.int64]:
        """Return the places of the accounts that `until` keeps."""
        return np.flatnonzero(~np.isnan(self.quantity[:, :, :months]).all(axis=(0, 2)))


# --- How usage of one metric grows

BAND_ENDS = np.array([1, 2, 3, 6, 12, 24])  # the last age of each band of growth; older ones are the last band
BANDS = len(BAND_ENDS) + 1
LARGEST_STEP = 1.5  # of a logarithm: beyond it a change says little about growth
BAND_WEIGHT, CELL_WEIGHT = 24, 60  # observations' worth of the wider group in the narrower one
ROUNDS = 6
SEASON_FROM = 24  # months of history from which a season can be told from chance
SLOPE_WINDOW = 24
_LUCKY_SEASON = 1.5  # so far two years of pure shocks may look like a season (three quarters of such histories)
SMOOTHING = (0.2, 0.35, 0.5, 0.7, 0.9)
ZERO_HALF_LIFE = 6.0  # months
SLOPE_DAMPING = 0.97
SMALLEST_SCALE, LARGEST_SCALE = 0.2, 3.0
_SCALE_PRIOR = 6.0
_WINSORISED = 0.03
_YEAR = 12


@dataclass(frozen=True, slots=True)
class GrowthFit:
    """What the history of one metric says; all in logarithms, per month.

    `growth` is bands x segments; `movement` is how far accounts move in a month, up or down. `calendar` holds the
    common change of each month seen after the first, of which `season` (12 calendar months, summing to zero) repeats
    and `shocks` do not. Per account: `level` now, own `slope` with its variance, `scale` of its noise, share of months
    without use. `level_noise`, `walk` and `level_error` (of the level itself) are variances for scale 1.
    """

    growth: NDArray[np.float64]
    growth_error: float
    mean_growth: float
    movement: float
    calendar: NDArray[np.float64]
    season: NDArray[np.float64]
    shocks: NDArray[np.float64]
    level: NDArray[np.float64]
    slope: NDArray[np.float64]
    slope_variance: float
    level_noise: float
    walk: float
    level_error: float
    scale: NDArray[np.float64]
    zero_share: NDArray[np.float64]

    def steps(self, age: NDArray[np.int64], segment: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the shared growth of a step that ends at this age."""
        return self.growth[band_of(age), segment]


def whole_years(count: int) -> int:
    """Return how many of so many changes make whole years; all of them where they are less than one."""
    return _YEAR * (count // _YEAR) or count


def band_of(age: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the band of growth of a step that ends at an age."""
    return np.searchsorted(BAND_ENDS, age)


def fit_growth(history: UsageHistory, metric: int) -> GrowthFit:
    """Fit the growth of one metric."""
    quantity = history.quantity[metric]
    accounts, months = quantity.shape
    with np.errstate(invalid="ignore", divide="ignore"):
        logs = np.where(quantity > 0, np.log(np.where(quantity > 0, quantity, 1.0)), np.nan)
    seen = (~np.isnan(quantity)).sum(axis=1)
    weight = np.sqrt(np.nan_to_num(quantity).sum(axis=1) / np.maximum(seen, 1))
    weight = weight / weight.mean() if weight.sum() > 0 else np.ones(accounts)
    growth, calendar, mean_growth, error, sampling = _shared_growth(logs, weight, history)
    steps = np.abs(np.clip(np.diff(logs, axis=1), -LARGEST_STEP, LARGEST_STEP))
    known = ~np.isnan(steps)
    movement = float((weight @ np.nan_to_num(steps)).sum() / max(float((weight @ known).sum()), 1e-12))
    season, shocks = _season_and_shocks(calendar, sampling, history.first_calendar_month, months)
    along = _cumulated(growth, calendar, history)
    rest = logs - along
    slope, slope_variance = _own_slopes(rest)
    times = np.arange(months) - (months - 1)
    rest = rest - slope[:, None] * times
    found, alpha = _levels(rest)
    level = found + along[:, -1]
    level = np.where(np.isnan(level), np.nanmean(level) if (~np.isnan(level)).any() else 0.0, level)  # never used
    level_noise, walk, scale = _noise(rest)
    level_error = _level_error(level_noise, walk, alpha)
    level = _shrunk(level, level_error * scale**2)
    return GrowthFit(
        growth,
        error,
        mean_growth,
        movement,
        calendar,
        season,
        shocks,
        level,
        slope,
        slope_variance,
        level_noise,
        walk,
        level_error,
        scale,
        _zero_shares(quantity),
    )


def _shared_growth(
    logs: NDArray[np.float64], weight: NDArray[np.float64], history: UsageHistory
) -> tuple[NDArray[np.float64], NDArray[np.float64], float, float, float]:
    """Return growth by band and segment, the calendar's common changes, mean growth, its error, and the calendar's."""
    changes = np.clip(np.diff(logs, axis=1), -LARGEST_STEP, LARGEST_STEP)
    rows, steps = np.nonzero(~np.isnan(changes))
    segments = int(history.segment.max(initial=0)) + 1
    count = changes.shape[1]
    if len(rows) == 0:
        return np.zeros((BANDS, segments)), np.zeros(count), 0.0, 0.0, 0.0
    values, weights = changes[rows, steps], weight[rows]
    bands = band_of(history.age[rows] + steps + 1)
    cells = bands * segments + history.segment[rows]
    calendar = np.zeros(count)
    total = weights.sum()
    in_band = np.bincount(bands, weights, BANDS)
    in_cell = np.bincount(cells, weights, BANDS * segments)
    in_month = np.bincount(steps, weights, count)
    growth = np.zeros(BANDS * segments)
    mean = 0.0
    for _ in range(ROUNDS):
        left = weights * (values - calendar[steps])
        mean = float(left.sum() / total)
        of_band = (np.bincount(bands, left, BANDS) + BAND_WEIGHT * mean) / (in_band + BAND_WEIGHT)
        prior = np.repeat(of_band, segments)
        growth = (np.bincount(cells, left, BANDS * segments) + CELL_WEIGHT * prior) / (in_cell + CELL_WEIGHT)
        common = np.bincount(steps, weights * (values - growth[cells]), count)
        calendar = np.divide(common, in_month, out=np.zeros(count), where=in_month > 0)
        # A season must never become growth, so what is taken off is a mean over whole years.
        calendar = calendar - calendar[-whole_years(count) :].mean()
    residuals = weights * (values - growth[cells] - calendar[steps])
    by_account = np.bincount(rows, residuals, logs.shape[0])
    error = float(np.sqrt((by_account**2).sum()) / total)
    squares = np.bincount(steps, residuals**2, count)
    sampling = float(np.mean(np.divide(squares, in_month**2, out=np.zeros(count), where=in_month > 0)))
    recent = float(np.average(growth[cells], weights=weights * (steps >= count - _YEAR) + 1e-12))
    return growth.reshape(BANDS, segments), calendar, recent, error, sampling


def _season_and_shocks(
    calendar: NDArray[np.float64], sampling: float, first: int, months: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Split the common changes into what repeats by calendar month and what is left, without sampling noise."""
    count = len(calendar)
    season = np.zeros(_YEAR)
    place = (first + 1 + np.arange(count)) % _YEAR
    rest = calendar
    if months >= SEASON_FROM:
        seen = np.bincount(place, minlength=_YEAR)
        means = np.bincount(place, calendar, _YEAR) / np.maximum(seen, 1)
        within = ((calendar - means[place]) ** 2).sum() / max(1, count - _YEAR)
        between = (seen * means**2).sum() / (_YEAR - 1)
        kept = max(0.0, 1 - _LUCKY_SEASON * within / between) if between > 0 else 0.0
        season = means * kept
        season -= season.mean()
        rest = (calendar - season[place]) * (np.sqrt(count / (count - 6.5)) if kept else 1.0)
    spread = float(np.var(rest)) if count else 0.0
    kept = np.sqrt(max(0.05, 1 - sampling / spread)) if spread > 0 else 0.0
    return season, rest * kept


def _cumulated(
    growth: NDArray[np.float64], calendar: NDArray[np.float64], history: UsageHistory
) -> NDArray[np.float64]:
    """Return, accounts x months, shared growth and calendar added up since the first month."""
    months = history.months
    along = np.zeros((history.accounts, months))
    for month in range(1, months):
        step = growth[band_of(np.maximum(history.age + month, 0)), history.segment]
        joined = history.age + month > 0
        along[:, month] = along[:, month - 1] + np.where(joined, step, 0.0) + calendar[month - 1]
    return along


def _least_squares_slope(values: NDArray[np.float64], least: int) -> NDArray[np.float64]:
    """Return the slope of each row over its known values; not a number where fewer than `least` are known."""
    known = ~np.isnan(values)
    count = known.sum(axis=1)
    times = np.arange(values.shape[1], dtype=float)
    filled = np.where(known, values, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean_time = (known * times).sum(axis=1) / count
        off = np.where(known, times - mean_time[:, None], 0.0)
        slope = (off * filled).sum(axis=1) / (off**2).sum(axis=1)
    return np.where(count >= max(2, least), slope, np.nan)


def _own_slopes(rest: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Return each account's own slope as far as slopes repeat, and the variance that is left of it.

    Slopes of two halves of the window covary by the variance of what lasts; the others' spread is luck.
    """
    months = rest.shape[1]
    window = rest[:, -min(months, SLOPE_WINDOW) :]
    half = window.shape[1] // 2
    if half < 3:  # noqa: PLR2004 - a slope of two points is noise
        return np.zeros(len(rest)), 0.0
    both = np.column_stack(
        [_least_squares_slope(part, (half + 1) // 2) for part in (window[:, :half], window[:, -half:])]
    )
    pairs = both[~np.isnan(both).any(axis=1)]
    if len(pairs) < 10:  # noqa: PLR2004 - a covariance of fewer says nothing
        return np.zeros(len(rest)), 0.0
    low, high = np.quantile(pairs, [_WINSORISED, 1 - _WINSORISED], axis=0)
    covariance = np.cov(np.clip(pairs, low, high), rowvar=False)
    lasting = max(0.0, float(covariance[0, 1]))
    luck = max(1e-12, ((covariance[0, 0] + covariance[1, 1]) / 2 - lasting) / 2)
    if months < _YEAR:
        lasting /= 2
    slope = _least_squares_slope(window, (window.shape[1] + 1) // 2)
    kept = lasting / (lasting + luck)
    return np.nan_to_num(slope * kept), float(lasting * luck / (lasting + luck))


def _smoothed(rest: NDArray[np.float64], alpha: float) -> NDArray[np.float64]:
    """Return exponentially smoothed levels, accounts x months; a month without a value keeps the level."""
    levels = np.empty_like(rest)
    level = rest[:, 0]
    levels[:, 0] = level
    for month in range(1, rest.shape[1]):
        value = rest[:, month]
        level = np.where(np.isnan(level), value, np.where(np.isnan(value), level, level + alpha * (value - level)))
        levels[:, month] = level
    return levels


def _levels(rest: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Return the level each account stands at now, by the one smoothing that foresaw three months best, and which."""
    months = rest.shape[1]
    if months < 5:  # noqa: PLR2004 - too few origins to choose by
        middle = SMOOTHING[len(SMOOTHING) // 2]
        return _smoothed(rest, middle)[:, -1], middle
    best, smallest = SMOOTHING[0], np.inf
    for alpha in SMOOTHING:
        levels = _smoothed(rest, alpha)
        origins = range(max(1, months - 3 - 6), months - 3)
        errors = np.concatenate([rest[:, origin + 3] - levels[:, origin] for origin in origins])
        error = float(np.nanmean(np.minimum(np.abs(errors), LARGEST_STEP))) if (~np.isnan(errors)).any() else np.inf
        if error < smallest:
            best, smallest = alpha, error
    return _smoothed(rest, best)[:, -1], best


def _level_error(passing: float, walk: float, alpha: float) -> float:
    """Return the variance of a smoothed level about the true one: noise that is let in, and a walk not yet followed."""
    return passing * alpha / (2 - alpha) + walk * (1 - alpha) ** 2 / (alpha * (2 - alpha))


def _shrunk(level: NDArray[np.float64], error: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return levels drawn to their mean as their errors ask: what looks largest is so by luck, too.

    Without this the sum of what large accounts use comes out too high.
    """
    spread = float(np.var(level)) - float(np.mean(error))
    return level - error / (max(spread, 1e-12) + error) * (level - level.mean())


def _noise(rest: NDArray[np.float64]) -> tuple[float, float, NDArray[np.float64]]:
    """Return the variance of passing noise, that of the walk per month, and each account's own scale."""
    changes = np.clip(np.diff(rest, axis=1), -LARGEST_STEP, LARGEST_STEP)
    known = ~np.isnan(changes)
    accounts = len(rest)
    if known.sum() < 10:  # noqa: PLR2004 - nothing to learn from
        return 0.01, 0.001, np.ones(accounts)
    variance = max(1e-10, float(np.nanvar(changes)))
    products = changes[:, 1:] * changes[:, :-1]
    correlated = float(np.nanmean(products)) if (~np.isnan(products)).any() else 0.0
    passing = float(np.clip(-correlated, 0.0, 0.45 * variance))
    walk = variance - 2 * passing
    if rest.shape[1] > _YEAR + 2:
        yearly = rest[:, _YEAR:] - rest[:, :-_YEAR]
        if (~np.isnan(yearly)).sum() >= 10:  # noqa: PLR2004
            low, high = np.nanquantile(yearly, [0.005, 0.995])
            walk = max(0.02 * variance, (float(np.nanvar(np.clip(yearly, low, high))) - 2 * passing) / _YEAR)
    squares = np.where(known, changes**2, 0.0).sum(axis=1) / variance
    scale = np.sqrt((_SCALE_PRIOR + squares) / (_SCALE_PRIOR + known.sum(axis=1)))
    return passing, float(walk), np.clip(scale, SMALLEST_SCALE, LARGEST_SCALE)


def _zero_shares(quantity: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return each account's share of months without use, later months counting more."""
    months = quantity.shape[1]
    weights = 0.5 ** (np.arange(months)[::-1] / ZERO_HALF_LIFE)
    known = ~np.isnan(quantity)
    seen = known @ weights
    return np.divide((quantity == 0) @ weights, seen, out=np.zeros(len(quantity)), where=seen > 0)
