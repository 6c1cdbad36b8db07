"""What is known of the months ahead before anything is billed: who leaves and joins, common shocks, paths."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.forecast.usage_growth import SEASON_FROM, SLOPE_DAMPING, GrowthFit, UsageHistory, fit_growth, whole_years

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray


# --- Who leaves and who joins: monthly hazards by age and segment, and the rate of new customers

AGE_ENDS = np.array([3, 12])  # the last age of each band; older accounts are the last one
AGE_BANDS = len(AGE_ENDS) + 1
_PRIOR_LEAVERS, _PRIOR_RATE = 0.5, 0.01  # half a leaver at 1% a month
_PRIOR_STRENGTH = 3.0  # leavers' worth of the wider group
_LEAST_LASTING = 0.5  # of those who left, at least this part stays away
_RECENT = 12
_DONORS = 60


@dataclass(frozen=True, slots=True)
class Attrition:
    """Monthly hazards of leaving, age bands x segments, and how many join a month."""

    hazard: NDArray[np.float64]
    leavers: int
    joined_per_month: float
    joined: int
    overdispersion: float
    donors: NDArray[np.int64]

    def of(self, age: NDArray[np.int64], segment: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the hazard of the step that ends at this age."""
        return self.hazard[np.searchsorted(AGE_ENDS, age), segment]


def fit_attrition(history: UsageHistory) -> Attrition:
    """Count who left and who joined; narrow groups lean on wider ones."""
    active = history.active
    segments = int(history.segment.max(initial=0)) + 1
    before, now = active[:, :-1], active[:, 1:]
    rows, steps = np.nonzero(before)
    left = ~now[rows, steps]
    returned = int((~before & now & (np.cumsum(active, axis=1)[:, :-1] > 0)).sum())
    bands = np.searchsorted(AGE_ENDS, history.age[rows] + steps + 1)
    cells = bands * segments + history.segment[rows]
    exposure = np.bincount(cells, minlength=AGE_BANDS * segments).reshape(AGE_BANDS, segments).astype(float)
    events = np.bincount(cells, left, AGE_BANDS * segments).reshape(AGE_BANDS, segments)
    leavers = int(left.sum())
    overall = (leavers + _PRIOR_LEAVERS) / (exposure.sum() + _PRIOR_LEAVERS / _PRIOR_RATE)
    strength = _PRIOR_STRENGTH / overall
    of_segment = (events.sum(axis=0) + strength * overall) / (exposure.sum(axis=0) + strength)
    hazard = (events + strength * of_segment) / (exposure + strength)
    lasting = max(_LEAST_LASTING, 1 - returned / leavers) if leavers else 1.0
    first = np.where(active.any(axis=1), active.argmax(axis=1), -1)
    counts = np.bincount(first[first > 0], minlength=history.months)[1:].astype(float)
    recent = counts[-_RECENT:]
    rate = float(recent.mean()) if len(recent) else 0.0
    spread = float(recent.var(ddof=1) / rate) if len(recent) > 2 and rate > 0 else 1.0  # noqa: PLR2004
    return Attrition(hazard * lasting, leavers, rate, int(recent.sum()), max(1.0, spread), _donors(history, first))


