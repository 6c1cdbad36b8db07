"""The draws all scenarios share: one column of standard normals per guess, the same for the same seed and id."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.impact.uncertainty.behaviour import Behaviour
    from workbench.study import Assumption

    Floats = NDArray[np.float64]

END = 1.6448536269514722  # a range's ends in standard deviations: 5% of a normal lies beyond each


def stream(seed: int, name: str) -> np.random.Generator:
    """Return the random numbers that belong to a name, whatever else is drawn."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def spread_normals(seed: int, name: str, count: int) -> Floats:
    """Return standard normal draws in random order, one from each of `count` equally likely slices."""
    from scipy.special import ndtri  # noqa: PLC0415 - loaded when something is simulated

    rng = stream(seed, name)
    found: Floats = ndtri((rng.permutation(count) + rng.random(count)) / count)
    return found


def standard_draws(behaviour: Behaviour, segments: tuple[str, ...], count: int, seed: int) -> dict[str, Floats]:
    """Return a column of standard normals per assumption in use, by id.

    A segment's own range shares `alike` of its variance with the range for all segments of its kind.
    """
    found = {}
    for each in behaviour.in_use(segments):
        kind, _, segment = each.id.partition(":")
        own = spread_normals(seed, each.id, count)
        if segment:
            common = spread_normals(seed, kind, count)
            own = np.sqrt(behaviour.alike) * common + np.sqrt(1 - behaviour.alike) * own
        found[each.id] = own
    return found


def value_of(assumption: Assumption, normals: Floats, most: float) -> Floats:
    """Turn standard normals into values whose 5% and 95% points are the range's ends, kept from 0 to `most`."""
    return between(assumption.low, assumption.high, normals, most)


def between(low: float, high: float, normals: Floats, most: float) -> Floats:
    """Return values whose 5% and 95% points are `low` and `high`, kept from 0 to `most`."""
    found: Floats = np.clip((low + high) / 2 + normals * ((high - low) / 2 / END), 0.0, most)
    return found
