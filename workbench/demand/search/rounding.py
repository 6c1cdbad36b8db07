"""Found prices moved to prices that end as on a pricing page, within the same rules."""

from __future__ import annotations

from itertools import combinations, product
from typing import TYPE_CHECKING

import numpy as np

from workbench.demand.errors import DemandError
from workbench.demand.search.constraints import RULE_NAMES
from workbench.demand.search.peaks import Peak
from workbench.pricing.round_prices import prices_ending

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.demand.search.score import Scorer
    from workbench.demand.search.space import PriceSpace
    from workbench.pricing.round_prices import Ending

    Floats = NDArray[np.float64]

_KEPT = 400
_TRIED = 40
_EACH = 4
_PINNED = 1e-6


def rounded(scorer: Scorer, peak: Peak, ending: Ending) -> Peak:
    """Return the best prices found that end as asked, near a peak; DemandError when the rules leave none.

    A price that the rules pin to one value keeps it.
    """
    space = scorer.rules.space
    ladders = [_ladder(space, peak.prices, place, ending) for place in range(space.size)]
    near = _nearest(space, ladders, peak.prices)
    if not near:
        active = ", ".join(RULE_NAMES[rule] for rule in scorer.rules.active if rule != "ending")
        raise DemandError(
            f'No prices that end as asked ("{ending}") meet the other rules: {active}.',
            "Ask for a finer ending, or switch a rule off.",
        )
    best = _highest(scorer, near[:_TRIED])
    while True:
        beside = _neighbours(space, ladders, best.prices)
        higher = _highest(scorer, beside) if beside else best
        if higher.score <= best.score:
            break
        best = higher
    if not scorer.met(best.score):
        raise DemandError(
            f'No prices that end as asked ("{ending}") put the wanted share of buyers in the middle tier (T2).',
            "Ask for a finer ending, or switch T2 off.",
        )
    return best


def _ladder(space: PriceSpace, prices: Floats, place: int, ending: Ending) -> Floats:
    """Return the prices of an ending around one price, within what the rules leave it at all."""
    low, high = space.span(place)
    if high <= low * (1 + _PINNED):
        return np.array([prices[place]])
    width = 1.15
    while True:
        floor, ceiling = max(low, prices[place] / width), min(high, prices[place] * width)
        found = prices_ending(ending, floor * (1 - 1e-12), ceiling * (1 + 1e-12))
        if len(found) >= 2 * _EACH or (floor == low and ceiling == high):
            return np.array([float(each) for each in found])
        width *= width


def _nearest(space: PriceSpace, ladders: list[Floats], prices: Floats) -> list[Floats]:
    """Return combinations that meet the rules, the nearest first: built price by price, keeping the closest."""
    kept, distance = np.array(prices)[None, :], np.zeros(1)
    for place, ladder in enumerate(ladders):
        gaps = np.abs(np.log(ladder / prices[place])) if ladder.size else ladder
        order = np.argsort(gaps)[: 2 * _EACH]
        grown = np.repeat(kept, order.size, axis=0)
        grown[:, place] = np.tile(ladder[order], len(kept))
        distance = (distance[:, None] + gaps[order]).ravel()
        fits = _fits(space, grown, place)
        grown, distance = grown[fits], distance[fits]
        nearest = np.argsort(distance, kind="stable")[:_KEPT]
        kept, distance = grown[nearest], distance[nearest]
    return list(kept)


def _fits(space: PriceSpace, prices: Floats, last: int) -> NDArray[np.bool_]:
    """Tell which sets of prices, one a row, meet the limits among those up to `last`."""
    found = np.ones(len(prices), dtype=bool)
    for limit in space.limits:
        if (limit.above or 0) > last or (limit.below or 0) > last:
            continue
        above = 1.0 if limit.above is None else prices[:, limit.above]
        below = 1.0 if limit.below is None else prices[:, limit.below]
        found &= above <= limit.factor * below * (1 + 1e-9)
    return found


def _highest(scorer: Scorer, tried: list[Floats]) -> Peak:
    scores = scorer.scores(np.array(tried))
    place = int(scores.argmax())
    return Peak(tried[place], float(scores[place]))


def _neighbours(space: PriceSpace, ladders: list[Floats], prices: Floats) -> list[Floats]:
    """Return the prices one or two steps away in one price, and one step away in two, where the rules allow them."""
    found = []
    at = [int(np.argmin(np.abs(ladder - price))) for ladder, price in zip(ladders, prices, strict=True)]
    single = [((place, step),) for place in range(space.size) for step in (-2, -1, 1, 2)]
    pairs = [
        ((first, one), (second, two))
        for first, second in combinations(range(space.size), 2)
        for one, two in product((-1, 1), repeat=2)
    ]
    for moves in (*single, *pairs):
        if any(not 0 <= at[place] + step < len(ladders[place]) for place, step in moves):
            continue
        moved = prices.copy()
        for place, step in moves:
            moved[place] = ladders[place][at[place] + step]
        if space.limits_hold(moved):
            found.append(moved)
    return found
