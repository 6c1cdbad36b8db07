"""How far a room agrees: ratings, rankings, cards and ranges, each with the rule that was fixed before the vote."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import numpy as np

from workbench.errors import WorkbenchError
from workbench.results import Interval
from workbench.stats import interval_of_draws, normal_reach, product, resampled_groups, stream

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike

    from workbench.results import Floats

FEWEST_ANSWERS = 5
"""Below so many answers only counts are shown: a spread of three people says who they are, not how a room thinks."""
Measure = Literal["nominal", "ordinal", "interval", "ratio"]
DRAWS = 1_000


class VoteError(WorkbenchError, ValueError):
    """Refuse answers that cannot be counted, with what is wrong with which of them.

    Parameters
    ----------
    message
        What is wrong, with the value.
    advice
        What to do.

    Examples
    --------
    >>> from workbench.workshop import VoteError
    >>> VoteError("Seats: 9 is not from 1 to 5.", "Give one that is.").advice
    'Give one that is.'
    """


# --- Ratings on a scale: median, spread, and three rules that tell consensus from disagreement


@dataclass(frozen=True, slots=True)
class RandUcla:
    """Disagreement by the range between percentiles adjusted for symmetry (Fitch et al. 2001, RAND/UCLA manual).

    Attributes
    ----------
    ipr, ipras
        The range from the 30th to the 70th percentile, and how wide it may be so far from the middle of the scale.
    disagreement
        Whether `ipr` is wider than `ipras`.
    """

    ipr: float
    ipras: float

    @property
    def disagreement(self) -> bool:
        """Tell whether the answers disagree."""
        return self.ipr > self.ipras


_IPR_OF_SYMMETRY, _CORRECTION = 2.35, 1.5
_NINE_POINTS = 8.0  # the factors were found on a scale from 1 to 9


def rand_ucla(votes: ArrayLike, low: float, high: float) -> RandUcla:
    """Return the range between the 30th and the 70th percentile, and the widest one that still is no disagreement.

    Parameters
    ----------
    votes
        Ratings, one per person.
    low, high
        The ends of the scale; the factors of the manual, made for 1 to 9, are stretched to it.

    Returns
    -------
    RandUcla
        Both ranges, in units of the scale.

    Raises
    ------
    VoteError
        For a vote off the scale, or none at all.

    Examples
    --------
    >>> from workbench.workshop import rand_ucla
    >>> found = rand_ucla([4, 5, 6] + [7] * 5 + [8] * 5 + [9] * 2, 1, 9)
    >>> found.ipr, round(found.ipras, 2), found.disagreement
    (1.0, 6.1, False)
    """
    known = _on_scale(votes, low, high)
    stretch = (high - low) / _NINE_POINTS
    p30, p70 = np.quantile(known, [0.3, 0.7])
    asymmetry = abs((p30 + p70) / 2 - (low + high) / 2)
    return RandUcla(float(p70 - p30), float(_IPR_OF_SYMMETRY * stretch + _CORRECTION * asymmetry))


def tastle_wierman(votes: ArrayLike, low: float, high: float) -> float:
    """Return the consensus of ratings: 1 when all are the same, 0 when half stand at each end of the scale.

    Parameters
    ----------
    votes
        Ratings, one per person.
    low, high
        The ends of the scale.

    Returns
    -------
    float
        1 + sum of p log2(1 - distance from the mean / length of the scale) (Tastle and Wierman 2007,
        doi:10.1016/j.ijar.2006.06.024).

    Raises
    ------
    VoteError
        For a vote off the scale, or none at all.

    Examples
    --------
    >>> from workbench.workshop import tastle_wierman
    >>> tastle_wierman([3, 3, 3], 1, 5), tastle_wierman([1, 5], 1, 5)
    (1.0, 0.0)
    """
    known = _on_scale(votes, low, high)
    return float(1 + np.log2(1 - np.abs(known - known.mean()) / (high - low)).mean())


Level = Literal["very good", "good", "some", "none"]
# Share of votes within so much of the median, in this order (the levels of a Delphi study, PMC9790819, table 2).
_LEVELS: tuple[tuple[Level, tuple[tuple[float, float], ...]], ...] = (
    ("very good", ((0.8, 1),)),
    ("good", ((0.5, 1), (0.8, 2))),
    ("some", ((0.5, 2), (0.8, 3))),
)


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far ratings agree; below FEWEST_ANSWERS only their counts are there.

    Attributes
    ----------
    answers, counts
        How many people answered, and how many gave each value.
    median, quartiles
        The median, and the first and third quartile (linear interpolation).
    middle_votes
        The two votes in the middle of an even number, where they differ: a median of 3.5 is nobody's.
    within_one
        Share of votes within 1 of the median, with its bootstrap interval over people.
    iqr
        The range between the quartiles, with its bootstrap interval over people.
    consensus
        Tastle and Wierman's consensus.
    rand_ucla
        Whether answers disagree, by the RAND/UCLA manual.
    level
        very good, good, some or none, by the shares within 1, 2 and 3 of the median.
    agreed
        Whether the range between the quartiles is at most what was fixed before the vote.

    Examples
    --------
    >>> from workbench.workshop import Agreement
    >>> Agreement(2, {4.0: 2}).median is None
    True
    """

    answers: int
    counts: Mapping[float, int]
    median: float | None = None
    quartiles: tuple[float, float] | None = None
    middle_votes: tuple[float, float] | None = None
    within_one: Interval | None = None
    iqr: Interval | None = None
    consensus: float | None = None
    rand_ucla: RandUcla | None = None
    level: Level | None = None
    agreed: bool | None = None


