"""Feature fit (Kano): what customers expect, what pleases them the more there is, what delights, what leaves cold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.customers.tables import FEATURE_FIT
from workbench.research.answers import read_answers, same_weight
from workbench.research.sampling import effective_answers, interval_columns, percentile_intervals, resampled_weights
from workbench.results import Caution, Interval
from workbench.text import texts

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from workbench.research.answers import Answers
    from workbench.stats import Flags, Floats

say = texts(__name__)

# --- The published evaluation of a pair of Kano answers, and the statistics built on its counts

CATEGORIES = ("must_be", "one_dimensional", "attractive", "indifferent", "reverse", "questionable")
"""In the order in which ties are decided: what is missed most when it is left out comes first."""
WORDS = {name: name.replace("_", "-") for name in CATEGORIES}
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
    [[_Q, _A, _A, _A, _O], [_R, _I, _I, _I, _M], [_R, _I, _I, _I, _M], [_R, _I, _I, _I, _M], [_R, _R, _R, _R, _Q]]
)
_FONG = 1.65


def categories_of(functional: ArrayLike, dysfunctional: ArrayLike) -> NDArray[np.intp]:
    """Return the place in `CATEGORIES` of each pair of answers from 1 (like) to 5 (dislike).

    Source: the evaluation table of Berger et al. (1993), Kano's methods for understanding customer-defined quality,
    Center for Quality of Management Journal 2(4).
    """
    return EVALUATION[np.asarray(functional, dtype=int) - 1, np.asarray(dysfunctional, dtype=int) - 1]


def satisfaction(counts: ArrayLike) -> Floats:
    """Return (attractive + one-dimensional) / (the four clear kinds): how far having it raises satisfaction, 0 to 1."""
    each = np.asarray(counts, dtype=float)
    return _divided(each[..., _A] + each[..., _O], each[..., :4].sum(axis=-1))


def dissatisfaction(counts: ArrayLike) -> Floats:
    """Return -(one-dimensional + must-be) / (the four clear kinds): how far missing it lowers satisfaction, -1 to 0."""
    each = np.asarray(counts, dtype=float)
    return -_divided(each[..., _O] + each[..., _M], each[..., :4].sum(axis=-1))


def most_frequent(counts: ArrayLike) -> NDArray[np.intp]:
    """Return the place of the most frequent category; ties go to the first in `CATEGORIES`."""
    return np.argmax(np.asarray(counts, dtype=float), axis=-1)


def total_strength(counts: ArrayLike) -> Floats:
    """Return the share of answers that are must-be, one-dimensional or attractive."""
    each = np.asarray(counts, dtype=float)
    return _divided(each[..., :3].sum(axis=-1), each.sum(axis=-1))


def category_strength(counts: ArrayLike) -> Floats:
    """Return how far the share of the most frequent category lies above the second."""
    each = np.asarray(counts, dtype=float)
    ranked = np.sort(each, axis=-1)
    return _divided(ranked[..., -1] - ranked[..., -2], each.sum(axis=-1))


def is_ambiguous(counts: ArrayLike) -> Flags:
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


def _divided(part: Floats, whole: Floats) -> Floats:
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
    >>> from workbench.research import example_answers, kano
    >>> frame = example_answers("feature-fit")
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
        return say("reading", respondents=self.respondents, kinds=kinds)


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
    >>> from workbench.research import example_answers, kano
    >>> frame = example_answers("feature-fit")
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
    return Kano(tuple(fits), len(set(answers.texts("respondent"))), _cautions(fits, answers))


def _fit(
    name: str,
    places: NDArray[np.intp],
    weight: Floats,
    drawn_weight: Floats,
    importance: Floats | None,
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

    def interval(value: Floats, resampled: Floats) -> Interval:
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


def _mean(values: Floats, weight: Floats, drawn: Floats, level: float) -> Interval | None:
    known = np.isfinite(values)
    if not known.any() or not weight[known].sum():
        return None
    values, weight, drawn = values[known], weight[known], drawn[:, known]
    with np.errstate(invalid="ignore", divide="ignore"):
        resampled = (drawn @ values) / drawn.sum(axis=1)
    return percentile_intervals(np.atleast_1d(weight @ values / weight.sum()), resampled[:, None], level)[0]


def _cautions(fits: list[FeatureFit], answers: Answers) -> tuple[Caution, ...]:
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
