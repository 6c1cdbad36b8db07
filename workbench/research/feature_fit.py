"""Feature fit (Kano): what customers expect, what pleases them the more there is, what delights, what leaves cold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.customers.survey_tables import FEATURE_FIT
from workbench.formatting import count, percent
from workbench.research import kano_table as evaluation
from workbench.research.answers import per_respondent, read_answers
from workbench.research.estimates import percentile_intervals
from workbench.research.kano_table import CATEGORIES, WORDS
from workbench.research.resampling import effective_answers, resampled_weights
from workbench.results import Caution, Interval

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

    from workbench.customers.validate import ReadTable
    from workbench.errors import Problem
    from workbench.research.answers import Answers

FEW = 30
MANY_QUESTIONABLE = 0.1


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
        return f"{WORDS[self.category]} or {WORDS[self.second]}" if self.ambiguous else WORDS[self.category]


@dataclass(frozen=True)
class Kano:
    """What each feature is to customers, from the answers of `respondents` people; features in the order of names."""

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
        rows = [
            {
                "feature": each.feature,
                "category": each.words,
                "sureness": each.sureness,
                **{WORDS[name]: each.shares[name] for name in CATEGORIES},
                "satisfaction": each.satisfaction.estimate,
                "satisfaction_low": each.satisfaction.low,
                "satisfaction_high": each.satisfaction.high,
                "dissatisfaction": each.dissatisfaction.estimate,
                "dissatisfaction_low": each.dissatisfaction.low,
                "dissatisfaction_high": each.dissatisfaction.high,
                "importance": None if each.importance is None else each.importance.estimate,
                "respondents": each.respondents,
            }
            for each in self.features
        ]
        table = pd.DataFrame(rows)
        return table.assign(importance=table["importance"].astype(float))

    @property
    def reading(self) -> str:
        """Say which features customers expect, which please the more there is, and which delight."""
        said = []
        for category, phrase in (
            ("must_be", "Expected as a matter of course"),
            ("one_dimensional", "The more, the better"),
            ("attractive", "A delight nobody expects"),
            ("indifferent", "Of no concern to most"),
            ("reverse", "Unwelcome"),
        ):
            names = [each.feature for each in self.features if each.category == category and not each.ambiguous]
            if names:
                said.append(f"{phrase}: {', '.join(names)}.")
        unclear = [each.feature for each in self.features if each.ambiguous]
        if unclear:
            said.append(f"Too close to call: {', '.join(unclear)}.")
        return f"From the answers of {count('respondent', self.respondents)}. " + " ".join(said)


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

    Raises DataErrors with every problem in the answers.
    """
    answers = read_answers(FEATURE_FIT, frame, (_same_weight,), weights=weights)
    places = evaluation.categories_of(answers.numbers("functional"), answers.numbers("dysfunctional"))
    importance = answers.numbers("importance") if answers.has("importance") else None
    fits = []
    for name in sorted(set(answers.texts("feature"))):
        rows = np.flatnonzero(answers.texts("feature") == name)
        asked = None if importance is None else importance[rows]
        fits.append(_fit(name, places[rows], answers.weights[rows], asked, _Bootstrap(level, samples, seed)))
    return Kano(tuple(fits), len(set(answers.texts("respondent"))), _cautions(fits, answers))


@dataclass(frozen=True)
class _Bootstrap:
    level: float
    samples: int
    seed: int


def _same_weight(read: ReadTable) -> Iterator[Problem]:
    yield from per_respondent(read, "weight")


def _fit(
    name: str,
    places: NDArray[np.intp],
    weight: NDArray[np.float64],
    importance: NDArray[np.float64] | None,
    bootstrap: _Bootstrap,
) -> FeatureFit:
    """Evaluate one feature: a respondent answers once about it, so rows are respondents."""
    hits = np.eye(len(CATEGORIES))[places]
    counts = weight @ hits
    effective = effective_answers(weight)  # weighted answers are tested as the number of equal ones they are worth
    drawn_weight = resampled_weights(weight, bootstrap.samples, bootstrap.seed)
    drawn = drawn_weight @ hits
    ranked = np.argsort(-counts, kind="stable")
    category = int(evaluation.most_frequent(counts))

    def interval(value: NDArray[np.float64], resampled: NDArray[np.float64]) -> Interval:
        return percentile_intervals(np.atleast_1d(value), resampled[:, None], bootstrap.level)[0]

    return FeatureFit(
        feature=name,
        respondents=len(places),
        shares=dict(zip(CATEGORIES, (counts / counts.sum()).tolist(), strict=True)),
        category=CATEGORIES[category],
        second=CATEGORIES[int(ranked[1])],
        ambiguous=bool(evaluation.is_ambiguous(counts / counts.sum() * effective)),
        sureness=float(np.mean(evaluation.most_frequent(drawn) == category)),
        satisfaction=interval(evaluation.satisfaction(counts), evaluation.satisfaction(drawn)),
        dissatisfaction=interval(evaluation.dissatisfaction(counts), evaluation.dissatisfaction(drawn)),
        total_strength=float(evaluation.total_strength(counts)),
        category_strength=float(evaluation.category_strength(counts)),
        importance=None if importance is None else _mean(importance, weight, drawn_weight, bootstrap.level),
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


def _cautions(fits: list[FeatureFit], answers: Answers) -> tuple[Caution, ...]:
    found = []
    few = [each.feature for each in fits if each.respondents < FEW]
    if few:
        found.append(Caution(f"Fewer than {FEW} people answered about {', '.join(few)}: take their place as a guess."))
    unclear = [each.feature for each in fits if each.ambiguous]
    if unclear:
        found.append(Caution(f"The two most frequent answers are too close to call for {', '.join(unclear)}.", "note"))
    odd = [each.feature for each in fits if each.shares["questionable"] > MANY_QUESTIONABLE]
    if odd:
        text = f"More than {percent(MANY_QUESTIONABLE)} of the answers contradict themselves for {', '.join(odd)}"
        found.append(Caution(f"{text}: the questions may have been misunderstood."))
    if not answers.has("importance"):
        found.append(Caution("Nobody was asked how important the features are: importance is unknown.", "note"))
    return tuple(found)