def agreement_of_ratings(
    votes: ArrayLike, low: float, high: float, *, widest_iqr: float = 1.0, seed: int = 0
) -> Agreement:
    """Return how far ratings on a scale agree.

    Parameters
    ----------
    votes
        Ratings, one per person; NaN for who gave none.
    low, high
        The ends of the scale.
    widest_iqr
        The rule fixed before the vote: agreed is what has at most so much between its quartiles.
    seed
        Of the bootstrap over people.

    Returns
    -------
    Agreement
        Only counts below FEWEST_ANSWERS.

    Raises
    ------
    VoteError
        For a vote off the scale.

    Examples
    --------
    >>> from workbench.workshop import agreement_of_ratings
    >>> found = agreement_of_ratings([4, 4, 4, 5, 3, 4], 1, 5)
    >>> found.median, found.level, found.agreed, found.within_one.estimate
    (4.0, 'very good', True, 1.0)
    >>> agreement_of_ratings([4, 4], 1, 5).median is None
    True
    """
    given = np.asarray(votes, dtype=np.float64)
    given = given[~np.isnan(given)]
    known = np.sort(_on_scale(given, low, high)) if given.size else given
    counts = {float(value): int(count) for value, count in zip(*np.unique(known, return_counts=True), strict=True)}
    if known.size < FEWEST_ANSWERS:
        return Agreement(known.size, counts)
    first, median, third = (float(each) for each in np.quantile(known, [0.25, 0.5, 0.75]))
    drawn = stream(seed, "agreement").choice(known, (DRAWS, known.size))
    spread = np.diff(np.quantile(drawn, [0.25, 0.75], axis=1), axis=0)[0]
    near = (np.abs(drawn - np.median(drawn, axis=1, keepdims=True)) <= 1).mean(axis=1)
    half = known.size // 2
    between = known.size % 2 == 0 and known[half - 1] != known[half]
    return Agreement(
        known.size,
        counts,
        median,
        (first, third),
        (float(known[half - 1]), float(known[half])) if between else None,
        interval_of_draws(near, float((np.abs(known - median) <= 1).mean())),
        interval_of_draws(spread, third - first),
        tastle_wierman(known, low, high),
        rand_ucla(known, low, high),
        _level(known, median),
        third - first <= widest_iqr,
    )


