"""Loevinger's H: how far customers take up features in one order.

For a pair of features, an account errs against the order when it uses the less common one without the more common
one. H compares the errors seen with those expected if the two had nothing to do with each other:
1 - seen / expected. It is 1 when every account follows the order and about 0 when use of one says nothing about the
other. Loevinger (1948); Mokken (1971); Sijtsma & Molenaar (2002), chapter 4.

Standard errors come from the delta method under sampling of accounts (Kuijpers, Van der Ark & Croon 2013).
Intervals are symmetric in log(1 - H), so that they never pass 1 (Koopman, Zijlstra & Van der Ark 2021).
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Literal

import numpy as np

from workbench.results import Interval

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

Reading = Literal["strong", "medium", "weak", "none", "unknown"]

STRONG, MEDIUM, WEAK = 0.5, 0.4, 0.3
_FEWEST_ITEMS = 2
_BLOCK = 20_000  # accounts handled at once, so that memory stays flat


@dataclass(frozen=True, slots=True, eq=False)
class Scalability:
    """Loevinger's H of a set of features, most common first.

    `h` holds for all features together, `items` for each feature against all others and `pairs`
    (features x features, NaN on the diagonal) for two at a time. `popularity` is the share of accounts that
    use a feature. `left_out` names features that (nearly) everybody or nobody uses.
    """

    names: tuple[str, ...]
    popularity: Floats
    accounts: int
    h: Interval
    items: tuple[Interval, ...]
    pairs: Floats
    pair_errors: Floats
    left_out: tuple[str, ...] = ()

    @property
    def reading(self) -> Reading:
        """Return Mokken's reading of the whole set."""
        return reading_of(self.h.estimate)


def reading_of(h: float) -> Reading:
    """Return Mokken's reading of an H: strong from 0.5, medium from 0.4, weak from 0.3, below that no scale."""
    if np.isnan(h):
        return "unknown"
    marks: tuple[tuple[float, Reading], ...] = ((STRONG, "strong"), (MEDIUM, "medium"), (WEAK, "weak"))
    for mark, word in marks:
        if h >= mark - 1e-12:
            return word
    return "none"


def scalability(
    used: NDArray[np.bool_], names: Sequence[str], *, level: float = 0.9, fewest_users: int = 1
) -> Scalability:
    """Return Loevinger's H of a table of who uses what (accounts x features, true or false).

    `level` is that of the intervals. Features that fewer than `fewest_users` accounts use, or do without, are left
    out: a handful of accounts says nothing of an order. With fewer than two features left, H is unknown (NaN).
    """
    answers = np.asarray(used, dtype=np.float64)
    count = len(answers)
    share = answers.mean(axis=0) if count else np.zeros(answers.shape[1])
    users = answers.sum(axis=0)
    varies = (users >= fewest_users) & (count - users >= fewest_users)
    order = [i for i in sorted(range(len(names)), key=lambda i: (-share[i], names[i])) if varies[i]]
    kept = tuple(names[i] for i in order)
    left_out = tuple(names[i] for i in range(len(names)) if not varies[i])
    if len(order) < _FEWEST_ITEMS:
        return _unknown(kept, share[order], count, left_out, level)
    answers, share = answers[:, order], share[order]
    covariance, largest = _covariances(answers, share)
    pairs = np.divide(covariance, largest, out=np.full_like(covariance, np.nan), where=largest > 0)
    item_h = covariance.sum(axis=1) / largest.sum(axis=1)
    h = covariance.sum() / largest.sum()
    errors = _standard_errors(answers, share, covariance, largest)
    items = tuple(_interval(value, error, level) for value, error in zip(item_h, errors.items, strict=True))
    return Scalability(kept, share, count, _interval(h, errors.total, level), items, pairs, errors.pairs, left_out)


def _covariances(answers: Floats, share: Floats) -> tuple[Floats, Floats]:
    """Return the covariance of each pair and the largest it can be at these popularities; zero diagonals.

    Their ratio is H of the pair: 1 - seen / expected errors is the same number.
    """
    together = answers.T @ answers / len(answers)
    covariance = together - np.outer(share, share)
    less, more = np.minimum.outer(share, share), np.maximum.outer(share, share)
    largest = less * (1 - more)
    np.fill_diagonal(covariance, 0)
    np.fill_diagonal(largest, 0)
    return covariance, largest


