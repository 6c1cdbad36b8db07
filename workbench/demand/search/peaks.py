"""Where a climb ended, and which of many ends are different places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

SAME = 0.03
"""Prices that differ by less than this share are one place."""


@dataclass(frozen=True, eq=False)
class Peak:
    """Prices from which no move tried leads up, and their score."""

    prices: Floats
    score: float


def distinct(peaks: Sequence[Peak], most: int) -> tuple[Peak, ...]:
    """Return the highest peaks that are different places, the highest first; at most `most`."""
    kept: list[Peak] = []
    for peak in sorted(peaks, key=lambda each: -each.score):
        near = any(np.abs(np.log(peak.prices / other.prices)).max() < SAME for other in kept)
        if not near:
            kept.append(peak)
        if len(kept) == most:
            break
    return tuple(kept)
