"""Repair shares that rise with price by chance: the closest shares that never do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def never_rising(shares: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the weighted least-squares fit of shares that never rise along the last axis, for many rows at once.

    `shares` and `weights` are ... x prices; places without weight take what their neighbours allow. It is what pooling
    adjacent violators gives, by its closed form: at each place the lowest, over all beginnings up to it, of the highest
    mean from there to any end from it on (Robertson, Wright and Dykstra 1988).
    """
    size = shares.shape[-1]
    known = np.where(weights > 0, shares, 0) * weights
    sums = np.concatenate([np.zeros((*shares.shape[:-1], 1)), np.cumsum(known, axis=-1)], axis=-1)
    bases = np.concatenate([np.zeros((*shares.shape[:-1], 1)), np.cumsum(weights, axis=-1)], axis=-1)
    base = bases[..., None, 1:] - bases[..., :-1, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        means = np.where(base > 0, (sums[..., None, 1:] - sums[..., :-1, None]) / base, np.nan)
    # means[..., i, k]: of the places i to k.
    fitted = np.empty_like(shares, dtype=float)
    for place in range(size):
        block = means[..., : place + 1, place:]
        highest = np.where(np.isnan(block), -np.inf, block).max(axis=-1)
        fitted[..., place] = np.where(np.isfinite(highest), highest, np.inf).min(axis=-1)
    return fitted
