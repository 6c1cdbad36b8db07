"""Feature fit (Kano): what customers expect, what pleases them the more there is, what delights, what leaves cold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.customers.survey_tables import FEATURE_FIT
from workbench.formatting import percent
from workbench.research import kano_table as evaluation
from workbench.research.answers import per_respondent, read_answers
from workbench.research.estimates import percentile_intervals
from workbench.research.feature_fit_result import FeatureFit, Kano
from workbench.research.kano_table import CATEGORIES
from workbench.research.resampling import effective_answers, resampled_weights
from workbench.results import Caution, Interval

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    from workbench.customers.validate import ReadTable
    from workbench.errors import Problem
    from workbench.research.answers import Answers

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