@dataclass(frozen=True, slots=True, eq=False)
class _Errors:
    total: float
    items: Floats
    pairs: Floats


def _standard_errors(answers: Floats, share: Floats, covariance: Floats, largest: Floats) -> _Errors:
    """Return delta-method standard errors, by what each account adds to seen and possible covariance.

    One account moves the covariance of i and j by (x_i - p_i)(x_j - p_j) - cov, and the largest covariance
    p_less (1 - p_more) by its own shift of the two popularities.
    """
    count, size = answers.shape
    pair_h = np.divide(covariance, largest, out=np.zeros_like(covariance), where=largest > 0)
    item_h = covariance.sum(axis=1) / largest.sum(axis=1)
    h = covariance.sum() / largest.sum()
    # Items stand most common first, so of i < j item i is the more common one.
    upper = np.triu(np.ones((size, size), dtype=bool), 1)
    per_more = np.where(upper, -share[None, :], 1 - share[None, :])  # d largest / d p_i, j the other item
    np.fill_diagonal(per_more, 0)
    squares_total, squares_items, squares_pairs = 0.0, np.zeros(size), np.zeros((size, size))
    for start in range(0, count, _BLOCK):
        off = answers[start : start + _BLOCK] - share
        sums_pair = np.zeros((len(off), size))
        sums_item = np.zeros((len(off), size))
        for i in range(size):
            seen = off[:, [i]] * off - covariance[i]
            # d largest of (i, j): through p_i, and through p_j with the roles exchanged.
            possible = off[:, [i]] * per_more[i] + off * per_more[:, i]
            seen[:, i] = possible[:, i] = 0
            moved = seen - pair_h[i] * possible
            squares_pairs[i] += (moved**2).sum(axis=0)
            sums_item[:, i] = (seen - item_h[i] * possible).sum(axis=1)
            sums_pair[:, i] = (seen - h * possible).sum(axis=1)
        squares_items += (sums_item**2).sum(axis=0)
        squares_total += float((sums_pair.sum(axis=1) ** 2).sum())
    pairs = np.divide(np.sqrt(squares_pairs) / count, largest, out=np.full_like(largest, np.nan), where=largest > 0)
    return _Errors(
        float(np.sqrt(squares_total) / count / largest.sum()),
        np.sqrt(squares_items) / count / largest.sum(axis=1),
        pairs,
    )


def _interval(value: float, error: float, level: float) -> Interval:
    gap = 1 - value
    if gap <= 0 or error <= 0:
        return Interval(float(value), float(value), float(value), level)
    reach = NormalDist().inv_cdf(0.5 + level / 2) * error / gap
    return Interval(float(1 - gap * np.exp(reach)), float(value), float(1 - gap * np.exp(-reach)), level)


def _unknown(names: tuple[str, ...], share: Floats, count: int, left_out: tuple[str, ...], level: float) -> Scalability:
    nothing = Interval(np.nan, np.nan, np.nan, level)
    empty = np.full((len(names), len(names)), np.nan)
    return Scalability(names, share, count, nothing, (nothing,) * len(names), empty, empty, left_out)


def common_path(whole: Scalability, used: NDArray[np.bool_], names: Sequence[str]) -> Scalability:
    """Return H of the features that remain when the one with the lowest H is left out until all reach 0.3.

    What is left is the path customers share; the features that fell out are wanted by some, in no order.
    """
    position = {name: index for index, name in enumerate(names)}
    current = whole
    while len(current.names) > _FEWEST_ITEMS:
        lowest = int(np.argmin([item.estimate for item in current.items]))
        if current.items[lowest].estimate >= WEAK:
            return current
        keep = [name for index, name in enumerate(current.names) if index != lowest]
        current = scalability(used[:, [position[name] for name in keep]], keep, level=whole.h.level)
    if current.names and current.h.estimate < WEAK:
        return scalability(used[:, :0], ())
    return current
