"""Put names beside points so that none covers another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_GAP = 0.02
_HIGH = 0.042
_WIDE = 0.0155
"""The height of a line and the width of a letter, as parts of a square map."""


@dataclass(frozen=True, eq=False)
class LabelPlaces:
    """Where each name begins ("left") or ends ("right"), in the units of the points."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    align: list[str]


def spread_labels(x: NDArray[np.float64], y: NDArray[np.float64], lengths: Sequence[int]) -> LabelPlaces:
    """Return places for names of these lengths beside points on a map from 0 to 1: near, inside, free of others.

    Names are placed from the top down; each takes the nearest free place, to the right of its point where there is
    room, else to the left, moved up or down by as little as it takes.
    """
    at_x, at_y, align = np.array(x, dtype=float), np.array(y, dtype=float), ["left"] * len(x)
    taken = [(px - _GAP / 2, px + _GAP / 2, py) for px, py in zip(x, y, strict=True)]
    for place in np.argsort(-y, kind="stable"):
        width = lengths[place] * _WIDE
        sides = [("left", x[place] + _GAP), ("right", x[place] - _GAP)]
        if x[place] + _GAP + width > 1:
            sides.reverse()
        moves = sorted(np.arange(-6, 7) * _HIGH, key=abs)
        tried = [(abs(move) + 0.4 * _HIGH * at, side, begin, y[place] + move)
                 for at, (side, begin) in enumerate(sides) for move in moves]  # fmt: skip
        tried.sort(key=lambda each: each[0])
        fitting = [each for each in tried if _is_free(taken, each[1], each[2], each[3], width)]
        _, side, begin, high = (fitting or tried)[0]
        at_x[place], at_y[place], align[place] = begin, high, side
        left = begin if side == "left" else begin - width
        taken.append((left, left + width, high))
    return LabelPlaces(at_x, at_y, align)


def _is_free(taken: list[tuple[float, float, float]], side: str, begin: float, high: float, width: float) -> bool:
    left = begin if side == "left" else begin - width
    inside = left >= 0 and left + width <= 1 and 0 <= high <= 1
    return inside and all(
        left + width < other_left or left > other_right or abs(high - other_high) >= _HIGH
        for other_left, other_right, other_high in taken
    )
