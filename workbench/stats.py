"""Small statistics used all over the package, each defined once; scipy and pandas load when they are used."""

from __future__ import annotations

import math
import zlib
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, reduce
from operator import xor
from statistics import NormalDist
from typing import TYPE_CHECKING, Literal

import numpy as np

from workbench.results import Interval

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from workbench import results

    Floats = results.Floats
    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

# --- Chance: random numbers that belong to a name, and the normal distribution


def stream(seed: int, name: str) -> np.random.Generator:
    """Return the random numbers that belong to a name, whatever else is drawn.

    Scenarios that share what the name stands for then share its draws, and differ only by what was changed.
    """
    return np.random.default_rng([seed, lot_of(name)])


def lot_of(name: str) -> int:
    """Return the whole number that belongs to a name, and to what stands for it where names are hidden."""
    return zlib.crc32(_named.get()(name).encode())


_named: ContextVar[Callable[[str], str]] = ContextVar("named", default=str)


@contextmanager
def drawing_for(named: Callable[[str], str]) -> Iterator[None]:
    """Have chance belong to what `named` returns of a text: the names behind the marks that stand in their places."""
    earlier = _named.set(named)
    try:
        yield
    finally:
        _named.reset(earlier)


@cache
def normal_reach(level: float) -> float:
    """Return how many standard deviations from its middle a normal interval of a level reaches: 1.645 for 90%."""
    return NormalDist().inv_cdf(0.5 + level / 2)


_BITS = 30
_DIRECTIONS = (
    f"1{_BITS * ',1'} 3,1 7,1,3 11,1,3,1 13,1,1,1 19,1,1,3,3 25,1,3,5,13 37,1,1,5,5,17 41,1,1,5,5,5 47,1,1,7,11,19 "
    "55,1,1,5,1,1 59,1,1,1,3,11 61,1,3,5,5,31 67,1,3,3,9,7,49 91,1,1,1,15,21,21 97,1,3,1,13,27,49 103,1,1,1,15,7,5"
).split()
"""For each dimension its primitive polynomial and first direction numbers (Joe and Kuo 2008)."""


def even_points(dimensions: int, points: int, random: np.random.Generator) -> Floats:
    """Return points x dimensions between 0 and 1 that fill their space more evenly than chance does (Sobol).

    They are those of `scipy.stats.qmc.Sobol` with its scrambling (Matousek 1998, doi:10.1006/jcom.1998.0489), which
    is asked where there are more dimensions than are listed here: loading it takes longer than most of its uses.
    """
    doublings = math.ceil(math.log2(max(points, 2)))
    if dimensions > len(_DIRECTIONS):
        from scipy.stats import qmc  # noqa: PLC0415 - loads slowly

        found: Floats = qmc.Sobol(dimensions, rng=random).random_base2(doublings)
        return found[:points]
    steps = np.array([_directions(*map(int, line.split(","))) for line in _DIRECTIONS[:dimensions]])
    random, powers = random.spawn(1)[0], 1 << np.arange(_BITS)
    shift = random.integers(2, size=(dimensions, _BITS), dtype=np.uint32) @ powers
    mixed = np.tril(random.integers(2, size=(dimensions, _BITS, _BITS), dtype=np.uint32), -1) + np.eye(_BITS)
    highest_first = powers[::-1]
    steps = ((steps[..., None] & highest_first > 0) @ mixed.swapaxes(1, 2)).astype(np.int64) % 2 @ highest_first
    even = shift[None]
    for bit in range(doublings):  # in Gray's order, each differs from the one before in one direction
        even = np.concatenate([even, even[::-1] ^ steps[:, bit]])
    return even[:points] / 2**_BITS


def _directions(polynomial: int, *first: int) -> list[int]:
    """Return what each bit of a point's number adds to it along one dimension, from the first direction numbers."""
    numbers, degree = list(first), len(first)
    while len(numbers) < _BITS:
        terms = (numbers[-back] << back for back in range(1, degree + 1) if polynomial >> degree - back & 1)
        numbers.append(reduce(xor, terms, numbers[-degree]))
    return [number << _BITS - 1 - place for place, number in enumerate(numbers)]


def normal_scores(even: Floats) -> Floats:
    """Return the standard normal values of evenly spread ones between 0 and 1; those at the ends stay finite."""
    from scipy.special import ndtri  # noqa: PLC0415 - loads slowly

    found: Floats = ndtri(np.clip(even, 1e-12, 1 - 1e-12))
    return found


# --- Matrix products in stretches small enough that the linear algebra library works on them alone