def _level(votes: Floats, median: float) -> Level:
    away = np.abs(votes - median)
    for level, rules in _LEVELS:
        if any((away <= reach).mean() >= share for share, reach in rules):
            return level
    return "none"


def _on_scale(votes: ArrayLike, low: float, high: float) -> Floats:
    known = np.asarray(votes, dtype=np.float64)
    if not low < high:
        raise VoteError(f"A scale from {low:g} to {high:g} has no length.", "Give the lower end first.")
    if not known.size:
        raise VoteError("Nobody has voted.", "Count once there is an answer.")
    off = known[~((known >= low) & (known <= high))]
    if off.size:
        raise VoteError(f"The vote {off[0]:g} is not on the scale from {low:g} to {high:g}.", "Take it out.")
    return known


# --- Rankings: how much alike people order the same things


@dataclass(frozen=True, slots=True)
class RankAgreement:
    """Kendall's coefficient of concordance over complete rankings.

    Attributes
    ----------
    w, p
        From 0 (no agreement) to 1 (all the same), and how likely so much is by chance; None below two rankings.
    voters, left_out
        How many rankings were complete, and how many were not and do not count.
    squares
        The sum of squared differences of the items' rank sums from their mean.
    chi_square, freedom
        The test's value and its degrees of freedom.

    Examples
    --------
    >>> from workbench.workshop import RankAgreement
    >>> RankAgreement(None, voters=1, left_out=0).w is None
    True
    """

    w: float | None
    voters: int
    left_out: int
    squares: float = 0.0
    chi_square: float | None = None
    freedom: int = 0
    p: float | None = None


def kendalls_w(ranks: ArrayLike) -> RankAgreement:
    """Return Kendall's W of rankings, corrected for ties; a ranking with gaps is left out and counted.

    Parameters
    ----------
    ranks
        Rankings, voters x items; tied items share their mean rank, NaN is no answer.

    Returns
    -------
    RankAgreement
        W is None where it is not defined: below two rankings, below two items, or where every ranking ties everything.

    Raises
    ------
    VoteError
        When a ranking is none, such as one that gives an item no rank between 1 and the number of items.

    Examples
    --------
    >>> from workbench.workshop import kendalls_w
    >>> kendalls_w([[1, 2, 3], [1, 2, 3]]).w, kendalls_w([[1, 2, 3], [3, 2, 1]]).w
    (1.0, 0.0)
    """
    given = np.asarray(ranks, dtype=np.float64)
    if given.ndim != 2:  # noqa: PLR2004 - voters x items
        raise VoteError("The rankings are no table of voters and items.", "Give one row per voter.")
    whole = given[~np.isnan(given).any(axis=1)]
    voters, items = whole.shape
    left_out = len(given) - voters
    above, tied = (compared(whole[:, :, None], whole[:, None, :]).sum(axis=2) for compared in (np.greater, np.equal))
    for row, meant in zip(whole, above + (tied + 1) / 2, strict=True):  # ties stand at their mean rank
        if not np.array_equal(meant, row):
            raise VoteError(
                f"{', '.join(f'{each:g}' for each in row)} is no ranking of {items} items.",
                "Rank from 1, and give tied items the mean of their ranks.",
            )
    sums = whole.sum(axis=0)
    squares = float(((sums - sums.mean()) ** 2).sum()) if voters else 0.0
    most = voters * float(((whole - (items + 1) / 2) ** 2).sum())  # were all of one mind; ties leave less to agree on
    if voters < 2 or most <= 0:  # noqa: PLR2004 - one ranking agrees with nobody
        return RankAgreement(None, voters, left_out, squares)
    from scipy.special import chdtrc  # noqa: PLC0415 - loads slowly

    w = squares / most
    chi_square = voters * (items - 1) * w
    return RankAgreement(
        float(w), voters, left_out, squares, float(chi_square), items - 1, float(chdtrc(items - 1, chi_square))
    )


