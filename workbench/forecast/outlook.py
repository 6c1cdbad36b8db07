"""What is known of the months ahead before anything is billed: fits, who leaves and joins, common shifts, paths."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.forecast.attrition import Attrition, fit_attrition
from workbench.forecast.growth import SLOPE_DAMPING, GrowthFit, fit_growth
from workbench.forecast.shocks import CommonShifts, common_shifts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from workbench.forecast.history import UsageHistory

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
