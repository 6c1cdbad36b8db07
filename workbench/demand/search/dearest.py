"""The dearest prices that nearly as many customers accept: a share alone would drive every price to nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.demand.search.peaks import Peak

if TYPE_CHECKING:
    from workbench.demand.search.score import Scorer

GIVEN_UP = 0.001
"""The part of the best share that may be given up for dearer prices."""
_DOUBLINGS = 60
_HALVINGS = 24


def dearest(scorer: Scorer, peak: Peak) -> Peak:
    """Return the prices raised together, as far as the rules allow and all but GIVEN_UP of the share is kept."""
    enough = peak.score - GIVEN_UP * abs(peak.score)

    def raised(factor: float) -> Peak:
        prices = scorer.rules.space.nearest(peak.prices * factor)
        return Peak(prices, scorer.score(prices))

    kept, factor = peak, 1.0
    for _ in range(_DOUBLINGS):
        higher = raised(2 * factor)
        if higher.score < enough or not (higher.prices > kept.prices).any():
            break
        kept, factor = higher, 2 * factor
    width = 0.5
    for _ in range(_HALVINGS):
        higher = raised(factor * 2**width)
        if higher.score >= enough:
            kept, factor = higher, factor * 2**width
        width /= 2
    return kept
