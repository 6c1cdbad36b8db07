"""From stated intent to the share who would buy at each price (Newton, Miller and Smith 1993)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

INTENT_SCALE: Mapping[int, float] = {5: 0.7, 4: 0.5, 3: 0.3, 2: 0.1, 1: 0.0}
"""The chance of buying that stands for each answer; 5 is "certain"."""


def chance_of(answers: NDArray[np.float64], scale: Mapping[int, float]) -> NDArray[np.float64]:
    """Return the chance of buying for each answer on the scale, NaN where unknown or not on it."""
    chances = np.full(answers.shape, np.nan)
    for answer, chance in scale.items():
        chances[answers == answer] = chance
    return chances


@dataclass(frozen=True, eq=False)
class Reach:
    """The share of people who would buy at each price (prices x samples), and the best prices per sample."""

    prices: NDArray[np.float64]
    share: NDArray[np.float64]

    @property
    def best_for_reach(self) -> NDArray[np.float64]:
        """Return the price at which most would buy, per sample: a corner, for the share is straight between them."""
        return self.prices[np.argmax(self.share, axis=0)]

    @property
    def best_for_revenue(self) -> NDArray[np.float64]:
        """Return the price named by somebody at which price times share is highest, per sample."""
        return self.prices[np.argmax(self.prices[:, None] * self.share, axis=0)]


def reach(
    prices: NDArray[np.float64],
    corners: NDArray[np.float64],
    chances: NDArray[np.float64],
    weights: NDArray[np.float64],
    *,
    along: NDArray[np.float64] | None = None,
) -> Reach:
    """Return the weighted mean of the respondents' chances at each price, for every weighting.

    Parameters
    ----------
    prices
        The grid: every corner must be on it.
    corners, chances
        Respondents x corners: each respondent's prices in strictly rising order and the chance of buying there. The
        chance is straight between corners and stays as it is outside them (0 where the outer chances are 0).
    weights
        Samples x respondents.
    along
        What "straight" is measured along, one number per price of the grid; the price itself where not given.

    """
    import scipy.sparse as sp  # noqa: PLC0415 - slow to load, and needed only where people were asked for their intent

    measure = prices if along is None else along
    place = np.searchsorted(prices, corners)
    slope = np.diff(chances, axis=1) / np.diff(measure[place], axis=1)
    nothing = np.zeros((len(corners), 1))
    bend = np.diff(np.hstack([nothing, slope, nothing]), axis=1)
    people = np.broadcast_to(np.arange(len(corners))[:, None], place.shape)
    bends = sp.csr_matrix((bend.ravel(), (place.ravel(), people.ravel())), shape=(len(prices), len(corners)))
    part = (weights / weights.sum(axis=1, keepdims=True)).T
    slopes = np.cumsum(bends @ part, axis=0)
    steps = slopes[:-1] * np.diff(measure)[:, None]
    start = chances[:, 0] @ part
    share = np.vstack([start, start + np.cumsum(steps, axis=0)])
    return Reach(prices, np.clip(share, 0, 1))
