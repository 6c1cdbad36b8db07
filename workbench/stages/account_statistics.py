"""Statistics over accounts: shares, rank correlation, Loevinger's H, and how each moves with resampled accounts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from workbench.results import Interval
from workbench.stats import TOP_SHARE, grades, normal_reach, resampled_groups

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

# --- Statistics over accounts, each with what every account contributes to it

Link = Literal["linear", "share", "correlation", "quantile"]
_QUANTILE_POINTS = 1001


@dataclass(frozen=True)
class Statistic:
    """A statistic over accounts: its value, the accounts it counts, and each account's influence on it.

    `influence` has one entry per account of the customer base, 0 for those not counted. `link` says how a weighted
    sum of influences becomes a draw; `quantiles` holds the values at evenly spaced levels where the link needs them.
    """

    estimate: float
    accounts: int
    influence: Floats
    link: Link = "linear"
    quantiles: Floats | None = None


def mean(values: Floats, link: Link = "linear") -> Statistic:
    """Return the mean of the known values; with link "share" for values that are 0 or 1."""
    known, x = _known(values)
    estimate = float(x.mean()) if x.size else np.nan
    return Statistic(estimate, x.size, _spread(known, x - estimate), link)


def median(values: Floats) -> Statistic:
    """Return the median of the known values."""
    known, x = _known(values)
    if not x.size:
        return Statistic(np.nan, 0, np.zeros(len(values)), "quantile", np.empty(0))
    estimate = float(np.median(x))
    below = (x < estimate) + 0.5 * (x == estimate)
    quantiles = np.quantile(x, np.linspace(0, 1, _QUANTILE_POINTS))
    return Statistic(estimate, x.size, _spread(known, below - below.mean()), "quantile", quantiles)


def gini_statistic(values: Floats) -> Statistic:
    """Return the Gini coefficient of the known values: 0 when all have the same, near 1 when one has everything."""
    known, x = _known(values)
    if not x.size or x.sum() <= 0:
        return Statistic(np.nan, 0, np.zeros(len(values)), "share")
    grade, above = grades(x), _mean_above(x, x)
    centre, product = x.mean(), float((x * grade).mean())
    influence = 2 * (x * grade + above - 2 * product) / centre - 2 * product * (x - centre) / centre**2
    return Statistic(2 * product / centre - 1, x.size, _spread(known, influence), "share")


def top_share_statistic(values: Floats, share: float = TOP_SHARE) -> Statistic:
    """Return the part of the total that the largest accounts hold (the top tenth unless `share` says otherwise)."""
    known, x = _known(values)
    if not x.size or x.sum() <= 0:
        return Statistic(np.nan, 0, np.zeros(len(values)), "share")
    edge, centre = float(np.quantile(x, 1 - share)), x.mean()
    held = np.maximum(x - edge, 0) + share * edge
    influence = (held - held.mean()) / centre - held.mean() * (x - centre) / centre**2
    return Statistic(float(held.mean() / centre), x.size, _spread(known, influence), "share")


def rank_correlation_statistic(x: Floats, y: Floats, strata: NDArray[np.int64] | None = None) -> Statistic:
    """Return Spearman's rank correlation over the accounts where both are known, ties at their middle rank.

    With `strata` (one integer per account) ranks are taken inside each stratum and pooled, so that differences
    between strata, such as large customers against small ones, do not count.
    """
    known = np.isfinite(x) & np.isfinite(y)
    groups = np.zeros(len(x), dtype=np.int64) if strata is None else strata
    size = int(known.sum())
    parts = np.zeros((3, len(x)))  # each account's part in the covariance and in the two variances
    totals = np.zeros(3)
    for group in np.unique(groups[known]):
        inside = known & (groups == group)
        own, moved = _rank_moments(x[inside], y[inside])
        parts[:, inside] = own[:, None] + moved
        totals += own * inside.sum() / max(size, 1)
    covariance, x_variance, y_variance = totals
    scale = np.sqrt(x_variance * y_variance)
    if size == 0 or scale <= 0:
        return Statistic(np.nan, 0, np.zeros(len(x)), "correlation")
    estimate = covariance / scale
    moved = np.where(known, parts - totals[:, None], 0.0)
    influence = moved[0] / scale - estimate / 2 * (moved[1] / x_variance + moved[2] / y_variance)
    return Statistic(float(np.clip(estimate, -1, 1)), size, influence, "correlation")


def _rank_moments(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Return covariance and variances of the grades of one stratum, and each account's influence on them (3 x n)."""
    u, v = grades(x) - 0.5, grades(y) - 0.5
    own = np.array([(u * v).mean(), (u * u).mean(), (v * v).mean()])
    moved = np.stack(
        [u * v + _mean_above(x, v) + _mean_above(y, u), u * u + 2 * _mean_above(x, u), v * v + 2 * _mean_above(y, v)]
    )
    return own, moved - 3 * own[:, None]