def _donors(history: UsageHistory, first: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return whom new customers are like: those who joined in the last two years; where few did, earlier ones too."""
    recent = np.flatnonzero((first > 0) & (first >= history.months - 2 * _RECENT))
    if len(recent) >= _DONORS or len(recent) == 0:
        return recent
    earlier = np.setdiff1d(np.flatnonzero(first >= 0), recent)
    youngest = earlier[np.argsort(history.age[earlier], kind="stable")]
    return np.concatenate([recent, youngest[: _DONORS - len(recent)]])


# --- What happens to all accounts at once

# A month's growth keeps so much of itself the month after: yearly 0.51, 0.65, 0.83 and 1 (C. Janz 2021 on O'Driscoll's
# 21 software companies, 0.80 to 0.85, lately nearer 0.65; series of the M3 that grew fast kept less than half).
PERSISTENCE = (0.945, 0.965, 0.985, 1.0)
_SHORT_PERSISTENCE = 0.02  # less of it where a season may pass for growth
_LEAST_CHANGE, _CHANGE_SHARE = 0.06, 0.35  # of a yearly growth rate: how far growth itself may change
# Growth is what ups leave over downs. Where accounts hardly move, as seats do, it cannot change much: by a fifth of
# all movements of a year, which is one in ten of them going the other way.
_CHANGE_OF_MOVES = 0.2
_TAIL = 5  # degrees of freedom of that change
_BETWEEN_METRICS = 0.5  # correlation of changing growth
_UNKNOWN_SEASON = 0.10  # amplitude, in logarithms, where less than a year was seen
# A season of amplitude 1 moves accounts by 1/3 a month on average, and the calendar by 0.37 (standard deviation).
_MOVES_OF_SEASON, _CALENDAR_OF_SEASON = 1 / 3, 0.37
_YEAR = 12


@dataclass(frozen=True, slots=True)
class CommonShifts:
    """Shifts of log usage shared by all accounts, metrics x draws x months ahead; and what growth keeps by then."""

    shift: NDArray[np.float64]
    kept_growth: NDArray[np.float64]


def block_months(count: int, length: int, draws: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return draws x length months out of `count`, in circular blocks."""
    block = max(2, min(6, count // 3))
    blocks = -(-length // block)
    starts = rng.integers(0, count, (draws, blocks))
    return ((starts[:, :, None] + np.arange(block)) % count).reshape(draws, -1)[:, :length]


def common_shifts(
    fits: Sequence[GrowthFit], history: UsageHistory, horizon: int, draws: int, rng: np.random.Generator
) -> CommonShifts:
    """Draw the shared part of the months ahead."""
    months, count = history.months, history.months - 1
    ahead = np.arange(1, horizon + 1)
    less = _SHORT_PERSISTENCE if months < _YEAR else 0.0
    persistence = np.array(PERSISTENCE)[np.arange(draws) % len(PERSISTENCE)] - less
    rng.shuffle(persistence)
    kept = persistence[:, None] ** (ahead - 1)
    central = kept.mean(axis=0)
    drawn = block_months(count, horizon, draws, rng)
    again = block_months(count, whole_years(count), draws, rng)  # growth is the mean of so many months
    stretch = np.sqrt((count - 1) / rng.chisquare(max(1, count - 1), draws)) if count > 1 else np.ones(draws)
    repeats = rng.random(draws) < 0.5  # noqa: PLR2004 - half of the draws, where a season cannot be told from shocks
    together = rng.standard_normal(draws)
    tail = np.sqrt(_TAIL / rng.chisquare(_TAIL, draws))
    phase = rng.uniform(0, 2 * np.pi, draws)
    place = (history.first_calendar_month + months - 1 + ahead) % _YEAR
    shift = np.empty((len(fits), draws, horizon))
    for index, fit in enumerate(fits):
        shocks = np.cumsum(fit.shocks[drawn], axis=1) * stretch[:, None]
        own = rng.standard_normal(draws)
        changing = (np.sqrt(_BETWEEN_METRICS) * together + np.sqrt(1 - _BETWEEN_METRICS) * own) * tail
        least = min(_LEAST_CHANGE, _CHANGE_OF_MOVES * _YEAR * fit.movement)
        extent = np.hypot(least, _CHANGE_SHARE * _YEAR * abs(fit.mean_growth))
        rate = fit.shocks[again].mean(axis=1) + fit.growth_error * rng.standard_normal(draws)
        total = shocks + (rate + extent * changing / _YEAR)[:, None] * ahead
        total += np.cumsum(kept - central, axis=1) * fit.mean_growth
        if months >= SEASON_FROM:
            total += np.cumsum(fit.season[place])
        elif months > _YEAR:
            last = fit.calendar[-_YEAR:]
            pattern = np.cumsum(np.resize(last - last.mean(), horizon))
            total += np.where(repeats[:, None], pattern - shocks, 0.0)
        else:
            total += _unknown_season(ahead, months, rng.normal(0, _possible_season(fit, months), draws), phase)
        shift[index] = total
    return CommonShifts(shift, central)


def _possible_season(fit: GrowthFit, months: int) -> float:
    """Return the amplitude a season may have that nobody could tell yet: one that moved more would have been seen."""
    most = fit.movement / _MOVES_OF_SEASON
    if months >= _YEAR:  # all of it went by
        most = min(most, float(fit.calendar.std()) / _CALENDAR_OF_SEASON)
    return min(_UNKNOWN_SEASON, most)


def _unknown_season(
    ahead: NDArray[np.int64], months: int, amplitude: NDArray[np.float64], phase: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return what a season nobody could see yet may add, in the level and in the growth it passed for."""
    times = np.arange(1 - months, ahead[-1] + 1)
    wave = amplitude[:, None] * np.sin(2 * np.pi * times / _YEAR + phase[:, None])
    seen = times <= 0
    off = times[seen] - times[seen].mean()
    false_growth = (wave[:, seen] * off).sum(axis=1) / max(1e-9, float((off**2).sum()))
    return wave[:, ~seen] - wave[:, seen][:, -1:] - false_growth[:, None] * ahead


# --- What is known of the months ahead before anything is billed

_EVERY = 3  # months between those that are billed; what lies between is interpolated


@dataclass(frozen=True, slots=True)
class Outlook:
    """The fitted model of a history with its common draws; `billed` are the months ahead that get billed."""

    history: UsageHistory
    fits: tuple[GrowthFit, ...]
    attrition: Attrition
    common: CommonShifts
    billed: NDArray[np.int64]
    leaving: NDArray[np.float64]

    @classmethod
    def of(cls, history: UsageHistory, horizon: int, draws: int, rng: np.random.Generator) -> Outlook:
        """Fit a history and draw what all accounts share."""
        fits = tuple(fit_growth(history, metric) for metric in range(history.metrics))
        attrition = fit_attrition(history)
        common = common_shifts(fits, history, horizon, draws, rng)
        billed = np.unique([1, *range(_EVERY, horizon, _EVERY), horizon])
        leaving = rng.gamma(attrition.leavers + 1, 1, draws) / (attrition.leavers + 1)
        return cls(history, fits, attrition, common, billed, leaving)

    @property
    def shift(self) -> NDArray[np.float64]:
        """Return the common shifts of the billed months: metrics x draws x billed months."""
        return self.common.shift[:, :, self.billed - 1]

    @property
    def draws(self) -> int:
        """Return how many draws there are."""
        return len(self.leaving)

    @property
    def horizon(self) -> int:
        """Return how many months ahead there are."""
        return int(self.billed[-1])

    def kept(self, places: NDArray[np.int64], group: NDArray[np.int64], groups: int) -> NDArray[np.float64]:
        """Return the share of each group's accounts that are left: groups x draws x billed months."""
        hazard = self._hazard(places)
        stays = np.exp(-hazard)
        member = (np.arange(groups)[:, None] == group).astype(float)
        count, left = np.maximum(member.sum(axis=1), 1)[:, None], member @ stays
        of_those = np.divide(member @ (stays * hazard), left, out=np.zeros_like(left), where=left > 0)
        return (left / count)[:, None] * np.exp(-(self.leaving - 1)[:, None] * of_those[:, None])

    def paths(self, places: NDArray[np.int64]) -> Paths:
        """Return where usage of given accounts is headed, without common shifts."""
        months = np.arange(1, self.horizon + 1)
        age, segment = self.history.age[places] + self.history.months - 1, self.history.segment[places]
        damped = (1 - SLOPE_DAMPING**self.billed) / (1 - SLOPE_DAMPING)
        shape = (len(self.fits), len(places), len(self.billed))
        centre, variance = np.empty(shape), np.empty(shape)
        for metric, fit in enumerate(self.fits):
            steps = (self.common.kept_growth[m - 1] * fit.steps(np.maximum(age + m, 0), segment) for m in months)
            grown = self._added_up(steps, len(places))
            centre[metric] = fit.level[places, None] + grown + fit.slope[places, None] * damped
            own = (fit.walk * self.billed + fit.level_noise + fit.level_error) * fit.scale[places, None] ** 2
            variance[metric] = own + fit.slope_variance * damped**2
        zero = np.array([fit.zero_share[places] for fit in self.fits])
        return Paths(places, centre, variance, zero, self._hazard(places))

    def _hazard(self, places: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return hazards of leaving added up: accounts x billed months."""
        age, segment = self.history.age[places] + self.history.months - 1, self.history.segment[places]
        months = range(1, self.horizon + 1)
        hazards = (self.attrition.of(np.maximum(age + month, 0), segment) for month in months)
        return self._added_up(hazards, len(places))

    def _added_up(self, steps: Iterable[NDArray[np.float64]], count: int) -> NDArray[np.float64]:
        """Add monthly steps up, and keep the billed months: accounts x billed months."""
        total = np.zeros(count)
        kept: list[NDArray[np.float64]] = []
        for month, step in enumerate(steps, start=1):
            total = total + step
            if month in self.billed:
                kept.append(total)
        return np.array(kept).T.reshape(count, len(self.billed))


@dataclass(frozen=True, slots=True)
class Paths:
    """Central log usage of accounts and its variance, metrics x accounts x billed months; hazards added up."""

    places: NDArray[np.int64]
    centre: NDArray[np.float64]
    variance: NDArray[np.float64]
    zero: NDArray[np.float64]
    hazard: NDArray[np.float64]

    def at(self, column: int) -> Moment:
        """Return the accounts in one billed month."""
        spread = np.sqrt(self.variance[:, :, column])
        return Moment(self.places, self.centre[:, :, column], spread, self.zero, self.hazard[:, column])


@dataclass(frozen=True, slots=True)
class Moment:
    """Accounts in one month ahead: log usage and its spread (metrics x accounts), chance of no use, hazard so far."""

    places: NDArray[np.int64]
    centre: NDArray[np.float64]
    spread: NDArray[np.float64]
    zero: NDArray[np.float64]
    hazard: NDArray[np.float64]