# --- Any answers with gaps: Krippendorff's alpha


def krippendorffs_alpha(values: ArrayLike, measure: Measure = "interval") -> float | None:
    """Return how far answers agree beyond chance, whatever is missing: 1 is perfect, 0 is chance.

    Parameters
    ----------
    values
        Answers, voters x items; NaN is no answer. An item that fewer than two answered says nothing.
    measure
        How far two values stand apart: nominal (the same or not), ordinal (how many stand between), interval or ratio.

    Returns
    -------
    float | None
        Alpha; None where nothing was answered twice, and where all answers are the same value.

    Raises
    ------
    VoteError
        For values a ratio cannot be taken of.

    Notes
    -----
    Krippendorff 2011, Computing Krippendorff's alpha-reliability.

    Examples
    --------
    >>> from workbench.workshop import krippendorffs_alpha
    >>> nan = float("nan")
    >>> round(krippendorffs_alpha([[1, 2, 3, nan], [1, 2, 3, 4], [2, 2, 3, 4]]), 3)
    0.915
    """
    given = np.atleast_2d(np.asarray(values, dtype=np.float64))
    if measure == "ratio" and (given[~np.isnan(given)] < 0).any():
        raise VoteError("A ratio needs answers from 0 upwards.", "Measure them as an interval.")
    levels = np.unique(given[~np.isnan(given)])
    per_item = np.array([[(column == level).sum() for level in levels] for column in given.T], dtype=np.float64)
    per_item = per_item[per_item.sum(axis=1) > 1] if len(levels) else np.zeros((0, 0))
    if not len(per_item):
        return None
    pairs = per_item.sum(axis=1, keepdims=True) - 1
    together = (per_item / pairs).T @ per_item - np.diag((per_item / pairs).sum(axis=0))
    totals = together.sum(axis=0)
    apart = _apart(levels, totals, measure)
    expected = (np.outer(totals, totals) * apart).sum()
    if not expected:
        return None
    return float(1 - (totals.sum() - 1) * (together * apart).sum() / expected)


def _apart(levels: Floats, totals: Floats, measure: Measure) -> Floats:
    """Return the squared distance of each pair of values."""
    one, other = levels[:, None], levels[None, :]
    if measure == "nominal":
        return (one != other).astype(np.float64)
    if measure == "interval":
        return np.square(one - other)
    if measure == "ratio":
        both = one + other
        return np.square(np.divide(one - other, both, out=np.zeros_like(both), where=both > 0))
    below = np.cumsum(totals) - totals / 2
    return np.square(below[:, None] - below[None, :])


# --- Intervals over people: both coefficients are worked out over pairs of different people in every draw. A person
# drawn twice agrees with themselves, and an interval that counts this lies too high: for five rankings it held what
# large rooms tend to in 62% of rooms in place of 90%.


def interval_of_w(ranks: ArrayLike, *, seed: int = 0, draws: int = DRAWS) -> Interval | None:
    """Return Kendall's W with its 90% bootstrap interval over people.

    Parameters
    ----------
    ranks
        Rankings as `kendalls_w` takes them.
    seed, draws
        Of the bootstrap.

    Returns
    -------
    Interval | None
        None below FEWEST_ANSWERS whole rankings, and where W is not defined.
    """
    given = np.asarray(ranks, dtype=np.float64)
    given = given[~np.isnan(given).any(axis=1)]
    w, people = kendalls_w(given).w, len(given)
    if w is None or people < FEWEST_ANSWERS:
        return None
    places = given - given.mean(axis=1, keepdims=True)
    alike, own = places @ places.T, np.square(places).sum(axis=1)
    times = _drawn(people, seed, draws)
    twice = np.square(times)
    with np.errstate(invalid="ignore", divide="ignore"):
        of_others = ((product(times, alike) * times).sum(axis=1) - twice @ own) / (people**2 - twice.sum(axis=1))
        mean = of_others / (times @ own / people)  # the mean rank correlation of two different people
    return _widened((1 + (people - 1) * mean) / people, w, people, 0.0)