def _mean_above(x: Floats, weights: Floats) -> Floats:
    """Return, for each x, the mean of `weights` over larger x (half for equal ones), over all accounts."""
    _, place = np.unique(x, return_inverse=True)
    sums = np.bincount(place, weights=weights)
    return ((sums.sum() - np.cumsum(sums) + sums / 2) / len(x))[place]


def _known(values: Floats) -> tuple[NDArray[np.bool_], Floats]:
    known = np.isfinite(values)
    return known, values[known]


def _spread(known: NDArray[np.bool_], influence: Floats) -> Floats:
    full = np.zeros(len(known))
    full[known] = influence
    return full


# --- Resample accounts once, and see how every statistic moves with the same resampled accounts

BOOTSTRAP_DRAWS = 2000
_MOST_BOOTSTRAP_GROUPS = (
    1000  # beyond this many accounts, random groups of accounts are resampled instead of single ones
)


def draw(statistics: Sequence[Statistic], seed: int, draws: int = BOOTSTRAP_DRAWS) -> NDArray[np.float64]:
    """Return bootstrap draws of every statistic, statistics x draws; NaN where a statistic is unknown.

    All statistics see the same resampled accounts (common random numbers), so that differences between candidates
    are not noise. Above 1,000 accounts random groups of them are.
    """
    if not statistics:
        return np.empty((0, draws))
    accounts = len(statistics[0].influence)
    if not accounts:
        return np.full((len(statistics), draws), np.nan)
    times, group_of = resampled_groups(accounts, np.random.default_rng(seed), draws, _MOST_BOOTSTRAP_GROUPS)
    influence = np.stack([each.influence / max(each.accounts, 1) for each in statistics])
    sums = np.stack([np.bincount(group_of, weights=row, minlength=times.shape[1]) for row in influence])
    moved = sums @ (times - 1.0).T
    return np.stack([_linked(each, row) for each, row in zip(statistics, moved, strict=True)])


def _linked(statistic: Statistic, moved: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn weighted sums of influences into values the statistic can take."""
    estimate = statistic.estimate
    if not np.isfinite(estimate):
        return np.full(len(moved), np.nan)
    if statistic.link == "quantile":
        quantiles = statistic.quantiles
        assert quantiles is not None  # noqa: S101 - the link promises them
        return np.interp(0.5 - moved, np.linspace(0, 1, len(quantiles)), quantiles)
    if statistic.link == "correlation":
        inside = float(np.clip(estimate, -0.999, 0.999))  # Fisher's transformation keeps draws between -1 and 1
        return np.tanh(np.arctanh(inside) + moved / (1 - inside**2))
    if statistic.link == "share":
        return np.clip(estimate + moved, 0, 1)
    return estimate + moved


# --- The value accounts get


def value_received(outcomes: Mapping[str, Floats], months: int = 12) -> Floats | None:
    """Return each account's standing in the value it gets: its mean percentile over all kinds of outcome.

    `outcomes` maps a kind to accounts x months; the last `months` count. Kinds have different units, so they are
    compared by rank. NaN for accounts without outcomes, None without any kind.
    """
    if not outcomes:
        return None
    standings = np.array([grades(row_mean(block[:, -months:])) for block in outcomes.values()])
    return row_mean(standings.T)


def row_mean(block: Floats, fewest: float = 1) -> Floats:
    """Return the mean of each row's known values, NaN for rows with fewer than `fewest` of them."""
    known = np.isfinite(block)
    count = known.sum(axis=1)
    total = np.where(known, block, 0.0).sum(axis=1)
    return np.divide(total, count, out=np.full(len(block), np.nan), where=count >= fewest)


# --- Resample accounts once for all models: what rests on them moves with the same resampled accounts

RESAMPLES_DRAWN = 1000
_MOST_RESAMPLED_GROUPS = (
    600  # beyond this many accounts, random groups of accounts are resampled instead of single ones
)


@dataclass(frozen=True, slots=True, eq=False)
class Resamples:
    """How often each group of accounts comes in each draw (draws x groups), and each account's group."""

    times: Floats
    group: NDArray[np.intp]

    @classmethod
    def of(cls, accounts: int, seed: int, draws: int = RESAMPLES_DRAWN) -> Resamples:
        """Resample this many accounts."""
        return cls(*resampled_groups(accounts, np.random.default_rng([seed, 2]), draws, _MOST_RESAMPLED_GROUPS))

    def counts(self, places: NDArray[np.intp]) -> Floats:
        """Return how often the accounts at these places come, draws x accounts."""
        return self.times[:, self.group[places]]

    def sums(self, places: NDArray[np.intp], values: Floats) -> Floats:
        """Return the sums over resampled accounts: draws, or draws x columns where `values` has columns."""
        grouped = np.zeros((self.times.shape[1], *values.shape[1:]))
        np.add.at(grouped, self.group[places], values)
        found: Floats = self.times @ grouped
        return found


# --- Loevinger's H: how far customers take up features in one order

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
        return scalability_reading(self.h.estimate)


def scalability_reading(h: float) -> Reading:
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
    reach = normal_reach(level) * error / gap
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
