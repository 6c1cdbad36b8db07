"""What happens to all accounts at once: common shocks, growth that is not known and may change, the season.

Drawn once per draw, for all accounts, metrics and price lists together: these draws, not the luck of single accounts,
make a total uncertain. Circular block bootstrap: Politis & Romano 1992, after Kuensch 1989.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.forecast.growth import SEASON_FROM, whole_years

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from workbench.forecast.growth import GrowthFit
    from workbench.forecast.history import UsageHistory

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
