"""Climb to a peak: exact steps along single prices, then moves of several prices at once where those are stuck."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.demand.search.lines import line
from workbench.demand.search.peaks import Peak
from workbench.demand.search.smooth import ascend

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from workbench.demand.search.score import Scorer
    from workbench.demand.search.space import PriceSpace

    Floats = NDArray[np.float64]

_SWEEPS = 40
_ROUNDS = 40
_ENOUGH = 1e-7
"""The gain, as a share of the score, below which a sweep is the last one."""
_FACTORS = (0.97, 1.03, 0.9, 1.1, 0.75, 1.33)
_PAIRED = _FACTORS[:4]
_TOGETHER = 32
"""Moves scored together; more would be in vain where the first ones lead up."""
_NARROW = 1e-9
_SHAKES = (0.12, 0.4, 0.05)
"""How hard prices are shaken in turn, as standard deviations of their logarithms."""


def climb(scorer: Scorer, start: Floats, *, moves: bool) -> Peak:
    """Return the peak reached from a start; `moves` moves several prices where one alone is stuck."""
    peak = _steps(scorer, scorer.rules.space.nearest(start))
    for _ in range(_ROUNDS if moves else 0):
        higher = next((each for each in _moved(scorer, peak) if each.score > _above(peak.score)), None)
        if higher is None:
            break
        stepped = _steps(scorer, higher.prices)
        # Along one line a price can look better than all rules together leave it; nothing that was gained is given up.
        peak = max(higher, stepped, key=lambda each: each.score)
    return peak


def kicked(scorer: Scorer, peak: Peak, rng: np.random.Generator, kicks: int) -> Peak:
    """Return the highest of the peaks reached from prices shaken a little, one after the other."""
    space = scorer.rules.space
    for number in range(kicks):
        shaken = rng.random(space.size) < max(0.5, 2 / space.size)
        start = peak.prices * np.exp(np.where(shaken, rng.normal(0, _SHAKES[number % len(_SHAKES)], space.size), 0.0))
        found = climb(scorer, start, moves=False)
        if found.score > _above(peak.score):
            peak = climb(scorer, found.prices, moves=True)
    return peak


def _steps(scorer: Scorer, prices: Floats) -> Peak:
    return ascend(scorer, prices) if scorer.task.rule == "logit" else _sweeps(scorer, prices)


def _sweeps(scorer: Scorer, start: Floats) -> Peak:
    """Set one price after the other to its best, until a whole sweep gains nothing, or each is at its best."""
    space, prices = scorer.rules.space, np.array(start, dtype=np.float64)
    score = scorer.score(prices)
    at_best = 0  # prices looked along since one changed, the one that did included
    for _ in range(_SWEEPS):
        before = score
        for place in range(space.size):
            low, high = space.interval(prices, place)
            at_best += 1
            if high > low * (1 + _NARROW):
                price, reached = line(scorer, prices, place, low, high).best()
                if reached > _above(score):
                    prices[place], score, at_best = price, reached, 1
            if at_best >= space.size:
                break
        if at_best >= space.size or score <= before + _ENOUGH * abs(before):
            break
    return Peak(prices, scorer.score(prices))


def _moved(scorer: Scorer, peak: Peak) -> Iterator[Peak]:
    """Try moves of several prices, the most promising first."""
    moved = _candidates(scorer.rules.space, peak.prices)
    for start in range(0, len(moved), _TOGETHER):
        some = moved[start : start + _TOGETHER]
        yield from (Peak(prices, float(score)) for prices, score in zip(some, scorer.scores(some), strict=True))


def _candidates(space: PriceSpace, prices: Floats) -> Floats:
    """List prices with several moved: one with all that must follow, all, all from one on, and every pair."""
    factors, size = np.array(_FACTORS), space.size
    # By factor and place, each a set of prices.
    dragged = np.stack([space.drag(prices, place, prices[place] * factors) for place in range(size)], axis=1)
    from_here = np.where(np.arange(size) >= np.arange(size - 1)[:, None], factors[:, None, None], 1.0)
    shifted = space.nearest((prices * from_here).reshape(-1, size)).reshape(from_here.shape)
    moved = np.concatenate([dragged, shifted], axis=1)
    stays = np.asarray((np.abs(moved / prices - 1) <= _NARROW).all(axis=2))
    stays[:, size:] = False
    first, second = np.triu_indices(size, 1)
    pairs = np.ones((len(_PAIRED), len(first), 2, size))
    own = np.array(_PAIRED)[:, None]
    pairs[:, np.arange(len(first)), :, first] = own
    pairs[:, np.arange(len(first)), 0, second] = own
    pairs[:, np.arange(len(first)), 1, second] = 1 / own
    return np.concatenate([moved[~stays], space.nearest((prices * pairs).reshape(-1, size))])


def _above(score: float) -> float:
    return score + _ENOUGH * abs(score)
