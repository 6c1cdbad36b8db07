"""What features are to customers (Kano), and which reach most of them together (TURF)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.customers.tables import FEATURE_FIT
from workbench.research.answers import ResearchError, read_answers, same_weight
from workbench.research.sampling import (
    effective_answers,
    interval_columns,
    percentile_intervals,
    resampled_weights,
)
from workbench.results import Caution, Interval
from workbench.stats import wilson
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from workbench.research.answers import Answers
    from workbench.results import Interval

    Hits = NDArray[np.bool_]
    Weight = NDArray[np.float64]

say = texts(__name__)

# --- The published evaluation of a pair of Kano answers, and the statistics built on its counts

CATEGORIES = ("must_be", "one_dimensional", "attractive", "indifferent", "reverse", "questionable")
"""In the order in which ties are decided: what is missed most when it is left out comes first."""
WORDS = {
    "must_be": "must-be",
    "one_dimensional": "one-dimensional",
    "attractive": "attractive",
    "indifferent": "indifferent",
    "reverse": "reverse",
    "questionable": "questionable",
}
MEANING = {
    "must_be": "missing it annoys, having it goes unnoticed",
    "one_dimensional": "the more of it, the better",
    "attractive": "having it delights, missing it goes unnoticed",
    "indifferent": "neither having nor missing it matters",
    "reverse": "customers would rather not have it",
    "questionable": "the two answers contradict each other",
}
_M, _O, _A, _I, _R, _Q = range(6)
# Rows: the feeling when the feature is there; columns: when it is missing. Both from like (1) to dislike (5).
EVALUATION = np.array(
    [
        [_Q, _A, _A, _A, _O],
        [_R, _I, _I, _I, _M],
        [_R, _I, _I, _I, _M],
        [_R, _I, _I, _I, _M],
        [_R, _R, _R, _R, _Q],
    ]
)
_FONG = 1.65


def categories_of(functional: ArrayLike, dysfunctional: ArrayLike) -> NDArray[np.intp]:
    """Return the place in `CATEGORIES` of each pair of answers from 1 (like) to 5 (dislike).

    Source: the evaluation table of Berger et al. (1993), Kano's methods for understanding customer-defined quality,
    Center for Quality of Management Journal 2(4).
    """
    return EVALUATION[np.asarray(functional, dtype=int) - 1, np.asarray(dysfunctional, dtype=int) - 1]


def satisfaction(counts: ArrayLike) -> NDArray[np.float64]:
    """Return (attractive + one-dimensional) / (the four clear kinds): how far having it raises satisfaction, 0 to 1."""
    each = np.asarray(counts, dtype=float)
    return _divided(each[..., _A] + each[..., _O], each[..., :4].sum(axis=-1))


def dissatisfaction(counts: ArrayLike) -> NDArray[np.float64]:
    """Return -(one-dimensional + must-be) / (the four clear kinds): how far missing it lowers satisfaction, -1 to 0."""
    each = np.asarray(counts, dtype=float)
    return -_divided(each[..., _O] + each[..., _M], each[..., :4].sum(axis=-1))


def most_frequent(counts: ArrayLike) -> NDArray[np.intp]:
    """Return the place of the most frequent category; ties go to the first in `CATEGORIES`."""
    return np.argmax(np.asarray(counts, dtype=float), axis=-1)


def total_strength(counts: ArrayLike) -> NDArray[np.float64]:
    """Return the share of answers that are must-be, one-dimensional or attractive."""
    each = np.asarray(counts, dtype=float)
    return _divided(each[..., :3].sum(axis=-1), each.sum(axis=-1))


def category_strength(counts: ArrayLike) -> NDArray[np.float64]:
    """Return how far the share of the most frequent category lies above the second."""
    each = np.asarray(counts, dtype=float)
    ranked = np.sort(each, axis=-1)
    return _divided(ranked[..., -1] - ranked[..., -2], each.sum(axis=-1))


def is_ambiguous(counts: ArrayLike) -> NDArray[np.bool_]:
    """Tell whether the two most frequent categories are too close to be told apart, at the 90% level.

    Source: the test of Fong (1996), Using the self-stated importance questionnaire to interpret Kano questionnaire
    results, Center for Quality of Management Journal 5(3).
    """
    each = np.asarray(counts, dtype=float)
    ranked = np.sort(each, axis=-1)
    first, second, total = ranked[..., -1], ranked[..., -2], each.sum(axis=-1)
    both = first + second
    with np.errstate(invalid="ignore", divide="ignore"):
        error = np.sqrt(both * (2 * total - both) / (2 * total))
    return (first - second < _FONG * error) | (total == 0)


def _divided(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(whole > 0, part / whole, np.nan)


# --- What features are to customers: the result of a Kano study


@dataclass(frozen=True)
class FeatureFit:
    """What one feature is to those who answered about it.

    `category` is the most frequent one (see `kano_table.CATEGORIES`), `ambiguous` when the second is too close to be
    told apart, `sureness` the share of resamples that give the same category. `satisfaction` (0 to 1) says how far
    having it pleases, `dissatisfaction` (-1 to 0) how far missing it annoys. `importance` is None if not asked.
    """

    feature: str
    respondents: int
    shares: dict[str, float]
    category: str
    second: str
    ambiguous: bool
    sureness: float
    satisfaction: Interval
    dissatisfaction: Interval
    total_strength: float
    category_strength: float
    importance: Interval | None

    @property
    def words(self) -> str:
        """Return the category in words; two of them where they cannot be told apart."""
        is_two = self.ambiguous and self.shares[self.second] > 0
        return f"{WORDS[self.category]} or {WORDS[self.second]}" if is_two else WORDS[self.category]


@dataclass(frozen=True)
class Kano:
    """What each feature is to customers, from the answers of `respondents` people; features in the order of names.

    Attributes
    ----------
    features
        One entry each, in the order of names.
    respondents
        How many answered.
    cautions
        What to know before using it.

    Examples
    --------
    >>> import pandas as pd
    >>> answers = {"alerts": (1, 5), "exports": (2, 5), "maps": (1, 3)}
    >>> rows = [(f"R{who}", feature, *pair) for who in range(30) for feature, pair in answers.items()]
    >>> frame = pd.DataFrame(rows, columns=["respondent", "feature", "functional", "dysfunctional"])
    >>> from workbench.research import kano
    >>> found = kano(frame, samples=200)
    >>> [(each.feature, each.category) for each in found.features]
    [('alerts', 'one_dimensional'), ('exports', 'must_be'), ('maps', 'attractive')]
    """

    features: tuple[FeatureFit, ...]
    respondents: int
    cautions: tuple[Caution, ...] = ()

    def of(self, feature: str) -> FeatureFit:
        """Return one feature; KeyError when nobody was asked about it."""
        found = next((each for each in self.features if each.feature == feature), None)
        if found is None:
            raise KeyError(f"no answers about {feature!r}")
        return found

    @property
    def table(self) -> pd.DataFrame:
        """Return one row per feature: category, shares of the answers, coefficients and importance with intervals."""
        fits = self.features
        table = pd.DataFrame(
            {
                "feature": [each.feature for each in fits],
                "category": [each.words for each in fits],
                "sureness": [each.sureness for each in fits],
                **{WORDS[name]: [each.shares[name] for each in fits] for name in CATEGORIES},
                **interval_columns("satisfaction", (each.satisfaction for each in fits)),
                **interval_columns("dissatisfaction", (each.dissatisfaction for each in fits)),
                "importance": [None if each.importance is None else each.importance.estimate for each in fits],
                "respondents": [each.respondents for each in fits],
            }
        )
        return table.assign(importance=table["importance"].astype(float))

    @property
    def reading(self) -> str:
        """Say which features customers expect, which please the more there is, and which delight."""
        kinds: dict[str, list[str]] = {kind: [] for kind in (*CATEGORIES, "unclear")}
        for each in self.features:
            kinds["unclear" if each.ambiguous else each.category].append(each.feature)
        return say("kano_reading", respondents=self.respondents, kinds=kinds)


# --- Feature fit (Kano): what customers expect, what pleases them the more there is, what delights

FEW = 30
MANY_QUESTIONABLE = 0.1


def kano(
    frame: pd.DataFrame,
    weights: str | ArrayLike | None = None,
    *,
    level: float = 0.9,
    samples: int = 1000,
    seed: int = 1,
) -> Kano:
    """Return what each feature is to customers, from answers in the layout of survey_feature_fit.

    Parameters
    ----------
    frame
        One row per respondent and feature, with the two answers from 1 (like) to 5 (dislike), and importance if asked.
    weights
        The name of a column, or one number per row; by default the column `weight` where there is one.
    level, samples, seed
        Of the bootstrap over respondents.

    Returns
    -------
    Kano
        Category, coefficients and importance of every feature, with intervals.

    Raises
    ------
    DataErrors
        With every problem in the answers.

    References
    ----------
    Kano, Seraku, Takahashi and Tsuji (1984), Attractive quality and must-be quality; Berger et al. (1993), Kano's
    methods for understanding customer-defined quality, for the coefficients.

    Examples
    --------
    >>> import pandas as pd
    >>> answers = {"alerts": (1, 5), "exports": (2, 5), "maps": (1, 3)}
    >>> rows = [(f"R{who}", feature, *pair) for who in range(30) for feature, pair in answers.items()]
    >>> frame = pd.DataFrame(rows, columns=["respondent", "feature", "functional", "dysfunctional"])
    >>> from workbench.research import kano
    >>> found = kano(frame, samples=200)
    >>> found.of("maps").satisfaction.estimate, found.of("maps").dissatisfaction.estimate
    (1.0, -0.0)
    """
    answers = read_answers(FEATURE_FIT, frame, (same_weight,), weights=weights)
    places = categories_of(answers.numbers("functional"), answers.numbers("dysfunctional"))
    importance = answers.numbers("importance") if answers.has("importance") else None
    fits = []
    for name in sorted(set(answers.texts("feature"))):
        rows = np.flatnonzero(answers.texts("feature") == name)
        asked = None if importance is None else importance[rows]
        drawn = resampled_weights(answers.weights[rows], samples, seed)
        fits.append(_fit(name, places[rows], answers.weights[rows], drawn, asked, level=level))
    return Kano(tuple(fits), len(set(answers.texts("respondent"))), _kano_cautions(fits, answers))


def _fit(
    name: str,
    places: NDArray[np.intp],
    weight: NDArray[np.float64],
    drawn_weight: NDArray[np.float64],
    importance: NDArray[np.float64] | None,
    *,
    level: float,
) -> FeatureFit:
    """Evaluate one feature: a respondent answers once about it, so rows are respondents."""
    hits = np.eye(len(CATEGORIES))[places]
    counts = weight @ hits
    effective = effective_answers(weight)  # weighted answers are tested as the number of equal ones they are worth
    drawn = drawn_weight @ hits
    ranked = np.argsort(-counts, kind="stable")
    category = int(most_frequent(counts))

    def interval(value: NDArray[np.float64], resampled: NDArray[np.float64]) -> Interval:
        return percentile_intervals(np.atleast_1d(value), resampled[:, None], level)[0]

    return FeatureFit(
        feature=name,
        respondents=len(places),
        shares=dict(zip(CATEGORIES, (counts / counts.sum()).tolist(), strict=True)),
        category=CATEGORIES[category],
        second=CATEGORIES[int(ranked[1])],
        ambiguous=bool(is_ambiguous(counts / counts.sum() * effective)),
        sureness=float(np.mean(most_frequent(drawn) == category)),
        satisfaction=interval(satisfaction(counts), satisfaction(drawn)),
        dissatisfaction=interval(dissatisfaction(counts), dissatisfaction(drawn)),
        total_strength=float(total_strength(counts)),
        category_strength=float(category_strength(counts)),
        importance=None if importance is None else _mean(importance, weight, drawn_weight, level),
    )


def _mean(
    values: NDArray[np.float64], weight: NDArray[np.float64], drawn: NDArray[np.float64], level: float
) -> Interval | None:
    known = np.isfinite(values)
    if not known.any() or not weight[known].sum():
        return None
    values, weight, drawn = values[known], weight[known], drawn[:, known]
    with np.errstate(invalid="ignore", divide="ignore"):
        resampled = (drawn @ values) / drawn.sum(axis=1)
    return percentile_intervals(np.atleast_1d(weight @ values / weight.sum()), resampled[:, None], level)[0]


def _kano_cautions(fits: list[FeatureFit], answers: Answers) -> tuple[Caution, ...]:
    found = []
    few = [each.feature for each in fits if each.respondents < FEW]
    unclear = [each.feature for each in fits if each.ambiguous]
    odd = [each.feature for each in fits if each.shares["questionable"] > MANY_QUESTIONABLE]
    if few:
        found.append(Caution(say("few_about", fewest=FEW, names=few)))
    if unclear:
        found.append(Caution(say("too_close", names=unclear), "note"))
    if odd:
        found.append(Caution(say("contradict", many=MANY_QUESTIONABLE, names=odd)))
    if not answers.has("importance"):
        found.append(Caution(say("importance_unknown"), "note"))
    return tuple(found)


# --- How many customers sets of features reach: the result of a search among them


@dataclass(frozen=True)
class FeatureSet:
    """Features offered together: `reach` people are reached, the features are wanted `frequency` times in all.

    `share` is the reached share of everybody, with its interval. `gap` is how many more people another set of the same
    size might reach at most: zero where every set was looked at.
    """

    features: tuple[str, ...]
    reach: float
    frequency: float
    share: Interval
    gap: float = 0.0


@dataclass(frozen=True, eq=False)
class FeatureWishes:
    """Who wants what: respondents x features, with the weight of each respondent."""

    names: tuple[str, ...]
    hits: NDArray[np.bool_]
    weight: NDArray[np.float64]
    depth: int
    level: float

    def offered(self, places: Sequence[int], gap: float = 0.0) -> FeatureSet:
        """Return reach and frequency of the features at these places."""
        held = self.hits[:, list(places)].sum(axis=1)
        reach, people = float(self.weight @ (held >= self.depth)), float(self.weight.sum())
        effective = effective_answers(self.weight)
        share = wilson(reach / people * effective, effective, self.level)
        assert share is not None  # noqa: S101 - somebody was asked
        return FeatureSet(tuple(self.names[place] for place in places), reach, float(self.weight @ held), share, gap)


@dataclass(frozen=True, eq=False)
class Turf:
    """The best set of features for every size, and the one that adding the best next feature leads to.

    Attributes
    ----------
    features
        What was asked about.
    people, respondents
        How many people the answers stand for, and how many answered.
    depth
        How many valued features it takes to reach a respondent.
    exact
        Whether every set was looked at.
    best, greedy
        Per size, the best set, and the one that adding the best next feature leads to.
    cautions
        What to know before using it.
    asked
        The answers.

    Examples
    --------
    >>> from workbench.research import turf
    >>> wanted = [[1, 1, 0], [1, 1, 0], [1, 0, 0], [0, 0, 1]]
    >>> found = turf(wanted, ["alerts", "maps", "SSO"])
    >>> found.best[1].features, found.of(["alerts", "maps"]).reach
    (('alerts', 'SSO'), 3.0)
    """

    features: tuple[str, ...]
    people: float
    respondents: int
    depth: int
    exact: bool
    best: tuple[FeatureSet, ...]
    greedy: tuple[FeatureSet, ...]
    cautions: tuple[Caution, ...]
    asked: FeatureWishes = field(repr=False)

    def of(self, names: Sequence[str]) -> FeatureSet:
        """Return reach and frequency of any set of features; KeyError for a feature that was not asked about."""
        unknown = [name for name in names if name not in self.features]
        if unknown:
            raise KeyError(f"no answers about {', '.join(unknown)}; the features are {', '.join(self.features)}")
        return self.asked.offered([self.features.index(name) for name in names])

    @property
    def table(self) -> pd.DataFrame:
        """Return one row per size: features, reach with its share, frequency, and what going step by step reaches."""
        return pd.DataFrame(
            {
                "size": [len(each.features) for each in self.best],
                "features": [", ".join(each.features) for each in self.best],
                "reach": [each.reach for each in self.best],
                **interval_columns("share", (each.share for each in self.best)),
                "frequency": [each.frequency for each in self.best],
                "step_by_step_reach": [each.reach for each in self.greedy],
                "at_most_more": [each.gap for each in self.best],
            }
        )

    @property
    def reading(self) -> str:
        """Say in two sentences what a few features reach, and what the next one adds."""
        at = min(3, len(self.best)) - 1
        chosen, more = self.best[at], self.best[at + 1 : at + 2]
        added = [each.share.estimate - chosen.share.estimate for each in more]
        return say("turf_reading", turf=self, chosen=chosen, added=added)


# --- Search the sets of features that reach most people: every set, or one step after the other

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


def optimality_gaps(hits: Hits, weight: Weight, depth: int, found: list[list[int]]) -> list[float]:
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


# --- Which features reach most customers together (total unduplicated reach and frequency, TURF)

EXACT_UP_TO = 20
"""Up to so many features every combination is looked at; it takes a second at most."""
_FEW = 50


def turf(
    wanted: ArrayLike | pd.DataFrame,
    features: Sequence[str] | None = None,
    weights: ArrayLike | None = None,
    *,
    depth: int = 1,
    most: int | None = None,
    level: float = 0.9,
) -> Turf:
    """Return the sets of features that reach most people: exact up to 20 features, step by step beyond.

    Among sets of equal reach the one wanted more often comes first, then the one first in the order given. Beyond 20
    features the set is built step by step and improved by exchanges; `gap` then bounds what it can fall short by.

    Parameters
    ----------
    wanted
        Respondents x features, True where the respondent values the feature enough to count as reached by it. A
        DataFrame names the features by its columns.
    features
        Names of the columns, when `wanted` is an array.
    weights
        How many people each respondent stands for; one each by default.
    depth
        How many valued features it takes to reach a respondent.
    most
        The largest set looked at (all features by default).
    level
        What the intervals hold, between 0 and 1.

    Returns
    -------
    Turf
        The best set of every size.

    Raises
    ------
    ResearchError
        For names or weights that do not match, and when nobody wants anything.

    References
    ----------
    Miaoulis, Free and Parsons (1990), TURF: a new planning approach for product line extensions, Marketing Research 2,
    28-40. Nemhauser, Wolsey and Fisher (1978), doi:10.1007/BF01588971, for the bound.

    Examples
    --------
    >>> from workbench.research import turf
    >>> wanted = [[1, 1, 0], [1, 1, 0], [1, 0, 0], [0, 0, 1]]
    >>> [each.features for each in turf(wanted, ["alerts", "maps", "SSO"]).best]
    [('alerts',), ('alerts', 'SSO'), ('alerts', 'maps', 'SSO')]
    """
    names, hits = _read(wanted, features)
    weight = _weights(weights, len(hits))
    size = len(names) if most is None else min(int(most), len(names))
    if depth < 1 or size < 1:
        raise ResearchError("Depth and the largest set must be at least 1.", "Give whole numbers from 1 up.")
    exact = len(names) <= EXACT_UP_TO
    steps = greedy(hits, weight, depth, size)
    found = exhaustive(hits, weight, depth, size) if exact else exchanged(hits, weight, depth, steps)
    gaps = [0.0] * size if exact else optimality_gaps(hits, weight, depth, found)
    asked = FeatureWishes(names, hits, weight, depth, level)
    return Turf(
        features=names,
        people=float(weight.sum()),
        respondents=len(hits),
        depth=depth,
        exact=exact,
        best=tuple(asked.offered(each, gap) for each, gap in zip(found, gaps, strict=True)),
        greedy=tuple(asked.offered(steps[: k + 1]) for k in range(size)),
        cautions=_turf_cautions(hits, exact=exact),
        asked=asked,
    )


def _read(
    wanted: ArrayLike | pd.DataFrame, features: Sequence[str] | None
) -> tuple[tuple[str, ...], NDArray[np.bool_]]:
    if isinstance(wanted, pd.DataFrame):
        features = [str(name) for name in wanted.columns] if features is None else features
        wanted = wanted.to_numpy()
    hits = np.asarray(wanted)
    if hits.ndim != 2 or features is None or hits.shape[1] != len(features):  # noqa: PLR2004 - respondents x features
        raise ResearchError("Names and columns do not match.", "Give one name per column of respondents x features.")
    if len(set(features)) < len(features):
        raise ResearchError("A feature is named twice.", "Name every column differently.")
    if not hits.astype(bool).any():
        raise ResearchError("Nobody values any of the features.", "Lower the line from which a feature counts.")
    return tuple(features), hits.astype(bool)


def _weights(weights: ArrayLike | None, respondents: int) -> NDArray[np.float64]:
    weight = np.ones(respondents) if weights is None else np.asarray(weights, dtype=float)
    if weight.shape != (respondents,) or not np.isfinite(weight).all() or (weight < 0).any() or not weight.any():
        raise ResearchError("The weights do not fit.", "Give one weight of 0 or more per respondent.")
    return weight


def _turf_cautions(hits: NDArray[np.bool_], *, exact: bool) -> tuple[Caution, ...]:
    found = []
    if len(hits) < _FEW:
        found.append(Caution(say("few_wishes", people=len(hits))))
    if not exact:
        found.append(Caution(say("step_by_step", most=EXACT_UP_TO), "note"))
    return tuple(found)