ALONE = 4 * 65536
"""OpenBLAS works alone on products of at most this many multiplications (its GEMM_MULTITHREAD_THRESHOLD)."""


def product(left: Floats, right: Floats) -> Floats:
    """Return left (a, b) times right (b, c), made in stretches of a: waking threads costs more than they bring."""
    made = np.empty((len(left), right.shape[1]))
    for part in short_stretches(len(left), right.size):
        np.matmul(left[part], right, out=made[part])
    return made


def short_stretches(length: int, per_unit: int) -> Iterator[slice]:
    """Go through a length in equal parts, each so small that what it takes for every unit of it is done alone."""
    step = -(-length // max(1, -(-length * per_unit // ALONE)))
    for first in range(0, length, max(1, step)):
        yield slice(first, first + step)


# --- Shares with their interval


def wilson(count: float, total: float, level: float = 0.9) -> Interval | None:
    """Return a share with its Wilson score interval, None without anybody to count; counts may be weighted.

    It stays inside 0 to 1 and holds its level for small counts (Wilson 1927, doi:10.1080/01621459.1927.10502953).
    """
    if total <= 0:
        return None
    share = count / total
    low, high = (float(end) for end in wilson_ends(share, total, level))
    return Interval(0.0 if count == 0 else low, share, 1.0 if count == total else high, level)


def wilson_ends(share: Floats | float, answers: Floats | float, level: float = 0.9) -> tuple[Floats, Floats]:
    """Return the ends of the Wilson score intervals of many shares of so many answers."""
    z = normal_reach(level)
    middle = (share + z * z / (2 * answers)) / (1 + z * z / answers)
    reach = z / (1 + z * z / answers) * np.sqrt(share * (1 - share) / answers + z * z / (4 * answers * answers))
    return np.clip(middle - reach, 0, 1), np.clip(middle + reach, 0, 1)


# --- Quantiles of draws and of weighted values


def interval_of_draws(
    draws: Floats,
    estimate: float | None = None,
    level: float = 0.9,
    *,
    upper: Floats | None = None,
    method: Literal["linear", "inverted_cdf"] = "linear",
) -> Interval:
    """Return an estimate, or else the mean of its draws, with the quantiles of the draws that hold a level.

    `upper` are the draws of the upper end where they are others than those of the lower one. A draw of NaN makes its
    end unknown.
    """
    tail, above = (1 - level) / 2, draws if upper is None else upper
    low, high = np.quantile(draws, tail, method=method), np.quantile(above, 1 - tail, method=method)
    return Interval(float(low), float(draws.mean()) if estimate is None else estimate, float(high), level)


_MOST_GROUPS = 500


def resampled_groups(
    accounts: int, random: np.random.Generator, draws: int, most: int = _MOST_GROUPS
) -> tuple[Floats, NDArray[np.intp]]:
    """Return how often each group of accounts comes when they are drawn again, draws x groups, and each one's group.

    Each account is a group of its own (bootstrap, Efron 1979). Above `most` accounts random groups of them are drawn:
    groups made at random vary as their members do, and the cost no longer grows.
    """
    groups = max(1, min(accounts, most))
    group_of = random.permutation(accounts) % groups
    times = random.multinomial(groups, np.full(groups, 1 / groups), size=draws)
    return times.astype(np.float64), group_of


def resampled_sums(amounts: Floats, seed: int = 0, draws: int = 500) -> Floats:
    """Return what columns of amounts, a row for each account, sum to when accounts are drawn again: draws x columns.

    All columns see the same accounts.
    """
    times, group_of = resampled_groups(len(amounts), np.random.default_rng(seed), draws)
    sums = np.stack([np.bincount(group_of, column, times.shape[1]) for column in amounts.T], axis=1)
    return times @ sums


_COLUMNS = 10


def weighted_quantile(values: NDArray[np.floating], weight: Floats, level: float) -> Floats:
    """Return the weighted quantile of each column; interpolated between the middles of the steps."""
    starts = range(0, values.shape[1], _COLUMNS)  # a few at a time: the way there takes four times their memory
    parts = [_weighted_quantiles(values[:, start : start + _COLUMNS], weight, level) for start in starts]
    return np.concatenate(parts) if parts else np.empty(0)


def _weighted_quantiles(values: NDArray[np.floating], weight: Floats, level: float) -> Floats:
    order = np.argsort(values, axis=0)
    ranked = np.take_along_axis(values, order, axis=0).astype(np.float64)
    heights = weight[order]
    middles = (np.cumsum(heights, axis=0) - heights / 2) / heights.sum(axis=0)
    return np.array([np.interp(level, middle, column) for middle, column in zip(middles.T, ranked.T, strict=True)])


# --- Ranks, and how closely two things go together by rank

FEWEST_PAIRS = 10


def ranks(values: Floats) -> Floats:
    """Return ranks from 1, ties at their mean rank; NaN stays NaN."""
    import pandas as pd  # noqa: PLC0415 - loads when used; scipy.stats would take half a second more

    return np.asarray(pd.Series(values).rank(), dtype=np.float64)


def grades(values: Floats) -> Floats:
    """Return each value's place between 0 and 1: the share of the known ones below it plus half of those equal to it.

    NaN stays NaN.
    """
    known = int(np.isfinite(values).sum())
    return (ranks(values) - 0.5) / max(1, known)


def spearman(first: Floats, second: Floats) -> float:
    """Return Spearman's rank correlation over the pairs where both are known; NaN where one side does not vary."""
    known = np.isfinite(first) & np.isfinite(second)
    x, y = ranks(first[known]), ranks(second[known])
    return math.nan if not len(x) or np.ptp(x) == 0 or np.ptp(y) == 0 else float(np.corrcoef(x, y)[0, 1])


def rank_correlation(first: Floats, second: Floats, level: float = 0.9) -> Interval:
    """Return Spearman's rank correlation over the accounts where both are known, with its interval.

    The interval uses Fisher's transformation with the variance of Bonett & Wright (2000). NaN with fewer than ten
    pairs or when one side does not vary.
    """
    count = int((np.isfinite(first) & np.isfinite(second)).sum())
    rho = spearman(first, second) if count >= FEWEST_PAIRS else math.nan
    if math.isnan(rho) or abs(rho) >= 1 - 1e-12:
        return Interval(rho, rho, rho, level)
    reach = normal_reach(level) * math.sqrt((1 + rho * rho / 2) / (count - 3))
    middle = math.atanh(rho)
    return Interval(math.tanh(middle - reach), rho, math.tanh(middle + reach), level)


# --- How evenly something is spread

TOP_SHARE = 0.10


def gini_coefficient(amounts: Floats) -> float:
    """Return the Gini coefficient of non-negative amounts: 0 when all are equal, 1 - 1/n when one has everything.

    Unknown amounts (NaN) are left out; NaN when nothing is left or all are zero. Half the mean absolute difference
    over the mean (Gini 1912), without a small-sample correction.
    """
    known = np.sort(amounts[np.isfinite(amounts)])
    total = known.sum()
    if not len(known) or total <= 0:
        return math.nan
    rank = np.arange(1, len(known) + 1)
    return float((2 * rank - len(known) - 1) @ known / (len(known) * total))


def share_of_largest(amounts: Floats, top: float = TOP_SHARE) -> float:
    """Return the share of the total that the largest hold; `top` of them, rounded up, at least one.

    Unknown amounts (NaN) are left out; NaN when nothing is left or all are zero.
    """
    known = np.sort(amounts[np.isfinite(amounts)])[::-1]
    total = known.sum()
    if not len(known) or total <= 0:
        return math.nan
    return float(known[: max(1, math.ceil(top * len(known) - 1e-9))].sum() / total)


MOST_OF_ONE = 0.5
"""Share of a total from which it is told of as one account's: ours."""


def on_one(amounts: Floats) -> tuple[int, float] | None:
    """Return the place and the share of the one that holds over half of a total; None where none does."""
    total = float(np.nansum(amounts))
    if total <= 0:
        return None
    place = int(np.nanargmax(amounts))
    share = float(amounts[place]) / total
    return (place, share) if share > MOST_OF_ONE else None


# --- Isotonic repair: the closest shares that never rise


def never_rising(shares: Floats, weights: Floats) -> Floats:
    """Return the weighted least-squares fit of shares that never rise along the last axis, for many rows at once.

    `shares` and `weights` are ... x places; places without weight take what their neighbours allow. It is what pooling
    adjacent violators gives, by its closed form: at each place the lowest, over all beginnings up to it, of the highest
    mean from there to any end from it on (Robertson, Wright and Dykstra 1988). scipy has it for one row at a time.
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


# --- Many tests at once


def benjamini_hochberg(p_values: Floats, rate: float) -> Flags:
    """Return which of many tests hold when their expected share of false discoveries is at most `rate`.

    Benjamini and Hochberg (1995), doi:10.1111/j.2517-6161.1995.tb02031.x.
    """
    ordered = np.sort(p_values)
    below = np.flatnonzero(ordered <= rate * np.arange(1, len(ordered) + 1) / max(len(ordered), 1))
    return p_values <= (ordered[below[-1]] if len(below) else -1.0)
