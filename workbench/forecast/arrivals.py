"""Customers who join later: how many, and what each is like."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from workbench.forecast.curves import Curve, curve_of, nothing, shift_nodes
from workbench.forecast.outlook import Moment, Outlook

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from workbench.forecast.curves import Bill

_DONORS = 300
_AGES = 5  # at which the customers who joined are billed
_TREND_OF_NEW = 0.2  # sd of the yearly trend of how many join, in logarithms
_YEAR = 12


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Customers who join later, each like one of those who joined lately, brought back to the month they joined.

    `start` is their log usage then (metrics x donors), `grown` what they add by each age (metrics x donors x ages);
    `arriving` is how many join, draws x months.
    """

    outlook: Outlook
    donors: NDArray[np.int64]
    start: NDArray[np.float64]
    grown: NDArray[np.float64]
    survival: NDArray[np.float64]
    arriving: NDArray[np.float64]

    @classmethod
    def of(cls, outlook: Outlook, rng: np.random.Generator) -> Arrivals:
        """Let customers join at the rate of the last year, whose error and trend are drawn."""
        history, attrition, horizon = outlook.history, outlook.attrition, outlook.horizon
        donors = attrition.donors
        if len(donors) > _DONORS:
            donors = rng.choice(donors, _DONORS, replace=False)
        count, segment, age = len(donors), history.segment[donors], history.age[donors] + history.months - 1
        ages = np.arange(1, max(horizon, int(age.max(initial=0)) + 1))[:, None] + np.zeros(count, dtype=np.int64)
        kept = np.resize(np.r_[outlook.common.kept_growth, np.zeros(len(ages))], len(ages))[:, None]
        start, grown = [], []
        for fit in outlook.fits:
            steps = fit.steps(ages, segment)
            start.append(fit.level[donors] - np.where(ages <= age, steps, 0.0).sum(axis=0))
            grown.append(np.vstack([np.zeros(count), np.cumsum(kept * steps, axis=0)]).T)
        hazard = attrition.of(ages[: horizon - 1], segment).sum(axis=1) / max(1, count)
        rate = attrition.joined_per_month * rng.gamma(attrition.joined + 1, 1, outlook.draws) / (attrition.joined + 1)
        trend = rng.normal(0, _TREND_OF_NEW, outlook.draws)[:, None]
        arriving = rate[:, None] * np.exp(trend * np.arange(1, horizon + 1) / _YEAR)
        survival = np.exp(-np.r_[0.0, np.cumsum(hazard)])
        return cls(outlook, donors, np.array(start), np.array(grown), survival, arriving)

    def present(self, column: int) -> NDArray[np.float64]:
        """Return how many of those who joined are there in a billed month, per draw."""
        month = int(self.outlook.billed[column])
        return self.arriving[:, :month] @ self.survival[:month][::-1]

    def curve(self, lists: Mapping[str, Bill], column: int) -> Curve:
        """Return the expected bill of one of them in a billed month as a curve, with the luck of all."""
        month, fits, count = int(self.outlook.billed[column]), self.outlook.fits, len(self.donors)
        nodes = shift_nodes(self.outlook.shift[:, :, column])
        if count == 0 or not self.arriving.any():
            return nothing(nodes, len(lists))
        ages = np.unique(np.linspace(0, month - 1, min(_AGES, month)).round().astype(int))
        weights = np.repeat(self.survival[ages] / self.survival[ages].sum() / count, count)
        noise = [fit.walk * ages[:, None] + fit.level_noise + fit.level_error for fit in fits]
        spread = [np.sqrt(each) * fit.scale[self.donors] for each, fit in zip(noise, fits, strict=True)]
        moment = Moment(
            np.tile(self.donors, len(ages)),
            (self.start[:, None, :] + self.grown[:, :, ages].transpose(0, 2, 1)).reshape(len(fits), -1),
            np.array(spread).reshape(len(fits), -1),
            np.array([np.tile(fit.zero_share[self.donors], len(ages)) for fit in fits]),
            -np.log(weights),  # each stands for its part of one new customer
        )
        one = curve_of(moment, lists, nodes)
        present = float(self.present(column).mean())
        # How large new customers are is known from the few that joined: their mean has an error of its own.
        squared = one.base[:, :, None] * one.base[:, None, :]
        error = np.maximum(one.covariance - squared, 0.0) / len(self.outlook.attrition.donors)
        luck = self.outlook.attrition.overdispersion * present * one.covariance + present**2 * error
        return replace(one, covariance=luck)
