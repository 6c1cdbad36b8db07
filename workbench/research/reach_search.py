"""Search the sets of features that reach most people: every set, or one step after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Hits = NDArray[np.bool_]
    Weight = NDArray[np.float64]

_TIE = 1e-9


def exhaustive(hits: Hits, weight: Weight, depth: int, most: int) -> list[list[int]]:
    """Return the best set of every size up to `most`, by looking at every set of features.

    People with the same wishes are one row, numbered by their wishes as bits. One pass per feature then adds up, for
    all sets at once, how many people want exactly 0, 1, ... `depth` or more features of the set.
    """
    features = hits.shape[1]
    pattern = hits @ (1 << np.arange(features))
    held = np.zeros((depth + 1, 1 << features))
    held[0] = np.bincount(pattern, weights=weight, minlength=1 << features)
    for feature in range(features):
        split = held.reshape(depth + 1, -1, 2, 1 << feature)
        without, within = split[:, :, 0].copy(), split[:, :, 1].copy()
        split[:, :, 0] = without + within
        split[1:, :, 1] = without[1:] + within[:-1]
        split[0, :, 1] = without[0]
        split[depth, :, 1] += within[depth]
    reach = held[depth]
    frequency = _sums_over_sets(weight @ hits)
    sizes = _sums_over_sets(np.ones(features)).astype(int)
    return [_best_of(np.flatnonzero(sizes == size), reach, frequency, features) for size in range(1, most + 1)]


def greedy(hits: Hits, weight: Weight, depth: int, most: int) -> list[int]:
    """Return features in the order in which each adds most reach; among equals the more wanted, then the first.

    While nobody is reached yet (depth above 1), wishes that count towards being reached decide.
    """
    wanted = weight @ hits
    chosen: list[int] = []
    held = np.zeros(len(hits), dtype=int)
    for _ in range(most):
        open_places = [place for place in range(hits.shape[1]) if place not in chosen]
        after = np.minimum(held[:, None] + hits[:, open_places], depth)
        reach, progress = weight @ (after >= depth), weight @ after
        order = sorted(
            range(len(open_places)), key=lambda at: (-reach[at], -progress[at], -wanted[open_places[at]], at)
        )
        chosen.append(open_places[order[0]])
        held = held + hits[:, chosen[-1]]
    return chosen


def exchanged(hits: Hits, weight: Weight, depth: int, steps: list[int]) -> list[list[int]]:
    """Return a set of every size: the step by step choice, improved by exchanging one feature while that helps."""
    found = []
    for size in range(1, len(steps) + 1):
        chosen = list(steps[:size])
        while (better := _exchange(hits, weight, depth, chosen)) is not None:
            chosen = better
        found.append(sorted(chosen))
    return found


def gaps(hits: Hits, weight: Weight, depth: int, found: list[list[int]]) -> list[float]:
    """Return for each set how many more people any set of its size could reach at most."""
    everybody = float(weight @ (hits.sum(axis=1) >= depth))
    wanted = np.sort(weight @ hits)[::-1]
    bounds = []
    for chosen in found:
        size = len(chosen)
        reach = _reach(hits, weight, depth, chosen)
        most = min(everybody, float(wanted[:size].sum()) / depth)
        if depth == 1:  # reach has decreasing returns: no set beats a set by more than its best single additions
            for base in found[:size]:
                missed = ~hits[:, base].any(axis=1)
                gains = np.sort((weight * missed) @ hits)[::-1]
                most = min(most, _reach(hits, weight, depth, base) + float(gains[:size].sum()))
        bounds.append(max(0.0, most - reach))
    return bounds


def _reach(hits: Hits, weight: Weight, depth: int, chosen: list[int]) -> float:
    return float(weight @ (hits[:, chosen].sum(axis=1) >= depth))


def _exchange(hits: Hits, weight: Weight, depth: int, chosen: list[int]) -> list[int] | None:
    """Return the set after the single exchange that gains most reach, None when none does."""
    rest = [place for place in range(hits.shape[1]) if place not in chosen]
    best, gain = None, _reach(hits, weight, depth, chosen) + _TIE * weight.sum()
    if not rest:
        return None
    held = hits[:, chosen].sum(axis=1)
    for place in chosen:
        without = held - hits[:, place]
        reach = weight @ ((without[:, None] + hits[:, rest]) >= depth)
        at = int(np.argmax(reach))
        if reach[at] > gain:
            gain = float(reach[at])
            best = [each for each in chosen if each != place] + [rest[at]]
    return best


def _sums_over_sets(values: NDArray[np.float64]) -> NDArray[np.float64]:
    sums = np.zeros(1 << len(values))
    for place, value in enumerate(values):
        sums[1 << place : 2 << place] = sums[: 1 << place] + value
    return sums


def _best_of(sets: NDArray[np.intp], reach: Weight, frequency: Weight, features: int) -> list[int]:
    """Return the features of the set that reaches most; among equals the more wanted, then the first in order."""
    top = reach[sets].max()
    equal = sets[reach[sets] >= top - _TIE * max(1.0, top)]
    most_wanted = frequency[equal].max()
    equal = equal[frequency[equal] >= most_wanted - _TIE * max(1.0, most_wanted)]
    members = [[place for place in range(features) if chosen >> place & 1] for chosen in equal.tolist()]
    return min(members)