def interval_of_alpha(
    values: ArrayLike, measure: Measure = "interval", *, seed: int = 0, draws: int = DRAWS
) -> Interval | None:
    """Return Krippendorff's alpha with its 90% bootstrap interval over people.

    Parameters
    ----------
    values, measure
        Answers and distances as `krippendorffs_alpha` takes them.
    seed, draws
        Of the bootstrap.

    Returns
    -------
    Interval | None
        None below FEWEST_ANSWERS people, and where alpha is not defined.
    """
    given = np.asarray(values, dtype=np.float64)
    given = given[~np.isnan(given).all(axis=1)]
    alpha, people = krippendorffs_alpha(given, measure), len(given)
    if alpha is None or people < FEWEST_ANSWERS:
        return None
    return _widened(alphas(given, measure, _drawn(people, seed, draws)), alpha, people, -1.0)


def alphas(given: Floats, measure: Measure, times: Floats) -> Floats:
    """Return alpha over pairs of different people for each draw of them.

    Parameters
    ----------
    given, measure
        Answers, people x items, and their distances.
    times
        How often each person comes, draws x people.
    """
    levels = np.unique(given[~np.isnan(given)])
    one_of = (given[:, :, None] == levels).astype(np.float64)  # people x items x levels
    apart = _apart(levels, one_of.sum(axis=(0, 1)), measure)
    twice, observed, counted, again = np.square(times), *np.zeros((3, len(times)))
    enough = one_of.sum(axis=(0, 2)) > 1
    for item in np.moveaxis(one_of[:, enough], 1, 0):
        there = item.sum(axis=1)
        many, same = times @ there, twice @ there
        pairs = np.square(many) - same  # of different people; an item that one person alone was drawn for says nothing
        sums = (product(times, item @ apart @ item.T) * times).sum(axis=1)
        observed += np.where(pairs > 0, many * sums / np.maximum(pairs, 1), 0)
        counted, again = counted + np.where(pairs > 0, many, 0), again + np.where(pairs > 0, same, 0)
    totals = one_of[:, enough].sum(axis=1)
    all_apart = (product(times, totals @ apart @ totals.T) * times).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return 1 - (observed / counted) / (all_apart / (np.square(counted) - again))


def _drawn(people: int, seed: int, draws: int) -> Floats:
    """Return how often each person comes when the room is drawn again, draws x people."""
    times, place = resampled_groups(people, stream(seed, "people"), draws, most=people)
    return times[:, place]


def _widened(found: Floats, estimate: float, people: int, least: float) -> Interval:
    """Return the interval of draws, as much wider as so few people need: Student's reach for the normal one.

    In drawn rooms of 5 to 40 people it then holds what large rooms tend to in 88% to 100% of them.
    """
    from scipy.special import stdtrit  # noqa: PLC0415 - loads slowly

    known = found[np.isfinite(found)]
    wider = stdtrit(people - 1, 0.95) / normal_reach(0.9) * np.sqrt(people / (people - 1))
    told = interval_of_draws(np.clip(estimate + wider * (known - estimate), least, 1.0), estimate)
    return Interval(min(told.low, estimate), estimate, max(told.high, estimate), told.level)


# --- Cards sorted into groups: how often two lie together


def co_placement(placements: Sequence[Mapping[str, str]]) -> tuple[tuple[str, ...], Floats]:
    """Return the cards, and for each pair the share of those who placed both that put them into the same group.

    Parameters
    ----------
    placements
        For each person, card to group; cards nobody placed are left out.

    Returns
    -------
    tuple[tuple[str, ...], Floats]
        The cards in the order they are first met, and a square of shares, NaN where nobody placed both.

    Examples
    --------
    >>> from workbench.workshop import co_placement
    >>> cards, shares = co_placement([{"SSO": "Pro", "API": "Pro"}, {"SSO": "Pro", "API": "Basic"}])
    >>> cards, shares[0].tolist()
    (('SSO', 'API'), [1.0, 0.5])
    """
    cards = tuple(dict.fromkeys(card for person in placements for card in person))
    together, both = np.zeros((2, len(cards), len(cards)))
    for person in placements:
        groups = np.array([person.get(card, "") for card in cards], dtype=object)
        placed = groups != ""
        pair = placed[:, None] & placed[None, :]
        both += pair
        together += pair & (groups[:, None] == groups[None, :])
    return cards, np.divide(together, both, out=np.full_like(both, np.nan), where=both > 0)


