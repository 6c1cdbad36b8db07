"""Watching usage: sudden changes, plateaus, slow declines and silence, account by account, as they could be seen then.

A sudden change must be one twice: against the forecast of the months before, and against how much the account usually
changes. A plateau or a decline must hold against the same months a year before, or a season would be one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from workbench.forecast.series import combined
from workbench.growth.recurring_revenue import MovementsError
from workbench.growth.triggers.life_cycle import with_hysteresis
from workbench.stats import benjamini_hochberg

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.results import Floats

    Flags = NDArray[np.bool_]

KindOfAlert = Literal["sudden change", "plateau", "decline", "silence"]
KINDS_OF_ALERT: tuple[KindOfAlert, ...] = ("sudden change", "plateau", "decline", "silence")
FEWEST_MONTHS, WINDOW, YEAR_SEEN = 6, 6, 15
FIRST_SEEN = dict(zip(KINDS_OF_ALERT, (FEWEST_MONTHS, YEAR_SEEN, YEAR_SEEN, FEWEST_MONTHS + 1), strict=True))
"""By kind of alert, after how many months it can first be seen."""
_USUAL_THRESHOLD, _ENOUGH_SCORES, _FEWEST_ACCOUNTS, _RECENT = 2.5, 500, 20, 12
_SURE, _ENDS = 2.33, 1.0
_FELL, _GREW, _GROWTH_A_MONTH = 0.95, 1.1, 0.02
_OF_NORMAL, _FINEST = 1.4826, 0.01  # a median absolute deviation to a standard one; the smallest spread that counts
_POOLED_WEIGHT = 6.0  # months of its own that the spread of all accounts counts for


@dataclass(frozen=True, slots=True, eq=False)
class Watch:
    """What there was to see in usage, month by month.

    Attributes
    ----------
    account_ids, months
        The rows and columns.
    score
        How unusual each month is: the smaller of both measures of a sudden change, with its sign; NaN where unknown.
    threshold
        From which score on a change is sudden.
    expected_false
        How many sudden changes a month to expect among these accounts without any reason.
    met
        By kind of alert, accounts x months.
    by_chance
        By kind of the other alerts, how often a month each account would open one without any reason.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from workbench.growth import watch_usage
    >>> use = 100 + np.random.default_rng(0).normal(0, 3, (1, 24))
    >>> use[0, 20:] *= 0.6
    >>> found = watch_usage(use, pd.date_range("2023-01-01", periods=24, freq="MS"))
    >>> found.alerts()[["opened", "kind"]].astype(str).to_numpy().tolist()[:1]
    [['2024-09-01', 'sudden change']]
    """

    account_ids: NDArray[np.object_]
    months: pd.DatetimeIndex
    score: Floats
    threshold: float
    expected_false: float
    met: dict[str, Flags]
    by_chance: dict[str, Floats]

    def of(self, here: Flags) -> Watch:
        """Return what there was to see of accounts in the months in which they are meant (accounts x months)."""
        return replace(self, met={kind: met & here for kind, met in self.met.items()})

    def alerts(self) -> pd.DataFrame:
        """Return one row per alert: account_id, kind, opened, cleared (NaT: still open), months, score when it opened.

        A sudden change is an alert of its month; the others clear when they are met no more.
        """
        rows = []
        for kind in KINDS_OF_ALERT:
            met = self.met[kind]
            begins = met & ~np.column_stack([np.zeros(len(met), dtype=bool), met[:, :-1]])
            for row, at in zip(*np.nonzero(begins), strict=True):
                ends = np.flatnonzero(~met[row, at:])
                over = len(ends) > 0
                long = int(ends[0]) if over else met.shape[1] - at
                cleared = self.months[at + long] if over else pd.NaT
                rows.append((self.account_ids[row], kind, self.months[at], cleared, long, float(self.score[row, at])))
        names = ["account_id", "kind", "opened", "cleared", "months", "score"]
        return pd.DataFrame(rows, columns=names).sort_values(["opened", "account_id"], kind="stable", ignore_index=True)


def watch_usage(
    usage: Floats,
    months: pd.DatetimeIndex,
    account_ids: NDArray[np.object_] | None = None,
    *,
    false_alarms: float = 0.02,
    control: Literal["alarms", "discoveries"] = "alarms",
    common: bool = False,
    by_day: bool = True,
) -> Watch:
    """Return what there was to see in usage, each month with nothing from after it.

    Parameters
    ----------
    usage
        Accounts x complete months; NaN where unknown. The running month is no part of it.
    months, account_ids
        The columns and rows.
    false_alarms
        The share of accounts a month that may be called a sudden change without reason, or with `control` of
        discoveries the share of alarms that may be.
    control
        Which of the two is held.
    common
        Whether to take out of every month what all accounts have in common, such as a change of prices in revenue.
    by_day
        Whether longer months have more use; not what is counted once, such as seats.

    Returns
    -------
    Watch
        Scores, and where each kind of alert is met.

    Raises
    ------
    MovementsError
        When usage and months do not go together.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from workbench.growth import watch_usage
    >>> season = 100 * (1 + 0.4 * np.sin(2 * np.pi * np.arange(36) / 12))
    >>> len(watch_usage(season[None], pd.date_range("2022-01-01", periods=36, freq="MS")).alerts())
    0
    """
    values = np.asarray(usage, dtype=float)
    if values.ndim != 2 or values.shape[1] != len(months):  # noqa: PLR2004 - accounts x months
        raise MovementsError(
            f"Usage has the shape {values.shape} and there are {len(months)} months.", "Give accounts x months."
        )
    ids = np.arange(len(values)).astype(object) if account_ids is None else account_ids
    daily = values / np.asarray(months.days_in_month, dtype=float) if by_day else values
    score = sudden_scores(daily, common=common)
    threshold, sudden = _alarms(score, false_alarms, control)
    known = np.isfinite(score).sum(axis=0)
    met = {"sudden change": sudden, **_slow(daily), "silence": _silent(values)}
    alarms = float(known[-1]) * false_alarms if control == "alarms" else float(sudden[:, -1].sum()) * false_alarms
    return Watch(ids, months, score, threshold, alarms, met, _by_chance(daily, values))


def sudden_scores(daily: Floats, *, common: bool = False) -> Floats:
    """Return how unusual each month is, accounts x months: NaN before six months of use, or where one of them had none.

    Both the error of the forecast and the change from the month before are divided by how much the account usually
    changes, its own spread drawn towards that of all; the score is the smaller of the two, 0 when they point to
    different sides.
    """
    score = np.full(daily.shape, np.nan)
    usual = np.full((len(daily), 1), np.nan)
    seen = np.isfinite(daily).any(axis=1)
    usual[seen] = np.nanmedian(daily[seen], axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(np.where(daily > 0, daily, np.nan))
        least = np.log(np.maximum(daily, 0.02 * usual))  # use that stops is a drop
        change = np.diff(least, axis=1)
    if common and len(daily) >= _FEWEST_ACCOUNTS:
        change = change - np.nanmedian(change, axis=0, keepdims=True)
    for at in range(FEWEST_MONTHS, daily.shape[1]):
        rows = np.flatnonzero(np.isfinite(logs[:, at - FEWEST_MONTHS : at]).all(axis=1) & np.isfinite(daily[:, at]))
        if not len(rows):
            continue
        before = np.diff(logs[rows, :at], axis=1)
        middle = np.nanmedian(before, axis=1)
        own = _OF_NORMAL * np.nanmedian(np.abs(before - middle[:, None]), axis=1)
        months = np.isfinite(before).sum(axis=1)
        pooled = float(np.median(own))
        spread = np.maximum((months * own + _POOLED_WEIGHT * pooled) / (months + _POOLED_WEIGHT), _FINEST)
        ahead = np.log(np.maximum(combined(daily[rows, :at], 1)[:, 0], 1e-12))
        error = least[rows, at] - ahead
        if common and len(rows) >= _FEWEST_ACCOUNTS:
            error = error - np.nanmedian(error)
        first, second = error / spread, (change[rows, at - 1] - middle) / spread
        together = np.where(first * second > 0, np.minimum(np.abs(first), np.abs(second)) * np.sign(first), 0.0)
        score[rows, at] = together
    return score


def _alarms(score: Floats, share: float, control: str) -> tuple[float, Flags]:
    """Return the threshold of scores, by those of the months before where there are enough, and where it is passed."""
    size = np.abs(score)
    recent = size[:, -_RECENT - 1 : -1]  # of histories about as long: short ones are less sure
    past = recent[np.isfinite(recent)]
    enough = len(past) >= _ENOUGH_SCORES
    threshold = float(np.quantile(past, 1 - share)) if enough else _USUAL_THRESHOLD
    passed = np.nan_to_num(size) > threshold
    if control == "discoveries" and enough:
        ordered = np.sort(past)
        for month in range(score.shape[1]):
            known = np.flatnonzero(np.isfinite(size[:, month]))
            above = len(ordered) - np.searchsorted(ordered, size[known, month])
            passed[:, month] = False
            passed[known, month] = benjamini_hochberg((above + 1) / (len(ordered) + 1), share)
    return threshold, passed


def _slow(daily: Floats) -> dict[str, Flags]:
    """Return where growth stopped, and where use declines slowly."""
    slopes, spread = _slopes(daily)
    a_year_ago = _against_a_year_ago(daily)
    with np.errstate(divide="ignore", invalid="ignore"):
        sure = slopes / spread
    falls = with_hysteresis(
        (sure < -_SURE) & (a_year_ago < _FELL), (sure < -_ENDS) & (a_year_ago < 1) & np.isfinite(sure)
    )
    earlier = np.full(slopes.shape, np.nan)
    earlier[:, WINDOW:] = slopes[:, :-WINDOW]
    grew = (earlier / spread > _SURE) & (earlier > _GROWTH_A_MONTH) & (a_year_ago > _GREW)
    stands = (np.abs(sure) < _SURE) & (slopes < earlier / 4)
    levels_off = with_hysteresis(grew & stands & ~falls, (sure < _SURE) & ~falls)  # until it clearly grows again
    return {"plateau": levels_off, "decline": falls}


def _slopes(daily: Floats) -> tuple[Floats, Floats]:
    """Return the growth a month over the last six months, and its standard error by the account's own spread."""
    slopes, error = np.full((2, *daily.shape), np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(np.where(daily > 0, daily, np.nan))
    if daily.shape[1] < WINDOW:
        return slopes, error
    time = np.arange(WINDOW) - (WINDOW - 1) / 2
    windows = np.lib.stride_tricks.sliding_window_view(logs, WINDOW, axis=1)
    slopes[:, WINDOW - 1 :] = windows @ time / (time @ time)
    left = windows - windows.mean(axis=2, keepdims=True) - slopes[:, WINDOW - 1 :, None] * time
    squares = (left**2).sum(axis=2) / (WINDOW - 2)
    # The spread around the line, over all windows up to each month: six months alone say little about it.
    known = np.isfinite(squares)
    mean = np.cumsum(np.where(known, squares, 0.0), axis=1) / np.maximum(np.cumsum(known, axis=1), 1)
    error[:, WINDOW - 1 :] = np.maximum(np.sqrt(mean), _FINEST) / np.sqrt(time @ time)
    return slopes, error


def _against_a_year_ago(daily: Floats) -> Floats:
    """Return the mean of the last three months over that of the same months a year before; NaN where unknown."""
    found = np.full(daily.shape, np.nan)
    if daily.shape[1] >= YEAR_SEEN:
        mean = np.lib.stride_tricks.sliding_window_view(daily, 3, axis=1).mean(axis=2)
        with np.errstate(divide="ignore", invalid="ignore"):
            found[:, YEAR_SEEN - 1 :] = np.where(mean[:, :-12] > 0, mean[:, 12:] / mean[:, :-12], np.nan)
    return found


def _silent(values: Floats) -> Flags:
    """Return where an account has used nothing for two months, after six months running in which it did."""
    used = values > 0
    silent = np.zeros(values.shape, dtype=bool)
    for at in range(FEWEST_MONTHS + 1, values.shape[1]):
        begins = used[:, at - 7 : at - 1].all(axis=1) & ~used[:, at - 1] & ~used[:, at]
        silent[:, at] = begins | (silent[:, at - 1] & ~used[:, at])
    return silent


# --- How many alerts come without any reason: accounts that go on as they do, with their own swings

_SERIES = 3_000  # simulated, at least, however few accounts there are
_SEED = 20


def _by_chance(daily: Floats, values: Floats) -> dict[str, Floats]:
    """Return how often a month each account would open a plateau, a decline or a silence if nothing happened to it."""
    found = {kind: np.zeros(len(daily)) for kind in ("plateau", "decline")}
    rows = np.flatnonzero((daily > 0).sum(axis=1) >= YEAR_SEEN)
    if len(rows) and daily.shape[1] > YEAR_SEEN:
        rng = np.random.default_rng(_SEED)
        some = np.sort(rng.choice(rows, _SERIES, replace=False)) if len(rows) > _SERIES else rows
        opened = {kind: np.zeros(len(some)) for kind in found}
        times = -(-_SERIES // len(some))
        growth, season, noise, wander = _swings(daily[some])
        for _ in range(times):
            made = _going_on(rng, daily.shape[1], growth, season, noise, wander)
            for kind, met in _slow(np.where(daily[some] > 0, made, daily[some])).items():
                opened[kind] += (met[:, YEAR_SEEN:] & ~met[:, YEAR_SEEN - 1 : -1])[:, -_RECENT:].mean(axis=1)
        for kind, each in opened.items():
            found[kind][rows] = each.mean() / times
            found[kind][some] = each / times
    return {**found, "silence": _silent_by_chance(values)}


def _swings(daily: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Return the growth a month, the season, and how much each account swings around and wanders from its path.

    Changes of use that is swings around a path follow each other with the other sign, of one that wanders with none:
    that tells them apart, over all accounts, for a history of two or three years is short. What is a year's own is no
    swing. Growth and season are drawn towards none or that of all by as much as they may be chance.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(np.where(daily > 0, daily, np.nan))
    change = np.diff(logs, axis=1)
    years = change.shape[1] // 12
    apart = change[:, 12:] - change[:, :-12] if years > 1 else change - _middle(change)
    short = np.isfinite(apart).sum(axis=1) < FEWEST_MONTHS
    size = _OF_NORMAL * _middle(np.where(short[:, None], 0.0, np.abs(apart - _middle(apart))))[:, 0]
    size[short] = np.median(size[~short]) if (~short).any() else 0.0
    held = np.clip(apart, -3 * size[:, None], 3 * size[:, None])
    pairs = held[:, 1:] * held[:, :-1]
    squares = float(np.nansum(held**2) / max(np.isfinite(held).sum(), 1))
    turned = float(np.nansum(pairs) / max(np.isfinite(pairs).sum(), 1)) / squares if squares > 0 else 0.0
    variance = size**2 / (2 if years > 1 else 1)
    noise, wander = variance * np.clip(-turned, 0.0, 0.5), variance * (1 - 2 * np.clip(-turned, 0.0, 0.5))
    time = np.where(np.isfinite(logs), np.arange(logs.shape[1]), np.nan)
    time -= np.nanmean(time, axis=1, keepdims=True)
    growth = np.nansum(time * logs, axis=1) / np.nansum(time**2, axis=1)
    known = np.isfinite(logs).sum(axis=1)
    own = float(np.var(growth)) - float(np.mean(1.2 * wander / known + 12 * noise / known**3))
    middle = float(np.median(growth))
    growth = middle + (growth - middle) * np.clip(own / max(float(np.var(growth)), 1e-12), 0.0, 1.0)
    season = np.zeros((len(daily), 12))
    if years > 1:
        means = np.nanmean(np.where(np.isfinite(change), change, 0.0)[:, -12 * years :].reshape(-1, years, 12), axis=1)
        means -= means.mean(axis=1, keepdims=True)
        chance = variance[:, None] / years
        kept = np.clip(1 - chance / np.maximum((means**2).mean(axis=1, keepdims=True), 1e-12), 0.0, 1.0)
        season = np.cumsum(means * kept, axis=1)
    return np.maximum(growth, 0.0), season, np.sqrt(noise), np.sqrt(wander)


def _middle(values: Floats) -> Floats:
    """Return the median of each row, 0 where nothing is known."""
    known = np.isfinite(values).any(axis=1, keepdims=True)
    return np.nanmedian(np.where(known, values, 0.0), axis=1, keepdims=True)


def _going_on(  # noqa: PLR0917 - how each account goes on
    rng: np.random.Generator, months: int, growth: Floats, season: Floats, noise: Floats, wander: Floats
) -> Floats:
    """Return accounts x months of use that goes on as it does."""
    drawn = rng.standard_normal((2, len(growth), months))
    steps = growth[:, None] + wander[:, None] * drawn[0]
    path = np.cumsum(steps, axis=1) + noise[:, None] * drawn[1]
    return np.exp(path + np.tile(season, (1, -(-months // 12)))[:, :months])


def _silent_by_chance(values: Floats) -> Floats:
    """Return how often a month two months without use follow six with it where such months come by themselves.

    From how often a month without use follows one with it; once is no sign that it does so by itself.
    """
    used, none = values > 0, values == 0
    after = (used[:, :-1] & (used | none)[:, 1:]).sum(axis=1)
    stops = (used[:, :-1] & none[:, 1:]).sum(axis=1)
    terms = [stops, stops - 1, *(after - stops - each for each in range(FEWEST_MONTHS))]
    ways = np.prod(np.maximum(terms, 0), axis=0, dtype=float)  # of drawing so many of each, without putting back
    return ways / np.prod([np.maximum(after - each, 1) for each in range(len(terms))], axis=0, dtype=float)


# --- Value that rises while usage falls


def disconnected(value: Floats, usage: Floats, sure: float = _SURE) -> bool | None:
    """Tell whether what a customer gets out of it rises while its usage falls; None with under three values.

    Parameters
    ----------
    value, usage
        Recorded outcomes and usage of the same months; NaN where unknown.
    sure
        How many standard errors each slope must be away from none.

    Returns
    -------
    bool | None
        Whether it does; unknown is an answer.

    Examples
    --------
    >>> import numpy as np
    >>> from workbench.growth import disconnected
    >>> disconnected(np.array([10.0, 12, 14, 16]), np.array([100.0, 90, 80, 70]))
    True
    """
    slopes = []
    for series in (np.asarray(value, dtype=float), np.asarray(usage, dtype=float)):
        at = np.flatnonzero(np.isfinite(series))
        if len(at) < 3:  # noqa: PLR2004 - a line through two points fits them whatever they are
            return None
        time = at - at.mean()
        slope = float(time @ series[at] / (time @ time))
        left = series[at] - series[at].mean() - slope * time
        error = np.sqrt(float(left @ left) / max(len(at) - 2, 1) / float(time @ time))
        slopes.append(slope / max(error, 1e-9 * max(float(np.abs(series[at]).max()), 1e-9)))
    return bool(slopes[0] > sure and slopes[1] < -sure)
