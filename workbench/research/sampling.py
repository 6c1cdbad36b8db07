"""How sure an estimate is: respondents drawn again, how many are needed, and how far stated prices overstate."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from workbench.formatting import exact
from workbench.research.answers import ResearchError
from workbench.results import Interval
from workbench.stats import interval_of_draws, normal_reach, wilson_ends
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workbench.stats import Floats


say = texts(__name__)

# --- Draw respondents again, with their weights, to see how far an estimate would move

SAMPLES = 1000
LEVEL = 0.9
_FEWEST_SAMPLES = 20


def resampled_weights(weights: Floats, samples: int, seed: int) -> Floats:
    """Return the weights of the respondents in every resample (samples x respondents): drawn with replacement."""
    if samples < _FEWEST_SAMPLES:
        raise ResearchError(f"{samples} samples give no interval.", f"Ask for at least {_FEWEST_SAMPLES}.")
    people = len(weights)
    drawn = np.random.default_rng(seed).multinomial(people, np.full(people, 1 / people), size=samples)
    weighed = drawn * weights
    return weighed[weighed.sum(axis=1) > 0]


def resampled_interval(
    estimate: float, low: Floats, high: Floats | None = None, level: float = LEVEL, *, only_seen: bool = False
) -> Interval:
    """Return the interval of an estimate: quantiles of its resamples (of `low` below and of `high` above, if given).

    Resamples that know nothing (NaN) are left out. With `only_seen` the ends are values that occur: prices asked.
    """
    if not 0 < level < 1:
        raise ResearchError(f"An interval cannot hold {level:g} of all cases.", "Give a level such as 0.9.")
    upper = low if high is None else high
    low, upper = low[~np.isnan(low)], upper[~np.isnan(upper)]
    if not (len(low) and len(upper)):
        return Interval(float("nan"), estimate, float("nan"), level)
    return interval_of_draws(low, estimate, level, upper=upper, method="inverted_cdf" if only_seen else "linear")


def share_intervals(shares: Floats, answers: Floats, level: float = LEVEL) -> tuple[Interval, ...]:
    """Return the intervals of shares of so many answers (Wilson 1927): wider than nothing at 0 and at 1."""
    lows, highs = wilson_ends(shares, np.maximum(answers, 1), level)
    return tuple(
        Interval(float(low), float(share), float(high), level)
        for low, share, high in zip(lows, shares, highs, strict=True)
    )


def effective_answers(weights: Floats) -> float:
    """Return how many equally weighted answers tell as much as these (Kish 1965)."""
    return float(weights.sum() ** 2 / (weights**2).sum())


# --- Many estimates with their intervals at once, from the resamples of each


def percentile_intervals(estimate: Floats, resampled: Floats, level: float) -> tuple[Interval, ...]:
    """Return the interval of each estimate from samples x estimates; unknown where no sample has a value."""
    return tuple(
        resampled_interval(value, drawn[known], level=level)
        if (known := np.isfinite(drawn)).any()
        else Interval(float("nan"), value, float("nan"), level)
        for value, drawn in zip(estimate.tolist(), resampled.T, strict=True)
    )


def interval_columns(name: str, intervals: Iterable[Interval]) -> dict[str, list[float]]:
    """Return the columns of a table that hold intervals: the estimate under the name, and `_low` and `_high`."""
    found = list(intervals)
    ends = {"": [each.estimate for each in found], "_low": [each.low for each in found]}
    return {name + end: values for end, values in (ends | {"_high": [each.high for each in found]}).items()}


# --- How many respondents a method needs for an interval of a wanted width, each by a formula that is stated


@dataclass(frozen=True)
class SampleSize:
    """How many valid answers are needed, and what was assumed to say so.

    Attributes
    ----------
    respondents
        How many valid answers.
    width, level
        The interval they give, and what it holds.
    how
        What was assumed.

    Examples
    --------
    >>> from workbench.research import respondents_for_share
    >>> size = respondents_for_share(0.1)
    >>> size.respondents, size.width, size.level
    (271, 0.1, 0.9)
    """

    respondents: int
    width: float
    level: float
    how: str

    @property
    def reading(self) -> str:
        """Say the number and what it stands on in two sentences."""
        return say("reading", respondents=self.respondents, how=self.how)


def respondents_for_share(width: float, share: float = 0.5, *, level: float = LEVEL) -> SampleSize:
    """Return the size for a share: who accepts a price, who is reached, who expects a feature.

    For prices asked at random, one to each respondent, this many are needed per price.

    Parameters
    ----------
    width
        Whole width of the interval (0.1 is plus or minus 5 points).
    share
        The share it is for; 0.5 needs most.
    level
        What the interval holds, between 0 and 1.

    Returns
    -------
    SampleSize
        The number, with what it stands on.

    Raises
    ------
    ResearchError
        When the settings make no sense.

    Examples
    --------
    >>> from workbench.research import respondents_for_share
    >>> respondents_for_share(0.1).respondents, respondents_for_share(0.1, 0.1).respondents
    (271, 98)
    """
    _require(0 < share < 1 and 0 < width < 1, "A share and a width lie between 0 and 1.")
    needed = share * (1 - share) * (2 * normal_reach(level) / width) ** 2
    how = say("of_a_share", share=share, z=normal_reach(level))
    return SampleSize(math.ceil(needed), width, level, how)


def respondents_for_price_point(
    width: float, *, spread: float = 0.5, apart: float = 0.5, level: float = LEVEL
) -> SampleSize:
    """Return the size for a van Westendorp point, where `width` is the interval's width as a share of the price.

    Parameters
    ----------
    width
        Whole width of the interval, as a share of the price.
    spread
        Standard deviation of the logarithm of each answer between respondents.
    apart
        Distance of the logarithms of the two answers whose curves cross (0.5: the dearer answer is typically 1.65 times
        the cheaper one).
    level
        What the interval holds, between 0 and 1.

    Returns
    -------
    SampleSize
        The number, with what it stands on.

    Raises
    ------
    ResearchError
        When the settings make no sense.

    Examples
    --------
    >>> from workbench.research import respondents_for_price_point
    >>> [respondents_for_price_point(width).respondents for width in (0.2, 0.1)]
    [85, 337]
    """
    _require(width > 0 and spread > 0 and apart >= 0, "Width and spread are above 0.")
    at, standard = -apart / (2 * spread), NormalDist()
    crossing = standard.cdf(at)
    # The curves cross where each holds this share; nobody is in both, so their difference varies by twice the share.
    one = math.sqrt(2 * crossing) * spread / (2 * standard.pdf(at))
    needed = (2 * normal_reach(level) * one / width) ** 2
    how = say("of_a_point", spread=spread, factor=math.exp(apart), crossing=crossing)
    return SampleSize(math.ceil(needed), width, level, how)


def respondents_for_best_worst(
    width: float, features: int, *, tasks: int, shown: int = 4, score: float = 0.0, level: float = LEVEL
) -> SampleSize:
    """Return the size for a best-worst score (log odds), where `width` is the whole width of its interval.

    Parameters
    ----------
    width
        Whole width of the interval of a score, in log odds.
    features
        How many are compared.
    tasks, shown
        Tasks a respondent answers, and features in one task.
    score
        The score it is for; 0 is average.
    level
        What the interval holds, between 0 and 1.

    Returns
    -------
    SampleSize
        The number, with what it stands on.

    Raises
    ------
    ResearchError
        When the settings make no sense.

    References
    ----------
    Lipovetsky and Conklin (2014), Journal of Choice Modelling 10, 60-68, for the standard error.

    Examples
    --------
    >>> from workbench.research import respondents_for_best_worst
    >>> [respondents_for_best_worst(0.5, 12, tasks=tasks).respondents for tasks in (9, 18)]
    [29, 15]
    """
    _require(width > 0 and features >= shown >= 2 and tasks > 0, "Show 2 to all features, in 1 task or more.")  # noqa: PLR2004 - best and worst
    share = 1 / (1 + math.exp(-score))
    views = (2 * normal_reach(level) / width) ** 2 / (2 * share * (1 - share))
    how = say("of_a_score", score=score, views=tasks * shown / features)
    return SampleSize(math.ceil(views * features / (tasks * shown)), width, level, how)


def respondents_for_feature_fit(
    width: float, coefficient: float = 0.5, *, unclear: float = 0.1, level: float = LEVEL
) -> SampleSize:
    """Return the size for a Kano coefficient, of whose answers the share `unclear` is reverse or questionable.

    Parameters
    ----------
    width
        Whole width of the interval of a coefficient.
    coefficient
        The coefficient it is for, between 0 and 1.
    unclear
        Share of answers that are reverse or questionable.
    level
        What the interval holds, between 0 and 1.

    Returns
    -------
    SampleSize
        The number, with what it stands on.

    Raises
    ------
    ResearchError
        When the settings make no sense.

    Examples
    --------
    >>> from workbench.research import respondents_for_feature_fit
    >>> respondents_for_feature_fit(0.2).respondents
    76
    """
    _require(0 <= unclear < 1, "The share of unclear answers lies between 0 and 1.")
    clear = respondents_for_share(width, abs(coefficient), level=level)
    how = say("of_a_coefficient", clear=clear.how[:-1], unclear=unclear)
    return SampleSize(math.ceil(clear.respondents / (1 - unclear)), width, level, how)


def _require(fine: object, sentence: str) -> None:
    if not fine:
        raise ResearchError(sentence, "Change the settings.")


# --- How much higher people say they would pay than they do pay: a range, applied in the open

SOURCE = say("schmidt_and_bijmolt")


@dataclass(frozen=True, slots=True)
class Overstatement:
    """How many times what people would pay they say they would: a range, since nobody knows it for this product.

    Parameters
    ----------
    low, high
        The ends of the range; 1 is no overstatement.
    source
        Where it comes from.

    Raises
    ------
    ResearchError
        When the ends are not positive or in the wrong order.

    References
    ----------
    Schmidt and Bijmolt (2020), Accurately measuring willingness to pay for consumer goods, Journal of the Academy of
    Marketing Science 48, 499-518, for the default.

    Examples
    --------
    >>> from workbench.research import Overstatement
    >>> from workbench.results import Interval
    >>> found = Overstatement(1.0, 1.5).in_earnest(Interval(30, 45, 60))
    >>> found.low, found.estimate, found.high
    (20.0, 36.0, 60.0)
    """

    low: float = 1.0
    high: float = 1.4
    source: str = SOURCE

    def __post_init__(self) -> None:
        if not 0 < self.low <= self.high < float("inf"):
            raise ResearchError(
                f"Stated prices cannot overstate by {exact(self.low)} to {exact(self.high)}.",
                "Give a low and a high factor above 0, such as 1.0 and 1.4; 1.0 and 1.0 takes people at their word.",
            )

    @property
    def middle(self) -> float:
        """Return the middle of the range."""
        return (self.low + self.high) / 2

    @property
    def factors(self) -> tuple[float, float, float]:
        """Return the factors that give the low, the middle and the high price in earnest."""
        return self.high, self.middle, self.low

    def in_earnest(self, stated: Interval) -> Interval:
        """Return what a stated price comes to in earnest: the interval divided by the range, ends by far ends."""
        high, middle, low = self.factors
        return Interval(stated.low / high, stated.estimate / middle, stated.high / low, stated.level)

    @property
    def sentence(self) -> str:
        """Say what is assumed, and where the range comes from."""
        return say("overstatement", low=self.low, high=self.high, source=self.source)


STATED_PRICES = Overstatement()
"""The range used where nothing else is said."""