# --- Ranges: what a room thinks together of a number nobody knows

_ENDS = (0.05, 0.5, 0.95)
_BEYOND = 0.1  # how far beyond the widest answers a pooled range may reach, as a share of their width


@dataclass(frozen=True, slots=True)
class PooledRange:
    """What a room thinks of a number, pooled in two ways; `log` tells that ranges were pooled as ratios.

    Attributes
    ----------
    equal_weights
        The quantiles of the mixture in which each person's answer has the same weight.
    median_quantiles
        The medians of the people's lows, middles and highs.
    answers
        How many people gave a range.
    """

    equal_weights: Interval
    median_quantiles: Interval
    answers: int
    log: bool = False


def pooled_ranges(ranges: ArrayLike, *, log: bool = False) -> PooledRange | None:
    """Pool ranges of people: by equal weights, and by the medians of their ends.

    Parameters
    ----------
    ranges
        Low, likely and high of each person, people x 3; the range is meant to hold the truth nine times in ten.
    log
        Pool as ratios, as prices need it.

    Returns
    -------
    PooledRange | None
        None below FEWEST_ANSWERS.

    Raises
    ------
    VoteError
        When low, likely and high do not rise, or a ratio is taken of what is not above 0.

    Notes
    -----
    A person's answer is taken to be spread evenly between its quantiles, and beyond its ends by a tenth of the width
    of all answers, as in Cooke's method (Experts in Uncertainty, 1991); medians of quantiles as in Hora et al. 2013
    (Median aggregation of distribution functions, Decision Analysis).

    Examples
    --------
    >>> from workbench.workshop import pooled_ranges
    >>> pooled = pooled_ranges([[10, 20, 40]] * 5, log=True)
    >>> [round(each) for each in (pooled.median_quantiles.low, pooled.equal_weights.estimate)]
    [10, 20]
    """
    given = np.asarray(ranges, dtype=np.float64).reshape(-1, len(_ENDS))
    given = given[~np.isnan(given).any(axis=1)]
    for row in given:
        if any(low > high for low, high in pairwise(row)) or (log and row[0] <= 0):
            raise VoteError(
                f"{', '.join(f'{each:g}' for each in row)} is no range.",
                "Give low, likely and high in rising order" + (", above 0." if log else "."),
            )
    if len(given) < FEWEST_ANSWERS:
        return None
    on_scale = np.log(given) if log else given
    beyond = max(float(np.ptp(on_scale)) * _BEYOND, 1e-12)
    ends = (float(on_scale.min()) - beyond, float(on_scale.max()) + beyond)
    heights = np.array([0.0, *_ENDS, 1.0])
    grid = np.linspace(*ends, 4_001)
    mixture = np.mean(
        [np.interp(grid, [ends[0], *row, ends[1]], heights) for row in _apart_by_a_hair(on_scale)], axis=0
    )
    back = np.exp if log else np.asarray
    low, middle, high = (float(each) for each in back(np.interp(_ENDS, mixture, grid)))
    medians = [float(each) for each in back(np.median(on_scale, axis=0))]
    return PooledRange(Interval(low, middle, high), Interval(*medians), len(given), log)


def _apart_by_a_hair(ranges: Floats) -> Floats:
    """Return ranges whose quantiles rise strictly, so that a distribution goes through them."""
    return ranges + np.arange(len(_ENDS)) * 1e-9
