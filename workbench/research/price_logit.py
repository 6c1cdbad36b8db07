"""A logit of buying on price, fitted to many resamples at once, and the price it makes best."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MOST_STEPS = 50
_CLOSE = 1e-10
_STEEP = 50.0  # in standard deviations of price: beyond it buyers and others are told apart without error


@dataclass(frozen=True, eq=False)
class PriceLogit:
    """The chance of buying at price p is 1 / (1 + exp(-(intercept + slope p))); one number per sample.

    NaN where it cannot be fitted: everybody or nobody buys, or one price parts buyers from the rest.
    """

    intercept: NDArray[np.float64]
    slope: NDArray[np.float64]

    def demand(self, price: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the chance of buying at each price (samples x prices)."""
        return chance(self.intercept[:, None] + self.slope[:, None] * price)

    def best_price(self, unit_cost: float = 0.0) -> NDArray[np.float64]:
        """Return the price with the highest (price - unit cost) x demand, NaN where demand does not fall.

        With b = -slope it is cost + (1 + W(exp(intercept - b cost - 1))) / b, W being Lambert's function.
        """
        from scipy.special import lambertw  # noqa: PLC0415 - slow to load, and needed only here

        falls = np.where(self.slope < 0, -self.slope, np.nan)
        inside = np.minimum(self.intercept - falls * unit_cost - 1, 700.0)  # beyond it exp has no number
        return unit_cost + (1 + lambertw(np.exp(inside)).real) / falls


@dataclass(frozen=True, slots=True)
class LogitFit:
    """The logit of all answers: coefficients with standard errors, and how well it fits.

    `deviance` compares with a share of its own at every price. Standard errors are those of the likelihood; with
    uneven weights they are robust (sandwich), for a weight is not a number of people asked.
    """

    intercept: float
    slope: float
    standard_errors: tuple[float, float]
    deviance: float
    log_likelihood: float

    @property
    def curve(self) -> PriceLogit:
        """Return the fitted demand."""
        return PriceLogit(np.array([self.intercept]), np.array([self.slope]))


def chance(utility: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the logistic share, without overflow."""
    return 0.5 * (1 + np.tanh(utility / 2))


def fit_many(prices: NDArray[np.float64], asked: NDArray[np.float64], bought: NDArray[np.float64]) -> PriceLogit:
    """Fit a logit to every sample by Newton's steps; `asked` and `bought` are weights (samples x prices)."""
    middle, spread = prices.mean(), prices.std()
    design = np.column_stack([np.ones(len(prices)), (prices - middle) / spread])
    found = np.zeros((len(asked), 2))
    done = np.zeros(len(asked), dtype=bool)
    for _ in range(_MOST_STEPS):
        share = chance(found @ design.T)
        slope = (bought - asked * share) @ design
        bend = np.einsum("sp,pi,pj->sij", asked * share * (1 - share), design, design)
        bend = bend + np.eye(2) * 1e-12 * asked.sum(axis=1)[:, None, None]  # keeps a parting sample from stopping all
        step = np.linalg.solve(bend, slope[..., None])[..., 0]
        found = found + np.clip(step, -_STEEP, _STEEP)
        done = np.abs(step).max(axis=1) < _CLOSE
        if done.all():
            break
    bad = ~done | (np.abs(found) > _STEEP).any(axis=1)
    found = np.where(bad[:, None], np.nan, found)
    return PriceLogit(found[:, 0] - found[:, 1] * middle / spread, found[:, 1] / spread)


def fit(
    prices: NDArray[np.float64],
    asked: NDArray[np.float64],
    accepts: NDArray[np.float64],
    weights: NDArray[np.float64],
) -> LogitFit | None:
    """Fit the logit to all answers (respondents x prices), None where they part without error."""
    base, bought = weights @ asked, weights @ (asked * accepts)
    curve = fit_many(prices, base[None, :], bought[None, :])
    if np.isnan(curve.slope[0]):
        return None
    share = curve.demand(prices)[0]
    design = np.column_stack([np.ones(len(prices)), prices])
    inverse = np.linalg.inv(np.einsum("p,pi,pj->ij", base * share * (1 - share), design, design))
    if np.ptp(weights) > 0:
        scores = (weights[:, None] * asked * (accepts - share)) @ design
        inverse = inverse @ (scores.T @ scores) @ inverse
    errors = np.sqrt(np.diag(inverse))
    return LogitFit(
        float(curve.intercept[0]),
        float(curve.slope[0]),
        (float(errors[0]), float(errors[1])),
        float(2 * (_log_likelihood(base, bought, bought / np.where(base > 0, base, 1))
                   - _log_likelihood(base, bought, share))),
        float(_log_likelihood(base, bought, share)),
    )  # fmt: skip


def _log_likelihood(base: NDArray[np.float64], bought: NDArray[np.float64], share: NDArray[np.float64]) -> float:
    """Return the log-likelihood of single answers at these shares."""
    with np.errstate(divide="ignore", invalid="ignore"):
        yes = np.where(bought > 0, bought * np.log(share), 0)
        rest = base - bought
        no = np.where(rest > 0, rest * np.log1p(-share), 0)
    return float(yes.sum() + no.sum())
