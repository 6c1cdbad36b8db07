"""What features are worth to respondents, from best and worst choices: a logit with tastes that differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.research.best_worst_answers import read_best_worst
from workbench.research.best_worst_counts import BEST, WORST
from workbench.research.best_worst_model import BestWorstModel, PaddedChoices
from workbench.research.errors import ResearchError
from workbench.results import Caution, Interval

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, eq=False)
class BestWorstUtilities:
    """What each feature is worth on the logit scale, where the features' mean is zero.

    `spread` is the standard deviation of taste between respondents, the same for every feature. `individual` holds
    each respondent's own utilities (respondents x features): what their answers make most likely, on average.
    """

    features: tuple[str, ...]
    utilities: tuple[Interval, ...]
    spread: float
    log_likelihood: float
    respondents: NDArray[np.object_]
    individual: NDArray[np.float64]
    cautions: tuple[Caution, ...] = ()


def best_worst_utilities(
    frame: pd.DataFrame,
    weights: str | ArrayLike | None = None,
    *,
    draws: int = 64,
    level: float = 0.9,
    seed: int = 1,
) -> BestWorstUtilities:
    """Estimate utilities from answers in the layout of survey_best_worst by simulated maximum likelihood.

    The best feature is a logit choice among those shown, the worst a logit choice (of the smallest utility) among the
    rest; each respondent's taste for each feature lies around the mean with one common spread. Intervals hold when
    the model is not quite right (sandwich errors by respondent). `weights` as in `read_answers`. `draws` simulate the
    tastes of each respondent: few draws understate the spread a little and hardly move the utilities.
    Raises DataErrors with every problem in the answers, ResearchError when fewer than three features were shown or no
    more people answered than there are features.
    Source: Marley and Louviere (2005), doi:10.1016/j.jmp.2005.05.003, for the best-worst model; Train (2009),
    Discrete Choice Methods with Simulation, chapters 6 and 11, for the mixed logit and individual tastes.
    """
    from scipy.optimize import minimize  # noqa: PLC0415 - loaded when a model is fitted

    answers = read_best_worst(frame, weights)
    person, respondents = pd.factorize(answers.texts("respondent"), sort=False)
    item, names = pd.factorize(answers.texts("feature"), sort=True)
    if len(names) < 3:  # noqa: PLR2004 - two features leave nothing between best and worst
        raise ResearchError(f"Only {len(names)} features were shown.", "Utilities need three or more.")
    if len(respondents) <= len(names):
        raise ResearchError(
            f"{len(respondents)} respondents are too few for the utilities of {len(names)} features.",
            "Ask more people than there are features, or use the scores of maxdiff.",
        )
    own = np.ones(len(respondents))
    own[person] = answers.weights
    choices = _choices(answers.frame, person, item)
    model = BestWorstModel(
        choices, _normal_draws(len(respondents), draws, len(names), seed), own / own.mean(), len(names)
    )
    fitted = minimize(model.value_and_slope, model.start(), jac=True, method="BFGS", options={"gtol": 1e-4 * len(own)})
    errors = model.errors(fitted.x)
    mean, spread = model.split(fitted.x)
    z = _normal_quantile(0.5 + level / 2)
    return BestWorstUtilities(
        features=tuple(str(name) for name in names),
        utilities=tuple(
            Interval(value - z * error, value, value + z * error, level)
            for value, error in zip(mean.tolist(), errors.tolist(), strict=True)
        ),
        spread=spread,
        log_likelihood=-float(fitted.fun),
        respondents=respondents,
        individual=model.individual(fitted.x),
        cautions=_cautions(names[item], answers.texts("choice")),
    )


def _cautions(feature: NDArray[np.object_], choice: NDArray[np.object_]) -> tuple[Caution, ...]:
    """Return a caution for features all answers about which point one way: their utility has no end there."""
    named = {word: set(feature[choice == word]) for word in (BEST, WORST)}
    found = []
    for word, other in ((BEST, WORST), (WORST, BEST)):
        if only := sorted(named[word] - named[other]):
            text = f"Nobody named {', '.join(only)} {other}: how far {'above' if word == BEST else 'below'} the others"
            found.append(Caution(f"{text} these lie is hardly known."))
    return tuple(found)


def _choices(frame: pd.DataFrame, person: NDArray[np.intp], item: NDArray[np.intp]) -> PaddedChoices:
    """Turn every task into a choice of the best among all and of the worst among the rest; respondents in order."""
    task = frame.groupby(["respondent", "task"], sort=False).ngroup().to_numpy()
    word = frame["choice"].to_numpy(dtype=object)
    # Within a task: the best first, then the worst, then the others.
    rank = np.where(word == BEST, 0, np.where(word == WORST, 1, 2))
    order = np.lexsort((rank, task))
    task, item, person = task[order], item[order], person[order]
    first = np.flatnonzero(np.r_[True, np.diff(task) > 0])
    size = np.diff(np.r_[first, len(task)])
    place = np.arange(len(task)) - np.repeat(first, size)
    items = np.zeros((len(first), size.max()), dtype=np.intp)
    allowed = np.zeros(items.shape, dtype=bool)
    items[task_rows := np.repeat(np.arange(len(first)), size), place] = item
    allowed[task_rows, place] = True
    keep = size > 2  # noqa: PLR2004 - of two features the worst is no further choice
    worst_items, worst_allowed = np.zeros_like(items), np.zeros_like(allowed)
    worst_items[:, :-1], worst_allowed[:, :-1] = items[:, 1:], allowed[:, 1:]
    who = np.r_[person[first], person[first][keep]]
    together = np.argsort(who, kind="stable")
    return PaddedChoices(
        items=np.vstack([items, worst_items[keep]])[together],
        allowed=np.vstack([allowed, worst_allowed[keep]])[together],
        sign=np.r_[np.ones(len(first)), -np.ones(int(keep.sum()))][together],
        person=who[together],
    )


def _normal_draws(people: int, draws: int, features: int, seed: int) -> NDArray[np.float64]:
    """Return quasi-random standard normal draws, people x draws x features."""
    from scipy.special import ndtri  # noqa: PLC0415 - loaded when a model is fitted
    from scipy.stats import qmc  # noqa: PLC0415 - the same

    size = 1 << int(np.ceil(np.log2(people * draws)))
    points = qmc.Sobol(features, seed=np.random.default_rng(seed)).random(size)[: people * draws]
    return ndtri(np.clip(points, 1e-12, 1 - 1e-12)).reshape(people, draws, features)


def _normal_quantile(share: float) -> float:
    from statistics import NormalDist  # noqa: PLC0415 - used once

    return NormalDist().inv_cdf(share)
